//! Numbers that are known while a model is read: weights, shapes, axes.

use std::sync::Arc;

use super::error::Unsupported;
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// An array of floats or of integers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Floats(Array<f64>),
    /// Integers and booleans: a network computes nothing with them, but shapes and axes are such.
    Ints(Array<i64>),
}

/// Numbers in row-major order. Unlike a tensor it may be empty, as the shape of a scalar is. Copies
/// share the numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array<T> {
    sizes: Vec<usize>,
    data: Arc<Vec<T>>,
}

impl<T: Copy> Array<T> {
    /// Returns the array of these numbers, or nothing where their count is not that of the sizes,
    /// or there are too many axes.
    pub(super) fn new(sizes: Vec<usize>, data: Vec<T>) -> Option<Self> {
        let fits = sizes.len() <= MAX_RANK && count(&sizes) == Some(data.len());
        fits.then(|| Self {
            sizes,
            data: Arc::new(data),
        })
    }

    /// Returns a list of numbers.
    pub(super) fn list(data: Vec<T>) -> Self {
        Self {
            sizes: vec![data.len()],
            data: Arc::new(data),
        }
    }

    /// Returns a single number.
    pub(super) fn scalar(number: T) -> Self {
        Self {
            sizes: Vec::new(),
            data: Arc::new(vec![number]),
        }
    }

    pub(super) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    pub(super) fn data(&self) -> &[T] {
        &self.data
    }

    /// Returns the same numbers under other sizes, or nothing where those have another count, or
    /// are too many.
    pub(super) fn reshaped(&self, sizes: Vec<usize>) -> Option<Self> {
        let fits = sizes.len() <= MAX_RANK && count(&sizes) == Some(self.data.len());
        fits.then(|| Self {
            sizes,
            data: Arc::clone(&self.data),
        })
    }

    /// Returns the array with every number replaced by what `make` makes of it.
    pub(super) fn map<U>(&self, make: impl Fn(T) -> U) -> Array<U> {
        Array {
            sizes: self.sizes.clone(),
            data: Arc::new(self.data.iter().map(|&number| make(number)).collect()),
        }
    }

    /// Returns the array whose axis n is this one's axis `order[n]`. `order` names every axis once.
    pub(super) fn permuted(&self, order: &[usize]) -> Self {
        let sizes: Vec<usize> = order.iter().map(|&axis| self.sizes[axis]).collect();
        let strides: Vec<usize> = order
            .iter()
            .map(|&axis| self.sizes[axis + 1..].iter().product())
            .collect();
        let place = |at: usize| {
            let mut rest = at;
            let along = sizes.iter().zip(&strides).rev().map(|(&size, &stride)| {
                let index = rest % size;
                rest /= size;
                index * stride
            });
            along.sum::<usize>()
        };
        let data = (0..self.data.len())
            .map(|at| self.data[place(at)])
            .collect();
        Self {
            sizes,
            data: Arc::new(data),
        }
    }

    /// Returns the elements of these places along an axis, in their order. Every place is on the
    /// axis.
    pub(super) fn taken(&self, axis: usize, places: &[usize]) -> Self {
        let inner: usize = self.sizes[axis + 1..].iter().product();
        let block = self.sizes[axis] * inner;
        let mut sizes = self.sizes.clone();
        sizes[axis] = places.len();
        let mut data = Vec::with_capacity(count(&sizes).unwrap_or(0));
        for block in self.data.chunks(block.max(1)) {
            places
                .iter()
                .for_each(|&place| data.extend_from_slice(&block[place * inner..][..inner]));
        }
        Self {
            sizes,
            data: Arc::new(data),
        }
    }
}

impl<T: Copy> Array<T> {
    /// Returns arrays joined along an axis, or nothing where they do not fit.
    pub(super) fn joined(arrays: &[&Self], axis: usize) -> Option<Self> {
        let first = arrays.first()?;
        let fits = |array: &&Self| {
            array.sizes.len() == first.sizes.len()
                && (0..first.sizes.len()).all(|n| n == axis || array.sizes[n] == first.sizes[n])
        };
        if axis >= first.sizes.len() || !arrays.iter().all(fits) {
            return None;
        }
        let mut sizes = first.sizes.clone();
        sizes[axis] = arrays
            .iter()
            .try_fold(0_usize, |sum, array| sum.checked_add(array.sizes[axis]))?;
        let outer: usize = first.sizes[..axis].iter().product();
        let mut data = Vec::new();
        for block in 0..if arrays.iter().all(|array| array.data.is_empty()) {
            0
        } else {
            outer
        } {
            for array in arrays {
                let size = array.data.len() / outer;
                data.extend_from_slice(&array.data[block * size..][..size]);
            }
        }
        Self::new(sizes, data)
    }

    /// Returns the array broadcast to sizes that it broadcasts to.
    pub(super) fn stretched(&self, sizes: &[usize]) -> Option<Self> {
        if self.sizes == sizes {
            return Some(self.clone());
        }
        let place = |at: usize| {
            let (mut rest, mut place, mut step) = (at, 0, 1);
            for (axis, &size) in sizes.iter().enumerate().rev() {
                let index = rest % size;
                rest /= size;
                let own = (axis + self.sizes.len())
                    .checked_sub(sizes.len())
                    .map_or(1, |axis| self.sizes[axis]);
                place += if own == 1 { 0 } else { index * step };
                step *= own;
            }
            place
        };
        self.picked(sizes.to_vec(), (0..count(sizes)?).map(place))
    }

    /// Returns the elements at these places in row-major order, or nothing where they do not fit
    /// the sizes.
    pub(super) fn picked(
        &self,
        sizes: Vec<usize>,
        places: impl IntoIterator<Item = usize>,
    ) -> Option<Self> {
        let data: Option<Vec<T>> = places
            .into_iter()
            .map(|place| self.data.get(place).copied())
            .collect();
        Self::new(sizes, data?)
    }

    /// Returns what two arrays make element by element, broadcast to each other, or nothing where
    /// they do not broadcast, or an element cannot be made.
    pub(super) fn combined<U: Copy, V: Copy>(
        &self,
        other: &Array<U>,
        make: impl Fn(T, U) -> Option<V>,
    ) -> Option<Array<V>> {
        let sizes = broadcast(&self.sizes, &other.sizes)?;
        let (one, other) = (self.stretched(&sizes)?, other.stretched(&sizes)?);
        let pairs = one.data.iter().zip(other.data.iter());
        let data = pairs.map(|(&a, &b)| make(a, b)).collect::<Option<_>>()?;
        Array::new(sizes, data)
    }
}

/// Returns the sizes that two arrays broadcast to by NumPy's rule. Unlike those of a tensor they
/// may be 0.
pub(super) fn broadcast(one: &[usize], other: &[usize]) -> Option<Vec<usize>> {
    let rank = one.len().max(other.len());
    let size = |sizes: &[usize], axis: usize| {
        (axis + sizes.len())
            .checked_sub(rank)
            .map_or(1, |axis| sizes[axis])
    };
    (0..rank)
        .map(|axis| match (size(one, axis), size(other, axis)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

/// Makes an array of the one that a constant is, of the same kind.
macro_rules! of_its_kind {
    ($constant:expr, $array:ident => $made:expr) => {
        match $constant {
            Constant::Floats($array) => Constant::Floats($made),
            Constant::Ints($array) => Constant::Ints($made),
        }
    };
}

impl Constant {
    /// Returns the constant under other sizes, as [`Array::reshaped`] does.
    pub(super) fn reshaped(&self, sizes: Vec<usize>) -> Option<Self> {
        Some(of_its_kind!(self, array => array.reshaped(sizes)?))
    }

    /// Returns the constant with its axes in another order, as [`Array::permuted`] does.
    pub(super) fn permuted(&self, order: &[usize]) -> Self {
        of_its_kind!(self, array => array.permuted(order))
    }

    /// Returns places along an axis, as [`Array::taken`] does.
    pub(super) fn taken(&self, axis: usize, places: &[usize]) -> Self {
        of_its_kind!(self, array => array.taken(axis, places))
    }

    /// Returns the constant broadcast to sizes, as [`Array::stretched`] does.
    pub(super) fn stretched(&self, sizes: &[usize]) -> Option<Self> {
        Some(of_its_kind!(self, array => array.stretched(sizes)?))
    }

    /// Returns the elements at these places, as [`Array::picked`] does.
    pub(super) fn picked(&self, sizes: Vec<usize>, places: &[usize]) -> Option<Self> {
        let places = places.iter().copied();
        Some(of_its_kind!(self, array => array.picked(sizes, places)?))
    }

    /// Returns constants of one kind joined along an axis, as [`Array::joined`] does.
    pub(super) fn joined(all: &[&Self], axis: usize) -> Option<Self> {
        let ints: Option<Vec<&Array<i64>>> = all.iter().map(|constant| constant.ints()).collect();
        if let Some(ints) = ints {
            return Array::joined(&ints, axis).map(Self::Ints);
        }
        let floats: Option<Vec<&Array<f64>>> =
            all.iter().map(|constant| constant.floats()).collect();
        Array::joined(&floats?, axis).map(Self::Floats)
    }

    pub(super) fn floats(&self) -> Option<&Array<f64>> {
        match self {
            Self::Floats(array) => Some(array),
            Self::Ints(_) => None,
        }
    }

    pub(super) fn ints(&self) -> Option<&Array<i64>> {
        match self {
            Self::Ints(array) => Some(array),
            Self::Floats(_) => None,
        }
    }

    /// Returns the numbers as floats or as integers, to which floats are cut.
    pub(super) fn cast(&self, to_floats: bool) -> Self {
        match self {
            Self::Floats(array) if !to_floats => Self::Ints(array.map(|number| number as i64)),
            Self::Ints(array) if to_floats => Self::Floats(array.map(|number| number as f64)),
            same => same.clone(),
        }
    }

    pub(super) fn sizes(&self) -> &[usize] {
        match self {
            Self::Floats(array) => array.sizes(),
            Self::Ints(array) => array.sizes(),
        }
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Floats(array) => array.data().len(),
            Self::Ints(array) => array.data().len(),
        }
    }

    /// Returns the numbers as a tensor, whole ones too.
    pub(super) fn widened(&self) -> Result<Tensor, Unsupported> {
        match self {
            Self::Floats(_) => self.tensor(),
            Self::Ints(array) => {
                let numbers = array.data().iter().map(|&number| number as f64).collect();
                Ok(Tensor::new(shape(array.sizes())?, numbers)
                    .expect("an array has as many numbers as its sizes say"))
            }
        }
    }

    /// Returns the numbers as a tensor of a network.
    pub(super) fn tensor(&self) -> Result<Tensor, Unsupported> {
        match self {
            Self::Floats(array) => {
                let shape = shape(array.sizes())?;
                Ok(Tensor::new(shape, array.data().to_vec())
                    .expect("an array has as many numbers as its sizes say"))
            }
            Self::Ints(_) => Err(Unsupported::new(
                "computes with integers, which have no gradient",
            )),
        }
    }
}

/// Returns the number of elements of these sizes, or nothing where it cannot be counted, not even
/// for some of the axes.
pub(super) fn count(sizes: &[usize]) -> Option<usize> {
    let without_zeros = sizes
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)))?;
    Some(if sizes.contains(&0) { 0 } else { without_zeros })
}

/// Returns the shape of a tensor of these sizes.
pub(super) fn shape(sizes: &[usize]) -> Result<Shape, Unsupported> {
    Shape::new(sizes).ok_or_else(|| {
        let says = format!(
            "has the sizes {sizes:?}, but a tensor of a scenario has at least one element, \
             and at most {MAX_RANK} axes"
        );
        Unsupported::new(says)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube() -> Array<i64> {
        Array::new(vec![2, 3, 2], (0..12).collect()).unwrap()
    }

    #[test]
    fn axes_are_permuted() {
        let permuted = cube().permuted(&[2, 0, 1]);
        assert_eq!(
            (permuted.sizes(), permuted.data()),
            (&[2, 2, 3][..], &[0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11][..])
        );
        assert_eq!(permuted.permuted(&[1, 2, 0]), cube());
    }

    #[test]
    fn places_are_taken() {
        let taken = cube().taken(1, &[2, 0]);
        assert_eq!(
            (taken.sizes(), taken.data()),
            (&[2, 2, 2][..], &[4, 5, 0, 1, 10, 11, 6, 7][..])
        );
        assert_eq!(cube().taken(0, &[]).sizes(), [0, 3, 2]);
        let empty = Array::<i64>::new(vec![2, 0], vec![]).unwrap();
        assert_eq!(empty.taken(0, &[1]).sizes(), [1, 0]);
    }
}
