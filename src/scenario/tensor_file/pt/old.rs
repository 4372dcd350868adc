//! The format of `torch.save` before PyTorch 1.6: pickles one after the other, and then the
//! storages' bytes, each behind the number of its elements.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use super::super::Error;
use super::super::pickle::{self, Dictionary, Storage};
use super::super::source::Source;

/// What a file begins with: a number of ten bytes and the format's version, each pickled.
const START: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";

/// A file of that format.
pub(super) struct Old<'a> {
    reader: Source<'a>,
    /// By the name of a storage, the place of its first byte.
    starts: BTreeMap<Arc<str>, u64>,
}

/// Whether a file is of that format. It is read from its start then.
pub(super) fn is_old(reader: &mut Source<'_>) -> Result<bool, Error> {
    reader.rewind()?;
    let mut start = Vec::new();
    reader.take(START.len() as u64).read_to_end(&mut start)?;
    Ok(start == START)
}

impl<'a> Old<'a> {
    /// Reads what stands before the storages' bytes, and finds their places. The reader stands
    /// behind the start of the format.
    pub(super) fn open(mut reader: Source<'a>) -> Result<(Self, Dictionary), Error> {
        let mut bytes = Vec::new();
        reader
            .by_ref()
            .take(pickle::MOST_BYTES)
            .read_to_end(&mut bytes)?;
        let mut pickles = bytes.as_slice();
        if pickle::dictionary(&mut pickles)?.denies("little_endian") {
            return Err(Error::BigEndian);
        }
        let dictionary = pickle::dictionary(&mut pickles)?;
        if dictionary.has_foreign_storages {
            return Err(Error::ForeignStorages);
        }
        let names = pickle::texts(&mut pickles)?;
        let starts = BTreeMap::new();
        let mut file = Self { reader, starts };
        let first = START.len() + bytes.len() - pickles.len();
        file.find(&names, dictionary.storages(), first as u64)?;
        Ok((file, dictionary))
    }

    /// Finds the storages of these names, which follow each other from a place on.
    fn find(
        &mut self,
        names: &[Arc<str>],
        storages: &[Storage],
        mut place: u64,
    ) -> Result<(), Error> {
        let known: BTreeMap<&str, &Storage> = storages
            .iter()
            .map(|storage| (&*storage.key, storage))
            .collect();
        for name in names {
            let storage = known.get(&**name).ok_or(Error::PickleNonsense)?;
            let mut count = [0; 8];
            self.reader.seek(SeekFrom::Start(place))?;
            self.reader.read_exact(&mut count)?;
            let (there, count) = (u64::from_le_bytes(count), storage.length);
            let size = storage.dtype.size() as u64;
            let length = (count as u64)
                .checked_mul(size)
                .filter(|_| there == count as u64);
            let end = length.and_then(|length| place.checked_add(8)?.checked_add(length));
            self.starts.insert(Arc::clone(name), place + 8);
            place = end.ok_or(Error::StorageLength { there, count })?;
        }
        Ok(())
    }

    /// Reads the bytes of some of a storage's numbers.
    pub(super) fn numbers(
        &mut self,
        storage: &Storage,
        places: Range<usize>,
    ) -> Result<Vec<u8>, Error> {
        let start = *self.starts.get(&storage.key).ok_or(Error::PickleNonsense)?;
        let size = storage.dtype.size() as u64;
        let n_bytes = places.len() as u64 * size;
        self.reader
            .seek(SeekFrom::Start(start + places.start as u64 * size))?;
        let mut bytes = Vec::new();
        self.reader.by_ref().take(n_bytes).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == n_bytes {
            Ok(bytes)
        } else {
            Err(Error::CutShort)
        }
    }
}
