//! A scenario from anywhere: it is refused, or its network runs forward and backward.

#![no_main]

use backstep::backprop::Backprop;
use backstep::scenario::{NoFiles, Options, Scenario};
use libfuzzer_sys::fuzz_target;

/// Enough for every part of a network, and too few for the rows that have a closed form, which is
/// not the listed sum to the last bit.
const MOST_ELEMENTS: usize = 1000;
/// Of more steps than these the gradients are taken in bulk alone.
const MOST_STEPS: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let options = Options {
        max_elements: MOST_ELEMENTS,
        ..Options::default()
    };
    let Ok(scenario) = Scenario::read("fuzz.json", bytes, &NoFiles, options) else {
        return;
    };
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    for (_, element) in backprop.steps().iter().take(MOST_STEPS) {
        let mut sum = backprop.given(element).unwrap_or(0.0);
        backprop.terms(element, &mut |term| sum += term.product());
        let gradient = backprop.element(element);
        assert!(
            sum.to_bits() == gradient.to_bits() || sum.is_nan() && gradient.is_nan(),
            "{sum} in terms, {gradient} in bulk"
        );
    }
});
