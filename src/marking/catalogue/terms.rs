//! The slips in making a term: another product of one contribution.

use crate::backprop::{Backprop, Contributor};
use crate::marking::context::{GradientContext, TermContext, activation_of};
use crate::marking::form::{Convention, Form, Seen, neighbour, steps};
use crate::marking::slip::Slip;
use crate::ops::FactorKind::{Input, Jacobian, Operand, Scale, Share, Slope, Weight, Winner};
use crate::ops::{
    Activation, LeakyRelu, OpKind, OperandRole, Relu, Sigmoid, Simplification, Tanh, Ties,
};
use crate::tape::Layer;
use crate::tensor::{Element, Shape};

pub(super) const TERMS: &[Slip] = &[
    Slip::term(
        "forgot-the-weight",
        "left out the weight on the wire",
        |term, _| term.without(Weight),
    ),
    Slip::term(
        "forgot-the-slope",
        "left out the slope of the activation",
        |term, _| term.without(Slope),
    ),
    Slip::term(
        "summed-the-upstream-gradients",
        "just added up the gradients that arrive",
        |term, _| term.factor(Weight).map(|_| term.upstream()),
    ),
    Slip::term(
        "forgot-the-upstream",
        "took the local derivative alone, without the gradient that arrives",
        |term, _| Some(term.contribution.local()),
    ),
    Slip::term("slope-twice", "multiplied by the slope twice", |term, _| {
        let slope = term.factor(Slope)?.value;
        term.with(Slope, slope * slope)
    }),
    Slip::term(
        "added-the-slope",
        "added the slope instead of multiplying by it",
        |term, _| term.from(term.upstream() + term.factor(Slope)?.value, Slope, 1.0),
    ),
    Slip::term(
        "slope-at-the-output",
        "took the slope at the output of the activation instead of at its input",
        |term, _| {
            let (activation, z) = term
                .activation()
                .filter(|(activation, _)| !activation.has_same_slope_at_output())?;
            term.with(Slope, activation.slope(activation.value(z)))
        },
    ),
    Slip::term(
        "output-instead-of-the-slope",
        "multiplied by the output of the activation instead of its slope",
        |term, _| {
            let (activation, z) = term.activation()?;
            term.with(Slope, activation.value(z))
        },
    ),
    Slip::term(
        "slope-of-another-activation",
        "took the slope of another activation",
        slope_of_another,
    )
    .in_forms(|_| {
        let leaky = LeakyRelu::default();
        let others: [Activation; 4] = [Relu.into(), leaky.into(), Sigmoid.into(), Tanh.into()];
        let from_input = others.map(|other| Form::Slope(other, Seen::FromInput));
        let by_output = others
            .into_iter()
            .filter(|other| other.slope_by_output().is_some());
        let from_output = by_output.map(|other| Form::Slope(other, Seen::FromOutput));
        from_input.into_iter().chain(from_output).collect()
    }),
    Slip::term(
        "gated-by-the-gradient",
        "let the ReLU pass what has a positive gradient instead of a positive input",
        |term, _| {
            let (activation, _) = term.activation()?;
            let gate = if term.upstream() > 0.0 { 1.0 } else { 0.0 };
            (activation == Relu.into()).then(|| term.with(Slope, gate))?
        },
    ),
    Slip::term(
        "mask-of-another-layer",
        "took the mask of another ReLU",
        |term, form| {
            let Form::MaskOf(layer) = form else {
                return None;
            };
            let (activation, _) = term.activation()?;
            let other = term.backprop.network().layers()[layer].output;
            let at = term.contribution.from.at;
            let (relu, z) = activation_of(term.backprop, Element { tensor: other, at })?;
            (activation == Relu.into()).then(|| term.with(Slope, relu.slope(z)))?
        },
    )
    .recognised(|context, _| other_masks(context)),
    Slip::term(
        "own-value-instead-of-the-weight",
        "multiplied by the neuron's own value",
        |term, form| {
            let Form::InsteadOf(kind) = form else {
                return None;
            };
            // Of several other operands it would be anyone's guess which is forgotten, and a
            // dropout's mask is not forgotten this way.
            let is_other_factor = term.kind().is_product() && term.contribution.factors.len() == 1;
            (kind == Weight || is_other_factor).then(|| term.with(kind, term.own_value()))?
        },
    )
    .in_forms(|_| vec![Form::InsteadOf(Weight), Form::InsteadOf(Operand)]),
    Slip::term(
        "weight-instead-of-the-input",
        "multiplied by the weight itself instead of the input that it meets",
        |term, _| {
            weighted_input(term)?;
            term.with(Input, term.own_value())
        },
    ),
    Slip::term(
        "output-instead-of-the-input",
        "multiplied by the output of the layer instead of its input",
        |term, _| {
            weighted_input(term)?;
            term.with(Input, term.output_value())
        },
    ),
    Slip::term(
        "input-before-the-activation",
        "multiplied by z instead of the activation of it",
        |term, _| {
            weighted_input(term)?;
            let met = term.factor(Input)?.source?;
            let (_, z) = activation_of(term.backprop, met)?;
            term.with(Input, z)
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "input-of-the-layer-before",
        "multiplied by what the layer before reads instead of what it gives",
        |term, _| {
            weighted_input(term)?;
            let read = read_by_the_layer_of(term.backprop, term.factor(Input)?.source?)?;
            term.with(Input, read)
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "neighbouring-input",
        "took the input one place along",
        |term, form| {
            let Form::Step { axis, toward } = form else {
                return None;
            };
            weighted_input(term)?;
            let shape = term.contributor.run.input().shape();
            term.with_input_at(|at| neighbour(shape, at, axis, toward))
        },
    )
    .recognised(|context, _| steps_in_inputs(context)),
    Slip::term(
        "channels-exchanged",
        "exchanged the channels that go in and out of the kernel",
        |term, _| {
            let shape = weight_shape(term, OpKind::is_convolution)?;
            let (&[outputs, inputs], _) = shape.split_first_chunk()?;
            let size = shape.numel() / (outputs * inputs);
            let exchanged = |at: usize| {
                let (output, input) = (at / size / inputs, at / size % inputs);
                (input * inputs + output) * size + at % size
            };
            let has_channels = shape.rank() > term.contributor.layer.spatial_axes();
            let is_square = has_channels && outputs == inputs && outputs > 1;
            term.with_weight_at(|at| is_square.then(|| exchanged(at)))
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "transposed-weight",
        "exchanged the rows and columns of the weight",
        |term, _| {
            let &[rows, columns] = &weight_shape(term, |kind| !kind.is_convolution())?[..] else {
                return None;
            };
            let is_square = rows == columns && rows > 1;
            term.with_weight_at(|at| is_square.then_some(at % columns * columns + at / columns))
        },
    ),
    Slip::term("kernel-flipped", "turned the kernel round", |term, _| {
        let shape = weight_shape(term, OpKind::is_convolution)?;
        let size: usize = shape[shape.rank() - term.contributor.layer.spatial_axes()..]
            .iter()
            .product();
        term.with_weight_at(|at| (size > 1).then_some(at - at % size + (size - 1 - at % size)))
    }),
    Slip::term(
        "neighbouring-weight",
        "took the weight one place along",
        |term, form| {
            let Form::Step { axis, toward } = form else {
                return None;
            };
            let shape = term.contributor.run.operands.weight?.shape();
            term.with_weight_at(|at| neighbour(shape, at, axis, toward))
        },
    )
    .in_forms(steps_in_weights),
    Slip::term(
        "pooled-to-everyone",
        "gave the whole gradient to every neuron of the window",
        |term, _| term.without(Winner),
    ),
    Slip::term(
        "pooled-in-equal-shares",
        "shared the gradient out over the window as average pooling does",
        |term, _| term.shared(|window| 1.0 / window.n as f64),
    ),
    Slip::term(
        "winner-times-its-value",
        "multiplied what the winner gets by its value",
        |term, _| {
            term.factor(Winner)
                .map(|_| term.product() * term.own_value())
        },
    ),
    Slip::term(
        "sent-to-the-smallest",
        "sent the gradient to the smallest of the window",
        |term, _| term.shared(|window| all_or_nothing(term.at == window.smallest)),
    ),
    Slip::term(
        "sent-to-the-largest-magnitude",
        "sent the gradient to the largest absolute value of the window",
        |term, _| term.shared(|window| all_or_nothing(term.at == window.largest_magnitude)),
    ),
    Slip::term(
        "sent-to-the-first-place",
        "sent the gradient to the first place of the window",
        |term, _| term.shared(|window| all_or_nothing(term.at == window.first)),
    ),
    Slip::term(
        "other-tie-rule",
        "went by another convention for ties",
        other_tie_rule,
    )
    .in_forms(|_| {
        [
            Convention::First,
            Convention::Last,
            Convention::Split,
            Convention::All,
        ]
        .map(Form::Ties)
        .into()
    }),
    Slip::term(
        "forgot-the-share",
        "did not divide by the size of the window",
        |term, _| term.without(Share),
    ),
    Slip::term(
        "forgot-the-mean",
        "left out the 1/N of the mean",
        |term, _| {
            term.kind()
                .scales_to_a_mean()
                .then(|| term.without(Scale))?
        },
    ),
    Slip::term(
        "forgot-the-two",
        "left out the 2 that comes from the square",
        |term, _| term.simplified(Simplification::NoTwo),
    ),
    Slip::term(
        "forgot-the-target",
        "did not subtract the target",
        |term, _| term.simplified(Simplification::NoTarget),
    ),
    Slip::term(
        "target-counted-from-one",
        "counted the classes from 1, and took the one before the target",
        |term, _| term.simplified(Simplification::FromOne),
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "forgot-the-softmax",
        "took the logit itself instead of its probability",
        |term, _| {
            let goal = term.probability()? - term.factor(Jacobian)?.value;
            term.with(Jacobian, term.own_value() - goal)
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "slope-of-the-probability-too",
        "multiplied by p(1 − p), which the loss's own derivative cancels",
        |term, _| {
            let (p, slope) = (term.probability()?, term.factor(Jacobian)?.value);
            term.with(Jacobian, slope * p * (1.0 - p))
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::term(
        "softmax-twice",
        "put the probabilities through the softmax once more",
        |term, form| {
            let Form::Softmax { comes_back } = form else {
                return None;
            };
            term.simplified(Simplification::SoftmaxTwice { comes_back })
        },
    )
    .in_forms(|_| {
        [true, false]
            .map(|comes_back| Form::Softmax { comes_back })
            .into()
    }),
    Slip::term(
        "only-the-diagonal",
        "treated each neuron alone, as if it moved no output but its own",
        |term, _| {
            let is_own = term.contribution.from.at == term.at;
            couples(term).then(|| if is_own { term.product() } else { 0.0 })
        },
    ),
    Slip::term(
        "statistics-as-constants",
        "held the mean and the variance fixed",
        |term, _| term.simplified(Simplification::FixedStatistics),
    ),
    Slip::term("mean-as-a-constant", "held the mean fixed", |term, _| {
        term.simplified(Simplification::FixedMean)
    }),
    Slip::term(
        "variance-as-a-constant",
        "held the variance fixed",
        |term, _| term.simplified(Simplification::FixedVariance),
    ),
    Slip::term(
        "forgot-the-mask",
        "let the dropped neurons pass",
        |term, _| term.kind().is_mask().then(|| term.without(Operand))?,
    ),
    Slip::term(
        "forgot-the-keep-scale",
        "left out the 1/(1 − p) of the dropout",
        |term, _| term.kind().is_mask().then(|| term.without(Scale))?,
    ),
];

fn slope_of_another(term: &TermContext<'_, '_>, form: Form) -> Option<f64> {
    let Form::Slope(other, seen) = form else {
        return None;
    };
    let (own, z) = term.activation().filter(|(own, _)| *own != other)?;
    let a = own.value(z);
    let slope = match seen {
        Seen::FromInput => other.slope(z),
        Seen::FromOutput => (other.slope_by_output()?.of)(a),
    };
    term.with(Slope, slope)
}

fn other_tie_rule(term: &TermContext<'_, '_>, form: Form) -> Option<f64> {
    let Form::Ties(convention) = form else {
        return None;
    };
    let ties = term.contributor.layer.op.ties()?;
    let is_own = matches!(
        (convention, ties),
        (Convention::First, Ties::First)
            | (Convention::Split, Ties::Split)
            | (Convention::All, Ties::All)
    );
    if is_own || term.window().n_tied < 2 {
        return None;
    }
    let is_tied = term.own_value() == term.output_value();
    term.shared(|window| match convention {
        Convention::First => all_or_nothing(term.at == window.first_tied),
        Convention::Last => all_or_nothing(term.at == window.last_tied),
        Convention::Split if is_tied => 1.0 / window.n_tied as f64,
        Convention::Split | Convention::All => all_or_nothing(is_tied),
    })
}

fn all_or_nothing(all: bool) -> f64 {
    if all { 1.0 } else { 0.0 }
}

/// The input that a weight meets, in the term of a weight of a weighted sum.
fn weighted_input(term: &TermContext<'_, '_>) -> Option<f64> {
    term.kind()
        .is_weighted_sum()
        .then(|| term.factor(Input).map(|factor| factor.value))?
}

/// What stands in an element's place in what its layer reads, where that is one tensor. What an
/// activation reads goes by the name of z.
fn read_by_the_layer_of(backprop: &Backprop, element: Element) -> Option<f64> {
    let (network, tape) = (backprop.network(), backprop.tape());
    let layer = network.layer_of(network.base(element.tensor))?;
    let &[input] = &layer.inputs[..] else {
        return None;
    };
    let (own, read) = (tape.value(layer.output).shape(), tape.value(input));
    let place = match read.shape().numel() == own.numel() {
        true => element.at,
        false => read.shape().place(&own.index(element.at))?,
    };
    let is_z = layer.op.activation().is_none() && activation_of(backprop, element).is_some();
    (!is_z).then(|| read.data()[place])
}

/// The shape of the weight of a weighted sum of such a kind.
pub(super) fn weight_shape<'r>(
    term: &TermContext<'_, 'r>,
    is_such: impl FnOnce(OpKind) -> bool,
) -> Option<&'r Shape> {
    term.contributor
        .run
        .operands
        .weight
        .filter(|_| term.kind().is_weighted_sum() && is_such(term.kind()))
        .map(|weight| weight.shape())
}

/// The steps in the weights on the ways to a tensor.
fn steps_in_weights(context: &GradientContext<'_>) -> Vec<Form> {
    let weighted = context
        .contributors
        .iter()
        .filter(|contributor| contributor.layer.op.kind().is_weighted_sum());
    let all = weighted
        .filter_map(|contributor| contributor.run.operands.weight)
        .flat_map(|weight| steps(weight.shape()));
    let mut forms = Vec::new();
    all.for_each(|form| {
        if !forms.contains(&form) {
            forms.push(form)
        }
    });
    forms
}

/// The steps in the inputs that weights meet on the ways to a tensor.
fn steps_in_inputs(context: &GradientContext<'_>) -> Vec<Form> {
    let weighted = context
        .contributors
        .iter()
        .find(|contributor| contributor.layer.op.kind().is_weighted_sum());
    weighted.map_or_else(Vec::new, |contributor| {
        steps(contributor.run.input().shape())
    })
}

/// The other layers with a ReLU whose outputs have as many neurons as those behind a tensor.
fn other_masks(context: &GradientContext<'_>) -> Vec<Form> {
    let network = context.backprop.network();
    let layers = network.layers().iter().enumerate();
    let is_such = |(number, layer): &(usize, &Layer)| {
        let first = Element {
            tensor: layer.output,
            at: 0,
        };
        let n = network.tensor(layer.output).shape.numel();
        let is_relu =
            activation_of(context.backprop, first).is_some_and(|(own, _)| own == Relu.into());
        let mut behind = context.contributors.iter();
        let fits =
            |one: &Contributor<'_>| one.number != *number && one.run.output.shape().numel() == n;
        is_relu && behind.any(fits)
    };
    layers
        .filter(is_such)
        .map(|(number, _)| Form::MaskOf(number))
        .collect()
}

/// Whether the layer is a function of whole rows, in which a neuron moves every output.
fn couples(term: &TermContext<'_, '_>) -> bool {
    let of_rows = term.contributor.layer.op.couples();
    of_rows && term.factor(Jacobian).is_some() && matches!(term.role, OperandRole::Input(_))
}
