//! What can be watched for in a network, by a plain name.

use std::fmt;

use thiserror::Error;

use super::tensor_health::TensorHealth;
use crate::backprop::{Backprop, TermCounts};
use crate::diagnostic::{did_you_mean, list, quote};
use crate::tensor::{Element, OutOfRange, exact};

/// A thing that can be watched for: its row in the table of them.
#[derive(Debug)]
pub struct WatchRow {
    /// Its name.
    pub name: &'static str,
    /// The limit that is taken where none is given; none where it has no limit.
    pub limit: Option<f64>,
    /// When it is true of a tensor, in a line.
    pub about: &'static str,
    /// At which of the tensor's neurons it is.
    pub at: At,
    /// Whether it is there only in a run that rounds.
    pub rounds: bool,
    is_in: fn(&TensorHealth, f64) -> bool,
}

/// At which neurons of a tensor something is.
#[derive(Debug)]
pub enum At {
    /// At each one of which it is true by itself.
    Each {
        /// When that is, in a line.
        about: &'static str,
        /// Whether it is, with the limit.
        is_at: fn(&Backprop, Element, f64) -> bool,
    },
    /// At one, where it is worst, if it is true of the tensor.
    One {
        /// Which one that is, in a line.
        about: &'static str,
        /// Its place.
        place: fn(&TensorHealth) -> Option<usize>,
    },
}

/// All that can be watched for.
pub const WATCHES: &[WatchRow] = &[
    WatchRow {
        name: "nan",
        limit: None,
        about: "a value or a gradient is NaN",
        at: At::Each {
            about: "its value or its gradient is",
            is_at: |run, element, _| of_either(run, element, f64::is_nan),
        },
        rounds: false,
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            health.values.n_nan > 0 || gradients.is_some_and(|numbers| numbers.n_nan > 0)
        },
    },
    WatchRow {
        name: "inf",
        limit: None,
        about: "a value or a gradient is infinite",
        at: At::Each {
            about: "its value or its gradient is",
            is_at: |run, element, _| of_either(run, element, f64::is_infinite),
        },
        rounds: false,
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            health.values.n_infinite > 0 || gradients.is_some_and(|numbers| numbers.n_infinite > 0)
        },
    },
    WatchRow {
        name: "overflow",
        limit: None,
        about: "a value or a gradient is NaN or infinite, for whatever reason",
        at: At::Each {
            about: "its value or its gradient is",
            is_at: |run, element, _| of_either(run, element, |number| !number.is_finite()),
        },
        rounds: false,
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            !health.values.is_finite() || gradients.is_some_and(|numbers| !numbers.is_finite())
        },
    },
    WatchRow {
        name: "overflowed",
        limit: None,
        about: "a value or a gradient is infinite because it is rounded",
        at: At::Each {
            about: "its value or its gradient is",
            is_at: |run, element, _| has_left(run, element, OutOfRange::Overflowed),
        },
        rounds: true,
        is_in: |health, _| {
            let rounding = health.rounding.as_ref();
            rounding.is_some_and(|lost| lost.n_overflowed() > 0)
        },
    },
    WatchRow {
        name: "flushed",
        limit: None,
        about: "a value or a gradient is 0 because it is rounded",
        at: At::Each {
            about: "its value or its gradient is",
            is_at: |run, element, _| has_left(run, element, OutOfRange::Flushed),
        },
        rounds: true,
        is_in: |health, _| {
            let rounding = health.rounding.as_ref();
            rounding.is_some_and(|lost| lost.n_flushed() > 0)
        },
    },
    WatchRow {
        name: "swamped",
        limit: Some(0.0),
        about: "more than that share of the terms of a tensor's gradients is swamped",
        at: At::Each {
            about: "more than that share of its own terms is",
            is_at: |run, element, limit| {
                let rounds = run.arithmetic().precision.rounds();
                rounds && is_swamped(run.count_terms(element, run.sum(element)), limit)
            },
        },
        rounds: true,
        is_in: |health, limit| {
            let rounding = health.rounding.as_ref();
            rounding.is_some_and(|lost| is_swamped(lost.terms, limit))
        },
    },
    WatchRow {
        name: "zero",
        limit: None,
        about: "every gradient of a tensor is 0",
        at: At::One {
            about: "its first",
            place: |_| Some(0),
        },
        rounds: false,
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.is_zero())
        },
    },
    WatchRow {
        name: "vanishing",
        limit: Some(1e-6),
        about: "the largest gradient of a tensor is smaller than the limit",
        at: LARGEST_GRADIENT,
        rounds: false,
        is_in: |health, limit| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.largest < limit && numbers.n_infinite == 0)
        },
    },
    WatchRow {
        name: "exploding",
        limit: Some(1e3),
        about: "the largest gradient of a tensor is larger than the limit",
        at: LARGEST_GRADIENT,
        rounds: false,
        is_in: |health, limit| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.largest > limit || numbers.n_infinite > 0)
        },
    },
    WatchRow {
        name: "range",
        limit: Some(1e4),
        about: "the largest value of a tensor is larger than the limit",
        at: At::One {
            about: "the one with the largest value",
            place: |health| Some(health.values.largest_at),
        },
        rounds: false,
        is_in: |health, limit| health.values.largest > limit || health.values.n_infinite > 0,
    },
    WatchRow {
        name: "dead",
        limit: Some(0.5),
        about: "more than that share of an activation's units is closed in every sample",
        at: FIRST_FLAT,
        rounds: false,
        is_in: |health, limit| health.gate.as_ref().is_some_and(|gate| gate.dead() > limit),
    },
    WatchRow {
        name: "saturated",
        limit: Some(0.5),
        about: "more than that share of an activation's units is nearly flat in every sample",
        at: FIRST_FLAT,
        rounds: false,
        is_in: |health, limit| {
            health
                .gate
                .as_ref()
                .is_some_and(|gate| gate.saturated() > limit)
        },
    },
];

const LARGEST_GRADIENT: At = At::One {
    about: "the one with the largest gradient",
    place: |health| Some(health.gradients.as_ref()?.largest_at),
};

const FIRST_FLAT: At = At::One {
    about: "the first of them",
    place: |health| health.gate.as_ref()?.first_flat,
};

fn of_either(run: &Backprop, element: Element, is: fn(f64) -> bool) -> bool {
    is(run.tape().element(element)) || is(run.element(element))
}

fn has_left(run: &Backprop, element: Element, how: OutOfRange) -> bool {
    let both = [run.tape().out_of_range(element), run.out_of_range(element)];
    both.contains(&Some(how))
}

fn is_swamped(terms: TermCounts, limit: f64) -> bool {
    terms.n_swamped as f64 > limit * terms.n as f64
}

/// One of them with its limit.
#[derive(Clone, Copy)]
pub struct Watch {
    /// What is watched for.
    pub row: &'static WatchRow,
    /// Its limit; without a meaning where it has none.
    pub limit: f64,
}

/// Its name, and the limit where it is another than usual: `vanishing=0.001`.
impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row.limit {
            Some(usual) if usual != self.limit => {
                write!(f, "{}={}", self.row.name, exact(self.limit))
            }
            Some(_) | None => f.write_str(self.row.name),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({self})")
    }
}

impl PartialEq for Watch {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name && self.limit == other.limit
    }
}

/// Why something cannot be watched for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WatchError {
    /// There is nothing of that name.
    #[error("nothing that is called {} can be watched for", quote(.0))]
    Unknown(String),
    /// It has no limit.
    #[error("`{0}` has no limit")]
    NoLimit(&'static str),
    /// The limit is no number above 0.
    #[error("the limit of `{name}` is a number above 0, which {} is not", quote(.limit))]
    Limit {
        /// What is watched for.
        name: &'static str,
        /// What was given.
        limit: String,
    },
}

impl WatchError {
    /// What may have been meant.
    pub fn hint(&self) -> Option<String> {
        let Self::Unknown(name) = self else {
            return None;
        };
        let names = || WATCHES.iter().map(|row| row.name);
        let all = || format!("there are {}", list(&names().collect::<Vec<_>>(), "and"));
        Some(did_you_mean(name, names()).unwrap_or_else(all))
    }
}

impl Watch {
    /// Reads one: `nan`, or `dead=0.5`.
    ///
    /// # Errors
    /// There is no such thing, or its limit will not do.
    pub fn parse(text: &str) -> Result<Self, WatchError> {
        let (name, limit) = match text.split_once('=') {
            Some((name, limit)) => (name.trim(), Some(limit.trim())),
            None => (text.trim(), None),
        };
        let row = WatchRow::find(name);
        let row = row.ok_or_else(|| WatchError::Unknown(name.to_owned()))?;
        let Some(limit) = limit else {
            return Ok(row.watched());
        };
        if row.limit.is_none() {
            return Err(WatchError::NoLimit(row.name));
        }
        let read = limit.parse().ok();
        let watch = read.and_then(|limit| row.watched_from(limit));
        watch.ok_or_else(|| WatchError::Limit {
            name: row.name,
            limit: limit.to_owned(),
        })
    }

    /// Whether it is true of a tensor.
    pub fn is_in(&self, health: &TensorHealth) -> bool {
        (self.row.is_in)(health, self.limit)
    }

    /// Whether it is at a neuron, of whose tensor that function says what it is like.
    pub fn is_at<'a>(
        &self,
        backprop: &Backprop,
        element: Element,
        health: impl FnOnce() -> Option<&'a TensorHealth>,
    ) -> bool {
        match self.row.at {
            At::Each { is_at, .. } => is_at(backprop, element, self.limit),
            At::One { place, .. } => health()
                .is_some_and(|health| place(health) == Some(element.at) && self.is_in(health)),
        }
    }
}

impl WatchRow {
    /// The row of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        WATCHES.iter().find(|row| row.name == name)
    }

    /// It with another limit; nothing where that is no number above 0.
    pub fn watched_from(&'static self, limit: f64) -> Option<Watch> {
        let is_limit = limit.is_finite() && limit > 0.0;
        is_limit.then_some(Watch { row: self, limit })
    }

    /// It with the limit that is taken where none is given.
    pub fn watched(&'static self) -> Watch {
        Watch {
            row: self,
            limit: self.limit.unwrap_or_default(),
        }
    }
}
