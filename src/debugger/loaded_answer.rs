//! Somebody's own gradients as they are marked, and what explains the wrong ones.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::{Answer, Diagnosis, HypothesisCache, Marking, Remark, Status, Tolerance};
use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// An answer that is loaded, and what explains its wrong numbers.
#[derive(Debug)]
pub(super) struct LoadedAnswer {
    pub(super) answer: Arc<Answer>,
    pub(super) tolerance: Tolerance,
    pub(super) marking: Marking,
    pub(super) off: Off,
    pub(super) hypotheses: HypothesisCache,
    /// By tensor: what explains its wrong numbers, once somebody has looked for it. That can take
    /// long, and is asked for at every draw.
    pub(super) explained: Box<[OnceLock<Vec<Diagnosis>>]>,
    /// What is known of mistakes elsewhere from which wrong numbers follow, once somebody has met
    /// one that nothing else explains.
    pub(super) sources: OnceLock<Vec<Remark>>,
}

/// The steps of the elements that are not right, each kind in their order.
#[derive(Debug, Default)]
pub(super) struct Off {
    pub(super) wrong: Vec<usize>,
    pub(super) carried: Vec<usize>,
    pub(super) blank: Vec<usize>,
}

impl LoadedAnswer {
    pub(super) fn new(
        backprop: &Backprop,
        answer: Arc<Answer>,
        tolerance: Tolerance,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let marking = Marking::new(backprop, &answer, tolerance, cancel)?;
        let network = backprop.network();
        Ok(Self {
            off: Off::of(backprop, &marking),
            hypotheses: HypothesisCache::default(),
            explained: network.ids().map(|_| OnceLock::new()).collect(),
            sources: OnceLock::new(),
            answer,
            tolerance,
            marking,
        })
    }

    /// The answer's number for an element, under its own tensor's name or a view's, and what it is;
    /// nothing where it has none.
    pub(super) fn theirs(
        &self,
        network: &Network,
        element: Element,
    ) -> Option<(Option<f64>, Status)> {
        let names = network.with_views(network.base(element.tensor)).into_iter();
        let at = element.at;
        names
            .filter_map(|tensor| self.marking.element(Element { tensor, at }))
            .next()
    }

    /// Whether its number for an element is wrong.
    pub(super) fn is_wrong(&self, network: &Network, element: Element) -> bool {
        self.theirs(network, element)
            .is_some_and(|(_, status)| status == Status::Wrong)
    }

    /// What explains the wrong numbers of a tensor, as far as anybody has looked for it.
    pub(super) fn explanations(&self, tensor: TensorId) -> Option<&[Diagnosis]> {
        self.explained[tensor.0 as usize].get().map(Vec::as_slice)
    }
}

impl Off {
    fn of(backprop: &Backprop, marking: &Marking) -> Self {
        let (steps, network) = (backprop.steps(), backprop.network());
        let mut off = Self::default();
        for &tensor in steps.tensors() {
            let names = network.with_views(tensor).into_iter();
            let marks = names.filter_map(|name| marking.tensor(name)).next();
            let statuses = marks.into_iter().flat_map(|marks| &marks.statuses);
            for (step, status) in steps.range(tensor).into_iter().flatten().zip(statuses) {
                match status {
                    Some(Status::Wrong) => off.wrong.push(step),
                    Some(Status::Carried) => off.carried.push(step),
                    Some(Status::Blank | Status::Unreadable) => off.blank.push(step),
                    Some(Status::Correct) | None => {}
                }
            }
        }
        off
    }

    pub(super) fn worst(&self, steps: &Range<usize>) -> Option<Status> {
        let has = |of_kind: &[usize]| {
            let first = of_kind.partition_point(|&step| step < steps.start);
            of_kind.get(first).is_some_and(|&step| step < steps.end)
        };
        [
            (Status::Wrong, &self.wrong),
            (Status::Carried, &self.carried),
            (Status::Blank, &self.blank),
        ]
        .into_iter()
        .find_map(|(status, of_kind)| has(of_kind).then_some(status))
    }
}
