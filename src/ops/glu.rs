//! `glu`: one half of an axis, let through by the sigmoid of the other half.

use super::axes::{Rows, axis, known_axis};
use super::descriptor::{Described, Descriptor};
use super::elementwise::{Function, Sigmoid};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::settings;
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError,
    Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The first half along an axis, times the sigmoid of the second.
    #[derive(Copy)]
    pub struct Glu {
        /// The axis.
        dim: i64 = -1,
    }
}

impl IntoOp for Glu {
    type Op = Self;
}

impl Described for Glu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("glu", OpKind::Elementwise, Self::ABOUT).saying(&Phrases {
            factors: &[
                FactorWords::of(
                    FactorKind::Slope,
                    "{value}, the slope of the sigmoid that {me} is put through",
                ),
                FactorWords::in_one(
                    FactorKind::Input,
                    "what the gate lets through",
                    "what the gate lets through, {source=}",
                ),
                FactorWords::of(FactorKind::Operand, "{value}, the sigmoid of its gate"),
            ],
            ..Phrases::NONE
        });
}

/// A pair of an axis's halves: what is let through, and its gate.
struct Pair {
    passes: usize,
    gate: usize,
}

impl Glu {
    fn rows(&self, shape: &Shape) -> Rows {
        Rows::along(shape, known_axis(self.dim, shape.rank()))
    }

    /// The elements of the input that an output neuron is made of.
    fn pair(&self, input: &Shape, output: &Shape, at: usize) -> Pair {
        let rows = self.rows(output);
        let first = rows.position(at);
        let mut row = self.rows(input).places(rows.number(at)).skip(first);
        let passes = row.next().unwrap_or_default();
        let gate = row.nth(rows.size - 1).unwrap_or_default();
        Pair { passes, gate }
    }

    /// The output neuron that an element of the input goes into.
    fn output_of(&self, input: &Shape, output: &Shape, at: usize) -> usize {
        let (rows, halves) = (self.rows(input), self.rows(output));
        let position = rows.position(at) % halves.size;
        let mut row = halves.places(rows.number(at));
        row.nth(position).unwrap_or_default()
    }
}

impl Op for Glu {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        let along = axis("dim", self.dim, (name, shape))?;
        let mut sizes = shape.to_vec();
        match sizes.get_mut(along) {
            Some(size) if *size % 2 == 0 => *size /= 2,
            Some(_) | None => {
                let message = format!("`{name}` has shape {shape}, and axis {along} has no halves");
                return Err(ShapeError::input(0, message).hinted(
                    "the size of the axis must be even: a half, and a gate for each of it",
                ));
            }
        }
        Ok(Shape::from(sizes.as_slice()))
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let x = operands.input();
        Tensor::from_fn(shape.clone(), |at| {
            let Pair { passes, gate } = self.pair(x.shape(), shape, at);
            x.value(passes) * Sigmoid.value(x.value(gate))
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let Pair { passes, gate } = self.pair(run.input().shape(), run.output.shape(), output);
        visit(passes);
        visit(gate);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let x = run.input();
        let output = self.output_of(x.shape(), run.output.shape(), at);
        let Pair { passes, gate } = self.pair(x.shape(), run.output.shape(), output);
        visit(if at == passes {
            let open = Sigmoid.value(x.value(gate));
            run.term_times(output, Factor::of(FactorKind::Operand, open))
        } else {
            let slope = Sigmoid.factor(x.value(gate));
            run.term_times(output, slope)
                .times_neuron(FactorKind::Input, x, passes)
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_second_half_is_the_gate_of_the_first() {
        let layer = Layer::new(json!({ "op": "glu" }), &[json!([6, -2, 0, 0])]).unwrap();
        assert_eq!(layer.output().data(), [3.0, -1.0]);
        let terms = |at| layer.terms(OperandRole::Input(0), at);
        assert_eq!(terms(1), [(1, vec![("operand", 0.5)])]);
        assert_eq!(terms(2), [(0, vec![("slope", 0.25), ("input", 6.0)])]);
    }

    #[test]
    fn the_laws_hold_along_any_axis() {
        for dim in [0, 1, -1] {
            let keys = json!({ "op": "glu", "dim": dim });
            let layer = Layer::new(keys, &[noise(&[2, 4, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn an_odd_axis_has_no_halves() {
        refuses(&[(
            json!({ "op": "glu", "dim": 0 }),
            &[json!([1, 2, 3])],
            "from 0: `a` has shape [3], and axis 0 has no halves",
        )]);
    }
}
