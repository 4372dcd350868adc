//! Where a mistake was made that shows only further up, where an answer does not have the gradients
//! in between: those of a training run are often only the parameters'.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{LEFT_AT_ZERO, slip};
use super::form::Form;
use super::hypothesis::{Hypothesis, gradients};
use super::marks::{Marking, Status};
use super::remark::Remark;
use super::search::singles;
use super::slip::Choice;
use super::tolerance::Bounds;
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::{Kind, Layer};
use crate::tensor::{Element, Tensor, TensorId};

/// Slips are looked for only in tensors with about so many terms: it takes working them all out for
/// every slip.
const MOST_TERMS: usize = 1 << 18;

/// Returns what is known of where the first mistake was made, where that is not seen from the
/// marks: the tensor and the slips that explain all of the marks, or else the places between which
/// it must lie.
///
/// # Errors
/// It was given up.
pub(super) fn source(marking: &Marking, cancel: &Cancel) -> Result<Option<Remark>, Cancelled> {
    let Some(way) = Way::of(marking) else {
        return Ok(None);
    };
    let mut found: Vec<(Choice, Vec<String>)> = Vec::new();
    for &tensor in &way.between {
        for choice in way.slips(tensor, cancel)? {
            match found.iter_mut().find(|(known, _)| *known == choice) {
                Some((_, tensors)) => tensors.push(way.name(tensor)),
                None => found.push((choice, vec![way.name(tensor)])),
            }
        }
    }
    if !found.is_empty() {
        return Ok(Some(Remark::Source(found)));
    }
    let right = way.right.iter();
    Ok(Some(Remark::Between {
        right: right
            .map(|&layer| way.name(way.layer(layer).output))
            .collect(),
        wrong: way.name(way.wrong[0]),
        between: way.between.iter().map(|&tensor| way.name(tensor)).collect(),
    }))
}

/// The way from the first wrong parameter to what is right behind it.
struct Way<'a> {
    marking: &'a Marking,
    truth: &'a Backprop,
    /// The wrong parameters, in backward order.
    wrong: Vec<TensorId>,
    /// The layers behind it whose parameters are right.
    right: BTreeSet<usize>,
    /// The tensors between, in backward order.
    between: Vec<TensorId>,
}

impl<'a> Way<'a> {
    /// Finds the way where the first tensor that is wrong is a parameter, and the gradient that
    /// arrives at its layer is not there.
    fn of(marking: &'a Marking) -> Option<Self> {
        let truth = marking.truth();
        let network = truth.network();
        let status = |id: TensorId| Some(marking.tensor(id)?.status());
        let is_wrong = |id: &TensorId| status(*id) == Some(Status::Wrong);
        let steps = truth.steps().tensors().iter().copied();
        let wrong: Vec<TensorId> = steps.clone().filter(is_wrong).collect();
        let first = *wrong.first()?;
        let Kind::Parameter(_) = network.tensor(first).kind else {
            return None;
        };
        let parameters = |layer: &Layer| [layer.weight, layer.bias].into_iter().flatten();
        let is_right = |layer: &Layer| {
            let mut all = parameters(layer).filter_map(status).peekable();
            all.peek().is_some() && all.all(|status| status == Status::Correct)
        };
        let (mut right, mut reached) = (BTreeSet::new(), BTreeSet::new());
        let users = network.users(first).into_iter();
        let mut waiting: Vec<TensorId> = users.map(|output| network.base(output)).collect();
        while let Some(tensor) = waiting.pop() {
            // A gradient that is there and right is as good an end as a layer's parameters.
            if network
                .with_views(tensor)
                .into_iter()
                .any(|id| status(id).is_some())
            {
                return None;
            }
            if !reached.insert(tensor) {
                continue;
            }
            for contributor in truth.contributors(tensor) {
                if is_right(contributor.layer) {
                    right.insert(contributor.number);
                } else {
                    waiting.push(network.base(contributor.layer.output));
                }
            }
        }
        let between = steps.filter(|tensor| reached.contains(tensor)).collect();
        Some(Self {
            marking,
            truth,
            wrong,
            right,
            between,
        })
    }

    fn name(&self, tensor: TensorId) -> String {
        self.truth.network().tensor(tensor).name.clone()
    }

    fn layer(&self, number: usize) -> &Layer {
        &self.truth.network().layers()[number]
    }

    /// The slips in a tensor that give all numbers of the answer, the right ones and the wrong
    /// ones.
    fn slips(&self, tensor: TensorId, cancel: &Cancel) -> Result<Vec<Choice>, Cancelled> {
        let follow = self.truth.following_from([tensor].into_iter());
        let explains_all = self.wrong.iter().all(|wrong| follow[wrong.0 as usize]);
        let right = self.truth.gradient(tensor);
        let (mut n_terms, element) = (0, Element { tensor, at: 0 });
        self.truth.terms(element, &mut |_| n_terms += 1);
        if !explains_all || n_terms * right.data().len() > MOST_TERMS {
            return Ok(Vec::new());
        }
        let mut tried = singles(self.truth, tensor, None, cancel)?;
        tried.extend(self.same_factor());
        let numbers = gradients(self.truth, tensor, &tried, cancel)?;
        let mut found: Vec<Choice> = Vec::new();
        for (hypothesis, numbers) in tried.iter().zip(numbers) {
            cancel.check()?;
            let theirs = numbers.and_then(|numbers| Tensor::new(right.shape().clone(), numbers));
            let &[choice] = hypothesis.choices() else {
                continue;
            };
            let is_known = found.iter().any(|known| known.slip == choice.slip);
            // Nobody needs a slip for zeros.
            let is_zero = theirs.as_ref().is_some_and(|theirs| {
                let mut numbers = theirs.data().iter();
                numbers.all(|number| number.abs() <= f64::MIN_POSITIVE.sqrt())
            });
            if is_zero && choice.slip.id != LEFT_AT_ZERO {
                continue;
            }
            if !is_known && theirs.is_some_and(|theirs| self.leads_to_theirs(tensor, theirs)) {
                found.push(choice);
            }
        }
        Ok(found)
    }

    /// That everything was multiplied by what the largest number of the first wrong tensor was.
    fn same_factor(&self) -> Option<Hypothesis> {
        let right = self.truth.gradient(self.wrong[0]).data();
        let size = |at: &usize| right[*at].abs();
        let largest = (0..right.len()).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        let theirs = self.marking.tensor(self.wrong[0])?.numbers.get(largest)?;
        let factor = Some(theirs / right[largest]).filter(|factor| factor.is_finite())?;
        let choice = Choice {
            slip: slip("constant-factor")?,
            form: Form::Factor(factor),
        };
        Some(choice.into())
    }

    /// Whether the right way leads from other gradients of a tensor to all that the answer has.
    fn leads_to_theirs(&self, tensor: TensorId, theirs: Tensor) -> bool {
        let right = self.truth.gradient(tensor).data();
        let mut both = theirs.data().iter().zip(right);
        if both.all(|(&theirs, &right)| Bounds::EXACT.is_right(theirs, right)) {
            return false;
        }
        let own = self.truth.following(&BTreeMap::from([(tensor, theirs)]));
        // A wrong one tells the soonest that something else was done.
        let first = self.wrong.iter().copied();
        let mut given = first.chain(self.marking.tensors());
        given.all(|id| {
            let Some(marks) = self.marking.tensor(id) else {
                return true;
            };
            let mut both = marks.numbers.iter().zip(own.gradient(id).data());
            both.all(|(theirs, &follows)| {
                theirs.is_none_or(|theirs| marks.bounds.is_right(theirs, follows))
            })
        })
    }
}
