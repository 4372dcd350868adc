//! The trace as JSON: one tensor and one step a line, written as they are computed.

use std::io::{self, BufWriter, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::in_order::write_steps;
use super::step_text::{self, StepText};
use super::{BLOCK, Detail, Selection, Subject};
use crate::backprop::{Backprop, quantity};
use crate::json::{Nested, Number, write_lines};
use crate::ops::{Contribution, Factor, FactorKind};
use crate::tape::{Kind, Network};
use crate::tensor::{Arithmetic, Element, Index, Precision, TensorId};

/// The version of the format, as the file says it.
const FORMAT: &str = "backstep-trace/1";
/// How deep the objects and arrays are whose members get lines of their own: the trace itself, and
/// its tensors and steps.
const LINES: usize = 2;

/// Writes a scenario's trace.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    subject: Subject<'_>,
    selection: &Selection,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BLOCK, out);
    let mut head = Head {
        out: &mut out,
        end: Vec::new(),
    };
    write_lines(&mut head, LINES, &Trace::without_steps(subject, selection))?;
    let end = head.end;
    if selection.detail != Detail::Tensors {
        out.write_all(b",\n  \"steps\": [")?;
        let names = step_text::names(subject.backprop);
        let network = subject.backprop.network();
        let with_terms = selection.detail == Detail::Contributions;
        let writer = || StepText::new(network, &names, with_terms).listed(b"\n    ");
        write_steps(subject.backprop, selection, writer, &mut out)?;
        out.write_all(b"\n  ]")?;
    }
    out.write_all(&end)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Hands on what is written of an object that goes on, but for the bracket that closes it, which
/// stands on a line of its own.
struct Head<W> {
    out: W,
    /// What is held back.
    end: Vec<u8>,
}

/// How long that is.
const N_HELD_BACK: usize = "\n}".len();

impl<W: Write> Write for Head<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.end.extend_from_slice(bytes);
        let n = self.end.len().saturating_sub(N_HELD_BACK);
        self.out.write_all(&self.end[..n])?;
        self.end.drain(..n);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Every value, gradient, step and contribution of a scenario's run.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Trace<'a> {
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    title: &'a str,
    /// SHA-256 of the scenario file's bytes, in hex.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    scenario_sha256: String,
    /// The number format that every value and gradient is rounded to; left out, f64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "&str", extend("enum" = Precision::ALL.map(Precision::name)))]
    precision: Option<&'static str>,
    /// What every gradient is multiplied by; left out, 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "Number")]
    loss_scale: Option<Number>,
    /// Every input, layer and parameter, and what layers compute before their own activations.
    #[schemars(with = "Vec<TensorEntry>")]
    tensors: Tensors<'a>,
    /// The neurons' sums in backward order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    steps: Option<Vec<Step<'a>>>,
}

impl<'a> Trace<'a> {
    /// What stands before the steps.
    pub(super) fn without_steps(subject: Subject<'a>, selection: &'a Selection) -> Self {
        let Subject { scenario, backprop } = subject;
        let tensors = Tensors { subject, selection };
        let Arithmetic {
            precision,
            loss_scale,
        } = backprop.arithmetic();
        Self {
            format: FORMAT,
            title: &scenario.title,
            scenario_sha256: scenario.sha256(),
            precision: precision.rounds().then_some(precision.name()),
            loss_scale: (loss_scale != 1.0).then_some(Number(loss_scale)),
            tensors,
            steps: None,
        }
    }
}

struct Tensors<'a> {
    subject: Subject<'a>,
    selection: &'a Selection,
}

impl Serialize for Tensors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let backprop = self.subject.backprop;
        serializer.collect_seq(
            self.selection
                .tensors(backprop)
                .map(|id| TensorEntry::of(backprop, id)),
        )
    }
}

const KINDS: [Kind; 5] = [
    Kind::Input,
    Kind::Layer(0),
    Kind::Parameter(0),
    Kind::PreActivation(0),
    Kind::Updated(TensorId(0)),
];

/// A tensor with its gradient: dL/d(each of its elements).
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TensorEntry<'a> {
    name: &'a str,
    #[schemars(extend("enum" = KINDS.map(Kind::name)))]
    kind: &'static str,
    /// What a layer computes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "&str")]
    op: Option<&'static str>,
    shape: &'a [usize],
    /// Of what becomes of a parameter in an update, the new values.
    value: Nested<'a>,
    /// What becomes of a parameter has no gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "Nested")]
    grad: Option<Nested<'a>>,
}

impl<'a> TensorEntry<'a> {
    fn of(backprop: &'a Backprop, id: TensorId) -> Self {
        let network = backprop.network();
        let tensor = network.tensor(id);
        let nested = |data| Nested {
            shape: &tensor.shape,
            data,
        };
        let (value, grad) = match tensor.kind {
            Kind::Updated(_) => (backprop.gradient(id), None),
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
                (backprop.tape().value(id), Some(backprop.gradient(id)))
            }
        };
        Self {
            name: &tensor.name,
            kind: tensor.kind.name(),
            op: network.layer_of(id).map(|layer| layer.op.name()),
            shape: &tensor.shape,
            value: nested(value.data()),
            grad: grad.map(|grad| nested(grad.data())),
        }
    }
}

/// One neuron's sum: its gradient is what is given to it and the contributions' products, added in
/// their order, and rounded to the trace's precision.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Step<'a> {
    /// The number of the step, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "usize")]
    step: Option<usize>,
    #[serde(flatten)]
    place: Place<'a>,
    /// Of what becomes of a parameter in an update, the new value.
    value: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "Number")]
    given_upstream: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "Number")]
    grad: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "Vec<TermEntry>")]
    contributions: Option<Terms<'a>>,
}

impl<'a> Step<'a> {
    /// The sum of a neuron, which may be one that has no step.
    pub(super) fn of(backprop: &'a Backprop, element: Element) -> Self {
        let kind = backprop.network().tensor(element.tensor).kind;
        let is_new = matches!(kind, Kind::Updated(_));
        let (value, grad) = (backprop.tape().element(element), backprop.element(element));
        let given = backprop.given(element).unwrap_or(0.0);
        Self {
            step: backprop.steps().step_of(element).map(|step| step + 1),
            place: Place::of(backprop.network(), element),
            value: Number(if is_new { grad } else { value }),
            given_upstream: (!is_new).then_some(Number(given)),
            grad: (!is_new).then_some(Number(grad)),
            contributions: Some(Terms { backprop, element }),
        }
    }
}

/// The contributions to a neuron, written one by one, for there may be millions.
struct Terms<'a> {
    backprop: &'a Backprop,
    element: Element,
}

impl Serialize for Terms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut result = Ok(());
        self.backprop.terms(self.element, &mut |term| {
            if result.is_ok() {
                let of = self.quantity(&term);
                let entry = TermEntry::of(self.backprop.network(), &term);
                result = list.serialize_element(&TermEntry { of, ..entry });
            }
        });
        // Handed on as it is: whoever writes must still see that a pipe is closed.
        result?;
        list.end()
    }
}

impl Terms<'_> {
    /// What a term of an update multiplies.
    fn quantity(&self, term: &Contribution) -> Option<&'static str> {
        let kind = self.backprop.network().tensor(self.element.tensor).kind;
        let optimizer = self.backprop.optimizer()?;
        matches!(kind, Kind::Updated(_)).then(|| quantity(optimizer, term).name())
    }
}

/// Where a neuron is.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    tensor: &'a str,
    index: Index,
}

impl<'a> Place<'a> {
    fn of(network: &'a Network, element: Element) -> Self {
        let tensor = network.tensor(element.tensor);
        Self {
            tensor: &tensor.name,
            index: tensor.shape.index(element.at),
        }
    }
}

/// One term of a neuron's sum: the upstream gradient of a downstream neuron times the factors, from
/// left to right.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TermEntry<'a> {
    from: &'a str,
    index: Index,
    /// Of a term of an update: what of `from` it multiplies, whose number stands in `upstream`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "&str")]
    of: Option<&'static str>,
    upstream: Number,
    #[schemars(with = "Vec<FactorEntry>")]
    factors: Factors<'a>,
    local: Number,
    product: Number,
    /// A closed gate is on the way, and the product 0 whatever the upstream gradient is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    closed: bool,
}

impl<'a> TermEntry<'a> {
    fn of(network: &'a Network, term: &'a Contribution) -> Self {
        let Place { tensor, index } = Place::of(network, term.from);
        Self {
            from: tensor,
            index,
            of: None,
            upstream: Number(term.upstream),
            factors: Factors {
                network,
                factors: &term.factors,
            },
            local: Number(term.local()),
            product: Number(term.product()),
            closed: term.is_closed(),
        }
    }
}

struct Factors<'a> {
    network: &'a Network,
    factors: &'a [Factor],
}

impl Serialize for Factors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.factors
                .iter()
                .map(|factor| FactorEntry::of(self.network, factor)),
        )
    }
}

/// One factor of a local derivative, and the neuron or weight whose value it is, where it is one.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FactorEntry<'a> {
    #[schemars(extend("enum" = FactorKind::ALL.map(FactorKind::name)))]
    kind: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    source: Option<Place<'a>>,
    value: Number,
}

impl<'a> FactorEntry<'a> {
    fn of(network: &'a Network, factor: &Factor) -> Self {
        let source = factor.source.map(|element| Place::of(network, element));
        Self {
            kind: factor.kind.name(),
            source,
            value: Number(factor.value),
        }
    }
}
