//! The slips in the loops of a program, over windows, samples and axes: other terms than those that
//! belong into a sum.

use smallvec::SmallVec;

use super::sums::{of_another_op, sample_of};
use crate::backprop::Contributor;
use crate::marking::context::{GradientContext, SumContext};
use crate::marking::derivation::{Combination, Derivation};
use crate::marking::form::Form;
use crate::marking::slip::Slip;
use crate::ops::OperandRole;
use crate::tensor::Shape;

/// So many numbers are added up again along other axes, and no more.
const MOST_NUMBERS: usize = 1 << 22;

pub(super) const LOOPS: &[Slip] = &[
    Slip::sum(
        "kept-only-the-last-window",
        "wrote what each window sends over what the ones before had sent",
        |sum, _| last_window(sum),
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::sum(
        "kept-only-one-sample",
        "took only one sample of the batch",
        |sum, form| {
            let Form::Sample { is_last } = form else {
                return None;
            };
            let batch = sum.gradient.batch()?;
            let wanted = if is_last { batch - 1 } else { 0 };
            sum.of_part(|term| {
                let shape = term.contributor.run.output.shape();
                let is_of_batch = shape.first() == Some(&batch);
                is_of_batch && sample_of(shape, batch, term.contribution.from.at) == wanted
            })
        },
    )
    .recognised(|_, _| [true, false].map(|is_last| Form::Sample { is_last }).into()),
    Slip::sum(
        "forgot-the-stride",
        "laid the windows one place apart, without the stride",
        |sum, _| of_another_op(sum, |contributor| contributor.layer.op.unstrided()),
    )
    .recognised(|_, _| vec![Form::Plain]),
    Slip::sum(
        "summed-over-other-axes",
        "summed what arrives over the wrong axes",
        |sum, form| {
            let Form::AllBut { axis } = form else {
                return None;
            };
            let output = bias_of(sum.gradient)?;
            let shape = output.run.output.shape();
            let arriving = output.run.upstream_at_sums();
            let mine = arriving.iter().enumerate();
            let mine = mine.filter(|(at, _)| place_along(shape, axis, *at) == sum.at);
            Some(Derivation {
                given: sum.given,
                numbers: mine.map(|(_, &number)| number).collect(),
                how: Combination::Added,
            })
        },
    )
    .recognised(|context, _| other_axes(context)),
];

/// What is left where each window writes its part over what is there. All that a window sends to a
/// place comes at once: of a convolution through all of its output channels.
fn last_window(sum: &SumContext<'_, '_>) -> Option<Derivation> {
    let [only] = &sum.gradient.contributors[..] else {
        return None;
    };
    if !only.layer.op.kind().looks_through_windows() || only.layer.bias == Some(sum.gradient.tensor)
    {
        return None;
    }
    let shape = only.run.output.shape();
    let n_windows: usize = shape[shape.rank() - only.layer.spatial_axes()..]
        .iter()
        .product();
    let is_weight = only.layer.weight == Some(sum.gradient.tensor);
    let (last, batch) = match is_weight {
        true => (n_windows - 1, sum.gradient.batch().unwrap_or(1)),
        false => (sum.terms.last()?.contribution.from.at % n_windows, 1),
    };
    if is_weight && !last_meets_padding(only) {
        // It is the last term, which has a slip of its own.
        return None;
    }
    let is_kept =
        |from: usize| from % n_windows == last && sample_of(shape, batch, from) == batch - 1;
    let places = 0..sum.terms.len();
    let kept = places.filter(|&term| is_kept(sum.terms[term].contribution.from.at));
    let kept: SmallVec<[usize; 8]> = kept.collect();
    let arriving = sum.terms.iter().zip(sum.products);
    let last_arriving = || {
        arriving
            .clone()
            .rposition(|(term, product)| *product != 0.0 || !term.is_lost())
    };
    if !is_weight && (kept.len() == sum.terms.len() || last_arriving().as_slice() == &kept[..]) {
        return None;
    }
    Some(Derivation {
        given: sum.given,
        numbers: kept.iter().map(|&term| sum.products[term]).collect(),
        how: Combination::Added,
    })
}

/// Whether the last window of a convolution reaches beyond its input.
fn last_meets_padding(convolution: &Contributor<'_>) -> bool {
    let run = &convolution.run;
    let Some(weight) = run.operands.weight else {
        return false;
    };
    let has_channels = weight.shape().rank() > convolution.layer.spatial_axes();
    let n_out = if has_channels { weight.shape()[0] } else { 1 };
    let last = run.output.shape().numel() - 1;
    let mut n_met = 0;
    let op = &convolution.layer.op;
    op.receptive_field(run, OperandRole::Weight, last, &mut |_| n_met += 1);
    n_met < weight.shape().numel() / n_out
}

/// The layer of which the tensor is the bias.
fn bias_of<'c, 'r>(context: &'c GradientContext<'r>) -> Option<&'c Contributor<'r>> {
    let [only] = &context.contributors[..] else {
        return None;
    };
    (only.layer.bias == Some(context.tensor)).then_some(only)
}

/// The axes of a layer's output that are as long as its bias and are not its own.
fn other_axes(context: &GradientContext<'_>) -> Vec<Form> {
    let n = context.shape().numel();
    let Some(output) = bias_of(context).filter(|_| context.shape().rank() == 1 && n > 1) else {
        return Vec::new();
    };
    let shape = output.run.output.shape();
    if shape.numel() * n > MOST_NUMBERS {
        return Vec::new();
    }
    let terms = context.terms(n - 1);
    let is_own = |axis: usize| {
        let mut places = terms.iter().map(|term| term.contribution.from.at);
        places.all(|from| place_along(shape, axis, from) == n - 1)
    };
    let axes = 0..shape.rank();
    axes.filter(|&axis| shape[axis] == n && !is_own(axis))
        .map(|axis| Form::AllBut { axis })
        .collect()
}

/// Where along an axis an element stands.
fn place_along(shape: &Shape, axis: usize, at: usize) -> usize {
    let (_, size, stride) = shape.around(axis);
    at / stride % size
}
