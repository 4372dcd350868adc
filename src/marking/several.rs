//! Several mistakes in one recording, each named where it was made: one that leads to all that is
//! wrong is not to be found then.

use super::comparison::Marking;
use super::diagnosis::diagnose;
use super::hypothesis_cache::HypothesisCache;
use super::marks::Status;
use super::remark::Remark;
use super::source::{InPart, in_part, source};
use super::tolerance::Origin;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::Kind;
use crate::tensor::TensorId;

/// What is known of where mistakes were made that is not seen from the marks.
#[derive(Debug)]
pub struct Sources {
    /// What is known.
    pub remarks: Vec<Remark>,
    /// The answer beside what follows from the mistakes that are known, where others were made as
    /// well: what is wrong there comes of those.
    pub rest: Option<Marking>,
}

/// Returns what is known of where mistakes were made: the first of all that is wrong, or else of
/// what is left without the parameters in whose own gradients a mistake was made, or else the
/// mistake that leads to the most, and so on with the rest.
///
/// # Errors
/// It was given up.
pub fn sources(marking: &Marking, cancel: &Cancel) -> Result<Sources, Cancelled> {
    let remarks = source(marking, cancel)?;
    let wrong = wrong(marking);
    let is_named = remarks.iter().any(|remark| !remark.slips().is_empty());
    let only = |remarks| Sources {
        remarks,
        rest: None,
    };
    if is_named || wrong.len() < 2 || marking.origin() == Origin::People {
        return Ok(only(remarks));
    }
    let (aside, others) = apart(marking, wrong, cancel)?;
    let left = marking.without(&aside);
    let found = match aside.is_empty() || others.is_empty() {
        true => Vec::new(),
        false => of_these(source(&left, cancel)?, &left),
    };
    if !found.is_empty() {
        return Ok(only(found));
    }
    let part = match in_part(marking, cancel)? {
        None if !aside.is_empty() => in_part(&left, cancel)?,
        part => part,
    };
    let Some(InPart { remark, rest }) = part else {
        return Ok(only(remarks));
    };
    let more = sources(&rest, cancel)?;
    let more_remarks = of_these(more.remarks, &rest);
    Ok(Sources {
        remarks: [remark].into_iter().chain(more_remarks).collect(),
        rest: Some(more.rest.unwrap_or(rest)),
    })
}

/// The mistakes among what is known, which may give all that is wrong there but not elsewhere.
fn of_these(remarks: Vec<Remark>, marking: &Marking) -> Vec<Remark> {
    let name = |tensor: TensorId| marking.truth().network().tensor(tensor).name.clone();
    let names = || wrong(marking).into_iter().map(name).collect();
    let of_these = |remark| match remark {
        Remark::Source { mistakes, of } => Some(Remark::Source {
            mistakes,
            of: of.or_else(|| Some(names())),
        }),
        _ => None,
    };
    remarks.into_iter().filter_map(of_these).collect()
}

/// The wrong tensors, in backward order.
fn wrong(marking: &Marking) -> Vec<TensorId> {
    let steps = marking.truth().steps().tensors().iter().copied();
    let is_wrong = |id: &TensorId| marking.status(*id) == Some(Status::Wrong);
    steps.filter(is_wrong).collect()
}

/// Takes wrong tensors apart: the parameters whose own gradients a slip gives, from which nothing
/// follows, and the others.
fn apart(
    marking: &Marking,
    wrong: Vec<TensorId>,
    cancel: &Cancel,
) -> Result<(Vec<TensorId>, Vec<TensorId>), Cancelled> {
    let (network, hypotheses) = (marking.truth().network(), HypothesisCache::default());
    let (mut aside, mut others) = (Vec::new(), Vec::new());
    for tensor in wrong {
        let is_parameter = matches!(network.tensor(tensor).kind, Kind::Parameter(_));
        let has_own = is_parameter && !diagnose(&hypotheses, marking, tensor, cancel)?.is_empty();
        let part = if has_own { &mut aside } else { &mut others };
        part.push(tensor);
    }
    Ok((aside, others))
}
