//! Frames one after the other, in which what stays is kept once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::drawing::{Layer, Piece};

/// How long a beat is, in milliseconds.
const BEAT: u32 = 750;

/// The frames that were added.
#[derive(Debug, Default)]
pub(super) struct Film {
    /// When each frame ends, in beats from the beginning.
    ends: Vec<u32>,
    /// By piece: the frames in which it is seen.
    seen: BTreeMap<Piece, Vec<Range<usize>>>,
}

/// Pieces that are seen in the same frames.
#[derive(Debug)]
pub(super) struct Group {
    frames: Range<usize>,
    pub(super) pieces: Vec<Piece>,
}

impl Film {
    /// Adds a frame that is seen for so many beats.
    pub(super) fn add(&mut self, pieces: BTreeSet<Piece>, beats: u32) {
        let frame = self.ends.len();
        self.ends.push(self.length() + beats);
        for piece in pieces {
            let seen = self.seen.entry(piece).or_default();
            match seen.last_mut() {
                Some(last) if last.end == frame => last.end = frame + 1,
                _ => seen.push(frame..frame + 1),
            }
        }
    }

    /// All pieces, layer by layer and in each by the frames in which they are seen.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<(Layer, usize, usize), Vec<Piece>> = BTreeMap::new();
        for (piece, frames) in &self.seen {
            for Range { start, end } in frames {
                let group = groups.entry((piece.layer(), *start, *end)).or_default();
                if !group.last_mut().is_some_and(|last| last.join(piece)) {
                    group.push(piece.clone());
                }
            }
        }
        let groups = groups.into_iter();
        groups
            .map(|((_, start, end), pieces)| Group {
                frames: start..end,
                pieces,
            })
            .collect()
    }

    /// The style sheet's class of a group that comes or goes.
    pub(super) fn class(&self, group: &Group) -> Option<String> {
        let Range { start, end } = group.frames;
        (group.frames != (0..self.ends.len())).then(|| format!("f{start}-{end}"))
    }

    /// What is seen where nothing moves: the last frame.
    pub(super) fn still(&self, groups: &[Group]) -> String {
        let passing = |group: &&Group| group.frames.end < self.ends.len();
        let classes = self.classes(groups.iter().filter(passing));
        let rules = classes.keys();
        rules
            .map(|class| format!(".{class}{{visibility:hidden}}"))
            .collect()
    }

    /// What moves: when each group comes and goes.
    pub(super) fn moving(&self, groups: &[Group]) -> String {
        let seconds = f64::from(self.length() * BEAT) / 1000.0;
        let rules = self.classes(groups.iter()).into_iter();
        rules
            .map(|(class, frames)| {
                let [from, to] = [frames.start, frames.end].map(|frame| self.share(frame));
                format!(
                    ".{class}{{animation:{class} {seconds}s step-end infinite}}\
                     @keyframes {class}{{0%{{visibility:hidden}}{from}%{{visibility:visible}}\
                     {to}%{{visibility:hidden}}}}"
                )
            })
            .collect()
    }

    fn classes<'a>(
        &self,
        groups: impl Iterator<Item = &'a Group>,
    ) -> BTreeMap<String, Range<usize>> {
        groups
            .filter_map(|group| Some((self.class(group)?, group.frames.clone())))
            .collect()
    }

    /// When a frame begins, in percent of the whole, with three decimals.
    fn share(&self, frame: usize) -> f64 {
        let begins = frame.checked_sub(1).map_or(0, |before| self.ends[before]);
        (f64::from(begins) / f64::from(self.length().max(1)) * 1e5).round() / 1e3
    }

    /// The beats of all frames.
    fn length(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }
}
