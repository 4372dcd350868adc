//! Marking: somebody's own gradients beside the true ones, and what explains the wrong ones.
//!
//! A gradient is made in three stages: each term is made, the terms are summed, and the results are
//! placed in the tensor. A [`Slip`] is a wrong rule in one of the three stages, a [`Hypothesis`] is
//! what a learner does in all of them, and what it gives is computed, never looked up: predicted
//! for a learner to come, or held against the numbers of one who has answered.
//!
//! What is found is data: which rules, where, with which numbers. Others make sentences of it.

mod answer;
mod arrived;
mod catalogue;
mod cause;
mod comparison;
mod context;
mod copies;
mod derivation;
mod determined;
mod diagnosis;
mod difference;
mod earning;
mod folded;
mod form;
mod hypothesis;
mod hypothesis_cache;
mod marked;
mod marks;
mod mistyped;
mod numbers;
mod preview;
mod recording;
mod remark;
mod same_factor;
mod scheme;
mod search;
mod several;
mod single_term;
mod slip;
mod source;
mod submission;
mod summary;
mod tolerance;
mod unreadable;
mod uses;
mod whole;
mod worth;

pub use answer::{
    ANSWER_FORMAT, Answer, AnswerError, Fault, Few, JsonFault, KEY_FORMAT, Misshape, Problem, Said,
    Uncompared, WrongShape,
};
pub(crate) use answer::{EXERCISE, STUDENT, Spreadsheet};
pub use catalogue::{slip, slips};
pub use cause::Cause;
pub use comparison::Marking;
pub use context::Answered;
pub use copies::{Alike, Fingerprint, How, alike};
pub use derivation::{Combination, Derivation, Outcome};
pub use diagnosis::{Diagnosis, diagnose};
pub use difference::{Difference, Differences, Found, Furthest};
pub use form::{Convention, Form, Seen, Toward};
pub use hypothesis::{Attempts, Followed, Hypothesis, Number, gradients, numbers};
pub use hypothesis_cache::HypothesisCache;
pub use marked::Marked;
pub use marks::{Marks, Status, bounds_of_step};
pub use numbers::Numbers;
pub use preview::{Preview, WrongWay};
pub use recording::Recording;
pub use remark::{Follows, Remark, Uses, beforehand};
pub use scheme::MarkScheme;
pub use search::{Mistake, conceivable, mistakes, pairs, singles};
pub use several::{Sources, sources};
pub use single_term::{SWAPPED_TWO, TermSlip, did, swapped_two, term_slips};
pub use slip::{Choice, Slip, Stage};
pub use submission::{FirstWrong, Kept, Submission, TensorReport, Verdict};
pub use summary::{Hardest, Summary, TensorSummary};
pub use tolerance::{Bounds, ChosenTolerance, Origin, Tolerance};
pub use unreadable::Unreadable;
pub use whole::{Lost, Whole};
pub use worth::Zeros;
