//! Recurrent layers, unrolled in time: each step is made of layers that can be stepped through, and
//! all steps share the weights, so that the gradient of a weight is the sum over them.
//!
//! The weights have PyTorch's names and order of gates; ONNX's own order is another.

mod gates;

use super::Made;
use crate::onnx::constant::{Constant, shape};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand, Parameter};
use crate::onnx::module::Recurrent;
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::onnx::which::Which;
use crate::ops::{Add, Linear, Op, Relu, Select, Stack, Tanh};
use crate::tensor::Tensor;

/// The kinds of recurrent layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Lstm,
    /// The reset gate is applied to the product with the candidate's weight, or before it.
    Gru {
        is_reset_after: bool,
    },
    Rnn {
        is_relu: bool,
    },
}

impl Cell {
    /// For each gate in PyTorch's order its place in ONNX's.
    fn order(self) -> &'static [usize] {
        match self {
            Self::Lstm => &[0, 2, 3, 1],
            Self::Gru { .. } => &[1, 0, 2],
            Self::Rnn { .. } => &[0],
        }
    }

    /// The functions that ONNX lists for one direction where it does what PyTorch does.
    fn activations(self) -> &'static [&'static str] {
        match self {
            Self::Lstm => &["Sigmoid", "Tanh", "Tanh"],
            Self::Gru { .. } => &["Sigmoid", "Tanh"],
            Self::Rnn { is_relu: false } => &["Tanh"],
            Self::Rnn { is_relu: true } => &["Relu"],
        }
    }
}

pub(super) fn lstm(node: &mut Node<'_, '_>) -> Made {
    if node.attributes.flag("input_forget", false)? {
        return Err(Unsupported::new(
            "couples its input gate with its forget gate",
        ));
    }
    if node.has_input(7) {
        return Err(Unsupported::new(
            "has peepholes, by which its gates see the cell",
        ));
    }
    unrolled(node, Cell::Lstm)
}

pub(super) fn gru(node: &mut Node<'_, '_>) -> Made {
    let is_reset_after = node.attributes.flag("linear_before_reset", false)?;
    unrolled(node, Cell::Gru { is_reset_after })
}

pub(super) fn rnn(node: &mut Node<'_, '_>) -> Made {
    let functions = node.attributes.words("activations")?;
    let is_relu = functions.is_some_and(|all| all.first().is_some_and(|first| *first == "Relu"));
    unrolled(node, Cell::Rnn { is_relu })
}

/// How large everything is.
struct Sizes {
    n_steps: usize,
    n_samples: usize,
    n_hidden: usize,
    n_directions: usize,
}

/// What runs through the steps: the hidden state, and the cell's own of an LSTM.
#[derive(Clone)]
struct State {
    hidden: Operand,
    cell: Option<Operand>,
}

/// One direction of a recurrent layer.
struct Direction {
    cell: Cell,
    /// What the names of its layers and parameters begin with.
    home: String,
    /// What the names of its layers end with, before the step.
    suffix: String,
    n_hidden: usize,
    weight_ih: Parameter,
    weight_hh: Parameter,
    /// That of the input, and that of the hidden state.
    biases: [Option<Parameter>; 2],
    /// The weight and bias of the candidate alone, where the reset gate comes before its product.
    candidate: Option<(Parameter, Option<Parameter>)>,
}

fn unrolled(node: &mut Node<'_, '_>, cell: Cell) -> Made {
    let names = directions(node)?;
    let sizes = sizes(node, cell, names.len())?;
    expect_plain(node, cell, &sizes)?;
    let x = node.operand(0)?;
    let mut outputs = Vec::new();
    let mut ends = Vec::new();
    for (number, &is_reverse) in names.iter().enumerate() {
        let direction = Direction::read(node, cell, &sizes, (number, is_reverse))?;
        let mut state = direction.start(node, &sizes, number)?;
        let mut steps = vec![None; sizes.n_steps];
        let forward: Box<dyn Iterator<Item = usize>> = if is_reverse {
            Box::new((0..sizes.n_steps).rev())
        } else {
            Box::new(0..sizes.n_steps)
        };
        for at in forward {
            state = direction.step(node, &x, at, &state)?;
            steps[at] = Some(state.hidden.clone());
        }
        outputs.push(steps.into_iter().flatten().collect::<Vec<_>>());
        ends.push(state);
    }
    let all = if node.is_wanted(0) {
        let mut sequences = Vec::new();
        for steps in outputs {
            sequences.push(node.step("steps", Layer::of(Stack { dim: 0 }, steps))?);
        }
        Some(node.layer(Layer::of(Stack { dim: 1 }, sequences))?)
    } else {
        None
    };
    let hidden: Vec<Operand> = ends.iter().map(|end| end.hidden.clone()).collect();
    let cells: Option<Vec<Operand>> = ends.iter().map(|end| end.cell.clone()).collect();
    let last = node.other_layer(1, Layer::of(Stack { dim: 0 }, hidden))?;
    let cells = match cells {
        Some(cells) => node.other_layer(2, Layer::of(Stack { dim: 0 }, cells))?,
        None => None,
    };
    let first: Option<Value> = all.or(last).or(cells);
    first.ok_or_else(|| Unsupported::new("makes nothing that is read"))
}

/// Whether each direction goes backwards.
fn directions(node: &mut Node<'_, '_>) -> Result<&'static [bool], Unsupported> {
    match node.attributes.word("direction", "forward")? {
        "forward" => Ok(&[false]),
        "reverse" => Ok(&[true]),
        "bidirectional" => Ok(&[false, true]),
        _ => Err(Unsupported::new("has a `direction` that is not known here")),
    }
}

fn sizes(node: &mut Node<'_, '_>, cell: Cell, n_directions: usize) -> Result<Sizes, Unsupported> {
    let (x, weight) = (node.sizes(0)?, node.sizes(2)?);
    let misfit = || Unsupported::new(format!("reads {x:?} with a weight of {weight:?}"));
    let (&[n_steps, n_samples, _], &[own, rows, n_hidden]) = (&x[..], &weight[..]) else {
        return Err(misfit());
    };
    if own != n_directions || n_hidden.checked_mul(cell.order().len()) != Some(rows) {
        return Err(misfit());
    }
    if node
        .attributes
        .int("hidden_size")?
        .is_some_and(|size| size != n_hidden as i64)
    {
        return Err(misfit());
    }
    Ok(Sizes {
        n_steps,
        n_samples,
        n_hidden,
        n_directions,
    })
}

/// Returns an error if a node does what PyTorch's does not.
fn expect_plain(node: &mut Node<'_, '_>, cell: Cell, sizes: &Sizes) -> Result<(), Unsupported> {
    if node.attributes.int("layout")?.unwrap_or(0) != 0 {
        return Err(Unsupported::new(
            "has the batch before the steps (`layout` 1)",
        ));
    }
    if node.attributes.number("clip")?.is_some() {
        return Err(Unsupported::new("clips what its gates are computed from"));
    }
    node.attributes
        .ignore(&["activation_alpha", "activation_beta", "output_sequence"]);
    let plain = cell.activations();
    if let Some(functions) = node.attributes.words("activations")? {
        let expected = plain.iter().cycle().take(plain.len() * sizes.n_directions);
        if !functions.iter().copied().eq(expected.copied()) {
            return Err(Unsupported::new(format!(
                "has the functions {functions:?}, where PyTorch's has {plain:?}"
            )));
        }
    }
    if node.has_input(4) {
        let lengths = node.ints(4, "the lengths of its samples")?;
        let is_whole = |&length: &i64| length == sizes.n_steps as i64;
        if !lengths.data().iter().all(is_whole) {
            return Err(Unsupported::new("has samples that end before the others"));
        }
    }
    Ok(())
}

impl Direction {
    fn read(
        node: &mut Node<'_, '_>,
        cell: Cell,
        sizes: &Sizes,
        (number, is_reverse): (usize, bool),
    ) -> Result<Self, Unsupported> {
        let Recurrent {
            module,
            layer,
            is_only,
        } = node.recurrent();
        let home = format!("{module}{}", if module.is_empty() { "" } else { "." });
        let way = if is_reverse { "_reverse" } else { "" };
        let suffix = format!("_l{layer}{way}");
        let is_split = cell
            == Cell::Gru {
                is_reset_after: false,
            };
        let gates: Vec<usize> = cell.order().to_vec();
        let (own, candidate) = gates.split_at(if is_split { 2 } else { gates.len() });
        let parameter = |input: usize, key: &str, gates: &[usize]| {
            let place = Place {
                direction: number,
                gates,
                n_hidden: sizes.n_hidden,
            };
            gate_rows(node, input, &place, format!("{home}{key}{suffix}"))
        };
        // The biases of the hidden state come after those of the input.
        let behind =
            |some: &[usize]| -> Vec<usize> { some.iter().map(|gate| gate + gates.len()).collect() };
        let has_bias = node.has_input(3);
        let bias =
            |key: &str, gates: &[usize]| has_bias.then(|| parameter(3, key, gates)).transpose();
        let weight_ih = parameter(1, "weight_ih", &gates)?;
        let weight_hh = parameter(2, "weight_hh", own)?;
        let biases = [bias("bias_ih", &gates)?, bias("bias_hh", &behind(own))?];
        let candidate = match candidate {
            [] => None,
            apart => Some((
                parameter(2, "weight_hn", apart)?,
                bias("bias_hn", &behind(apart))?,
            )),
        };
        Ok(Self {
            cell,
            suffix: if is_only { way.to_owned() } else { suffix },
            n_hidden: sizes.n_hidden,
            weight_ih,
            weight_hh,
            biases,
            candidate,
            home,
        })
    }

    /// What a layer of a step is called.
    fn name(&self, what: &str, at: usize) -> String {
        format!("{}{what}{}_t{at}", self.home, self.suffix)
    }

    fn layer(
        &self,
        node: &mut Node<'_, '_>,
        (what, at): (&str, usize),
        op: impl Into<Box<dyn Op>>,
        from: impl IntoIterator<Item = Operand>,
    ) -> Result<Operand, Unsupported> {
        node.context
            .layer(&self.name(what, at), Layer::of(op, from))
    }

    /// The state before the first step: what the model gives, or zeros.
    fn start(
        &self,
        node: &mut Node<'_, '_>,
        sizes: &Sizes,
        number: usize,
    ) -> Result<State, Unsupported> {
        let mut state = |input: usize, what: &str| {
            let name = format!("{}{what}{}", self.home, self.suffix);
            if let Some(known) = node.plain_constant(input) {
                let own = known.constant.taken(0, &[number]);
                let own = own.reshaped(vec![sizes.n_samples, sizes.n_hidden]);
                let own = own.ok_or_else(|| Unsupported::new("begins with what does not fit"))?;
                node.context.expect_room(own.len())?;
                return node.context.input(&name, own.tensor()?);
            }
            if node.has_input(input) {
                let given = node.operand(input)?;
                let select = Select {
                    index: number as i64,
                    dim: 0,
                };
                return node.context.layer(&name, Layer::of(select, [given]));
            }
            let shape = shape(&[sizes.n_samples, sizes.n_hidden])?;
            node.context.expect_room(shape.numel())?;
            node.context.input(&name, Tensor::filled(shape, 0.0))
        };
        Ok(State {
            hidden: state(5, "h0")?,
            cell: match self.cell {
                Cell::Lstm => Some(state(6, "c0")?),
                Cell::Gru { .. } | Cell::Rnn { .. } => None,
            },
        })
    }

    /// The weighted sums of the input, or of the hidden state, for all gates.
    fn product(
        &self,
        node: &mut Node<'_, '_>,
        (what, at): (&str, usize),
        x: Operand,
        (weight, bias): (&Parameter, Option<&Parameter>),
    ) -> Result<Operand, Unsupported> {
        let layer = Layer::of(Linear::default(), [x]).weight(weight.clone());
        node.context
            .layer(&self.name(what, at), layer.bias(bias.cloned()))
    }

    fn step(
        &self,
        node: &mut Node<'_, '_>,
        x: &Operand,
        at: usize,
        state: &State,
    ) -> Result<State, Unsupported> {
        let select = Select {
            index: at as i64,
            dim: 0,
        };
        let x = self.layer(node, ("x", at), select, [x.clone()])?;
        let [bias_ih, bias_hh] = &self.biases;
        let ih = self.product(node, ("ih", at), x, (&self.weight_ih, bias_ih.as_ref()))?;
        let hidden = state.hidden.clone();
        let hh = (&self.weight_hh, bias_hh.as_ref());
        let hh = self.product(node, ("hh", at), hidden, hh)?;
        match self.cell {
            Cell::Rnn { is_relu } => {
                let sum = self.layer(node, ("sum", at), Add, [ih, hh])?;
                let op: Box<dyn Op> = if is_relu { Relu.into() } else { Tanh.into() };
                let hidden = self.layer(node, ("h", at), op, [sum])?;
                Ok(State { hidden, cell: None })
            }
            Cell::Lstm => self.lstm_step(node, at, [ih, hh], state),
            Cell::Gru { .. } => self.gru_step(node, at, [ih, hh], state),
        }
    }
}

/// Rows of a weight: those of some gates in one direction.
struct Place<'a> {
    direction: usize,
    gates: &'a [usize],
    n_hidden: usize,
}

/// Returns rows of an input as a parameter that all steps share.
fn gate_rows(
    node: &Node<'_, '_>,
    input: usize,
    place: &Place<'_>,
    name: String,
) -> Result<Parameter, Unsupported> {
    let known = node.known(input, "its weights")?;
    let sizes = known.constant.sizes();
    let Constant::Floats(all) = &known.constant else {
        return Err(Unsupported::new("has weights that are whole numbers"));
    };
    let rows: Vec<usize> = place
        .gates
        .iter()
        .flat_map(|gate| gate * place.n_hidden..(gate + 1) * place.n_hidden)
        .collect();
    let fits = sizes
        .get(1)
        .is_some_and(|&size| rows.iter().all(|&row| row < size));
    if !fits || place.direction >= sizes[0] {
        return Err(Unsupported::new(format!(
            "has weights of {sizes:?}, which do not fit"
        )));
    }
    let taken = all.taken(0, &[place.direction]).taken(1, &rows);
    let shape = shape(&taken.sizes()[1..])?;
    let tensor = Tensor::new(shape, taken.data().to_vec());
    let tensor = tensor.ok_or_else(|| Unsupported::new("has weights that do not fit"))?;
    let which = Which {
        key: format!("{} for {}", known.name, name),
        name: name.clone(),
        is_named: true,
        is_turned: false,
    };
    Ok(Parameter {
        tensor,
        name,
        shared: Some(which),
        is_changed: false,
    })
}
