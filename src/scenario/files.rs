//! Where the files beside a scenario come from.

use std::io::{self, Read, Seek};

/// Where tensor files come from: the scenario's folder, or what is built into the program.
pub trait Files {
    /// Opens a file by its path relative to the scenario, to be read in small pieces.
    ///
    /// # Errors
    /// Why it may not be read, or cannot be.
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError>;
}

/// Why a file beside a scenario or a model is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The scenario comes from nowhere, as one does that was made in memory.
    #[error("there is no folder to read it from")]
    NoFolder,
    /// The path is absolute, or goes up.
    #[error("the path must be relative to the {0}'s folder and may not leave it")]
    LeavesFolder(&'static str),
    /// Nothing is there.
    #[error("there is no such file in the {0}'s folder")]
    Missing(&'static str),
    /// The path leads out of the folder by way of a link.
    #[error("it is a link that leaves the {0}'s folder")]
    LinkLeavesFolder(&'static str),
    /// It is a folder, a pipe or a device.
    #[error("it is no regular file")]
    NotRegular,
    /// The system refuses it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a tensor file is read from.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A folder without files.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn open(&self, _: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        Err(OpenError::NoFolder)
    }
}
