use serde::Serialize;

use super::element::{SWAPPED_TWO, element_slips, swapped_two};
use super::search::Answered;
use super::{Marking, Marks, Method, Tolerance, gradients, numbers, pairs, singles};
use crate::backprop::Backprop;
use crate::tensor::{Neuron, TensorId};

/// What explains the wrong numbers of a tensor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The slips that together give these numbers: one, or two of different moves.
    pub slips: Vec<&'static str>,
    /// How many of the wrong numbers they explain.
    pub explains: usize,
    /// How many wrong numbers there are.
    pub of: usize,
    /// Whether they give the right numbers as the answer has them, too.
    pub everywhere: bool,
    /// What was done, in plain words with the numbers of the first neuron that it explains: `left out the weights: 2 + 3 + 6 = 11`.
    /// It fits after "you" and after "who".
    pub says: String,
    /// What its author did everywhere; nothing where single terms were mistaken.
    #[serde(skip)]
    method: Option<Method>,
}

impl Diagnosis {
    /// What was done, with the numbers of a neuron whose number is wrong; nothing where it says nothing of that neuron.
    pub fn says_at(&self, marking: &Marking, neuron: Neuron) -> Option<String> {
        match &self.method {
            Some(method) => Some(method.says(marking.own(), neuron)),
            None if self.slips == [SWAPPED_TWO] => Some(self.says.clone()),
            None => {
                let theirs = marking.neuron(neuron)?.0?;
                let slips = element_slips(marking.own(), neuron, theirs, marking.tolerance());
                slips.into_iter().find(|slip| self.slips == [slip.id]).map(|slip| slip.says)
            }
        }
    }
}

/// Returns what explains the wrong numbers of a tensor: the slips, and the pairs of slips, that give every one of them. Where there are
/// none, what explains single numbers. Where nothing fits, nothing is returned: there is no guessing.
///
/// Those come first that give the right numbers as the answer has them, too; then single slips before pairs; then by the catalogue.
pub fn diagnose(truth: &Backprop, marking: &Marking, tensor: TensorId) -> Vec<Diagnosis> {
    let Some(marks) = marking.tensor(tensor).filter(|marks| marks.wrong().next().is_some()) else { return Vec::new() };
    let case = Case { marking, tensor, marks };
    let own = marking.own();
    let answered = Answered { theirs: &marks.numbers, tolerance: marking.tolerance() };
    let mut found = case.explained_by(singles(own, tensor, Some(&answered)));
    // One number can be met by chance: a pair needs two that bear it out.
    if marks.wrong().nth(1).is_some() {
        let mut pairs = case.explained_by(pairs(own, tensor));
        // A pair that comes to the same as one of its slips alone says no more than that slip.
        pairs.retain(|pair| !found.iter().any(|single| single.is_all_of(pair)));
        found.append(&mut pairs);
    }
    found.sort_by_key(|explanation| (!explanation.diagnosis.everywhere, explanation.diagnosis.slips.len()));
    if found.is_empty() { case.explained_singly(truth) } else { found.into_iter().map(|found| found.diagnosis).collect() }
}

/// A tensor with something wrong in it.
struct Case<'a> {
    marking: &'a Marking,
    tensor: TensorId,
    marks: &'a Marks,
}

/// A method that gives the wrong numbers, with all the numbers that it gives.
struct Explanation {
    method: Method,
    numbers: Vec<f64>,
    diagnosis: Diagnosis,
}

impl Explanation {
    /// Whether a pair comes to the same numbers with another slip more.
    fn is_all_of(&self, pair: &Self) -> bool {
        let exact = Tolerance { rtol: 1e-9, atol: 1e-12 };
        self.method.ids().all(|id| pair.method.ids().any(|other| other == id))
            && self.numbers.iter().zip(&pair.numbers).all(|(&one, &other)| exact.is_right(one, other))
    }
}

impl Case<'_> {
    fn explained_by(&self, methods: Vec<Method>) -> Vec<Explanation> {
        let methods = self.that_give_the_first(methods);
        let numbers = gradients(self.marking.own(), self.tensor, &methods);
        let mut found: Vec<Explanation> = Vec::new();
        for (method, numbers) in methods.into_iter().zip(numbers) {
            let Some(numbers) = numbers else { continue };
            // Of a slip's forms that come to the same numbers, the first is told.
            let is_known = found.iter().any(|known| known.method.ids().eq(method.ids()));
            if !is_known && self.marks.wrong().all(|at| self.gives(&numbers, at)) {
                let diagnosis = self.diagnosis(&method, &numbers);
                found.push(Explanation { method, numbers, diagnosis });
            }
        }
        found
    }

    /// Keeps the methods that give the first wrong number. Nearly all fall here, before the whole tensor is worked out by them.
    fn that_give_the_first(&self, methods: Vec<Method>) -> Vec<Method> {
        let Some(first) = self.marks.wrong().next() else { return Vec::new() };
        let found = numbers(self.marking.own(), self.neuron(first), &methods);
        let given = methods.into_iter().zip(found).filter(|(_, number)| self.is_theirs(first, number.value));
        given.map(|(method, _)| method).collect()
    }

    /// Whether a learner's method gives the number that stands in a place.
    fn gives(&self, numbers: &[f64], at: usize) -> bool {
        self.is_theirs(at, numbers[at])
    }

    /// Whether a number is the one that stands in a place.
    fn is_theirs(&self, at: usize, number: f64) -> bool {
        self.marks.numbers[at].is_some_and(|theirs| self.marking.tolerance().is_right(theirs, number))
    }

    fn diagnosis(&self, method: &Method, numbers: &[f64]) -> Diagnosis {
        let n_wrong = self.marks.wrong().count();
        let first = self.marks.wrong().next().unwrap_or(0);
        let written = (0..numbers.len()).filter(|&at| self.marks.numbers[at].is_some());
        Diagnosis {
            slips: method.ids().collect(),
            explains: n_wrong,
            of: n_wrong,
            everywhere: written.clone().all(|at| self.gives(numbers, at)),
            says: method.says(self.marking.own(), self.neuron(first)),
            method: Some(method.clone()),
        }
    }

    fn neuron(&self, at: usize) -> Neuron {
        Neuron { tensor: self.tensor, at }
    }

    /// Looks at one number at a time.
    fn explained_singly(&self, truth: &Backprop) -> Vec<Diagnosis> {
        let n_wrong = self.marks.wrong().count();
        let diagnosis =
            |slip, explains, says| Diagnosis { slips: vec![slip], explains, of: n_wrong, everywhere: false, says, method: None };
        let tolerance = self.marking.tolerance();
        let right = truth.gradient(self.tensor).data();
        if let Some((one, other)) = swapped_two(right, &self.marks.numbers, tolerance) {
            let [one, other] = [one, other].map(|at| truth.network().address(self.neuron(at)));
            return vec![diagnosis(SWAPPED_TWO, 2, format!("exchanged the numbers of {one} and {other}"))];
        }
        let mut found: Vec<Diagnosis> = Vec::new();
        for at in self.marks.wrong() {
            let Some(theirs) = self.marks.numbers[at] else { continue };
            let slips = element_slips(self.marking.own(), self.neuron(at), theirs, tolerance);
            let mut seen = Vec::new();
            for slip in slips {
                if seen.contains(&slip.id) {
                    continue;
                }
                seen.push(slip.id);
                match found.iter_mut().find(|known| known.slips[0] == slip.id) {
                    Some(known) => known.explains += 1,
                    None => {
                        let address = truth.network().address(self.neuron(at));
                        found.push(diagnosis(slip.id, 1, format!("{} in {address}", slip.says)));
                    }
                }
            }
        }
        found.sort_by_key(|diagnosis| std::cmp::Reverse(diagnosis.explains));
        found
    }
}
