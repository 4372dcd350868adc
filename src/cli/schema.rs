//! `backstep schema`: the JSON Schema of a file format.

use std::io::{self, Write};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Failure, Outcome};
use crate::export::SCHEMAS;

/// Prints the JSON Schema (2020-12) of a file format.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  backstep schema scenario > scenario.schema.json")]
pub(super) struct Arguments {
    /// Which format.
    #[arg(value_name = "FORMAT", value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|of| of.name)))]
    format: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut out = io::stdout().lock();
    for of in SCHEMAS.iter().filter(|of| of.name == arguments.format) {
        writeln!(out, "{:#}", (of.schema)())?;
    }
    Ok(Outcome::Fine)
}
