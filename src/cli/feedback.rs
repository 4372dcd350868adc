//! The folder of pages for students.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Failure, output};
use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, is_hidden};
use crate::marking::{MarkScheme, Marked};
use crate::report::{Expected, FEEDBACK, Feedback, Reveal};

/// The longest name of a page, in characters.
const LONGEST_NAME: usize = 80;

#[derive(Debug, Args)]
pub(super) struct FeedbackArguments {
    /// Write a page for each student into this folder: the right terms where they went wrong, and
    /// nothing of what they left blank.
    #[arg(long, value_name = "DIR")]
    feedback: Option<PathBuf>,
    /// The format of the pages.
    #[arg(long, value_name = "FORMAT", requires = "feedback", default_value = FEEDBACK[0].name,
        value_parser = PossibleValuesParser::new(FEEDBACK.iter().map(|format| format.name)))]
    feedback_format: String,
    /// Give all right gradients away on the pages.
    #[arg(long, requires = "feedback", conflicts_with = "hide_expected")]
    reveal: bool,
}

impl FeedbackArguments {
    pub(super) fn is_given(&self) -> bool {
        self.feedback.is_some()
    }

    /// The pages that are to be written, where any are: their folder is made if it is not there.
    /// One with something in it is left alone, unless `force` is set.
    pub(super) fn pages(
        &self,
        expected: Expected,
        force: bool,
    ) -> Result<Option<Pages>, Diagnostic> {
        let Some(folder) = &self.feedback else {
            return Ok(None);
        };
        let cannot = |error: std::io::Error| {
            Diagnostic::new(format!("`{}` cannot be used: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        if !force && fs::read_dir(folder).map_err(cannot)?.next().is_some() {
            let problem = Diagnostic::new(format!(
                "there is something in `{}` already",
                folder.display()
            ));
            return Err(problem.hinted("`--force` overwrites pages of the same names"));
        }
        let format = FEEDBACK
            .iter()
            .find(|format| format.name == self.feedback_format)
            .unwrap_or(&FEEDBACK[0]);
        let reveal = match expected {
            _ if self.reveal => Reveal::All,
            Expected::Shown => Reveal::FirstWrong,
            Expected::Hidden => Reveal::Place,
        };
        Ok(Some(Pages {
            folder: folder.clone(),
            format,
            reveal,
            force,
            names: HashSet::new(),
        }))
    }
}

/// Pages that are being written.
pub(super) struct Pages {
    folder: PathBuf,
    format: &'static Feedback,
    reveal: Reveal,
    force: bool,
    /// The names that are taken, in lower case, since some disks do not tell cases apart.
    names: HashSet<String>,
}

impl Pages {
    /// Returns the page of a submission; without what it is marked against, it says why it cannot
    /// be read.
    pub(super) fn page(&self, scheme: Option<&MarkScheme>, marked: &Marked) -> String {
        match scheme {
            Some(scheme) => (self.format.page)(scheme, marked, self.reveal),
            None => (self.format.unread)(marked),
        }
    }

    /// Writes a student's page. A second one of the same student gets a number.
    pub(super) fn write(
        &mut self,
        student: &str,
        page: &str,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let name = file_name(student);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| self.names.insert(name.to_lowercase()));
        let path = self
            .folder
            .join(format!("{}.{}", free.unwrap_or(name), self.format.name));
        output::write_whole(&path, self.force, cancel, |out| {
            out.write_all(page.as_bytes())
        })
    }
}

/// What no name of a file holds on one of the systems that the folder may be copied to.
const FORBIDDEN: &[char] = &['/', '\\', '?', '<', '>', ':', '*', '|', '"'];

/// A student's name as that of a file in this folder and nowhere else, on any system.
fn file_name(student: &str) -> String {
    let is_forbidden = |c: char| is_hidden(c) || FORBIDDEN.contains(&c);
    let shown: String = student
        .chars()
        .map(|c| if is_forbidden(c) { '_' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let name = shown
        .trim_start_matches(['.', '-', ' '])
        .trim_end_matches(['.', ' ']);
    if name.is_empty() {
        "student".to_owned()
    } else if is_device(name) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// Whether Windows takes the name for that of a device, which it does whatever ending follows.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" => true,
        port => ["com", "lpt"]
            .into_iter()
            .filter_map(|kind| port.strip_prefix(kind))
            .any(|number| matches!(number.as_bytes(), [b'1'..=b'9'])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_in_its_folder() {
        for (student, name) in [
            ("s1024", "s1024"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("Ada Lovelace", "Ada Lovelace"),
            ("..", "student"),
            ("-rf", "rf"),
            ("", "student"),
            ("a\u{202e}b\n", "a_b_"),
            ("CON", "_CON"),
            ("lpt1.txt", "_lpt1.txt"),
            ("Ada. ", "Ada"),
            ("数", "数"),
        ] {
            assert_eq!(file_name(student), name, "{student:?}");
        }
    }
}
