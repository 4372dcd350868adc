//! The answers that a command line names: files, stdin, and folders with a file or a sub-folder for
//! each student.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::input;
use crate::diagnostic::{Diagnostic, visible};
use crate::scenario::ReadSeek;

/// How the files of answers end.
const ENDINGS: [&str; 6] = ["json", "csv", "npz", "safetensors", "pt", "pth"];
/// What lies beside an answer and is none: the student's own scenario and its key.
const NO_ANSWERS: [&str; 2] = ["scenario.json", "key.json"];
/// What systems and archives leave behind.
const LEFT_BEHIND: [&str; 3] = ["__MACOSX", "Thumbs.db", "desktop.ini"];
/// How deep sub-folders are looked into.
const DEEPEST: usize = 8;

/// A file that may hold an answer.
#[derive(Debug)]
pub(super) struct AnswerFile {
    /// Its name in the report: as it was given, or within the folder that was given.
    pub(super) name: String,
    /// Whose it is: by the class, or else by its place, which is the name of the sub-folder or the
    /// file's own without its ending. Of stdin nothing is known.
    pub(super) student: String,
    /// The folder of that student's own scenario, where there is one.
    pub(super) folder: Option<String>,
    /// The names of what the same student has handed in, too.
    pub(super) others: Vec<String>,
    /// Whether it lies in a folder, and its name does not end like an answer's.
    is_stranger: bool,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Named by the user, so it may be stdin, a pipe or a link.
    Named(String),
    /// Found in this folder, which it may not lead out of.
    Within { folder: PathBuf, path: PathBuf },
    /// A folder of a student's that cannot be listed.
    Unlisted(String),
}

impl AnswerFile {
    fn new(name: String, student: String, place: Place) -> Self {
        Self {
            name,
            student,
            folder: None,
            others: Vec::new(),
            is_stranger: false,
            place,
        }
    }

    /// Whether it was found in a folder, as the submissions of a class are.
    pub(super) fn is_in_folder(&self) -> bool {
        !matches!(self.place, Place::Named(_))
    }

    /// Opens the file.
    pub(super) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        match &self.place {
            Place::Named(name) => input::open(name),
            Place::Within { folder, path } => {
                if !path.canonicalize()?.starts_with(folder) {
                    return Err(io::Error::other("it is a link that leaves the folder"));
                }
                Ok(Box::new(BufReader::new(input::regular(path)?)))
            }
            Place::Unlisted(error) => Err(io::Error::other(error.clone())),
        }
    }
}

/// The answers that were found, in order, and what was passed over.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) answers: Vec<AnswerFile>,
    /// The names of files that are no answers, each with the reason.
    pub(super) skipped: Vec<(String, &'static str)>,
    /// The folders without any file.
    pub(super) empty: Vec<String>,
}

/// Files in a folder whose names do not end like answers'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strangers {
    /// All of them.
    All,
    /// Those of students who have handed in an answer too.
    BesideAnswers,
}

/// How the names of answers end, as a list.
pub(super) fn endings() -> String {
    ENDINGS.map(|ending| format!(".{ending}")).join(", ")
}

impl Found {
    /// Finds the answers of the names on a command line, each folder's in the order of their names.
    ///
    /// # Errors
    /// What makes a name unusable: there is nothing there.
    pub(super) fn of(names: &[String]) -> Result<Self, Diagnostic> {
        let mut found = Self::default();
        for name in names {
            found.name(name)?;
        }
        Ok(found)
    }

    /// Refuses a folder without any answer.
    ///
    /// # Errors
    /// The first of such folders.
    pub(super) fn expect_answers(&self) -> Result<(), Diagnostic> {
        match self.empty.first() {
            None => Ok(()),
            Some(name) => Err(Diagnostic::new(format!("there is no answer in `{name}`"))
                .hinted(format!("answers end in {}", endings()))),
        }
    }

    /// Passes over files that are no answers. What is left of them is all that somebody has handed
    /// in, and counts as an answer, whatever it is.
    pub(super) fn pass_over(&mut self, strangers: Strangers) {
        let student = |answer: &AnswerFile| answer.student.to_lowercase();
        let answers = self.answers.iter().filter(|answer| !answer.is_stranger);
        let have_answers: HashSet<String> = answers.map(student).collect();
        let is_over = |answer: &mut AnswerFile| {
            let is_meant = match strangers {
                Strangers::All => true,
                Strangers::BesideAnswers => have_answers.contains(&student(answer)),
            };
            answer.is_stranger && is_meant
        };
        let over = self.answers.extract_if(.., is_over);
        let over = over.map(|answer| (answer.name, "its name does not end like an answer's"));
        self.skipped.extend(over);
        self.skipped.sort();
    }

    fn name(&mut self, name: &str) -> Result<(), Diagnostic> {
        let path = Path::new(name);
        if name == "-" {
            let (shown, place) = ("stdin".to_owned(), Place::Named(name.to_owned()));
            self.answers
                .push(AnswerFile::new(shown, String::new(), place));
        } else if path.is_dir() {
            let cannot =
                |error: io::Error| Diagnostic::new(format!("`{name}` cannot be read: {error}"));
            let folder = path.canonicalize().map_err(cannot)?;
            let n_before = self.answers.len();
            Search {
                found: self,
                folder,
                student: None,
                inner: PathBuf::new(),
            }
            .list(path, 0)
            .map_err(cannot)?;
            if self.answers.len() == n_before {
                self.empty.push(name.to_owned());
            }
        } else if path.symlink_metadata().is_err() {
            return Err(Diagnostic::new(format!(
                "there is no file or folder `{name}`"
            )));
        } else {
            let place = Place::Named(name.to_owned());
            self.answers
                .push(AnswerFile::new(name.to_owned(), stem(path), place));
        }
        Ok(())
    }
}

/// A walk through a folder of answers.
struct Search<'a> {
    found: &'a mut Found,
    /// The folder that was named, with all links resolved.
    folder: PathBuf,
    /// The student whose sub-folder this is.
    student: Option<String>,
    /// The path from the named folder to the one that is listed.
    inner: PathBuf,
}

impl Search<'_> {
    fn list(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        let mut entries: Vec<DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if file_name.starts_with(['.', '~']) || LEFT_BEHIND.contains(&file_name.as_str()) {
                continue;
            }
            let name = self.inner.join(entry.file_name());
            let shown = name.to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.sub_folder(&entry.path(), file_name, name, depth),
                Ok(kind) if kind.is_symlink() && entry.path().is_dir() => {
                    self.skip(shown, "it is a link to a folder")
                }
                _ if NO_ANSWERS.contains(&file_name.as_str()) => {}
                _ => {
                    let student = self.student.clone().unwrap_or_else(|| stem(&entry.path()));
                    let place = Place::Within {
                        folder: self.folder.clone(),
                        path: entry.path(),
                    };
                    self.found.answers.push(AnswerFile {
                        is_stranger: !is_answer(&entry.path()),
                        ..AnswerFile::new(shown, student, place)
                    });
                }
            }
        }
        Ok(())
    }

    fn sub_folder(&mut self, path: &Path, file_name: String, inner: PathBuf, depth: usize) {
        let shown = inner.to_string_lossy().into_owned();
        if depth == DEEPEST {
            return self.skip(shown, "it lies too deep");
        }
        let student = self.student.clone().unwrap_or(file_name);
        let mut search = Search {
            found: self.found,
            folder: self.folder.clone(),
            student: Some(student.clone()),
            inner,
        };
        if let Err(error) = search.list(path, depth + 1) {
            let place = Place::Unlisted(error.to_string());
            let answer = AnswerFile::new(shown, student, place);
            self.found.answers.push(answer);
        }
    }

    fn skip(&mut self, name: String, reason: &'static str) {
        self.found.skipped.push((name, reason));
    }
}

fn is_answer(path: &Path) -> bool {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .map(str::to_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// A file's name without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(
        || visible(&path.to_string_lossy()).into_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}
