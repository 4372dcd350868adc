//! The files that the debugger asks for.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use super::output::OutputArguments;
use super::{Failure, export};
use crate::cancel::Cancelled;
use crate::debugger::{Content, Draft, Existing, Session};
use crate::diagnostic::Diagnostic;
use crate::export::{Detail, Selection, Subject};

/// Writes a file that the user has asked for, whole or not at all.
///
/// # Errors
/// It exists and is not to be replaced, or cannot be written.
pub(super) fn write(session: &Session, draft: &Draft) -> Result<(), Diagnostic> {
    // `-` is stdout elsewhere; here it would be written over the screen.
    if draft.name == "-" {
        return Err(Diagnostic::new("`-` is no file").hinted("name one, as in `save what-if.json`"));
    }
    let path = PathBuf::from(&draft.name);
    let is_taken = path.symlink_metadata().is_ok() && !path.is_dir();
    if is_taken && draft.existing == Existing::Stays {
        let command = match draft.content {
            Content::Text(_) => "save",
            Content::Run => "export",
        };
        let hint = format!("`{command} over {}` replaces it", draft.name);
        return Err(Diagnostic::new(format!("`{}` exists already", draft.name)).hinted(hint));
    }
    let output = OutputArguments {
        output: Some(path),
        force: draft.existing == Existing::Replaced,
    };
    output.check()?;
    let written = match &draft.content {
        Content::Text(text) => output.write(session.cancel(), |out| out.write_all(text.as_bytes())),
        Content::Run => export(session, &output)?,
    };
    match written {
        Ok(()) => Ok(()),
        Err(Failure::Unusable(problem)) => Err(problem),
        Err(Failure::Cancelled) => Err(Diagnostic::new(Cancelled.to_string())),
        Err(Failure::Io(error)) => Err(Diagnostic::new(format!(
            "`{}` cannot be written: {error}",
            draft.name
        ))),
    }
}

/// Writes the run in the format of the file's ending.
fn export(session: &Session, output: &OutputArguments) -> Result<Result<(), Failure>, Diagnostic> {
    let format = export::of_ending(output)?;
    let subject = Subject {
        scenario: session.scenario(),
        backprop: session.backprop(),
    };
    let selection = Selection {
        detail: Detail::Contributions,
        tensors: None,
        steps: 0..session.n_steps(),
    };
    (format.check)(subject, &selection)?;
    Ok(output.write(session.cancel(), |out| {
        let mut out = BufWriter::new(out);
        (format.write)(subject, &selection, &mut out)?;
        out.flush()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new(
            crate::gallery::find("the-question")
                .unwrap()
                .open(crate::scenario::Options::default())
                .unwrap(),
        )
    }

    #[test]
    fn a_run_is_exported_by_its_ending() {
        let folder = tempfile::tempdir().unwrap();
        let write_as = |name: &str| {
            let name = folder.path().join(name).display().to_string();
            write(
                &session(),
                &Draft {
                    name: name.clone(),
                    content: Content::Run,
                    existing: Existing::Stays,
                },
            )
            .map(|()| name)
        };
        for (name, begins) in [
            ("a.json", "{"),
            ("a.csv", "step,"),
            ("a.md", "# "),
            ("a.html", "<!doctype html>"),
        ] {
            let written = std::fs::read_to_string(write_as(name).unwrap()).unwrap();
            assert!(written.starts_with(begins), "{name}: {}", &written[..40]);
        }
        assert!(
            write_as("a.csv")
                .unwrap_err()
                .message
                .ends_with("exists already")
        );
        assert!(write_as("a.exe").unwrap_err().hint.unwrap().contains("csv"));
    }

    #[test]
    fn a_file_is_only_replaced_when_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("what-if.json");
        let draft = |text: &str, existing| Draft {
            name: path.display().to_string(),
            content: Content::Text(text.to_owned()),
            existing,
        };
        write(&session(), &draft("one", Existing::Stays)).unwrap();
        let refused = write(&session(), &draft("two", Existing::Stays)).unwrap_err();
        assert!(
            refused.message.ends_with("exists already")
                && refused.hint.unwrap().starts_with("`save over ")
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        write(&session(), &draft("three", Existing::Replaced)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for name in ["-", "/no such folder/what-if.json", "/"] {
            let content = Content::Text(String::new());
            let draft = Draft {
                name: name.to_owned(),
                content,
                existing: Existing::Replaced,
            };
            assert!(write(&session(), &draft).is_err(), "{name}");
        }
    }
}
