//! The format: <https://github.com/huggingface/safetensors#format>

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use safetensors::Dtype as Written;
use safetensors::tensor::{Metadata, TensorInfo};

use super::Error;
use super::dtype::{Dtype, Endian};
use super::shape::checked_shape;
use super::source::Source;
use crate::tensor::{Tensor, le_bytes};

/// The most bytes of a header: room for some ten thousand tensors. Understanding it takes many
/// times as much memory.
const MOST_HEADER_BYTES: u64 = 2 << 20;

/// The data begin at a multiple of so many bytes, as the format asks.
const ALIGNMENT: usize = 8;

/// How the numbers of a tensor are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As f32: exact for numbers that were f32 before.
    Single,
    /// As f64.
    Double,
}

impl Precision {
    /// Returns the least precision that keeps every number as it is.
    pub fn of(tensor: &Tensor) -> Self {
        let is_single = |&number: &f64| f64::from(number as f32).to_bits() == number.to_bits();
        if tensor.data().iter().all(is_single) {
            Self::Single
        } else {
            Self::Double
        }
    }

    fn dtype(self) -> Written {
        match self {
            Self::Single => Written::F32,
            Self::Double => Written::F64,
        }
    }

    fn size(self) -> usize {
        match self {
            Self::Single => size_of::<f32>(),
            Self::Double => size_of::<f64>(),
        }
    }
}

/// Writes tensors under their names, and beside them one remark, a key and a text: the crate writes
/// several remarks in an order that changes from run to run. The crate writes a file from one piece
/// of memory; here only the header is the crate's, and the numbers are written as they lie.
///
/// # Errors
/// Those of `out`, and two tensors of one name.
pub fn write(
    out: &mut dyn Write,
    remark: (&str, &str),
    tensors: &[(String, &Tensor, Precision)],
) -> io::Result<()> {
    let mut end = 0;
    let infos = tensors.iter().map(|(name, tensor, precision)| {
        let start = end;
        end += tensor.data().len() * precision.size();
        (
            name.clone(),
            TensorInfo {
                dtype: precision.dtype(),
                shape: tensor.shape().to_vec(),
                data_offsets: (start, end),
            },
        )
    });
    let remarks = HashMap::from([(remark.0.to_owned(), remark.1.to_owned())]);
    let header = Metadata::new(Some(remarks), infos.collect()).map_err(io::Error::other)?;
    let mut header = serde_json::to_vec(&header)?;
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)?;
    for (_, tensor, precision) in tensors {
        let mut numbers = tensor.data().iter();
        match precision {
            Precision::Single => {
                numbers.try_for_each(|&number| out.write_all(&(number as f32).to_le_bytes()))?
            }
            Precision::Double => {
                numbers.try_for_each(|&number| out.write_all(&le_bytes(number)))?
            }
        }
    }
    Ok(())
}

/// Named tensors behind a header that lists them.
pub(super) struct Safetensors<'a> {
    reader: Source<'a>,
    metadata: Metadata,
    /// Where the tensors' bytes begin.
    data_start: u64,
}

impl<'a> Safetensors<'a> {
    /// Reads the header, whose offsets are those of tensors side by side up to the file's end.
    /// Returns the names of the tensors, too, sorted.
    pub(super) fn open(mut reader: Source<'a>) -> Result<(Self, Vec<String>), Error> {
        let length = reader.seek(SeekFrom::End(0))?;
        reader.rewind()?;
        let mut size = [0; 8];
        reader.read_exact(&mut size)?;
        let size = u64::from_le_bytes(size);
        let there = (length - 8)
            .checked_sub(size)
            .ok_or(Error::NotSafetensors)?;
        if size > MOST_HEADER_BYTES {
            let most = MOST_HEADER_BYTES;
            return Err(Error::HeaderTooLong { size, most });
        }
        let mut header = Vec::new();
        reader.by_ref().take(size).read_to_end(&mut header)?;
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(Error::SafetensorsHeader)?;
        let needed = metadata.data_len() as u64;
        if needed != there {
            let needed = Some(needed);
            return Err(Error::DataLength { there, needed });
        }
        let mut keys = metadata.offset_keys();
        keys.sort();
        let file = Self {
            reader,
            metadata,
            data_start: 8 + size,
        };
        Ok((file, keys))
    }

    /// How the numbers of a tensor are written.
    pub(super) fn dtype(&self, key: &str) -> Option<Dtype> {
        readable(self.metadata.info(key)?.dtype)
    }

    /// Reads the tensor of a name that the header has.
    pub(super) fn tensor(&mut self, key: &str, most_elements: usize) -> Result<Tensor, Error> {
        let info = self
            .metadata
            .info(key)
            .expect("the key is one of the header's");
        let shape = checked_shape(&info.shape, most_elements)?;
        let dtype = readable(info.dtype).ok_or_else(|| Error::TensorType {
            key: key.to_owned(),
            dtype: info.dtype.to_string(),
        })?;
        // The header has been checked: the tensor's bytes lie in the file, and are as many as its
        // type and shape ask for.
        let start = self.data_start + info.data_offsets.0 as u64;
        self.reader.seek(SeekFrom::Start(start))?;
        let data = dtype.read(Endian::Little, &mut self.reader, shape.numel())?;
        Ok(Tensor::new(shape, data).expect("as many numbers were read as the shape has"))
    }
}

fn readable(dtype: Written) -> Option<Dtype> {
    Some(match dtype {
        Written::BOOL => Dtype::Bool,
        Written::I8 => Dtype::I8,
        Written::I16 => Dtype::I16,
        Written::I32 => Dtype::I32,
        Written::I64 => Dtype::I64,
        Written::U8 => Dtype::U8,
        Written::U16 => Dtype::U16,
        Written::U32 => Dtype::U32,
        Written::U64 => Dtype::U64,
        Written::F16 => Dtype::F16,
        Written::BF16 => Dtype::Bf16,
        Written::F32 => Dtype::F32,
        Written::F64 => Dtype::F64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{Kind, TensorFile};
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        [
            &(header.len() as u64).to_le_bytes()[..],
            header.as_bytes(),
            data,
        ]
        .concat()
    }

    fn tensor(dtype: &str, shape: &str, offsets: &str, data: &[u8]) -> Vec<u8> {
        file(
            &format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#),
            data,
        )
    }

    fn from_bytes(bytes: &[u8], key: Option<&str>) -> Result<Tensor, Error> {
        TensorFile::open(Kind::Safetensors, Cursor::new(bytes))?.tensor(key, 1000)
    }

    #[test]
    fn numbers_of_every_type_are_widened() {
        let pair = |dtype: &str, data: &[u8]| {
            from_bytes(
                &tensor(dtype, "[2]", &format!("[0,{}]", data.len()), data),
                Some("w"),
            )
            .unwrap()
            .data()
            .to_vec()
        };
        assert_eq!(pair("BOOL", &[0, 1]), [0.0, 1.0]);
        assert_eq!(pair("I8", &[0x80, 5]), [-128.0, 5.0]);
        assert_eq!(pair("U8", &[0x80, 5]), [128.0, 5.0]);
        assert_eq!(pair("I16", &[0xfe, 0xff, 0, 1]), [-2.0, 256.0]);
        assert_eq!(pair("U16", &[0xfe, 0xff, 0, 1]), [65534.0, 256.0]);
        assert_eq!(
            pair("I32", &[0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0]),
            [-2.0, 1.0]
        );
        assert_eq!(
            pair("U32", &[0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0]),
            [4294967294.0, 1.0]
        );
        assert_eq!(
            pair(
                "I64",
                &[(-2_i64).to_le_bytes(), 7_i64.to_le_bytes()].concat()
            ),
            [-2.0, 7.0]
        );
        assert_eq!(
            pair(
                "U64",
                &[u64::MAX.to_le_bytes(), 7_u64.to_le_bytes()].concat()
            ),
            [18446744073709551616.0, 7.0]
        );
        assert_eq!(
            pair("F16", &[0x00, 0x3e, 0x00, 0xfc]),
            [1.5, f64::NEG_INFINITY]
        );
        assert_eq!(pair("BF16", &[0xc0, 0x3f, 0x00, 0xc1]), [1.5, -8.0]);
        assert_eq!(
            pair(
                "F32",
                &[0.1_f32.to_le_bytes(), 2_f32.to_le_bytes()].concat()
            ),
            [f64::from(0.1_f32), 2.0]
        );
        assert_eq!(
            pair(
                "F64",
                &[0.1_f64.to_le_bytes(), 2_f64.to_le_bytes()].concat()
            ),
            [0.1, 2.0]
        );
    }

    #[test]
    fn tensors_are_found_by_key() {
        let bytes = file(
            concat!(
                r#"{"__metadata__":{"format":"pt"},"#,
                r#""b":{"dtype":"U8","shape":[2,2],"data_offsets":[1,5]},"#,
                r#""a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}  "#,
            ),
            &[1, 2, 3, 4, 5],
        );
        assert_eq!(
            TensorFile::open(Kind::Safetensors, Cursor::new(&bytes))
                .unwrap()
                .keys(),
            ["a", "b"]
        );
        let b = from_bytes(&bytes, Some("b")).unwrap();
        assert_eq!(
            (b.shape().to_string().as_str(), b.data()),
            ("[2, 2]", &[2.0, 3.0, 4.0, 5.0][..])
        );
        assert_eq!(from_bytes(&bytes, Some("a")).unwrap(), Tensor::scalar(1.0));
        assert_eq!(
            from_bytes(&bytes, None).unwrap_err().hint().unwrap(),
            "the keys are `a`, `b`"
        );
        assert_eq!(
            from_bytes(&bytes, Some("c")).unwrap_err().to_string(),
            "the file has no key `c`"
        );
    }

    #[test]
    fn what_a_header_claims_is_not_believed() {
        let eight = [0; 8];
        let of_size = |size: u64| [&size.to_le_bytes()[..], br#"{"w":{}}"#].concat();
        let no_start = "this is not the start of a `.safetensors` file, or the file is cut short";
        let not_understood = "the header cannot be understood: ";
        let inconsistent =
            "the header cannot be understood: invalid shape, data type, or offset for tensor";
        let overflow = "the header cannot be understood: overflow computing buffer size from shape \
                        and/or element type";
        for (bytes, message) in [
            (vec![], "the data is cut short"),
            (vec![8, 0, 0], "the data is cut short"),
            (of_size(10_000), no_start),
            (of_size(1 << 63), no_start),
            (of_size(u64::MAX), no_start),
            (file("", &[]), not_understood),
            (file("hello", &[]), not_understood),
            (file("[]", &[]), not_understood),
            (file("{}", &[]), "the file holds no tensors"),
            (
                file("{}", &eight),
                "8 bytes of numbers follow the header, which says 0",
            ),
            (
                file(&format!(r#"{{"w":{}"#, "[".repeat(100_000)), &[]),
                not_understood,
            ),
            (
                file(&" ".repeat((2 << 20) + 1), &[]),
                "the header is 2097153 bytes long, and at most 2097152 are read",
            ),
            (
                tensor("F64", "[1]", "[0,8]", &eight[1..]),
                "7 bytes of numbers follow the header, which says 8",
            ),
            (
                tensor("F64", "[1]", "[0,8]", &[0; 9]),
                "9 bytes of numbers follow the header, which says 8",
            ),
            (tensor("F64", "[2]", "[0,8]", &eight), inconsistent),
            (
                tensor("F64", "[4294967296,4294967296]", "[0,8]", &eight),
                overflow,
            ),
            (
                tensor("F64", "[2305843009213693953,8]", "[0,8]", &eight),
                overflow,
            ),
            (
                tensor("F64", "[1001]", "[0,8008]", &[0; 8008]),
                "the array of shape `[1001]` has more than 1000 elements",
            ),
            (
                tensor("F64", "[0]", "[0,0]", &[]),
                "the array of shape `[0]` has no elements",
            ),
            (
                tensor("C64", "[1]", "[0,8]", &eight),
                "`w` is of type `C64`, which is not read",
            ),
            (
                tensor("F64", "[1]", "[8,0]", &eight),
                "the header cannot be understood: invalid offset for tensor `w`",
            ),
            (
                tensor(
                    "F64",
                    "[1]",
                    "[18446744073709551608,18446744073709551615]",
                    &eight,
                ),
                not_understood,
            ),
            (
                tensor("F64", "[1]", "[0,36893488147419103232]", &eight),
                not_understood,
            ),
            (tensor("F64", "[1]", "[-8,0]", &eight), not_understood),
            (tensor("F64", "[1]", "[0,4,8]", &eight), not_understood),
            (tensor("F64", "[-1]", "[0,8]", &eight), not_understood),
            (tensor("F64", "[1.5]", "[0,8]", &eight), not_understood),
            (
                tensor("F99", "[1]", "[0,8]", &eight),
                "the header cannot be understood: unknown variant `F99`, ",
            ),
            (
                tensor(r"\u001b[31m", "[1]", "[0,8]", &eight),
                r"the header cannot be understood: unknown variant `\u{1b}[31m`, ",
            ),
            (
                tensor("F64", "[1]", "[0,8]", &eight)
                    .iter()
                    .map(|&b| if b == b'w' { 0xff } else { b })
                    .collect(),
                not_understood,
            ),
        ] {
            let found = from_bytes(&bytes, Some("w")).unwrap_err().to_string();
            assert!(found.starts_with(message), "{found}\n{message}");
        }
    }
}
