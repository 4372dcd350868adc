//! Functions of the model's own, branches, and numbers that are worked out of parameters.

use super::*;
use crate::onnx::proto::Function;

fn function(nodes: Vec<Node>) -> Function {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Function {
        name: "Twice".to_owned(),
        domain: "own".to_owned(),
        input: names(&["a"]),
        output: names(&["b"]),
        node: nodes,
        ..Function::default()
    }
}

fn call(name: &str, input: &str, output: &str) -> Node {
    let mut call = node("Twice", name, &[input], &[output]);
    call.domain = "own".to_owned();
    call
}

fn float(name: &str, f: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f,
        kind: 1,
        ..Attribute::default()
    }
}

#[test]
fn a_function_is_replaced_by_its_nodes() {
    let mut elu = node("Elu", "bend", &["a"], &["inner"]);
    elu.attribute = vec![Attribute {
        ref_attr_name: "depth".to_owned(),
        ..float("alpha", 0.0)
    }];
    let mut model = model(vec![call("one", "x", "h"), call("two", "h", "y")]);
    let mut body = function(vec![elu, node("Add", "", &["inner", "inner"], &["b"])]);
    body.attribute_proto = vec![float("depth", 0.5)];
    model.functions = vec![body];
    let graph = model.graph.as_mut().unwrap();
    graph.node[1].attribute = vec![float("depth", 2.0)];
    let imported = run(&model, &request()).unwrap();
    let made = |name: &str, op| (name.to_owned(), op);
    assert_eq!(
        layers(&imported),
        [
            made("one.inner", "elu"),
            made("h", "add"),
            made("two.inner", "elu"),
            made("y", "add")
        ]
    );
    let tape = imported.tape();
    let value = |name: &str| tape.value(imported.network.find(name).unwrap()).data()[1];
    assert_eq!(value("h"), 2.0 * 0.5 * libm::expm1(-2.0));
    assert_eq!(value("y"), 2.0 * 2.0 * libm::expm1(value("h")));
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    let mut model = model(vec![call("f", "x", "y")]);
    model.functions = vec![function(vec![call("again", "a", "b")])];
    let said = said(&model, &request());
    assert!(said.contains("is of the domain `own`"), "{said}");
}

fn flag(name: &str, is_set: i32) -> Numbers {
    Numbers {
        name: name.to_owned(),
        data_type: 9,
        int32_data: vec![is_set],
        ..Numbers::default()
    }
}

#[test]
fn a_part_of_a_sequence_is_a_slice() {
    let int = |name: &str, dims: &[i64], number| Numbers {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: 7,
        int64_data: vec![number],
        ..Numbers::default()
    };
    let mut split = node("SplitToSequence", "", &["x", "two"], &["parts"]);
    split.attribute = vec![Attribute {
        name: "axis".to_owned(),
        i: 1,
        kind: 2,
        ..Attribute::default()
    }];
    let nodes = vec![split, node("SequenceAt", "", &["parts", "one"], &["y"])];
    let model = with_weights(nodes, vec![int("two", &[], 2), int("one", &[], 1)]);
    let imported = run(&model, &request()).unwrap();
    assert_eq!(layers(&imported), [("y".to_owned(), "slice")]);
    let y = imported.network.find("y").unwrap();
    assert_eq!(imported.tape().value(y).shape()[1], 1);
}

#[test]
fn a_mask_is_cast_to_flags_as_it_is() {
    let to_flags = |from: &str, to: &str| {
        let mut cast = node("Cast", "", &[from], &[to]);
        cast.attribute = vec![Attribute {
            name: "to".to_owned(),
            i: 9,
            kind: 2,
            ..Attribute::default()
        }];
        cast
    };
    let nodes = vec![
        node("Less", "", &["x", "w"], &["small"]),
        to_flags("small", "is_small"),
        to_flags("x", "is_not_0"),
        node("Where", "", &["is_small", "x", "w"], &["a"]),
        node("Where", "", &["is_not_0", "a", "w"], &["y"]),
    ];
    let model = with_weights(nodes, vec![weight("w", &[3], &[1.0, 2.0, 3.0])]);
    let imported = run(&model, &request()).unwrap();
    let ops: Vec<&str> = layers(&imported).iter().map(|(_, op)| *op).collect();
    assert_eq!(ops, ["lt", "ne", "where", "where"]);
}

fn choice(condition: &str) -> Node {
    let branch = |name: &str, op: &str| Attribute {
        name: name.to_owned(),
        g: Some(Box::new(Graph {
            node: vec![node(op, "", &["x"], &[op])],
            output: vec![ValueInfo {
                name: op.to_owned(),
                r#type: None,
            }],
            ..Graph::default()
        })),
        kind: 5,
        ..Attribute::default()
    };
    let mut choice = node("If", "choice", &[condition], &["y"]);
    choice.attribute = vec![branch("then_branch", "Relu"), branch("else_branch", "Tanh")];
    choice
}

#[test]
fn the_branch_of_a_known_condition_is_taken() {
    for (is_set, op) in [(1, "relu"), (0, "tanh")] {
        let model = with_weights(vec![choice("c")], vec![flag("c", is_set)]);
        let imported = run(&model, &request()).unwrap();
        assert_eq!(layers(&imported)[0].1, op);
    }
    assert_eq!(
        said(&model(vec![choice("x")]), &request()),
        "`If` (node `choice`) chooses between its branches by what is computed\n"
    );
}

/// Returns a list of whole numbers as an initializer.
fn places(name: &str, numbers: &[i64]) -> Numbers {
    Numbers {
        name: name.to_owned(),
        dims: vec![numbers.len() as i64],
        data_type: 7,
        int64_data: numbers.to_vec(),
        ..Numbers::default()
    }
}

#[test]
fn what_is_worked_out_of_a_parameter_leads_to_its_gradient() {
    let nodes = vec![
        node("Gather", "g", &["emb.table", "i"], &["rows"]),
        node("Neg", "n", &["rows"], &["turned"]),
        node("Add", "s", &["x", "turned"], &["y"]),
    ];
    let table = weight("emb.table", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let model = with_weights(nodes, vec![table, places("i", &[1, 1])]);
    let imported = run(&model, &request()).unwrap();
    let ops: Vec<&str> = layers(&imported).iter().map(|(_, op)| *op).collect();
    assert_eq!(ops, ["index_select", "neg", "add"]);
    let table = imported.network.find("emb.table").unwrap();
    assert!(matches!(
        imported.network.tensor(table).kind,
        Kind::Parameter(_)
    ));
}

#[test]
fn a_long_way_from_a_parameter_is_refused() {
    let mut nodes = vec![node("Neg", "first", &["fc.scale"], &["n0"])];
    for at in 0..200 {
        let [from, to] = [format!("n{at}"), format!("n{}", at + 1)];
        nodes.push(node("Neg", "", &[&from], &[&to]));
    }
    nodes.push(node("Mul", "", &["x", "n200"], &["y"]));
    let model = with_weights(nodes, vec![weight("fc.scale", &[3], &[1.0, 2.0, 3.0])]);
    let said = said(&model, &request());
    assert!(said.contains("by more than 100 nodes in a row"), "{said}");
}

#[test]
fn a_size_of_minus_1_is_open() {
    let mut model = model(vec![node("Relu", "r", &["x"], &["y"])]);
    let graph = model.graph.as_mut().unwrap();
    let declared = graph.input[0].r#type.as_mut().unwrap();
    let shape = declared
        .tensor_type
        .as_mut()
        .unwrap()
        .shape
        .as_mut()
        .unwrap();
    shape.dim[0] = Dimension {
        dim_value: Some(-1),
        dim_param: None,
    };
    assert!(run(&model, &request()).is_ok());
}

#[test]
fn a_product_with_a_mask_that_scales_up_is_dropout() {
    let masked = |numbers: &[f32]| {
        let mut constant = node("Constant", "", &[], &["mask"]);
        constant.attribute = vec![Attribute {
            name: "value".to_owned(),
            t: Some(Box::new(weight("", &[2, 3], numbers))),
            kind: 4,
            ..Attribute::default()
        }];
        let product = node("Mul", "", &["x", "mask"], &["y"]);
        run(&model(vec![constant, product]), &request()).unwrap()
    };
    let dropped = masked(&[0.0, 2.0, 2.0, 0.0, 2.0, 0.0]);
    assert_eq!(layers(&dropped), [("y".to_owned(), "dropout")]);
    let y = dropped.network.find("y").unwrap();
    assert_eq!(
        dropped.tape().value(y).data(),
        [0.0, -4.0, 6.0, 0.0, 10.0, 0.0]
    );
    for other in [
        [0.0, 2.0, 3.0, 0.0, 2.0, 0.0],
        [2.0; 6],
        [0.0, 0.5, 0.5, 0.0, 0.5, 0.0],
    ] {
        assert_eq!(layers(&masked(&other)), [("y".to_owned(), "mul")]);
    }
}

#[test]
fn layers_are_called_as_the_outputs_that_they_make() {
    let nodes = vec![
        node("MatMul", "/fc/MatMul", &["x", "fc.weight"], &["h"]),
        node("Identity", "", &["h"], &["first"]),
        node("Relu", "/act/Relu", &["h"], &["r"]),
        node("Identity", "", &["r"], &["copy"]),
        node("Identity", "", &["copy"], &["block"]),
        node("MatMul", "/fc_1/MatMul", &["r", "fc.weight"], &["head"]),
        node("ReduceSum", "", &["head"], &["y"]),
    ];
    let identity = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let mut model = with_weights(nodes, vec![weight("fc.weight", &[3, 3], &identity)]);
    let graph = model.graph.as_mut().unwrap();
    for name in ["first", "block", "head"] {
        let named = ValueInfo {
            name: name.to_owned(),
            ..graph.output[0].clone()
        };
        graph.output.push(named);
    }
    let names = |names_of_outputs| {
        let outputs = vec!["y".to_owned()];
        let request = Request {
            names_of_outputs,
            outputs,
            ..request()
        };
        let imported = run(&model, &request).unwrap();
        layers(&imported)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    // The weight that both read keeps its name, so that no layer need have it.
    assert_eq!(names(true), ["first", "block", "head", "y"]);
    assert_eq!(names(false), ["h", "act", "head", "y"]);
}
