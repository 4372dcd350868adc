//! What is said of activations and their slopes.

use super::factor;
use super::narration::{Link, Narration};
use super::sections::Part;
use super::sentence::{Sentence, listed};
use super::term::Term;
use crate::ops::{Activation, Factor, FactorKind, Slope};
use crate::tensor::Element;
use crate::tensor::numerals::number;

/// The activation between the subject and a downstream neuron, where its input is known by which
/// name, and that input.
struct Place {
    activation: Activation,
    z: f64,
    /// The neuron that the activation reads, where the activation is a layer of its own.
    read: Option<Element>,
    /// What people call the activation.
    title: &'static str,
    slope: f64,
    /// The weight that is the slope, where one is.
    weight: Option<Element>,
}

impl Place {
    fn of(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Option<Self> {
        let mut factors = term.contribution.factors.iter();
        let &Factor {
            value: slope,
            source: weight,
            ..
        } = factors.find(|factor| factor.kind == FactorKind::Slope)?;
        let run = narration.backprop.layer_run(link.number);
        if let Some(activation) = link.layer.op.function_at(&run, narration.subject.at) {
            let own = Some(link.phrases().function).filter(|own| !own.is_empty());
            return Some(Self {
                title: own.unwrap_or(activation.title()),
                activation,
                z: narration.value(narration.subject),
                read: Some(narration.subject),
                slope,
                weight,
            });
        }
        let z =
            narration.backprop.tape().preactivation(link.number)?.data()[term.contribution.from.at];
        let activation = link.activation?;
        Some(Self {
            title: activation.title(),
            activation,
            z,
            read: None,
            slope,
            weight,
        })
    }

    /// `z = 0.4`, or `x[1] = 0.4`.
    fn point(&self, narration: Narration<'_>) -> Sentence {
        match self.read {
            Some(element) => narration.with_value(element),
            None => format!("z = {}", number(self.z)).into(),
        }
    }

    /// `0.4`, or `its weight, p.weight[0] = 0.4`.
    fn slope(&self, narration: Narration<'_>) -> Sentence {
        match self.weight {
            Some(weight) => Sentence::from("its weight, ").then(narration.with_value(weight)),
            None => Slope(self.slope).to_string().into(),
        }
    }
}

/// Says what an activation layer of its own does to the gradient on its way back; nothing of any
/// other term.
pub(super) fn one(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Option<Sentence> {
    let place = Place::of(narration, link, term).filter(|place| place.read.is_some())?;
    let (title, contributor) = (place.title, narration.contributor(term));
    let equation = factor::equation(link, term);
    let is_open = place.slope == 1.0 && place.activation.is_open_at_slope_one();
    if let Some(open) = place.activation.where_open(place.z).filter(|_| is_open) {
        return Some(
            Sentence::from(format!("The {title} is open: "))
                .then(place.point(narration))
                .say(open)
                .say(", where the slope is 1. So all of ")
                .then(contributor)
                .say(format!("'s gradient passes: {}.", number(term.product))),
        );
    }
    let words = if place.slope.is_nan() {
        format!("At {{point}} the {title} has no slope: NaN.")
    } else if place.z.is_nan() {
        let slope = number(place.slope);
        format!("{{point}} is not a number, where the {title}'s slope counts as {slope}.")
    } else if place.slope == 0.0 {
        format!(
            "The {title} is flat: {{point}}{}.",
            place.activation.why_flat(place.z)
        )
    } else {
        place.activation.on_slope(Slope(place.slope))
    };
    let said = narration.fill(&words, |name| match name {
        "point" => Some(place.point(narration)),
        "function" => Some(title.into()),
        "slope" => Some(place.slope(narration)),
        _ => None,
    });
    Some(
        said.say(" So ")
            .then(contributor)
            .say(format!(" passes on {equation}.")),
    )
}

/// Names the slope of a layer's own activation as a factor: `the slope of its sigmoid, 0.24 at z =
/// 0.4`.
pub(super) fn factor(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(narration, link, term) else {
        return "the slope".into();
    };
    let flat = if Slope(place.slope).is_nearly_flat() {
        "nearly flat "
    } else {
        ""
    };
    Sentence::from(format!("the {flat}slope of its {} at ", place.title))
        .then(place.point(narration))
}

/// Says that an activation is flat where it stands, so that nothing passes.
pub(super) fn flat(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(narration, link, term) else {
        return Sentence::default();
    };
    let (title, arrives) = (place.title, number(term.contribution.upstream));
    let why = if place.z.is_nan() {
        " is not a number, where its slope counts as 0".to_owned()
    } else {
        place.activation.why_flat(place.z)
    };
    let closed = closed(place.activation);
    match place.read {
        Some(_) => Sentence::from(format!("The {title} is {closed}: "))
            .then(place.point(narration))
            .say(why)
            .say(". A small nudge of it changes nothing, so of ")
            .then(narration.contributor(term))
            .say(format!("'s gradient, {arrives}, nothing passes.")),
        None => narration
            .contributor(term)
            .say(format!(
                " sends nothing: its {title} is {closed} (z = {}",
                number(place.z)
            ))
            .say(why)
            .say(format!("), so its {arrives} goes no further.")),
    }
}

/// Where an activation is flat: `ReLU flat at z = −0.2`.
pub(super) fn flat_at(narration: Narration<'_>, link: Link<'_>, term: &Term) -> String {
    match Place::of(narration, link, term) {
        Some(place) => format!("{} flat at {}", place.title, place.point(narration)),
        None => "flat".to_owned(),
    }
}

/// Says of several neurons that their activation is flat.
pub(super) fn flat_several(
    narration: Narration<'_>,
    link: Link<'_>,
    part: &Part,
    sends: Sentence,
) -> Sentence {
    let title = link.title();
    let closed = link.activation.map_or("flat", closed);
    let (named, rest) = part.named();
    let sends = sends.say(format!(": their {title}s are {closed}"));
    if rest.is_some() {
        return sends.say(".");
    }
    let points = named
        .iter()
        .filter_map(|term| Place::of(narration, link, term))
        .map(|place| place.point(narration));
    sends.say(" (").then(listed(points)).say(").")
}

/// What people call a function where its slope is 0.
fn closed(activation: Activation) -> &'static str {
    if activation.is_gate() {
        "closed"
    } else {
        "flat"
    }
}
