//! The table of commands, one file a group, in the order in which they are shown. Dispatch, the key
//! bar, the help screen and the prompt are all made from it.

mod breaks;
mod jumps;
mod learns;
mod play;
mod program;
mod reasons;
mod shows;
mod steps;
mod what_if;

use super::arguments::Argument;
use super::command::{Command, Effect, Group};
use super::{CommandError, Key, Position, Session, Sheet};
use crate::tensor::Element;

/// The groups in their order, each with its rows.
const GROUPS: &[(Group, &[Command])] = &[
    (Group::Steps, steps::ROWS),
    (Group::Jumps, jumps::ROWS),
    (Group::Breaks, breaks::ROWS),
    (Group::Learns, learns::ROWS),
    (Group::Play, play::ROWS),
    (Group::Reasons, reasons::ROWS),
    (Group::WhatIf, what_if::ROWS),
    (Group::Shows, shows::ROWS),
    (Group::Program, program::ROWS),
];

/// All commands.
pub const COMMANDS: &[Command] = &joined::<{ count_rows(GROUPS) }>(GROUPS);

const fn count_rows(groups: &[(Group, &[Command])]) -> usize {
    let (mut n, mut group) = (0, 0);
    while group < groups.len() {
        n += groups[group].1.len();
        group += 1;
    }
    n
}

/// Puts the rows of all groups into one table of `N` rows. A constant cannot be made with
/// iterators.
const fn joined<const N: usize>(groups: &[(Group, &[Command])]) -> [Command; N] {
    let mut all = [groups[0].1[0]; N];
    let (mut n, mut group) = (0, 0);
    while group < groups.len() {
        let (heading, rows) = groups[group];
        let mut row = 0;
        while row < rows.len() {
            all[n] = rows[row].in_group(heading);
            (n, row) = (n + 1, row + 1);
        }
        group += 1;
    }
    all
}

/// Returns the command of that name.
pub fn named(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Returns the command that a key calls.
pub fn of_key(key: Key) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.keys.contains(&key))
}

/// Returns the command that two keys call, one after the other.
pub fn of_sequence(keys: [Key; 2]) -> Option<&'static Command> {
    COMMANDS
        .iter()
        .find(|command| command.sequence == Some(keys))
}

fn unless(is_refused: bool, error: CommandError) -> Result<(), CommandError> {
    if is_refused { Err(error) } else { Ok(()) }
}

fn not_at_end(session: &Session) -> Result<(), CommandError> {
    unless(session.position() == Position::End, CommandError::AtEnd)
}

fn not_at_start(session: &Session) -> Result<(), CommandError> {
    unless(session.position() == Position::Start, CommandError::AtStart)
}

fn has_terms(session: &Session) -> Result<(), CommandError> {
    match (session.position(), session.terms().len()) {
        (Position::Start, _) => Err(CommandError::NotBegun),
        (Position::End, _) => Err(CommandError::Over),
        (_, 0) => Err(CommandError::NoTerms),
        (_, 1) => Err(CommandError::OneTerm),
        _ => Ok(()),
    }
}

/// Shows lines that are only read.
fn says(lines: Vec<String>) -> Result<Effect, CommandError> {
    Ok(Effect::Shows(Sheet::text("backstep says", lines)))
}

fn moved(session: &mut Session, how: impl FnOnce(&mut Session)) -> Result<Effect, CommandError> {
    how(session);
    Ok(Effect::Moved)
}

fn go(
    session: &mut Session,
    to: fn(&Session) -> Result<Position, CommandError>,
) -> Result<Effect, CommandError> {
    let position = to(session)?;
    moved(session, |session| session.go_to(position))
}

fn element(arguments: &[Argument]) -> Option<Element> {
    arguments.iter().find_map(|argument| match argument {
        Argument::Element(element) => Some(*element),
        _ => None,
    })
}

/// The element that is asked about, or the current one.
fn asked(session: &Session, arguments: &[Argument]) -> Result<Element, CommandError> {
    let element = element(arguments).or_else(|| session.element());
    let element = element.ok_or(CommandError::NoneAskedAbout)?;
    open(session, element).map(|()| element)
}

/// Whether nothing is to be predicted about a neuron first.
fn open(session: &Session, element: Element) -> Result<(), CommandError> {
    let is_hidden = session.is_hidden() && session.element() == Some(element);
    unless(is_hidden, CommandError::SumHidden)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_commands_share_a_key_or_a_name() {
        let mut keys = HashSet::new();
        let mut names = HashSet::new();
        for command in COMMANDS {
            assert!(
                names.insert(command.name),
                "`{}` is there twice",
                command.name
            );
            for key in command.shortcuts() {
                assert!(keys.insert(key.clone()), "`{key}` calls two commands");
            }
        }
    }

    #[test]
    fn commands_of_a_group_stand_together() {
        let groups: Vec<_> = COMMANDS
            .chunk_by(|a, b| a.group == b.group)
            .map(|chunk| chunk[0].group.heading())
            .collect();
        let distinct: HashSet<_> = groups.iter().collect();
        assert_eq!(groups.len(), distinct.len(), "{groups:?}");
    }

    #[test]
    fn every_help_line_is_short_and_has_no_full_stop() {
        for command in COMMANDS {
            assert!(
                command.help.len() <= 80 && !command.help.ends_with('.'),
                "{}",
                command.help
            );
        }
    }
}
