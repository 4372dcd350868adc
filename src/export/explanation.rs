//! One neuron's sum with its words, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::trace::Step;
use crate::backprop::Backprop;
use crate::health::Quantity;
use crate::json::{Number, write};
use crate::marking::{Preview, WrongWay};
use crate::tape::Network;
use crate::tensor::Element;
use crate::words::{self, Chain, Frame, Whence};

/// What is written of a neuron's step beside it, each where it is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// The chain of its largest terms.
    pub why: Option<&'a Chain>,
    /// Whence its numbers are not finite.
    pub whence: Option<&'a Whence>,
    /// What it would get under each common mistake.
    pub mistakes: Option<&'a Preview>,
}

/// Writes a step as the trace does, with the words and the teacher's notes, and with what is asked
/// for beside it.
///
/// # Errors
/// Those of `out`.
pub fn explanation_json(
    backprop: &Backprop,
    element: Element,
    notes: &[&str],
    extras: &Extras<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sentences =
        |words: words::Paragraph| words.sentences.iter().map(ToString::to_string).collect();
    let &Extras {
        why,
        whence,
        mistakes,
    } = extras;
    let explanation = Explanation {
        step: Step::of(backprop, element),
        words: sentences(words::step(backprop, element)),
        notes,
        why: why.map(|chain| {
            chain
                .frames
                .iter()
                .map(|frame| Link::of(backprop, frame))
                .collect()
        }),
        mistakes: mistakes.map(|preview| {
            let wrong = preview.wrong.iter();
            wrong
                .map(|way| Wrong::of(backprop.network(), way))
                .collect()
        }),
        invisible: mistakes.map(|preview| words::invisible(backprop.network(), preview)),
        why_words: why.map(|chain| sentences(chain.explanation(backprop))),
        origin: whence.map(|whence| Origin {
            words: sentences(whence.says(backprop)),
            way: whence
                .trail
                .iter()
                .flat_map(|trail| &trail.way)
                .map(|&quantity| Place::of(backprop, quantity))
                .collect(),
            begins: whence
                .beginnings
                .iter()
                .map(|one| Place::of(backprop, one.origin.quantity))
                .collect(),
        }),
    };
    write(out, &explanation)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Explanation<'a> {
    #[serde(flatten)]
    step: Step<'a>,
    words: Vec<String>,
    notes: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<Link>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_words: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mistakes: Option<Vec<Wrong>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invisible: Option<Vec<String>>,
}

/// What the neuron would get under a slip.
#[derive(Serialize)]
struct Wrong {
    slip: &'static str,
    grad: Number,
    says: String,
    elsewhere: Vec<Number>,
    convention: bool,
}

impl Wrong {
    fn of(network: &Network, way: &WrongWay) -> Self {
        Self {
            slip: way.choice.slip.id,
            grad: Number(way.number),
            says: words::way(network, way),
            elsewhere: way.elsewhere.iter().copied().map(Number).collect(),
            convention: way.is_convention,
        }
    }
}

/// One neuron of a chain of largest terms.
#[derive(Serialize)]
struct Link {
    #[serde(rename = "neuron")]
    element: String,
    grad: Number,
    given_upstream: Number,
    #[serde(flatten)]
    largest: Option<Largest>,
    says: String,
}

/// The largest of its terms, and what the others come to.
#[derive(Serialize)]
struct Largest {
    from: String,
    product: Number,
    others: usize,
    others_sum: Number,
}

/// Whence numbers are not finite.
#[derive(Serialize)]
struct Origin {
    words: Vec<String>,
    /// From where it began to the neuron.
    way: Vec<Place>,
    /// Where numbers of the run begin to be so, if the neuron's are finite.
    begins: Vec<Place>,
}

/// A number of the run.
#[derive(Serialize)]
struct Place {
    element: String,
    of: &'static str,
    number: Number,
}

impl Place {
    fn of(backprop: &Backprop, quantity: Quantity) -> Self {
        Self {
            element: backprop.network().address(quantity.element).to_string(),
            of: quantity.side.noun(),
            number: Number(quantity.number(backprop)),
        }
    }
}

impl Link {
    fn of(backprop: &Backprop, frame: &Frame) -> Self {
        let network = backprop.network();
        let largest = frame.largest.as_ref().map(|(_, term)| Largest {
            from: network.address(term.from).to_string(),
            product: Number(term.product()),
            others: frame.n_others,
            others_sum: Number(frame.others),
        });
        Self {
            element: network.address(frame.element).to_string(),
            grad: Number(frame.gradient),
            given_upstream: Number(frame.given.unwrap_or(0.0)),
            largest,
            says: frame.remark(backprop),
        }
    }
}
