//! States that are kept, so that an update in the past is not far from one of them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How many bytes all checkpoints may have together.
const MOST_BYTES: usize = 32 << 20;
/// How many checkpoints there may be.
const MOST: usize = 1024;

/// Packed states, one every so many updates. Where there are too many, every second one goes.
#[derive(Debug, Clone)]
pub(super) struct Checkpoints {
    /// By the update before which they are.
    kept: BTreeMap<usize, Arc<[f64]>>,
    stride: usize,
    most: usize,
}

impl Checkpoints {
    /// No checkpoints yet, each of which will have so many numbers.
    pub(super) fn new(n_numbers: usize) -> Self {
        let bytes = n_numbers.max(1) * size_of::<f64>();
        Self {
            kept: BTreeMap::new(),
            stride: 1,
            most: (MOST_BYTES / bytes).clamp(2, MOST),
        }
    }

    /// Whether the state before an update is to be kept and is not yet.
    pub(super) fn wants(&self, update: usize) -> bool {
        (update - 1).is_multiple_of(self.stride) && !self.kept.contains_key(&update)
    }

    /// Keeps the state before an update.
    pub(super) fn keep(&mut self, update: usize, packed: Arc<[f64]>) {
        self.kept.insert(update, packed);
        while self.kept.len() > self.most {
            self.stride *= 2;
            let stride = self.stride;
            self.kept
                .retain(|update, _| (update - 1).is_multiple_of(stride));
        }
    }

    /// The last checkpoint that is not behind an update.
    pub(super) fn before(&self, update: usize) -> Option<(usize, &Arc<[f64]>)> {
        let (&update, packed) = self.kept.range(..=update).next_back()?;
        Some((update, packed))
    }

    /// How many bytes the checkpoints have together.
    pub(super) fn n_bytes(&self) -> usize {
        let numbers = self.kept.values().map(|packed| packed.len());
        numbers.sum::<usize>() * size_of::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_too_many_and_the_first_stays() {
        let mut checkpoints = Checkpoints::new(3);
        for update in 1..=100_000 {
            if checkpoints.wants(update) {
                checkpoints.keep(update, [update as f64; 3].into());
            }
        }
        assert!(checkpoints.kept.len() <= MOST);
        assert_eq!(checkpoints.before(1).map(|found| found.0), Some(1));
        let (near, packed) = checkpoints.before(77_777).unwrap();
        assert!(77_777 - near < 128 && packed[0] == near as f64, "{near}");
        let large = Checkpoints::new(1 << 20);
        assert_eq!(large.most, 4);
        assert_eq!(Checkpoints::new(usize::MAX >> 8).most, 2);
    }
}
