use std::io::Cursor;

use super::super::{Kind, TensorFile};
use super::*;

/// Returns a `.npy` file of version 1.
pub(in super::super) fn npy(descr: &str, fortran_order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header =
        format!("{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}\n");
    with_header([1, 0], &header, data)
}

fn with_header(version: [u8; 2], header: &str, data: &[u8]) -> Vec<u8> {
    let size = (header.len() as u32).to_le_bytes();
    let size = &size[..if version[0] == 1 { 2 } else { 4 }];
    [b"\x93NUMPY", &version[..], size, header.as_bytes(), data].concat()
}

pub(in super::super) fn f64s(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    numbers.into_iter().flat_map(f64::to_le_bytes).collect()
}

fn opened(bytes: Vec<u8>) -> TensorFile<'static> {
    TensorFile::open(Kind::Npy, Cursor::new(bytes)).unwrap()
}

fn from_bytes(bytes: Vec<u8>) -> Result<Tensor, Error> {
    opened(bytes).tensor(None, 1000)
}

#[test]
fn sizes_of_python_2_are_read() {
    let numbers = f64s([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let shape = |shape: &str| {
        let read = from_bytes(npy("'<f8'", "False", shape, &numbers))?;
        Ok::<_, Error>(read.shape().to_string())
    };
    assert_eq!(shape("(2L, 3L)").unwrap(), "[2, 3]");
    assert_eq!(shape("(6L,)").unwrap(), "[6]");
    assert!(shape("(6LL,)").is_err());
}

#[test]
fn numbers_of_every_type_are_widened() {
    let row = |descr: &str, data: &[u8]| {
        from_bytes(npy(&format!("'{descr}'"), "False", "(2,)", data))
            .unwrap()
            .data()
            .to_vec()
    };
    assert_eq!(row("|b1", &[0, 1]), [0.0, 1.0]);
    assert_eq!(row("|i1", &[0x80, 5]), [-128.0, 5.0]);
    assert_eq!(row("|u1", &[0x80, 5]), [128.0, 5.0]);
    assert_eq!(row("<i2", &[0xfe, 0xff, 0, 1]), [-2.0, 256.0]);
    assert_eq!(row(">i2", &[0xff, 0xfe, 1, 0]), [-2.0, 256.0]);
    assert_eq!(row("<u2", &[0xfe, 0xff, 0, 1]), [65534.0, 256.0]);
    assert_eq!(
        row(
            "<i4",
            &[(-7_i32).to_le_bytes(), 7_i32.to_le_bytes()].concat()
        ),
        [-7.0, 7.0]
    );
    assert_eq!(
        row(
            ">u4",
            &[u32::MAX.to_be_bytes(), 7_u32.to_be_bytes()].concat()
        ),
        [4294967295.0, 7.0]
    );
    assert_eq!(
        row(
            "<i8",
            &[i64::MIN.to_le_bytes(), 7_i64.to_le_bytes()].concat()
        ),
        [-9223372036854775808.0, 7.0]
    );
    assert_eq!(
        row(
            ">u8",
            &[u64::MAX.to_be_bytes(), 7_u64.to_be_bytes()].concat()
        ),
        [18446744073709551616.0, 7.0]
    );
    assert_eq!(
        row("<f2", &[0x00, 0x3e, 0x00, 0xfc]),
        [1.5, f64::NEG_INFINITY]
    );
    assert_eq!(
        row(">f2", &[0x3e, 0x00, 0x80, 0x01]),
        [1.5, -5.960464477539063e-8]
    );
    assert_eq!(
        row(
            "<f4",
            &[0.1_f32.to_le_bytes(), 2_f32.to_le_bytes()].concat()
        ),
        [f64::from(0.1_f32), 2.0]
    );
    assert_eq!(
        row(
            ">f4",
            &[0.1_f32.to_be_bytes(), 2_f32.to_be_bytes()].concat()
        ),
        [f64::from(0.1_f32), 2.0]
    );
    assert_eq!(row("<f8", &f64s([0.1, -2.0])), [0.1, -2.0]);
    assert_eq!(
        row(
            ">f8",
            &[0.1_f64.to_be_bytes(), (-2_f64).to_be_bytes()].concat()
        ),
        [0.1, -2.0]
    );
}

#[test]
fn arrays_of_every_layout_come_out_in_row_major_order() {
    let bytes = f64s((0..6).map(f64::from));
    let c = from_bytes(npy("'<f8'", "False", "(2, 3)", &bytes)).unwrap();
    assert_eq!(
        (c.shape().to_string().as_str(), c.data()),
        ("[2, 3]", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0][..])
    );
    let fortran = from_bytes(npy("'<f8'", "True", "(2, 3)", &bytes)).unwrap();
    assert_eq!(
        (fortran.shape().to_string().as_str(), fortran.data()),
        ("[2, 3]", &[0.0, 2.0, 4.0, 1.0, 3.0, 5.0][..])
    );
    let scalar = from_bytes(npy("'<f8'", "True", "()", &bytes[8..16])).unwrap();
    assert_eq!((scalar.shape().rank(), scalar.data()), (0, &[1.0][..]));
    let long = f64s((0..1000).map(f64::from));
    let long = npy("'<f8'", "False", "(20000,)", &long.repeat(20));
    let long = opened(long).tensor(None, 20_000).unwrap();
    assert_eq!(
        (long.data().len(), long.data()[19_999], long.data()[8192]),
        (20_000, 999.0, 192.0)
    );
}

#[test]
fn headers_of_every_version_and_spelling_are_read() {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }   \n";
    for version in [[1, 0], [2, 0], [3, 0]] {
        assert_eq!(
            from_bytes(with_header(version, header, &f64s([1.0, 2.0])))
                .unwrap()
                .data(),
            [1.0, 2.0]
        );
    }
    for header in [
        "{\"shape\":[2],\"fortran_order\":False,\"descr\":\"<f8\"}",
        " { 'shape' : ( 2 , ) , 'fortran_order':False,'descr':'<f8'}",
    ] {
        assert_eq!(
            from_bytes(with_header([1, 0], header, &f64s([1.0, 2.0])))
                .unwrap()
                .data(),
            [1.0, 2.0]
        );
    }
}

#[test]
fn what_a_header_claims_is_not_believed() {
    let numbers = f64s([1.0, 2.0]);
    let good = npy("'<f8'", "False", "(2,)", &numbers);
    let shaped = |shape: &str| npy("'<f8'", "False", shape, &numbers);
    let typed = |descr: &str| npy(descr, "False", "(2,)", &numbers);
    let headed = |header: &str| with_header([1, 0], header, &numbers);
    let of_size =
        |size: u32| [b"\x93NUMPY\x02\x00", &size.to_le_bytes()[..], b"{'descr': "].concat();
    let not_understood = |rest: &str| format!("the header cannot be understood: expected {rest}");
    let cut = "the data is cut short";
    for (bytes, message) in [
        (vec![], cut),
        (good[..6].to_vec(), cut),
        (good[..9].to_vec(), cut),
        (good[..40].to_vec(), cut),
        (
            good[..good.len() - 8].to_vec(),
            "8 bytes of numbers follow the header, which says 16",
        ),
        (
            good[..good.len() - 3].to_vec(),
            "13 bytes of numbers follow the header, which says 16",
        ),
        (
            [&good[..], b"more"].concat(),
            "20 bytes of numbers follow the header, which says 16",
        ),
        (
            b"1 2 3 4\n".to_vec(),
            "this is not the start of a `.npy` file",
        ),
        (
            with_header([9, 0], "{}", &[]),
            "version 9.0 of the `.npy` format is not known",
        ),
        (of_size(10_000), cut),
        (
            of_size(u32::MAX),
            "the header is 4294967295 bytes long, and at most 10000 are read",
        ),
        (
            typed("'|O'"),
            "the array holds pickled Python objects, which are never loaded",
        ),
        (typed("'<U4'"), "an array of type `<U4` is not read"),
        (typed("'<c16'"), "an array of type `<c16` is not read"),
        (typed("'<f16'"), "an array of type `<f16` is not read"),
        (typed("'|f8'"), "an array of type `|f8` is not read"),
        (typed("''"), "an array of type `` is not read"),
        (typed("'é8'"), "an array of type `é8` is not read"),
        (
            typed("'\x1b[31mred'"),
            "an array of type `\\u{1b}[31mred` is not read",
        ),
        (
            typed("[('a', '<f8')]"),
            "the array holds records, not numbers",
        ),
        (
            shaped("(1000000000,)"),
            "the array of shape `[1000000000]` has more than 1000 elements",
        ),
        (
            shaped("(2305843009213693953, 8)"),
            "the array of shape `[2305843009213693953, 8]` has more than 1000 elements",
        ),
        (shaped("(0,)"), "the array of shape `[0]` has no elements"),
        (
            shaped("(99999999999999999999,)"),
            &not_understood("the size of an axis, found `99999999999999999999,), }`"),
        ),
        (
            shaped("(-2, 4)"),
            &not_understood("the size of an axis, found `-2, 4), }`"),
        ),
        (
            shaped("(2.5, 4)"),
            &not_understood("`)`, found `.5, 4), }`"),
        ),
        (
            shaped("('2',)"),
            &not_understood("the size of an axis, found `'2',), }`"),
        ),
        (
            headed("__import__('os')"),
            &not_understood("`{`, found `__import__('os')`"),
        ),
        (
            headed(&"(".repeat(9_000)),
            &not_understood(&format!("`{{`, found `{}...`", "(".repeat(80))),
        ),
        (
            headed("{'shape': (2, 4"),
            &not_understood("`)`, found its end"),
        ),
        (
            headed("{'shape': (2, 4), 'descr"),
            &not_understood("the end of a string, found `descr`"),
        ),
        (
            headed("{'shape': (2,), 'fortran_order': 0}"),
            &not_understood("`True` or `False`, found `0}`"),
        ),
        (
            headed("{'shape': (2,), 'fortran_order': True}"),
            "the header does not say the array's `descr`",
        ),
        (
            headed("{'descr': '<f8', 'fortran_order': True}"),
            "the header does not say the array's `shape`",
        ),
        (
            headed("{'size': 2}"),
            "the header has the unknown key `size`",
        ),
        (headed("{} {}"), &not_understood("nothing more, found `{}`")),
        (
            typed("'<f8'")
                .iter()
                .map(|&b| if b == b'e' { 0xff } else { b })
                .collect(),
            "the header is not text",
        ),
    ] {
        assert_eq!(from_bytes(bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_single_array_has_no_keys() {
    let one = npy("'<f8'", "False", "()", &f64s([1.0]));
    let error = opened(one).tensor(Some("w"), 10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a `.npy` file holds one array and has no keys"
    );
}
