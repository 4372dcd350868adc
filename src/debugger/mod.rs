//! The debugger: a session that stands at one step of backprop, and the commands that move it.
//!
//! It knows no screen and no file: a terminal, a script and a test drive it by the same [table of
//! commands](commands::COMMANDS).

mod answer;
mod breakpoints;
mod changes;
pub mod commands;
mod completion;
mod condition;
mod hunt;
pub mod language;
mod look;
mod mistakes;
mod predict;
mod report;
mod script;
mod search;
mod session;
mod sheet;
mod stop;
mod table;
mod targets;
mod trail;
mod verify;
mod watches;
mod what_if;
mod why;

pub use crate::scenario::Edit;
pub use breakpoints::{Breakpoint, Spot, Stop, Which};
pub use changes::Before;
pub use commands::{
    Argument, Ask, Command, Content, Draft, Effect, Existing, Group, Reason, Takes, Write,
};
pub use completion::{Candidate, Completion, complete};
pub use condition::{CONDITIONS, Condition, Quantity, Relation, Word};
pub use hunt::{Direction, Hunt};
pub use language::{Call, Complaint, parse, parse_script};
pub use look::{Look, Order, View};
pub use predict::Score;
pub use script::{Said, Script};
pub use session::{Position, Session};
pub use sheet::{Choice, Line, Setting, Sheet, Tone, WIDTH};
pub use watches::Watched;

#[cfg(test)]
pub(crate) mod example;
