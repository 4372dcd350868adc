//! The format of `torch.save`: since PyTorch 1.6 a zip archive of a pickle, which says how the
//! tensors lie in their storages, and of the storages' bytes.

mod old;

use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use zip::CompressionMethod;

use self::old::Old;
use super::archive::Archive;
use super::dtype::{Dtype, Endian};
use super::pickle::{self, Dictionary, Layout, Storage};
use super::shape::checked_shape;
use super::source::Source;
use super::{Error, Kind};
use crate::tensor::{Shape, Tensor};

/// Whether a zip archive, by the name of its first entry, is of this format and no `.npz` file.
pub(super) fn is_begun_by(bytes: &[u8]) -> bool {
    // The length of the name stands at byte 26 of the entry, and the name at byte 30.
    let name = bytes.get(26..28).and_then(|length| {
        bytes
            .get(30..)?
            .get(..usize::from(u16::from_le_bytes([length[0], length[1]])))
    });
    bytes.starts_with(b"PK\x03\x04") && name.is_some_and(|name| name.ends_with(b"/data.pkl"))
}

/// A dictionary of tensors, and the storages that they lie in.
pub(super) struct Pt<'a> {
    dictionary: Dictionary,
    storages: Storages<'a>,
}

/// Where storages are.
enum Storages<'a> {
    Folder(Folder<'a>),
    Old(Old<'a>),
}

impl<'a> Pt<'a> {
    /// Reads the dictionary; returns its names, too, sorted.
    pub(super) fn open(mut reader: Source<'a>) -> Result<(Self, Vec<String>), Error> {
        let (storages, dictionary) = if old::is_old(&mut reader)? {
            let (file, dictionary) = Old::open(reader)?;
            (Storages::Old(file), dictionary)
        } else {
            let (folder, dictionary) = Folder::open(reader)?;
            (Storages::Folder(folder), dictionary)
        };
        let keys = dictionary.names().map(str::to_owned).collect();
        let file = Self {
            dictionary,
            storages,
        };
        Ok((file, keys))
    }

    /// Whether there is anything under a name or a path.
    pub(super) fn has(&self, key: &str) -> bool {
        self.dictionary.has(key)
    }

    /// The paths of the tensors of the only dictionary within the file's that has some.
    pub(super) fn inner_paths(&self) -> Vec<String> {
        self.dictionary.inner_paths()
    }

    /// Reads the tensor of a name or a path that the dictionary has.
    pub(super) fn tensor(&mut self, key: &str, most_elements: usize) -> Result<Tensor, Error> {
        let layout = self.dictionary.tensor(key)?.clone();
        self.laid_out(&layout, most_elements)
            .map_err(|error| error.in_archive(key))
    }

    /// How the numbers of a tensor are written.
    pub(super) fn dtype(&self, key: &str) -> Option<Dtype> {
        Some(self.dictionary.tensor(key).ok()?.storage.dtype)
    }

    fn laid_out(&mut self, layout: &Layout, most_elements: usize) -> Result<Tensor, Error> {
        let shape = checked_shape(&layout.sizes, most_elements)?;
        let storage = &layout.storage;
        let end = layout
            .end()
            .filter(|end| *end <= storage.length)
            .ok_or(Error::BeyondStorage(storage.length))?;
        let places = layout.offset..end;
        let bytes = match &mut self.storages {
            Storages::Folder(folder) => folder.numbers(storage, places)?,
            Storages::Old(file) => file.numbers(storage, places)?,
        };
        let size = storage.dtype.size();
        let mut in_order = Vec::with_capacity(shape.numel() * size);
        layout.places(&shape, |place| {
            in_order.extend_from_slice(&bytes[place * size..][..size])
        });
        let mut data =
            storage
                .dtype
                .read(Endian::Little, &mut in_order.as_slice(), shape.numel())?;
        if layout.is_negated {
            data.iter_mut().for_each(|number| *number = -*number);
        }
        Ok(Tensor::new(shape, data).expect("the layout has a place for each element of the shape"))
    }
}

/// An archive whose entries are all in one folder.
struct Folder<'a> {
    archive: Archive<'a>,
    name: String,
    /// The storages that are as long as the pickle says and as their checksums say.
    checked: HashSet<Storage>,
}

impl<'a> Folder<'a> {
    fn open(reader: Source<'a>) -> Result<(Self, Dictionary), Error> {
        let archive = Archive::open(reader, Kind::Pt)?;
        let name = archive
            .names()
            .filter_map(|name| name.strip_suffix("/data.pkl"))
            .min()
            .ok_or(Error::NoPickle)?
            .to_owned();
        let checked = HashSet::new();
        let mut folder = Self {
            archive,
            name,
            checked,
        };
        folder.expect_little_endian()?;
        let pickle = folder.small("data.pkl", pickle::MOST_BYTES)?;
        let dictionary = pickle::dictionary(&mut pickle.as_slice())?;
        Ok((folder, dictionary))
    }

    /// Older files do not say the order of bytes, and are from machines with the low byte first.
    fn expect_little_endian(&mut self) -> Result<(), Error> {
        if !self.archive.has(&self.within("byteorder")) {
            return Ok(());
        }
        match self.small("byteorder", 16)?.as_slice() {
            b"little" => Ok(()),
            _ => Err(Error::BigEndian),
        }
    }

    /// Reads the whole of an entry.
    fn small(&mut self, name: &'static str, most: u64) -> Result<Vec<u8>, Error> {
        let mut entry = self.archive.entry(&self.within(name))?;
        let size = entry.size();
        if size > most {
            return Err(Error::EntryTooLong { name, size, most });
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads the bytes of some of a storage's numbers. A storage is compared with its checksum when
    /// it is first read, which takes reading it to its end.
    fn numbers(&mut self, storage: &Storage, places: Range<usize>) -> Result<Vec<u8>, Error> {
        let name = self.within(&format!("data/{}", storage.key));
        let size = storage.dtype.size() as u64;
        let mut bytes = Vec::new();
        if self.checked.contains(storage) {
            let mut entry = self.archive.stored(&name)?;
            entry.seek(SeekFrom::Start(places.start as u64 * size))?;
            entry
                .take(places.len() as u64 * size)
                .read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        let mut entry = self.archive.entry(&name)?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(Error::StorageCompressed);
        }
        let (there, count) = (entry.size(), storage.length);
        if (count as u64).checked_mul(size) != Some(there) {
            return Err(Error::StorageLength { there, count });
        }
        // The storage has as many bytes as it says, so that no such product can be too large.
        let n_bytes = places.len() as u64 * size;
        let before = &mut entry.by_ref().take(places.start as u64 * size);
        io::copy(before, &mut io::sink())?;
        if entry.by_ref().take(n_bytes).read_to_end(&mut bytes)? as u64 != n_bytes {
            return Err(Error::CutShort);
        }
        io::copy(&mut entry, &mut io::sink())?;
        self.checked.insert(storage.clone());
        Ok(bytes)
    }

    /// The name of an entry in the archive.
    fn within(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }
}

impl Layout {
    /// The place in the storage behind the last that the tensor has an element at, where the
    /// strides fit the sizes and it can be counted.
    fn end(&self) -> Option<usize> {
        if self.sizes.len() != self.strides.len() {
            return None;
        }
        let axes = self.sizes.iter().zip(&self.strides);
        let last = axes
            .into_iter()
            .try_fold(self.offset, |last, (size, stride)| {
                last.checked_add((size - 1).checked_mul(*stride)?)
            })?;
        last.checked_add(1)
    }

    /// Visits the places of the elements, counted from the first, in row-major order.
    fn places(&self, shape: &Shape, mut visit: impl FnMut(usize)) {
        let mut index = vec![0; self.sizes.len()];
        let mut place = 0;
        for _ in 0..shape.numel() {
            visit(place);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                place += self.strides[axis];
                if index[axis] < self.sizes[axis] {
                    break;
                }
                index[axis] = 0;
                place -= self.strides[axis] * self.sizes[axis];
            }
        }
    }
}

#[cfg(test)]
mod tests;
