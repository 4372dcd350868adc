//! The terms of backpropagation in plain words, each with what shows it.

use crate::backprop::Backprop;
use crate::ops::{Contribution, Factor, FactorKind};
use crate::tape::Kind;
use crate::tensor::Element;

/// A term of the field.
#[derive(Debug)]
pub struct GlossaryTerm {
    /// The term, in one word.
    pub name: &'static str,
    /// What it means, in a line.
    pub says: &'static str,
    /// What else there is to know of it, in whole sentences.
    pub more: &'static str,
    shown: Shown,
}

/// The steps that show a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Those that add up several terms.
    Sums,
    /// Those with such a factor in a term, which is not 0.
    Of(FactorKind),
    /// Those with a term that a closed gate makes 0.
    Gates,
    /// Those of a tensor that is read under another index.
    Views,
    /// Those of parameters.
    Parameters,
    /// Those of what becomes of a parameter.
    Updates,
}

impl GlossaryTerm {
    /// Whether a step shows what the term means.
    ///
    /// ```
    /// use backstep::backprop::Backprop;
    /// use backstep::gallery;
    /// use backstep::scenario::Options;
    /// use backstep::words::GLOSSARY;
    ///
    /// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
    /// let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    /// let winner = GLOSSARY.iter().find(|term| term.name == "winner").unwrap();
    /// let mut steps = backprop.steps().iter();
    /// let (_, first) = steps.find(|(_, at)| winner.is_shown(&backprop, *at)).unwrap();
    /// assert_eq!(backprop.network().address(first).to_string(), "x[0,2]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_shown(&self, backprop: &Backprop, step: Element) -> bool {
        let network = backprop.network();
        let kind = network.tensor(step.tensor).kind;
        let (mut n_terms, mut is_there) = (0, false);
        let mut any_term = |is_it: &dyn Fn(&Contribution) -> bool| {
            backprop.terms(step, &mut |term| {
                n_terms += 1;
                is_there |= is_it(&term);
            });
        };
        match self.shown {
            Shown::Sums => {
                any_term(&|_| false);
                n_terms > 1 && !matches!(kind, Kind::Updated(_))
            }
            Shown::Of(kind) => {
                let is_it = |factor: &Factor| factor.kind == kind && factor.value != 0.0;
                any_term(&|term| term.factors.iter().any(is_it));
                is_there
            }
            Shown::Gates => {
                any_term(&|term| term.is_closed());
                is_there
            }
            Shown::Views => network
                .ids()
                .any(|id| id != step.tensor && network.base(id) == step.tensor),
            Shown::Parameters => matches!(kind, Kind::Parameter(_)),
            Shown::Updates => matches!(kind, Kind::Updated(_)),
        }
    }
}

macro_rules! glossary {
    ($($name:literal, $shown:expr, $says:literal, $more:literal;)+) => {
        &[$(GlossaryTerm { name: $name, says: $says, more: $more, shown: $shown }),+]
    };
}

use Shown::{Gates, Of, Parameters, Sums, Updates, Views};

/// All terms, each after those that it needs.
pub const GLOSSARY: &[GlossaryTerm] = glossary![
    "tensor", Sums, "a named array of numbers: an input, a layer's output, or a parameter",
    "`pool` may be the output of a pooling layer, and `fc.weight` the weights of `fc`.";
    "neuron", Sums, "one element of a layer's output or of an input, as `pool[0,1]`",
    "Its place is counted from 0, row by row.";
    "parameter", Parameters, "a weight or a bias: a number that training changes",
    "It has a gradient like every neuron, the sum over all its uses.";
    "gradient", Sums, "how much the loss grows for each unit that a number grows",
    "It is the sum of what arrives from every neuron downstream: they are added, never multiplied \
     with each other.";
    "upstream", Sums, "the gradient of the downstream neuron, which is already known",
    "Backpropagation goes from the loss to the inputs, so that it is known when it is needed.";
    "downstream", Sums, "nearer to the loss: computed from this neuron",
    "A neuron gets a term from each neuron that is computed from it, and from no other.";
    "term", Sums, "what one downstream neuron sends: its gradient times the local factors",
    "It is also called a contribution. The gradient is the sum of the terms.";
    "local", Sums, "all factors of a term but the upstream gradient, multiplied",
    "It is the local derivative: how much the downstream neuron grows for each unit that this one \
     grows.";
    "step", Sums, "one number's gradient being summed up",
    "Steps go backwards through the network: from what is computed last to the inputs.";
    "slope", Of(FactorKind::Slope), "how steep an activation is at its input: 1 or 0 for a ReLU",
    "Where it is 0 nothing passes, and where it is small little does.";
    "weight", Of(FactorKind::Weight), "what a layer multiplies the neuron's value by",
    "The gradient comes back through the same weight through which the value went forward.";
    "input", Of(FactorKind::Input), "the value that a weight multiplies",
    "It is a factor in the gradient of the weight.";
    "winner", Of(FactorKind::Winner),
    "1 for the largest of a max-pooling window, which alone is passed on, else 0",
    "A loser gets nothing from that window, whatever arrives there; where windows overlap it may \
     win in another.";
    "share", Of(FactorKind::Share), "one over the size of an averaging window",
    "Each neuron of the window gets the same share of what arrives.";
    "operand", Of(FactorKind::Operand), "the other side of a product or a quotient",
    "In a · b the gradient of a has b for a factor.";
    "sign", Of(FactorKind::Sign), "−1 for what is subtracted",
    "What makes the difference smaller gets the gradient turned round.";
    "jacobian", Of(FactorKind::Jacobian),
    "how one output moves with one input, where all depend on all, as in softmax",
    "Every output sends a term to every input.";
    "scale", Of(FactorKind::Scale), "a constant factor, such as 1/N for a mean",
    "A dropout's 1/(1 − p) is another.";
    "gate", Gates, "what lets nothing pass when it is closed: a ReLU below 0, a loser's window",
    "The term of a closed gate is 0 and still listed, because the two neurons are connected.";
    "view", Views, "the same neurons under another index, as after flatten or reshape",
    "It computes nothing, and so its neurons make no steps of their own.";
    "field", Sums, "the neurons from which a neuron is computed: its receptive field",
    "Only they get a term from it.";
    "update", Updates,
    "what training makes of a parameter: its old value and a step against its gradient",
    "It is a sum with terms, too. All gradients of one update use the parameters from before it.";
    "rate", Of(FactorKind::Rate), "in an update, minus the learning rate",
    "It is negative because the loss falls against the gradient.";
    "momentum", Of(FactorKind::Momentum), "in an update, how much of what was there goes on",
    "Steps in one direction add up, and those that go to and fro cancel.";
    "dampening", Of(FactorKind::Dampening), "in an update, how much of what is new is taken up",
    "It is 1 minus SGD's dampening; in an average that moves, what the momentum leaves.";
    "adaptive", Of(FactorKind::Adaptive),
    "in an update, 1 over the root of the mean or the sum of squared gradients",
    "So each parameter goes steps of its own size.";
    "decay", Of(FactorKind::Decay), "in an update, the weight decay",
    "It draws each weight towards 0.";
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cancel::Cancel;
    use crate::gallery::ALL;
    use crate::scenario::Options;
    use crate::training::Training;

    #[test]
    fn every_factor_is_explained_and_every_term_once() {
        for kind in FactorKind::ALL {
            let explained = |term: &&GlossaryTerm| term.shown == Of(kind);
            let term = GLOSSARY.iter().find(explained);
            assert_eq!(term.map(|term| term.name), Some(kind.name()));
        }
        for (place, term) in GLOSSARY.iter().enumerate() {
            let rest = &GLOSSARY[place + 1..];
            assert!(rest.iter().all(|other| other.name != term.name));
        }
    }

    #[test]
    fn the_gallery_shows_every_term() {
        let mut runs = Vec::new();
        for item in ALL {
            let scenario = Arc::new(item.open(Options::default()).unwrap());
            let first = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
            runs.push(first.stepping(scenario.stepped()));
            let training = Training::of(Arc::clone(&scenario));
            let second = training.map(|mut training| training.at(2, &Cancel::default()));
            runs.extend(second.map(|run| run.unwrap().stepping(scenario.stepped())));
        }
        for term in GLOSSARY {
            let shows = |run: &Backprop| {
                let mut steps = run.steps().iter();
                steps.any(|(_, step)| term.is_shown(run, step))
            };
            assert!(runs.iter().any(shows), "{}", term.name);
        }
    }
}
