//! The numbers of a tensor in an answer, some of which may be blank.

use std::fmt;
use std::sync::Arc;

use crate::tensor::Tensor;

/// The numbers that somebody has written for a tensor, in row-major order, some of whose places may
/// be blank. A copy shares them until one of the two is changed.
#[derive(Clone)]
pub struct Numbers(Arc<Vec<f64>>);

/// A blank: a NaN with a mark of its own, as the NA of R is, so that a file of a hundred million
/// numbers takes no more memory than the numbers do.
const BLANK: u64 = 0x7ff8_0000_0b1a_4c00;

impl Numbers {
    /// That many blanks.
    pub fn blank(n: usize) -> Self {
        std::iter::repeat_n(None, n).collect()
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number in a place; nothing where it is blank.
    pub fn get(&self, at: usize) -> Option<f64> {
        written(self.0[at])
    }

    /// Writes a number in a place, or blanks it.
    pub fn set(&mut self, at: usize, number: Option<f64>) {
        Arc::make_mut(&mut self.0)[at] = cell(number);
    }

    /// The places in which NaN is written where the right number is another.
    pub fn not_numbers(&self, right: &[f64]) -> impl Iterator<Item = usize> {
        let both = self.iter().zip(right).enumerate();
        both.filter(|(_, (written, right))| written.is_some_and(f64::is_nan) && !right.is_nan())
            .map(|(at, _)| at)
    }

    /// The numbers, with nothing in the place of a blank.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> {
        self.0.iter().map(|&cell| written(cell))
    }
}

fn written(cell: f64) -> Option<f64> {
    (cell.to_bits() != BLANK).then_some(cell)
}

fn cell(number: Option<f64>) -> f64 {
    number.unwrap_or(f64::from_bits(BLANK))
}

impl FromIterator<Option<f64>> for Numbers {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(numbers: I) -> Self {
        Self(Arc::new(numbers.into_iter().map(cell).collect()))
    }
}

impl From<Tensor> for Numbers {
    /// All numbers of a tensor, of which none is blank: a NaN is one too, whatever its bits are.
    fn from(tensor: Tensor) -> Self {
        let mut numbers = tensor.into_data();
        if numbers.iter().any(|number| number.to_bits() == BLANK) {
            let all = Arc::make_mut(&mut numbers).iter_mut();
            let blank = all.filter(|number| number.to_bits() == BLANK);
            blank.for_each(|number| *number = f64::NAN);
        }
        Self(numbers)
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_an_array_is_blank() {
        let numbers = Numbers::from(Tensor::scalar(f64::from_bits(BLANK)));
        assert!(numbers.get(0).is_some_and(f64::is_nan));
        assert_eq!(Numbers::blank(1).get(0), None);
    }
}
