//! A file imports only from floors below its own and from its own room, and from outside only what
//! its room may know.

use std::fs;
use std::path::{Path, PathBuf};

use backstep::ops;

/// Each room and its floor.
const ROOMS: &[(&str, u32)] = &[
    ("cancel", 0),
    ("signals", 2),
    ("system", 0),
    ("tensor", 0),
    ("diagnostic", 1),
    ("text", 0),
    ("gemm", 1),
    ("parallel", 0),
    ("json", 2),
    ("ops", 2),
    ("optim", 2),
    ("tape", 3),
    ("scenario", 4),
    ("backprop", 4),
    ("training", 5),
    ("gallery", 5),
    ("health", 5),
    ("onnx", 5),
    ("words", 6),
    ("document", 7),
    ("marking", 5),
    ("debugger", 8),
    ("exercise", 8),
    ("export", 8),
    ("report", 8),
    ("tui", 9),
    ("cli", 10),
];

/// What only some rooms may use.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("anstream", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("std::fs", &["cli", "system"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("rustix", &["system"]),
    (
        "serde_json",
        &[
            "scenario", "gallery", "json", "marking", "exercise", "export", "report", "cli",
        ],
    ),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("schemars", &["json", "marking", "export", "report"]),
    ("signal_hook", &["system"]),
    ("prost", &["onnx"]),
    ("pulp", &["gemm", "parallel"]),
];

pub(super) fn sources() -> Vec<PathBuf> {
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
pub(super) fn room(path: &Path) -> Option<String> {
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
pub(super) fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.lines());
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether a file of the sources is compiled for tests alone.
pub(super) fn is_for_tests(path: &Path) -> bool {
    let inner = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut parts = inner.iter().filter_map(|part| part.to_str());
    parts.any(|part| matches!(part, "tests" | "tests.rs" | "testing.rs"))
}

/// A file as far as the program is built from it: its tests stand at its end.
pub(super) fn without_tests(text: &str) -> &str {
    let begins = |at: usize| {
        let next = text[at..].lines().nth(1).unwrap_or_default();
        next.contains("mod ") && next.ends_with('{')
    };
    let mut attributes = text.match_indices("#[cfg(test)]\n").map(|(at, _)| at);
    let tests = attributes.find(|&at| begins(at));
    &text[..tests.unwrap_or(text.len())]
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
        if is_for_tests(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in code(without_tests(&text)) {
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

#[test]
fn every_file_of_the_house_begins_with_what_it_is_for() {
    let begins = |file: &PathBuf| fs::read_to_string(file).unwrap().starts_with("//!");
    let is_tests = |file: &PathBuf| {
        file.iter()
            .any(|part| part == "tests" || part == "tests.rs")
    };
    let silent: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|file| !is_tests(file) && !begins(file))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// What rustfmt does not break, texts and the insides of macros, is broken by hand.
#[test]
fn no_line_of_the_house_is_longer_than_100_columns() {
    let mut long = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let lines = (1..).zip(text.lines());
        let found = lines.filter(|(_, line)| line.chars().count() > 100);
        long.extend(found.map(|(number, _)| format!("{}:{number}", file.display())));
    }
    assert!(long.is_empty(), "{long:#?}");
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The wildcards in matches over kinds of ops. As every line stands where rustfmt puts it, the arms
/// of a match are the lines with the indent of the first one.
fn wildcards(text: &str) -> Vec<usize> {
    let lines: Vec<(usize, &str)> = code(without_tests(text)).collect();
    let is_pattern = |line: &str| {
        let pattern = line.split("=>").next().unwrap_or_default();
        pattern.contains("OpKind::") && !pattern.contains('.') && !pattern.contains("::*")
    };
    let is_wild = |line: &str| {
        let pattern = line.trim_start().split("=>").next().unwrap_or_default();
        line.contains("=>") && pattern.split([' ', '(', ',', ')']).any(|word| word == "_")
    };
    let mut found = Vec::new();
    for (at, (_, line)) in lines
        .iter()
        .enumerate()
        .filter(|(_, (_, line))| is_pattern(line))
    {
        let own = indent(line);
        let is_inside = |(_, line): &&(usize, &str)| line.trim().is_empty() || indent(line) >= own;
        let before = lines[..at].iter().rev().take_while(is_inside);
        let after = lines[at..].iter().take_while(is_inside);
        let arms = before.chain(after).filter(|(_, line)| indent(line) == own);
        found.extend(
            arms.filter(|(_, line)| is_wild(line))
                .map(|(number, _)| *number),
        );
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The places that ask whether an op has one kind, and so say nothing of a kind to come: such a
/// question is a method of the kind.
fn questions(text: &str) -> Vec<usize> {
    let lines: Vec<(usize, &str)> = code(without_tests(text)).collect();
    let asks = |at: usize| {
        let (_, line) = lines[at];
        let rest: String = lines[at..].iter().take(12).map(|(_, line)| *line).collect();
        let in_macro = line.contains("matches!(") && {
            let start = rest.find("matches!(").unwrap_or_default() + "matches!(".len();
            let mut depth = 1;
            let end = rest[start..].find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            rest[start..][..end.unwrap_or(rest.len() - start)].contains("OpKind::")
        };
        let compared = [
            "== OpKind::",
            "!= OpKind::",
            "let OpKind::",
            "OpKind::default",
        ];
        in_macro || compared.iter().any(|question| line.contains(question))
    };
    (0..lines.len())
        .filter(|&at| asks(at))
        .map(|at| lines[at].0)
        .collect()
}

/// The lines that compare a text with the name of an op, or look into such a name.
fn names_as_text(text: &str) -> Vec<usize> {
    let is_name = |literal: &str| ops::names().any(|name| name == literal);
    let lines = code(without_tests(text));
    let asks = lines.filter(|(_, line)| {
        let parts: Vec<&str> = line.split('"').collect();
        let literals = (1..parts.len().saturating_sub(1)).step_by(2);
        let compared = literals.filter(|&at| is_name(parts[at])).any(|at| {
            let (before, after) = (parts[at - 1].trim_end(), parts[at + 1].trim_start());
            let is_arm =
                after.starts_with("=>") || after.starts_with('|') || after.starts_with("if ");
            is_arm || before.ends_with("==") || before.ends_with("!=") || before.ends_with('|')
        });
        let looks = ["name().starts_with(", "name().ends_with(", "op.name() =="];
        compared || looks.iter().any(|look| line.contains(look))
    });
    asks.map(|(number, _)| number).collect()
}

#[test]
fn a_new_op_shows_every_place_that_has_to_know_it() {
    let mut hidden = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let is_of_ops = room(&path).is_some_and(|room| room == "ops");
        let mut say = |numbers: Vec<usize>, what: &str| {
            let places = numbers.into_iter();
            hidden.extend(places.map(|number| format!("{}:{number}: {what}", path.display())));
        };
        say(wildcards(&text), "a wildcard over kinds of ops");
        say(questions(&text), "a question that is no method of the kind");
        if !is_of_ops {
            say(names_as_text(&text), "an op's name as text");
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

#[test]
fn what_hides_a_place_is_found() {
    let with = |arm: &str| {
        format!(
            "    match kind {{\n        OpKind::Linear => {{\n            1\n        }}\n        \
             {arm}\n    }}\n"
        )
    };
    assert!(wildcards(&with("OpKind::Loss => 2,")).is_empty());
    assert_eq!(wildcards(&with("_ => 2,")), [5]);
    assert_eq!(wildcards(&with("_ if far => 2,")), [5]);
    assert_eq!(
        wildcards(
            "    match pair {\n        (OpKind::Loss, 1) => 1,\n        (_, _) => 2,\n    }\n"
        ),
        [3]
    );
    assert_eq!(questions("if kind == OpKind::Loss {"), [1]);
    assert_eq!(
        questions("if matches!(\n    kind,\n    OpKind::Loss\n) {"),
        [1]
    );
    assert!(questions("if kind.is_convolution() {").is_empty());
    assert_eq!(names_as_text("    \"relu\" | \"elu\" => 1,"), [1]);
    assert_eq!(names_as_text("if layer.op.name() == \"conv2d\" {"), [1]);
    assert!(names_as_text("let layer = Layer::of(\"conv2d\");").is_empty());
}
