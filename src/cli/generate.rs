//! `backstep generate`: fresh exercises, one or many, or one for each student of a class.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;

use super::class::roster;
use super::output::{FolderOutput, OutputArguments};
use super::progress::Progress;
use super::{Failure, Global, Outcome, input, worksheet};
use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, did_you_mean, quote};
use crate::exercise::{
    Exercise, Format, Generator, Inseparable, Level, Origin, OwnError, Student, Template,
    Worksheet, asked, format, template, templates,
};
use crate::scenario::Scenario;
use crate::text::shortened_name;

/// Makes fresh exercises whose numbers are small and tell the slips apart.
///
/// Without a template it lists them. A scenario of your own is a template too: the same network,
/// with other numbers of the same kind. An exercise is drawn from its seed: the same seed gives the
/// same one, on every machine. What its numbers cannot tell apart is said on stderr and in the key.
///
/// With --count or --roster every exercise has a folder: with `scenario.json`, the worksheets, and
/// `key.json`, which is the teacher's.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep generate                                         the templates\n",
        "  backstep generate pool-to-fc --seed 7 -o homework.json\n",
        "  backstep generate my.json --seed 7 -o homework.json\n",
        "  backstep generate mlp --level 3 --count 5 -o exercises/\n",
        "  backstep generate pool-to-conv --roster students.csv --assignment 'week 4' -o week-4/",
    )
)]
pub(super) struct Arguments {
    /// The template, or the file of a scenario of your own; left out, the templates are listed.
    #[arg(value_name = "TEMPLATE")]
    template: Option<String>,
    /// List the templates and what each practises.
    #[arg(long, conflicts_with = "template")]
    list: bool,
    /// How much there is to do in a template: 1, 2 or 3. Left out, it is 2.
    #[arg(long, value_name = "LEVEL", value_parser = level, requires = "template")]
    level: Option<Level>,
    /// Which of the template's exercises.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "template",
        conflicts_with = "assignment"
    )]
    seed: u64,
    /// A name to draw the exercises from, instead of a seed.
    #[arg(long, value_name = "NAME", requires = "template")]
    assignment: Option<String>,
    /// Make this many, each in a numbered folder of the output.
    #[arg(long, value_name = "N", requires_all = ["template", "output"],
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: Option<u32>,
    /// Make one for each student of this table in CSV, each in a folder that has the student's id
    /// for its name.
    #[arg(long, value_name = "FILE", requires_all = ["template", "output"],
        conflicts_with = "count")]
    roster: Option<PathBuf>,
    /// The roster's column with the ids; left out, the first with a usual name (id, student, email,
    /// ...), or the only one.
    #[arg(long, value_name = "COLUMN", requires = "roster")]
    id_column: Option<String>,
    /// The worksheets in each folder: several formats with commas between, or the option again for
    /// each.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_values = ["html", "csv"],
        value_parser = worksheet::formats())]
    worksheet: Vec<String>,
    /// Write to this file instead of stdout; with --count and --roster, to this folder.
    #[arg(short, long, value_name = "FILE", requires = "template")]
    output: Option<PathBuf>,
    /// Leave the folders that exist as they are, and make only those of who came later.
    #[arg(long, requires = "roster", conflicts_with = "force")]
    add: bool,
    /// Overwrite files that exist.
    #[arg(long, requires = "output")]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let Some(name) = &arguments.template else {
        return listed();
    };
    let source = arguments.source(name, global)?;
    let students = match (&arguments.roster, arguments.count, &arguments.output) {
        (Some(roster), _, Some(folder)) => Some((arguments.roster(roster)?, folder)),
        (None, Some(count), Some(folder)) => Some((numbered(count), folder)),
        _ => None,
    };
    match students {
        None => one(arguments, source, global),
        Some((mut places, folder)) => {
            if arguments.add {
                places.retain(|place| !folder.join(&place.folder).exists());
            }
            Class { arguments, places }.write(source, folder, global)
        }
    }
}

/// What exercises are drawn of.
enum Source {
    Template(&'static Template, Level),
    /// A scenario, with the name of its file.
    Own(Box<Scenario>, String),
}

impl Source {
    fn generator(self, global: &Global) -> Result<Generator, Failure> {
        let cancel = &global.cancel;
        match self {
            Self::Template(template, level) => Ok(Generator::new(template, level, cancel)?),
            Self::Own(scenario, name) => {
                Generator::of_own(*scenario, cancel).map_err(|error| no_template(&name, error))
            }
        }
    }
}

/// Says why nothing can be drawn of something.
fn no_template(name: &str, error: OwnError) -> Failure {
    match error {
        OwnError::Cancelled(cancelled) => cancelled.into(),
        error => Diagnostic::new(format!("{} is no template: {error}", quote(name))).into(),
    }
}

/// Lists the templates.
fn listed() -> Result<Outcome, Failure> {
    let width = templates()
        .map(|template| template.name.len())
        .max()
        .unwrap_or(0);
    let mut out = io::stdout().lock();
    templates().try_for_each(|template| {
        writeln!(out, "{:width$}  {}", template.name, template.practises)
    })?;
    Ok(Outcome::Fine)
}

fn unknown(name: &str) -> Diagnostic {
    let problem = Diagnostic::new(format!("there is no template {}", quote(name)));
    let hint = did_you_mean(name, templates().map(|template| template.name));
    problem.hinted(hint.unwrap_or_else(|| {
        "`backstep generate` lists them; a scenario of your own is named by its file".to_owned()
    }))
}

fn level(text: &str) -> Result<Level, String> {
    let found = Level::ALL
        .into_iter()
        .find(|level| level.number().to_string() == text);
    found.ok_or_else(|| "the levels are 1, 2 and 3".to_owned())
}

/// Makes one exercise, as a scenario alone.
fn one(arguments: &Arguments, source: Source, global: &Global) -> Result<Outcome, Failure> {
    let output = OutputArguments {
        output: arguments.output.clone(),
        force: arguments.force,
    };
    output.check()?;
    let generator = source.generator(global)?;
    let seed = generator.seed(&[&arguments.assignment(), "1"]);
    let exercise = generator.exercise(seed, &global.cancel);
    let exercise = exercise.map_err(|error| no_template(generator.source(), error))?;
    output.write(&global.cancel, |out| {
        out.write_all(exercise.json.as_bytes())
    })?;
    if !global.quiet {
        let mut stderr = io::stderr().lock();
        exercise
            .inseparable
            .iter()
            .try_for_each(|one| writeln!(stderr, "{}", told(one)))?;
    }
    Ok(Outcome::Fine)
}

/// The longest name of a tensor that is told whole.
const LONGEST_NAME: usize = 60;

/// Says what an exercise cannot tell apart.
fn told(one: &Inseparable) -> String {
    let slips: Vec<String> = one.slips.iter().map(|slip| format!("`{slip}`")).collect();
    let tensor = shortened_name(&one.tensor, LONGEST_NAME);
    format!("{tensor}: {} {}", slips.join(" and "), one.why())
}

/// Where an exercise goes, and whose it is.
struct Place {
    folder: String,
    /// What it is drawn from, beside the assignment.
    word: String,
    student: Option<String>,
}

/// The places of numbered exercises.
fn numbered(count: u32) -> Vec<Place> {
    let width = count.to_string().len();
    (1..=count)
        .map(|n| Place {
            folder: format!("{n:0width$}"),
            word: n.to_string(),
            student: None,
        })
        .collect()
}

/// The exercises of a class.
struct Class<'a> {
    arguments: &'a Arguments,
    places: Vec<Place>,
}

impl Class<'_> {
    fn write(&self, source: Source, folder: &Path, global: &Global) -> Result<Outcome, Failure> {
        let formats = self.arguments.formats();
        let files = self.places.iter().flat_map(|place| names(place, &formats));
        let output = FolderOutput::new(folder, self.arguments.force, &global.cancel, files)?;
        let generator = source.generator(global)?;
        let progress = Progress::of(self.places.len(), global);
        let make = |place| {
            let inseparable = self.make(&generator, place, &formats, &output, &global.cancel);
            progress.advance(1);
            inseparable
        };
        let all: Vec<Vec<Inseparable>> =
            self.places.par_iter().map(make).collect::<Result<_, _>>()?;
        drop(progress);
        if !global.quiet {
            let mut told: Vec<(Inseparable, usize)> = Vec::new();
            let all = all.into_iter().flatten();
            all.for_each(|one| count(&mut told, one));
            self.summary(&told)?;
        }
        Ok(Outcome::Fine)
    }

    /// Makes the files of one exercise, and returns what its numbers do not tell apart.
    fn make(
        &self,
        generator: &Generator,
        place: &Place,
        formats: &[&'static Format],
        output: &FolderOutput<'_>,
        cancel: &Cancel,
    ) -> Result<Vec<Inseparable>, Failure> {
        let assignment = self.arguments.assignment();
        let seed = generator.seed(&[&assignment, &place.word]);
        let exercise = generator.exercise(seed, cancel);
        let exercise = exercise.map_err(|error| no_template(generator.source(), error))?;
        let student = place.student.as_deref();
        let origin = Origin {
            template: generator.source(),
            level: generator.level().map(Level::number),
            assignment: &assignment,
            student,
        };
        for (name, kind) in names(place, formats).zip(kinds(formats)) {
            let mut bytes = Vec::new();
            match kind {
                FileKind::Scenario => bytes.extend_from_slice(exercise.json.as_bytes()),
                FileKind::Worksheet(format) => sheet(&exercise, student, format, &mut bytes)?,
                FileKind::Key => exercise.write_key(origin, &mut bytes)?,
            }
            output.write(&name, &bytes)?;
        }
        Ok(exercise.inseparable)
    }

    /// Says what was made, and what its numbers cannot tell apart.
    fn summary(&self, told: &[(Inseparable, usize)]) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        let n = self.places.len();
        writeln!(stderr, "{n} exercise{}", if n == 1 { "" } else { "s" })?;
        told.iter().try_for_each(|(one, times)| {
            writeln!(stderr, "  in {times} of {n}, {}", self::told(one))
        })
    }
}

/// What a file of an exercise's folder is.
enum FileKind {
    Scenario,
    Worksheet(&'static Format),
    Key,
}

fn kinds(formats: &[&'static Format]) -> impl Iterator<Item = FileKind> {
    let worksheets = formats.iter().copied().map(FileKind::Worksheet);
    [FileKind::Scenario]
        .into_iter()
        .chain(worksheets)
        .chain([FileKind::Key])
}

/// The names of an exercise's files, within the folder of the class.
fn names(place: &Place, formats: &[&'static Format]) -> impl Iterator<Item = PathBuf> {
    kinds(formats).map(|kind| match kind {
        FileKind::Scenario => Path::new(&place.folder).join("scenario.json"),
        FileKind::Worksheet(format) => {
            let name = place
                .student
                .as_ref()
                .map_or("worksheet", |_| &place.folder);
            Path::new(&place.folder).join(format!("{name}.{}", format.name))
        }
        FileKind::Key => Path::new(&place.folder).join("key.json"),
    })
}

fn sheet(
    exercise: &Exercise,
    student: Option<&str>,
    format: &Format,
    out: &mut Vec<u8>,
) -> Result<(), Failure> {
    let Exercise {
        scenario, backprop, ..
    } = exercise;
    let worksheet = Worksheet {
        scenario,
        backprop,
        asked: asked(scenario, backprop),
        student,
    };
    format
        .check(&worksheet)
        .map_err(|unfit| worksheet::too_large(format, &unfit))?;
    Ok((format.write)(&worksheet, out)?)
}

/// Counts in how many exercises the same is said.
fn count(told: &mut Vec<(Inseparable, usize)>, one: Inseparable) {
    match told.iter_mut().find(|(known, _)| *known == one) {
        Some((_, n)) => *n += 1,
        None => told.push((one, 1)),
    }
}

impl Arguments {
    /// The template of a name, or else the scenario in a file.
    fn source(&self, name: &str, global: &Global) -> Result<Source, Diagnostic> {
        if let Some(template) = template(name) {
            return Ok(Source::Template(template, self.level.unwrap_or(Level::Two)));
        }
        if name != "-" && !name.ends_with(".json") && !Path::new(name).is_file() {
            return Err(unknown(name));
        }
        if self.level.is_some() {
            let problem = Diagnostic::new("a scenario of your own has no levels");
            return Err(problem.hinted("`--level` is for the templates"));
        }
        let scenario = input::scenario(name, global)?;
        Ok(Source::Own(Box::new(scenario), name.to_owned()))
    }

    /// The name of the assignment, from which the exercises are drawn.
    fn assignment(&self) -> String {
        self.assignment
            .clone()
            .unwrap_or_else(|| format!("seed {}", self.seed))
    }

    /// The formats of the worksheets, each once.
    fn formats(&self) -> Vec<&'static Format> {
        let mut formats: Vec<&'static Format> = Vec::new();
        for known in self.worksheet.iter().filter_map(|name| format(name)) {
            if !formats.iter().any(|format| format.name == known.name) {
                formats.push(known);
            }
        }
        formats
    }

    fn roster(&self, path: &Path) -> Result<Vec<Place>, Diagnostic> {
        let roster = roster(path, self.id_column.as_deref())?;
        let place = |Student { id, folder, .. }| Place {
            folder,
            word: format!("student {id}"),
            student: Some(id),
        };
        Ok(roster.students.into_iter().map(place).collect())
    }
}
