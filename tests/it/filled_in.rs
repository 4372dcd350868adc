//! The worksheet in a browser: filled in with the keyboard, saved, and marked.

use backstep::cancel::Cancel;
use backstep::marking::{Answer, ChosenTolerance, MarkScheme, Numbers, Status};
use backstep::scenario::Asked;
use backstep::tensor::rounded;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::cli::Folder;
use crate::exports::{self, Run, hostile};
use crate::worksheets::{sheet, written};

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";

fn question() -> Run {
    exports::gallery()
        .find(|run| run.name == "pool-to-conv")
        .unwrap()
}

#[test]
fn a_worksheet_is_filled_in_saved_and_marked() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run = question();
    let mut worksheet = sheet(&run, &run.backprop, None);
    let pool = run.backprop.network().find("pool").unwrap();
    worksheet.asked = Asked::from_iter([pool]);
    let page = written(&worksheet, "html").unwrap();
    browser.open(&page);
    assert_eq!(browser.complaints(), json!([]));
    assert_eq!(browser.text("#filled"), "0 of 9 filled in");

    browser.click("#student");
    browser.press("s 1024");
    browser.press(TAB);
    assert_eq!(browser.focus(), "pool[0,0]");
    for (key, place) in [
        (DOWN, "pool[1,0]"),
        (RIGHT, "pool[1,1]"),
        (UP, "pool[0,1]"),
        (LEFT, "pool[0,0]"),
        (UP, "pool[0,0]"),
    ] {
        browser.press(key);
        assert_eq!(browser.focus(), place);
    }

    // The truth, but a word in place of the first number, a wrong sign in the second place, and a
    // blank in the last.
    let truth = run.backprop.gradient(pool).data().to_vec();
    browser.press(&format!("two{ENTER}"));
    assert_eq!(
        browser.script("return document.querySelectorAll('[aria-invalid=true]').length"),
        json!(1)
    );
    browser.press(&format!("{}{ENTER}", rounded(-truth[1], 6)));
    truth[2..8]
        .iter()
        .for_each(|number| browser.press(&format!("{}{ENTER}", rounded(*number, 6))));
    assert_eq!(
        (browser.focus().as_str(), browser.text("#filled").as_str()),
        ("pool[2,2]", "7 of 9 filled in")
    );
    browser.click("#save");
    assert_eq!(
        browser.text("#status"),
        "pool[0,0]: “two” is neither a decimal nor a fraction. Write it like 3.5, −2 or 7/2."
    );
    assert_eq!(browser.focus(), "pool[0,0]");
    // What is in the field is selected, or goes with it.
    browser.script("document.activeElement.select()");
    browser.press(&format!("{}/2", rounded(2.0 * truth[0], 6)));
    browser.click("#save");
    assert_eq!(
        browser.text("#status"),
        "1 of 9 fields are blank, the first is pool[2,2]. Fill them in, or save with blanks."
    );
    browser.click("#save-blank");
    assert_eq!(browser.text("#status"), "Saved as s_1024.json.");

    let answer = Answer::read(
        "s_1024.json",
        &browser.saved("s_1024.json"),
        run.backprop.network(),
    )
    .unwrap();
    let scheme = MarkScheme::new(
        run.scenario.clone(),
        run.backprop.clone(),
        Some(Asked::from_iter([pool])),
        ChosenTolerance::default(),
    );
    let marked = scheme
        .mark("s_1024.json", "", &answer, &Cancel::default())
        .unwrap();
    assert_eq!(marked.submission.student, "s 1024");
    let mut expected = vec![Status::Correct; 9];
    (expected[1], expected[8]) = (Status::Wrong, Status::Blank);
    assert_eq!(
        marked.marks[0].statuses,
        expected.into_iter().map(Some).collect::<Vec<_>>()
    );

    // The draft is there when the page is opened again.
    browser.open(&page);
    assert_eq!(browser.text("#filled"), "8 of 9 filled in");
    assert_eq!(
        browser.script("return document.getElementById('student').value"),
        json!("s 1024")
    );
}

/// A network that asks for its new weights: `y.weight` learns from 12.5 and −5, `a.weight` from 7.5,
/// 22.5, 2.5 and 7.5.
const LEARNS: &str = r#"{ "backstep": 1, "title": "new weights", "inputs": { "x": [1, 3] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 1], [1, -1]] },
             { "name": "y", "op": "linear", "weight": [[3, 1]] },
             { "name": "loss", "op": "mse_loss", "target": [11.75] }],
  "train": { "optimizer": "sgd", "lr": 0.1 }, "ask": ["y.weight.new", "a.weight.new"] }"#;

/// Fills in the worksheet of new weights, saves it, and returns the report on what is saved.
fn marked_from_the_page(browser: &Browser, student: &str, numbers: &[f64]) -> Value {
    let folder = Folder::with(&[("net.json", LEARNS)]);
    browser.open(&folder.fine("worksheet net.json --format html"));
    browser.script("localStorage.clear(); location.reload()");
    let fields = "return [...document.querySelectorAll('input.gradient')].length";
    assert_eq!(browser.script(fields), json!(6));
    browser.click("#student");
    browser.press(student);
    browser.press(TAB);
    assert_eq!(browser.focus(), "y.weight.new[0,0]");
    for number in numbers {
        browser.press(&format!("{}{ENTER}", rounded(*number, 6)));
    }
    assert_eq!(browser.text("#filled"), "6 of 6 filled in");
    browser.click("#save");
    let file = format!("{student}.json");
    std::fs::write(folder.path(&file), browser.saved(&file)).unwrap();
    let ran = folder.run(&format!("check net.json {file} --format json"));
    assert_eq!(browser.complaints(), json!([]));
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

#[test]
fn new_weights_are_filled_in_and_their_slip_is_named() {
    let Some(browser) = Browser::start() else {
        return;
    };
    // y is 13, so dL/dy is 2.5: the gradient of y.weight is 2.5 · a, and what a gets is 7.5 and 2.5.
    let (weights, gradients) = (
        [3.0, 1.0, 2.0, 1.0, 1.0, -1.0],
        [12.5, -5.0, 7.5, 22.5, 2.5, 7.5],
    );
    let stepped = |by: f64| -> Vec<f64> {
        let both = weights.iter().zip(gradients);
        both.map(|(weight, gradient)| weight + by * gradient)
            .collect()
    };
    let report = marked_from_the_page(&browser, "right", &stepped(-0.1));
    let submission = &report["submissions"][0];
    assert_eq!(
        (
            &submission["student"],
            &submission["verdict"],
            &submission["score"]
        ),
        (&json!("right"), &json!("correct"), &json!(1)),
        "{report}"
    );
    let report = marked_from_the_page(&browser, "slipped", &stepped(0.1));
    assert_eq!(
        report["submissions"][0]["verdict"],
        json!("wrong"),
        "{report}"
    );
    // The first tensor backwards loses its marks, and the other is the same mistake again.
    let [new_y, new_a] = [0, 1].map(|place| &report["submissions"][0]["tensors"][place]);
    assert_eq!(new_a["wrong"], json!(4), "{report}");
    assert_eq!(new_y["repeats"], json!("a.weight.new"), "{report}");
    for tensor in [new_y, new_a] {
        let first = &tensor["diagnosis"][0];
        assert_eq!(
            first["slips"],
            json!(["added-instead-of-subtracted"]),
            "{report}"
        );
        assert_eq!(first["agrees"], first["total"], "{report}");
    }
    assert_eq!(
        report["summary"]["slips"]["added-instead-of-subtracted"],
        json!(1)
    );
}

#[test]
fn a_browser_that_keeps_nothing_can_fill_in_and_save() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let forbid = "Object.defineProperty(window, 'localStorage', { get() { throw new \
                  Error('forbidden'); } })";
    browser.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": forbid }),
    );
    let run = question();
    browser.open(&written(&sheet(&run, &run.backprop, Some("s7")), "html").unwrap());
    browser.click("input.gradient");
    browser.press("1");
    assert_eq!(browser.text("#filled"), "1 of 45 filled in");
    browser.click("#save");
    browser.click("#save-blank");
    let answer =
        Answer::read("s7.json", &browser.saved("s7.json"), run.backprop.network()).unwrap();
    assert_eq!(
        answer
            .gradients
            .values()
            .flat_map(Numbers::iter)
            .flatten()
            .collect::<Vec<_>>(),
        [1.0]
    );
}

#[test]
fn a_strangers_text_does_nothing_in_a_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run = hostile();
    browser.open(
        &written(
            &sheet(
                &run,
                &run.backprop,
                Some("\"><script>alert(1)</script><img src=x onerror=alert(1)>"),
            ),
            "html",
        )
        .unwrap(),
    );
    assert_eq!(browser.complaints(), json!([]));
    assert_eq!(
        browser.text("h1"),
        backstep::diagnostic::visible(&run.scenario.title)
    );
    assert_eq!(
        browser.script("return document.querySelectorAll('script, img, iframe, a').length"),
        json!(1)
    );
    // Whatever script were to get into the page, the browser would not run it.
    browser.script(
        "const script = document.createElement('script'); script.textContent = 'window.got = 1'; \
         document.body.append(script)",
    );
    assert_eq!(browser.script("return window.got ?? null"), Value::Null);
}
