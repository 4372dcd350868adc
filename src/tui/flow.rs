//! What follows from an event, and how the program ends.

use crate::diagnostic::Diagnostic;

/// What the event loop is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Nothing has changed.
    Idle,
    /// To draw.
    Draw,
    /// To draw everything anew.
    Redraw,
    /// To stop until the shell goes on with it.
    Suspend,
    /// To end.
    Quit,
}

/// What a key in the debugger has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Flow(Flow),
    /// A command cannot be obeyed here; the message says why.
    Refused,
    /// To go back to where the debugger was opened.
    Leave,
    /// To open the scenario after this one.
    Onward,
    ChangeTheme,
}

impl From<Flow> for Next {
    fn from(flow: Flow) -> Self {
        Self::Flow(flow)
    }
}

/// How the program ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The user has quit, or a signal came.
    Quit,
    /// The terminal is gone.
    HungUp,
    /// The session could not be opened.
    Refused(Box<Diagnostic>),
}
