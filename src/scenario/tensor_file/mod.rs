//! Tensors in files of other programs: NumPy's `.npy` and `.npz`, PyTorch's `.pt`, and
//! `.safetensors`.
//!
//! The files come from strangers. A header is believed only as far as the file's real length bears
//! it out, so that a file costs no more memory than it has bytes or than the limit on elements
//! allows; of an archive only the tensor that is asked for is unpacked.

mod archive;
mod dtype;
mod error;
mod kind;
mod npy;
mod npz;
mod pickle;
mod pt;
mod safetensors;
mod shape;
mod source;

use std::io::{Read, Seek};

pub(crate) use dtype::{Dtype, Endian};
pub use error::{Error, Keys};
pub use kind::Kind;
pub use safetensors::{Precision, write as write_safetensors};

use self::source::Source;
use crate::diagnostic::nearest;
use crate::tensor::Tensor;

/// Returns the format of a zip archive, by its beginning.
pub fn kind_of_archive(bytes: &[u8]) -> Kind {
    if pt::is_begun_by(bytes) {
        Kind::Pt
    } else {
        Kind::Npz
    }
}

/// A tensor file whose list of tensors has been read. Each tensor is read when it is asked for, and
/// of the file no more than what it lies in.
pub struct TensorFile<'a> {
    contents: Contents<'a>,
    /// The keys of the tensors, sorted.
    keys: Vec<String>,
    /// How many keys may still be asked for in vain and be answered with the nearest.
    guesses_left: usize,
}

enum Contents<'a> {
    Npy(Source<'a>),
    Npz(npz::Npz<'a>),
    Pt(pt::Pt<'a>),
    Safetensors(safetensors::Safetensors<'a>),
}

impl<'a> TensorFile<'a> {
    /// Opens a file. The reader should be a buffered one: it is read in small pieces.
    ///
    /// # Errors
    /// What makes every tensor of the file unreadable.
    pub fn open(kind: Kind, reader: impl Read + Seek + 'a) -> Result<Self, Error> {
        let reader: Source<'a> = Box::new(reader);
        let (contents, keys) = match kind {
            Kind::Npy => (Contents::Npy(reader), Vec::new()),
            Kind::Npz => {
                let (file, keys) = npz::Npz::open(reader)?;
                (Contents::Npz(file), keys)
            }
            Kind::Pt => {
                let (file, keys) = pt::Pt::open(reader)?;
                (Contents::Pt(file), keys)
            }
            Kind::Safetensors => {
                let (file, keys) = safetensors::Safetensors::open(reader)?;
                (Contents::Safetensors(file), keys)
            }
        };
        Ok(Self {
            contents,
            keys,
            guesses_left: MOST_GUESSES,
        })
    }

    /// The keys of the tensors, sorted. A `.npy` file has none.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The keys of the tensors, where they stand in a dictionary of a `.pt` file's dictionary as
    /// well, as in a checkpoint.
    pub(crate) fn paths(&self) -> Vec<String> {
        let inner = match &self.contents {
            Contents::Pt(file) => file.inner_paths(),
            Contents::Npy(_) | Contents::Npz(_) | Contents::Safetensors(_) => Vec::new(),
        };
        if inner.is_empty() {
            self.keys.clone()
        } else {
            inner
        }
    }

    /// What is wrong with a file without any tensor: of an archive, what is in it instead.
    pub(crate) fn nothing(&self) -> Error {
        let others = match &self.contents {
            Contents::Npz(file) => file.others(),
            Contents::Npy(_) | Contents::Pt(_) | Contents::Safetensors(_) => Vec::new(),
        };
        match others.is_empty() {
            true => Error::NoTensors,
            false => Error::NoArrays(Keys::of(&others)),
        }
    }

    /// Whether a tensor has the key.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Reads one tensor of at most `most_elements` elements, widened to f64 and in row-major order.
    ///
    /// A `.npy` file has no keys; that of a tensor in a dictionary of a `.pt` file's dictionary is
    /// its path, `model_state_dict.fc.weight`. In the other formats the key may be left out where
    /// the file holds one tensor only; in a `.npz` file it may be written with or without the
    /// `.npy` of the archive's entry.
    ///
    /// # Errors
    /// There is no such tensor, it is too large, or it is damaged.
    pub fn tensor(&mut self, key: Option<&str>, most_elements: usize) -> Result<Tensor, Error> {
        let key = &self.choose(key)?;
        match &mut self.contents {
            Contents::Npy(reader) => npy::read_file(reader, most_elements),
            Contents::Npz(file) => file.tensor(key, most_elements),
            Contents::Pt(file) => file.tensor(key, most_elements),
            Contents::Safetensors(file) => file.tensor(key, most_elements),
        }
    }

    /// How the numbers of a tensor are written in the file; nothing where that cannot be read.
    pub(crate) fn dtype(&mut self, key: &str) -> Option<Dtype> {
        let key = &self.find(key)?.to_owned();
        match &mut self.contents {
            Contents::Npy(_) => None,
            Contents::Npz(file) => file.dtype(key),
            Contents::Pt(file) => file.dtype(key),
            Contents::Safetensors(file) => file.dtype(key),
        }
    }

    /// The key of the tensor that is asked for; an empty one where the file has none.
    fn choose(&mut self, key: Option<&str>) -> Result<String, Error> {
        match (key, self.keys.as_slice(), &self.contents) {
            (None, _, Contents::Npy(_)) => Ok(String::new()),
            (Some(_), _, Contents::Npy(_)) => Err(Error::NoKeys),
            (_, [], _) => Err(Error::NoTensors),
            (None, [only], _) => Ok(only.clone()),
            (None, keys, _) => Err(Error::ManyKeys(Keys::of(keys))),
            (Some(key), ..) => match self.find(key) {
                Some(known) => Ok(known.to_owned()),
                None => Err(self.unknown(key)),
            },
        }
    }

    fn find<'b>(&'b self, key: &'b str) -> Option<&'b str> {
        let known = |key: &str| {
            let place = self.keys.binary_search_by(|known| known.as_str().cmp(key));
            Some(self.keys[place.ok()?].as_str())
        };
        // An array may be named by its entry in the archive, unless another has that very name.
        let is_npz = matches!(self.contents, Contents::Npz(_));
        let stem = key.strip_suffix(".npy").filter(|_| is_npz);
        // A tensor in a dictionary within another is named by its path.
        let is_path = matches!(&self.contents, Contents::Pt(file) if file.has(key));
        known(key)
            .or_else(|| known(stem?))
            .or_else(|| is_path.then_some(key))
    }

    fn unknown(&mut self, key: &str) -> Error {
        let may_guess = self.guesses_left > 0;
        self.guesses_left = self.guesses_left.saturating_sub(1);
        let known = self.keys.iter().map(String::as_str).take(MOST_COMPARED);
        let nearest = may_guess.then(|| nearest(key, known)).flatten();
        Error::UnknownKey {
            key: key.to_owned(),
            nearest: nearest.map(str::to_owned),
            known: Keys::of(&self.keys),
        }
    }
}

/// How many keys that a file does not have are answered with the nearest that it has.
const MOST_GUESSES: usize = 20;
/// How many keys are looked at for the nearest.
const MOST_COMPARED: usize = 1000;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Asks for a key in a file of these.
    fn asked(n_keys: usize, key: Option<&str>) -> (String, Option<String>) {
        let names = (0..n_keys).map(|number| (format!("features.{number:02}.weight"), number));
        let one = Tensor::scalar(1.0);
        let tensors: Vec<_> = names
            .map(|(name, _)| (name, &one, Precision::Single))
            .collect();
        let mut bytes = Vec::new();
        write_safetensors(&mut bytes, ("a", "b"), &tensors).unwrap();
        let mut file = TensorFile::open(Kind::Safetensors, Cursor::new(bytes)).unwrap();
        match file.tensor(key, 1) {
            Ok(tensor) => (tensor.data()[0].to_string(), None),
            Err(error) => (error.to_string(), error.hint()),
        }
    }

    #[test]
    fn a_wrong_key_is_answered_with_the_nearest_and_the_list() {
        let (message, hint) = asked(20, Some("feature.03.weight"));
        assert_eq!(message, "the file has no key `feature.03.weight`");
        let hint = hint.unwrap();
        assert!(
            hint.starts_with(
                "did you mean `features.03.weight`? the keys are `features.00.weight`, "
            ),
            "{hint}"
        );
        assert!(hint.ends_with("`features.07.weight` and 12 more"), "{hint}");
        assert_eq!(
            asked(1, Some("b")).1.unwrap(),
            "the keys are `features.00.weight`"
        );
        assert_eq!(
            asked(2, None).0,
            "the file holds 2 tensors, and no `key` says which"
        );
        assert_eq!(asked(1, None).0, "1");
        assert_eq!(asked(0, None).0, "the file holds no tensors");
    }
}
