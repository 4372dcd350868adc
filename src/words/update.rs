//! What becomes of a parameter in an update, in words.

use super::narration::Narration;
use super::sentence::{Paragraph, Sentence};
use super::table::Row;
use super::update_way::{Step, Terms};
use crate::backprop::{Backprop, quantity};
use crate::diagnostic::list;
use crate::ops::{Contribution, FactorKind};
use crate::optim::{Given, Optimizer, Quantity, Rule, Sum};
use crate::tape::Kind;
use crate::tensor::numerals::{as_read, concluded, form, number};
use crate::tensor::{Element, Tensor, TensorId};

/// Returns the paragraph for the new value of a parameter's element: the sums that the optimizer
/// keeps, that of the new value, and which way the loss goes.
pub(super) fn step(backprop: &Backprop, parameter: TensorId, element: Element) -> Paragraph {
    let subject = Element {
        tensor: parameter,
        at: element.at,
    };
    let narration = Narration { backprop, subject };
    let Some(optimizer) = backprop.optimizer().filter(|_| backprop.reaches(parameter)) else {
        let stays = " stays as it is: no gradient reaches it.";
        let sentences = vec![narration.subject().say(stays)];
        return Paragraph { sentences };
    };
    let mut sums: Vec<(Sum, Terms)> = Vec::new();
    backprop.sums_of_update(subject, &mut |sum, quantity, term| match sums.last_mut() {
        Some((last, terms)) if *last == sum => terms.push((quantity, term)),
        _ => sums.push((sum, vec![(quantity, term)])),
    });
    let mut sentences = Vec::new();
    for (sum, terms) in &sums {
        let terms: Vec<_> = terms.iter().filter(|term| !begins_at_zero(term)).collect();
        let equation = equation(&terms);
        let name = kept_name(optimizer, *sum);
        match sum {
            Sum::Value => {
                sentences.push(narration.subject().say(format!(
                    " becomes {equation}{}",
                    Step { backprop, optimizer, subject, sums: &sums }.way()
                )));
            }
            Sum::Mean => sentences.push(
                Sentence::from(format!("The {name} of "))
                    .then(narration.subject())
                    .say(format!(
                        " is {equation}; it began at 0, and corrected for that it is {}.",
                        number(corrected(&sums))
                    )),
            ),
            Sum::Velocity | Sum::Square | Sum::Largest | Sum::Center => sentences.push(
                Sentence::from(format!("The {name} of "))
                    .then(narration.subject())
                    .say(format!(" is {equation}.")),
            ),
        }
    }
    let rule = what_it_does(optimizer);
    if !rule.is_empty() {
        sentences.push(rule.into());
    }
    Paragraph { sentences }
}

/// What one term of a new value brings: `The learning rate 0.5 times the gradient 0.08 takes 0.04
/// away.`
pub(super) fn term(backprop: &Backprop, element: Element, term: &Contribution) -> Option<Sentence> {
    let Kind::Updated(_) = backprop.network().tensor(element.tensor).kind else {
        return None;
    };
    let optimizer = backprop.optimizer()?;
    let name = quantity_name(quantity(optimizer, term));
    let narration = Narration {
        backprop,
        subject: term.from,
    };
    let of = Sentence::from(format!("The {name} of ")).then(narration.subject());
    Some(match term.factors.as_slice() {
        [] => of.say(format!(
            " is {}: the sum begins with it.",
            number(term.upstream)
        )),
        _ => {
            let away = if term.product() < 0.0 {
                "takes"
            } else {
                "adds"
            };
            of.say(format!(
                " {away}{} {}: {}.",
                if term.product() < 0.0 { " away" } else { "" },
                number(term.product().abs()),
                written(term, true)
            ))
        }
    })
}

/// What a row of a neuron's table is called: the neuron that sends the term, and of an update what
/// it multiplies.
pub fn row_name(backprop: &Backprop, element: Element, row: &Row) -> String {
    let network = backprop.network();
    let address = network.address(row.from);
    match (network.tensor(element.tensor).kind, backprop.optimizer()) {
        (Kind::Updated(_), Some(optimizer)) => {
            let name = quantity_name(quantity(optimizer, &row.contribution()));
            format!("{name} of {address}")
        }
        _ => address.to_string(),
    }
}

/// The same where there is little room: all terms of an update come from one element, so that what
/// they multiply is name enough.
pub fn short_row_name(backprop: &Backprop, element: Element, row: &Row) -> String {
    let network = backprop.network();
    match (network.tensor(element.tensor).kind, backprop.optimizer()) {
        (Kind::Updated(_), Some(optimizer)) => match quantity(optimizer, &row.contribution()) {
            Quantity::CorrectedMean => "mean".to_owned(),
            other => quantity_name(other).to_owned(),
        },
        _ => network.address(row.from).to_string(),
    }
}

/// What the numbers are that a neuron's terms begin with, and what they come to.
pub fn table_names(backprop: &Backprop, element: Element) -> (&'static str, String) {
    let network = backprop.network();
    let address = network.address(element);
    match network.tensor(element.tensor).kind {
        Kind::Updated(parameter) => {
            let before = Element {
                tensor: parameter,
                ..element
            };
            ("number", format!("new {}", network.address(before)))
        }
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
            ("upstream", format!("gradient of {address}"))
        }
    }
}

/// Says how the parameters of a network are updated, where they are.
pub fn update_rule(backprop: &Backprop) -> Option<String> {
    let network = backprop.network();
    let updates = network.updates()?;
    let optimizer = &updates.optimizer;
    let names = updates
        .parameters
        .iter()
        .map(|&id| network.tensor(id).name.clone());
    let names: Vec<String> = names.collect();
    let settings = optimizer.rule.settings().iter().filter_map(|setting| {
        let given = setting.field.given(&mut { *optimizer });
        let default = setting.field.given(&mut Optimizer::new(optimizer.rule));
        let is_told = given != default || setting.key == "lr";
        let value = match given {
            Given::Number(value) => number(value),
            Given::Pair([one, other]) => format!("{} and {}", number(one), number(other)),
            Given::Flag(_) => String::new(),
        };
        is_told.then(|| format!("{} {value}", setting.key).trim_end().to_owned())
    });
    let settings: Vec<String> = settings.collect();
    let is_plain = *optimizer
        == Optimizer {
            lr: optimizer.lr,
            ..Optimizer::new(Rule::Sgd)
        };
    let formula = match is_plain {
        true => format!(
            ": a new value is the old one less {} times its gradient",
            number(optimizer.lr)
        ),
        false => ", as in torch.optim".to_owned(),
    };
    let after = match backprop.update() {
        1 => String::new(),
        update => format!(" in update {update}"),
    };
    Some(format!(
        "After the backward pass {} {} updated{after} by {} with {}{formula}. Every gradient uses \
         the values from before.",
        list(&names, "and"),
        form(names.len(), "is", "are"),
        optimizer.rule.name(),
        list(&settings, "and"),
    ))
}

/// What the optimizer has kept of a parameter until this update, each with its name: `velocity`.
pub fn kept(backprop: &Backprop, parameter: TensorId) -> Vec<(&'static str, Tensor)> {
    let Some(optimizer) = backprop.optimizer() else {
        return Vec::new();
    };
    let kept = backprop.kept(parameter).into_iter();
    kept.map(|(sum, tensor)| (kept_name(optimizer, sum), tensor))
        .collect()
}

fn quantity_name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Value => "value",
        Quantity::Gradient => "gradient",
        Quantity::SquaredGradient => "squared gradient",
        Quantity::Velocity => "velocity",
        Quantity::Mean => "mean gradient",
        Quantity::CorrectedMean => "corrected mean gradient",
        Quantity::Square => "mean square",
        Quantity::Center => "mean gradient",
    }
}

fn kept_name(optimizer: &Optimizer, sum: Sum) -> &'static str {
    match (sum, optimizer.rule) {
        (Sum::Velocity, _) => "velocity",
        (Sum::Mean | Sum::Center, _) => "mean gradient",
        (Sum::Largest, _) => "largest mean squared gradient so far",
        (Sum::Square, Rule::Adagrad) => "sum of squared gradients",
        (Sum::Square, _) => "mean squared gradient",
        (Sum::Value, _) => "new value",
    }
}

/// Whether a term is what is kept, before there is anything.
fn begins_at_zero((quantity, term): &&(Quantity, Contribution)) -> bool {
    let is_kept = match quantity {
        Quantity::Velocity | Quantity::Mean | Quantity::Square | Quantity::Center => true,
        Quantity::Value
        | Quantity::Gradient
        | Quantity::SquaredGradient
        | Quantity::CorrectedMean => false,
    };
    is_kept && term.upstream == 0.0
}

/// `0.4 − 0.5 × 0.0822 = 0.3589`; a term alone that is not multiplied is that number.
fn equation(terms: &[&(Quantity, Contribution)]) -> String {
    let total = terms
        .iter()
        .fold(0.0, |sum, (_, term)| sum + term.product());
    let mut text = String::new();
    for (place, (_, term)) in terms.iter().enumerate() {
        text.push_str(&written(term, place == 0));
    }
    match terms {
        [(_, only)] if only.factors.is_empty() => number(total),
        [] => number(0.0),
        _ => concluded(
            &text,
            terms.iter().map(|(_, term)| shown(term)).sum(),
            total,
        ),
    }
}

/// A term with the sign before it, the factors first: ` − 0.5 × 0.0822`.
fn written(term: &Contribution, is_first: bool) -> String {
    let turns = term.factors.iter().filter(|factor| {
        let is_sign = matches!(factor.kind, FactorKind::Rate | FactorKind::Sign);
        is_sign && factor.value < 0.0
    });
    let is_taken = turns.count() % 2 == 1;
    let is_plain = term.factors.is_empty();
    let is_negative = is_plain && term.upstream < 0.0 && !is_first;
    let sign = match (is_taken || is_negative, is_first) {
        (true, true) => "−",
        (true, false) => " − ",
        (false, true) => "",
        (false, false) => " + ",
    };
    let shown = term
        .factors
        .iter()
        .filter(|factor| factor.kind != FactorKind::Sign);
    let factors = shown.map(|factor| match factor.kind {
        FactorKind::Rate => number(factor.value.abs()),
        _ => number(factor.value),
    });
    let last = match (is_plain, is_negative) {
        (true, true) => number(-term.upstream),
        (true, false) => number(term.upstream),
        (false, _) => number(term.upstream),
    };
    let product: Vec<String> = factors.chain([last]).collect();
    format!("{sign}{}", product.join(" × "))
}

/// What a reader gets who multiplies the numbers of a term as they are written.
fn shown(term: &Contribution) -> f64 {
    let factors = term.factors.iter().map(|factor| as_read(factor.value));
    factors.fold(as_read(term.upstream), |product, factor| product * factor)
}

/// The mean gradient that the new value is made with.
fn corrected(sums: &[(Sum, Terms)]) -> f64 {
    let terms = sums.iter().flat_map(|(_, terms)| terms);
    let mut corrected = terms.filter(|(quantity, _)| *quantity == Quantity::CorrectedMean);
    corrected.next().map_or(0.0, |(_, term)| term.upstream)
}

/// What is to be known of the optimizer's way.
fn what_it_does(optimizer: &Optimizer) -> &'static str {
    match optimizer.rule {
        Rule::Sgd => "",
        Rule::Adam | Rule::AdamW | Rule::Rmsprop => {
            "The step is divided by the root of the mean square, so its size hardly depends on \
             that of the gradient."
        }
        Rule::Adagrad => {
            "The step is divided by the root of the sum of squares, so it gets smaller with each \
             gradient that has come."
        }
    }
}
