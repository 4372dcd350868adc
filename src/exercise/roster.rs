//! A class: who is in it, from the table that a course's system exports.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Foreign, is_hidden, list, quote};
use crate::marking::Spreadsheet;

/// The columns that are taken for the students' ids where nobody says which, the first of them that
/// is there.
const ID_COLUMNS: [&str; 15] = [
    "id",
    "student",
    "student_id",
    "student id",
    "sis user id",
    "id number",
    "sid",
    "uid",
    "uin",
    "email",
    "email address",
    "e-mail",
    "username",
    "user name",
    "login",
];
/// What stands in the first cell of rows of Canvas's table that are no students.
const NO_STUDENTS: [&str; 2] = ["points possible", "student, test"];
/// The longest id that is read, in bytes: with it a file still has a name.
const LONGEST_ID: usize = 100;
/// Names that a folder cannot have on Windows, whatever follows a point in them.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The students of a class.
///
/// ```
/// use backstep::exercise::Roster;
///
/// let class = Roster::read("class.csv", b"id,name\ns1,Ada\ns2,Kurt\n", None)?;
/// assert_eq!(class.students[1].id, "s2");
/// # Ok::<(), backstep::diagnostic::Diagnostic>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// What the table's columns are called.
    pub titles: Vec<String>,
    /// In the order of the table.
    pub students: Vec<Student>,
}

/// One student of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Student {
    /// The id, as the table has it.
    pub id: String,
    /// The name of the student's folder: the id, with an underscore for everything that a folder's
    /// name cannot hold. It differs from every other's, on file systems too that do not tell small
    /// letters from capitals.
    pub folder: String,
    /// Everything that the table says of them, in the order of its columns.
    pub cells: Vec<String>,
    /// The line of the table.
    pub line: usize,
}

impl Roster {
    /// Reads the students from a table in CSV whose first line names the columns. `id_column` is
    /// the one with the ids; without it, it is the first that has a usual name, or the only one.
    ///
    /// # Errors
    /// What makes the table or a row of it unusable.
    pub fn read(
        file_name: &str,
        bytes: &[u8],
        id_column: Option<&str>,
    ) -> Result<Self, Diagnostic> {
        let unreadable = |error: csv::Error| {
            Diagnostic::new(format!(
                "{} cannot be read as CSV: {}",
                quote(file_name),
                quote(&error.to_string())
            ))
        };
        if let Some(Foreign { name, .. }) = Foreign::of(bytes) {
            let message = format!("{} is {name}, and no table of students", quote(file_name));
            return Err(Diagnostic::new(message).hinted("save the table as CSV"));
        }
        let table = Spreadsheet::of(bytes);
        let mut reader = table.reader();
        let titles: Vec<String> = reader
            .headers()
            .map_err(unreadable)?
            .iter()
            .map(|title| title.trim().to_owned())
            .collect();
        let column = column(file_name, &titles, id_column)?;
        let mut roster = Self {
            titles,
            students: Vec::new(),
        };
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let first = record.get(0).unwrap_or_default().trim().to_lowercase();
            let is_blank = record.iter().all(|cell| cell.trim().is_empty());
            if is_blank || NO_STUDENTS.contains(&first.as_str()) {
                continue;
            }
            let line = record.position().map_or(0, |at| table.line(at.byte()));
            roster.students.push(
                student(
                    record.get(column).unwrap_or_default().trim(),
                    record.iter().map(str::to_owned).collect(),
                    line,
                )
                .map_err(|says| {
                    Diagnostic::new(format!("line {line} of {}: {says}", quote(file_name)))
                })?,
            );
        }
        if roster.students.is_empty() {
            return Err(
                Diagnostic::new(format!("{} has no students", quote(file_name)))
                    .hinted("each line after the first is a student"),
            );
        }
        roster.refuse_collisions(file_name)?;
        Ok(roster)
    }

    fn refuse_collisions(&self, file_name: &str) -> Result<(), Diagnostic> {
        let mut folders: BTreeMap<String, &Student> = BTreeMap::new();
        for student in &self.students {
            let Some(other) = folders.insert(student.folder.to_lowercase(), student) else {
                continue;
            };
            let lines = format!(
                "lines {} and {} of {}",
                other.line,
                student.line,
                quote(file_name)
            );
            return Err(if other.id == student.id {
                Diagnostic::new(format!("{lines} have the same id {}", quote(&student.id)))
                    .hinted("take one of them out")
            } else {
                let ids = format!("{} and {}", quote(&other.id), quote(&student.id));
                Diagnostic::new(format!("{lines} would have the same folder: {ids}"))
                    .hinted("`--id-column` takes another column")
            });
        }
        Ok(())
    }
}

fn column(file_name: &str, titles: &[String], wanted: Option<&str>) -> Result<usize, Diagnostic> {
    let place = |name: &str| {
        titles
            .iter()
            .position(|title| title.eq_ignore_ascii_case(name))
    };
    let found = match (wanted, titles) {
        (Some(name), _) => place(name.trim()),
        (None, [_]) => Some(0),
        (None, _) => ID_COLUMNS.into_iter().find_map(place),
    };
    found.ok_or_else(|| {
        let columns: Vec<String> = titles.iter().map(|title| quote(title)).collect();
        let message = match wanted {
            Some(name) => format!("{} has no column {}", quote(file_name), quote(name)),
            None => format!(
                "no column of {} has a usual name for the students' ids",
                quote(file_name)
            ),
        };
        Diagnostic::new(message).hinted(format!(
            "`--id-column` takes one of {}",
            list(&columns, "and")
        ))
    })
}

fn student(id: &str, cells: Vec<String>, line: usize) -> Result<Student, String> {
    if id.is_empty() {
        return Err("the student has no id".to_owned());
    }
    if id.len() > LONGEST_ID {
        return Err(format!(
            "the id {} is longer than {LONGEST_ID} bytes",
            quote(id)
        ));
    }
    if id.chars().any(is_hidden) {
        return Err(format!(
            "the id {} has characters in it that nobody sees",
            quote(id)
        ));
    }
    Ok(Student {
        id: id.to_owned(),
        folder: folder(id),
        cells,
        line,
    })
}

/// Returns a name that is one folder's on every system, and never one above it.
fn folder(id: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    let mut name: String = id
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    let begins_oddly = name.starts_with(['.', '-']);
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port)
            .is_some_and(|rest| rest.chars().count() == 1)
    });
    if begins_oddly || RESERVED.contains(&stem.as_str()) || is_port {
        name.insert(0, '_');
    }
    if name.ends_with('.') {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(table: &str, column: Option<&str>) -> Result<Vec<String>, String> {
        let roster = Roster::read("students.csv", table.as_bytes(), column)
            .map_err(|problem| problem.message)?;
        Ok(roster
            .students
            .into_iter()
            .map(|student| student.id)
            .collect())
    }

    #[test]
    fn the_column_of_the_ids_is_found() {
        let expected = Ok(vec!["s1".to_owned(), "s2".to_owned()]);
        assert_eq!(
            ids("\u{feff}name,ID\nAnn,s1\n,\nBob, s2 \n", None),
            expected
        );
        assert_eq!(ids("whoever\ns1\ns2\n", None), expected);
        assert_eq!(ids("email;student\na@b;s1\nc@d;s2\n", None), expected);
        assert_eq!(ids("id,login\n1,s1\n2,s2\n", Some("login")), expected);
        let none = Roster::read("students.csv", b"name,course\nAnn,DL\n", None).unwrap_err();
        assert_eq!(
            none.hint.unwrap(),
            "`--id-column` takes one of `name` and `course`"
        );
    }

    #[test]
    fn what_courses_systems_write_is_read() {
        let canvas = "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (123456)\r\n    \
            Points Possible,,,,,10\r\n\"Seven, Student\",10000,000007,u0,DL,\r\n\
            \"Student, Test\",10002,,,DL,\r\n";
        for (table, id) in [
            (canvas, "10000"),
            ("First name\tSurname\tID number\nAda\tL\t000007\n", "000007"),
            ("sep=;\nFirst Name;SID;Email\nAda;s7;a@b\n", "s7"),
            ("UID,UIN,User name\na@b,77,Ada\n", "a@b"),
        ] {
            assert_eq!(ids(table, None), Ok(vec![id.to_owned()]));
        }
    }

    #[test]
    fn what_is_no_students_id_is_refused_with_its_line() {
        for (table, says) in [
            (
                "id,name\ns1,Ann\n,Bob\n",
                "line 3 of `students.csv`: the student has no id",
            ),
            (
                "id\ns1\ns\u{202e}2\n",
                "line 3 of `students.csv`: the id `s\\u{202e}2` has characters in it that nobody \
                 sees",
            ),
            (
                "id\ns1\ns2\ns1\n",
                "lines 2 and 4 of `students.csv` have the same id `s1`",
            ),
            (
                "id,name\r\n1,a\r\n2,b\r\n1,c\r\n",
                "lines 2 and 4 of `students.csv` have the same id `1`",
            ),
            (
                "id\na/b\na:b\n",
                "lines 2 and 3 of `students.csv` would have the same folder: `a/b` and `a:b`",
            ),
            (
                "id\nAnn\nann\n",
                "lines 2 and 3 of `students.csv` would have the same folder: `Ann` and `ann`",
            ),
            ("id\n", "`students.csv` has no students"),
        ] {
            assert_eq!(ids(table, None).unwrap_err(), says);
        }
    }

    #[test]
    fn a_table_that_is_not_saved_as_text_is_named() {
        let excel = Roster::read("class.xlsx", b"PK\x03\x04 xl/workbook.xml", None).unwrap_err();
        let says = "`class.xlsx` is an Excel file, and no table of students";
        assert_eq!(excel.message, says);
        assert_eq!(excel.hint.as_deref(), Some("save the table as CSV"));
    }

    #[test]
    fn a_folder_has_a_name_everywhere() {
        for (id, name) in [
            ("s1024", "s1024"),
            ("ann@example.org", "ann@example.org"),
            ("..", "_.._"),
            ("../../etc", "_.._.._etc"),
            ("/etc", "_etc"),
            ("a b", "a_b"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("-rf", "_-rf"),
            ("größe", "größe"),
        ] {
            assert_eq!(folder(id), name);
        }
    }
}
