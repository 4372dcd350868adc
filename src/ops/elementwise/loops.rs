//! Loops over many elements, each made for one function.

use super::function::Function;
use crate::parallel::for_each_chunk;
use crate::tensor::Tensor;

/// How many elements one thread takes at a time, and how many multiplications a function costs at
/// least.
const CHUNK: usize = 4096;
const COST: usize = 4;

/// What passes of an upstream gradient: the product with f′(z), but 0 where a gate is closed.
#[inline]
fn passed(function: &impl Function, upstream: f64, z: f64) -> f64 {
    if function.is_closed_at(z) {
        0.0
    } else {
        upstream * function.slope(z)
    }
}

/// Returns f of every element.
pub(super) fn apply(function: &impl Function, z: &Tensor) -> Tensor {
    let mut y = Tensor::filled(z.shape().clone(), 0.0);
    for_each_chunk(y.data_mut(), CHUNK, z.data().len() * COST, &|nth, y| {
        y.iter_mut()
            .zip(&z.data()[nth * CHUNK..])
            .for_each(|(y, &z)| *y = function.value(z));
    });
    y
}

/// Adds what passes of upstream gradients, each at its z, to sums.
pub(super) fn add(function: &impl Function, upstream: &[f64], z: &[f64], sums: &mut [f64]) {
    for_each_chunk(sums, CHUNK, z.len() * COST, &|nth, sums| {
        let pairs = upstream[nth * CHUNK..].iter().zip(&z[nth * CHUNK..]);
        sums.iter_mut()
            .zip(pairs)
            .for_each(|(sum, (&upstream, &z))| *sum += passed(function, upstream, z));
    });
}

/// Returns what passes of upstream gradients, each at its z.
pub(super) fn scale(function: &impl Function, upstream: &[f64], z: &[f64]) -> Vec<f64> {
    let mut scaled = upstream.to_vec();
    for_each_chunk(&mut scaled, CHUNK, z.len() * COST, &|nth, scaled| {
        scaled
            .iter_mut()
            .zip(&z[nth * CHUNK..])
            .for_each(|(scaled, &z)| *scaled = passed(function, *scaled, z));
    });
    scaled
}

/// Returns the first place where the function has a kink between two points.
pub(super) fn kink(function: &impl Function, z: &[f64], other: &[f64]) -> Option<usize> {
    let mut pairs = z.iter().zip(other);
    pairs.position(|(&z, &other)| function.has_kink_between(z, other))
}
