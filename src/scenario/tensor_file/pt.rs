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
#[derive(Debug)]
pub(super) struct Pt<R> {
    dictionary: Dictionary,
    storages: Storages<R>,
}

/// Where storages are.
#[derive(Debug)]
enum Storages<R> {
    Folder(Folder<R>),
    Old(Old<R>),
}

impl<R: Read + Seek> Pt<R> {
    /// Reads the dictionary; returns its names, too, sorted.
    pub(super) fn open(mut reader: R) -> Result<(Self, Vec<String>), Error> {
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
#[derive(Debug)]
struct Folder<R> {
    archive: Archive<R>,
    name: String,
    /// The storages that are as long as the pickle says and as their checksums say.
    checked: HashSet<Storage>,
}

impl<R: Read + Seek> Folder<R> {
    fn open(reader: R) -> Result<(Self, Dictionary), Error> {
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
mod tests {
    use std::io::{Cursor, Write};

    use proptest::prelude::*;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::super::TensorFile;
    use super::*;

    const STRIDED: &[u8] = include_bytes!("../../../tests/data/pt/strided.pt");
    const TYPES: &[u8] = include_bytes!("../../../tests/data/pt/types.pt");
    const STATE_DICT: &[u8] = include_bytes!("../../../tests/data/pt/state_dict.pt");
    const PARAMETERS: &[u8] = include_bytes!("../../../tests/data/pt/parameters.pt");
    const NESTED: &[u8] = include_bytes!("../../../tests/data/pt/nested.pt");
    const CHECKPOINT: &[u8] = include_bytes!("../../../tests/data/pt/checkpoint.pt");
    const NEGATED: &[u8] = include_bytes!("../../../tests/data/pt/negated.pt");
    const LEGACY: &[u8] = include_bytes!("../../../tests/data/pt/legacy.pt");

    fn tensor(bytes: &[u8], key: &str) -> Result<Tensor, Error> {
        TensorFile::open(Kind::Pt, Cursor::new(bytes))?.tensor(Some(key), 100)
    }

    fn numbers(bytes: &[u8], key: &str) -> Vec<f64> {
        tensor(bytes, key).unwrap().data().to_vec()
    }

    fn names(bytes: &[u8]) -> Result<Vec<String>, Error> {
        Ok(TensorFile::open(Kind::Pt, Cursor::new(bytes))?
            .keys()
            .to_vec())
    }

    /// An archive of this pickle and of one storage.
    fn archive(
        pickle: &[u8],
        storage: &[u8],
        byteorder: &[u8],
        method: CompressionMethod,
    ) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [
            ("a/data.pkl", pickle),
            ("a/byteorder", byteorder),
            ("a/data/0", storage),
        ] {
            archive
                .start_file(
                    name,
                    SimpleFileOptions::default().compression_method(method),
                )
                .unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn holding(pickle: &[u8], storage: &[u8]) -> Vec<u8> {
        archive(pickle, storage, b"little", CompressionMethod::Stored)
    }

    /// A pickle of one f64 tensor, `x`.
    fn pickled(length: u8, offset: u8, sizes: &[u8], strides: &[u8]) -> Vec<u8> {
        let counts = |counts: &[u8]| {
            [
                b"(",
                &counts
                    .iter()
                    .flat_map(|count| [b'K', *count])
                    .collect::<Vec<u8>>()[..],
                b"t",
            ]
            .concat()
        };
        let text = |text: &str| {
            [
                b"X",
                &(text.len() as u32).to_le_bytes()[..],
                text.as_bytes(),
            ]
            .concat()
        };
        let storage = [
            b"(",
            &text("storage")[..],
            b"ctorch\nDoubleStorage\n",
            &text("0"),
            &text("cpu"),
            &[b'K', length],
            b"tQ",
        ]
        .concat();
        let arguments = [
            &storage[..],
            &[b'K', offset],
            &counts(sizes),
            &counts(strides),
            b"\x89N",
        ]
        .concat();
        [
            b"\x80\x02}",
            &text("x")[..],
            b"ctorch._utils\n_rebuild_tensor_v2\n(",
            &arguments,
            b"tRs.",
        ]
        .concat()
    }

    fn f64s(numbers: &[f64]) -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    }

    #[test]
    fn views_come_out_in_row_major_order() {
        assert_eq!(
            names(STRIDED).unwrap(),
            ["column", "expanded", "one", "part", "transposed", "whole"]
        );
        assert_eq!(
            numbers(STRIDED, "whole"),
            (0..12).map(f64::from).collect::<Vec<_>>()
        );
        let transposed = tensor(STRIDED, "transposed").unwrap();
        assert_eq!(transposed.shape().to_string(), "[4, 3]");
        assert_eq!(transposed.data()[..6], [0.0, 4.0, 8.0, 1.0, 5.0, 9.0]);
        assert_eq!(numbers(STRIDED, "part"), [5.0, 6.0, 9.0, 10.0]);
        assert_eq!(numbers(STRIDED, "column"), [2.0, 6.0, 10.0]);
        assert_eq!(tensor(STRIDED, "one").unwrap(), Tensor::scalar(11.0));
        assert_eq!(numbers(STRIDED, "expanded"), [5.0, 6.0, 5.0, 6.0]);
        // What one has read of a storage does not change what the next one reads of it.
        let mut file = TensorFile::open(Kind::Pt, Cursor::new(STRIDED)).unwrap();
        for name in ["part", "whole", "column", "part"] {
            assert_eq!(
                file.tensor(Some(name), 100).unwrap().data(),
                numbers(STRIDED, name)
            );
        }
    }

    #[test]
    fn numbers_of_every_type_are_widened() {
        assert_eq!(numbers(TYPES, "f16"), [1.5, -2.0]);
        assert_eq!(numbers(TYPES, "bf16"), [1.5, -8.0]);
        assert_eq!(numbers(TYPES, "f32"), [f64::from(0.1_f32), 2.0]);
        assert_eq!(numbers(TYPES, "f64"), [0.1, -2.0]);
        for name in ["i64", "i32", "i8"] {
            assert_eq!(numbers(TYPES, name), [-3.0, 7.0], "{name}");
        }
        assert_eq!(numbers(TYPES, "i16"), [-3.0, 300.0]);
        assert_eq!(numbers(TYPES, "u8"), [3.0, 200.0]);
        assert_eq!(numbers(TYPES, "bool"), [1.0, 0.0]);
    }

    #[test]
    fn models_and_parameters_are_dictionaries_of_tensors() {
        assert_eq!(names(STATE_DICT).unwrap(), ["bias", "weight"]);
        assert_eq!(numbers(STATE_DICT, "weight"), [1.0, 2.0]);
        assert_eq!(names(PARAMETERS).unwrap(), ["b", "w"]);
        assert_eq!(numbers(PARAMETERS, "b"), [3.0]);
    }

    #[test]
    fn what_is_no_tensor_spoils_nothing_but_itself() {
        let message = |key| tensor(NESTED, key).unwrap_err().to_string();
        assert_eq!(names(NESTED).unwrap(), ["grads", "loss", "note", "x"]);
        assert_eq!(numbers(NESTED, "x"), [0.0, 0.0]);
        assert_eq!(
            message("grads"),
            "`grads` is a dictionary, and not a tensor"
        );
        assert_eq!(message("loss"), "`loss` is a number, and not a tensor");
        assert_eq!(message("note"), "`note` is a text, and not a tensor");
        assert_eq!(message("y"), "the file has no key `y`");
    }

    #[test]
    fn a_path_leads_into_dictionaries() {
        assert_eq!(
            names(CHECKPOINT).unwrap(),
            ["epoch", "loss", "model_state_dict", "optimizer_state_dict"]
        );
        let weight = tensor(CHECKPOINT, "model_state_dict.weight").unwrap();
        assert_eq!(weight.shape().to_string(), "[2, 3]");
        assert_eq!(weight.data()[0], 0.347_907_632_589_340_2);
        let momentum = "optimizer_state_dict.state.1.momentum_buffer";
        assert_eq!(numbers(CHECKPOINT, momentum), [1.0, 1.0]);
        let message = |key| tensor(CHECKPOINT, key).unwrap_err().to_string();
        assert_eq!(
            message("optimizer_state_dict.state"),
            "`optimizer_state_dict.state` is a dictionary, and not a tensor"
        );
        assert_eq!(
            message("model_state_dict.fc"),
            "the file has no key `model_state_dict.fc`"
        );
        assert_eq!(message("loss.weight"), "the file has no key `loss.weight`");
    }

    #[test]
    fn a_dictionary_in_itself_has_an_end() {
        let file = holding(b"}q\x00X\x01\0\0\0ah\x00s.", &[]);
        assert_eq!(
            tensor(&file, "a.a.a").unwrap_err().to_string(),
            "`a.a.a` is a dictionary, and not a tensor"
        );
        let far = ["a"; 1000].join(".") + ".b";
        assert!(tensor(&file, &far).is_err());
    }

    #[test]
    fn negated_views_are_the_negatives_of_their_storage() {
        let negated = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0];
        assert_eq!(numbers(NEGATED, "w"), negated);
    }

    #[test]
    fn what_an_old_pytorch_saved_is_read() {
        assert_eq!(names(LEGACY).unwrap(), ["w"]);
        let read = tensor(LEGACY, "w").unwrap();
        assert_eq!(read.shape().to_string(), "[2, 3]");
        assert_eq!(read.data(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let whole = LEGACY.len();
        for length in 1..whole {
            let cut = &LEGACY[..length];
            let all: Result<Vec<Tensor>, Error> =
                names(cut).and_then(|names| names.iter().map(|name| tensor(cut, name)).collect());
            assert!(all.is_err(), "{length} of {whole} bytes");
        }
    }

    #[test]
    fn nothing_is_run() {
        let message = |bytes: &[u8]| names(bytes).unwrap_err().to_string();
        assert_eq!(
            message(include_bytes!("../../../tests/data/pt/malicious.pt")),
            "the file asks Python for `posix.system`, which nothing here will do"
        );
        assert_eq!(
            message(include_bytes!("../../../tests/data/pt/module.pt")),
            "the file asks Python for `torch.nn.modules.linear.Linear`, which nothing here will do"
        );
        assert_eq!(
            message(include_bytes!("../../../tests/data/pt/one_tensor.pt")),
            "the file holds a tensor without a name, and not tensors by their names"
        );
    }

    #[test]
    fn a_tensor_of_another_kind_spoils_nothing_but_itself() {
        let kinds = include_bytes!("../../../tests/data/pt/kinds.pt");
        assert_eq!(numbers(kinds, "pool"), [3.5, 15.0, 4.0, -2.0]);
        assert_eq!(numbers(kinds, "fc.bias"), [2.0, 3.0, 6.0]);
        for (key, says) in [
            (
                "x",
                "a tensor made with `torch.ComplexFloatStorage` is not read",
            ),
            (
                "flat",
                "a tensor made with `torch._utils._rebuild_sparse_tensor` is not read",
            ),
            (
                "small",
                "a tensor made with `torch._utils._rebuild_tensor_v3` is not read",
            ),
            (
                "fc.weight",
                "`fc.weight` in the archive: the array of shape `[0, 4]` has no elements",
            ),
        ] {
            assert_eq!(tensor(kinds, key).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn what_a_pickle_claims_is_not_believed() {
        let two = f64s(&[1.0, 2.0]);
        assert_eq!(
            numbers(&holding(&pickled(2, 0, &[2], &[1]), &two), "x"),
            [1.0, 2.0]
        );
        let beyond = "`x` in the archive: it reaches beyond its storage, which holds 2 numbers";
        let fit = "the pickle cannot be understood: its instructions do not fit together";
        for (bytes, message) in [
            (
                vec![],
                "this is not the end of a zip archive, which a `.pt` file is",
            ),
            (
                STRIDED[..STRIDED.len() - 30].to_vec(),
                "this is not the end of a zip archive, which a `.pt` file is",
            ),
            (holding(&pickled(2, 0, &[3], &[1]), &two), beyond),
            (holding(&pickled(2, 1, &[2], &[1]), &two), beyond),
            (holding(&pickled(2, 0, &[2], &[2]), &two), beyond),
            (holding(&pickled(2, 0, &[2], &[1, 1]), &two), beyond),
            (
                holding(&pickled(3, 0, &[2], &[1]), &two),
                "`x` in the archive: its storage has 16 bytes, which are not those of 3 numbers",
            ),
            (
                holding(&pickled(2, 0, &[0], &[1]), &two),
                "`x` in the archive: the array of shape `[0]` has no elements",
            ),
            (
                holding(&pickled(2, 0, &[200, 200], &[0, 0]), &two),
                "`x` in the archive: the array of shape `[200, 200]` has more than 100 elements",
            ),
            (
                holding(&pickled(2, 0, &[1; 33], &[1; 33]), &two),
                "the array has 33 axes, and a tensor at most 32",
            ),
            (
                archive(
                    &pickled(2, 0, &[2], &[1]),
                    &two,
                    b"big",
                    CompressionMethod::Stored,
                ),
                "the file is from a machine whose numbers have the high byte first",
            ),
            (
                archive(
                    &pickled(2, 0, &[2], &[1]),
                    &two,
                    b"little",
                    CompressionMethod::Deflated,
                ),
                "`x` in the archive: its storage is compressed",
            ),
            (holding(b"", &two), "the pickle is cut short"),
            (
                holding(b"\x80\x06}.", &two),
                "version 6 of the pickle format is not known",
            ),
            (holding(b"}.", &two), "the file holds no tensors"),
            (
                holding(b"N.", &two),
                "the file holds `None`, and not tensors by their names",
            ),
            (holding(b".", &two), fit),
            (holding(b"(.", &two), fit),
            (holding(b"}(K\x01u.", &two), fit),
            (holding(b"}NK\x02s.", &two), "the file holds no tensors"),
            (holding(b"h\x01.", &two), fit),
            (
                holding(b"ccollections\nOrderedDict\nK\x01\x85R.", &two),
                fit,
            ),
            (
                holding(b"(cos\nsystem\nX\x02\0\0\0lst.", &two),
                "the file asks Python for `os.system`, which nothing here will do",
            ),
            (
                holding(b"(S'ls'\nios\nsystem\n.", &two),
                "the pickle has the byte 0x53 where an instruction should be",
            ),
            (
                holding(b"(ios\nsystem\n.", &two),
                "the pickle has the instruction `INST`, which tensors by their names do not need",
            ),
            (holding(b"\x8a\x09123456789.", &two), fit),
            (
                holding(&b"N".repeat((1 << 20) + 1), &two),
                "`data.pkl` is 1048577 bytes long, and at most 1048576 are read",
            ),
        ] {
            assert_eq!(tensor(&bytes, "x").unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_long_tuple_is_not_copied_for_every_tensor() {
        let many = [b"(", &b"K\x01".repeat(1000)[..], b"t."].concat();
        assert!(pickle::dictionary(&mut many.as_slice()).is_err());
        let deep = [&b")\x85".repeat(100_000)[..], b"."].concat();
        assert_eq!(
            pickle::dictionary(&mut deep.as_slice())
                .unwrap_err()
                .to_string(),
            "the file holds a tuple, and not tensors by their names"
        );
    }

    proptest! {
        #[test]
        fn a_changed_file_never_panics(which in 0..7_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let mut bytes =
                [STRIDED, TYPES, STATE_DICT, PARAMETERS, CHECKPOINT, NEGATED,
                    LEGACY][which].to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            for name in names(&bytes).unwrap_or_default() {
                let _ = tensor(&bytes, &name);
            }
        }

        #[test]
        fn a_changed_pickle_never_panics(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut: prop::sample::Index,
        ) {
            let mut bytes = pickled(2, 0, &[2], &[1]);
            bytes.truncate(bytes.len() - cut.index(bytes.len()) / 4);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = tensor(&holding(&bytes, &f64s(&[1.0, 2.0])), "x");
        }
    }
}
