use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::TensorFile;
use super::*;

const STRIDED: &[u8] = include_bytes!("../../../../tests/data/pt/strided.pt");
const TYPES: &[u8] = include_bytes!("../../../../tests/data/pt/types.pt");
const STATE_DICT: &[u8] = include_bytes!("../../../../tests/data/pt/state_dict.pt");
const PARAMETERS: &[u8] = include_bytes!("../../../../tests/data/pt/parameters.pt");
const NESTED: &[u8] = include_bytes!("../../../../tests/data/pt/nested.pt");
const CHECKPOINT: &[u8] = include_bytes!("../../../../tests/data/pt/checkpoint.pt");
const NEGATED: &[u8] = include_bytes!("../../../../tests/data/pt/negated.pt");
const LEGACY: &[u8] = include_bytes!("../../../../tests/data/pt/legacy.pt");

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
fn archive(pickle: &[u8], storage: &[u8], byteorder: &[u8], method: CompressionMethod) -> Vec<u8> {
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
        message(include_bytes!("../../../../tests/data/pt/malicious.pt")),
        "the file asks Python for `posix.system`, which nothing here will do"
    );
    assert_eq!(
        message(include_bytes!("../../../../tests/data/pt/module.pt")),
        "the file asks Python for `torch.nn.modules.linear.Linear`, which nothing here will do"
    );
    assert_eq!(
        message(include_bytes!("../../../../tests/data/pt/one_tensor.pt")),
        "the file holds a tensor without a name, and not tensors by their names"
    );
}

#[test]
fn a_tensor_of_another_kind_spoils_nothing_but_itself() {
    let kinds = include_bytes!("../../../../tests/data/pt/kinds.pt");
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
