//! Tests of the whole crate.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod architecture;
mod browser;
mod cases;
mod check;
mod cli;
mod comparisons;
mod diagnosis;
mod docs;
mod exports;
mod filled_in;
mod gallery;
mod generated;
mod homework;
mod laws;
mod marking;
mod network;
mod numbers;
mod onnx;
mod ops;
mod page;
mod picture;
mod problems;
mod published;
mod python;
mod schema;
mod script;
mod slips;
mod terminal;
mod tex;
mod what_if;
mod why;
mod withheld;
mod words;
mod worksheets;
