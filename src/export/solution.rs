//! The solution as a teacher would write it: the forward run, what is given, and the terms of every neuron that is asked for, in words
//! and numbers. A format says how the parts are set.

use std::io;
use std::ops::Range;

use super::{Selection, Subject};
use crate::backprop::Backprop;
use crate::ops::Given;
use crate::tape::{Kind, Layer, Network};
use crate::tensor::{Address, Neuron, Shape, Tensor, TensorId, exact, rounded};
use crate::words::DIGITS;

/// The most numbers that one tensor is printed with, and how many of them in a row and below each other.
const MOST_NUMBERS: usize = 512;
const MOST_COLUMNS: usize = 16;
const MOST_ROWS: usize = 40;

/// The parts of a solution in one format. Texts are a stranger's, unless it says otherwise.
pub(super) trait Page {
    /// Title and description; both may be empty.
    fn opening(&mut self, title: &str, description: &str) -> io::Result<()>;

    /// A heading: our own words, and the name of a tensor after them where there is one.
    fn section(&mut self, words: &str, tensor: Option<&str>) -> io::Result<()>;

    /// A line of our own words about a tensor.
    fn line(&mut self, tensor: &str, words: &str) -> io::Result<()>;

    /// Numbers in rows and columns, with the places along the last two axes beside them. `name` says of what.
    fn grid(&mut self, name: &str, grid: &Grid<'_>) -> io::Result<()>;

    /// A teacher's note.
    fn note(&mut self, note: &str) -> io::Result<()>;

    /// The terms of one neuron, their sum and the words, and the teacher's note.
    fn step(&mut self, backprop: &Backprop, neuron: Neuron, note: Option<&str>) -> io::Result<()>;

    /// What stands at the end.
    fn closing(&mut self) -> io::Result<()>;
}

/// Numbers along the last two axes of a tensor.
pub(super) struct Grid<'a> {
    /// How many rows there are; nothing for a tensor of one axis, whose numbers stand in one row without a place.
    pub(super) n_rows: Option<usize>,
    /// The numbers, row by row.
    pub(super) data: &'a [f64],
}

impl Grid<'_> {
    /// The rows, each with its place.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Option<usize>, &[f64])> {
        let rows = self.data.chunks(self.n_columns()).enumerate();
        rows.map(|(row, numbers)| (self.n_rows.map(|_| row), numbers))
    }

    pub(super) fn n_columns(&self) -> usize {
        self.data.len() / self.n_rows.unwrap_or(1)
    }
}

/// Writes the solution part by part.
pub(super) fn write(subject: Subject<'_>, selection: &Selection, page: &mut dyn Page) -> io::Result<()> {
    let Subject { scenario, backprop } = subject;
    page.opening(&scenario.title, &scenario.description)?;
    let asked = asked(subject, selection);
    forward(subject, &asked, page)?;
    page.section("Upstream gradients", None)?;
    for (&id, tensor) in backprop.upstream() {
        show(page, &backprop.network().tensor(id).name, tensor)?;
    }
    let is_whole = selection.steps.start == 0 && selection.steps.end >= backprop.steps().len();
    if is_whole {
        for &tensor in asked.iter().filter(|&&tensor| range(backprop, tensor).is_empty()) {
            gradient(subject, tensor, page)?;
        }
    }
    let mut last = None;
    let chosen = Selection { tensors: Some(asked), ..selection.clone() };
    for (_, neuron) in chosen.steps(backprop) {
        if last != Some(neuron.tensor) {
            gradient(subject, neuron.tensor, page)?;
            last = Some(neuron.tensor);
        }
        page.step(backprop, neuron, scenario.notes.neuron(neuron))?;
    }
    page.closing()
}

/// The tensors whose gradients are asked for: the selected ones, or the scenario's, or all that make steps. A view stands for its base.
fn asked(Subject { scenario, backprop }: Subject<'_>, selection: &Selection) -> Vec<TensorId> {
    match selection.tensors.as_ref().or(scenario.ask.as_ref()) {
        Some(tensors) => tensors.iter().map(|&id| backprop.network().base(id)).collect(),
        None => backprop.network().ids().filter(|&id| !range(backprop, id).is_empty()).collect(),
    }
}

/// The steps of a tensor.
fn range(backprop: &Backprop, tensor: TensorId) -> Range<usize> {
    backprop.steps().range(tensor).unwrap_or(0..0)
}

/// The forward run, with the notes for the tensors whose gradients are not asked for.
fn forward(Subject { scenario, backprop }: Subject<'_>, asked: &[TensorId], page: &mut dyn Page) -> io::Result<()> {
    let (network, tape) = (backprop.network(), backprop.tape());
    page.section("Forward run", None)?;
    for id in network.ids().filter(|&id| network.tensor(id).kind == Kind::Input) {
        page.line(&network.tensor(id).name, "is given.")?;
        show(page, &network.tensor(id).name, tape.value(id))?;
    }
    for layer in network.layers() {
        page.line(&network.tensor(layer.output).name, &computation(network, layer))?;
        for id in layer.weight.iter().chain(&layer.bias).copied() {
            show(page, &network.tensor(id).name, tape.value(id))?;
        }
        show(page, &network.tensor(layer.output).name, tape.value(layer.output))?;
        if let Some(note) = scenario.notes.tensor(layer.output).filter(|_| !asked.contains(&layer.output)) {
            page.note(note)?;
        }
    }
    Ok(())
}

/// What a layer computes, in a line: `is max_pool2d of x, with kernel_size 2.`
fn computation(network: &Network, layer: &Layer) -> String {
    let names: Vec<&str> = layer.inputs.iter().map(|&id| network.tensor(id).name.as_str()).collect();
    let settings: Vec<String> = layer.settings.iter().filter_map(|(key, given)| Some(format!("{key} {}", shown(given)?))).collect();
    let with = if settings.is_empty() { String::new() } else { format!(", with {}", settings.join(", ")) };
    format!("is {} of {}{with}.", layer.op_name, names.join(", "))
}

/// A setting in a line, unless it is a constant of many numbers.
fn shown(given: &Given) -> Option<String> {
    match given {
        Given::Setting(value) => Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        Given::Constant(tensor) if tensor.data().len() <= MOST_COLUMNS => {
            let numbers: Vec<String> = tensor.data().iter().copied().map(exact).collect();
            Some(if tensor.shape().rank() == 0 { numbers.concat() } else { format!("[{}]", numbers.join(", ")) })
        }
        Given::Constant(_) => None,
    }
}

fn gradient(Subject { scenario, backprop }: Subject<'_>, tensor: TensorId, page: &mut dyn Page) -> io::Result<()> {
    let name = &backprop.network().tensor(tensor).name;
    page.section("Gradient of", Some(name))?;
    show(page, name, backprop.gradient(tensor))?;
    scenario.notes.tensor(tensor).map_or(Ok(()), |note| page.note(note))
}

/// Prints a number on a line, and any other tensor as grids along its last two axes, or says how large it is.
fn show(page: &mut dyn Page, name: &str, tensor: &Tensor) -> io::Result<()> {
    let shape = tensor.shape();
    if shape.rank() == 0 {
        return page.line(name, &format!("= {}", rounded(tensor.data()[0], DIGITS)));
    }
    let (outer, inner) = shape.split_at(shape.rank().saturating_sub(2));
    let (n_rows, n_columns) = match *inner {
        [rows, columns] => (Some(rows), columns),
        [columns] => (None, columns),
        _ => (None, 1),
    };
    if tensor.data().len() > MOST_NUMBERS || n_columns > MOST_COLUMNS || n_rows.is_some_and(|n_rows| n_rows > MOST_ROWS) {
        return page.line(name, &format!("has shape {shape}, which is too large to print here."));
    }
    let outer = Shape::from(outer);
    for (number, data) in tensor.data().chunks(n_columns * n_rows.unwrap_or(1)).enumerate() {
        page.grid(&Address::of(name, &outer, number).to_string(), &Grid { n_rows, data })?;
    }
    Ok(())
}
