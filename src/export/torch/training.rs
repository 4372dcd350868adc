//! Training in PyTorch, with the same optimizer: every update is compared.

use std::io::{self, Write};
use std::sync::Arc;

use super::python::{number, numbers, string};
use crate::backprop::Backprop;
use crate::cancel::Cancel;
use crate::optim::{Given, Optimizer};
use crate::scenario::Scenario;
use crate::tape::Network;
use crate::tensor::TensorId;
use crate::training::Training;

/// The loop and the comparison.
const TRAIN: &str = include_str!("train.py");
/// The most numbers that a script holds to compare with.
const MOST_NUMBERS: usize = 1 << 20;

/// How many updates a script compares: all, or as many as it has room for.
fn n_compared(training: &Training) -> usize {
    let leaves = &training.scenario().leaves;
    let numbers = training
        .parameters()
        .iter()
        .map(|id| leaves[id].data().len());
    let each = numbers.sum::<usize>().max(1);
    training.n_updates().min((MOST_NUMBERS / each).max(1))
}

/// Writes the layers of a network, each line after an indentation.
type Forward<'a> = &'a dyn Fn(&Network, &str, &mut dyn Write) -> io::Result<()>;

/// Writes how the scenario is trained, where it is, and what backstep found.
pub(super) fn write(
    scenario: &Scenario,
    backprop: &Backprop,
    forward: Forward<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let run = backprop.clone();
    let (Some(updates), Some(mut training)) = (
        scenario.network.updates(),
        Training::from_run(Arc::new(scenario.clone()), run),
    ) else {
        return Ok(());
    };
    let name = |id: TensorId| string(&scenario.network.tensor(id).name);
    let trained: Vec<String> = updates
        .parameters
        .iter()
        .map(|&id| format!("t[{}]", name(id)))
        .collect();
    writeln!(
        out,
        "\n# Training.\noptimizer = {}",
        made(&updates.optimizer, &trained.join(", "))
    )?;
    if updates.optimizer.lr < 0.0 {
        let lr = number(updates.optimizer.lr);
        writeln!(out, "optimizer.param_groups[0][\"lr\"] = {lr}")?;
    }
    let n_batches = scenario
        .train
        .as_ref()
        .map_or(0, |train| train.batches.len())
        .max(1);
    for nth in 0..n_batches {
        writeln!(out, "\n\ndef forward_{nth}():")?;
        let (network, inputs) = scenario.batch(nth + 1);
        for (input, value) in inputs {
            writeln!(out, "    t[{}] = leaf({})", name(input), numbers(value))?;
        }
        forward(network, "    ", out)?;
    }
    let batches: Vec<String> = (0..n_batches).map(|nth| format!("forward_{nth}")).collect();
    writeln!(out, "\n\nbatches = [{}]", batches.join(", "))?;
    let n_updates = n_compared(&training);
    writeln!(
        out,
        "\n# The parameters that backstep found after each update{}.\nexpected_new = [",
        match n_updates < training.n_updates() {
            true => format!(", the first {n_updates} of {}", training.n_updates()),
            false => String::new(),
        }
    )?;
    for update in 1..=n_updates {
        let backprop = training.at(update, &Cancel::default())?;
        let new = backprop.network().all_updated();
        let new = new.map(|(of, new)| format!("{}: {}", name(of), numbers(backprop.gradient(new))));
        writeln!(out, "    {{{}}},", new.collect::<Vec<_>>().join(", "))?;
    }
    writeln!(out, "]")?;
    out.write_all(TRAIN.as_bytes())
}

/// The call that makes the optimizer.
fn made(optimizer: &Optimizer, parameters: &str) -> String {
    let settings = optimizer.given().into_iter().map(|(key, given)| {
        let value = match given {
            // The class refuses a rate below 0, which is set behind its back.
            Given::Number(value) if key == "lr" => number(value.abs()),
            Given::Number(value) => number(value),
            Given::Pair([one, other]) => format!("({}, {})", number(one), number(other)),
            Given::Flag(true) => "True".to_owned(),
            Given::Flag(false) => "False".to_owned(),
        };
        format!(", {key}={value}")
    });
    let class = optimizer.rule.torch();
    let settings: String = settings.collect();
    format!("torch.optim.{class}([{parameters}]{settings})")
}
