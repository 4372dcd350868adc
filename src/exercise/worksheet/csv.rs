//! The worksheet as a table: `tensor,index,grad` with rows that say whose it is and of which
//! exercise, and a row a gradient, whose last cell is empty.

use std::io::{self, Write};

use csv::Writer;

use super::Worksheet;
use crate::marking::{EXERCISE, STUDENT};

/// Writes the table. A tensor's name and an index in brackets are nothing that a spreadsheet takes
/// for a formula or a date.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Writer::from_writer(out);
    rows.write_record(["tensor", "index", "grad"])?;
    // In brackets a spreadsheet leaves an id as it is, whatever it looks like.
    if let Some(student) = worksheet.student {
        rows.write_record([STUDENT, &format!("[{student}]"), ""])?;
    }
    let exercise = worksheet.scenario.sha256();
    rows.write_record([EXERCISE, &format!("[{exercise}]"), ""])?;
    for &id in worksheet.asked.tensors() {
        let tensor = worksheet.network().tensor(id);
        for at in worksheet.places(id) {
            let index: Vec<String> = tensor
                .shape
                .index(at)
                .iter()
                .map(usize::to_string)
                .collect();
            rows.write_record([&tensor.name, &format!("[{}]", index.join(",")), ""])?;
        }
    }
    rows.flush()
}
