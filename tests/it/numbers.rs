//! One grammar for numbers that people write: wherever one is typed, the same table of cases says
//! what is read and what is refused.

use backstep::debugger::{self, Argument, Condition, Edit, Session};
use backstep::gallery;
use backstep::marking::Answer;
use backstep::scenario::Options;
use backstep::tensor::{NumberError, parse_number};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::exports::{self, Run};
use crate::worksheets::{sheet, written};

/// Texts with their numbers, or with a word for the reason why they are none.
struct Cases {
    read: Vec<(String, f64)>,
    refused: Vec<(String, String)>,
}

fn cases() -> Cases {
    let table: Value = serde_json::from_str(include_str!("../data/numbers.json")).unwrap();
    let rows = |key: &str| table[key].as_array().unwrap().clone().into_iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| {
        value
            .as_f64()
            .unwrap_or_else(|| text(value).parse().unwrap())
    };
    Cases {
        read: rows("read")
            .map(|row| (text(&row[0]), number(&row[1])))
            .collect(),
        refused: rows("refused")
            .map(|row| (text(&row[0]), text(&row[1])))
            .collect(),
    }
}

/// Holds a reader of numbers to the cases that it can be given.
fn hold(read: impl Fn(&str) -> Option<f64>, takes: fn(f64) -> bool) {
    let cases = cases();
    for (text, number) in cases.read {
        let expected = Some(number)
            .filter(|&number| takes(number))
            .map(f64::to_bits);
        assert_eq!(read(&text).map(f64::to_bits), expected, "{text}");
    }
    for (text, _) in cases.refused {
        assert_eq!(read(&text), None, "{text}");
    }
}

fn session() -> Session {
    Session::new(
        gallery::find("pool-to-conv")
            .unwrap()
            .open(Options::default())
            .unwrap(),
    )
}

#[test]
fn every_refusal_has_its_reason() {
    hold(|text| parse_number(text).ok(), |_| true);
    for (text, why) in cases().refused {
        let expected = match why.as_str() {
            "unreadable" => NumberError::Unreadable,
            "several" => NumberError::Several,
            "ambiguous" => NumberError::Ambiguous,
            "divides" => NumberError::DivisionByZero,
            "too large" => NumberError::TooLarge,
            other => panic!("{other} is no reason"),
        };
        assert_eq!(parse_number(&text), Err(expected), "{text}");
    }
}

#[test]
fn commands_read_them() {
    let session = session();
    let arguments = |line: String| Some(debugger::parse(&line, &session).ok()?.arguments);
    let predicted = |text: &str| match &arguments(format!("predict {text}"))?[..] {
        [Argument::Number(number)] => Some(*number),
        other => panic!("{other:?}"),
    };
    hold(predicted, |_| true);
    let set = |text: &str| match &arguments(format!("set x[0,0] {text}"))?[..] {
        [Argument::Edit(Edit::Value(_, number))] => Some(*number),
        other => panic!("{other:?}"),
    };
    hold(set, f64::is_finite);
    let compared = |text: &str| match &arguments(format!("break if grad > {text}"))?[..] {
        [Argument::Condition(Condition::Compares(_, _, number))] => Some(*number),
        other => panic!("{other:?}"),
    };
    hold(compared, |number| !number.is_nan());
}

#[test]
fn answers_read_them() {
    let session = session();
    let network = session.network();
    let pool = network.find("pool").unwrap();
    let first = |name: &str, file: String| {
        let answer = Answer::read(name, file.as_bytes(), network).unwrap();
        answer.numbers(pool).and_then(|numbers| numbers.get(0))
    };
    let csv = |text: &str| {
        let quoted = text.replace('"', "\"\"");
        first(
            "a.csv",
            format!("tensor,index,grad\npool,\"[0,0]\",\"{quoted}\"\n"),
        )
    };
    hold(csv, |_| true);
    let in_json = |text: &str| {
        let numbers = json!([[text, 0, 0], [0, 0, 0], [0, 0, 0]]);
        let answer = json!({ "format": "backstep-answer/1", "grads": { "pool": numbers } });
        first("a.json", answer.to_string())
    };
    hold(in_json, |_| true);
}

#[test]
fn the_page_reads_them() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let run: Run = exports::gallery()
        .find(|run| run.name == "pool-to-conv")
        .unwrap();
    browser.open(&written(&sheet(&run, &run.backprop, None), "html").unwrap());
    let is_taken = |text: &str| {
        let script = format!(
            "const field = document.querySelector('input.gradient'); field.value = {text:?}; \
             field.dispatchEvent(new FocusEvent('focusout', {{ bubbles: true }})); \
             return !field.hasAttribute('aria-invalid')"
        );
        browser.script(&script) == json!(true)
    };
    for (text, _) in cases().read {
        assert!(is_taken(&text), "{text}");
    }
    for (text, _) in cases().refused {
        assert!(!is_taken(&text), "{text}");
    }
}
