//! Numbers as text: how they are written, and how those that people write are read.

mod parse;

use std::io::{self, Write};

pub(crate) use parse::number_prefix;
pub use parse::{NumberError, parse_finite, parse_number};

/// Returns the shortest decimal that reads back to the same f64, as JSON writes it: `4`, `3.5`,
/// `1e-7`. A number that is not finite is `NaN`, `Infinity` or `-Infinity`.
pub fn exact(value: f64) -> String {
    let mut text = Vec::new();
    write_exact(&mut text, value).expect("memory takes whatever is written to it");
    String::from_utf8(text).expect("a number is written in ASCII")
}

/// Writes a number as [`exact`] returns it, without memory of its own: a trace has millions of
/// them.
///
/// # Errors
/// Those of `out`.
pub fn write_exact<W: Write + ?Sized>(out: &mut W, value: f64) -> io::Result<()> {
    if value.is_nan() {
        return out.write_all(b"NaN");
    }
    if value.is_infinite() {
        return out.write_all(if value > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
    }
    let mut digits = zmij::Buffer::new();
    let text = digits.format_finite(value);
    // In two ranges a power of ten is written in another way than the crate's.
    match value.abs() {
        1e16.. => write!(out, "{value:?}"),
        1e-5..1e-4 => {
            let (sign, decimal) = text
                .strip_prefix('-')
                .map_or(("", text), |decimal| ("-", decimal));
            let (first, rest) = decimal.trim_start_matches(['0', '.']).split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            [sign, first, point, rest, "e-5"]
                .into_iter()
                .try_for_each(|part| out.write_all(part.as_bytes()))
        }
        _ => out.write_all(text.strip_suffix(".0").unwrap_or(text).as_bytes()),
    }
}

/// Returns the number for people: rounded to so many significant digits, without trailing zeros,
/// with a true minus sign and no negative zero. Numbers that would need many zeros are written with
/// a power of ten, as in `1.2e−7`.
pub fn rounded(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    // Most numbers of an exercise are short, and a screen is full of them.
    if value.fract() == 0.0 && value.abs() < 1e4 && digits >= 4 {
        return format!("{sign}{}", value.abs());
    }
    // The exponent of the number after rounding: 999.96 to four digits is 1000, not 1000.0.
    let scientific = format!("{:.*e}", digits.saturating_sub(1), value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let most = i32::try_from(digits.max(6)).unwrap_or(i32::MAX);
    if (-4..most).contains(&power) {
        let decimals =
            usize::try_from(i32::try_from(digits).unwrap_or(i32::MAX) - 1 - power).unwrap_or(0);
        let fixed = format!("{:.*}", decimals, value.abs());
        format!("{sign}{}", without_trailing_zeros(&fixed))
    } else {
        format!(
            "{sign}{}e{}",
            without_trailing_zeros(mantissa),
            exponent.replace('-', "−")
        )
    }
}

/// Returns [`rounded`] with a plus sign where the number is positive: how a change is written.
pub fn signed(value: f64, digits: usize) -> String {
    let text = rounded(value, digits);
    if value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

fn without_trailing_zeros(decimal: &str) -> &str {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.')
    } else {
        decimal
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers of every size, and many of the sizes that people meet.
    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            -1e-3..1e-3,
            -2e5..2e5,
            -1e18..1e18,
            (-9_999..9_999_i32).prop_map(|n| f64::from(n) / 1000.0)
        ]
    }

    proptest! {
        #[test]
        fn exact_numbers_are_as_short_as_those_of_the_standard_library(value in any_number()) {
            let text = exact(value);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
            // Where two shortest texts are as near, either may stand.
            let debug = format!("{value:?}");
            let debug = debug.strip_suffix(".0").unwrap_or(&debug);
            prop_assert_eq!(text.len(), debug.len(), "{} and {}", text, debug);
        }
    }

    #[test]
    fn exact_numbers_are_short_and_read_back() {
        for (value, text) in [
            (4.0, "4"),
            (3.5, "3.5"),
            (-0.0, "-0"),
            (1e-7, "1e-7"),
            (0.1 + 0.2, "0.30000000000000004"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (1e16, "1e16"),
            (9_999_999_999_999_998.0, "9999999999999998"),
            (0.0001, "0.0001"),
            (-0.00001, "-1e-5"),
            (0.000012, "1.2e-5"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(exact(value), text);
        }
    }

    #[test]
    fn rounded_numbers_are_for_people() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-2.0, "−2"),
            (3.5, "3.5"),
            (0.082167041, "0.08217"),
            (999.96, "1000"),
            (123456.0, "123456"),
            (12345678.0, "1.235e7"),
            (0.00001234, "1.234e−5"),
            (-1.0 / 3.0, "−0.3333"),
            (f64::NEG_INFINITY, "−∞"),
        ] {
            assert_eq!(rounded(value, 4), text, "{value:?}");
        }
        assert_eq!(signed(0.25, 4), "+0.25");
        assert_eq!(signed(-0.25, 4), "−0.25");
        assert_eq!(signed(0.0, 4), "0");
    }
}
