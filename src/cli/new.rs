//! `backstep new`: a small scenario to begin with.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{FolderOutput, exists};
use super::{Failure, Global, Outcome};
use crate::export::SCHEMAS;

/// Writes a small scenario to begin with, and beside it the schema by which an editor completes and
/// checks it.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Examples:\n",
        "  backstep new                  my.json and scenario.schema.json\n",
        "  backstep new homework/week-4",
    ))]
pub(super) struct Arguments {
    /// What the scenario's file is called.
    #[arg(value_name = "NAME", default_value = "my.json")]
    name: PathBuf,
    /// Overwrite the scenario if it exists.
    #[arg(long)]
    force: bool,
}

const SCENARIO: &str = include_str!("new.json");
/// The name of the schema's file, as the scenario has it.
const SCHEMA: &str = "scenario.schema.json";

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Outcome, Failure> {
    let path = match arguments
        .name
        .extension()
        .is_some_and(|ending| ending == "json")
    {
        true => arguments.name.clone(),
        false => arguments.name.with_added_extension("json"),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    // The schema is the same for all scenarios of a folder.
    let files = FolderOutput::new(folder, true, &global.cancel, std::iter::empty())?;
    if path.symlink_metadata().is_ok() && !arguments.force {
        return Err(exists(&path).into());
    }
    files.write(
        path.strip_prefix(folder).unwrap_or(&path),
        SCENARIO.as_bytes(),
    )?;
    for of in SCHEMAS.iter().filter(|of| of.name == "scenario") {
        let schema = format!("{:#}\n", (of.schema)());
        files.write(Path::new(SCHEMA), schema.as_bytes())?;
    }
    Ok(Outcome::Fine)
}
