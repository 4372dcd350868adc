//! Who is told of: a neuron, and the layers that it hears from.

use super::sentence::{Piece, Sentence};
use super::term::Term;
use crate::backprop::Backprop;
use crate::ops::{Activation, OpKind, OperandRole, Phrases};
use crate::tape::{Consumer, Kind, Layer, Network};
use crate::tensor::numerals::number;
use crate::tensor::{Element, Shape};

/// Who speaks: the backprop that is told of, and the neuron whose step it is.
#[derive(Clone, Copy)]
pub(super) struct Narration<'a> {
    pub(super) backprop: &'a Backprop,
    pub(super) subject: Element,
}

/// One layer that reads the subject, and as what.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) number: usize,
    pub(super) layer: &'a Layer,
    pub(super) role: OperandRole,
    pub(super) kind: OpKind,
    pub(super) activation: Option<Activation>,
}

impl<'a> Narration<'a> {
    pub(super) fn network(self) -> &'a Network {
        self.backprop.network()
    }

    /// The link to a layer that sends a term, by the term's sender.
    pub(super) fn link(self, from: Element) -> Option<Link<'a>> {
        let Kind::Layer(made_by) = self.network().tensor(from.tensor).kind else {
            return None;
        };
        let consumers = self.network().consumers(self.subject.tensor);
        // They are in the order of their layers, and an activation reads what nobody else does.
        let first = consumers.partition_point(|consumer| consumer.layer < made_by);
        let Consumer { layer, role } = *consumers.get(first)?;
        let (number, layer) = (layer, self.network().layer(layer));
        if layer.output != from.tensor {
            return None;
        }
        Some(Link {
            number,
            layer,
            role,
            kind: layer.op.kind(),
            activation: layer.op.activation(),
        })
    }

    pub(super) fn value(self, element: Element) -> f64 {
        self.backprop.tape().element(element)
    }

    /// A neuron's address.
    pub(super) fn name(self, element: Element) -> Sentence {
        self.named(element, None)
    }

    /// The address of the neuron that sends a term.
    pub(super) fn contributor(self, term: &Term) -> Sentence {
        self.named(term.contribution.from, term.number)
    }

    /// The address of the neuron whose step it is.
    pub(super) fn subject(self) -> Sentence {
        self.name(self.subject)
    }

    /// `x[0,0] = 1`.
    pub(super) fn with_value(self, element: Element) -> Sentence {
        self.name(element)
            .say(format!(" = {}", number(self.value(element))))
    }

    /// Says an op's words. `place` knows what stands for the places that have no subject.
    pub(super) fn fill(self, words: &str, place: impl Fn(&str) -> Option<Sentence>) -> Sentence {
        let mut parts = words.split('{');
        let start = Sentence::from(parts.next().unwrap_or_default());
        parts.fold(start, |said, part| {
            let (name, text) = part.split_once('}').unwrap_or((part, ""));
            let what = match name {
                "me" => self.subject(),
                "me=" => self.with_value(self.subject),
                other => place(other).unwrap_or_default(),
            };
            said.then(what).say(text)
        })
    }

    fn named(self, element: Element, term: Option<usize>) -> Sentence {
        let address = self.network().address(element).to_string();
        Sentence {
            pieces: vec![Piece::Element {
                element,
                address,
                term,
            }],
        }
    }
}

impl<'a> Link<'a> {
    /// The words that the op has for its terms.
    pub(super) fn phrases(self) -> &'static Phrases {
        self.layer.op.phrases()
    }

    /// What people call the layer's own activation.
    pub(super) fn title(self) -> &'static str {
        self.activation.map_or("activation", |of| of.title())
    }

    /// The layer's name, which is that of its output.
    pub(super) fn name(self, narration: Narration<'a>) -> &'a str {
        &narration.network().tensor(self.layer.output).name
    }

    /// The shape of the layer's output.
    pub(super) fn output_shape(self, narration: Narration<'a>) -> &'a Shape {
        &narration.network().tensor(self.layer.output).shape
    }

    /// The number of axes that the layer's windows slide along, where it has windows.
    pub(super) fn spatial_axes(self) -> usize {
        self.layer.spatial_axes()
    }

    /// Whether the layer's weight has axes for channels.
    pub(super) fn has_channels(self, narration: Narration<'a>) -> bool {
        self.weight_shape(narration)
            .is_some_and(|shape| shape.rank() > self.spatial_axes())
    }

    pub(super) fn weight_shape(self, narration: Narration<'a>) -> Option<&'a Shape> {
        self.layer
            .weight
            .map(|id| &narration.network().tensor(id).shape)
    }
}
