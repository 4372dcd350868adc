//! Tests of the whole crate.

mod architecture;
mod cases;
mod gallery;
mod laws;
