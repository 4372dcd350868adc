use std::io::{BufReader, Read, Seek, SeekFrom};

use npyz::zip::result::ZipError;
use npyz::zip::{CompressionMethod, ZipArchive};

use super::{FileError, choose, escaped, npy, quoted};
use crate::tensor::Tensor;

type Archive<'a, R> = ZipArchive<BufReader<&'a mut R>>;

/// Reads one array of the archive.
pub(super) fn read<R: Read + Seek>(reader: &mut R, key: Option<&str>, most_elements: usize) -> Result<Tensor, FileError> {
    let mut archive = open(reader)?;
    let keys = keys_of(&archive);
    // An array may be named by its entry in the archive, unless another array has that very name.
    let key = key.map(|key| match key.strip_suffix(".npy") {
        Some(stem) if !keys.iter().any(|known| known == key) => stem,
        _ => key,
    });
    let key = choose(&keys, key)?;
    read_entry(&mut archive, &format!("{key}.npy"), most_elements)
        .map_err(|error| FileError { message: format!("{} in the archive: {}", quoted(key), error.message), ..error })
}

/// Returns the names of the arrays, sorted.
pub(super) fn keys(reader: &mut (impl Read + Seek)) -> Result<Vec<String>, FileError> {
    Ok(keys_of(&open(reader)?))
}

fn keys_of<R: Read + Seek>(archive: &Archive<'_, R>) -> Vec<String> {
    let mut keys: Vec<String> = archive.file_names().filter_map(|name| name.strip_suffix(".npy")).map(str::to_owned).collect();
    keys.sort();
    keys
}

fn read_entry<R: Read + Seek>(archive: &mut Archive<'_, R>, name: &str, most_elements: usize) -> Result<Tensor, FileError> {
    let index = check_entry(archive, name)?;
    let mut entry = archive.by_index(index).map_err(zip_error)?;
    let size = entry.size();
    let tensor = npy::read(&mut entry, size, most_elements)?;
    // The archive's checksum is compared when the entry has been read to its end. An entry that goes on after the array is not unpacked.
    match entry.read(&mut [0])? {
        0 => Ok(tensor),
        _ => Err(FileError::new("the entry goes on after the array")),
    }
}

/// Returns the place of an entry that is safe to unpack.
///
/// The `zip` crate panics on an entry that is said to be encrypted in its extra fields but not in its flags, and takes as much memory
/// as the file says for methods that NumPy never writes.
fn check_entry<R: Read + Seek>(archive: &mut Archive<'_, R>, name: &str) -> Result<usize, FileError> {
    for index in (0..archive.len()).rev() {
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        if entry.name() != name {
            continue;
        }
        check_extra_fields(entry.extra_data())?;
        return match entry.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => Ok(index),
            _ => Err(FileError::new("it is compressed by a method that is not known")
                .hint("write the archive with `numpy.savez` or `numpy.savez_compressed`")),
        };
    }
    Err(damaged("an entry is not where the archive says"))
}

/// Walks the extra fields, each an identifier, a length and as many bytes. The `zip` crate walks them in the same way where there is
/// none for sizes beyond 4 GiB, so that is refused too.
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

const END_OF_DIRECTORY: usize = 22;
const LOCATOR_OF_ZIP64: usize = 20;
/// The most bytes of an archive's directory: room for some ten thousand arrays.
const MOST_DIRECTORY_BYTES: u32 = 1 << 20;

/// Opens an archive whose directory is of a sensible size.
///
/// The `zip` crate takes memory for as many entries as the archive claims, and in one that calls itself larger than 4 GiB it looks for
/// the directory byte by byte through the whole file. Both are ruled out before it sees the file.
fn open<R: Read + Seek>(reader: &mut R) -> Result<Archive<'_, R>, FileError> {
    let length = reader.seek(SeekFrom::End(0))?;
    let longest_tail = (LOCATOR_OF_ZIP64 + END_OF_DIRECTORY + usize::from(u16::MAX)) as u64;
    reader.seek(SeekFrom::Start(length.saturating_sub(longest_tail)))?;
    let mut tail = Vec::new();
    reader.take(longest_tail).read_to_end(&mut tail)?;
    check_end(&tail)?;
    ZipArchive::new(BufReader::new(reader)).map_err(zip_error)
}

/// Checks the last record of an archive: the directory's size at byte 12, and the length of the comment that ends the file at byte 20.
fn check_end(tail: &[u8]) -> Result<(), FileError> {
    let at = tail.windows(END_OF_DIRECTORY).rposition(|record| record.starts_with(b"PK\x05\x06"));
    let Some(at) = at else {
        return Err(FileError::new("this is not the end of a zip archive, which a `.npz` file is")
            .hint("write the archive with `numpy.savez` or `numpy.savez_compressed`"));
    };
    let (before, end) = tail.split_at(at);
    let comment_length = usize::from(u16::from_le_bytes([end[20], end[21]]));
    if end.len() != END_OF_DIRECTORY + comment_length {
        return Err(damaged("bytes follow its end"));
    }
    let locator = before.len().checked_sub(LOCATOR_OF_ZIP64).map(|at| &before[at..]);
    if locator.is_some_and(|locator| locator.starts_with(b"PK\x06\x07")) {
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

fn zip_error(error: ZipError) -> FileError {
    match error {
        ZipError::Io(error) => error.into(),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => encrypted(),
        other => damaged(&escaped(&other.to_string())),
    }
}

fn damaged(how: &str) -> FileError {
    FileError::new(format!("the archive is damaged: {how}"))
}

fn encrypted() -> FileError {
    FileError::new("it is encrypted").hint("write the archive without a password")
}

fn too_large() -> FileError {
    FileError::new("archives of more than 2 GiB are not read").hint("save the tensor in a `.npy` or `.safetensors` file")
}
