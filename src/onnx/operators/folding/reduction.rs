//! Constants that are summed, multiplied or compared along axes.

use super::{Folded, made, misfit};
use crate::onnx::constant::{Array, Constant, count};
use crate::onnx::error::Unsupported;
use crate::onnx::node::{Node, axes, axis};
use crate::onnx::operators::reduce::listed_axes;

pub(in crate::onnx) fn sum(node: &mut Node<'_, '_>) -> Folded {
    reduced(
        node,
        13,
        |all| all.iter().sum(),
        |all| all.iter().try_fold(0, checked(i64::checked_add)),
    )
}

pub(in crate::onnx) fn product(node: &mut Node<'_, '_>) -> Folded {
    reduced(
        node,
        18,
        |all| all.iter().product(),
        |all| all.iter().try_fold(1, checked(i64::checked_mul)),
    )
}

pub(in crate::onnx) fn max(node: &mut Node<'_, '_>) -> Folded {
    let largest = |all: &[f64]| all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    reduced(node, 18, largest, |all| all.iter().copied().max())
}

pub(in crate::onnx) fn min(node: &mut Node<'_, '_>) -> Folded {
    let smallest = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
    reduced(node, 18, smallest, |all| all.iter().copied().min())
}

fn checked(combine: fn(i64, i64) -> Option<i64>) -> impl Fn(i64, &i64) -> Option<i64> {
    move |one, &other| combine(one, other)
}

/// `since` is the version from which on the axes are an input.
fn reduced(
    node: &mut Node<'_, '_>,
    since: i64,
    floats: fn(&[f64]) -> f64,
    ints: fn(&[i64]) -> Option<i64>,
) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let keeps = node.attributes.flag("keepdims", true)?;
    let does_nothing = node.attributes.flag("noop_with_empty_axes", false)?;
    let sizes = known.constant.sizes();
    let named = axes(&listed_axes(node, since)?.unwrap_or_default(), sizes.len())?;
    if named.is_empty() && does_nothing {
        return made(node, known.constant.clone());
    }
    let is_reduced = |axis: &usize| named.is_empty() || named.contains(axis);
    let (inner, outer): (Vec<usize>, Vec<usize>) = (0..sizes.len()).partition(is_reduced);
    let order = [outer.clone(), inner.clone()].concat();
    let size = count(&inner.iter().map(|&axis| sizes[axis]).collect::<Vec<_>>());
    let kept = (0..sizes.len()).filter(|axis| keeps || outer.contains(axis));
    let kept: Vec<usize> = kept
        .map(|axis| {
            if outer.contains(&axis) {
                sizes[axis]
            } else {
                1
            }
        })
        .collect();
    node.context.charge(known.constant.len())?;
    let size = size.filter(|&size| size > 0).ok_or_else(misfit)?;
    let reduced = match known.constant.permuted(&order) {
        Constant::Floats(array) => {
            let numbers = array.data().chunks(size).map(floats);
            Array::new(kept, numbers.collect()).map(Constant::Floats)
        }
        Constant::Ints(array) => {
            let numbers: Option<Vec<i64>> = array.data().chunks(size).map(ints).collect();
            numbers
                .and_then(|numbers| Array::new(kept, numbers))
                .map(Constant::Ints)
        }
    };
    Ok(Some(reduced.ok_or_else(misfit)?))
}

/// Sums that grow along an axis.
pub(in crate::onnx) fn cumulated(node: &mut Node<'_, '_>) -> Folded {
    let (Some(known), Some(along)) = (node.constant(0), super::ints(node, 1)) else {
        return Ok(None);
    };
    if node.attributes.flag("exclusive", false)? || node.attributes.flag("reverse", false)? {
        return Err(Unsupported::new(
            "sums from the end, or without the element itself",
        ));
    }
    let sizes = known.constant.sizes().to_vec();
    let along = along.data().first().ok_or_else(misfit)?;
    let along = axis(*along, sizes.len())?;
    let stride: usize = sizes[along + 1..].iter().product();
    let is_first = |at: usize| (at / stride).is_multiple_of(sizes[along]);
    let summed = match &known.constant {
        Constant::Floats(array) => {
            let mut sums = array.data().to_vec();
            (0..sums.len())
                .filter(|&at| !is_first(at))
                .for_each(|at| sums[at] += sums[at - stride]);
            Array::new(sizes.clone(), sums).map(Constant::Floats)
        }
        Constant::Ints(array) => {
            let mut sums = array.data().to_vec();
            (0..sums.len())
                .filter(|&at| !is_first(at))
                .for_each(|at| sums[at] = sums[at].wrapping_add(sums[at - stride]));
            Array::new(sizes.clone(), sums).map(Constant::Ints)
        }
    };
    made(node, summed.ok_or_else(misfit)?)
}
