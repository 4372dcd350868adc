//! What the README shows is what the program does.

use backstep::backprop::Backprop;
use backstep::debugger::commands;
use backstep::scenario::Options;
use backstep::{gallery, ops, words};

const README: &str = include_str!("../../README.md");

/// The text between two lines of the README.
fn section(from: &str, to: &str) -> &'static str {
    let start = README
        .find(from)
        .unwrap_or_else(|| panic!("the README has no {from:?}"))
        + from.len();
    let end = README[start..]
        .find(to)
        .unwrap_or_else(|| panic!("the README has no {to:?}"));
    &README[start..start + end]
}

#[test]
fn the_explanation_is_the_programs() {
    let shown = section("$ backstep explain the-question 'pool[1,0]'\n", "```");
    let scenario = gallery::find("the-question")
        .unwrap()
        .open(Options::default())
        .unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let element = scenario
        .network
        .element(&"pool[1,0]".parse().unwrap())
        .unwrap();
    assert_eq!(shown, words::text(&backprop, element, &[], 80));
}

#[test]
fn the_table_of_ops_is_complete() {
    let rows = section("| op | keys |\n| --- | --- |\n", "\n\n");
    let named: Vec<&str> = rows
        .lines()
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    let mut missing: Vec<&str> = ops::names().filter(|name| !named.contains(name)).collect();
    missing.extend(named.iter().filter(|name| ops::find(name).is_none()));
    assert!(
        missing.is_empty(),
        "{missing:?} stand in one of the table and the program only"
    );
}

#[test]
fn the_table_of_keys_is_the_programs() {
    let table = commands::markdown_table();
    assert!(
        README.contains(&format!("## Keys\n\n{table}\n")),
        "the README's section `## Keys` is to be:\n{table}"
    );
}
