//! Looks at many numbers for a few that are different.

use crate::parallel::with_wide_registers;

/// Whether one of the numbers is −0, to which a 0 cannot be added without a trace.
pub(super) fn has_negative_zero(numbers: &[f64]) -> bool {
    let negative_zero = (-0.0_f64).to_bits();
    any(numbers, |number| number.to_bits() == negative_zero)
}

/// Whether all of the numbers are 0, and none is −0.
pub(super) fn are_zero(numbers: &[f64]) -> bool {
    !any(numbers, |number| number.to_bits() != 0)
}

/// Whether all of the numbers are finite.
pub(super) fn are_finite(numbers: &[f64]) -> bool {
    !any(numbers, |number| !number.is_finite())
}

/// How many numbers are looked at before anybody asks what was found: that is quicker than to stop
/// at the first.
const PIECE: usize = 1024;

#[inline]
fn any(numbers: &[f64], is_so: impl Fn(f64) -> bool) -> bool {
    with_wide_registers(
        #[inline(always)]
        || {
            numbers.chunks(PIECE).any(|piece| {
                let found = piece
                    .iter()
                    .fold(0, |found, &number| found | u64::from(is_so(number)));
                found != 0
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_among_many_is_found() {
        for n in [1, 1023, 1024, 5000] {
            let mut numbers = vec![0.0; n];
            assert!(!has_negative_zero(&numbers) && are_finite(&numbers) && are_zero(&numbers));
            numbers[n - 1] = -0.0;
            assert!(has_negative_zero(&numbers) && are_finite(&numbers) && !are_zero(&numbers));
            for strange in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                numbers[n / 2] = strange;
                assert!(!are_finite(&numbers));
            }
        }
    }
}
