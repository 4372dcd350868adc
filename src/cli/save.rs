//! The files that the debugger asks for.

use std::path::PathBuf;

use super::Failure;
use super::output::OutputArguments;
use crate::debugger::{Draft, Existing};
use crate::diagnostic::Diagnostic;

/// Writes a file that the user has asked for, whole or not at all.
///
/// # Errors
/// It exists and is not to be replaced, or cannot be written.
pub(super) fn write(draft: &Draft) -> Result<(), Diagnostic> {
    // `-` is stdout elsewhere; here it would be written over the screen.
    if draft.name == "-" {
        return Err(Diagnostic::new("`-` is no file").hinted("name one, as in `save what-if.json`"));
    }
    let path = PathBuf::from(&draft.name);
    let is_taken = path.symlink_metadata().is_ok();
    if is_taken && draft.existing == Existing::Stays {
        let hint = format!("`save over {}` replaces it", draft.name);
        return Err(Diagnostic::new(format!("`{}` exists already", draft.name)).hinted(hint));
    }
    let output = OutputArguments { output: Some(path), force: draft.existing == Existing::Replaced };
    output.check()?;
    match output.write(|out| out.write_all(draft.text.as_bytes())) {
        Ok(_) => Ok(()),
        Err(Failure::Unusable(problem)) => Err(problem),
        Err(Failure::Io(error)) => Err(Diagnostic::new(format!("`{}` cannot be written: {error}", draft.name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_only_replaced_when_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("what-if.json");
        let draft = |text: &str, existing| Draft { name: path.display().to_string(), text: text.to_owned(), existing };
        write(&draft("one", Existing::Stays)).unwrap();
        let refused = write(&draft("two", Existing::Stays)).unwrap_err();
        assert!(refused.message.ends_with("exists already") && refused.hint.unwrap().starts_with("`save over "));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        write(&draft("three", Existing::Replaced)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for name in ["-", "/no such folder/what-if.json", "/"] {
            let draft = Draft { name: name.to_owned(), text: String::new(), existing: Existing::Replaced };
            assert!(write(&draft).is_err(), "{name}");
        }
    }
}
