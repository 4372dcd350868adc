//! What the screen waits for: all of it comes on one channel.

use crossterm::event::Event;

use crate::signals::Signal;

/// What has happened.
#[derive(Debug)]
pub(super) enum News {
    /// Something in the terminal: a key, the mouse, another size.
    Event(Event),
    /// A signal.
    Signal(Signal),
    /// The terminal is gone.
    HungUp,
}
