//! How a number is written in a file.

use std::io::{self, Read};

use half::{bf16, f16};

/// How a number is written in a file, its bytes in little-endian order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dtype {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    Bf16,
    F32,
    F64,
}

/// The order of a number's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Little,
    Big,
}

/// How many numbers are read at a time, and the most for which memory is taken before any has been
/// seen.
const BLOCK: usize = 8192;

impl Dtype {
    /// The number of bytes of one number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::Bf16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Reads `count` numbers. Memory grows with what has really been read.
    pub(crate) fn read(
        self,
        endian: Endian,
        reader: &mut dyn Read,
        count: usize,
    ) -> io::Result<Vec<f64>> {
        let mut numbers = Vec::new();
        let mut bytes = vec![0; BLOCK.min(count) * self.size()];
        while numbers.len() < count {
            let block = &mut bytes[..BLOCK.min(count - numbers.len()) * self.size()];
            reader.read_exact(block)?;
            if endian == Endian::Big {
                block
                    .chunks_exact_mut(self.size())
                    .for_each(<[u8]>::reverse);
            }
            self.widen(block, &mut numbers);
        }
        Ok(numbers)
    }

    /// Appends little-endian numbers as f64. Integers beyond 2^53 are rounded.
    fn widen(self, bytes: &[u8], numbers: &mut Vec<f64>) {
        match self {
            Self::Bool => widen_with(bytes, numbers, |[byte]| f64::from(u8::from(byte != 0))),
            Self::I8 => widen_with(bytes, numbers, |b| i8::from_le_bytes(b).into()),
            Self::I16 => widen_with(bytes, numbers, |b| i16::from_le_bytes(b).into()),
            Self::I32 => widen_with(bytes, numbers, |b| i32::from_le_bytes(b).into()),
            Self::I64 => widen_with(bytes, numbers, |b| i64::from_le_bytes(b) as f64),
            Self::U8 => widen_with(bytes, numbers, |b| u8::from_le_bytes(b).into()),
            Self::U16 => widen_with(bytes, numbers, |b| u16::from_le_bytes(b).into()),
            Self::U32 => widen_with(bytes, numbers, |b| u32::from_le_bytes(b).into()),
            Self::U64 => widen_with(bytes, numbers, |b| u64::from_le_bytes(b) as f64),
            Self::F16 => widen_with(bytes, numbers, |b| f16::from_le_bytes(b).to_f64()),
            Self::Bf16 => widen_with(bytes, numbers, |b| bf16::from_le_bytes(b).to_f64()),
            Self::F32 => widen_with(bytes, numbers, |b| f32::from_le_bytes(b).into()),
            Self::F64 => widen_with(bytes, numbers, f64::from_le_bytes),
        }
    }
}

fn widen_with<const SIZE: usize>(
    bytes: &[u8],
    numbers: &mut Vec<f64>,
    widen: impl Fn([u8; SIZE]) -> f64,
) {
    numbers.extend(bytes.as_chunks().0.iter().map(|&number| widen(number)));
}
