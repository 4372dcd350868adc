//! Ops whose every output element is a copy of one element of the input, a constant, or a sum of a
//! few elements with fixed weights. Each says only where its output's elements come from; an
//! element that is used n times has n terms.

mod along;
mod fold;
mod gather;
mod grid_sample;
mod interpolate;
mod map;
mod pad;
mod pixels;
mod triangle;

pub use along::{Expand, Flip, IndexSelect, Repeat, Roll, Select, Slice};
pub use fold::{Fold, Unfold};
pub use gather::{Embedding, Gather};
pub use grid_sample::{GridMode, GridPadding, GridSample};
pub use interpolate::{Interpolate, InterpolationMode};
pub use pad::{Pad, PadMode};
pub use pixels::{PixelShuffle, PixelUnshuffle};
pub use triangle::{Tril, Triu};

use super::phrases::Phrases;
use super::torch::{self, TorchArgument};
use super::{
    Contribution, Factor, FactorKind, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::parallel::for_each_number;
use crate::tensor::{Shape, Tensor};
use map::{Axis, Map};

/// The words of ops that copy.
const COPIED: Phrases = Phrases {
    unchanged: ": it is the same number in another place",
    adding: ", because each place that shows it counts",
    unheard: "No neuron of {layers} is a copy of {me}, so nothing comes back.",
    ..Phrases::NONE
};

/// An op that picks its output's elements out of its input's.
#[derive(Debug)]
pub struct Picking<S>(S);

impl<S> From<S> for Picking<S> {
    fn from(settings: S) -> Self {
        Self(settings)
    }
}

/// What differs between the ops that pick.
trait Picks: Settings {
    /// Whether what is picked is multiplied by weights.
    const WEIGHS: bool = false;

    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError>;

    /// Where the output's elements come from, once `output_shape` has found no fault.
    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis>;

    /// What stands where nothing is picked.
    fn filling(&self) -> f64 {
        0.0
    }

    /// The ways between an input and an output of these shapes.
    fn map(&self, input: &Shape, output: &Shape) -> Map {
        Map::new(self.axes(input, output))
    }

    fn map_of(&self, run: &Run<'_>) -> Map {
        self.map(run.input().shape(), run.output.shape())
    }

    /// What PyTorch's function takes.
    fn torch_arguments(&self, _input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        torch::given(self.given())
    }
}

impl<S: Picks> Op for Picking<S> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        self.0.torch_arguments(input)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.0.output_shape(shapes.input())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, map) = (
            operands.input(),
            self.0.map(operands.input().shape(), shape),
        );
        let mut output = Tensor::filled(shape.clone(), self.0.filling());
        for_each_number(output.data_mut(), &|at, number| {
            let mut sum = None;
            map.visit_sources(at, &mut |source, weight| {
                let part = if S::WEIGHS {
                    x.value(source) * weight
                } else {
                    x.value(source)
                };
                sum = Some(sum.map_or(part, |sum: f64| sum + part));
            });
            *number = sum.unwrap_or(*number);
        });
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        self.0
            .map_of(run)
            .visit_sources(output, &mut |source, _| visit(source));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        self.0.map_of(run).visit_readers(at, &mut |output, weight| {
            visit(if S::WEIGHS {
                run.term_times(output, Factor::of(FactorKind::Scale, weight))
            } else {
                run.term(output)
            });
        });
    }

    /// As the terms are added, with one map for all of them.
    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let (map, upstream) = (self.0.map_of(run), run.upstream);
        for_each_number(sums, &|at, sum| {
            map.visit_readers(at, &mut |output, weight| {
                *sum += if S::WEIGHS {
                    upstream[output] * weight
                } else {
                    upstream[output]
                };
            });
        });
    }
}

#[cfg(test)]
mod tests;
