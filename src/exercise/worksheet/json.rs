//! The worksheet as an answer file in which every gradient is still `null`.

use std::io::{self, Write};

use super::Worksheet;
use crate::json::rows;
use crate::marking::ANSWER_FORMAT;

/// Writes the answer file.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let student = serde_json::to_string(&worksheet.student)?;
    write!(
        out,
        "{{\n  \"format\": \"{ANSWER_FORMAT}\",\n  \"student\": {student},\n  \
         \"scenario_sha256\": \"{}\",\n  \"grads\": {{",
        worksheet.scenario.sha256()
    )?;
    for (number, &id) in worksheet.asked.iter().enumerate() {
        let tensor = worksheet.network().tensor(id);
        let comma = if number == 0 { "" } else { "," };
        let blanks = rows(&tensor.shape, 4, &|_| "null".to_owned());
        write!(out, "{comma}\n    \"{}\": {blanks}", tensor.name)?;
    }
    out.write_all(b"\n  }\n}\n")
}
