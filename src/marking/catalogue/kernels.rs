//! The slips in the loops of a convolution: kernels that are turned, filters and windows that are
//! left out, channels in each other's place.

use super::sums::channels;
use super::terms::weight_shape;
use crate::marking::context::{Answered, GradientContext, Placement};
use crate::marking::form::Form;
use crate::marking::slip::Slip;
use crate::ops::OpKind;
use crate::tensor::Shape;

pub(super) const TERMS: &[Slip] = &[
    Slip::term(
        "kernel-flipped-along-one-axis",
        "turned the kernel round along one axis",
        |term, form| {
            let Form::Along { axis } = form else {
                return None;
            };
            let shape = weight_shape(term, OpKind::is_convolution)?;
            term.with_weight_at(|at| {
                let (_, size, stride) = spatial_axis(shape, axis)?;
                let here = at / stride % size;
                Some(at - here * stride + (size - 1 - here) * stride)
            })
        },
    )
    .recognised(|context, answered| of_programs(answered, kernel_axes(context))),
    Slip::term(
        "kernel-transposed",
        "exchanged the rows and columns of the kernel",
        |term, _| {
            let shape = weight_shape(term, OpKind::is_convolution)?;
            let &[.., rows, columns] = &shape[..] else {
                return None;
            };
            let is_square = rows == columns && rows > 1;
            let is_flat = term.contributor.layer.spatial_axes() > 1;
            let exchanged = |at: usize| {
                let within = at % (rows * columns);
                at - within + within % columns * columns + within / columns
            };
            term.with_weight_at(|at| (is_square && is_flat).then(|| exchanged(at)))
        },
    )
    .recognised(|_, answered| of_programs(answered, vec![Form::Plain])),
];

pub(super) const SUMS: &[Slip] = &[
    Slip::sum(
        "kept-only-one-filter",
        "took only what comes back through one filter",
        |sum, form| {
            let Form::Sample { is_last } = form else {
                return None;
            };
            sum.of_some(|term| {
                let Some((_, filter)) = channels(term) else {
                    return true;
                };
                let shape = term.contributor.run.output.shape();
                let axis = shape.rank() - term.contributor.layer.spatial_axes() - 1;
                filter == if is_last { shape[axis] - 1 } else { 0 }
            })
        },
    )
    .recognised(|_, answered| {
        let forms = [true, false].map(|is_last| Form::Sample { is_last });
        of_programs(answered, forms.into())
    }),
    Slip::sum(
        "forgot-the-last-windows",
        "left out the last place of the windows along one axis",
        |sum, form| {
            let Form::Along { axis } = form else {
                return None;
            };
            sum.of_part(|term| {
                let contributor = term.contributor;
                let shape = contributor.run.output.shape();
                let outer = shape.rank() - contributor.layer.spatial_axes();
                let Some((_, size, stride)) = spatial_axis(shape, outer + axis) else {
                    return true;
                };
                term.contribution.from.at / stride % size != size - 1
            })
        },
    )
    .recognised(|context, answered| of_programs(answered, window_axes(context))),
];

pub(super) const PLACEMENTS: &[Slip] = &[Slip::placement(
    "channels-exchanged-in-the-result",
    "exchanged the channels that go in and out of the kernel in the result",
    |place, _| {
        let [only] = &place.gradient.contributors[..] else {
            return None;
        };
        let shape = place.gradient.shape();
        let is_kernel = only.layer.op.kind().is_convolution()
            && only.layer.weight == Some(place.gradient.tensor)
            && shape.rank() > only.layer.spatial_axes();
        let (&[outputs, inputs], rest) = shape.split_first_chunk().filter(|_| is_kernel)?;
        let size: usize = rest.iter().product();
        let (output, input) = (place.at / size / inputs, place.at / size % inputs);
        let is_square = outputs == inputs && outputs > 1;
        is_square.then(|| Placement::From((input * inputs + output) * size + place.at % size))
    },
)
.recognised(|_, answered| of_programs(answered, vec![Form::Plain]))];

/// The forms where all numbers of a tensor are there, as a program gives them: a few that somebody
/// has worked out would fit too many.
fn of_programs(answered: &Answered<'_>, forms: Vec<Form>) -> Vec<Form> {
    let is_whole = answered.theirs.iter().all(|number| number.is_some());
    if is_whole { forms } else { Vec::new() }
}

/// What lies before an axis, its size, and what lies behind; nothing where there is no such axis or
/// it has one place.
fn spatial_axis(shape: &Shape, axis: usize) -> Option<(usize, usize, usize)> {
    let around = (axis < shape.rank()).then(|| shape.around(axis))?;
    (around.1 > 1).then_some(around)
}

/// The axes of the kernels on the ways to a tensor that can be turned alone: of a kernel with one
/// axis, that is all of it.
fn kernel_axes(context: &GradientContext<'_>) -> Vec<Form> {
    let mut forms = Vec::new();
    for contributor in &context.contributors {
        let Some(weight) = contributor.run.operands.weight else {
            continue;
        };
        let shape = weight.shape();
        let is_kernel = contributor.layer.op.kind().is_convolution();
        let axes = shape.rank() - contributor.layer.spatial_axes().min(shape.rank());
        let turned = (axes..shape.rank()).filter(|&axis| shape[axis] > 1 && is_kernel);
        let turned: Vec<Form> = turned.map(|axis| Form::Along { axis }).collect();
        if turned.len() > 1 {
            let is_new = |form: &Form| !forms.contains(form);
            let new: Vec<Form> = turned.into_iter().filter(is_new).collect();
            forms.extend(new);
        }
    }
    forms
}

/// The axes along which several windows lie, counted from the first spatial one.
fn window_axes(context: &GradientContext<'_>) -> Vec<Form> {
    let windowed = context.contributors.iter();
    let windowed = windowed.filter(|one| one.layer.op.kind().looks_through_windows());
    let most = windowed.map(|one| one.layer.spatial_axes()).max();
    let axes = 0..most.unwrap_or(0);
    axes.map(|axis| Form::Along { axis }).collect()
}
