//! The key of an exercise: the gradients that are asked for, where it comes from, and what its
//! numbers do not tell apart.

use std::io::{self, Write};

use serde_json::Value;

use super::generator::Exercise;
use super::separation::Blur;
use crate::json;
use crate::tape::Network;
use crate::tensor::exact;

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
                "gives the right numbers here, and no other numbers of the template were found in which it shows"
            }
            (None, 1, false) => "gives the right numbers here",
            (None, _, true) => {
                "give the same numbers here, and no other numbers of the template were found that tell them apart"
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
        "are the same here: along this axis the next weights are those of the next neuron, so its result comes out",
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
        &["kept-only-the-last", "forgot-a-branch"],
        "are the same here: one of the ways back is a single term, the last",
    ),
];

/// Where an exercise comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The template's name.
    pub template: &'a str,
    /// The level.
    pub level: u8,
    /// The name of the assignment.
    pub assignment: &'a str,
    /// Whose exercise it is, where it is for one student alone.
    pub student: Option<&'a str>,
}

impl Exercise {
    /// Writes the key, which `check` marks as a correct answer.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_key(&self, origin: Origin<'_>, out: &mut dyn Write) -> io::Result<()> {
        let text = |text: Option<&str>| Value::from(text).to_string();
        writeln!(
            out,
            "{{\n  \"format\": \"backstep-key/1\",\n  \"template\": {},",
            text(Some(origin.template))
        )?;
        writeln!(
            out,
            "  \"level\": {},\n  \"assignment\": {},",
            origin.level,
            text(Some(origin.assignment))
        )?;
        writeln!(
            out,
            "  \"student\": {},\n  \"scenario_sha256\": \"{}\",",
            text(origin.student),
            self.scenario.sha256()
        )?;
        write!(out, "  \"grads\": {{")?;
        for (number, &id) in super::asked(&self.scenario, &self.backprop)
            .iter()
            .enumerate()
        {
            let comma = if number == 0 { "" } else { "," };
            let gradient = self.backprop.gradient(id);
            let rows = json::rows(gradient.shape(), 4, &|at| exact(gradient.data()[at]));
            write!(
                out,
                "{comma}\n    \"{}\": {rows}",
                self.scenario.network.tensor(id).name
            )?;
        }
        write!(out, "\n  }},\n  \"inseparable\": [")?;
        for (number, one) in self.inseparable.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let slips: Vec<String> = one.slips.iter().map(|id| text(Some(id))).collect();
            let (tensor, why) = (text(Some(&one.tensor)), text(Some(one.why())));
            write!(
                out,
                "{comma}\n    {{ \"tensor\": {tensor}, \"slips\": [{}], \"why\": {why} }}",
                slips.join(", ")
            )?;
        }
        let end = if self.inseparable.is_empty() {
            ""
        } else {
            "\n  "
        };
        writeln!(out, "{end}]\n}}")
    }
}
