//! The columns of the terms: how wide they are, and what stands in them.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::cells::{self, cell, heading, heading_of_upstream, right, total};
use super::page::{DIGITS, Page};
use super::precision::OfSum;
use super::rows::{Rows, Zeros};
use crate::backprop::TermLoss;
use crate::debugger::{Session, Shown};
use crate::ops::FactorKind;
use crate::tape::Kind;
use crate::tensor::{Element, rounded};
use crate::text::shortened_name;
use crate::tui::map::mark;
use crate::tui::numbers::Aligned;
use crate::tui::theme::Theme;
use crate::words::{Row, short_row_name, table_names, why_zero};

/// The width of the longest usual reason why a term is zero: `weight 0`.
const LONGEST_REASON: usize = 8;
/// The significant digits with which the table is tried, the best first.
const TRIED_DIGITS: [usize; 5] = [DIGITS, 5, 6, 3, 2];
/// The room for a term beside the name of its sender.
const ROOM_FOR_TERM: usize = 16;
/// What stands over a number and its factors in one text.
const JOINED: &str = "factors";
/// The least room for the name of a sender.
const SHORTEST_NAME: usize = 6;

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
    session: &'a Session,
    /// The room for the names of the senders.
    from: usize,
    upstream: Option<(usize, Aligned)>,
    factors: Vec<(usize, Aligned, Factors)>,
    /// Where the number and the factors stand in one text, and with how many digits.
    joined: Option<(usize, usize)>,
    term: usize,
    product: Aligned,
    /// How exact the terms are written, and whether what is shown adds up to the total.
    of_sum: OfSum,
    /// The running sum, where there is room for it.
    running: Option<(usize, Aligned)>,
    /// Where it is said why a term is zero, if there is room for it.
    why: Option<usize>,
    /// How far before a number the sign of the operation stands.
    sign: usize,
    width: usize,
}

impl<'a> Columns<'a> {
    /// Lays the columns out in a width: with fewer digits where they are too wide, then with the
    /// factors multiplied, and in the end without them. Digits with which the sum holds are better.
    pub(super) fn new(session: &'a Session, rows: &Rows<'_>, width: usize) -> Self {
        let with = |between, least: usize| {
            let digits = TRIED_DIGITS.into_iter().filter(|&digits| digits >= least);
            let of = digits.map(|digits| Self::with_digits(session, rows, digits, between, width));
            let of: Vec<Self> = of.filter(|columns| columns.end() <= width).collect();
            let holding = of.iter().position(|columns| columns.of_sum.holds);
            of.into_iter().nth(holding.unwrap_or(0))
        };
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
        let mut chosen = apart
            .chain(any.map(|between| (between, 0)))
            .find_map(|(between, least)| with(between, least))
            .unwrap_or_else(|| Self::with_digits(session, rows, 2, Between::Nothing, width));
        chosen.running = chosen
            .running
            .filter(|(at, numbers)| at + numbers.width().max(6) <= width);
        let end = chosen
            .running
            .map_or(chosen.end(), |(at, numbers)| at + numbers.width().max(6));
        chosen.why = Some(end + 2).filter(|why| why + LONGEST_REASON <= width);
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
        // The sign of the operation stands between two numbers, with a blank at each side where
        // there is room.
        let gap = if between == Between::Factors { 3 } else { 2 };
        let mut add = |kind: Factors, numbers: Aligned| {
            factors.push((at + gap, numbers, kind));
            at += gap + numbers.width().max(kind.name().width());
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
            Between::Local => add(
                Factors::Local,
                column(&mut rows.iter().map(|row| Factors::Local.of(row).unwrap_or(1.0))),
            ),
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
        let term = at + gap;
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
            sign: gap - 1,
            width,
        }
    }

    fn end(&self) -> usize {
        self.term + self.product.width().max(4)
    }

    /// Draws all lines: the head, what is given, the terms and their sum.
    pub(super) fn draw(&self, rows: &Rows<'_>, theme: Theme, page: &mut Page<'_>) {
        self.draw_head(theme, page);
        if let Some(given) = self.session.table().given {
            self.draw_given(given, theme, page);
        }
        for row in &rows.listed {
            self.draw_row(row, theme, page);
            page.row += 1;
        }
        if let Some((n, sum)) = rows.rest {
            let names = [format!("{n} more, together"), format!("{n} more")];
            self.draw_line(&names, &self.told(sum), theme.quiet(), page);
        }
        if let Some(zeros) = rows.zeros {
            self.draw_zeros(zeros, theme, page);
        }
        if rows.has_rule {
            page.put(0, &"─".repeat(self.end()), theme.frame());
            page.row += 1;
        }
        self.draw_sum(theme, page);
    }

    /// Draws a line with nothing but a number and the longest name that there is room for.
    fn draw_line(&self, names: &[String], number: &str, style: Style, page: &mut Page<'_>) {
        let room = self.term.saturating_sub(3);
        let fitting = names.iter().find(|name| name.width() <= room);
        let name = fitting.or(names.last()).map_or("", String::as_str);
        page.put(2, &shortened_name(name, room), style);
        page.put(self.term, number, style);
        page.row += 1;
    }

    /// A number in the column of the terms.
    fn number(&self, number: f64) -> String {
        cell("term", self.product, number)
    }

    /// The same for what may still have to be found out.
    fn told(&self, product: f64) -> String {
        match self.session.shown() >= Shown::Terms {
            true => self.number(product),
            false => right("term", self.product, "?"),
        }
    }

    /// Draws the zeros that share a line, with their reason where there is room.
    fn draw_zeros(&self, zeros: Zeros, theme: Theme, page: &mut Page<'_>) {
        let label = format!("{} others send 0", zeros.n);
        let reason = zeros.reason.map(|reason| format!("{label}: {reason}"));
        let short = format!("{} send 0", zeros.n);
        let labels: Vec<String> = reason.into_iter().chain([label, short]).collect();
        self.draw_line(&labels, &self.number(0.0), theme.faint(), page);
    }

    fn draw_head(&self, theme: Theme, page: &mut Page<'_>) {
        let style = theme.quiet();
        page.put(2, "from", style);
        if let Some((at, numbers)) = self.upstream {
            page.put(
                at,
                &heading(heading_of_upstream(self.session), numbers),
                style,
            );
        }
        for &(at, numbers, kind) in &self.factors {
            page.put(at, &heading(kind.name(), numbers), style);
        }
        if let Some((at, _)) = self.joined {
            page.put(at, JOINED, style);
        }
        page.put(self.term, &heading("term", self.product), style);
        if let Some((at, numbers)) = self.running {
            page.put(at, &heading("so far", numbers), style);
        }
        page.row += 1;
    }

    fn draw_given(&self, given: f64, theme: Theme, page: &mut Page<'_>) {
        let label = ["given upstream".to_owned()];
        self.draw_line(&label, &self.number(given), theme.strong(), page);
    }

    fn draw_row(&self, row: &Row, theme: Theme, page: &mut Page<'_>) {
        let session = self.session;
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
        let name = name_of(session, row);
        page.put(2, &shortened_name(&name, self.from), look);
        if let Some((at, numbers)) = self.upstream {
            let name = heading_of_upstream(session);
            page.put(at, &cell(name, numbers, row.upstream), plain);
        }
        for &(at, numbers, kind) in &self.factors {
            let Some(value) = kind.of(row) else {
                continue;
            };
            page.put(at - self.sign, "×", theme.quiet());
            let text = match session.shown() >= Shown::Factors {
                true => cell(kind.name(), numbers, value),
                false => right(kind.name(), numbers, "?"),
            };
            page.put(at, &text, plain);
        }
        if let Some((at, digits)) = self.joined {
            page.put(at, &cells::joined(session, row, digits), plain);
        }
        page.put(self.term - self.sign, "=", theme.quiet());
        page.put(self.term, &self.told(row.product), look);
        if let Some((at, numbers)) = self.running.filter(|_| is_added) {
            page.put(at, &cell("so far", numbers, row.running), theme.quiet());
        }
        let reason = session
            .element()
            .and_then(|element| why_zero(session.backprop(), element, row));
        let reason = reason.or(row.loss.map(TermLoss::name));
        if let Some((at, reason)) = self.why.zip(reason) {
            page.put(at, reason, theme.faint());
        }
    }

    fn draw_sum(&self, theme: Theme, page: &mut Page<'_>) {
        let session = self.session;
        let Some(element) = session.element() else {
            return;
        };
        let (n_added, n_terms) = (session.added(), session.terms().len());
        let number = if session.is_hidden() {
            "?".to_owned()
        } else {
            total(self.of_sum, session.sum())
        };
        let number = right("term", self.product, &number);
        let air = number.width() - number.trim_start().width();
        let room = (self.term + air).saturating_sub(1);
        let labels = if session.is_building() && !session.is_hidden() {
            [
                format!("so far, {n_added} of {n_terms} terms"),
                "so far".to_owned(),
            ]
        } else {
            let (_, name) = table_names(session.backprop(), element);
            let short = name.split(' ').next().unwrap_or_default().to_owned();
            match session.table().rounded_to {
                Some(_) => ["sum".to_owned(), "sum".to_owned()],
                None => [name, short],
            }
        };
        if let Some(label) = labels.iter().find(|label| label.width() <= room) {
            page.put(0, label, theme.strong());
        }
        // Not its air, into which the label may reach.
        page.put(self.term + air, number.trim_start(), theme.current());
        self.draw_rounded(element, theme, page);
        if !session.is_hidden() {
            self.draw_was(element, theme, page);
            self.draw_theirs(element, theme, page);
        }
    }

    /// Draws what the sum is rounded to, where that is another number and the sum is whole.
    fn draw_rounded(&self, element: Element, theme: Theme, page: &mut Page<'_>) {
        let session = self.session;
        let Some(precision) = session.table().rounded_to else {
            return;
        };
        page.row += 1;
        if session.is_building() || session.is_hidden() {
            return;
        }
        let number = self.number(session.table().gradient);
        let air = number.width() - number.trim_start().width();
        let name = session.network().address(element);
        let format = precision.name();
        let labels = [
            format!("gradient of {name} in {format}"),
            format!("gradient in {format}"),
            format!("in {format}"),
        ];
        let room = (self.term + air).saturating_sub(1);
        if let Some(label) = labels.iter().find(|label| label.width() <= room) {
            page.put(0, label, theme.strong());
        }
        page.put(self.term + air, number.trim_start(), theme.current());
    }

    /// Says what the gradient was before an edit, or what it would be without rounding, with as
    /// many digits as there is room for.
    fn draw_was(&self, element: Element, theme: Theme, page: &mut Page<'_>) {
        let session = self.session;
        let was = session.before(element).gradient;
        let Some(number) = was.or(session.unrounded(element).gradient) else {
            return;
        };
        let (what, now) = match was {
            Some(_) => ("was", f64::NAN),
            None => ("unrounded", session.backprop().element(element)),
        };
        let at = self.end() + 2;
        let texts = TRIED_DIGITS.map(|digits| (rounded(number, digits), rounded(now, digits)));
        let mut texts = texts.into_iter().filter(|(number, now)| number != now);
        let fitting = texts.find_map(|(number, _)| {
            let text = format!("{what} {number}");
            (at + text.width() <= self.width).then_some(text)
        });
        if let Some(text) = fitting.filter(|_| !session.is_building()) {
            page.put(at, &text, theme.note());
        }
    }

    fn draw_theirs(&self, element: Element, theme: Theme, page: &mut Page<'_>) {
        let Some((theirs, status)) = self.session.theirs(element) else {
            return;
        };
        page.row += 1;
        let style = theme.status(status);
        page.put(
            0,
            &format!("yours {} {}", status.sign(), status.name()),
            style,
        );
        if let Some(theirs) = theirs {
            page.put(self.term, &self.number(theirs), style);
        }
    }
}

/// What a row is called.
fn name_of(session: &Session, row: &Row) -> String {
    let element = session.element().unwrap_or(row.from);
    short_row_name(session.backprop(), element, row)
}
