//! The debugger: a session that stands at one step of backprop, and the commands that move it.
//!
//! It knows no screen and no file: a terminal, a script and a test drive it by the same [table of
//! commands](commands::COMMANDS).

mod answer;
mod arguments;
mod breakpoint;
mod breakpoints;
mod changes;
mod chart;
mod command;
pub mod commands;
mod completion;
mod condition;
mod curve;
mod edits;
mod error;
mod health;
mod jump_list;
mod key;
pub mod language;
mod loaded_answer;
mod matches;
mod mistakes;
mod navigation;
mod origin;
mod plot;
mod position;
mod precision;
mod predict;
mod question;
mod questions;
mod quiz;
mod quiz_record;
mod report;
mod run_to_breakpoint;
mod script;
mod scrub;
mod search;
mod session;
mod sheet;
mod stepping;
mod target;
mod tensor_healths;
mod training;
mod verify;
mod view_options;
mod watches;
mod what_if;
mod why;
mod won;

pub use arguments::{Argument, ArgumentKind, Parameter, ParseError, ParseErrorKind};
pub use breakpoint::{Breakpoint, Spot, Stop, Which};
pub use changes::Before;
pub use chart::sparkline;
pub use command::{
    Ask, Bar, Call, Command, Content, Draft, Effect, Existing, Group, OnScreen, Write,
};
pub use completion::{Candidate, Completion, complete};
pub use condition::{CONDITIONS, Condition, ConditionError, Quantity, Relation, Word};
pub use error::CommandError;
pub use key::{Key, NoSuchKey};
pub use language::{parse, parse_script};
pub use plot::{Axis, Plot, Plotted};
pub use position::Position;
pub use precision::Unrounded;
pub use question::{Alternative, Question, Topic};
pub use quiz::{Score, Shown};
pub use quiz_record::QuizForm;
pub use run_to_breakpoint::{Direction, RunToBreakpoint};
pub use script::{Said, Script};
pub use session::Session;
pub use sheet::{Choice, Line, Setting, Sheet, TextRole, WIDTH};
pub use target::Target;
pub use view_options::{Order, View, ViewOptions};
pub use watches::Watched;

pub use crate::scenario::Edit;

#[cfg(test)]
pub(crate) mod example;
