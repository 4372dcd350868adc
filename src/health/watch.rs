//! What can be watched for in a network, by a plain name.

use thiserror::Error;

use super::tensor_health::TensorHealth;
use crate::diagnostic::{did_you_mean, list, quote};

/// A thing that can be watched for: its row in the table of them.
#[derive(Debug)]
pub struct WatchRow {
    /// Its name.
    pub name: &'static str,
    /// The limit that is taken where none is given; none where it has no limit.
    pub limit: Option<f64>,
    /// When it is true of a tensor, in a line.
    pub about: &'static str,
    is_in: fn(&TensorHealth, f64) -> bool,
}

/// All that can be watched for.
pub const WATCHES: &[WatchRow] = &[
    WatchRow {
        name: "nan",
        limit: None,
        about: "a value or a gradient is NaN",
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            health.values.n_nan > 0 || gradients.is_some_and(|numbers| numbers.n_nan > 0)
        },
    },
    WatchRow {
        name: "inf",
        limit: None,
        about: "a value or a gradient is infinite",
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            health.values.n_infinite > 0 || gradients.is_some_and(|numbers| numbers.n_infinite > 0)
        },
    },
    WatchRow {
        name: "zero",
        limit: None,
        about: "every gradient of a tensor is 0",
        is_in: |health, _| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.is_zero())
        },
    },
    WatchRow {
        name: "vanishing",
        limit: Some(1e-6),
        about: "the largest gradient of a tensor is smaller than the limit",
        is_in: |health, limit| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.largest < limit)
        },
    },
    WatchRow {
        name: "exploding",
        limit: Some(1e3),
        about: "the largest gradient of a tensor is larger than the limit",
        is_in: |health, limit| {
            let gradients = health.gradients.as_ref();
            gradients.is_some_and(|numbers| numbers.largest > limit)
        },
    },
    WatchRow {
        name: "range",
        limit: Some(1e4),
        about: "the largest value of a tensor is larger than the limit",
        is_in: |health, limit| health.values.largest > limit,
    },
    WatchRow {
        name: "dead",
        limit: Some(0.5),
        about: "more than that share of an activation's units is closed in every sample",
        is_in: |health, limit| health.gate.as_ref().is_some_and(|gate| gate.dead() > limit),
    },
    WatchRow {
        name: "saturated",
        limit: Some(0.5),
        about: "more than that share of an activation's units is nearly flat in every sample",
        is_in: |health, limit| {
            health
                .gate
                .as_ref()
                .is_some_and(|gate| gate.saturated() > limit)
        },
    },
];

/// One of them with its limit.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// What is watched for.
    pub row: &'static WatchRow,
    /// Its limit; without a meaning where it has none.
    pub limit: f64,
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
        let mut rows = WATCHES.iter();
        let row = rows.find(|row| row.name == name);
        let row = row.ok_or_else(|| WatchError::Unknown(name.to_owned()))?;
        let Some(limit) = limit else {
            return Ok(row.watched());
        };
        if row.limit.is_none() {
            return Err(WatchError::NoLimit(row.name));
        }
        let is_limit = |limit: &f64| limit.is_finite() && *limit > 0.0;
        let read = limit.parse().ok().filter(is_limit);
        let limit = read.ok_or_else(|| WatchError::Limit {
            name: row.name,
            limit: limit.to_owned(),
        })?;
        Ok(Self { row, limit })
    }

    /// Whether it is true of a tensor.
    pub fn is_in(&self, health: &TensorHealth) -> bool {
        (self.row.is_in)(health, self.limit)
    }
}

impl WatchRow {
    /// It with the limit that is taken where none is given.
    pub fn watched(&'static self) -> Watch {
        Watch {
            row: self,
            limit: self.limit.unwrap_or_default(),
        }
    }
}
