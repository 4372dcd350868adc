//! What is on the screen until the debugger is: a large network takes a while to read and to run.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use super::work::{Stage, Work};
use crate::debugger::{Call, Session};
use crate::diagnostic::{Diagnostic, visible};
use crate::text::shortened;

/// How long the debugger is waited for before the screen is taken without it: what is wrong with a
/// scenario is better told where it was named.
const PATIENCE: Duration = Duration::from_millis(50);

/// How often the screen shows how long it has taken.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// A session that is being opened.
#[derive(Debug)]
pub struct Opening {
    name: String,
    work: Work<Result<Opened, Diagnostic>>,
    stage: Stage,
}

/// A session, and the commands that it begins with.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The commands, which may also be its end.
    pub calls: Vec<Call>,
}

impl Opening {
    /// Begins to open a session beside the screen. `name` is what the user calls it.
    pub fn begin(
        name: &str,
        open: impl FnOnce(&Stage) -> Result<Opened, Diagnostic> + Send + 'static,
    ) -> Self {
        let stage = Stage::default();
        let to_tell = stage.clone();
        Self {
            name: visible(name).into_owned(),
            work: Work::begin(move || open(&to_tell)),
            stage,
        }
    }

    /// Returns what is opened, where it is by now or comes soon.
    pub(super) fn soon(&self) -> Option<Result<Opened, Diagnostic>> {
        self.work.wait(PATIENCE)
    }

    /// Returns what is opened, once it is.
    pub(super) fn now(&self) -> Option<Result<Opened, Diagnostic>> {
        self.work.wait(Duration::ZERO)
    }
}

/// Shows what is opened, what is being done for it, and since when.
pub(super) fn draw(opening: &Opening, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let row = |y: u16| {
        Rect {
            y: area.y + y,
            height: 1,
            ..area
        }
        .intersection(area)
    };
    let (title, bar) = (row(0), row(area.height.saturating_sub(1)));
    buffer.set_style(title, theme.bar());
    let (x, _) = buffer.set_stringn(
        title.x,
        title.y,
        " backstep  ",
        title.width.into(),
        theme.quiet().patch(theme.bar()),
    );
    let left = usize::from(title.right().saturating_sub(x));
    buffer.set_stringn(
        x,
        title.y,
        shortened(&opening.name, left),
        left,
        theme.strong().patch(theme.bar()),
    );
    let lines = [
        (opening.stage.now().to_owned(), theme.text()),
        (opening.work.age(), theme.quiet()),
    ];
    for (y, (line, style)) in (area.height / 2..).zip(lines) {
        let middle = row(y);
        let x = middle.x
            + middle
                .width
                .saturating_sub(u16::try_from(line.width()).unwrap_or(u16::MAX))
                / 2;
        buffer.set_stringn(
            x,
            middle.y,
            line,
            usize::from(middle.right().saturating_sub(x)),
            style,
        );
    }
    let (x, _) = buffer.set_stringn(
        bar.x + 1,
        bar.y,
        "q",
        usize::from(bar.width.saturating_sub(1)),
        theme.key(),
    );
    buffer.set_stringn(
        x + 1,
        bar.y,
        "quit",
        usize::from(bar.right().saturating_sub(x + 1)),
        theme.text(),
    );
}
