//! How much of an answer is not compared, and why.

use std::collections::BTreeMap;

use crate::diagnostic::list;
use crate::marking::{Problem, Uncompared};

/// Returns how many tensors of an answer are not compared, and why: `not compared: 2 tensors whose
/// names the scenario does not have`. Nothing where all are.
pub fn uncompared(problems: &[Problem]) -> Option<String> {
    let mut counts: BTreeMap<Uncompared, usize> = BTreeMap::new();
    for (n, why) in problems.iter().filter_map(Problem::uncompared) {
        *counts.entry(why).or_default() += n;
    }
    let said = |(&why, &n): (&Uncompared, &usize)| {
        let tensors = if n == 1 { "tensor" } else { "tensors" };
        let why = match (why, n) {
            (Uncompared::Name, 1) => "whose name the scenario does not have",
            (Uncompared::Name, _) => "whose names the scenario does not have",
            (Uncompared::Shape, _) => "of another shape",
            (Uncompared::Twice, 1) => "that is given twice",
            (Uncompared::Twice, _) => "that are given twice",
            (Uncompared::Unreadable, _) => "that cannot be read",
        };
        format!("{n} {tensors} {why}")
    };
    let said: Vec<String> = counts.iter().map(said).collect();
    (!said.is_empty()).then(|| format!("not compared: {}", list(&said, "and")))
}
