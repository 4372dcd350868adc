//! Values and gradients as NumPy's `.npz`, uncompressed, as `numpy.savez` writes it.

use std::io::{self, BufWriter, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::arrays::{arrays, write_data};
use super::{Selection, Subject};
use crate::tensor::{Shape, Tensor};

/// What a `.npy` file begins with: its magic number and version 1.0.
const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
/// The data begin at a multiple of so many bytes, as the format asks.
const ALIGNMENT: usize = 64;

/// Writes the arrays of a scenario's run.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_arrays(arrays(subject, selection), out)
}

/// Writes arrays with their names.
pub(super) fn write_arrays<'a>(
    arrays: impl Iterator<Item = (String, &'a Tensor)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(out);
    for (name, tensor) in arrays {
        let is_large = size_of_val(tensor.data()) > u32::MAX as usize / 2;
        // One date for all, so that the same scenario gives the same bytes.
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file(
            format!("{name}.npy"),
            stored
                .last_modified_time(DateTime::default())
                .large_file(is_large),
        )?;
        write_npy(&mut BufWriter::new(&mut archive), tensor)?;
    }
    archive.finish()?;
    Ok(())
}

/// Writes one array as a `.npy` file.
fn write_npy(out: &mut impl Write, tensor: &Tensor) -> io::Result<()> {
    let header = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': {}, }}",
        tuple(tensor.shape())
    );
    // The header's length takes two bytes, and a line feed ends it.
    let before = MAGIC.len() + 2;
    let end = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
    let padded = end - before;
    let length = u16::try_from(padded)
        .map_err(|_| io::Error::other("the shape is too long for a NumPy header"))?;
    out.write_all(MAGIC)?;
    out.write_all(&length.to_le_bytes())?;
    writeln!(out, "{header:0$}", padded - 1)?;
    write_data(out, tensor)?;
    out.flush()
}

/// A shape as Python writes a tuple: `()`, `(3,)`, `(2, 3)`.
fn tuple(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!(
        "({}{})",
        sizes.join(", "),
        if sizes.len() == 1 { "," } else { "" }
    )
}
