//! What nudging a neuron has shown of its gradient.

use super::narration::Narration;
use super::sentence::{Sentence, listed};
use crate::backprop::{Backprop, Check, Kink, KinkOf, Verdict};
use crate::ops::Ties;
use crate::tensor::Element;
use crate::tensor::numerals::{count, number};

/// The most outputs that the loss is written out for.
const MOST_WRITTEN: usize = 4;
/// How near a slope has to be to be called the same.
const NEAR: f64 = 1e-6;

/// Says what is nudged and measured: the loss whose gradients at the outputs are those that are
/// given.
pub fn loss(backprop: &Backprop) -> Sentence {
    let narration = |subject| Narration { backprop, subject };
    let given = backprop.upstream().iter().flat_map(|(&tensor, given)| {
        given
            .data()
            .iter()
            .enumerate()
            .map(move |(at, &given)| (Element { tensor, at }, given))
    });
    let given: Vec<(Element, f64)> = given.filter(|&(_, given)| given != 0.0).collect();
    match given.as_slice() {
        [(only, 1.0)] => Sentence::from("The loss is ")
            .then(narration(*only).subject())
            .say("."),
        few if !few.is_empty() && few.len() <= MOST_WRITTEN => {
            let sum = few.iter().enumerate().fold(
                Sentence::from("The loss is "),
                |sum, (place, &(element, given))| {
                    let sign = match (place, given < 0.0) {
                        (0, true) => "−",
                        (0, false) => "",
                        (_, true) => " − ",
                        (_, false) => " + ",
                    };
                    sum.say(format!("{sign}{} × ", number(given.abs())))
                        .then(narration(element).subject())
                },
            );
            sum.say(": every given gradient times its output, added.")
        }
        many => format!(
            "The loss is every given gradient times its output, {} products added.",
            count(many.len())
        )
        .into(),
    }
}

/// Says which kink a neuron's nudge has met.
pub fn kink(backprop: &Backprop, kink: Kink) -> Sentence {
    let place = Narration {
        backprop,
        subject: kink.element,
    }
    .subject();
    match kink.of {
        KinkOf::Window(_) => Sentence::from("a tie in the window of ").then(place),
        KinkOf::Function(name) => Sentence::from(format!("the {name} of "))
            .then(place)
            .say(" is at its bend"),
        KinkOf::Other => place.say(" is at a bend"),
    }
}

/// Says what the nudges of a neuron show, in a few sentences.
pub fn nudges(backprop: &Backprop, check: &Check) -> Vec<Sentence> {
    let narration = Narration {
        backprop,
        subject: check.element,
    };
    let me = || narration.subject();
    let gradient = number(check.gradient);
    let moves = || {
        let times = format!(" moves the loss {} times as far", number(check.quotient));
        Sentence::from("A small nudge of ").then(me()).say(times)
    };
    match check.verdict {
        Verdict::Right if check.gradient == 0.0 => {
            vec![
                Sentence::from("A small nudge of ")
                    .then(me())
                    .say(" does not move the loss, and backprop says the same: 0."),
            ]
        }
        Verdict::Right => vec![moves().say(", and backprop says the same.")],
        Verdict::Wrong => vec![moves().say(format!(", but backprop says {gradient}."))],
        Verdict::NotFinite if check.losses[1].is_finite() => {
            let says =
                "The loss is not finite right beside it, so it has no slope to compare with.";
            vec![says.into()]
        }
        Verdict::NotFinite => {
            vec!["The loss is not finite there, so it has no slope to compare with.".into()]
        }
        Verdict::Unmeasurable => {
            let says = "The loss is too steep there, or rounded too coarsely, for a nudge to show \
                        its slope.";
            vec![says.into()]
        }
        Verdict::Immovable => {
            let value = number(narration.value(check.element));
            let says = format!(" is {value}, which no nudge moves, so no slope can be measured.");
            vec![me().say(says)]
        }
        Verdict::Kink(met) => {
            let [below, above] = check.sides.map(number);
            vec![
                Sentence::from("Here is a kink: ")
                    .then(kink(backprop, met))
                    .say(format!(", {}.", no_slope(check))),
                moved(narration, met),
                Sentence::from(format!(
                    "A little lower the loss has the slope {below}, a little higher {above}."
                )),
                convention(check, met).into(),
            ]
        }
    }
}

/// Why a gradient cannot be held against a slope at a kink.
pub fn no_slope(check: &Check) -> &'static str {
    let [below, above] = check.sides;
    let is_one = (above - below).abs() <= NEAR * below.abs().max(1.0);
    if is_one {
        "and another kink makes up for it: what their rules choose need not be the slope"
    } else {
        "so there is no one slope"
    }
}

/// Says what a nudge to either side does at the kink.
fn moved(narration: Narration<'_>, met: Kink) -> Sentence {
    match met.of {
        KinkOf::Window(_) => {}
        KinkOf::Function(_) | KinkOf::Other => return Sentence::default(),
    }
    let is_in_window = narration
        .backprop
        .tape()
        .path(narration.subject, met.element)
        .is_direct;
    if !is_in_window {
        return Sentence::from("Moving ")
            .then(narration.subject())
            .say(" makes another neuron the winner there.");
    }
    let value = narration.value(narration.subject);
    let path = |other: Element| narration.backprop.tape().path(other, met.element).is_direct;
    let shape = narration
        .backprop
        .tape()
        .value(narration.subject.tensor)
        .shape();
    let rivals = (0..shape.numel()).map(|at| Element {
        tensor: narration.subject.tensor,
        at,
    });
    let rivals = rivals
        .filter(|&other| {
            other != narration.subject && narration.value(other) == value && path(other)
        })
        .take(3);
    Sentence::from("Moved up, ")
        .then(narration.subject())
        .say(" wins the window alone; moved down, it loses it to ")
        .then(listed(rivals.map(|rival| narration.name(rival))))
        .say(".")
}

/// Says which of the two slopes backprop takes.
fn convention(check: &Check, met: Kink) -> String {
    if check.gradient.is_nan() {
        return "Backprop has no number for it: NaN.".to_owned();
    }
    let [below, above] = check.sides;
    let is_near = |slope: f64| (slope - check.gradient).abs() <= NEAR * slope.abs().max(1.0) * 10.0;
    let gradient = number(check.gradient);
    let takes = match (is_near(below), is_near(above)) {
        (true, true) => format!("either slope, {gradient}"),
        (true, false) => format!("the slope below, {gradient}"),
        (false, true) => format!("the slope above, {gradient}"),
        (false, false) => format!("neither slope but {gradient}"),
    };
    match met.of {
        KinkOf::Window(ties) => {
            let rule = match ties {
                Ties::First => "the first in reading order takes all",
                Ties::Split => "those that tie share evenly",
                Ties::All => "each that ties takes all",
            };
            format!(
                "By the rule \"{}\" ({rule}) backprop takes {takes}.",
                ties.name()
            )
        }
        KinkOf::Function(_) | KinkOf::Other => format!("By convention backprop takes {takes}."),
    }
}
