//! What the screen waits for: all of it comes on one channel.

use std::sync::mpsc::{Receiver, Sender, channel};

use crossterm::event::Event;

use crate::signals::Signal;

/// What has happened.
#[derive(Debug)]
pub(super) enum News {
    /// Something in the terminal: a key, the mouse, another size.
    Event(Event),
    /// A signal.
    Signal(Signal),
    /// Something beside the screen is done.
    Done,
    /// The terminal is gone.
    HungUp,
}

/// The channel of news.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) sender: Sender<News>,
    pub(super) receiver: Receiver<News>,
}

impl Default for Channel {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver }
    }
}
