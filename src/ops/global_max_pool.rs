//! `global_max_pool1d`, `global_max_pool2d`, `global_max_pool3d`: the largest of each whole map,
//! which is max pooling with one window.

use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::max_pool::MaxPool;
use super::settings::settings;
use super::torch::Torch;
use super::windows::expect_rank;
use super::{
    Contribution, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError, Shapes, Ties,
};
use crate::tensor::{Shape, Tensor};

/// Global max pooling along one axis.
pub type GlobalMaxPool1d = GlobalMaxPool<1>;
/// Global max pooling along two axes.
pub type GlobalMaxPool2d = GlobalMaxPool<2>;
/// Global max pooling along three axes.
pub type GlobalMaxPool3d = GlobalMaxPool<3>;

settings! {
    /// The largest of each whole map, whose axes stay with a size of 1.
    #[derive(Copy)]
    pub struct GlobalMaxPool<const AXES: usize> {
        /// Who gets the gradient when several neurons share the maximum.
        ties: Ties = Ties::First,
    }
}

impl<const AXES: usize> IntoOp for GlobalMaxPool<AXES> {
    type Op = Self;
}

impl<const AXES: usize> Described for GlobalMaxPool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        [
            "global_max_pool1d",
            "global_max_pool2d",
            "global_max_pool3d",
        ][AXES - 1],
        OpKind::MaxPool,
        Self::ABOUT,
    )
    .sliding_along(AXES)
    .in_torch(Torch::Expression(
        [
            "F.adaptive_max_pool1d({x}, 1)",
            "F.adaptive_max_pool2d({x}, 1)",
            "F.adaptive_max_pool3d({x}, 1)",
        ][AXES - 1],
    ));
}

impl<const AXES: usize> GlobalMaxPool<AXES> {
    /// The pooling whose only window is a whole map.
    fn over(&self, input: &Shape) -> MaxPool<AXES> {
        let maps = input[input.rank() - AXES..].try_into();
        MaxPool {
            ties: self.ties,
            ..MaxPool::new(maps.expect("`output_shape` has found the axes of the maps"))
        }
    }
}

impl<const AXES: usize> Op for GlobalMaxPool<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn ties(&self) -> Option<Ties> {
        Some(self.ties)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(Self::DESCRIPTOR.name, AXES, shapes)?;
        self.over(shapes.input().1).output_shape(shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        self.over(operands.input().shape()).forward(operands, shape)
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        self.over(run.input().shape())
            .receptive_field(run, role, output, visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        self.over(run.input().shape())
            .contributions(run, role, at, visit);
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        self.over(run.input().shape()).accumulate(run, role, sums);
    }

    fn winners(&self, run: &Run<'_>, output: usize, visit: &mut dyn FnMut(usize)) {
        self.over(run.input().shape()).winners(run, output, visit);
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        self.over(one.input().shape()).kink(one, other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_winner_of_each_map_takes_its_gradient() {
        let x = json!([[[1, 3], [2, 0]], [[-1, -2], [-4, -3]]]);
        let pool = Layer::new(json!({"op": "global_max_pool2d"}), &[x]).unwrap();
        assert_eq!(pool.output().shape().to_string(), "[2, 1, 1]");
        assert_eq!(pool.output().data(), [3.0, -1.0]);
        assert_eq!(
            pool.gradient(OperandRole::Input(0), &[5.0, 7.0]),
            [0.0, 5.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(
            pool.terms(OperandRole::Input(0), 6),
            [(1, vec![("winner", 0.0)])]
        );
    }

    #[test]
    fn ties_have_the_rules_of_max_pooling() {
        let gradient = |ties: &str| {
            let keys = json!({"op": "global_max_pool1d", "ties": ties});
            Layer::new(keys, &[json!([7, 2, 7, 7])])
                .unwrap()
                .gradient(OperandRole::Input(0), &[6.0])
        };
        assert_eq!(gradient("first"), [6.0, 0.0, 0.0, 0.0]);
        assert_eq!(gradient("split"), [2.0, 0.0, 2.0, 2.0]);
        assert_eq!(gradient("all"), [6.0, 0.0, 6.0, 6.0]);
    }

    #[test]
    fn the_laws_hold() {
        for (op, shape) in [
            ("global_max_pool1d", &[2, 3, 5][..]),
            ("global_max_pool2d", &[3, 4]),
            ("global_max_pool2d", &[2, 3, 2, 4]),
        ] {
            Layer::new(json!({ "op": op }), &[noise(shape, 1)])
                .unwrap()
                .keeps_the_laws(0.0);
        }
        let pool = |x: Value| Layer::new(json!({"op": "global_max_pool1d"}), &[x]).unwrap();
        assert_eq!(
            pool(json!([[1, 2], [3, 4]])).kink(&pool(json!([[0, 2], [9, 4]]))),
            Some(1)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refuses(&[
            (
                json!({"op": "global_max_pool2d"}),
                &[json!([1, 2])],
                "from 0: `a` has shape [2], but `global_max_pool2d` takes [height, width], \
                 [channels, height, width] or [batch, channels, height, width]",
            ),
            (
                json!({"op": "global_max_pool1d", "ties": "last"}),
                &[json!([1, 2])],
                "ties: one of first, split, all",
            ),
        ]);
    }
}
