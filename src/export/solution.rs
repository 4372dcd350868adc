//! The solution as a teacher would write it: the forward run, what is given, and the terms of every
//! neuron that is asked for, in words and numbers. A format says how the parts are set.

use std::io::{self, Write};
use std::ops::Range;

use super::{Selection, Subject};
use crate::backprop::Backprop;
use crate::document::{Markdown, Page, Tex, forward, show, upstream};
use crate::tensor::TensorId;

/// Writes a scenario's solution as Markdown.
///
/// # Errors
/// Those of `out`.
pub(super) fn markdown(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    write(subject, selection, &mut Markdown(out))
}

/// Writes a scenario's solution for LaTeX.
///
/// # Errors
/// Those of `out`.
pub(super) fn tex(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    write(subject, selection, &mut Tex(out))
}

/// Writes the solution part by part.
fn write(subject: Subject<'_>, selection: &Selection, page: &mut dyn Page) -> io::Result<()> {
    let Subject { scenario, backprop } = subject;
    let title = if scenario.title.is_empty() {
        "Solution"
    } else {
        &scenario.title
    };
    page.opening(title, &scenario.description)?;
    let asked = asked(subject, selection);
    forward(page, scenario, backprop, &|tensor| !asked.contains(&tensor))?;
    upstream(page, backprop)?;
    let is_whole = selection.steps.start == 0 && selection.steps.end >= backprop.steps().len();
    if is_whole {
        for &tensor in asked
            .iter()
            .filter(|&&tensor| range(backprop, tensor).is_empty())
        {
            gradient(subject, tensor, page)?;
        }
    }
    let mut last = None;
    let chosen = Selection {
        tensors: Some(asked),
        ..selection.clone()
    };
    for (_, element) in chosen.steps(backprop) {
        if last != Some(element.tensor) {
            gradient(subject, element.tensor, page)?;
            last = Some(element.tensor);
        }
        page.step(backprop, element, scenario.notes.element(element))?;
    }
    page.closing()
}

/// The tensors whose gradients are asked for: the selected ones, or the scenario's, or all that
/// make steps. A view stands for its base.
fn asked(Subject { scenario, backprop }: Subject<'_>, selection: &Selection) -> Vec<TensorId> {
    match selection.tensors.as_ref().or(scenario.ask.as_ref()) {
        Some(tensors) => tensors
            .iter()
            .map(|&id| backprop.network().base(id))
            .collect(),
        None => backprop
            .network()
            .ids()
            .filter(|&id| !range(backprop, id).is_empty())
            .collect(),
    }
}

/// The steps of a tensor.
fn range(backprop: &Backprop, tensor: TensorId) -> Range<usize> {
    backprop.steps().range(tensor).unwrap_or(0..0)
}

fn gradient(
    Subject { scenario, backprop }: Subject<'_>,
    tensor: TensorId,
    page: &mut dyn Page,
) -> io::Result<()> {
    let name = &backprop.network().tensor(tensor).name;
    page.section("Gradient of", Some(name))?;
    show(page, name, backprop.gradient(tensor))?;
    scenario
        .notes
        .tensor(tensor)
        .map_or(Ok(()), |note| page.note(note))
}
