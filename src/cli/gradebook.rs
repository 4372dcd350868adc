//! The marks in the table of the class itself, as a course's system takes them back.

use std::collections::HashMap;
use std::io::{self, Write};

use csv::WriterBuilder;

use crate::exercise::Roster;
use crate::report::harmless;
use crate::tensor::exact;

/// Writes the roster with a column more, in which everybody's points stand. From whom nothing came
/// has a blank there.
pub(super) fn write(
    roster: &Roster,
    title: &str,
    points: &HashMap<String, f64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rows = WriterBuilder::new().from_writer(out);
    let title = if title.is_empty() { "points" } else { title };
    let titles = roster.titles.iter().map(String::as_str);
    rows.write_record(titles.chain([title]).map(harmless))?;
    for student in &roster.students {
        let mut cells: Vec<String> = student.cells.iter().map(|cell| harmless(cell)).collect();
        cells.resize(roster.titles.len(), String::new());
        let points = points.get(&student.id);
        cells.push(points.map_or_else(String::new, |points| exact(*points)));
        rows.write_record(cells)?;
    }
    rows.flush()
}
