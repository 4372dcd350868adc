//! The debugger: a session that stands at one step of backprop, and the commands that move it.
//!
//! It knows no screen and no file: a terminal, a script and a test drive it by the same [table of commands](commands::COMMANDS).

mod changes;
pub mod commands;
mod completion;
pub mod language;
mod look;
mod report;
mod search;
mod session;
mod sheet;
mod table;
mod targets;
mod trail;
mod verify;
mod what_if;
mod why;

pub use changes::Before;
pub use commands::{Argument, Ask, Command, Draft, Effect, Existing, Group, Reason, Takes};
pub use completion::{Candidate, Completion, complete};
pub use language::{Call, Complaint, parse, parse_script};
pub use look::{Look, Order, View};
pub use session::{Position, Session};
pub use sheet::{Choice, Line, Sheet, Tone};
pub use what_if::Edit;

#[cfg(test)]
pub(crate) mod example;
