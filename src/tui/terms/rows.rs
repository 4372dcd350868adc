//! Which terms have a row, and what is said of the others.

use ratatui::layout::Rect;

use crate::debugger::{Order, Session, Shown};
use crate::words::{Row, why_zero};

/// From so many zeros on nobody looks through all for their reason.
const MANY_ZEROS: usize = 256;

/// From so many rows on the zeros have a line of their own.
const ROOM_FOR_ZEROS: usize = 4;

/// The rows in view, and what the others make together.
pub(super) struct Rows<'a> {
    /// The terms with a row.
    pub(super) listed: Vec<&'a Row>,
    /// The zeros that share a line.
    pub(super) zeros: Option<Zeros>,
    /// How many terms are in none of these, and their sum.
    pub(super) rest: Option<(usize, f64)>,
    /// How many rows are below those that are listed.
    pub(super) n_below: usize,
    /// Whether the largest stand first.
    pub(super) is_by_size: bool,
    /// Whether a rule stands above the sum.
    pub(super) has_rule: bool,
}

/// Terms that are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zeros {
    pub(super) n: usize,
    /// Why they are, where all have one reason.
    pub(super) reason: Option<&'static str>,
}

/// The terms that may be listed: none while it is asked who sends something.
pub(super) fn listed(session: &Session) -> &[Row] {
    match session.shown() {
        Shown::Nothing => &[],
        _ => session.terms(),
    }
}

/// The number of all terms, those too that are not listed one by one.
pub(super) fn n_terms(session: &Session) -> usize {
    listed(session).len() + session.table().more.map_or(0, |more| more.n)
}

/// Whether the terms are to be sorted by size, however few they are.
pub(super) fn is_by_size(session: &Session, area: Rect) -> bool {
    let is_sorted = match session.view_options.order {
        Order::Size => true,
        Order::Listing => false,
        Order::Fitting => is_folded(session, area),
    };
    is_sorted && listed(session).len() > 1 && session.shown() >= Shown::Terms
}

/// Whether there is no room for all terms as they are listed. A sum that is being built up shows
/// them in their order.
fn is_folded(session: &Session, area: Rect) -> bool {
    let is_free = session.view_options.order == Order::Fitting && !session.is_building();
    is_free && n_terms(session) > room(session, area)
}

/// The rows for terms: the head stands above them, with what is given, and the sum below, with what
/// it is rounded to and the answer's number.
fn room(session: &Session, area: Rect) -> usize {
    let has_theirs = session
        .element()
        .is_some_and(|element| session.theirs(element).is_some());
    let table = session.table();
    let extra = [
        table.given.is_some(),
        has_theirs,
        table.rounded_to.is_some(),
    ];
    let n_extra: usize = extra.map(usize::from).iter().sum();
    usize::from(area.height).saturating_sub(2 + n_extra)
}

impl<'a> Rows<'a> {
    /// Chooses the rows: those round the term that was added last, or as far down as was scrolled.
    /// Where there is no room for all, those that matter come first, and the zeros share a line.
    pub(super) fn new(session: &'a Session, scroll: usize, area: Rect) -> Self {
        let mut rows: Vec<&Row> = listed(session).iter().collect();
        let is_by_size = is_by_size(session, area);
        if is_by_size {
            rows.sort_by(|one, other| other.product.abs().total_cmp(&one.product.abs()));
        }
        let mut room = room(session, area);
        // Where there is next to no room, even that line is better used for a term.
        let has_zeros = is_folded(session, area) && room >= ROOM_FOR_ZEROS;
        let zeros = has_zeros.then(|| Zeros::of(session, &mut rows)).flatten();
        let more = session.table().more;
        let n_lines = rows.len() + usize::from(zeros.is_some()) + usize::from(more.is_some());
        let has_rule = n_lines < room;
        room -= usize::from(has_rule);
        let n = if n_lines <= room {
            rows.len()
        } else {
            room.saturating_sub(1 + usize::from(zeros.is_some()))
                .min(rows.len())
        };
        let is_last = |row: &&Row| session.is_building() && row.number == session.added();
        let last = rows.iter().position(is_last).map_or(0, |place| place + 1);
        let first = (last.saturating_sub(n) + scroll).min(rows.len() - n);
        // What is still to be added is no part of the sum that is shown.
        let is_added = |row: &&&Row| row.number <= session.added();
        let unseen = rows[..first]
            .iter()
            .chain(&rows[first + n..])
            .filter(is_added);
        let (mut n_more, mut sum) =
            unseen.fold((0, 0.0), |(n, sum), row| (n + 1, sum + row.product));
        if let Some(more) = more.filter(|_| !session.is_building()) {
            (n_more, sum) = (n_more + more.n, sum + more.sum);
        }
        Self {
            n_below: rows.len() - n - first,
            listed: rows[first..first + n].to_vec(),
            zeros,
            rest: (n_more > 0).then_some((n_more, sum)),
            is_by_size,
            has_rule,
        }
    }

    /// The numbers that are shown and make the sum.
    pub(super) fn summands(&self, session: &Session) -> Vec<f64> {
        let is_added = |row: &&&Row| row.number <= session.added();
        let listed = self.listed.iter().filter(is_added).map(|row| row.product);
        let rest = self.rest.map(|(_, sum)| sum);
        session
            .table()
            .given
            .into_iter()
            .chain(listed)
            .chain(rest)
            .collect()
    }
}

impl Zeros {
    /// Takes the zeros out of the rows, if there are at least two.
    fn of(session: &Session, rows: &mut Vec<&Row>) -> Option<Self> {
        let (zeros, others): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| row.product == 0.0);
        if zeros.len() < 2 {
            return None;
        }
        *rows = others;
        let element = session.element().filter(|_| zeros.len() <= MANY_ZEROS);
        let why =
            |row: &&Row| element.and_then(|element| why_zero(session.backprop(), element, row));
        let mut reasons = zeros.iter().map(why);
        let first = reasons.next().flatten();
        Some(Self {
            n: zeros.len(),
            reason: first.filter(|_| reasons.all(|reason| reason == first)),
        })
    }
}
