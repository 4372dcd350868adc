//! Shapes that a file's header claims.

use super::Error;
use crate::tensor::{MAX_RANK, Shape};

/// Returns the shape of the sizes in a file's header.
pub(super) fn checked_shape(sizes: &[usize], most: usize) -> Result<Shape, Error> {
    match Shape::new(sizes) {
        Some(shape) if shape.numel() <= most => Ok(shape),
        None if sizes.len() > MAX_RANK => Err(Error::TooManyAxes(sizes.len())),
        None if sizes.contains(&0) => Err(Error::NoElements(sizes.to_vec())),
        _ => Err(Error::TooManyElements {
            sizes: sizes.to_vec(),
            most,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_counted_before_anything_is_read() {
        let message = |sizes: &[usize]| checked_shape(sizes, 100).unwrap_err().to_string();
        assert_eq!(
            checked_shape(&[10, 10], 100).unwrap(),
            Shape::from([10, 10])
        );
        assert_eq!(
            message(&[101]),
            "the array of shape `[101]` has more than 100 elements"
        );
        assert_eq!(
            message(&[1 << 32, 1 << 32]),
            "the array of shape `[4294967296, 4294967296]` has more than 100 elements"
        );
        assert_eq!(
            message(&[3, 0]),
            "the array of shape `[3, 0]` has no elements"
        );
        assert_eq!(
            message(&[1; 33]),
            "the array has 33 axes, and a tensor at most 32"
        );
    }
}
