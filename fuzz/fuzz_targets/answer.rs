//! An answer from anywhere, as JSON, as CSV, or as whatever it begins like: it is refused, or its
//! numbers are marked.

#![no_main]

use std::sync::LazyLock;

use backstep::gallery;
use backstep::marking::Answer;
use backstep::scenario::{Options, Scenario};
use libfuzzer_sys::fuzz_target;

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| {
    gallery::find("the-question")
        .expect("the gallery has it")
        .open(Options::default())
        .expect("the gallery's scenarios can be read")
});

fuzz_target!(|bytes: &[u8]| {
    for name in ["answer.json", "answer.csv", "answer"] {
        if let Ok(answer) = Answer::read(name, bytes, &SCENARIO.network) {
            for (&tensor, numbers) in &answer.gradients {
                assert_eq!(numbers.len(), SCENARIO.network.tensor(tensor).shape.numel());
            }
        }
    }
    let _ = Answer::said_in("answer.json", &mut std::io::Cursor::new(bytes));
});
