//! What is said of models that cannot be imported, and what becomes of small ones.

mod loops;
mod parameters;
mod refusals;
mod structure;

use super::proto::{
    Attribute, Dimension, Entry, Graph, Model, Node, OperatorSet, Tensor as Numbers, TensorShape,
    TensorType, Type, ValueInfo,
};
use super::*;
use crate::diagnostic::Diagnostic;
use crate::tape::Kind;
use crate::tensor::Shape;

/// An input `x` of shape [N, 3], and the nodes of a graph that makes `y` of it.
fn model(nodes: Vec<Node>) -> Model {
    let sizes = [
        Dimension {
            dim_value: None,
            dim_param: Some("N".to_owned()),
        },
        Dimension {
            dim_value: Some(3),
            dim_param: None,
        },
    ];
    let declared = TensorType {
        elem_type: 1,
        shape: Some(TensorShape {
            dim: sizes.to_vec(),
        }),
    };
    let info = |name: &str| ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(declared.clone()),
        }),
    };
    let graph = Graph {
        node: nodes,
        initializer: Vec::new(),
        input: vec![info("x")],
        output: vec![info("y")],
        metadata_props: Vec::new(),
    };
    let opset_import = vec![OperatorSet {
        domain: String::new(),
        version: 18,
    }];
    Model {
        producer_name: String::new(),
        producer_version: String::new(),
        graph: Some(graph),
        opset_import,
        functions: Vec::new(),
    }
}

fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Node {
        input: names(inputs),
        output: names(outputs),
        name: name.to_owned(),
        op_type: op.to_owned(),
        attribute: Vec::new(),
        metadata_props: Vec::new(),
        domain: String::new(),
        overload: String::new(),
    }
}

fn weight(name: &str, dims: &[i64], numbers: &[f32]) -> Numbers {
    Numbers {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: 1,
        float_data: numbers.to_vec(),
        ..Numbers::default()
    }
}

fn with_weights(nodes: Vec<Node>, weights: Vec<Numbers>) -> Model {
    let mut model = model(nodes);
    model.graph.as_mut().unwrap().initializer = weights;
    model
}

fn request() -> Request {
    let tensor = Tensor::new(Shape::from([2, 3]), vec![1.0, -2.0, 3.0, 0.0, 5.0, -6.0]).unwrap();
    Request {
        inputs: vec![Given {
            name: Some("x".to_owned()),
            tensor,
        }],
        ..Request::default()
    }
}

fn run(model: &Model, request: &Request) -> Result<Imported, Diagnostic> {
    Ok(import(&model.encode_to_vec(), request, &NoFiles)?)
}

/// What is said of a model: each problem, and what to do about it.
fn said(model: &Model, request: &Request) -> String {
    let problem = run(model, request).unwrap_err();
    let all = [&problem].into_iter().chain(&problem.more);
    all.map(|one| {
        format!(
            "{one}{}\n",
            one.hint
                .as_ref()
                .map_or(String::new(), |hint| format!("; {hint}"))
        )
    })
    .collect()
}

fn layers(imported: &Imported) -> Vec<(String, &'static str)> {
    let network = &imported.network;
    network
        .layers()
        .iter()
        .map(|layer| (network.tensor(layer.output).name.clone(), layer.op.name()))
        .collect()
}

#[test]
fn all_that_cannot_be_expressed_is_said_at_once() {
    let mut fused = node("FusedRelu", "f", &["b"], &["c"]);
    fused.domain = "com.microsoft".to_owned();
    let mut relu = node("Relu", "r", &["x"], &["e"]);
    relu.attribute = vec![Attribute {
        name: "leak".to_owned(),
        ..Attribute::default()
    }];
    let nodes = vec![
        node("Det", "up1", &["x"], &["a"]),
        node("Det", "up2", &["a"], &["b"]),
        fused,
        node("Hardmax", "", &["c"], &["d"]),
        relu,
        node("Relu", "after", &["d"], &["f"]),
        node("Sum", "s", &["f", "e"], &["y"]),
        node("NonZero", "unused", &["x"], &["z"]),
    ];
    assert_eq!(
        said(&model(nodes), &request()),
        "`Det` (nodes `up1` and `up2`) has no counterpart among backstep's ops\n\
         `FusedRelu` (node `f`) is of the domain `com.microsoft`, which is not ONNX's own\n\
         `Hardmax` (node `d`) has no counterpart among backstep's ops\n\
         `Relu` (node `r`) has the attribute `leak`, which is not known here\n"
    );
}

#[test]
fn inputs_are_asked_for_by_name_and_shape() {
    let relu = model(vec![node("Relu", "r", &["x"], &["y"])]);
    let given = |name: Option<&str>, sizes: &[usize]| Request {
        inputs: vec![Given {
            name: name.map(str::to_owned),
            tensor: Tensor::filled(Shape::from(sizes), 1.0),
        }],
        ..Request::default()
    };
    assert_eq!(
        said(&relu, &Request::default()),
        "the model needs its input `x` of shape [N, 3]; give it as an array, with `--input \
         x=FILE.npy`\n"
    );
    assert_eq!(
        said(&relu, &given(Some("X"), &[1, 3]))
            .lines()
            .next()
            .unwrap(),
        "the model has no input `X`; did you mean `x`?"
    );
    assert_eq!(
        said(&relu, &given(None, &[1, 4])),
        "the array for `x` has shape [1, 4], but the model takes [N, 3]; axis 1 must have the size \
         3\n"
    );
    assert_eq!(
        said(&relu, &given(None, &[3])),
        "the array for `x` has shape [3], but the model takes [N, 3]\n"
    );
    let two = Request {
        inputs: [given(None, &[1, 3]).inputs, given(None, &[1]).inputs].concat(),
        ..Request::default()
    };
    assert_eq!(
        said(&relu, &two),
        "there are 2 arrays, but the model has no more than 1; its inputs are `x`\n"
    );
    assert_eq!(
        run(&relu, &given(None, &[7, 3])).unwrap().network.tensors()[0].shape,
        Shape::from([7, 3])
    );
}

#[test]
fn a_target_is_the_class_or_the_numbers_of_one_output() {
    let with = |target| Request {
        target: Some(target),
        ..request()
    };
    let relu = model(vec![node("Relu", "r", &["x"], &["y"])]);
    let classes = run(&relu, &with(Target::Classes(vec![2, 0]))).unwrap();
    assert_eq!(
        layers(&classes),
        [
            ("y".to_owned(), "relu"),
            ("loss".to_owned(), "cross_entropy")
        ]
    );
    let values = run(
        &relu,
        &with(Target::Values(Tensor::filled(Shape::from([2, 3]), 1.0))),
    )
    .unwrap();
    assert_eq!(layers(&values)[1].1, "mse_loss");
    let log = model(vec![node("LogSoftmax", "l", &["x"], &["y"])]);
    assert_eq!(
        layers(&run(&log, &with(Target::Classes(vec![2, 0]))).unwrap())[1].1,
        "nll_loss"
    );
    assert_eq!(
        said(&relu, &with(Target::Classes(vec![2]))),
        "the output `y` has 2 samples, but the target is for 1; give a class for each sample, with \
         commas between, as in `--target 3,1`\n"
    );
    assert_eq!(
        said(&relu, &with(Target::Classes(vec![2, 3])))
            .split(';')
            .next()
            .unwrap(),
        "the output `y` does not fit: `target[1]` is 3, but `y` has 3 classes, numbered 0 to 2"
    );
    assert_eq!(
        said(&relu, &with(Target::Values(Tensor::scalar(1.0)))),
        "the output `y` has the shape [2, 3], but the target has []\n"
    );
    let soft = model(vec![node("Softmax", "s", &["x"], &["y"])]);
    assert_eq!(
        said(&soft, &with(Target::Classes(vec![2, 0]))),
        "the output `y` is a softmax already, but the loss of a class is taken from the logits \
         before it; `--tensor` names the tensor to take it from\n"
    );
}

#[test]
fn without_a_target_every_output_has_a_gradient_of_one() {
    let relu = run(&model(vec![node("Relu", "r", &["x"], &["y"])]), &request()).unwrap();
    assert!(
        relu.upstream
            .values()
            .all(|tensor| tensor.data() == [1.0; 6]),
        "{}",
        relu.text
    );
    // An output that is there under two names gets a gradient from each.
    let mut twice = model(vec![
        node("Relu", "r", &["x"], &["y"]),
        node("Identity", "i", &["y"], &["z"]),
    ]);
    let output = ValueInfo {
        name: "z".to_owned(),
        r#type: None,
    };
    twice.graph.as_mut().unwrap().output.push(output);
    let twice = run(&twice, &request()).unwrap();
    assert!(
        twice
            .upstream
            .values()
            .all(|tensor| tensor.data() == [2.0; 6]),
        "{}",
        twice.text
    );
    let chosen = Request {
        outputs: vec!["a".to_owned()],
        ..request()
    };
    let chain = model(vec![
        node("Relu", "r", &["x"], &["a"]),
        node("Tanh", "t", &["a"], &["y"]),
    ]);
    assert_eq!(
        layers(&run(&chain, &chosen).unwrap()),
        [("a".to_owned(), "relu")]
    );
    let unknown = Request {
        outputs: vec!["A".to_owned()],
        ..request()
    };
    assert_eq!(
        said(&chain, &unknown),
        "the model computes no tensor `A`; did you mean `a`?\n"
    );
}

#[test]
fn a_product_and_its_bias_are_one_layer_unless_somebody_else_reads_the_product() {
    let weights = || {
        vec![
            weight("w", &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            weight("fc.bias", &[2], &[0.5, -0.5]),
        ]
    };
    let nodes = || {
        vec![
            node("MatMul", "", &["x", "w"], &["p"]),
            node("Add", "", &["fc.bias", "p"], &["y"]),
        ]
    };
    let linear = run(&with_weights(nodes(), weights()), &request()).unwrap();
    assert_eq!(layers(&linear), [("fc".to_owned(), "linear")]);
    let network = &linear.network;
    assert_eq!(
        linear.leaves[&network.find("fc.weight").unwrap()].data(),
        [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]
    );
    let mut read_twice = nodes();
    read_twice[1].output = vec!["s".to_owned()];
    read_twice.push(node("Add", "", &["s", "p"], &["y"]));
    let apart = run(&with_weights(read_twice, weights()), &request()).unwrap();
    assert_eq!(
        layers(&apart).iter().map(|(_, op)| *op).collect::<Vec<_>>(),
        ["linear", "add", "add"]
    );
}

#[test]
fn an_addend_times_zero_is_none() {
    let mut gemm = node("Gemm", "", &["x", "w", "c"], &["y"]);
    let zero = Attribute {
        name: "beta".to_owned(),
        f: 0.0,
        kind: 1,
        ..Attribute::default()
    };
    gemm.attribute = vec![zero];
    let weights = vec![
        weight("w", &[3, 1], &[1.0, 2.0, 3.0]),
        weight("c", &[1], &[4.0]),
    ];
    let imported = run(&with_weights(vec![gemm], weights), &request()).unwrap();
    assert_eq!(layers(&imported), [("y".to_owned(), "linear")]);
    assert!(imported.network.find("y.bias").is_none());
    assert!(imported.network.find("c").is_none());
}

#[test]
fn a_factor_of_a_gemm_is_in_its_weight() {
    let mut gemm = node("Gemm", "", &["x", "fc.weight"], &["y"]);
    let float = |name: &str, f| Attribute {
        name: name.to_owned(),
        f,
        kind: 1,
        ..Attribute::default()
    };
    gemm.attribute = vec![
        float("alpha", 0.5),
        Attribute {
            name: "transB".to_owned(),
            i: 1,
            kind: 2,
            ..Attribute::default()
        },
    ];
    let scaled = run(
        &with_weights(
            vec![gemm],
            vec![weight("fc.weight", &[1, 3], &[2.0, 4.0, 6.0])],
        ),
        &request(),
    )
    .unwrap();
    let network = &scaled.network;
    assert_eq!(
        scaled.leaves[&network.find("fc.weight").unwrap()].data(),
        [1.0, 2.0, 3.0]
    );
    assert_eq!(
        scaled.remarks,
        ["`y`: its weight is 0.5 times the model's, whose gradient is 0.5 times the one shown"]
    );
}
