//! The screen in the terminal: a state, how events change it, and how it is drawn.

mod app;
mod bar;
mod gallery;
mod help;
mod keys;
mod layout;
mod line;
mod map;
mod numbers;
mod overlay;
mod play;
mod prompt;
mod reading;
mod terminal;
mod terms;
mod theme;
mod timeline;
mod title;
mod view;
mod words;
mod writing;

#[cfg(test)]
mod tests;

use std::io;

use crate::debugger::Session;
use crate::scenario;
use app::App;

pub use terminal::Ended;
pub use theme::{Ground, Theme};

/// How the screen looks.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Colours, or none.
    pub theme: Theme,
}

/// Debugs a session in the terminal until the user quits or a signal comes.
///
/// # Errors
/// Those of the terminal.
pub fn debug(session: Session, options: Options) -> io::Result<Ended> {
    terminal::run(App::debugger(session, options.theme))
}

/// Shows the gallery and debugs what is opened from it. `settings` are those by which its scenarios are read.
///
/// # Errors
/// Those of the terminal.
pub fn gallery(settings: scenario::Options, options: Options) -> io::Result<Ended> {
    terminal::run(App::gallery(settings, options.theme))
}
