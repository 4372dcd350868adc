//! The screen in the terminal: a state, how events change it, and how it is drawn.

mod app;
mod ascii;
mod bar;
mod events;
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
mod opening;
mod overlay;
mod play;
mod prompt;
mod reading;
mod replies;
mod terminal;
mod terms;
mod theme;
mod timeline;
mod title;
mod view;
mod watches;
mod words;
mod work;
mod working;
mod writing;

#[cfg(test)]
mod tests;

use std::io;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::debugger::{Session, Write};
use crate::scenario;
use app::{App, Flow};

pub use ascii::Signs;
pub use opening::{Opened, Opening};
pub use terminal::Ended;
pub use theme::{Background, Colours, Theme};
pub use work::Stage;

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

/// Debugs a session in the terminal until the user quits or a signal comes. While the session is
/// being opened the screen says so.
///
/// # Errors
/// Those of the terminal.
pub fn debug(opening: Opening, options: Options) -> io::Result<Ended> {
    let mut app = App::empty(options);
    let flow = match opening.soon() {
        Some(opened) => app.open(opened),
        None => app.wait_for(opening),
    };
    match flow {
        Flow::Quit => Ok(app.ended()),
        _ => terminal::run(app),
    }
}

/// Shows the gallery and debugs what is opened from it. `settings` are those by which its scenarios
/// are read.
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
