//! Numbers as people write them. The script of the worksheet page reads them by the same grammar;
//! one table of cases holds both to it (`tests/data/numbers.json`).
//!
//! ```text
//! number   = ["≈"] ( [sign] word | quotient { times quotient } ["%"] )
//! word     = "NaN" | "inf" | "Infinity" | "∞"                in capitals or not
//! quotient = [sign] ( mixed | decimal ["/" [sign] decimal] )
//! mixed    = digits blank digits "/" digits                  as in 1 1/2, which 1½ is too
//! decimal  = ( digits [point [digits]] | point digits ) [power] | "10" "^" [sign] digits
//! power    = "e" [sign] digits | times "10" "^" [sign] digits
//! point    = "." | ","                                       what 1,234 means nobody can tell
//! ```
//!
//! A sign is any plus, minus or dash, a superscript is an exponent, and no-break and thin blanks
//! may hold groups of three digits together.

use unicode_normalization::UnicodeNormalization;

/// Why a text is no number. It is written so that it goes on after the text: "`x` is neither a
/// decimal nor a fraction".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// There is no text.
    #[error("is empty")]
    Empty,
    /// It is not written as numbers are.
    #[error("is neither a decimal nor a fraction")]
    Unreadable,
    /// It is more than one number.
    #[error("is more than one number")]
    Several,
    /// Its comma separates decimals for some people, and thousands for others.
    #[error("can be read with a decimal comma or with thousands")]
    Ambiguous,
    /// It divides by zero.
    #[error("divides by 0")]
    DivisionByZero,
    /// It is larger than the largest number.
    #[error("is too large for a number")]
    TooLarge,
    /// It is infinite or no number, where only finite numbers can stand.
    #[error("is not finite")]
    NotFinite,
}

impl NumberError {
    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty | Self::Unreadable | Self::Several => {
                "a number is written as in `3.5`, `-2`, `7/2` or `1e-3`"
            }
            Self::Ambiguous => "write a decimal point, and no sign between thousands",
            Self::DivisionByZero => "divide by something else",
            Self::TooLarge => "the largest number is about 1.8e308",
            Self::NotFinite => "only finite numbers can stand here",
        }
    }
}

/// Reads a number as people write it: a decimal with a point or a comma, a fraction, a product of
/// them, a percentage; and `NaN` and infinities as words.
///
/// ```
/// use backstep::tensor::{NumberError, parse_number};
///
/// for text in ["-1.5", "−1,5", "-3/2", "−1½", "≈ -1.5", "3 × -1/2", "-15·10⁻¹", "-150 %"] {
///     assert_eq!(parse_number(text), Ok(-1.5), "{text}");
/// }
/// assert_eq!(parse_number("1,234"), Err(NumberError::Ambiguous));
/// ```
///
/// # Errors
/// Why it is no number.
pub fn parse_number(text: &str) -> Result<f64, NumberError> {
    // Nearly all numbers of a large file are plain.
    let is_plain = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E' | b' ');
    if text.bytes().all(is_plain)
        && let Ok(number) = text.trim().parse::<f64>()
    {
        return representable(number);
    }
    let text = normalized(text);
    let mut rest = Scanner(text.trim());
    if rest.0.is_empty() {
        return Err(NumberError::Empty);
    }
    let number = rest.number()?;
    match rest.0.trim_start() {
        "" => Ok(number),
        more if more.starts_with(|c: char| c.is_ascii_digit() || is_sign(c)) => {
            Err(NumberError::Several)
        }
        _ => Err(NumberError::Unreadable),
    }
}

/// Reads a number as [`parse_number`] does where only a finite one can stand.
///
/// # Errors
/// Why it is none.
pub fn parse_finite(text: &str) -> Result<f64, NumberError> {
    parse_number(text).and_then(|number| {
        let finite = Some(number).filter(|number| number.is_finite());
        finite.ok_or(NumberError::NotFinite)
    })
}

/// Returns the longest beginning of a text that a number could be, without the blanks at its end.
pub(crate) fn number_prefix(text: &str) -> &str {
    let signs = |c: char| c.is_whitespace() || is_about(c) || is_sign(folded(c));
    let unsigned = text.trim_start_matches(signs);
    if let Some((word, _)) = word(unsigned) {
        return &text[..text.len() - unsigned.len() + word.len()];
    }
    let mut before = ' ';
    let end = text.find(|c: char| {
        let c = folded(c);
        let is_exponent = matches!(c, 'e' | 'E') && (before.is_ascii_digit() || before == '.');
        before = c;
        !(is_exponent || c.is_ascii_digit() || signs(c) || is_operator(c))
    });
    text[..end.unwrap_or(text.len())].trim_end()
}

/// Returns a text in the signs of the grammar: compatibility characters are what they stand for (a
/// `½` is `1/2`, a no-break blank is a blank), and every dash is a minus.
fn normalized(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let is_joint = matches!(c, '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}');
        match c {
            // What follows a whole number is added to it.
            '¼'..='¾' | '⅐'..='⅞' => marked.extend([' ', c]),
            _ if is_superscript(c) && !is_superscript(before) => marked.extend(['^', c]),
            _ if is_joint && before.is_ascii_digit() && begins_with_group(rest.as_str()) => {}
            _ => marked.push(c),
        }
        before = c;
    }
    marked.nfkc().map(plain).collect()
}

/// Returns what a character stands for, or of several signs the first.
fn folded(c: char) -> char {
    std::iter::once(c).nfkc().next().map_or(c, plain)
}

/// Returns the minus for every dash, and other characters as they are.
fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '−' => '-',
        _ => c,
    }
}

/// Whether a text begins with three digits and no more.
fn begins_with_group(text: &str) -> bool {
    let n_digits = text
        .chars()
        .take(4)
        .take_while(char::is_ascii_digit)
        .count();
    n_digits == 3
}

fn is_superscript(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁺' | '⁻')
}

fn is_about(c: char) -> bool {
    matches!(c, '≈' | '≅' | '≃' | '~')
}

fn is_sign(c: char) -> bool {
    matches!(c, '+' | '-')
}

fn is_times(c: char) -> bool {
    matches!(c, '×' | '·' | '⋅' | '∙' | '*')
}

fn is_slash(c: char) -> bool {
    matches!(c, '/' | '⁄' | '∕' | '÷')
}

fn is_operator(c: char) -> bool {
    is_times(c) || is_slash(c) || matches!(c, '.' | ',' | '^' | '%')
}

/// Returns the word at the start of a text that stands for a number which is not finite, and the
/// number.
fn word(text: &str) -> Option<(&str, f64)> {
    let end = text.find(|c: char| c != '∞' && !c.is_alphabetic());
    let word = &text[..end.unwrap_or(text.len())];
    let number = match word.to_ascii_lowercase().as_str() {
        "inf" | "infinity" | "∞" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    };
    Some((word, number))
}

fn representable(number: f64) -> Result<f64, NumberError> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(NumberError::TooLarge)
    }
}

/// What is left to be read of a text.
#[derive(Clone, Copy)]
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn number(&mut self) -> Result<f64, NumberError> {
        self.takes(is_about);
        if let Some(number) = self.word() {
            return Ok(number);
        }
        let mut number = self.quotient()?;
        while self.takes(is_times) {
            number = representable(number * self.quotient()?)?;
        }
        Ok(if self.takes(|c| c == '%') {
            number / 100.0
        } else {
            number
        })
    }

    fn word(&mut self) -> Option<f64> {
        let mut rest = *self;
        let sign = rest.sign();
        let (word, number) = word(rest.0)?;
        self.0 = &rest.0[word.len()..];
        Some(sign * number)
    }

    fn quotient(&mut self) -> Result<f64, NumberError> {
        let sign = self.sign();
        if let Some(mixed) = self.mixed() {
            return Ok(sign * mixed);
        }
        let above = self.decimal()?;
        if !self.takes(is_slash) {
            return Ok(sign * above);
        }
        match self.sign() * self.decimal()? {
            0.0 => Err(NumberError::DivisionByZero),
            below => representable(sign * above / below),
        }
    }

    /// Reads a whole number and a fraction that is less than one, where there are both.
    fn mixed(&mut self) -> Option<f64> {
        let mut rest = *self;
        let whole: f64 = rest.digits().parse().ok()?;
        let blanks = rest.skip_blanks();
        let above: f64 = rest.digits().parse().ok()?;
        let is_fraction = blanks > 0 && rest.takes(is_slash);
        rest.skip_blanks();
        let below: f64 = rest.digits().parse().ok()?;
        (is_fraction && above < below && whole.is_finite()).then(|| {
            *self = rest;
            whole + above / below
        })
    }

    fn decimal(&mut self) -> Result<f64, NumberError> {
        let whole = self.digits();
        let fraction = self.fraction(whole)?;
        let number = if whole == "10" && self.0.starts_with('^') {
            self.0 = &self.0[1..];
            format!("1e{}", self.integer().ok_or(NumberError::Unreadable)?)
        } else {
            format!("{whole}.{fraction}e{}", self.power().unwrap_or("0"))
        };
        let number = number.parse().map_err(|_| NumberError::Unreadable)?;
        representable(number)
    }

    /// Reads the decimals after a whole number, with the point before them.
    fn fraction(&mut self, whole: &str) -> Result<&'a str, NumberError> {
        let mut rest = *self;
        let is_comma = match rest.0.chars().next() {
            Some(point @ ('.' | ',')) => point == ',',
            _ => return Ok(""),
        };
        rest.0 = &rest.0[1..];
        let digits = rest.digits();
        if is_comma && digits.is_empty() {
            return Ok("");
        }
        let could_be_thousands = matches!(whole.len(), 1..=3) && !whole.starts_with('0');
        if is_comma && could_be_thousands && digits.len() == 3 {
            return Err(NumberError::Ambiguous);
        }
        *self = rest;
        Ok(digits)
    }

    /// Reads the power of ten that a decimal is multiplied with.
    fn power(&mut self) -> Option<&'a str> {
        let mut rest = *self;
        if rest.0.starts_with(['e', 'E']) {
            rest.0 = &rest.0[1..];
        } else {
            rest.takes(is_times).then(|| rest.skip_blanks())?;
            rest.0 = rest.0.strip_prefix("10^")?;
        }
        let power = rest.integer()?;
        *self = rest;
        Some(power)
    }

    fn integer(&mut self) -> Option<&'a str> {
        let unsigned = self.0.strip_prefix(is_sign).unwrap_or(self.0);
        let end = self.0.len()
            - unsigned
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let (integer, rest) = self.0.split_at(end);
        integer.ends_with(|c: char| c.is_ascii_digit()).then(|| {
            self.0 = rest;
            integer
        })
    }

    fn sign(&mut self) -> f64 {
        self.skip_blanks();
        let sign = if self.0.starts_with('-') { -1.0 } else { 1.0 };
        self.0 = self.0.strip_prefix(is_sign).unwrap_or(self.0);
        self.skip_blanks();
        sign
    }

    fn digits(&mut self) -> &'a str {
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        digits
    }

    /// Takes the next character that is no blank, if it is one of those.
    fn takes(&mut self, is_one: fn(char) -> bool) -> bool {
        let rest = self.0.trim_start().strip_prefix(is_one);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Returns how many bytes of blanks there were.
    fn skip_blanks(&mut self) -> usize {
        let before = self.0.len();
        self.0 = self.0.trim_start();
        before - self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tensor::{exact, rounded};

    proptest! {
        #[test]
        fn what_is_written_reads_back(number in any::<f64>(), digits in 17..20_usize) {
            for text in [exact(number), rounded(number, digits)] {
                let read = parse_number(&text).unwrap();
                prop_assert!(read == number || read.is_nan() && number.is_nan(), "{}", text);
            }
        }

        #[test]
        fn a_prefix_is_all_of_a_number(text in "[-−+0-9.,/½²×·^%e ≈inf]{0,12}") {
            if let Ok(number) = parse_number(&text) {
                let prefix = number_prefix(&text);
                prop_assert_eq!(prefix.trim(), text.trim());
                prop_assert_eq!(parse_number(prefix).unwrap().to_bits(), number.to_bits());
            }
        }
    }
}
