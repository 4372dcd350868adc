//! Tensor files in the scenario's folder, and nothing else on the disk.

use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use crate::scenario::tensor_file::FileError;
use crate::scenario::{Files, ReadSeek};

/// The folder that a scenario is in.
#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Files for Folder {
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, FileError> {
        let path = Path::new(path);
        if path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return refuse("the path must be relative to the scenario's folder and may not leave it");
        }
        let (Ok(folder), Ok(real)) = (self.0.canonicalize(), self.0.join(path).canonicalize()) else {
            return refuse("there is no such file in the scenario's folder");
        };
        if !real.starts_with(&folder) {
            return refuse("it is a link that leaves the scenario's folder");
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
    Err(FileError { message: message.to_owned(), hint: None })
}
