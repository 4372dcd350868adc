//! What rounding leaves of a sum whose terms cancel.

use xsum::{Xsum, XsumSmall};

use super::narration::Narration;
use super::sections::Group;
use super::sentence::Sentence;
use crate::ops::Contribution;
use crate::tensor::numerals::number;

/// A sum is looked at where a term is so many times as large as what is left.
const LARGE: f64 = 1e6;
/// The decimal digits of a number.
const DIGITS: i32 = 16;
/// As many digits are left of a sum that nothing is said of.
const ENOUGH: i32 = 8;

/// Says what the terms add up to exactly, where adding them one after the other has lost more than
/// half of the digits.
pub(super) fn cancellation(
    narration: Narration<'_>,
    groups: &[Group<'_>],
    given: f64,
) -> Option<Sentence> {
    let gradient = narration.backprop.sum(narration.subject);
    let products = groups.iter().map(|group| group.nonzero.largest_product());
    let largest = products.fold(given.abs(), f64::max);
    if !largest.is_finite() || !gradient.is_finite() || largest < LARGE * gradient.abs() {
        return None;
    }
    let mut exact = XsumSmall::new();
    exact.add(given);
    let mut add = |term: Contribution| exact.add(term.product());
    narration.backprop.terms(narration.subject, &mut add);
    let exact = exact.sum();
    let left = digits_left(gradient, exact);
    (left < ENOUGH).then(|| {
        let left = match left {
            0 => "none of its digits".to_owned(),
            n => format!("{n} of its {DIGITS} digits"),
        };
        Sentence::from(format!(
            "Terms as large as {} cancel here, and adding one after the other leaves {left} right: \
             added exactly, they make {}. Who adds in another order may get another number.",
            number(largest),
            number(exact)
        ))
    })
}

/// How many decimal digits of a sum are right.
fn digits_left(sum: f64, exact: f64) -> i32 {
    if sum == exact {
        return DIGITS;
    }
    let error = ((sum - exact) / exact).abs();
    (-libm::log10(error).floor() as i32 - 1).clamp(0, DIGITS)
}
