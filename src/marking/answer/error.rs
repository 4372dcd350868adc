//! Why an answer cannot be read at all.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::content::ANSWER_FORMAT;
use crate::diagnostic::{Diagnostic, Foreign, Sort, Source, quote};
use crate::scenario::tensor_file;

/// Why an answer cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Its bytes cannot be read.
    #[error("{} cannot be read: {error}", quote(file))]
    File {
        /// The file's name.
        file: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// There is nothing in it.
    #[error("{} is empty", quote(file))]
    Empty {
        /// The file's name.
        file: String,
    },
    /// It is of a kind that is not read.
    #[error("{} is {}, and no answer", quote(file), kind.name)]
    Foreign {
        /// The file's name.
        file: String,
        /// What it is.
        kind: Foreign,
    },
    /// The file should be text, and this byte of it is no part of a character.
    #[error(
        "{} is not UTF-8 text: byte {at} is no part of a character",
        quote(file)
    )]
    NotText {
        /// The file's name.
        file: String,
        /// The byte.
        at: usize,
    },
    /// The file is no JSON, or has a key twice.
    #[error(transparent)]
    Syntax(Box<Diagnostic>),
    /// The file is JSON, and no answer.
    #[error("{fault}")]
    Json {
        /// What is wrong.
        #[source]
        fault: JsonFault,
        /// The file.
        text: Arc<Source>,
        /// The bytes of it that are meant.
        span: Range<usize>,
    },
    /// The file is no table.
    #[error("{} cannot be read as CSV: {}", quote(file), quote(&error.to_string()))]
    Csv {
        /// The file's name.
        file: String,
        /// What is wrong.
        #[source]
        error: csv::Error,
    },
    /// The first line of a table does not name all columns.
    #[error(
        "{} is no answer: its first line has no column `{}`",
        quote(file),
        columns.join("` and no `")
    )]
    NoColumns {
        /// The file's name.
        file: String,
        /// The columns that are missing.
        columns: Vec<&'static str>,
    },
    /// The first line of a table names a column twice.
    #[error(
        "{} is no answer: its first line has the column `{column}` twice",
        quote(file)
    )]
    ColumnTwice {
        /// The file's name.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// The file holds an array that has no name.
    #[error("{} holds one array without a name", quote(file))]
    NamelessArray {
        /// The file's name.
        file: String,
    },
    /// The file is no file of arrays.
    #[error("{} cannot be read: {error}", quote(file))]
    Arrays {
        /// The file's name.
        file: String,
        /// Why not.
        #[source]
        error: tensor_file::Error,
    },
}

/// What keeps JSON from being an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// It is something of this kind.
    #[error("an answer is an object, found {0}")]
    NoObject(&'static str),
    /// It does not say what it is.
    #[error("the key `format` is missing, which says what the file is")]
    NoFormat,
    /// It says what it is by no string.
    #[error("`format` must be a string")]
    FormatNoString,
    /// It is of another format or version.
    #[error(
        "the file is of format {}, but this program reads `{known}`",
        quote(found)
    )]
    OtherFormat {
        /// The format that it says.
        found: String,
        /// The nearest that can be read.
        known: &'static str,
    },
    /// An answer has no such key.
    #[error("an answer has no key {}", quote(key))]
    UnknownKey {
        /// The key.
        key: String,
        /// The key that may have been meant.
        nearest: Option<&'static str>,
        /// The keys that there are.
        known: &'static [&'static str],
    },
    /// There are no gradients.
    #[error("the key `grads` is missing, which holds the gradients")]
    NoGradients,
    /// The gradients are something of this kind.
    #[error("`grads` must be an object of tensors, found {0}")]
    GradientsNoObject(&'static str),
    /// The digest of the exercise is something of this kind.
    #[error("`scenario_sha256` must be a string, found {0}")]
    ExerciseNoString(&'static str),
    /// The student is something of this kind.
    #[error("`student` must be a string, found {0}")]
    StudentNoString(&'static str),
    /// A trace has no tensors.
    #[error("the trace has no list `tensors`")]
    NoTensors,
    /// A tensor of a trace lacks its name or its gradient.
    #[error("a tensor of a trace is an object with its `name` and its `grad`")]
    NoTensor,
}

impl AnswerError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File { .. } | Self::NotText { .. } | Self::Csv { .. } => None,
            Self::Syntax(problem) => problem.hint.clone(),
            Self::Json { fault, .. } => fault.hint(),
            Self::Foreign { kind, .. } => Some(instead(kind.sort).to_owned()),
            Self::Empty { .. } => Some(
                "`backstep worksheet` writes what is to be filled in; arrays are saved with \
                 `numpy.savez`"
                    .to_owned(),
            ),
            Self::ColumnTwice { .. } => Some("leave one of the two out".to_owned()),
            Self::NoColumns { .. } => {
                Some("an answer in CSV begins with the line `tensor,index,grad`".to_owned())
            }
            Self::NamelessArray { .. } => Some(
                "write the gradients with `numpy.savez`, each under its tensor's name".to_owned(),
            ),
            Self::Arrays { error, .. } => error.hint(),
        }
    }
}

/// What to hand in instead of a file of that sort.
fn instead(sort: Sort) -> &'static str {
    match sort {
        Sort::Document => {
            "hand in the filled-in worksheet as JSON or CSV, or arrays that `numpy.savez` saves"
        }
        Sort::Spreadsheet => "save the sheet as CSV, and hand that in",
        Sort::Page => "open it in a browser, fill it in, and hand in the file that it saves",
        Sort::Notebook | Sort::Arrays | Sort::Pickle => {
            "save the gradients with `numpy.savez`, each under its tensor's name, and hand that in"
        }
        Sort::Archive => "unpack it, and hand in what is in it",
        Sort::Pointer => "`git lfs pull` fetches the file itself",
    }
}

impl JsonFault {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFormat | Self::FormatNoString => Some(format!(
                "an answer begins with {{ \"format\": \"{ANSWER_FORMAT}\", ..."
            )),
            Self::UnknownKey {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownKey {
                nearest: None,
                known,
                ..
            } => Some(format!("its keys are `{}`", known.join("`, `"))),
            Self::NoObject(_)
            | Self::OtherFormat { .. }
            | Self::NoGradients
            | Self::GradientsNoObject(_)
            | Self::ExerciseNoString(_)
            | Self::StudentNoString(_)
            | Self::NoTensors
            | Self::NoTensor => None,
        }
    }
}

impl From<&AnswerError> for Diagnostic {
    fn from(error: &AnswerError) -> Self {
        let problem = Self {
            hint: error.hint(),
            ..Self::new(error.to_string())
        };
        match error {
            AnswerError::Syntax(problem) => (**problem).clone(),
            AnswerError::Json { text, span, .. } => problem.at(text, span.clone()),
            AnswerError::File { .. }
            | AnswerError::Empty { .. }
            | AnswerError::Foreign { .. }
            | AnswerError::ColumnTwice { .. }
            | AnswerError::NotText { .. }
            | AnswerError::Csv { .. }
            | AnswerError::NoColumns { .. }
            | AnswerError::NamelessArray { .. }
            | AnswerError::Arrays { .. } => problem,
        }
    }
}

impl From<AnswerError> for Diagnostic {
    fn from(error: AnswerError) -> Self {
        (&error).into()
    }
}
