//! Max pooling a row of windows at a time, each kernel place over all of them.

use crate::ops::windows::Volume;
use crate::parallel::with_wide_registers;

/// Sets the maximum of each window of a map, from −∞, or returns that it cannot.
pub(super) fn maxima(volume: &Volume, map: &[f64], maxima: &mut [f64]) -> bool {
    let width = volume.columns.output;
    each_row(volume, map, |number, row| {
        maxima[number * width..][..width].copy_from_slice(&row.maxima);
    })
}

/// Adds the upstream gradient of each window of a map to the sum of its first winner, or returns
/// that it cannot. To a loser nothing is added, which is the same as a 0: no sum may be −0.
pub(super) fn send_back(volume: &Volume, map: &[f64], upstream: &[f64], sums: &mut [f64]) -> bool {
    let (width, stride) = (volume.columns.output, volume.columns.step.stride);
    each_row(volume, map, |number, row| {
        let upstream = &upstream[number * width..][..width];
        for (window, (upstream, &winner)) in upstream.iter().zip(&row.winners).enumerate() {
            if let Some((first, place)) = row.places.get(winner as usize) {
                sums[place + (window - first) * stride] += upstream;
            }
        }
    })
}

/// Visits the rows of windows of a map in order, each with its number and its winners, or returns
/// that it cannot.
fn each_row(volume: &Volume, map: &[f64], mut visit: impl FnMut(usize, &Row)) -> bool {
    let (columns, height) = (&volume.columns, volume.n_output() / volume.columns.output);
    // A kernel place may hang over the input in every window, and of these there may be billions.
    if columns.kernel > columns.input {
        return false;
    }
    let mut row = Row::new(columns.output);
    for number in 0..height {
        with_wide_registers(
            #[inline(always)]
            || row.meet(volume, number, map),
        );
        visit(number, &row);
    }
    true
}

/// Who has won in a row of windows.
struct Row {
    /// By window: the winner's value, or −∞.
    maxima: Vec<f64>,
    /// By window: through which of the kernel places the winner is seen, or nobody.
    winners: Vec<u64>,
    /// By kernel place: the first window that looks through it, and at which place of the map.
    places: Vec<(usize, usize)>,
    /// What the windows see through one of them, side by side.
    seen: Vec<f64>,
}

/// Where no number has won yet.
const NOBODY: u64 = u64::MAX;

impl Row {
    fn new(n_windows: usize) -> Self {
        Self {
            maxima: vec![f64::NEG_INFINITY; n_windows],
            winners: vec![NOBODY; n_windows],
            places: Vec::new(),
            seen: vec![0.0; n_windows],
        }
    }

    /// Lets the numbers meet that the windows of one row look at.
    #[inline(always)]
    fn meet(&mut self, volume: &Volume, row: usize, map: &[f64]) {
        let columns = &volume.columns;
        self.maxima.fill(f64::NEG_INFINITY);
        self.winners.fill(NOBODY);
        self.places.clear();
        for (_, line) in volume.rows.places(row) {
            for kernel in 0..columns.kernel {
                let windows = columns.windows_with(kernel);
                if windows.is_empty() {
                    continue;
                }
                let place = line * columns.input + columns.place(windows.start, kernel);
                let number = self.places.len() as u64;
                self.places.push((windows.start, place));
                let seen = &mut self.seen[..windows.len()];
                for (seen, value) in seen
                    .iter_mut()
                    .zip(map[place..].iter().step_by(columns.step.stride))
                {
                    *seen = *value;
                }
                let winners = self.winners[windows.clone()].iter_mut();
                let met = self.maxima[windows].iter_mut().zip(winners).zip(seen);
                for ((maximum, winner), &mut value) in met {
                    let wins = surpasses(value, *maximum) | (*winner == NOBODY);
                    *maximum = if wins { value } else { *maximum };
                    *winner = if wins { number } else { *winner };
                }
            }
        }
    }
}

/// Whether a number wins against those before it, of which the last NaN or else the first maximum
/// has won.
#[inline]
fn surpasses(value: f64, maximum: f64) -> bool {
    (value > maximum) | value.is_nan()
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
