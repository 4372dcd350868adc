//! `backstep` steps through backpropagation one neuron at a time and shows which downstream
//! contributions are summed into each.
//!
//! One idea carries the crate: a neuron's gradient is a sum of [contributions](ops::Contribution),
//! and a contribution is an upstream gradient times named [factors](ops::Factor).
//!
//! ```
//! use backstep::backprop::Backprop;
//! use backstep::gallery;
//! use backstep::scenario::Options;
//!
//! let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
//! let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
//! let network = backprop.network();
//! let pooled = network.element(&"pool[0,1]".parse()?).unwrap();
//! for term in backprop.contributions(pooled) {
//!     println!("{} sends {}", network.address(term.from), term.product());
//! }
//! let terms = backprop.contributions(pooled).into_iter();
//! assert_eq!(terms.map(|term| term.product()).sum::<f64>(), backprop.element(pooled));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [scenario] describes a network, its numbers and the gradients that arrive; a
//! [builder](tape::NetworkBuilder) makes one from parts, and [onnx] one from a model. Run forward
//! it is a [tape](tape::Tape), run back it is [backprop], and a [session](debugger::Session) steps
//! through it. [marking] compares somebody's own gradients and says what went wrong in them.

pub mod backprop;
pub mod cancel;
mod cli;
pub mod debugger;
pub mod diagnostic;
pub mod document;
pub mod exercise;
pub mod export;
pub mod gallery;
mod gemm;
pub mod health;
pub mod json;
pub mod marking;
pub mod onnx;
pub mod ops;
pub mod optim;
mod parallel;
pub mod report;
pub mod scenario;
mod signals;
mod system;
pub mod tape;
pub mod tensor;
pub mod text;
pub mod training;
mod tui;
pub mod words;

pub use cli::main;
pub use tui::SVG;

/// The chapter on the library, whose examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Chapter;
