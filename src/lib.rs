//! `backstep` steps through backpropagation one neuron at a time and shows which downstream
//! contributions are summed into each.
//!
//! One idea carries the crate: a neuron's gradient is a sum of [contributions](ops::Contribution),
//! and a contribution is an upstream gradient times named [factors](ops::Factor).

pub mod backprop;
pub mod cancel;
pub mod cli;
pub mod debugger;
pub mod diagnostic;
pub mod document;
pub mod exercise;
pub mod export;
pub mod gallery;
mod gemm;
pub mod json;
pub mod marking;
pub mod onnx;
pub mod ops;
pub mod report;
pub mod scenario;
mod signals;
pub mod tape;
pub mod tensor;
pub mod text;
pub mod tui;
pub mod words;

/// The chapter on the library, whose example is a test.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Chapter;
