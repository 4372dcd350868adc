//! The reference cases: scenarios with PyTorch's float64 values and gradients beside them.

use std::fs;
use std::path::{Path, PathBuf};

use backstep::backprop::Backprop;
use backstep::export::{Detail, FORMATS, Selection, Subject};
use backstep::gallery;
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::Tensor;
use serde_json::Value;

const TOLERANCE: f64 = 1e-10;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path)
}

/// The scenarios of the reference cases.
pub(crate) fn cases() -> Vec<PathBuf> {
    let folder = fs::read_dir(data("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = folder
        .filter(|path| !path.to_str().unwrap().ends_with(".expected.json"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 177);
    cases
}

pub(crate) fn read(path: &Path) -> Scenario {
    let bytes = fs::read(path).unwrap();
    Scenario::read(path.to_str().unwrap(), bytes, &NoFiles, Options::default())
        .unwrap_or_else(|problem| panic!("{}: {problem} {:?}", path.display(), problem.place))
}

fn trace(scenario: &Scenario, detail: Detail) -> Vec<u8> {
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let selection = Selection {
        detail,
        tensors: None,
        steps: 0..usize::MAX,
    };
    let mut out = Vec::new();
    (FORMATS[0].write)(
        Subject {
            scenario,
            backprop: &backprop,
        },
        &selection,
        &mut out,
    )
    .unwrap();
    out
}

fn parse(trace: &[u8]) -> Value {
    serde_json::from_slice(trace).unwrap()
}

/// The numbers of nested arrays in their order; a string is a number that is not finite.
pub(crate) fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(flat).collect(),
        Value::String(name) => vec![name.parse().unwrap()],
        number => vec![number.as_f64().unwrap()],
    }
}

fn assert_agrees(name: &str, trace: &Value, expected: &Value) {
    let tensors = trace["tensors"].as_array().unwrap().iter();
    // PyTorch has no name for what a layer computes before its own activation.
    for tensor in tensors.filter(|tensor| tensor["kind"] != "pre-activation") {
        let tensor_name = tensor["name"].as_str().unwrap();
        for (ours, theirs) in [("value", "values"), ("grad", "grads")] {
            let (ours, theirs) = (flat(&tensor[ours]), flat(&expected[theirs][tensor_name]));
            assert_eq!(ours.len(), theirs.len(), "{name}: {tensor_name}");
            for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                let near = (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0)
                    || ours.is_nan() && theirs.is_nan();
                assert!(
                    near,
                    "{name}: {tensor_name} at {at} is {ours}, PyTorch says {theirs}"
                );
            }
        }
    }
    let n_expected = expected["values"].as_object().unwrap().len();
    // What stands before a layer's own activation PyTorch has no name for.
    let ours = trace["tensors"].as_array().unwrap().iter();
    let n_ours = ours
        .filter(|tensor| tensor["kind"] != "pre-activation")
        .count();
    assert_eq!(n_ours, n_expected, "{name}: number of tensors");
}

#[test]
fn values_and_gradients_are_pytorchs() {
    for case in cases() {
        let expected: Value =
            serde_json::from_slice(&fs::read(case.with_extension("expected.json")).unwrap())
                .unwrap();
        assert_agrees(
            case.to_str().unwrap(),
            &parse(&trace(&read(&case), Detail::Tensors)),
            &expected,
        );
    }
}

#[test]
fn a_convnet_on_real_digits_agrees_with_pytorch() {
    for name in ["digit-right", "digit-wrong"] {
        let scenario = gallery::find(name)
            .unwrap()
            .open(Options::default())
            .unwrap();
        let expected: Value =
            serde_json::from_slice(&fs::read(data(&format!("real/{name}.expected.json"))).unwrap())
                .unwrap();
        assert_agrees(name, &parse(&trace(&scenario, Detail::Tensors)), &expected);
    }
}

#[test]
fn a_gradient_is_the_same_whoever_looks_first() {
    let bits = |gradient: &Tensor| {
        gradient
            .data()
            .iter()
            .map(|number| number.to_bits())
            .collect::<Vec<_>>()
    };
    let mut n_partial = 0;
    for case in cases() {
        let scenario = read(&case);
        let all = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let forwards = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
        for id in scenario.network.ids() {
            let alone = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
            for gradient in [alone.gradient(id), forwards.gradient(id)] {
                assert_eq!(
                    bits(gradient),
                    bits(all.gradient(id)),
                    "{}: {}",
                    case.display(),
                    scenario.network.tensor(id).name
                );
            }
            n_partial += usize::from(alone.completeness() < 1.0);
        }
        assert_eq!(forwards.completeness(), 1.0);
        assert_eq!(all.completeness(), 1.0);
    }
    assert!(n_partial > 100, "a look at one tensor computes all of them");
}

#[test]
fn whoever_adds_up_the_printed_terms_gets_the_printed_gradient() {
    for case in cases() {
        let trace = parse(&trace(&read(&case), Detail::Contributions));
        for step in trace["steps"].as_array().unwrap() {
            let products = step["contributions"].as_array().unwrap().iter();
            let sum = products.fold(flat(&step["given_upstream"])[0], |sum, term| {
                sum + flat(&term["product"])[0]
            });
            let gradient = flat(&step["grad"])[0];
            assert_eq!(
                sum.to_bits(),
                gradient.to_bits(),
                "{}: step {}: {sum} or {gradient}",
                case.display(),
                step["step"]
            );
        }
    }
}

#[test]
fn a_product_is_the_upstream_gradient_times_the_factors_from_the_left() {
    let mut n_closed = 0;
    for case in cases() {
        let trace = parse(&trace(&read(&case), Detail::Contributions));
        let terms = trace["steps"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|step| step["contributions"].as_array().unwrap());
        for term in terms {
            let factors = term["factors"].as_array().unwrap().iter();
            let all = factors.fold(flat(&term["upstream"])[0], |product, factor| {
                product * flat(&factor["value"])[0]
            });
            // A closed gate makes 0 of whatever arrives.
            let is_closed = term.get("closed").is_some();
            let product = flat(&term["product"])[0];
            let is_product = product.to_bits() == all.to_bits() || is_closed && product == 0.0;
            n_closed += usize::from(is_closed);
            assert!(is_product, "{}: {term}", case.display());
        }
    }
    assert!(n_closed > 100, "{n_closed}");
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let pool = |n_threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap()
    };
    let pools = [pool(1), pool(2), pool(5)];
    for case in cases() {
        let scenario = read(&case);
        let [one, two, five] = pools
            .each_ref()
            .map(|pool| pool.install(|| trace(&scenario, Detail::Contributions)));
        assert!(one == two && two == five, "{}", case.display());
    }
}
