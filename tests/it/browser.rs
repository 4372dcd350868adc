//! The worksheet in a browser: filled in with the keyboard, saved, and marked.
//!
//! It needs `chromedriver` and a Chromium. Where they are missing the tests do nothing and say so, unless `BACKSTEP_STRICT` is set.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use backstep::marking::{Answer, Exam, Status, Tolerance};
use backstep::tensor::rounded;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::exports::{self, Run, hostile};
use crate::python::skip;
use crate::worksheets::{sheet, written};

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";

/// A browser without a window, and the program that drives it.
struct Browser {
    driver: Child,
    session: String,
    /// Its profile, its pages and what it saves.
    folder: TempDir,
}

impl Browser {
    fn start() -> Option<Self> {
        let started = Command::new("chromedriver").args(["--port=0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            skip("`chromedriver` is not installed");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port =
            lines.into_iter().find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("saved")).unwrap();
        let mut browser = Self { driver, session: format!("http://127.0.0.1:{}/session", port.unwrap()), folder };
        let profile = format!("--user-data-dir={}", browser.folder.path().join("profile").display());
        let arguments = [
            "--headless",
            "--window-size=1200,1000",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &profile,
        ];
        let capabilities =
            json!({ "alwaysMatch": { "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } } });
        let session = browser.post("", json!({ "capabilities": capabilities }));
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        let saved = browser.folder.path().join("saved");
        browser.devtools("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": saved }));
        Some(browser)
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer =
            agent.post(format!("{}{path}", self.session)).content_type("application/json").send(body.to_string()).unwrap();
        let mut answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!(answer["value"]["error"], Value::Null, "{path} {body}");
        answer["value"].take()
    }

    fn devtools(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
    }

    fn open(&self, page: &str) {
        let path = self.folder.path().join("page.html");
        fs::write(&path, page).unwrap();
        self.post("/url", json!({ "url": format!("file://{}", path.display()) }));
    }

    fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Presses keys where the focus is.
    fn press(&self, keys: &str) {
        let actions: Vec<Value> =
            keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }))).collect();
        self.post("/actions", json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }));
    }

    fn click(&self, selector: &str) {
        let element = self.post("/element", json!({ "using": "css selector", "value": selector }));
        let id = element.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.post(&format!("/element/{id}/click"), json!({}));
    }

    /// The address of the field that has the focus.
    fn focus(&self) -> String {
        self.script("return document.activeElement.dataset.address ?? document.activeElement.id").as_str().unwrap().to_owned()
    }

    fn text(&self, selector: &str) -> String {
        self.script(&format!("return document.querySelector({selector:?}).textContent")).as_str().unwrap().to_owned()
    }

    /// What the browser complains of.
    fn complaints(&self) -> Value {
        self.post("/se/log", json!({ "type": "browser" }))
    }

    /// Waits for a file to be saved. Each question to the browser gives it time.
    fn saved(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("saved").join(name);
        for _ in 0..5000 {
            if let Ok(bytes) = fs::read(&path)
                && !bytes.is_empty()
            {
                return bytes;
            }
            self.script("return 0");
        }
        panic!("the browser has not saved {name}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without its browser the driver has nothing to leave behind.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn question() -> Run {
    exports::gallery().find(|run| run.name == "pool-to-conv").unwrap()
}

#[test]
fn a_worksheet_is_filled_in_saved_and_marked() {
    let Some(browser) = Browser::start() else { return };
    let run = question();
    let mut worksheet = sheet(&run, &run.backprop, None);
    let pool = run.backprop.network().find("pool").unwrap();
    worksheet.asked = vec![pool];
    let page = written(&worksheet, "html").unwrap();
    browser.open(&page);
    assert_eq!(browser.complaints(), json!([]));
    assert_eq!(browser.text("#filled"), "0 of 9 filled in");

    browser.click("#student");
    browser.press("s 1024");
    browser.press(TAB);
    assert_eq!(browser.focus(), "pool[0,0]");
    for (key, place) in [(DOWN, "pool[1,0]"), (RIGHT, "pool[1,1]"), (UP, "pool[0,1]"), (LEFT, "pool[0,0]"), (UP, "pool[0,0]")] {
        browser.press(key);
        assert_eq!(browser.focus(), place);
    }

    // The truth, but a word in place of the first number, a wrong sign in the second place, and a blank in the last.
    let truth = run.backprop.gradient(pool).data().to_vec();
    browser.press(&format!("two{ENTER}"));
    assert_eq!(browser.script("return document.querySelectorAll('[aria-invalid=true]').length"), json!(1));
    browser.press(&format!("{}{ENTER}", rounded(-truth[1], 6)));
    truth[2..8].iter().for_each(|number| browser.press(&format!("{}{ENTER}", rounded(*number, 6))));
    assert_eq!((browser.focus().as_str(), browser.text("#filled").as_str()), ("pool[2,2]", "7 of 9 filled in"));
    browser.click("#save");
    assert_eq!(browser.text("#status"), "pool[0,0]: “two” is no number. Write it like 3.5, −2 or 7/2.");
    assert_eq!(browser.focus(), "pool[0,0]");
    // What is in the field is selected, or goes with it.
    browser.script("document.activeElement.select()");
    browser.press(&format!("{}/2", rounded(2.0 * truth[0], 6)));
    browser.click("#save");
    assert_eq!(browser.text("#status"), "1 of 9 fields are blank, the first is pool[2,2]. Fill them in, or save with blanks.");
    browser.click("#save-blank");
    assert_eq!(browser.text("#status"), "Saved as s_1024.json.");

    let answer = Answer::read("s_1024.json", &browser.saved("s_1024.json"), run.backprop.network()).unwrap();
    let exam = Exam::new(run.scenario.clone(), run.backprop.clone(), vec![pool], Tolerance::default());
    let marked = exam.mark("s_1024.json", "", &answer);
    assert_eq!(marked.submission.student, "s 1024");
    let mut expected = vec![Status::Correct; 9];
    (expected[1], expected[8]) = (Status::Wrong, Status::Blank);
    assert_eq!(marked.marks[0].statuses, expected);

    // The draft is there when the page is opened again.
    browser.open(&page);
    assert_eq!(browser.text("#filled"), "8 of 9 filled in");
    assert_eq!(browser.script("return document.getElementById('student').value"), json!("s 1024"));
}

#[test]
fn a_browser_that_keeps_nothing_can_fill_in_and_save() {
    let Some(browser) = Browser::start() else { return };
    let forbid = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": forbid }));
    let run = question();
    browser.open(&written(&sheet(&run, &run.backprop, Some("s7")), "html").unwrap());
    browser.click("input.gradient");
    browser.press("1");
    assert_eq!(browser.text("#filled"), "1 of 45 filled in");
    browser.click("#save");
    browser.click("#save-blank");
    let answer = Answer::read("s7.json", &browser.saved("s7.json"), run.backprop.network()).unwrap();
    assert_eq!(answer.gradients.values().flatten().flatten().collect::<Vec<_>>(), [&1.0]);
}

#[test]
fn the_page_and_the_marker_read_the_same_numbers() {
    let Some(browser) = Browser::start() else { return };
    let run = question();
    browser.open(&written(&sheet(&run, &run.backprop, None), "html").unwrap());
    for text in [
        "3.5", "-2", "−2", "+1", ".5", "5.", "1e-3", "1E−3", "7/2", " 1 / 4 ", "x", ".", "1/0", "1/2/3", "Infinity", "NaN", "0x1f",
        "1e999", "3,5", "1 2", "--1", "1_0",
    ] {
        let script = format!(
            "const field = document.querySelector('input.gradient'); field.value = {text:?}; \
             field.dispatchEvent(new FocusEvent('focusout', {{ bubbles: true }})); return field.hasAttribute('aria-invalid')"
        );
        assert_eq!(browser.script(&script), json!(backstep::tensor::parse(text).is_none()), "{text}");
    }
}

#[test]
fn a_strangers_text_does_nothing_in_a_page() {
    let Some(browser) = Browser::start() else { return };
    let run = hostile();
    browser.open(
        &written(&sheet(&run, &run.backprop, Some("\"><script>alert(1)</script><img src=x onerror=alert(1)>")), "html").unwrap(),
    );
    assert_eq!(browser.complaints(), json!([]));
    assert_eq!(browser.text("h1"), backstep::diagnostic::visible(&run.scenario.title));
    assert_eq!(browser.script("return document.querySelectorAll('script, img, iframe, a').length"), json!(1));
    // Whatever script were to get into the page, the browser would not run it.
    browser.script(
        "const script = document.createElement('script'); script.textContent = 'window.got = 1'; document.body.append(script)",
    );
    assert_eq!(browser.script("return window.got ?? null"), Value::Null);
}
