//! What is said of activations and their slopes.

use super::number::number;
use super::outline::{Part, Term};
use super::sentence::{Sentence, listed};
use super::voice::{Link, Voice};
use crate::ops::{Activation, FactorKind, Family, Phrase, Slope};
use crate::tensor::Element;

/// The activation between the subject and a downstream neuron, where its input is known by which
/// name, and that input.
struct Place {
    activation: Activation,
    z: f64,
    /// The neuron that the activation reads, where the activation is a layer of its own.
    read: Option<Element>,
    slope: f64,
}

impl Place {
    fn of(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Option<Self> {
        let slope = term
            .contribution
            .factors
            .iter()
            .find(|factor| factor.kind == FactorKind::Slope)?
            .value;
        if let Family::Elementwise(activation) = link.family {
            return Some(Self {
                activation,
                z: voice.value(voice.subject),
                read: Some(voice.subject),
                slope,
            });
        }
        let z = voice.backprop.tape().preactivation(link.number)?.data()[term.contribution.from.at];
        Some(Self {
            activation: link.activation?,
            z,
            read: None,
            slope,
        })
    }

    /// `z = 0.4`, or `x[1] = 0.4`.
    fn point(&self, voice: Voice<'_>) -> Sentence {
        match self.read {
            Some(element) => voice.with_value(element),
            None => format!("z = {}", number(self.z)).into(),
        }
    }
}

/// Says what an activation layer of its own does to the gradient on its way back.
pub(super) fn one(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(voice, link, term) else {
        return Sentence::default();
    };
    let (title, contributor) = (place.activation.title(), voice.contributor(term));
    let equation = super::term::equation(link, term);
    if place.slope == 1.0 && place.activation.is_open_at_slope_one() {
        return Sentence::from(format!("The {title} is open: "))
            .then(place.point(voice))
            .say(" is above 0, where the slope is 1. So all of ")
            .then(contributor)
            .say(format!("'s gradient passes: {}.", number(term.product)));
    }
    let at = Sentence::from("At ").then(place.point(voice));
    let passes = Sentence::from("So ")
        .then(contributor)
        .say(format!(" passes on {equation}."));
    if place.slope.is_nan() {
        return at
            .say(format!(" the {title} has no slope: NaN. "))
            .then(passes);
    }
    match place.activation.on_slope(&Slope(place.slope)) {
        Phrase::At(phrase) => at.say(phrase),
        Phrase::Everywhere(phrase) => phrase.into(),
    }
    .say(" ")
    .then(passes)
}

/// Names the slope of a layer's own activation as a factor: `the slope of its sigmoid, 0.24 at z =
/// 0.4`.
pub(super) fn factor(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(voice, link, term) else {
        return "the slope".into();
    };
    let flat = if Slope(place.slope).is_nearly_flat() {
        "nearly flat "
    } else {
        ""
    };
    Sentence::from(format!(
        "the {flat}slope of its {} at ",
        place.activation.title()
    ))
    .then(place.point(voice))
}

/// Says that an activation is flat where it stands, so that nothing passes.
pub(super) fn flat(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(voice, link, term) else {
        return Sentence::default();
    };
    let (title, arrives) = (place.activation.title(), number(term.contribution.upstream));
    let why = if place.z.is_nan() {
        " is not a number, where its slope counts as 0"
    } else {
        place.activation.why_flat(place.z)
    };
    let closed = closed(place.activation);
    match place.read {
        Some(_) => Sentence::from(format!("The {title} is {closed}: "))
            .then(place.point(voice))
            .say(why)
            .say(". A small nudge of it changes nothing, so of ")
            .then(voice.contributor(term))
            .say(format!("'s gradient, {arrives}, nothing passes.")),
        None => voice
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
pub(super) fn flat_at(voice: Voice<'_>, link: Link<'_>, term: &Term) -> String {
    match Place::of(voice, link, term) {
        Some(place) => format!(
            "{} flat at {}",
            place.activation.title(),
            place.point(voice)
        ),
        None => "flat".to_owned(),
    }
}

/// Says of several neurons that their activation is flat.
pub(super) fn flat_several(
    voice: Voice<'_>,
    link: Link<'_>,
    part: &Part,
    sends: Sentence,
) -> Sentence {
    let title = link.activation.map_or("activation", |of| of.title());
    let closed = link.activation.map_or("flat", closed);
    let (named, rest) = part.named();
    let sends = sends.say(format!(": their {title}s are {closed}"));
    if rest.is_some() {
        return sends.say(".");
    }
    let points = named
        .iter()
        .filter_map(|term| Place::of(voice, link, term))
        .map(|place| place.point(voice));
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
