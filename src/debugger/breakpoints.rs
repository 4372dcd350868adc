//! Breakpoints: where going on stops.

use std::ops::Range;
use std::sync::Arc;

use super::breakpoint::{Breakpoint, Spot, Stop, Which};
use super::condition::{Condition, Word};
use super::{Choice, CommandError, Line, Position, Session, Sheet, TextRole};
use crate::tape::Network;
use crate::tensor::TensorId;

impl Session {
    /// The breakpoints in the order of their numbers.
    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints.list
    }

    /// Sets a breakpoint; says which.
    ///
    /// # Errors
    /// The reason why there can be none.
    pub fn set_breakpoint(&mut self, stop: Stop) -> Result<String, CommandError> {
        if let Some(tensor) = stop.spot.tensor() {
            self.step_through(tensor)?;
        }
        let steps = self.steps_of(stop.spot)?;
        if stop
            .condition
            .as_ref()
            .is_some_and(|condition| condition.mentions(Word::Wrong))
            && self.marking().is_none()
        {
            return Err(CommandError::NoAnswer);
        }
        if let Some(there) = self
            .breakpoints
            .list
            .iter()
            .find(|breakpoint| breakpoint.stop == stop)
        {
            return Err(CommandError::SameBreakpoint(there.number));
        }
        let tested = stop.condition.as_ref().map(Condition::cheapest_first);
        let breakpoint = Breakpoint {
            number: self.breakpoints.n_set + 1,
            stop,
            hits: 0,
            steps,
            tested,
        };
        let says = format!(
            "breakpoint {}: {}",
            breakpoint.number,
            breakpoint.what(self.network())
        );
        let breakpoints = Arc::make_mut(&mut self.breakpoints);
        breakpoints.n_set += 1;
        breakpoints.list.push(breakpoint);
        Ok(says)
    }

    /// Sets a breakpoint on the current neuron, or takes it away; says which.
    ///
    /// # Errors
    /// The reason why there can be none.
    pub fn toggle_breakpoint(&mut self) -> Result<String, CommandError> {
        let element = self
            .element()
            .ok_or(CommandError::NoElement { command: "break" })?;
        let stop = Stop {
            spot: Spot::Element(element),
            condition: None,
        };
        match self
            .breakpoints
            .list
            .iter()
            .find(|breakpoint| breakpoint.stop == stop)
        {
            Some(there) => self.delete_breakpoints(Which::Number(there.number)),
            None => self.set_breakpoint(stop),
        }
    }

    /// Takes breakpoints away; says which.
    ///
    /// # Errors
    /// The reason why there are none to take away.
    pub fn delete_breakpoints(&mut self, which: Which) -> Result<String, CommandError> {
        let list = &mut Arc::make_mut(&mut self.breakpoints).list;
        let Which::Number(number) = which else {
            let n_deleted = std::mem::take(list).len();
            return match n_deleted {
                0 => Err(CommandError::NoBreakpoints),
                1 => Ok("the breakpoint is deleted".to_owned()),
                _ => Ok(format!("{n_deleted} breakpoints are deleted")),
            };
        };
        let place = list
            .iter()
            .position(|breakpoint| breakpoint.number == number);
        let place = place.ok_or(CommandError::NoSuchBreakpoint(number))?;
        let deleted = list.remove(place);
        Ok(format!(
            "breakpoint {number} is deleted: {}",
            deleted.what(self.network())
        ))
    }

    /// Lists the breakpoints, from which one can be gone to or deleted.
    ///
    /// # Errors
    /// The reason why there is nothing to list.
    pub fn list_breakpoints(&self) -> Result<Sheet, CommandError> {
        if self.breakpoints.list.is_empty() {
            return Err(CommandError::NoBreakpoints);
        }
        let texts: Vec<_> = self
            .breakpoints
            .list
            .iter()
            .map(|breakpoint| breakpoint.what(self.network()))
            .collect();
        let widest = texts
            .iter()
            .map(|text| text.chars().count())
            .max()
            .unwrap_or(0);
        let choices = self
            .breakpoints
            .list
            .iter()
            .zip(texts)
            .map(|(breakpoint, text)| {
                let Breakpoint { number, hits, .. } = breakpoint;
                let hits = if *hits == 1 {
                    "1 hit".to_owned()
                } else {
                    format!("{hits} hits")
                };
                Choice {
                    line: Line::default()
                        .then(format!("{number:>2}  "), TextRole::Quiet)
                        .then(format!("{text:widest$}"), TextRole::Plain)
                        .then(format!("  {hits}"), TextRole::Quiet),
                    enter: Some(self.way_to(breakpoint)),
                    delete: Some(format!("delete {number}; breaks")),
                }
            });
        Ok(Sheet {
            title: "Breakpoints".to_owned(),
            choices: choices.collect(),
            ..Sheet::default()
        })
    }

    /// The command that goes to where a breakpoint stops: to its place, or where a condition
    /// decides to its next hit.
    fn way_to(&self, breakpoint: &Breakpoint) -> String {
        match breakpoint.stop {
            Stop {
                spot: Spot::Element(element),
                ..
            } => format!("goto {}", self.network().address(element)),
            Stop {
                spot: Spot::Tensor(tensor),
                condition: None,
            } => format!("goto {}", self.network().tensor(tensor).name),
            _ => format!("continue {}", breakpoint.number),
        }
    }

    fn steps_of(&self, spot: Spot) -> Result<Range<usize>, CommandError> {
        let steps = self.backprop().steps();
        let found = match spot {
            Spot::Anywhere => Some(0..self.n_steps()),
            Spot::Tensor(tensor) => steps.range(tensor),
            Spot::Element(element) => steps.step_of(element).map(|step| step..step + 1),
        };
        found.ok_or(CommandError::NoStep)
    }

    /// Drops the breakpoints whose neurons the network does not have any more that it had before.
    pub(super) fn drop_lost_breakpoints(&mut self, before: &Network) {
        let now = self.backprop.network();
        let is_there = |tensor: TensorId| now.shares(before, tensor);
        let list = &mut Arc::make_mut(&mut self.breakpoints).list;
        list.retain(|breakpoint| breakpoint.stop.spot.tensor().is_none_or(is_there));
        self.renumber_breakpoints();
    }

    /// Finds the steps of every breakpoint anew.
    pub(super) fn renumber_breakpoints(&mut self) {
        let list = std::mem::take(&mut Arc::make_mut(&mut self.breakpoints).list);
        let moved = |breakpoint: Breakpoint| {
            let steps = self.steps_of(breakpoint.stop.spot).ok()?;
            Some(Breakpoint {
                steps,
                ..breakpoint
            })
        };
        let kept = list.into_iter().filter_map(moved).collect();
        Arc::make_mut(&mut self.breakpoints).list = kept;
    }

    /// Whether a breakpoint without a condition stops at the current neuron.
    pub fn has_breakpoint_here(&self) -> bool {
        let Position::Step(step) = self.position() else {
            return false;
        };
        self.breakpoints.list.iter().any(|breakpoint| {
            breakpoint.stop.condition.is_none() && breakpoint.steps.contains(&step)
        })
    }
}
