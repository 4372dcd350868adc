//! Weights that several nodes read, or that several initialisers repeat.

use super::*;

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
fn a_matrix_of_the_model_stays_as_the_model_has_it() {
    let nodes = vec![node("MatMul", "", &["x", "attn.weight"], &["y"])];
    let made = shared(nodes, vec![weight("attn.weight", &[3, 3], &NINE)]);
    assert_eq!(parameters(&made), ["attn.weight"]);
    let w = made.network.find("attn.weight").unwrap();
    assert_eq!(made.leaves[&w].data(), NINE.map(f64::from));
}

#[test]
fn a_weight_without_a_name_is_called_as_its_bias() {
    let nodes = vec![
        node("MatMul", "/attn/MatMul", &["x", "onnx::MatMul_9"], &["a"]),
        node("Add", "/attn/Add", &["attn.in_proj_bias", "a"], &["y"]),
    ];
    let weights = vec![
        weight("attn.in_proj_bias", &[3], &[1.0, 2.0, 3.0]),
        weight("onnx::MatMul_9", &[3, 3], &NINE),
    ];
    let made = shared(nodes, weights);
    assert_eq!(
        parameters(&made),
        ["attn.in_proj_weight", "attn.in_proj_bias"]
    );
    let w = made.network.find("attn.in_proj_weight").unwrap();
    assert_eq!(made.leaves[&w].data(), TURNED.map(f64::from));
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
fn a_bias_of_zeros_that_is_left_out_is_a_parameter() {
    let entry = |key: &str, value: &str| Entry {
        key: format!("pkg.torch.{key}"),
        value: value.to_owned(),
    };
    let mut product = node("MatMul", "", &["x", "val_0"], &["linear"]);
    product.metadata_props = vec![
        entry(
            "onnx.fx_node",
            "%linear : = call[target=aten.linear.default](args = (%x, %p_fc_weight, %p_fc_bias), \
             kwargs = {})",
        ),
        entry("onnx.name_scopes", "['', 'fc', 'linear']"),
    ];
    let nodes = vec![product, node("Relu", "", &["linear"], &["y"])];
    let mut model = with_weights(nodes, vec![weight("val_0", &[3, 3], &NINE)]);
    let signature = "p_fc_weight: PARAMETER target='fc.weight'\n\
                     p_fc_bias: PARAMETER target='fc.bias'";
    let graph = model.graph.as_mut().unwrap();
    graph.metadata_props = vec![entry("export.ExportedProgram.graph_signature", signature)];
    let made = run(&model, &request()).unwrap();
    assert_eq!(parameters(&made), ["fc.weight", "fc.bias"]);
    let said =
        "the file leaves out the zeros of `fc.bias`; here they are parameters, as in the model";
    assert_eq!(made.remarks, [said]);
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
    assert_eq!(
        made_of(nodes),
        ["act", "block.relu", "block.0", "twice.relu", "twice.relu_2"]
    );
    // The other exporter says it in the names of nodes.
    let nodes = vec![
        node("Relu", "/act/Relu", &["x"], &["/act/Relu_output_0"]),
        node(
            "Tanh",
            "/Tanh",
            &["/act/Relu_output_0"],
            &["/Tanh_output_0"],
        ),
        node(
            "Relu",
            "/twice/Relu",
            &["/Tanh_output_0"],
            &["/twice/Relu_output_0"],
        ),
        node("Relu", "/twice_1/Relu", &["/twice/Relu_output_0"], &["y"]),
    ];
    assert_eq!(made_of(nodes), ["act", "Tanh", "twice.Relu", "y"]);
}

/// What the layers of a model of these nodes are called.
fn made_of(nodes: Vec<Node>) -> Vec<String> {
    let made = shared(nodes, Vec::new());
    let layers = made.network.layers().iter();
    layers
        .map(|layer| made.network.tensor(layer.output).name.clone())
        .collect()
}
