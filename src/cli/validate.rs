//! `backstep validate`: whether files are scenarios.

use std::io::Write;

use clap::Args;

use super::{Failure, Global, Outcome, input, report};
use crate::diagnostic::visible;

/// Says whether files are scenarios, with every problem in them at once.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Example:\n",
        "  backstep validate homework/*.json",
    ))]
pub(super) struct Arguments {
    /// The scenarios.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let mut last_problem = None;
    for name in &arguments.scenarios {
        match input::scenario(name, global) {
            Ok(scenario) => {
                let (n_layers, n_tensors) = (
                    scenario.network.layers().len(),
                    scenario.network.tensors().len(),
                );
                let layers = if n_layers == 1 { "layer" } else { "layers" };
                writeln!(
                    std::io::stdout(),
                    "{}: a scenario of {n_layers} {layers} and {n_tensors} tensors",
                    visible(name)
                )?;
            }
            Err(problem) => {
                // The last one is printed by whoever hears of the failure.
                if let Some(before) = last_problem.replace(problem) {
                    report::print(&before, global);
                }
            }
        }
    }
    last_problem.map_or(Ok(Outcome::Fine), |problem| Err(problem.into()))
}
