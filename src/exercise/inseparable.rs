//! What the numbers of an exercise do not tell apart.

use super::separation::Blur;
use crate::tape::Network;

/// One slip that cannot be seen in a tensor, or two that cannot be told apart there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inseparable {
    /// The tensor's name.
    pub tensor: String,
    /// The ids of one or two slips.
    pub slips: Vec<&'static str>,
    /// Whether no other numbers of the template were found that show the difference.
    pub always: bool,
}

impl Inseparable {
    /// Returns each slip, or pair of slips, once a tensor, whatever their forms.
    pub(super) fn of(network: &Network, blurs: &[Blur], always: &[Blur]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for blur in blurs {
            let tensor = network.tensor(blur.tensor).name.clone();
            let slips: Vec<&str> = [Some(blur.one), blur.other]
                .into_iter()
                .flatten()
                .map(|choice| choice.slip.id)
                .collect();
            let always = always.contains(blur);
            match all
                .iter_mut()
                .find(|known| known.tensor == tensor && known.slips == slips)
            {
                Some(known) => known.always &= always,
                None => all.push(Self {
                    tensor,
                    slips,
                    always,
                }),
            }
        }
        all
    }

    /// Says what cannot be told apart, and why, in words that fit after the slips' names.
    pub fn why(&self) -> &'static str {
        let known = REASONS
            .iter()
            .find(|(slips, _)| self.always && *slips == self.slips);
        match (known, self.slips.len(), self.always) {
            (Some((_, reason)), ..) => reason,
            (None, 1, true) => {
                "gives the right numbers here, and no other numbers of the template were found in \
                 which it shows"
            }
            (None, 1, false) => "gives the right numbers here",
            (None, _, true) => {
                "give the same numbers here, and no other numbers of the template were found that \
                 tell them apart"
            }
            (None, _, false) => "give the same numbers here",
        }
    }
}

/// Why slips come to the same in every exercise of a template, where that is known.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["slope-twice"],
        "gives the right numbers: the slope of a ReLU is 0 or 1, and so is its square",
    ),
    (
        &["forgot-the-upstream"],
        "gives the right numbers: the gradient that arrives is 1",
    ),
    (
        &["forgot-the-mean"],
        "gives the right numbers: the mean is over one sample",
    ),
    (
        &["forgot-the-weight", "summed-the-upstream-gradients"],
        "are the same here: without a slope there is nothing but the weight to leave out",
    ),
    (
        &["neighbouring-weight", "shifted"],
        "are the same here: along this axis the next weights are those of the next neuron, so its \
         result comes out",
    ),
    (
        &["multiplied-instead-of-added", "left-at-zero"],
        "are the same here: each neuron has a term that is zero, and so is the product",
    ),
    (
        &["averaged-instead-of-added", "divided-by-the-batch"],
        "are the same here: there is one term for each sample of the batch",
    ),
    (
        &["kept-only-the-first", "forgot-a-branch"],
        "are the same here: one of the ways back is a single term, the first",
    ),
];
