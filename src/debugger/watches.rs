//! Watches: neurons whose value and gradient stay in view.

use std::sync::Arc;

use super::{Choice, CommandError, Line, Session, Sheet};
use crate::tape::Network;
use crate::tensor::{Element, rounded};

/// The significant digits of a number that is watched.
const DIGITS: usize = 6;

/// What is known of a neuron that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its address.
    pub address: String,
    /// Its value.
    pub value: String,
    /// Its gradient, once it is known.
    pub gradient: Option<String>,
}

impl Session {
    /// Watches a neuron; says so.
    ///
    /// # Errors
    /// The reason why it is not to be watched.
    pub fn watch(&mut self, element: Element) -> Result<String, CommandError> {
        let address = self.network().address(element);
        if self.watches.contains(&element) {
            return Err(CommandError::Watched(address));
        }
        Arc::make_mut(&mut self.watches).push(element);
        self.compute_watched();
        Ok(format!("{address} is watched"))
    }

    /// Watches the current neuron, or ceases to; says which.
    ///
    /// # Errors
    /// The reason why there is nothing to watch.
    pub fn toggle_watch(&mut self) -> Result<String, CommandError> {
        let element = self
            .element()
            .ok_or(CommandError::NoElement { command: "watch" })?;
        if self.watches.contains(&element) {
            self.unwatch(element)
        } else {
            self.watch(element)
        }
    }

    /// Ceases to watch a neuron; says so.
    ///
    /// # Errors
    /// The reason why there is nothing to cease.
    pub fn unwatch(&mut self, element: Element) -> Result<String, CommandError> {
        let address = self.network().address(element);
        match self.watches.iter().position(|&watched| watched == element) {
            Some(place) => {
                Arc::make_mut(&mut self.watches).remove(place);
                Ok(format!("{address} is no longer watched"))
            }
            None => Err(CommandError::NotWatched(address)),
        }
    }

    /// Ceases to watch the neurons that the network does not have any more that it had before.
    pub(super) fn drop_lost_watches(&mut self, before: &Network) {
        let now = self.backprop.network();
        let is_there = |element: &Element| {
            now.shares(before, element.tensor)
                && element.at < now.tensor(element.tensor).shape.numel()
        };
        Arc::make_mut(&mut self.watches).retain(is_there);
    }

    /// Ceases to watch all neurons; says so.
    ///
    /// # Errors
    /// The reason why there is nothing to cease.
    pub fn unwatch_all(&mut self) -> Result<String, CommandError> {
        if self.watches.is_empty() {
            return Err(CommandError::NothingWatched);
        }
        self.watches = Arc::default();
        Ok("nothing is watched any more".to_owned())
    }

    /// Computes the gradients that are shown of the watched neurons.
    pub(super) fn compute_watched(&self) {
        let done = self
            .watches
            .iter()
            .filter(|&&element| self.is_done(element));
        done.for_each(|element| _ = self.backprop().gradient(element.tensor));
    }

    /// What is known of the neurons that are watched, in the order in which they were asked for.
    pub fn watched(&self) -> impl Iterator<Item = Watched> {
        self.watches.iter().map(|&element| Watched {
            address: self.network().address(element).to_string(),
            value: rounded(self.backprop().tape().element(element), DIGITS),
            gradient: self
                .known(element)
                .map(|gradient| rounded(gradient, DIGITS)),
        })
    }

    /// Lists the neurons that are watched, from which one can be gone to or watched no longer.
    ///
    /// # Errors
    /// The reason why there is nothing to list.
    pub fn list_watches(&self) -> Result<Sheet, CommandError> {
        if self.watches.is_empty() {
            return Err(CommandError::NothingWatched);
        }
        let steps = self.backprop().steps();
        let choices = self
            .watches
            .iter()
            .zip(self.watched())
            .map(|(&element, watched)| {
                let enter = steps
                    .step_of(element)
                    .map(|_| format!("goto {}", watched.address));
                Choice {
                    line: Line::from(watched.to_string()),
                    enter,
                    delete: Some(format!("unwatch {}; watches", watched.address)),
                }
            });
        Ok(Sheet {
            title: "Watched".to_owned(),
            choices: choices.collect(),
            ..Sheet::default()
        })
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            address,
            value,
            gradient,
        } = self;
        match gradient {
            Some(gradient) => write!(f, "{address}: value {value}, gradient {gradient}"),
            None => write!(f, "{address}: value {value}, gradient not yet computed"),
        }
    }
}
