//! Small random nets with NaN, ∞, −0 and ties in them, many in one scenario, with the values and
//! gradients that PyTorch finds in float64. Where its vector code differs from its scalar code, the
//! scalar code counts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use backstep::backprop::Backprop;
use backstep::scenario::{Files, OpenError, Options, ReadSeek, Scenario};
use backstep::tensor::{Element, Tensor};
use safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::Value;

use crate::cases::flat;

const TOLERANCE: f64 = 1e-10;

/// The numbers of the nets, which a scenario's text cannot hold.
struct Numbers(Vec<u8>);

impl Numbers {
    fn of(numbers: &Value) -> Self {
        let bytes = |of: &Value| -> Vec<u8> {
            let numbers = flat(&of["data"]).into_iter();
            numbers.flat_map(f64::to_le_bytes).collect()
        };
        let sizes = |of: &Value| {
            flat(&of["shape"])
                .into_iter()
                .map(|size| size as usize)
                .collect()
        };
        let tensors: BTreeMap<&String, (Vec<usize>, Vec<u8>)> = numbers
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, of)| (name, (sizes(of), bytes(of))))
            .collect();
        let views = tensors.iter().map(|(name, (sizes, bytes))| {
            (
                *name,
                TensorView::new(Dtype::F64, sizes.clone(), bytes).unwrap(),
            )
        });
        Self(serialize(views, None).unwrap())
    }
}

impl Files for Numbers {
    fn open(&self, _: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

/// The backprop of each file, with what PyTorch says.
fn nets() -> impl Iterator<Item = (Backprop, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edges");
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| {
        let nets: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let numbers = Numbers::of(&nets["numbers"]);
        let text = nets["scenario"].to_string();
        let read = Scenario::read("edges.json", text.as_bytes(), &numbers, Options::default());
        let scenario = read.unwrap_or_else(|problem| panic!("{problem} {:?}", problem.place));
        let upstream = scenario.upstream.clone();
        (Backprop::run(scenario.tape(), upstream), nets)
    })
}

/// Whether two numbers are the same: NaN is NaN, and a zero that is said to be negative is.
fn is_same(ours: f64, theirs: f64) -> bool {
    let has_sign = !(theirs == 0.0 && theirs.is_sign_negative()) || ours.is_sign_negative();
    let is_near = (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0);
    ours.is_nan() && theirs.is_nan() || ours == theirs && has_sign || is_near && ours != theirs
}

fn assert_same(name: &str, ours: &Tensor, theirs: &Value) -> usize {
    let theirs = flat(theirs);
    assert_eq!(ours.data().len(), theirs.len(), "{name}");
    for (at, (&ours, &theirs)) in ours.data().iter().zip(&theirs).enumerate() {
        assert!(
            is_same(ours, theirs),
            "{name} at {at} is {ours}, PyTorch says {theirs}"
        );
    }
    theirs.len()
}

#[test]
fn values_and_gradients_are_pytorchs() {
    let mut n_compared = 0;
    for (backprop, pytorch) in nets() {
        let network = backprop.network();
        for (name, grad) in pytorch["grads"].as_object().unwrap() {
            let id = network.find(name).unwrap();
            n_compared += assert_same(name, backprop.gradient(id), grad);
            if let Some(value) = pytorch["values"].get(name) {
                n_compared += assert_same(name, backprop.tape().value(id), value);
            }
        }
    }
    assert!(n_compared > 5000, "{n_compared}");
}

#[test]
fn a_gradient_is_the_sum_of_its_terms_there_too() {
    for (backprop, _) in nets() {
        for (_, element) in backprop.steps().iter() {
            let mut sum = backprop.given(element).unwrap_or(0.0);
            backprop.terms(element, &mut |term| sum += term.product());
            let gradient = backprop.element(element);
            let is_sum = sum.to_bits() == gradient.to_bits() || sum.is_nan() && gradient.is_nan();
            assert!(is_sum, "{}: {sum} or {gradient}", name(&backprop, element));
        }
    }
}

fn name(backprop: &Backprop, element: Element) -> String {
    backprop.network().address(element).to_string()
}
