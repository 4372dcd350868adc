//! One neuron's sum with its words, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::trace::Step;
use crate::backprop::Backprop;
use crate::json::{Number, write};
use crate::marking::{Preview, WrongWay};
use crate::tape::Network;
use crate::tensor::Element;
use crate::words::{self, Chain, Frame};

/// Writes a step as the trace does, with the words and the teacher's notes, and with the chain of
/// largest terms where it is asked for.
///
/// # Errors
/// Those of `out`.
pub fn explanation_json(
    backprop: &Backprop,
    element: Element,
    notes: &[&str],
    why: Option<&Chain>,
    mistakes: Option<&Preview>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sentences =
        |words: words::Paragraph| words.sentences.iter().map(ToString::to_string).collect();
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
