//! One term in one sentence: what comes from there, and why.

use super::factor::{equation, filled, generic, has_hidden_slope, own_words, shown};
use super::narration::{Link, Narration};
use super::sections::Group;
use super::sentence::{Paragraph, Sentence};
use super::table::{Row, Table};
use super::term::Term;
use super::zero_reason::Zero;
use super::{pooling, preamble, slope, update, zero_sentences};
use crate::backprop::Backprop;
use crate::ops::{Contribution, Factor, FactorKind, OperandRole};
use crate::tensor::Element;
use crate::tensor::numerals::{count, number, sum};

/// Returns what one of a neuron's terms brings and why, or why it is zero. `number` is the number
/// of the term, counted from 1.
pub fn term(
    backprop: &Backprop,
    element: Element,
    number: usize,
    contribution: &Contribution,
) -> Sentence {
    if let Some(of_update) = update::term(backprop, element, contribution) {
        return of_update;
    }
    let narration = Narration {
        backprop,
        subject: element,
    };
    let term = Term::new(Some(number), contribution.clone());
    narration
        .link(contribution.from)
        .map(|link| alone(narration, link, term))
        .unwrap_or_default()
}

/// Returns in a word or two why a term of a neuron is zero, or nothing where it is not.
pub fn why_zero(backprop: &Backprop, element: Element, row: &Row) -> Option<&'static str> {
    zero(backprop, element, row, |_, _, _, why| why.short())
}

/// Returns the same with its numbers: `lost by 3 to x[1,0]`.
pub fn why_zero_in_numbers(backprop: &Backprop, element: Element, row: &Row) -> Option<String> {
    zero(backprop, element, row, zero_sentences::reason)
}

fn zero<T>(
    backprop: &Backprop,
    element: Element,
    row: &Row,
    say: impl FnOnce(Narration<'_>, Link<'_>, &Term, Zero) -> T,
) -> Option<T> {
    let narration = Narration {
        backprop,
        subject: element,
    };
    let link = narration.link(row.from)?;
    let term = Term::new(Some(row.number), row.contribution());
    Zero::of(link, &term).map(|why| say(narration, link, &term, why))
}

/// Says what is there of a neuron's sum when so many of its terms are added: what the last of them
/// brings, what they come to, and how many there are to come.
pub fn so_far(backprop: &Backprop, element: Element, table: &Table, n_added: usize) -> Paragraph {
    let n_left = table.rows.len().saturating_sub(n_added);
    let added = &table.rows[..table.rows.len() - n_left];
    let last = added.last();
    let said = last.map(|row| term(backprop, element, row.number, &row.contribution()));
    let given = table.given.filter(|given| *given != 0.0);
    let products = added.iter().map(|row| row.product);
    let amounts: Vec<f64> = given.into_iter().chain(products).collect();
    let result = last.map_or(given.unwrap_or(0.0), |row| row.running);
    let together = match amounts.len() {
        0 => String::new(),
        1 => format!("So far that makes {}.", number(result)),
        n if n <= MOST_WRITTEN => format!("So far {}.", sum(&amounts, result)),
        n => format!("So far these {n} make {}.", number(result)),
    };
    let to_come = match n_left {
        0 => String::new(),
        1 => "one more term is to come.".to_owned(),
        n => format!("{} more terms are to come.", count(n)),
    };
    let counted = [together, to_come]
        .into_iter()
        .filter(|said| !said.is_empty());
    let counted = counted.map(|said| Sentence::from(said).capitalised());
    Paragraph {
        sentences: said.into_iter().chain(counted).collect(),
    }
}

/// More amounts than this are not written out.
const MOST_WRITTEN: usize = 6;

/// Says what one term brings and why, to someone who has been told nothing yet.
pub(super) fn alone(narration: Narration<'_>, link: Link<'_>, term: Term) -> Sentence {
    let said = one(narration, link, &term);
    let group = Group::of(link, term);
    let is_told = matches!(link.role, OperandRole::Input(_)) && group.nonzero.n > 0;
    match is_told
        .then(|| preamble::slope(narration, &group))
        .flatten()
    {
        Some(slope) => slope.say(" ").then(said),
        None => said,
    }
}

/// Says what one term brings and why.
pub(super) fn one(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    if let Some(why) = Zero::of(link, term) {
        return zero_sentences::one(narration, link, term, why);
    }
    if link.layer.op.ties().is_some() {
        return pooling::won(narration, link, term);
    }
    slope::one(narration, link, term).unwrap_or_else(|| sends(narration, link, term))
}

/// `fc[0] sends 2 × 0.5 = 1: its own gradient times the weight on the wire.`
fn sends(narration: Narration<'_>, link: Link<'_>, term: &Term) -> Sentence {
    let sends = narration.contributor(term).say(" sends ");
    let shown: Vec<&Factor> = shown(link, term).collect();
    let sentence = if shown.is_empty() {
        sends.say(format!(
            "its own gradient as it is, {}{}.",
            number(term.product),
            unchanged(link)
        ))
    } else {
        let factors = shown
            .into_iter()
            .filter_map(|factor| specific(narration, link, term, factor));
        let factors = factors.fold(Sentence::default(), |said, factor| {
            said.say(" times ").then(factor)
        });
        sends
            .say(equation(link, term))
            .say(": its own gradient")
            .then(factors)
            .say(".")
    };
    match link
        .activation
        .filter(|&activation| activation.is_open_at_slope_one())
    {
        Some(activation) if has_hidden_slope(link, term) => sentence.say(format!(
            " Its {} is open (slope 1), so nothing is lost there.",
            activation.title()
        )),
        _ => sentence,
    }
}

/// Why a gradient is passed on as it is.
fn unchanged(link: Link<'_>) -> &'static str {
    match link.role {
        OperandRole::Bias => "",
        OperandRole::Input(_) | OperandRole::Weight => link.phrases().unchanged,
    }
}

/// What a factor of one term is: `the value that comes down the wire, x[1] = 3`.
fn specific(
    narration: Narration<'_>,
    link: Link<'_>,
    term: &Term,
    factor: &Factor,
) -> Option<Sentence> {
    let words = generic(narration, link, term, factor)?;
    if let Some(own) = own_words(link, term, factor) {
        return Some(filled(narration, link, term, factor, own.in_one));
    }
    Some(match factor.kind {
        FactorKind::Slope => slope::factor(narration, link, term),
        FactorKind::Weight => and(words, factor.source.map(|weight| narration.name(weight))),
        FactorKind::Input | FactorKind::Operand => and(
            words,
            factor.source.map(|source| narration.with_value(source)),
        ),
        FactorKind::Winner
        | FactorKind::Share
        | FactorKind::Sign
        | FactorKind::Jacobian
        | FactorKind::Scale
        | FactorKind::Rate
        | FactorKind::Adaptive
        | FactorKind::Momentum
        | FactorKind::Dampening
        | FactorKind::Decay => words,
    })
}

/// Adds which one it is to what something is called.
fn and(words: Sentence, which: Option<Sentence>) -> Sentence {
    match which {
        Some(which) => words.say(", ").then(which),
        None => words,
    }
}
