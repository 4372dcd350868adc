//! `backstep completions`: what a shell needs to complete the command line.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use super::{Failure, Outcome};

/// Prints completions of the command line for a shell.
#[derive(Debug, Args)]
#[command(after_help = concat!(
        "Examples:\n",
        "  backstep completions bash > ~/.local/share/bash-completion/completions/backstep\n",
        "  backstep completions fish > ~/.config/fish/completions/backstep.fish",
    ))]
pub(super) struct Arguments {
    /// Which shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, mut program: clap::Command) -> Result<Outcome, Failure> {
    // In memory first, because the crate panics where a pipe is closed.
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "backstep", &mut text);
    io::stdout().lock().write_all(&text)?;
    Ok(Outcome::Fine)
}
