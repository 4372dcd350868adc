//! Tensor files that stay open while their tensors are read.

use std::sync::Arc;

use thiserror::Error;

use super::tensor_file::{self, Kind, TensorFile};
use super::{Files, OpenError};
use crate::tensor::Tensor;

/// The most files that are kept open, for a system lets a program have only so many.
const MOST_OPEN: usize = 16;

/// Tensor files that are read tensor by tensor, each opened once, or once again after many others.
pub(super) struct OpenFiles<'a> {
    folder: &'a dyn Files,
    /// By path, the last used first; of one that cannot be opened why it cannot.
    files: Vec<(String, Result<Opened, Arc<Unusable>>)>,
}

type Opened = TensorFile<'static>;

/// Why a tensor of a file cannot be used.
#[derive(Debug, Error)]
pub(super) enum Unusable {
    #[error("tensors are read from `.npy`, `.npz`, `.safetensors` and `.pt` files")]
    Format,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] tensor_file::Error),
}

impl Unusable {
    /// What to do about it.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Read(error) => error.hint(),
            Self::Format | Self::Open(_) => None,
        }
    }
}

impl<'a> OpenFiles<'a> {
    pub(super) fn new(folder: &'a dyn Files) -> Self {
        Self {
            folder,
            files: Vec::new(),
        }
    }

    /// Reads a tensor of at most `most_elements` elements out of the file of a path.
    pub(super) fn tensor(
        &mut self,
        path: &str,
        key: Option<&str>,
        most_elements: usize,
    ) -> Result<Tensor, Arc<Unusable>> {
        let place = self.files.iter().position(|(known, _)| known == path);
        let (path, mut file) = match place {
            Some(place) => self.files.remove(place),
            None => (path.to_owned(), self.open(path).map_err(Arc::new)),
        };
        let tensor = match &mut file {
            Ok(file) => file
                .tensor(key, most_elements)
                .map_err(|error| Arc::new(error.into())),
            Err(error) => Err(Arc::clone(error)),
        };
        self.files.insert(0, (path, file));
        self.files.truncate(MOST_OPEN);
        tensor
    }

    fn open(&self, path: &str) -> Result<Opened, Unusable> {
        let kind = Kind::of(path).ok_or(Unusable::Format)?;
        Ok(TensorFile::open(kind, self.folder.open(path)?)?)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Cursor;

    use super::*;
    use crate::scenario::ReadSeek;
    use crate::scenario::tensor_file::{Precision, write_safetensors};

    /// A folder in which every file holds `w0`, `w1` and so on, and that counts how many are
    /// opened.
    struct Counting {
        bytes: Vec<u8>,
        n_opened: Cell<usize>,
    }

    impl Files for Counting {
        fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
            self.n_opened.set(self.n_opened.get() + 1);
            match path {
                "missing.safetensors" => Err(OpenError::Missing("scenario")),
                _ => Ok(Box::new(Cursor::new(self.bytes.clone()))),
            }
        }
    }

    fn folder(n_tensors: usize) -> Counting {
        let tensors: Vec<Tensor> = (0..n_tensors).map(|n| Tensor::scalar(n as f64)).collect();
        let named = tensors
            .iter()
            .enumerate()
            .map(|(number, tensor)| (format!("w{number}"), tensor, Precision::Double));
        let mut bytes = Vec::new();
        write_safetensors(&mut bytes, ("format", "pt"), &named.collect::<Vec<_>>()).unwrap();
        Counting {
            bytes,
            n_opened: Cell::new(0),
        }
    }

    #[test]
    fn a_file_is_opened_once_for_all_of_its_tensors() {
        let folder = folder(1000);
        let mut files = OpenFiles::new(&folder);
        for number in 0..1000 {
            for path in ["a.safetensors", "b.safetensors"] {
                let tensor = files.tensor(path, Some(&format!("w{number}")), 1).unwrap();
                assert_eq!(tensor, Tensor::scalar(number as f64));
            }
            assert!(files.tensor("missing.safetensors", None, 1).is_err());
        }
        assert_eq!(folder.n_opened.get(), 3);
    }

    #[test]
    fn few_files_are_open_at_once() {
        let folder = folder(1);
        let mut files = OpenFiles::new(&folder);
        for number in 0..100 {
            let path = format!("{number}.safetensors");
            files.tensor(&path, None, 1).unwrap();
            assert!(files.files.len() <= MOST_OPEN);
        }
        files.tensor("99.safetensors", Some("w0"), 1).unwrap();
        assert_eq!(folder.n_opened.get(), 100);
        files.tensor("0.safetensors", Some("w0"), 1).unwrap();
        assert_eq!(folder.n_opened.get(), 101);
    }
}
