//! `max_unpool1d` to `max_unpool3d`: numbers put back in the places where they were found.

use super::axes::shape_of;
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Domain, settings};
use super::torch::{Torch, TorchArgument};
use super::windows::expect_rank;
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, Value,
};
use crate::tensor::{Shape, Tensor};

/// Unpooling along one axis.
pub type MaxUnpool1d = MaxUnpool<1>;
/// Unpooling along two axes.
pub type MaxUnpool2d = MaxUnpool<2>;
/// Unpooling along three axes.
pub type MaxUnpool3d = MaxUnpool<3>;

settings! {
    /// Maps of zeros with each number put in the place that the second tensor gives for it.
    ///
    /// Places are counted row-major within a map, as `max_pool2d_indices` gives them. Where two
    /// numbers have one place, the last of them stands there, and as in PyTorch both get its
    /// gradient. A place between two is the nearest, or the lower of two that are as near, and a
    /// number whose place is none of the map goes nowhere.
    #[derive(Copy)]
    pub struct MaxUnpool<const AXES: usize> {
        required {
            /// The size of a map along each axis.
            output_size: [usize; AXES] => Domain::counts(1, AXES),
        }
    }
}

impl<const AXES: usize> IntoOp for MaxUnpool<AXES> {
    type Op = Self;
}

macro_rules! in_torch {
    ($axes:literal) => {
        concat!(
            "{x}.new_zeros(*{x}.shape[:-",
            $axes,
            "], torch.Size({output_size}).numel()).scatter(-1, ({y} - 0.5).ceil().long().flatten(-",
            $axes,
            "), {x}.flatten(-",
            $axes,
            ")).unflatten(-1, {output_size})"
        )
    };
}

impl<const AXES: usize> Described for MaxUnpool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["max_unpool1d", "max_unpool2d", "max_unpool3d"][AXES - 1],
        OpKind::Rearrangement,
        Self::ABOUT,
    )
    .reading(2..=2)
    .in_torch(Torch::Expression(
        [in_torch!("1"), in_torch!("2"), in_torch!("3")][AXES - 1],
    ))
    .saying(&Phrases {
        unchanged: ": it stands in that place",
        flat: "{me=} says where a number goes, and a small nudge of it does not change where",
        unheard: "{me} has no place in {layers}, so nothing comes back.",
        ..Phrases::NONE
    });
}

/// Which of the inputs holds the places.
const PLACES: usize = 1;

impl<const AXES: usize> MaxUnpool<AXES> {
    fn n_output(&self) -> usize {
        self.output_size.iter().product()
    }

    /// How many numbers a map of the input has.
    fn n_input(x: Operand<'_>) -> usize {
        let shape = x.shape();
        shape[shape.rank() - AXES..].iter().product()
    }

    /// Where the number at `at` goes in the output.
    fn place(&self, operands: &Operands<'_>, at: usize) -> Option<usize> {
        let place = (operands.inputs.get(PLACES).value(at) - 0.5).ceil();
        let n = self.n_output();
        let is_there = place >= 0.0 && place < n as f64;
        let map = at / Self::n_input(operands.input());
        is_there.then(|| map * n + place as usize)
    }

    /// The numbers that go to a place of the output.
    fn sources(&self, operands: &Operands<'_>, output: usize) -> impl Iterator<Item = usize> {
        let n = Self::n_input(operands.input());
        let map = output / self.n_output();
        (map * n..(map + 1) * n).filter(move |&at| self.place(operands, at) == Some(output))
    }
}

impl<const AXES: usize> Op for MaxUnpool<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let sizes = self.output_size.iter().map(|&size| Value::from(size));
        let sizes = Value::List(sizes.collect());
        vec![("output_size", TorchArgument::Value(sizes))]
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(Self::DESCRIPTOR.name, AXES, shapes)?;
        let [(name, input), (places_name, places)] = shapes.inputs[..] else {
            return Err(ShapeError::layer(
                "unpooling reads numbers and their places",
            ));
        };
        if places != input {
            let message = format!(
                "`{places_name}` has shape {places}, but it must have a place for each of `{name}` \
                 {input}"
            );
            return Err(ShapeError::input(PLACES, message));
        }
        shape_of(&[&input[..input.rank() - AXES], &self.output_size].concat())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let x = operands.input();
        let mut output = Tensor::filled(shape.clone(), 0.0);
        for (at, &number) in x.data().iter().enumerate() {
            if let Some(place) = self.place(operands, at) {
                output.data_mut()[place] = number;
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
        self.sources(&run.operands, output).for_each(visit);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        if let Some(output) = self.place(&run.operands, at) {
            visit(match role {
                OperandRole::Input(PLACES) => {
                    run.term_times(output, Factor::closed(FactorKind::Jacobian))
                }
                OperandRole::Input(_) | OperandRole::Weight | OperandRole::Bias => run.term(output),
            });
        }
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let places = |at: usize| [one, other].map(|run| self.place(&run.operands, at));
        (0..one.input().data().len()).find_map(|at| match places(at) {
            [place, moved] if place != moved => place.or(moved),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn numbers_go_back_to_their_places() {
        let layer = json!({"op": "max_unpool1d", "output_size": 4});
        let inputs = [json!([5, 7]), json!([2, 0])];
        let layer = Layer::new(layer, &inputs).unwrap();
        assert_eq!(layer.output().data(), [7.0, 0.0, 5.0, 0.0]);
        let upstream = [1.0, 10.0, 100.0, 1000.0];
        assert_eq!(
            layer.gradient(OperandRole::Input(0), &upstream),
            [100.0, 1.0]
        );
        assert_eq!(layer.gradient(OperandRole::Input(1), &upstream), [0.0, 0.0]);
    }

    #[test]
    fn two_with_one_place_both_get_its_gradient() {
        let layer = json!({"op": "max_unpool1d", "output_size": 3});
        let layer = Layer::new(layer, &[json!([5, 7]), json!([1, 1])]).unwrap();
        assert_eq!(layer.output().data(), [0.0, 7.0, 0.0]);
        let gradient = layer.gradient(OperandRole::Input(0), &[1.0, 10.0, 100.0]);
        assert_eq!(gradient, [10.0, 10.0]);
    }

    #[test]
    fn what_has_no_place_goes_nowhere() {
        let layer = json!({"op": "max_unpool1d", "output_size": 3});
        let places = json!([-1, 3, -7.5, "NaN", 1e300, 2.5]);
        let layer = Layer::new(layer, &[json!([1, 2, 3, 4, 5, 6]), places]).unwrap();
        assert_eq!(layer.output().data(), [0.0, 0.0, 6.0]);
        let gradient = layer.gradient(OperandRole::Input(0), &[1.0, 10.0, 100.0]);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 0.0, 100.0]);
    }

    #[test]
    fn the_laws_hold() {
        let layer = json!({"op": "max_unpool2d", "output_size": [3, 2]});
        let places = json!([[[0, 5]], [[3, 1]]]);
        let layer = Layer::new(layer, &[noise(&[2, 1, 2], 1), places]).unwrap();
        layer.keeps_the_laws(0.0);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refuses(&[(
            json!({"op": "max_unpool1d", "output_size": 3}),
            &[json!([1, 2]), json!([1, 2, 0])],
            "from 1: `b` has shape [3], but it must have a place for each of `a` [2]",
        )]);
    }
}
