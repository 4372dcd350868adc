//! What a teacher's words on a worksheet give away of what is asked.

use std::collections::{HashMap, HashSet};

use super::Worksheet;
use crate::document::is_shown;
use crate::tensor::{Element, Tensor, parse_number, rounded};
use crate::words::DIGITS;

/// A number that is asked for and stands in the words of the worksheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAway {
    /// Whose note it is; nothing where it is the description.
    pub note: Option<String>,
    /// The number.
    pub number: String,
    /// Where it is asked for.
    pub asked: String,
}

/// Which of a scenario's words are on a worksheet, beside what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// None.
    None,
    /// The description, and the notes for tensors.
    OfTensors,
    /// The notes for single neurons, too.
    All,
}

impl Worksheet<'_> {
    /// Returns the asked numbers that some of its words hold, and that stand nowhere else on it.
    pub(super) fn given_away(&self, words: Words) -> Vec<GivenAway> {
        let asked = self.asked_numbers();
        let shown = self.shown_numbers();
        let mut found = Vec::new();
        for (note, text) in self.texts(words) {
            for number in numbers(text).filter(|number| !shown.contains(number)) {
                let Some(element) = asked.get(&number) else {
                    continue;
                };
                found.push(GivenAway {
                    note: note.clone(),
                    asked: self.network().address(*element).to_string(),
                    number,
                });
            }
        }
        found
    }

    /// The words that are on the worksheet: notes at what is asked for never are.
    fn texts(&self, words: Words) -> impl Iterator<Item = (Option<String>, &str)> {
        let (network, notes) = (self.network(), &self.scenario.notes);
        let update = self.backprop.update();
        let not_asked = network.ids().filter(|id| !self.asked.has(*id));
        let of_tensors = not_asked.filter_map(move |id| {
            let note = notes.tensor(id, update)?;
            Some((Some(network.tensor(id).name.clone()), note))
        });
        let asked = self.asked.of(|id| network.base(id));
        let of_elements = notes.elements(update).filter_map(move |(element, text)| {
            let is_asked = asked.has_element(element);
            (!is_asked).then(|| (Some(network.address(element).to_string()), text))
        });
        let description = (None, &*self.scenario.description);
        let of_elements = of_elements.filter(move |_| words == Words::All);
        [description]
            .into_iter()
            .chain(of_tensors)
            .chain(of_elements)
            .filter(move |_| words != Words::None)
    }

    fn asked_numbers(&self) -> HashMap<String, Element> {
        let all = self.asked.tensors().iter().flat_map(|&tensor| {
            let numbers = self.backprop.gradient(tensor).data();
            let places = self.places(tensor);
            places.map(move |at| (rounded(numbers[at], DIGITS), Element { tensor, at }))
        });
        let not_zero = all.filter(|(number, _)| number != "0");
        not_zero.collect()
    }

    /// The values and the gradients that are given.
    fn shown_numbers(&self) -> HashSet<String> {
        let values = self
            .network()
            .ids()
            .filter(|&id| is_shown(self.backprop, id))
            .map(|id| self.backprop.tape().value(id));
        let given = self.backprop.upstream().values();
        let written = |tensor: &Tensor| {
            let numbers = tensor.data().iter();
            numbers
                .map(|&number| rounded(number, DIGITS))
                .collect::<Vec<_>>()
        };
        values.chain(given).flat_map(written).collect()
    }
}

/// The numbers in a text, as a worksheet prints them.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '/' | '-' | '−');
    let words = text.split(move |c: char| !is_of_number(c));
    let bare = words.map(|word| word.trim_end_matches(['.', '/', '-', '−']));
    bare.filter_map(|word| Some(rounded(parse_number(word).ok()?, DIGITS)))
}
