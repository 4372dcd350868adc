//! `backstep autograder`: a scenario as the folder that a grader takes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::folder::Folder;
use super::mark_scheme::MarkOptions;
use super::output::FolderOutput;
use super::{Failure, Global, Outcome, input};
use crate::diagnostic::{Diagnostic, quote};
use crate::gallery;
use crate::marking::{ChosenTolerance, Zeros};
use crate::scenario::{Files, OpenError, ReadSeek, Scenario};

/// Writes a scenario as the folder that a grader takes: Gradescope, or otter-grader.
///
/// For Gradescope the folder holds the scripts that it runs, the scenario and this program; a zip
/// of what is in it is an autograder. For otter-grader it holds a test for each tensor that is
/// asked, which takes the array `gradients["NAME"]` of a notebook, and the module that they ask.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep autograder homework.json -o autograder\n",
        "  (cd autograder && zip -r ../autograder.zip .)\n",
        "  backstep autograder homework.json --for otter -o homework/grading",
    )
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: input::ScenarioArgument,
    /// The grader.
    #[arg(long = "for", value_enum, value_name = "GRADER", default_value_t = Grader::Gradescope)]
    grader: Grader,
    /// The tensors and neurons that are marked. Left out, the scenario says which.
    #[arg(long, value_name = "NAME")]
    ask: Vec<String>,
    /// The program for the machine that Gradescope runs, which is Linux; left out, this one.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Write to this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Overwrite files that exist.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grader {
    Gradescope,
    Otter,
}

const SCENARIO: &str = "scenario.json";
const PROGRAM: &str = "backstep";

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let name = &arguments.scenario.scenario;
    let source = Source::of(name)?;
    let scenario = Scenario::read(name, source.text.as_slice(), &source, global.options())?;
    let scheme = MarkOptions {
        ask: &arguments.ask,
        update: None,
        points: &[],
        zeros: Zeros::default(),
        tolerance: ChosenTolerance::default(),
    }
    .scheme(scenario, global)?;
    let mut files = source.read()?;
    match arguments.grader {
        Grader::Gradescope => {
            files.push((
                "setup.sh".into(),
                include_bytes!("autograder/setup.sh").to_vec(),
            ));
            files.push(("run_autograder".into(), run_autograder(&arguments.ask)));
            files.push((PROGRAM.into(), program(arguments.program.as_deref())?));
        }
        Grader::Otter => {
            files.push((
                "grades.py".into(),
                include_bytes!("autograder/grades.py").to_vec(),
            ));
            files.extend(scheme.points().map(|(tensor, points)| {
                (
                    format!("tests/{tensor}.py").into(),
                    test(tensor, points).into_bytes(),
                )
            }));
        }
    }
    let output = FolderOutput::new(
        &arguments.output,
        arguments.force,
        &global.cancel,
        files.iter().map(|(file, _)| file.clone()),
    )?;
    for (file, bytes) in &files {
        output.write(file, bytes)?;
    }
    Ok(Outcome::Fine)
}

/// A scenario's file as it is, and the tensor files that are read for it.
struct Source {
    text: Vec<u8>,
    folder: Box<dyn Files>,
    /// The names of those files.
    files: RefCell<BTreeSet<String>>,
}

impl Source {
    fn of(name: &str) -> Result<Self, Diagnostic> {
        let path = Path::new(name);
        let (text, folder): (Vec<u8>, Box<dyn Files>) = match gallery::find(name) {
            Some(item) if !path.exists() => (item.json().into(), Box::new(gallery::Embedded)),
            _ => (input::bytes(name)?, Box::new(Folder::of_scenario(path))),
        };
        let files = RefCell::default();
        Ok(Self {
            text,
            folder,
            files,
        })
    }

    /// Reads them all, once it is known that a scenario can be made of them: what is too large for
    /// one is never read whole.
    fn read(self) -> Result<Vec<(PathBuf, Vec<u8>)>, Diagnostic> {
        let mut all: Vec<(PathBuf, Vec<u8>)> = vec![(SCENARIO.into(), self.text)];
        for path in self.files.into_inner() {
            let cannot =
                |why: String| Diagnostic::new(format!("{} cannot be read: {why}", quote(&path)));
            let mut file = self
                .folder
                .open(&path)
                .map_err(|error| cannot(error.to_string()))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)
                .map_err(|error| cannot(error.to_string()))?;
            all.push((PathBuf::from(&path), bytes));
        }
        Ok(all)
    }
}

impl Files for Source {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        self.files.borrow_mut().insert(path.to_owned());
        self.folder.open(path)
    }
}

/// What Gradescope runs for each submission.
fn run_autograder(ask: &[String]) -> Vec<u8> {
    let script = include_str!("autograder/run_autograder");
    let asked = ask.iter().map(|name| format!(" --ask '{name}'"));
    let with_asked = format!("submission{} --best", asked.collect::<String>());
    script
        .replace("submission --best", &with_asked)
        .into_bytes()
}

/// The test of a tensor. What a tensor may be called needs no escape in Python.
fn test(tensor: &str, points: f64) -> String {
    include_str!("autograder/test.py")
        .replace("{tensor}", tensor)
        .replace("{points}", &points.to_string())
}

/// The program that is brought along.
fn program(given: Option<&Path>) -> Result<Vec<u8>, Diagnostic> {
    let own = || {
        let hint = "`--program` takes the file of one for Linux";
        match std::env::current_exe() {
            Ok(own) if cfg!(target_os = "linux") => Ok(own),
            _ => Err(
                Diagnostic::new("Gradescope runs Linux, and this program does not").hinted(hint),
            ),
        }
    };
    let path = given.map_or_else(own, |path| Ok(path.to_owned()))?;
    std::fs::read(&path).map_err(|error| {
        let path = quote(&path.to_string_lossy());
        Diagnostic::new(format!("{path} cannot be read: {error}"))
    })
}
