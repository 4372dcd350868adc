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
