//! Why a tensor file, or a tensor of it, cannot be read.

use std::io;

use thiserror::Error;

use super::Kind;
use crate::tensor::MAX_RANK;

/// Why a tensor file, or a tensor of it, cannot be read. Nothing of the file stands in the words
/// unescaped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file ends before what it says it holds.
    #[error("the data is cut short")]
    CutShort,
    /// The system, or whatever unpacks the data, cannot read on.
    #[error("the data cannot be read: {}", escaped(&.0.to_string().to_lowercase()))]
    Io(#[source] io::Error),
    /// One tensor of an archive cannot be read; others may be.
    #[error("{} in the archive: {source}", quoted(key))]
    InArchive {
        /// The tensor's key.
        key: String,
        /// What is wrong with it.
        source: Box<Error>,
    },

    /// A key is asked for in a file that has none.
    #[error("a `.npy` file holds one array and has no keys")]
    NoKeys,
    /// There is nothing in the file.
    #[error("the file holds no tensors")]
    NoTensors,
    /// There is no array in the archive, but something else.
    #[error("no `.npy` array is in the archive, only {}", .0.named())]
    NoArrays(Keys),
    /// No tensor has the key.
    #[error("the file has no key {}", quoted(key))]
    UnknownKey {
        /// The key that is asked for.
        key: String,
        /// The key that was most likely meant.
        nearest: Option<String>,
        /// The keys that there are.
        known: Keys,
    },
    /// No key is asked for, and there are several tensors.
    #[error("the file holds {} tensors, and no `key` says which", .0.count)]
    ManyKeys(Keys),

    /// A tensor has more axes than any may have.
    #[error("the array has {0} axes, and a tensor at most {MAX_RANK}")]
    TooManyAxes(usize),
    /// A tensor has nothing in it.
    #[error("the array of shape {} has no elements", quoted(&format!("{:?}", .0)))]
    NoElements(Vec<usize>),
    /// A tensor has more elements than are read.
    #[error("the array of shape {} has more than {most} elements", quoted(&format!("{sizes:?}")))]
    TooManyElements {
        /// The size of each axis.
        sizes: Vec<usize>,
        /// The limit.
        most: usize,
    },
    /// The file is longer or shorter than its header says.
    #[error("{there} bytes of numbers follow the header, which says {}", or_more(*needed))]
    DataLength {
        /// How many bytes there are.
        there: u64,
        /// How many the header says; nothing where they cannot be counted.
        needed: Option<u64>,
    },
    /// The header takes more bytes than are read.
    #[error("the header is {size} bytes long, and at most {most} are read")]
    HeaderTooLong {
        /// How many it takes.
        size: u64,
        /// The limit.
        most: u64,
    },

    /// The file does not begin as a `.npy` file does.
    #[error("this is not the start of a `.npy` file")]
    NotNpy,
    /// The format has a newer version.
    #[error("version {0}.{1} of the `.npy` format is not known")]
    NpyVersion(u8, u8),
    /// The header of a `.npy` file is not UTF-8.
    #[error("the header is not text")]
    HeaderNotText,
    /// The header of a `.npy` file is no dictionary as NumPy writes it.
    #[error(
        "the header cannot be understood: expected {expected}, found {}",
        or_end(found)
    )]
    NpyHeader {
        /// What belongs there.
        expected: String,
        /// The rest of the header.
        found: String,
    },
    /// The header of a `.npy` file has a key that NumPy does not write.
    #[error("the header has the unknown key {}", quoted(.0))]
    UnknownHeaderKey(String),
    /// The header of a `.npy` file has not all keys.
    #[error("the header does not say the array's `{0}`")]
    HeaderLacks(&'static str),
    /// The array has several fields.
    #[error("the array holds records, not numbers")]
    Records,
    /// The array holds what only Python could load, by running it.
    #[error("the array holds pickled Python objects, which are never loaded")]
    Objects,
    /// The array's numbers are of another type than those that are read.
    #[error("an array of type {} is not read", quoted(.0))]
    ArrayType(String),

    /// The file does not begin as a `.safetensors` file does.
    #[error("this is not the start of a `.safetensors` file, or the file is cut short")]
    NotSafetensors,
    /// The header of a `.safetensors` file contradicts itself, or is no JSON.
    #[error("the header cannot be understood: {}", escaped(&.0.to_string()))]
    SafetensorsHeader(#[source] serde_json::Error),
    /// The tensor's numbers are of another type than those that are read.
    #[error("{} is of type `{dtype}`, which is not read", quoted(key))]
    TensorType {
        /// The tensor's key.
        key: String,
        /// Its type, as the format calls it.
        dtype: String,
    },

    /// The file does not end as a zip archive does.
    #[error("this is not the end of a zip archive, which a `{}` file is", .0.ending())]
    NotArchive(Kind),
    /// The archive contradicts itself.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// The archive has its directory where only large ones have it.
    #[error("archives of more than 2 GiB are not read")]
    ArchiveTooLarge,
    /// The archive's list of entries takes more bytes than are read.
    #[error("the archive's directory is {size} bytes long, and at most {most} are read")]
    DirectoryTooLong {
        /// How many it takes.
        size: u32,
        /// The limit.
        most: u32,
    },
    /// The entry cannot be read without a password.
    #[error("it is encrypted")]
    Encrypted,
    /// The entry is packed in a way that no library writes.
    #[error("it is compressed by a method that is not known")]
    Compression(Kind),
    /// The entry is packed more tightly than weights can be.
    #[error("it unpacks to more than {times} times its size")]
    Bomb {
        /// The limit.
        times: u64,
        /// What the archive is.
        kind: Kind,
    },
    /// Something follows the array in its entry.
    #[error("the entry goes on after the array")]
    GoesOn,

    /// The archive has no list of tensors.
    #[error("the archive holds no `data.pkl`")]
    NoPickle,
    /// The numbers have their bytes in another order.
    #[error("the file is from a machine whose numbers have the high byte first")]
    BigEndian,
    /// An entry that is read as a whole is too long for that.
    #[error("`{name}` is {size} bytes long, and at most {most} are read")]
    EntryTooLong {
        /// Which it is.
        name: &'static str,
        /// How many bytes it has.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// The tensor has elements outside of its storage.
    #[error("it reaches beyond its storage, which holds {0} numbers")]
    BeyondStorage(usize),
    /// The tensor's storage is packed, which PyTorch never does.
    #[error("its storage is compressed")]
    StorageCompressed,
    /// The tensor's storage is longer or shorter than the pickle says.
    #[error("its storage has {there} bytes, which are not those of {count} numbers")]
    StorageLength {
        /// How many bytes there are.
        there: u64,
        /// How many numbers the pickle says.
        count: usize,
    },
    /// What stands under the key is something else.
    #[error("{} is {kind}, and not a tensor", quoted(key))]
    NotTensor {
        /// The key.
        key: String,
        /// What stands there.
        kind: &'static str,
    },
    /// The file holds something else than tensors by their names.
    #[error("the file holds {0}, and not tensors by their names")]
    NotDictionary(&'static str),
    /// The tensor is of a kind that is not read: complex, sparse, quantized.
    #[error("a tensor made with {} is not read", quoted(.0))]
    Foreign(String),
    /// Some numbers before the tensor's are of a type whose size is not known.
    #[error("the file holds numbers of another type than those that are read")]
    ForeignStorages,
    /// The pickle ends before its last instruction.
    #[error("the pickle is cut short")]
    PickleCutShort,
    /// The format has a newer version.
    #[error("version {0} of the pickle format is not known")]
    PickleVersion(u8),
    /// The pickle's instructions lead to nothing.
    #[error("the pickle cannot be understood: its instructions do not fit together")]
    PickleNonsense,
    /// The pickle has an instruction that tensors do not need.
    #[error("the pickle has the instruction `{0}`, which tensors by their names do not need")]
    Instruction(&'static str),
    /// The pickle has a byte that stands for no instruction.
    #[error("the pickle has the byte {0:#04x} where an instruction should be")]
    NoInstruction(u8),
    /// The pickle would have a function called or an object made that is not on the list of three.
    #[error("the file asks Python for {}, which nothing here will do", quoted(.0))]
    Call(String),
}

/// The keys of a file: how many there are, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The first in their order.
    pub first: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// The most keys that an error lists.
const MOST_LISTED: usize = 8;

const AS_ARRAY: &str = "save it as numbers, with `array.astype(\"float64\")`";
const AS_TENSOR: &str = "save it as numbers, with `tensor.double()`";
const AS_DICTIONARY: &str =
    "save a dictionary of tensors, `torch.save({name: tensor.detach(), ...}, file)`";

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::InArchive { source, .. } => return source.hint(),
            Self::UnknownKey { nearest, known, .. } => {
                let meant = nearest.as_deref().map(quoted);
                let meant = meant.map(|meant| format!("did you mean {meant}? "));
                return Some(meant.unwrap_or_default() + &known.listed());
            }
            Self::ManyKeys(known) => return Some(known.listed()),
            Self::NoArrays(_) => {
                "unpack it: what is marked is the `.npz` file of `numpy.savez` itself"
            }
            Self::NoKeys => "leave `key` out",
            Self::TooManyElements { .. } => "`--max-elements` raises the limit",
            Self::NotNpy => Kind::Npy.advice(),
            Self::Records => "save each field as an array of its own",
            Self::Objects | Self::ArrayType(_) => AS_ARRAY,
            Self::NotSafetensors => Kind::Safetensors.advice(),
            Self::TensorType { .. } | Self::Foreign(_) | Self::ForeignStorages => AS_TENSOR,
            Self::NotArchive(kind) | Self::Compression(kind) => kind.advice(),
            Self::ArchiveTooLarge => "save the tensor in a `.npy` or `.safetensors` file",
            Self::Encrypted => "write the archive without a password",
            Self::Bomb { kind, .. } => kind.uncompressed(),
            Self::NoPickle => Kind::Pt.advice(),
            Self::BigEndian => "save it on another",
            Self::StorageCompressed => Kind::Pt.uncompressed(),
            Self::NotTensor { .. }
            | Self::NotDictionary(_)
            | Self::PickleNonsense
            | Self::Instruction(_)
            | Self::NoInstruction(_)
            | Self::Call(_) => AS_DICTIONARY,
            Self::CutShort
            | Self::Io(_)
            | Self::NoTensors
            | Self::TooManyAxes(_)
            | Self::NoElements(_)
            | Self::DataLength { .. }
            | Self::HeaderTooLong { .. }
            | Self::NpyVersion(..)
            | Self::HeaderNotText
            | Self::NpyHeader { .. }
            | Self::UnknownHeaderKey(_)
            | Self::HeaderLacks(_)
            | Self::SafetensorsHeader(_)
            | Self::Damaged(_)
            | Self::DirectoryTooLong { .. }
            | Self::GoesOn
            | Self::EntryTooLong { .. }
            | Self::BeyondStorage(_)
            | Self::StorageLength { .. }
            | Self::PickleCutShort
            | Self::PickleVersion(_) => return None,
        };
        Some(hint.to_owned())
    }

    /// The error as one of a single tensor of an archive.
    pub(super) fn in_archive(self, key: &str) -> Self {
        Self::InArchive {
            key: key.to_owned(),
            source: Box::new(self),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::CutShort
        } else {
            Self::Io(error)
        }
    }
}

impl Keys {
    pub(super) fn of(keys: &[String]) -> Self {
        Self {
            first: keys.iter().take(MOST_LISTED).cloned().collect(),
            count: keys.len(),
        }
    }

    fn listed(&self) -> String {
        format!("the keys are {}", self.named())
    }

    /// The first of them, with how many more there are.
    fn named(&self) -> String {
        let shown: Vec<String> = self.first.iter().map(|key| quoted(key)).collect();
        let more = match self.count - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{more}", shown.join(", "))
    }
}

impl Kind {
    /// What the names of such files end in.
    fn ending(self) -> &'static str {
        match self {
            Self::Npy => ".npy",
            Self::Npz => ".npz",
            Self::Pt => ".pt",
            Self::Safetensors => ".safetensors",
        }
    }

    /// How to write such a file.
    fn advice(self) -> &'static str {
        match self {
            Self::Npy => "write the array with `numpy.save`",
            Self::Npz => "write the archive with `numpy.savez` or `numpy.savez_compressed`",
            Self::Pt => AS_DICTIONARY,
            Self::Safetensors => "write the tensors with `safetensors.torch.save_file`",
        }
    }

    /// How to write one that is not compressed.
    fn uncompressed(self) -> &'static str {
        match self {
            Self::Npz => "write it uncompressed with `numpy.savez`",
            Self::Npy | Self::Pt | Self::Safetensors => {
                "write it with `torch.save`, which compresses nothing"
            }
        }
    }
}

fn or_more(needed: Option<u64>) -> String {
    needed.map_or_else(|| "more".to_owned(), |needed| needed.to_string())
}

fn or_end(rest: &str) -> String {
    if rest.is_empty() {
        "its end".to_owned()
    } else {
        quoted(rest)
    }
}

/// The most characters of a file's own words that a message repeats.
const MOST_QUOTED: usize = 80;

fn quoted(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// Returns words of a file, cut to a sensible length, without characters that a terminal would act
/// on.
pub(super) fn escaped(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_file_is_quoted_raw() {
        assert_eq!(
            escaped("\x1b[31mred \u{202e} \u{2066} \n it's é"),
            "\\u{1b}[31mred \\u{202e} \\u{2066} \\n it's é"
        );
        assert_eq!(escaped(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(escaped(&"é".repeat(81)), "é".repeat(80) + "...");
    }
}
