//! Tensors in files of other programs: NumPy's `.npy` and `.npz`, PyTorch's `.pt`, and
//! `.safetensors`.
//!
//! The files come from strangers. A header is believed only as far as the file's real length bears
//! it out, so that a file costs no more memory than it has bytes or than the limit on elements
//! allows; of an archive only the tensor that is asked for is unpacked.

mod archive;
mod dtype;
mod npy;
mod npz;
mod pickle;
mod pt;
mod safetensors;

use std::fmt;
use std::io::{self, Read, Seek};

pub(crate) use dtype::{Dtype, Endian};
pub use safetensors::{Precision, write as write_safetensors};

use crate::diagnostic::nearest;
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// A format of tensor files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One array, as `numpy.save` writes it.
    Npy,
    /// A zip archive of `.npy` files, as `numpy.savez` and `numpy.savez_compressed` write it.
    Npz,
    /// A dictionary of tensors, as `torch.save` writes it. No instruction of its pickle is run.
    Pt,
    /// Named tensors, as `safetensors.torch.save_file` writes them.
    Safetensors,
}

impl Kind {
    /// Returns the format that a file's name ends in, in any letter case.
    pub fn of(file_name: &str) -> Option<Self> {
        let (_, ending) = file_name.rsplit_once('.')?;
        let kinds = [
            ("npy", Self::Npy),
            ("npz", Self::Npz),
            ("pt", Self::Pt),
            ("pth", Self::Pt),
            ("safetensors", Self::Safetensors),
        ];
        kinds
            .into_iter()
            .find(|(known, _)| ending.eq_ignore_ascii_case(known))
            .map(|(_, kind)| kind)
    }

    /// Returns the format of a zip archive, by its beginning.
    pub fn of_archive(bytes: &[u8]) -> Self {
        if pt::is_begun_by(bytes) {
            Self::Pt
        } else {
            Self::Npz
        }
    }
}

/// Reads one tensor of at most `most_elements` elements, widened to f64 and in row-major order.
///
/// A `.npy` file has no keys. In the other formats the key may be left out where the file holds one
/// tensor only; in a `.npz` file it may be written with or without the `.npy` of the archive's
/// entry.
pub fn read(
    kind: Kind,
    reader: &mut (impl Read + Seek),
    key: Option<&str>,
    most_elements: usize,
) -> Result<Tensor, FileError> {
    match (kind, key) {
        (Kind::Npy, None) => npy::read_file(reader, most_elements),
        (Kind::Npy, Some(_)) => Err(FileError::new(
            "a `.npy` file holds one array and has no keys",
        )
        .hint("leave `key` out")),
        (Kind::Npz, _) => npz::read(reader, key, most_elements),
        (Kind::Pt, _) => pt::read(reader, key, most_elements),
        (Kind::Safetensors, _) => safetensors::read(reader, key, most_elements),
    }
}

/// Returns the keys of the tensors in a file, sorted. A `.npy` file has none.
pub fn keys(kind: Kind, reader: &mut (impl Read + Seek)) -> Result<Vec<String>, FileError> {
    match kind {
        Kind::Npy => Ok(Vec::new()),
        Kind::Npz => npz::keys(reader),
        Kind::Pt => pt::keys(reader),
        Kind::Safetensors => safetensors::keys(reader),
    }
}

/// Why a tensor could not be read. Nothing of the file stands in it unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl FileError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FileError {}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::new("the data is cut short");
        }
        Self::new(format!(
            "the data cannot be read: {}",
            escaped(&error.to_string().to_lowercase())
        ))
    }
}

/// The most characters of a file's own words that a message repeats.
const MOST_QUOTED: usize = 80;

/// Returns words of a file, cut to a sensible length, without characters that a terminal would act
/// on.
fn escaped(text: &str) -> String {
    let end = text
        .char_indices()
        .nth(MOST_QUOTED)
        .map_or(text.len(), |(at, _)| at);
    let dots = if end < text.len() { "..." } else { "" };
    // What a person may well type is left as it is: `escape_debug` alone would also escape quotes.
    let shown = text[..end].chars().map(|c| {
        if c == '\'' || c == '"' {
            c.to_string()
        } else {
            c.escape_debug().to_string()
        }
    });
    shown.chain([dots.to_owned()]).collect()
}

fn quoted(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// Returns the shape of the sizes in a file's header.
fn checked_shape(sizes: &[usize], most_elements: usize) -> Result<Shape, FileError> {
    let written = quoted(&format!("{sizes:?}"));
    match Shape::new(sizes) {
        Some(shape) if shape.numel() <= most_elements => Ok(shape),
        None if sizes.len() > MAX_RANK => Err(FileError::new(format!(
            "the array has {} axes, and a tensor at most {MAX_RANK}",
            sizes.len()
        ))),
        None if sizes.contains(&0) => Err(FileError::new(format!(
            "the array of shape {written} has no elements"
        ))),
        _ => Err(FileError::new(format!(
            "the array of shape {written} has more than {most_elements} elements"
        ))
        .hint("`--max-elements` raises the limit")),
    }
}

/// Returns the key that is asked for, out of the sorted keys that there are.
fn choose<'a>(keys: &'a [String], key: Option<&str>) -> Result<&'a str, FileError> {
    let found = match (key, keys) {
        (_, []) => return Err(FileError::new("the file holds no tensors")),
        (Some(key), _) => keys.iter().find(|known| *known == key),
        (None, keys) => keys.first().filter(|_| keys.len() == 1),
    };
    found.map(String::as_str).ok_or_else(|| match key {
        Some(key) => {
            let guess = nearest(key, keys.iter().map(String::as_str))
                .map(|guess| format!("did you mean {}? ", quoted(guess)))
                .unwrap_or_default();
            FileError::new(format!("the file has no key {}", quoted(key)))
                .hint(guess + &listed(keys))
        }
        None => FileError::new(format!(
            "the file holds {} tensors, and no `key` says which",
            keys.len()
        ))
        .hint(listed(keys)),
    })
}

/// The most keys that an error lists.
const MOST_LISTED: usize = 8;

fn listed(keys: &[String]) -> String {
    let shown: Vec<String> = keys
        .iter()
        .take(MOST_LISTED)
        .map(|key| quoted(key))
        .collect();
    let more = keys.len() - shown.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("the keys are {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_format() {
        assert_eq!(Kind::of("w.npy"), Some(Kind::Npy));
        assert_eq!(Kind::of("W.NPZ"), Some(Kind::Npz));
        assert_eq!(Kind::of("grads.pt"), Some(Kind::Pt));
        assert_eq!(Kind::of("grads.pth"), Some(Kind::Pt));
        assert_eq!(Kind::of("model.v2.SafeTensors"), Some(Kind::Safetensors));
        for other in ["w", "npy", "w.npyx", "w.npy.gz", "w.", ""] {
            assert_eq!(Kind::of(other), None, "{other}");
        }
    }

    #[test]
    fn nothing_of_a_file_is_quoted_raw() {
        assert_eq!(
            escaped("\x1b[31mred \u{202e} \u{2066} \n it's é"),
            "\\u{1b}[31mred \\u{202e} \\u{2066} \\n it's é"
        );
        assert_eq!(escaped(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(escaped(&"é".repeat(81)), "é".repeat(80) + "...");
    }

    #[test]
    fn a_wrong_key_is_answered_with_the_nearest_and_the_list() {
        let keys: Vec<String> = (0..20).map(|n| format!("features.{n:02}.weight")).collect();
        let error = choose(&keys, Some("feature.03.weight")).unwrap_err();
        assert_eq!(error.message, "the file has no key `feature.03.weight`");
        let hint = error.hint.unwrap();
        assert!(
            hint.starts_with(
                "did you mean `features.03.weight`? the keys are `features.00.weight`, "
            ),
            "{hint}"
        );
        assert!(hint.ends_with("`features.07.weight` and 12 more"), "{hint}");
        assert_eq!(
            choose(&keys[..1], Some("b")).unwrap_err().hint.unwrap(),
            "the keys are `features.00.weight`"
        );
        assert_eq!(
            choose(&keys[..2], None).unwrap_err().message,
            "the file holds 2 tensors, and no `key` says which"
        );
        assert_eq!(choose(&keys[..1], None).unwrap(), "features.00.weight");
        assert_eq!(
            choose(&[], None).unwrap_err().message,
            "the file holds no tensors"
        );
    }

    #[test]
    fn shapes_are_counted_before_anything_is_read() {
        let message = |sizes: &[usize]| checked_shape(sizes, 100).unwrap_err().message;
        assert_eq!(
            checked_shape(&[10, 10], 100).unwrap(),
            Shape::from([10, 10])
        );
        assert_eq!(
            message(&[101]),
            "the array of shape `[101]` has more than 100 elements"
        );
        assert_eq!(
            message(&[1 << 32, 1 << 32]),
            "the array of shape `[4294967296, 4294967296]` has more than 100 elements"
        );
        assert_eq!(
            message(&[3, 0]),
            "the array of shape `[3, 0]` has no elements"
        );
        assert_eq!(
            message(&[1; 33]),
            "the array has 33 axes, and a tensor at most 32"
        );
    }
}
