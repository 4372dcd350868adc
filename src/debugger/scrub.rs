//! Scrubbing: a value goes up and down live, and every sum follows. However often it moves, it is
//! one edit.

use std::sync::Arc;

use super::target::{Scrub, Target};
use super::{CommandError, Session};
use crate::scenario::Edit;
use crate::tensor::{Element, parse_number, rounded};

/// How many significant digits a value keeps, so that steps of a tenth stay tenths.
const KEPT: usize = 12;
/// How many are told.
const DIGITS: usize = 10;

impl Session {
    /// Begins to scrub a value, and watches it; left out, the first watched value that can be set,
    /// or else what is nearest at hand. Left out, it moves by a tenth of its size.
    ///
    /// # Errors
    /// There is nothing to scrub, or it cannot be another.
    pub(super) fn scrub(
        &mut self,
        target: Option<Target>,
        by: Option<f64>,
    ) -> Result<String, CommandError> {
        let target = target.or_else(|| self.to_scrub());
        let target = target.ok_or(CommandError::NothingToScrub)?;
        let value = self.value_of(target);
        self.expect_settable(&target.edit(value))?;
        if let (Target::Value(element), false) = (target, self.is_watched(target)) {
            self.watch(element)?;
        }
        let by = by.map_or_else(|| tenth(value), f64::abs);
        let n_before = self.edits.done.len();
        self.scrub = Some(Scrub {
            target,
            by,
            n_before,
        });
        Ok(format!(
            "{} is {}: ↑ and ↓ change it by {}, Esc ends",
            self.name_of(target),
            rounded(value, DIGITS),
            rounded(by, DIGITS)
        ))
    }

    /// Moves the value up, or down, by so many steps; says what is changed.
    ///
    /// # Errors
    /// Nothing is scrubbed, or the value cannot be so.
    pub(super) fn scrub_by(&mut self, steps: f64) -> Result<String, CommandError> {
        let scrub = self.scrub.ok_or(CommandError::NothingScrubbed)?;
        let moved = self.value_of(scrub.target) + steps * scrub.by;
        let value = parse_number(&rounded(moved, KEPT)).unwrap_or(moved);
        self.apply(&scrub.target.edit(value))?;
        self.merge(scrub, value);
        let name = self.name_of(scrub.target);
        let is = rounded(value, DIGITS);
        Ok(match self.edits.done.get(scrub.n_before) {
            Some(done) => format!("{}{}", done.says, self.what_changed()?),
            None => format!("{name} is {is} as it was"),
        })
    }

    /// Scrubs no longer; the value stays as it is.
    ///
    /// # Errors
    /// Nothing is scrubbed.
    pub(super) fn end_scrub(&mut self) -> Result<String, CommandError> {
        let scrub = self.scrub.take().ok_or(CommandError::NothingScrubbed)?;
        let value = rounded(self.value_of(scrub.target), DIGITS);
        Ok(format!("{} stays {value}", self.name_of(scrub.target)))
    }

    /// Whether a value is being scrubbed.
    pub fn is_scrubbing(&self) -> bool {
        self.scrub.is_some()
    }

    /// Makes the last edit one with those before it that moved the same value; where that is again
    /// what it was, nothing has been edited.
    fn merge(&mut self, scrub: Scrub, value: f64) {
        let name = self.name_of(scrub.target);
        let edits = Arc::make_mut(&mut self.edits);
        if edits.done.len() > scrub.n_before + 1 {
            edits.done.truncate(scrub.n_before + 1);
        }
        let Some(first) = edits.done.get_mut(scrub.n_before) else {
            return;
        };
        first.edit = scrub.target.edit(value);
        if first.edit == first.inverse {
            edits.done.truncate(scrub.n_before);
        } else if let Edit::Value(_, was) | Edit::Upstream(_, was) = first.inverse {
            let [is, was] = [value, was].map(|number| rounded(number, DIGITS));
            first.says = format!("{name} is {is}, was {was}");
        }
        if edits.done.is_empty() {
            self.unedited = None;
        }
    }

    /// What is scrubbed where nobody says what.
    fn to_scrub(&self) -> Option<Target> {
        let watched = self.watches.iter().map(|&element| Target::Value(element));
        let mut settable = watched.filter(|target| self.is_leaf(*target));
        settable.next().or_else(|| self.at_hand())
    }

    fn is_leaf(&self, target: Target) -> bool {
        match target {
            Target::Value(element) => self.scenario.leaves.contains_key(&element.tensor),
            Target::Upstream(_) => false,
        }
    }

    fn is_watched(&self, target: Target) -> bool {
        matches!(target, Target::Value(element) if self.watches.contains(&element))
    }

    fn value_of(&self, target: Target) -> f64 {
        let (tensors, Element { tensor, at }) = match target {
            Target::Value(element) => (&self.scenario.leaves, element),
            Target::Upstream(element) => (&self.scenario.upstream, element),
        };
        tensors.get(&tensor).map_or(0.0, |tensor| tensor.data()[at])
    }

    fn name_of(&self, target: Target) -> String {
        target.name(self.network())
    }
}

/// A tenth of a number's size, as a power of ten.
fn tenth(number: f64) -> f64 {
    match number.abs() {
        size if size > 0.0 && size.is_finite() => {
            libm::pow(10.0, libm::floor(libm::log10(size)) - 1.0)
        }
        _ => 0.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_moves_by_a_tenth_of_its_size() {
        for (number, step) in [
            (2.0, 0.1),
            (-35.0, 1.0),
            (0.15, 0.01),
            (0.0, 0.1),
            (f64::NAN, 0.1),
        ] {
            assert!((tenth(number) - step).abs() < 1e-12, "{number}");
        }
    }
}
