//! Runs whose numbers are rounded to f32, bf16 or f16.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use backstep::backprop::{Backprop, TermLoss};
use backstep::cancel::Cancel;
use backstep::gallery;
use backstep::health::{Finding, Health, RunLoss};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Element, OutOfRange, Precision};
use backstep::words;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::{Folder, ended, has};
use crate::python::python;

fn open(json: &Value) -> (Scenario, Backprop) {
    let text = json.to_string();
    let read = Scenario::read("s.json", text.as_bytes(), &NoFiles, Options::default());
    let scenario = read.unwrap_or_else(|problem| panic!("{problem}\n{text}"));
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    (scenario, backprop)
}

fn element(backprop: &Backprop, address: &str) -> Element {
    backprop
        .network()
        .element(&address.parse().unwrap())
        .unwrap()
}

#[test]
fn numbers_are_rounded_to_the_bits_that_pytorch_casts_them_to() {
    let casts = include_str!("../data/precision/casts.txt");
    let mut n = 0;
    for line in casts.lines() {
        let bits: Vec<u64> = line
            .split(' ')
            .map(|bits| u64::from_str_radix(bits, 16).unwrap())
            .collect();
        let number = f64::from_bits(bits[0]);
        let single = f64::from(f32::from_bits(u32::try_from(bits[1]).unwrap()));
        let brain = u32::try_from(bits[2]).unwrap() << 16;
        let expected = [
            (Precision::F32, single),
            (Precision::Bf16, f64::from(f32::from_bits(brain))),
            (Precision::F16, half(u16::try_from(bits[3]).unwrap())),
        ];
        for (precision, expected) in expected {
            let rounded = precision.round(number);
            let name = precision.name();
            assert_eq!(
                rounded.to_bits(),
                expected.to_bits(),
                "{number:e} in {name}"
            );
        }
        n += 1;
    }
    assert!(n > 900, "{n}");
}

/// The number of a pattern of binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    sign * match exponent {
        31 => f64::INFINITY,
        0 => fraction * libm::ldexp(1.0, -14),
        _ => (1.0 + fraction) * libm::ldexp(1.0, exponent - 15),
    }
}

/// What NumPy works out for a net: the bits of every value and gradient.
#[derive(Deserialize)]
struct Expected {
    values: BTreeMap<String, Vec<u64>>,
    gradients: BTreeMap<String, Vec<u64>>,
}

#[test]
fn random_nets_in_bf16_and_f16_are_numpys_to_the_bit() {
    let Some(python) = python("numpy") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/precision/nets.py");
    let status = Command::new(&python)
        .arg(script)
        .arg(folder.path())
        .status();
    assert!(status.unwrap().success());
    let read = |name: String| std::fs::read(folder.path().join(name)).unwrap();
    let (mut n_flushed, mut n_overflowed) = (0, 0);
    for seed in 0..50 {
        let scenario: Value = serde_json::from_slice(&read(format!("{seed}.json"))).unwrap();
        let expected = read(format!("{seed}.expected.json"));
        let expected: Expected = serde_json::from_slice(&expected).unwrap();
        let (_, backprop) = open(&scenario);
        let network = backprop.network();
        for id in network.ids() {
            let name = &network.tensor(id).name;
            let numbers = [
                (&expected.values, backprop.tape().value(id)),
                (&expected.gradients, backprop.gradient(id)),
            ];
            for (expected, numbers) in numbers {
                let Some(expected) = expected.get(name) else {
                    assert!(name.ends_with(".pre"), "{name}");
                    continue;
                };
                for (&bits, number) in expected.iter().zip(numbers.data()) {
                    let is_same = bits == number.to_bits();
                    let both_nan = f64::from_bits(bits).is_nan() && number.is_nan();
                    let wanted = f64::from_bits(bits);
                    assert!(
                        is_same || both_nan,
                        "{seed} {name}: {number:e}, not {wanted:e}"
                    );
                }
            }
            n_flushed += backprop.escapes(id).n_flushed();
            n_overflowed += backprop.escapes(id).n_overflowed();
        }
    }
    // Else the nets would show nothing of the ends of the range.
    assert!(
        n_flushed > 50 && n_overflowed > 4,
        "{n_flushed} {n_overflowed}"
    );
}

/// A batch of gradients on a bias, each also through a weight.
fn small(precision: &str, loss_scale: f64, upstream: &[f64]) -> Value {
    let rows: Vec<[f64; 1]> = upstream.iter().map(|&one| [one]).collect();
    let ones: Vec<[f64; 1]> = upstream.iter().map(|_| [1.0]).collect();
    json!({ "backstep": 1, "precision": precision, "loss_scale": loss_scale,
        "inputs": { "x": ones },
        "layers": [
            { "name": "h", "op": "linear", "weight": [[1]] },
            { "name": "out", "op": "linear", "weight": [[0.001]], "bias": [0] }],
        "upstream": { "out": rows } })
}

#[test]
fn a_term_is_swamped_where_the_sum_is_the_same_without_it() {
    let (_, backprop) = open(&small("bf16", 1.0, &[256.0, 1.0, 1.0]));
    let bias = element(&backprop, "out.bias[0]");
    // 258 is a number of bf16, and 257 would be rounded to 256.
    assert_eq!((backprop.sum(bias), backprop.element(bias)), (258.0, 258.0));
    let swamped = backprop.swamped(bias);
    assert_eq!((swamped.n, swamped.added_in_format), (0, 256.0));
    let (_, backprop) = open(&small("bf16", 1.0, &[512.0, 1.0, 0.5]));
    let swamped = backprop.swamped(bias);
    assert_eq!(
        (swamped.n, swamped.sum, swamped.also_together),
        (2, 1.5, true)
    );
    assert_eq!(swamped.numbers.into_iter().collect::<Vec<_>>(), [2, 3]);
    // Each of them is too small, and together they are not.
    let (_, backprop) = open(&small("bf16", 1.0, &[512.0, 1.5, 1.5]));
    let swamped = backprop.swamped(bias);
    assert_eq!((swamped.n, swamped.also_together), (0, true));
    let (_, backprop) = open(&small("f64", 1.0, &[512.0, 1.0, 1e-30]));
    assert_eq!(backprop.swamped(bias).n, 0);
    let counts = backprop.count_terms(bias, backprop.sum(bias));
    assert_eq!((counts.n, counts.n_swamped, counts.n_flushed), (3, 0, 0));
}

#[test]
fn three_hundred_ones_make_three_hundred_and_stick_where_they_are_added_in_the_format() {
    let (_, backprop) = open(&small("bf16", 1.0, &[1.0; 300]));
    let bias = element(&backprop, "out.bias[0]");
    assert_eq!(backprop.element(bias), 300.0);
    assert_eq!(backprop.swamped(bias).added_in_format, 256.0);
}

#[test]
fn a_gradient_that_is_flushed_is_saved_by_the_loss_scale_that_is_told() {
    let (_, backprop) = open(&small("f16", 1.0, &[1e-5, 2.0]));
    let h = element(&backprop, "h[0,0]");
    assert_eq!(backprop.element(h), 0.0);
    assert!(backprop.unrounded().element(h) > 0.0);
    let health = Health::of(&backprop, &Cancel::default()).unwrap();
    let loss = rounding(&health);
    assert!(loss.gradients.0.n_flushed > 0 && loss.gradients.0.n_overflowed == 0);
    let advice = loss.advice.unwrap();
    assert!(advice.is_safe() && !advice.is_in_use);
    // The largest gradient, 2, may become 16 times as large, and 65504 / 2 / 16 = 2047.
    assert_eq!((advice.loss_scale, advice.room.floor()), (1024.0, 31.0));
    // What is told is what is computed with that loss scale.
    let (_, scaled) = open(&small("f16", advice.loss_scale, &[1e-5, 2.0]));
    for id in scaled.network().ids() {
        let gradients = scaled.gradient(id).data().iter();
        let exact = backprop.unrounded().gradient(id).data();
        assert!(
            gradients
                .zip(exact)
                .all(|(now, exact)| (*now == 0.0) == (*exact == 0.0))
        );
    }
    // One that is safe is left as it is.
    let (_, scaled) = open(&small("f16", 512.0, &[1e-5, 2.0]));
    let health = Health::of(&scaled, &Cancel::default()).unwrap();
    let advice = rounding(&health).advice.unwrap();
    assert!(advice.is_safe() && advice.is_in_use && advice.loss_scale == 512.0);
    let said = words::finding(&scaled, &health.findings[0]);
    has(
        &said,
        &[
            "With loss_scale 512, which is in use, no gradient is flushed, and gradients 63 times as \
           large would fit.",
        ],
    );
}

fn rounding(health: &Health) -> &RunLoss {
    let found = health.findings.iter().find_map(|finding| match finding {
        Finding::Rounding(loss) => Some(loss),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn a_loss_scale_is_a_power_of_two_from_1_on_with_room_above_it() {
    for (precision, scale, upstream, expected, is_safe) in [
        // All gradients are small: the greatest that is tried.
        ("f16", 1.0, [1e-9, 1e-6], 16_777_216.0, true),
        ("bf16", 1.0, [1e-40, 1e-3], 16_777_216.0, true),
        ("f16", 1.0, [1e-7, 1e-2], 262_144.0, true),
        // Too much is in use, and even 1 leaves little room.
        ("f16", 65536.0, [1.0, 0.5], 2048.0, true),
        ("f16", 1024.0, [1e4, 3e4], 1.0, false),
        // Nothing that is above 1 helps.
        ("f16", 1.0, [1e6, 1.0], 1.0, false),
        ("f16", 1.0, [1e-9, 60000.0], 1.0, false),
    ] {
        let (_, backprop) = open(&small(precision, scale, &upstream));
        let health = Health::of(&backprop, &Cancel::default()).unwrap();
        let advice = rounding(&health).advice.unwrap();
        let case = format!("{precision} {scale} {upstream:?}: {advice:?}");
        assert_eq!(advice.loss_scale, expected, "{case}");
        assert_eq!(advice.is_safe(), is_safe, "{case}");
        let (_, scaled) = open(&small(precision, expected, &upstream));
        let network = scaled.network();
        let n_flushed = network.ids().filter(|&id| scaled.reaches(id));
        let n_flushed: usize = n_flushed.map(|id| scaled.escapes(id).n_flushed()).sum();
        assert_eq!(advice.lost.n_flushed, n_flushed, "{case}");
    }
}

#[test]
fn every_number_is_counted_as_what_rounding_made_of_it() {
    let net = |x: Value, layers: Value| {
        let net = json!({ "backstep": 1, "precision": "f16", "inputs": { "x": x },
            "layers": layers });
        let (_, backprop) = open(&net);
        let health = Health::of(&backprop, &Cancel::default()).unwrap();
        (rounding(&health).clone(), backprop, health)
    };
    // 300² is too large for f16; that times 0.5 is not, and ∞ all the same.
    let (loss, backprop, health) = net(
        json!([300]),
        json!([{ "name": "square", "op": "pow", "exponent": 2 },
            { "name": "half", "op": "linear", "weight": [[0.5]] }]),
    );
    let values = loss.values.0;
    assert_eq!((values.n_overflowed, values.n_not_finite), (1, 1));
    let said = words::finding(&backprop, &health.findings[1]);
    has(
        &said,
        &[
            "1 of 4 values has overflowed, in square: its numbers",
            "2 more are NaN or infinite",
        ],
    );
    // 1e-9 is flushed, which makes 1 / 0 and log 0 of it: neither has overflowed. 0 / 0 is NaN.
    let reciprocal = json!([{ "name": "y", "op": "pow", "exponent": -1 },
        { "name": "l", "op": "sum" }]);
    let (loss, ..) = net(json!([1e-9, 2.0]), reciprocal);
    assert_eq!(
        (loss.values.0.n_flushed, loss.values.0.n_overflowed),
        (1, 0)
    );
    assert_eq!(loss.gradients.0.n_overflowed, 0);
    let (loss, ..) = net(
        json!([1e-9]),
        json!([{ "name": "y", "op": "div", "from": ["x", "x"] }]),
    );
    let values = loss.values.0;
    assert_eq!((values.n_overflowed, values.n_not_finite), (0, 1));
    // What f64 itself makes infinite is no loss at all.
    let (loss, ..) = net(
        json!([0, 1]),
        json!([{ "name": "y", "op": "log" },
        { "name": "l", "op": "sum" }]),
    );
    assert_eq!(loss.values.0, Default::default());
}

#[test]
fn a_lone_term_is_flushed_and_never_swamped() {
    let (_, backprop) = open(&small("f16", 1.0, &[1e-5, 2.0]));
    let h = element(&backprop, "h[0,0]");
    let counts = backprop.count_terms(h, backprop.sum(h));
    assert_eq!((counts.n, counts.n_flushed, counts.n_swamped), (1, 1, 0));
    let loss = backprop.term_loss(1.0);
    // 1e-8 is no number of f16, and 1e-4 is one.
    assert_eq!(loss(1e-8), Some(TermLoss::Flushed));
    assert_eq!(loss(1e-4), Some(TermLoss::Swamped));
    assert_eq!((loss(0.1), loss(0.0)), (None, None));
    let folder = Folder::new();
    let scenario = small("f16", 1.0, &[1e-5, 2.0]).to_string();
    std::fs::write(folder.path("s.json"), scenario).unwrap();
    let said = folder.fine("explain s.json h[0,0]");
    assert!(
        said.contains("flushed") && !said.contains("swamped"),
        "{said}"
    );
}

#[test]
fn what_only_rounding_does_is_not_looked_for_in_silence() {
    let folder = Folder::new();
    let scenario = small("f64", 1.0, &[1e-5, 2.0]).to_string();
    std::fs::write(folder.path("s.json"), scenario).unwrap();
    let ran = folder.run("inspect s.json --fail-on nan,flushed");
    assert_eq!(ran.code, Some(0));
    has(
        &ran.err,
        &["nothing is rounded, so `flushed` is found nowhere"],
    );
    let ran = folder.run("inspect s.json --fail-on nan,flushed --precision f16");
    assert_eq!((ran.code, &*ran.err), (Some(1), ""));
}

#[test]
fn what_is_given_can_be_flushed_too() {
    let (_, backprop) = open(&small("f16", 1.0, &[1e-9, 2.0]));
    let out = element(&backprop, "out[0,0]");
    assert_eq!(backprop.out_of_range(out), Some(OutOfRange::Flushed));
    // The gradients before it are 0 because of that.
    let h = element(&backprop, "h[0,0]");
    assert_eq!((backprop.element(h), backprop.out_of_range(h)), (0.0, None));
}

#[test]
fn no_loss_scale_helps_where_the_gradients_are_too_far_apart() {
    let folder = Folder::new();
    let scenario = small("f16", 1.0, &[1e-9, 60000.0]).to_string();
    std::fs::write(folder.path("s.json"), scenario).unwrap();
    let said = folder.run("inspect s.json").out;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    has(
        &said,
        &[
            "flushed to 0",
            "No loss_scale from 1 to 16777216 is safe: with 1, the best,",
        ],
    );
}

#[test]
fn a_run_in_f64_is_the_run_without_a_word_of_precision() {
    let folder = Folder::new();
    let with = small("f64", 1.0, &[1e-9, 3.0]);
    let mut without = with.clone();
    without.as_object_mut().unwrap().remove("precision");
    without.as_object_mut().unwrap().remove("loss_scale");
    std::fs::write(folder.path("with.json"), with.to_string()).unwrap();
    std::fs::write(folder.path("without.json"), without.to_string()).unwrap();
    for command in ["inspect NAME.json", "export NAME.json --format csv"] {
        let [with, without] =
            ["with", "without"].map(|name| folder.fine(&command.replace("NAME", name)));
        assert_eq!(with, without, "{command}");
    }
}

#[test]
fn the_command_line_has_the_last_word_and_a_trace_says_so() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("s.json"),
        small("f16", 1.0, &[1e-9, 3.0]).to_string(),
    )
    .unwrap();
    let trace = |more: &str| {
        let said = folder.run(&format!("export s.json {more}")).out;
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let [plain, other] = [trace(""), trace("--precision bf16 --loss-scale 4")];
    assert_eq!(
        (&plain["precision"], &plain["loss_scale"]),
        (&json!("f16"), &Value::Null)
    );
    assert_eq!(
        (&other["precision"], &other["loss_scale"]),
        (&json!("bf16"), &json!(4))
    );
    assert_eq!(trace("--precision f64")["precision"], Value::Null);
    let given = |trace: &Value| trace["tensors"][2]["grad"][1][0].clone();
    assert_eq!((given(&plain), given(&other)), (json!(3), json!(12)));
}

#[test]
fn what_a_precision_cannot_be_is_told() {
    let folder = Folder::new();
    for (key, value, says) in [
        ("precision", json!("f8"), "`precision` can only be"),
        ("precision", json!(16), "`precision` can only be"),
        (
            "loss_scale",
            json!(0),
            "`loss_scale` can only be a number above 0",
        ),
        (
            "loss_scale",
            json!("big"),
            "`loss_scale` can only be a number above 0",
        ),
    ] {
        let mut scenario = small("f16", 1.0, &[1.0]);
        scenario[key] = value;
        std::fs::write(folder.path("s.json"), scenario.to_string()).unwrap();
        let ran = folder.run("validate s.json");
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!((ran.err + &ran.out).contains(says), "{key}");
    }
    assert_eq!(folder.run("inspect s.json --loss-scale 0").code, Some(2));
}

#[test]
fn a_precision_can_be_tried_out_and_taken_back() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("s.json"),
        small("f64", 1.0, &[1e-5, 2.0]).to_string(),
    )
    .unwrap();
    let script = "goto h[0,0]; set precision f16; print; set loss_scale 1024; print; save t.json; \
                  undo; undo; print";
    let run = |script: &str| {
        let mut command = folder.command("s.json --batch");
        ended(command.args(["--run", script]).spawn().unwrap())
    };
    let said = run(script).out;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    has(
        &said,
        &[
            "precision is f16, was f64",
            "It is flushed.",
            "loss_scale is 1024, was 1",
            "divided by it this one is",
            "undone: precision is f16, was f64; all is as it was",
        ],
    );
    let saved: Value =
        serde_json::from_slice(&std::fs::read(folder.path("t.json")).unwrap()).unwrap();
    assert_eq!(
        (&saved["precision"], &saved["loss_scale"]),
        (&json!("f16"), &json!(1024))
    );
    let refused = run("set precision f8");
    assert!(
        refused.err.contains("a precision is f64, f32, bf16 or f16"),
        "{}",
        refused.err
    );
}

#[test]
fn a_number_that_overflows_is_followed_to_where_it_was_rounded() {
    let folder = Folder::new();
    let scenario = json!({ "backstep": 1, "precision": "f16", "inputs": { "x": [300] },
        "layers": [
            { "name": "square", "op": "mul", "from": ["x", "x"] },
            { "name": "half", "op": "linear", "weight": [[0.5]] }] });
    std::fs::write(folder.path("s.json"), scenario.to_string()).unwrap();
    let said = folder.run("explain s.json half[0] --origin").out;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    has(
        &said,
        &["square[0] is ∞: it would be 90000, and the largest number of f16 is 65504."],
    );
    let said = folder.run("inspect s.json --fail-on overflow");
    assert_eq!(said.code, Some(1));
}

#[test]
fn two_precisions_are_laid_side_by_side() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("s.json"),
        small("f64", 1.0, &[1e-5, 2.0]).to_string(),
    )
    .unwrap();
    let ran = folder.run("diff s.json --precision f16");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let ran = folder.run("diff s.json --precision f16 --rtol 1e-6 --atol 0");
    assert_eq!(ran.code, Some(1));
    has(
        &ran.out,
        &[
            "values: they part at out.weight",
            "gradients: they part at out",
        ],
    );
    assert_eq!(folder.run("diff s.json").code, Some(2));
}

#[test]
fn scenarios_of_two_precisions_are_not_joined() {
    let folder = Folder::new();
    for (name, precision) in [("a", "f16"), ("b", "f16"), ("c", "bf16")] {
        let scenario = small(precision, 1.0, &[1e-5, 2.0]).to_string();
        std::fs::write(folder.path(&format!("{name}.json")), scenario).unwrap();
    }
    let both: Value = serde_json::from_str(&folder.fine("join a.json b.json")).unwrap();
    assert_eq!(both["precision"], json!("f16"));
    let said = folder.refused("join a.json c.json");
    has(&said, &["`a` and `c` have not the same precision"]);
}

#[test]
fn the_gallerys_note_names_the_loss_scale_that_the_panel_advises() {
    let item = gallery::find("half-precision").unwrap();
    let scenario = item.open(Options::default()).unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let health = Health::of(&backprop, &Cancel::default()).unwrap();
    let advice = rounding(&health).advice.unwrap();
    let named: Vec<&str> = item.json().split(":set loss_scale ").skip(1).collect();
    assert_eq!(named.len(), 1);
    let scale = advice.loss_scale.to_string();
    assert!(
        named[0].starts_with(&format!("{scale}`")),
        "{scale}: {}",
        named[0]
    );
    assert!(named[0].contains(&format!("all gradients are {scale} times as large")));
}
