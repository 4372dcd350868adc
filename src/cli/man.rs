//! `backstep man`: the man page, made from the command line and from the debugger's table of
//! commands.

use std::io::{self, Write};

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::{Failure, Outcome};
use crate::debugger::Command;
use crate::debugger::commands::COMMANDS;

/// Prints the man page.
#[derive(Debug, clap::Args)]
#[command(after_help = concat!(
        "Example:\n",
        "  backstep man > ~/.local/share/man/man1/backstep.1",
    ))]
pub(super) struct Arguments {}

pub(super) fn run(program: clap::Command) -> Result<Outcome, Failure> {
    let mut page = Vec::new();
    write(program, &mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(Outcome::Fine)
}

fn write(mut program: clap::Command, out: &mut dyn Write) -> io::Result<()> {
    program.build();
    let man = Man::new(program.clone());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    for command in program.get_subcommands() {
        subcommand(command, out)?;
    }
    debugger().to_writer(out)?;
    exit_codes().to_writer(out)?;
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    examples(&mut roff, &program);
    roff.to_writer(out)
}

/// A section for one command: what it does, how it is called, and its own options.
fn subcommand(command: &clap::Command, out: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control(
        "SH",
        [format!("BACKSTEP {}", command.get_name().to_uppercase()).as_str()],
    );
    roff.text([roman(
        command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default(),
    )]);
    roff.control("PP", []);
    roff.text([bold(
        command
            .clone()
            .render_usage()
            .to_string()
            .trim_start_matches("Usage: "),
    )]);
    for argument in command
        .get_arguments()
        .filter(|argument| !argument.is_global_set() && argument.get_id() != "help")
    {
        let short = argument
            .get_short()
            .map_or_else(String::new, |short| format!("-{short}, "));
        roff.control("TP", []);
        roff.text([bold(format!("{short}{argument}"))]);
        roff.text([roman(format!(
            "{}.",
            argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default()
        ))]);
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        if !values.is_empty() && argument.get_action().takes_values() {
            roff.text([
                roman("It is one of "),
                italic(values.join(", ")),
                roman("."),
            ]);
        }
    }
    roff.control("PP", []);
    examples(&mut roff, command);
    roff.to_writer(out)
}

/// The examples of a command's help, line for line.
fn examples(roff: &mut Roff, command: &clap::Command) {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    roff.control("nf", []);
    for line in help.lines().filter(|line| line.starts_with(' ')) {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}

/// The debugger's commands with their keys, under the headings of the help screen.
fn debugger() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["DEBUGGER COMMANDS"]);
    roff.text([roman(
        "A command is called by a key, or by its name at the prompt, which the key : opens.",
    )]);
    let mut heading = "";
    for command in COMMANDS {
        if command.group.heading() != heading {
            heading = command.group.heading();
            roff.control("SS", [heading]);
        }
        roff.control("TP", []);
        roff.text([bold(command.usage())]);
        roff.text([roman(sentence(command))]);
    }
    roff
}

/// What a command does, and its keys.
fn sentence(command: &Command) -> String {
    let keys: Vec<String> = command.shortcuts().collect();
    let keys = match &keys[..] {
        [] => String::new(),
        [key] => format!(" Key: {key}"),
        keys => format!(" Keys: {}", keys.join(", ")),
    };
    format!("{}.{keys}", command.help)
}

fn exit_codes() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in [
        ("0", "Done, and all is right."),
        (
            "1",
            "Something was found to be wrong, or could not be compared.",
        ),
        (
            "2",
            "The command line or a file cannot be used, and nothing was written; or an edit of a \
             script was refused, or its file could not be written.",
        ),
        (
            "129, 130, 131, 143",
            "Ended by a signal: 128 and its number.",
        ),
    ] {
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
    roff
}
