//! Answers in CSV, as a filled-in worksheet has them: the columns `tensor`, `index` and `grad`, in
//! any order.

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
    let columns = columns(file_name, reader.headers().map_err(unreadable)?)?;
    let mut answer = Reading::new(network);
    let (mut ambiguous, mut has_decimal_comma) = (Vec::new(), false);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            let [tensor, index, grad] =
                columns.map(|column| record.get(column).unwrap_or("").trim());
            let grad = if table.delimiter == b';' {
                grad.replace(',', ".")
            } else {
                grad.to_owned()
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

/// Returns where the columns are.
fn columns(file_name: &str, header: &StringRecord) -> Result<[usize; 3], AnswerError> {
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
        [Some(tensor), Some(index), Some(grad)] => Ok([tensor, index, grad]),
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
                "`abc`, for `pool1 0`, is neither a decimal nor a fraction",
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
                "`one`, for `fc.bias0`, is neither a decimal nor a fraction",
            ),
            (
                "fc.bias,0,\"1,234\"",
                "`1,234`, for `fc.bias0`, can be read with a decimal comma or with thousands",
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
