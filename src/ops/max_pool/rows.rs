//! Max pooling a row of windows at a time, each kernel place over all of them.

use std::ops::Range;

use crate::ops::windows::{Axis, Volume};
use crate::parallel::with_wide_registers;

/// Sets the maximum of each window of a map, from −∞, or returns that it cannot.
pub(super) fn maxima(volume: &Volume, map: &[f64], maxima: &mut [f64]) -> bool {
    if !is_quick(&volume.columns) {
        return false;
    }
    let width = volume.columns.output;
    let mut met = vec![0.0; width];
    with_wide_registers(
        #[inline(always)]
        || {
            for (row, maxima) in maxima.chunks_mut(width).enumerate() {
                meet_row(
                    volume,
                    row,
                    map,
                    &mut met,
                    #[inline(always)]
                    |windows, _, values| {
                        for (maximum, &value) in maxima[windows].iter_mut().zip(values) {
                            *maximum = if surpasses(value, *maximum) {
                                value
                            } else {
                                *maximum
                            };
                        }
                    },
                );
            }
        },
    );
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
    // By window: which kernel place of those that were met has won.
    let mut winners = vec![NOBODY; width];
    let mut met = vec![0.0; width];
    // By kernel place: the first window that looks through it, and at which place.
    let mut places = Vec::new();
    with_wide_registers(
        #[inline(always)]
        || {
            for (row, upstream) in upstream.chunks(width).enumerate() {
                maxima.fill(f64::NEG_INFINITY);
                winners.fill(NOBODY);
                places.clear();
                meet_row(
                    volume,
                    row,
                    map,
                    &mut met,
                    #[inline(always)]
                    |windows, place, values| {
                        let number = places.len() as u64;
                        places.push((windows.start, place));
                        let maxima = maxima[windows.clone()].iter_mut();
                        let met = maxima.zip(&mut winners[windows]).zip(values);
                        for ((maximum, winner), &value) in met {
                            let wins = surpasses(value, *maximum) | (*winner == NOBODY);
                            *maximum = if wins { value } else { *maximum };
                            *winner = if wins { number } else { *winner };
                        }
                    },
                );
                for (window, (upstream, &winner)) in upstream.iter().zip(&winners).enumerate() {
                    if let Some((first, place)) = places.get(winner as usize) {
                        sums[place + (window - first) * stride] += upstream;
                    }
                }
            }
        },
    );
    true
}

/// Where no number has won yet.
const NOBODY: u64 = u64::MAX;

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

/// Visits the windows of a row with one kernel place after the other: which windows look through
/// it, at which place the first of them does, and what they all see, brought together by `met`.
#[inline(always)]
fn meet_row(
    volume: &Volume,
    row: usize,
    map: &[f64],
    met: &mut [f64],
    mut visit: impl FnMut(Range<usize>, usize, &[f64]),
) {
    let columns = &volume.columns;
    for (_, line) in volume.rows.places(row) {
        for kernel in 0..columns.kernel {
            let windows = columns.windows_with(kernel);
            if !windows.is_empty() {
                let place = line * columns.input + columns.place(windows.start, kernel);
                let values = map[place..].iter().step_by(columns.step.stride);
                let met = &mut met[..windows.len()];
                met.iter_mut()
                    .zip(values)
                    .for_each(|(met, value)| *met = *value);
                visit(windows, place, met);
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
