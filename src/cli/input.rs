//! The scenario that a command names: a file, stdin, or one of the gallery.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use clap::Args;

use super::folder::Folder;
use super::progress::Progress;
use super::{Failure, Global, report};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::{Diagnostic, did_you_mean, quote};
use crate::gallery;
use crate::marking::Answer;
use crate::scenario::{Asked, ReadSeek, Scenario};
use crate::system::is_pipe;
use crate::tape::TensorInfo;
use crate::tensor::{Address, Element, Shape, TensorId, parse_finite};
use crate::training::Training;
use crate::words;

/// The largest scenario file that is read; larger tensors belong in files of their own.
const LARGEST_FILE: u64 = 64 << 20;
/// The largest model that is read, which is the largest that there is: a model of more than 2 GiB
/// keeps its weights in other files.
const LARGEST_MODEL: u64 = 2 << 30;

/// What the scenario of a folder is called.
pub(super) const SCENARIO: &str = "scenario.json";
/// What the gradients are called that `capture` and `capture_jax` write beside it.
const RECORDED: [&str; 2] = ["gradients.pt", "gradients.npz"];

#[derive(Debug, Args)]
pub(super) struct ScenarioArgument {
    /// A scenario: a path, a folder with a `scenario.json`, `-` for stdin, or a name of the gallery
    /// (a file wins over a name).
    #[arg(value_name = "SCENARIO")]
    pub(super) scenario: String,
}

/// Reads the scenario of a name on the command line.
pub(super) fn scenario(name: &str, global: &Global) -> Result<Scenario, Diagnostic> {
    let name = &*file_of(name);
    let path = Path::new(name);
    match (path.exists(), gallery::find(name)) {
        (false, Some(item)) => item.open(global.options()),
        (false, None) if name != "-" && path.symlink_metadata().is_err() => Err(no_such(name)),
        _ if path.is_dir() => Err(about(name, &io::Error::other("it is a folder"))
            .hinted(format!("a folder is opened where it holds a `{SCENARIO}`"))),
        _ => scenario_in(name, bytes(name)?, global),
    }
}

/// The file of a scenario: in a folder that `capture`, `import` or `generate` wrote, the one there.
pub(super) fn file_of(name: &str) -> Cow<'_, str> {
    let inside = Path::new(name).join(SCENARIO);
    match inside.is_file() {
        true => Cow::Owned(inside.to_string_lossy().into_owned()),
        false => Cow::Borrowed(name),
    }
}

/// The files and folders of answers that are named, or else what was recorded beside the scenario.
pub(super) fn answers(named: &[String], scenario: &str) -> Result<Vec<String>, Diagnostic> {
    let recorded = recorded(scenario).filter(|_| named.is_empty());
    let answers: Vec<String> = named.iter().cloned().chain(recorded).collect();
    if answers.is_empty() {
        let problem = Diagnostic::new("no answer is given that could be marked");
        return Err(problem.hinted(
            "`backstep check SCENARIO ANSWER` takes files and folders; only a folder that \
             `capture` wrote has gradients of its own",
        ));
    }
    Ok(answers)
}

/// The gradients that `capture` recorded beside the scenario of a folder.
pub(super) fn recorded(folder: &str) -> Option<String> {
    let folder = Path::new(folder);
    let mut files = RECORDED.map(|name| folder.join(name)).into_iter();
    let file = files.find(|file| file.is_file())?;
    let is_recording = folder.join(SCENARIO).is_file();
    is_recording.then(|| file.to_string_lossy().into_owned())
}

/// Reads the scenario in the bytes of a file, or of stdin.
pub(super) fn scenario_in(
    name: &str,
    bytes: Vec<u8>,
    global: &Global,
) -> Result<Scenario, Diagnostic> {
    let folder = Folder::of_scenario(Path::new(name));
    let shown = if name == "-" { "stdin" } else { name };
    Scenario::read(shown, bytes, &folder, global.options())
}

/// Reads somebody's own gradients for a scenario.
pub(super) fn answer(file: &str, scenario: &Scenario) -> Result<Answer, Diagnostic> {
    let mut reader = open(file).map_err(|error| about(file, &error))?;
    let known = |id| scenario.leaves.get(&id);
    Ok(Answer::read_from(
        file,
        &mut reader,
        &scenario.network,
        &known,
    )?)
}

/// Reads how far a number may be off: a number of at least 0.
pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    match parse_finite(text) {
        Ok(tolerance) if tolerance >= 0.0 => Ok(tolerance),
        _ => Err("it must be a number of at least 0".to_owned()),
    }
}

/// Reads a file, or stdin.
pub(super) fn bytes(name: &str) -> Result<Vec<u8>, Diagnostic> {
    let bytes = if name == "-" {
        read(&mut io::stdin().lock())
    } else {
        read_file(Path::new(name))
    };
    let shown = if name == "-" { "stdin" } else { name };
    bytes.map_err(|error| about(shown, &error))
}

/// Reads a model, whose weights make it large, or stdin.
pub(super) fn model(name: &str) -> Result<Vec<u8>, Diagnostic> {
    let bytes = if name == "-" {
        read_up_to(&mut io::stdin().lock(), 0, LARGEST_MODEL)
    } else {
        read_file_up_to(Path::new(name), LARGEST_MODEL)
    };
    bytes.map_err(|error| about(name, &error))
}

/// Runs a scenario forward and backward, and remarks where it is not finite.
pub(super) fn backprop(scenario: &Scenario, global: &Global) -> Result<Backprop, Cancelled> {
    let tape = scenario.try_tape(&global.cancel)?;
    let backprop = Backprop::lazy(tape, scenario.upstream.clone()).stepping(scenario.stepped());
    backprop.complete(&global.cancel)?;
    if let Some(remark) = not_finite(&backprop, &global.cancel)? {
        report::remark(&remark, global);
    }
    Ok(backprop)
}

/// Runs the update of that number of a scenario that is trained, or the scenario as it is where no
/// number is given, and remarks where it is not finite.
pub(super) fn backprop_at(
    scenario: &Scenario,
    update: Option<usize>,
    global: &Global,
) -> Result<Backprop, Failure> {
    let Some(update) = update else {
        return Ok(backprop(scenario, global)?);
    };
    let mut training = training(scenario, update)?;
    let progress = Progress::of(update, global);
    let run = training.watched(update, &global.cancel, &mut |_| progress.advance(1))?;
    let backprop = run.stepping(scenario.stepped());
    backprop.complete(&global.cancel)?;
    if let Some(remark) = not_finite(&backprop, &global.cancel)? {
        report::remark(&remark, global);
    }
    Ok(backprop)
}

/// The training of a scenario, which has an update of that number.
pub(super) fn training(scenario: &Scenario, update: usize) -> Result<Training, Diagnostic> {
    let training = Training::of(Arc::new(scenario.clone())).ok_or_else(|| {
        Diagnostic::new("the scenario is not trained, so it has no updates")
            .hinted("the key `train` says how, as in \"train\": { \"optimizer\": \"sgd\" }")
    })?;
    let n_updates = training.n_updates();
    if update > n_updates {
        let message = format!("there is no update {update}: the scenario has {n_updates}");
        return Err(Diagnostic::new(message).hinted("`steps` in `train` says how many there are"));
    }
    Ok(training)
}

/// Reads the number of an update, counted from 1.
pub(super) fn update(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("updates are counted from 1".to_owned()),
    }
}

/// Says where the forward run of a scenario is not finite.
pub(super) fn not_finite(
    backprop: &Backprop,
    cancel: &Cancel,
) -> Result<Option<String>, Cancelled> {
    let said = words::not_finite(backprop, cancel)?;
    Ok(said.map(|said| format!("the forward run is not finite: {said}")))
}

pub(super) fn about(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("{} cannot be read: {error}", quote_path(name)))
}

/// A file's name in a message, whole: it is the user's own, and what they look for.
fn quote_path(name: &str) -> String {
    format!("`{name}`")
}

fn no_such(name: &str) -> Diagnostic {
    let problem = Diagnostic::new(format!(
        "there is no file {} and no scenario of that name in the gallery",
        quote_path(name)
    ));
    let hint = did_you_mean(name, gallery::ALL.iter().map(|item| item.name));
    problem.hinted(hint.unwrap_or_else(|| "`backstep` alone opens the gallery".to_owned()))
}

/// Opens a file that somebody names, to be read piece by piece; of a pipe or stdin, what has come
/// through it until its end.
pub(super) fn open(name: &str) -> io::Result<Box<dyn ReadSeek>> {
    let path = Path::new(name);
    let is_stream = name == "-" || is_pipe(&fs::metadata(path)?);
    Ok(match name {
        "-" => Box::new(Cursor::new(read(&mut io::stdin().lock())?)),
        _ if is_stream => Box::new(Cursor::new(read_file(path)?)),
        _ => Box::new(BufReader::new(regular(path)?)),
    })
}

/// Opens a regular file.
pub(super) fn regular(path: &Path) -> io::Result<File> {
    // Opening a pipe would wait for somebody to write to it.
    match fs::metadata(path)? {
        metadata if metadata.is_dir() => Err(io::Error::other("it is a folder")),
        metadata if metadata.is_file() => File::open(path),
        _ => Err(io::Error::other("it is no regular file")),
    }
}

/// Reads a file that somebody names: a regular one or a pipe, and not too large.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    read_file_up_to(path, LARGEST_FILE)
}

fn read_file_up_to(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    // A pipe is welcome, as in `backstep <(make-scenario)`; a device that never ends is not.
    if !metadata.is_file() && !is_pipe(&metadata) {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.len() > largest {
        return Err(too_large(largest));
    }
    let mut file = match is_pipe(&metadata) {
        true => pipe(path)?,
        false => File::open(path)?,
    };
    read_up_to(&mut file, metadata.len(), largest)
}

/// How long a pipe is waited for in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens a pipe, and says so where that waits for somebody to write to it.
fn pipe(path: &Path) -> io::Result<File> {
    let (is_open, opens) = mpsc::channel::<()>();
    let name = path.to_string_lossy().into_owned();
    thread::spawn(move || {
        if opens.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let says = format!("{} is a pipe to which nobody writes; waiting", quote(&name));
            // Where that cannot be said, it waits all the same.
            _ = writeln!(io::stderr(), "{says}");
        }
    });
    let file = File::open(path);
    drop(is_open);
    file
}

pub(super) fn read(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    read_up_to(reader, 0, LARGEST_FILE)
}

/// Reads to the end, for which a file says beforehand how much there is.
fn read_up_to(reader: &mut dyn Read, expected: u64, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    reader.take(largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        Err(too_large(largest))
    } else {
        Ok(bytes)
    }
}

fn too_large(largest: u64) -> io::Error {
    io::Error::other(format!(
        "it has more than {} MiB; keep large tensors in files of their own",
        largest >> 20
    ))
}

/// Returns the neuron of an address on the command line.
pub(super) fn element(scenario: &Scenario, text: &str) -> Result<Element, Diagnostic> {
    let elements = elements(scenario, text)?;
    match elements.places {
        Range { start, end } if end - start == 1 => Ok(elements.first()),
        _ => Err(elements.too_many(scenario)),
    }
}

/// The neurons that a name on the command line means: one, or all of a tensor.
pub(super) struct Elements {
    tensor: TensorId,
    places: Range<usize>,
}

impl Elements {
    pub(super) fn first(&self) -> Element {
        self.at(self.places.start)
    }

    /// All of them, where they are no more than so many.
    pub(super) fn up_to(
        self,
        most: usize,
        scenario: &Scenario,
    ) -> Result<Vec<Element>, Diagnostic> {
        match self.places.len() > most {
            true => Err(self.too_many(scenario)),
            false => Ok(self.places.clone().map(|at| self.at(at)).collect()),
        }
    }

    fn at(&self, at: usize) -> Element {
        let tensor = self.tensor;
        Element { tensor, at }
    }

    fn too_many(&self, scenario: &Scenario) -> Diagnostic {
        let TensorInfo { name, shape, .. } = scenario.network.tensor(self.tensor);
        let says = format!("`{name}` has {} neurons, so say which one", shape.numel());
        Diagnostic::new(says).hinted(neurons(name, shape))
    }
}

/// Returns the neurons of an address on the command line, all of its tensor where it has no index.
pub(super) fn elements(scenario: &Scenario, text: &str) -> Result<Elements, Diagnostic> {
    let address: Address = text.parse().map_err(|error| {
        Diagnostic::new(format!(
            "{} is no address of a neuron: {error}",
            quote(text)
        ))
        .hinted("it is a tensor's name and an index, as in `pool[0,1]`")
    })?;
    let tensor = tensor(scenario, &address.tensor)?;
    let network = &scenario.network;
    let TensorInfo { name, shape, .. } = network.tensor(tensor);
    let places = match (network.element(&address), &address.index) {
        (Some(element), _) => element.at..element.at + 1,
        (None, None) => 0..shape.numel(),
        (None, Some(_)) => {
            let says = format!(
                "there is no neuron {}: `{name}` has shape {shape}",
                quote(text)
            );
            return Err(Diagnostic::new(says).hinted(neurons(name, shape)));
        }
    };
    Ok(Elements { tensor, places })
}

/// Says which neurons a tensor has.
fn neurons(name: &str, shape: &Shape) -> String {
    let address = |at| Address::of(name, shape, at);
    match shape.numel() {
        1 => format!("its one neuron is {}", address(0)),
        n => format!("its neurons are {} to {}", address(0), address(n - 1)),
    }
}

/// Returns what names on the command line ask for, those of tensors and of neurons; nothing where
/// there are none.
pub(super) fn asked(scenario: &Scenario, names: &[String]) -> Result<Option<Asked>, Diagnostic> {
    let mut asked = Asked::default();
    for name in names.iter().flat_map(|names| between_commas(names)) {
        if name.contains('[') {
            let Element { tensor, at } = element(scenario, name)?;
            asked.ask(tensor, Some(at));
        } else {
            asked.ask(tensor(scenario, name)?, None);
        }
    }
    Ok((!names.is_empty()).then_some(asked))
}

/// The names in a list, whose commas are those that stand in no index.
fn between_commas(names: &str) -> impl Iterator<Item = &str> {
    let mut is_in_index = false;
    names.split(move |c: char| {
        is_in_index = c == '[' || (is_in_index && c != ']');
        c == ',' && !is_in_index
    })
}

/// Returns the tensor of a name on the command line.
pub(super) fn tensor(scenario: &Scenario, name: &str) -> Result<TensorId, Diagnostic> {
    scenario.network.find(name).ok_or_else(|| {
        let names = || {
            scenario
                .network
                .tensors()
                .iter()
                .map(|tensor| tensor.name.as_str())
        };
        let hint = did_you_mean(name, names()).unwrap_or_else(|| {
            let names: Vec<_> = names().take(20).collect();
            format!("its tensors are {}", names.join(", "))
        });
        Diagnostic::new(format!("the scenario has no tensor {}", quote(name))).hinted(hint)
    })
}
