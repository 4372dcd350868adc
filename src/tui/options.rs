//! How the screen looks, and what writes for it.

use std::io;

use super::ascii::Signs;
use super::theme::Theme;
use crate::debugger::Write;

/// How the screen looks, and what writes for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Colours, or none.
    pub theme: Theme,
    /// Lines and arrows, or what ASCII has in their place.
    pub signs: Signs,
    /// Whether the mouse is the program's, and not the terminal's.
    pub has_mouse: bool,
    /// What writes the files that the user asks for.
    pub write: Write,
    /// What remembers what the user has done.
    pub memory: Memory,
}

/// Where it is kept from one run to the next which scenarios of the gallery the user has gone
/// through to their ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Their names.
    pub done: fn() -> Vec<String>,
    /// Adds one.
    pub add: fn(&str) -> io::Result<()>,
}

impl Memory {
    /// It is kept nowhere.
    pub(crate) const NONE: Self = Self {
        done: Vec::new,
        add: |_| Ok(()),
    };
}
