//! The solution as a teacher would write it: the forward run, what is given, and the terms of every
//! neuron that is asked for, in words and numbers. A format says how the parts are set.

use std::io::{self, Write};
use std::ops::Range;

use super::{Selection, Subject};
use crate::backprop::Backprop;
use crate::document::{Markdown, Page, Tex, forward, show_some, update, upstream, worked_out};
use crate::scenario::Asked;
use crate::tensor::{Element, TensorId};

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
    forward(page, scenario, backprop, &|tensor| !asked.has(tensor))?;
    upstream(page, backprop)?;
    update(page, backprop)?;
    let is_whole = selection.steps.start == 0 && selection.steps.end >= backprop.steps().len();
    if is_whole {
        let tensors = asked.tensors().iter();
        for &tensor in tensors.filter(|&&tensor| range(backprop, tensor).is_empty()) {
            gradient(subject, tensor, &asked, page)?;
        }
    }
    let notes = |element| scenario.notes.element(element, backprop.update());
    let mut last = None;
    let all = Selection {
        tensors: None,
        ..selection.clone()
    };
    let steps = all.steps(backprop);
    for (_, element) in steps.filter(|(_, element)| asked.has_element(*element)) {
        if last != Some(element.tensor) {
            gradient(subject, element.tensor, &asked, page)?;
            last = Some(element.tensor);
        }
        page.step(backprop, element, notes(element))?;
    }
    page.closing()
}

/// What is asked for: the selected tensors, or what the scenario names, or all that make steps. A
/// view stands for its base.
fn asked(Subject { scenario, backprop }: Subject<'_>, selection: &Selection) -> Asked {
    let network = backprop.network();
    let selected = selection.tensors.iter().flatten().copied();
    match (&selection.tensors, &scenario.ask) {
        (Some(_), _) => selected.map(|id| network.base(id)).collect(),
        (None, Some(asked)) => asked.of(|id| network.base(id)),
        (None, None) => network
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
    asked: &Asked,
    page: &mut dyn Page,
) -> io::Result<()> {
    let name = &backprop.network().tensor(tensor).name;
    let (heading, of) = worked_out(backprop.network(), tensor);
    let (first, rest) = heading.split_at(1);
    page.section(&(first.to_uppercase() + rest), Some(of))?;
    let is_asked = |at: usize| asked.has_element(Element { tensor, at });
    show_some(page, name, backprop.gradient(tensor), &is_asked)?;
    scenario
        .notes
        .tensor(tensor, backprop.update())
        .map_or(Ok(()), |note| page.note(note))
}
