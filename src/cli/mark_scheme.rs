//! What answers are marked against: one scenario for all of them, or each student's own.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::answers::AnswerFile;
use super::{Global, input};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::{Diagnostic, quote};
use crate::marking::{
    Answer, ChosenTolerance, MarkScheme, Marked, Origin, Summary, Unreadable, Zeros,
};
use crate::report::Heading;
use crate::scenario::{ReadSeek, Scenario};

/// What a student's own scenario is called in their folder.
const OWN_SCENARIO: &str = "scenario.json";
/// How many numbers all answers of a batch may be asked for: about what is held in memory at a
/// time.
const BATCH: usize = 1 << 20;
/// The most answers of a batch.
const LARGEST_BATCH: usize = 128;

/// What is asked, and when a number is right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The names of tensors; none for those that the scenario asks for.
    pub(super) ask: &'a [String],
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
        asked: Asked<'a>,
        global: &'a Global,
    },
}

impl<'a> MarkSchemes<'a> {
    /// Reads the scenario of a name on the command line, or finds that there is one for each
    /// student.
    pub(super) fn of(name: &str, asked: Asked<'a>, global: &'a Global) -> Result<Self, Diagnostic> {
        let path = Path::new(name);
        if !path.is_dir() {
            return Ok(Self::One(Arc::new(
                asked.scheme(input::scenario(name, global)?)?,
            )));
        }
        let cannot =
            |error: std::io::Error| Diagnostic::new(format!("`{name}` cannot be read: {error}"));
        let folder = path.canonicalize().map_err(cannot)?;
        let mut entries = fs::read_dir(path).map_err(cannot)?.filter_map(Result::ok);
        if entries.any(|entry| entry.path().join(OWN_SCENARIO).is_file()) {
            return Ok(Self::Each {
                folder,
                asked,
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
            Self::Each { asked, .. } => Heading {
                title: String::new(),
                scenario_sha256: None,
                tolerance: asked.tolerance.or_usual(Origin::People),
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
        cancel: &Cancel,
        make: impl Fn(&MarkScheme, &Marked) -> Option<T>,
    ) -> Result<(Marked, Option<T>), Cancelled> {
        let (scheme, own, answer) = match self.read(file) {
            Ok(read) => read,
            Err(error) => {
                let marked = Marked::unreadable(&file.name, &file.student, error);
                let made = match self {
                    Self::One(scheme) => make(scheme, &marked),
                    Self::Each { .. } => None,
                };
                return Ok((marked, made));
            }
        };
        let mut marked = scheme.mark(&file.name, &file.student, &answer, cancel)?;
        if let Some(student) = own {
            marked.submission.student = student;
            marked.submission.scenario_sha256 = Some(scheme.sha256.clone());
        }
        let made = make(&scheme, &marked);
        marked.own = None;
        Ok((marked, made))
    }

    /// Reads an answer, with what it is marked against, and with whose it is where each student has
    /// a scenario of their own.
    fn read(
        &self,
        file: &AnswerFile,
    ) -> Result<(Arc<MarkScheme>, Option<String>, Answer), Unreadable> {
        let mut reader = file.open().map_err(Unreadable::File)?;
        let (scheme, own) = match self {
            Self::One(scheme) => (Arc::clone(scheme), None),
            Self::Each {
                folder,
                asked,
                global,
            } => {
                let (student, path) = own_scenario(folder, file, &mut reader)?;
                let scheme = input::scenario(&path.to_string_lossy(), global)
                    .and_then(|scenario| asked.scheme(scenario))
                    .map_err(|problem| Unreadable::Scenario {
                        student: student.clone(),
                        problem: Box::new(problem),
                    })?;
                (Arc::new(scheme), Some(student))
            }
        };
        let answer = Answer::read_from(&file.name, &mut reader, scheme.backprop.network())?;
        Ok((scheme, own, answer))
    }
}

/// Finds whose scenario belongs to an answer: by its place, which a student cannot choose, or else
/// by what it says itself.
fn own_scenario(
    folder: &Path,
    file: &AnswerFile,
    reader: &mut Box<dyn ReadSeek>,
) -> Result<(String, PathBuf), Unreadable> {
    let said = Answer::student_in(&file.name, reader).map_err(Unreadable::File)?;
    let of = |student: String| {
        let is_name = matches!(
            Path::new(&student).components().collect::<Vec<_>>()[..],
            [Component::Normal(_)]
        );
        let path = folder
            .join(&student)
            .join(OWN_SCENARIO)
            .canonicalize()
            .ok()
            .filter(|path| is_name && path.starts_with(folder));
        path.filter(|path| path.is_file())
            .map(|path| (student, path))
    };
    of(file.student.clone())
        .or_else(|| of(said.clone()?))
        .ok_or_else(|| {
            let said = said.filter(|said| *said != file.student);
            let students = [file.student.clone()].into_iter().chain(said);
            Unreadable::NoScenario {
                students: students.map(|student| quote(&student)).collect(),
            }
        })
}

impl Asked<'_> {
    fn scheme(self, mut scenario: Scenario) -> Result<MarkScheme, Diagnostic> {
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let mut tensors = match self.ask {
            [] => scenario.ask.clone(),
            names => {
                let tensors = names.iter().map(|name| input::tensor(&scenario, name));
                Some(tensors.collect::<Result<Vec<_>, _>>()?)
            }
        };
        let mut seen = std::collections::HashSet::new();
        if let Some(tensors) = &mut tensors {
            tensors.retain(|tensor| seen.insert(*tensor));
        }
        if !self.points.is_empty() {
            scenario.points.clear();
        }
        for (name, points) in self.points {
            let tensor = input::tensor(&scenario, name)?;
            scenario.points.insert(tensor, *points);
        }
        Ok(MarkScheme::new(scenario, backprop, tensors, self.tolerance).counting(self.zeros))
    }
}
