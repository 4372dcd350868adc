//! The debugger's commands on the command line, in a file or from stdin, and what they say as plain
//! text.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::{Outcome, input, save};
use crate::debugger::{ParseError, Script, Session};
use crate::diagnostic::{Diagnostic, Source, visible};

#[derive(Debug, Clone, Args)]
pub(super) struct ScriptFlags {
    /// Start with these debugger commands, separated by `;`. Without a terminal, print what each
    /// says, and end.
    #[arg(
        long,
        value_name = "COMMANDS",
        requires = "scenario",
        conflicts_with = "script"
    )]
    run: Option<String>,
    /// Start with the debugger commands of a file, or of stdin (`-`): one or several a line, `#`
    /// begins a remark.
    #[arg(long, value_name = "FILE", requires = "scenario")]
    script: Option<String>,
    /// Open no screen: run the commands of --run, --script or stdin, print what each says, and end.
    #[arg(long, requires = "scenario")]
    batch: bool,
}

/// Commands as they are written.
#[derive(Debug)]
pub(super) struct Written(Arc<Source>);

impl ScriptFlags {
    /// Whether the commands are to run without a screen, also where there is one.
    pub(super) fn is_batch(&self) -> bool {
        self.batch
    }

    /// Returns the commands that were given, if any were. `scenario` is what the scenario comes
    /// from.
    pub(super) fn written(&self, scenario: &str) -> Result<Option<Written>, Diagnostic> {
        let (name, text) = match (&self.run, self.script.as_deref()) {
            (Some(commands), _) => ("--run", commands.clone()),
            (None, Some("-")) => ("stdin", from_stdin(scenario)?),
            (None, Some(file)) => (file, decoded(file, input::read_file(Path::new(file)))?),
            (None, None) if self.batch => ("stdin", from_stdin(scenario)?),
            (None, None) => return Ok(None),
        };
        Ok(Some(Written(Arc::new(Source {
            name: name.to_owned(),
            text,
        }))))
    }
}

fn from_stdin(scenario: &str) -> Result<String, Diagnostic> {
    if scenario == "-" {
        let problem = Diagnostic::new("the scenario and the commands cannot both come from stdin");
        return Err(problem.hinted("give the commands with `--run`, or in a file with `--script`"));
    }
    decoded("stdin", input::read(&mut io::stdin().lock()))
}

fn decoded(name: &str, read: io::Result<Vec<u8>>) -> Result<String, Diagnostic> {
    let bytes = read.map_err(|error| input::about(name, &error))?;
    String::from_utf8(bytes).map_err(|_| Diagnostic::new(format!("`{name}` is not text in UTF-8")))
}

impl Written {
    /// Reads the commands.
    ///
    /// # Errors
    /// All that cannot be read, each with its place.
    pub(super) fn read(&self, session: &Session) -> Result<Script, Diagnostic> {
        Script::read(&self.0.text, session).map_err(|errors| {
            let problems = errors.into_iter().map(|error| self.problem(&error));
            Diagnostic::all(problems)
                .unwrap_or_else(|| Diagnostic::new("the commands cannot be read"))
        })
    }

    fn problem(&self, ParseError { at, kind }: &ParseError) -> Diagnostic {
        let problem = Diagnostic::new(kind.to_string()).at(&self.0, at.clone());
        match kind.hint() {
            Some(hint) => problem.hinted(hint),
            None => problem,
        }
    }
}

/// Obeys the commands and prints what each says: the command after `>`, its answer, and a blank
/// line between them. One that is refused does not keep the others back.
pub(super) fn obey(script: Script, session: &mut Session) -> io::Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut out = BufWriter::new(io::stdout().lock());
    for (number, said) in script.obey(session, save::write).enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "> {}", visible(&said.command))?;
        if said.is_refused {
            outcome = Outcome::Refused;
        }
        for line in said.lines {
            writeln!(out, "{}", visible(&line))?;
        }
    }
    out.flush()?;
    Ok(outcome)
}
