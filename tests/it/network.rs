//! Networks that are made in Rust: the same as those of a file, and what is said of parts that do
//! not fit.

use std::num::NonZeroI64;

use backstep::backprop::Backprop;
use backstep::ops::{
    AvgPool2d, Conv2d, CrossEntropy, Flatten, Linear, MaxPool2d, MseLoss, Padding, Relu, Value,
    find,
};
use backstep::scenario::{Edit, NoFiles, Options, Scenario};
use backstep::tape::{NetworkBuilder, NetworkErrors, NetworkFault, Reads, Site, Tape};
use backstep::tensor::{Element, Shape, Tensor};

fn tensor(sizes: &[usize], numbers: &[f64]) -> Tensor {
    Tensor::new(Shape::from(sizes), numbers.to_vec()).unwrap()
}

/// Numbers of which no two are the same.
fn counted(sizes: &[usize]) -> Tensor {
    Tensor::from_fn(Shape::from(sizes), |at| at as f64 / 8.0 - 1.0)
}

/// The errors as (part, site, fault's words).
fn said(errors: &NetworkErrors) -> Vec<(Option<&str>, Site, String)> {
    let errors = errors.iter();
    errors
        .map(|error| (error.part.as_deref(), error.site, error.fault.to_string()))
        .collect()
}

#[test]
fn a_network_made_in_rust_is_that_of_the_file() {
    let file = r#"{
      "backstep": 1,
      "inputs": { "x": [[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]] },
      "layers": [
        { "name": "conv", "op": "conv2d", "weight": [[1, 0], [-1, 2]], "padding": "same", "activation": "relu" },
        { "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
        { "name": "flat", "op": "flatten" },
        { "name": "fc", "op": "linear", "weight": [[1, 0, -1, 2], [0, 2, 1, -1]], "bias": [1, -1] },
        { "name": "loss", "op": "cross_entropy", "target": 1 }
      ]
    }"#;
    let read = Scenario::read("net.json", file.as_bytes(), &NoFiles, Options::default()).unwrap();

    let mut net = NetworkBuilder::new();
    let x = [1, 3, 2, 0, 4, 2, 1, 1, 0, 1, 5, 2, 2, 1, 3, 4].map(f64::from);
    let x = net.input("x", tensor(&[4, 4], &x));
    let kernel = net.parameter("conv.weight", tensor(&[2, 2], &[1.0, 0.0, -1.0, 2.0]));
    let conv = Conv2d {
        padding: Padding::Same,
        activation: Some(Relu.into()),
        ..Default::default()
    };
    let conv = net.layer("conv", conv, Reads::from([x]).weight(kernel));
    let pool = net.layer("pool", MaxPool2d::new([2, 2]), [conv]);
    let flat = net.layer("flat", Flatten::default(), [pool]);
    let rows = [1.0, 0.0, -1.0, 2.0, 0.0, 2.0, 1.0, -1.0];
    let weight = net.parameter("fc.weight", tensor(&[2, 4], &rows));
    let bias = net.parameter("fc.bias", tensor(&[2], &[1.0, -1.0]));
    let reads = Reads::from([flat]).weight(weight).bias(bias);
    let fc = net.layer("fc", Linear::default(), reads);
    let loss = net.layer("loss", CrossEntropy::new(Tensor::scalar(1.0)), [fc]);
    let built = net.build().unwrap();

    let names = |network: &backstep::tape::Network| -> Vec<String> {
        network
            .tensors()
            .iter()
            .map(|tensor| format!("{tensor:?}"))
            .collect()
    };
    assert_eq!(names(&built.network), names(&read.network));
    assert_eq!(built.leaves, read.leaves);
    let upstream = [(built.id(loss), Tensor::scalar(1.0))].into();
    assert_eq!(upstream, read.upstream);
    let made = Backprop::run(Tape::record(built.network, &built.leaves), upstream);
    let read = Backprop::run(read.tape(), read.upstream.clone());
    for id in made.network().ids() {
        assert_eq!(made.gradient(id), read.gradient(id));
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_nobody_else_is_blamed() {
    let mut net = NetworkBuilder::new();
    let x = net.input("x", counted(&[4, 4]));
    net.input("2y", counted(&[1]));
    let pool = net.layer("pool", MaxPool2d::new([0, 2]), [x]);
    let flat = net.layer("flat", Flatten::default(), [pool]);
    let fc = net.layer("fc", Linear::default(), [flat]);
    let weight = net.parameter("x", counted(&[3]));
    net.layer(
        "sum",
        Flatten::default(),
        Reads::from([fc, x]).weight(weight),
    );
    let wide = net.parameter("out.weight", counted(&[2, 5]));
    let out = net.layer("out", Linear::default(), Reads::from([x]).weight(wide));
    net.layer("loss", MseLoss::new(counted(&[2])), [out]);
    let shrink = vec![
        ("kernel_size", Value::Whole(2)),
        ("ceil_mode", Value::Name("up".into())),
    ];
    net.layer_of("mean", find("avg_pool2d").unwrap(), shrink, [x]);
    net.parameter("lost", counted(&[1]));
    let errors = net.build().unwrap_err();
    let expected = [
        (None, Site::Name, "`2y` cannot be the name of a tensor"),
        (
            Some("pool"),
            Site::Key("kernel_size"),
            "`kernel_size` must be a whole number of at least 1, or a list of 2 of them",
        ),
        (
            Some("fc"),
            Site::Key("weight"),
            "the key `weight` is missing, which `linear` needs",
        ),
        (None, Site::Name, "two tensors are named `x`"),
        (
            Some("sum"),
            Site::Key("weight"),
            "`flatten` has no `weight`",
        ),
        (
            Some("sum"),
            Site::Inputs,
            "`flatten` reads one tensor, but here it is 2",
        ),
        (
            Some("out"),
            Site::Key("weight"),
            "`out.weight` has shape [2, 5], but rows of `x` have 4, so it must be [2, 4]",
        ),
        (
            Some("mean"),
            Site::Key("ceil_mode"),
            "`ceil_mode` must be true or false",
        ),
        (Some("lost"), Site::Whole, "no layer reads the parameter"),
    ];
    let expected = expected.map(|(part, site, words)| (part, site, words.to_owned()));
    assert_eq!(said(&errors), expected);
    assert!(errors.to_string().contains(
        "`sum`: `flatten` reads one tensor, but here it is 2 (put a `cat`, `add` or `mul` before it"
    ));
}

#[test]
fn a_network_has_an_input_and_a_layer() {
    let errors = NetworkBuilder::new().build().unwrap_err();
    let faults: Vec<_> = errors.into_iter().map(|error| error.fault).collect();
    assert_eq!(faults, [NetworkFault::NoInputs, NetworkFault::NoLayers]);
}

#[test]
fn a_tensor_of_another_network_is_refused() {
    let mut other = NetworkBuilder::new();
    let handles = [1, 2, 3].map(|n| other.input(&format!("x{n}"), counted(&[n])));
    let mut net = NetworkBuilder::new();
    net.input("x", counted(&[2]));
    net.layer("y", Relu, [handles[2]]);
    let errors = net.build().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "`y`: the layer reads a tensor of another network"
    );
}

#[test]
fn settings_made_in_rust_are_checked_as_those_of_a_file() {
    let mut net = NetworkBuilder::new();
    let x = net.input("x", counted(&[3, 3]));
    let divided = AvgPool2d {
        divisor_override: NonZeroI64::new(-2),
        ..AvgPool2d::new([2, 2])
    };
    net.layer("mean", divided, [x]);
    let far = Conv2d {
        padding: Padding::Same,
        stride: [2, 1],
        ..Default::default()
    };
    let kernel = net.parameter("conv.weight", counted(&[2, 2]));
    net.layer("conv", far, Reads::from([x]).weight(kernel));
    let errors = net.build().unwrap_err();
    let sites: Vec<_> = errors
        .iter()
        .map(|error| (error.part.as_deref(), error.site))
        .collect();
    assert_eq!(sites, [(Some("conv"), Site::Key("padding"))]);
}

#[test]
fn elements_are_counted_before_there_are_any() {
    let mut net = NetworkBuilder::with_limit(10);
    let x = net.input("x", counted(&[2, 2]));
    let y = net.layer("y", Relu, [x]);
    // A view has no elements of its own, and a constant has.
    let flat = net.layer("flat", Flatten::default(), [y]);
    net.layer("loss", MseLoss::new(counted(&[4])), [flat]);
    let errors = net.build().unwrap_err();
    let expected = NetworkFault::TooManyElements {
        shape: Shape::from([4]),
        most: 10,
    };
    assert_eq!(errors.into_iter().next().unwrap().fault, expected);
}

#[test]
fn gradients_and_copies_are_counted_with_the_values() {
    let build = |limit: usize, activation| {
        let mut net = NetworkBuilder::with_limit(limit);
        let x = net.input("x", counted(&[1, 1]));
        let kernel = net.parameter("conv.weight", counted(&[1, 1]));
        let conv = Conv2d {
            padding: Padding::from([500; 2]),
            activation,
            ..Default::default()
        };
        net.layer("conv", conv, Reads::from([x]).weight(kernel));
        net.build()
    };
    let n_elements = 1001 * 1001 + 2;
    let errors = build(n_elements, None).unwrap_err();
    let fault = errors.into_iter().next().unwrap().fault;
    let NetworkFault::TooManyNumbers { needed, most } = fault else {
        panic!("{fault}");
    };
    // Values and gradients would fit, and nothing beside them.
    assert_eq!(most, 2 * n_elements);
    assert!(needed > most && needed < 4 * n_elements, "{needed}");
    let with_activation = build(n_elements, Some(Relu.into())).unwrap_err();
    let fault = with_activation.into_iter().next().unwrap().fault;
    let expected = NetworkFault::TooManyNumbers {
        needed: needed + 1001 * 1001,
        most,
    };
    assert_eq!(fault, expected);
    assert!(build(2 * n_elements, Some(Relu.into())).is_ok());
}

#[test]
fn views_of_views_of_views_are_counted() {
    let build = |n_views: usize| {
        let mut net = NetworkBuilder::with_limit(100);
        let mut last = net.input("x", counted(&[1]));
        for number in 0..n_views {
            last = net.layer(&format!("v{number}"), Flatten::default(), [last]);
        }
        net.build()
    };
    assert!(build(300).is_ok());
    let errors = build(1000).unwrap_err();
    assert!(matches!(
        errors.into_iter().next().unwrap().fault,
        NetworkFault::TooManyNumbers { .. }
    ));
}

#[test]
fn layers_that_share_a_parameter_both_send_it_gradients() {
    let mut net = NetworkBuilder::new();
    let x = net.input("x", tensor(&[2], &[1.0, 2.0]));
    let weight = net.parameter("w", tensor(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
    let reads = |of| Reads::from([of]).weight(weight);
    let once = net.layer("once", Linear::default(), reads(x));
    let twice = net.layer("twice", Linear::default(), reads(once));
    let built = net.build().unwrap();
    let upstream = [(built.id(twice), tensor(&[2], &[1.0, 1.0]))].into();
    let w = built.id(weight);
    let backprop = Backprop::run(Tape::record(built.network, &built.leaves), upstream);
    // once = [5, 11], and its gradient is [4, 6].
    assert_eq!(
        backprop.gradient(w).data(),
        [5.0 + 4.0, 11.0 + 8.0, 5.0 + 6.0, 11.0 + 12.0]
    );
}

/// A weight that a layer has for itself, that another one takes, and that a third one reads by way
/// of a view.
const TIED: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "parameters": { "b": [1, 0] },
  "layers": [
    { "name": "fc", "op": "linear", "weight": [[2, 0], [1, 1]], "bias": { "parameter": "b" } },
    { "name": "again", "op": "linear", "weight": { "parameter": "fc.weight" }, "bias": { "parameter": "b" } },
    { "name": "flat", "op": "flatten", "from": "fc.weight" },
    { "name": "size", "op": "mul", "from": ["flat", "flat"] },
    { "name": "s", "op": "sum", "from": "size" },
    { "name": "y", "op": "sum", "from": "again" },
    { "name": "loss", "op": "add", "from": ["s", "y"] } ] }"#;

#[test]
fn a_parameter_of_a_file_has_one_gradient_and_one_place() {
    let read = |text: &str| {
        Scenario::read("tied.json", text.as_bytes(), &NoFiles, Options::default()).unwrap()
    };
    let scenario = read(TIED);
    let id = |name: &str| scenario.network.find(name).unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    // fc = [3, 3] and its gradient is [3, 1]; each weight's square adds twice the weight.
    assert_eq!(
        backprop.gradient(id("fc.weight")).data(),
        [3.0 + 3.0 + 4.0, 3.0 + 6.0, 3.0 + 1.0 + 2.0, 3.0 + 2.0 + 2.0]
    );
    assert_eq!(backprop.gradient(id("b")).data(), [1.0 + 3.0, 1.0 + 1.0]);
    let steps: Vec<&str> = backprop
        .steps()
        .tensors()
        .iter()
        .map(|&id| scenario.network.tensor(id).name.as_str())
        .collect();
    assert_eq!(
        steps,
        ["s", "y", "again", "size", "fc", "x", "fc.weight", "b"]
    );
    for (name, at, text) in [
        ("b", 1, "\"b\": [1, 7]"),
        ("fc.weight", 2, "[[2, 0], [7, 1]]"),
    ] {
        let tensor = id(name);
        let edit = Edit::Value(Element { tensor, at }, 7.0);
        let saved = scenario.edited(&edit).unwrap().0.to_json().unwrap();
        assert!(saved.contains(text), "{saved}");
        assert_eq!(read(&saved).leaves[&tensor].data()[at], 7.0);
    }
}
