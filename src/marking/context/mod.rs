//! What a rule looks at: the tensor, a term of one of its elements, the sum of the terms, and the
//! place that is filled.

mod activation;
mod answered;
mod gradient;
mod placement;
mod sum;
mod term;

pub(super) use activation::activation_of;
pub use answered::Answered;
pub(super) use gradient::GradientContext;
pub(super) use placement::{Placement, PlacementContext};
pub(super) use sum::SumContext;
pub(super) use term::TermContext;
