//! The catalogue of slips: what learners do wrong with a gradient, as code.
//!
//! A gradient is made in three moves: each term is made, the terms are combined, and the results are placed in the tensor. A
//! [`Slip`] is a wrong rule in one of the three moves, a [`Method`] is what a learner does in all of them, and what it gives is
//! computed, never looked up: predicted for a learner to come, or held against the numbers of one who has answered.

mod combining;
mod element;
mod making;
mod method;
mod placing;
mod search;
mod site;
mod slip;
mod terms;
mod tolerance;
mod working;

pub use element::{ElementSlip, SWAPPED_TWO, element_slips, swapped_two};
pub use method::{Method, Number, gradients, numbers};
pub use search::{Answered, Mistake, mistakes, pairs, singles};
pub use slip::{Choice, Convention, Form, Move, Seen, Slip, Toward, slip, slips};
pub use tolerance::Tolerance;
