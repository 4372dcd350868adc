//! Imported models: they compute what ONNX says, and their gradients are PyTorch's. See
//! `tests/data/onnx/README.md` for the files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use backstep::backprop::Backprop;
use backstep::diagnostic::Diagnostic;
use backstep::onnx::{self, Given, Imported, Request, Target};
use backstep::scenario::tensor_file::{Kind, TensorFile};
use backstep::scenario::{Files, NoFiles, OpenError, Options, ReadSeek, Scenario};
use backstep::tape::{self, Network};
use backstep::tensor::{Tensor, TensorId};
use prost::Message;
use zip::ZipArchive;

use crate::cli::{Folder, has};

/// How far a number may be off that an f32 holds.
const SINGLE: f64 = 1e-6;

/// Cases whose expected numbers are coarser than an f32, by what their names contain: the relative
/// error that is left.
const COARSE: &[(&str, f64)] = &[
    ("ceil_last_window_starts_on_pad", 1e-4),
    ("to_FLOAT16", 5e-4),
    ("to_BFLOAT16", 4e-3),
    ("softmax_precision", 5e-4),
    ("fp16", 5e-3),
    ("bf16", 5e-3),
    ("gridsample", 1e-3),
    ("float16", 5e-3),
];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/onnx")
        .join(name)
}

/// One of the ONNX project's test cases.
struct Case {
    name: String,
    model: Vec<u8>,
    inputs: Vec<Vec<u8>>,
    output: Vec<u8>,
}

/// Returns the cases of an archive, sorted by their names.
fn cases(archive: &str) -> Vec<Case> {
    let mut zip = ZipArchive::new(File::open(data(archive)).unwrap()).unwrap();
    let mut files: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for number in 0..zip.len() {
        let mut file = zip.by_index(number).unwrap();
        let (case, name) = file
            .name()
            .unwrap()
            .split_once('/')
            .map(|(case, name)| (case.to_owned(), name.to_owned()))
            .unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.entry(case).or_default().insert(name, bytes);
    }
    let case = |(name, mut files): (String, BTreeMap<String, Vec<u8>>)| Case {
        inputs: (0..)
            .map_while(|number| files.remove(&format!("input_{number}.pb")))
            .collect(),
        output: files.remove("output_0.pb").unwrap_or_default(),
        model: files.remove("model.onnx").unwrap(),
        name,
    };
    files.into_iter().map(case).collect()
}

impl Case {
    fn given(&self) -> Result<Vec<Given>, Diagnostic> {
        self.inputs
            .iter()
            .map(|bytes| {
                Ok(Given {
                    name: None,
                    tensor: onnx::tensor(bytes, 1 << 20)?,
                })
            })
            .collect()
    }

    /// Imports the model. Where it has several outputs, the first is asked for: the others are
    /// numbers of winners and the like.
    fn import(&self) -> Result<Imported, Diagnostic> {
        let graph = Model::decode(&*self.model).unwrap().graph.unwrap();
        let outputs = if graph.output.len() > 1 {
            vec![graph.output[0].name.clone()]
        } else {
            Vec::new()
        };
        let request = Request {
            inputs: self.given()?,
            outputs,
            ..Request::default()
        };
        Ok(onnx::import(&self.model, &request, &NoFiles)?)
    }

    /// What the operators of the model are called; of a function's expansion only that it is one.
    fn operator(&self) -> String {
        let graph = Model::decode(&*self.model).unwrap().graph.unwrap();
        match &graph.node[..] {
            [only] => only.op_type.clone(),
            _ => "(several)".to_owned(),
        }
    }

    fn tolerance(&self) -> f64 {
        COARSE
            .iter()
            .find(|(part, _)| self.name.contains(part))
            .map_or(SINGLE, |&(_, tolerance)| tolerance)
    }
}

/// The names in a model, which is all that the tests themselves read of it.
#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
}

#[derive(Clone, PartialEq, Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    node: Vec<Node>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<Output>,
}

#[derive(Clone, PartialEq, Message)]
struct Node {
    #[prost(string, tag = "4")]
    op_type: String,
}

#[derive(Clone, PartialEq, Message)]
struct Output {
    #[prost(string, tag = "1")]
    name: String,
}

/// How far two numbers are apart, relative to the larger of the expected one and 1.
fn distance(found: f64, expected: f64) -> f64 {
    if found == expected || found.is_nan() && expected.is_nan() {
        0.0
    } else {
        (found - expected).abs() / expected.abs().max(1.0)
    }
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, tolerance: f64, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    for (at, (&found, &expected)) in found.data().iter().zip(expected.data()).enumerate() {
        assert!(
            distance(found, expected) <= tolerance,
            "{what} at {at} is {found}, expected {expected}"
        );
    }
}

/// The file with an imported scenario's tensors, before it is on any disk.
struct Weights<'a>(&'a Imported);

impl Files for Weights<'_> {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        assert_eq!(path, onnx::WEIGHTS);
        Ok(Box::new(Cursor::new(self.0.weights.clone())))
    }
}

/// Checks that the files of an imported scenario say what was imported.
#[track_caller]
fn assert_reads_back(imported: &Imported, what: &str) {
    let text = imported.text.as_bytes();
    let read = Scenario::read("net.json", text, &Weights(imported), Options::default()).unwrap();
    assert_eq!(parts(&read.network), parts(&imported.network), "{what}");
    let bits = |network: &Network, tensors: &BTreeMap<TensorId, Tensor>| {
        let named = tensors.iter().map(|(&id, tensor)| {
            let bits = tensor.data().iter().map(|number| number.to_bits());
            (network.tensor(id).name.clone(), bits.collect())
        });
        named.collect::<BTreeMap<String, Vec<u64>>>()
    };
    let (own, again) = (&imported.network, &read.network);
    assert_eq!(
        bits(again, &read.leaves),
        bits(own, &imported.leaves),
        "{what}"
    );
    assert_eq!(
        bits(again, &read.upstream),
        bits(own, &imported.upstream),
        "{what}"
    );
}

/// What a network is made of, in whatever order its parameters stand.
fn parts(network: &Network) -> (BTreeMap<&str, String>, Vec<String>) {
    let name = |id: TensorId| network.tensor(id).name.as_str();
    let tensors = network.tensors().iter().map(|tensor| {
        let is = format!("{:?} {} {:?}", tensor.kind, tensor.shape, tensor.view_of);
        (tensor.name.as_str(), is)
    });
    let layers = network.layers().iter().map(|layer| {
        let reads: Vec<_> = layer.roles().map(|(role, id)| (role, name(id))).collect();
        format!("{} is {:?} of {reads:?}", name(layer.output), layer.op)
    });
    (tensors.collect(), layers.collect())
}

/// How the cases of an operator went.
#[derive(Default)]
struct Tally {
    passed: usize,
    /// The cases that were declined, by the reason.
    declined: BTreeMap<String, Vec<String>>,
}

/// Runs the cases of an archive, and returns the table of how they went, an operator a row.
fn table(archive: &str) -> String {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in cases(archive) {
        let tally = tallies.entry(case.operator()).or_default();
        match case.import() {
            Ok(imported) => {
                assert_reads_back(&imported, &case.name);
                let (tape, output) = (imported.tape(), *imported.upstream.keys().next().unwrap());
                let expected = onnx::tensor(&case.output, 1 << 20).unwrap();
                assert_near(tape.value(output), &expected, case.tolerance(), &case.name);
                tally.passed += 1;
            }
            Err(problem) => tally
                .declined
                .entry(reason(&problem))
                .or_default()
                .push(case.name),
        }
    }
    let mut text = format!(
        "{:27}{:>6}{:>8}{:>10}\n",
        "operator", "cases", "passed", "declined"
    );
    for (operator, tally) in tallies {
        let declined = tally.declined.values().map(Vec::len).sum::<usize>();
        writeln!(
            text,
            "{operator:27}{:6}{:8}{declined:10}",
            tally.passed + declined,
            tally.passed
        )
        .unwrap();
        for (reason, names) in tally.declined {
            writeln!(text, "  {}: {reason}", names.len()).unwrap();
        }
    }
    text
}

/// Why a case was declined, without the name of the node.
fn reason(problem: &Diagnostic) -> String {
    let message = problem.to_string();
    match message.split_once(" (node") {
        Some((operator, rest)) => format!(
            "{operator}{}",
            rest.split_once(')').map_or("", |(_, says)| says)
        ),
        None => message,
    }
}

#[test]
fn operators_compute_what_onnx_says() {
    insta::assert_snapshot!("onnx_node_cases", table("node.zip"));
}

#[test]
fn models_of_the_first_years_compute_what_onnx_says() {
    insta::assert_snapshot!("onnx_pytorch_cases", table("pytorch.zip"));
}

#[test]
fn what_picks_resizes_recurs_and_attends_computes_what_onnx_says() {
    insta::assert_snapshot!("onnx_picking_cases", table("picking.zip"));
}

#[test]
fn what_slides_samples_and_loops_computes_what_onnx_says() {
    insta::assert_snapshot!("onnx_window_cases", table("windows.zip"));
}

/// The files beside the models.
struct Beside;

impl Files for Beside {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        let file = File::open(data("models").join(path))?;
        Ok(Box::new(BufReader::new(file)))
    }
}

fn read(kind: Kind, name: &str, key: Option<&str>) -> Tensor {
    let bytes = fs::read(data("models").join(name)).unwrap();
    let mut file = TensorFile::open(kind, Cursor::new(bytes)).unwrap();
    file.tensor(key, 1 << 20).unwrap()
}

fn request(name: &str, target: Option<&[usize]>) -> Request {
    Request {
        inputs: vec![Given {
            name: None,
            tensor: read(Kind::Npy, &format!("{name}.npy"), None),
        }],
        target: target.map(|classes| Target::Classes(classes.to_vec())),
        ..Request::default()
    }
}

/// Compares the gradients of an imported model with PyTorch's. `input` is what the input is called,
/// and `renamed` are the parameters that have other names here: the exporter saves equal weights
/// once.
fn gradients_are_pytorchs(
    name: &str,
    target: Option<&[usize]>,
    input: &str,
    renamed: &[(&str, &str)],
) {
    let model = fs::read(data("models").join(format!("{name}.onnx"))).unwrap();
    let imported = onnx::import(&model, &request(name, target), &Beside).unwrap();
    assert_reads_back(&imported, name);
    let backprop = Backprop::run(imported.tape(), imported.upstream.clone());
    let file = format!("{name}.safetensors");
    let gradients = File::open(data("models").join(&file)).unwrap();
    let gradients = TensorFile::open(Kind::Safetensors, gradients).unwrap();
    let keys = gradients.keys().iter();
    for key in keys.filter(|key| !key.starts_with("value/")) {
        let own = renamed
            .iter()
            .find(|(theirs, _)| theirs == key)
            .map_or(key.as_str(), |(_, own)| own);
        let own = if key == "grad/input" { input } else { own };
        let id = backprop
            .network()
            .find(own)
            .or_else(|| backprop.network().find(&format!("_{own}")))
            .unwrap_or_else(|| panic!("{name} has no {own}"));
        assert_near(
            backprop.gradient(id),
            &read(Kind::Safetensors, &file, Some(key)),
            1e-9,
            &format!("{name}: {own}"),
        );
    }
    if target.is_some() {
        let loss = backprop.network().find("loss").unwrap();
        assert_near(
            backprop.tape().value(loss),
            &read(Kind::Safetensors, &file, Some("value/loss")),
            1e-9,
            name,
        );
    }
}

#[test]
fn a_convnets_gradients_are_pytorchs() {
    gradients_are_pytorchs("lenet-torchscript", Some(&[3]), "image", &[]);
    gradients_are_pytorchs("lenet-dynamo", Some(&[3]), "image", &[]);
}

#[test]
fn a_residual_blocks_gradients_are_pytorchs() {
    gradients_are_pytorchs("resnet-torchscript", Some(&[1, 4]), "image", &[]);
    gradients_are_pytorchs("resnet-dynamo", Some(&[1, 4]), "image", &[]);
}

#[test]
fn a_transformer_blocks_gradients_are_pytorchs() {
    gradients_are_pytorchs("attention-torchscript", None, "input.1", &[]);
    gradients_are_pytorchs("attention-dynamo", None, "x", &[]);
}

#[test]
fn what_recurs_and_resizes_has_pytorchs_gradients() {
    for exporter in ["torchscript", "dynamo"] {
        for net in ["lstm", "gru", "upsampled", "causal", "embedding"] {
            gradients_are_pytorchs(&format!("{net}-{exporter}"), None, "x0", &[]);
        }
    }
}

#[test]
fn what_slides_samples_and_loops_has_pytorchs_gradients() {
    for name in [
        "volume-torchscript",
        "volume-dynamo",
        "response-torchscript",
        "response-dynamo",
        "folded-torchscript",
        "folded-dynamo",
        "turned-torchscript",
        "turned-dynamo",
        "unpooled-dynamo",
    ] {
        gradients_are_pytorchs(name, None, "x0", &[]);
    }
    for name in ["bag-torchscript", "bag-dynamo"] {
        gradients_are_pytorchs(name, None, "", &[]);
    }
}

/// The weights of a recurrent layer have PyTorch's names, and all of its steps read the same.
#[test]
fn what_an_exporter_has_taken_apart_has_pytorchs_gradients() {
    for name in [
        "rnn-dynamo",
        "grouped-torchscript",
        "grouped-dynamo",
        "padded-dynamo",
    ] {
        gradients_are_pytorchs(name, None, "x0", &[]);
    }
}

#[test]
fn what_a_file_no_longer_has_is_said() {
    let model = fs::read(data("models/padded-dynamo.onnx")).unwrap();
    let imported = onnx::import(&model, &request("padded-dynamo", None), &NoFiles).unwrap();
    let said = "no gradient here for `p.weight` and `t.weight`, which the file no longer has: the \
                exporter has worked out `embedding_1` and `embedding_2` beforehand; \
                `torch.onnx.export(..., optimize=False)` keeps all parameters";
    assert_eq!(imported.remarks, [said]);
}

#[test]
fn the_steps_of_a_recurrent_layer_share_its_weights() {
    for exporter in ["torchscript", "dynamo"] {
        let name = format!("lstm-{exporter}");
        let model = fs::read(data("models").join(format!("{name}.onnx"))).unwrap();
        let imported = onnx::import(&model, &request(&name, None), &Beside).unwrap();
        let weight = imported.network.find("r.weight_hh_l1_reverse").unwrap();
        assert_eq!(imported.network.users(weight).len(), 3);
        let said = imported.remarks.join("\n");
        assert!(said.contains("its gradient is the sum over all"), "{said}");
    }
}

#[test]
fn what_only_the_noted_call_says_has_pytorchs_gradients() {
    gradients_are_pytorchs("smoothing-dynamo", None, "x", &[]);
    gradients_are_pytorchs("training-dynamo", Some(&[1, 0, 2]), "x", &[]);
}

/// The parameters of an imported model, in the order of their names.
fn parameters(name: &str) -> Vec<String> {
    let model = fs::read(data("models").join(format!("{name}.onnx"))).unwrap();
    let imported = onnx::import(&model, &request(name, Some(&[2, 0])), &Beside).unwrap();
    let tensors = imported.network.tensors().iter();
    let parameters = tensors.filter(|tensor| matches!(tensor.kind, tape::Kind::Parameter(_)));
    let mut names: Vec<String> = parameters.map(|tensor| tensor.name.clone()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_weight_that_is_used_in_several_places_has_pytorchs_gradient() {
    let of_recurrent = ["fc.bias", "fc.weight", "hh.weight", "ih.bias", "ih.weight"];
    let of_tied = ["bias", "enc.bias", "enc.weight"];
    for exporter in ["torchscript", "dynamo"] {
        let [recurrent, tied] = ["recurrent", "tied"].map(|net| format!("{net}-{exporter}"));
        gradients_are_pytorchs(&recurrent, Some(&[2, 0]), "x", &[]);
        assert_eq!(parameters(&recurrent), of_recurrent);
        gradients_are_pytorchs(&tied, Some(&[2, 0]), "x", &[]);
        assert_eq!(parameters(&tied), of_tied);
    }
}

#[test]
fn weights_that_are_only_equal_have_pytorchs_gradients_each() {
    for exporter in ["torchscript", "dynamo"] {
        let merged = format!("merged-{exporter}");
        gradients_are_pytorchs(&merged, Some(&[2, 0]), "x", &[]);
        assert_eq!(parameters(&merged).len(), 10);
    }
}

#[test]
fn padding_of_one_side_is_the_layers_own() {
    gradients_are_pytorchs("max-pool-same", None, "x", &[]);
    gradients_are_pytorchs("conv-transpose-same", None, "x", &[("w", "y.weight")]);
    for name in ["max-pool-same", "conv-transpose-same"] {
        let model = fs::read(data("models").join(format!("{name}.onnx"))).unwrap();
        let imported = onnx::import(&model, &request(name, None), &NoFiles).unwrap();
        has(&imported.text, &["\"padding\": [[0, 1], [0, 1]]"]);
        assert_eq!(imported.tape().network().layers().len(), 1);
    }
}

#[test]
fn what_a_models_own_function_is_made_of_has_pytorchs_gradients() {
    let weights = [("w1", "f1.t.weight"), ("w2", "f2.t.weight")];
    gradients_are_pytorchs("own-functions", None, "x", &weights);
}

#[test]
fn a_model_is_a_scenario_that_people_can_read() {
    let model = fs::read(data("models/lenet-torchscript.onnx")).unwrap();
    let request = Request {
        title: "lenet.onnx".to_owned(),
        ..request("lenet-torchscript", Some(&[3]))
    };
    insta::assert_snapshot!(onnx::import(&model, &request, &NoFiles).unwrap().text);
}

/// A folder with an exported model, whose weights are in a file beside it, and its input.
fn folder() -> Folder {
    let folder = Folder::new();
    for name in [
        "lenet-dynamo.onnx",
        "lenet-dynamo.onnx.data",
        "lenet-dynamo.npy",
    ] {
        fs::copy(data("models").join(name), folder.path(name)).unwrap();
    }
    folder
}

#[test]
fn an_imported_model_opens() {
    let folder = folder();
    let ran = folder.run("import lenet-dynamo.onnx --input lenet-dynamo.npy --target 3 -o lenet");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(
        ran.err,
        "13 layers; to open them: backstep lenet/scenario.json\n"
    );
    let explained = folder.fine("explain lenet/scenario.json fc3.bias[3]");
    has(&explained, &["gradient of fc3.bias[3]"]);
    has(
        &folder.refused("import lenet-dynamo.onnx --input lenet-dynamo.npy -o lenet"),
        &["exists already", "`--force`"],
    );
    folder.fine(
        "import lenet-dynamo.onnx --input image=lenet-dynamo.npy --tensor conv2d_1 -o \
         lenet --force --quiet",
    );
    has(
        &folder.read("lenet/scenario.json"),
        &["\"upstream\": {\n    \"conv2\": { \"file\""],
    );
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    let folder = folder();
    let said = folder.refused("import lenet-dynamo.onnx -o lenet");
    has(
        &said,
        &[
            "the model needs its input `image` of shape [1, 1, 28, 28]",
            "--input image=FILE.npy",
        ],
    );
    let said =
        folder.refused("import lenet-dynamo.onnx --input lenet-dynamo.npy --target 10 -o lenet");
    has(
        &said,
        &["`target[0]` is 10, but `fc3` has 10 classes, numbered 0 to 9"],
    );
    has(
        &folder.refused("import lenet-dynamo.onnx --input no.npy -o lenet"),
        &["`no.npy` cannot be read"],
    );
    has(
        &folder.refused("import lenet-dynamo.onnx --input lenet-dynamo.onnx -o lenet"),
        &["arrays are read from .npy"],
    );
    has(
        &folder.refused("import lenet-dynamo.npy --input lenet-dynamo.npy -o lenet"),
        &["this is no ONNX file"],
    );
    fs::remove_file(folder.path("lenet-dynamo.onnx.data")).unwrap();
    let said = folder.refused("import lenet-dynamo.onnx --input lenet-dynamo.npy -o lenet");
    has(
        &said,
        &["is in the file `lenet-dynamo.onnx.data`, which cannot be used: there is no such file"],
    );
    assert!(!folder.path("lenet").exists());
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

/// Returns a model with a few bytes changed, or without its end.
fn damaged(model: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = model.to_vec();
    if dice.roll(4) == 0 {
        bytes.truncate(dice.roll(bytes.len()));
    }
    for _ in 0..dice.roll(4) {
        let at = dice.roll(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = dice.roll(256) as u8;
        }
    }
    bytes
}

#[test]
fn damaged_models_are_refused_or_imported_and_nothing_else() {
    let mut dice = Dice(1);
    let max_elements = 1 << 16;
    let whole = [
        "lenet-torchscript",
        "resnet-torchscript",
        "resnet-dynamo",
        "attention-torchscript",
    ]
    .map(|name| {
        let model = fs::read(data("models").join(format!("{name}.onnx"))).unwrap();
        (
            model,
            Request {
                max_elements,
                ..request(name, None)
            },
        )
    });
    let small = cases("node.zip")
        .into_iter()
        .chain(cases("pytorch.zip"))
        .filter_map(|case| {
            let inputs = case.given().ok()?;
            Some((
                case.model,
                Request {
                    inputs,
                    max_elements,
                    ..Request::default()
                },
            ))
        });
    let mut imported = 0;
    for ((model, request), n) in whole
        .into_iter()
        .map(|whole| (whole, 300))
        .chain(small.map(|small| (small, 12)))
    {
        for _ in 0..n {
            if let Ok(made) = onnx::import(&damaged(&model, &mut dice), &request, &Beside) {
                made.tape();
                imported += 1;
            }
        }
    }
    assert!(imported > 1000, "{imported}");
}
