//! The slips in combining: another gradient of one neuron from the products of its terms.

use smallvec::SmallVec;

use super::making::Making;
use super::site::Site;
use super::slip::{Form, Slip};
use super::working::{How, Working};
use crate::ops::OperandRole;
use crate::tensor::Shape;

/// The terms of one neuron, as the learner has made them.
pub(super) struct Combining<'a, 'r> {
    pub(super) site: &'a Site<'r>,
    /// The upstream gradient that is given to the neuron itself.
    pub(super) given: Option<f64>,
    pub(super) terms: &'a [Making<'a, 'r>],
    /// The learner's product of each term.
    pub(super) products: &'a [f64],
}

pub(super) const COMBINING: &[Slip] = &[
    Slip::combine(
        "multiplied-instead-of-added",
        "multiplied the terms instead of adding them",
        |sum, _| sum.of_several(How::Multiplied),
    ),
    Slip::combine(
        "averaged-instead-of-added",
        "took the mean of the terms instead of their sum",
        |sum, _| sum.of_several(How::Divided(sum.products.len() as f64)),
    ),
    Slip::combine(
        "kept-only-the-largest",
        "kept only the largest term",
        |sum, _| {
            let size = |place: usize| sum.products[place].abs();
            let largest =
                (0..sum.products.len()).reduce(|a, b| if size(b) > size(a) { b } else { a })?;
            sum.of_several(How::Only(largest))
        },
    ),
    Slip::combine("kept-only-the-last", "kept only the last term", |sum, _| {
        sum.of_several(How::Only(sum.products.len().checked_sub(1)?))
    }),
    Slip::combine(
        "kept-only-the-first",
        "stopped after the first term",
        |sum, _| sum.of_several(How::Only(0)),
    ),
    Slip::combine(
        "forgot-a-branch",
        "followed only one of the ways back",
        |sum, form| {
            let Form::Branch(layer) = form else {
                return None;
            };
            sum.of_some(|term| term.contributor.number == layer)
        },
    )
    .in_forms(|site| {
        site.contributors
            .iter()
            .map(|contributor| Form::Branch(contributor.number))
            .collect()
    }),
    Slip::combine(
        "channels-not-summed",
        "took only the output channel with the neuron's own channel number",
        |sum, _| {
            sum.of_some(|term| channels(term).is_some_and(|(own, downstream)| own == downstream))
        },
    ),
    Slip::combine(
        "divided-by-the-batch",
        "divided by the size of the batch",
        |sum, _| {
            let batch = sum.site.batch()?;
            (!sum.products.is_empty()).then(|| sum.whole(How::Divided(batch as f64)))
        },
    ),
    Slip::combine(
        "forgot-the-given-upstream",
        "left out the gradient that is given to the neuron itself",
        |sum, _| {
            sum.given.filter(|_| !sum.products.is_empty())?;
            Some(Working {
                given: None,
                ..sum.whole(How::Added)
            })
        },
    ),
    Slip::combine("wrong-sign", "turned the sign round", |sum, _| {
        Some(sum.whole(How::Negated))
    }),
];

impl Combining<'_, '_> {
    /// All terms, combined in this way.
    pub(super) fn whole(&self, how: How) -> Working {
        Working {
            given: self.given,
            numbers: SmallVec::from_slice(self.products),
            how,
        }
    }

    /// All terms, where there are two or more.
    fn of_several(&self, how: How) -> Option<Working> {
        (self.products.len() > 1).then(|| self.whole(how))
    }

    /// The sum of some of the terms, where they are neither all nor none.
    fn of_some(&self, keep: impl Fn(&Making<'_, '_>) -> bool) -> Option<Working> {
        let kept = self
            .terms
            .iter()
            .zip(self.products)
            .filter(|(term, _)| keep(term));
        let numbers: SmallVec<_> = kept.map(|(_, &product)| product).collect();
        let is_part = !numbers.is_empty() && numbers.len() < self.products.len();
        is_part.then_some(Working {
            given: self.given,
            numbers,
            how: How::Added,
        })
    }
}

/// The channel of the neuron and of the downstream neuron, in a convolution with channels.
fn channels(term: &Making<'_, '_>) -> Option<(usize, usize)> {
    let (axes, run) = (term.contributor.layer.spatial_axes(), &term.contributor.run);
    let rank = run.output.shape().rank();
    if !term.kind().is_convolution() || !matches!(term.role, OperandRole::Input(_)) || rank == axes
    {
        return None;
    }
    let channel = |shape: &Shape, at: usize| {
        let (_, n_channels, size) = shape.around(rank - axes - 1);
        at / size % n_channels
    };
    Some((
        channel(run.input().shape(), term.at),
        channel(run.output.shape(), term.contribution.from.at),
    ))
}
