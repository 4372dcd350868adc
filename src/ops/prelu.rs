//! `prelu`: a leaky ReLU whose slope on the negative side is a parameter.

use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::settings;
use super::{
    Activation, Contribution, Factor, FactorKind, IntoOp, LeakyRelu, Op, OperandRole, Operands,
    Run, Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// x where it is positive, else x times a weight of its channel, or of all channels.
    pub struct Prelu;
}

impl IntoOp for Prelu {
    type Op = Self;
}

impl Described for Prelu {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("prelu", OpKind::Elementwise, Self::ABOUT)
            .with(&[Parameter::weight("[1] or [channels]").required()])
            .saying(&Phrases {
                function: "PReLU",
                factors: &[FactorWords::of(
                    FactorKind::Input,
                    "what the weight scales there (nothing of a value above 0)",
                )],
                ..Phrases::NONE
            });
}

/// How many channels there are, and how many elements follow each other in one: axis 1 holds the
/// channels, where there are two axes or more.
fn channels(shape: &Shape) -> (usize, usize) {
    match shape[..] {
        [_, n_channels, ref positions @ ..] => (n_channels, positions.iter().product()),
        [_] | [] => (1, shape.numel()),
    }
}

/// The element of the weight that an element of the input meets.
fn weight_at(input: &Shape, n_weights: usize, at: usize) -> usize {
    let (n_channels, size) = channels(input);
    if n_weights == 1 {
        0
    } else {
        at / size % n_channels
    }
}

impl Op for Prelu {
    fn settings(&self) -> &dyn Settings {
        self
    }

    /// For each element it is a leaky ReLU.
    fn function_at(&self, run: &Run<'_>, at: usize) -> Option<Activation> {
        let weight = run.operands.weight?;
        let own = weight_at(run.input().shape(), weight.data().len(), at);
        let negative_slope = weight.value(own);
        Some(LeakyRelu { negative_slope }.into())
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let (input, shape) = shapes.input();
        let (name, weight) = shapes.expect_weight("prelu")?;
        let (n_channels, _) = channels(shape);
        if weight.rank() > 1 || ![1, n_channels].contains(&weight.numel()) {
            let must = match n_channels {
                1 => "[1]".to_owned(),
                n => format!("[1] or [{n}]"),
            };
            let has = format!("`{input}` has shape {shape}");
            let message = format!("`{name}` has shape {weight}, but {has}, so it must be {must}");
            return Err(ShapeError::key("weight", message).hinted(
                "axis 1 of the input holds the channels, and each has a weight, or all have one",
            ));
        }
        Ok(shape.clone())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, weight) = (operands.input(), operands.get(OperandRole::Weight));
        let n_weights = weight.data().len();
        Tensor::from_fn(shape.clone(), |at| match x.value(at) {
            value if value > 0.0 => value,
            value => weight.value(weight_at(shape, n_weights, at)) * value,
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(match role {
            OperandRole::Input(_) | OperandRole::Bias => output,
            OperandRole::Weight => {
                let n_weights = run.operands.get(role).data().len();
                weight_at(run.input().shape(), n_weights, output)
            }
        });
    }

    /// The slope on the negative side is the weight, also at 0; there the weight gets the input.
    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (x, weight) = (run.input(), run.operands.get(OperandRole::Weight));
        let n_weights = weight.data().len();
        match role {
            OperandRole::Input(_) if x.value(at) > 0.0 => {
                visit(run.term_times(at, Factor::of(FactorKind::Slope, 1.0)));
            }
            OperandRole::Input(_) => {
                let own = weight_at(x.shape(), n_weights, at);
                visit(run.term_times(at, weight.factor(FactorKind::Slope, own)));
            }
            OperandRole::Weight => {
                let elements = 0..x.data().len();
                let own = elements.filter(|&place| weight_at(x.shape(), n_weights, place) == at);
                own.for_each(|place| {
                    let factor = if x.value(place) > 0.0 {
                        Factor::closed(FactorKind::Input)
                    } else {
                        x.factor(FactorKind::Input, place)
                    };
                    visit(run.term_times(place, factor));
                });
            }
            OperandRole::Bias => {}
        }
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let mut pairs = one
            .input()
            .data()
            .iter()
            .zip(other.input().data())
            .enumerate();
        pairs.find_map(|(at, (&x, &moved))| {
            let function = self.function_at(one, at)?;
            function.has_kink_between(x, moved).then_some(at)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_weight_is_the_slope_below_0_and_gets_what_it_scales() {
        let keys = json!({"op": "prelu", "weight": [0.5, 10]});
        let layer = Layer::new(keys, &[json!([[2, -3], [-4, 0]])]).unwrap();
        assert_eq!(layer.output().data(), [2.0, -30.0, -2.0, 0.0]);
        assert_eq!(layer.factors(OperandRole::Input(0), 0), [[1.0]]);
        assert_eq!(layer.factors(OperandRole::Input(0), 1), [[10.0]]);
        assert_eq!(layer.factors(OperandRole::Input(0), 3), [[10.0]]);
        assert_eq!(
            layer.terms(OperandRole::Weight, 0),
            [(0, vec![("input", 0.0)]), (2, vec![("input", -4.0)])]
        );
        let gradient = layer.gradient(OperandRole::Weight, &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(gradient, [-12.0, -6.0]);
    }

    #[test]
    fn the_laws_hold() {
        for (shape, n_weights) in [
            (&[5][..], 1),
            (&[3, 4], 4),
            (&[2, 3, 4], 3),
            (&[2, 3, 4], 1),
        ] {
            let keys = json!({"op": "prelu", "weight": noise(&[n_weights], 2)});
            Layer::new(keys, &[noise(shape, 1)])
                .unwrap()
                .keeps_the_laws(0.0);
        }
    }

    #[test]
    fn the_other_side_of_0_is_a_kink() {
        let layer = |x: f64| {
            let keys = json!({"op": "prelu", "weight": [0.25]});
            Layer::new(keys, &[json!([1, x])]).unwrap()
        };
        assert_eq!(layer(-0.1).kink(&layer(0.1)), Some(1));
        assert_eq!(layer(-0.1).kink(&layer(-0.2)), None);
        let straight =
            |x: f64| Layer::new(json!({"op": "prelu", "weight": [1]}), &[json!([x])]).unwrap();
        assert_eq!(straight(-0.1).kink(&straight(0.1)), None);
    }

    #[test]
    fn a_weight_for_other_channels_is_refused() {
        let prelu = |weight| json!({"op": "prelu", "weight": weight});
        let matrix = &[json!([[1, 2, 3]])][..];
        refuses(&[
            (json!({"op": "prelu"}), matrix, "weight: missing"),
            (
                prelu(json!([1, 2])),
                matrix,
                "weight: `y.weight` has shape [2], but `a` has shape [1, 3], so it must be [1] or \
                 [3]",
            ),
            (
                prelu(json!([1, 2])),
                &[json!([1, 2])],
                "weight: `y.weight` has shape [2], but `a` has shape [2], so it must be [1]",
            ),
        ]);
    }
}
