//! The command line: one file a command, each of which reads its arguments, calls what is below,
//! and writes the result.

mod answers;
mod autograder;
mod capture;
mod check;
mod class;
mod completions;
mod copies;
mod debug;
mod diff;
mod explain;
mod export;
mod feedback;
mod folder;
mod generate;
mod global;
mod gradebook;
mod import;
mod input;
mod inspect;
mod join;
mod look;
mod man;
mod mark_scheme;
mod new;
mod outcome;
mod output;
mod progress;
mod report;
mod save;
mod schema;
mod script;
mod site;
mod state;
mod unfinished;
mod validate;
mod verify;
mod worksheet;

use std::env;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::diagnostic::{Diagnostic, nearest, quote};
use crate::gallery;
use crate::signals;
use crate::system;

use global::Global;
use outcome::{Failure, Outcome};

/// Steps through backpropagation one neuron at a time and shows what is summed into each.
///
/// Without a scenario it opens the gallery.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true, max_term_width = 100)]
#[command(override_usage = "backstep [OPTIONS] [SCENARIO]\n       backstep [OPTIONS] <COMMAND>")]
#[command(
    after_help = concat!(
        "Examples:\n",
        "  backstep                      the gallery\n",
        "  backstep the-question         a scenario of the gallery\n",
        "  backstep homework.json --at 'pool[0,1]'\n",
        "  backstep homework.json --run 'break if dead; continue; print'\n",
        "  backstep export homework.json -o homework.trace.json",
    )
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    debug: debug::Arguments,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Export(export::Arguments),
    Site(site::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    Worksheet(worksheet::Arguments),
    Autograder(autograder::Arguments),
    New(new::Arguments),
    Generate(generate::Arguments),
    Join(join::Arguments),
    Import(import::Arguments),
    Capture(capture::Arguments),
    Verify(verify::Arguments),
    Inspect(inspect::Arguments),
    Diff(diff::Arguments),
    Validate(validate::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the program on its command line.
pub fn main() -> ExitCode {
    let cli = read();
    let global = &cli.global;
    signals::tidy_with(unfinished::remove_all);
    let result = signals::watch(global.cancel.clone())
        .map_err(Failure::from)
        .and_then(|()| run(cli.command, &cli.debug, global));
    // What is still being written beside the screen is given up with it.
    unfinished::remove_all();
    match signals::exit_code() {
        Some(code) => code.into(),
        None => exit_code(result, global),
    }
}

fn run(
    command: Option<Command>,
    debug: &debug::Arguments,
    global: &Global,
) -> Result<Outcome, Failure> {
    match command {
        None => debug::run(debug, global),
        Some(Command::Export(arguments)) => export::run(&arguments, global),
        Some(Command::Site(arguments)) => site::run(&arguments, global),
        Some(Command::Explain(arguments)) => explain::run(&arguments, global),
        Some(Command::Check(arguments)) => check::run(&arguments, global),
        Some(Command::Autograder(arguments)) => autograder::run(&arguments, global),
        Some(Command::Worksheet(arguments)) => worksheet::run(&arguments, global),
        Some(Command::New(arguments)) => new::run(&arguments, global),
        Some(Command::Generate(arguments)) => generate::run(&arguments, global),
        Some(Command::Join(arguments)) => join::run(&arguments, global),
        Some(Command::Import(arguments)) => import::run(&arguments, global),
        Some(Command::Capture(_)) => capture::run(),
        Some(Command::Verify(arguments)) => verify::run(&arguments, global),
        Some(Command::Inspect(arguments)) => inspect::run(&arguments, global),
        Some(Command::Diff(arguments)) => diff::run(&arguments, global),
        Some(Command::Validate(arguments)) => validate::run(&arguments, global),
        Some(Command::Schema(arguments)) => schema::run(&arguments),
        Some(Command::Completions(arguments)) => completions::run(&arguments, Cli::command()),
        Some(Command::Man(_)) => man::run(Cli::command()),
    }
}

/// Prints why the program failed, where it did.
fn exit_code(result: Result<Outcome, Failure>, global: &Global) -> ExitCode {
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::FoundWrong) => ExitCode::from(1),
        Ok(Outcome::Refused) => ExitCode::from(2),
        Ok(Outcome::HungUp) => ExitCode::from(system::HANGUP_CODE),
        Err(Failure::Unusable(problem)) => {
            report::print(&problem, global);
            ExitCode::from(2)
        }
        // Whoever reads our output has seen enough.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Io(error)) => {
            report::print(
                &Diagnostic::new(format!("stdout cannot be written: {error}")),
                global,
            );
            ExitCode::from(2)
        }
        // The signal that has cancelled it says with which code the program ends.
        Err(Failure::Cancelled) => ExitCode::FAILURE,
    }
}

/// Reads the command line. What cannot be read ends the program here, and so does `--help`.
fn read() -> Cli {
    let mut program = Cli::command();
    let matches = program
        .try_get_matches_from_mut(env::args_os())
        .unwrap_or_else(|error| {
            let first = env::args_os().nth(1).unwrap_or_default();
            match misspelt(&program, &first.to_string_lossy()) {
                Some(says)
                    if matches!(
                        error.kind(),
                        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand
                    ) =>
                {
                    program.error(ErrorKind::InvalidSubcommand, says).exit()
                }
                _ => error.exit(),
            }
        });
    let scenario = matches.try_get_one::<String>("scenario").ok().flatten();
    if let Some(scenario) = scenario {
        if matches.subcommand_name().is_some() {
            let says = "a scenario stands before the command; it belongs after it";
            program.error(ErrorKind::ArgumentConflict, says).exit();
        }
        if let Some(says) = misspelt(&program, scenario) {
            program.error(ErrorKind::InvalidSubcommand, says).exit();
        }
    }
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Says which command was meant by a word that is nearly one, and that names nothing that could be
/// opened.
fn misspelt(program: &clap::Command, word: &str) -> Option<String> {
    let names = program.get_subcommands().map(clap::Command::get_name);
    let could_be_opened = Path::new(word).exists() || gallery::find(word).is_some();
    let meant = nearest(word, names).filter(|meant| !could_be_opened && *meant != word)?;
    Some(format!(
        "there is no command {}; did you mean `{meant}`?",
        quote(word)
    ))
}
