//! Add, multiply, or the largest?

use crate::debugger::Session;
use crate::debugger::question::Alternative;
use crate::tensor::Element;

/// What may be done with the terms, and why it is right or wrong.
const WAYS: [(&str, &str, bool); 4] = [
    (
        "add them",
        "each way to the loss counts, so what comes by them adds up",
        true,
    ),
    (
        "multiply them",
        "factors multiply along one way; different ways add up",
        false,
    ),
    (
        "keep the largest",
        "a contest is held going forward, among values; gradients add up",
        false,
    ),
    (
        "take their mean",
        "each way to the loss counts in full, however many there are",
        false,
    ),
];

/// The question, where there is more than one number to combine.
pub(super) fn question(session: &Session, element: Element) -> Option<(String, Vec<Alternative>)> {
    let sent = session.terms().iter().filter(|row| row.product != 0.0);
    let n = sent.count() + usize::from(session.table().given.is_some());
    let name = session.network().address(element);
    let asks = format!("{n} numbers come to {name}. What is done with them?");
    let alternatives = WAYS.map(|(says, why, is_right)| match is_right {
        true => Alternative::right(says.to_owned(), why),
        false => Alternative::wrong(says.to_owned(), why),
    });
    (n > 1).then_some((asks, alternatives.into()))
}
