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

use super::contribution_rows::{ContributionRows, factor_columns, titles};
use super::in_order::write_steps;
use super::{BLOCK, Detail, Selection, Subject, cells};
use crate::backprop::Backprop;
use crate::tape::Kind;
use crate::tensor::Element;

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
    table.hand_on()?;
    let network = backprop.network();
    let writer = || ContributionRows::new(network, &columns);
    write_steps(backprop, selection, writer, table.out)
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
        cells::text(
            &mut self.block,
            &titles
                .iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(","),
        );
        self.line();
    }

    pub(super) fn blank(&mut self) {
        self.block.push(b',');
    }

    pub(super) fn count(&mut self, count: usize) {
        cells::count(&mut self.block, count);
    }

    pub(super) fn number(&mut self, number: f64) {
        cells::number(&mut self.block, number);
    }

    /// Writes a tensor's name, and the index in it.
    pub(super) fn place(&mut self, backprop: &Backprop, element: Element) {
        cells::place(&mut self.block, backprop.network(), element);
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
