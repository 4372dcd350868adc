//! The screen in the terminal: a state, how events change it, and how it is drawn.

mod app;
mod ascii;
mod background;
mod bar;
mod debugger;
mod events;
mod flow;
mod gallery;
mod help;
mod hint;
mod keys;
mod layout;
mod line;
mod loading;
mod map;
mod marks;
mod mouse;
mod numbers;
mod options;
mod overlay;
mod pane;
mod panel;
mod panel_keys;
mod play;
mod prompt;
mod replies;
mod running_command;
mod strip;
mod svg;
mod terminal;
mod terms;
mod theme;
mod timeline;
mod title;
mod view;
mod watches;
mod words;
mod work;

#[cfg(test)]
mod tests;

use std::io;

use crate::scenario;
use app::App;
use flow::Flow;

pub(crate) use ascii::Signs;
pub(crate) use flow::Ended;
pub(crate) use loading::{Loaded, Loading, Stage};
pub(crate) use options::{Memory, Options};
pub use svg::SVG;
pub(crate) use theme::{Background, Colours, Theme};

/// Debugs a session in the terminal until the user quits or a signal comes. While the session is
/// being loaded the screen says so.
///
/// # Errors
/// Those of the terminal.
pub(crate) fn debug(Loading { screen, channel }: Loading, options: Options) -> io::Result<Ended> {
    let mut app = App::empty(options, channel);
    let flow = match screen.soon() {
        Some(loaded) => app.open(loaded),
        None => app.wait_for(screen),
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
pub(crate) fn gallery(settings: scenario::Options, options: Options) -> io::Result<Ended> {
    terminal::run(App::gallery(settings, options))
}
