//! What is said of models that cannot be imported, and what becomes of small ones.

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
        node("Resize", "up1", &["x"], &["a"]),
        node("Resize", "up2", &["a"], &["b"]),
        fused,
        node("Einsum", "", &["c"], &["d"]),
        relu,
        node("Relu", "after", &["d"], &["f"]),
        node("Sum", "s", &["f", "e"], &["y"]),
        node("NonZero", "unused", &["x"], &["z"]),
    ];
    assert_eq!(
        said(&model(nodes), &request()),
        "`Resize` (nodes `up1` and `up2`) has no counterpart among backstep's ops\n\
         `FusedRelu` (node `f`) is of the domain `com.microsoft`, which is not ONNX's own\n\
         `Einsum` (node `d`) has no counterpart among backstep's ops\n\
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

/// The scenario of a model of these nodes and weights, whose input has ones.
fn shared(nodes: Vec<Node>, weights: Vec<Numbers>) -> Imported {
    run(&with_weights(nodes, weights), &request()).unwrap()
}

fn parameters(imported: &Imported) -> Vec<&str> {
    let tensors = imported.network.tensors().iter();
    let parameters = tensors.filter(|tensor| matches!(tensor.kind, Kind::Parameter(_)));
    parameters.map(|tensor| tensor.name.as_str()).collect()
}

const NINE: [f32; 9] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
const TURNED: [f32; 9] = [1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0];

#[test]
fn a_weight_in_a_node_that_is_read_twice_is_one_parameter() {
    let mut constant = node("Constant", "", &[], &["w"]);
    constant.attribute = vec![Attribute {
        name: "value".to_owned(),
        t: Some(Box::new(weight("", &[3, 3], &NINE))),
        kind: 4,
        ..Attribute::default()
    }];
    let nodes = vec![
        constant,
        node("MatMul", "", &["x", "w"], &["a"]),
        node("MatMul", "", &["a", "w"], &["y"]),
    ];
    assert_eq!(parameters(&shared(nodes, Vec::new())).len(), 1);
}

#[test]
fn a_weight_of_several_layers_is_one_parameter() {
    let nodes = vec![
        node("MatMul", "", &["x", "w"], &["a"]),
        node("MatMul", "", &["a", "w"], &["y"]),
    ];
    let twice = shared(nodes, vec![weight("w", &[3, 3], &NINE)]);
    assert_eq!(parameters(&twice), ["w"]);
    let w = twice.network.find("w").unwrap();
    assert_eq!(twice.leaves[&w].data(), NINE.map(f64::from));
    let said = "`w` is one parameter of `a` and `y`; its gradient is the sum over both";
    assert_eq!(twice.remarks, [said]);
}

#[test]
fn what_is_turned_round_is_the_same_parameter() {
    let nodes = vec![
        node("MatMul", "/enc/MatMul", &["x", "enc.weight"], &["a"]),
        node("MatMul", "/MatMul", &["a", "onnx::MatMul_6"], &["b"]),
        node("Transpose", "/Transpose", &["enc.weight"], &["t"]),
        node("MatMul", "/MatMul_1", &["b", "t"], &["y"]),
    ];
    let weights = vec![
        weight("enc.weight", &[3, 3], &NINE),
        weight("onnx::MatMul_6", &[3, 3], &TURNED),
    ];
    let tied = shared(nodes, weights);
    assert_eq!(parameters(&tied), ["enc.weight"]);
    let ops: Vec<&str> = layers(&tied).iter().map(|(_, op)| *op).collect();
    assert_eq!(ops, ["matmul", "linear", "linear"]);
}

#[test]
fn equal_parameters_stay_apart_where_names_tell_them_apart() {
    let zero = || weight("fc1.bias", &[3], &[0.0; 3]);
    let add = |module: &str, from: &str, bias: &str, to: &str| {
        node("Add", &format!("/{module}/Add"), &[from, bias], &[to])
    };
    // A copy with a name.
    let copied = vec![
        node("Identity", "", &["fc1.bias"], &["fc2.bias"]),
        add("fc1", "x", "fc1.bias", "a"),
        add("fc2", "a", "fc2.bias", "y"),
    ];
    // The same zeros in another module.
    let moduled = vec![
        add("fc1", "x", "fc1.bias", "a"),
        add("fc2", "a", "fc1.bias", "y"),
    ];
    for nodes in [copied, moduled] {
        let apart = shared(nodes, vec![zero()]);
        assert_eq!(parameters(&apart), ["fc1.bias", "fc2.bias"]);
        assert!(apart.remarks[0].starts_with("the file keeps the numbers of `fc2.bias` under"));
    }
    // Two calls of one module.
    let twice = vec![
        add("fc1", "x", "fc1.bias", "a"),
        add("fc1_1", "a", "fc1.bias", "y"),
    ];
    assert_eq!(parameters(&shared(twice, vec![zero()])), ["fc1.bias"]);
}

#[test]
fn the_calls_that_nodes_were_made_of_tell_parameters_apart() {
    let add = |from: &str, called: &str, module: &str, to: &str| {
        let entry = |key: &str, value: String| Entry {
            key: format!("pkg.torch.onnx.{key}"),
            value,
        };
        let call = format!("%add : [num_users=1] = call(args = (%x, %{called}), kwargs = {{}})");
        let mut node = node("Add", "", &[from, "a.bias"], &[to]);
        node.metadata_props = vec![
            entry("fx_node", call),
            entry("name_scopes", format!("['', '{module}', 'add']")),
        ];
        node
    };
    let bias = || vec![weight("a.bias", &[3], &[1.0, 2.0, 3.0])];
    let equal = vec![
        add("x", "p_a_bias", "a", "h"),
        add("h", "p_body_0_bias", "body.0", "y"),
    ];
    assert_eq!(
        parameters(&shared(equal, bias())),
        ["a.bias", "body.0.bias"]
    );
    let tied = vec![
        add("x", "p_a_bias", "a", "h"),
        add("h", "p_a_bias", "b", "y"),
    ];
    assert_eq!(parameters(&shared(tied, bias())), ["a.bias"]);
}

#[test]
fn a_layer_into_which_a_norm_is_folded_keeps_its_names() {
    let entry = |key: &str, value: &str| Entry {
        key: format!("pkg.torch.onnx.{key}"),
        value: value.to_owned(),
    };
    let mut folded = node("Add", "", &["x", "conv.bias"], &["y"]);
    folded.metadata_props = vec![
        entry(
            "fx_node",
            "%n : = call(args = (%conv, %p_bn_weight, %p_bn_bias), kwargs = {})",
        ),
        entry("name_scopes", "['', 'bn', 'native_batch_norm']"),
    ];
    let bias = vec![weight("conv.bias", &[3], &[1.0, 2.0, 3.0])];
    assert_eq!(parameters(&shared(vec![folded], bias)), ["conv.bias"]);
}

#[test]
fn what_one_node_of_a_module_makes_has_the_modules_name() {
    let within = |op: &str, from: &str, to: &str, module: &str| {
        let mut node = node(op, "", &[from], &[to]);
        node.metadata_props = vec![Entry {
            key: "pkg.torch.onnx.name_scopes".to_owned(),
            value: format!("['', '{module}', 'call']"),
        }];
        node
    };
    let nodes = vec![
        within("Relu", "x", "relu", "act"),
        // The block's own node is not what the block returns.
        within("Relu", "relu", "relu_1", "block"),
        within("Tanh", "relu_1", "tanh", "block.0"),
        within("Relu", "tanh", "relu_2", "twice"),
        within("Relu", "relu_2", "y", "twice"),
    ];
    let made = shared(nodes, Vec::new());
    let layers = made.network.layers().iter();
    let names: Vec<&str> = layers
        .map(|layer| made.network.tensor(layer.output).name.as_str())
        .collect();
    assert_eq!(names, ["act", "relu_1", "block.0", "relu_2", "y"]);
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

#[test]
fn what_is_no_sound_model_is_refused() {
    let broken = |change: &dyn Fn(&mut Model)| {
        let mut changed = with_weights(
            vec![node("MatMul", "m", &["x", "w"], &["y"])],
            vec![weight("w", &[3, 1], &[1.0; 3])],
        );
        change(&mut changed);
        said(&changed, &request())
    };
    fn graph(model: &mut Model) -> &mut Graph {
        model.graph.as_mut().unwrap()
    }
    let numbers =
        |change: &dyn Fn(&mut Numbers)| broken(&|model| change(&mut graph(model).initializer[0]));
    for (found, expected) in [
        (
            broken(&|model| model.graph = None),
            "the model has no graph",
        ),
        (
            broken(&|model| model.opset_import[0].version = 99),
            "the model is written in opset 99, but this program knows 1 to 28; export it with an \
             older opset, such as 18",
        ),
        (
            broken(&|model| graph(model).output.clear()),
            "the model has no outputs",
        ),
        (
            broken(&|model| graph(model).node[0].input[0] = "y".to_owned()),
            "`MatMul` (node `m`) reads `y`, which nothing before it makes; the nodes of a model \
             stand in an order that only looks back",
        ),
        (
            broken(&|model| graph(model).node.push(node("Relu", "r", &["x"], &["y"]))),
            "the tensor `y` is made by two nodes",
        ),
        (
            broken(&|model| graph(model).output[0].name = "\u{1b}[31m".to_owned()),
            "the output `\\u{1b}[31m` is made by no node of the model",
        ),
        (
            broken(&|model| graph(model).node[0].input.truncate(1)),
            "`MatMul` (node `m`) has no input 2, which it needs",
        ),
        (
            numbers(&|tensor| tensor.dims[0] = 4),
            "`w` holds 3 numbers, but its sizes [4, 1] ask for 4",
        ),
        (
            numbers(&|tensor| tensor.dims[0] = -3),
            "`w` has the sizes [-3, 1], one of which is negative",
        ),
        (
            numbers(&|tensor| tensor.dims = vec![1 << 40, 1 << 40]),
            "`w` has the sizes [1099511627776, 1099511627776], which are too many elements; \
             `--max-elements` raises the limit",
        ),
        (
            numbers(&|tensor| tensor.data_type = 8),
            "`w` holds strings, which are not read",
        ),
        (
            numbers(&|tensor| tensor.raw_data = Some(vec![0; 7])),
            "`w` holds 7 bytes of numbers, but its sizes [3, 1] ask for 12",
        ),
        (
            numbers(&|tensor| tensor.data_location = 1),
            "`w` is in a file of its own, but does not say in which",
        ),
        (
            numbers(&|tensor| {
                tensor.data_location = 1;
                tensor.external_data = vec![Entry {
                    key: "location".to_owned(),
                    value: "../w.bin".to_owned(),
                }];
            }),
            "`w` is in the file `../w.bin`, which cannot be used: there is no folder to read it \
             from",
        ),
    ] {
        assert_eq!(found.trim_end(), expected);
    }
    let garbage = import(b"no model", &request(), &NoFiles).unwrap_err();
    assert!(matches!(garbage, ImportError::NoModel(_)), "{garbage}");
}

#[test]
fn what_would_take_too_much_memory_is_refused_before_it_is_taken() {
    let list = |name: &str, numbers: Vec<i64>| Numbers {
        name: name.to_owned(),
        dims: vec![numbers.len() as i64],
        data_type: 7,
        int64_data: numbers,
        ..Numbers::default()
    };
    let small = |model: &Model| {
        said(
            model,
            &Request {
                max_elements: 100,
                ..request()
            },
        )
    };
    let filled = vec![
        node("ConstantOfShape", "c", &["n"], &["big"]),
        node("Add", "a", &["x", "big"], &["y"]),
    ];
    assert_eq!(
        small(&with_weights(
            filled,
            vec![list("n", vec![1 << 40, 1 << 20])]
        )),
        "`ConstantOfShape` (node `c`) makes too many elements; `--max-elements` raises the limit\n"
    );
    let broadcast = vec![node("Add", "a", &["x", "w"], &["y"])];
    assert_eq!(
        small(&with_weights(
            broadcast,
            vec![weight("w", &[50, 1, 1], &[0.0; 50])]
        )),
        "`Add` (node `a`) makes too many elements; `--max-elements` raises the limit\n"
    );
    let axes = vec![node("Unsqueeze", "u", &["x", "axes"], &["y"])];
    assert_eq!(
        said(
            &with_weights(axes, vec![list("axes", (0..100_000).collect())]),
            &request()
        ),
        "`Unsqueeze` (node `u`) makes a tensor of 100002 axes, which has at most 32\n"
    );
    // A weight that many layers read is counted as often.
    let products: Vec<Node> = (0..20)
        .map(|n| {
            node(
                "MatMul",
                "",
                &[
                    &if n == 0 {
                        "x".to_owned()
                    } else {
                        format!("p{n}")
                    },
                    "w",
                ],
                &[&format!("p{}", n + 1)],
            )
        })
        .collect();
    let mut shared = with_weights(products, vec![weight("w", &[3, 3], &[0.0; 9])]);
    shared.graph.as_mut().unwrap().output[0].name = "p20".to_owned();
    assert!(small(&shared).contains("makes too many elements"));
}
