//! Where a mistake was made that shows only further up, where an answer does not have the gradients
//! in between: those of a training run are often only the parameters'.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Answer;
use super::arrived::{Arrived, arrived};
use super::catalogue::{CONSTANT_FACTOR, LEFT_AT_ZERO, WRONG_SIGN, slip};
use super::cause::Cause;
use super::comparison::Marking;
use super::determined::own_mistake;
use super::diagnosis::{Diagnosis, diagnose};
use super::form::Form;
use super::hypothesis::{Hypothesis, gradients};
use super::hypothesis_cache::HypothesisCache;
use super::marks::Status;
use super::numbers::Numbers;
use super::remark::Remark;
use super::same_factor::{factor, same_factor};
use super::search::singles;
use super::slip::Choice;
use super::tolerance::{Bounds, Origin, Tolerance};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::{Kind, Layer};
use crate::tensor::{Element, Tensor, TensorId};

/// How far a gradient that was solved for may be off, in parts of the largest one.
const SOLVED: f64 = 0.01;
/// Slips are looked for only in tensors with about so many terms: it takes working them all out for
/// every slip.
const MOST_TERMS: usize = 1 << 18;

/// A mistake that leads to some wrong tensors leads to one of the first, of which so many may be
/// wrong otherwise too.
const MOST_OTHERWISE_WRONG: usize = 1;
/// So many wrong numbers at least bear out a mistake that does not lead to all of them.
const FEWEST_NUMBERS: usize = 4;

/// Returns what is known of where the first mistake was made, where that is not seen from the
/// marks: the tensor and the slips that explain all of the marks, or else the places between which
/// it must lie, with what the first wrong weight tells of what has arrived at its layer. A learner
/// is told what was done in a tensor only where the tensor was asked, so that is for recordings.
///
/// # Errors
/// It was given up.
pub(super) fn source(marking: &Marking, cancel: &Cancel) -> Result<Vec<Remark>, Cancelled> {
    if marking.origin() == Origin::People {
        return Ok(Vec::new());
    }
    if let Some(own) = own_mistake(marking) {
        return Ok(vec![own]);
    }
    let same_factor = same_factor(marking);
    let found = searched(marking, cancel)?;
    // A rule that gives the factor says more than the factor.
    let is_rule = |id: &str| ![CONSTANT_FACTOR, LEFT_AT_ZERO, WRONG_SIGN].contains(&id);
    let is_rule = |remark: &Remark| remark.slips().into_iter().any(is_rule);
    Ok(match same_factor {
        Some(same) if !found.iter().any(is_rule) => vec![same],
        _ => found,
    })
}

/// Searches where the first mistake was made.
fn searched(marking: &Marking, cancel: &Cancel) -> Result<Vec<Remark>, Cancelled> {
    let Some(way) = Way::of(marking) else {
        return Ok(Vec::new());
    };
    let mut found: Vec<(Choice, Vec<String>)> = Vec::new();
    for &tensor in way.between.iter().chain(&way.wrong[..1]) {
        for slip in way.slips(tensor, Led::ToAll, cancel)? {
            note(&mut found, slip.choice, way.name(tensor));
        }
    }
    if !found.is_empty() {
        // What was done in the first wrong tensor itself is told there.
        let first = way.name(way.wrong[0]);
        if found
            .iter()
            .all(|(_, tensors)| tensors[..] == [first.as_str()])
        {
            return Ok(Vec::new());
        }
        return Ok(vec![Remark::Source {
            mistakes: found,
            of: None,
        }]);
    }
    Ok(match way.arrived() {
        Some((layer, weight, Arrived::Nothing)) if way.is_same_run(layer) => {
            vec![Remark::NothingGives {
                layer: way.name(layer.output),
                weight: way.name(weight),
            }]
        }
        Some((layer, weight, Arrived::Gradient(arrived))) => {
            let told = way.told(layer, weight, arrived, cancel)?;
            let or_itself = told.is_none() || weight != way.wrong[0];
            [way.bracket(or_itself)].into_iter().chain(told).collect()
        }
        Some((_, _, Arrived::Nothing)) | None => vec![way.bracket(true)],
    })
}

/// The way from the first wrong tensor to what is right behind it.
struct Way<'a> {
    marking: &'a Marking,
    truth: &'a Backprop,
    /// The wrong tensors, in backward order.
    wrong: Vec<TensorId>,
    /// The outputs of the layers behind it that are right, or whose parameters are.
    right: BTreeSet<TensorId>,
    /// The tensors between, in backward order.
    between: Vec<TensorId>,
    /// Whether nothing is between but what the scenario gives.
    is_given: bool,
}

impl<'a> Way<'a> {
    /// Finds the way where gradients are not there that come between the first tensor that is wrong
    /// and those that are right behind it.
    fn of(marking: &'a Marking) -> Option<Self> {
        let truth = marking.truth();
        let network = truth.network();
        let is_wrong = |id: &TensorId| marking.status(*id) == Some(Status::Wrong);
        let steps = truth.steps().tensors().iter().copied();
        let wrong: Vec<TensorId> = steps.clone().filter(is_wrong).collect();
        let first = *wrong.first()?;
        let (mut right, mut reached) = (BTreeSet::new(), BTreeSet::new());
        let mut waiting: Vec<&Layer> = truth.contributors(first).map(|it| it.layer).collect();
        while let Some(layer) = waiting.pop() {
            let tensor = network.base(layer.output);
            let known = network.with_views(tensor).into_iter();
            let mut known = known.filter_map(|id| marking.status(id)).peekable();
            // A gradient that is there and right is as good an end as a layer's parameters; those
            // of the first wrong one's own layer are told of elsewhere.
            let is_own = |id| layer.weight == Some(id) || layer.bias == Some(id);
            if known.peek().is_some() {
                if known.any(|status| status != Status::Correct) {
                    return None;
                }
                right.insert(layer.output);
            } else if !is_own(first) && has_right_parameters(marking, layer) {
                right.insert(layer.output);
            } else if reached.insert(tensor) {
                waiting.extend(truth.contributors(tensor).map(|it| it.layer));
            }
        }
        let mut between: Vec<TensorId> = steps.filter(|tensor| reached.contains(tensor)).collect();
        let is_given =
            between.is_empty() && matches!(network.tensor(first).kind, Kind::Parameter(_));
        if is_given {
            between.extend(reached);
        }
        (!between.is_empty()).then_some(Self {
            marking,
            truth,
            wrong,
            right,
            between,
            is_given,
        })
    }

    /// Between what the mistake lies.
    fn bracket(&self, or_itself: bool) -> Remark {
        let right = self.right.iter();
        let right = right.map(|&output| self.name(output));
        let between = self.between.iter();
        Remark::Between {
            right: right.collect(),
            wrong: self.name(self.wrong[0]),
            between: between.map(|&tensor| self.name(tensor)).collect(),
            is_given: self.is_given,
            or_itself,
        }
    }

    /// What the weight of the first wrong tensor's layer tells, if it is a parameter, of what has
    /// arrived there.
    fn arrived(&self) -> Option<(&'a Layer, TensorId, Arrived)> {
        let Kind::Parameter(number) = self.truth.network().tensor(self.wrong[0]).kind else {
            return None;
        };
        let layer = &self.truth.network().layers()[number];
        Some((layer, layer.weight?, arrived(self.marking, layer)?))
    }

    /// Whether something behind a layer is right, or its bias: with other values nothing would be.
    fn is_same_run(&self, layer: &Layer) -> bool {
        let bias = layer.bias.and_then(|bias| self.marking.tensor(bias));
        !self.right.is_empty() || bias.is_some_and(|marks| marks.status() == Status::Correct)
    }

    /// Says what is wrong with the gradient that has arrived at a layer, and what explains it.
    fn told(
        &self,
        layer: &Layer,
        weight: TensorId,
        arrived: Tensor,
        cancel: &Cancel,
    ) -> Result<Option<Remark>, Cancelled> {
        let numbers: Numbers = arrived.into();
        let answer = Answer {
            origin: self.marking.origin(),
            gradients: BTreeMap::from([(layer.output, numbers.clone())]),
            ..Answer::default()
        };
        // What was solved for is known less exactly than what was written.
        let tolerance = Tolerance {
            rtol: SOLVED,
            atol: SOLVED,
            of: None,
        };
        let marking = Marking::new(self.truth, &answer, tolerance, cancel)?;
        let Some(marks) = marking.tensor(layer.output) else {
            return Ok(None);
        };
        let Some(at) = marks.wrong().next() else {
            return Ok(None);
        };
        let diagnoses = diagnose(&HypothesisCache::default(), &marking, layer.output, cancel)?;
        let single = |diagnosis: &Diagnosis| match &diagnosis.cause {
            Cause::Rules(followed) => match followed.hypothesis.choices() {
                &[only] => Some(only),
                _ => None,
            },
            Cause::Swapped(_) | Cause::Term(_) => None,
        };
        let element = Element {
            tensor: layer.output,
            at,
        };
        Ok(Some(Remark::Arrived {
            weight: self.name(weight),
            address: self.truth.network().address(element),
            yours: numbers.get(at).unwrap_or_default(),
            expected: self.truth.element(element),
            n_wrong: marks.count(Status::Wrong),
            n: numbers.len(),
            slips: diagnoses.iter().filter_map(single).collect(),
        }))
    }

    fn name(&self, tensor: TensorId) -> String {
        self.truth.network().tensor(tensor).name.clone()
    }

    /// The slips in a tensor that lead to wrong numbers of the answer, and to none that are right
    /// and have others there.
    fn slips(&self, tensor: TensorId, led: Led, cancel: &Cancel) -> Result<Vec<Lead>, Cancelled> {
        let follow = self.truth.following_from([tensor].into_iter());
        let mut follow = self.wrong.iter().map(|wrong| follow[wrong.0 as usize]);
        let may_lead = match led {
            Led::ToAll => follow.all(|follows| follows),
            Led::ToSome => follow.any(|follows| follows),
        };
        let right = self.truth.gradient(tensor);
        let (mut n_terms, element) = (0, Element { tensor, at: 0 });
        self.truth.terms(element, &mut |_| n_terms += 1);
        if !may_lead || n_terms * right.data().len() > MOST_TERMS {
            return Ok(Vec::new());
        }
        let mut tried = singles(self.truth, tensor, None, cancel)?;
        tried.extend(self.by_factor());
        let numbers = gradients(self.truth, tensor, &tried, cancel)?;
        let mut found: Vec<Lead> = Vec::new();
        for (hypothesis, numbers) in tried.iter().zip(numbers) {
            cancel.check()?;
            let theirs = numbers.and_then(|numbers| Tensor::new(right.shape().clone(), numbers));
            let (&[choice], Some(theirs)) = (hypothesis.choices(), theirs) else {
                continue;
            };
            let is_known = found.iter().any(|known| known.choice.slip == choice.slip);
            // Nobody needs a slip for zeros.
            let mut numbers = theirs.data().iter();
            let is_zero = numbers.all(|number| number.abs() <= f64::MIN_POSITIVE.sqrt());
            if is_known || is_zero && choice.slip.id != LEFT_AT_ZERO {
                continue;
            }
            let to = self.led_to(tensor, &theirs, led);
            found.extend(to.map(|to| Lead { choice, theirs, to }));
        }
        Ok(found)
    }

    /// That everything was multiplied by what the largest number of the first wrong tensor was.
    fn by_factor(&self) -> Option<Hypothesis> {
        let choice = Choice {
            slip: slip(CONSTANT_FACTOR)?,
            form: Form::Factor(factor(self.marking, self.wrong[0])?),
        };
        Some(choice.into())
    }

    /// The wrong tensors to which the right way leads from other gradients of a tensor: all of
    /// them, or some. Nothing where it leads elsewhere, or to others than those that are right.
    fn led_to(&self, tensor: TensorId, theirs: &Tensor, led: Led) -> Option<Vec<TensorId>> {
        let right = self.truth.gradient(tensor).data();
        let mut both = theirs.data().iter().zip(right);
        if both.all(|(&theirs, &right)| Bounds::EXACT.is_right(theirs, right)) {
            return None;
        }
        let own = self
            .truth
            .following(&BTreeMap::from([(tensor, theirs.clone())]));
        let is_led_to = |id: &TensorId| {
            let Some(marks) = self.marking.tensor(*id) else {
                return true;
            };
            let mut both = marks.numbers.iter().zip(own.gradient(*id).data());
            both.all(|(theirs, &follows)| {
                theirs.is_none_or(|theirs| marks.bounds.is_right(theirs, follows))
            })
        };
        // A wrong one tells the soonest that something else was done.
        let mut first = self.wrong.iter().take(MOST_OTHERWISE_WRONG + 1);
        let is_right = |id: &TensorId| self.marking.status(*id) == Some(Status::Correct);
        let is_so = match led {
            Led::ToAll => {
                self.wrong.iter().all(is_led_to) && self.marking.tensors().all(|id| is_led_to(&id))
            }
            Led::ToSome => {
                first.any(is_led_to)
                    && self
                        .marking
                        .tensors()
                        .filter(is_right)
                        .all(|id| is_led_to(&id))
            }
        };
        let to = self.wrong.iter().copied().filter(is_led_to);
        is_so.then(|| to.collect())
    }
}

/// To how many of the wrong tensors a mistake has to lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Led {
    ToAll,
    ToSome,
}

/// A mistake in a tensor that leads to wrong numbers of others.
struct Lead {
    choice: Choice,
    /// What it gives in the tensor.
    theirs: Tensor,
    /// The wrong tensors to which it leads.
    to: Vec<TensorId>,
}

/// Notes a mistake in a tensor beside others.
fn note(mistakes: &mut Vec<(Choice, Vec<String>)>, choice: Choice, tensor: String) {
    match mistakes.iter_mut().find(|(known, _)| *known == choice) {
        Some((_, tensors)) => tensors.push(tensor),
        None => mistakes.push((choice, vec![tensor])),
    }
}

/// A mistake that leads to some of the wrong tensors, where others were made as well.
pub(super) struct InPart {
    pub(super) remark: Remark,
    /// The answer beside what follows from the mistake: what is wrong there comes of others.
    pub(super) rest: Marking,
}

/// Searches a mistake that leads to some of the wrong tensors and not to all: the one that leads to
/// the most.
///
/// # Errors
/// It was given up.
pub(super) fn in_part(marking: &Marking, cancel: &Cancel) -> Result<Option<InPart>, Cancelled> {
    let Some(way) = Way::of(marking).filter(|_| marking.origin() != Origin::People) else {
        return Ok(None);
    };
    let mut leads: Vec<(TensorId, Lead)> = Vec::new();
    for &tensor in &way.between {
        let found = way.slips(tensor, Led::ToSome, cancel)?;
        leads.extend(found.into_iter().map(|lead| (tensor, lead)));
    }
    let most = leads.iter().map(|(_, lead)| lead.to.len()).max();
    leads.retain(|(_, lead)| Some(lead.to.len()) == most);
    let n_wrong = |tensor: &TensorId| {
        marking
            .tensor(*tensor)
            .map_or(0, |it| it.count(Status::Wrong))
    };
    let Some((tensor, first)) = leads.first() else {
        return Ok(None);
    };
    if first.to.iter().map(n_wrong).sum::<usize>() < FEWEST_NUMBERS {
        return Ok(None);
    }
    let mut mistakes = Vec::new();
    for (tensor, lead) in leads.iter().filter(|(_, lead)| lead.to == first.to) {
        note(&mut mistakes, lead.choice, way.name(*tensor));
    }
    let of = first.to.iter().map(|&tensor| way.name(tensor)).collect();
    let gradients = BTreeMap::from([(*tensor, first.theirs.clone())]);
    Ok(Some(InPart {
        remark: Remark::Source {
            mistakes,
            of: Some(of),
        },
        rest: marking.beside(way.truth.following(&gradients)),
    }))
}

/// Whether a layer has parameters that are known, and all of them are right.
fn has_right_parameters(marking: &Marking, layer: &Layer) -> bool {
    let parameters = [layer.weight, layer.bias].into_iter().flatten();
    let mut known = parameters.filter_map(|id| marking.status(id)).peekable();
    known.peek().is_some() && known.all(|status| status == Status::Correct)
}
