//! The screen in the terminal: a state, how events change it, and how it is drawn.

mod answers;
mod app;
mod ascii;
mod bar;
mod gallery;
mod help;
mod hint;
mod hunting;
mod keys;
mod layout;
mod line;
mod map;
mod mouse;
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
mod watches;
mod words;
mod writing;

#[cfg(test)]
mod tests;

use std::io;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::debugger::{Call, Session, Write};
use crate::scenario;
use app::{App, Flow};

pub use ascii::Signs;
pub use terminal::Ended;
pub use theme::{Colours, Ground, Theme};

/// How the screen looks, and what writes for it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Colours, or none.
    pub theme: Theme,
    /// Lines and arrows, or what ASCII has in their place.
    pub signs: Signs,
    /// What writes the files that the user asks for.
    pub write: Write,
}

/// Debugs a session in the terminal until the user quits or a signal comes. It begins with the commands, which may also be its end.
///
/// # Errors
/// Those of the terminal.
pub fn debug(session: Session, commands: Vec<Call>, options: Options) -> io::Result<Ended> {
    let mut app = App::debugger(session, options);
    match app.obey(commands) {
        Flow::Quit => Ok(Ended::Quit),
        _ => terminal::run(app),
    }
}

/// Shows the gallery and debugs what is opened from it. `settings` are those by which its scenarios are read.
///
/// # Errors
/// Those of the terminal.
pub fn gallery(settings: scenario::Options, options: Options) -> io::Result<Ended> {
    terminal::run(App::gallery(settings, options))
}

/// Returns the first frame of a session on a screen of `width` columns and `height` rows.
pub fn frame(session: Session, options: Options, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    view::draw_on(&App::debugger(session, options), area, &mut buffer);
    buffer
}
