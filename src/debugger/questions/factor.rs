//! Times what?

use crate::debugger::Session;
use crate::debugger::question::{Alternative, choose};
use crate::marking::{Mistake, Outcome, Stage, mistakes};
use crate::ops::Factor;
use crate::tensor::Element;
use crate::words::{self, Disclosure, Row};

/// The slips in making a term that do not multiply what arrives, or by nothing that is in view.
const UNFIT: [&str; 3] = [
    "forgot-the-upstream",
    "added-the-slope",
    "slope-of-another-activation",
];

/// The question about one of the terms that are not 0; another one from neuron to neuron.
pub(super) fn question(session: &Session, element: Element) -> Option<(String, Vec<Alternative>)> {
    let rows: Vec<&Row> = session
        .terms()
        .iter()
        .filter(|row| row.product != 0.0)
        .collect();
    let row = *rows.get(element.at % rows.len().max(1))?;
    let from = session.network().address(row.from);
    let upstream = words::number(row.upstream);
    let asks = format!("{from} has the gradient {upstream}. Times what does it send it here?");
    let factors = row.factors.iter().flatten();
    let local = factors
        .clone()
        .fold(1.0, |product, factor| product * factor.value);
    let right = Alternative::right(words::number(local), reason(factors));
    let mut wrong: Vec<(f64, Alternative)> = mistakes(session.backprop(), element)
        .iter()
        .filter_map(|mistake| under(session, element, row, mistake))
        .collect();
    let own = session.backprop().tape().element(element);
    let extra = [
        (1.0, "it does not come as it is"),
        (own, "this is the neuron's own value"),
        (-local, "the sign is turned round"),
    ];
    let is_scarce = wrong.len() < extra.len();
    wrong.extend(
        extra
            .into_iter()
            .filter(|_| is_scarce)
            .map(|(number, why)| (number, Alternative::wrong(words::number(number), why))),
    );
    Some((asks, choose((local, right), wrong, element)))
}

/// What the term is multiplied by under a slip.
fn under(
    session: &Session,
    element: Element,
    row: &Row,
    mistake: &Mistake,
) -> Option<(f64, Alternative)> {
    let slip = mistake.choice.slip;
    if slip.stage() != Stage::Term || UNFIT.contains(&slip.id) {
        return None;
    }
    let followed = mistake.hypothesis().followed(session.backprop(), element);
    let Outcome::Derived(derivation) = followed.outcome else {
        return None;
    };
    let number = derivation.numbers.get(row.number - 1)? / row.upstream;
    let did = words::rule(session.network(), mistake.choice, Disclosure::Nothing);
    let wrong = Alternative::wrong(words::number(number), format!("perhaps you {did}"));
    number.is_finite().then_some((number, wrong))
}

/// What the factors are: `the slope × the weight`.
fn reason<'a>(factors: impl Iterator<Item = &'a Factor>) -> String {
    let kinds: Vec<String> = factors
        .map(|factor| format!("the {}", factor.kind.name()))
        .collect();
    match kinds[..] {
        [] => "it comes as it is".to_owned(),
        _ => kinds.join(" × "),
    }
}
