//! The trace as a table: one contribution a row.
//!
//! A factor stands in the column of its kind, and the columns stand in the order in which the factors are multiplied: so a row's product
//! is `upstream` times what stands to the right of it. The products of a step add up to its gradient, because a step that begins with a
//! given upstream gradient has a row for it, with `term` 0. A step that is given nothing and to which nothing contributes has such a row
//! too, so that no step is missing.
//!
//! No cell holds a stranger's text but the names of tensors, which are letters, digits, `_` and `.`: none is a formula.

use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::{Detail, Selection, Subject};
use crate::backprop::Backprop;
use crate::ops::{Contribution, Factor, FactorKind, Family};
use crate::tensor::{Neuron, exact};

/// Writes a scenario's trace.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(subject: Subject<'_>, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let Subject { backprop, .. } = subject;
    let mut rows = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    match selection.detail {
        Detail::Tensors => elements(backprop, selection, &mut rows)?,
        Detail::Steps => steps(backprop, selection, &mut rows)?,
        Detail::Contributions => contributions(backprop, selection, &mut rows)?,
    }
    rows.flush()
}

/// One element of a tensor a row.
fn elements<W: Write>(backprop: &Backprop, selection: &Selection, rows: &mut Writer<W>) -> csv::Result<()> {
    rows.write_record(["tensor", "index", "value", "grad"])?;
    for tensor in selection.tensors(backprop) {
        for at in 0..backprop.gradient(tensor).data().len() {
            let neuron = Neuron { tensor, at };
            let [name, index] = place(backprop, neuron);
            rows.write_record([name, index, exact(backprop.tape().neuron(neuron)), exact(backprop.neuron(neuron))])?;
        }
    }
    Ok(())
}

/// One step a row.
fn steps<W: Write>(backprop: &Backprop, selection: &Selection, rows: &mut Writer<W>) -> csv::Result<()> {
    rows.write_record(["step", "tensor", "index", "value", "given_upstream", "grad"])?;
    for (step, neuron) in selection.steps(backprop) {
        let [name, index] = place(backprop, neuron);
        let numbers = [backprop.tape().neuron(neuron), backprop.given(neuron).unwrap_or(0.0), backprop.neuron(neuron)];
        rows.write_record([(step + 1).to_string(), name, index].into_iter().chain(numbers.map(exact)))?;
    }
    Ok(())
}

/// One contribution a row.
fn contributions<W: Write>(backprop: &Backprop, selection: &Selection, rows: &mut Writer<W>) -> csv::Result<()> {
    let columns = factor_columns(backprop);
    let before = ["step", "tensor", "index", "term", "from", "from_index", "upstream"].map(str::to_owned);
    let after = ["product", "running_sum"].map(str::to_owned);
    rows.write_record(before.into_iter().chain(titles(&columns)).chain(after))?;
    for (step, neuron) in selection.steps(backprop) {
        let mut sum = Sum { start: start(backprop, step, neuron), columns: &columns, term: 0, running: 0.0 };
        let given = backprop.given(neuron);
        sum.running = given.unwrap_or(0.0);
        let mut result = match given {
            Some(given) => rows.write_record(sum.given(given)),
            None => Ok(()),
        };
        backprop.terms(neuron, &mut |term| {
            if result.is_ok() {
                result = rows.write_record(sum.add(backprop, &term));
            }
        });
        result?;
        if given.is_none() && sum.term == 0 {
            rows.write_record(sum.given(0.0))?;
        }
    }
    Ok(())
}

/// A step's sum as its rows build it up.
struct Sum<'a> {
    /// The cells with which each row begins.
    start: [String; 3],
    columns: &'a [FactorKind],
    /// The number of the last term.
    term: usize,
    running: f64,
}

impl Sum<'_> {
    /// The row of what the sum begins with.
    fn given(&self, given: f64) -> Vec<String> {
        let blank = vec![String::new(); self.columns.len() + 3];
        self.row(blank, given)
    }

    /// Adds a term, and returns its row.
    fn add(&mut self, backprop: &Backprop, term: &Contribution) -> Vec<String> {
        self.term += 1;
        self.running += term.product();
        let mut cells = Vec::from(place(backprop, term.from));
        cells.push(exact(term.upstream));
        cells.extend(factor_cells(self.columns, &term.factors));
        self.row(cells, term.product())
    }

    fn row(&self, cells: Vec<String>, product: f64) -> Vec<String> {
        let numbers = [exact(product), exact(self.running)];
        self.start.iter().cloned().chain([self.term.to_string()]).chain(cells).chain(numbers).collect()
    }
}

fn start(backprop: &Backprop, step: usize, neuron: Neuron) -> [String; 3] {
    let [name, index] = place(backprop, neuron);
    [(step + 1).to_string(), name, index]
}

/// A tensor's name, and the index in it as JSON writes it: in brackets, because `0,1` is a number to some spreadsheets.
fn place(backprop: &Backprop, neuron: Neuron) -> [String; 2] {
    let tensor = backprop.network().tensor(neuron.tensor);
    let mut index = String::from("[");
    for (axis, at) in tensor.shape.index(neuron.at).iter().enumerate() {
        let comma = if axis == 0 { "" } else { "," };
        let _ = write!(index, "{comma}{at}");
    }
    index.push(']');
    [tensor.name.clone(), index]
}

/// The kinds of factors, each as often as one term can have it: a product of n tensors has n − 1 other sides.
fn factor_columns(backprop: &Backprop) -> Vec<FactorKind> {
    let layers = backprop.network().layers().iter().filter(|layer| layer.op.family() == Family::Mul);
    let n_operands = layers.map(|layer| layer.inputs.len() - 1).max().unwrap_or(1);
    let times = |kind| if kind == FactorKind::Operand { n_operands } else { 1 };
    FactorKind::ALL.into_iter().flat_map(|kind| vec![kind; times(kind)]).collect()
}

/// The columns' titles: a kind's name, and from its second column on with a number.
fn titles(columns: &[FactorKind]) -> impl Iterator<Item = String> {
    columns.iter().enumerate().map(|(column, kind)| match columns[..column].iter().filter(|before| *before == kind).count() {
        0 => kind.name().to_owned(),
        n => format!("{}_{}", kind.name(), n + 1),
    })
}

/// A term's factors in their columns.
fn factor_cells(columns: &[FactorKind], factors: &[Factor]) -> impl Iterator<Item = String> {
    let mut factors = factors.iter().peekable();
    columns
        .iter()
        .map(move |kind| factors.next_if(|factor| factor.kind == *kind).map_or_else(String::new, |factor| exact(factor.value)))
}
