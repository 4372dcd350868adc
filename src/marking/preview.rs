//! What a neuron would get under each slip, before anybody has made one.

use super::hypothesis::Followed;
use super::search::{Mistake, mistakes};
use super::slip::Choice;
use crate::backprop::Backprop;
use crate::tensor::Element;

/// What an element would get under each slip of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The slips that show, in the catalogue's order.
    pub wrong: Vec<WrongWay>,
    /// The slips that give the right number here.
    pub invisible: Vec<Choice>,
}

/// A slip that shows at an element.
#[derive(Debug, Clone, PartialEq)]
pub struct WrongWay {
    /// The slip.
    pub choice: Choice,
    /// How it gives its number.
    pub followed: Followed,
    /// The number.
    pub number: f64,
    /// The numbers that it gives in other forms, which are told in the same words.
    pub elsewhere: Vec<f64>,
    /// Whether it is no mistake but another convention.
    pub is_convention: bool,
}

impl Preview {
    /// Tries every single slip at an element.
    pub fn of(backprop: &Backprop, element: Element) -> Self {
        let (shown, hidden): (Vec<Mistake>, Vec<Mistake>) = mistakes(backprop, element)
            .into_iter()
            .partition(|mistake| mistake.shows);
        let mut wrong: Vec<WrongWay> = Vec::new();
        for mistake in shown {
            let alike = |way: &&mut WrongWay| way.choice.is_told_like(mistake.choice);
            match wrong.iter_mut().find(alike) {
                Some(way) => way.elsewhere.push(mistake.number),
                None => wrong.push(WrongWay {
                    choice: mistake.choice,
                    followed: mistake.hypothesis().followed(backprop, element),
                    number: mistake.number,
                    elsewhere: Vec::new(),
                    is_convention: mistake.is_convention(),
                }),
            }
        }
        let mut invisible: Vec<Choice> = Vec::new();
        for mistake in hidden {
            let mut told = wrong.iter().map(|way| &way.choice).chain(&invisible);
            if !told.any(|choice| choice.is_told_like(mistake.choice)) {
                invisible.push(mistake.choice);
            }
        }
        Self { wrong, invisible }
    }
}
