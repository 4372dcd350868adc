//! Functions of the elements that several tensors have in one place, with NumPy's broadcasting: the
//! larger of two, one or the other, a comparison.
//!
//! Each op is a [`Joint`](of_places::Joint) function, and all of them are one [`Op`](super::Op).

mod compare;
mod maximum;
mod of_places;
mod power;
mod select;

pub use compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
pub use maximum::{Maximum, Minimum};
pub use power::PowTensor;
pub use select::Where;
