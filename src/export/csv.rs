//! The trace as a table: one contribution a row.
//!
//! A factor stands in the column of its kind, and the columns stand in the order in which the
//! factors are multiplied: so a row's product is `upstream` times what stands to the right of it.
//! The products of a step add up to its gradient, because a step that begins with a given upstream
//! gradient has a row for it, with `term` 0. A step that is given nothing and to which nothing
//! contributes has such a row too, so that no step is missing.
//!
//! No cell holds a stranger's text but the names of tensors, which are letters, digits, `_` and
//! `.`: none is a formula, and no cell but an index with commas in it needs quotes.

use std::io::{self, Write};

use super::{BLOCK, Detail, Selection, Subject};
use crate::backprop::Backprop;
use crate::ops::{Contribution, FactorKind};
use crate::tape::{Kind, Layer};
use crate::tensor::{Element, write_exact};

/// Writes a scenario's trace.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Subject { backprop, .. } = subject;
    let mut table = Table::new(out);
    match selection.detail {
        Detail::Tensors => elements(backprop, selection, &mut table)?,
        Detail::Steps => steps(backprop, selection, &mut table)?,
        Detail::Contributions => contributions(backprop, selection, &mut table)?,
    }
    table.flush()
}

/// One element of a tensor a row.
fn elements(backprop: &Backprop, selection: &Selection, table: &mut Table<'_>) -> io::Result<()> {
    table.titles(&["tensor", "index", "value", "grad"]);
    for tensor in selection.tensors(backprop) {
        for at in 0..backprop.gradient(tensor).data().len() {
            let element = Element { tensor, at };
            table.place(backprop, element);
            match backprop.network().tensor(tensor).kind {
                Kind::Updated(_) => {
                    table.number(backprop.element(element));
                    table.blank();
                }
                Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                    table.number(backprop.tape().element(element));
                    table.number(backprop.element(element));
                }
            }
            table.end_row()?;
        }
    }
    Ok(())
}

/// One step a row.
fn steps(backprop: &Backprop, selection: &Selection, table: &mut Table<'_>) -> io::Result<()> {
    table.titles(&["step", "tensor", "index", "value", "given_upstream", "grad"]);
    for (step, element) in selection.steps(backprop) {
        table.count(step + 1);
        table.place(backprop, element);
        let (value, grad) = (backprop.tape().element(element), backprop.element(element));
        match backprop.network().tensor(element.tensor).kind {
            Kind::Updated(_) => {
                table.number(grad);
                table.blank();
                table.blank();
            }
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                table.number(value);
                table.number(backprop.given(element).unwrap_or(0.0));
                table.number(grad);
            }
        }
        table.end_row()?;
    }
    Ok(())
}

/// One contribution a row.
fn contributions(
    backprop: &Backprop,
    selection: &Selection,
    table: &mut Table<'_>,
) -> io::Result<()> {
    let columns = factor_columns(backprop);
    let before = [
        "step",
        "tensor",
        "index",
        "term",
        "from",
        "from_index",
        "upstream",
    ]
    .map(str::to_owned);
    let after = ["product", "running_sum"].map(str::to_owned);
    table.titles(
        &before
            .into_iter()
            .chain(titles(&columns))
            .chain(after)
            .collect::<Vec<_>>(),
    );
    for (step, element) in selection.steps(backprop) {
        let mut sum = Sum {
            start: table.start(backprop, step, element),
            columns: &columns,
            term: 0,
            running: 0.0,
        };
        let given = backprop.given(element);
        if let Some(given) = given {
            sum.begin(given, table)?;
        }
        let mut result = Ok(());
        backprop.terms(element, &mut |term| {
            if result.is_ok() {
                result = sum.add(backprop, &term, table);
            }
        });
        result?;
        if given.is_none() && sum.term == 0 {
            sum.begin(0.0, table)?;
        }
    }
    Ok(())
}

/// A step's sum as its rows build it up.
struct Sum<'a> {
    /// The cells with which each row begins.
    start: Vec<u8>,
    columns: &'a [FactorKind],
    /// The number of the last term.
    term: usize,
    running: f64,
}

impl Sum<'_> {
    /// Writes the row of what the sum begins with.
    fn begin(&mut self, given: f64, table: &mut Table<'_>) -> io::Result<()> {
        self.running = given;
        table.cells(&self.start);
        table.count(0);
        (0..self.columns.len() + 3).for_each(|_| table.blank());
        self.end(given, table)
    }

    /// Adds a term, and writes its row.
    fn add(
        &mut self,
        backprop: &Backprop,
        term: &Contribution,
        table: &mut Table<'_>,
    ) -> io::Result<()> {
        let product = term.product();
        self.term += 1;
        self.running += product;
        table.cells(&self.start);
        table.count(self.term);
        table.place(backprop, term.from);
        table.number(term.upstream);
        let mut factors = term.factors.iter().peekable();
        for kind in self.columns {
            match factors.next_if(|factor| factor.kind == *kind) {
                Some(factor) => table.number(factor.value),
                None => table.blank(),
            }
        }
        debug_assert!(
            factors.peek().is_none(),
            "a term's factors are in the order of their kinds"
        );
        self.end(product, table)
    }

    fn end(&self, product: f64, table: &mut Table<'_>) -> io::Result<()> {
        table.number(product);
        table.number(self.running);
        table.end_row()
    }
}

/// A table that is written cell by cell. What is written is gathered, and handed on in blocks.
pub(super) struct Table<'a> {
    /// The text that is not yet handed on. Each cell has a comma behind it, the last of a row too
    /// until the row ends.
    block: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Table<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        let block = Vec::with_capacity(2 * BLOCK);
        Self { block, out }
    }

    pub(super) fn titles(&mut self, titles: &[impl AsRef<str>]) {
        self.text(
            &titles
                .iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(","),
        );
        self.line();
    }

    fn text(&mut self, text: &str) {
        self.block.extend_from_slice(text.as_bytes());
        self.blank();
    }

    /// Writes cells that were written before.
    fn cells(&mut self, cells: &[u8]) {
        self.block.extend_from_slice(cells);
    }

    pub(super) fn blank(&mut self) {
        self.block.push(b',');
    }

    pub(super) fn count(&mut self, count: usize) {
        self.text(itoa::Buffer::new().format(count));
    }

    pub(super) fn number(&mut self, number: f64) {
        write_exact(&mut self.block, number).expect("memory takes whatever is written to it");
        self.blank();
    }

    /// Writes a tensor's name, and the index in it as JSON does: in brackets, because `0,1` is a
    /// number to some spreadsheets.
    pub(super) fn place(&mut self, backprop: &Backprop, element: Element) {
        let tensor = backprop.network().tensor(element.tensor);
        self.text(&tensor.name);
        let quote: &[u8] = if tensor.shape.rank() > 1 { b"\"" } else { b"" };
        self.cells(quote);
        self.block.push(b'[');
        for (axis, at) in tensor.shape.index(element.at).into_iter().enumerate() {
            self.cells(if axis == 0 { b"" } else { b"," });
            self.cells(itoa::Buffer::new().format(at).as_bytes());
        }
        self.block.push(b']');
        self.cells(quote);
        self.blank();
    }

    /// Returns the cells with which each row of a step begins, without writing them.
    fn start(&mut self, backprop: &Backprop, step: usize, element: Element) -> Vec<u8> {
        let before = self.block.len();
        self.count(step + 1);
        self.place(backprop, element);
        self.block.split_off(before)
    }

    /// Puts the end of the line in the place of the last comma.
    fn line(&mut self) {
        self.block.pop();
        self.block.push(b'\n');
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.line();
        if self.block.len() < BLOCK {
            Ok(())
        } else {
            self.hand_on()
        }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.hand_on()?;
        self.out.flush()
    }
}

/// The kinds of factors, each as often as one term can have it: a product of n tensors has n − 1
/// other sides.
fn factor_columns(backprop: &Backprop) -> Vec<FactorKind> {
    let layers = backprop.network().layers().iter();
    let n_operands = layers.map(n_operands).max().unwrap_or(1);
    let times = |kind| {
        if kind == FactorKind::Operand {
            n_operands
        } else {
            1
        }
    };
    let has_updates = backprop.network().updates().is_some();
    FactorKind::ALL
        .into_iter()
        .filter(|kind| has_updates || !kind.is_of_updates())
        .flat_map(|kind| vec![kind; times(kind)])
        .collect()
}

/// How many factors of a term may be the other side of a product.
fn n_operands(layer: &Layer) -> usize {
    if layer.op.kind().is_product() {
        layer.inputs.len() - 1
    } else {
        1
    }
}

/// The columns' titles: a kind's name, and from its second column on with a number.
fn titles(columns: &[FactorKind]) -> impl Iterator<Item = String> {
    columns.iter().enumerate().map(|(column, kind)| {
        match columns[..column]
            .iter()
            .filter(|before| *before == kind)
            .count()
        {
            0 => kind.name().to_owned(),
            n => format!("{}_{}", kind.name(), n + 1),
        }
    })
}
