//! The table of commands, one file a group, in the order in which they are shown. Dispatch, the key
//! bar, the help screen and the prompt are all made from it.

mod breaks;
mod common;
mod jumps;
mod learns;
mod play;
mod program;
mod reasons;
mod shows;
mod steps;
mod trains;
mod what_if;

use super::Key;
use super::command::{Command, Group};

/// The groups in their order, each with its rows.
const GROUPS: &[(Group, &[Command])] = &[
    (Group::Steps, steps::ROWS),
    (Group::Jumps, jumps::ROWS),
    (Group::Breaks, breaks::ROWS),
    (Group::Learns, learns::ROWS),
    (Group::Play, play::ROWS),
    (Group::Reasons, reasons::ROWS),
    (Group::WhatIf, what_if::ROWS),
    (Group::Trains, trains::ROWS),
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
