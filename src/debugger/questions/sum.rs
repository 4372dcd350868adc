//! What do they come to?

use crate::debugger::Session;
use crate::debugger::question::{Alternative, choose};
use crate::marking::mistakes;
use crate::tensor::Element;
use crate::words;

/// The question: the wrong numbers are those that slips give.
pub(super) fn question(session: &Session, element: Element) -> (String, Vec<Alternative>) {
    let name = session.network().address(element);
    let gradient = session.backprop().element(element);
    let bounds = session.bounds(element);
    let slips = mistakes(session.backprop(), element).into_iter();
    let slips = slips
        .filter(|mistake| mistake.shows)
        .map(|mistake| mistake.number);
    let left_out = session.terms().iter().map(|row| gradient - row.product);
    let wrong = left_out
        .take(1)
        .chain(slips)
        .filter(|&number| number.is_finite() && !bounds.is_right(number, gradient));
    let wrong = wrong.filter_map(|number| {
        let why = session.ways_to(element, number).into_iter().next()?;
        let why = format!("perhaps you {why}");
        Some((number, Alternative::wrong(words::number(number), why)))
    });
    let right = Alternative::right(words::number(gradient), session.solution(element));
    let alternatives = choose((gradient, right), wrong.collect(), element);
    (format!("What is the gradient of {name}?"), alternatives)
}
