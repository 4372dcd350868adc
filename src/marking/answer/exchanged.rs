//! A matrix that is handed in with its rows and columns exchanged.

use crate::marking::numbers::Numbers;
use crate::tensor::Shape;

/// The shape of a matrix whose rows and columns are exchanged, where that is another one.
pub(super) fn exchanged(shape: &Shape) -> Option<Shape> {
    let &[rows, columns] = &shape[..] else {
        return None;
    };
    (rows != columns).then(|| Shape::from([columns, rows]))
}

/// The place, in a matrix of this shape, of what stands at a place of the exchanged one.
pub(super) fn place(shape: &Shape, at: usize) -> usize {
    let (rows, columns) = (shape[0], shape[1]);
    at % rows * columns + at / rows
}

/// The numbers of a matrix of this shape, from those of the exchanged one.
pub(super) fn back(shape: &Shape, theirs: &Numbers) -> Numbers {
    let mut numbers = Numbers::blank(shape.numel());
    for (at, number) in theirs.iter().enumerate() {
        numbers.set(place(shape, at), number);
    }
    numbers
}
