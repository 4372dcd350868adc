//! `backstep schema`: the JSON Schema of a file format.

use std::io::{self, Write};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Failure, Outcome};
use crate::export::{SCHEMAS, SchemaOf};
use crate::report;

/// Prints the JSON Schema (2020-12) of a file format.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Example:\n",
        "  backstep schema scenario > scenario.schema.json",
    ))]
pub(super) struct Arguments {
    /// Which format.
    #[arg(value_name = "FORMAT",
        value_parser = PossibleValuesParser::new(schemas().map(|of| of.name)))]
    format: String,
}

const REPORT: SchemaOf = SchemaOf {
    name: "report",
    schema: report::schema,
};

/// All formats that have a schema.
fn schemas() -> impl Iterator<Item = &'static SchemaOf> {
    SCHEMAS.iter().chain([&REPORT])
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut out = io::stdout().lock();
    for of in schemas().filter(|of| of.name == arguments.format) {
        writeln!(out, "{:#}", (of.schema)())?;
    }
    Ok(Outcome::Fine)
}
