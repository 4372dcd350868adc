//! What the documentation names is there: links, options, commands, kinds of factors.

use std::collections::HashSet;
use std::process::Command;

use backstep::gallery;
use backstep::ops::FactorKind;
use pulldown_cmark::{Event, Tag, TagEnd};

use super::PAGES;
use super::page::{Page, path};

fn pages() -> impl Iterator<Item = Page> {
    let others = ["ARCHITECTURE.md", "CHANGELOG.md"];
    let all = PAGES.iter().copied().chain(others);
    all.map(Page::read)
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        for (event, range) in page.events() {
            let (Event::Start(Tag::Link { dest_url, .. })
            | Event::Start(Tag::Image { dest_url, .. })) = event
            else {
                continue;
            };
            if dest_url.contains("://") {
                continue;
            }
            let place = format!("{}:{}: {dest_url}", page.name, page.line(range.start));
            let (file, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
            let folder = page.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = match file {
                "" => page.name.clone(),
                file => format!("{folder}/{file}")
                    .trim_start_matches('/')
                    .to_owned(),
            };
            assert!(path(&target).exists(), "{place}");
            assert!(
                anchor.is_empty() || anchors(&target).contains(anchor),
                "{place}"
            );
        }
    }
}

/// The anchors of a page's headings, as the usual renderers make them.
fn anchors(name: &str) -> HashSet<String> {
    let page = Page::read(name);
    let (mut anchors, mut heading) = (HashSet::new(), None);
    for (event, _) in page.events() {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => *heading += &text,
            (Event::End(TagEnd::Heading(_)), Some(text)) => {
                let kept = text
                    .chars()
                    .filter(|c| c.is_alphanumeric() || "- _".contains(*c));
                anchors.insert(kept.collect::<String>().to_lowercase().replace(' ', "-"));
                heading = None;
            }
            _ => (),
        }
    }
    anchors
}

#[test]
fn every_option_and_command_that_is_named_exists() {
    let help = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_backstep"));
        let output = program
            .args(command.split_whitespace())
            .arg("--help")
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let top = help("");
    let (_, commands) = top.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|command| !command.is_empty())
        .collect();
    let all: String = commands.iter().map(|command| help(command)).collect();
    let all = top.clone() + &all;
    let options: HashSet<&str> = all
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| word.starts_with("--"))
        .collect();
    for page in pages() {
        for (event, range) in page.events() {
            let Event::Code(code) = event else { continue };
            let mut words = code.split([' ', '=']);
            let place = format!("{}:{}: `{code}`", page.name, page.line(range.start));
            match (words.next(), words.next()) {
                (Some("backstep"), Some(name)) => {
                    let is_scenario =
                        name.contains(['.', '/', '-']) || gallery::find(name).is_some();
                    let is_any = name.chars().all(char::is_uppercase);
                    assert!(is_scenario || is_any || commands.contains(&name), "{place}");
                }
                (Some(option), _) if option.starts_with("--") => {
                    assert!(options.contains(option), "{place}");
                }
                _ => (),
            }
        }
    }
}

#[test]
fn every_file_that_is_named_exists() {
    const FOLDERS: &[&str] = &["src/", "tests/", "benches/", "fuzz/", "docs/", "scenarios/"];
    for page in pages() {
        for (event, range) in page.events() {
            let Event::Code(code) = event else { continue };
            if FOLDERS.iter().any(|folder| code.starts_with(folder)) {
                for file in alternatives(&code) {
                    let place = format!("{}:{}: {file}", page.name, page.line(range.start));
                    assert!(path(&file).exists(), "{place}");
                }
            }
        }
    }
}

/// The files that are meant by `src/{one,other}.rs`.
fn alternatives(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else {
        return vec![name.to_owned()];
    };
    let (inner, after) = rest.split_once('}').unwrap();
    let each = inner.split(',');
    each.map(|one| format!("{before}{one}{after}")).collect()
}

#[test]
fn every_kind_of_factor_is_described() {
    let page = Page::read("docs/export.md");
    for kind in FactorKind::ALL {
        let row = format!("\n| `{}` | ", kind.name());
        assert!(page.text.contains(&row), "{row}");
    }
}
