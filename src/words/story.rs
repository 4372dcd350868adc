//! The paragraph for a neuron: who looks at it, what each sends back and why, and the sum.

use super::number::{all, count, form, number, sum};
use super::outline::{Group, Term, groups};
use super::reach::{Alone, opening};
use super::sentence::{Sentence, Story, listed};
use super::voice::{Link, Voice};
use super::{coupled, pooling, term, zero};
use crate::ops::{Family, OperandRole};
use crate::tape::Kind;

/// Tells a neuron's step.
pub(super) fn tell(voice: Voice<'_>) -> Story {
    let groups = groups(voice);
    let given = voice.backprop.given(voice.subject);
    let mut sentences = Vec::new();
    sentences.extend(view(voice));
    if groups.is_empty() {
        sentences.extend(nothing_comes(voice, given));
        return Story { sentences };
    }
    if groups.len() > 1 {
        let names = listed(groups.iter().map(|group| group.link.name(voice).into()));
        let start =
            Sentence::from(format!("{} layers look at ", count(groups.len()))).capitalised();
        sentences.push(
            start
                .then(voice.subject())
                .say(": ")
                .then(names)
                .say(". What comes back through each of them is added."),
        );
    }
    let alone = if groups.len() == 1 && given.is_none_or(|given| given == 0.0) {
        Alone::Yes
    } else {
        Alone::No
    };
    for group in &groups {
        sentences.push(opening(voice, group, alone));
        sentences.extend(coupled::preamble(voice, group));
        sentences.extend(what_they_send(voice, group));
    }
    sentences.extend(silent(voice, &groups));
    sentences.extend(given.filter(|&given| given != 0.0).map(|given| {
        Sentence::from("Besides, ")
            .then(voice.subject())
            .say(format!(
                " is given a gradient of its own, {}.",
                number(given)
            ))
    }));
    sentences.extend(total(voice, &groups, given.unwrap_or(0.0)));
    Story {
        sentences: sentences
            .into_iter()
            .filter(|sentence| !sentence.is_empty())
            .collect(),
    }
}

/// Says of a neuron of a view whose neuron it really is.
fn view(voice: Voice<'_>) -> Option<Sentence> {
    let base = voice.network().base(voice.subject.tensor);
    (base != voice.subject.tensor).then(|| {
        let real = crate::tensor::Element {
            tensor: base,
            at: voice.subject.at,
        };
        let (own, all) = (
            voice.backprop.element(voice.subject),
            voice.backprop.element(real),
        );
        let same = voice
            .subject()
            .say(" is ")
            .then(voice.name(real))
            .say(" under another index: the same neuron");
        if own == all || (own.is_nan() && all.is_nan()) {
            same.say(", with the same gradient.")
        } else {
            same.say(format!(
                ". Here is what comes through this index; other ways bring more, {} in all.",
                number(all)
            ))
        }
    })
}

/// What is said where no term comes.
fn nothing_comes(voice: Voice<'_>, given: Option<f64>) -> Vec<Sentence> {
    let consumers = voice.network().consumers(voice.subject.tensor);
    let mut readers: Vec<usize> = consumers.iter().map(|consumer| consumer.layer).collect();
    readers.dedup();
    let output = |layer: &usize| voice.network().layers()[*layer].output;
    let name = |layer: &usize| Sentence::from(voice.network().tensor(output(layer)).name.as_str());
    let me = voice.subject();
    let reached = readers
        .iter()
        .any(|layer| voice.backprop.reaches(output(layer)));
    let mut sentences = Vec::new();
    match (given, readers.is_empty()) {
        (Some(given), true) => sentences.push(me.clone().say(format!(
            " is an output: nothing comes after it. Its gradient is given, {}, and backprop starts from there.",
            number(given)
        ))),
        (None, true) => sentences.push(match voice.network().tensor(voice.subject.tensor).kind {
            Kind::Layer(_) => me.clone().say(" is an output, but no gradient is given to it, so its gradient is 0."),
            Kind::Input | Kind::Parameter(_) => {
                me.clone().say(" is not used by any layer, so nothing depends on it: its gradient is 0.")
            }
        }),
        (_, false) if reached => {
            let names = listed(readers.iter().filter(|layer| voice.backprop.reaches(output(layer))).map(name));
            let weight = consumers.first().is_some_and(|consumer| consumer.role == OperandRole::Weight);
            let family = |layer: &usize| voice.network().layers()[*layer].op.family();
            let is_cut_off = readers.iter().all(|layer| family(layer) == Family::TransposedConvolution);
            sentences.push(if is_cut_off {
                Sentence::from("Whatever ")
                    .then(me.clone())
                    .say(" adds to ")
                    .then(names)
                    .say(" is cut off with the padding, so nothing comes back.")
            } else if weight {
                me.clone()
                    .say(" only ever lies on the padding, so ")
                    .then(names)
                    .say(" never weighs anything with it: nothing comes back.")
            } else {
                Sentence::from("No neuron of ")
                    .then(names)
                    .say(" looks at ")
                    .then(me.clone())
                    .say(": it falls between the windows, so nothing comes back.")
            });
        }
        (_, false) => {
            let names = listed(readers.iter().map(name));
            let depends = form(readers.len(), " does not matter", " do not matter");
            sentences.push(
                Sentence::from("No gradient reaches ")
                    .then(me.clone())
                    .say(": what becomes of it in ")
                    .then(names)
                    .say(depends)
                    .say(" to any output that has one."),
            );
        }
    }
    if !readers.is_empty() {
        sentences.push(match given {
            Some(given) if given != 0.0 => {
                Sentence::from("Only what the scenario gives it is there: ")
                    .then(me)
                    .say(format!(" has the gradient {}.", number(given)))
            }
            _ => Sentence::from("The gradient of ").then(me).say(" is 0."),
        });
    }
    sentences
}

/// Says which layers read the subject's tensor but send nothing: no gradient arrives there, or no
/// neuron of theirs looks at the subject.
fn silent(voice: Voice<'_>, groups: &[Group<'_>]) -> Option<Sentence> {
    let mut idle: Vec<Sentence> = Vec::new();
    let mut blind: Vec<Sentence> = Vec::new();
    let mut last = None;
    for consumer in voice.network().consumers(voice.subject.tensor) {
        let output = voice.network().layers()[consumer.layer].output;
        let name: Sentence = voice.network().tensor(output).name.as_str().into();
        if last.replace(output) == Some(output) {
            continue;
        }
        if !voice.backprop.reaches(output) {
            idle.push(name);
        } else if groups
            .iter()
            .all(|group| group.link.number != consumer.layer)
        {
            blind.push(name);
        }
    }
    let n_idle = idle.len();
    let idle = (n_idle > 0).then(|| {
        listed(idle)
            .say(form(n_idle, " looks", " look"))
            .say(" at it, too, but no gradient arrives there, so none comes back.")
    });
    let blind = (!blind.is_empty()).then(|| {
        Sentence::from("No neuron of ")
            .then(listed(blind))
            .say(" looks at it.")
    });
    match (idle, blind) {
        (Some(idle), Some(blind)) => Some(idle.say(" ").then(blind)),
        (idle, blind) => idle.or(blind),
    }
}

/// Says what the neurons of one layer send, and why.
fn what_they_send(voice: Voice<'_>, group: &Group<'_>) -> Vec<Sentence> {
    let link = group.link;
    if matches!(link.family, Family::MaxPool(_)) {
        return pooling::tell(voice, group);
    }
    let mut sentences = Vec::new();
    match group.nonzero.only() {
        Some(only) => sentences.push(term::one(voice, link, only)),
        None if group.nonzero.n > 1 => sentences.extend(several(voice, group)),
        None => {}
    }
    for (&why, part) in &group.zeros {
        let others = !sentences.is_empty();
        sentences.push(match part.only() {
            Some(term) => zero::one(voice, link, term, why),
            None => zero::several(voice, link, part, why, others),
        });
    }
    sentences
}

/// Says what several neurons send that is not zero.
fn several(voice: Voice<'_>, group: &Group<'_>) -> Vec<Sentence> {
    let link = group.link;
    let (named, rest) = group.nonzero.named();
    let factors = rule(voice, link, named);
    let passes_as_is = factors.is_none();
    let one_sender = group.n_senders == 1;
    let each = if one_sender {
        "Each time it sends its own gradient"
    } else {
        "Each sends its own gradient"
    };
    let rule = match factors {
        _ if one_sender && link.family == Family::Sub => {
            "It sends its own gradient once as it is and once with the opposite sign".into()
        }
        _ if one_sender && link.family == Family::Div => {
            "It sends its own gradient once to the numerator and once to the denominator".into()
        }
        Some(factors) => Sentence::from(each).say(" times ").then(factors),
        None => Sentence::from(each).say(" as it is"),
    };
    let terms = named.iter().map(|one| {
        let sends = if one_sender {
            Sentence::default()
        } else {
            voice.contributor(one).say(" sends ")
        };
        if passes_as_is {
            sends.say(number(one.product))
        } else {
            sends.say(term::equation(link, one))
        }
    });
    let mut sentences = vec![match rest {
        None => rule.say(": ").then(list_of(terms)).say("."),
        Some((n, together)) => rule
            .say(". The largest three: ")
            .then(list_of(terms))
            .say(format!(
                "; and {} more, together {}.",
                count(n),
                number(together)
            )),
    }];
    if let Some(activation) = link
        .activation
        .filter(|&activation| group.open && activation.is_open_at_slope_one())
    {
        let n = group.nonzero.n;
        let who = if group.zeros.is_empty() {
            all(n)
        } else {
            "their".to_owned()
        };
        let name = activation.title();
        sentences.push(
            Sentence::from(format!(
                "{who} {name}s are open (slope 1), so nothing is lost there."
            ))
            .capitalised(),
        );
    }
    sentences
}

/// Equations that have commas in them are kept apart by semicolons.
fn list_of(terms: impl Iterator<Item = Sentence>) -> Sentence {
    let terms: Vec<Sentence> = terms.collect();
    if terms
        .iter()
        .all(|term| !term.to_string().contains(", about"))
    {
        return listed(terms);
    }
    terms
        .into_iter()
        .enumerate()
        .fold(Sentence::default(), |list, (number, term)| {
            list.say(if number == 0 { "" } else { "; " }).then(term)
        })
}

/// What each gradient is multiplied by: `the slope of its sigmoid times the weight on the wire`.
fn rule(voice: Voice<'_>, link: Link<'_>, named: &[Term]) -> Option<Sentence> {
    let n_shown = |term: &&Term| {
        term.contribution
            .factors
            .iter()
            .filter(|factor| term::is_shown(link, factor))
            .count()
    };
    let most = named.iter().max_by_key(n_shown)?;
    let factors = most
        .contribution
        .factors
        .iter()
        .filter_map(|factor| term::generic(voice, link, most, factor));
    factors.reduce(|said, factor| said.say(" times ").then(factor))
}

/// Says what all that makes, and why it is a sum.
fn total(voice: Voice<'_>, groups: &[Group<'_>], given: f64) -> Option<Sentence> {
    let gradient = voice.backprop.element(voice.subject);
    let n_terms: usize = groups.iter().map(|group| group.n_terms).sum();
    if n_terms == 1 && given == 0.0 {
        return None;
    }
    let mut amounts: Vec<f64> = if let [group] = groups {
        group.nonzero.amounts()
    } else {
        groups
            .iter()
            .map(|group| group.total)
            .filter(|&total| total != 0.0)
            .collect()
    };
    if given != 0.0 {
        amounts.push(given);
    }
    let me = voice.subject();
    if !gradient.is_finite() {
        let gradient = number(gradient);
        let start = match amounts.iter().find(|amount| !amount.is_finite()) {
            Some(&culprit) => format!("With {} among them, the sum for ", number(culprit)),
            None => "Together they are too large for any number, so the sum for ".to_owned(),
        };
        return Some(
            Sentence::from(start)
                .then(me)
                .say(format!(" is {gradient}.")),
        );
    }
    Some(match amounts.as_slice() {
        [] => Sentence::from("So nothing arrives: the gradient of ")
            .then(me)
            .say(" is 0."),
        [_] => Sentence::from(format!("So {} is all that arrives at ", number(gradient)))
            .then(me)
            .say("."),
        _ => why(voice, groups, given)
            .say(sum(&amounts, gradient))
            .say("."),
    })
}

fn why(voice: Voice<'_>, groups: &[Group<'_>], given: f64) -> Sentence {
    let [group] = groups else {
        let through = |group: &Group<'_>| {
            format!("{} through {}", number(group.total), group.link.name(voice)).into()
        };
        let own = (given != 0.0).then(|| format!("{} that is given", number(given)).into());
        let parts = listed(groups.iter().map(through).chain(own));
        return voice
            .subject()
            .say(" gets ")
            .then(parts)
            .say(". All of it adds up: ");
    };
    if given != 0.0 {
        return "All of it is added: ".into();
    }
    let me = voice.subject();
    match group.link.role {
        OperandRole::Weight | OperandRole::Bias => Sentence::from(
            "A nudge of this one number is felt in all of them at once, and the effects add up: ",
        ),
        OperandRole::Input(_) if group.n_senders == 1 => {
            Sentence::from("Every reading counts, so they add up: ")
        }
        OperandRole::Input(_) => {
            let moves = match group.nonzero.n {
                n if n == group.n_terms => all(n),
                n => format!("these {}", count(n)),
            };
            let family = group.link.family;
            let never = if matches!(family, Family::Convolution) {
                " (they never multiply)"
            } else {
                ""
            };
            Sentence::from("A nudge of ").then(me).say(format!(
                " moves {moves} at once, and the effects add up{never}: "
            ))
        }
    }
}
