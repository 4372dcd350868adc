//! Zip archives, of which `.npz` and `.pt` files are two kinds.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use zip::read::{ZipFile, ZipFileSeek};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::escaped;
use super::source::Source;
use super::{Error, Kind};

/// An archive that is being read.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Source<'a>>,
    /// By name: the place of the entry in the directory, the last one of several of a name.
    places: HashMap<String, usize>,
    kind: Kind,
}

/// An entry of fewer bytes may be packed as tightly as deflate can.
const LARGE: u64 = 64 << 20;
/// How many times its packed size a large entry may have; no weights that were ever trained come
/// near.
const MOST_TIMES: u64 = 200;
pub(super) const END_OF_DIRECTORY: usize = 22;
const LOCATOR_OF_ZIP64: usize = 20;
const RECORD_OF_ZIP64: usize = 56;
/// The most bytes of an archive's directory: room for some ten thousand arrays.
const MOST_DIRECTORY_BYTES: u32 = 1 << 20;

impl<'a> Archive<'a> {
    /// Opens an archive whose directory is of a sensible size, for its entries are kept in memory.
    /// An archive that calls itself larger than 4 GiB has its directory elsewhere, and the search
    /// for it may go through the whole file.
    pub(super) fn open(mut reader: Source<'a>, kind: Kind) -> Result<Self, Error> {
        let length = reader.seek(SeekFrom::End(0))?;
        let longest_tail = (LOCATOR_OF_ZIP64 + END_OF_DIRECTORY + usize::from(u16::MAX)) as u64;
        reader.seek(SeekFrom::Start(length.saturating_sub(longest_tail)))?;
        let mut tail = Vec::new();
        reader.by_ref().take(longest_tail).read_to_end(&mut tail)?;
        check_end(&tail, kind)?;
        let zip = ZipArchive::new(reader).map_err(zip_error)?;
        let places = zip
            .file_names()
            .enumerate()
            .filter_map(|(place, name)| Some((name.ok()?.into_owned(), place)))
            .collect();
        Ok(Self { zip, places, kind })
    }

    /// Whether there is an entry of a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The names of the entries, in any order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Returns an entry that is safe to unpack: one that a library could have written. What else a
    /// zip archive may hold is ruled out here, so that nothing depends on how the `zip` crate
    /// treats it.
    pub(super) fn entry(&mut self, name: &str) -> Result<ZipFile<'_, Source<'a>>, Error> {
        let place = *self.places.get(name).ok_or_else(misplaced)?;
        let raw = self.zip.by_index_raw(place).map_err(|_| misplaced())?;
        check_extra_fields(&raw.extra_data().unwrap_or_default())?;
        if raw.size() > LARGE && raw.size() / MOST_TIMES > raw.compressed_size() {
            return Err(Error::Bomb {
                times: MOST_TIMES,
                kind: self.kind,
            });
        }
        match raw.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => {}
            _ => return Err(Error::Compression(self.kind)),
        }
        drop(raw);
        self.zip.by_index(place).map_err(zip_error)
    }

    /// Returns an entry that has been found safe before and is not packed, to read some of it. Its
    /// checksum is not compared.
    pub(super) fn stored(&mut self, name: &str) -> Result<ZipFileSeek<'_, Source<'a>>, Error> {
        let place = *self.places.get(name).ok_or_else(misplaced)?;
        self.zip.by_index_seek(place).map_err(zip_error)
    }
}

/// Walks the extra fields, each an identifier, a length and as many bytes, and refuses the two that
/// change how an entry is read.
fn check_extra_fields(mut fields: &[u8]) -> Result<(), Error> {
    while let [id_0, id_1, length_0, length_1, rest @ ..] = fields {
        match u16::from_le_bytes([*id_0, *id_1]) {
            0x0001 => return Err(Error::ArchiveTooLarge),
            0x9901 => return Err(Error::Encrypted),
            _ => {}
        }
        let length = u16::from_le_bytes([*length_0, *length_1]);
        fields = rest.get(usize::from(length)..).unwrap_or_default();
    }
    Ok(())
}

/// Checks the last record of an archive: the directory's size at byte 12, and the length of the
/// comment that ends the file at byte 20.
fn check_end(tail: &[u8], kind: Kind) -> Result<(), Error> {
    let at = tail
        .windows(END_OF_DIRECTORY)
        .rposition(|record| record.starts_with(b"PK\x05\x06"));
    let Some(at) = at else {
        return Err(Error::NotArchive(kind));
    };
    let (before, end) = tail.split_at(at);
    let comment_length = usize::from(u16::from_le_bytes([end[20], end[21]]));
    if end.len() != END_OF_DIRECTORY + comment_length {
        return Err(damaged("bytes follow its end"));
    }
    let (record, locator) = before.split_at(before.len().saturating_sub(LOCATOR_OF_ZIP64));
    if locator.starts_with(b"PK\x06\x07") && !repeats(record, end) {
        return Err(Error::ArchiveTooLarge);
    }
    let directory = u32::from_le_bytes([end[12], end[13], end[14], end[15]]);
    if directory > MOST_DIRECTORY_BYTES {
        return Err(Error::DirectoryTooLong {
            size: directory,
            most: MOST_DIRECTORY_BYTES,
        });
    }
    Ok(())
}

/// Whether the record for large archives, which PyTorch always writes, stands where it belongs and
/// says the same as the last record: the number of entries, and the directory's size and place.
fn repeats(before: &[u8], end: &[u8]) -> bool {
    let Some(record) = before
        .len()
        .checked_sub(RECORD_OF_ZIP64)
        .map(|at| &before[at..])
    else {
        return false;
    };
    let wide = |at: usize| {
        record[at..]
            .first_chunk()
            .map(|bytes| u64::from_le_bytes(*bytes))
    };
    let short = |at: usize| {
        end[at..]
            .first_chunk()
            .map(|bytes| u16::from_le_bytes(*bytes).into())
    };
    let word = |at: usize| {
        end[at..]
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes).into())
    };
    record.starts_with(b"PK\x06\x06")
        && wide(32) == short(10)
        && wide(40) == word(12)
        && wide(48) == word(16)
}

fn zip_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => error.into(),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Error::Encrypted,
        ZipError::FileNotFound => misplaced(),
        how => damaged(&format!("`{}`", escaped(&how.to_string()))),
    }
}

fn misplaced() -> Error {
    damaged("an entry is not where the archive says")
}

fn damaged(how: &str) -> Error {
    Error::Damaged(how.to_owned())
}
