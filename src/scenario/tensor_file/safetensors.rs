//! The format: <https://github.com/huggingface/safetensors#format>

use std::io::{Read, Seek, SeekFrom};

use safetensors::Dtype as Written;
use safetensors::tensor::Metadata;

use super::dtype::{Dtype, Endian};
use super::{FileError, checked_shape, choose, escaped, quoted};
use crate::tensor::Tensor;

/// The most bytes of a header: room for some fifty thousand tensors. Reading it takes several times as much memory.
const MOST_HEADER_BYTES: u64 = 8 << 20;

/// Reads one tensor, and of the file no more than the header and this tensor's bytes.
pub(super) fn read(reader: &mut (impl Read + Seek), key: Option<&str>, most_elements: usize) -> Result<Tensor, FileError> {
    let (data_start, metadata) = read_header(reader)?;
    let keys = keys_of(&metadata);
    let key = choose(&keys, key)?;
    let info = metadata.info(key).expect("the key is one of the header's");
    let shape = checked_shape(&info.shape, most_elements)?;
    let dtype = readable(info.dtype).ok_or_else(|| {
        FileError::new(format!("{} is of type `{}`, which is not read", quoted(key), info.dtype))
            .hint("save it as numbers, with `tensor.double()`")
    })?;
    // The header has been checked: the tensor's bytes lie in the file, and are as many as its type and shape ask for.
    reader.seek(SeekFrom::Start(data_start + info.data_offsets.0 as u64))?;
    let data = dtype.read(Endian::Little, reader, shape.numel())?;
    Ok(Tensor::new(shape, data).expect("as many numbers were read as the shape has"))
}

/// Returns the names of the tensors, sorted.
pub(super) fn keys(reader: &mut (impl Read + Seek)) -> Result<Vec<String>, FileError> {
    Ok(keys_of(&read_header(reader)?.1))
}

fn keys_of(metadata: &Metadata) -> Vec<String> {
    let mut keys = metadata.offset_keys();
    keys.sort();
    keys
}

/// Returns where the tensors' bytes begin, and the header, whose offsets are those of tensors side by side up to the file's end.
fn read_header(reader: &mut (impl Read + Seek)) -> Result<(u64, Metadata), FileError> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    let mut size = [0; 8];
    reader.read_exact(&mut size)?;
    let size = u64::from_le_bytes(size);
    let data_length = (length - 8).checked_sub(size).ok_or_else(|| {
        FileError::new("this is not the start of a `.safetensors` file, or the file is cut short")
            .hint("write the tensors with `safetensors.torch.save_file`")
    })?;
    if size > MOST_HEADER_BYTES {
        return Err(FileError::new(format!("the header is {size} bytes long, and at most {MOST_HEADER_BYTES} are read")));
    }
    let mut header = Vec::new();
    reader.take(size).read_to_end(&mut header)?;
    let metadata: Metadata = serde_json::from_slice(&header)
        .map_err(|error| FileError::new(format!("the header cannot be understood: {}", escaped(&error.to_string()))))?;
    let needed = metadata.data_len() as u64;
    if needed != data_length {
        return Err(FileError::new(format!("{data_length} bytes of numbers follow the header, which says {needed}")));
    }
    Ok((8 + size, metadata))
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
