use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use schemars::JsonSchema;
use serde::Serialize;
use smallvec::SmallVec;

use super::element::{SWAPPED_TWO, element_slips, swapped_two};
use super::search::{Answered, recognised};
use super::{Marking, Marks, Method, Tolerance, gradients, numbers, pairs, singles, slips};
use crate::backprop::Backprop;
use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// What explains the wrong numbers of a tensor.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The slips that together give these numbers: one, or two of different moves.
    pub slips: Vec<&'static str>,
    /// How many of the wrong numbers they explain.
    pub explains: usize,
    /// How many wrong numbers there are.
    pub of: usize,
    /// Whether they give the right numbers as the answer has them, too.
    pub everywhere: bool,
    /// What was done, in plain words with the numbers of the first neuron that it explains: `left
    /// out the weights: 2 + 3 + 6 = 11`. It fits after "you" and after "who".
    pub says: String,
    /// What its author did everywhere; nothing where single terms were mistaken.
    #[serde(skip)]
    method: Option<Method>,
}

impl Diagnosis {
    /// What was done, with the numbers of a neuron whose number is wrong; nothing where it says
    /// nothing of that neuron.
    pub fn says_at(&self, marking: &Marking, element: Element) -> Option<String> {
        match &self.method {
            Some(method) => Some(method.says(marking.own(), element)),
            None if self.slips == [SWAPPED_TWO] => Some(self.says.clone()),
            None => {
                let theirs = marking.element(element)?.0?;
                let slips = element_slips(marking.own(), element, theirs, marking.tolerance());
                slips
                    .into_iter()
                    .find(|slip| self.slips == [slip.id])
                    .map(|slip| slip.says)
            }
        }
    }
}

/// The methods that are held against wrong numbers. They are the same for every answer, so each
/// tensor's are found out once.
#[derive(Debug)]
pub struct Methods {
    by_tensor: Vec<OnceLock<Vec<Method>>>,
    /// What methods give where all downstream is right, as it is in most answers.
    given: Mutex<Vec<Given>>,
}

/// The numbers that a method gives in a tensor; none where it has nothing to do there.
#[derive(Debug, Clone)]
struct Given {
    tensor: TensorId,
    method: Method,
    numbers: Option<Arc<[f64]>>,
}

/// How many numbers that methods give are kept for the answers to come: 8 MiB of them.
const MOST_KEPT: usize = 1 << 20;

impl Methods {
    /// Those of a network's tensors.
    pub fn of(network: &Network) -> Self {
        Self {
            by_tensor: vec![OnceLock::new(); network.tensors().len()],
            given: Mutex::default(),
        }
    }

    /// Returns, method by method, the numbers that `own` leads to, or nothing where a method has
    /// nothing to do.
    fn numbers(
        &self,
        truth: &Backprop,
        own: &Backprop,
        tensor: TensorId,
        methods: &[Method],
    ) -> Vec<Option<Arc<[f64]>>> {
        let worked_out = |methods: &[Method]| {
            gradients(own, tensor, methods)
                .into_iter()
                .map(|numbers| numbers.map(Arc::from))
        };
        let mut outputs = truth
            .contributors(tensor)
            .map(|contributor| contributor.layer.output);
        if !outputs.all(|output| own.gradient(output) == truth.gradient(output)) {
            return worked_out(methods).collect();
        }
        let kept = self
            .given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let find = |given: &[Given], method: &Method| {
            given
                .iter()
                .find(|given| given.tensor == tensor && given.method == *method)
                .map(|given| given.numbers.clone())
        };
        let missing: Vec<Method> = methods
            .iter()
            .filter(|method| find(&kept, method).is_none())
            .cloned()
            .collect();
        let found: Vec<Given> = missing
            .iter()
            .cloned()
            .zip(worked_out(&missing))
            .map(|(method, numbers)| Given {
                tensor,
                method,
                numbers,
            })
            .collect();
        let all = methods
            .iter()
            .map(|method| {
                find(&kept, method)
                    .or_else(|| find(&found, method))
                    .flatten()
            })
            .collect();
        self.keep(found);
        all
    }

    /// Keeps what was found for the answers to come, as far as there is room.
    fn keep(&self, found: Vec<Given>) {
        let mut kept = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let size = |given: &Given| given.numbers.as_ref().map_or(1, |numbers| numbers.len());
        let mut room = MOST_KEPT.saturating_sub(kept.iter().map(size).sum());
        for given in found {
            let is_kept = kept
                .iter()
                .any(|other| other.tensor == given.tensor && other.method == given.method);
            if !is_kept && size(&given) <= room {
                room -= size(&given);
                kept.push(given);
            }
        }
    }

    /// The slips and the pairs that have something to do in a tensor, whatever gradients arrive
    /// there.
    fn tensor(&self, truth: &Backprop, tensor: TensorId) -> &[Method] {
        let known = &self.by_tensor[tensor.0 as usize];
        known.get().unwrap_or_else(|| {
            // Found outside of the cell: a thread that waits for parts of this may take up another
            // answer that needs the same cell.
            let found = [singles(truth, tensor, None), pairs(truth, tensor)].concat();
            known.get_or_init(|| found)
        })
    }
}

/// So many wrong numbers are tried one by one before a method is worked out for the whole tensor:
/// hardly a wrong one survives them.
const TRIED_SINGLY: usize = 8;

/// Returns what explains the wrong numbers of a tensor: the slips, and the pairs of slips, that
/// give every one of them. Where there are none, what explains single numbers. Where nothing fits,
/// nothing is returned: there is no guessing.
///
/// Those come first that give the right numbers as the answer has them, too; then single slips
/// before pairs; then by the catalogue.
pub fn diagnose(
    truth: &Backprop,
    methods: &Methods,
    marking: &Marking,
    tensor: TensorId,
) -> Vec<Diagnosis> {
    let Some(marks) = marking.tensor(tensor) else {
        return Vec::new();
    };
    let wrong: Vec<usize> = marks.wrong().collect();
    let case = Case {
        marking,
        tensor,
        marks,
        wrong,
    };
    let (mut found, mut by_pairs): (Vec<_>, Vec<_>) = match case.wrong[..] {
        [] => return Vec::new(),
        // One number can be met by chance: a pair needs two that bear it out.
        [_] => (
            case.explained_by(truth, methods, |method| method.choices().len() == 1),
            Vec::new(),
        ),
        _ => {
            let found = case.explained_by(truth, methods, |_| true);
            found
                .into_iter()
                .partition(|explanation| explanation.method.choices().len() == 1)
        }
    };
    // A pair that comes to the same as one of its slips alone says no more than that slip.
    by_pairs.retain(|pair| {
        !found
            .iter()
            .any(|single: &Explanation| single.is_all_of(pair))
    });
    found.append(&mut by_pairs);
    found.sort_by_key(|explanation| {
        (
            !explanation.diagnosis.everywhere,
            explanation.diagnosis.slips.len(),
            explanation.place(),
        )
    });
    if found.is_empty() {
        case.explained_singly(truth)
    } else {
        found.into_iter().map(|found| found.diagnosis).collect()
    }
}

/// Returns those of a tensor's explanations that fit best: the first, and all that fit as well. One
/// of them is right, and nothing in the numbers tells which.
pub fn likeliest(diagnoses: &[Diagnosis]) -> &[Diagnosis] {
    let rank = |diagnosis: &Diagnosis| (diagnosis.everywhere, diagnosis.slips.len());
    let n = diagnoses
        .iter()
        .take_while(|diagnosis| rank(diagnosis) == rank(&diagnoses[0]))
        .count();
    &diagnoses[..n]
}

/// A tensor with something wrong in it.
struct Case<'a> {
    marking: &'a Marking,
    tensor: TensorId,
    marks: &'a Marks,
    /// The places of the wrong numbers.
    wrong: Vec<usize>,
}

/// A method that gives the wrong numbers, with all the numbers that it gives.
struct Explanation {
    method: Method,
    numbers: Arc<[f64]>,
    diagnosis: Diagnosis,
}

impl Explanation {
    /// Whether a pair comes to the same numbers with another slip more.
    fn is_all_of(&self, pair: &Self) -> bool {
        let exact = Tolerance {
            rtol: 1e-9,
            atol: 1e-12,
        };
        self.method
            .ids()
            .all(|id| pair.method.ids().any(|other| other == id))
            && self
                .numbers
                .iter()
                .zip(pair.numbers.iter())
                .all(|(&one, &other)| exact.is_right(one, other))
    }

    /// The places of the slips in the catalogue.
    fn place(&self) -> SmallVec<[usize; 2]> {
        self.method
            .choices()
            .iter()
            .filter_map(|choice| slips().position(|slip| slip == choice.slip))
            .collect()
    }
}

impl Case<'_> {
    /// The methods to try: those that anybody can be expected to follow, and those that only these
    /// numbers show.
    fn methods(
        &self,
        truth: &Backprop,
        methods: &Methods,
        is_tried: impl Fn(&Method) -> bool,
    ) -> Vec<Method> {
        let expected = methods
            .tensor(truth, self.tensor)
            .iter()
            .filter(|method| is_tried(method))
            .cloned();
        let answered = Answered {
            theirs: &self.marks.numbers,
            tolerance: self.marking.tolerance(),
        };
        expected
            .chain(recognised(self.marking.own(), self.tensor, &answered))
            .collect()
    }

    fn explained_by(
        &self,
        truth: &Backprop,
        known: &Methods,
        is_tried: impl Fn(&Method) -> bool,
    ) -> Vec<Explanation> {
        let own = self.marking.own();
        let mut methods = self.methods(truth, known, is_tried);
        for &at in self.wrong.iter().take(TRIED_SINGLY) {
            let mut given = numbers(own, self.element(at), &methods).into_iter();
            methods.retain(|_| {
                given
                    .next()
                    .is_some_and(|number| self.is_theirs(at, number.value))
            });
        }
        let numbers = known.numbers(truth, own, self.tensor, &methods);
        let mut found: Vec<Explanation> = Vec::new();
        for (method, numbers) in methods.into_iter().zip(numbers) {
            let Some(numbers) = numbers else { continue };
            // Of a slip's forms that come to the same numbers, the first is told.
            let is_known = found
                .iter()
                .any(|known| known.method.ids().eq(method.ids()));
            if !is_known && self.wrong.iter().all(|&at| self.is_theirs(at, numbers[at])) {
                let diagnosis = self.diagnosis(&method, &numbers);
                found.push(Explanation {
                    method,
                    numbers,
                    diagnosis,
                });
            }
        }
        found
    }

    /// Whether a method's number is the one that stands in a place.
    fn is_theirs(&self, at: usize, number: f64) -> bool {
        self.marks.numbers[at]
            .is_some_and(|theirs| self.marking.tolerance().is_right(theirs, number))
    }

    fn diagnosis(&self, method: &Method, numbers: &[f64]) -> Diagnosis {
        let n_wrong = self.wrong.len();
        let mut written = (0..numbers.len()).filter(|&at| self.marks.numbers[at].is_some());
        Diagnosis {
            slips: method.ids().collect(),
            explains: n_wrong,
            of: n_wrong,
            everywhere: written.all(|at| self.is_theirs(at, numbers[at])),
            says: method.says(self.marking.own(), self.element(self.wrong[0])),
            method: Some(method.clone()),
        }
    }

    fn element(&self, at: usize) -> Element {
        Element {
            tensor: self.tensor,
            at,
        }
    }

    /// Looks at one number at a time.
    fn explained_singly(&self, truth: &Backprop) -> Vec<Diagnosis> {
        let n_wrong = self.wrong.len();
        let diagnosis = |slip, explains, says| Diagnosis {
            slips: vec![slip],
            explains,
            of: n_wrong,
            everywhere: false,
            says,
            method: None,
        };
        let tolerance = self.marking.tolerance();
        let right = truth.gradient(self.tensor).data();
        if let Some((one, other)) = swapped_two(right, &self.marks.numbers, tolerance) {
            let [one, other] = [one, other].map(|at| truth.network().address(self.element(at)));
            return vec![diagnosis(
                SWAPPED_TWO,
                2,
                format!("exchanged the numbers of {one} and {other}"),
            )];
        }
        let mut found: Vec<Diagnosis> = Vec::new();
        for &at in &self.wrong {
            let Some(theirs) = self.marks.numbers[at] else {
                continue;
            };
            let slips = element_slips(self.marking.own(), self.element(at), theirs, tolerance);
            let mut seen = Vec::new();
            for slip in slips {
                if seen.contains(&slip.id) {
                    continue;
                }
                seen.push(slip.id);
                match found.iter_mut().find(|known| known.slips[0] == slip.id) {
                    Some(known) => known.explains += 1,
                    None => {
                        let address = truth.network().address(self.element(at));
                        found.push(diagnosis(slip.id, 1, format!("{} in {address}", slip.says)));
                    }
                }
            }
        }
        found.sort_by_key(|diagnosis| std::cmp::Reverse(diagnosis.explains));
        found
    }
}
