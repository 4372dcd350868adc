use super::ascii::Signs;
use super::theme::Theme;
use crate::debugger::Write;

/// How the screen looks, and what writes for it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Colours, or none.
    pub theme: Theme,
    /// Lines and arrows, or what ASCII has in their place.
    pub signs: Signs,
    /// Whether the mouse is the program's, and not the terminal's.
    pub has_mouse: bool,
    /// What writes the files that the user asks for.
    pub write: Write,
}
