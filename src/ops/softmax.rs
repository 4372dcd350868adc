//! `softmax` and `log_softmax` along an axis: every output of a row looks at every input of it.

use rayon::prelude::*;

use super::axes::{LONG_ROW, Rows, axis, known_axis};
use super::contribution::coupled;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{SettingType, settings};
use super::torch::TorchArgument;
use super::{
    Contribution, Factor, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes,
};
use crate::parallel::{for_each_chunk, with_wide_registers};
use crate::tensor::{Shape, Tensor};

/// Softmax along an axis.
pub type Softmax = SoftmaxAlong<false>;
/// The logarithm of softmax along an axis.
pub type LogSoftmax = SoftmaxAlong<true>;

settings! {
    /// yᵢ = e^xᵢ / Σⱼ e^xⱼ along an axis, or its logarithm.
    #[derive(Copy)]
    pub struct SoftmaxAlong<const LOG: bool> {
        /// The axis; a negative one is counted from the last.
        dim: i64 = -1,
    }
}

impl<const LOG: bool> IntoOp for SoftmaxAlong<LOG> {
    type Op = Self;
}

impl<const LOG: bool> Described for SoftmaxAlong<LOG> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        if LOG { "log_softmax" } else { "softmax" },
        OpKind::Coupled,
        Self::ABOUT,
    )
    .saying(&Self::PHRASES);
}

impl<const LOG: bool> SoftmaxAlong<LOG> {
    const PHRASES: Phrases = Phrases {
        coupled: "A softmax shares out a total of 1: raising {me} raises {own} and lowers \
                  {others}.",
        kin: if LOG {
            "that share its log-softmax"
        } else {
            "that share its softmax"
        },
        ..Phrases::NONE
    };

    fn rows(&self, shape: &Shape) -> Rows {
        Rows::along(shape, known_axis(self.dim, shape.rank()))
    }

    /// Adds the terms of every input in the order of the outputs, one output after the other to all
    /// inputs of its row.
    fn add_terms(&self, rows: Rows, y: &[f64], u: &[f64], sums: &mut [f64]) {
        let (size, stride) = (rows.size, rows.stride);
        for_each_chunk(sums, size * stride, y.len() * size, &|nth, sums| {
            let first = nth * size * stride;
            for row in 0..stride {
                let in_row = |numbers: &[f64], first: usize| -> Vec<f64> {
                    let numbers = numbers[first..].iter().step_by(stride);
                    numbers.take(size).copied().collect()
                };
                let (y, u) = (in_row(y, first + row), in_row(u, first + row));
                let probabilities: Vec<f64> = y.iter().map(|&y| self.probability(y)).collect();
                let mut own = in_row(sums, row);
                with_wide_registers(
                    #[inline(always)]
                    || {
                        for (output, (&y, &u)) in y.iter().zip(&u).enumerate() {
                            let slope = |inner: f64| if LOG { inner } else { y * inner };
                            let careful = |own: f64, inner: f64, probability: f64| {
                                u * coupled(u, slope(inner), || own - probability * u)
                            };
                            let probability = probabilities[output];
                            let of_itself =
                                own[output] + careful(u, 1.0 - probability, probability);
                            let pairs = own.iter_mut().zip(&probabilities);
                            if u.is_finite() {
                                pairs.for_each(|(own, p)| *own += u * slope(0.0 - p));
                            } else {
                                pairs.for_each(|(own, &p)| *own += careful(0.0, 0.0 - p, p));
                            }
                            own[output] = of_itself;
                        }
                    },
                );
                let in_row = sums[row..].iter_mut().step_by(stride);
                in_row.zip(&own).for_each(|(sum, own)| *sum = *own);
            }
        });
    }

    /// The probability that an output neuron stands for.
    fn probability(&self, output: f64) -> f64 {
        if LOG { libm::exp(output) } else { output }
    }
}

/// What softmax divides by, as a largest element and the logarithm of Σⱼ e^(xⱼ - largest), so that
/// no exponential overflows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normaliser {
    largest: f64,
    sum: f64,
    log_sum: f64,
}

impl Normaliser {
    /// Returns the normaliser of a row.
    pub(super) fn of(row: impl Iterator<Item = f64> + Clone) -> Self {
        Self::showing(row, |_| {})
    }

    /// Does the same, and shows the exponentials of which it is the sum.
    fn showing(row: impl Iterator<Item = f64> + Clone, mut show: impl FnMut(f64)) -> Self {
        let largest = row.clone().fold(f64::NEG_INFINITY, f64::max);
        let exponentials = row.map(|x| libm::exp(x - largest));
        let sum = exponentials.inspect(|&exponential| show(exponential)).sum();
        Self {
            largest,
            sum,
            log_sum: libm::log(sum),
        }
    }

    /// The softmax of one element of the row.
    pub(super) fn probability(self, x: f64) -> f64 {
        libm::exp(x - self.largest) / self.sum
    }

    /// The logarithm of the softmax of one element of the row.
    pub(super) fn log_probability(self, x: f64) -> f64 {
        x - self.largest - self.log_sum
    }
}

impl<const LOG: bool> Op for SoftmaxAlong<LOG> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn couples(&self) -> bool {
        true
    }

    /// PyTorch has no default axis.
    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let dim = self.dim.to_value();
        dim.map(|dim| ("dim", TorchArgument::Value(dim)))
            .into_iter()
            .collect()
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        axis("dim", self.dim, shapes.input())?;
        Ok(shapes.input().1.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, rows) = (operands.input().data(), self.rows(shape));
        let mut output = Tensor::filled(shape.clone(), 0.0);
        let y = output.data_mut();
        for number in 0..x.len() / rows.size {
            let (places, row) = (rows.places(number), rows.places(number).map(|at| x[at]));
            if LOG {
                let normaliser = Normaliser::of(row);
                places.for_each(|at| y[at] = normaliser.log_probability(x[at]));
            } else {
                // An exponential takes longer than all the rest: none is worked out twice.
                let mut next = places.clone();
                let normaliser = Normaliser::showing(row, |exponential| {
                    next.by_ref().take(1).for_each(|at| y[at] = exponential);
                });
                places.for_each(|at| y[at] /= normaliser.sum);
            }
        }
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let rows = self.rows(run.output.shape());
        rows.places(rows.number(output)).for_each(visit);
    }

    /// ∂yᵢ/∂xⱼ is yᵢ (δᵢⱼ - yⱼ), and for the logarithm δᵢⱼ - e^yⱼ.
    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (y, u, rows) = (
            run.output.data(),
            run.upstream,
            self.rows(run.output.shape()),
        );
        let probability = self.probability(y[at]);
        for output in rows.places(rows.number(at)) {
            let inner = if output == at {
                1.0 - probability
            } else {
                0.0 - probability
            };
            let slope = if LOG { inner } else { y[output] * inner };
            let own = if output == at { u[output] } else { 0.0 };
            let factor = Factor::coupled(u[output], slope, || own - probability * u[output]);
            visit(run.term_times(output, factor));
        }
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let (y, u, rows) = (
            run.output.data(),
            run.upstream,
            self.rows(run.output.shape()),
        );
        if rows.size <= LONG_ROW {
            return self.add_terms(rows, y, u, sums);
        }
        let row_sum = |number| {
            rows.places(number)
                .map(|at| if LOG { u[at] } else { u[at] * y[at] })
                .sum::<f64>()
        };
        let row_sums: Vec<f64> = (0..y.len() / rows.size)
            .into_par_iter()
            .map(row_sum)
            .collect();
        sums.par_iter_mut()
            .with_min_len(1024)
            .enumerate()
            .for_each(|(at, sum)| {
                let row_sum = row_sums[rows.number(at)];
                *sum += if LOG {
                    u[at] - self.probability(y[at]) * row_sum
                } else {
                    y[at] * (u[at] - row_sum)
                };
            });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_laws_hold_along_every_axis() {
        for op in ["softmax", "log_softmax"] {
            for dim in [-1, 0, 1] {
                Layer::new(json!({ "op": op, "dim": dim }), &[noise(&[3, 4, 2], 1)])
                    .unwrap()
                    .keeps_the_laws(0.0);
            }
            Layer::new(json!({ "op": op }), &[json!(2)])
                .unwrap()
                .keeps_the_laws(0.0);
            Layer::new(
                json!({ "op": op, "dim": 1 }),
                &[noise(&[1, LONG_ROW + 1, 2], 1)],
            )
            .unwrap()
            .keeps_the_laws(1e-12);
        }
    }

    #[test]
    fn a_row_of_two() {
        // e^ln 3 = 3, so the probabilities are 3/4 and 1/4.
        let softmax =
            Layer::new(json!({ "op": "softmax" }), &[json!([libm::log(3.0), 0])]).unwrap();
        let terms = softmax.terms(OperandRole::Input(0), 0);
        assert!((softmax.output().data()[0] - 0.75).abs() < 1e-15);
        assert!((terms[0].1[0].1 - 0.75 * 0.25).abs() < 1e-15, "{terms:?}");
        assert!((terms[1].1[0].1 + 0.25 * 0.75).abs() < 1e-15, "{terms:?}");
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        let log_softmax = Layer::new(json!({ "op": "log_softmax" }), &[json!([1000, 0])]).unwrap();
        assert_eq!(log_softmax.output().data(), [0.0, -1000.0]);
    }

    #[test]
    fn misfits_are_refused() {
        let matrix = &[json!([[1, 2], [3, 4]])][..];
        let whole = "dim: must be a whole number";
        refuses(&[
            (
                json!({ "op": "softmax", "dim": 2 }),
                matrix,
                "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not 2",
            ),
            (
                json!({ "op": "log_softmax", "dim": -3 }),
                matrix,
                "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not -3",
            ),
            (
                json!({ "op": "softmax", "dim": 1 }),
                &[json!(5)],
                "dim: `a` is a single number, so `dim` can only be 0 or -1, not 1",
            ),
            (
                json!({ "op": "softmax", "dim": i64::MIN }),
                &[json!([5])],
                "dim: `a` has one axis, so `dim` can only be 0 or -1, not -9223372036854775808",
            ),
            (
                json!({ "op": "softmax", "dim": 1_u64 << 63 }),
                matrix,
                whole,
            ),
            (json!({ "op": "softmax", "dim": 0.5 }), matrix, whole),
            (json!({ "op": "softmax", "dim": "0" }), matrix, whole),
            (json!({ "op": "softmax", "dim": null }), matrix, whole),
        ]);
    }
}
