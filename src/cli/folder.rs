//! Tensor files in the folder of a scenario or a model, and nothing else on the disk.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};

use crate::scenario::{Files, OpenError, ReadSeek};

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
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        let (path, of) = (Path::new(path), self.of);
        if path
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(OpenError::LeavesFolder(of));
        }
        let (Ok(folder), Ok(real)) = (
            self.path.canonicalize(),
            self.path.join(path).canonicalize(),
        ) else {
            return Err(OpenError::Missing(of));
        };
        if !real.starts_with(&folder) {
            return Err(OpenError::LinkLeavesFolder(of));
        }
        // Looked at before it is opened, since opening a pipe waits for somebody to write to it.
        if !fs::metadata(&real).is_ok_and(|file| file.is_file()) {
            return Err(OpenError::NotRegular);
        }
        Ok(Box::new(BufReader::new(File::open(&real)?)))
    }
}
