//! Why one neuron gets nothing from another, or what it gets.

use super::narration::Narration;
use super::one_term;
use super::sentence::{Paragraph, Sentence, listed};
use super::term::Term;
use super::why::Chain;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
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
///
/// # Errors
/// It was given up.
pub fn why_not(
    backprop: &Backprop,
    element: Element,
    downstream: Element,
    cancel: &Cancel,
) -> Result<Paragraph, Cancelled> {
    let base = |element: Element| Element {
        tensor: backprop.network().base(element.tensor),
        at: element.at,
    };
    let narration = Narration {
        backprop,
        subject: base(element),
    };
    let from = base(downstream);
    let path = backprop.tape().path(narration.subject, from);
    let name = || narration.name(from);
    let me = || narration.subject();
    let sentences = if narration.subject == from {
        vec![me().say(" is the same neuron, and a neuron sends nothing to itself.")]
    } else if path.is_direct {
        direct(narration, from, cancel)?
    } else if path.is_there() {
        indirect(narration, from, &path.by_way_of, cancel)?
    } else if backprop.tape().path(from, narration.subject).is_there() {
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
    } else if matches!(
        narration.network().tensor(from.tensor).kind,
        Kind::Input | Kind::Parameter(_)
    ) {
        vec![name().say(" is computed from nothing: it looks at nobody, so it sends nothing back.")]
    } else if narration.subject.tensor == from.tensor {
        vec![
            me().say(" and ")
                .then(name())
                .say(" stand side by side in one layer: neither looks at the other."),
        ]
    } else {
        unconnected(narration, from)
    };
    Ok(Paragraph { sentences })
}

/// What a neuron gets from one that looks at it.
fn direct(
    narration: Narration<'_>,
    from: Element,
    cancel: &Cancel,
) -> Result<Vec<Sentence>, Cancelled> {
    let mut terms: Vec<(usize, Contribution)> = Vec::new();
    let mut number_of_term = 0;
    narration.backprop.terms(narration.subject, &mut |term| {
        number_of_term += 1;
        if term.from == from {
            terms.push((number_of_term, term));
        }
    });
    let products: Vec<f64> = terms.iter().map(|(_, term)| term.product()).collect();
    if products.is_empty() {
        let looks = narration
            .name(from)
            .say(" looks at ")
            .then(narration.subject());
        return Ok(vec![looks.say(
            ", but no upstream gradient reaches it, so it has nothing to send.",
        )]);
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
        let link = narration.link(term.from);
        said.extend(
            link.map(|link| one_term::alone(narration, link, Term::new(Some(number), term))),
        );
    }
    if narration.backprop.element(from) == 0.0 {
        said.extend(
            Chain::of(narration.backprop, from, cancel)?
                .explanation(narration.backprop)
                .sentences,
        );
    }
    Ok(said)
}

/// By way of which neurons one looks at another.
fn indirect(
    narration: Narration<'_>,
    from: Element,
    ways: &[Element],
    cancel: &Cancel,
) -> Result<Vec<Sentence>, Cancelled> {
    let named = ways.iter().take(MOST_NAMED).map(|&way| narration.name(way));
    let more = ways.len().saturating_sub(MOST_NAMED);
    let more = (more > 0).then(|| Sentence::from(format!("{} more", count(more))));
    let does_not = narration
        .name(from)
        .say(" does not look at ")
        .then(narration.subject());
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
                    .then(narration.name(from))
                    .say(" sends arrives there first."),
            );
            said.extend(direct(narration, *only, cancel)?);
        }
        _ => said.push(
            Sentence::from("What ")
                .then(narration.name(from))
                .say(" sends arrives there first; ")
                .then(narration.subject())
                .say(" hears from those."),
        ),
    }
    Ok(said)
}

/// Says that no way leads from one neuron to the other.
fn unconnected(narration: Narration<'_>, from: Element) -> Vec<Sentence> {
    let never = narration
        .name(from)
        .say(" never looks at ")
        .then(narration.subject());
    let mut said =
        vec![never.say(", neither itself nor by way of others, so it sends exactly nothing.")];
    let mut field = Vec::new();
    let layer = narration
        .network()
        .layers()
        .iter()
        .enumerate()
        .find(|(_, layer)| layer.output == from.tensor);
    if let Some((number, layer)) = layer {
        let run = narration.backprop.tape().layer_run(number, &[]);
        for (role, read) in layer
            .roles()
            .filter(|&(_, read)| narration.network().base(read) == narration.subject.tensor)
        {
            let tensor = narration.network().base(read);
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
                    .then(listed(few.iter().map(|&one| narration.name(one))))
                    .say("."),
            );
        }
        [first, .., last] => said.push(
            Sentence::from(format!(
                "It looks only at {} others, from ",
                count(field.len())
            ))
            .then(narration.name(*first))
            .say(" to ")
            .then(narration.name(*last))
            .say("."),
        ),
        [_] => {}
    }
    said
}
