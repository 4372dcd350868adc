//! A file imports only from floors below its own and from its own room, and from outside only what
//! its room may know.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and its floor.
const ROOMS: &[(&str, u32)] = &[
    ("cancel", 0),
    ("signals", 1),
    ("tensor", 0),
    ("diagnostic", 0),
    ("text", 0),
    ("gemm", 0),
    ("json", 1),
    ("ops", 1),
    ("tape", 2),
    ("scenario", 3),
    ("backprop", 3),
    ("gallery", 4),
    ("onnx", 4),
    ("words", 5),
    ("document", 6),
    ("marking", 4),
    ("debugger", 7),
    ("exercise", 7),
    ("export", 7),
    ("report", 7),
    ("tui", 8),
    ("cli", 9),
];

/// What only some rooms may use.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("anstream", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("std::fs", &["cli", "signals"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    (
        "serde_json",
        &[
            "ops", "scenario", "onnx", "gallery", "json", "marking", "exercise", "export",
            "report", "cli",
        ],
    ),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("schemars", &["json", "marking", "export"]),
    ("signal_hook", &["signals"]),
    ("prost", &["onnx"]),
    ("pulp", &["gemm"]),
];

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The room of a file in `src`; the crate's own roots are in none.
fn room(path: &Path) -> Option<String> {
    let inner = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = inner.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main"].contains(&name)).then(|| name.to_owned())
}

fn floor(room: &str) -> u32 {
    let found = ROOMS.iter().find(|(name, _)| *name == room);
    found
        .unwrap_or_else(|| {
            panic!("the room `{room}` has no floor: give it one here and in ARCHITECTURE.md")
        })
        .1
}

/// The lines of code with their numbers, comments left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.lines());
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether a line names a path, not just something that ends like it.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn no_file_imports_from_a_floor_above() {
    let mut climbs = Vec::new();
    for path in sources() {
        let Some(own) = room(&path) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in code(&text) {
            for (other, other_floor) in ROOMS.iter().filter(|(other, _)| *other != own) {
                if names(line, &format!("crate::{other}")) && *other_floor >= floor(&own) {
                    climbs.push(format!("{}:{number}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(
        climbs.is_empty(),
        "these imports climb:\n{}",
        climbs.join("\n")
    );
}

#[test]
fn rooms_use_only_what_they_may_know() {
    let mut strangers = Vec::new();
    for path in sources() {
        let Some(own) = room(&path) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in code(&text) {
            for (outside, rooms) in OUTSIDE
                .iter()
                .filter(|(_, rooms)| !rooms.contains(&own.as_str()))
            {
                if names(line, outside) {
                    strangers.push(format!(
                        "{}:{number}: `{outside}` belongs in {rooms:?}",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

#[test]
fn the_house_is_as_its_description_says() {
    let description = include_str!("../../ARCHITECTURE.md");
    let described: Vec<(String, u32)> = description
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let floor = cells.next()?.parse().ok()?;
            Some(
                cells
                    .next()?
                    .split(',')
                    .map(|room| {
                        (
                            room.trim()
                                .trim_matches('`')
                                .trim_end_matches('/')
                                .to_owned(),
                            floor,
                        )
                    })
                    .collect::<Vec<_>>(),
            )
        })
        .flatten()
        .collect();
    let mut rooms: Vec<(String, u32)> = ROOMS
        .iter()
        .map(|&(room, floor)| (room.to_owned(), floor))
        .collect();
    let mut described = described;
    rooms.sort();
    described.sort();
    assert_eq!(described, rooms);
}
