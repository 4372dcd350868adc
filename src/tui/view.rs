//! Draws the whole screen from the state.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::app::App;
use super::ascii;
use super::debugger::Debugger;
use super::layout::{self, Panes, SMALLEST};
use super::map::Look;
use super::pane::pane;
use super::panel::Panel;
use super::strip;
use super::theme::Theme;
use super::{bar, gallery, hint, loading, map, overlay, terms, timeline, title, watches, words};
use crate::debugger::Session;

/// Draws the state.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    if let Some(cursor) = draw_on(app, frame.area(), frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the state; returns where the cursor is while something is being typed.
pub(super) fn draw_on(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let theme = app.theme;
    let cursor = match (&app.debugger, &app.gallery) {
        (Some(debugger), gallery) => {
            draw_debugger(debugger, gallery.is_some(), theme, area, buffer)
        }
        (None, Some(gallery)) => gallery::view::draw(gallery, theme, area, buffer),
        (None, None) => {
            app.loading
                .iter()
                .for_each(|screen| loading::draw(screen, theme, area, buffer));
            None
        }
    };
    if app.theme.is_ascii() {
        ascii::replace(buffer);
    }
    cursor
}

fn draw_debugger(
    debugger: &Debugger,
    has_gallery: bool,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let Some(panes) = layout::debugger(area, &debugger.session, debugger.fold) else {
        draw_too_small(area, buffer);
        return None;
    };
    let session = &debugger.session;
    let scrolled = Scrolled {
        computed: debugger
            .gradients
            .as_ref()
            .map(|_| session.backprop().completeness()),
        look: debugger.look,
        terms: debugger.scroll,
        words: debugger.read,
    };
    draw_panes(session, scrolled, theme, &panes, buffer);
    bar::draw(debugger, has_gallery, theme, &panes, buffer);
    if debugger.is_hinted {
        hint::draw(theme, &panes, buffer);
    }
    debugger
        .panels
        .iter()
        .fold(None, |_, panel| draw_panel(panel, theme, area, buffer))
}

/// What of a session is in view.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scrolled {
    /// The share of the gradients that are computed, while they still are being.
    computed: Option<f64>,
    /// How the map is looked at.
    look: Look,
    /// How many rows further on the terms are shown.
    terms: usize,
    /// How many lines further on the words are shown.
    words: usize,
}

/// Draws the panes that show a session, all but the bar of keys.
pub(super) fn draw_panes(
    session: &Session,
    scrolled: Scrolled,
    theme: Theme,
    panes: &Panes,
    buffer: &mut Buffer,
) {
    title::draw(session, scrolled.computed, theme, panes.title, buffer);
    if let Some(area) = panes.strip {
        strip::draw(session, theme, area, buffer);
    }
    if let Some(area) = panes.map {
        let inside = pane(map::title(session), theme, area, buffer);
        map::draw(session, scrolled.look, theme, inside, buffer);
    }
    if !panes.terms.is_empty() {
        let title = terms::title(session, layout::inside(panes.terms));
        let inside = pane(&title, theme, panes.terms, buffer);
        terms::draw(session, scrolled.terms, theme, inside, buffer);
    }
    if let Some(area) = panes.words {
        let inside = pane(words::title(session), theme, area, buffer);
        words::draw(session, scrolled.words, theme, area, inside, buffer);
    }
    if let Some(area) = panes.watches {
        watches::draw(session, theme, area, buffer);
    }
    if let Some(area) = panes.timeline {
        timeline::draw(session, theme, area, buffer);
    }
}

fn draw_panel(panel: &Panel, theme: Theme, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    if let Some(text) = overlay::text(panel, theme, area) {
        text.draw(theme, area, buffer);
    }
    let Panel::Prompt(prompt) = panel else {
        return None;
    };
    let height = prompt.height().min(area.height);
    let line = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    ratatui::widgets::Clear.render(line, buffer);
    prompt.draw(theme, line, buffer)
}

fn draw_too_small(area: Rect, buffer: &mut Buffer) {
    let lines = [
        "backstep needs a larger screen:".to_owned(),
        format!(
            "{}×{} at least, this is {}×{}",
            SMALLEST.0, SMALLEST.1, area.width, area.height
        ),
    ];
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        buffer.set_stringn(
            area.x,
            y,
            line,
            usize::from(area.width),
            ratatui::style::Style::new(),
        );
    }
}
