//! Values and gradients as `.safetensors`, in f64.

use std::io::{self, Write};

use super::arrays::arrays;
use super::{Selection, Subject};
use crate::scenario::tensor_file::{Precision, write_safetensors};

/// Writes the arrays of a scenario's run.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tensors: Vec<_> = arrays(subject, selection)
        .map(|(name, tensor)| (name, tensor, Precision::Double))
        .collect();
    write_safetensors(
        out,
        ("scenario_sha256", &subject.scenario.sha256()),
        &tensors,
    )
}
