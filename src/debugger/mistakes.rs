//! What a neuron would get under each slip of the catalogue, beside the right sum.

use super::{Line, Session, Sheet, Tone};
use crate::marking::{self, Mistake};
use crate::tensor::Neuron;
use crate::words;

impl Session {
    /// Lists what a neuron would get under every slip that can be made there; those that happen to give the right number come last.
    pub(super) fn list_mistakes(&self, neuron: Neuron) -> Sheet {
        let address = self.network().address(neuron).to_string();
        let mistakes = marking::mistakes(self.backprop(), neuron);
        let right = words::number(self.backprop().neuron(neuron));
        let mut lines = vec![Line::default().then("✓ ", Tone::Right).then(format!("{right} is right."), Tone::Strong)];
        let (shown, invisible): (Vec<&Mistake>, Vec<&Mistake>) = mistakes.iter().partition(|mistake| mistake.shows);
        if mistakes.is_empty() {
            lines.push("No slip of the catalogue can be made here: nothing is multiplied and nothing is added up.".into());
        }
        if !shown.is_empty() {
            lines.extend([Line::default(), "Whoever gets another number may have slipped like this:".into()]);
        }
        let numbers: Vec<String> = shown.iter().map(|mistake| words::number(mistake.number)).collect();
        let width = numbers.iter().map(|number| number.chars().count()).max().unwrap_or(0);
        for (mistake, number) in shown.iter().zip(&numbers) {
            let padding = " ".repeat(width - number.chars().count());
            let (sign, tone) = if mistake.is_convention() { ("~ ", Tone::Note) } else { ("✗ ", Tone::Wrong) };
            let says = mistake.method.says(self.backprop(), neuron);
            lines.push(
                Line::default()
                    .then(sign, tone)
                    .then(format!("{padding}{number}"), Tone::Strong)
                    .then(format!("  {says}"), Tone::Plain),
            );
        }
        if !invisible.is_empty() {
            lines.extend([Line::default(), "Invisible here, because these slips give the right number too:".into()]);
            let network = self.network();
            let did = |mistake: &&Mistake| mistake.method.choices().iter().map(|choice| choice.did(network)).collect::<Vec<_>>();
            lines.extend(
                invisible.iter().map(|mistake| Line::default().then(format!("  {}", did(mistake).join(" and ")), Tone::Quiet)),
            );
        }
        Sheet { lines, ..Sheet::text(format!("Mistakes at {address}"), Vec::<Line>::new()) }
    }
}
