//! The catalogue of slips: one table a stage, one row a slip.

mod kernels;
mod loops;
mod placements;
mod sums;
mod terms;
mod updates;

pub(super) use placements::{
    BEFORE_THE_ACTIVATION, CONSTANT_FACTOR, COPIED_THE_VALUES, LEFT_AT_ZERO,
};
pub(super) use sums::WRONG_SIGN;

use super::slip::Slip;

/// All slips, in the catalogue's order.
pub fn slips() -> impl Iterator<Item = &'static Slip> {
    terms::TERMS
        .iter()
        .chain(kernels::TERMS)
        .chain(sums::SUMS)
        .chain(loops::LOOPS)
        .chain(kernels::SUMS)
        .chain(updates::UPDATES)
        .chain(placements::PLACEMENTS)
        .chain(kernels::PLACEMENTS)
}

/// The slip of that id.
pub fn slip(id: &str) -> Option<&'static Slip> {
    slips().find(|slip| slip.id == id)
}
