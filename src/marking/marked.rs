//! A file's marks, number by number.

use std::sync::Arc;

use super::marks::Marks;
use super::remark::Remark;
use super::submission::{Submission, TensorReport, Verdict};
use super::unreadable::Unreadable;
use crate::backprop::Backprop;
use crate::tape::Network;

/// A file's marks, number by number, and what is found in them.
#[derive(Debug)]
pub struct Marked {
    /// What is found.
    pub submission: Submission,
    /// The marks of the asked tensors; empty where the file cannot be read.
    pub marks: Vec<Marks>,
    /// The network whose gradients they are; nothing where the file cannot be read.
    pub(super) network: Option<Arc<Network>>,
    /// The backward run with the answer's gradients in place of the true ones, where the file can
    /// be read.
    pub own: Option<Backprop>,
}

impl Marked {
    /// A student from whom nothing came.
    pub fn missing(student: &str) -> Self {
        let marked = Self::unreadable("", student, Unreadable::Missing);
        Self {
            submission: Submission {
                verdict: Verdict::Missing,
                ..marked.submission
            },
            ..marked
        }
    }

    /// A file that cannot be read.
    pub fn unreadable(file: &str, student: &str, error: Unreadable) -> Self {
        Self {
            submission: Submission::unreadable(file, student, error),
            marks: Vec::new(),
            network: None,
            own: None,
        }
    }

    /// What is to be known before the marks, with the network.
    pub fn remarks(&self) -> impl Iterator<Item = (&Network, &Remark)> {
        let remarks = self.submission.remarks.iter();
        remarks.filter_map(|remark| Some((&**self.network.as_ref()?, remark)))
    }

    /// What is found in the asked tensors, with the network whose they are.
    pub fn tensors(&self) -> impl Iterator<Item = (&Network, &TensorReport)> {
        let reports = self.submission.tensors.iter();
        reports.filter_map(|report| Some((&**self.network.as_ref()?, report)))
    }
}
