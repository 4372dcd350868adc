//! Searches for a hit that take long: a slice at a time, so that the screen says how far it is and any key stops it.

use std::time::{Duration, Instant};

use super::app::{Answer, Debugger, Flow};
use crate::debugger::{Call, Hunt, Session};

/// How long a slice takes by itself: short enough that a key is obeyed at once.
pub(super) const SLICE: Duration = Duration::from_millis(20);

/// How many steps are tested before the clock is looked at.
const STRIDE: usize = 64;

/// A search that is under way.
#[derive(Debug, Clone)]
pub(super) struct Hunting {
    hunt: Hunt,
    /// What is to be run after it.
    pub(super) then: Vec<Call>,
}

impl Hunting {
    /// How far it has come, in words.
    pub(super) fn progress(&self, session: &Session) -> String {
        format!("{} · any key stops", session.progress(&self.hunt))
    }
}

impl Debugger {
    /// Begins a search; a short one is over at once.
    pub(super) fn begin_hunting(&mut self, hunt: Hunt) {
        self.hunting = Some(Hunting { hunt, then: Vec::new() });
        self.hunt_for();
    }

    /// Searches on. At the end of the search, runs what was to come after it.
    pub(super) fn go_on_hunting(&mut self) -> Answer {
        match self.hunt_for() {
            Some(then) => self.run_all(then),
            None => Flow::Draw.into(),
        }
    }

    /// Stops the search where it has come to; returns whether there was one. What was to come after it is given up.
    pub(super) fn stop_hunting(&mut self) -> bool {
        let Some(Hunting { hunt, .. }) = self.hunting.take() else { return false };
        let says = self.session.give_up(&hunt);
        self.look_at_step();
        self.message = Some(says);
        true
    }

    /// Searches for a while; returns what is to be run afterwards once the search is over.
    fn hunt_for(&mut self) -> Option<Vec<Call>> {
        let begun = Instant::now();
        let hunting = self.hunting.as_mut()?;
        let says = loop {
            match self.session.advance(&mut hunting.hunt, STRIDE) {
                Some(says) => break says,
                None if begun.elapsed() >= self.slice => return None,
                None => {}
            }
        };
        self.look_at_step();
        self.message = Some(says);
        self.hunting.take().map(|hunting| hunting.then)
    }
}
