//! Searches for a hit that take long: a slice at a time, so that the screen says how far it is and
//! any key stops it.

use std::time::{Duration, Instant};

use super::app::{Answer, Debugger, Flow};
use crate::debugger::{RunToBreakpoint, Session};

/// How long a slice takes by itself: short enough that a key is obeyed at once.
pub(super) const SLICE: Duration = Duration::from_millis(20);

/// How many steps are tested before the clock is looked at.
const STRIDE: usize = 64;

/// A search that is under way.
#[derive(Debug, Clone)]
pub(super) struct Hunting {
    hunt: RunToBreakpoint,
}

impl Hunting {
    /// How far it has come, in words.
    pub(super) fn progress(&self, session: &Session) -> String {
        format!("{} · any key stops", session.progress(&self.hunt))
    }
}

impl Debugger {
    /// Begins a search; a short one is over at once.
    pub(super) fn begin_hunting(&mut self, hunt: RunToBreakpoint) {
        self.hunting = Some(Hunting { hunt });
        self.hunt_for();
    }

    /// Searches on. At the end of the search, runs what was to come after it.
    pub(super) fn go_on_hunting(&mut self) -> Answer {
        self.hunt_for();
        match self.hunting {
            Some(_) => Flow::Draw.into(),
            None => self.run_waiting(),
        }
    }

    /// Stops the search where it has come to; returns whether there was one. What was to come after
    /// it is given up.
    pub(super) fn stop_hunting(&mut self) -> bool {
        let Some(Hunting { hunt }) = self.hunting.take() else {
            return false;
        };
        self.waiting.clear();
        let says = self.session.give_up(&hunt);
        self.look_at_step();
        self.message = Some(says);
        true
    }

    /// Whether the search has come to gradients that are still being computed.
    pub(super) fn waits_for_gradients(&self) -> bool {
        let is_ready = |hunting: &Hunting| self.session.can_advance(&hunting.hunt);
        self.filling.is_some()
            && self
                .hunting
                .as_ref()
                .is_some_and(|hunting| !is_ready(hunting))
    }

    /// Searches for a while, if it does not take longer.
    fn hunt_for(&mut self) {
        let begun = Instant::now();
        while !self.waits_for_gradients()
            && let Some(hunting) = &mut self.hunting
        {
            match self.session.advance(&mut hunting.hunt, STRIDE) {
                Some(says) => {
                    self.hunting = None;
                    self.look_at_step();
                    self.message = Some(says);
                }
                None if begun.elapsed() >= self.slice => return,
                None => {}
            }
        }
    }
}
