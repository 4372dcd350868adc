//! The rows of a trace in CSV, one contribution each, and their columns.

use super::cells;
use super::in_order::{Run, StepWriter, Text};
use super::memo::Memo;
use crate::backprop::Backprop;
use crate::ops::{Contribution, Factor, FactorKind};
use crate::tape::{Layer, Network};
use crate::tensor::Element;

/// Writes the rows of steps.
pub(super) struct ContributionRows<'a> {
    network: &'a Network,
    columns: &'a [FactorKind],
    senders: Memo,
    sources: Memo,
    /// The cells with which each row of a step begins.
    start: Vec<u8>,
    /// The number of the last term.
    term: usize,
    running: f64,
}

impl<'a> ContributionRows<'a> {
    pub(super) fn new(network: &'a Network, columns: &'a [FactorKind]) -> Self {
        Self {
            network,
            columns,
            senders: Memo::default(),
            sources: Memo::default(),
            start: Vec::new(),
            term: 0,
            running: 0.0,
        }
    }

    fn step(&mut self, run: &Run<'_>, at: usize, text: &mut Text<'_>) {
        let (backprop, tensor) = (run.backprop, run.tensor);
        let element = Element { tensor, at };
        self.start.clear();
        cells::count(&mut self.start, run.first + at - run.places.start + 1);
        cells::place(&mut self.start, self.network, element);
        (self.term, self.running) = (0, 0.0);
        let given = backprop.given(element);
        if let Some(given) = given {
            self.begin(given, text);
        }
        let mut visit = |term: Contribution| {
            if !text.is_refused() {
                self.add(&term, text);
            }
        };
        run.terms(at, &mut visit);
        if given.is_none() && self.term == 0 {
            self.begin(0.0, text);
        }
    }

    /// Writes the row of what the sum begins with.
    fn begin(&mut self, given: f64, text: &mut Text<'_>) {
        self.running = given;
        text.bytes.extend_from_slice(&self.start);
        cells::count(&mut text.bytes, 0);
        let n_blanks = self.columns.len() + 3;
        text.bytes.extend(std::iter::repeat_n(b',', n_blanks));
        self.end(given, text);
    }

    /// Adds a term, and writes its row.
    fn add(&mut self, term: &Contribution, text: &mut Text<'_>) {
        let (network, bytes) = (self.network, &mut text.bytes);
        let product = term.product();
        self.term += 1;
        self.running += product;
        bytes.extend_from_slice(&self.start);
        cells::count(bytes, self.term);
        let numel = network.tensor(term.from.tensor).shape.numel();
        self.senders
            .write(bytes, (term.from, numel), term.upstream, 0, |bytes| {
                cells::place(bytes, network, term.from);
                cells::number(bytes, term.upstream);
                0
            });
        let mut factors = term.factors.iter().peekable();
        for kind in self.columns {
            match factors.next_if(|factor| factor.kind == *kind) {
                Some(factor) => factor_cell(network, &mut self.sources, factor, bytes),
                None => bytes.push(b','),
            }
        }
        debug_assert!(
            factors.peek().is_none(),
            "a term's factors are in the order of their kinds"
        );
        self.end(product, text);
    }

    fn end(&self, product: f64, text: &mut Text<'_>) {
        cells::number(&mut text.bytes, product);
        cells::number(&mut text.bytes, self.running);
        text.bytes.pop();
        text.bytes.push(b'\n');
        text.hand_on();
    }
}

impl StepWriter for ContributionRows<'_> {
    fn write(&mut self, run: &Run<'_>, text: &mut Text<'_>) {
        run.places.clone().for_each(|at| self.step(run, at, text));
    }
}

/// Writes a factor, of which a neuron's value is one of many terms.
fn factor_cell(network: &Network, sources: &mut Memo, factor: &Factor, bytes: &mut Vec<u8>) {
    let Some(source) = factor.source else {
        return cells::number(bytes, factor.value);
    };
    let numel = network.tensor(source.tensor).shape.numel();
    sources.write(bytes, (source, numel), factor.value, 0, |bytes| {
        cells::number(bytes, factor.value);
        0
    });
}

/// The kinds of factors, each as often as one term can have it: a product of n tensors has n − 1
/// other sides.
pub(super) fn factor_columns(backprop: &Backprop) -> Vec<FactorKind> {
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
pub(super) fn titles(columns: &[FactorKind]) -> impl Iterator<Item = String> {
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
