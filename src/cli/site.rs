//! `backstep site`: scenarios as a web site.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::output::FolderOutput;
use super::progress::Progress;
use super::{Failure, Global, Outcome, input, report};
use crate::backprop::Backprop;
use crate::diagnostic::{Diagnostic, quote};
use crate::export::Subject;
use crate::export::site::{self, INDEX, Site};
use crate::gallery::{self, Group, Item};
use crate::scenario::Scenario;
use crate::training::Training;

/// Writes scenarios as a web site: a page to step through for each, and an index with a glossary.
///
/// The pages need no network and no program. They work from the folder and from any web server,
/// and in a frame of another page: `NAME.html#step=3` opens one at a step.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Examples:\n",
        "  backstep site -o public                   the gallery\n",
        "  backstep site -o public the-question week-4/*.json",
    ))]
pub(super) struct Arguments {
    /// The scenarios: paths, or names of the gallery. Left out, it is the whole gallery.
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Write to this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Overwrite files that exist.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let entries = arguments.entries(global)?;
    let index = file(INDEX);
    let files = entries.iter().map(|entry| file(&entry.name));
    let files = files.chain([index.clone()]);
    let output = FolderOutput::new(&arguments.output, arguments.force, &global.cancel, files)?;
    let progress = Progress::of(entries.len(), global);
    let mut site = Site::default();
    let mut too_large = Vec::new();
    for entry in entries {
        match entry.write(&output, global)? {
            Written::Page(runs) => site.add(&entry.name, entry.group, &entry.scenario, &runs),
            Written::TooLarge(problem) => too_large.push((entry.name, problem)),
        }
        progress.advance(1);
    }
    drop(progress);
    if site.is_empty() {
        let problem = too_large.into_iter().next().map(|(name, problem)| {
            Diagnostic::new(format!("{}: {}", quote(&name), problem.message))
        });
        return Err(problem
            .unwrap_or_else(|| Diagnostic::new("there is no scenario"))
            .into());
    }
    for (name, problem) in too_large {
        let says = format!("{} is left out: {}", quote(&name), problem.message);
        report::remark(&says, global);
    }
    output.write_by(&index, |out| site.write_index(out))?;
    Ok(Outcome::Fine)
}

/// A scenario and what its page is called, without its ending.
struct Entry {
    name: String,
    group: Option<Group>,
    scenario: Arc<Scenario>,
}

/// What became of a scenario.
enum Written {
    /// It has a page, with these runs on it, the later ones with the numbers of their updates.
    Page(Vec<(Option<usize>, Backprop)>),
    /// It is left out.
    TooLarge(Diagnostic),
}

impl Entry {
    /// Writes the page, where there is room for it.
    fn write(&self, output: &FolderOutput<'_>, global: &Global) -> Result<Written, Failure> {
        let scenario = &*self.scenario;
        let tape = scenario.try_tape(&global.cancel)?;
        let backprop = Backprop::lazy(tape, scenario.upstream.clone()).stepping(scenario.stepped());
        let subject = Subject {
            scenario,
            backprop: &backprop,
        };
        if let Err(problem) = site::check(subject) {
            return Ok(Written::TooLarge(problem));
        }
        backprop.complete(&global.cancel)?;
        let mut training = Training::of(Arc::clone(&self.scenario));
        let mut later = None;
        output.write_by(&file(&self.name), |out| {
            later = site::page(subject, training.as_mut(), &global.cancel, out)?;
            Ok(())
        })?;
        let later = later.map(|(update, run)| (Some(update), run));
        let runs = [(None, backprop)].into_iter().chain(later);
        Ok(Written::Page(runs.collect()))
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(format!("{name}.html"))
}

impl Arguments {
    /// The scenarios, all of which can be read and have pages of different names.
    fn entries(&self, global: &Global) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        // On some disks, names that differ in their case alone are the same.
        let mut taken = BTreeMap::from([(INDEX.to_owned(), "the index".to_owned())]);
        for given in self.given() {
            let name = given.page();
            let quoted = quote(given.text());
            if let Some(other) = taken.insert(name.to_lowercase(), quoted.clone()) {
                let message =
                    format!("the page of {quoted} would be `{name}.html`, and so would {other}");
                let hint = "a page is named after its scenario's file; another name helps";
                return Err(Diagnostic::new(message).hinted(hint).into());
            }
            entries.push(Entry {
                name,
                group: given.item().map(|item| item.group),
                scenario: Arc::new(given.open(global)?),
            });
        }
        Ok(entries)
    }

    /// What is named, or the whole gallery.
    fn given(&self) -> Vec<Given<'_>> {
        match self.scenarios.as_slice() {
            [] => gallery::ALL.iter().map(Given::Item).collect(),
            named => named.iter().map(|text| Given::of(text)).collect(),
        }
    }
}

/// Where a scenario comes from.
enum Given<'a> {
    /// From the gallery.
    Item(&'static Item),
    /// From a file, or from stdin.
    File(&'a str),
}

impl<'a> Given<'a> {
    /// What a name on the command line means: a file wins over the gallery.
    fn of(text: &'a str) -> Self {
        match gallery::find(text) {
            Some(item) if !Path::new(text).exists() => Self::Item(item),
            _ => Self::File(text),
        }
    }

    fn item(&self) -> Option<&'static Item> {
        match self {
            Self::Item(item) => Some(item),
            Self::File(_) => None,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Item(item) => item.name,
            Self::File(text) => text,
        }
    }

    /// What the page is called, without its ending.
    fn page(&self) -> String {
        let stem = match self {
            Self::Item(item) => return item.name.to_owned(),
            Self::File("-") => return "stdin".to_owned(),
            Self::File(text) => Path::new(text).file_stem(),
        };
        stem.unwrap_or_default().to_string_lossy().into_owned()
    }

    fn open(&self, global: &Global) -> Result<Scenario, Diagnostic> {
        match self {
            Self::Item(item) => item.open(global.options()),
            Self::File(text) => input::scenario(text, global),
        }
    }
}
