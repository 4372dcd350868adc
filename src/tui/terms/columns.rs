//! The columns of the terms: which there are, where, and how wide their numbers are.

use unicode_width::UnicodeWidthStr;

use super::cells::{self, heading_of_upstream, total};
use super::page::DIGITS;
use super::precision::OfSum;
use super::rows::Rows;
use crate::debugger::Session;
use crate::ops::FactorKind;
use crate::tape::Kind;
use crate::tui::numbers::Aligned;
use crate::words::{Row, short_row_name};

/// The width of the longest usual reason why a term is zero: `weight 0`.
const LONGEST_REASON: usize = 8;
/// The same of the longest reason why it changes nothing: `swamped`.
const LONGEST_LOSS: usize = 7;
/// The room for the sign of an operation between two numbers.
const GAP: usize = 3;
/// The significant digits with which the table is tried, the best first.
pub(super) const TRIED_DIGITS: [usize; 5] = [DIGITS, 5, 6, 3, 2];
/// The room for a term beside the name of its sender.
const ROOM_FOR_TERM: usize = 16;
/// What stands over a number and its factors in one text.
pub(super) const JOINED: &str = "factors";
/// The least room for the name of a sender.
const SHORTEST_NAME: usize = 6;

/// What a column between upstream gradient and term holds.
#[derive(Clone, Copy)]
pub(super) enum Factors {
    /// The factors of one kind: the table's column of that number.
    One(usize, FactorKind),
    /// The local derivative: all factors multiplied.
    Local,
}

impl Factors {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One(_, kind) => kind.name(),
            Self::Local => "local",
        }
    }

    pub(super) fn of(self, row: &Row) -> Option<f64> {
        match self {
            Self::One(number, _) => row
                .factors
                .get(number)
                .copied()
                .flatten()
                .map(|factor| factor.value),
            Self::Local => Some(
                row.factors
                    .iter()
                    .flatten()
                    .fold(1.0, |product, factor| product * factor.value),
            ),
        }
    }
}

/// What stands between the sender of a term and the term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    /// The upstream gradient and each factor.
    Factors,
    /// The same close together, with names that may be shortened.
    Close,
    /// Both in one text.
    Joined,
    /// The upstream gradient and all factors multiplied.
    Local,
    /// Nothing, for want of room: a number that is cut off would be another number.
    Nothing,
}

/// Where the columns are, and how wide their numbers.
pub(super) struct Columns<'a> {
    pub(super) session: &'a Session,
    /// The room for the names of the senders.
    pub(super) from: usize,
    pub(super) upstream: Option<(usize, Aligned)>,
    pub(super) factors: Vec<FactorColumn>,
    /// Where the number and the factors stand in one text, and with how many digits.
    pub(super) joined: Option<(usize, usize)>,
    pub(super) term: usize,
    pub(super) product: Aligned,
    /// How exact the terms are written, and whether what is shown adds up to the total.
    pub(super) of_sum: OfSum,
    /// The running sum, where there is room for it.
    pub(super) running: Option<(usize, Aligned)>,
    /// Where it is said why a term is zero, if there is room for it.
    pub(super) why: Option<usize>,
    /// Where the sign before the terms stands.
    pub(super) equals: usize,
    pub(super) width: usize,
}

/// A column of factors.
pub(super) struct FactorColumn {
    /// Where its sign stands.
    pub(super) sign: usize,
    pub(super) at: usize,
    pub(super) numbers: Aligned,
    pub(super) kind: Factors,
}

impl<'a> Columns<'a> {
    /// Lays the columns out in a width: with fewer digits where they are too wide, then with the
    /// factors multiplied, and in the end without them. Digits with which the sum holds are better.
    pub(super) fn new(session: &'a Session, rows: &Rows<'_>, width: usize) -> Self {
        let with_in = |between, least: usize, room: usize| {
            let digits = TRIED_DIGITS.into_iter().filter(|&digits| digits >= least);
            let of = digits.map(|digits| Self::with_digits(session, rows, digits, between, width));
            let of: Vec<Self> = of.filter(|columns| columns.end() <= room).collect();
            let holding = of.iter().position(|columns| columns.of_sum.holds);
            of.into_iter().nth(holding.unwrap_or(0))
        };
        let with = |between, least| with_in(between, least, width);
        // Of several terms it is better seen which changes nothing than a sum so far, or factors
        // apart. What becomes of the only one stands below it.
        let is_lossy = rows.listed.len() > 1 && rows.listed.iter().any(|row| row.loss.is_some());
        let for_loss = if is_lossy { 2 + LONGEST_LOSS } else { 0 };
        // What the factors of an update make together is nothing that has a name, and a rate with
        // fewer digits is another one.
        let is_update = session.element().is_some_and(|element| {
            let kind = session.network().tensor(element.tensor).kind;
            matches!(kind, Kind::Updated(_))
        });
        let apart = [Between::Factors, Between::Close, Between::Joined];
        let any = [Between::Factors, Between::Local, Between::Nothing];
        let leasts = [DIGITS, DIGITS - 1, 0].into_iter().filter(|_| is_update);
        let apart = leasts.flat_map(|least| apart.map(|between| (between, least)));
        let room = width.saturating_sub(for_loss);
        let with_loss = [Between::Factors, Between::Close, Between::Joined].into_iter();
        let with_loss = with_loss.filter(|_| is_lossy);
        let mut with_loss = with_loss.filter_map(|between| with_in(between, DIGITS, room));
        let mut chosen = with_loss
            .next()
            .or_else(|| {
                apart
                    .chain(any.map(|between| (between, 0)))
                    .find_map(|(between, least)| with(between, least))
            })
            .unwrap_or_else(|| Self::with_digits(session, rows, 2, Between::Nothing, width));
        chosen.running = chosen
            .running
            .filter(|(at, numbers)| at + numbers.width().max(6) + for_loss <= width);
        let end = chosen
            .running
            .map_or(chosen.end(), |(at, numbers)| at + numbers.width().max(6));
        let longest = if is_lossy {
            LONGEST_LOSS
        } else {
            LONGEST_REASON
        };
        chosen.why = Some(end + 2).filter(|why| why + longest <= width);
        chosen
    }

    fn with_digits(
        session: &'a Session,
        rows: &Rows<'_>,
        digits: usize,
        between: Between,
        width: usize,
    ) -> Self {
        let summands = rows.summands(session);
        let (is_sorted, rows) = (rows.is_by_size, &rows.listed);
        let column = |numbers: &mut dyn Iterator<Item = f64>| {
            let mut aligned = Aligned::new(digits);
            numbers.for_each(|number| aligned.fit(number));
            aligned
        };
        let names = rows
            .iter()
            .map(|row| name_of(session, row).width())
            .max()
            .unwrap_or(4)
            .max(4);
        // A name is shortened before a number is.
        let room = match between {
            Between::Factors => names,
            Between::Close | Between::Joined => width / 5,
            Between::Local => width / 3,
            Between::Nothing => width.saturating_sub(ROOM_FOR_TERM),
        };
        let from = names.min(room).max(SHORTEST_NAME.min(names));
        let mut at = 2 + from;
        let has_upstream = !matches!(between, Between::Joined | Between::Nothing);
        let upstream =
            has_upstream.then(|| (at + 1, column(&mut rows.iter().map(|row| row.upstream))));
        let heading = heading_of_upstream(session).width();
        at = upstream.map_or(at, |(at, numbers)| at + numbers.width().max(heading));
        let mut factors = Vec::new();
        // The sign of the operation stands between two numbers, with a blank at each side: where
        // room is scarce, below a heading that is wider than its numbers.
        let place = |at: usize, numbers: Aligned, name: &str| {
            let width = numbers.width().max(name.width());
            let slack = match between {
                Between::Factors => 0,
                _ => width - numbers.width(),
            };
            let start = at + GAP.saturating_sub(slack).max(1);
            (start + slack - 2, start, start + width)
        };
        let mut add = |kind: Factors, numbers: Aligned| {
            let (sign, start, end) = place(at, numbers, kind.name());
            factors.push(FactorColumn {
                sign,
                at: start,
                numbers,
                kind,
            });
            at = end;
        };
        match between {
            Between::Factors | Between::Close => {
                for (number, &kind) in session.table().columns.iter().enumerate() {
                    let kind = Factors::One(number, kind);
                    add(
                        kind,
                        column(&mut rows.iter().filter_map(|row| kind.of(row))),
                    );
                }
            }
            Between::Local => {
                // A factor that is the only one keeps its name.
                let kind = match session.table().columns[..] {
                    [only] => Factors::One(0, only),
                    _ => Factors::Local,
                };
                add(
                    kind,
                    column(&mut rows.iter().filter_map(|row| kind.of(row))),
                );
            }
            Between::Joined | Between::Nothing => {}
        }
        let joined = (between == Between::Joined).then_some((at + 1, digits));
        if joined.is_some() {
            let texts = rows
                .iter()
                .map(|row| cells::joined(session, row, digits).width());
            at += 1 + texts.max().unwrap_or(0).max(JOINED.len());
        }
        let of_sum = OfSum::new(&summands, session.sum(), digits);
        let mut product = Aligned::of(of_sum.precision);
        let theirs = session
            .element()
            .and_then(|element| session.theirs(element)?.0);
        let shown = rows
            .iter()
            .map(|row| row.product)
            .chain(summands)
            .chain(theirs);
        shown.for_each(|number| product.fit(number));
        product.fit_text(&total(of_sum, session.sum()));
        let mut running = Aligned::of(of_sum.precision);
        rows.iter().for_each(|row| running.fit(row.running));
        let (equals, term, _) = place(at, product, "term");
        let has_running = rows.len() > 1 && !session.is_hidden() && !is_sorted && of_sum.holds;
        let so_far = has_running.then_some((term + product.width().max(4) + 2, running));
        Self {
            session,
            from,
            upstream,
            factors,
            joined,
            term,
            product,
            of_sum,
            running: so_far,
            why: None,
            equals,
            width,
        }
    }

    pub(super) fn end(&self) -> usize {
        self.term + self.product.width().max(4)
    }
}

/// What a row is called.
pub(super) fn name_of(session: &Session, row: &Row) -> String {
    let element = session.element().unwrap_or(row.from);
    short_row_name(session.backprop(), element, row)
}
