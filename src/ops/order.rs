//! The elements of a row by their size: `sort`, and `topk`, which keeps the first of them.

use super::axes::{Rows, axis, known_axis};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Bound, Domain, settings};
use super::torch::Torch;
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// The elements along an axis by their size, equal ones in their order.
    #[derive(Copy)]
    pub struct Sort {
        /// The axis.
        dim: i64 = -1,
        /// Whether the largest comes first.
        descending: bool = false,
    }
}

settings! {
    /// The largest along an axis, or the smallest, by their size.
    #[derive(Copy)]
    pub struct Topk {
        required {
            /// How many.
            k: usize => Domain::Whole(Bound::AtLeast(1)),
        }
        /// The axis.
        dim: i64 = -1,
        /// Whether the largest are taken, and not the smallest.
        largest: bool = true,
    }
}

const PHRASES: Phrases = Phrases {
    lost: "another element stands in that place",
    unchanged: ": it stands in that place",
    kin: "of its own row",
    ..Phrases::NONE
};

impl IntoOp for Sort {
    type Op = Ordered<Self>;
}

impl IntoOp for Topk {
    type Op = Ordered<Self>;
}

impl Described for Sort {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("sort", OpKind::Rearrangement, Self::ABOUT)
            .in_torch(Torch::Expression(
                "torch.sort({x}, dim={dim}, descending={descending}, stable=True).values",
            ))
            .saying(&PHRASES);
}

impl Described for Topk {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("topk", OpKind::Rearrangement, Self::ABOUT)
            .in_torch(Torch::Expression(
                "torch.topk({x}, {k}, dim={dim}, largest={largest}).values",
            ))
            .saying(&PHRASES);
}

/// Elements along an axis by their size: all, or the first of them.
#[derive(Debug)]
pub struct Ordered<S> {
    settings: S,
    dim: i64,
    descending: bool,
    /// How many are kept; all, where nothing is said.
    k: Option<usize>,
}

impl From<Sort> for Ordered<Sort> {
    fn from(settings: Sort) -> Self {
        Self {
            dim: settings.dim,
            descending: settings.descending,
            k: None,
            settings,
        }
    }
}

impl From<Topk> for Ordered<Topk> {
    fn from(settings: Topk) -> Self {
        Self {
            dim: settings.dim,
            descending: settings.largest,
            k: Some(settings.k),
            settings,
        }
    }
}

impl<S: Settings> Ordered<S> {
    fn rows(&self, shape: &Shape) -> Rows {
        Rows::along(shape, known_axis(self.dim, shape.rank()))
    }

    /// The places of a row of the input by their values, equal ones in their order. NaN counts as
    /// larger than any number.
    fn order(&self, x: Operand<'_>, row: usize) -> Vec<usize> {
        let mut places: Vec<usize> = self.rows(x.shape()).places(row).collect();
        places.sort_by(|&one, &other| {
            let (a, b) = (x.value(one), x.value(other));
            let by_nan = || a.is_nan().cmp(&b.is_nan());
            let order = a.partial_cmp(&b).unwrap_or_else(by_nan);
            if self.descending {
                order.reverse()
            } else {
                order
            }
        });
        places
    }

    /// The element of the input that an output neuron is.
    fn source(&self, run: &Run<'_>, output: usize) -> usize {
        let rows = self.rows(run.output.shape());
        self.order(run.input(), rows.number(output))[rows.position(output)]
    }
}

impl<S: Settings> Op for Ordered<S> {
    fn settings(&self) -> &dyn Settings {
        &self.settings
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (name, shape) = shapes.input();
        let along = axis("dim", self.dim, (name, shape))?;
        let Some(k) = self.k else {
            return Ok(shape.clone());
        };
        let size = shape.get(along).copied().unwrap_or(1);
        if k > size {
            let message = format!("`{name}` has {size} elements along axis {along}, not {k}");
            return Err(ShapeError::key("k", message).hinted("`k` is at most the size of the axis"));
        }
        let mut sizes = shape.to_vec();
        if let Some(size) = sizes.get_mut(along) {
            *size = k;
        }
        Ok(Shape::from(sizes.as_slice()))
    }

    fn n_copied(&self, shapes: &Shapes<'_>, _: &Shape) -> usize {
        self.rows(shapes.input().1).size
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, rows) = (operands.input(), self.rows(shape));
        let mut output = Tensor::filled(shape.clone(), 0.0);
        for row in 0..shape.numel() / rows.size {
            for (to, from) in rows.places(row).zip(self.order(x, row)) {
                output.data_mut()[to] = x.value(from);
            }
        }
        output
    }

    /// Each element of a row may come to stand in any place of it.
    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let row = self.rows(run.output.shape()).number(output);
        self.rows(run.input().shape()).places(row).for_each(visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let row = self.rows(run.input().shape()).number(at);
        let order = self.order(run.input(), row);
        for (output, from) in self.rows(run.output.shape()).places(row).zip(order) {
            visit(if from == at {
                run.term(output)
            } else {
                run.term_times(output, Factor::closed(FactorKind::Winner))
            });
        }
    }

    /// Row by row, so that each is sorted only once.
    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let rows = self.rows(run.output.shape());
        for row in 0..run.output.data().len() / rows.size {
            let order = self.order(run.input(), row);
            // What another place sends is 0, which makes a 0 of a −0.
            let read = self.rows(run.input().shape());
            let hears_others = |at: &usize| order.len() > 1 || order.first() != Some(at);
            for at in read.places(row).filter(hears_others) {
                sums[at] += 0.0;
            }
            for (output, from) in rows.places(row).zip(order) {
                sums[from] += run.upstream[output];
            }
        }
    }

    /// Where another element comes to stand in a place, and where two are equal.
    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let n_outputs = one.output.data().len();
        (0..n_outputs).find(|&output| self.source(one, output) != self.source(other, output))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn equal_ones_stay_in_their_order() {
        let sorted = |keys| Layer::new(keys, &[json!([3, 1, 3, 2])]).unwrap();
        let gradient =
            |layer: &Layer, upstream: &[f64]| layer.gradient(OperandRole::Input(0), upstream);
        let up = sorted(json!({ "op": "sort" }));
        assert_eq!(up.output().data(), [1.0, 2.0, 3.0, 3.0]);
        assert_eq!(gradient(&up, &[1.0, 2.0, 3.0, 4.0]), [3.0, 1.0, 4.0, 2.0]);
        let down = sorted(json!({ "op": "sort", "descending": true }));
        assert_eq!(gradient(&down, &[1.0, 2.0, 3.0, 4.0]), [1.0, 4.0, 2.0, 3.0]);
        let top = sorted(json!({ "op": "topk", "k": 2 }));
        assert_eq!(top.output().data(), [3.0, 3.0]);
        assert_eq!(gradient(&top, &[5.0, 7.0]), [5.0, 0.0, 7.0, 0.0]);
        assert_eq!(
            top.terms(OperandRole::Input(0), 2),
            [(0, vec![("winner", 0.0)]), (1, vec![])]
        );
    }

    #[test]
    fn the_laws_hold_along_any_axis() {
        for keys in [
            json!({ "op": "sort", "dim": 1 }),
            json!({ "op": "sort", "dim": 0, "descending": true }),
            json!({ "op": "topk", "k": 2, "dim": 1 }),
            json!({ "op": "topk", "k": 1, "largest": false }),
        ] {
            let layer = Layer::new(keys, &[noise(&[2, 3, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }

    #[test]
    fn no_more_are_kept_than_there_are() {
        refuses(&[(
            json!({ "op": "topk", "k": 3 }),
            &[json!([1, 2])],
            "k: `a` has 2 elements along axis 0, not 3",
        )]);
    }
}
