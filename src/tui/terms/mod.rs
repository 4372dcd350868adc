//! The terms: one row a contribution with its factors in columns, and what they add up to.

mod cells;
mod columns;
mod drawn;
mod page;
mod precision;
mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use unicode_width::UnicodeWidthStr;

use self::columns::Columns;
use self::page::{DIGITS, Page};
use self::rows::{Rows, n_terms};
use super::theme::Theme;
use crate::debugger::Session;
use crate::tape::Kind;
use crate::tensor::rounded;
use crate::text::shortened_name;

/// The title of the pane, as much of it as there is room for.
pub(super) fn title(session: &Session, area: Rect) -> String {
    let Some(element) = session.element() else {
        return " Given ".to_owned();
    };
    let value = session.backprop().tape().element(element);
    let was = session.before(element).value;
    let unrounded = session.unrounded(element).value;
    let unrounded = unrounded
        .filter(|exact| was.is_none() && rounded(*exact, DIGITS) != rounded(value, DIGITS));
    let kind = session.network().tensor(element.tensor).kind;
    let what = match kind {
        Kind::Updated(_) => "old value",
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => "value",
    };
    let pieces = [
        Some(format!("  {what} {}", rounded(value, DIGITS))),
        was.map(|was| format!(", was {}", rounded(was, DIGITS))),
        unrounded.map(|exact| format!(", unrounded {}", rounded(exact, DIGITS))),
        session
            .has_breakpoint_here()
            .then(|| " · ◆ breakpoint".to_owned()),
        rows::is_by_size(session, area).then(|| " · largest terms first".to_owned()),
    ];
    let room = usize::from(area.width);
    let name = session.network().address(element).to_string();
    let mut title = format!(" {}", shortened_name(&name, room));
    for piece in pieces.into_iter().flatten() {
        if title.width() + piece.width() <= room {
            title += &piece;
        }
    }
    title + " "
}

/// Draws the terms from so many rows on.
pub(super) fn draw(
    session: &Session,
    scroll: usize,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut page = Page {
        area,
        row: 0,
        buffer,
    };
    if session.element().is_none() {
        draw_given(session, theme, &mut page);
        return;
    }
    let rows = Rows::new(session, scroll, area);
    Columns::new(session, &rows, usize::from(area.width)).draw(&rows, theme, &mut page);
}

/// The rows that all of it takes, of so many: a head, what is given, the terms, a rule and the sum.
/// Where these are too many, the zeros share one.
pub(super) fn height(session: &Session, most: u16) -> u16 {
    let (fixed, terms) = match session.element() {
        Some(element) => {
            let has_given = session.table().given.is_some();
            let has_theirs = session.theirs(element).is_some();
            let is_rounded = session.table().rounded_to.is_some();
            let extra = [has_given, has_theirs, is_rounded].map(usize::from);
            let fixed = 3 + extra.iter().sum::<usize>();
            (fixed, n_terms(session))
        }
        None => {
            let given = session.backprop().upstream().values();
            (1, given.map(|given| given.data().len()).sum())
        }
    };
    let is_folded = fixed + terms > usize::from(most) && !session.is_building();
    let rows = rows::listed(session).iter();
    let n_zeros = rows.filter(|row| row.product == 0.0).count();
    let saved = if is_folded {
        n_zeros.saturating_sub(1)
    } else {
        0
    };
    u16::try_from(fixed + terms - saved).map_or(most, |height| height.min(most))
}

/// The number, counted from 0, of the term in a row of the screen.
pub(super) fn term_at(session: &Session, scroll: usize, area: Rect, place: Place) -> Option<usize> {
    session.element().filter(|_| area.contains(place))?;
    let above = 1 + usize::from(session.table().given.is_some());
    let row = usize::from(place.y - area.y).checked_sub(above)?;
    Rows::new(session, scroll, area)
        .listed
        .get(row)
        .map(|row| row.number - 1)
}

/// How many rows on the terms can be scrolled.
pub(super) fn most_scroll(session: &Session, area: Rect) -> usize {
    if session.element().is_none() {
        return 0;
    }
    Rows::new(session, 0, area).n_below
}

/// Lists what the scenario gives, where no neuron is being computed.
fn draw_given(session: &Session, theme: Theme, page: &mut Page<'_>) {
    page.put(0, "upstream gradients", theme.quiet());
    page.row += 1;
    for (&tensor, given) in session.backprop().upstream() {
        for (at, &value) in given
            .data()
            .iter()
            .enumerate()
            .take(usize::from(page.area.height))
        {
            let address = session
                .network()
                .address(crate::tensor::Element { tensor, at });
            let number = rounded(value, DIGITS);
            let room = usize::from(page.area.width).saturating_sub(number.width() + 3);
            page.put(2, &shortened_name(&address.to_string(), room), theme.text());
            page.put(room.min(18) + 2, &number, theme.strong());
            page.row += 1;
        }
    }
}
