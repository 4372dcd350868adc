//! Values and gradients as `.safetensors`.
//!
//! The crate writes a file from one piece of memory; here the tensors are written as they lie, and only the header is the crate's.

use std::collections::HashMap;
use std::io::{self, Write};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::arrays::{arrays, write_data};
use super::{Selection, Subject};

/// The data begin at a multiple of so many bytes, as the format asks.
const ALIGNMENT: usize = 8;

/// Writes the arrays of a scenario's run.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(subject: Subject<'_>, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let mut header = serde_json::to_vec(&header(subject, selection)?)?;
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)?;
    arrays(subject, selection).try_for_each(|(_, tensor)| write_data(&mut &mut *out, tensor))
}

fn header(subject: Subject<'_>, selection: &Selection) -> io::Result<Metadata> {
    let mut end = 0;
    let infos = arrays(subject, selection).map(|(name, tensor)| {
        let start = end;
        end += size_of_val(tensor.data());
        (name, TensorInfo { dtype: Dtype::F64, shape: tensor.shape().to_vec(), data_offsets: (start, end) })
    });
    // One entry only: the crate writes several in an order that changes from run to run.
    let scenario = HashMap::from([("scenario_sha256".to_owned(), subject.scenario.sha256.clone())]);
    Metadata::new(Some(scenario), infos.collect()).map_err(io::Error::other)
}
