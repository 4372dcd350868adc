//! Shapes, tensors of f64, the addresses of their neurons, and numbers as text.

mod address;
mod escapes;
mod number;
pub(crate) mod numerals;
mod precision;
mod shape;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use ndarray::ArrayViewD;

pub use address::{Address, AddressError, AddressErrorKind, is_name};
pub use escapes::{Escapes, OutOfRange};
pub(crate) use number::number_prefix;
pub use number::{NumberError, exact, parse_finite, parse_number, rounded, signed, write_exact};
pub use precision::{Arithmetic, Precision, UnknownPrecision};
pub use shape::{Index, MAX_RANK, Shape};

/// A tensor of a network, by its place in [the network's list](crate::tape::Network::tensors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorId(pub u32);

/// One element of a tensor: `at` is its row-major place.
///
/// A view and its base hold the same neurons at the same places, because flattening and reshaping
/// keep the row-major order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    /// The tensor that the neuron is in.
    pub tensor: TensorId,
    /// Its row-major place there.
    pub at: usize,
}

/// A number's eight bytes in a file, the lowest first.
///
/// NaN has one form there. Which of several NaNs a sum keeps is up to the processor, and to the
/// width of its registers.
pub(crate) fn le_bytes(number: f64) -> [u8; 8] {
    let number = if number.is_nan() { f64::NAN } else { number };
    number.to_le_bytes()
}

/// A shape and its numbers in row-major order. Copies share the numbers until one of them is
/// changed.
///
/// ```
/// use backstep::tensor::{Shape, Tensor};
///
/// let weight = Tensor::new(Shape::from([2, 3]), vec![1.0, 0.0, -1.0, 2.0, 4.0, 0.5]).unwrap();
/// assert_eq!(weight.data()[weight.shape().place(&[1, 0]).unwrap()], 2.0);
/// assert!(Tensor::new(Shape::from([2, 3]), vec![1.0]).is_none());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Shape,
    data: Arc<Vec<f64>>,
}

impl Tensor {
    /// Returns the tensor of these numbers, or nothing where their count is not the shape's.
    pub fn new(shape: Shape, data: Vec<f64>) -> Option<Self> {
        (shape.numel() == data.len()).then(|| Self {
            shape,
            data: Arc::new(data),
        })
    }

    /// Returns the tensor whose every element is `value`.
    pub fn filled(shape: Shape, value: f64) -> Self {
        let data = Arc::new(vec![value; shape.numel()]);
        Self { shape, data }
    }

    /// Returns a scalar, whose shape is `[]`.
    pub fn scalar(value: f64) -> Self {
        Self {
            shape: Shape::scalar(),
            data: Arc::new(vec![value]),
        }
    }

    /// Returns the tensor whose element at each row-major place is what `element` says.
    pub fn from_fn(shape: Shape, element: impl FnMut(usize) -> f64) -> Self {
        let data = Arc::new((0..shape.numel()).map(element).collect());
        Self { shape, data }
    }

    /// The size of each axis.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The numbers in row-major order.
    #[inline]
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// The numbers in row-major order, to change. A tensor that shares them gets its own first.
    pub fn data_mut(&mut self) -> &mut [f64] {
        let data: &mut Vec<f64> = Arc::make_mut(&mut self.data);
        data
    }

    /// Returns the numbers rounded to a format, without a copy where that rounds nothing, and which
    /// of them have left its range.
    #[must_use]
    pub fn rounded_to(mut self, precision: Precision) -> (Self, Escapes) {
        let escapes = match precision.rounds() {
            true => precision.round_all(self.data_mut()),
            false => Escapes::default(),
        };
        (self, escapes)
    }

    /// The numbers alone, without a copy where nobody shares them.
    pub(crate) fn into_data(self) -> Arc<Vec<f64>> {
        self.data
    }

    /// Returns the same numbers under another shape, or nothing where it has another number of
    /// elements.
    pub fn reshaped(&self, shape: Shape) -> Option<Self> {
        (shape.numel() == self.data.len()).then(|| Self {
            shape,
            data: Arc::clone(&self.data),
        })
    }
}

impl From<ArrayViewD<'_, f64>> for Tensor {
    fn from(view: ArrayViewD<'_, f64>) -> Self {
        let shape = Shape::from(view.shape());
        Self {
            shape,
            data: Arc::new(view.iter().copied().collect()),
        }
    }
}
