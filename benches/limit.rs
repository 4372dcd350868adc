//! What the processor could do at most: products and sums that are rounded each, in registers
//! alone. Every sum of a network that keeps its order is within it.

use std::hint::black_box;
use std::time::Instant;

use backstep::backprop::Backprop;
use pulp::{Arch, Simd, WithSimd};

use crate::common::{row, shortest, vgg};

const ROUNDS: usize = 5;
/// How many sums are worked on at once, enough for none to wait for its last addition, and how many
/// terms each of them takes.
const SUMS: usize = 24;
const TERMS: usize = 1_000_000;

/// Adds terms to sums in as many registers; comes to how many terms a second that are.
struct Sums;

impl WithSimd for Sums {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let factor = simd.splat_f64s(black_box(1.000_000_1));
        let mut sums = [simd.splat_f64s(0.0); SUMS];
        let start = Instant::now();
        for _ in 0..TERMS {
            for sum in &mut sums {
                *sum = simd.add_f64s(simd.mul_f64s(*sum, factor), factor);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        black_box(sums);
        (TERMS * SUMS * S::F64_LANES) as f64 / seconds
    }
}

/// How many products are added up in the forward run and for all gradients: three times as many as
/// each weight has outputs that look through it.
fn n_products(backprop: &Backprop) -> usize {
    let network = backprop.network();
    let products = network.layers().iter().filter_map(|layer| {
        let weight = &network.tensor(layer.weight?).shape;
        let output = network.tensor(layer.output).shape.numel();
        Some(3 * output * weight.numel() / weight[0])
    });
    products.sum()
}

pub(crate) fn run() {
    let scenario = vgg(8);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread can be started");
    let (mut limit, mut time, mut n) = (0.0_f64, f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        limit = limit.max(Arch::new().dispatch(Sums));
        let own = one.install(|| {
            shortest(|| {
                let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
                n = n_products(&backprop);
            })
        });
        time = time.min(own.as_secs_f64());
    }
    let rate = n as f64 / time;
    row(
        "vgg, batch 8, products a second, beside the most that one thread can round and add",
        &format!(
            "{:.1} of {:.1} billion, {:.0} %",
            rate / 1e9,
            limit / 1e9,
            100.0 * rate / limit
        ),
    );
}
