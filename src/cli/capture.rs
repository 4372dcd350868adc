//! `backstep capture`: the Python that records a PyTorch model.

use std::io::{self, Write};

use clap::Args;

use super::{Failure, Outcome};

/// Prints the Python that records a PyTorch model: values and gradients of every module, and a
/// scenario that opens in the debugger.
///
/// It is the function `capture` of the Python package `backstep`, for those who install none. It
/// needs PyTorch, and this program on the PATH.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Example:\n",
        "  backstep capture > backstep_capture.py\n",
        "  python -c 'from backstep_capture import capture; ...'\n",
        "  backstep net/scenario.json --answer net/gradients.pt",
    ))]
pub(super) struct Arguments {}

const SCRIPT: &str = include_str!("../../python/backstep/_capture.py");

pub(super) fn run() -> Result<Outcome, Failure> {
    io::stdout().lock().write_all(SCRIPT.as_bytes())?;
    Ok(Outcome::Fine)
}
