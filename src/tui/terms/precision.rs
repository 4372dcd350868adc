//! How exactly the numbers of a sum are written, so that what is shown adds up to what is shown.

use super::page::DIGITS;
use crate::tui::numbers::Precision;

/// The most digits of which more are tried until a sum holds.
const MOST_MORE: usize = 4;
/// The magnitudes, as powers of ten, of sums that are written with a fixed number of decimals.
const PLAIN: std::ops::Range<i32> = -3..9;

/// A precision for the terms of a sum and their total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfSum {
    pub(super) precision: Precision,
    /// Whether the written terms add up to the written total.
    pub(super) holds: bool,
}

impl OfSum {
    /// The fewest decimals that write every number exactly, else as many as so many significant
    /// digits of the largest take, or a few more until no term reads 0 that is not and the sum
    /// holds. Where that takes too many, each number has its own significant digits.
    pub(super) fn new(terms: &[f64], total: f64, digits: usize) -> Self {
        let largest = terms
            .iter()
            .fold(total.abs(), |most, term| most.max(term.abs()));
        let wanted = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - power(largest);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let seen = terms.iter().filter(|term| **term != 0.0);
        let seen = seen.map(|&term| usize::try_from(-power(term)).unwrap_or(0));
        let seen = seen.max().unwrap_or(0);
        // With fewer digits than usual there is no room for more decimals.
        let most_more = if digits >= DIGITS { MOST_MORE } else { 0 };
        let is_plain = largest == 0.0 || PLAIN.contains(&power(largest));
        if !is_plain || !are_finite(terms, total) || seen > wanted + most_more {
            let precision = Precision::Digits(digits);
            return Self {
                precision,
                holds: adds_up(terms, total, precision),
            };
        }
        let wanted = wanted.max(seen);
        let exact = (0..=wanted).find(|&decimals| is_exact(terms, total, decimals));
        let holding = || {
            (wanted..=wanted + MOST_MORE)
                .find(|&decimals| adds_up(terms, total, Precision::Decimals(decimals)))
        };
        let found = exact.or_else(holding);
        Self {
            precision: Precision::Decimals(found.unwrap_or(wanted)),
            holds: found.is_some(),
        }
    }
}

/// The power of ten of a number's first digit.
fn power(number: f64) -> i32 {
    let scientific = format!("{number:e}");
    let power = scientific.split_once('e').map(|(_, power)| power.parse());
    power.and_then(Result::ok).unwrap_or(0)
}

/// Whether so many decimals leave nothing out, and the sum holds.
fn is_exact(terms: &[f64], total: f64, decimals: usize) -> bool {
    let precision = Precision::Decimals(decimals);
    let is_whole = |&number: &f64| (read(&precision.write(number)) - number).abs() <= fuzz(number);
    terms.iter().chain([&total]).all(is_whole) && adds_up(terms, total, precision)
}

/// Whether the written terms add up to the written total. Of what is not finite nothing is claimed.
fn adds_up(terms: &[f64], total: f64, precision: Precision) -> bool {
    let written = |&number: &f64| read(&precision.write(number));
    let largest = terms
        .iter()
        .fold(total.abs(), |most, term| most.max(term.abs()));
    !are_finite(terms, total)
        || (terms.iter().map(written).sum::<f64>() - written(&total)).abs() <= fuzz(largest)
}

fn are_finite(terms: &[f64], total: f64) -> bool {
    terms
        .iter()
        .chain([&total])
        .all(|number| number.is_finite())
}

/// What a sum of numbers of that size may be off by for want of bits.
fn fuzz(size: f64) -> f64 {
    size.abs() * 1e-12
}

fn read(text: &str) -> f64 {
    text.replace('−', "-").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_has_as_many_decimals_as_make_it_hold() {
        let of = |terms: &[f64]| {
            let total = terms.iter().sum();
            let of = OfSum::new(terms, total, 4);
            let texts: Vec<String> = terms
                .iter()
                .chain([&total])
                .map(|&n| of.precision.write(n))
                .collect();
            (texts.join(" "), of.holds)
        };
        assert_eq!(of(&[3.0, 9.0, 0.0]), ("3 9 0 12".into(), true));
        assert_eq!(of(&[1.5, -0.25]), ("1.50 −0.25 1.25".into(), true));
        assert_eq!(
            of(&[1.0 / 3.0, 2.0 / 3.0]),
            ("0.333 0.667 1.000".into(), true)
        );
        let thirds = [1.0 / 3.0; 3];
        assert!(!of(&thirds).1, "0.3333 three times is never 1");
        assert!(of(&[f64::NAN, 1.0]).1);
        assert!(of(&[3e-9, 1e-9]).1);
        assert_eq!(
            of(&[10.0, 0.003, 0.0001]),
            ("10.0000 0.0030 0.0001 10.0031".into(), true)
        );
        assert_eq!(of(&[10.0, 3e-20]), ("10 3e−20 10".into(), true));
        let narrow = OfSum::new(&[10.0, 0.003], 10.003, 2);
        assert_eq!(narrow.precision.write(0.003), "0.003");
        assert!(!narrow.holds, "10 + 0.003 is not 10");
    }
}
