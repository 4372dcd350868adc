//! What the loader says of broken scenarios: each with its problems as `line:column message /
//! hint`.

use std::io::Cursor;

use backstep::diagnostic::Diagnostic;
use backstep::scenario::{Files, OpenError, Options, ReadSeek, Scenario};
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A scenario in which nothing is wrong.
const RIGHT: &str = r#"{
  "backstep": 1,
  "title": "right",
  "inputs": { "x": [[1, 3], [4, 2]] },
  "layers": [
    { "name": "flat", "op": "flatten" },
    { "name": "fc", "op": "linear", "weight": [[1, 0, -1, 2], [0, 2, 1, -1]], "bias": [0, 0], "activation": "relu" }
  ],
  "upstream": { "fc": [2, 3] },
  "ask": ["x", "fc.weight"],
  "notes": { "x": "a note", "x[0,1]": "another" }
}
"#;

/// The folder beside the scenario: `weights.safetensors` with `fc.weight` and `fc.bias`, `one.npy`,
/// and `cut.npy`, which is cut short.
struct Folder;

impl Files for Folder {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        let numbers: Vec<u8> = [1.0_f64; 8]
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        let view = |sizes: &[usize], n: usize| {
            TensorView::new(Dtype::F64, sizes.to_vec(), &numbers[..8 * n]).unwrap()
        };
        let npy = |header: &str| {
            [
                b"\x93NUMPY\x01\0\x76\0",
                format!("{header:<117}\n").as_bytes(),
                &numbers,
            ]
            .concat()
        };
        let bytes = match path {
            "weights.safetensors" => serialize(
                [("fc.weight", view(&[2, 4], 8)), ("fc.bias", view(&[2], 2))],
                None,
            )
            .unwrap(),
            "one.npy" => npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4), }"),
            "cut.npy" => npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 5), }"),
            _ => return Err(OpenError::Missing("scenario")),
        };
        Ok(Box::new(Cursor::new(bytes)))
    }
}

/// Checks what is said of a scenario.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    check_with(Options::default(), text, expected);
}

#[track_caller]
fn check_with(options: Options, text: &str, expected: &[&str]) {
    let said = match Scenario::read("net.json", text.as_bytes(), &Folder, options) {
        Ok(_) => Vec::new(),
        Err(problem) => std::iter::once(&problem)
            .chain(&problem.more)
            .map(line)
            .collect(),
    };
    assert!(
        !expected.is_empty(),
        "a scenario without a problem proves nothing here"
    );
    assert_eq!(said, expected, "of\n{text}");
}

/// Checks what is said once a piece of the right scenario is written otherwise.
#[track_caller]
fn edit(right: &str, wrong: &str, expected: &[&str]) {
    assert_eq!(
        RIGHT.matches(right).count(),
        1,
        "{right} is not one piece of the scenario"
    );
    check(&RIGHT.replace(right, wrong), expected);
}

/// Checks what is said of one layer, which stands in a line of its own, the second.
#[track_caller]
fn layer(inputs: &str, layer: &str, expected: &[&str]) {
    check(
        &format!("{{ \"backstep\": 1, \"inputs\": {{ {inputs} }}, \"layers\": [\n{layer}\n] }}"),
        expected,
    );
}

/// Checks edits of the right scenario: `piece => what is written instead`, and further in what is
/// said then.
#[track_caller]
fn edits(cases: &str) {
    each(cases, " =>", edit);
}

/// Checks layers: `inputs -> layer`, and further in what is said.
#[track_caller]
fn layers(cases: &str) {
    each(cases, " ->", layer);
}

#[track_caller]
fn each(cases: &str, between: &str, check: fn(&str, &str, &[&str])) {
    const DEEPER: &str = "            ";
    let mut lines = cases
        .lines()
        .filter(|line| !line.trim().is_empty())
        .peekable();
    while let Some(case) = lines.next() {
        let (one, other) = case
            .trim()
            .split_once(between)
            .unwrap_or_else(|| panic!("no{between} in {case}"));
        let said: Vec<&str> = std::iter::from_fn(|| lines.next_if(|line| line.starts_with(DEEPER)))
            .map(str::trim)
            .collect();
        check(one, other.trim_start(), &said);
    }
}

/// A problem in one line.
fn line(problem: &Diagnostic) -> String {
    let place = problem
        .place
        .as_ref()
        .map(|place| place.source.line_and_column(place.span.start));
    let place = place
        .map(|(line, column)| format!("{line}:{column} "))
        .unwrap_or_default();
    let hint = problem
        .hint
        .as_ref()
        .map(|hint| format!(" / {hint}"))
        .unwrap_or_default();
    format!("{place}{problem}{hint}")
}

#[test]
fn the_right_scenario_is_right() {
    assert_eq!(
        Scenario::read("net.json", RIGHT.as_bytes(), &Folder, Options::default())
            .unwrap()
            .title,
        "right"
    );
}

#[test]
fn syntax() {
    edits(
        r#"
        [[1, 3], [4, 2]] => [[1, 3], [4, 2],]
            4:36 not valid JSON: expected value / JSON allows no comma after the last element
        "fc": [2, 3] } => "fc": [2, 3], }
            9:31 not valid JSON: key must be a string / JSON allows no comma after the last element
        "backstep": 1, => "backstep": 1, // the version
            2:18 not valid JSON: key must be a string / JSON has no comments
        "title": "right" => 'title': 'right'
            3:3 not valid JSON: key must be a string / JSON strings and keys stand in double quotes
        "title": "right" => title: "right"
            3:3 not valid JSON: key must be a string / JSON keys stand in double quotes
        "#,
    );
    edit(
        "\"title\": \"right\"",
        "\"title\": \"two\nlines\"",
        &[
            r"3:15 not valid JSON: control character (\u0000-\u001F) found while parsing a string / a line break in a string is written \n, a tab \t",
        ],
    );
    edits(
        r#"
        "title": "right", => "title": "right"
            4:3 not valid JSON: expected `,` or `}` / is a comma missing before it?
        [4, 2] => [4, NaN]
            4:33 not valid JSON: expected value / JSON has no NaN and no Infinity
        [4, 2] => [4, -Infinity]
            4:34 not valid JSON: invalid number / JSON has no NaN and no Infinity
        [4, 2] => [4, None]
            4:33 not valid JSON: expected value / JSON writes null
        [4, 2] => [4, .5]
            4:33 not valid JSON: expected value / JSON writes numbers as in 0.5, -3 or 2e-7
        [4, 2] => [4, 02]
            4:34 not valid JSON: invalid number / JSON writes numbers as in 0.5, -3 or 2e-7
        "#,
    );
    edit(
        "another\" }\n}",
        "another\" }",
        &[
            "12:1 not valid JSON: the file ends inside an object / the file ends too early: is a \
             bracket or a quote left open?",
        ],
    );
    edit(
        "another\" }\n}",
        "another\" }\n}\n}",
        &[
            "13:1 not valid JSON: trailing characters / the file goes on after its outermost \
             bracket is closed",
        ],
    );
    check(
        "",
        &[
            "1:1 not valid JSON: the file ends inside a value / the file is empty; try one of the \
             gallery's scenarios as a beginning",
        ],
    );
    check("[1, 2]", &["1:1 a scenario is an object, found a list"]);
}

#[test]
fn text_that_is_not_utf8() {
    let said = |bytes: &[u8]| {
        line(&Scenario::read("net.json", bytes, &Folder, Options::default()).unwrap_err())
    };
    assert_eq!(
        said(b"\xff\xfe{\0}\0"),
        "`net.json` is not UTF-8 text: byte 0 is no part of a character / it looks like UTF-16; \
         save it as UTF-8"
    );
    assert_eq!(
        said(b"{ \"title\": \"\xe9\" }"),
        "`net.json` is not UTF-8 text: byte 12 is no part of a character / a scenario is a JSON \
         file in UTF-8"
    );
}

#[test]
fn version() {
    edits(
        r#"
        "backstep": 1, => "backstep": 2,
            2:15 the file is of version `2` of the format, but this program reads version 1 / a newer backstep may read it
        "backstep": 1, => "backstep": "1",
            2:15 `backstep` must be the number 1, found a string / it says the version of the format
        "#,
    );
    edit(
        "\"backstep\": 1,\n",
        "\n",
        &[
            r#"1:1 the key `backstep` is missing, which says the version of the format / begin the file with { "backstep": 1, ..."#,
        ],
    );
}

#[test]
fn keys() {
    edits(
        r#"
        "title" => "titel"
            3:3 `titel` is not a key of a scenario / did you mean `title`?
        "title" => "epochs"
            3:3 `epochs` is not a key of a scenario / the keys are backstep, title, description, inputs, parameters, layers, upstream, ask, points, gradients, train, precision, loss_scale, notes, $schema
        "title": "right" => "title": 7
            3:12 `title` must be a string, found a number
        "title": "right" => "ask": ["x"]
            10:3 the key `ask` is given twice / remove one of the two
        "#,
    );
    edit(
        "\"inputs\": { \"x\": [[1, 3], [4, 2]] },\n",
        "",
        &["11:1 the key `inputs` is missing: a scenario has at least one input"],
    );
    edits(
        r#"
        { "x": [[1, 3], [4, 2]] } => {}
            4:13 `inputs` is empty, but a scenario has at least one input
        { "x": [[1, 3], [4, 2]] } => [[1, 3], [4, 2]]
            4:13 `inputs` must be an object, found a list
        "#,
    );
    check(
        "{ \"backstep\": 1, \"inputs\": { \"x\": 1 } }",
        &["1:39 the key `layers` is missing: a scenario has at least one layer"],
    );
    check(
        "{ \"backstep\": 1, \"inputs\": { \"x\": 1 }, \"layers\": [] }",
        &["1:50 `layers` is empty, but a scenario has at least one layer"],
    );
    check(
        "{ \"backstep\": 1, \"inputs\": { \"x\": 1 }, \"layers\": [{}] }",
        &[
            r#"1:51 the layer has no `op` / `op` says what the layer computes, as in "op": "linear""#,
            "1:51 the layer has no `name` / other layers, `upstream` and `notes` call it by its \
             `name`",
        ],
    );
    check(
        "{ \"backstep\": 1, \"inputs\": { \"x\": 1 }, \"layers\": [\"relu\"] }",
        &["1:51 a layer must be an object, found a string"],
    );
    edits(
        r#"
        "activation": "relu" => "activaton": "relu"
            7:95 `activaton` is not a key of `linear` / did you mean `activation`?
        "op": "flatten" => "op": "flatten", "out_features": 4
            6:40 `out_features` is not a key of `flatten` / the keys are start_dim, end_dim, name, op, from
        "bias": [0, 0] => "weight": [0, 0]
            7:79 the key `weight` is given twice / remove one of the two
        "name": "flat", "op" => "op"
            6:7 the layer has no `name` / other layers, `upstream` and `notes` call it by its `name`
        "op": "flatten" => "type": "flatten"
            6:7 the layer has no `op` / `op` says what the layer computes, as in "op": "linear"
        "weight": [[1, 0, -1, 2], [0, 2, 1, -1]],  =>
            7:27 the key `weight` is missing, which `linear` needs
        "#,
    );
}

#[test]
fn words_that_are_one_of_a_few() {
    edits(
        r#"
        "op": "flatten" => "op": "Flaten"
            6:29 there is no op `Flaten` / did you mean `flatten`?
        "op": "flatten" => "op": "maxpool"
            6:29 there is no op `maxpool` / did you mean `max_pool1d`, `max_pool2d` or `max_pool3d`?
        "op": "flatten" => "op": "MaxPool2d"
            6:29 there is no op `MaxPool2d` / did you mean `max_pool2d`?
        "op": "flatten" => "op": "tan"
            6:29 there is no op `tan` / `sin`, `cos` and a `div` of the two compute it
        "op": "flatten" => "op": "bce"
            6:29 there is no op `bce` / `binary_cross_entropy` computes it
        "op": "flatten" => "op": "quantum_pool"
            6:29 there is no op `quantum_pool` / the ops are linear, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d, max_pool1d, max_pool2d, max_pool3d, max_pool1d_indices, max_pool2d_indices, max_pool3d_indices, max_unpool1d, max_unpool2d, max_unpool3d, global_max_pool1d, global_max_pool2d, global_max_pool3d, avg_pool1d, avg_pool2d, avg_pool3d, adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, hardtanh, relu6, selu, celu, mish, hardswish, hardsigmoid, softsign, softshrink, hardshrink, tanhshrink, logsigmoid, exp, log, sqrt, pow, abs, neg, clamp, threshold, erf, sin, cos, atan, sign, floor, ceil, round, prelu, glu, identity, softmax, log_softmax, flatten, reshape, permute, cat, stack, slice, select, index_select, gather, embedding, expand, repeat, flip, roll, tril, triu, pad, pixel_shuffle, pixel_unshuffle, interpolate, grid_sample, unfold, fold, add, sub, mul, div, pow_tensor, maximum, minimum, where, gt, ge, lt, le, eq, ne, matmul, batch_norm, layer_norm, group_norm, instance_norm, rms_norm, local_response_norm, dropout, sum, mean, prod, cumsum, logsumexp, norm, var, std, amax, amin, max, min, sort, topk, mse_loss, l1_loss, smooth_l1_loss, huber_loss, hinge_embedding_loss, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, nll_loss, kl_div
        "activation": "relu" => "activation": "rleu"
            7:109 `activation` must be "relu", "leaky_relu", "elu", "sigmoid", "tanh", "gelu", "silu", "softplus", "hardtanh", "relu6", "selu", "celu", "mish", "hardswish", "hardsigmoid", "softsign", "softshrink", "hardshrink", "tanhshrink" or "logsigmoid" / did you mean `relu`?
        "#,
    );
    layers(
        r#"
        "x": [1, 2] -> { "name": "p", "op": "max_pool1d", "kernel_size": 2, "ties": "frist" }
            2:62 `ties` must be "first", "split" or "all" / did you mean `first`?
        "x": [1, 2] -> { "name": "c", "op": "conv1d", "weight": [1, 2], "padding": "full" }
            2:61 `padding` must be "same" or "valid"
        "#,
    );
}

#[test]
fn settings() {
    layers(
        r#"
        "x": [[1]] -> { "name": "p", "op": "max_pool2d", "kernel_size": 0 }
            2:51 `kernel_size` must be a whole number of at least 1, or a list of 2 of them
        "x": [[1]] -> { "name": "p", "op": "avg_pool2d", "kernel_size": [1, 1, 1] }
            2:51 `kernel_size` must be a whole number of at least 1, or a list of 2 of them
        "x": [[1]] -> { "name": "e", "op": "elu", "alpha": 1e999 }
            2:38 `alpha` holds a number that is too large, or text that is not valid
        "x": [[1]] -> { "name": "d", "op": "dropout", "mask": [[1]], "p": 1.5 }
            2:53 `p` must be at least 0 and less than 1, because what is kept is divided by 1 - p
        "#,
    );
}

#[test]
fn names() {
    edits(
        r#"
        "name": "flat" => "name": "1st"
            6:15 `1st` cannot be the name of a tensor / a name begins with a letter or _ and goes on with letters, digits, _ and .
        "name": "flat" => "name": "x"
            6:15 two tensors are named `x` / names are unique over inputs, layers and parameters such as `fc.weight`
        "name": "flat" => "name": "made flat"
            6:15 `made flat` cannot be the name of a tensor / a name begins with a letter or _ and goes on with letters, digits, _ and .
        "name": "flat" => "name": "fc.weight"
            7:37 two tensors are named `fc.weight` / names are unique over inputs, layers and parameters such as `fc.weight`
        "#,
    );
    layer(
        "\"x\": [1]",
        "{ \"name\": \"fc\", \"op\": \"linear\", \"weight\": [[1]], \"bias\": [1] \
         },\n{ \"name\": \"fc\", \"op\": \"linear\", \"weight\": [[1]], \"bias\": [1] }",
        &[
            "3:11 two tensors are named `fc` / names are unique over inputs, layers and parameters \
             such as `fc.weight`",
        ],
    );
}

#[test]
fn from() {
    edits(
        r#"
        "op": "linear" => "op": "linear", "from": "flta"
            7:45 there is no tensor `flta` to read / did you mean `flat`?
        "op": "linear" => "op": "linear", "from": "hidden"
            7:45 there is no tensor `hidden` to read / there are `x`, `flat`
        "op": "linear" => "op": "linear", "from": "fc"
            7:45 `fc` would read itself / a layer reads only what stands before it
        "op": "flatten" => "op": "flatten", "from": "fc"
            6:48 `fc` is computed only later / put it above; a layer reads only what stands before it
        "op": "linear" => "op": "linear", "from": "flat[0]"
            7:45 `from` names a whole tensor, not one neuron / write "flat"
        "op": "linear" => "op": "linear", "from": ["flat", "x"]
            7:45 `linear` reads one tensor, but here it is 2 / put a `cat`, `add` or `mul` before it, which makes one tensor of several
        "op": "linear" => "op": "linear", "from": []
            7:45 `from` must name at least one tensor / left out, it is the layer before
        "#,
    );
    layers(
        r#"
        "x": 1, "y": 2 -> { "name": "r", "op": "relu" }
            2:3 there are 2 inputs, so `from` must say which one the first layer reads / the first of them is `x`
        "x": 1, "y": 2 -> { "name": "s", "op": "add", "from": "x" }
            2:37 `add` reads 2 or more tensors, but here it is 1 / list what it reads in `from`
        "x": 1 -> { "name": "s", "op": "sub", "from": ["x", "x", "x"] }
            2:37 `sub` reads 2 tensors, but here it is 3
        "#,
    );
}

#[test]
fn tensors() {
    edits(
        r#"
        [[1, 3], [4, 2]] => [[1, 3], [4]]
            4:29 this row has 1 element, but the rows before it have 2
        [[1, 3], [4, 2]] => [[1, 3], 4]
            4:29 a number stands where its neighbours are arrays
        [[1, 3], [4, 2]] => [[1, 3], [4, "2"]]
            4:33 expected a number, found a string
        [[1, 3], [4, 2]] => [[], []]
            4:21 every axis of a tensor has at least one element
        [[1, 3], [4, 2]] => "1 3 4 2"
            4:20 a tensor is a number, nested arrays of numbers, {"shape", "data"} or {"file"}, found a string
        [[1, 3], [4, 2]] => [[1, 3], [4, 1e400]]
            4:33 the number is too large for an f64
        [[1, 3], [4, 2]] => { "shape": [2, 2], "data": [1, 3, 4] }
            4:47 shape [2, 2] has 4 elements, but `data` has 3
        [[1, 3], [4, 2]] => { "shape": [2, 2], "data": [[1, 3], [4, 2]] }
            4:47 `data` must be one flat list of numbers in row-major order
        [[1, 3], [4, 2]] => { "shape": [2, 2] }
            4:20 a tensor with `shape` needs its numbers in `data`
        [[1, 3], [4, 2]] => { "shpae": [2, 2], "data": [1, 3, 4, 2] }
            4:22 `shpae` is not a key of a tensor / did you mean `shape`?
        "#,
    );
}

#[test]
fn more_elements_than_are_allowed() {
    let four = Options {
        max_elements: 4,
        ..Options::default()
    };
    let add = "{ \"backstep\": 1, \"inputs\": { \"x\": [1, 2], \"y\": [[1], [2]] },\n\"layers\": \
               [{ \"name\": \"s\", \"op\": \"add\", \"from\": [\"x\", \"y\"] }] }";
    check_with(
        four,
        add,
        &[
            "2:33 with this tensor of shape [2, 2] the scenario has too many elements / \
             `--max-elements` sets how many all tensors may have together",
        ],
    );
    let vast = "{ \"backstep\": 1, \"inputs\": { \"x\": { \"shape\": [3, 2], \"data\": [1] } \
                }, \"layers\": [{ \"name\": \"r\", \"op\": \"relu\" }] }";
    check_with(
        four,
        vast,
        &[
            "1:46 with this tensor of shape [3, 2] the scenario has too many elements / \
             `--max-elements` sets how many all tensors may have together",
        ],
    );
    // Neither may gradients and copies take more than there is room for.
    layer(
        "\"x\": [[1]]",
        "{ \"name\": \"c\", \"op\": \"conv2d\", \"weight\": [[1]], \"padding\": 5600 }",
        &[
            "2:22 with this layer the scenario takes 376387207 numbers at once, gradients and \
             copies among them, more than 268435456 / `--max-elements` sets how many all tensors \
             may have together",
        ],
    );
    layer(
        "\"x\": [[1]]",
        "{ \"name\": \"c\", \"op\": \"conv2d\", \"weight\": [[1]], \"stride\": 2, \"padding\": \
         4000000000 }",
        &[
            "2:22 with this tensor of shape [4000000001, 4000000001] the scenario has too many \
             elements / `--max-elements` sets how many all tensors may have together",
        ],
    );
    let file = RIGHT.replace("[[1, 3], [4, 2]]", "{ \"file\": \"one.npy\" }");
    check_with(
        four,
        &file,
        &[
            "4:30 `one.npy` cannot be used: the array of shape `[2, 4]` has more than 4 elements / \
             `--max-elements` raises the limit",
            "7:47 with this tensor of shape [2, 4] the scenario has too many elements / \
             `--max-elements` sets how many all tensors may have together",
        ],
    );
}

#[test]
fn tensor_files() {
    edits(
        r#"
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "weights.safetensors", "key": "fc.wieght" }
            7:57 `weights.safetensors` cannot be used: the file has no key `fc.wieght` / did you mean `fc.weight`? the keys are `fc.bias`, `fc.weight`
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "weights.safetensors" }
            7:57 `weights.safetensors` cannot be used: the file holds 2 tensors, and no `key` says which / the keys are `fc.bias`, `fc.weight`
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "weights.csv" }
            7:57 `weights.csv` cannot be used: tensors are read from `.npy`, `.npz`, `.safetensors` and `.pt` files
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "wieghts.npy" }
            7:57 `wieghts.npy` cannot be used: there is no such file in the scenario's folder
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "one.npy", "key": "fc.weight" }
            7:57 `one.npy` cannot be used: a `.npy` file holds one array and has no keys / leave `key` out
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "cut.npy" }
            7:57 `cut.npy` cannot be used: 64 bytes of numbers follow the header, which says 80
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": 3 }
            7:57 `file` must be a string, found a number
        [[1, 0, -1, 2], [0, 2, 1, -1]] => { "file": "one.npy", "dtype": "f32" }
            7:68 `dtype` is not a key of a tensor in a file / the keys are file, key
        [[1, 3], [4, 2]] => { "file": "one.npy" }
            7:47 `fc.weight` has shape [2, 4], but `flat` has 8 elements, so it must be [2, 8] / make each row 8 wide, or check the layers before this one
        "#,
    );
}

#[test]
fn upstream() {
    edit(
        "  \"upstream\": { \"fc\": [2, 3] },\n",
        "",
        &[
            r#"5:3 `upstream` is missing: the output `fc` has 2 elements, so backprop needs a gradient for each / add "upstream": { "fc": ... } with shape [2]"#,
        ],
    );
    edits(
        r#"
        { "fc": [2, 3] } => {}
            9:3 `upstream` is empty: the output `fc` has 2 elements, so backprop needs a gradient for each / add "upstream": { "fc": ... } with shape [2]
        { "fc": [2, 3] } => [2, 3]
            9:15 `upstream` must be an object, found a list
        "fc": [2, 3] => "fc": [2, 3, 6]
            9:23 the upstream gradient of `fc` has shape [3], but `fc` has [2] / one number for each element of the output
        "weight": [[1, 0, -1, 2], [0, 2, 1, -1]] => "from": "x", "weight": [[1, 0], [0, 2]]
            9:23 the upstream gradient of `fc` has shape [2], but `fc` has [2, 2] / is a `flatten` missing before `fc`? else give one number for each element of the output
        "fc": [2, 3] => "cf": [2, 3]
            9:17 there is no tensor `cf` / did you mean `fc`?
        "fc": [2, 3] => "fc[0]": 2
            9:17 `fc[0]` is one neuron, but here stands a whole tensor / write "fc"
        "fc": [2, 3] => "x": [[2, 3], [4, 5]]
            9:17 `x` is no layer: an upstream gradient is given to a layer's output
        "#,
    );
}

#[test]
fn ask_and_notes() {
    edits(
        r#"
        ["x", "fc.weight"] => ["x", "fc.wieght"]
            10:16 there is no tensor `fc.wieght` / did you mean `fc.weight`?
        ["x", "fc.weight"] => ["x", "x[0,2]", "x[0"]
            10:16 there is no neuron `x[0,2]`: `x` has shape [2, 2]
            10:26 `x[0` is no address of a tensor or a neuron: expected `]` at the end
        ["x", "fc.weight"] => "x"
            10:10 `ask` must be a list of the names of tensors and neurons, found a string
        ["x", "fc.weight"] => []
            10:10 `ask` must name at least one tensor / left out, every tensor is asked for
        "x[0,1]": "another" => "x[0,2]": "another"
            11:29 there is no neuron `x[0,2]`: `x` has shape [2, 2]
        "x[0,1]": "another" => "x[0,one]": "another"
            11:29 `x[0,one]` is no address of a tensor or a neuron: expected a place along the axis, counted from 0
        "x[0,1]": "another" => "x[0,1]": ["another"]
            11:39 a note must be a string, or an object with `text` and `update`, found a list
        "#,
    );
}

#[test]
fn weights_that_do_not_fit() {
    edits(
        r#"
        [[1, 0, -1, 2], [0, 2, 1, -1]] => [[1, 0, -1, 2, 0], [0, 2, 1, -1, 0]]
            7:47 `fc.weight` has shape [2, 5], but `flat` has 4 elements, so it must be [2, 4] / make each row 4 wide, or check the layers before this one
        [[1, 0, -1, 2], [0, 2, 1, -1]] => [[1, 0], [-1, 2], [0, 2], [1, -1]]
            7:47 `fc.weight` has shape [4, 2], but `flat` has 4 elements, so it must be [2, 4] / the weight is [out, in]: it looks transposed
        "bias": [0, 0] => "bias": [0, 0, 0]
            7:87 `fc.bias` has shape [3], but there are 2 outputs, so it must be [2]
        "op": "linear" => "op": "linear", "from": "x"
            7:60 `fc.weight` has shape [2, 4], but rows of `x` have 2, so it must be [2, 2] / `x` is [2, 2]: put a `flatten` layer before this one
        "#,
    );
    layers(
        r#"
        "x": [[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]] -> { "name": "fc", "op": "linear", "weight": [[1, 2, 3, 4]] }
            2:43 `fc.weight` has shape [1, 4], but rows of `x` have 2, so it must be [1, 2] / `x` is [2, 1, 2, 2]: put a `flatten` layer with "start_dim": 1 before this one
        "x": 1 -> { "name": "fc", "op": "linear", "weight": [[1]] }
            2:23 `x` is a single number, but `linear` works on the last axis of its input / give it a list, or put a `reshape` to [1] before it
        "x": [[[1, 2]], [[3, 4]]] -> { "name": "c", "op": "conv2d", "weight": [[[[1]]]] }
            2:42 `c.weight` has shape [1, 1, 1, 1], but `x` has 2 channels, so it must be [1, 2, 1, 1] / check the channels of the layers before this one
        "x": [[[1, 2]], [[3, 4]]] -> { "name": "c", "op": "conv2d", "weight": [[1]] }
            2:42 `c.weight` has shape [1, 1], but `x` [2, 1, 2] has channels, so it must be [out, in/groups, height, width] / write one kernel for each pair of output and input channel
        "x": [[1, 2], [3, 4]] -> { "name": "c", "op": "conv2d", "weight": [[[[1]]]] }
            2:42 `c.weight` has shape [1, 1, 1, 1], but `x` [2, 2] has no channels, so it must be [height, width] / write just the kernel, or give the input a channel axis with a `reshape` before this layer
        "x": [[1, 2], [3, 4]] -> { "name": "c", "op": "conv2d", "weight": [[1, 2, 3]] }
            2:42 the kernel spans 3 columns, but `x` has 2 / use a smaller kernel or more padding
        "x": [[1, 2], [3, 4]] -> { "name": "c", "op": "conv1d", "weight": [[[1]]], "groups": 2 }
            2:61 2 groups do not divide the channels: `c.weight` makes 1 channel / leave `groups` out
        "x": [1, 2, 3, 4] -> { "name": "c", "op": "conv1d", "weight": [1, 2, 3], "dilation": 2 }
            2:42 the kernel spans 5 places, but `x` has 4 / use a smaller kernel, less dilation, or more padding
        "x": [1, 2] -> { "name": "c", "op": "conv2d", "weight": [[1]] }
            2:22 `x` has shape [2], but `conv2d` takes [height, width], [channels, height, width] or [batch, channels, height, width] / use `conv1d`, or give it two axes
        "#,
    );
}

#[test]
fn windows_that_do_not_fit() {
    layers(
        r#"
        "x": [[1, 2], [3, 4]] -> { "name": "p", "op": "max_pool2d", "kernel_size": 3 }
            2:51 the kernel spans 3 rows, but `x` has 2 / use a smaller kernel or more padding
        "x": [[1, 2], [3, 4]] -> { "name": "p", "op": "avg_pool2d", "kernel_size": 2, "padding": 2 }
            2:65 a padding of 2 is no less than the kernel spans, 2 / use at most 1, so that no window holds only padding
        "x": [1, 2, 3, 4] -> { "name": "p", "op": "max_pool2d", "kernel_size": 2 }
            2:22 `x` has shape [4], but `max_pool2d` takes [height, width], [channels, height, width] or [batch, channels, height, width] / use `max_pool1d`, or give it two axes
        "x": [[1, 2], [3, 4]] -> { "name": "p", "op": "adaptive_avg_pool2d" }
            2:22 the key `output_size` is missing, which `adaptive_avg_pool2d` needs
        "#,
    );
}

#[test]
fn shapes_that_do_not_fit_each_other() {
    layers(
        r#"
        "x": [1, 2], "y": [1, 2, 3] -> { "name": "s", "op": "add", "from": ["x", "y"] }
            2:43 `y` has shape [3], but `x` has [2]: they do not broadcast / counted from the last axis, two sizes must be equal, or one of them 1
        "x": [[1, 2, 3]], "y": [[1, 2, 3]] -> { "name": "m", "op": "matmul", "from": ["x", "y"] }
            2:46 `x` has shape [1, 3] and `y` has [1, 3]: rows of 3 cannot be multiplied by columns of 1 / put a `permute` that swaps the last two axes of `y` before it
        "x": [[1, 2, 3]] -> { "name": "r", "op": "reshape", "shape": [2, -1] }
            2:42 `x` has shape [1, 3], so 3 elements, which do not divide by 2 / the sizes must multiply to the number of elements; -1 leaves one of them to be worked out
        "x": [[1, 2, 3]] -> { "name": "f", "op": "flatten", "start_dim": 1, "end_dim": 0 }
            2:46 `start_dim` is axis 1 of `x`, but `end_dim` is axis 0 / `flatten` makes one axis of those from `start_dim` to `end_dim`
        "x": [[1, 2, 3]] -> { "name": "p", "op": "permute", "dims": [1, 1] }
            2:41 `dims` names axis 1 of `x` twice / a negative axis counts from the last: -1 is the last one
        "x": [[1, 2]], "y": [[1, 2, 3]] -> { "name": "c", "op": "cat", "from": ["x", "y"] }
            2:43 `y` has shape [1, 3], but `x` has [1, 2], and `cat` joins along axis 0 / all other axes must have the same sizes
        "x": [[1, 2, 3]] -> { "name": "s", "op": "softmax", "dim": 2 }
            2:40 `x` has 2 axes, so `dim` must be from -2 to 1, not 2 / axes are counted from 0, or from -1 backwards
        "x": [[1, 2, 3]] -> { "name": "n", "op": "layer_norm", "normalized_shape": 2 }
            2:56 `x` has shape [1, 3], which does not end with [2] / `normalized_shape` is the sizes of the last axes, the ones to normalise over
        "x": [[1, 2, 3]] -> { "name": "n", "op": "batch_norm", "running_mean": [0, 0], "running_var": [1, 1, 1] }
            2:52 `running_mean` has shape [2], but there are 3 channels, so it must be [3]
        "x": [[1, 2, 3]] -> { "name": "n", "op": "batch_norm", "training": true }
            2:22 `x` has shape [1, 3]: one value per channel, which in training is its own mean / give a batch of two or more, or running statistics
        "x": [[1, 2, 3]] -> { "name": "d", "op": "dropout", "mask": [1, 0, 1] }
            2:41 `mask` has shape [3], but `x` has [1, 3] / the mask says for each neuron whether it is kept
        "x": [[1, 2, 3]] -> { "name": "d", "op": "dropout", "mask": [[1, 0, 0.5]] }
            2:41 `mask` must hold only 0 (dropped) and 1 (kept)
        "#,
    );
}

#[test]
fn targets_that_do_not_fit() {
    layers(
        r#"
        "x": [[1, 2, 3]] -> { "name": "l", "op": "mse_loss", "target": [1, 2, 3] }
            2:44 `target` has shape [3], but `x` has [1, 3] / every neuron needs a target of its own: there is no broadcasting here
        "x": [[1, 2, 3]] -> { "name": "l", "op": "mse_loss" }
            2:22 the key `target` is missing, which `mse_loss` needs
        "x": [1, 2] -> { "name": "l", "op": "binary_cross_entropy_with_logits", "target": [1, 0], "weight": [1, 1, 1] }
            2:86 `weight` has shape [3], which does not broadcast to [2], the shape of `x` / counted from the last axis, each of its sizes must be the one of `x`, or 1
        "x": [[1, 2, 3]] -> { "name": "l", "op": "cross_entropy", "target": 1 }
            2:49 `target` has shape [], but `x` [1, 3] has its classes on axis 1, so it must be [1] / give the number of a class for each sample, or in shape [1, 3] a probability for each class
        "x": [[1, 2, 3]] -> { "name": "l", "op": "cross_entropy", "target": [3] }
            2:49 `target[0]` is 3, but `x` has 3 classes, numbered 0 to 2 / a sample without a class is marked with `ignore_index`, here -100
        "x": [[1, 2, 3]] -> { "name": "l", "op": "nll_loss", "target": [1], "weight": [1, 1] }
            2:59 `weight` has shape [2], but `x` has 3 classes, so it must be [3]
        "#,
    );
}

#[test]
fn all_problems_at_once_in_the_order_of_the_file() {
    check(
        r#"{
  "backstep": 1,
  "notes": { "pool[9,9]": "far away" },
  "ask": ["otu"],
  "inputs": { "x": [[1, 2], [3]], "2y": 1 },
  "layers": [
    { "name": "pool", "op": "max_pool2d", "kernal_size": 2, "from": "x" },
    { "name": "fc", "op": "liner", "weight": [[1]] },
    { "name": "out", "op": "relu", "from": "cf", "slope": 1 }
  ],
  "upstream": { "out": [1, [2]] },
  "seed": 1
}"#,
        &[
            "4:11 there is no tensor `otu` / did you mean `out`?",
            "5:29 this row has 1 element, but the rows before it have 2",
            "5:35 `2y` cannot be the name of a tensor / a name begins with a letter or _ and goes \
             on with letters, digits, _ and .",
            "7:29 the key `kernel_size` is missing, which `max_pool2d` needs",
            "7:43 `kernal_size` is not a key of `max_pool2d` / did you mean `kernel_size`?",
            "8:27 there is no op `liner` / did you mean `linear`?",
            "9:44 there is no tensor `cf` to read / did you mean `fc`?",
            "9:50 `slope` is not a key of `relu` / the keys are name, op, from",
            "11:28 an array stands where its neighbours are numbers",
            "12:3 `seed` is not a key of a scenario / the keys are backstep, title, description, \
             inputs, parameters, layers, upstream, ask, points, gradients, train, precision, loss_scale, notes, $schema",
        ],
    );
}

#[test]
fn a_problem_is_not_reported_again_for_what_depends_on_it() {
    edits(
        r#"
        "op": "linear" => "op": "liner"
            7:27 there is no op `liner` / did you mean `linear`?
        "#,
    );
}

#[test]
fn nothing_of_a_stranger_is_repeated_raw_or_at_length() {
    edits(
        r#"
        "title" => "\u001b[31mred\u202e"
            3:3 `\u{1b}[31mred\u{202e}` is not a key of a scenario / the keys are backstep, title, description, inputs, parameters, layers, upstream, ask, points, gradients, train, precision, loss_scale, notes, $schema
        "op": "flatten" => "op": "a\nb\u0007"
            6:29 there is no op `a b\u{7}` / did you mean `abs`?
        "#,
    );
    edit(
        "\"title\"",
        &format!("\"{}\"", "z".repeat(100_000)),
        &[
            "3:3 `zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz…` is not a key of a \
             scenario / the keys are backstep, title, description, inputs, parameters, layers, \
             upstream, ask, points, gradients, train, precision, loss_scale, notes, $schema",
        ],
    );
    edit(
        "\"name\": \"flat\"",
        &format!("\"name\": \"{}\"", "é".repeat(1000)),
        &[
            "6:15 `ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…` cannot be the \
             name of a tensor / a name begins with a letter or _ and goes on with letters, digits, \
             _ and .",
        ],
    );
    edit(
        "[[1, 0, -1, 2], [0, 2, 1, -1]]",
        &format!("{{ \"file\": \"{}.npy\" }}", "../".repeat(1000)),
        &[
            "7:57 `../../../../../../../../../../../../../../../../../../../..…` cannot be used: \
             there is no such file in the scenario's folder",
        ],
    );
}

/// Checks what is said of parameters and of one layer, which stands in a line of its own, the
/// second.
#[track_caller]
fn shared(parameters: &str, layer: &str, expected: &[&str]) {
    let text = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [1, 2] }}, "parameters": {{ {parameters} }}, "layers": [
{layer},
{{ "name": "late", "op": "linear", "weight": [[1]] }} ] }}"#
    );
    check(&text, expected);
}

#[test]
fn parameters_are_there_and_are_used() {
    shared(
        r#""w": [[1, 2]], "v": [1]"#,
        r#"{ "name": "fc", "op": "linear", "weight": { "parameter": "w" } }"#,
        &[
            "1:76 no layer reads the parameter `v` / a layer takes it as \"weight\": \
             {\"parameter\": ...}, or reads it in `from`",
        ],
    );
    for (named, said) in [
        (r#""W""#, "there is no parameter `W` / did you mean `w`?"),
        (
            r#""x""#,
            "`x` is no parameter / what is not trained is read in `from`",
        ),
        (
            r#""late.weight""#,
            "`late.weight` is a parameter only further down / put it into `parameters`, from which \
             every layer can take it",
        ),
        ("1", "`parameter` must be a string, found a number"),
    ] {
        let layer = format!(
            r#"{{ "name": "fc", "op": "linear", "weight": {{ "parameter": {named} }}, "bias": {{ "parameter": "w" }} }}"#
        );
        let at = 1 + layer.find(named).unwrap();
        shared(r#""w": [1]"#, &layer, &[&format!("2:{at} {said}")]);
    }
}
