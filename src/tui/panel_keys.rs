//! Keys at texts that are read on top of the panes: what commands say, a neuron's page, and the
//! help screen.

use ratatui::layout::Rect;

use super::flow::Flow;
use super::help::Help;
use super::line::Edited;
use super::overlay;
use super::panel::{Inspected, Leads, Panel, SheetPanel};
use super::theme::Theme;
use crate::debugger::{Choice, Key};

/// What a key at a panel has led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The key means nothing here.
    NoKey,
    /// The panel is shown otherwise.
    On,
    /// The panel is to be closed.
    Done,
    /// The panel is to be closed, and a command to be obeyed as at the prompt.
    Obeys(String),
    /// The panel is to be closed, and a step to be gone to.
    GoesTo(usize),
    /// The panel is to be closed, and something to be said.
    Says(String),
    /// Something that has nothing to do with the panel.
    Flow(Flow),
}

/// How a key moves a text from how far down it is scrolled.
type Scroll = fn(usize) -> usize;

/// The number of lines by which a page is turned.
const PAGE: usize = 10;

/// Takes a key while a text is read on a screen of that size. What means nothing to the text must
/// not move the panes behind it unseen.
pub(super) fn key(panel: &mut Panel, key: Key, size: Rect) -> Reading {
    match key {
        Key::Ctrl('c') => return Reading::Flow(Flow::Quit),
        Key::Ctrl('l') => return Reading::Flow(Flow::Redraw),
        Key::Ctrl('z') => return Reading::Flow(Flow::Suspend),
        _ => {}
    }
    match panel {
        Panel::Help(_) => key_at_help(panel, key, size),
        Panel::Sheet(sheet) if !sheet.sheet.choices.is_empty() => {
            key_at_choices(panel, key_of_letter(key), size)
        }
        Panel::Sheet(_) | Panel::Inspected(_) => key_at_text(panel, key_of_letter(key), size),
        Panel::Prompt(_) => Reading::NoKey,
    }
}

/// Scrolls a text, no further than to its last line.
pub(super) fn scroll(panel: &mut Panel, size: Rect, to: impl FnOnce(usize) -> usize) {
    let most = overlay::text(panel, Theme::plain(), size).map_or(0, |text| text.furthest(size));
    let scroll = match panel {
        Panel::Help(help) => &mut help.scroll,
        Panel::Sheet(sheet) => &mut sheet.scroll,
        Panel::Inspected(inspected) => &mut inspected.scroll,
        Panel::Prompt(_) => return,
    };
    *scroll = to(*scroll).min(most);
}

fn key_at_text(panel: &mut Panel, key: Key, size: Rect) -> Reading {
    match (key, scrolling(key)) {
        (Key::Enter, _) => enter(panel),
        (Key::Esc | Key::Ctrl('d'), _) => Reading::Done,
        (_, Some(to)) => {
            scroll(panel, size, to);
            Reading::On
        }
        (_, None) => Reading::NoKey,
    }
}

/// Takes a key where something can be chosen: what would scroll a line chooses the next one.
fn key_at_choices(panel: &mut Panel, key: Key, size: Rect) -> Reading {
    let Panel::Sheet(sheet) = panel else {
        return Reading::NoKey;
    };
    let by = match key {
        Key::Down => 1,
        Key::Up => -1,
        Key::Home => isize::MIN,
        Key::End => isize::MAX,
        Key::Enter => return obey(sheet, |choice| choice.enter.as_ref()),
        Key::Delete | Key::Char('d') => return obey(sheet, |choice| choice.delete.as_ref()),
        _ => return key_at_text(panel, key, size),
    };
    sheet.choose(by);
    let row = sheet.chosen_row(overlay::columns(size));
    let height =
        overlay::text(panel, Theme::plain(), size).map_or(1, |text| text.n_shown(size).max(1));
    scroll(panel, size, |scroll| {
        scroll.clamp((row + 1).saturating_sub(height), row)
    });
    Reading::On
}

/// Obeys what the chosen line says.
fn obey(sheet: &SheetPanel, says: fn(&Choice) -> Option<&String>) -> Reading {
    let line = sheet.choice().and_then(says);
    line.map_or(Reading::NoKey, |line| Reading::Obeys(line.clone()))
}

/// Closes a text; from a neuron's page it goes to its step.
fn enter(panel: &Panel) -> Reading {
    let Panel::Inspected(Inspected { leads, address, .. }) = panel else {
        return Reading::Done;
    };
    match leads {
        Leads::Here => Reading::Done,
        Leads::To(step) => Reading::GoesTo(*step),
        Leads::Nowhere => Reading::Says(format!("`{address}` has no step: its gradient is given")),
    }
}

/// On the help screen letters are written: they search it.
fn key_at_help(panel: &mut Panel, key: Key, size: Rect) -> Reading {
    if let Some(to) = scrolling(key) {
        scroll(panel, size, to);
        return Reading::On;
    }
    let Panel::Help(help) = panel else {
        return Reading::NoKey;
    };
    match key {
        Key::Esc | Key::Ctrl('d') | Key::F(1) | Key::Char('?') | Key::Backspace | Key::Enter
            if help.filter.is_empty() =>
        {
            Reading::Done
        }
        Key::Esc => {
            *help = Help::default();
            Reading::On
        }
        _ if help.filter.key(key) == Edited::NoKey => Reading::NoKey,
        _ => {
            help.scroll = 0;
            Reading::On
        }
    }
}

/// Returns how a key scrolls.
fn scrolling(key: Key) -> Option<Scroll> {
    Some(match key {
        Key::Down => |scroll| scroll.saturating_add(1),
        Key::Up => |scroll| scroll.saturating_sub(1),
        Key::PageDown => |scroll| scroll.saturating_add(PAGE),
        Key::PageUp => |scroll| scroll.saturating_sub(PAGE),
        Key::Home => |_| 0,
        Key::End => |_| usize::MAX,
        _ => return None,
    })
}

/// Returns the key that a letter stands for where no letters are written.
fn key_of_letter(key: Key) -> Key {
    match key {
        Key::Char('j') => Key::Down,
        Key::Char('k') => Key::Up,
        Key::Char(' ') => Key::PageDown,
        Key::Char('g' | '<') => Key::Home,
        Key::Char('G' | '>') => Key::End,
        Key::Char('q' | '?') | Key::F(1) | Key::Backspace => Key::Esc,
        other => other,
    }
}
