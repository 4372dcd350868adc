//! A browser that pages are opened in.
//!
//! It needs `chromedriver` and a Chromium. Where they are missing the tests do nothing and say so,
//! unless `BACKSTEP_STRICT` is set.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::python::skip;

/// A browser without a window, and the program that drives it.
pub(crate) struct Browser {
    driver: Child,
    /// Keeps its connection to the driver.
    agent: ureq::Agent,
    session: String,
    /// Its profile, its pages and what it saves.
    folder: TempDir,
}

impl Browser {
    pub(crate) fn start() -> Option<Self> {
        let started = Command::new("chromedriver")
            .args(["--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            skip("`chromedriver` is not installed");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let port = lines.into_iter().find_map(|line| {
            Some(
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .to_owned(),
            )
        });
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("saved")).unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let mut browser = Self {
            driver,
            agent: agent.into(),
            session: format!("http://127.0.0.1:{}/session", port.unwrap()),
            folder,
        };
        let profile = format!(
            "--user-data-dir={}",
            browser.folder.path().join("profile").display()
        );
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
        let capabilities = json!({ "alwaysMatch": { "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" } } });
        let session = browser.post("", json!({ "capabilities": capabilities }));
        browser.session = format!(
            "{}/{}",
            browser.session,
            session["sessionId"].as_str().unwrap()
        );
        let saved = browser.folder.path().join("saved");
        browser.devtools(
            "Browser.setDownloadBehavior",
            json!({ "behavior": "allow", "downloadPath": saved }),
        );
        Some(browser)
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.session))
            .content_type("application/json")
            .send(body.to_string())
            .unwrap();
        let mut answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!(answer["value"]["error"], Value::Null, "{path} {body}");
        answer["value"].take()
    }

    pub(crate) fn devtools(&self, command: &str, parameters: Value) {
        self.post(
            "/goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        );
    }

    pub(crate) fn open(&self, page: &str) {
        let path = self.folder.path().join("page.html");
        fs::write(&path, page).unwrap();
        self.visit(&format!("file://{}", path.display()));
    }

    /// Opens what stands at an address.
    pub(crate) fn visit(&self, address: &str) {
        self.post("/url", json!({ "url": address }));
    }

    /// Goes into a frame of the page, counted from 0; without a number back to the page.
    pub(crate) fn enter(&self, frame: Option<usize>) {
        self.post("/frame", json!({ "id": frame }));
    }

    /// Gives the window another size.
    pub(crate) fn resize(&self, width: usize, height: usize) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    pub(crate) fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Presses keys where the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        self.post(
            "/actions",
            json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }

    pub(crate) fn click(&self, selector: &str) {
        let element = self.post(
            "/element",
            json!({ "using": "css selector", "value": selector }),
        );
        let id = element
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        self.post(&format!("/element/{id}/click"), json!({}));
    }

    /// The address of the field that has the focus.
    pub(crate) fn focus(&self) -> String {
        self.script("return document.activeElement.dataset.address ?? document.activeElement.id")
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn text(&self, selector: &str) -> String {
        self.script(&format!(
            "return document.querySelector({selector:?}).textContent"
        ))
        .as_str()
        .unwrap()
        .to_owned()
    }

    /// What the browser complains of.
    pub(crate) fn complaints(&self) -> Value {
        self.post("/se/log", json!({ "type": "browser" }))
    }

    /// Waits for a file to be saved. Each question to the browser gives it time.
    pub(crate) fn saved(&self, name: &str) -> Vec<u8> {
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
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
