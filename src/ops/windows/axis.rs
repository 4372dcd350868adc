//! One axis of windows that slide over an input, and how far apart they are.

use std::ops::Range;

/// One axis of a [`Volume`](super::Volume).
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Axis {
    /// How many places the input has.
    pub input: usize,
    /// How many windows there are.
    pub output: usize,
    /// How many places the kernel has.
    pub kernel: usize,
    /// How many places of padding come before the input.
    pub padding: usize,
    /// How many come after it.
    pub padding_after: usize,
    pub step: Step,
}

/// How far apart windows start, and how far apart the places of one window are.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Step {
    pub stride: usize,
    pub dilation: usize,
    /// The greatest common divisor of the two.
    common: usize,
    /// The inverse of `dilation / common` modulo `stride / common`.
    inverse: usize,
}

impl Axis {
    /// The kernel places of a window that lie on the input.
    pub(in crate::ops) fn kernel_places(&self, output: usize) -> Range<usize> {
        let start = output * self.step.stride;
        let first = div_ceil(self.padding.saturating_sub(start), self.step.dilation);
        let end = div_ceil(
            (self.input + self.padding).saturating_sub(start),
            self.step.dilation,
        );
        first..end.min(self.kernel)
    }

    /// The input places that a window looks at, each as (kernel place, input place), in ascending
    /// order.
    pub(in crate::ops) fn places(
        &self,
        output: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + use<> {
        let axis = *self;
        self.kernel_places(output)
            .map(move |kernel| (kernel, axis.place(output, kernel)))
    }

    /// By window: the first input place that it looks at, and at how many it looks.
    pub(in crate::ops) fn spans(&self) -> Vec<(usize, usize)> {
        (0..self.output)
            .map(|window| {
                let mut places = self.places(window);
                let n = places.len();
                (places.next().map_or(0, |(_, place)| place), n)
            })
            .collect()
    }

    /// The input place under a kernel place of a window, which must be one of its
    /// [`kernel_places`](Self::kernel_places).
    pub(in crate::ops) fn place(&self, output: usize, kernel: usize) -> usize {
        output * self.step.stride + kernel * self.step.dilation - self.padding
    }

    /// The windows that look at an input place, each as (window, kernel place), windows in
    /// ascending order.
    pub(in crate::ops) fn looking_at(
        &self,
        place: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + use<> {
        let Step {
            stride,
            dilation,
            common,
            ..
        } = self.step;
        let reach = place + self.padding;
        let highest = (self.kernel - 1).min(reach / dilation);
        let lowest = div_ceil(reach.saturating_sub((self.output - 1) * stride), dilation);
        let (kernel_step, output_step) = (stride / common, dilation / common);
        // The first window looks with the highest kernel place that lines up with a window's start.
        let top = self
            .step
            .lined_up(reach, highest)
            .filter(|&top| top >= lowest);
        let n = top.map_or(0, |top| (top - lowest) / kernel_step + 1);
        let top = top.unwrap_or(0);
        let first = (reach - top * dilation) / stride;
        (0..n).map(move |nth| (first + nth * output_step, top - nth * kernel_step))
    }

    /// The windows whose kernel place `kernel` lies on the input.
    pub(in crate::ops) fn windows_with(&self, kernel: usize) -> Range<usize> {
        let offset = kernel * self.step.dilation;
        let first = div_ceil(self.padding.saturating_sub(offset), self.step.stride);
        let end = div_ceil(
            (self.padding + self.input).saturating_sub(offset),
            self.step.stride,
        );
        first..end.min(self.output).max(first)
    }
}

impl Step {
    #[inline]
    pub(in crate::ops) fn new(stride: usize, dilation: usize) -> Self {
        // Nearly every step is like these, and windows are made anew for every neuron.
        if stride == 1 || dilation == 1 {
            return Self {
                stride,
                dilation,
                common: 1,
                inverse: usize::from(stride > 1),
            };
        }
        let common = gcd(stride, dilation);
        Self {
            stride,
            dilation,
            common,
            inverse: inverse(dilation / common, stride / common),
        }
    }

    /// The highest kernel place up to `highest` whose distance back from `reach` is a whole number
    /// of strides.
    fn lined_up(&self, reach: usize, highest: usize) -> Option<usize> {
        if self.stride == 1 {
            return Some(highest);
        }
        if self.common > 1 && !reach.is_multiple_of(self.common) {
            return None;
        }
        // kernel · dilation ≡ reach (mod stride), divided by what the two have in common.
        let period = self.stride / self.common;
        let residue =
            (reach / self.common % period) as u128 * self.inverse as u128 % period as u128;
        let above = highest.checked_sub(residue as usize)?;
        Some(highest - above % period)
    }
}

/// How many places a kernel spans.
pub(in crate::ops) fn extent(kernel: usize, dilation: usize) -> u128 {
    (kernel as u128 - 1) * dilation as u128 + 1
}

/// Division that rounds up. Most strides and dilations are 1, and a division is the slowest thing
/// in these loops.
fn div_ceil(number: usize, by: usize) -> usize {
    if by == 1 { number } else { number.div_ceil(by) }
}

pub(super) fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Returns the inverse of `number` modulo `modulus`, to which it is coprime, by Euclid's extended
/// algorithm.
pub(super) fn inverse(number: usize, modulus: usize) -> usize {
    let wide = modulus as i128;
    let (mut rest, mut next_rest) = (wide, number as i128 % wide);
    let (mut factor, mut next_factor) = (0, 1);
    while next_rest != 0 {
        let quotient = rest / next_rest;
        (rest, next_rest) = (next_rest, rest - quotient * next_rest);
        (factor, next_factor) = (next_factor, factor - quotient * next_factor);
    }
    factor.rem_euclid(wide) as usize
}
