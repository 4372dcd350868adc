//! The tables of the documentation, made from the code.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::process::Command;

use backstep::debugger::commands::COMMANDS;
use backstep::exercise::{self, templates};
use backstep::gallery::{self, Group};
use backstep::health::{At, WATCHES};
use backstep::marking::{Stage, slips};
use backstep::ops::{DefaultValue, Descriptor, Domain, Value};
use backstep::tensor::exact;
use backstep::{export, ops, report};

use super::page::Page;

/// How a table is made for a page.
type Make = fn(&Page) -> String;

const TABLES: &[(&str, Make)] = &[
    ("keys", |_| keys()),
    ("gallery", |_| gallery()),
    ("published", |_| published()),
    ("ops", |_| op_table()),
    ("settings", |_| settings()),
    ("slips", |_| slip_table()),
    ("exports", |_| exports()),
    ("worksheets", |_| worksheets()),
    ("reports", |_| reports()),
    ("watches", |_| watches()),
    ("templates", |_| template_table()),
    ("exit codes", |_| exit_codes()),
    ("next", next),
];

/// Every table of a page: where it is, and what is to be there.
#[track_caller]
pub(super) fn all(page: &Page) -> Vec<(Range<usize>, String)> {
    let begins = page.text.match_indices("<!-- table: ");
    begins
        .map(|(at, begin)| {
            let rest = &page.text[at + begin.len()..];
            let (name, _) = rest.split_once(" -->\n").unwrap();
            let start = at + begin.len() + name.len() + " -->\n".len();
            let length = page.text[start..].find("<!-- end -->").unwrap();
            let (_, make) = TABLES
                .iter()
                .find(|(table, _)| *table == name)
                .unwrap_or_else(|| panic!("{}: no table `{name}` is made", page.name));
            (start..start + length, make(page))
        })
        .collect()
}

/// The chapters of the book in their order, each with its title and its file.
pub(super) fn chapters() -> Vec<(String, String)> {
    let contents = Page::read("docs/README.md").text;
    let links = contents.lines().filter_map(|line| {
        let (_, link) = line.split_once(". [")?;
        let (title, rest) = link.split_once("](")?;
        let (file, _) = rest.split_once(')')?;
        Some((title.to_owned(), file.to_owned()))
    });
    links.collect()
}

/// The way on from a chapter.
fn next(page: &Page) -> String {
    let chapters = chapters();
    let here = chapters
        .iter()
        .position(|(_, file)| page.name == format!("docs/{file}"))
        .unwrap_or_else(|| panic!("{} is not in the contents", page.name));
    let contents = "[Contents](README.md)\n";
    match chapters.get(here + 1) {
        Some((title, file)) => format!("Next: [{title}]({file}) · {contents}"),
        None => contents.to_owned(),
    }
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | ").replace(" |  |", " | |"));
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let rule = format!("|{}\n", " --- |".repeat(head.len()));
    let rows = rows.map(|cells| line(&cells));
    line(&head) + &rule + &rows.collect::<String>()
}

fn code(text: impl Display) -> String {
    format!("`{text}`")
}

/// Every command of the debugger with its keys, under the headings of the help screen.
fn keys() -> String {
    let mut text = String::new();
    for group in COMMANDS.chunk_by(|a, b| a.group == b.group) {
        let rows = group.iter().map(|command| {
            let keys: Vec<String> = command.shortcuts().map(code).collect();
            // A bar in a cell would end it.
            let usage = command.usage().replace('|', "\\|");
            vec![keys.join(" "), code(usage), command.help.to_owned()]
        });
        let heading = group[0].group.heading();
        let rows = table(&["key", "command", "what it does"], rows);
        text += &format!("### {heading}\n\n{rows}\n");
    }
    text.trim_end().to_owned() + "\n"
}

fn gallery() -> String {
    let items = gallery::ALL
        .iter()
        .filter(|item| item.group != Group::Published);
    let rows = items.map(|item| vec![code(item.name), item.headline().description]);
    table(&["`backstep`", "shows"], rows)
}

/// The published examples; the description of each ends in its source.
fn published() -> String {
    let items = gallery::ALL
        .iter()
        .filter(|item| item.group == Group::Published);
    let rows = items.map(|item| {
        let description = item.headline().description;
        let (shows, source) = description.split_once(". ").unwrap();
        vec![code(item.name), shows.to_owned(), source.to_owned()]
    });
    table(&["`backstep`", "shows", "from"], rows)
}

/// Every op with its parameters and settings. Those that differ in their names alone share a row.
fn op_table() -> String {
    let rows: Vec<_> = ops::all()
        .map(|op| (op.name, op.about.trim_end_matches('.'), keys_of(op)))
        .collect();
    let rows = rows
        .chunk_by(|a, b| (a.1, &a.2) == (b.1, &b.2))
        .map(|same| {
            let names: Vec<String> = same.iter().map(|(name, ..)| code(name)).collect();
            vec![names.join(", "), same[0].1.to_owned(), same[0].2.clone()]
        });
    table(
        &["op", "what it computes", "keys, with their defaults"],
        rows,
    )
}

/// The keys of an op, each with its shape or its default.
fn keys_of(op: &Descriptor) -> String {
    let parameters = op.parameters.iter().map(|parameter| {
        let none = if parameter.is_required { "" } else { " (none)" };
        format!("{} {}{none}", code(parameter.key), parameter.shape)
    });
    let is_needed = |key| {
        op.needed_unless
            .is_some_and(|needed| needed.keys.contains(&key))
    };
    let settings = op.settings().into_iter().map(|setting| {
        let key = code(setting.key);
        match setting.default {
            DefaultValue::Required => key,
            DefaultValue::Nothing if is_needed(setting.key) => key,
            DefaultValue::Nothing => format!("{key} (none)"),
            DefaultValue::Value(Value::Name(name)) => format!("{key} ({name:?})"),
            DefaultValue::Value(value) => format!("{key} ({value})"),
        }
    });
    parameters.chain(settings).collect::<Vec<_>>().join(", ")
}

/// Every setting with the ops that have it, and what it is for there.
fn settings() -> String {
    let all = ops::all().flat_map(|op| op.settings().into_iter().map(|setting| (op.name, setting)));
    let mut rows: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for (op, setting) in all {
        let says = setting.doc.trim_end_matches('.').to_owned() + &names_of(setting.domain);
        rows.entry((setting.key, says)).or_default().push(code(op));
    }
    let rows = rows
        .into_iter()
        .map(|((key, says), ops)| vec![code(key), says, ops.join(", ")]);
    table(&["setting", "what it is for", "in"], rows)
}

/// The names that a setting takes.
fn names_of(domain: Domain) -> String {
    match domain {
        Domain::Name(names) | Domain::NameOr(names, _) => {
            let names: Vec<String> = names.iter().map(|name| code(format!("{name:?}"))).collect();
            let also = if matches!(domain, Domain::Name(_)) {
                ""
            } else {
                "also "
            };
            format!(" ({also}{})", names.join(", "))
        }
        _ => String::new(),
    }
}

fn slip_table() -> String {
    let rows = slips().map(|slip| {
        let stage = match slip.stage() {
            Stage::Term => "a term",
            Stage::Sum => "the sum",
            Stage::Placement => "the place",
        };
        vec![code(slip.id), stage.to_owned(), slip.did.to_owned()]
    });
    table(&["slip", "in", "somebody"], rows)
}

fn exports() -> String {
    let rows = export::FORMATS
        .iter()
        .chain([&backstep::SVG])
        .map(|format| {
            let ending = code(format!(".{}", format.ending));
            vec![code(format.name), ending, format.about.to_owned()]
        });
    table(&["format", "ending", "what it is"], rows)
}

fn worksheets() -> String {
    let rows = exercise::FORMATS
        .iter()
        .map(|format| vec![code(format.name), format.about.to_owned()]);
    table(&["format", "what it is"], rows)
}

fn watches() -> String {
    let rows = WATCHES.iter().map(|row| {
        let limit = row.limit.map_or(String::new(), exact);
        let at = match row.at {
            At::Each { about, .. } => format!("each neuron of which {about}"),
            At::One { about, .. } => format!("one neuron of the tensor: {about}"),
        };
        vec![code(row.name), limit, row.about.to_owned(), at]
    });
    table(
        &["name", "limit", "it is found where", "`break if` stops at"],
        rows,
    )
}

fn reports() -> String {
    let rows = report::FORMATS
        .iter()
        .map(|format| vec![code(format.name), code(format!(".{}", format.ending))]);
    table(&["format", "ending"], rows)
}

fn template_table() -> String {
    let rows = templates().map(|template| vec![code(template.name), template.practises.to_owned()]);
    table(&["template", "what it practises"], rows)
}

/// The exit codes that the man page lists.
fn exit_codes() -> String {
    let man = Command::new(env!("CARGO_BIN_EXE_backstep"))
        .arg("man")
        .output()
        .unwrap();
    let man = String::from_utf8(man.stdout).unwrap();
    let (_, codes) = man.split_once(".SH \"EXIT STATUS\"\n").unwrap();
    let (codes, _) = codes.split_once(".SH ").unwrap();
    let rows = codes.split(".TP\n").skip(1).map(|row| {
        // What follows the two lines of a row is for the page's layout.
        let mut lines = row.lines();
        let code = lines.next().unwrap();
        let code = code.trim_start_matches("\\fB").trim_end_matches("\\fR");
        vec![code.to_owned(), lines.next().unwrap().to_owned()]
    });
    table(&["exit code", "meaning"], rows)
}
