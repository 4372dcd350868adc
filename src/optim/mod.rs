//! The optimizers: what becomes of a parameter once its gradient is known. An update is a sum, and
//! its terms are listed here.

mod kept;
mod optimizer;
mod settings;
mod sums;
mod update;

pub use kept::Kept;
pub use optimizer::{Optimizer, Rule};
pub use settings::{Field, Given, OptimizerError, RULES, Setting};
pub use sums::{Part, Quantity, Sum};
pub use update::{Place, VisitTerm};

#[cfg(test)]
mod tests;
