//! Training: update after update, forwards and backwards in time. Any update is reached from either
//! side with the same bits, since it is computed again from a checkpoint before it.

mod checkpoints;
mod course;
mod curve;
mod state;

pub use course::Training;
pub use curve::{Curve, Point};
