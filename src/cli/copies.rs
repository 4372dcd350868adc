//! The list of answers that are alike, for the teacher alone.

use std::io::{self, Write};

use csv::WriterBuilder;

use crate::marking::{Fingerprint, How, alike};
use crate::report::harmless;

/// Writes the answers that are alike as a table.
pub(super) fn write(answers: &[Fingerprint], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = WriterBuilder::new().from_writer(out);
    rows.write_record(["student", "other", "tensor", "numbers", "alike"])?;
    for one in alike(answers) {
        let how = match one.how {
            How::RightForTheOther => "wrong here and right in the other's exercise",
            How::WrongInBoth => "the same wrong numbers and no slip that is known",
        };
        let [student, other] = [&one.student, &one.other].map(|name| harmless(name));
        rows.write_record([&student, &other, &one.tensor, &one.n.to_string(), how])?;
    }
    rows.flush()
}
