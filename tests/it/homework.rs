//! `backstep worksheet` and `backstep generate` on the command line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::{Folder, has};

/// The files below a folder with their texts, by their path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            all.extend(
                files(&path)
                    .into_iter()
                    .map(|(inner, text)| (format!("{name}/{inner}"), text)),
            );
        } else {
            all.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    all
}

#[test]
fn a_worksheet_has_the_format_of_its_ending() {
    let folder = Folder::new();
    for (name, begins) in [
        ("a.html", "<!doctype html>"),
        ("a.md", "# "),
        ("a.tex", "\\documentclass"),
        ("a.csv", "tensor,index,grad\n"),
    ] {
        folder.fine(&format!("worksheet the-question -o {name}"));
        assert!(folder.read(name).starts_with(begins), "{name}");
    }
    let form = folder.json("worksheet the-question --ask pool,pool --ask fc.bias --format json");
    assert_eq!(
        form["grads"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["fc.bias", "pool"]
    );
    has(
        &folder.refused("worksheet the-question -o a.html"),
        &["`a.html` exists already", "--force"],
    );
    folder.fine("worksheet the-question -o a.html --force");
    has(
        &folder.refused("worksheet the-question -o a.docx"),
        &[
            "`docx` is no format of a worksheet",
            "html, md, tex, json or csv",
        ],
    );
    has(
        &folder.refused("worksheet the-question --ask pol"),
        &["no tensor `pol`", "did you mean `pool`?"],
    );
}

#[test]
fn templates_are_listed() {
    let folder = Folder::new();
    let list = folder.fine("generate");
    assert_eq!(list, folder.fine("generate --list"));
    insta::assert_snapshot!(list);
    has(
        &folder.refused("generate pool-to-cf"),
        &[
            "there is no template `pool-to-cf`",
            "did you mean `pool-to-fc`?",
        ],
    );
    has(
        &folder.refused("generate mlp --level 4"),
        &["the levels are 1, 2 and 3"],
    );
}

#[test]
fn one_exercise_is_a_scenario_on_stdout() {
    let folder = Folder::new();
    let ran = folder.run("generate pool-to-fc --level 1 --seed 7");
    assert_eq!(ran.code, Some(0));
    has(
        &ran.err,
        &["pool: `forgot-the-weight` and `summed-the-upstream-gradients` are the same here"],
    );
    assert_eq!(
        folder.fine("generate pool-to-fc --level 1 --seed 7 --quiet"),
        ran.out
    );
    assert_ne!(
        folder.fine("generate pool-to-fc --level 1 --seed 8 --quiet"),
        ran.out
    );
    folder.fine("generate pool-to-fc --level 1 --seed 7 --quiet -o x.json");
    assert_eq!(folder.read("x.json"), ran.out);
    folder.fine("verify x.json");
}

#[test]
fn a_class_gets_the_same_exercises_whatever_the_order_of_its_roster() {
    let ids: Vec<String> = (1..=30).map(|n| format!("s{n}")).collect();
    let roster = |ids: &mut dyn Iterator<Item = &String>| {
        let rows: String = ids.map(|id| format!("\"Name, of {id}\",{id}\n")).collect();
        format!("name,student_id\n{rows}")
    };
    let folder = Folder::with(&[
        ("class.csv", &roster(&mut ids.iter())),
        ("turned.csv", &roster(&mut ids.iter().rev())),
        ("late.csv", "id\ns7\n"),
    ]);
    let generate = |roster: &str, out: &str| {
        folder.fine(&format!(
            "generate pool-to-conv --roster {roster} --assignment week-4 --quiet -o {out}"
        ));
        files(&folder.path(out))
    };
    let class = generate("class.csv", "one");
    assert_eq!(class.len(), 4 * 30);
    assert!(class == generate("turned.csv", "two"));
    let late = generate("late.csv", "three");
    assert_eq!(
        late.keys().collect::<Vec<_>>(),
        ["s7/key.json", "s7/s7.csv", "s7/s7.html", "s7/scenario.json"]
    );
    assert!(late.iter().all(|(name, text)| class[name] == *text));
    has(&class["s7/s7.html"], &["value=\"s7\" readonly"]);
    has(
        &class["s7/key.json"],
        &[
            "\"format\": \"backstep-key/1\"",
            "\"student\": \"s7\"",
            "\"assignment\": \"week-4\"",
        ],
    );
    // Everybody's numbers are their own.
    let scenarios: std::collections::BTreeSet<&String> = class
        .iter()
        .filter(|(name, _)| name.ends_with("scenario.json"))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(scenarios.len(), 30);

    let refused =
        folder.refused("generate pool-to-conv --roster late.csv --assignment week-4 -o one");
    has(&refused, &["scenario.json` exists already", "--force"]);
    folder.fine(
        "generate pool-to-conv --roster late.csv --assignment week-5 --quiet -o one \
         --force --worksheet tex,json,tex",
    );
    let other = files(&folder.path("one"));
    assert_eq!(other.len(), 4 * 30 + 2);
    assert_ne!(other["s7/scenario.json"], class["s7/scenario.json"]);
    has(&other["s7/s7.json"], &["\"student\": \"s7\""]);
}

#[test]
fn many_exercises_have_numbered_folders() {
    let folder = Folder::new();
    let ran = folder.run("generate skip --count 10 --level 1 -o many --worksheet md");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    has(
        &ran.err,
        &[
            "10 exercises\n",
            "in 10 of 10, x: `kept-only-the-first` and `forgot-a-branch`",
        ],
    );
    let many = files(&folder.path("many"));
    assert_eq!(
        many.keys().take(4).collect::<Vec<_>>(),
        [
            "01/key.json",
            "01/scenario.json",
            "01/worksheet.md",
            "02/key.json"
        ]
    );
    assert_eq!(
        many["01/scenario.json"],
        folder.fine("generate skip --level 1 --quiet")
    );
    assert_eq!(
        folder.refused("generate skip --count 2"),
        folder.refused("generate skip --count 2")
    );
    has(&folder.refused("generate skip --count 2"), &["--output"]);
}

#[test]
fn a_roster_that_cannot_be_used_leaves_nothing_behind() {
    let folder = Folder::with(&[
        ("none.csv", "name,course\nAnn,DL\n"),
        ("twice.csv", "id\ns1\ns2\ns1\n"),
        ("up.csv", "id\n../../up\n"),
    ]);
    has(
        &folder.refused("generate mlp --roster none.csv -o out"),
        &["`--id-column` takes one of `name` and `course`"],
    );
    has(
        &folder.refused("generate mlp --roster none.csv --id-column nam -o out"),
        &["`none.csv` has no column `nam`"],
    );
    has(
        &folder.refused("generate mlp --roster twice.csv -o out"),
        &["lines 2 and 4 of `twice.csv` have the same id `s1`"],
    );
    has(
        &folder.refused("generate mlp --roster missing.csv -o out"),
        &["missing.csv"],
    );
    assert_eq!(folder.names(), ["none.csv", "twice.csv", "up.csv"]);
    folder.fine("generate mlp --roster up.csv --quiet -o out");
    assert!(folder.path("out/_.._.._up/scenario.json").is_file());
    assert_eq!(folder.names(), ["none.csv", "out", "twice.csv", "up.csv"]);
}
