//! Who looks at a neuron, and who does not.

use super::narration::{Link, Narration};
use super::sections::Group;
use super::sentence::Sentence;
use super::term::Term;
use crate::ops::{OpKind, OperandRole};
use crate::tensor::numerals::{all, count, form, times};

/// Whether a layer is the only one that the story is about, and nothing else is added.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Alone {
    Yes,
    No,
}

/// Says which neurons of a layer look at the subject.
pub(super) fn opening(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    match group.link.role {
        OperandRole::Input(_) => of_input(narration, group, alone),
        OperandRole::Weight => of_weight(narration, group, alone),
        OperandRole::Bias => of_bias(narration, group, alone),
    }
}

/// The subject, in one use of several if it has several.
fn subject(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    match alone {
        Alone::Yes => narration.subject(),
        Alone::No => format!("In {}, it", group.link.name(narration)).into(),
    }
}

/// Says which neurons of a layer look at a neuron that they are computed from.
fn of_input(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let link = group.link;
    let layer = link.name(narration);
    let n = group.n_senders;
    let is_all = n > 1 && n == link.output_shape(narration).numel();
    let me = narration.subject();
    if let Some(term) = group.only() {
        by_one_term(narration, group, alone, term)
    } else if n == 1 {
        by_one_that_reads_it_again(narration, group, alone)
    } else if link.layer.op.ties().is_some() {
        let start = Sentence::from(format!("{} {layer} windows hold ", count(n))).capitalised();
        start
            .then(me)
            .say(". It gets the gradients of those that it wins, added up.")
    } else if is_all && link.kind.looks_through_windows() {
        let all = all(n);
        let start = Sentence::from(format!("{all} {layer} neurons look at ")).capitalised();
        start.then(me).say(format!(", so it hears from {all}."))
    } else if is_all {
        let from = if n == 2 { "both".to_owned() } else { all(n) };
        me.say(format!(
            " feeds {} {layer} neurons, so it hears from {from}.",
            all(n)
        ))
    } else if let Some(kin) = kin(link, n) {
        me.say(format!(" feeds {kin}, so it hears from {}.", all(n)))
    } else {
        by_some(narration, group)
    }
}

fn by_one_term(narration: Narration<'_>, group: &Group<'_>, alone: Alone, term: &Term) -> Sentence {
    let link = group.link;
    let layer = link.name(narration);
    let n_layer = link.output_shape(narration).numel();
    let contributor = narration.contributor(term);
    let me = narration.subject();
    let nothing_to_add = alone == Alone::Yes && term.product != 0.0;
    match (position(narration, link), n_layer) {
        (Some(position), 2..) => {
            let n = count(n_layer);
            me.say(format!(
                " {position}, and only one of the {n} {layer} neurons looks at it: "
            ))
            .then(contributor)
            .say(format!(". {}", never_see(n_layer - 1, nothing_to_add)))
        }
        _ if alone == Alone::Yes => {
            let is_sum = nothing_to_add && link.layer.op.ties().is_none();
            let end = if is_sum {
                ", so there is nothing to add up."
            } else {
                "."
            };
            Sentence::from("Only ")
                .then(contributor)
                .say(" looks at ")
                .then(me)
                .say(end)
        }
        (_, 1) => Sentence::default(),
        _ => Sentence::from(format!("In {layer}, only "))
            .then(contributor)
            .say(" looks at it."),
    }
}

fn by_one_that_reads_it_again(
    narration: Narration<'_>,
    group: &Group<'_>,
    alone: Alone,
) -> Sentence {
    let layer = group.link.name(narration);
    let start = match alone {
        Alone::Yes => "Only ".into(),
        Alone::No => format!("In {layer}, only "),
    };
    let first = group.first();
    let contributor = first.map_or(layer.into(), |term| narration.contributor(term));
    Sentence::from(start)
        .then(contributor)
        .say(" looks at ")
        .then(narration.subject())
        .say(format!(", and it reads it {}.", times(group.n_terms)))
}

fn by_some(narration: Narration<'_>, group: &Group<'_>) -> Sentence {
    let link = group.link;
    let layer = link.name(narration);
    let me = narration.subject();
    let (n, n_layer) = (group.n_senders, link.output_shape(narration).numel());
    let some = format!(
        "{} of the {} {layer} neurons look at ",
        count(n),
        count(n_layer)
    );
    let start = match position(narration, link) {
        Some(position) => me.say(format!(" {position}, and {some}it")),
        None => Sentence::from(some).then(me).capitalised(),
    };
    start
        .say(channels(narration, link, n))
        .say(format!(". {}", never_see(n_layer - n, false)))
}

/// `The other three never see it, so they send exactly nothing.`
fn never_see(n: usize, nothing_to_add: bool) -> String {
    let end = if nothing_to_add {
        ", and there is nothing to add up"
    } else {
        ""
    };
    match n {
        1 => format!("The other one never sees it, so it sends exactly nothing{end}."),
        _ => format!(
            "The other {} never see it, so they send exactly nothing{end}.",
            count(n)
        ),
    }
}

/// Where it is plain who belongs together: the neurons of the subject's own row.
fn kin(link: Link<'_>, n: usize) -> Option<String> {
    let kin = link.phrases().kin;
    (!kin.is_empty()).then(|| format!("the {} neurons {kin}", count(n)))
}

/// Where in its plane the subject lies, where a convolution looks at it: `sits in a corner`.
fn position(narration: Narration<'_>, link: Link<'_>) -> Option<&'static str> {
    if !link.kind.weighs_windows() {
        return None;
    }
    let shape = narration
        .backprop
        .tape()
        .value(link.layer.inputs.first().copied()?)
        .shape();
    let axes = link.spatial_axes();
    let index = shape.index(narration.subject.at);
    let first = shape.rank().checked_sub(axes)?;
    let sides = || (first..shape.rank()).filter(|&axis| shape[axis] > 1);
    let ends = sides()
        .filter(|&axis| index[axis] == 0 || index[axis] + 1 == shape[axis])
        .count();
    match (ends, sides().count()) {
        (0, _) => None,
        (1, 1) => Some("lies at an end"),
        (2, 2) => Some("sits in a corner"),
        _ => Some("lies at the edge"),
    }
}

/// ` (nine places in each of eight channels)`, where a convolution has several output channels.
fn channels(narration: Narration<'_>, link: Link<'_>, n: usize) -> String {
    let weight = link
        .weight_shape(narration)
        .filter(|_| link.has_channels(narration));
    let (true, Some(weight)) = (link.kind.weighs_windows(), weight) else {
        return String::new();
    };
    let input = link.layer.inputs.first();
    let n_in = input
        .and_then(|&id| {
            let shape = narration.backprop.tape().value(id).shape();
            let channels = (shape.rank() - 1).checked_sub(link.spatial_axes())?;
            shape.get(channels).copied()
        })
        .unwrap_or(1);
    let n_channels = weight[0] * weight[1] / n_in.max(1);
    if n_channels < 2 || !n.is_multiple_of(n_channels) {
        return String::new();
    }
    let places = n / n_channels;
    format!(
        " ({} {} in each of {} channels)",
        count(places),
        form(places, "place", "places"),
        count(n_channels)
    )
}

/// Says how often a weight is used.
fn of_weight(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let link = group.link;
    match link.kind {
        OpKind::Linear => of_wire(narration, group, alone),
        OpKind::Convolution | OpKind::TransposedConvolution => of_kernel(narration, group, alone),
        OpKind::MaxPool
        | OpKind::AveragePool
        | OpKind::Elementwise
        | OpKind::Rearrangement
        | OpKind::Addition
        | OpKind::Product
        | OpKind::Quotient
        | OpKind::MatrixProduct
        | OpKind::Coupled
        | OpKind::Mask
        | OpKind::Reduction
        | OpKind::Loss => {
            let me = subject(narration, group, alone);
            let (n, layer) = (count(group.n_terms), link.name(narration));
            match group.only() {
                Some(term) => me
                    .say(" scales only ")
                    .then(narration.contributor(term))
                    .say("."),
                None => me.say(format!(
                    " scales {n} {layer} neurons, so it collects a term from each."
                )),
            }
        }
    }
}

fn of_wire(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let me = subject(narration, group, alone);
    let Some(term) = group.only() else {
        let n = group.n_terms;
        return me.say(format!(
            " is used {}, once for each row that comes in, and collects {} terms, one from each.",
            times(n),
            count(n)
        ));
    };
    let factor = term.contribution.factors.last();
    let source = factor.and_then(|factor| factor.source);
    let from = source.map_or_else(|| "its input".into(), |source| narration.name(source));
    let end = match alone {
        Alone::Yes => ", and that is its only use.",
        Alone::No => ".",
    };
    me.say(" is the weight on the wire from ")
        .then(from)
        .say(" to ")
        .then(narration.contributor(term))
        .say(end)
}

fn of_kernel(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let link = group.link;
    let me = subject(narration, group, alone);
    let (n, n_places) = (group.n_terms, n_uses(narration, link));
    let start = match group.only() {
        Some(term) if n_places <= 1 => {
            let end = match alone {
                Alone::Yes => " uses it, so there is nothing to add up.",
                Alone::No => " uses it.",
            };
            me.say(" is one weight of the kernel, and only ")
                .then(narration.contributor(term))
                .say(end)
        }
        _ => me.say(" is one weight of the kernel. "),
    };
    let place = form(n_places, "place", "places");
    let places = format!("The kernel works at {} {place}", count(n_places));
    match n_places.saturating_sub(n) {
        0 if n > 1 => start.say(format!(
            "{places}, so this one weight is used {} and collects {} terms, one from each place.",
            times(n),
            count(n)
        )),
        0 => start,
        n_padded => {
            let idle = link.phrases().idle_weight;
            let left = match n {
                1 => "one term is".to_owned(),
                _ => format!("{} terms are", count(n)),
            };
            let at = count(n_padded);
            start.say(format!(
                "{places}, but at {at} of them {idle}. So {left} left."
            ))
        }
    }
}

fn of_bias(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let me = subject(narration, group, alone);
    match group.only() {
        Some(term) => me
            .say(" is added to ")
            .then(narration.contributor(term))
            .say(if alone == Alone::Yes {
                " and to nothing else."
            } else {
                "."
            }),
        None => me.say(format!(
            " is added to {} {} neurons, so it collects from each of them.",
            count(group.n_terms),
            group.link.name(narration)
        )),
    }
}

/// At how many places a convolution's weight could be used: at all neurons of its output channel,
/// or of its input channel where the convolution is transposed.
fn n_uses(narration: Narration<'_>, link: Link<'_>) -> usize {
    let input = || {
        link.layer
            .inputs
            .first()
            .map_or(1, |&id| narration.backprop.tape().value(id).shape().numel())
    };
    let n_places = if link.kind.weighs_windows() {
        link.output_shape(narration).numel()
    } else {
        input()
    };
    match link.weight_shape(narration) {
        Some(weight) if link.has_channels(narration) => n_places / weight[0],
        _ => n_places,
    }
}
