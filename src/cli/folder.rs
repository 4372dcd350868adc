//! Tensor files in the folder of a scenario or a model, and nothing else on the disk.

use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use crate::scenario::tensor_file::FileError;
use crate::scenario::{Files, ReadSeek};

/// The folder that a scenario or a model is in.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// What is in it, for messages.
    of: &'static str,
}

impl Folder {
    /// The folder of a scenario's file.
    pub(super) fn of_scenario(file: &Path) -> Self {
        Self {
            path: folder(file),
            of: "scenario",
        }
    }

    /// The folder of a model's file.
    pub(super) fn of_model(file: &Path) -> Self {
        Self {
            path: folder(file),
            of: "model",
        }
    }
}

/// The folder that a file is in; the current one for stdin too.
fn folder(file: &Path) -> PathBuf {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}

impl Files for Folder {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, FileError> {
        let (path, of) = (Path::new(path), self.of);
        if path
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return refuse(&format!(
                "the path must be relative to the {of}'s folder and may not leave it"
            ));
        }
        let (Ok(folder), Ok(real)) = (
            self.path.canonicalize(),
            self.path.join(path).canonicalize(),
        ) else {
            return refuse(&format!("there is no such file in the {of}'s folder"));
        };
        if !real.starts_with(&folder) {
            return refuse(&format!("it is a link that leaves the {of}'s folder"));
        }
        // Looked at before it is opened, since opening a pipe waits for somebody to write to it.
        if !fs::metadata(&real).is_ok_and(|file| file.is_file()) {
            return refuse("it is no regular file");
        }
        match File::open(&real) {
            Ok(file) => Ok(Box::new(std::io::BufReader::new(file))),
            Err(error) => refuse(&error.to_string()),
        }
    }
}

fn refuse<T>(message: &str) -> Result<T, FileError> {
    Err(FileError {
        message: message.to_owned(),
        hint: None,
    })
}
