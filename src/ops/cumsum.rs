//! `cumsum`: sums that grow along an axis.

use super::axes::{Rows, axis, known_axis};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::settings;
use super::torch::Torch;
use super::{Contribution, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The sum of each element and of all before it along an axis.
    #[derive(Copy)]
    pub struct Cumsum {
        required {
            /// The axis.
            dim: i64,
        }
    }
}

impl IntoOp for Cumsum {
    type Op = Self;
}

impl Described for Cumsum {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("cumsum", OpKind::Addition, Self::ABOUT)
            .in_torch(Torch::Function)
            .saying(&Phrases {
                unchanged: ": in a sum, everyone counts in full",
                kin: "from its own place on",
                ..Phrases::NONE
            });
}

impl Cumsum {
    fn rows(&self, shape: &Shape) -> Rows {
        Rows::along(shape, known_axis(self.dim, shape.rank()))
    }
}

impl Op for Cumsum {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        axis("dim", self.dim, shapes.input())?;
        Ok(shapes.input().1.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (input, rows) = (operands.input(), self.rows(shape));
        let mut output = Tensor::filled(shape.clone(), 0.0);
        for row in 0..shape.numel() / rows.size {
            rows.places(row).fold(0.0, |sum, at| {
                output.data_mut()[at] = sum + input.value(at);
                output.data()[at]
            });
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
        let rows = self.rows(run.input().shape());
        let n_before = rows.position(output) + 1;
        let row = rows.places(rows.number(output));
        row.take(n_before).for_each(visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let rows = self.rows(run.input().shape());
        let from = rows.places(rows.number(at)).skip(rows.position(at));
        from.for_each(|output| visit(run.term(output)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn an_element_hears_from_its_place_on() {
        let keys = json!({ "op": "cumsum", "dim": 0 });
        let layer = Layer::new(keys, &[json!([1, 2, 3])]).unwrap();
        assert_eq!(layer.output().data(), [1.0, 3.0, 6.0]);
        assert_eq!(
            layer.terms(OperandRole::Input(0), 1),
            [(1, vec![]), (2, vec![])]
        );
        let gradient = layer.gradient(OperandRole::Input(0), &[1.0, 10.0, 100.0]);
        assert_eq!(gradient, [111.0, 110.0, 100.0]);
    }

    #[test]
    fn the_laws_hold_along_any_axis() {
        for dim in [0, 1, -1] {
            let keys = json!({ "op": "cumsum", "dim": dim });
            let layer = Layer::new(keys, &[noise(&[2, 3, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn an_axis_must_be_there() {
        refuses(&[(
            json!({ "op": "cumsum", "dim": 2 }),
            &[json!([[1, 2]])],
            "dim: `a` has 2 axes, so `dim` must be from -2 to 1, not 2",
        )]);
    }
}
