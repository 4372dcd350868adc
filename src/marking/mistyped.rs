//! Whether a wrong number is the right one, mistyped.

use super::tolerance::Bounds;
use crate::tensor::exact;

/// Whether a number is one slip of the pen away from the right one: a digit or the sign is another
/// one, missing or too many, two neighbouring digits are exchanged, or the point is one place off.
pub(super) fn is_mistyped(theirs: f64, right: f64) -> bool {
    let written = exact(theirs);
    let n_decimals = written.split_once('.').map_or(0, |(_, after)| after.len());
    let is_near = |right: &str| strsim::damerau_levenshtein(&written, right) <= 1;
    is_near(&exact(right))
        || is_near(&format!("{right:.n_decimals$}"))
        || Bounds::EXACT.is_right(theirs, 10.0 * right)
        || Bounds::EXACT.is_right(10.0 * theirs, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_one_digit_or_the_sign_or_the_point() {
        for (theirs, right, is) in [
            (13.0, 18.0, true),
            (81.0, 18.0, true),
            (1.0, 18.0, true),
            (188.0, 18.0, true),
            (-18.0, 18.0, true),
            (1.8, 18.0, true),
            (0.25, 2.5, true),
            (0.383, 1.0 / 3.0, true),
            (25.0, 18.0, false),
            (-13.0, 18.0, false),
            (36.0, 18.0, false),
            (0.484, 1.0 / 3.0, false),
        ] {
            assert_eq!(is_mistyped(theirs, right), is, "{theirs} {right}");
        }
    }
}
