//! Tests of the whole crate.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod cases;
mod cli;
mod gallery;
mod laws;
mod picture;
mod problems;
mod readme;
mod terminal;
mod what_if;
mod why;
mod words;
