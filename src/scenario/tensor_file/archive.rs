//! Zip archives, of which `.npz` and `.pt` files are two kinds.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{FileError, quoted};

/// An archive that is being read.
pub(super) type Archive<'a, R> = ZipArchive<BufReader<&'a mut R>>;

/// What writes archives of one kind, for the messages.
pub(super) struct Maker {
    /// What the files' names end in.
    pub(super) ending: &'static str,
    /// How to write such an archive.
    pub(super) advice: &'static str,
    /// How to write one that is not compressed.
    pub(super) uncompressed: &'static str,
}

/// Returns an entry that is safe to unpack.
pub(super) fn entry<'b, 'a, R: Read + Seek>(
    archive: &'b mut Archive<'a, R>,
    name: &str,
    maker: &Maker,
) -> Result<ZipFile<'b, BufReader<&'a mut R>>, FileError> {
    let index = check_entry(archive, name, maker)?;
    archive.by_index(index).map_err(zip_error)
}

/// Returns the place of an entry that is safe to unpack: one that a library could have written.
/// What else a zip archive may hold is ruled out here, so that nothing depends on how the `zip`
/// crate treats it.
fn check_entry<R: Read + Seek>(
    archive: &mut Archive<'_, R>,
    name: &str,
    maker: &Maker,
) -> Result<usize, FileError> {
    for index in (0..archive.len()).rev() {
        let Ok(entry) = archive.by_index_raw(index) else {
            continue;
        };
        if entry.name().ok().as_deref() != Some(name) {
            continue;
        }
        check_extra_fields(&entry.extra_data().unwrap_or_default())?;
        if entry.size() > LARGE && entry.size() / MOST_TIMES > entry.compressed_size() {
            return Err(FileError::new(format!(
                "it unpacks to more than {MOST_TIMES} times its size"
            ))
            .hint(maker.uncompressed));
        }
        return match entry.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => Ok(index),
            _ => Err(
                FileError::new("it is compressed by a method that is not known").hint(maker.advice),
            ),
        };
    }
    Err(damaged("an entry is not where the archive says"))
}

/// Walks the extra fields, each an identifier, a length and as many bytes, and refuses the two that
/// change how an entry is read.
fn check_extra_fields(mut fields: &[u8]) -> Result<(), FileError> {
    while let [id_0, id_1, length_0, length_1, rest @ ..] = fields {
        match u16::from_le_bytes([*id_0, *id_1]) {
            0x0001 => return Err(too_large()),
            0x9901 => return Err(encrypted()),
            _ => {}
        }
        let length = u16::from_le_bytes([*length_0, *length_1]);
        fields = rest.get(usize::from(length)..).unwrap_or_default();
    }
    Ok(())
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

/// Opens an archive whose directory is of a sensible size, for its entries are kept in memory. An
/// archive that calls itself larger than 4 GiB has its directory elsewhere, and the search for it
/// may go through the whole file.
pub(super) fn open<'a, R: Read + Seek>(
    reader: &'a mut R,
    maker: &Maker,
) -> Result<Archive<'a, R>, FileError> {
    let length = reader.seek(SeekFrom::End(0))?;
    let longest_tail = (LOCATOR_OF_ZIP64 + END_OF_DIRECTORY + usize::from(u16::MAX)) as u64;
    reader.seek(SeekFrom::Start(length.saturating_sub(longest_tail)))?;
    let mut tail = Vec::new();
    reader.take(longest_tail).read_to_end(&mut tail)?;
    check_end(&tail, maker)?;
    ZipArchive::new(BufReader::new(reader)).map_err(zip_error)
}

/// Checks the last record of an archive: the directory's size at byte 12, and the length of the
/// comment that ends the file at byte 20.
fn check_end(tail: &[u8], maker: &Maker) -> Result<(), FileError> {
    let at = tail
        .windows(END_OF_DIRECTORY)
        .rposition(|record| record.starts_with(b"PK\x05\x06"));
    let Some(at) = at else {
        let message = format!(
            "this is not the end of a zip archive, which a `{}` file is",
            maker.ending
        );
        return Err(FileError::new(message).hint(maker.advice));
    };
    let (before, end) = tail.split_at(at);
    let comment_length = usize::from(u16::from_le_bytes([end[20], end[21]]));
    if end.len() != END_OF_DIRECTORY + comment_length {
        return Err(damaged("bytes follow its end"));
    }
    let (record, locator) = before.split_at(before.len().saturating_sub(LOCATOR_OF_ZIP64));
    if locator.starts_with(b"PK\x06\x07") && !repeats(record, end) {
        return Err(too_large());
    }
    let directory = u32::from_le_bytes([end[12], end[13], end[14], end[15]]);
    if directory > MOST_DIRECTORY_BYTES {
        return Err(FileError::new(format!(
            "the archive's directory is {directory} bytes long, and at most {MOST_DIRECTORY_BYTES} are read"
        )));
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

fn zip_error(error: ZipError) -> FileError {
    match error {
        ZipError::Io(error) => error.into(),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => encrypted(),
        ZipError::FileNotFound => damaged("an entry is not where the archive says"),
        how => damaged(&quoted(&how.to_string())),
    }
}

fn damaged(how: &str) -> FileError {
    FileError::new(format!("the archive is damaged: {how}"))
}

fn encrypted() -> FileError {
    FileError::new("it is encrypted").hint("write the archive without a password")
}

fn too_large() -> FileError {
    FileError::new("archives of more than 2 GiB are not read")
        .hint("save the tensor in a `.npy` or `.safetensors` file")
}
