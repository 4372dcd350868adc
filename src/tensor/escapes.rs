//! The numbers that leave the range of a format as they are rounded to it.

/// How a number has left the range of the format that it is rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// It is 0, and before it was rounded it was not.
    Flushed,
    /// It is infinite, and before it was rounded it was finite.
    Overflowed,
}

impl OutOfRange {
    /// How a number has left the range as it was rounded; nothing where it is in range, or was NaN
    /// or infinite before.
    #[inline]
    pub fn of(before: f64, rounded: f64) -> Option<Self> {
        if rounded == 0.0 && before != 0.0 {
            Some(Self::Flushed)
        } else if rounded.is_infinite() && before.is_finite() {
            Some(Self::Overflowed)
        } else {
            None
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flushed => "flushed",
            Self::Overflowed => "overflowed",
        }
    }
}

/// The places of a tensor at which its numbers left the range of a format as they were rounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Escapes {
    /// Those of numbers that are flushed, in order.
    flushed: Vec<usize>,
    /// Those of numbers that have overflowed, in order.
    overflowed: Vec<usize>,
}

impl Escapes {
    /// Takes note of what becomes of the number at a place behind all others.
    #[inline]
    pub(super) fn note(&mut self, at: usize, before: f64, rounded: f64) {
        match OutOfRange::of(before, rounded) {
            Some(OutOfRange::Flushed) => self.flushed.push(at),
            Some(OutOfRange::Overflowed) => self.overflowed.push(at),
            None => {}
        }
    }

    /// How the number at a place has left the range, if it has.
    pub fn at(&self, at: usize) -> Option<OutOfRange> {
        if self.flushed.binary_search(&at).is_ok() {
            Some(OutOfRange::Flushed)
        } else if self.overflowed.binary_search(&at).is_ok() {
            Some(OutOfRange::Overflowed)
        } else {
            None
        }
    }

    /// How many numbers are flushed.
    pub fn n_flushed(&self) -> usize {
        self.flushed.len()
    }

    /// How many have overflowed.
    pub fn n_overflowed(&self) -> usize {
        self.overflowed.len()
    }

    /// The first place of one that has left the range.
    pub fn first(&self) -> Option<usize> {
        let firsts = [&self.flushed, &self.overflowed].map(|places| places.first());
        firsts.into_iter().flatten().min().copied()
    }

    /// Takes over where an addend that had left the range alone makes the same of the whole, whose
    /// rounded numbers these are.
    pub(crate) fn take_over(&mut self, addend: &Self, rounded: &[f64]) {
        let kept = |places: &[usize], is: fn(f64) -> bool| {
            let kept = places.iter().copied().filter(|&at| is(rounded[at]));
            kept.collect::<Vec<_>>()
        };
        self.flushed
            .extend(kept(&addend.flushed, |number| number == 0.0));
        self.overflowed
            .extend(kept(&addend.overflowed, f64::is_infinite));
        for places in [&mut self.flushed, &mut self.overflowed] {
            places.sort_unstable();
            places.dedup();
        }
    }
}
