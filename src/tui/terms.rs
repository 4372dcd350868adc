//! The terms: one row a contribution with its factors in columns, and what they add up to.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::map::mark;
use super::numbers::Aligned;
use super::theme::Theme;
use crate::debugger::{Order, Session};
use crate::ops::FactorKind;
use crate::tensor::rounded;
use crate::words::{Row, why_zero};

/// The significant digits of a number in the table.
const DIGITS: usize = 6;
/// The width of the longest usual reason why a term is zero: `weight 0`.
const LONGEST_REASON: usize = 8;

/// The title of the pane.
pub(super) fn title(session: &Session) -> String {
    match session.element() {
        Some(element) => {
            let value = rounded(session.backprop().tape().element(element), DIGITS);
            let was = session
                .before(element)
                .value
                .map(|was| format!(", was {}", rounded(was, DIGITS)))
                .unwrap_or_default();
            let order = if is_sorted(session) {
                " · largest terms first"
            } else {
                ""
            };
            let stops = if session.has_breakpoint_here() {
                " · ◆ breakpoint"
            } else {
                ""
            };
            format!(
                " {}  value {value}{was}{stops}{order} ",
                session.network().address(element)
            )
        }
        None => " Given ".to_owned(),
    }
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
    let shown = Shown::new(session, scroll, area);
    let columns = Columns::new(session, &shown.rows, usize::from(area.width));
    columns.draw_head(theme, &mut page);
    if let Some(given) = session.table().given {
        columns.draw_given(given, theme, &mut page);
    }
    shown.draw(session, &columns, theme, &mut page);
    if shown.has_rule {
        columns.draw_rule(theme, &mut page);
    }
    columns.draw_sum(session, theme, &mut page);
}

/// The rows that all of it takes: a head, what is given, the terms, a rule and the sum.
pub(super) fn height(session: &Session) -> u16 {
    let rows = match session.element() {
        Some(element) => {
            let extra = [
                session.table().given.is_some(),
                session.theirs(element).is_some(),
            ];
            3 + extra.into_iter().map(usize::from).sum::<usize>() + n_terms(session)
        }
        None => {
            1 + session
                .backprop()
                .upstream()
                .values()
                .map(|given| given.data().len())
                .sum::<usize>()
        }
    };
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// The number, counted from 0, of the term in a row of the screen.
pub(super) fn term_at(session: &Session, scroll: usize, area: Rect, place: Place) -> Option<usize> {
    session.element().filter(|_| area.contains(place))?;
    let above = 1 + usize::from(session.table().given.is_some());
    let row = usize::from(place.y - area.y).checked_sub(above)?;
    Shown::new(session, scroll, area)
        .rows
        .get(row)
        .map(|row| row.number - 1)
}

/// How many rows on the terms can be scrolled.
pub(super) fn most_scroll(session: &Session, area: Rect) -> usize {
    if session.element().is_none() {
        return 0;
    }
    let shown = Shown::new(session, 0, area);
    session.terms().len() - shown.rows.len() - shown.first
}

/// The number of all terms, those too that are not listed one by one.
fn n_terms(session: &Session) -> usize {
    session.terms().len() + session.table().more.map_or(0, |more| more.n)
}

fn is_sorted(session: &Session) -> bool {
    session.view_options.order == Order::Size && session.terms().len() > 1
}

/// The terms in the order in which they are shown.
fn in_order(session: &Session) -> Vec<&Row> {
    let mut rows: Vec<&Row> = session.terms().iter().collect();
    if is_sorted(session) {
        rows.sort_by(|one, other| other.product.abs().total_cmp(&one.product.abs()));
    }
    rows
}

/// The lines of the pane, drawn one after the other.
struct Page<'a> {
    area: Rect,
    row: u16,
    buffer: &'a mut Buffer,
}

impl Page<'_> {
    fn put(&mut self, column: usize, text: &str, style: Style) {
        let Ok(column) = u16::try_from(column) else {
            return;
        };
        if self.row < self.area.height && column < self.area.width {
            let (x, y) = (self.area.x + column, self.area.y + self.row);
            self.buffer
                .set_stringn(x, y, text, usize::from(self.area.width - column), style);
        }
    }
}

/// The rows in view, and what the others make together.
struct Shown<'a> {
    rows: Vec<&'a Row>,
    /// How many rows are above them.
    first: usize,
    /// How many terms are not in view, and their sum.
    rest: (usize, f64),
    /// Whether a rule stands above the sum.
    has_rule: bool,
}

impl<'a> Shown<'a> {
    /// Chooses the rows: those round the term that was added last, or as far down as was scrolled.
    /// The head stands above the rows, with what is given, and the sum below them; the rule above
    /// the sum if that leaves room for all.
    fn new(session: &'a Session, scroll: usize, area: Rect) -> Self {
        let extra = [
            session.table().given.is_some(),
            session
                .element()
                .is_some_and(|element| session.theirs(element).is_some()),
        ];
        let extra: usize = extra.into_iter().map(usize::from).sum();
        let room = usize::from(area.height).saturating_sub(2 + extra);
        let n_all = n_terms(session);
        let has_rule = n_all < room;
        let room = room - usize::from(has_rule && room > 0);
        let rows = in_order(session);
        let n = if n_all <= room {
            rows.len()
        } else {
            room.saturating_sub(1).min(rows.len())
        };
        let is_last = |row: &&Row| session.is_building() && row.number == session.added();
        let last = rows.iter().position(is_last).map_or(0, |place| place + 1);
        let first = (last.saturating_sub(n) + scroll).min(rows.len() - n);
        let unseen = rows[..first]
            .iter()
            .chain(&rows[first + n..])
            .map(|row| row.product)
            .sum::<f64>();
        let rest = (
            n_all - n,
            unseen + session.table().more.map_or(0.0, |more| more.sum),
        );
        Self {
            rows: rows[first..first + n].to_vec(),
            first,
            rest,
            has_rule,
        }
    }

    fn draw(&self, session: &Session, columns: &Columns, theme: Theme, page: &mut Page<'_>) {
        for row in &self.rows {
            columns.draw_row(session, row, theme, page);
            page.row += 1;
        }
        let (n_more, sum) = self.rest;
        if n_more > 0 {
            page.put(2, &format!("{n_more} more, together"), theme.quiet());
            page.put(
                columns.term,
                &cell("term", columns.product, sum),
                theme.quiet(),
            );
            page.row += 1;
        }
    }
}

/// What a column between upstream gradient and term holds.
#[derive(Clone, Copy)]
enum Factors {
    /// The factors of one kind: the table's column of that number.
    One(usize, FactorKind),
    /// The local derivative: all factors multiplied.
    Local,
}

impl Factors {
    fn name(self) -> &'static str {
        match self {
            Self::One(_, kind) => kind.name(),
            Self::Local => "local",
        }
    }

    fn of(self, row: &Row) -> Option<f64> {
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
    /// The upstream gradient and all factors multiplied.
    Local,
    /// Nothing, for want of room: a number that is cut off would be another number.
    Nothing,
}

/// Where the columns are, and how wide their numbers.
struct Columns {
    upstream: Option<(usize, Aligned)>,
    factors: Vec<(usize, Aligned, Factors)>,
    term: usize,
    product: Aligned,
    /// The running sum, where there is room for it.
    running: Option<(usize, Aligned)>,
    /// Where it is said why a term is zero, if there is room for it.
    why: Option<usize>,
    /// How far before a number the sign of the operation stands.
    sign: usize,
}

impl Columns {
    /// Lays the columns out in a width: with fewer digits where they are too wide, then with the
    /// factors multiplied, and in the end without them.
    fn new(session: &Session, rows: &[&Row], width: usize) -> Self {
        let (factors, local, nothing) = (Between::Factors, Between::Local, Between::Nothing);
        let layouts = [
            (DIGITS, factors),
            (4, factors),
            (3, factors),
            (4, local),
            (3, local),
            (2, local),
            (4, nothing),
            (3, nothing),
        ];
        let mut columns = layouts
            .into_iter()
            .map(|(digits, between)| Self::with_digits(session, rows, digits, between));
        let fits = |columns: &Self| columns.end() <= width;
        let mut chosen = columns
            .find(fits)
            .unwrap_or_else(|| Self::with_digits(session, rows, 2, nothing));
        chosen.running = chosen
            .running
            .filter(|(at, numbers)| at + numbers.width().max(6) <= width && !is_sorted(session));
        chosen.why = Some(
            chosen
                .running
                .map_or(chosen.end(), |(at, numbers)| at + numbers.width().max(6))
                + 2,
        );
        chosen.why = chosen.why.filter(|why| why + LONGEST_REASON <= width);
        chosen
    }

    fn with_digits(session: &Session, rows: &[&Row], digits: usize, between: Between) -> Self {
        let column = |numbers: &mut dyn Iterator<Item = f64>| {
            let mut aligned = Aligned::new(digits);
            numbers.for_each(|number| aligned.fit(number));
            aligned
        };
        let from = rows
            .iter()
            .map(|row| session.network().address(row.from).to_string().width())
            .max()
            .unwrap_or(4)
            .max(4);
        let mut at = 2 + from;
        let upstream = (between != Between::Nothing)
            .then(|| (at + 1, column(&mut rows.iter().map(|row| row.upstream))));
        at = upstream.map_or(at, |(at, numbers)| at + numbers.width().max(8));
        let mut factors = Vec::new();
        // The sign of the operation stands between two numbers, with a blank at each side where
        // there is room.
        let gap = if between == Between::Factors { 3 } else { 2 };
        let mut add = |kind: Factors, numbers: Aligned| {
            factors.push((at + gap, numbers, kind));
            at += gap + numbers.width().max(kind.name().width());
        };
        match between {
            Between::Factors => {
                for (number, &kind) in session.table().columns.iter().enumerate() {
                    let kind = Factors::One(number, kind);
                    add(
                        kind,
                        column(&mut rows.iter().filter_map(|row| kind.of(row))),
                    );
                }
            }
            Between::Local => add(
                Factors::Local,
                column(&mut rows.iter().map(|row| Factors::Local.of(row).unwrap_or(1.0))),
            ),
            Between::Nothing => {}
        }
        let mut product = column(&mut rows.iter().map(|row| row.product));
        let theirs = session
            .element()
            .and_then(|element| session.theirs(element)?.0);
        session
            .table()
            .given
            .into_iter()
            .chain([session.table().gradient])
            .chain(theirs)
            .for_each(|number| product.fit(number));
        let running = column(&mut rows.iter().map(|row| row.running));
        let term = at + gap;
        let so_far = (rows.len() > 1 && !session.is_hidden())
            .then_some((term + product.width().max(4) + 2, running));
        Self {
            upstream,
            factors,
            term,
            product,
            running: so_far,
            why: None,
            sign: gap - 1,
        }
    }

    fn end(&self) -> usize {
        self.term + self.product.width().max(4)
    }

    fn draw_head(&self, theme: Theme, page: &mut Page<'_>) {
        let style = theme.quiet();
        page.put(2, "from", style);
        if let Some((at, numbers)) = self.upstream {
            page.put(at, &heading("upstream", numbers), style);
        }
        for &(at, numbers, kind) in &self.factors {
            page.put(at, &heading(kind.name(), numbers), style);
        }
        page.put(self.term, &heading("term", self.product), style);
        if let Some((at, numbers)) = self.running {
            page.put(at, &heading("so far", numbers), style);
        }
        page.row += 1;
    }

    fn draw_given(&self, given: f64, theme: Theme, page: &mut Page<'_>) {
        page.put(2, "given upstream", theme.text());
        page.put(
            self.term,
            &cell("term", self.product, given),
            theme.strong(),
        );
        page.row += 1;
    }

    fn draw_row(&self, session: &Session, row: &Row, theme: Theme, page: &mut Page<'_>) {
        let number = row.number - 1;
        let is_added = number < session.added();
        let counts = is_added && row.product != 0.0;
        let look = if counts {
            theme.contributes(number)
        } else {
            theme.faint()
        };
        let plain = if counts { theme.text() } else { theme.faint() };
        page.put(0, &mark(number), look);
        page.put(2, &session.network().address(row.from).to_string(), look);
        if let Some((at, numbers)) = self.upstream {
            page.put(at, &cell("upstream", numbers, row.upstream), plain);
        }
        for &(at, numbers, kind) in &self.factors {
            if let Some(value) = kind.of(row) {
                page.put(at - self.sign, "×", theme.quiet());
                page.put(at, &cell(kind.name(), numbers, value), plain);
            }
        }
        page.put(self.term - self.sign, "=", theme.quiet());
        page.put(self.term, &cell("term", self.product, row.product), look);
        if let Some((at, numbers)) = self.running.filter(|_| is_added) {
            page.put(at, &cell("so far", numbers, row.running), theme.quiet());
        }
        let reason = session
            .element()
            .and_then(|element| why_zero(session.backprop(), element, row));
        if let Some((at, reason)) = self.why.zip(reason) {
            page.put(at, reason, theme.faint());
        }
    }

    fn draw_rule(&self, theme: Theme, page: &mut Page<'_>) {
        page.put(0, &"─".repeat(self.end()), theme.frame());
        page.row += 1;
    }

    fn draw_sum(&self, session: &Session, theme: Theme, page: &mut Page<'_>) {
        let Some(element) = session.element() else {
            return;
        };
        if session.is_hidden() {
            page.put(
                0,
                &format!("gradient of {}", session.network().address(element)),
                theme.strong(),
            );
            page.put(
                self.term,
                &format!("{:>width$}", "?", width = self.product.width().max(4)),
                theme.current(),
            );
            return;
        }
        let (n_added, n_terms) = (session.added(), session.terms().len());
        let label = match session.is_building() {
            true => format!("so far, {n_added} of {n_terms} terms"),
            false => format!("gradient of {}", session.network().address(element)),
        };
        page.put(0, &label, theme.strong());
        let sum = cell("term", self.product, session.sum());
        page.put(self.term, &sum, theme.current());
        if let Some(was) = session
            .before(element)
            .gradient
            .filter(|_| !session.is_building())
        {
            page.put(
                self.term + sum.width() + 2,
                &format!("was {}", rounded(was, DIGITS)),
                theme.note(),
            );
        }
        if let Some((theirs, status)) = session.theirs(element) {
            page.row += 1;
            page.put(
                0,
                &format!("yours {} {}", status.sign(), status.name()),
                theme.status(status),
            );
            if let Some(theirs) = theirs {
                page.put(
                    self.term,
                    &cell("term", self.product, theirs),
                    theme.status(status),
                );
            }
        }
    }
}

/// A heading over a column of numbers, on its right.
fn heading(name: &str, numbers: Aligned) -> String {
    let width = numbers.width();
    format!("{name:>width$}")
}

/// A number below a heading, on its right.
fn cell(name: &str, numbers: Aligned, value: f64) -> String {
    let width = numbers.width().max(name.width());
    format!("{:>width$}", numbers.write(value))
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
            page.put(2, &address.to_string(), theme.text());
            page.put(20, &rounded(value, DIGITS), theme.strong());
            page.row += 1;
        }
    }
}
