//! What is on the screen until the debugger is: a large network takes a while to read and to run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::events::Channel;
use super::theme::Theme;
use super::work::Work;
use crate::debugger::{Call, Session};
use crate::diagnostic::{Diagnostic, visible};
use crate::text::shortened_name;

/// How long the debugger is waited for before the screen is taken without it: what is wrong with a
/// scenario is better told where it was named.
const PATIENCE: Duration = Duration::from_millis(50);

/// A session that is being loaded, and the channel on which its end is told.
#[derive(Debug)]
pub(crate) struct Loading {
    pub(super) screen: LoadingScreen,
    pub(super) channel: Channel,
}

/// What is shown meanwhile.
#[derive(Debug)]
pub(super) struct LoadingScreen {
    name: String,
    work: Work<Result<Loaded, Diagnostic>>,
    stage: Stage,
}

/// A session, and the commands that it begins with.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The session.
    pub session: Session,
    /// The commands, which may also be its end.
    pub calls: Vec<Call>,
}

/// What work that takes long says of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage(Arc<Mutex<&'static str>>);

impl Loading {
    /// Begins to load a session beside the screen. `name` is what the user calls it.
    pub(crate) fn begin(
        name: &str,
        load: impl FnOnce(&Stage) -> Result<Loaded, Diagnostic> + Send + 'static,
    ) -> Self {
        let (channel, stage) = (Channel::default(), Stage::default());
        let to_tell = stage.clone();
        let work = Work::begin(&channel.sender, move |_| load(&to_tell));
        let name = visible(name).into_owned();
        Self {
            screen: LoadingScreen { name, work, stage },
            channel,
        }
    }
}

impl LoadingScreen {
    /// Returns what is loaded, where it is by now or comes soon.
    pub(super) fn soon(&self) -> Option<Result<Loaded, Diagnostic>> {
        self.work.wait(PATIENCE)
    }

    /// Returns what is loaded, once it is.
    pub(super) fn done(&self) -> Option<Result<Loaded, Diagnostic>> {
        self.work.done()
    }
}

impl Stage {
    /// Says what is being done now.
    pub(crate) fn is(&self, what: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// What is being done now.
    fn now(&self) -> &'static str {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows what is loaded, what is being done for it, and since when.
pub(super) fn draw(screen: &LoadingScreen, theme: Theme, area: Rect, buffer: &mut Buffer) {
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
        shortened_name(&screen.name, left),
        left,
        theme.strong().patch(theme.bar()),
    );
    let lines = [
        (screen.stage.now().to_owned(), theme.text()),
        (screen.work.age(), theme.quiet()),
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
