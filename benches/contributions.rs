//! How fast contributions are visited: all of a LeNet-5's, neuron by neuron, on one thread.

use std::hint::black_box;

use backstep::backprop::{Backprop, Contributor};

use crate::common::{lenet, row, shortest};

pub(crate) fn run() {
    let scenario = lenet(1);
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let mut n_terms = 0_u32;
    let time = shortest(|| {
        n_terms = 0;
        for &tensor in backprop.steps().tensors() {
            let contributors: Vec<Contributor<'_>> = backprop.contributors(tensor).collect();
            for at in 0..backprop.gradient(tensor).data().len() {
                let mut sum = 0.0;
                for contributor in &contributors {
                    contributor.visit(at, &mut |term| {
                        n_terms += 1;
                        sum += term.product();
                    });
                }
                black_box(sum);
            }
        }
    });
    let each = time.as_secs_f64() * 1e9 / f64::from(n_terms);
    row(
        &format!("LeNet-5: visit its {n_terms} contributions"),
        &format!("{each:.1} ns each"),
    );
}
