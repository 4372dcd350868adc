//! The worksheet as a page in Markdown or LaTeX.

use std::io::{self, Write};

use super::Worksheet;
use crate::document::{Markdown, Page, Tex, blanks, forward, side, update, upstream, worked_out};
use crate::tensor::Element;

/// Writes the worksheet as Markdown.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_markdown(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(worksheet, &mut Markdown(out))
}

/// Writes the worksheet for LaTeX.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_tex(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(worksheet, &mut Tex(out))
}

fn write(worksheet: &Worksheet<'_>, page: &mut dyn Page) -> io::Result<()> {
    let Worksheet {
        scenario,
        backprop,
        asked,
        student,
    } = worksheet;
    page.opening(worksheet.title(), &scenario.description)?;
    page.signature(*student)?;
    page.paragraph(&worksheet.task())?;
    forward(page, scenario, backprop, &|tensor| !asked.has(tensor))?;
    for (layer, rule) in worksheet.tie_rules() {
        page.line(layer, rule)?;
    }
    upstream(page, backprop)?;
    update(page, backprop)?;
    for &id in asked.tensors() {
        let tensor = worksheet.network().tensor(id);
        let (heading, of) = worked_out(worksheet.network(), id);
        page.section(&format!("Your {heading}"), Some(of))?;
        if let Some(side) = side(worksheet.network(), id) {
            page.line(&tensor.name, &format!("is asked {side}."))?;
        }
        let is_asked = |at: usize| asked.has_element(Element { tensor: id, at });
        blanks(page, &tensor.name, &tensor.shape, &is_asked)?;
    }
    page.closing()
}
