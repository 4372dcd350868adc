//! Two runs side by side, and where they part.

use std::collections::BTreeSet;

use super::marks::{largest, size_where_it_cancels};
use super::numbers::Numbers;
use super::recording::{Recorded, Recording};
use super::tolerance::{Bounds, ChosenTolerance, Tolerance};
use crate::backprop::Backprop;
use crate::tape::Kind;
use crate::tensor::{Shape, TensorId};

/// Two runs side by side.
#[derive(Debug)]
pub struct Differences {
    /// How far a number of the second may be off from the first's and still be the same.
    pub tolerance: Tolerance,
    /// The tensors whose values both have, in forward order.
    pub values: Vec<Difference>,
    /// The tensors whose gradients both have, in backward order.
    pub gradients: Vec<Difference>,
    /// How many values and gradients only the first has, and only the second.
    pub n_alone: [usize; 2],
}

/// A tensor of two runs.
#[derive(Debug)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What is found in it.
    pub found: Found,
}

/// What is found in a tensor of two runs.
#[derive(Debug)]
pub enum Found {
    /// It has two shapes.
    Shapes([Shape; 2]),
    /// It has two lists of numbers.
    Numbers {
        /// Its shape.
        shape: Shape,
        /// How many of its numbers are others.
        n_other: usize,
        /// How many both runs have.
        total: usize,
        /// Where the numbers are furthest apart, unless all are the same to the last bit.
        furthest: Option<Furthest>,
    },
}

/// The numbers of a tensor that are furthest apart.
#[derive(Debug, Clone, Copy)]
pub struct Furthest {
    /// Their row-major place.
    pub at: usize,
    /// The number of each run.
    pub numbers: [f64; 2],
    /// How far they are apart; infinitely where one is not finite.
    pub by: f64,
    /// That in parts of the largest number of the first run's tensor.
    pub relative: f64,
}

impl Differences {
    /// Compares two runs, the second with the first. The order is the one of a scenario that has
    /// these tensors, or else that of their names.
    pub fn of(
        [first, second]: [&Recording; 2],
        scenario: Option<&Backprop>,
        chosen: ChosenTolerance,
    ) -> Self {
        let tolerance = chosen.or_usual(first.origin.max(second.origin));
        let (forward, backward) = scenario.map_or_else(Default::default, orders);
        let compared = |order, one, other, size: &dyn Fn(&str) -> f64| {
            compared(order, [one, other], tolerance, size)
        };
        let size_where_it_cancels = |name: &str| {
            let tensor = |backprop: &Backprop| backprop.network().find(name);
            let known = scenario.and_then(|backprop| Some((backprop, tensor(backprop)?)));
            known.map_or(0.0, |(backprop, tensor)| {
                size_where_it_cancels(backprop, tensor)
            })
        };
        let alone = |one: &Recording, other: &Recording| {
            let of = |one: &Recorded, other: &Recorded| {
                one.keys().filter(|name| !other.contains_key(*name)).count()
            };
            of(&one.values, &other.values) + of(&one.gradients, &other.gradients)
        };
        Self {
            tolerance,
            values: compared(forward, &first.values, &second.values, &|_| 0.0),
            gradients: compared(
                backward,
                &first.gradients,
                &second.gradients,
                &size_where_it_cancels,
            ),
            n_alone: [alone(first, second), alone(second, first)],
        }
    }

    /// Whether the runs are the same in all that both have.
    pub fn is_none(&self) -> bool {
        let mut all = self.values.iter().chain(&self.gradients);
        !all.any(Difference::is_one)
    }
}

impl Difference {
    /// Whether the tensor is another one in the second run.
    pub fn is_one(&self) -> bool {
        match &self.found {
            Found::Shapes(_) => true,
            Found::Numbers { n_other, .. } => *n_other > 0,
        }
    }
}

/// The names of a scenario's tensors: what is given and then what is computed, and in backward
/// order.
fn orders(backprop: &Backprop) -> (Vec<String>, Vec<String>) {
    let network = backprop.network();
    let is_given =
        |id: &TensorId| matches!(network.tensor(*id).kind, Kind::Input | Kind::Parameter(_));
    let (given, made): (Vec<_>, Vec<_>) = network.ids().partition(is_given);
    let ends = made
        .iter()
        .rev()
        .filter(|&&id| !matches!(network.tensor(id).kind, Kind::Updated(_)))
        .filter(|id| backprop.contributors(**id).next().is_none());
    let steps = backprop.steps().tensors().iter();
    let with_views = |id: &TensorId| network.with_views(*id).into_iter();
    let names = |ids: Vec<TensorId>| {
        ids.into_iter()
            .map(|id| network.tensor(id).name.clone())
            .collect()
    };
    let backward = ends.chain(steps).flat_map(with_views).collect();
    (names([given, made].concat()), names(backward))
}

/// Compares the tensors that both have: first those that an order names. Where numbers are others,
/// they are measured by another size too.
fn compared(
    order: Vec<String>,
    [one, other]: [&Recorded; 2],
    tolerance: Tolerance,
    size: &dyn Fn(&str) -> f64,
) -> Vec<Difference> {
    let mut seen = BTreeSet::new();
    let names = order
        .iter()
        .chain(one.keys())
        .filter(|name| seen.insert(*name));
    let difference = |name: &String| {
        let ((shape, ours), (other_shape, theirs)) = (one.get(name)?, other.get(name)?);
        let found = if shape == other_shape {
            let n_other = |largest| n_other([ours, theirs], tolerance.at(largest));
            let largest = largest(ours.iter().flatten());
            let furthest = furthest([ours, theirs], largest);
            Found::Numbers {
                n_other: match n_other(largest) {
                    0 => 0,
                    _ => n_other(largest.max(size(name))),
                },
                shape: shape.clone(),
                total: both(ours, theirs).count(),
                furthest,
            }
        } else {
            Found::Shapes([shape.clone(), other_shape.clone()])
        };
        Some(Difference {
            name: name.clone(),
            found,
        })
    };
    names.filter_map(difference).collect()
}

/// The numbers that both have, each with its place.
fn both<'a>(one: &'a Numbers, other: &'a Numbers) -> impl Iterator<Item = (usize, [f64; 2])> {
    let all = one.iter().zip(other.iter()).enumerate();
    all.filter_map(|(at, (one, other))| Some((at, [one?, other?])))
}

fn n_other([ours, theirs]: [&Numbers; 2], bounds: Bounds) -> usize {
    let is_other = |&(_, [ours, theirs]): &(usize, [f64; 2])| !bounds.is_right(theirs, ours);
    both(ours, theirs).filter(is_other).count()
}

/// Where numbers are furthest apart, the first of several.
fn furthest([ours, theirs]: [&Numbers; 2], largest: f64) -> Option<Furthest> {
    let mut furthest = None::<Furthest>;
    for (at, numbers) in both(ours, theirs) {
        let by = apart(numbers);
        if by > furthest.map_or(0.0, |furthest| furthest.by) {
            let relative = by / largest;
            furthest = Some(Furthest {
                at,
                numbers,
                by,
                relative,
            });
        }
    }
    furthest
}

/// How far two numbers are apart: infinitely where only one of them is finite, or NaN.
fn apart([one, other]: [f64; 2]) -> f64 {
    if one == other || (one.is_nan() && other.is_nan()) {
        return 0.0;
    }
    let by = (other - one).abs();
    if by.is_nan() { f64::INFINITY } else { by }
}
