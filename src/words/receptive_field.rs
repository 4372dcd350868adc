//! Who looks at a neuron, and who does not.

use super::narration::{Link, Narration};
use super::sections::Group;
use super::sentence::Sentence;
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

fn of_input(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let link = group.link;
    let layer = link.name(narration);
    let n = group.n_senders;
    let n_layer = link.output_shape(narration).numel();
    let me = narration.subject();
    let is_max_pool = link.layer.op.ties().is_some();
    if let Some(term) = group.only() {
        let contributor = narration.contributor(term);
        let nothing_to_add = alone == Alone::Yes && term.product != 0.0;
        match (position(narration, link), n_layer) {
            (Some(position), 2..) => me
                .say(format!(
                    " {position}, and only one of the {} {layer} neurons looks at it: ",
                    count(n_layer)
                ))
                .then(contributor)
                .say(format!(". {}", never_see(n_layer - 1, nothing_to_add))),
            _ if alone == Alone::Yes => {
                let end = if nothing_to_add && !is_max_pool {
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
    } else if n == 1 {
        let start = if alone == Alone::Yes {
            "Only ".into()
        } else {
            format!("In {layer}, only ")
        };
        Sentence::from(start)
            .then(
                group
                    .first()
                    .map_or(layer.into(), |term| narration.contributor(term)),
            )
            .say(" looks at ")
            .then(me)
            .say(format!(", and it reads it {}.", times(group.n_terms)))
    } else if is_max_pool {
        let start = Sentence::from(format!("{} {layer} windows hold ", count(n))).capitalised();
        start
            .then(me)
            .say(". It gets the gradients of those that it wins, added up.")
    } else if n == n_layer && n > 1 && link.kind.looks_through_windows() {
        let all = all(n);
        Sentence::from(format!("{all} {layer} neurons look at "))
            .capitalised()
            .then(me)
            .say(format!(", so it hears from {all}."))
    } else if n == n_layer && n > 1 {
        me.say(format!(
            " feeds {} {layer} neurons, so it hears from {}.",
            all(n),
            if n == 2 { "both".to_owned() } else { all(n) }
        ))
    } else if let Some(kin) = kin(link, n) {
        me.say(format!(" feeds {kin}, so it hears from {}.", all(n)))
    } else {
        let start = match position(narration, link) {
            Some(position) => me.say(format!(
                " {position}, and {} of the {} {layer} neurons look at it",
                count(n),
                count(n_layer)
            )),
            None => Sentence::from(format!(
                "{} of the {} {layer} neurons look at ",
                count(n),
                count(n_layer)
            ))
            .then(me)
            .capitalised(),
        };
        let places = channels(narration, link, n);
        start
            .say(places)
            .say(format!(". {}", never_see(n_layer - n, false)))
    }
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

fn of_weight(narration: Narration<'_>, group: &Group<'_>, alone: Alone) -> Sentence {
    let link = group.link;
    let me = subject(narration, group, alone);
    let only = |also: &'static str| if alone == Alone::Yes { also } else { "" };
    let layer = link.name(narration);
    let n = group.n_terms;
    match link.kind {
        OpKind::Linear => match group.only() {
            Some(term) => {
                let source = term
                    .contribution
                    .factors
                    .last()
                    .and_then(|factor| factor.source);
                let from =
                    source.map_or_else(|| "its input".into(), |source| narration.name(source));
                me.say(" is the weight on the wire from ")
                    .then(from)
                    .say(" to ")
                    .then(narration.contributor(term))
                    .say(only(", and that is its only use"))
                    .say(".")
            }
            None => me.say(format!(
                " is used {}, once for each row that comes in, and collects {} terms, one from \
                 each.",
                times(n),
                count(n)
            )),
        },
        OpKind::Convolution | OpKind::TransposedConvolution => {
            let n_places = n_uses(narration, link);
            let start = match group.only() {
                Some(term) if n_places <= 1 => me
                    .say(" is one weight of the kernel, and only ")
                    .then(narration.contributor(term))
                    .say(" uses it")
                    .say(only(", so there is nothing to add up"))
                    .say("."),
                _ => me.say(" is one weight of the kernel. "),
            };
            let places = format!(
                "The kernel works at {} \
                                  {}",
                count(n_places),
                form(n_places, "place", "places")
            );
            match n_places.saturating_sub(n) {
                0 if n > 1 => start.say(format!(
                    "{places}, so this one weight is used {} and collects {} terms, one from each \
                     place.",
                    times(n),
                    count(n)
                )),
                0 => start,
                n_padded => start.say(format!(
                    "{places}, but at {} of them {}. So {} left.",
                    count(n_padded),
                    link.phrases().idle_weight,
                    if n == 1 {
                        "one term is".to_owned()
                    } else {
                        format!("{} terms are", count(n))
                    }
                )),
            }
        }
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
        | OpKind::Loss => match group.only() {
            Some(term) => me
                .say(" scales only ")
                .then(narration.contributor(term))
                .say("."),
            None => me.say(format!(
                " scales {} {layer} neurons, so it collects a term from \
                                    each.",
                count(n)
            )),
        },
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
