//! What is said of the windows of max pooling: who won, by how much, and who takes the gradient
//! where several tie.

use super::narration::{Link, Narration};
use super::sections::{Group, Part};
use super::sentence::{Sentence, listed};
use super::term::Term;
use super::zero_reason::Zero;
use crate::ops::Ties;
use crate::tensor::Element;
use crate::tensor::numerals::{all, count, form, fraction, number};

/// What the subject sees in one window.
struct Window {
    /// How many neurons the window holds.
    n: usize,
    /// The largest value.
    best: f64,
    /// The neurons other than the subject that have it, in reading order; of NaNs the last, which
    /// wins, comes first.
    leaders: Vec<Element>,
    /// Of the neurons other than the subject, the largest below `best`.
    second: Option<Element>,
}

impl Window {
    fn of(narration: Narration<'_>, link: Link<'_>, output: usize) -> Self {
        let run = narration.backprop.layer_run(link.number);
        let input = run.input();
        let mut places = Vec::new();
        link.layer
            .op
            .receptive_field(&run, link.role, output, &mut |at| places.push(at));
        let value = |at: usize| input.value(at);
        // A NaN wins any window that it is in.
        let larger = |a: f64, b: f64| a > b || (a.is_nan() && !b.is_nan());
        let best = places
            .iter()
            .map(|&at| value(at))
            .reduce(|a, b| if larger(b, a) { b } else { a })
            .unwrap_or(f64::NAN);
        let others = || {
            places
                .iter()
                .copied()
                .filter(|&at| at != narration.subject.at)
        };
        let is_best = |at: usize| value(at) == best || (value(at).is_nan() && best.is_nan());
        let mut leaders: Vec<Element> = others()
            .filter(|&at| is_best(at))
            .map(|at| input.element(at))
            .collect();
        if best.is_nan() {
            leaders.reverse();
        }
        let second = others()
            .filter(|&at| !is_best(at))
            .reduce(|a, b| if larger(value(b), value(a)) { b } else { a });
        Self {
            n: places.len(),
            best,
            leaders,
            second: second.map(|at| input.element(at)),
        }
    }
}

/// Tells how the subject fared in the windows that hold it. Whoever opened the story has said how
/// many there are.
pub(super) fn tell(narration: Narration<'_>, group: &Group<'_>) -> Vec<Sentence> {
    let link = group.link;
    let mut sentences = Vec::new();
    match group.nonzero.only() {
        Some(term) => sentences.push(won(narration, link, term)),
        None if group.nonzero.n > 1 => sentences.push(won_several(narration, group)),
        None => {}
    }
    for (&why, part) in &group.zeros {
        sentences.push(match (why, part.only()) {
            (Zero::Lost, Some(term)) => lost(narration, link, term),
            (Zero::Lost, None) => lost_several(narration, link, part, group.n_terms),
            (_, Some(term)) => won_nothing(narration, term),
            (_, None) => Sentence::from(format!(
                "It wins {} more, but nothing arrives there.",
                windows(part.n)
            )),
        });
    }
    sentences
}

fn windows(n: usize) -> String {
    format!("{} {}", count(n), form(n, "window", "windows"))
}

fn ties(link: Link<'_>) -> Ties {
    link.layer.op.ties().unwrap_or_default()
}

/// Says that the subject won a window and what it gets for it.
pub(super) fn won(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let window = Window::of(narration, link, term.contribution.from.at);
    let (upstream, product) = (number(term.contribution.upstream), number(term.product));
    let me = narration.with_value(narration.subject);
    if !window.leaders.is_empty() && !window.best.is_nan() {
        let tied = me
            .say(" ties with ")
            .then(leaders(narration, &window))
            .say(" for the largest in ")
            .then(narration.contributor(term))
            .say("'s window. ");
        let share = term.contribution.local();
        return match ties(link) {
            Ties::First => tied
                .say("Someone has to get the gradient, and the rule here is \"first\": ")
                .then(narration.subject())
                .say(format!(
                    " comes first in reading order, so it takes all of it: {product}."
                )),
            Ties::Split => tied.say(format!(
                "The rule here is \"split\": the winners share the gradient evenly, so each gets \
                 {} of {upstream}: {product}.",
                fraction(share)
            )),
            Ties::All => tied.say(format!(
                "The rule here is \"all\": each of the winners gets all of the gradient, {product}."
            )),
        };
    }
    let ahead = match window.second {
        _ if window.best.is_nan() => {
            Sentence::from(" is not a number, which beats every number in ")
                .then(narration.contributor(term))
                .say("'s window")
        }
        _ if window.n == 1 => Sentence::from(" is alone in ")
            .then(narration.contributor(term))
            .say("'s window"),
        Some(second) => Sentence::from(" is the largest in ")
            .then(narration.contributor(term))
            .say("'s window, ahead of ")
            .then(narration.with_value(second)),
        None => Sentence::from(" is the largest in ")
            .then(narration.contributor(term))
            .say("'s window"),
    };
    me.then(ahead)
        .say(". The winner takes it all: ")
        .then(narration.contributor(term))
        .say(" just copies it, so all of its gradient goes to ")
        .then(narration.subject())
        .say(format!(": {product}."))
}

fn leaders(narration: Narration<'_>, window: &Window) -> Sentence {
    match window.leaders.as_slice() {
        few @ ([] | [_] | [_, _] | [_, _, _]) => {
            listed(few.iter().map(|&element| narration.name(element)))
        }
        many => Sentence::from(format!("{} others", count(many.len()))),
    }
}

fn won_nothing(narration: Narration<'_>, term: &Term) -> Sentence {
    narration
        .with_value(narration.subject)
        .say(" wins ")
        .then(narration.contributor(term))
        .say("'s window, but no gradient arrives at ")
        .then(narration.contributor(term))
        .say(", so the prize is 0.")
}

fn won_several(narration: Narration<'_>, group: &Group<'_>) -> Sentence {
    let (named, rest) = group.nonzero.named();
    let n = group.nonzero.n;
    let me = narration.with_value(narration.subject);
    let start = if n == group.n_terms {
        me.say(format!(" wins {}", all(n)))
    } else {
        me.say(format!(" wins {} of them", count(n)))
    };
    let whole = named.iter().all(|term| term.contribution.local() == 1.0);
    let how = if whole {
        ", and the winner takes it all: it gets "
    } else {
        ", sharing where there is a tie: it gets "
    };
    let prizes = named.iter().map(|term| {
        Sentence::from(format!("{} from ", number(term.product))).then(narration.contributor(term))
    });
    let others = rest.map(|(n, together)| {
        Sentence::from(format!(
            "{} in all from the other {}",
            number(together),
            count(n)
        ))
    });
    start.say(how).then(listed(prizes.chain(others))).say(".")
}

/// Says that the subject lost a window, to whom and by how much.
pub(super) fn lost(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let window = Window::of(narration, link, term.contribution.from.at);
    let Some(&leader) = window.leaders.first() else {
        return narration
            .contributor(term)
            .say(" sends nothing: ")
            .then(narration.subject())
            .say(" did not win its window.");
    };
    let own = narration.value(narration.subject);
    let me = narration.with_value(narration.subject);
    if own == window.best {
        return me
            .say(" ties with ")
            .then(leaders(narration, &window))
            .say(" for the largest in ")
            .then(narration.contributor(term))
            .say("'s window, but the rule here is \"first\": the first in reading order, ")
            .then(narration.name(leader))
            .say(", takes all, and the others get 0.");
    }
    if own.is_nan() {
        return me
            .say(" is not a number, and neither is ")
            .then(narration.name(leader))
            .say(": of these the last in reading order wins ")
            .then(narration.contributor(term))
            .say("'s window, and the others get 0.");
    }
    let by = window.best - own;
    let by = if by.is_finite() {
        format!(" by {}", number(by))
    } else {
        String::new()
    };
    Sentence::from("In ")
        .then(narration.contributor(term))
        .say("'s window, ")
        .then(me)
        .say(format!(" lost{by} to "))
        .then(narration.with_value(leader))
        .say(". A small nudge of a loser changes nothing, so it gets 0.")
}

/// By how much the subject lost a window and to whom: `lost by 3 to x[1,0]`.
pub(super) fn margin(narration: Narration<'_>, link: Link<'_>, term: &Term) -> String {
    let window = Window::of(narration, link, term.contribution.from.at);
    let Some(&leader) = window.leaders.first() else {
        return "lost".to_owned();
    };
    let by = window.best - narration.value(narration.subject);
    match by {
        0.0 => format!("lost the tie to {}", narration.name(leader)),
        _ if by.is_finite() => format!("lost by {} to {}", number(by), narration.name(leader)),
        _ => format!("lost to {}", narration.name(leader)),
    }
}

/// Says the same of several windows, by who won them.
fn lost_several(
    narration: Narration<'_>,
    link: Link<'_>,
    part: &Part,
    n_windows: usize,
) -> Sentence {
    let lost = if part.n == n_windows {
        all(part.n)
    } else {
        format!("{} of them", count(part.n))
    };
    let me = narration
        .with_value(narration.subject)
        .say(format!(" loses {lost}"));
    let (named, rest) = part.named();
    if rest.is_some() {
        return me.say(". A small nudge of a loser changes nothing there.");
    }
    let mut winners: Vec<(Element, Vec<&Term>)> = Vec::new();
    for term in named {
        let window = Window::of(narration, link, term.contribution.from.at);
        let Some(&leader) = window.leaders.first() else {
            continue;
        };
        match winners.iter_mut().find(|(winner, _)| *winner == leader) {
            Some((_, lost)) => lost.push(term),
            None => winners.push((leader, vec![term])),
        }
    }
    let own = narration.value(narration.subject);
    let losses = winners.into_iter().map(|(winner, lost)| {
        let tie = if narration.value(winner) == own {
            ", a tie that the first in reading order wins,"
        } else {
            ""
        };
        Sentence::from("to ")
            .then(narration.with_value(winner))
            .say(tie)
            .say(" in ")
            .then(listed(
                lost.into_iter().map(|term| narration.contributor(term)),
            ))
    });
    let losses: Vec<Sentence> = losses.collect();
    me.say(": ")
        .then(apart(losses))
        .say(". A small nudge of a loser changes nothing there.")
}

/// Lists parts that may hold lists themselves.
fn apart(parts: Vec<Sentence>) -> Sentence {
    if !parts.iter().any(|part| part.to_string().contains(" and ")) {
        return listed(parts);
    }
    parts
        .into_iter()
        .enumerate()
        .fold(Sentence::default(), |list, (number, part)| {
            list.say(if number == 0 { "" } else { "; " }).then(part)
        })
}
