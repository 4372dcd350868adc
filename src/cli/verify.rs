//! `backstep verify`: every gradient beside the slope that a nudge measures.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;

use super::progress::Progress;
use super::{Failure, Global, Outcome, input};
use crate::backprop::{Backprop, Check, Kink, Verdict, verify};
use crate::cancel::Cancelled;
use crate::diagnostic::visible;
use crate::scenario::Scenario;
use crate::tensor::{exact, rounded};
use crate::words;

/// Compares every gradient with central finite differences, and names each kink that it meets.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep verify the-question\n",
        "  backstep verify large.json --sample 200",
    )
)]
pub(super) struct Arguments {
    /// The scenarios.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Nudge only so many neurons, evenly spread over the steps.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// At this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update)]
    update: Option<usize>,
    /// How to say what was found.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let scenarios: Vec<Scenario> = arguments
        .scenarios
        .iter()
        .map(|name| input::scenario(name, global))
        .collect::<Result<_, _>>()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut outcome = Outcome::Fine;
    for (name, scenario) in arguments.scenarios.iter().zip(&scenarios) {
        let findings = Findings::of(
            name,
            input::backprop_at(scenario, arguments.update, global)?,
            arguments.sample,
            global,
        )?;
        match arguments.format {
            ReportFormat::Text => findings.write_text(&mut out)?,
            ReportFormat::Json => writeln!(out, "{}", findings.json())?,
        }
        if findings.is_anything_wrong() {
            outcome = Outcome::FoundWrong;
        }
    }
    out.flush()?;
    Ok(outcome)
}

/// What the nudges of one scenario's neurons showed.
struct Findings<'a> {
    scenario: &'a str,
    backprop: Backprop,
    checks: Vec<Check>,
}

impl<'a> Findings<'a> {
    fn of(
        scenario: &'a str,
        backprop: Backprop,
        sample: Option<u32>,
        global: &Global,
    ) -> Result<Self, Cancelled> {
        let n_steps = backprop.steps().n_gradients();
        let n_checked = sample.map_or(n_steps, |sample| n_steps.min(sample as usize));
        let progress = Progress::of(n_checked, global);
        let element = |number: usize| backprop.steps().element(number * n_steps / n_checked);
        let check = |element| {
            progress.advance(1);
            verify(&backprop, element, &global.cancel)
        };
        let checks = (0..n_checked)
            .into_par_iter()
            .filter_map(element)
            .map(check)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            scenario,
            backprop,
            checks,
        })
    }

    /// Whether a gradient is wrong, or none of them could be compared with a slope.
    fn is_anything_wrong(&self) -> bool {
        let mut wrong = self.of_verdict(|verdict| *verdict == Verdict::Wrong);
        let is_slopeless = |verdict: &Verdict| {
            matches!(
                verdict,
                Verdict::NotFinite | Verdict::Immovable | Verdict::Unmeasurable
            )
        };
        let is_none_compared = self.of_verdict(is_slopeless).count() == self.checks.len();
        wrong.next().is_some() || is_none_compared
    }

    fn of_verdict(&self, is: impl Fn(&Verdict) -> bool) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| is(&check.verdict))
    }

    fn address(&self, check: &Check) -> String {
        self.backprop.network().address(check.element).to_string()
    }

    fn write_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let n_right = self
            .of_verdict(|verdict| *verdict == Verdict::Right)
            .count();
        let n_kinks = self
            .of_verdict(|verdict| matches!(verdict, Verdict::Kink(_)))
            .count();
        let kinks = match n_kinks {
            0 => String::new(),
            1 => ", and 1 is at a kink".to_owned(),
            n => format!(", and {n} are at a kink"),
        };
        let n_all = self.backprop.steps().n_gradients();
        let of_all = if self.checks.len() < n_all {
            format!(" (a sample of {n_all})")
        } else {
            String::new()
        };
        writeln!(
            out,
            "{}: {n_right} of {} gradients{of_all} are the slope of the loss{kinks}",
            visible(self.scenario),
            self.checks.len()
        )?;
        let mut n_told: BTreeMap<&str, usize> = BTreeMap::new();
        for check in &self.checks {
            let Some(label) = label(&check.verdict) else {
                continue;
            };
            let told = n_told.entry(label).or_default();
            *told += 1;
            if *told > MOST_TOLD {
                continue;
            }
            let line = format!("  {label:5}  {}", self.address(check));
            let (slope, gradient) = (rounded(check.quotient, 8), rounded(check.gradient, 8));
            match check.verdict {
                Verdict::Right => {}
                Verdict::Kink(kink) => {
                    let [below, above] = check.sides.map(|slope| rounded(slope, 6));
                    writeln!(out, "{line}: {}", self.name(check, kink))?;
                    writeln!(
                        out,
                        "         {below} below, {above} above; backprop takes {gradient}"
                    )?;
                }
                Verdict::NotFinite if check.losses[1].is_finite() => writeln!(
                    out,
                    "{line}: the loss is not finite right beside it, so it has no slope"
                )?,
                Verdict::NotFinite => writeln!(
                    out,
                    "{line}: the loss is not finite there, so it has no slope"
                )?,
                Verdict::Unmeasurable => writeln!(
                    out,
                    "{line}: the loss is too steep there, or too coarse, for one to be \
                     measured"
                )?,
                Verdict::Immovable => {
                    let value = rounded(self.backprop.tape().element(check.element), 8);
                    writeln!(
                        out,
                        "{line}: no nudge moves {value}, so no slope can be measured"
                    )?;
                }
                Verdict::Wrong => writeln!(
                    out,
                    "{line}: the gradient is {gradient}, but the loss's slope is {slope}"
                )?,
            }
        }
        for (label, n) in n_told.into_iter().filter(|(_, n)| *n > MOST_TOLD) {
            let more = n - MOST_TOLD;
            writeln!(
                out,
                "  {label:5}  and {more} more, all of which `--format json` lists"
            )?;
        }
        Ok(())
    }

    /// Says which kink was met.
    fn name(&self, check: &Check, kink: Kink) -> String {
        let place = words::kink(&self.backprop, kink);
        format!("{place}, {}", words::no_slope(check))
    }

    fn json(&self) -> serde_json::Value {
        let number = |value: f64| {
            if value.is_finite() {
                json!(value)
            } else {
                json!(exact(value))
            }
        };
        let checks = self.checks.iter().map(|check| {
            let (verdict, kink) = match check.verdict {
                Verdict::Right => ("right", None),
                Verdict::Kink(kink) => ("kink", Some(self.name(check, kink))),
                Verdict::NotFinite | Verdict::Immovable => ("not finite", None),
                Verdict::Unmeasurable => ("unmeasurable", None),
                Verdict::Wrong => ("wrong", None),
            };
            json!({
                "neuron": self.address(check), "verdict": verdict, "kink": kink,
                "gradient": number(check.gradient),
                "slope": number(check.quotient), "sides": check.sides.map(number),
                "nudge": check.nudge, "losses": check.losses.map(number),
            })
        });
        let checks: Vec<_> = checks.collect();
        let n_steps = self.backprop.steps().n_gradients();
        json!({ "scenario": self.scenario, "steps": n_steps, "checks": checks })
    }
}

/// So many checks of each kind are told one by one.
const MOST_TOLD: usize = 30;

/// What a line about a check begins with; nothing where there is none.
fn label(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Right => None,
        Verdict::Kink(_) => Some("kink"),
        Verdict::NotFinite => Some("loss"),
        Verdict::Unmeasurable => Some("slope"),
        Verdict::Immovable => Some("value"),
        Verdict::Wrong => Some("wrong"),
    }
}
