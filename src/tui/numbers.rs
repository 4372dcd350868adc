//! Numbers that stand under each other with their points aligned.

use unicode_width::UnicodeWidthStr;

use crate::tensor::rounded;

/// How exact the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Precision {
    /// With so many significant digits.
    Digits(usize),
    /// With so many digits behind the point, so that they can be added on paper.
    Decimals(usize),
}

impl Precision {
    /// Writes a number.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Digits(digits) => rounded(value, digits),
            Self::Decimals(_) if value == 0.0 || !value.is_finite() => rounded(value, 1),
            Self::Decimals(decimals) => {
                let text = format!("{:.decimals$}", value.abs());
                let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
                let sign = if value < 0.0 && !is_zero { "−" } else { "" };
                format!("{sign}{text}")
            }
        }
    }
}

/// How wide a column of numbers is before the point and from the point on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Aligned {
    whole: usize,
    fraction: usize,
    precision: Precision,
}

impl Default for Aligned {
    fn default() -> Self {
        Self::whole(0)
    }
}

impl Aligned {
    /// An empty column for numbers with so many significant digits.
    pub(super) fn new(digits: usize) -> Self {
        Self::of(Precision::Digits(digits))
    }

    /// An empty column for numbers that are so exact.
    pub(super) fn of(precision: Precision) -> Self {
        Self {
            whole: 1,
            fraction: 0,
            precision,
        }
    }

    /// A column for signs of that width.
    pub(super) fn whole(width: usize) -> Self {
        Self {
            whole: width,
            fraction: 0,
            precision: Precision::Digits(0),
        }
    }

    /// Makes room for a number.
    pub(super) fn fit(&mut self, value: f64) {
        self.fit_text(&self.precision.write(value));
    }

    /// Makes room for what is already written.
    pub(super) fn fit_text(&mut self, text: &str) {
        self.fit_widths(split(text));
    }

    /// Makes room for what is so wide before the point, and from the point on.
    pub(super) fn fit_widths(&mut self, (whole, fraction): (usize, usize)) {
        self.whole = self.whole.max(whole);
        self.fraction = self.fraction.max(fraction);
    }

    /// How exact its numbers are.
    pub(super) fn precision(self) -> Precision {
        self.precision
    }

    /// The width of the column.
    pub(super) fn width(self) -> usize {
        self.whole + self.fraction
    }

    /// Returns the number as wide as the column.
    pub(super) fn write(self, value: f64) -> String {
        self.place(&self.precision.write(value))
    }

    /// Returns a sign that stands where the last digit before the point would.
    pub(super) fn place(self, text: &str) -> String {
        let (whole, fraction) = split(text);
        let (before, after) = (
            self.whole.saturating_sub(whole),
            self.fraction.saturating_sub(fraction),
        );
        format!("{:before$}{text}{:after$}", "", "")
    }
}

/// The widths before the point, and from the point on: a power of ten stands behind it.
pub(super) fn split(text: &str) -> (usize, usize) {
    let point = text.find(['.', 'e']).unwrap_or(text.len());
    (text[..point].width(), text[point..].width())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_under_each_other() {
        let mut column = Aligned::new(4);
        [3.5, 15.0, -0.25, 1.0 / 3.0]
            .into_iter()
            .for_each(|value| column.fit(value));
        let lines: Vec<String> = [3.5, 15.0, -0.25, 1.0 / 3.0]
            .into_iter()
            .map(|value| column.write(value))
            .collect();
        assert_eq!(lines, [" 3.5   ", "15     ", "−0.25  ", " 0.3333"]);
        assert_eq!(column.place("·"), " ·     ");
        let mut powers = Aligned::new(4);
        let numbers = [6e-7, 2.5e-8, -12.0];
        numbers.iter().for_each(|&number| powers.fit(number));
        let lines = numbers.map(|number| powers.write(number));
        assert_eq!(lines, ["  6e−7  ", "  2.5e−8", "−12     "]);
    }
}
