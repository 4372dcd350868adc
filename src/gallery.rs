//! The scenarios that ship inside the program.

mod search;

use std::io::Cursor;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::scenario::{Files, NoFiles, OpenError, Options, ReadSeek, Scenario};

pub use search::SearchWords;

/// One scenario of the gallery.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// The name by which the command line knows it.
    pub name: &'static str,
    /// Where it belongs in a list.
    pub group: Group,
    json: &'static str,
}

/// How difficult a scenario is, or where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Where one begins.
    Easy,
    /// It adds one idea.
    Medium,
    /// It learns, update after update.
    Learning,
    /// Something goes wrong in it, as in training.
    Faults,
    /// It is a whole network.
    Hard,
    /// Somebody published it with its numbers. Its description names the source.
    Published,
}

impl Group {
    /// What stands above the group in a list.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Easy => "easy: begin here",
            Self::Medium => "medium: one idea each",
            Self::Learning => "learning: update after update",
            Self::Faults => "when it goes wrong",
            Self::Hard => "hard: whole networks",
            Self::Published => "published examples",
        }
    }
}

/// What a list says of a scenario.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Headline {
    /// The title.
    pub title: String,
    /// One line on what the scenario teaches.
    pub description: String,
}

macro_rules! gallery {
    ($($group:ident: [$($name:literal),+ $(,)?]),+ $(,)?) => {
        &[$($(Item { name: $name, group: Group::$group,
            json: include_str!(concat!("../scenarios/", $name, ".json")) }),+),+]
    };
}

/// All scenarios, in the order in which they are best read, each group in one piece.
pub const ALL: &[Item] = gallery![
    Easy: [
        "the-question",
        "equal-weights",
        "pool-to-conv",
        "through-the-max",
    ],
    Medium: [
        "ties",
        "overlapping-pool",
        "average-pool",
        "stride-and-padding",
        "numpy-convolution",
        "weight-sharing",
        "embedding-twice",
        "through-time",
        "skip-connection",
        "group-norm",
        "dead-relu",
        "sigmoid-slopes",
        "softmax-and-cross-entropy",
    ],
    Learning: [
        "mazur-updates",
        "valley-plain",
        "valley-momentum",
        "valley-decay",
        "valley-adam",
        "xor",
    ],
    Faults: [
        "six-sigmoids",
        "exploding-rnn",
        "nan-norm-at-zero",
        "log-of-zero",
        "half-precision",
    ],
    Hard: [
        "residual-batch-norm",
        "attention",
        "lstm-through-time",
        "digit-right",
        "digit-wrong",
    ],
    Published: [
        "cs231n-circuit",
        "micrograd-reuse",
        "cs231n-neuron",
        "cs231n-max",
        "mazur",
        "cs231n-softmax",
        "mygrad-max-pool",
        "d2l-convolution",
        "d2l-norms",
        "gomez-lstm",
    ],
];

/// Returns the scenario of that name.
pub fn find(name: &str) -> Option<&'static Item> {
    ALL.iter().find(|item| item.name == name)
}

impl Item {
    /// Reads the scenario.
    ///
    /// # Errors
    /// None with the default options; a limit that the user sets may be too low for it.
    pub fn open(&self, options: Options) -> Result<Scenario, Diagnostic> {
        Scenario::read(
            &format!("{}.json", self.name),
            self.json.as_bytes(),
            &Embedded,
            options,
        )
    }

    /// The title and description, without reading the rest.
    pub fn headline(&self) -> Headline {
        serde_json::from_str(self.json).unwrap_or_default()
    }

    /// The scenario's file, to copy from.
    pub fn json(&self) -> &'static str {
        self.json
    }
}

/// The tensor files that the gallery's scenarios name.
#[derive(Debug, Clone, Copy)]
pub struct Embedded;

impl Files for Embedded {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        match path {
            "digits.safetensors" => Ok(Box::new(Cursor::new(include_bytes!(
                "../scenarios/digits.safetensors"
            )))),
            _ => NoFiles.open(path),
        }
    }
}
