//! What is wrong with the arguments of a command.

use std::ops::Range;

use crate::debugger::condition::ConditionError;
use crate::diagnostic::quote;
use crate::tensor::{Address, AddressErrorKind, NumberError, Shape};

/// What is wrong with a line, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct ParseError {
    /// The bytes that are wrong.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub kind: ParseErrorKind,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing is written.
    #[error("expected a command")]
    NoCommand,
    /// No command is called so.
    #[error("{} is not a command", quote(.word))]
    UnknownCommand {
        /// The name.
        word: String,
        /// The command that was most likely meant.
        meant: Option<&'static str>,
    },
    /// More is written than the command takes.
    #[error("`{command}` takes nothing after it")]
    TooMuch {
        /// The command's name.
        command: &'static str,
        /// The command that was most likely meant.
        meant: Option<&'static str>,
    },
    /// An argument is missing.
    #[error("expected {what}{}", if *or_all { ", or `all`" } else { "" })]
    Missing {
        /// What is expected: "an element".
        what: &'static str,
        /// Whether `all` can stand there too.
        or_all: bool,
        /// What would be right.
        hint: &'static str,
    },
    /// The word before an argument is missing.
    #[error("expected `{word}`")]
    MissingWord {
        /// The word.
        word: &'static str,
        /// How the arguments are written.
        usage: String,
    },
    /// It is not clear what something is to be.
    #[error("expected a value for {}", quote(.of))]
    NoValue {
        /// What is to be another.
        of: String,
        /// What would be right.
        hint: &'static str,
    },
    /// Something is no number format, or no loss scale.
    #[error("a precision is f64, f32, bf16 or f16, and a loss scale a number above 0")]
    Arithmetic,
    /// A text is no number of steps, or of updates.
    #[error("{} is not {of}", quote(.text))]
    NoCount {
        /// The text.
        text: String,
        /// What is counted: "a number of steps".
        of: &'static str,
    },
    /// A text is no number of an update.
    #[error("{} is not the number of an update", quote(.text))]
    NoUpdate {
        /// The text.
        text: String,
    },
    /// What is to be another is a setting of the training.
    #[error("{} is a setting of the training", quote(.key))]
    OfTraining {
        /// The setting.
        key: String,
        /// What would make it another, where a command can.
        instead: Option<String>,
    },
    /// A text is no number of a breakpoint.
    #[error("{} is not the number of a breakpoint", quote(.text))]
    NoBreakpoint {
        /// The text.
        text: String,
    },
    /// A text is nowhere to go.
    #[error("{} is neither a step nor an address", quote(.text))]
    NoPlace {
        /// The text.
        text: String,
    },
    /// There are fewer steps, or they are counted from 1.
    #[error("there is no step {step}")]
    NoSuchStep {
        /// The step that is asked for.
        step: usize,
        /// How many there are.
        n_steps: usize,
    },
    /// A text is no number that can stand there.
    #[error("{} {error}", quote(.text))]
    Number {
        /// The text.
        text: String,
        /// Why it is none.
        error: NumberError,
    },
    /// A text is no address.
    #[error(transparent)]
    Address(AddressErrorKind),
    /// No tensor is called so.
    #[error("no tensor is called {}", quote(.name))]
    UnknownTensor {
        /// The name.
        name: String,
        /// The name that was most likely meant.
        meant: Option<String>,
    },
    /// A tensor has no element at an index.
    #[error("`{name}` has shape {shape}")]
    OutOfShape {
        /// The tensor's name.
        name: String,
        /// Its shape.
        shape: Shape,
    },
    /// One element is asked for, and a tensor has several.
    #[error("`{name}` has {n_elements} elements")]
    SeveralElements {
        /// The tensor's name.
        name: String,
        /// How many it has.
        n_elements: usize,
        /// The first of them.
        first: Address,
    },
    /// There are no steps of a tensor.
    #[error(
        "`{name}` makes no steps: {}",
        if *is_given { "its gradient is given" } else { "no upstream gradient reaches it" }
    )]
    NoSteps {
        /// The tensor's name.
        name: String,
        /// Whether its gradient is given; otherwise it has none.
        is_given: bool,
    },
    /// What is to be another follows from others.
    #[error("`{element}` is computed, so it cannot be set")]
    Computed {
        /// The element.
        element: Address,
        /// The command that sets the gradient that is given to it.
        instead: Option<String>,
    },
    /// A condition stands where a place is expected.
    #[error("a condition comes after `if`")]
    ConditionWithoutIf {
        /// The condition.
        condition: String,
    },
    /// A condition cannot be read.
    #[error(transparent)]
    Condition(ConditionError),
}

impl ParseErrorKind {
    /// What would be right.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoCommand | Self::UnknownCommand { meant: None, .. } => "`help` lists them",
            Self::UnknownCommand { meant, .. } | Self::TooMuch { meant, .. } => {
                return meant.map(|meant| format!("did you mean `{meant}`?"));
            }
            Self::Missing { hint, .. } | Self::NoValue { hint, .. } => hint,
            Self::MissingWord { usage, .. } => return Some(format!("it takes `{usage}`")),
            Self::Arithmetic => "as in `set precision f16` and `set loss_scale 1024`",
            Self::NoCount { .. } => "an integer of at least 1",
            Self::NoUpdate { .. } => "updates are counted from 1",
            Self::OfTraining {
                instead: Some(instead),
                ..
            } => {
                return Some(format!("`{instead}` begins anew with another rate"));
            }
            Self::OfTraining { instead: None, .. } => {
                "it stands under `train` in the scenario's file"
            }
            Self::NoBreakpoint { .. } => "`breaks` lists them",
            Self::NoPlace { .. } | Self::NoSteps { .. } => return None,
            Self::NoSuchStep { n_steps, .. } => {
                return Some(format!("the steps go from 1 to {n_steps}"));
            }
            Self::Number { error, .. } => error.hint(),
            Self::Address(_) => "an address looks like `pool[0,1]`",
            Self::UnknownTensor {
                meant: Some(meant), ..
            } => {
                return Some(format!("did you mean `{meant}`?"));
            }
            Self::UnknownTensor { meant: None, .. } => "`info` lists them",
            Self::OutOfShape { .. } => "places along an axis are counted from 0",
            Self::SeveralElements { first, .. } => {
                return Some(format!("name one of them, such as `{first}`"));
            }
            Self::Computed {
                instead: Some(instead),
                ..
            } => {
                return Some(format!("`{instead}` sets the gradient that is given to it"));
            }
            Self::Computed { instead: None, .. } => {
                "set an input, a weight or a bias that it is computed from"
            }
            Self::ConditionWithoutIf { condition } => {
                return Some(format!("`break if {condition}`"));
            }
            Self::Condition(error) => return Some(error.hint()),
        };
        Some(hint.to_owned())
    }
}
