//! Numbers that are worked out of a row: its largest, its product, its length, its spread.
//!
//! Each op is a [`Statistic`], and all of them are one [`Op`].

mod extreme;
mod moment;
mod product;

use super::along::Along;
use super::torch::TorchArgument;
use super::{Contribution, Factor, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes};
use crate::tensor::{Shape, Tensor};

pub use extreme::{Amax, Amin, Max, Min};
pub use moment::{Norm, Std, Var};
pub use product::{LogSumExp, Prod};

/// A number that is worked out of a row.
pub trait Statistic: Settings {
    /// The axes along which a row lies.
    fn along(&self) -> Along<'_>;

    /// The number of a row.
    fn value(&self, row: &[f64]) -> f64;

    /// The partial derivative of a row's value by each of its elements.
    fn factors(&self, row: &[f64], value: f64) -> Vec<Factor>;

    /// Whether there is a kink between two rows.
    fn has_kink_between(&self, _row: &[f64], _other: &[f64]) -> bool {
        false
    }
}

/// An op that makes a number of each row.
#[derive(Debug)]
pub struct OfRows<S>(S);

impl<S: Statistic> From<S> for OfRows<S> {
    fn from(statistic: S) -> Self {
        Self(statistic)
    }
}

/// A row of the input: the places of its elements, and their values.
struct Row {
    places: Vec<usize>,
    values: Vec<f64>,
}

impl<S: Statistic> OfRows<S> {
    /// The row that an output neuron is worked out of.
    fn row(&self, input: &Tensor, output: usize) -> Row {
        let mut places = Vec::new();
        let projection = self.0.along().projection(input.shape());
        projection.visit_fibre(output, &mut |at| places.push(at));
        let values = places.iter().map(|&at| input.data()[at]).collect();
        Row { places, values }
    }

    /// A row with the factors of its elements.
    fn factors(&self, run: &Run<'_>, output: usize) -> impl Iterator<Item = (usize, Factor)> {
        let row = self.row(run.input().tensor, output);
        let factors = self.0.factors(&row.values, run.output.value(output));
        row.places.into_iter().zip(factors)
    }
}

impl<S: Statistic> Op for OfRows<S> {
    fn settings(&self) -> &dyn Settings {
        &self.0
    }

    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        self.0.along().torch_arguments(&self.0, input)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.0.along().output_shape(shapes)
    }

    fn n_copied(&self, shapes: &Shapes<'_>, output: &Shape) -> usize {
        shapes.input().1.numel() / output.numel().max(1)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input().tensor;
        Tensor::from_fn(shape.clone(), |output| {
            self.0.value(&self.row(input, output).values)
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let projection = self.0.along().projection(run.input().shape());
        projection.visit_fibre(output, visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let output = self.0.along().projection(run.input().shape()).place(at);
        let own = self.factors(run, output).find(|&(place, _)| place == at);
        own.into_iter()
            .for_each(|(_, factor)| visit(run.term_times(output, factor)));
    }

    /// Row by row, so that each is searched and summed only once.
    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        for output in 0..run.output.data().len() {
            for (at, factor) in self.factors(run, output) {
                sums[at] += run.term_times(output, factor).product();
            }
        }
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        (0..one.output.data().len()).find(|&output| {
            let [row, moved] = [one, other].map(|run| self.row(run.input().tensor, output));
            self.0.has_kink_between(&row.values, &moved.values)
        })
    }
}
