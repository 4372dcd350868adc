//! The debugger: a session that stands at one step of backprop, and the commands that move it.
//!
//! It knows no screen and no file: a terminal, a script and a test drive it by the same [table of commands](commands::COMMANDS).

mod breakpoints;
pub mod commands;
mod completion;
mod condition;
mod hunt;
pub mod language;
mod look;
mod report;
mod script;
mod search;
mod session;
mod sheet;
mod stop;
mod table;
mod watches;

pub use breakpoints::{Breakpoint, Spot, Stop, Which};
pub use commands::{Argument, Ask, Command, Effect, Group, Reason, Takes};
pub use completion::{Candidate, Completion, complete};
pub use condition::{CONDITIONS, Condition, Quantity, Relation, Word};
pub use hunt::{Direction, Hunt};
pub use language::{Call, Complaint, parse, parse_script};
pub use look::{Look, Order, View};
pub use script::{Said, Script};
pub use session::{Position, Session};
pub use sheet::{Choice, Line, Sheet, Tone};
pub use watches::Watched;

#[cfg(test)]
pub(crate) mod example;
