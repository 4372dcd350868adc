//! Axes of a shape: counted from either end, taken out, walked along, broadcast.

use smallvec::SmallVec;

use super::ShapeError;
use crate::tensor::{MAX_RANK, Shape};

/// Rows longer than this get their gradients by a closed form where the op's Jacobian couples the
/// whole row: n terms for each of n neurons are too many then. Shorter rows keep the bits of the
/// listed sum.
pub(super) const LONG_ROW: usize = 1024;

/// Returns the axis that `dim` means, counted from the last where it is negative. A scalar may be
/// asked for its axis 0, as in PyTorch.
pub(super) fn axis(
    key: &'static str,
    dim: i64,
    (name, shape): (&str, &Shape),
) -> Result<usize, ShapeError> {
    let last = shape.rank().max(1) - 1;
    resolved(dim, shape.rank()).ok_or_else(|| {
        let shape_error = match shape.rank() {
            0 => ShapeError::key(
                key,
                format!("`{name}` is a single number, so `{key}` can only be 0 or -1, not {dim}"),
            ),
            1 => ShapeError::key(
                key,
                format!("`{name}` has one axis, so `{key}` can only be 0 or -1, not {dim}"),
            ),
            n => ShapeError::key(
                key,
                format!("`{name}` has {n} axes, so `{key}` must be from -{n} to {last}, not {dim}"),
            ),
        };
        shape_error
            .labelled("no such axis")
            .hinted("axes are counted from 0, or from -1 backwards")
    })
}

/// Returns the set of the axes that `dims` means.
pub(super) fn axes(
    key: &'static str,
    dims: &[i64],
    input: (&str, &Shape),
) -> Result<AxisSet, ShapeError> {
    dims.iter().try_fold(AxisSet::default(), |set, &dim| {
        let axis = axis(key, dim, input)?;
        if set.contains(axis) {
            return Err(ShapeError::key(
                key,
                format!("`{key}` names axis {axis} of `{}` twice", input.0),
            )
            .hinted("a negative axis counts from the last: -1 is the last one"));
        }
        Ok(set.with(axis))
    })
}

/// Returns the axis that `dim` means, once `output_shape` has asked for it with [`axis`] or
/// [`axes`].
pub(super) fn known_axis(dim: i64, rank: usize) -> usize {
    resolved(dim, rank).expect("`output_shape` has found the axis")
}

/// Returns the axis that `dim` means, or nothing where there is no such axis.
fn resolved(dim: i64, rank: usize) -> Option<usize> {
    let rank = i64::try_from(rank.max(1)).ok()?;
    let axis = if dim < 0 { dim.checked_add(rank)? } else { dim };
    (0..rank)
        .contains(&axis)
        .then(|| usize::try_from(axis).ok())?
}

/// Returns the shape of these sizes, or why there can be no tensor of it. No size is 0.
pub(super) fn shape_of(sizes: &[usize]) -> Result<Shape, ShapeError> {
    Shape::new(sizes).ok_or_else(|| match sizes.len() {
        rank if rank > MAX_RANK => ShapeError::layer(format!(
            "the output would have {rank} axes, but a tensor has at most {MAX_RANK}"
        )),
        _ => too_many_elements(),
    })
}

/// The error about an output whose elements cannot be counted.
pub(super) fn too_many_elements() -> ShapeError {
    ShapeError::layer("the output would have too many elements")
}

/// Returns the shape that the inputs broadcast to by NumPy's rule.
pub(super) fn broadcast(inputs: &[(&str, &Shape)]) -> Result<Shape, ShapeError> {
    let mut shape = Shape::scalar();
    for (number, (name, next)) in inputs.iter().enumerate() {
        shape = match shape.broadcast(next) {
            Some(shape) => shape,
            None if broadcastable(&shape, next) => return Err(too_many_elements()),
            None => {
                let before = match number {
                    1 => format!("`{}` has {shape}", inputs[0].0),
                    _ => format!("the inputs before it make {shape}"),
                };
                return Err(ShapeError::input(
                    number,
                    format!("`{name}` has shape {next}, but {before}: they do not broadcast"),
                )
                .hinted("counted from the last axis, two sizes must be equal, or one of them 1"));
            }
        };
    }
    Ok(shape)
}

/// Whether the sizes, from the last axis on, are equal or 1.
pub(super) fn broadcastable(one: &[usize], other: &[usize]) -> bool {
    one.iter()
        .rev()
        .zip(other.iter().rev())
        .all(|(&a, &b)| a == b || a == 1 || b == 1)
}

/// Some of a tensor's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AxisSet(u32);

const _: () = assert!(
    MAX_RANK <= u32::BITS as usize,
    "an axis is a bit of an AxisSet"
);

impl AxisSet {
    /// Returns the first `rank` axes.
    pub(super) fn all(rank: usize) -> Self {
        (0..rank).fold(Self::default(), Self::with)
    }

    /// Returns the set with one axis more.
    pub(super) fn with(self, axis: usize) -> Self {
        Self(self.0 | 1 << axis)
    }

    /// Whether the axis is one of them.
    pub(super) fn contains(self, axis: usize) -> bool {
        self.0 >> axis & 1 == 1
    }
}

/// A tensor of these sizes seen along some of its axes, so that the neurons that differ only there
/// fall together in one place.
///
/// A sum maps its input to its output so; broadcasting maps the output back to an operand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection<'a> {
    sizes: &'a [usize],
    along: AxisSet,
}

impl<'a> Projection<'a> {
    /// Returns the projection of a tensor of these sizes along some axes.
    pub(super) fn along(sizes: &'a [usize], along: AxisSet) -> Self {
        Self { sizes, along }
    }

    /// Returns the projection of an output to the operand that was broadcast to it.
    pub(super) fn of_broadcast(output: &'a [usize], operand: &[usize]) -> Self {
        let missing = output.len() - operand.len();
        let repeated = |axis: &usize| *axis < missing || operand[*axis - missing] != output[*axis];
        Self {
            sizes: output,
            along: (0..output.len())
                .filter(repeated)
                .fold(AxisSet::default(), AxisSet::with),
        }
    }

    /// The row-major place to which an element falls.
    pub(super) fn place(&self, at: usize) -> usize {
        if self.along == AxisSet::default() {
            return at;
        }
        let (mut rest, mut place, mut stride) = (at, 0, 1);
        for (axis, &size) in self.sizes.iter().enumerate().rev() {
            if !self.along.contains(axis) {
                place += rest % size * stride;
                stride *= size;
            }
            rest /= size;
        }
        place
    }

    /// Visits the elements that fall to a place, in row-major order.
    pub(super) fn visit_fibre(&self, place: usize, visit: &mut dyn FnMut(usize)) {
        let (mut rest, mut first, mut stride) = (place, 0, 1);
        let mut loops = SmallVec::<[(usize, usize); 4]>::new();
        for (axis, &size) in self.sizes.iter().enumerate().rev() {
            if self.along.contains(axis) {
                loops.push((size, stride));
            } else {
                first += rest % size * stride;
                rest /= size;
            }
            stride *= size;
        }
        nested(first, &loops, visit);
    }
}

/// Visits `first` plus each combination of steps; `loops` holds (count, stride), the outermost
/// last.
pub(super) fn nested(first: usize, loops: &[(usize, usize)], visit: &mut dyn FnMut(usize)) {
    match loops.split_last() {
        None => visit(first),
        Some((&(count, stride), inner)) => {
            (0..count).for_each(|step| nested(first + step * stride, inner, visit))
        }
    }
}

/// The rows of a tensor along one axis. They are numbered in row-major order of the other axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// How many elements a row has.
    pub(super) size: usize,
    /// How far apart the elements of a row are.
    pub(super) stride: usize,
}

impl Rows {
    /// Returns the rows along an axis; a scalar is a row of one.
    pub(super) fn along(shape: &Shape, axis: usize) -> Self {
        if shape.rank() == 0 {
            return Self { size: 1, stride: 1 };
        }
        let (_, size, stride) = shape.around(axis);
        Self { size, stride }
    }

    /// The number of the row that an element is in.
    pub(super) fn number(self, at: usize) -> usize {
        at / (self.size * self.stride) * self.stride + at % self.stride
    }

    /// An element's place in its row.
    pub(super) fn position(self, at: usize) -> usize {
        at / self.stride % self.size
    }

    /// The elements of a row.
    pub(super) fn places(self, number: usize) -> impl Iterator<Item = usize> + Clone {
        let first = number / self.stride * (self.size * self.stride) + number % self.stride;
        (0..self.size).map(move |position| first + position * self.stride)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_count_from_either_end() {
        assert_eq!(resolved(-1, 3), Some(2));
        assert_eq!(resolved(0, 0), Some(0));
        assert_eq!(resolved(-1, 0), Some(0));
        for dim in [3, -4, i64::MAX, i64::MIN] {
            assert_eq!(resolved(dim, 3), None);
        }
        let matrix = Shape::from([2, 3]);
        assert_eq!(
            axis("dim", 2, ("x", &matrix)).unwrap_err().message,
            "`x` has 2 axes, so `dim` must be from -2 to 1, not 2"
        );
        assert_eq!(
            axes("dim", &[0, -2], ("x", &matrix)).unwrap_err().message,
            "`dim` names axis 0 of `x` twice"
        );
    }

    #[test]
    fn a_projection_and_its_fibres_belong_together() {
        let sizes = [2, 3, 1, 4];
        for bits in 0..16 {
            let projection = Projection::along(&sizes, AxisSet(bits));
            let mut last = None;
            for at in 0..24 {
                let mut fibre = Vec::new();
                projection.visit_fibre(projection.place(at), &mut |other| fibre.push(other));
                assert!(
                    fibre.is_sorted() && fibre.contains(&at),
                    "{bits:b} {at}: {fibre:?}"
                );
                assert!(
                    fibre
                        .iter()
                        .all(|&other| projection.place(other) == projection.place(at))
                );
                last = last.max(Some(projection.place(at)));
            }
            let kept: usize = (0..4)
                .filter(|axis| bits >> axis & 1 == 0)
                .map(|axis| sizes[axis])
                .product();
            assert_eq!(last, Some(kept - 1));
        }
    }

    #[test]
    fn broadcasting_reads_an_operand_again_and_again() {
        let projection = Projection::of_broadcast(&[2, 2, 3], &[2, 1]);
        let mut fibre = Vec::new();
        projection.visit_fibre(1, &mut |at| fibre.push(at));
        assert_eq!(fibre, [3, 4, 5, 9, 10, 11]);
        assert_eq!(projection.place(10), 1);
    }

    #[test]
    fn rows_are_numbered_without_their_axis() {
        let rows = Rows::along(&Shape::from([2, 3, 2]), 1);
        assert_eq!(rows.places(3).collect::<Vec<_>>(), [7, 9, 11]);
        assert_eq!((rows.number(9), rows.position(9)), (3, 1));
        assert_eq!(
            Rows::along(&Shape::scalar(), 0)
                .places(0)
                .collect::<Vec<_>>(),
            [0]
        );
    }
}
