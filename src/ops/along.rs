//! The axes that a reduction goes along.

use super::axes::{AxisSet, Projection, axes, known_axis};
use super::settings::SettingType;
use super::torch::{self, TorchArgument};
use super::{Settings, ShapeError, Shapes};
use crate::tensor::Shape;

/// The axes that a reduction goes along, and whether they stay.
#[derive(Debug, Clone, Copy)]
pub struct Along<'a> {
    /// The axes as they are given; none named means all of them.
    pub dim: &'a [i64],
    /// Whether they stay, with a size of 1.
    pub keepdim: bool,
}

impl Along<'_> {
    fn axes(&self, rank: usize) -> AxisSet {
        match self.dim {
            [] => AxisSet::all(rank),
            dim => dim
                .iter()
                .map(|&dim| known_axis(dim, rank))
                .fold(AxisSet::default(), AxisSet::with),
        }
    }

    /// From the input's neurons to the output's.
    pub(super) fn projection<'s>(&self, input: &'s Shape) -> Projection<'s> {
        Projection::along(input, self.axes(input.rank()))
    }

    pub(super) fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (_, shape) = shapes.input();
        axes("dim", self.dim, shapes.input())?;
        let along = self.axes(shape.rank());
        let size = |(axis, &size): (usize, &usize)| match (along.contains(axis), self.keepdim) {
            (false, _) => Some(size),
            (true, true) => Some(1),
            (true, false) => None,
        };
        let sizes: Vec<usize> = shape.iter().enumerate().filter_map(size).collect();
        Ok(Shape::from(sizes.as_slice()))
    }

    /// What PyTorch's function takes: it wants the axes where they are to stay.
    pub(super) fn torch_arguments(
        &self,
        settings: &dyn Settings,
        input: &Shape,
    ) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(settings.given());
        if self.keepdim && self.dim.is_empty() {
            let all: Vec<usize> = (0..input.rank()).collect();
            arguments.extend(all.to_value().map(|all| ("dim", TorchArgument::Value(all))));
        }
        arguments
    }
}
