//! A map with zeros around it, laid out so that whatever neighbouring sums look at lies side by
//! side.

use crate::ops::windows::Axis;
use crate::parallel::for_each_chunk;

/// How one axis of a map is laid out with its padding, and which sums look where.
pub(super) struct Along {
    /// How many places the padded axis has.
    pub size: usize,
    /// What of the map goes where; all else is padding.
    copies: Vec<Copied>,
    /// The sums, those together that see the same places of the kernel.
    pub classes: Vec<Class>,
}

/// Neighbouring places of the padded axis, and where in the map they come from.
struct Copied {
    to: usize,
    from: usize,
    n: usize,
    step: usize,
}

/// Sums along an axis that see the same places of the kernel.
pub(super) struct Class {
    /// The first of them, how far apart they are, and how many.
    pub first: usize,
    pub step: usize,
    pub n: usize,
    /// The places of the kernel in the order of the terms, and what the first sum sees through
    /// each; the next sum sees the next place.
    pub places: Vec<(usize, usize)>,
}

impl Along {
    /// How windows see an input. With a stride, the input's places of each remainder are brought
    /// together.
    ///
    /// Of kernel places that see nothing but padding there is no trace, so what is left differs by
    /// no more than tensors are long.
    pub(super) fn of_windows(axis: &Axis) -> Self {
        let stride = axis.step.stride as i128;
        let seen = (0..axis.kernel).filter(|&kernel| !axis.windows_with(kernel).is_empty());
        let shift =
            |kernel: usize| kernel as i128 * axis.step.dilation as i128 - axis.padding as i128;
        let seen: Vec<(usize, usize, i128)> = seen
            .map(|kernel| {
                (
                    kernel,
                    shift(kernel).rem_euclid(stride) as usize,
                    shift(kernel).div_euclid(stride),
                )
            })
            .collect();
        let lowest = seen.iter().map(|&(.., whole)| whole).min().unwrap_or(0);
        let highest = seen.iter().map(|&(.., whole)| whole).max().unwrap_or(0);
        let length = (highest - lowest) as usize + axis.output;
        let mut remainders: Vec<usize> = seen.iter().map(|&(_, remainder, _)| remainder).collect();
        remainders.sort_unstable();
        remainders.dedup();
        let copies = remainders
            .iter()
            .enumerate()
            .filter_map(|(nth, &remainder)| {
                let n_there = axis
                    .input
                    .checked_sub(remainder)?
                    .div_ceil(axis.step.stride);
                let (skipped, padding) = (lowest.max(0) as usize, (-lowest).max(0) as usize);
                let n = n_there
                    .saturating_sub(skipped)
                    .min(length.saturating_sub(padding));
                let from = remainder + skipped * axis.step.stride;
                (n > 0).then_some(Copied {
                    to: nth * length + padding,
                    from,
                    n,
                    step: axis.step.stride,
                })
            });
        let copies = copies.collect();
        let place = |&(kernel, remainder, whole): &(usize, usize, i128)| {
            let nth = remainders.partition_point(|&other| other < remainder);
            (kernel, nth * length + (whole - lowest) as usize)
        };
        let class = Class {
            first: 0,
            step: 1,
            n: axis.output,
            places: seen.iter().map(place).collect(),
        };
        Self {
            size: remainders.len() * length,
            copies,
            classes: vec![class],
        }
    }

    /// How the places of an input see the windows that look at them. With a stride, the places of
    /// each remainder are seen through the same places of the kernel.
    pub(super) fn of_inputs(axis: &Axis) -> Self {
        let stride = axis.step.stride;
        let from_window =
            |kernel: usize| kernel as i128 * axis.step.dilation as i128 - axis.padding as i128;
        let first = |kernel: usize| from_window(kernel).rem_euclid(stride as i128) as usize;
        let mut kernels: Vec<(usize, usize)> = (0..axis.kernel)
            .rev()
            .map(|kernel| (first(kernel), kernel))
            .filter(|&(first, _)| first < axis.input)
            .collect();
        kernels.sort_by_key(|&(first, _)| first);
        let mut classes = Vec::new();
        for kernels in kernels.chunk_by(|(one, _), (other, _)| one == other) {
            let (first, _) = kernels[0];
            let n = (axis.input - first).div_ceil(stride);
            let seen = kernels.iter().filter_map(|&(_, kernel)| {
                let window = (first as i128 - from_window(kernel)).div_euclid(stride as i128);
                let is_seen = window < axis.output as i128 && window + n as i128 > 0;
                is_seen.then_some((kernel, window))
            });
            classes.push((first, n, seen.collect::<Vec<_>>()));
        }
        let windows = classes.iter().flat_map(|(_, n, seen)| {
            seen.iter()
                .map(move |&(_, window)| (window, window + *n as i128))
        });
        let lowest = windows.clone().map(|(first, _)| first).min().unwrap_or(0);
        let end = windows.map(|(_, end)| end).max().unwrap_or(0);
        let (skipped, padding) = (lowest.max(0) as usize, (-lowest).max(0) as usize);
        let size = (end - lowest) as usize;
        let n = (axis.output - skipped.min(axis.output)).min(size.saturating_sub(padding));
        let classes = classes.into_iter().map(|(first, n, seen)| {
            let places = seen
                .into_iter()
                .map(|(kernel, window)| (kernel, (window - lowest) as usize))
                .collect();
            Class {
                first,
                step: stride,
                n,
                places,
            }
        });
        Self {
            size,
            copies: vec![Copied {
                to: padding,
                from: skipped,
                n,
                step: 1,
            }],
            classes: classes.collect(),
        }
    }
}

/// How many numbers may be read beyond the last map.
const SLACK: usize = 64;

/// Returns maps of `size` numbers each, in rows of `width`, with their padding.
pub(super) fn padded(
    rows: &Along,
    columns: &Along,
    maps: &[f64],
    size: usize,
    width: usize,
) -> Vec<f64> {
    let padded_size = rows.size * columns.size;
    let mut numbers = vec![0.0; maps.len() / size * padded_size + SLACK];
    if padded_size == 0 {
        return numbers;
    }
    let all = &mut numbers[..maps.len() / size * padded_size];
    let work = all.len();
    for_each_chunk(all, padded_size, work, &|nth, padded| {
        let map = &maps[nth * size..][..size];
        for copied in &rows.copies {
            for nth in 0..copied.n {
                let row = &map[(copied.from + nth * copied.step) * width..][..width];
                columns.copy(
                    row,
                    &mut padded[(copied.to + nth) * columns.size..][..columns.size],
                );
            }
        }
    });
    numbers
}

impl Along {
    fn copy(&self, row: &[f64], padded: &mut [f64]) {
        for copied in &self.copies {
            let to = &mut padded[copied.to..][..copied.n];
            match copied.step {
                1 => to.copy_from_slice(&row[copied.from..][..copied.n]),
                step => to
                    .iter_mut()
                    .zip(row[copied.from..].iter().step_by(step))
                    .for_each(|(to, from)| *to = *from),
            }
        }
    }
}
