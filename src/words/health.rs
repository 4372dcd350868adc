//! What is said of how a network is doing.

use super::{origin, precision};
use crate::backprop::Backprop;
use crate::diagnostic::{list, visible};
use crate::health::{Finding, Gate, Numbers, RoundingLoss, TensorHealth, Trend, Unit};
use crate::tape::Network;
use crate::tensor::numerals::{form, number};
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
            let of = form(parameters.len(), "its", "their");
            let why = closed.map_or_else(
                || format!("each of {of} terms is 0"),
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
            "{} dead: the {} is closed {}.",
            units(gate, gate.n_dead, name(*tensor)),
            gate.activation.title(),
            everywhere(gate, gate.n_dead)
        ),
        Finding::Saturated { tensor, gate } => format!(
            "{} saturated: the {} is nearly flat {}.",
            units(gate, gate.n_saturated, name(*tensor)),
            gate.activation.title(),
            everywhere(gate, gate.n_saturated)
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

/// `12 of 64 neurons of relu3 are`.
fn units(gate: &Gate, n: usize, name: &str) -> String {
    let unit = match gate.unit {
        Unit::Neuron => form(gate.n_units, "neuron", "neurons"),
        Unit::Channel => form(gate.n_units, "channel", "channels"),
    };
    let are = form(n, "is", "are");
    format!("{n} of {} {unit} of {name} {are}", gate.n_units)
}

fn everywhere(gate: &Gate, n: usize) -> String {
    let places = match gate.unit {
        Unit::Neuron => "there".to_owned(),
        Unit::Channel => format!("at each of {} places", form(n, "its", "their")),
    };
    match gate.n_samples {
        1 => places,
        n => format!("{places} in all {n} samples"),
    }
}

/// The headings of a table of [rows](row), in which a column stands only where there is something
/// in it.
const HEADINGS: [&str; 13] = [
    "",
    "",
    "gradients",
    "flushed",
    "overflowed",
    "swamped",
    "largest",
    "ratio",
    "zero",
    "",
    "values",
    "",
    "shape",
];

/// What tensors are like, as a table: its headings, and a row for each. Columns in which nothing
/// stands are left out, so that as many of the others as can be have room.
pub fn health_table<'a>(
    network: &Network,
    tensors: impl IntoIterator<Item = &'a TensorHealth>,
    strongest: f64,
) -> Vec<Vec<String>> {
    let tensors = tensors.into_iter();
    let rows: Vec<[String; 13]> = tensors
        .map(|health| row(network, health, strongest))
        .collect();
    let is_used: Vec<bool> = (0..HEADINGS.len())
        .map(|column| rows.iter().any(|row| !row[column].is_empty()))
        .collect();
    let headings = HEADINGS.map(str::to_owned);
    let used = |row: [String; 13]| {
        let cells = row.into_iter().zip(&is_used);
        cells.filter_map(|(cell, is_used)| is_used.then_some(cell))
    };
    let all = std::iter::once(headings).chain(rows);
    all.map(|row| used(row).collect()).collect()
}

/// What one tensor is like, as the row of a table: its name; a bar that is one shorter with each
/// power of ten of its gradients below `strongest`, and their root mean square; of a run that
/// rounds how many of its numbers are flushed and have overflowed, and the share of terms that are
/// swamped; the largest gradient, the ratio to what is downstream, the share of those that are 0;
/// what else there is to say; the range of the values with their histogram, and the shape.
fn row(network: &Network, health: &TensorHealth, strongest: f64) -> [String; 13] {
    let info = network.tensor(health.tensor);
    let values = &health.values;
    let of = |number: fn(&Numbers) -> String| match &health.gradients {
        Some(gradients) => number(gradients),
        None => "–".to_owned(),
    };
    let ratio = health.ratio.map(|ratio| rounded(ratio, DIGITS));
    let bar = health
        .gradients
        .as_ref()
        .map(|gradients| bar(gradients, strongest));
    let lost =
        |text: fn(&RoundingLoss) -> String| health.rounding.as_ref().map_or(String::new(), text);
    [
        visible(&info.name).into_owned(),
        bar.unwrap_or_default(),
        of(|gradients| size(gradients, gradients.rms)),
        lost(|lost| count(lost.n_flushed())),
        lost(|lost| count(lost.n_overflowed())),
        lost(|lost| match lost.terms.n_swamped {
            0 => String::new(),
            n => share(n, lost.terms.n),
        }),
        of(|gradients| match gradients.n_infinite {
            0 => size(gradients, gradients.largest),
            _ => rounded(f64::INFINITY, DIGITS),
        }),
        ratio.unwrap_or_default(),
        of(|gradients| share(gradients.n_zero, gradients.n)),
        remarkable(health),
        histogram(values),
        range(values),
        sizes(&info.shape),
    ]
}

/// `−1 to 2`, `3`, `−2 to ∞`, `0 to 1, NaN`: the numbers of which there are any, NaN apart.
fn range(numbers: &Numbers) -> String {
    let [least, most] = numbers.ends;
    let text = |number: f64| rounded(number, DIGITS);
    match (numbers.n_nan, least == most) {
        (n, _) if n == numbers.n => text(f64::NAN),
        (0, true) => text(least),
        (0, false) => format!("{} to {}", text(least), text(most)),
        (_, true) => format!("{}, NaN", text(least)),
        (_, false) => format!("{} to {}, NaN", text(least), text(most)),
    }
}

/// A size of the finite numbers; where none is finite, what they are.
fn size(numbers: &Numbers, size: f64) -> String {
    let is_infinite = size.is_nan() && numbers.n_nan == 0;
    rounded(if is_infinite { f64::INFINITY } else { size }, DIGITS)
}

/// A number of things, where there are any.
fn count(n: usize) -> String {
    match n {
        0 => String::new(),
        n => n.to_string(),
    }
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
