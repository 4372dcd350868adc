//! No files of a room use one another in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::architecture::{is_for_tests, sources, without_tests};

/// A module or an item: `["marking", "answer", "csv"]`.
type Name = Vec<String>;

/// The modules of the program.
#[derive(Default)]
struct House {
    /// By module: its code, without what it only hands on.
    code: BTreeMap<Name, String>,
    /// By module: the names that its `use` lines bring in, and what each of them is.
    imports: BTreeMap<Name, BTreeMap<String, Name>>,
}

impl House {
    fn of(files: impl IntoIterator<Item = (Name, String)>) -> Self {
        let mut house = Self::default();
        for (module, text) in files {
            let (mut code, mut handed_on, mut imports) =
                (String::new(), Vec::new(), BTreeMap::new());
            for statement in &statements(&text) {
                let line = statement.trim_start();
                let import = line.find("use ").filter(|&at| is_visibility(&line[..at]));
                for path in import
                    .map(|at| paths(&line[at + 4..]))
                    .into_iter()
                    .flatten()
                {
                    let path = absolute(&module, path);
                    let name = path.last().cloned().unwrap_or_default();
                    handed_on.extend((import > Some(0)).then(|| name.clone()));
                    imports.insert(name, path);
                }
                if import.is_none_or(|at| at == 0) {
                    code += statement;
                }
            }
            // A type that a module hands on, it may use as well.
            let used = handed_on.iter().filter(|name| {
                let is_type = name.starts_with(|c: char| c.is_uppercase());
                is_type && words(&code).any(|word| word == *name)
            });
            let used: Vec<String> = used.map(|name| format!("self::{name};")).collect();
            house.code.insert(module.clone(), code + &used.concat());
            house.imports.insert(module, imports);
        }
        house
    }

    /// The module that makes what a path names: one that only hands it on is passed over.
    fn home(&self, path: &[String], patience: usize) -> Option<Name> {
        let n = (1..=path.len())
            .rev()
            .find(|&n| self.code.contains_key(&path[..n]))?;
        let (module, inner) = path.split_at(n);
        let imported = inner
            .first()
            .and_then(|name| self.imports[module].get(name));
        match imported {
            Some(from) if patience > 0 => self.home(&[from, &inner[1..]].concat(), patience - 1),
            _ => Some(module.to_vec()),
        }
    }

    /// The modules of its room that a module uses: what it names by `crate`, by `super`, or as a
    /// module of its own.
    fn used(&self, own: &Name) -> BTreeSet<Name> {
        let code = &self.code[own];
        let starts = code.match_indices("::").filter_map(|(at, _)| {
            let before = code[..at].char_indices().rev();
            let name = before.take_while(|(_, c)| c.is_alphanumeric() || *c == '_');
            let from = name.last()?.0;
            (!code[..from].ends_with("::")).then_some(from)
        });
        let named = starts.flat_map(|from| paths(&code[from..]));
        let homes = named.filter_map(|path| self.home(&absolute(own, path), 8));
        homes
            .filter(|other| other != own && other[0] == own[0])
            .collect()
    }

    /// What is in a circle, or leads to one.
    fn circles(&self) -> BTreeMap<Name, BTreeSet<Name>> {
        let modules = self.code.keys();
        let mut left: BTreeMap<Name, BTreeSet<Name>> =
            modules.map(|own| (own.clone(), self.used(own))).collect();
        // What uses nothing that is left is in no circle.
        loop {
            let names: BTreeSet<Name> = left.keys().cloned().collect();
            left.retain(|_, used| !used.is_disjoint(&names));
            if left.len() == names.len() {
                return left;
            }
        }
    }
}

/// The statements of a file's code, as far as they end at a semicolon, without comments and tests.
fn statements(text: &str) -> Vec<String> {
    let lines = without_tests(text).lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    // How far something can be seen is no use of what is named.
    let code = code
        .replace("pub(in crate::", "pub(")
        .replace("pub(in super::", "pub(");
    code.split_inclusive(';').map(str::to_owned).collect()
}

/// Whether a text is how far something can be seen, or nothing.
fn is_visibility(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text == "pub" || text.starts_with("pub(") && text.ends_with(')')
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// A path as it is named from anywhere.
fn absolute(own: &[String], path: Name) -> Name {
    let n_up = path.iter().take_while(|part| *part == "super").count();
    match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [own, &path[1..]].concat(),
        "super" => [&own[..own.len() - n_up], &path[n_up..]].concat(),
        _ => [own, &path].concat(),
    }
}

/// A file's path as a module: `["marking", "answer", "csv"]`.
fn module(path: &Path) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inner = path.strip_prefix(root).unwrap().with_extension("");
    let parts = inner.iter().map(|part| part.to_str().unwrap().to_owned());
    parts.filter(|part| part != "mod").collect()
}
/// The paths that a piece of code begins with, the branches of a `use` one by one.
fn paths(code: &str) -> Vec<Vec<String>> {
    let end = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let Some(rest) = rest.strip_prefix("::") else {
        return vec![vec![name.to_owned()]];
    };
    let branches = match rest.strip_prefix('{') {
        Some(inner) => {
            let (mut depth, mut from, mut branches) = (0, 0, Vec::new());
            for (at, c) in inner.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    ',' | '}' if depth == 0 => {
                        branches.extend(paths(inner[from..at].trim_start()));
                        from = at + 1;
                    }
                    _ => {}
                }
                if c == '}' && depth == 0 && from == at + 1 {
                    break;
                }
            }
            branches
        }
        None => paths(rest),
    };
    branches
        .into_iter()
        .map(|path| [vec![name.to_owned()], path].concat())
        .collect()
}

#[test]
fn no_files_of_a_room_go_round_in_a_circle() {
    let files = sources().into_iter().filter(|path| !is_for_tests(path));
    let house = House::of(files.map(|path| (module(&path), fs::read_to_string(path).unwrap())));
    let circles = house.circles();
    let left: Vec<String> = circles
        .iter()
        .map(|(own, used)| {
            let used: Vec<String> = used.iter().map(|module| module.join("::")).collect();
            format!("{} uses {}", own.join("::"), used.join(", "))
        })
        .collect();
    assert!(
        left.is_empty(),
        "among these is a circle:\n{}",
        left.join("\n")
    );
}

/// The circles among files that are written here.
fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|&(name, code)| {
        let module = name.split("::").map(str::to_owned).collect();
        (module, code.to_owned())
    });
    let circles = House::of(files).circles();
    circles.keys().map(|own| own.join("::")).collect()
}

#[test]
fn a_circle_is_found_through_whoever_hands_a_name_on() {
    let hands_on = (
        "ops",
        "mod one;\nmod two;\npub use one::One;\npub(crate) use two::Two;",
    );
    let one = ("ops::one", "use super::Two;\npub struct One(Two);");
    assert!(circles(&[hands_on, one, ("ops::two", "pub struct Two;")]).is_empty());
    let two = (
        "ops::two",
        "use crate::ops::{One};\npub struct Two(Box<One>);",
    );
    assert_eq!(circles(&[hands_on, one, two]), ["ops::one", "ops::two"]);
}

#[test]
fn a_parent_that_uses_its_child_is_in_a_circle_where_the_child_uses_it() {
    let parent = (
        "ops",
        "mod one;\npub struct Op;\nconst ALL: One = one::ROW;",
    );
    assert!(circles(&[parent, ("ops::one", "pub const ROW: u8 = 1;")]).is_empty());
    let knows = ("ops", "mod one;\npub use one::One;\npub struct Op(One);");
    assert_eq!(
        circles(&[knows, ("ops::one", "pub struct One(Box<super::Op>);")]),
        ["ops", "ops::one"]
    );
    assert_eq!(
        circles(&[
            parent,
            ("ops::one", "pub const ROW: super::Op = super::Op;")
        ]),
        ["ops", "ops::one"]
    );
}
