//! `backstep import`: an ONNX model made a scenario.

use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::folder::Folder;
use super::input::{self, SCENARIO};
use super::output::FolderOutput;
use super::{Failure, Global, Outcome};
use crate::diagnostic::{Diagnostic, visible};
use crate::onnx::{self, Given, Imported, Request, Target, WEIGHTS};
use crate::scenario::tensor_file::{Kind, TensorFile};
use crate::tensor::Tensor;

/// Makes a scenario of an ONNX model, with its weights beside it.
///
/// Each node of the model becomes a layer, and a weight `fc.weight` keeps its name. What only works
/// out sizes is worked out, and what does nothing (`Identity`, `Dropout`) leaves no layer. Nodes
/// that no op of a scenario can express are refused, all of them at once.
///
/// With --target the scenario ends in a loss. Without it the upstream gradient of every output is
/// 1, as in the backward pass of the sum of all outputs; the scenario's `upstream` can be changed
/// afterwards.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep import lenet.onnx --input digit.npy --target 3 -o lenet/\n",
        "  backstep lenet/scenario.json",
    )
)]
pub(super) struct Arguments {
    /// The model: a file in the ONNX format, or `-` for stdin.
    #[arg(value_name = "MODEL")]
    model: String,
    /// The array for an input of the model: `.npy`, `.npz`, `.safetensors`, `.pt`, or `.pb` (a
    /// `TensorProto`). Without a name it is the model's next input. Its sizes take the place of
    /// those that the model leaves open.
    #[arg(long = "input", value_name = "[NAME=]FILE")]
    inputs: Vec<String>,
    /// What the output should have been: a class counted from 0 (or one for each sample: 3,1), for
    /// the cross-entropy of logits; or a file with an array, for the mean squared error.
    #[arg(long, value_name = "CLASS|FILE")]
    target: Option<String>,
    /// Begin the backward pass at this tensor of the model, instead of at its outputs.
    #[arg(long = "tensor", value_name = "NAME")]
    tensors: Vec<String>,
    /// Call the layers that make the model's outputs as those outputs are called, where no weight
    /// gives them a name.
    #[arg(long)]
    output_names: bool,
    /// Write the scenario and its weights to this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Overwrite files that exist.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let files = [SCENARIO, WEIGHTS].map(PathBuf::from);
    let output = FolderOutput::new(
        &arguments.output,
        arguments.force,
        &global.cancel,
        files.into_iter(),
    )?;
    let imported = import(arguments, global)?;
    for (name, bytes) in [
        (WEIGHTS, &*imported.weights),
        (SCENARIO, imported.text.as_bytes()),
    ] {
        output.write(Path::new(name), bytes)?;
    }
    if !global.quiet {
        tell(&imported, &arguments.output.join(SCENARIO))?;
    }
    Ok(Outcome::Fine)
}

fn import(arguments: &Arguments, global: &Global) -> Result<Imported, Diagnostic> {
    let limit = global.max_elements;
    let request = Request {
        title: title(&arguments.model),
        inputs: arguments
            .inputs
            .iter()
            .map(|text| given(text, limit))
            .collect::<Result<_, _>>()?,
        outputs: arguments.tensors.clone(),
        target: arguments
            .target
            .as_deref()
            .map(|text| target(text, limit))
            .transpose()?,
        names_of_outputs: arguments.output_names,
        max_elements: limit,
    };
    let model = input::model(&arguments.model)?;
    let folder = Folder::of_model(Path::new(&arguments.model));
    Ok(onnx::import(&model, &request, &folder)?)
}

/// The scenario's title: the name of the model's file, without its ending.
fn title(model: &str) -> String {
    let name = Path::new(model).file_stem().filter(|_| model != "-");
    name.map_or_else(
        || "a model".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Reads `NAME=FILE`, or a file alone.
fn given(text: &str, limit: usize) -> Result<Given, Diagnostic> {
    let (name, file) = text
        .split_once('=')
        .map_or((None, text), |(name, file)| (Some(name), file));
    Ok(Given {
        name: name.map(str::to_owned),
        tensor: array(file, name, limit)?,
    })
}

/// Reads a class, one for each sample, or the file of an array.
fn target(text: &str, limit: usize) -> Result<Target, Diagnostic> {
    let classes: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
    match classes {
        Ok(classes) => Ok(Target::Classes(classes)),
        Err(_) => Ok(Target::Values(array(text, None, limit)?)),
    }
}

/// Reads an array: the one of that name, where the file has several.
fn array(file: &str, name: Option<&str>, limit: usize) -> Result<Tensor, Diagnostic> {
    let bytes = input::bytes(file)?;
    if file.ends_with(".pb") {
        return Ok(onnx::tensor(&bytes, limit)?);
    }
    let kind = Kind::of(file).ok_or_else(|| {
        Diagnostic::new(format!("`{file}` is no file of an array"))
            .hinted("arrays are read from .npy, .npz, .safetensors, .pt and .pb files")
    })?;
    let read = TensorFile::open(kind, Cursor::new(bytes)).and_then(|mut tensors| {
        let key = name.filter(|name| tensors.has(name));
        tensors.tensor(key, limit)
    });
    read.map_err(|error| Diagnostic {
        hint: error.hint(),
        ..Diagnostic::new(format!("`{file}` cannot be used: {error}"))
    })
}

/// Says what was made, and what there is to know of it.
fn tell(imported: &Imported, path: &Path) -> io::Result<()> {
    let n = imported.network.layers().len();
    let mut stderr = io::stderr().lock();
    imported
        .remarks
        .iter()
        .try_for_each(|remark| writeln!(stderr, "{}", visible(remark)))?;
    writeln!(
        stderr,
        "{n} layer{}; to open them: backstep {}",
        if n == 1 { "" } else { "s" },
        visible(&path.to_string_lossy())
    )
}
