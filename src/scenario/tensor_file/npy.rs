//! The format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
//!
//! The header is read here and not by the `npyz` crate, which takes as much memory as the header
//! claims to need, takes time exponential in the depth of its brackets, and panics on a shape whose
//! number of elements overflows.

use std::io::{Read, Seek, SeekFrom};

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};

use super::Error;
use super::dtype::{Dtype, Endian};
use super::shape::checked_shape;
use super::source::Source;
use crate::tensor::Tensor;

/// NumPy's own limit on the headers of untrusted files.
const MOST_HEADER_BYTES: u32 = 10_000;

/// Reads a whole `.npy` file.
pub(super) fn read_file(reader: &mut Source<'_>, most_elements: usize) -> Result<Tensor, Error> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    read(reader, length, most_elements)
}

/// Reads an array that takes `length` bytes with its header.
pub(super) fn read(
    reader: &mut dyn Read,
    length: u64,
    most_elements: usize,
) -> Result<Tensor, Error> {
    let (header_length, text) = header_text(reader)?;
    let header = Header::parse(&text)?;
    let shape = checked_shape(&header.sizes, most_elements)?;
    let needed = (shape.numel() as u64).checked_mul(header.dtype.size() as u64);
    let there = length.saturating_sub(header_length);
    if needed != Some(there) {
        return Err(Error::DataLength { there, needed });
    }
    let data = header.dtype.read(header.endian, reader, shape.numel())?;
    if header.fortran_order {
        let view = ArrayViewD::from_shape(IxDyn(&shape).f(), &data)
            .expect("as many numbers were read as the shape has");
        return Ok(view.into());
    }
    Ok(Tensor::new(shape, data).expect("as many numbers were read as the shape has"))
}

/// Returns how an array's numbers are written, by its header.
pub(super) fn dtype(reader: &mut dyn Read) -> Option<Dtype> {
    let (_, text) = header_text(reader).ok()?;
    Some(Header::parse(&text).ok()?.dtype)
}

/// Returns the header's text and the number of bytes before the numbers.
fn header_text(reader: &mut dyn Read) -> Result<(u64, String), Error> {
    let mut start = [0; 8];
    reader.read_exact(&mut start)?;
    let [magic @ .., major, minor] = start;
    if magic != *b"\x93NUMPY" {
        return Err(Error::NotNpy);
    }
    let size_bytes = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => return Err(Error::NpyVersion(major, minor)),
    };
    let mut size = [0; 4];
    reader.read_exact(&mut size[..size_bytes])?;
    let size = u32::from_le_bytes(size);
    if size > MOST_HEADER_BYTES {
        return Err(Error::HeaderTooLong {
            size: size.into(),
            most: MOST_HEADER_BYTES.into(),
        });
    }
    let mut text = vec![0; size as usize];
    reader.read_exact(&mut text)?;
    let text = String::from_utf8(text).map_err(|_| Error::HeaderNotText)?;
    Ok((8 + size_bytes as u64 + u64::from(size), text))
}

#[derive(Debug)]
struct Header {
    dtype: Dtype,
    endian: Endian,
    fortran_order: bool,
    sizes: Vec<usize>,
}

impl Header {
    /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4), }`.
    fn parse(text: &str) -> Result<Self, Error> {
        let mut literal = Literal { rest: text };
        let (mut element, mut fortran_order, mut sizes) = (None, None, None);
        literal.expect("{")?;
        while !literal.eat("}") {
            let key = literal.string()?;
            literal.expect(":")?;
            match key {
                "descr" => element = Some(literal.element()?),
                "fortran_order" => fortran_order = Some(literal.boolean()?),
                "shape" => sizes = Some(literal.sizes()?),
                _ => return Err(Error::UnknownHeaderKey(key.to_owned())),
            }
            if !literal.eat(",") {
                literal.expect("}")?;
                break;
            }
        }
        literal.end()?;
        let (dtype, endian) = element.ok_or(Error::HeaderLacks("descr"))?;
        let fortran_order = fortran_order.ok_or(Error::HeaderLacks("fortran_order"))?;
        Ok(Self {
            dtype,
            endian,
            fortran_order,
            sizes: sizes.ok_or(Error::HeaderLacks("shape"))?,
        })
    }
}

/// The rest of a Python literal.
struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), Error> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{token}`")))
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.expected("nothing more"))
        }
    }

    fn expected(&self, what: &str) -> Error {
        Error::NpyHeader {
            expected: what.to_owned(),
            found: self.rest.trim().to_owned(),
        }
    }

    fn string(&mut self) -> Result<&'a str, Error> {
        let quote = ["'", "\""]
            .into_iter()
            .find(|quote| self.eat(quote))
            .ok_or_else(|| self.expected("a string"))?;
        let (string, rest) = self
            .rest
            .split_once(quote)
            .ok_or_else(|| self.expected("the end of a string"))?;
        self.rest = rest;
        Ok(string)
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        if self.eat("True") {
            return Ok(true);
        }
        if self.eat("False") {
            Ok(false)
        } else {
            Err(self.expected("`True` or `False`"))
        }
    }

    /// Reads a tuple of sizes, or a list of them, which some writers make of it.
    fn sizes(&mut self) -> Result<Vec<usize>, Error> {
        let end = if self.eat("[") { "]" } else { ")" };
        if end == ")" {
            self.expect("(")?;
        }
        let mut sizes = Vec::new();
        while !self.eat(end) {
            sizes.push(self.size()?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(sizes)
    }

    fn size(&mut self) -> Result<usize, Error> {
        self.rest = self.rest.trim_start();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let size = self.rest[..end]
            .parse()
            .map_err(|_| self.expected("the size of an axis"))?;
        self.rest = &self.rest[end..];
        // What Python 2 calls a long number.
        self.rest = self.rest.strip_prefix('L').unwrap_or(self.rest);
        Ok(size)
    }

    fn element(&mut self) -> Result<(Dtype, Endian), Error> {
        if self.eat("[") {
            return Err(Error::Records);
        }
        element(self.string()?)
    }
}

/// Returns what a type string such as `<f8` stands for.
fn element(descr: &str) -> Result<(Dtype, Endian), Error> {
    if descr.ends_with('O') {
        return Err(Error::Objects);
    }
    let (order, name) = descr.split_at_checked(1).unwrap_or_default();
    let dtype = match name {
        "b1" => Some(Dtype::Bool),
        "i1" => Some(Dtype::I8),
        "i2" => Some(Dtype::I16),
        "i4" => Some(Dtype::I32),
        "i8" => Some(Dtype::I64),
        "u1" => Some(Dtype::U8),
        "u2" => Some(Dtype::U16),
        "u4" => Some(Dtype::U32),
        "u8" => Some(Dtype::U64),
        "f2" => Some(Dtype::F16),
        "f4" => Some(Dtype::F32),
        "f8" => Some(Dtype::F64),
        _ => None,
    };
    let endian = match order {
        "<" => Some(Endian::Little),
        ">" => Some(Endian::Big),
        "|" if dtype.is_some_and(|dtype| dtype.size() == 1) => Some(Endian::Little),
        _ => None,
    };
    dtype
        .zip(endian)
        .ok_or_else(|| Error::ArrayType(descr.to_owned()))
}

#[cfg(test)]
pub(super) mod tests;
