//! From bytes to a scenario.

use std::sync::Arc;

use super::loader::{self, Before};
use super::tensor_file::Kind;
use super::{Files, Options, Scenario};
use crate::diagnostic::{Diagnostic, Foreign, Sort, Source, quote};

impl Scenario {
    /// Reads a scenario from a file's bytes, which it keeps; `name` is the file's, for messages.
    ///
    /// # Errors
    /// Every problem of the file at once, each with its place.
    pub fn read(
        name: &str,
        bytes: impl Into<Vec<u8>>,
        files: &dyn Files,
        options: Options,
    ) -> Result<Self, Diagnostic> {
        let source = Arc::new(Source {
            name: name.to_owned(),
            text: text(name, bytes.into())?,
        });
        loader::load(&source, files, options, &Before::default())
    }
}

/// Returns the text of a file, or what it is instead of UTF-8.
fn text(name: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    if let Some(kind) = Foreign::of(&bytes) {
        let problem = Diagnostic::new(format!("{} is {}, and no scenario", quote(name), kind.name));
        return Err(problem.hinted(match kind.sort {
            Sort::Archive => "unpack it first",
            Sort::Pointer => "`git lfs pull` fetches the file itself",
            Sort::Document
            | Sort::Spreadsheet
            | Sort::Page
            | Sort::Notebook
            | Sort::Arrays
            | Sort::Pickle => "a scenario is a JSON file; `backstep new` writes one to begin with",
        }));
    }
    String::from_utf8(bytes).map_err(|error| {
        let problem = Diagnostic::new(format!(
            "`{name}` is not UTF-8 text: byte {} is no part of a character",
            error.utf8_error().valid_up_to()
        ));
        match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                problem.hinted("it looks like UTF-16; save it as UTF-8")
            }
            _ if name.ends_with(".onnx") => {
                problem.hinted("`backstep import` makes a scenario of a model")
            }
            _ if Kind::of(name).is_some() => problem.hinted(
                "a scenario is a JSON file; its arrays are { \"file\": \"NAME\", \"key\": ... }",
            ),
            _ => problem.hinted("a scenario is a JSON file in UTF-8"),
        }
    })
}
