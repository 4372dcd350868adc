//! The worksheet as one page that needs no network: fields under the numbers, and a button that
//! saves an answer file.

use std::io::{self, Write};

use askama::Template;

use super::Worksheet;
use crate::diagnostic::visible;
use crate::document::Shell;
use crate::document::{Entry, computation, entries, own_parameters, side, use_of};
use crate::tape::Kind;
use crate::tensor::{Address, Element, Shape, Tensor, TensorId, rounded};
use crate::words::{self, DIGITS};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The most fields for one tensor, and the most numbers that are shown of one.
const MOST_NUMBERS: usize = 4096;

/// Whether a tensor of this shape is small enough to be filled in on a page.
pub(super) fn fits(shape: &Shape) -> bool {
    shape.numel() <= MOST_NUMBERS
}

/// Writes the page.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(worksheet: &Worksheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    Page::of(worksheet).write_into(&mut io::BufWriter::new(out))
}

#[derive(Template)]
#[template(path = "exercise/worksheet/page.html")]
struct Page {
    shell: Shell,
    description: String,
    task: String,
    student: String,
    n_asked: usize,
    /// The scenario's digest, by which the browser knows its draft.
    sha256: String,
    /// What the tensors' fields are saved as, in their order.
    asked: Vec<AskedTensor>,
    cards: Vec<Card>,
}

/// A tensor of which something is asked for.
struct AskedTensor {
    name: String,
    /// The sizes of its axes, with blanks between.
    shape: String,
}

/// An input, or a layer with its parameters and its output.
struct Card {
    name: String,
    words: String,
    ties: Option<&'static str>,
    blocks: Vec<Block>,
}

/// One tensor.
struct Block {
    name: String,
    is_asked: bool,
    /// What is asked for: `gradients below the values`.
    asks: &'static str,
    /// On which side of its layer's activation it is.
    side: Option<String>,
    has_given: bool,
    notes: Vec<Note>,
    planes: Vec<Plane>,
    /// What is said instead of its numbers where there are too many.
    too_large: Option<String>,
}

struct Note {
    place: String,
    text: String,
}

/// The numbers along the last two axes.
struct Plane {
    name: String,
    columns: Vec<usize>,
    rows: Vec<Row>,
}

struct Row {
    place: Option<usize>,
    cells: Vec<Cell>,
}

struct Cell {
    address: String,
    /// What is asked for there: `gradient of pool[0,1]`.
    label: String,
    value: String,
    is_asked: bool,
    /// The upstream gradient that is given to it.
    given: Option<String>,
}

impl Page {
    fn of(worksheet: &Worksheet<'_>) -> Self {
        let asked = worksheet.asked.tensors().iter().map(|&id| {
            let tensor = worksheet.network().tensor(id);
            let sizes: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
            AskedTensor {
                name: tensor.name.clone(),
                shape: sizes.join(" "),
            }
        });
        Self {
            shell: Shell {
                title: visible(worksheet.title()).into_owned(),
                style: STYLE,
                script: Some(SCRIPT),
            },
            description: visible(&worksheet.scenario.description).into_owned(),
            task: worksheet.task(),
            student: visible(worksheet.student.unwrap_or_default()).into_owned(),
            n_asked: worksheet.n_asked(),
            sha256: worksheet.scenario.sha256(),
            asked: asked.collect(),
            cards: cards(worksheet),
        }
    }
}

fn cards(worksheet: &Worksheet<'_>) -> Vec<Card> {
    let network = worksheet.network();
    let name = |id: TensorId| network.tensor(id).name.clone();
    let leaf = |id: TensorId| Card {
        name: name(id),
        words: use_of(network, id),
        ties: None,
        blocks: vec![block(worksheet, id)],
    };
    let layer = |number: usize| {
        let layer = network.layer(number);
        let before = network.pre_activation(number);
        let before = before.filter(|id| worksheet.asked.has(*id));
        let output = name(layer.output);
        // A view has no numbers of its own to show, unless they are asked for or given a gradient.
        let is_shown = !layer.op.is_view()
            || worksheet.asked.has(layer.output)
            || worksheet.backprop.upstream().contains_key(&layer.output);
        let tensors = own_parameters(network, layer)
            .chain(before)
            .chain(is_shown.then_some(layer.output));
        Card {
            words: computation(network, layer),
            ties: worksheet
                .tie_rules()
                .find(|(layer, _)| *layer == output)
                .map(|(_, rule)| rule),
            blocks: tensors.map(|id| block(worksheet, id)).collect(),
            name: output,
        }
    };
    let card = |entry| match entry {
        Entry::Leaf(id) => leaf(id),
        Entry::Layer(number) => layer(number),
    };
    let updated = worksheet.asked.tensors().iter().filter_map(|&id| {
        let Kind::Updated(parameter) = network.tensor(id).kind else {
            return None;
        };
        let rule = words::update_rule(worksheet.backprop).unwrap_or_default();
        Some(Card {
            name: name(id),
            words: format!(
                "is what the update makes of {}. {rule}{}",
                name(parameter),
                kept(worksheet, parameter)
            ),
            ties: None,
            blocks: vec![block(worksheet, id)],
        })
    });
    entries(network)
        .into_iter()
        .map(card)
        .chain(updated)
        .collect()
}

/// Tells what the optimizer has kept of a parameter: ` The velocity of fc.weight is [[1, 0]].`
fn kept(worksheet: &Worksheet<'_>, parameter: TensorId) -> String {
    let name = &worksheet.network().tensor(parameter).name;
    let all = words::kept(worksheet.backprop, parameter).into_iter();
    let all = all.map(|(kept, tensor)| match fits(tensor.shape()) {
        true => format!(" The {kept} of {name} is {}.", nested(&tensor)),
        false => format!(" The {kept} of {name} is too large to show here."),
    });
    all.collect()
}

/// The numbers of a tensor as lists in lists.
fn nested(tensor: &Tensor) -> String {
    let (shape, data) = (tensor.shape(), tensor.data());
    let mut parts: Vec<String> = data.iter().map(|&number| rounded(number, DIGITS)).collect();
    for &size in shape.iter().rev() {
        let lists = parts.chunks(size);
        parts = lists.map(|list| format!("[{}]", list.join(", "))).collect();
    }
    parts.concat()
}

fn block(worksheet: &Worksheet<'_>, id: TensorId) -> Block {
    let tensor = worksheet.network().tensor(id);
    let given = worksheet.backprop.upstream().get(&id);
    let is_large = !fits(&tensor.shape);
    Block {
        name: tensor.name.clone(),
        is_asked: worksheet.asked.has(id),
        asks: match tensor.kind {
            Kind::Updated(_) => "new values below the old ones",
            _ => "gradients below the values",
        },
        side: side(worksheet.network(), id),
        has_given: given.is_some(),
        notes: notes(worksheet, id),
        planes: if is_large {
            Vec::new()
        } else {
            planes(worksheet, id)
        },
        too_large: is_large.then(|| {
            format!(
                "has shape {}, which is too large to show here.",
                tensor.shape
            )
        }),
    }
}

fn notes(worksheet: &Worksheet<'_>, id: TensorId) -> Vec<Note> {
    let (network, notes) = (worksheet.network(), &worksheet.scenario.notes);
    let update = worksheet.backprop.update();
    let note = |place: String, text: &str| Note {
        place,
        text: visible(text).into_owned(),
    };
    let asked = &worksheet.asked;
    let whole = notes.tensor(id, update).filter(|_| !asked.has(id));
    let whole = whole.map(|text| note(String::new(), text));
    let elements = (0..network.tensor(id).shape.numel().min(MOST_NUMBERS))
        .map(|at| Element { tensor: id, at })
        .filter(|element| !asked.has_element(*element));
    let single = elements.filter_map(|element| {
        let text = notes.element(element, update)?;
        Some(note(network.address(element).to_string(), text))
    });
    whole.into_iter().chain(single).collect()
}

fn planes(worksheet: &Worksheet<'_>, id: TensorId) -> Vec<Plane> {
    let network = worksheet.network();
    let tensor = network.tensor(id);
    let (outer, inner) = tensor.shape.split_at(tensor.shape.rank().saturating_sub(2));
    let (n_rows, n_columns) = match *inner {
        [rows, columns] => (Some(rows), columns),
        [columns] => (None, columns),
        _ => (None, 1),
    };
    let outer = Shape::from(outer);
    let value = worksheet.backprop.tape().value(id).data();
    let given = worksheet.backprop.upstream().get(&id);
    let label = |at: usize| match tensor.kind {
        Kind::Updated(tensor) => {
            format!("new value of {}", network.address(Element { tensor, at }))
        }
        _ => format!(
            "gradient of {}",
            network.address(Element { tensor: id, at })
        ),
    };
    let cell = |at: usize| Cell {
        label: label(at),
        address: network.address(Element { tensor: id, at }).to_string(),
        value: rounded(value[at], DIGITS),
        is_asked: worksheet.asked.has_element(Element { tensor: id, at }),
        given: given.map(|given| rounded(given.data()[at], DIGITS)),
    };
    let row = |first: usize, row: usize| Row {
        place: n_rows.map(|_| row),
        cells: (0..n_columns)
            .map(|column| cell(first + row * n_columns + column))
            .collect(),
    };
    let size = n_rows.unwrap_or(1) * n_columns;
    let plane = |number: usize| Plane {
        name: Address::of(&tensor.name, &outer, number).to_string(),
        columns: (0..n_columns).collect(),
        rows: (0..n_rows.unwrap_or(1))
            .map(|number_of_row| row(number * size, number_of_row))
            .collect(),
    };
    (0..outer.numel()).map(plane).collect()
}
