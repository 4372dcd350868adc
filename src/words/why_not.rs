//! Why one neuron gets nothing from another, or what it gets.

use super::outline::Term;
use super::sentence::{Sentence, Story, listed};
use super::voice::Voice;
use super::why::Chain;
use crate::backprop::Backprop;
use crate::ops::Contribution;
use crate::tape::Kind;
use crate::tensor::Element;
use crate::tensor::numerals::{count, number, sum};

/// The most neurons that are named.
const MOST_NAMED: usize = 4;

/// Says why a neuron gets nothing from another one, or what it gets from there.
///
/// The two may stand in any relation to each other: one may look at the other itself, or by way of
/// others, or not at all.
pub fn why_not(backprop: &Backprop, element: Element, downstream: Element) -> Story {
    let base = |element: Element| Element {
        tensor: backprop.network().base(element.tensor),
        at: element.at,
    };
    let voice = Voice {
        backprop,
        subject: base(element),
    };
    let from = base(downstream);
    let path = backprop.tape().path(voice.subject, from);
    let name = || voice.name(from);
    let me = || voice.subject();
    let sentences = if voice.subject == from {
        vec![me().say(" is the same neuron, and a neuron sends nothing to itself.")]
    } else if path.is_direct {
        direct(voice, from)
    } else if path.is_there() {
        indirect(voice, from, &path.by_way_of)
    } else if backprop.tape().path(from, voice.subject).is_there() {
        vec![
            name()
                .say(" comes before ")
                .then(me())
                .say(", which is computed from it."),
            Sentence::from("Gradients come from downstream: ")
                .then(me())
                .say(" sends to ")
                .then(name())
                .say(" and hears nothing from it."),
        ]
    } else if !matches!(voice.network().tensor(from.tensor).kind, Kind::Layer(_)) {
        vec![name().say(" is computed from nothing: it looks at nobody, so it sends nothing back.")]
    } else if voice.subject.tensor == from.tensor {
        vec![
            me().say(" and ")
                .then(name())
                .say(" stand side by side in one layer: neither looks at the other."),
        ]
    } else {
        unconnected(voice, from)
    };
    Story { sentences }
}

/// What a neuron gets from one that looks at it.
fn direct(voice: Voice<'_>, from: Element) -> Vec<Sentence> {
    let mut terms: Vec<(usize, Contribution)> = Vec::new();
    let mut number_of_term = 0;
    voice.backprop.terms(voice.subject, &mut |term| {
        number_of_term += 1;
        if term.from == from {
            terms.push((number_of_term, term));
        }
    });
    let products: Vec<f64> = terms.iter().map(|(_, term)| term.product()).collect();
    if products.is_empty() {
        let looks = voice.name(from).say(" looks at ").then(voice.subject());
        return vec![
            looks.say(", but no upstream gradient reaches it, so it has nothing to send."),
        ];
    }
    let total: f64 = products.iter().sum();
    let mut said = Vec::new();
    if total != 0.0 {
        said.push(Sentence::from("It does send something: ").say(format!("{}.", number(total))));
    } else if products.iter().any(|&product| product != 0.0) {
        said.push(
            Sentence::from("What it sends cancels: ").say(format!("{}.", sum(&products, 0.0))),
        );
    }
    for (number, term) in terms.into_iter().take(MOST_NAMED) {
        let link = voice.link(term.from);
        said.extend(
            link.map(|link| super::term::alone(voice, link, Term::new(Some(number), term))),
        );
    }
    if voice.backprop.element(from) == 0.0 {
        said.extend(
            Chain::of(voice.backprop, from)
                .story(voice.backprop)
                .sentences,
        );
    }
    said
}

/// By way of which neurons one looks at another.
fn indirect(voice: Voice<'_>, from: Element, ways: &[Element]) -> Vec<Sentence> {
    let named = ways.iter().take(MOST_NAMED).map(|&way| voice.name(way));
    let more = ways.len().saturating_sub(MOST_NAMED);
    let more = (more > 0).then(|| Sentence::from(format!("{} more", count(more))));
    let does_not = voice
        .name(from)
        .say(" does not look at ")
        .then(voice.subject());
    let mut said = vec![
        does_not
            .say(" itself; it does so by way of ")
            .then(listed(named.chain(more)))
            .say("."),
    ];
    match ways {
        [only] => {
            said.push(
                Sentence::from("What ")
                    .then(voice.name(from))
                    .say(" sends arrives there first."),
            );
            said.extend(direct(voice, *only));
        }
        _ => said.push(
            Sentence::from("What ")
                .then(voice.name(from))
                .say(" sends arrives there first; ")
                .then(voice.subject())
                .say(" hears from those."),
        ),
    }
    said
}

/// Says that no way leads from one neuron to the other.
fn unconnected(voice: Voice<'_>, from: Element) -> Vec<Sentence> {
    let never = voice
        .name(from)
        .say(" never looks at ")
        .then(voice.subject());
    let mut said =
        vec![never.say(", neither itself nor by way of others, so it sends exactly nothing.")];
    let mut field = Vec::new();
    let layer = voice
        .network()
        .layers()
        .iter()
        .enumerate()
        .find(|(_, layer)| layer.output == from.tensor);
    if let Some((number, layer)) = layer {
        let run = voice.backprop.tape().run(number, &[]);
        for (role, read) in layer
            .roles()
            .filter(|&(_, read)| voice.network().base(read) == voice.subject.tensor)
        {
            let tensor = voice.network().base(read);
            layer.op.receptive_field(&run, role, from.at, &mut |at| {
                field.push(Element { tensor, at })
            });
        }
    }
    match field.as_slice() {
        [] => {}
        few if few.len() <= MOST_NAMED => {
            said.push(
                Sentence::from("It looks only at ")
                    .then(listed(few.iter().map(|&one| voice.name(one))))
                    .say("."),
            );
        }
        [first, .., last] => said.push(
            Sentence::from(format!(
                "It looks only at {} others, from ",
                count(field.len())
            ))
            .then(voice.name(*first))
            .say(" to ")
            .then(voice.name(*last))
            .say("."),
        ),
        [_] => {}
    }
    said
}
