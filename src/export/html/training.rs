//! A training as a page goes through it: the loss of every update, and the runs of those updates
//! for which there is room.

use std::io;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::data::Run;
use super::in_script::InScript;
use super::size::{MOST, Size};
use crate::backprop::Backprop;
use crate::export::{Selection, Subject, Updates};
use crate::json::Number;
use crate::scenario::Scenario;

/// The most updates whose runs a page holds, so that a phone can open it.
const MOST_RUNS: usize = 64;

/// The updates that have room.
pub(super) struct Course {
    /// Each with its run, the first and the last of all among them.
    runs: Vec<(usize, Backprop)>,
    first: usize,
    last: usize,
    /// By update, counted from 1.
    losses: Vec<f64>,
}

impl Course {
    /// Runs a training, and keeps what fits a page. `of_one` says how large a single run is.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn of(updates: &mut Updates<'_>, of_one: Size) -> io::Result<Self> {
        let (first, last) = (*updates.updates.start(), *updates.updates.end());
        let chosen = spaced(first, last, of_one.times_in_a_page().min(MOST_RUNS));
        let mut runs = Vec::with_capacity(chosen.len());
        for update in chosen {
            let run = updates.run(update)?;
            run.complete(updates.cancel)?;
            runs.push((update, run));
        }
        // Where there is room for the first alone, the others have a loss still.
        updates.training.at(last, updates.cancel)?;
        Ok(Self {
            runs,
            first,
            last,
            losses: updates.training.curve().losses().to_vec(),
        })
    }

    /// The run of the first update.
    pub(super) fn first_run(&self) -> Option<&Backprop> {
        self.runs.first().map(|(_, run)| run)
    }

    /// The first later update that has a run, and that run.
    pub(super) fn second(&self) -> Option<(usize, Backprop)> {
        self.runs.get(1).cloned()
    }

    /// What the page holds of it beside the first run.
    pub(super) fn part<'a>(&'a self, scenario: &'a Scenario, selection: &'a Selection) -> Part<'a> {
        let later = self.runs.iter().skip(1).map(|(update, backprop)| Later {
            update: *update,
            run: InScript(Run {
                subject: Subject { scenario, backprop },
                selection,
            }),
        });
        Part {
            course: self,
            curve: InScript(Curve(self)),
            later: later.collect(),
        }
    }
}

/// So many numbers at the most from a first to a last, both among them, as evenly as can be.
fn spaced(first: usize, last: usize, most: usize) -> Vec<usize> {
    let n = most.min(last - first + 1);
    match n {
        0 | 1 => vec![first],
        _ => (0..n)
            .map(|place| first + place * (last - first) / (n - 1))
            .collect(),
    }
}

/// A training in the template of the page.
pub(super) struct Part<'a> {
    course: &'a Course,
    pub(super) curve: InScript<Curve<'a>>,
    pub(super) later: Vec<Later<'a>>,
}

/// An update behind the first.
pub(super) struct Later<'a> {
    pub(super) update: usize,
    pub(super) run: InScript<Run<'a>>,
}

impl Part<'_> {
    /// Says which updates the page holds, where it has no room for all.
    pub(super) fn left_out(&self) -> Option<String> {
        let Course {
            runs, first, last, ..
        } = self.course;
        let n_updates = last - first + 1;
        match runs.as_slice() {
            all if all.len() == n_updates => None,
            [_] => Some(format!(
                "This page has room for the run of one of {n_updates} updates; the curve has all."
            )),
            some => Some(format!(
                "This page steps through {} of {n_updates} updates: the first, the last, and one \
                 about every {} between them. The curve has all.",
                some.len(),
                (n_updates - 1).div_ceil(some.len() - 1)
            )),
        }
    }
}

/// Which updates have runs, and the loss of each update.
pub(super) struct Curve<'a>(&'a Course);

impl Serialize for Curve<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            first: usize,
            last: usize,
            updates: Vec<usize>,
            losses: Losses<'a>,
        }
        let course = self.0;
        Members {
            first: course.first,
            last: course.last,
            updates: course.runs.iter().map(|(update, _)| *update).collect(),
            losses: Losses(course),
        }
        .serialize(serializer)
    }
}

/// Losses, each behind its update: of all updates, or of as many as a page takes numbers, those of
/// the runs among them.
struct Losses<'a>(&'a Course);

impl Serialize for Losses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let course = self.0;
        let mut updates = spaced(course.first, course.last, MOST - MOST_RUNS);
        updates.extend(course.runs.iter().map(|(update, _)| *update));
        updates.sort_unstable();
        updates.dedup();
        let mut list = serializer.serialize_seq(Some(updates.len()))?;
        for update in updates {
            let loss = course.losses.get(update - 1).copied().unwrap_or(f64::NAN);
            list.serialize_element(&(update, Number(loss)))?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_spaced_evenly_and_the_ends_are_always_there() {
        assert_eq!(spaced(1, 4, 64), [1, 2, 3, 4]);
        assert_eq!(spaced(1, 10, 4), [1, 4, 7, 10]);
        assert_eq!(spaced(3, 9, 3), [3, 6, 9]);
        assert_eq!(spaced(5, 5, 64), [5]);
        assert_eq!(spaced(1, 100, 1), [1]);
        let many = spaced(1, 10_000, 64);
        assert_eq!((many.len(), many[0], many[63]), (64, 1, 10_000));
        let gaps = many.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().min().unwrap() + 1 >= gaps.max().unwrap());
    }
}
