//! `backstep explain`: one neuron's sum, as the debugger shows it.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::input::{self, ScenarioArgument};
use super::{Failure, Global, Outcome};
use crate::backprop::Backprop;
use crate::export::{Extras, explanation_json};
use crate::marking::Preview;
use crate::scenario::Scenario;
use crate::tensor::Element;
use crate::words::{self, Chain, Whence};

/// How wide the words are set.
pub(super) const WIDTH: usize = 80;
/// The most neurons of a tensor that are explained one after the other.
const MOST_NEURONS: usize = 16;

/// Explains one neuron's gradient: the terms, their sum, and the words.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep explain the-question 'pool[1,0]'\n",
        "  backstep explain pool-to-conv 'pool[0,0]' --format md\n",
        "  backstep explain the-question pool\n",
        "  backstep explain the-question 'x[1,0]' --why\n",
        "  backstep explain net.json 'fc.weight[0,0]' --origin",
    )
)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArgument,
    /// The neuron, as in `pool[0,1]` or `fc.weight[2,0]`; a tensor's name for each of its neurons,
    /// where it has 16 at most.
    #[arg(value_name = "NEURON")]
    element: String,
    /// At this update of a scenario that is trained, counted from 1.
    #[arg(long, value_name = "K", value_parser = input::update)]
    update: Option<usize>,
    /// Follow the largest terms to where the gradient is given, and say why a zero is zero.
    #[arg(long)]
    why: bool,
    /// Follow a NaN or an infinite number to where it began, forwards or backwards.
    #[arg(long)]
    origin: bool,
    /// Add what the neuron would get under each common mistake.
    #[arg(long)]
    mistakes: bool,
    /// How to write it; as JSON, each neuron is a line.
    #[arg(long, value_enum, default_value_t = PageFormat::Text)]
    format: PageFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PageFormat {
    Text,
    Json,
    Md,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let scenario = input::scenario(&arguments.scenario.scenario, global)?;
    let elements = input::elements(&scenario, &arguments.element)?;
    let elements = elements.up_to(MOST_NEURONS, &scenario)?;
    let backprop = input::backprop_at(&scenario, arguments.update, global)?;
    let mut out = io::stdout().lock();
    for (place, element) in elements.into_iter().enumerate() {
        let of_tensor = scenario.notes.tensor(element.tensor, backprop.update());
        // What is said of the whole tensor is said once.
        let of_tensor = of_tensor.filter(|_| place == 0);
        let notes = of_tensor.into_iter();
        let notes = notes.chain(note_of(&scenario, element, backprop.update()));
        if place > 0 && !matches!(arguments.format, PageFormat::Json) {
            writeln!(out)?;
        }
        explain(
            arguments,
            &backprop,
            element,
            &notes.collect::<Vec<_>>(),
            global,
            &mut out,
        )?;
    }
    Ok(Outcome::Fine)
}

/// Explains one neuron.
fn explain(
    arguments: &Arguments,
    backprop: &Backprop,
    element: Element,
    notes: &[&str],
    global: &Global,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let network = backprop.network();
    let chain = arguments
        .why
        .then(|| Chain::of(backprop, element, &global.cancel))
        .transpose()?;
    let whence = arguments
        .origin
        .then(|| Whence::of(backprop, element, &global.cancel))
        .transpose()?;
    let preview = arguments.mistakes.then(|| Preview::of(backprop, element));
    match arguments.format {
        PageFormat::Text => {
            out.write_all(words::text(backprop, element, notes, WIDTH).as_bytes())?;
            if let Some(chain) = chain {
                write!(out, "\n{}", chain.text(backprop, WIDTH))?;
            }
            if let Some(whence) = whence {
                write!(out, "\n{}", whence.text(backprop, WIDTH))?;
            }
            if let Some(preview) = preview {
                write!(out, "\n{}", words::preview_text(network, &preview, WIDTH))?;
            }
        }
        PageFormat::Md => {
            out.write_all(words::markdown(backprop, element, notes).as_bytes())?;
            if let Some(chain) = chain {
                write!(out, "\n{}", chain.markdown(backprop))?;
            }
            if let Some(whence) = whence {
                write!(out, "\n{}", whence.markdown(backprop))?;
            }
            if let Some(preview) = preview {
                write!(out, "\n{}", words::preview_markdown(network, &preview))?;
            }
        }
        PageFormat::Json => explanation_json(
            backprop,
            element,
            notes,
            &Extras {
                why: chain.as_ref(),
                whence: whence.as_ref(),
                mistakes: preview.as_ref(),
            },
            out,
        )?,
    }
    Ok(())
}

/// The teacher's note on a neuron.
fn note_of(scenario: &Scenario, element: Element, update: usize) -> Option<&str> {
    let base = Element {
        tensor: scenario.network.base(element.tensor),
        at: element.at,
    };
    scenario.notes.element(base, update)
}
