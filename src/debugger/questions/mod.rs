//! The questions of the quiz: what a student asks of a neuron, with alternatives to choose from.
//! The wrong ones are what known slips give.

mod combination;
mod factor;
mod senders;
mod sum;

use super::Session;
use super::question::{Question, Topic};
use crate::tensor::Element;

/// The question about a neuron, where there is more than one answer to choose from.
pub(super) fn question(session: &Session, element: Element, topic: Topic) -> Option<Question> {
    let (asks, alternatives) = match topic {
        Topic::Senders => senders::question(session, element),
        Topic::Factor => factor::question(session, element)?,
        Topic::Combination => combination::question(session, element)?,
        Topic::Sum => sum::question(session, element),
    };
    (alternatives.len() > 1).then_some(Question {
        topic,
        asks,
        alternatives,
    })
}
