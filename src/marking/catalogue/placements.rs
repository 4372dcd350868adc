//! The slips in placing: another number in a neuron's place than the one that was worked out for
//! it.

use crate::marking::context::{Answered, GradientContext, Placement, activation_of};
use crate::marking::form::{Form, neighbour, steps};
use crate::marking::slip::{BETTER_THAN_CHANCE, Slip};
use crate::marking::tolerance::last_digit;
use crate::ops::Contribution;

/// The id of the slip of those who leave a gradient at zero.
pub(in crate::marking) const LEFT_AT_ZERO: &str = "left-at-zero";

/// The id of what those do who were taught to give dL/dz.
pub(in crate::marking) const BEFORE_THE_ACTIVATION: &str = "before-the-activation";
/// The id of the slip of those who multiply everything by something.
pub(in crate::marking) const CONSTANT_FACTOR: &str = "constant-factor";
/// The id of the slip of those who take values for gradients.
pub(in crate::marking) const COPIED_THE_VALUES: &str = "copied-the-values";

pub(super) const PLACEMENTS: &[Slip] = &[
    Slip::placement("transposed", "exchanged rows and columns", |place, _| {
        let shape = place.gradient.shape();
        let &[.., rows, columns] = &shape[..] else {
            return None;
        };
        let (matrix, row, column) = (
            place.at / (rows * columns),
            place.at / columns % rows,
            place.at % columns,
        );
        (rows == columns && rows > 1)
            .then_some(Placement::From((matrix * rows + column) * columns + row))
    }),
    Slip::placement(
        "reshaped-instead-of-transposed",
        "reshaped where rows and columns had to be exchanged",
        |place, _| {
            let &[rows, columns] = &place.gradient.shape()[..] else {
                return None;
            };
            let is_oblong = rows != columns && rows > 1 && columns > 1;
            let from = place.at % rows * columns + place.at / rows;
            is_oblong.then_some(Placement::From(from))
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::placement("rotated", "turned the result by 180 degrees", |place, _| {
        let shape = place.gradient.shape();
        let &[.., rows, columns] = &shape[..] else {
            return None;
        };
        let (size, within) = (rows * columns, place.at % (rows * columns));
        (size > 1).then(|| Placement::From(place.at - within + (size - 1 - within)))
    }),
    Slip::placement(
        "shifted",
        "wrote the results one place off",
        |place, form| {
            let Form::Step { axis, toward } = form else {
                return None;
            };
            neighbour(place.gradient.shape(), place.at, axis, toward).map(Placement::From)
        },
    )
    .in_forms(|context| steps(context.shape())),
    Slip::placement(
        BEFORE_THE_ACTIVATION,
        "gave the gradient before the activation, dL/dz",
        |place, _| {
            let element = place.gradient.element(place.at);
            let (activation, z) = activation_of(place.gradient.backprop, element)?;
            Some(Placement::Times(activation.slope(z)))
        },
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::placement(
        CONSTANT_FACTOR,
        "multiplied every number by the same factor",
        |_, form| {
            let Form::Factor(factor) = form else {
                return None;
            };
            Some(Placement::Times(factor))
        },
    )
    .recognised(constant_factor),
    Slip::placement(
        COPIED_THE_VALUES,
        "wrote down the value from the forward run",
        // Who does so in an update has left out the step.
        |place, _| {
            let is_gradient = !place.gradient.is_update();
            is_gradient.then(|| Placement::Number(place.gradient.value(place.at)))
        },
    ),
    Slip::placement(LEFT_AT_ZERO, "left the gradient at zero", |_, _| {
        Some(Placement::Number(0.0))
    }),
    Slip::placement("rounded-early", "rounded on the way", |place, form| {
        let Form::Decimals(decimals) = form else {
            return None;
        };
        Some(Placement::Number(rounded_sum(
            place.gradient,
            place.at,
            decimals,
        )))
    })
    .recognised(rounded_early),
];

/// How far a factor may be off by what people round on the way to it.
const COARSEST_WORK: f64 = 1e-3;

/// Finds the factor between the wrong numbers and the right ones, the same in three or more places
/// as far as their digits show, and in so many that it is not so by accident. One of those that
/// people multiply by in earnest is taken for exactly that; what only turns the sign round, or
/// leaves nothing, is no factor.
fn constant_factor(context: &GradientContext<'_>, answered: &Answered<'_>) -> Vec<Form> {
    let clearest = answered
        .wrong()
        .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()));
    let bounds = answered.bounds;
    let is_such = |&(theirs, right): &(f64, f64)| {
        right != 0.0 && !bounds.is_right(theirs, 0.0) && !bounds.is_right(theirs, -right)
    };
    let Some((theirs, right)) = clearest.filter(is_such) else {
        return Vec::new();
    };
    let fits = |factor: f64| {
        answered
            .wrong()
            .all(|(theirs, right)| bounds.is_right(theirs, factor * right))
    };
    let ratio = theirs / right;
    let known = COARSEST_WORK + last_digit(theirs);
    let is_constant = answered
        .wrong()
        .all(|(theirs, right)| (theirs / right / ratio - 1.0).abs() <= known + last_digit(theirs));
    let batch = context.batch().map(|n| n as f64);
    let named = [0.5, 2.0]
        .into_iter()
        .chain(batch.map(f64::recip))
        .chain(batch);
    let near = |named: f64| (ratio / named - 1.0).abs() <= bounds.rtol;
    let factor = named
        .into_iter()
        .find(|&named| near(named) && fits(named))
        .unwrap_or(ratio);
    // Each number is as near to what the first one's factor gives, as numbers may be that are as
    // far off by chance.
    let chance = bounds.width(right) / (theirs - right).abs();
    let n_others = answered.wrong().filter(|(_, right)| *right != 0.0).count() - 1;
    let by_accident: f64 = std::iter::repeat_n(chance, n_others).product();
    let is_borne_out = n_others >= 2 && by_accident < BETTER_THAN_CHANCE;
    if is_constant && is_borne_out && factor.is_finite() && fits(factor) {
        vec![Form::Factor(factor)]
    } else {
        Vec::new()
    }
}

/// The numbers of decimals to which everything may have been rounded, where the result is off by
/// less than 5 % everywhere.
fn rounded_early(_: &GradientContext<'_>, answered: &Answered<'_>) -> Vec<Form> {
    let is_near = answered
        .wrong()
        .all(|(theirs, right)| (theirs - right).abs() < 0.05 * right.abs());
    if is_near {
        (1..=3).map(Form::Decimals).collect()
    } else {
        Vec::new()
    }
}

/// The gradient of a neuron where every number on the way to it is rounded.
fn rounded_sum(context: &GradientContext<'_>, at: usize, decimals: u8) -> f64 {
    let unit = (0..decimals).fold(1.0, |unit, _| unit * 10.0);
    let round = |number: f64| (number * unit).round() / unit;
    let product = |term: &Contribution| {
        term.factors
            .iter()
            .fold(round(term.upstream), |product, factor| {
                round(product * round(factor.value))
            })
    };
    let terms = context.terms(at);
    terms
        .iter()
        .fold(round(context.given(at).unwrap_or(0.0)), |sum, term| {
            round(sum + product(&term.contribution))
        })
}
