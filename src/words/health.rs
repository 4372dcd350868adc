//! What is said of how a network is doing.

use super::{origin, precision};
use crate::backprop::Backprop;
use crate::diagnostic::{list, visible};
use crate::health::{Finding, Gate, Numbers, TensorHealth, Trend, Unit};
use crate::tape::Network;
use crate::tensor::numerals::number;
use crate::tensor::{Shape, TensorId, rounded};

/// How many tensors a sentence names.
const MOST: usize = 3;
/// The significant digits of a size.
const DIGITS: usize = 2;

/// Says what was found, in a sentence or two.
pub fn finding(backprop: &Backprop, finding: &Finding) -> String {
    let network = backprop.network();
    let name = |tensor: TensorId| &*network.tensor(tensor).name;
    match finding {
        Finding::NotFinite(beginning) => origin::beginning(backprop, beginning).to_string(),
        Finding::Rounding(loss) => precision::run(backprop, loss),
        Finding::NoGradient { parameters, closed } => {
            let why = closed.map_or_else(
                || "every term of theirs is 0".to_owned(),
                |closed| format!("{} is closed everywhere", name(closed)),
            );
            format!(
                "No gradient reaches {}: {why}.",
                some_of(network, parameters)
            )
        }
        Finding::Shrinking(trend) => format!(
            "Gradients shrink on their way back, {}: to {} of their size with each layer{}.",
            from_to(network, trend),
            rounded(trend.per_layer, DIGITS),
            since(trend)
        ),
        Finding::Growing(trend) => format!(
            "Gradients grow on their way back, {}: {} times with each layer.",
            from_to(network, trend),
            rounded(trend.per_layer, DIGITS)
        ),
        Finding::Apart {
            tensor,
            times,
            neighbours: [before, behind],
        } => {
            let size = match *times > 1.0 {
                true => format!("{} times as large as", rounded(*times, DIGITS)),
                false => format!("smaller by {} times than", rounded(1.0 / times, DIGITS)),
            };
            let (tensor, before, behind) = (name(*tensor), name(*before), name(*behind));
            format!("The gradients of {tensor} are {size} those of {before} and {behind}.")
        }
        Finding::Dead { tensor, gate } if gate.n_dead == gate.n_units => {
            format!(
                "{} is closed everywhere: nothing passes back through it.",
                name(*tensor)
            )
        }
        Finding::Dead { tensor, gate } => format!(
            "{} are dead: the {} is closed {}.",
            units(gate, gate.n_dead, name(*tensor)),
            gate.activation.title(),
            everywhere(gate)
        ),
        Finding::Saturated { tensor, gate } => format!(
            "{} are saturated: the {} is nearly flat {}.",
            units(gate, gate.n_saturated, name(*tensor)),
            gate.activation.title(),
            everywhere(gate)
        ),
    }
}

/// `a.weight, b.weight, c.weight and 4 more`.
fn some_of(network: &Network, tensors: &[TensorId]) -> String {
    let names = tensors
        .iter()
        .map(|&tensor| network.tensor(tensor).name.clone());
    let mut names: Vec<String> = names.collect();
    if names.len() > MOST + 1 {
        let n_more = names.len() - MOST;
        names.truncate(MOST);
        names.push(format!("{n_more} more"));
    }
    list(&names, "and")
}

/// `from 0.08 at fc3 to 0.0012 at fc1 (root mean square)`.
fn from_to(network: &Network, trend: &Trend) -> String {
    let [leaving, arriving] = trend.strengths.map(|size| rounded(size, DIGITS));
    let [from, to] = [trend.from, trend.to].map(|tensor| &network.tensor(tensor).name);
    format!("from {leaving} at {from} to {arriving} at {to} (root mean square)")
}

/// What the activations between have to do with gradients that shrink.
fn since(trend: &Trend) -> String {
    let Some(gates) = trend.gates.as_ref().filter(|gates| gates.mean_slope <= 0.7) else {
        return String::new();
    };
    let mean = rounded(gates.mean_slope, DIGITS);
    let most = match gates.greatest < 1.0 {
        true => format!(" and {} at most", number(gates.greatest)),
        false => String::new(),
    };
    format!(
        ", since the slope of each {} is {mean} on average{most}",
        gates.activation.title()
    )
}

/// `12 of 64 neurons of relu3`.
fn units(gate: &Gate, n: usize, name: &str) -> String {
    let unit = match gate.unit {
        Unit::Neuron => "neurons",
        Unit::Channel => "channels",
    };
    format!("{n} of {} {unit} of {name}", gate.n_units)
}

fn everywhere(gate: &Gate) -> String {
    match (gate.unit, gate.n_samples) {
        (Unit::Neuron, 1) => "there".to_owned(),
        (Unit::Neuron, n) => format!("there in all {n} samples"),
        (Unit::Channel, 1) => "at every place of theirs".to_owned(),
        (Unit::Channel, n) => format!("at every place of theirs in all {n} samples"),
    }
}

/// The headings of the [rows](health_row) of a table, of a run that rounds or of one that does not.
pub fn health_headings(rounds: bool) -> Vec<String> {
    let lost: &[&str] = match rounds {
        true => &["flushed", "overflowed", "swamped"],
        false => &[],
    };
    let before = ["", "", "gradients"];
    let behind = ["largest", "ratio", "zero", "", "values", "", "shape"];
    let all = before.iter().chain(lost).chain(&behind);
    all.map(|heading| (*heading).to_owned()).collect()
}

/// What one tensor is like, as the row of a table: its name; a bar that is one shorter with each
/// power of ten of its gradients below `strongest`, and their root mean square; of a run that
/// rounds how many of its numbers are flushed and have overflowed, and the share of terms that are
/// swamped; the largest gradient, the ratio to what is downstream, the share of those that are 0;
/// what else there is to say; the range of the values with their histogram, and the shape.
pub fn health_row(network: &Network, health: &TensorHealth, strongest: f64) -> Vec<String> {
    let info = network.tensor(health.tensor);
    let values = &health.values;
    let range = match values.min == values.max {
        true => rounded(values.min, DIGITS),
        false => format!(
            "{} to {}",
            rounded(values.min, DIGITS),
            rounded(values.max, DIGITS)
        ),
    };
    let of = |number: fn(&Numbers) -> String| match &health.gradients {
        Some(gradients) => number(gradients),
        None => "–".to_owned(),
    };
    let ratio = health.ratio.map(|ratio| rounded(ratio, DIGITS));
    let bar = health
        .gradients
        .as_ref()
        .map(|gradients| bar(gradients, strongest));
    let lost = health.rounding.as_ref().map(|lost| {
        let counts = [lost.n_flushed(), lost.n_overflowed()].map(|n| match n {
            0 => String::new(),
            n => n.to_string(),
        });
        let swamped = match lost.n_swamped {
            0 => String::new(),
            n => share(n, lost.n_terms),
        };
        counts.into_iter().chain([swamped])
    });
    let before = [
        visible(&info.name).into_owned(),
        bar.unwrap_or_default(),
        of(|gradients| rounded(gradients.rms, DIGITS)),
    ];
    let behind = [
        of(|gradients| rounded(gradients.largest, DIGITS)),
        ratio.unwrap_or_default(),
        of(|gradients| share(gradients.n_zero, gradients.n)),
        remarkable(health),
        histogram(values),
        range,
        sizes(&info.shape),
    ];
    let before = before.into_iter();
    before
        .chain(lost.into_iter().flatten())
        .chain(behind)
        .collect()
}

/// A shape as a table has it: `3×4`; a scalar is `1`.
pub fn sizes(shape: &Shape) -> String {
    let sizes = shape.sizes();
    if sizes.is_empty() {
        "1".to_owned()
    } else {
        sizes
    }
}

/// A block for each bin, as high as it is full beside the fullest.
fn histogram(numbers: &Numbers) -> String {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = numbers.histogram.iter().max().copied().unwrap_or(0).max(1);
    let block = |&n: &usize| BLOCKS[(n * 8).div_ceil(most)];
    numbers.histogram.iter().map(block).collect()
}

/// The longest bar.
const LONGEST_BAR: f64 = 8.0;

fn bar(gradients: &Numbers, strongest: f64) -> String {
    let length = LONGEST_BAR + libm::log10(gradients.rms / strongest).floor();
    if gradients.rms > 0.0 {
        "■".repeat(length.clamp(1.0, LONGEST_BAR) as usize)
    } else {
        String::new()
    }
}

/// A share in percent, which is 0 or 100 only where it is none or all.
fn share(n: usize, of: usize) -> String {
    let percent = (n as f64 / of as f64 * 100.0).round();
    let percent = match n {
        0 => 0.0,
        n if n == of => 100.0,
        _ => percent.clamp(1.0, 99.0),
    };
    format!("{percent} %")
}

/// `3 NaN, 12/64 dead`.
fn remarkable(health: &TensorHealth) -> String {
    let gradients = health.gradients.as_ref();
    let count = |n: fn(&Numbers) -> usize| n(&health.values) + gradients.map_or(0, n);
    let gate = health.gate.as_ref();
    let of = |n: fn(&Gate) -> usize| gate.map_or((0, 0), |gate| (n(gate), gate.n_units));
    let counts = [
        (count(|numbers| numbers.n_nan), String::new(), "NaN"),
        (count(|numbers| numbers.n_infinite), String::new(), "∞"),
    ];
    let units = [
        (of(|gate| gate.n_dead), "dead"),
        (of(|gate| gate.n_saturated), "saturated"),
    ];
    let units = units.map(|((n, of), what)| (n, format!("/{of}"), what));
    let told = counts.into_iter().chain(units).filter(|(n, ..)| *n > 0);
    let told: Vec<String> = told
        .map(|(n, of, what)| format!("{n}{of} {what}"))
        .collect();
    told.join(", ")
}
