//! How much a page takes, and how much of it a run is.

use super::data;
use crate::export::{Selection, Subject};

/// The most contributions, and the most numbers in all tensors together, that a page takes: a few
/// dozen megabytes.
pub(super) const MOST: usize = 200_000;

/// How much of a page a run takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) n_numbers: usize,
    /// More than a page takes stand for any number above that.
    pub(super) n_terms: usize,
}

impl Size {
    pub(super) fn of(subject: Subject<'_>, selection: &Selection) -> Self {
        let backprop = subject.backprop;
        let tensors = backprop.network().tensors().iter();
        let n_numbers = tensors.map(|tensor| tensor.shape.numel()).sum();
        let mut n_terms = 0;
        for (_, element) in data::steps(subject, selection) {
            backprop.terms(element, &mut |_| n_terms += 1);
            if n_terms > MOST {
                break;
            }
        }
        Self { n_numbers, n_terms }
    }

    /// How many runs of that size a page has room for.
    pub(super) fn times_in_a_page(self) -> usize {
        MOST / self.n_numbers.max(self.n_terms).max(1)
    }
}
