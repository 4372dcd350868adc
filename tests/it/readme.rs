//! What the README shows is what the program does.

use backstep::backprop::Backprop;
use backstep::debugger::commands;
use backstep::ops::{self, DefaultValue, Descriptor, Domain, Torch};
use backstep::scenario::Options;
use backstep::{gallery, words};

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

/// What stands before and after the table of ops in the README.
const OPS: (&str, &str) = (
    "<!-- Made from the ops' own rows: `BLESS=1 cargo test table_of_ops` makes it anew. -->\n",
    "\n`ties` says",
);

/// The ops, what each computes, and its keys with their defaults; those that differ in their name
/// alone in one row.
fn table_of_ops() -> String {
    let mut rows: Vec<(Vec<&str>, &str, String)> = Vec::new();
    for op in ops::all() {
        let keys = keys(op);
        match rows.last_mut() {
            Some((names, about, last)) if *about == op.about && *last == keys => {
                names.push(op.name)
            }
            _ => rows.push((vec![op.name], op.about, keys)),
        }
    }
    let rows = rows.into_iter().map(|(names, about, keys)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("| {} | {about} | {keys} |\n", names.join(", "))
    });
    "| op | what it computes | keys |\n| --- | --- | --- |\n".to_owned() + &rows.collect::<String>()
}

/// The keys with their defaults; what cannot be left out is bold.
fn keys(op: &Descriptor) -> String {
    let parameters = op.parameters.iter().map(|parameter| {
        let key = key(parameter.key, parameter.is_required);
        format!("{key} {}", parameter.shape)
    });
    let settings = op.settings().into_iter().map(|setting| {
        let key = key(setting.key, setting.default == DefaultValue::Required);
        let default = match &setting.default {
            DefaultValue::Value(value) if value.to_string() != "[]" => format!(" ({value})"),
            DefaultValue::Value(_) | DefaultValue::Nothing | DefaultValue::Required => {
                String::new()
            }
        };
        match setting.domain {
            Domain::NameOr(names, _) => format!("{key}{default}, also {}", quoted(names)),
            Domain::Name(names) if !default.is_empty() => format!("{key} ({})", quoted(names)),
            _ => format!("{key}{default}"),
        }
    });
    parameters.chain(settings).collect::<Vec<_>>().join("; ")
}

fn key(name: &str, is_required: bool) -> String {
    if is_required {
        format!("**`{name}`**")
    } else {
        format!("`{name}`")
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

#[test]
fn the_table_of_ops_is_the_programs() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (start, end) = OPS;
    let from = readme.find(start).expect("the README has a table of ops") + start.len();
    let to = from
        + readme[from..]
            .find(end)
            .expect("the table of ops has an end");
    let made = format!("{}{}{}", &readme[..from], table_of_ops(), &readme[to..]);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "the ops have changed: `BLESS=1 cargo test table_of_ops` makes their table anew"
    );
}

#[test]
fn every_op_says_what_it_is() {
    for op in ops::all() {
        let name = op.name;
        assert!(op.about.ends_with('.'), "{name}: {}", op.about);
        assert!(
            !op.about.contains('|'),
            "{name}: a cell of a table has no bar in it"
        );
        for parameter in op.parameters {
            assert!(!parameter.shape.is_empty(), "{name}.{}", parameter.key);
        }
        for setting in op.settings() {
            assert!(setting.doc.ends_with('.'), "{name}.{}", setting.key);
        }
        let keys: Vec<&str> = op.settings().iter().map(|setting| setting.key).collect();
        if let Torch::Expression(expression) = op.torch {
            let places = expression.split('{').skip(1);
            let mut places = places.map(|place| place.split('}').next().unwrap());
            assert!(
                places.all(|place| place == "x" || keys.contains(&place)),
                "{expression}"
            );
        }
        let words = op.phrases;
        for factor in words.factors {
            assert!(
                !factor.in_all.is_empty() && !factor.in_one.is_empty(),
                "{name}"
            );
        }
        let all = [words.preamble, words.coupled, words.unheard, words.flat];
        let named = words
            .factors
            .iter()
            .flat_map(|factor| [factor.in_all, factor.in_one]);
        for text in all.into_iter().chain(named) {
            for place in text.split('{').skip(1) {
                let place = place.split('}').next().unwrap();
                assert!(
                    PLACES.contains(&place),
                    "{name}: nothing stands for {{{place}}}"
                );
            }
        }
    }
}

/// What an op's words leave open.
const PLACES: &[&str] = &[
    "me", "me=", "own", "others", "layers", "source", "source=", "second=", "value",
];

#[test]
fn the_table_of_keys_is_the_programs() {
    let table = commands::markdown_table();
    assert!(
        README.contains(&format!("## Keys\n\n{table}\n")),
        "the README's section `## Keys` is to be:\n{table}"
    );
}
