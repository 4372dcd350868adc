//! `tril` and `triu`: what stands on one side of a diagonal.

use super::{Axis, COPIED, Picking, Picks};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{IntoOp, ShapeError};
use crate::tensor::Shape;

settings! {
    /// What is on a diagonal of each matrix and below it; 0 above.
    #[derive(Copy)]
    pub struct Tril {
        /// Which diagonal: 0 is the main one, 1 the one above it.
        diagonal: i64 = 0,
    }
}

settings! {
    /// What is on a diagonal of each matrix and above it; 0 below.
    #[derive(Copy)]
    pub struct Triu {
        /// Which diagonal: 0 is the main one, 1 the one above it.
        diagonal: i64 = 0,
    }
}

const KEPT: Phrases = Phrases {
    unchanged: ": it is kept as it is",
    ..COPIED
};

impl IntoOp for Tril {
    type Op = Picking<Self>;
}

impl Described for Tril {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("tril", OpKind::Rearrangement, Self::ABOUT)
            .saying(&KEPT)
            .in_torch(Torch::Function);
}

impl IntoOp for Triu {
    type Op = Picking<Self>;
}

impl Described for Triu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("triu", OpKind::Rearrangement, Self::ABOUT)
            .saying(&KEPT)
            .in_torch(Torch::Function);
}

impl Picks for Tril {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        matrices(input)
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        kept(input, |above| above <= self.diagonal)
    }
}

impl Picks for Triu {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        matrices(input)
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        kept(input, |above| above >= self.diagonal)
    }
}

fn matrices((name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
    if shape.rank() >= 2 {
        return Ok(shape.clone());
    }
    let message = format!("`{name}` has shape {shape}, but a diagonal is that of a matrix");
    Err(ShapeError::input(0, message))
}

/// Keeps an element where `is_kept` says so of how far it is above the main diagonal.
fn kept(shape: &Shape, is_kept: impl Fn(i64) -> bool) -> Vec<Axis> {
    let (n_rows, n_columns) = shape.grid();
    let size = n_rows * n_columns;
    let place = |at: usize| {
        let above = (at % n_columns) as i64 - (at / n_columns) as i64;
        is_kept(above).then_some(at)
    };
    let matrices = shape.numel() / size;
    vec![
        Axis::Kept(matrices),
        Axis::picked(size, (0..size).map(place)),
    ]
}
