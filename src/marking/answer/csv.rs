//! Answers in CSV, as a filled-in worksheet has them: the columns `tensor`, `index` and `grad`, in
//! any order.

use std::borrow::Cow;

use csv::StringRecord;

use super::content::Answer;
use super::error::AnswerError;
use super::reading::Reading;
use super::said::Said;
use super::spreadsheet::Spreadsheet;
use crate::tape::Network;
use crate::tensor::{NumberError, parse_number};

/// What the first cell of a row holds that says who has written the answer.
pub(crate) const STUDENT: &str = "student";
/// The same of a row that says to which scenario it is an answer.
pub(crate) const EXERCISE: &str = "exercise";
const COLUMNS: [&str; 3] = ["tensor", "index", "grad"];

pub(super) fn read(
    file_name: &str,
    bytes: &[u8],
    network: &Network,
) -> Result<Answer, AnswerError> {
    let table = Spreadsheet::of(bytes);
    let mut reader = table.reader();
    let unreadable = |error| AnswerError::Csv {
        file: file_name.to_owned(),
        error,
    };
    let headers = reader.headers().map_err(unreadable)?;
    let columns = columns(file_name, headers, table.delimiter)?;
    let mut answer = Reading::new(network);
    let records = table.reader().into_records().map_while(Result::ok);
    answer.expect_places(records.map(|record| {
        let [tensor, index, _] = columns.cells(&record).map(Cow::into_owned);
        (tensor, index)
    }));
    let (mut ambiguous, mut has_decimal_comma) = (Vec::new(), false);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            let [tensor, index, grad] = columns.cells(&record);
            let (tensor, index) = (&*tensor, &*index);
            let grad = match table.delimiter {
                b';' => grad.replace(',', "."),
                _ => grad.into_owned(),
            };
            let number = parse_number(&grad);
            has_decimal_comma |= grad.contains(',') && number.is_ok();
            if answer.said(tensor, index) {
                continue;
            }
            match number {
                Err(NumberError::Ambiguous) => {
                    ambiguous.push((tensor.to_owned(), index.to_owned(), grad));
                }
                _ => answer.row(tensor, index, &grad, number),
            }
        }
    }
    // What the other numbers of the column say of the comma holds for these too.
    for (tensor, index, grad) in ambiguous {
        let number = if has_decimal_comma {
            parse_number(&grad.replace(',', "."))
        } else {
            Err(NumberError::Ambiguous)
        };
        answer.row(&tensor, &index, &grad, number);
    }
    Ok(answer.finish())
}

/// Returns what the rows of a table say that stand for no number.
pub(super) fn said_in(bytes: &[u8]) -> Said {
    let table = Spreadsheet::of(bytes);
    let mut reader = table.reader();
    let mut said = Said::default();
    for record in reader.records().map_while(Result::ok) {
        let cell = |column: usize| record.get(column).unwrap_or("").trim();
        said.take(cell(0), cell(1));
    }
    said
}

impl Said {
    /// Takes a row that says who has written the answer, or to which exercise it is one.
    fn take(&mut self, name: &str, says: &str) -> bool {
        let said = match name {
            STUDENT => &mut self.student,
            EXERCISE => &mut self.exercise,
            _ => return false,
        };
        let says = says.strip_prefix('[').unwrap_or(says);
        let says = says.strip_suffix(']').unwrap_or(says);
        *said = Some(says.to_owned()).filter(|says| !says.is_empty());
        true
    }
}

/// Where the columns are, and how many there are with the others.
struct Columns {
    places: [usize; 3],
    n: usize,
    delimiter: u8,
}

impl Columns {
    /// The cells of a row. An index that was written without quotes has made cells of its pieces,
    /// and one that stands in the cell of its tensor, as in `pool[0,1]`, is not in its own.
    fn cells<'r>(&self, record: &'r StringRecord) -> [Cow<'r, str>; 3] {
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let is_split = record.len() > self.n || cell(0).contains('[');
        if self.places != [0, 1, 2] || !is_split {
            return self.places.map(|column| cell(column).into());
        }
        let delimiter = char::from(self.delimiter);
        let row: Vec<&str> = record.iter().collect();
        let row = row.join(&delimiter.to_string());
        let begins = row.find(['[', '(']).or_else(|| row.find(delimiter));
        let (tensor, rest) = row.split_at(begins.unwrap_or(row.len()));
        let ends = rest.rfind([']', ')']).map(|end| end + 1);
        let ends = ends.or_else(|| rest.rfind(delimiter)).unwrap_or(rest.len());
        let (index, grad) = rest.split_at(ends);
        let is_between = |c: char| c == delimiter || c == ' ';
        [tensor, index, grad].map(|cell| cell.trim_matches(is_between).to_owned().into())
    }
}

/// Returns where the columns are.
fn columns(file_name: &str, header: &StringRecord, delimiter: u8) -> Result<Columns, AnswerError> {
    let place = |name: &str| {
        header
            .iter()
            .position(|cell| cell.trim().eq_ignore_ascii_case(name))
    };
    let found = COLUMNS.map(place);
    let times = |name: &&str| {
        let same = header
            .iter()
            .filter(|cell| cell.trim().eq_ignore_ascii_case(name));
        same.count()
    };
    if let Some(&column) = COLUMNS.iter().find(|name| times(name) > 1) {
        let file = file_name.to_owned();
        return Err(AnswerError::ColumnTwice { file, column });
    }
    match found {
        [Some(tensor), Some(index), Some(grad)] => Ok(Columns {
            places: [tensor, index, grad],
            n: header.len(),
            delimiter,
        }),
        _ => {
            let missing: Vec<_> = COLUMNS
                .iter()
                .zip(found)
                .filter(|(_, found)| found.is_none())
                .map(|(name, _)| *name)
                .collect();
            Err(AnswerError::NoColumns {
                file: file_name.to_owned(),
                columns: missing,
            })
        }
    }
}

impl Reading<'_> {
    /// Takes a row that stands for no number, unless a tensor has its name.
    fn said(&mut self, name: &str, says: &str) -> bool {
        let mut said = Said::default();
        let is_taken = self.network.find(name).is_none() && said.take(name, says);
        if is_taken {
            let answer = &mut self.answer;
            answer.student = said.student.or(answer.student.take());
            answer.exercise = said.exercise.or(answer.exercise.take());
        }
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use crate::marking::answer::testing::read;

    #[test]
    fn a_filled_in_worksheet_is_read() {
        let csv = "tensor,index,grad\npool,\"[0,0]\",3.5\npool,0 1,\npool,\"1,0\",-7/2\n\
                   pool,\"[1, 1]\",1e-3\nloss,,1\n";
        assert_eq!(
            read("a.csv", csv.as_bytes()),
            (Some(vec![Some(3.5), None, Some(-3.5), Some(1e-3)]), vec![])
        );
        let semicolons = "\u{feff}grad;tensor;index\r\n3,5;pool;[0,0]\r\n;pool;[0,1]\r\n";
        assert_eq!(
            read("a.csv", semicolons.as_bytes()).0,
            Some(vec![Some(3.5), None, None, None])
        );
        let quoted = "tensor,index,grad\npool,0 0,\"3,125\"\npool,0 1,\"-0,5\"\n";
        assert_eq!(
            read("a.csv", quoted.as_bytes()).0,
            Some(vec![Some(3.125), Some(-0.5), None, None])
        );
    }

    #[test]
    fn an_index_may_stand_there_without_quotes() {
        for rows in [
            "pool,[0,0],3.5\npool,[0,1],-7/2\n",
            "pool,0,0,3.5\npool,0,1,-7/2\n",
            "pool[0,0],3.5\npool[0,1],-7/2\n",
            "pool[0][0],3.5\npool[0][1],,-7/2\n",
            "\"pool[0,0]\",3.5\n\"pool[0,1]\",,-7/2\n",
            "pool,(0, 0),3,5\npool,[0,1], -3,5\n",
        ] {
            let read = read("a.csv", format!("tensor,index,grad\n{rows}").as_bytes());
            let pool = vec![Some(3.5), Some(-3.5), None, None];
            assert_eq!(read, (Some(pool), vec![]), "{rows}");
        }
        let commented = read("a.csv", b"tensor,index,grad,why\npool,0 1,2,\"a, b\"\n");
        assert_eq!(commented.0, Some(vec![None, Some(2.0), None, None]));
    }

    #[test]
    fn places_may_be_counted_otherwise_which_is_told() {
        let right = Some(vec![Some(1.0), Some(2.0), Some(3.0), Some(4.0)]);
        let from_one = "its places are counted from 1, as in `pool[1,1]`: they were read so, \
                        though here they count from 0";
        let in_a_row = "`pool` has shape [2, 2], but here its numbers are in one row: they were \
                        read row by row";
        for (rows, says) in [
            ("1 1,1\npool,1 2,2\npool,2 1,3\npool,2 2,4\n", from_one),
            ("0,1\npool,1,2\npool,2,3\npool,3,4\n", in_a_row),
        ] {
            let csv = format!("tensor,index,grad\npool,{rows}");
            assert_eq!(
                read("a.csv", csv.as_bytes()),
                (right.clone(), vec![says.to_owned()])
            );
        }
        let keys = r#""pool[1,1]": 1, "pool[1,2]": 2, "pool[2,1]": 3, "pool[2,2]": 4"#;
        let list = r#""pool": [1, 2, 3, 4]"#;
        for (grads, says) in [(keys, from_one), (list, in_a_row)] {
            let json = format!(r#"{{ "format": "backstep-answer/1", "grads": {{ {grads} }} }}"#);
            assert_eq!(
                read("a.json", json.as_bytes()),
                (right.clone(), vec![says.to_owned()])
            );
        }
    }

    #[test]
    fn what_a_spreadsheet_has_made_a_date_of_is_told() {
        let date = |row: &str| {
            let csv = format!("tensor,index,grad\npool,0 0,1\n{row}\n");
            read("a.csv", csv.as_bytes()).1.remove(0)
        };
        let says = "looks like a date, which a spreadsheet makes of what may be one: write \
                    fractions as decimals, or format the cells as text";
        assert_eq!(
            date("pool,0 1,07. Feb"),
            format!("`07. Feb`, for `pool[0 1]`, {says}")
        );
        assert_eq!(
            date("pool,01. Jan,2"),
            format!("`01. Jan`, for `pool`, {says}")
        );
    }

    #[test]
    fn what_is_wrong_with_a_cell_spoils_nothing_but_it() {
        let bad: String = (0..7)
            .map(|row| format!("pool,\"[{row},9]\",1\n"))
            .collect();
        let csv = format!("tensor,index,grad\npool,(0;0),1\npool,01,07. Feb\npool,1 0,abc\n{bad}");
        let (pool, problems) = read("a.csv", csv.as_bytes());
        assert_eq!(pool, Some(vec![Some(1.0), None, None, None]));
        assert_eq!(
            problems,
            [
                "`01` is no element of `pool`, which has shape [2, 2]",
                "`abc`, for `pool[1 0]`, is neither a decimal nor a fraction",
                "`[0,9]` is no element of `pool`, which has shape [2, 2]",
                "`[1,9]` is no element of `pool`, which has shape [2, 2]",
                "`[2,9]` is no element of `pool`, which has shape [2, 2]",
                "4 more numbers of `pool` cannot be read"
            ]
        );
    }

    #[test]
    fn what_is_wrong_with_a_tensor_spoils_nothing_but_it() {
        for (row, says) in [
            (
                "pol,\"[0,0]\",1",
                "the scenario has no tensor `pol`; did you mean `pool`?",
            ),
            (
                "fc.bias,\"[1]\",1",
                "`[1]` is no element of `fc.bias`, which has shape [1]",
            ),
            (
                "fc.bias,0,one",
                "`one`, for `fc.bias[0]`, is neither a decimal nor a fraction",
            ),
            (
                "fc.bias,0,\"1,234\"",
                "`1,234`, for `fc.bias[0]`, can be read with a decimal comma or with thousands",
            ),
            (
                "fc.bias,[0],1\nfc.bias,[0],2",
                "`fc.bias[0]` stands there twice, with two numbers",
            ),
        ] {
            let (pool, problems) = read(
                "a.csv",
                format!("tensor,index,grad\npool,\"[0,0]\",1\n{row}\n").as_bytes(),
            );
            assert_eq!(
                (pool, problems),
                (
                    Some(vec![Some(1.0), None, None, None]),
                    vec![says.to_owned()]
                )
            );
        }
        let twice = read("a.csv", b"tensor,index,grad, Grad\npool,0 0,1,2\n").1;
        assert_eq!(
            twice,
            ["unreadable: `a.csv` is no answer: its first line has the column `grad` twice"]
        );
        let no_column = read("a.csv", b"tensor,gradient\npool,1\n").1;
        assert_eq!(
            no_column,
            [
                "unreadable: `a.csv` is no answer: its first line has no column `index` and no \
                 `grad`"
            ]
        );
    }
}
