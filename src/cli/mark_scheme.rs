//! What answers are marked against: one scenario for all of them, or each student's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answers::AnswerFile;
use super::class::{Class, OWN_SCENARIO};
use super::{Global, input};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::{Diagnostic, quote};
use crate::marking::{
    Answer, AnswerError, ChosenTolerance, MarkScheme, Marked, Origin, Remark, Submission, Summary,
    Unreadable, Zeros,
};
use crate::report::{Expected, Heading};
use crate::scenario::{ReadSeek, Scenario};

/// How many numbers all answers of a batch may be asked for: about what is held in memory at a
/// time.
const BATCH: usize = 1 << 20;
/// The most answers of a batch.
const LARGEST_BATCH: usize = 128;

/// What is asked, and when a number is right.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkOptions<'a> {
    /// The names of tensors and neurons; none for those that the scenario asks for.
    pub(super) ask: &'a [String],
    /// The number of the update that is marked; the first where there is none.
    pub(super) update: Option<usize>,
    /// The points of tensors, in the place of the scenario's.
    pub(super) points: &'a [(String, f64)],
    pub(super) zeros: Zeros,
    pub(super) tolerance: ChosenTolerance,
}

/// What answers are marked against.
pub(super) enum MarkSchemes<'a> {
    /// All against the same.
    One(Arc<MarkScheme>),
    /// Each against the scenario in its own student's sub-folder.
    Each {
        /// The folder of those sub-folders.
        folder: PathBuf,
        class: &'a Class,
        options: MarkOptions<'a>,
        global: &'a Global,
    },
}

impl<'a> MarkSchemes<'a> {
    /// Reads the scenario of a name on the command line, or finds that there is one for each
    /// student.
    pub(super) fn of(
        name: &str,
        options: MarkOptions<'a>,
        class: &'a Class,
        global: &'a Global,
    ) -> Result<Self, Diagnostic> {
        let path = Path::new(name);
        if !path.is_dir() {
            return Ok(Self::One(Arc::new(
                options.scheme(input::scenario(name, global)?, global)?,
            )));
        }
        let cannot =
            |error: std::io::Error| Diagnostic::new(format!("`{name}` cannot be read: {error}"));
        let folder = path.canonicalize().map_err(cannot)?;
        let mut entries = fs::read_dir(path).map_err(cannot)?.filter_map(Result::ok);
        if entries.any(|entry| entry.path().join(OWN_SCENARIO).is_file()) {
            return Ok(Self::Each {
                folder,
                class,
                options,
                global,
            });
        }
        let message =
            format!("`{name}` is a folder, but none of its sub-folders holds a `{OWN_SCENARIO}`");
        Err(Diagnostic::new(message).hinted(format!(
            "name a scenario, or a folder with one for each student: ID/{OWN_SCENARIO}"
        )))
    }

    /// What holds for all submissions.
    pub(super) fn heading(&self) -> Heading {
        match self {
            Self::One(scheme) => Heading::of(scheme),
            Self::Each { options, .. } => Heading {
                title: String::new(),
                scenario_sha256: None,
                tolerance: options.tolerance.or_usual(Origin::People),
                expected: Expected::default(),
                tensors: Vec::new(),
            },
        }
    }

    /// The summary of no answers.
    pub(super) fn summary(&self) -> Summary {
        match self {
            Self::One(scheme) => Summary::new(scheme),
            Self::Each { .. } => Summary::default(),
        }
    }

    /// How many answers are marked at a time.
    pub(super) fn batch(&self) -> usize {
        match self {
            Self::One(scheme) => {
                let n_numbers: usize = scheme.shapes().map(|(_, shape)| shape.numel()).sum();
                (BATCH / n_numbers.max(1)).clamp(1, LARGEST_BATCH)
            }
            Self::Each { .. } => LARGEST_BATCH,
        }
    }

    /// Marks an answer, and makes something of its marks while they are all there. What cannot be
    /// read is said of it.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn mark<T>(
        &self,
        file: &AnswerFile,
        remarks: impl Fn(&mut Submission),
        cancel: &Cancel,
        make: impl Fn(Option<&MarkScheme>, &Marked) -> T,
    ) -> Result<(Marked, T), Cancelled> {
        let unreadable = |scheme: Option<&MarkScheme>, error| {
            let student = Some(&file.student).filter(|student| !student.is_empty());
            let student = student.unwrap_or(&file.name);
            let marked = match scheme {
                Some(scheme) => scheme.unreadable(&file.name, student, error),
                None => Marked::unreadable(&file.name, student, error),
            };
            let made = make(scheme, &marked);
            Ok((marked, made))
        };
        let mut reader = match file.open() {
            Ok(reader) => reader,
            Err(error) => return unreadable(self.only(), Unreadable::File(error)),
        };
        let scheme = match self.scheme(file, &mut reader) {
            Ok(scheme) => scheme,
            Err(error) => return unreadable(None, error),
        };
        let answer = match read(&file.name, &mut reader, &scheme) {
            Ok(answer) => answer,
            Err(error) => return unreadable(Some(&scheme), error.into()),
        };
        let mut marked = scheme.mark(&file.name, &file.student, &answer, cancel)?;
        if let Self::Each { .. } = self {
            marked.submission.scenario_sha256 = Some(scheme.sha256.clone());
        }
        self.say_whose(&answer, &mut marked.submission);
        remarks(&mut marked.submission);
        let made = make(Some(&scheme), &marked);
        marked.own = None;
        Ok((marked, made))
    }

    /// Says whose exercise it is that an answer is one to, where it is another than its own.
    fn say_whose(&self, answer: &Answer, submission: &mut Submission) {
        let (Self::Each { class, .. }, Some(exercise)) = (self, &answer.exercise) else {
            return;
        };
        for remark in &mut submission.remarks {
            if let Remark::Exercise { of } = remark {
                *of = class.owner(exercise).map(str::to_owned);
            }
        }
    }

    /// What all answers are marked against, where that is the same.
    fn only(&self) -> Option<&MarkScheme> {
        match self {
            Self::One(scheme) => Some(scheme),
            Self::Each { .. } => None,
        }
    }

    /// What an answer is marked against.
    fn scheme(
        &self,
        file: &AnswerFile,
        reader: &mut Box<dyn ReadSeek>,
    ) -> Result<Arc<MarkScheme>, Unreadable> {
        match self {
            Self::One(scheme) => Ok(Arc::clone(scheme)),
            Self::Each {
                folder,
                options,
                global,
                ..
            } => {
                let path = own_scenario(folder, file, reader)?;
                let scheme = input::scenario(&path.to_string_lossy(), global)
                    .and_then(|scenario| options.scheme(scenario, global))
                    .map_err(|problem| Unreadable::Scenario {
                        student: file.student.clone(),
                        problem: Box::new(problem),
                    })?;
                Ok(Arc::new(scheme))
            }
        }
    }
}

/// Reads an answer for what it is marked against.
fn read(
    file_name: &str,
    reader: &mut Box<dyn ReadSeek>,
    scheme: &MarkScheme,
) -> Result<Answer, AnswerError> {
    let (network, tape) = (scheme.backprop.network(), scheme.backprop.tape());
    let known = |id| Some(tape.value(id));
    Answer::read_from(file_name, reader, network, &known)
}

/// Returns the scenario that belongs to an answer, by whose it was found to be.
fn own_scenario(
    folder: &Path,
    file: &AnswerFile,
    reader: &mut Box<dyn ReadSeek>,
) -> Result<PathBuf, Unreadable> {
    let own = file.folder.as_ref().and_then(|own| {
        let path = folder.join(own).join(OWN_SCENARIO).canonicalize().ok()?;
        (path.starts_with(folder) && path.is_file()).then_some(path)
    });
    if let Some(own) = own {
        return Ok(own);
    }
    let said = Answer::said_in(&file.name, reader).map_err(Unreadable::File)?;
    let students = [Some(file.student.clone()), said.student]
        .into_iter()
        .flatten();
    let mut students: Vec<String> = students.filter(|student| !student.is_empty()).collect();
    students.dedup();
    Err(Unreadable::NoScenario {
        students: students.iter().map(|student| quote(student)).collect(),
    })
}

impl MarkOptions<'_> {
    pub(super) fn scheme(
        self,
        mut scenario: Scenario,
        global: &Global,
    ) -> Result<MarkScheme, Diagnostic> {
        let given_up = |_| Diagnostic::new("it was given up");
        let backprop = match self.update {
            None => Backprop::run(scenario.tape(), scenario.upstream.clone()),
            Some(update) => input::training(&scenario, update)?
                .at(update, &global.cancel)
                .map_err(given_up)?,
        };
        let backprop = backprop.stepping(scenario.stepped());
        let asked = input::asked(&scenario, self.ask)?.or_else(|| scenario.ask.clone());
        if !self.points.is_empty() {
            scenario.points.clear();
        }
        for (name, points) in self.points {
            let tensor = input::tensor(&scenario, name)?;
            scenario.points.insert(tensor, *points);
        }
        Ok(MarkScheme::new(scenario, backprop, asked, self.tolerance).counting(self.zeros))
    }
}
