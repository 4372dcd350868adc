//! The numbers of a `TensorProto`, which are believed only as far as there are bytes for them.

use std::io::{Cursor, Read, Seek, SeekFrom};

use half::{bf16, f16};

use super::constant::{Array, Constant, count};
use super::error::Unsupported;
use super::proto;
use crate::diagnostic::quote;
use crate::scenario::tensor_file::{Dtype, Endian};
use crate::scenario::{Files, ReadSeek};
use crate::tensor::MAX_RANK;

/// Where the value of `data_location` says that the numbers are in a file of their own.
const EXTERNAL: i32 = 1;

/// The number of ONNX's type of flags.
pub(super) const BOOL: i64 = 9;

/// Returns the numbers of a tensor of at most `most_elements` elements. `files` opens the files
/// beside the model.
pub(super) fn read(
    tensor: &proto::Tensor,
    files: &dyn Files,
    most_elements: usize,
) -> Result<Constant, Unsupported> {
    if tensor.dims.len() > MAX_RANK {
        return Err(Unsupported::new(format!(
            "has {} axes, and a tensor at most {MAX_RANK}",
            tensor.dims.len()
        )));
    }
    let sizes: Option<Vec<usize>> = tensor
        .dims
        .iter()
        .map(|&size| usize::try_from(size).ok())
        .collect();
    let sizes = sizes.ok_or_else(|| {
        Unsupported::new(format!(
            "has the sizes {:?}, one of which is negative",
            tensor.dims
        ))
    })?;
    let n = count(&sizes)
        .filter(|&n| n <= most_elements)
        .ok_or_else(|| {
            Unsupported::new(format!(
                "has the sizes {sizes:?}, which are too many elements"
            ))
            .hinted("`--max-elements` raises the limit")
        })?;
    let dtype = dtype(tensor.data_type)?;
    let needed = n.saturating_mul(dtype.size());
    if tensor.data_location == EXTERNAL {
        return from_bytes(dtype, sizes, n, &mut external(tensor, files, needed)?);
    }
    let Some(raw) = &tensor.raw_data else {
        return from_fields(tensor, dtype, sizes, n);
    };
    if raw.len() != needed {
        return Err(Unsupported::new(format!(
            "holds {} bytes of numbers, but its sizes {sizes:?} ask for {needed}",
            raw.len()
        )));
    }
    from_bytes(dtype, sizes, n, &mut Cursor::new(raw))
}

/// Whether a type of elements is that of numbers which have gradients.
pub(super) fn is_float(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64)
}

/// Returns the type of elements of that number in ONNX.
pub(super) fn dtype(number: i32) -> Result<Dtype, Unsupported> {
    Ok(match number {
        1 => Dtype::F32,
        2 => Dtype::U8,
        3 => Dtype::I8,
        4 => Dtype::U16,
        5 => Dtype::I16,
        6 => Dtype::I32,
        7 => Dtype::I64,
        9 => Dtype::Bool,
        10 => Dtype::F16,
        11 => Dtype::F64,
        12 => Dtype::U32,
        13 => Dtype::U64,
        16 => Dtype::Bf16,
        _ => {
            let name = match number {
                8 => "strings".to_owned(),
                14 | 15 => "complex numbers".to_owned(),
                other => format!("numbers of ONNX's type {other}"),
            };
            return Err(Unsupported::new(format!(
                "holds {name}, which are not read"
            )));
        }
    })
}

fn from_bytes(
    dtype: Dtype,
    sizes: Vec<usize>,
    n: usize,
    bytes: &mut dyn Read,
) -> Result<Constant, Unsupported> {
    let unreadable = |error| Unsupported::new(format!("cannot be read: {error}"));
    if is_float(dtype) {
        let numbers = dtype
            .read(Endian::Little, &mut &mut *bytes, n)
            .map_err(unreadable)?;
        return floats(sizes, numbers);
    }
    let numbers = match dtype {
        // An f64 would not keep them: the end of a slice is often the largest integer that there
        // is.
        Dtype::I64 | Dtype::U64 => {
            let mut all = Vec::new();
            bytes
                .take((n * dtype.size()) as u64)
                .read_to_end(&mut all)
                .map_err(unreadable)?;
            let numbers = all
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| i64::from_le_bytes(bytes));
            // Half of the unsigned ones are beyond what is counted here.
            numbers
                .map(|number| {
                    if dtype == Dtype::U64 && number < 0 {
                        i64::MAX
                    } else {
                        number
                    }
                })
                .collect()
        }
        _ => {
            let numbers = dtype
                .read(Endian::Little, &mut &mut *bytes, n)
                .map_err(unreadable)?;
            numbers.into_iter().map(|number| number as i64).collect()
        }
    };
    ints(sizes, numbers)
}

fn from_fields(
    tensor: &proto::Tensor,
    dtype: Dtype,
    sizes: Vec<usize>,
    n: usize,
) -> Result<Constant, Unsupported> {
    let found = match dtype {
        Dtype::F32 => tensor.float_data.len(),
        Dtype::F64 => tensor.double_data.len(),
        Dtype::I64 => tensor.int64_data.len(),
        Dtype::U32 | Dtype::U64 => tensor.uint64_data.len(),
        _ => tensor.int32_data.len(),
    };
    if found != n {
        return Err(Unsupported::new(format!(
            "holds {found} numbers, but its sizes {sizes:?} ask for {n}"
        )));
    }
    // A number of 16 bits lies in the lower half of one of 32.
    let halves = tensor.int32_data.iter().map(|&bits| bits as u16);
    match dtype {
        Dtype::F32 => floats(
            sizes,
            tensor
                .float_data
                .iter()
                .map(|&number| number.into())
                .collect(),
        ),
        Dtype::F64 => floats(sizes, tensor.double_data.clone()),
        Dtype::F16 => floats(
            sizes,
            halves.map(|bits| f16::from_bits(bits).to_f64()).collect(),
        ),
        Dtype::Bf16 => floats(
            sizes,
            halves.map(|bits| bf16::from_bits(bits).to_f64()).collect(),
        ),
        Dtype::I64 => ints(sizes, tensor.int64_data.clone()),
        Dtype::U32 | Dtype::U64 => ints(
            sizes,
            tensor
                .uint64_data
                .iter()
                .map(|&number| i64::try_from(number).unwrap_or(i64::MAX))
                .collect(),
        ),
        _ => ints(
            sizes,
            tensor
                .int32_data
                .iter()
                .map(|&number| number.into())
                .collect(),
        ),
    }
}

fn floats(sizes: Vec<usize>, numbers: Vec<f64>) -> Result<Constant, Unsupported> {
    Array::new(sizes, numbers)
        .map(Constant::Floats)
        .ok_or_else(cut_short)
}

fn ints(sizes: Vec<usize>, numbers: Vec<i64>) -> Result<Constant, Unsupported> {
    Array::new(sizes, numbers)
        .map(Constant::Ints)
        .ok_or_else(cut_short)
}

fn cut_short() -> Unsupported {
    Unsupported::new("is cut short")
}

/// Opens the file that holds a tensor's numbers, at the place where its `length` bytes begin.
fn external(
    tensor: &proto::Tensor,
    files: &dyn Files,
    length: usize,
) -> Result<Box<dyn ReadSeek>, Unsupported> {
    let entry = |key: &str| {
        tensor
            .external_data
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| entry.value.as_str())
    };
    let number = |key: &str| match entry(key).map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Unsupported::new(format!(
            "is in a file of its own, but its `{key}` is no number"
        ))),
    };
    let location = entry("location")
        .ok_or_else(|| Unsupported::new("is in a file of its own, but does not say in which"))?;
    let in_file = format!("is in the file {}", quote(location));
    let (offset, said) = (number("offset")?.unwrap_or(0), number("length")?);
    if let Some(said) = said.filter(|&said| said != length as u64) {
        return Err(Unsupported::new(format!(
            "{in_file} with {said} bytes, but its sizes ask for {length}"
        )));
    }
    let mut file = files
        .open(location)
        .map_err(|error| Unsupported::new(format!("{in_file}, which cannot be used: {error}")))?;
    let unreadable = |error| Unsupported::new(format!("{in_file}, which cannot be read: {error}"));
    let end = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if offset
        .checked_add(length as u64)
        .is_none_or(|needed| needed > end)
    {
        return Err(Unsupported::new(format!(
            "{in_file}, which ends before its {length} bytes from byte {offset} on"
        )));
    }
    file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
    Ok(file)
}
