//! The paragraph for a neuron: who looks at it, what each sends back and why, and the sum.

use std::collections::HashSet;

use super::cancellation::cancellation;
use super::narration::{Link, Narration};
use super::receptive_field::{Alone, opening};
use super::sections::{Group, groups};
use super::sentence::{Paragraph, Sentence, listed};
use super::term::Term;
use super::{factor, one_term, pooling, preamble, precision, update, zero_sentences};
use crate::backprop::Backprop;
use crate::ops::OperandRole;
use crate::tape::Kind;
use crate::tensor::Element;
use crate::tensor::numerals::{all, apart, count, form, number, sum_beside};

/// Returns the paragraph for a neuron: who looks at it, what each sends back and why, and the sum.
///
/// It takes one walk over the neuron's terms and stays short however many there are.
pub fn step(backprop: &Backprop, element: Element) -> Paragraph {
    if let Kind::Updated(parameter) = backprop.network().tensor(element.tensor).kind {
        return update::step(backprop, parameter, element);
    }
    let narration = Narration {
        backprop,
        subject: element,
    };
    let groups = groups(narration);
    let given = narration.backprop.given(narration.subject);
    let mut sentences = Vec::new();
    sentences.extend(view(narration));
    if groups.is_empty() {
        sentences.extend(nothing_comes(narration, given));
        return Paragraph { sentences };
    }
    if groups.len() > 1 {
        sentences.push(several_ways(narration, &groups));
    }
    let alone = if groups.len() == 1 && given.is_none_or(|given| given == 0.0) {
        Alone::Yes
    } else {
        Alone::No
    };
    for group in &groups {
        sentences.push(opening(narration, group, alone));
        sentences.extend(preamble::preamble(narration, group));
        sentences.extend(what_they_send(narration, group));
    }
    sentences.extend(silent(narration, &groups));
    sentences.extend(given.filter(|&given| given != 0.0).map(|given| {
        Sentence::from("Besides, ")
            .then(narration.subject())
            .say(format!(
                " is given a gradient of its own, {}.",
                number(given)
            ))
    }));
    sentences.extend(total(narration, &groups, given.unwrap_or(0.0)));
    sentences.extend(cancellation(narration, &groups, given.unwrap_or(0.0)));
    sentences.extend(precision::rounded_sum(narration, &groups));
    Paragraph {
        sentences: sentences
            .into_iter()
            .filter(|sentence| !sentence.is_empty())
            .collect(),
    }
}

/// Says that several layers look at the subject, and that all that they send is added.
fn several_ways(narration: Narration<'_>, groups: &[Group<'_>]) -> Sentence {
    let names = listed(groups.iter().map(|group| group.link.name(narration).into()));
    let (look_at, so) = match narration.network().tensor(narration.subject.tensor).kind {
        Kind::Parameter(_) => ("use", "It is one number, so what comes back from each use"),
        Kind::Input | Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {
            ("look at", "What comes back through each of them")
        }
    };
    Sentence::from(format!("{} layers {look_at} ", count(groups.len())))
        .capitalised()
        .then(narration.subject())
        .say(": ")
        .then(names)
        .say(format!(". {so} is added."))
}

/// Says of a neuron of a view whose neuron it really is.
fn view(narration: Narration<'_>) -> Option<Sentence> {
    let base = narration.network().base(narration.subject.tensor);
    (base != narration.subject.tensor).then(|| {
        let real = Element {
            tensor: base,
            at: narration.subject.at,
        };
        let (own, all) = (
            narration.backprop.element(narration.subject),
            narration.backprop.element(real),
        );
        let same = narration
            .subject()
            .say(" is ")
            .then(narration.name(real))
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
fn nothing_comes(narration: Narration<'_>, given: Option<f64>) -> Vec<Sentence> {
    let consumers = narration.network().consumers(narration.subject.tensor);
    let mut readers: Vec<usize> = consumers.iter().map(|consumer| consumer.layer).collect();
    readers.dedup();
    if readers.is_empty() {
        return vec![unread(narration, given)];
    }
    let reached = readers.iter().copied().filter(|&layer| {
        let output = narration.network().layer(layer).output;
        narration.backprop.reaches(output)
    });
    let reached: Vec<usize> = reached.collect();
    let why = if reached.is_empty() {
        let depends = form(readers.len(), " does not matter", " do not matter");
        Sentence::from("No gradient reaches ")
            .then(narration.subject())
            .say(": what becomes of it in ")
            .then(layers(narration, &readers))
            .say(depends)
            .say(" to any output that has one.")
    } else {
        unheard(narration, &readers, &reached)
    };
    let gradient = match given {
        Some(given) if given != 0.0 => Sentence::from("Only what the scenario gives it is there: ")
            .then(narration.subject())
            .say(format!(" has the gradient {}.", number(given))),
        _ => Sentence::from("The gradient of ")
            .then(narration.subject())
            .say(" is 0."),
    };
    vec![why, gradient]
}

/// The names of layers, with commas between.
fn layers(narration: Narration<'_>, numbers: &[usize]) -> Sentence {
    let network = narration.network();
    let output = |&number: &usize| network.layer(number).output;
    let name = |number| Sentence::from(network.tensor(output(number)).name.as_str());
    listed(numbers.iter().map(name))
}

/// What is said of a tensor that no layer reads.
fn unread(narration: Narration<'_>, given: Option<f64>) -> Sentence {
    let kind = narration.network().tensor(narration.subject.tensor).kind;
    narration.subject().say(match (given, kind) {
        (Some(given), _) => format!(
            " is an output: nothing comes after it. Its gradient is given, {}, and backprop starts \
             from there.",
            number(given)
        ),
        (None, Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_)) => {
            " is an output, but no gradient is given to it, so its gradient is 0.".to_owned()
        }
        (None, Kind::Input | Kind::Parameter(_)) => {
            " is not used by any layer, so nothing depends on it: its gradient is 0.".to_owned()
        }
    })
}

/// Why none of the layers that read the subject's tensor hears of the subject, though gradients
/// reach some of them.
fn unheard(narration: Narration<'_>, readers: &[usize], reached: &[usize]) -> Sentence {
    let network = narration.network();
    let names = layers(narration, reached);
    let own = |layer: usize| network.layer(layer).op.phrases().unheard;
    let first = own(readers[0]);
    if !first.is_empty() && readers.iter().all(|&layer| own(layer) == first) {
        return narration.fill(first, |place| (place == "layers").then(|| names.clone()));
    }
    let mut consumers = network.consumers(narration.subject.tensor).iter();
    if consumers
        .next()
        .is_some_and(|consumer| consumer.role == OperandRole::Weight)
    {
        return narration
            .subject()
            .say(" only ever lies on the padding, so ")
            .then(names)
            .say(" never weighs anything with it: nothing comes back.");
    }
    Sentence::from("No neuron of ")
        .then(names)
        .say(" looks at ")
        .then(narration.subject())
        .say(": it falls between the windows, so nothing comes back.")
}

/// Says which layers read the subject's tensor but send nothing: no gradient arrives there, or no
/// neuron of theirs looks at the subject.
fn silent(narration: Narration<'_>, groups: &[Group<'_>]) -> Option<Sentence> {
    let mut idle: Vec<Sentence> = Vec::new();
    let mut blind: Vec<Sentence> = Vec::new();
    let mut last = None;
    let heard: HashSet<usize> = groups.iter().map(|group| group.link.number).collect();
    for consumer in narration.network().consumers(narration.subject.tensor) {
        let output = narration.network().layer(consumer.layer).output;
        let name: Sentence = narration.network().tensor(output).name.as_str().into();
        if last.replace(output) == Some(output) {
            continue;
        }
        if !narration.backprop.reaches(output) {
            idle.push(name);
        } else if !heard.contains(&consumer.layer) {
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
fn what_they_send(narration: Narration<'_>, group: &Group<'_>) -> Vec<Sentence> {
    let link = group.link;
    if link.layer.op.ties().is_some() {
        return pooling::tell(narration, group);
    }
    let mut sentences = Vec::new();
    match group.nonzero.only() {
        Some(only) => sentences.push(one_term::one(narration, link, only)),
        None if group.nonzero.n > 1 => sentences.extend(several(narration, group)),
        None => {}
    }
    for (&why, part) in &group.zeros {
        let others = !sentences.is_empty();
        sentences.push(match part.only() {
            Some(term) => zero_sentences::one(narration, link, term, why),
            None => zero_sentences::several(narration, link, part, why, others),
        });
    }
    sentences
}

/// Says what several neurons send that is not zero.
fn several(narration: Narration<'_>, group: &Group<'_>) -> Vec<Sentence> {
    let link = group.link;
    let (named, rest) = group.nonzero.named();
    let factors = rule(narration, link, named);
    let passes_as_is = factors.is_none();
    let one_sender = group.n_senders == 1;
    let each = if one_sender {
        "Each time it sends its own gradient"
    } else {
        "Each sends its own gradient"
    };
    let rule = match factors {
        _ if one_sender && !link.phrases().twice.is_empty() => link.phrases().twice.into(),
        Some(factors) => Sentence::from(each).say(" times ").then(factors),
        None => Sentence::from(each).say(" as it is"),
    };
    let terms = named.iter().map(|one| {
        let sends = if one_sender {
            Sentence::default()
        } else {
            narration.contributor(one).say(" sends ")
        };
        if passes_as_is {
            sends.say(number(one.product))
        } else {
            sends.say(factor::equation(link, one))
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
fn rule(narration: Narration<'_>, link: Link<'_>, named: &[Term]) -> Option<Sentence> {
    let n_shown = |term: &&Term| {
        term.contribution
            .factors
            .iter()
            .filter(|factor| factor::is_shown(link, factor))
            .count()
    };
    let most = named.iter().max_by_key(n_shown)?;
    let factors = most
        .contribution
        .factors
        .iter()
        .filter_map(|factor| factor::generic(narration, link, most, factor));
    factors.reduce(|said, factor| said.say(" times ").then(factor))
}

/// Says what all that makes, and why it is a sum.
fn total(narration: Narration<'_>, groups: &[Group<'_>], given: f64) -> Option<Sentence> {
    let gradient = narration.backprop.sum(narration.subject);
    // What a precision makes of it, which the next sentence says.
    let stored = narration.backprop.element(narration.subject);
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
    let me = narration.subject();
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
        [_] => Sentence::from(format!(
            "So {} is all that arrives at ",
            apart(gradient, stored)
        ))
        .then(me)
        .say("."),
        _ => why(narration, groups, given)
            .say(sum_beside(&amounts, gradient, stored))
            .say("."),
    })
}

fn why(narration: Narration<'_>, groups: &[Group<'_>], given: f64) -> Sentence {
    let [group] = groups else {
        let through = |group: &Group<'_>| {
            format!(
                "{} through {}",
                number(group.total),
                group.link.name(narration)
            )
            .into()
        };
        let own = (given != 0.0).then(|| format!("{} that is given", number(given)).into());
        let parts = listed(groups.iter().map(through).chain(own));
        return narration
            .subject()
            .say(" gets ")
            .then(parts)
            .say(". All of it adds up: ");
    };
    if given != 0.0 {
        return "All of it is added: ".into();
    }
    let me = narration.subject();
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
            let never = group.link.phrases().adding;
            Sentence::from("A nudge of ").then(me).say(format!(
                " moves {moves} at once, and the effects add up{never}: "
            ))
        }
    }
}
