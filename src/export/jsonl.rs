//! The trace as lines of JSON: first what stands before the steps, then one step a line, for
//! programs that read as they go.

use std::io::{self, BufWriter, Write};

use super::in_order::write_steps;
use super::step_text::{self, StepText};
use super::trace::Trace;
use super::{BLOCK, Detail, Selection, Subject};
use crate::json;

/// Writes a scenario's trace.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BLOCK, out);
    json::write(&mut out, &Trace::without_steps(subject, selection))?;
    out.write_all(b"\n")?;
    if selection.detail != Detail::Tensors {
        let names = step_text::names(subject.backprop);
        let network = subject.backprop.network();
        let with_terms = selection.detail == Detail::Contributions;
        let writer = || StepText::new(network, &names, with_terms);
        write_steps(subject.backprop, selection, writer, &mut out)?;
    }
    out.flush()
}
