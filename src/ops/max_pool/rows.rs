//! Max pooling a row of windows at a time, each kernel place over all of them.

use std::ops::Range;

use crate::ops::windows::{Axis, Volume};

/// Sets the maximum of each window of a map, from −∞, or returns that it cannot.
pub(super) fn maxima(volume: &Volume, map: &[f64], maxima: &mut [f64]) -> bool {
    if !is_quick(&volume.columns) {
        return false;
    }
    let width = volume.columns.output;
    for (row, maxima) in maxima.chunks_mut(width).enumerate() {
        meet_row(volume, row, |windows, place| {
            let values = map[place..].iter().step_by(volume.columns.step.stride);
            for (maximum, &value) in maxima[windows].iter_mut().zip(values) {
                *maximum = if surpasses(value, *maximum) {
                    value
                } else {
                    *maximum
                };
            }
        });
    }
    true
}

/// Adds the upstream gradient of each window of a map to the sum of its first winner, or returns
/// that it cannot. To a loser nothing is added, which is the same as a 0: no sum may be −0.
pub(super) fn send_back(volume: &Volume, map: &[f64], upstream: &[f64], sums: &mut [f64]) -> bool {
    if !is_quick(&volume.columns) {
        return false;
    }
    let (width, stride) = (volume.columns.output, volume.columns.step.stride);
    let mut maxima = vec![f64::NEG_INFINITY; width];
    let mut winners = vec![NOBODY; width];
    for (row, upstream) in upstream.chunks(width).enumerate() {
        maxima.fill(f64::NEG_INFINITY);
        winners.fill(NOBODY);
        meet_row(volume, row, |windows, place| {
            let maxima = maxima[windows.clone()].iter_mut();
            let met = maxima
                .zip(&mut winners[windows])
                .zip(map[place..].iter().step_by(stride));
            for (nth, ((maximum, winner), &value)) in met.enumerate() {
                let wins = surpasses(value, *maximum) | (*winner == NOBODY);
                // Masks in place of branches: who wins is not to be foreseen.
                let mask = u64::from(wins).wrapping_neg();
                let bits = (value.to_bits() & mask) | (maximum.to_bits() & !mask);
                *maximum = f64::from_bits(bits);
                let mask = usize::from(wins).wrapping_neg();
                *winner = ((place + nth * stride) & mask) | (*winner & !mask);
            }
        });
        for (upstream, &winner) in upstream.iter().zip(&winners) {
            if let Some(sum) = sums.get_mut(winner) {
                *sum += upstream;
            }
        }
    }
    true
}

/// Where no number has won yet.
const NOBODY: usize = usize::MAX;

/// Whether a number wins against those before it, of which the last NaN or else the first maximum
/// has won.
#[inline]
fn surpasses(value: f64, maximum: f64) -> bool {
    (value > maximum) | value.is_nan()
}

/// Whether there is no kernel place that hangs over the input in every window: of these there may
/// be billions.
fn is_quick(columns: &Axis) -> bool {
    columns.kernel <= columns.input
}

/// Visits the windows of a row with one place after the other that they look at: which windows
/// there are, and the place under the first of them.
#[inline]
fn meet_row(volume: &Volume, row: usize, mut visit: impl FnMut(Range<usize>, usize)) {
    let columns = &volume.columns;
    for (_, line) in volume.rows.places(row) {
        for kernel in 0..columns.kernel {
            let windows = columns.windows_with(kernel);
            if !windows.is_empty() {
                let place = columns.place(windows.start, kernel);
                visit(windows, line * columns.input + place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Winners;
    use super::*;
    use crate::ops::windows::Windows;

    /// Numbers of which many are the same, with zeros of both signs and what is no number.
    fn number() -> impl Strategy<Value = f64> {
        let odd = prop_oneof![Just(-0.0), Just(f64::NAN), Just(f64::NEG_INFINITY)];
        prop_oneof![8 => (-3..3_i32).prop_map(f64::from), 2 => odd]
    }

    proptest! {
        #[test]
        fn rows_of_windows_have_the_winners_of_each(
            map in prop::collection::vec(number(), 48), kernel in 1..5_usize, stride in 1..4_usize,
            padding in 0..2_usize, dilation in 1..3_usize, ceil_mode: bool,
        ) {
            let windows = Windows::of_pool([kernel; 2], Some([stride; 2]),
                [(padding.min(kernel / 2), padding.min(kernel / 2)); 2], [dilation; 2], ceil_mode);
            let Some(volume) = windows.over_map([1, 6, 8]) else { return Ok(()) };
            let n = volume.n_output();
            let upstream: Vec<f64> = (1..=n).map(|nth| nth as f64).collect();
            let (mut expected, mut expected_sums) = (vec![f64::NEG_INFINITY; n], vec![0.0; 48]);
            volume.each_window(|window, cells| {
                if let Some(winners) = Winners::of_cells(&map, cells) {
                    expected[window] = map[winners.first];
                    expected_sums[winners.first] += upstream[window];
                }
            });
            let (mut all, mut sums) = (vec![f64::NEG_INFINITY; n], vec![0.0; 48]);
            prop_assert!(maxima(&volume, &map, &mut all));
            prop_assert!(send_back(&volume, &map, &upstream, &mut sums));
            let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect();
            let [all, expected]: [Vec<u64>; 2] = [bits(&all), bits(&expected)];
            prop_assert_eq!(all, expected);
            prop_assert_eq!(sums, expected_sums);
        }
    }
}
