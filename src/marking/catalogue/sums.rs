//! The slips in combining: another gradient of one element from the products of its terms.

use smallvec::SmallVec;

use crate::backprop::Contributor;
use crate::marking::context::{SumContext, TermContext};
use crate::marking::derivation::{Combination, Derivation};
use crate::marking::form::Form;
use crate::marking::slip::Slip;
use crate::ops::{Op, OperandRole};
use crate::tensor::Shape;

/// The id of the slip of those who turn the sign round.
pub(in crate::marking) const WRONG_SIGN: &str = "wrong-sign";

pub(super) const SUMS: &[Slip] = &[
    Slip::sum(
        "multiplied-instead-of-added",
        "multiplied the terms instead of adding them",
        |sum, _| sum.of_several(|_| Combination::Multiplied),
    ),
    Slip::sum(
        "averaged-instead-of-added",
        "took the mean of the terms instead of their sum",
        |sum, _| sum.of_several(|terms| Combination::Divided(terms.len() as f64)),
    ),
    Slip::sum(
        "kept-only-the-largest",
        "kept only the largest term",
        |sum, _| {
            sum.of_several(|terms| {
                let size = |place: usize| terms[place].abs();
                let largest = (0..terms.len()).reduce(|a, b| if size(b) > size(a) { b } else { a });
                Combination::Only(largest.unwrap_or(0))
            })
        },
    ),
    Slip::sum("kept-only-the-last", "kept only the last term", |sum, _| {
        sum.of_several(|terms| Combination::Only(terms.len() - 1))
    }),
    Slip::sum(
        "kept-only-the-first",
        "stopped after the first term",
        |sum, _| sum.of_several(|_| Combination::Only(0)),
    ),
    Slip::sum(
        "forgot-a-branch",
        "followed only one of the ways back",
        |sum, form| {
            let Form::Branch(layer) = form else {
                return None;
            };
            sum.of_some(|term| term.contributor.number == layer)
        },
    )
    .in_forms(|context| {
        context
            .contributors
            .iter()
            .map(|contributor| Form::Branch(contributor.number))
            .collect()
    }),
    Slip::sum(
        "channels-not-summed",
        "took only the output channel with the neuron's own channel number",
        |sum, _| {
            sum.of_some(|term| channels(term).is_some_and(|(own, downstream)| own == downstream))
        },
    ),
    Slip::sum(
        "padding-one-off",
        "laid the padding one place off",
        padding_one_off,
    )
    .in_forms(|_| {
        [true, false]
            .map(|is_more_before| Form::Offset { is_more_before })
            .into()
    }),
    Slip::sum(
        "divided-by-the-batch",
        "divided by the size of the batch",
        |sum, _| {
            let batch = sum.gradient.batch()?;
            (!sum.products.is_empty()).then(|| sum.whole(Combination::Divided(batch as f64)))
        },
    ),
    Slip::sum(
        "averaged-over-the-uses",
        "took the mean over the uses of the parameter instead of their sum",
        |sum, _| {
            let uses = sum.gradient.uses()?;
            Some(sum.whole(Combination::Divided(uses as f64)))
        },
    ),
    Slip::sum(
        "forgot-the-given-upstream",
        "left out the gradient that is given to the neuron itself",
        |sum, _| {
            let is_given = !sum.gradient.is_update() && !sum.products.is_empty();
            sum.given.filter(|_| is_given)?;
            Some(Derivation {
                given: None,
                ..sum.whole(Combination::Added)
            })
        },
    ),
    Slip::sum(WRONG_SIGN, "turned the sign round", |sum, _| {
        Some(sum.whole(Combination::Negated))
    }),
];

/// The terms that arrive where windows are taken to begin one place earlier or later: some of them
/// come from outputs that never look at the neuron.
fn padding_one_off(sum: &SumContext<'_, '_>, form: Form) -> Option<Derivation> {
    let Form::Offset { is_more_before } = form else {
        return None;
    };
    of_another_op(sum, |contributor| {
        let op = &contributor.layer.op;
        op.padded_off(&contributor.run.operands, is_more_before)
    })
}

/// The terms that arrive where layers have other ops, with an output of the same shape. A bias does
/// not see the difference.
pub(super) fn of_another_op(
    sum: &SumContext<'_, '_>,
    other: impl Fn(&Contributor<'_>) -> Option<Box<dyn Op>>,
) -> Option<Derivation> {
    let (mut numbers, mut is_off) = (SmallVec::new(), false);
    for contributor in &sum.gradient.contributors {
        let own = sum.terms.iter().zip(sum.products);
        let own = own.filter(|(term, _)| term.contributor.number == contributor.number);
        let is_bias = contributor.layer.bias == Some(sum.gradient.tensor);
        match other(contributor).filter(|_| !is_bias) {
            Some(op) => {
                is_off |= own.count() > 0;
                contributor.terms_by(&*op, sum.at, &mut |_, term| {
                    is_off = true;
                    numbers.push(term.product());
                });
            }
            None => numbers.extend(own.map(|(_, &product)| product)),
        }
    }
    is_off.then(|| Derivation {
        given: sum.given,
        numbers,
        how: Combination::Added,
    })
}

/// The sample of a batch that an element of an output belongs to.
pub(super) fn sample_of(shape: &Shape, batch: usize, at: usize) -> usize {
    at / (shape.numel() / batch)
}

/// The channel of the neuron and of the downstream neuron, in a convolution with channels.
pub(super) fn channels(term: &TermContext<'_, '_>) -> Option<(usize, usize)> {
    let (axes, run) = (term.contributor.layer.spatial_axes(), &term.contributor.run);
    let rank = run.output.shape().rank();
    if !term.kind().is_convolution() || !matches!(term.role, OperandRole::Input(_)) || rank == axes
    {
        return None;
    }
    let channel = |shape: &Shape, at: usize| {
        let (_, n_channels, size) = shape.around(rank - axes - 1);
        at / size % n_channels
    };
    Some((
        channel(run.input().shape(), term.at),
        channel(run.output.shape(), term.contribution.from.at),
    ))
}
