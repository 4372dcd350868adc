//! `add`, `sub`, `mul` and `div`, element by element, with NumPy's broadcasting.

use super::axes::{Projection, broadcast};
use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::phrases::{FactorWords, Phrases};
use super::settings::settings;
use super::torch::Torch;
use super::{
    Contribution, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes, sum_terms,
};
use crate::tensor::{Shape, Tensor};

settings! {
    /// Tensors added element by element, with broadcasting.
    pub struct Add;
}

settings! {
    /// One tensor minus another, element by element, with broadcasting.
    pub struct Sub;
}

settings! {
    /// Tensors multiplied element by element, with broadcasting.
    pub struct Mul;
}

settings! {
    /// One tensor divided by another, element by element, with broadcasting.
    pub struct Div;
}

/// Arithmetic on tensors, element by element. A neuron of a broadcast operand is read by several
/// output neurons, and gets a contribution from each.
#[derive(Debug)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

macro_rules! arithmetic {
    ($($operation:ident is $row:expr;)+) => {
        $(impl IntoOp for $operation {
    type Op = Arithmetic;
}

impl Described for $operation {
            const DESCRIPTOR: &'static Descriptor = &$row;
        }

        impl From<$operation> for Arithmetic {
            fn from(_: $operation) -> Self {
                Self::$operation
            }
        })+

        impl Arithmetic {
            fn settings(&self) -> &dyn Settings {
                match self { $(Self::$operation => &$operation),+ }
            }
        }
    };
}

arithmetic! {
    Add is Descriptor::of::<Add>("add", OpKind::Addition, Add::ABOUT)
        .reading(2..=usize::MAX)
        .saying(&ADDITION)
        .in_torch(Torch::Operator(" + "));
    Sub is Descriptor::of::<Sub>("sub", OpKind::Addition, Sub::ABOUT)
        .reading(2..=2)
        .saying(&SUBTRACTION)
        .in_torch(Torch::Operator(" - "));
    Mul is Descriptor::of::<Mul>("mul", OpKind::Product, Mul::ABOUT)
        .reading(2..=usize::MAX)
        .in_torch(Torch::Operator(" * "));
    Div is Descriptor::of::<Div>("div", OpKind::Quotient, Div::ABOUT)
        .reading(2..=2)
        .saying(&DIVISION)
        .in_torch(Torch::Operator(" / "));
}

const ADDITION: Phrases = Phrases {
    unchanged: ": an addition hands it to every side undivided",
    ..Phrases::NONE
};

const SUBTRACTION: Phrases = Phrases {
    twice: "It sends its own gradient once as it is and once with the opposite sign",
    ..ADDITION
};

/// The denominator's terms have a sign, the numerator's have none. Its slope is −(a/b)/b and not
/// −a/b², in which the square may overflow where the slope does not.
const DIVISION: Phrases = Phrases {
    unchanged: ": dividing by 1 changes nothing",
    twice: "It sends its own gradient once to the numerator and once to the denominator",
    zero_operands: "the quotients are 0",
    remedy: "add a small number to the denominator, or clamp it away from 0",
    factors: &[
        FactorWords::in_one(
            FactorKind::Operand,
            "the quotient",
            "the quotient, {value},",
        ),
        FactorWords::of(FactorKind::Sign, "−1, as {me} divides,"),
        FactorWords::of(FactorKind::Scale, "one over {me} again").beside(FactorKind::Sign),
        FactorWords::in_one(
            FactorKind::Scale,
            "one over the denominator",
            "one over the denominator, {second=}",
        ),
    ],
    ..Phrases::NONE
};

impl Arithmetic {
    fn apply(&self, one: f64, other: f64) -> f64 {
        match self {
            Self::Add => one + other,
            Self::Sub => one - other,
            Self::Mul => one * other,
            Self::Div => one / other,
        }
    }
}

/// How the output's neurons map to those of an operand.
fn projection<'a>(output: &'a Shape, operand: Operand<'_>) -> Projection<'a> {
    Projection::of_broadcast(output, operand.shape())
}

impl Op for Arithmetic {
    fn settings(&self) -> &dyn Settings {
        self.settings()
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        broadcast(&shapes.inputs)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        if operands
            .inputs
            .iter()
            .all(|operand| operand.shape() == shape)
        {
            let mut output = operands.input().tensor.clone();
            for operand in operands.inputs.iter().skip(1) {
                let pairs = output.data_mut().iter_mut().zip(operand.data());
                pairs.for_each(|(one, &other)| *one = self.apply(*one, other));
            }
            return output;
        }
        let operands: Vec<_> = operands
            .inputs
            .iter()
            .map(|operand| (operand, projection(shape, operand)))
            .collect();
        Tensor::from_fn(shape.clone(), |at| {
            let values = operands
                .iter()
                .map(|(operand, projection)| operand.value(projection.place(at)));
            values
                .reduce(|one, other| self.apply(one, other))
                .unwrap_or_default()
        })
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(projection(run.output.shape(), run.operands.get(role)).place(output));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let OperandRole::Input(number) = role else {
            return;
        };
        let shape = run.output.shape();
        let place = |operand, output| projection(shape, operand).place(output);
        projection(shape, run.operands.get(role)).visit_fibre(at, &mut |output| {
            let term = run.term(output);
            visit(match self {
                Self::Sub if number == 1 => term.times(FactorKind::Sign, -1.0),
                Self::Add | Self::Sub => term,
                Self::Mul => {
                    let others = run
                        .operands
                        .inputs
                        .iter()
                        .enumerate()
                        .filter(|&(other, _)| other != number);
                    others.fold(term, |term, (_, other)| {
                        term.times_neuron(FactorKind::Operand, other, place(other, output))
                    })
                }
                Self::Div if number == 0 => {
                    let denominator = run.operands.inputs.get(1);
                    term.times(
                        FactorKind::Scale,
                        1.0 / denominator.value(place(denominator, output)),
                    )
                }
                Self::Div => {
                    let denominator = run.operands.inputs.get(1).value(at);
                    term.times_neuron(FactorKind::Operand, run.output, output)
                        .times(FactorKind::Sign, -1.0)
                        .times(FactorKind::Scale, 1.0 / denominator)
                }
            });
        });
    }

    /// Where no operand is broadcast, each neuron has one term.
    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let inputs = run.operands.inputs;
        let is_broadcast = inputs
            .iter()
            .any(|operand| operand.shape() != run.output.shape());
        let terms = sums.iter_mut().zip(run.upstream);
        match (self, role) {
            (_, _) if is_broadcast => sum_terms(self, run, role, sums),
            (Self::Add, _) | (Self::Sub, OperandRole::Input(0)) => {
                terms.for_each(|(sum, upstream)| *sum += upstream);
            }
            (Self::Sub, _) => terms.for_each(|(sum, upstream)| *sum += upstream * -1.0),
            (Self::Mul, OperandRole::Input(number)) if inputs.len() == 2 => {
                let terms = terms.zip(inputs.get(1 - number).data());
                terms.for_each(|((sum, upstream), other)| *sum += upstream * other);
            }
            (Self::Mul | Self::Div, _) => sum_terms(self, run, role, sums),
        }
    }

    /// A quotient has a pole where its denominator is 0.
    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let (Self::Div, denominator) = (self, one.operands.inputs.get(1)) else {
            return None;
        };
        let pairs = denominator
            .data()
            .iter()
            .zip(other.operands.inputs.get(1).data());
        let place = pairs
            .enumerate()
            .find_map(|(at, (b, moved))| (b * moved < 0.0).then_some(at))?;
        let mut first = None;
        projection(one.output.shape(), denominator)
            .visit_fibre(place, &mut |output| first = first.or(Some(output)));
        first
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses};

    #[test]
    fn the_laws_hold_with_broadcasting() {
        let operands = [
            noise(&[2, 3, 2], 1),
            noise(&[3, 1], 2),
            noise(&[2, 1, 1], 3),
            noise(&[], 4),
            noise(&[1, 2], 5),
        ];
        for op in ["add", "mul"] {
            Layer::new(json!({ "op": op }), &operands)
                .unwrap()
                .keeps_the_laws(0.0);
        }
        for (one, other) in [(0, 1), (1, 0), (1, 4), (3, 0), (3, 3)] {
            let pair = [operands[one].clone(), operands[other].clone()];
            Layer::new(json!({ "op": "sub" }), &pair)
                .unwrap()
                .keeps_the_laws(0.0);
        }
        for (one, other) in [
            (json!([[1.5], [-2]]), json!([3, 0.5, -4])),
            (json!([1.5, -2]), json!(0.8)),
            (json!(3), json!([2, -1.5])),
        ] {
            Layer::new(json!({ "op": "div" }), &[one, other])
                .unwrap()
                .keeps_the_laws(0.0);
        }
    }

    #[test]
    fn every_reader_of_a_broadcast_neuron_is_listed() {
        let column_and_row = [json!([[10], [20]]), json!([1, 2, 3])];
        let sub = Layer::new(json!({ "op": "sub" }), &column_and_row).unwrap();
        assert_eq!(sub.output().data(), [9.0, 8.0, 7.0, 19.0, 18.0, 17.0]);
        assert_eq!(
            sub.terms(OperandRole::Input(0), 1),
            [(3, vec![]), (4, vec![]), (5, vec![])]
        );
        assert_eq!(
            sub.terms(OperandRole::Input(1), 2),
            [(2, vec![("sign", -1.0)]), (5, vec![("sign", -1.0)])]
        );
        let mul = Layer::new(json!({ "op": "mul" }), &column_and_row).unwrap();
        assert_eq!(
            mul.terms(OperandRole::Input(1), 2),
            [(2, vec![("operand", 10.0)]), (5, vec![("operand", 20.0)])]
        );
        let cube = Layer::new(json!({ "op": "mul" }), &[json!(2), json!(3), json!(5)]).unwrap();
        assert_eq!(
            cube.terms(OperandRole::Input(1), 0),
            [(0, vec![("operand", 2.0), ("operand", 5.0)])]
        );
    }

    #[test]
    fn a_quotient_falls_with_its_denominator() {
        let div = Layer::new(json!({ "op": "div" }), &[json!([6, 3]), json!(2)]).unwrap();
        assert_eq!(div.output().data(), [3.0, 1.5]);
        assert_eq!(
            div.terms(OperandRole::Input(0), 1),
            [(1, vec![("scale", 0.5)])]
        );
        let denominator = |quotient| vec![("operand", quotient), ("sign", -1.0), ("scale", 0.5)];
        assert_eq!(
            div.terms(OperandRole::Input(1), 0),
            [(0, denominator(3.0)), (1, denominator(1.5))]
        );
        // The square of this denominator overflows.
        let large = Layer::new(json!({ "op": "div" }), &[json!(1e308), json!(1e308)]).unwrap();
        let gradient = large.gradient(OperandRole::Input(1), &[1e8]);
        assert!((gradient[0] / -1e-300 - 1.0).abs() < 1e-12, "{gradient:?}");
        let of_zero = Layer::new(json!({ "op": "div" }), &[json!([1, 0, -1]), json!(0)]).unwrap();
        assert_eq!(of_zero.output().data()[0], f64::INFINITY);
        assert!(of_zero.output().data()[1].is_nan());
        assert_eq!(of_zero.output().data()[2], f64::NEG_INFINITY);
    }

    #[test]
    fn the_two_sides_of_a_pole_are_no_neighbours() {
        let div = |b: [f64; 2]| {
            Layer::new(json!({ "op": "div" }), &[json!([[1, 1], [1, 1]]), json!(b)]).unwrap()
        };
        assert_eq!(div([1.0, 0.1]).kink(&div([1.0, 0.2])), None);
        assert_eq!(div([1.0, 0.1]).kink(&div([1.0, -0.1])), Some(1));
        let sub = Layer::new(json!({ "op": "sub" }), &[json!(1), json!(1)]).unwrap();
        assert_eq!(
            sub.kink(&Layer::new(json!({ "op": "sub" }), &[json!(1), json!(-1)]).unwrap()),
            None
        );
    }

    #[test]
    fn shapes_that_do_not_broadcast_are_refused() {
        let (three, four) = (json!([1, 2, 3]), json!([1, 2, 3, 4]));
        refuses(&[
            (
                json!({ "op": "sub" }),
                &[three.clone(), four.clone()],
                "from 1: `b` has shape [4], but `a` has [3]: they do not broadcast",
            ),
            (
                json!({ "op": "mul" }),
                &[three, json!(2), four],
                "from 2: `c` has shape [4], but the inputs before it make [3]: they do not \
                 broadcast",
            ),
        ]);
        let long = Shape::from([1 << 40, 1]);
        let wide = Shape::from([1 << 40]);
        let message = broadcast(&[("a", &long), ("b", &wide)])
            .unwrap_err()
            .message;
        assert_eq!(message, "the output would have too many elements");
    }
}
