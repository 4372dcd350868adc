//! `local_response_norm`: each neuron divided by how loud the channels beside it are.

use std::ops::Range;

use super::axes::Rows;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::{Bound, Domain, settings};
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// x / (k + alpha · the mean of x² over `size` neighbouring channels)^beta.
    ///
    /// The mean divides by `size` also where the channels end (Krizhevsky et al., 2012).
    #[derive(Copy)]
    pub struct LocalResponseNorm {
        required {
            /// How many channels are neighbours, the neuron's own among them.
            size: usize => Domain::Whole(Bound::AtLeast(1)),
        }
        /// What the mean square is multiplied by.
        alpha: f64 = 1e-4,
        /// The exponent.
        beta: f64 = 0.75,
        /// What is added to the mean square.
        k: f64 = 1.0,
    }
}

impl IntoOp for LocalResponseNorm {
    type Op = Self;
}

impl Described for LocalResponseNorm {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("local_response_norm", OpKind::Coupled, Self::ABOUT)
            .reading_batches()
            .saying(&Phrases {
                kin: "that have it beside them",
                factors: &[FactorWords::of(
                    FactorKind::Jacobian,
                    "how fast it moves with {me}, by what it is divided by or by itself",
                )],
                ..Phrases::NONE
            });
}

impl LocalResponseNorm {
    /// The channels that the one at `channel` is divided by: half of them before it, the larger
    /// half where the size is even.
    fn neighbours(&self, channel: usize, n_channels: usize) -> Range<usize> {
        let first = channel.saturating_sub(self.size / 2);
        first..n_channels.min(channel + self.size.div_ceil(2))
    }

    /// The channels whose neighbour one is.
    fn readers(&self, channel: usize, n_channels: usize) -> Range<usize> {
        let first = (channel + 1).saturating_sub(self.size.div_ceil(2));
        first..n_channels.min(channel + self.size / 2 + 1)
    }

    /// What a neuron is divided by, before the exponent.
    fn loudness(&self, x: Operand<'_>, rows: Rows, at: usize) -> f64 {
        let row = rows.places(rows.number(at));
        let neighbours = self.neighbours(rows.position(at), rows.size);
        let squares = row.skip(neighbours.start).take(neighbours.len());
        let sum: f64 = squares.map(|at| x.value(at) * x.value(at)).sum();
        self.k + self.alpha * (sum / self.size as f64)
    }

    /// ∂y/∂x, between neighbours y and x: what the neuron itself brings, less what it takes from
    /// all that are divided by it.
    fn slope(&self, x: Operand<'_>, rows: Rows, output: usize, at: usize) -> f64 {
        let loudness = self.loudness(x, rows, output);
        let divided = 1.0 / libm::pow(loudness, self.beta);
        let own = if output == at { divided } else { 0.0 };
        let share = 2.0 * self.alpha / self.size as f64 * self.beta;
        own - share * x.value(output) * x.value(at) * divided / loudness
    }
}

/// Axis 1 holds the channels.
fn rows(shape: &Shape) -> Rows {
    Rows::along(shape, 1)
}

impl Op for LocalResponseNorm {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        if shape.rank() < 3 {
            let message = format!(
                "`{name}` has shape {shape}, but `local_response_norm` reads [N, C, ...]: a batch, \
                 its channels and their places"
            );
            return Err(ShapeError::input(0, message)
                .hinted("put a `reshape` before it that gives it these axes"));
        }
        Ok(shape.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, rows) = (operands.input(), rows(shape));
        Tensor::from_fn(shape.clone(), |at| {
            x.value(at) / libm::pow(self.loudness(x, rows, at), self.beta)
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let rows = rows(run.input().shape());
        let neighbours = self.neighbours(rows.position(output), rows.size);
        let row = rows.places(rows.number(output));
        row.skip(neighbours.start)
            .take(neighbours.len())
            .for_each(visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (x, rows) = (run.input(), rows(run.input().shape()));
        let readers = self.readers(rows.position(at), rows.size);
        let row = rows.places(rows.number(at));
        row.skip(readers.start)
            .take(readers.len())
            .for_each(|output| {
                let slope = self.slope(x, rows, output, at);
                visit(run.term_times(output, Factor::of(FactorKind::Jacobian, slope)));
            });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn an_even_window_reaches_back() {
        let keys = json!({ "op": "local_response_norm", "size": 2, "alpha": 1, "beta": 1 });
        let layer = Layer::new(keys, &[json!([[[1], [2], [3]]])]).unwrap();
        let output = layer.output();
        for (found, expected) in output.data().iter().zip([1.0 / 1.5, 2.0 / 3.5, 0.4]) {
            assert!((found - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn the_laws_hold_for_any_size() {
        for size in 1..=5 {
            let keys = json!({ "op": "local_response_norm", "size": size, "alpha": 0.5 });
            let layer = Layer::new(keys, &[noise(&[2, 4, 3], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn it_needs_places() {
        refuses(&[(
            json!({ "op": "local_response_norm", "size": 2 }),
            &[json!([[1, 2]])],
            "from 0: `a` has shape [1, 2], but `local_response_norm` reads [N, C, ...]: a batch, \
             its channels and their places",
        )]);
    }
}
