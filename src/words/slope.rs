//! What is said of activations and their slopes.

use super::number::number;
use super::outline::{Part, Term};
use super::sentence::{Sentence, listed};
use super::voice::{Link, Voice};
use crate::ops::{Activation, FactorKind, Family};
use crate::tensor::Element;

/// What people call an activation.
pub(crate) fn name(activation: Activation) -> &'static str {
    match activation {
        Activation::Relu => "ReLU",
        Activation::LeakyRelu { .. } => "leaky ReLU",
        Activation::Elu { .. } => "ELU",
        Activation::Sigmoid => "sigmoid",
        Activation::Tanh => "tanh",
        Activation::Gelu { .. } => "GELU",
        Activation::Silu => "SiLU",
        Activation::Softplus { .. } => "softplus",
        Activation::Exp => "exp",
        Activation::Log => "logarithm",
        Activation::Sqrt => "square root",
        Activation::Pow { .. } => "power",
        Activation::Abs => "absolute value",
        Activation::Neg => "negation",
    }
}

/// Whether a slope of 1 means that the function is the identity there, so that it needs no words.
pub(super) fn is_straight(activation: Activation) -> bool {
    matches!(
        activation,
        Activation::Relu | Activation::LeakyRelu { .. } | Activation::Elu { .. }
    )
}

/// A slope below this is called nearly flat.
const NEARLY_FLAT: f64 = 0.02;

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
    let (name, contributor) = (name(place.activation), voice.contributor(term));
    let equation = super::term::equation(link, term);
    if place.slope == 1.0 && is_straight(place.activation) {
        return Sentence::from(format!("The {name} is open: "))
            .then(place.point(voice))
            .say(" is above 0, where the slope is 1. So all of ")
            .then(contributor)
            .say(format!("'s gradient passes: {}.", number(term.product)));
    }
    let at = Sentence::from("At ").then(place.point(voice));
    let passes = Sentence::from("So ")
        .then(contributor)
        .say(format!(" passes on {equation}."));
    let slope = number(place.slope);
    let flat = place.slope.abs() < NEARLY_FLAT;
    let only = if flat { "only " } else { "" };
    match place.activation {
        _ if place.slope.is_nan() => at.say(format!(" the {name} has no slope: NaN. ")),
        Activation::LeakyRelu { .. } => at.say(format!(", not above 0, the {name}'s slope is {only}{slope}. ")),
        Activation::Sigmoid | Activation::Tanh if flat => {
            at.say(format!(" the {name} is nearly flat (saturated): its slope is only {slope}. "))
        }
        Activation::Sigmoid if place.slope == 0.25 => at.say(" the sigmoid is steepest, and even there its slope is only 0.25. "),
        Activation::Tanh if place.slope == 1.0 => at.say(" the tanh is steepest: its slope is 1. "),
        Activation::Sigmoid => at.say(format!(" the sigmoid's slope is {slope}, and 0.25 is the most it can be. ")),
        Activation::Tanh => at.say(format!(" the tanh's slope is {slope}, and 1 is the most it can be. ")),
        Activation::Exp => at.say(format!(" the slope of exp is exp itself: {only}{slope}. ")),
        Activation::Log => at.say(format!(" the logarithm's slope is one over it: {only}{slope}. ")),
        Activation::Sqrt => at.say(format!(" the slope of the square root is one over twice the root: {only}{slope}. ")),
        Activation::Pow { exponent } => at.say(format!(
            " the slope of the power is the exponent, {}, times the power that is one lower: {only}{slope}. ",
            number(exponent)
        )),
        Activation::Abs => {
            let way = if place.slope > 0.0 { "rises" } else { "falls" };
            at.say(format!(" the absolute value {way} with it: its slope is {slope}. "))
        }
        Activation::Neg => Sentence::from(format!("A negation turns the sign: its slope is {slope} everywhere. ")),
        _ => at.say(format!(" the {name}'s slope is {only}{slope}. ")),
    }
    .then(passes)
}

/// Names the slope of a layer's own activation as a factor: `the slope of its sigmoid, 0.24 at z =
/// 0.4`.
pub(super) fn factor(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(voice, link, term) else {
        return "the slope".into();
    };
    let flat = if place.slope.abs() < NEARLY_FLAT {
        "nearly flat "
    } else {
        ""
    };
    Sentence::from(format!(
        "the {flat}slope of its {} at ",
        name(place.activation)
    ))
    .then(place.point(voice))
}

/// Says that an activation is flat where it stands, so that nothing passes.
pub(super) fn flat(voice: Voice<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let Some(place) = Place::of(voice, link, term) else {
        return Sentence::default();
    };
    let (name, arrives) = (name(place.activation), number(term.contribution.upstream));
    let why = match (place.activation, place.z == 0.0) {
        _ if place.z.is_nan() => " is not a number, where its slope counts as 0",
        (Activation::Relu | Activation::Abs, true) => " is exactly 0, where its slope counts as 0",
        (Activation::Pow { exponent: 0.0 }, _) => {
            " may be what it will, for the exponent is 0 and the power always 1"
        }
        (Activation::Pow { .. }, true) => " is exactly 0, where its slope is 0",
        (Activation::Relu, false) => " is below 0, where its slope is 0",
        _ => " is so far out that its slope is 0",
    };
    let closed = if place.activation == Activation::Relu {
        "closed"
    } else {
        "flat"
    };
    match place.read {
        Some(_) => Sentence::from(format!("The {name} is {closed}: "))
            .then(place.point(voice))
            .say(why)
            .say(". A small nudge of it changes nothing, so of ")
            .then(voice.contributor(term))
            .say(format!("'s gradient, {arrives}, nothing passes.")),
        None => voice
            .contributor(term)
            .say(format!(
                " sends nothing: its {name} is {closed} (z = {}",
                number(place.z)
            ))
            .say(why)
            .say(format!("), so its {arrives} goes no further.")),
    }
}

/// Where an activation is flat: `ReLU flat at z = −0.2`.
pub(super) fn flat_at(voice: Voice<'_>, link: Link<'_>, term: &Term) -> String {
    match Place::of(voice, link, term) {
        Some(place) => format!("{} flat at {}", name(place.activation), place.point(voice)),
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
    let activation = link.activation.map_or("activation", name);
    let closed = if link.activation == Some(Activation::Relu) {
        "closed"
    } else {
        "flat"
    };
    let (named, rest) = part.named();
    let sends = sends.say(format!(": their {activation}s are {closed}"));
    if rest.is_some() {
        return sends.say(".");
    }
    let points = named
        .iter()
        .filter_map(|term| Place::of(voice, link, term))
        .map(|place| place.point(voice));
    sends.say(" (").then(listed(points)).say(").")
}
