//! Homework: worksheets with the gradients left blank, and fresh exercises whose numbers keep the
//! slips apart.

mod blueprint;
mod error;
mod flaws;
mod generator;
mod inseparable;
mod key;
mod own;
mod plan;
mod roster;
mod search;
mod separation;
mod template;
mod text;
mod trial;
mod worksheet;

pub use error::OwnError;
pub use generator::{Exercise, Generator, Seed};
pub use inseparable::Inseparable;
pub use key::Origin;
pub use roster::{Roster, Student};
pub use template::{Level, Template, template, templates};
pub use worksheet::{FORMATS, Format, GivenAway, Unfit, Worksheet, asked, format};
