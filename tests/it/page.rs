//! The page to step through: what it holds, read back, and how it is in a browser.

use backstep::backprop::Backprop;
use backstep::diagnostic::visible;
use backstep::export::{Detail, Selection, Subject, format};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tape::Kind;
use backstep::tensor::{Element, TensorId, rounded};
use backstep::words;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::cli::Folder;
use crate::exports::{Run, gallery, hostile, runs};

const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";

fn page(run: &Run) -> String {
    String::from_utf8(run.export("html")).unwrap()
}

/// What stands between two marks, the first time that it does.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn data(page: &str) -> Value {
    data_of(page, "run")
}

/// The data in an element of the page.
fn data_of(page: &str, id: &str) -> Value {
    let start = format!("<script id=\"{id}\" type=\"application/json\">");
    serde_json::from_str(between(page, &start, "</script>")).unwrap()
}

/// A number, which is a word where it is not finite.
fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|value| bits_of(number(value)))
        .collect()
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|&number| bits_of(number)).collect()
}

/// The bits of a number; those of NaN are the same whichever it is.
fn bits_of(number: f64) -> u64 {
    if number.is_nan() { f64::NAN } else { number }.to_bits()
}

fn element(tensor: &Value, at: &Value) -> Element {
    let place = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    Element {
        tensor: TensorId(u32::try_from(place(tensor)).unwrap()),
        at: place(at),
    }
}

#[test]
fn the_page_holds_the_trace_to_the_last_bit() {
    for run in runs() {
        let (data, backprop) = (data(&page(&run)), &run.backprop);
        for (id, tensor) in backprop
            .network()
            .ids()
            .zip(data["tensors"].as_array().unwrap())
        {
            assert_eq!(tensor["name"], json!(backprop.network().tensor(id).name));
            let kind = backprop.network().tensor(id).kind;
            let is_quiet = matches!(kind, Kind::PreActivation(_));
            if backprop.network().base(id) == id && !is_quiet {
                assert_eq!(
                    numbers(&tensor["values"]),
                    bits(backprop.tape().value(id).data()),
                    "{}",
                    run.name
                );
                assert_eq!(
                    numbers(&tensor["gradients"]),
                    bits(backprop.gradient(id).data()),
                    "{}",
                    run.name
                );
            }
        }
        let steps = data["steps"].as_array().unwrap();
        assert_eq!(steps.len(), backprop.steps().len(), "{}", run.name);
        for ((number_of_step, at), step) in backprop.steps().iter().zip(steps) {
            assert_eq!(step["step"], json!(number_of_step + 1));
            assert_eq!(element(&step["tensor"], &step["at"]), at);
            assert_eq!(
                bits_of(number(&step["gradient"])),
                bits_of(backprop.element(at)),
                "{}",
                run.name
            );
            check_terms(&run, at, step);
            let told: String = step["words"]
                .as_array()
                .unwrap()
                .iter()
                .map(|sentence| told(backprop, sentence))
                .collect();
            let expected: String = words::step(backprop, at)
                .sentences
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(told, expected, "{}", run.name);
        }
    }
}

/// Compares the terms of a step with the engine's, and their sum with the gradient.
fn check_terms(run: &Run, at: Element, step: &Value) {
    let contributions = run.backprop.contributions(at);
    let terms = step["terms"].as_array().unwrap();
    assert_eq!(terms.len(), contributions.len(), "{}", run.name);
    let mut sum = step.get("given").map_or(0.0, number);
    for (term, contribution) in terms.iter().zip(contributions) {
        assert_eq!(element(&term[0], &term[1]), contribution.from);
        assert_eq!(bits_of(number(&term[2])), bits_of(contribution.upstream));
        assert_eq!(bits_of(number(&term[3])), bits_of(contribution.product()));
        let value = |cell: &Value| number(if cell.is_array() { &cell[0] } else { cell });
        let mut factors: Vec<u64> = term[4]
            .as_array()
            .unwrap()
            .iter()
            .filter(|cell| !cell.is_null())
            .map(|cell| bits_of(value(cell)))
            .collect();
        let mut expected: Vec<u64> = contribution
            .factors
            .iter()
            .map(|factor| bits_of(factor.value))
            .collect();
        // Factors of one kind stand under each other, so in another order than that in which they
        // are multiplied.
        factors.sort_unstable();
        expected.sort_unstable();
        assert_eq!(factors, expected, "{}", run.name);
        sum += contribution.product();
    }
    let told = step.get("sum").map_or(sum, number);
    assert_eq!(bits_of(told), bits_of(sum), "{}", run.name);
    assert_eq!(
        bits_of(run.backprop.arithmetic().precision.round(sum)),
        bits_of(run.backprop.element(at)),
        "{}",
        run.name
    );
}

/// A sentence as the page puts it together.
fn told(backprop: &Backprop, sentence: &Value) -> String {
    let piece = |piece: &Value| match piece.as_str() {
        Some(text) => text.to_owned(),
        None => backprop
            .network()
            .address(element(&piece[0], &piece[1]))
            .to_string(),
    };
    sentence.as_array().unwrap().iter().map(piece).collect()
}

#[test]
fn the_policy_allows_this_script_and_this_style_alone() {
    for run in gallery().chain([hostile()]) {
        let page = page(&run);
        let policy = between(
            &page,
            "http-equiv=\"Content-Security-Policy\" content=\"",
            "\"",
        );
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let (style, script) = (
            between(&page, "<style>", "</style>"),
            between(&page, "<script>", "</script>"),
        );
        let expected = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; ",
            hash(script),
            hash(style)
        );
        assert!(policy.starts_with(&expected), "{policy}");
        let shell = page.len() - between(&page, "application/json\">", "</script>").len();
        assert!(
            shell < 70_000,
            "{}: {shell} bytes without the numbers",
            run.name
        );
        // A description may name an address, as text. Nothing is fetched from one.
        let code = format!("{style}{script}").replace("http://www.w3.org/2000/svg", "");
        assert!(
            !code.contains("http://") && !code.contains("https://") && !page.contains("=\"http"),
            "{}",
            run.name
        );
        assert_eq!(page.matches("<script").count(), 2, "{}", run.name);
        assert_eq!(
            (
                page.matches("</script").count(),
                page.matches("<!--").count()
            ),
            (2, 0),
            "{}",
            run.name
        );
    }
}

/// Names and notes that would do harm where they are taken for more than text.
fn evil() -> Run {
    let text = r##"{ "backstep": 1, "title": "</title><script>window.got = 1</script>",
        "description": "<img src=x onerror=window.got=1>",
        "inputs": { "__proto__": [3, -1], "constructor": [2, 5] },
        "layers": [{ "name": "toString", "op": "mul", "from": ["__proto__", "constructor"] },
            { "name": "s", "op": "sum", "from": "toString" }],
        "notes": { "__proto__": "</script><script>window.got = 1</script> <!-- \u2028 \u202e x",
            "toString[0]": "\"><b onclick=window.got=1>'" } }"##;
    Run::new(
        "evil",
        Scenario::read("", text.as_bytes(), &NoFiles, Options::default()).unwrap(),
    )
}

#[test]
fn a_page_holds_the_steps_that_are_chosen() {
    let run = gallery().next().unwrap();
    let subject = Subject {
        scenario: &run.scenario,
        backprop: &run.backprop,
    };
    let flat = run.backprop.network().find("flat").unwrap();
    let mut out = Vec::new();
    // A view stands for the tensor that it shows.
    let selection = Selection {
        detail: Detail::default(),
        tensors: Some(vec![flat]),
        steps: 2..usize::MAX,
    };
    let format = format("html").unwrap();
    (format.check)(subject, &selection).unwrap();
    (format.write)(subject, &selection, &mut out).unwrap();
    let data = data(&String::from_utf8(out).unwrap());
    let steps: Vec<&Value> = data["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["step"])
        .collect();
    assert_eq!(
        (steps, &data["n_steps"]),
        (vec![&json!(3), &json!(4)], &json!(35))
    );
}

#[test]
fn a_run_that_is_too_large_for_a_page_is_refused() {
    let check = |n: usize, steps| {
        let text = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": {:?} }},
                "layers": [{{ "name": "y", "op": "softmax" }}], "upstream": {{ "y": {:?} }} }}"#,
            vec![0; n],
            vec![1; n]
        );
        let run = Run::new(
            "",
            Scenario::read("", text.as_bytes(), &NoFiles, Options::default()).unwrap(),
        );
        let subject = Subject {
            scenario: &run.scenario,
            backprop: &run.backprop,
        };
        (format("html").unwrap().check)(
            subject,
            &Selection {
                detail: Detail::default(),
                tensors: None,
                steps,
            },
        )
    };
    assert_eq!(check(400, 0..usize::MAX), Ok(()));
    let refused = check(500, 0..usize::MAX).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the steps have more than 200000 contributions, too many for one page"
    );
    assert_eq!(check(500, 0..100), Ok(()));
}

#[test]
fn every_step_of_the_page_shows_the_sum_of_the_trace() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run = gallery().next().unwrap();
    browser.open(&page(&run));
    assert_eq!(browser.complaints(), json!([]));
    for (number, element) in run.backprop.steps().iter() {
        let (address, gradient) = (
            run.backprop.network().address(element).to_string(),
            run.backprop.element(element),
        );
        assert_eq!(browser.text("#neuron b"), address);
        for place in ["#sum data", "#terms tfoot data"] {
            let shown = browser.script(&format!("return document.querySelector({place:?}).value"));
            assert_eq!(
                shown.as_str().unwrap().parse::<f64>().unwrap(),
                gradient,
                "{address}"
            );
        }
        assert_eq!(browser.text("#sum data"), rounded(gradient, 4));
        assert_eq!(
            browser.text("#place"),
            format!("step {} of {}", number + 1, run.backprop.steps().len())
        );
        assert_eq!(
            browser.script("return location.hash"),
            json!(if number == 0 {
                String::new()
            } else {
                format!("#step={}", number + 1)
            })
        );
        browser.press(RIGHT);
    }
    assert_eq!(browser.text("#neuron b"), "x[3,3]");
    assert_eq!(browser.complaints(), json!([]));
    assert_eq!(
        browser.script("return performance.getEntriesByType('resource').length"),
        json!(0)
    );
}

#[test]
fn the_page_is_driven_by_keys_clicks_and_its_address() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run = gallery().next().unwrap();
    browser.open(&page(&run));
    browser.press(DOWN);
    assert_eq!(
        browser.text("#said"),
        "term 1 of 3 from fc[0]: 2 × 1 × 1 = 2, so far 2"
    );
    assert_eq!(browser.text("#terms tfoot th"), "so far, 1 of 3 terms");
    assert!(
        browser.text("#sum").ends_with("2 = 2 so far"),
        "{}",
        browser.text("#sum")
    );
    browser.press(&format!("{DOWN}{DOWN}"));
    assert_eq!(
        browser.text("#said"),
        "step 1 of 35, pool[0,0]: 2 − 1.5 + 3 = 3.5"
    );
    browser.click("#next");
    assert_eq!(
        browser.text("#said"),
        "step 2 of 35, pool[0,1]: 3 + 9 + 3 = 15"
    );
    browser.press("]");
    assert_eq!(browser.text("#neuron b"), "fc.weight[0,0]");
    browser.press(&format!("{END}["));
    assert_eq!(browser.text("#neuron b"), "x[0,0]");
    browser.press(HOME);
    let x = run.backprop.network().find("x").unwrap();
    browser.click(&format!("#map button[data-tensor='{}'][data-at='2']", x.0));
    assert_eq!(browser.text("#neuron b"), "x[0,2]");
    browser.script("location.hash = '#step=3'");
    assert_eq!(browser.text("#neuron b"), "pool[1,0]");
    browser.script("location.reload()");
    assert_eq!(browser.text("#neuron b"), "pool[1,0]");
    // On paper stand the steps that the scenario asks for.
    browser.script("window.dispatchEvent(new Event('beforeprint'))");
    assert_eq!(
        browser.script("return document.querySelectorAll('#print article').length"),
        json!(20)
    );
    assert_eq!(browser.complaints(), json!([]));
}

/// What is wrong with the map at some steps: it is too wide, or a wire begins at no cell that
/// sends.
const FAULTS: &str = r"
    const [map, faults] = [document.getElementById('map'), []];
    const n = Number(document.getElementById('place').textContent.split(' of ')[1]);
    for (let step = 1; step <= n; step += Math.ceil(n / 4)) {
      history.replaceState(null, '', '#step=' + step);
      window.dispatchEvent(new HashChangeEvent('hashchange'));
      const cells = [...document.querySelectorAll('.cell.sends')].map((cell) => cell.getBoundingClientRect());
      const begins = (wire) => {
        const { x, y } = wire.getPointAtLength(0).matrixTransform(wire.getScreenCTM());
        return cells.some(({ left, top, bottom }) => Math.abs(x - left) < 3 && y > top - 3 && y < bottom + 3);
      };
      const wires = [...document.querySelectorAll('.wire')];
      if (wires.length === 0 || !wires.every(begins)) faults.push('a wire of step ' + step);
      if (map.scrollWidth > map.clientWidth) faults.push('the width of step ' + step);
    }
    return faults;";

#[test]
fn wires_end_at_the_cells_that_send_and_the_map_fits_a_phone() {
    let Some(browser) = Browser::start() else {
        return;
    };
    for name in ["pool-to-conv", "overlapping-pool"] {
        let run = gallery().find(|run| run.name == name).unwrap();
        for width in [400, 1300] {
            browser.resize(width, 900);
            browser.open(&page(&run));
            assert_eq!(browser.script(FAULTS), json!([]), "{name}, {width} wide");
        }
    }
    assert_eq!(browser.complaints(), json!([]));
}

/// The learning scenario whose numbers can be followed by hand, with so many updates.
fn learning(steps: usize) -> Folder {
    let text = format!(
        r#"{{ "backstep": 1, "title": "learns", "inputs": {{ "x": [[2, 1], [1, -1]] }},
          "layers": [{{ "name": "h", "op": "linear", "weight": [[0.5, -0.25]], "bias": [0.5] }},
                     {{ "name": "y", "op": "linear", "weight": [[1.5]], "activation": "relu" }},
                     {{ "name": "loss", "op": "mse_loss", "target": [[3], [1]] }}],
          "train": {{ "optimizer": "sgd", "lr": 0.03125, "momentum": 0.5, "steps": {steps} }} }}"#
    );
    Folder::with(&[("net.json", &text)])
}

/// What the page shows at the neuron where it stands, and what `explain` says of it at an update.
#[track_caller]
fn shows_what_explain_says(browser: &Browser, folder: &Folder, update: usize) {
    let neuron = browser.text("#neuron b");
    let said = folder.json(&format!(
        "explain net.json {neuron} --update {update} --format json"
    ));
    let sum = browser.script("return document.querySelector('#sum data').value");
    let sum: f64 = sum.as_str().unwrap().parse().unwrap();
    let is_new = said["grad"].is_null();
    let expected = if is_new {
        &said["value"]
    } else {
        &said["grad"]
    };
    assert_eq!(sum, number(expected), "{neuron} at {update}");
    let shown = browser.script(
        "return [...document.querySelectorAll('#terms tbody tr')].map((row) => \
         [...row.cells].at(-3).textContent.replace(/[=≈]/, '').trim())",
    );
    // A table that is too wide has fewer digits.
    let terms = said["contributions"].as_array().unwrap().iter();
    let products: Vec<f64> = terms.map(|term| number(&term["product"])).collect();
    let rounded_to = |digits| {
        let products = products.iter();
        json!(
            products
                .map(|product| rounded(*product, digits))
                .collect::<Vec<_>>()
        )
    };
    assert!(
        shown == rounded_to(6) || shown == rounded_to(4),
        "{neuron} at {update}: {shown}, and not {products:?}"
    );
    let value = rounded(number(&said["value"]), 6);
    assert!(is_new || browser.text("#neuron span").contains(&format!(" {value}")));
}

#[test]
fn a_page_goes_through_the_updates_of_a_training() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = learning(12);
    browser.open(&folder.fine("export net.json --format html"));
    let title = || {
        let says = browser.text("#training-title span");
        let says = says.strip_suffix(", on a logarithmic axis");
        says.expect("the loss falls by more than three decades")
            .to_owned()
    };
    let loss = |update: usize| {
        let curve = folder.fine("export net.json --updates 1.. --format csv");
        let row = curve.lines().nth(update).unwrap();
        rounded(row.split(',').nth(1).unwrap().parse().unwrap(), 6)
    };
    assert_eq!(title(), format!("update 1 of 12, loss {}", loss(1)));
    shows_what_explain_says(&browser, &folder, 1);
    // The slider has keys of its own; the steps stay where they are.
    browser.script("document.getElementById('update').focus()");
    browser.press(&format!("{RIGHT}{RIGHT}"));
    assert_eq!(title(), format!("update 3 of 12, loss {}", loss(3)));
    assert_eq!(
        browser.script("return location.hash"),
        json!("#step=1&update=3")
    );
    shows_what_explain_says(&browser, &folder, 3);
    browser.press(END);
    assert_eq!(title(), format!("update 12 of 12, loss {}", loss(12)));
    shows_what_explain_says(&browser, &folder, 12);
    browser.click("#update-back");
    assert_eq!(title(), format!("update 11 of 12, loss {}", loss(11)));
    // All neurons of an update, what becomes of the parameters among them.
    browser.script("document.activeElement.blur()");
    browser.press(&format!("{HOME},,"));
    assert_eq!(title(), format!("update 9 of 12, loss {}", loss(9)));
    let mut names = Vec::new();
    while names.last() != Some(&browser.text("#neuron b")) {
        names.push(browser.text("#neuron b"));
        shows_what_explain_says(&browser, &folder, 9);
        browser.press(RIGHT);
    }
    assert!(names.contains(&"h.weight.new[0,1]".to_owned()), "{names:?}");
    // A click on the curve goes to the update below it.
    browser.script(
        "const { right, y } = document.getElementById('curve').getBoundingClientRect(); \
         document.getElementById('curve').dispatchEvent(\
         new MouseEvent('click', { clientX: right - 14, clientY: y + 20 }))",
    );
    assert_eq!(title(), format!("update 12 of 12, loss {}", loss(12)));
    browser.script("location.hash = '#step=h[1,0]&update=4'");
    assert_eq!(browser.text("#neuron b"), "h[1,0]");
    shows_what_explain_says(&browser, &folder, 4);
    browser.script("location.reload()");
    assert_eq!(title(), format!("update 4 of 12, loss {}", loss(4)));
    shows_what_explain_says(&browser, &folder, 4);
    let points = browser.script(
        "return document.querySelector('#curve .course').getAttribute('d').match(/[ML]/g).length",
    );
    assert_eq!(points, json!(12));
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn a_page_has_as_many_updates_as_there_is_room_for() {
    let folder = learning(1000);
    let page = folder.fine("export net.json --format html");
    let data = data_of(&page, "training");
    let updates = data["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 64);
    assert_eq!((&updates[0], &updates[63]), (&json!(1), &json!(1000)));
    assert_eq!(data["losses"].as_array().unwrap().len(), 1000);
    let says = "This page steps through 64 of 1000 updates: the first, the last, and one about \
                every 16 between them. The curve has all.";
    assert!(page.contains(says));
    // So many updates as are asked for, or one.
    let page = folder.fine("export net.json --updates 3..5 --tensor h --format html");
    assert_eq!(data_of(&page, "training")["updates"], json!([3, 4, 5]));
    let steps = data_of(&page, "run-4");
    assert_eq!(steps["steps"].as_array().unwrap().len(), 2);
    let page = folder.fine("export net.json --update 5 --format html");
    assert!(!page.contains("id=\"training\""));
}

#[test]
fn a_large_network_has_room_for_few_updates() {
    // Each run has a little more than 40,000 contributions, at few neurons.
    let text = json!({ "backstep": 1, "inputs": { "x": vec![[1; 27]; 28] },
        "layers": [{ "name": "y", "op": "linear", "weight": vec![[1; 27]; 28] },
            { "name": "s", "op": "sum" }],
        "train": { "optimizer": "sgd", "lr": 0.001, "steps": 50 } });
    let folder = Folder::with(&[("net.json", &text.to_string())]);
    let data = data_of(&folder.fine("export net.json --format html"), "training");
    assert_eq!(data["updates"], json!([1, 17, 33, 50]));
    assert_eq!(data["losses"].as_array().unwrap().len(), 50);
}

#[test]
fn a_pooling_window_is_shown_as_a_contest() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run = gallery()
        .find(|run| run.name == "overlapping-pool")
        .unwrap();
    let count = |what: &str| {
        browser.script(&format!(
            "return document.querySelectorAll({what:?}).length"
        ))
    };
    browser.open(&page(&run));
    browser.script("location.hash = '#step=6'");
    assert_eq!(browser.text("#neuron b"), "x[1,1]");
    assert_eq!(browser.text("#map .current .value"), "★9");
    assert_eq!(
        (count(".window"), count(".cell.loses")),
        (json!(4), json!(8))
    );
    browser.script("location.hash = '#step=7'");
    assert_eq!(browser.text("#neuron b"), "x[1,2]");
    assert_eq!(browser.text(".weigh"), "×0 lost by 4");
    assert!(
        browser
            .script("return document.querySelector('#map .current button').ariaLabel")
            .as_str()
            .unwrap()
            .starts_with("x[1,2], value 5, loses its window")
    );
}

#[test]
fn a_large_matrix_is_a_picture_whose_cells_can_be_chosen() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let numbers = |of: fn(usize) -> f64| {
        let row = |row: usize| (0..16).map(|column| of(16 * row + column)).collect();
        (0..16).map(row).collect::<Vec<Vec<f64>>>()
    };
    let text = json!({
        "backstep": 1,
        "inputs": { "x": numbers(|at| at as f64 - 100.0) },
        "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 4 },
            { "name": "s", "op": "sum" }],
    });
    let text = text.to_string();
    let scenario = Scenario::read("", text.as_bytes(), &NoFiles, Options::default()).unwrap();
    browser.open(&page(&Run::new("picture", scenario)));
    let x = "#map .picture button[data-at='100']";
    let shade = browser.script(&format!(
        "return document.querySelector(\"{x}\").parentElement.className"
    ));
    assert_eq!(shade, "cell p0");
    let first = "return document.querySelector('#map .picture .cell').className";
    assert_eq!(browser.script(first), "cell loses n4 in edge-top edge-left");
    browser.script(&format!("document.querySelector(\"{x}\").click()"));
    assert_eq!(browser.text("#neuron b"), "x[6,4]");
    assert_eq!(
        browser.script("return document.querySelectorAll('#map .picture .current').length"),
        json!(2)
    );
}

#[test]
fn the_page_writes_numbers_as_the_program_does() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let mut hard = vec![
        1.5e-5,
        0.00012345,
        0.000099996,
        999.95,
        999.96,
        1000.5,
        1001.5,
        2000.5,
        12345.5,
        99999.7,
        100000.5,
        999999.5,
        1234567.0,
        0.0625,
        0.03125,
        -1.0 / 3.0,
        2.5e-9,
        1e21,
        -5e-324,
        f64::MAX,
        0.1 + 0.2,
        -0.0,
        4.0,
        250.25,
        0.5,
        1e-7,
        1000000.0,
        100.05,
    ];
    // Halves of all sizes, which are exact in binary.
    hard.extend(
        (0..40).map(|number| {
            f64::from(20_001 + 2 * number) / 2.0 * f64::from(1 << (number % 7)) / 64.0
        }),
    );
    let text = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [{}] }}, "layers": [{{ "name": "s", "op": "sum" }}] }}"#,
        hard.iter()
            .map(|number| format!("[{}]", backstep::tensor::exact(*number)))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let run = Run::new(
        "",
        Scenario::read("", text.as_bytes(), &NoFiles, Options::default()).unwrap(),
    );
    browser.open(&page(&run));
    for &number in &hard {
        let (grid, table) = (
            rounded(number, 4),
            format!(" has value {}. Its gradient:", rounded(number, 6)),
        );
        assert_eq!(
            (
                browser.text("#map .current .value"),
                browser.text("#neuron span")
            ),
            (grid, table),
            "{number:?}"
        );
        browser.press(RIGHT);
    }
}

#[test]
fn a_strangers_text_does_nothing_in_the_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    for run in [hostile(), evil()] {
        browser.open(&page(&run));
        assert_eq!(browser.text("h1"), visible(&run.scenario.title));
        for (_, element) in run.backprop.steps().iter() {
            assert_eq!(
                browser.text("#neuron b"),
                run.backprop.network().address(element).to_string()
            );
            let note = run
                .scenario
                .notes
                .element(element, 1)
                .or(run.scenario.notes.tensor(element.tensor, 1))
                .unwrap_or_default();
            assert_eq!(browser.text("#note"), visible(note));
            browser.press(RIGHT);
        }
        browser.script("window.dispatchEvent(new Event('beforeprint'))");
        assert_eq!(
            browser.script(
                "return document.querySelectorAll('img, iframe, a, script:not(#run)').length"
            ),
            json!(1)
        );
        assert_eq!(browser.script("return window.got ?? null"), Value::Null);
        assert_eq!(browser.complaints(), json!([]));
    }
}
