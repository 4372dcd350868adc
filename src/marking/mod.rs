//! Marking: somebody's own gradients beside the true ones, and what explains the wrong ones.
//!
//! A gradient is made in three moves: each term is made, the terms are combined, and the results
//! are placed in the tensor. A [`Slip`] is a wrong rule in one of the three moves, a [`Method`] is
//! what a learner does in all of them, and what it gives is computed, never looked up: predicted
//! for a learner to come, or held against the numbers of one who has answered.

mod answer;
mod combining;
mod diagnosis;
mod element;
mod lesson;
mod making;
mod marks;
mod method;
mod placing;
mod report;
mod search;
mod site;
mod slip;
mod terms;
mod tolerance;
mod working;

pub(crate) use answer::spreadsheet;
pub use answer::{ANSWER_FORMAT, Answer, Problem};
pub use diagnosis::{Diagnosis, Methods, diagnose, likeliest};
pub use element::{ElementSlip, SWAPPED_TWO, did, element_slips, swapped_two};
pub use lesson::{Lesson, WrongWay};
pub use marks::{Marking, Marks, Status};
pub use method::{Method, Number, gradients, numbers};
pub use report::{
    Exam, FirstWrong, Hardest, Marked, REPORT_FORMAT, Report, Submission, Summary, TensorReport,
    TensorSummary, Verdict,
};
pub use search::{Answered, Mistake, mistakes, pairs, singles};
pub use slip::{Choice, Convention, Form, Move, Seen, Slip, Toward, slip, slips};
pub use tolerance::Tolerance;
