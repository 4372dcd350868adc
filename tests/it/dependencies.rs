//! What the program is built from: whence, under which licences, and nothing twice for no reason.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// The licences under which anybody may use the program with no more than a notice.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The crates that others ask for in two versions. What the program itself asks for is none of
/// them.
const IN_TWO_VERSIONS: &[&str] = &[
    "bit-set",
    "bit-vec",
    "bitflags",
    "cfg_aliases",
    "getrandom",
    "hashbrown",
    "nix",
    "r-efi",
    "syn",
    "thiserror",
    "thiserror-impl",
];

/// By name: how many versions of a crate are locked, and from where.
fn locked() -> BTreeMap<String, Vec<Option<String>>> {
    let mut locked: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for package in include_str!("../../Cargo.lock")
        .split("[[package]]")
        .skip(1)
    {
        let value = |key: &str| {
            let mut lines = package.lines();
            let line = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        locked
            .entry(value("name").unwrap())
            .or_default()
            .push(value("source"));
    }
    locked
}

#[test]
fn every_crate_comes_from_the_registry() {
    let locked = locked();
    assert!(locked.len() > 100);
    let registry = Some("registry+https://github.com/rust-lang/crates.io-index".to_owned());
    let strange = locked.iter().filter(|(name, sources)| {
        !name.starts_with("backstep") && sources.iter().any(|source| *source != registry)
    });
    assert_eq!(
        strange.map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn no_crate_is_there_twice_unless_it_must() {
    let locked = locked();
    let twice = locked.iter().filter(|(_, sources)| sources.len() > 1);
    assert_eq!(
        twice.map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        IN_TWO_VERSIONS
    );
}

/// Whether one may choose a licence that is in the list: `MIT OR Apache-2.0`, and the older
/// `MIT/Apache-2.0`.
fn is_fine(expression: &str) -> bool {
    let alternative = |clause: &str| {
        let clause = clause.trim_matches(['(', ')']).replace('/', " OR ");
        clause
            .split(" OR ")
            .any(|licence| LICENCES.contains(&licence.trim()))
    };
    expression.split(" AND ").all(alternative)
}

#[test]
fn every_licence_is_one_that_asks_for_no_more_than_a_notice() {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let about = String::from_utf8(rustc.stdout).unwrap();
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(is_fine))
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect();
    assert_eq!(refused, [""; 0]);
    assert!(is_fine("(MIT OR GPL-3.0) AND Unicode-3.0") && is_fine("MIT/GPL-3.0"));
    assert!(!is_fine("GPL-3.0") && !is_fine("MIT AND GPL-3.0"));
}
