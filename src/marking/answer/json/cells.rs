//! Nested lists of numbers, in the place of some of which anything else may stand.

use serde_json::value::RawValue;

use super::plain;
use crate::marking::answer::exchanged::exchanged;
use crate::marking::answer::problem::Fault;
use crate::scenario::json;
use crate::tensor::{NumberError, Shape, parse_number};

/// What nested lists hold for a tensor of some shape, in row-major order.
#[derive(Default)]
pub(super) struct Cells {
    /// The numbers, with nothing where there is none.
    pub(super) numbers: Vec<Option<f64>>,
    /// The places at which something else stands.
    pub(super) unreadable: Vec<(usize, NoNumber)>,
}

/// What stands where a number belongs.
pub(super) enum NoNumber {
    /// A text that is none.
    Text(String, NumberError),
    /// Something of this kind.
    Kind(&'static str),
}

/// Reads nested lists of some shape, or says what is wrong with them and where.
pub(super) fn cells(shape: &Shape, raw: &RawValue) -> Result<Cells, (Fault, Vec<usize>)> {
    if let Some(numbers) = plain::plain(shape, raw.get()) {
        return Ok(Cells {
            numbers,
            unreadable: Vec::new(),
        });
    }
    one_by_one(shape, raw)
}

/// Does so where anything may stand in the place of a number.
pub(super) fn one_by_one(shape: &Shape, raw: &RawValue) -> Result<Cells, (Fault, Vec<usize>)> {
    let (mut cells, mut place) = (Cells::default(), Vec::new());
    match cells.read(shape, raw, &mut place) {
        Ok(()) => Ok(cells),
        Err(fault) => Err((fault, place)),
    }
}

/// How the numbers of a tensor are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As its shape has them.
    Own,
    /// With the rows and columns of a matrix exchanged.
    Exchanged,
    /// One after the other, row by row.
    InARow,
}

/// Reads nested lists of some shape, in any of the layouts, and says in which.
pub(super) fn any_way(
    shape: &Shape,
    raw: &RawValue,
) -> Result<(Cells, Layout), (Fault, Vec<usize>)> {
    let in_a_row = (shape.rank() > 1).then(|| Shape::from([shape.numel()]));
    let read = |(shape, layout): (Option<Shape>, Layout)| Some((cells(&shape?, raw).ok()?, layout));
    cells(shape, raw)
        .map(|cells| (cells, Layout::Own))
        .or_else(|fault| {
            let others = [
                (exchanged(shape), Layout::Exchanged),
                (in_a_row, Layout::InARow),
            ];
            others.into_iter().find_map(read).ok_or(fault)
        })
}

impl Cells {
    /// Reads nested lists of these sizes. `place` says in which of them this is.
    fn read(
        &mut self,
        sizes: &[usize],
        raw: &RawValue,
        place: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        let kind = json::kind(raw);
        match sizes {
            [] if kind == "a list" => Err(Fault::NoNumber(kind)),
            [] => {
                self.cell(kind, raw);
                Ok(())
            }
            [size, inner @ ..] => {
                let elements = json::array(raw).ok_or(Fault::NoList(kind, *size))?;
                self.list(*size, inner, &elements, place)
            }
        }
    }

    fn list(
        &mut self,
        size: usize,
        inner: &[usize],
        elements: &[&RawValue],
        place: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        for (at, element) in elements.iter().take(size).enumerate() {
            place.push(at);
            self.read(inner, element, place)?;
            place.pop();
        }
        match elements.len() {
            found if found < size => Err(Fault::TooFew {
                found,
                expected: size,
            }),
            found if found > size => Err(Fault::TooMany(size)),
            _ => Ok(()),
        }
    }

    /// Reads a number, or keeps what stands in its place.
    fn cell(&mut self, kind: &'static str, raw: &RawValue) {
        let read = match kind {
            "null" => Ok(None),
            "a number" => number(raw.get()),
            "a string" => number(&json::string(raw).unwrap_or_else(|| raw.get().to_owned())),
            _ => Err(NoNumber::Kind(kind)),
        };
        let at = self.numbers.len();
        let (number, unreadable) = match read {
            Ok(number) => (number, None),
            Err(unreadable) => (None, Some((at, unreadable))),
        };
        self.numbers.push(number);
        self.unreadable.extend(unreadable);
    }
}

/// The number that a text is; nothing where it is blank.
fn number(text: &str) -> Result<Option<f64>, NoNumber> {
    match parse_number(text) {
        Ok(number) => Ok(Some(number)),
        Err(NumberError::Empty) => Ok(None),
        Err(error) => Err(NoNumber::Text(text.to_owned(), error)),
    }
}
