//! NumPy's archives of arrays.

use std::io::Read;

use super::archive::Archive;
use super::dtype::Dtype;
use super::source::Source;
use super::{Error, Kind, npy};
use crate::tensor::Tensor;

/// A zip archive of `.npy` files.
pub(super) struct Npz<'a>(Archive<'a>);

impl<'a> Npz<'a> {
    /// Opens an archive; returns the names of its arrays, too, sorted.
    pub(super) fn open(reader: Source<'a>) -> Result<(Self, Vec<String>), Error> {
        let archive = Archive::open(reader, Kind::Npz)?;
        let names = archive.names().filter_map(|name| name.strip_suffix(".npy"));
        let mut keys: Vec<String> = names.map(str::to_owned).collect();
        keys.sort();
        Ok((Self(archive), keys))
    }

    /// Reads the array of a name.
    pub(super) fn tensor(&mut self, key: &str, most_elements: usize) -> Result<Tensor, Error> {
        self.array(&format!("{key}.npy"), most_elements)
            .map_err(|error| error.in_archive(key))
    }

    /// The names of the entries that are no arrays, sorted.
    pub(super) fn others(&self) -> Vec<String> {
        let names = self.0.names().filter(|name| !name.ends_with(".npy"));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names
    }

    /// How the numbers of an array are written.
    pub(super) fn dtype(&mut self, key: &str) -> Option<Dtype> {
        npy::dtype(&mut self.0.entry(&format!("{key}.npy")).ok()?)
    }

    fn array(&mut self, name: &str, most_elements: usize) -> Result<Tensor, Error> {
        let mut entry = self.0.entry(name)?;
        let size = entry.size();
        let tensor = npy::read(&mut entry, size, most_elements)?;
        // The archive's checksum is compared when the entry has been read to its end. An entry that
        // goes on after the array is not unpacked.
        match entry.read(&mut [0])? {
            0 => Ok(tensor),
            _ => Err(Error::GoesOn),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::super::TensorFile;
    use super::super::archive::END_OF_DIRECTORY;
    use super::super::npy::tests::{f64s, npy};
    use super::*;

    fn npz(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            archive
                .start_file(
                    *name,
                    SimpleFileOptions::default().compression_method(method),
                )
                .unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn row(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
        let bytes = f64s(numbers);
        npy("'<f8'", "False", &format!("({},)", bytes.len() / 8), &bytes)
    }

    fn from_bytes(bytes: &[u8], key: Option<&str>) -> Result<Vec<f64>, Error> {
        let mut file = TensorFile::open(Kind::Npz, Cursor::new(bytes))?;
        file.tensor(key, 1000).map(|tensor| tensor.data().to_vec())
    }

    /// Returns the archive with some bytes replaced wherever they stand.
    fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let places: Vec<usize> = (0..bytes.len() - old.len())
            .filter(|&at| bytes[at..].starts_with(old))
            .collect();
        assert!(!places.is_empty());
        places
            .iter()
            .for_each(|&at| bytes[at..at + new.len()].copy_from_slice(new));
        bytes
    }

    #[test]
    fn arrays_are_found_by_key() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let one = npz(
                method,
                &[
                    ("fc.weight.npy", &row([1.0, 2.0])),
                    ("README.txt", b"no array"),
                ],
            );
            for key in [None, Some("fc.weight"), Some("fc.weight.npy")] {
                assert_eq!(from_bytes(&one, key).unwrap(), [1.0, 2.0]);
            }
            let two = npz(
                method,
                &[
                    ("b.npy", &row([1.0])),
                    ("a.npy", &row([2.0])),
                    ("a.npy.npy", &row([3.0])),
                ],
            );
            assert_eq!(
                TensorFile::open(Kind::Npz, Cursor::new(&two))
                    .unwrap()
                    .keys(),
                ["a", "a.npy", "b"]
            );
            assert_eq!(from_bytes(&two, Some("a")).unwrap(), [2.0]);
            assert_eq!(from_bytes(&two, Some("a.npy")).unwrap(), [3.0]);
            assert_eq!(
                from_bytes(&two, None).unwrap_err().to_string(),
                "the file holds 3 tensors, and no `key` says which"
            );
            assert_eq!(
                from_bytes(&two, Some("../a")).unwrap_err().to_string(),
                "the file has no key `../a`"
            );
        }
    }

    #[test]
    fn damaged_archives_are_refused() {
        let plain = npz(CompressionMethod::Stored, &[("w.npy", &row([1.0, 2.0]))]);
        let packed = npz(
            CompressionMethod::Deflated,
            &[("w.npy", &row((0..100).map(f64::from)))],
        );
        let entry = |bytes: &[u8]| npz(CompressionMethod::Deflated, &[("w.npy", bytes)]);
        let end = plain.len() - END_OF_DIRECTORY;
        let no_archive = "this is not the end of a zip archive, which a `.npz` file is";
        // The flags stand at byte 8 of an entry's record in the directory.
        let encrypted_flag = |from: &[u8]| {
            let mut bytes = from.to_vec();
            let directory = bytes
                .windows(4)
                .rposition(|bytes| bytes == b"PK\x01\x02")
                .unwrap();
            bytes[directory + 8] |= 1;
            bytes
        };
        let unknown_method =
            |from: &[u8], method: u8| replaced(from, &[0, 0, 8, 0], &[0, 0, method, 0]);
        for (bytes, message) in [
            (vec![], no_archive),
            (row([1.0]), no_archive),
            (plain[..100].to_vec(), no_archive),
            (plain[..plain.len() - 10].to_vec(), no_archive),
            (
                [&plain[..], b"more"].concat(),
                "the archive is damaged: bytes follow its end",
            ),
            (
                npz(CompressionMethod::Stored, &[]),
                "the file holds no tensors",
            ),
            (
                npz(CompressionMethod::Stored, &[("w.txt", b"hello")]),
                "the file holds no tensors",
            ),
            (
                replaced(&plain, &2_f64.to_le_bytes(), &3_f64.to_le_bytes()),
                "`w` in the archive: the data cannot be read: invalid checksum",
            ),
            (entry(b"hello"), "`w` in the archive: the data is cut short"),
            (
                entry(&row([1.0, 2.0])[..60]),
                "`w` in the archive: the data is cut short",
            ),
            (
                entry(b"hello to the world"),
                "`w` in the archive: this is not the start of a `.npy` file",
            ),
            (
                entry(&npy("'|O'", "False", "(1,)", b"cos\nsystem")),
                "`w` in the archive: the array holds pickled Python objects, which are never \
                 loaded",
            ),
            (
                entry(&npy("'<f8'", "False", "(1001,)", &[])),
                "`w` in the archive: the array of shape `[1001]` has more than 1000 elements",
            ),
            (
                unknown_method(&packed, 99),
                "`w` in the archive: it is compressed by a method that is not known",
            ),
            (
                unknown_method(&packed, 98),
                "`w` in the archive: it is compressed by a method that is not known",
            ),
            (
                unknown_method(&packed, 93),
                "`w` in the archive: it is compressed by a method that is not known",
            ),
            (
                encrypted_flag(&plain),
                "`w` in the archive: it is encrypted",
            ),
            (
                replaced(&plain, b"PK\x03\x04", b"PK\x03\x05"),
                "`w` in the archive: the archive is damaged: an entry is not where the archive \
                 says",
            ),
            (
                [&plain[..end], b"PK\x06\x07", &[0; 16], &plain[end..]].concat(),
                "archives of more than 2 GiB are not read",
            ),
            (
                [
                    &plain[..end + 12],
                    &u32::MAX.to_le_bytes(),
                    &plain[end + 16..],
                ]
                .concat(),
                "the archive's directory is 4294967295 bytes long, and at most 1048576 are read",
            ),
        ] {
            assert_eq!(from_bytes(&bytes, None).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn an_entry_that_hides_its_encryption_is_refused() {
        // The flags say that the entry is not encrypted, and an extra field says that it is.
        let extra = [0x01, 0x99, 7, 0, 1, 0, 0x41, 0x45, 1, 0, 0];
        let plain = npz(CompressionMethod::Stored, &[("w.npy", &row([1.0, 2.0]))]);
        let end = plain.len() - END_OF_DIRECTORY;
        let directory = plain
            .windows(4)
            .rposition(|bytes| bytes == b"PK\x01\x02")
            .unwrap();
        let with_extra = |extra: &[u8]| {
            let mut bytes = [&plain[..end], extra, &plain[end..]].concat();
            bytes[directory + 30] = extra.len() as u8;
            bytes[end + extra.len() + 12] += extra.len() as u8;
            from_bytes(&bytes, None)
        };
        assert_eq!(
            with_extra(&extra).unwrap_err().to_string(),
            "`w` in the archive: it is encrypted"
        );
        let behind_another = [&[0x75, 0x78, 3, 0, 1, 2, 3], &extra[..]].concat();
        assert_eq!(
            with_extra(&behind_another).unwrap_err().to_string(),
            "`w` in the archive: it is encrypted"
        );
        let large = [0x01, 0x00, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(
            with_extra(&large).unwrap_err().to_string(),
            "`w` in the archive: archives of more than 2 GiB are not read"
        );
        assert_eq!(
            with_extra(&[0x75, 0x78, 3, 0, 1, 2, 3]).unwrap(),
            [1.0, 2.0]
        );
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        // The array is small and is followed by megabytes of zeros, of which the archive's
        // directory says nothing.
        let array = row([1.0, 2.0]);
        let bomb = npz(
            CompressionMethod::Deflated,
            &[("w.npy", &[&array[..], &vec![0; 8 << 20]].concat())],
        );
        let honest_size = ((array.len() + (8 << 20)) as u32).to_le_bytes();
        let message = from_bytes(&bomb, None).unwrap_err().to_string();
        assert_eq!(
            message,
            "`w` in the archive: 8388624 bytes of numbers follow the header, which says 16"
        );
        let lying = replaced(&bomb, &honest_size, &(array.len() as u32).to_le_bytes());
        assert_eq!(
            from_bytes(&lying, None).unwrap_err().to_string(),
            "`w` in the archive: the data cannot be read: file is larger than its declared \
             uncompressed size"
        );
    }
}
