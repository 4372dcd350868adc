//! The terms drawn in their columns, line by line.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::cells::{self, cell, heading, heading_of_upstream, right, total};
use super::columns::{Columns, FactorColumn, JOINED, TRIED_DIGITS, name_of};
use super::page::Page;
use super::rows::{Rows, Zeros};
use crate::backprop::TermLoss;
use crate::debugger::Shown;
use crate::tensor::numerals::apart;
use crate::tensor::{Element, parse_number, rounded};
use crate::text::shortened_name;
use crate::tui::map::mark;
use crate::tui::numbers::Precision;
use crate::tui::theme::Theme;
use crate::words::{Row, table_names, why_zero};

impl Columns<'_> {
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

    /// The sign before a term: `≈` where the numbers that are shown before it give another one.
    fn sign(&self, row: &Row) -> &'static str {
        let is_told = self.session.shown() >= Shown::Terms;
        let written = self.product.precision().write(row.product);
        let shown = self.shown_product(row);
        let is_finite = shown.is_finite() && row.product.is_finite();
        if is_told && is_finite && self.product.precision().write(shown) != written {
            "≈"
        } else {
            "="
        }
    }

    /// What the numbers that are shown before a term give.
    fn shown_product(&self, row: &Row) -> f64 {
        let read =
            |precision: Precision, value| parse_number(&precision.write(value)).unwrap_or(value);
        if let Some((_, digits)) = self.joined {
            let factors = row.factors.iter().flatten().map(|factor| factor.value);
            let read = |value| read(Precision::Digits(digits), value);
            return factors
                .map(read)
                .fold(read(row.upstream), |one, other| one * other);
        }
        let Some((_, upstream)) = self.upstream else {
            return row.product;
        };
        let factors = self.factors.iter().filter_map(|column| {
            let value = column.kind.of(row)?;
            Some(read(column.numbers.precision(), value))
        });
        factors.fold(read(upstream.precision(), row.upstream), |one, other| {
            one * other
        })
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
        for FactorColumn {
            at, numbers, kind, ..
        } in &self.factors
        {
            page.put(*at, &heading(kind.name(), *numbers), style);
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
        for &FactorColumn {
            sign,
            at,
            numbers,
            kind,
        } in &self.factors
        {
            let Some(value) = kind.of(row) else {
                continue;
            };
            let text = match session.shown() >= Shown::Factors {
                true => cell(kind.name(), numbers, value),
                false => right(kind.name(), numbers, "?"),
            };
            page.put(at, &text, plain);
            // After the number, whose air it stands in.
            page.put(sign, "×", theme.quiet());
        }
        if let Some((at, digits)) = self.joined {
            page.put(at, &cells::joined(session, row, digits), plain);
        }
        page.put(self.term, &self.told(row.product), look);
        page.put(self.equals, self.sign(row), theme.quiet());
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
        let label = format!("yours {} {}", status.sign(), status.name());
        page.put(0, &label, style);
        let Some(theirs) = theirs else { return };
        // Digits of its own where the column's hide some.
        let gradient = self.session.backprop().element(element);
        let (column, own) = (self.number(theirs), apart(theirs, gradient));
        let below_terms = right("term", self.product, &own);
        let at_the_end = self.width.saturating_sub(own.width());
        if parse_number(column.trim()) == parse_number(&own) || at_the_end <= label.width() {
            page.put(self.term, &column, style);
        } else if self.term + below_terms.width() <= self.width {
            page.put(self.term, &below_terms, style);
        } else {
            page.put(at_the_end, &own, style);
        }
    }
}
