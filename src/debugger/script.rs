//! Scripts: commands that are obeyed one after the other without a screen.

use super::language::statements;
use super::{
    CONDITIONS, Call, Command, CommandError, Effect, ParseError, Session, Write, commands, report,
};
use crate::diagnostic::quote;

/// Commands to be obeyed one after the other.
///
/// ```
/// use backstep::debugger::{Script, Session};
/// use backstep::gallery;
/// use backstep::scenario::Options;
///
/// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
/// let mut session = Session::new(scenario);
/// let script = Script::read("goto pool[1,0]; next", &session).expect("these are commands");
/// let nowhere = |_: &Session, _: &_| Ok(());
/// let said: Vec<_> = script.obey(&mut session, nowhere).collect();
/// assert_eq!(said[1].lines, ["step 4 of 35: pool[1,1] gradient −2"]);
/// # Ok::<(), backstep::diagnostic::Diagnostic>(())
/// ```
#[derive(Debug, Clone)]
pub struct Script {
    statements: Vec<(String, Call)>,
}

/// A command and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The command as it is written.
    pub command: String,
    /// What it says, a line each.
    pub lines: Vec<String>,
    /// Whether the scenario could not be made so, or a file could not be written.
    pub is_refused: bool,
}

impl Script {
    /// Reads the commands of a text: one or several a line, separated by `;`. A word that begins
    /// with `#` begins a remark.
    ///
    /// # Errors
    /// All that is wrong with it, in its order.
    pub fn read(text: &str, session: &Session) -> Result<Self, Vec<ParseError>> {
        let (mut read, mut errors) = (Vec::new(), Vec::new());
        for (at, call) in statements(text, session) {
            match call {
                Ok(call) => read.push((text[at].to_owned(), call)),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(Self { statements: read })
        } else {
            Err(errors)
        }
    }

    /// The commands alone, for whoever shows what comes of them in a way of their own.
    pub fn into_calls(self) -> Vec<Call> {
        self.statements.into_iter().map(|(_, call)| call).collect()
    }

    /// Obeys one command after the other, each when its turn is asked for, up to the one that ends
    /// the session. What is refused is told like everything else, and the next command follows.
    /// `write` writes the files that are asked for.
    pub fn obey(self, session: &mut Session, write: Write) -> impl Iterator<Item = Said> {
        let mut statements = self.statements.into_iter();
        let mut has_ended = false;
        std::iter::from_fn(move || {
            let (command, call) = statements.next().filter(|_| !has_ended)?;
            let told = match call.run(session) {
                Ok(Effect::Quit) => {
                    has_ended = true;
                    Ok(Vec::new())
                }
                Ok(effect) => tell(session, call.command, effect, write),
                Err(reason) => Err(reason),
            };
            let is_refused = matches!(told, Err(CommandError::Refused(_)));
            let lines = told.unwrap_or_else(|reason| vec![reason.to_string()]);
            Some(Said {
                command,
                lines,
                is_refused,
            })
        })
    }
}

/// Says what a command has led to.
fn tell(
    session: &mut Session,
    command: &Command,
    effect: Effect,
    write: Write,
) -> Result<Vec<String>, CommandError> {
    Ok(match effect {
        Effect::Moved => place(session).collect(),
        Effect::Found(found) => place(session).chain([found]).collect(),
        Effect::FoundWrong => {
            session.explain()?;
            place(session).chain(session.says_of_theirs()).collect()
        }
        Effect::Says(says) => vec![says],
        Effect::Continues(run) => {
            let found = session.finish(run, |_| ())?;
            place(session).chain([found]).collect()
        }
        Effect::Shows(sheet) => sheet.plain().collect(),
        Effect::Inspects { lines, .. } => lines,
        Effect::Writes(draft) => {
            write(session, &draft)?;
            vec![format!("wrote {}", quote(&draft.name))]
        }
        Effect::Help => help(),
        Effect::Quit => Vec::new(),
        Effect::Asks(_) | Effect::Screen(_) => {
            vec![format!("`{}` does nothing without a screen", command.name)]
        }
    })
}

/// Where the session stands, and what is watched there.
fn place(session: &Session) -> impl Iterator<Item = String> {
    report::position(session)
        .into_iter()
        .chain(session.watched().map(|watched| watched.to_string()))
}

/// Lists all commands, as the help screen does.
fn help() -> Vec<String> {
    let widest = commands::COMMANDS
        .iter()
        .map(|command| command.usage().len())
        .max()
        .unwrap_or(0);
    let commands = commands::COMMANDS
        .iter()
        .map(|command| format!("{:widest$}  {}", command.usage(), command.help));
    commands
        .chain([String::new(), CONDITIONS.to_owned()])
        .collect()
}
