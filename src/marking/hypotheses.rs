use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::hypothesis::{Hypothesis, gradients};
use super::search::{paired, singles};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::Network;
use crate::tensor::TensorId;

/// The hypotheses that are held against wrong numbers. They are the same for every answer, so each
/// tensor's are found out once.
#[derive(Debug)]
pub struct Hypotheses {
    by_tensor: Vec<OnceLock<Vec<Hypothesis>>>,
    /// What hypotheses give where all downstream is right, as it is in most answers.
    given: Mutex<Vec<Given>>,
}

/// The numbers that a hypothesis gives in a tensor; none where it has nothing to do there.
#[derive(Debug, Clone)]
struct Given {
    tensor: TensorId,
    hypothesis: Hypothesis,
    numbers: Option<Arc<[f64]>>,
}

/// How many numbers that hypotheses give are kept for the answers to come: 8 MiB of them.
const MOST_KEPT: usize = 1 << 20;

impl Hypotheses {
    /// Those of a network's tensors.
    pub fn of(network: &Network) -> Self {
        Self {
            by_tensor: vec![OnceLock::new(); network.tensors().len()],
            given: Mutex::default(),
        }
    }

    /// Returns, hypothesis by hypothesis, the numbers that `own` leads to, or nothing where a
    /// hypothesis has nothing to do.
    pub(super) fn numbers(
        &self,
        truth: &Backprop,
        own: &Backprop,
        tensor: TensorId,
        hypotheses: &[Hypothesis],
        cancel: &Cancel,
    ) -> Result<Vec<Option<Arc<[f64]>>>, Cancelled> {
        let worked_out = |hypotheses: &[Hypothesis]| {
            let numbers = gradients(own, tensor, hypotheses, cancel)?.into_iter();
            Ok(numbers.map(|numbers| numbers.map(Arc::from)))
        };
        let mut outputs = truth
            .contributors(tensor)
            .map(|contributor| contributor.layer.output);
        if !outputs.all(|output| own.gradient(output) == truth.gradient(output)) {
            return Ok(worked_out(hypotheses)?.collect());
        }
        let kept = self
            .given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let find = |given: &[Given], hypothesis: &Hypothesis| {
            given
                .iter()
                .find(|given| given.tensor == tensor && given.hypothesis == *hypothesis)
                .map(|given| given.numbers.clone())
        };
        let missing: Vec<Hypothesis> = hypotheses
            .iter()
            .filter(|hypothesis| find(&kept, hypothesis).is_none())
            .cloned()
            .collect();
        let found: Vec<Given> = missing
            .iter()
            .cloned()
            .zip(worked_out(&missing)?)
            .map(|(hypothesis, numbers)| Given {
                tensor,
                hypothesis,
                numbers,
            })
            .collect();
        let all = hypotheses
            .iter()
            .map(|hypothesis| {
                find(&kept, hypothesis)
                    .or_else(|| find(&found, hypothesis))
                    .flatten()
            })
            .collect();
        self.keep(found);
        Ok(all)
    }

    /// Keeps what was found for the answers to come, as far as there is room.
    fn keep(&self, found: Vec<Given>) {
        let mut kept = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let size = |given: &Given| given.numbers.as_ref().map_or(1, |numbers| numbers.len());
        let mut room = MOST_KEPT.saturating_sub(kept.iter().map(size).sum());
        for given in found {
            let is_kept = kept
                .iter()
                .any(|other| other.tensor == given.tensor && other.hypothesis == given.hypothesis);
            if !is_kept && size(&given) <= room {
                room -= size(&given);
                kept.push(given);
            }
        }
    }

    /// The slips and the pairs that have something to do in a tensor, whatever gradients arrive
    /// there.
    pub(super) fn tensor(
        &self,
        truth: &Backprop,
        tensor: TensorId,
        cancel: &Cancel,
    ) -> Result<&[Hypothesis], Cancelled> {
        let known = &self.by_tensor[tensor.0 as usize];
        if let Some(known) = known.get() {
            return Ok(known);
        }
        // Found outside of the cell: a thread that waits for parts of this may take up another
        // answer that needs the same cell.
        let mut found = singles(truth, tensor, None, cancel)?;
        found.extend(paired(&found));
        Ok(known.get_or_init(|| found))
    }
}
