//! What people hand in that is no answer, or not all of one.

use std::fs;

use serde_json::{Value, json};

use crate::cli::{Folder, has};

/// A gradient of two numbers through one weight.
const NET: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "layers": [{ "name": "fc", "op": "linear", "weight": [[3, 5]], "bias": [0] }],
  "upstream": { "fc": [2] } }"#;

/// A folder of hand-ins, each with its bytes.
fn handed_in(files: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::with(&[("net.json", NET)]);
    for (name, bytes) in files {
        let path = folder.path("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn answer(grads: Value) -> String {
    json!({ "format": "backstep-answer/1", "grads": grads }).to_string()
}

/// All that is right.
fn right() -> Value {
    json!({ "x": [6, 10], "fc.weight": [[2, 4]], "fc.bias": [2] })
}

#[test]
fn whoever_has_handed_in_something_else_is_among_the_marks_with_a_reason() {
    let folder = handed_in(&[
        ("ada.json", answer(right()).as_bytes()),
        ("ben.pdf", b"%PDF-1.7"),
        ("cyd/homework.xlsx", b"PK\x03\x04 xl/workbook.xml"),
        ("dan/page.csv", b"<!DOCTYPE html><html>"),
        ("eve/notes.txt", b"see the photo"),
        ("fay/answer.csv", b"tensor,index,grad\nx,0,6\n"),
        ("fay/proof.pdf", b"%PDF-1.7"),
        ("gil.txt", b"tensor,index,grad\nx,0,6\nx,1,10\n"),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0"),
    ]);
    let roster = "id\nada\nben\ncyd\ndan\neve\nfay\ngil\nhal\n";
    fs::write(folder.path("class.csv"), roster).unwrap();
    let ran = folder
        .run("check net.json in --roster class.csv --gradebook book.csv --ask x --format json");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let of = |student: &str| {
        let mut all = report["submissions"].as_array().unwrap().iter();
        all.find(|one| one["student"] == student).unwrap()
    };
    for (student, verdict, error) in [
        ("ada", "correct", ""),
        (
            "ben",
            "unreadable",
            "`ben.pdf` is a PDF, and no answer (hand in ",
        ),
        (
            "cyd",
            "unreadable",
            "`cyd/homework.xlsx` is an Excel file, and no answer (save the sheet",
        ),
        (
            "dan",
            "unreadable",
            "`dan/page.csv` is a web page, and no answer (open it in a browser",
        ),
        ("eve", "unreadable", "`eve/notes.txt` is no answer"),
        ("fay", "incomplete", ""),
        ("gil", "correct", ""),
        ("hal", "missing", "nothing was handed in"),
    ] {
        let one = of(student);
        assert_eq!(one["verdict"], verdict, "{student}");
        has(one["error"].as_str().unwrap_or_default(), &[error]);
    }
    assert_eq!(report["submissions"].as_array().unwrap().len(), 8);
    has(&ran.err, &["`fay/proof.pdf` is passed over"]);
    let book = folder.read("book.csv");
    let row = |student: &str| {
        let mut rows = book.lines();
        let row = rows.find(|row| row.starts_with(student)).unwrap();
        row[student.len()..].to_owned()
    };
    assert_eq!(row("id"), ",points,max_points,percent,remark");
    assert_eq!(row("ada"), ",2,2,100,");
    assert_eq!(row("fay"), ",1,2,50,");
    has(&row("ben"), &[",0,2,0,", "`ben.pdf` is a PDF"]);
    assert_eq!(row("hal"), ",,,,nothing was handed in");
}

#[test]
fn exercises_of_their_own_are_comparable_in_the_gradebook() {
    let folder = handed_in(&[
        ("s1.json", answer(json!({ "x": [6, 10] })).as_bytes()),
        ("s2.json", answer(json!({ "x": [6, 10, 0] })).as_bytes()),
        ("s3.pdf", b"%PDF-1.7"),
    ]);
    let wider = NET
        .replace("[1, 2]", "[1, 2, 3]")
        .replace("[[3, 5]]", "[[3, 5, 7]]");
    for (student, net) in [("s1", NET), ("s2", &wider), ("s3", &wider)] {
        fs::create_dir_all(folder.path(&format!("week/{student}"))).unwrap();
        fs::write(folder.path(&format!("week/{student}/scenario.json")), net).unwrap();
    }
    fs::write(folder.path("class.csv"), "id\ns1\ns2\ns3\n").unwrap();
    let command = "check week in --roster class.csv --gradebook book.csv --ask x -o marks.csv";
    folder.run(command);
    let book = folder.read("book.csv");
    let rows: Vec<&str> = book.lines().collect();
    assert_eq!(
        rows[..3],
        [
            "id,points,max_points,percent,remark",
            "s1,2,2,100,",
            "s2,2,3,66.7,"
        ]
    );
    has(rows[3], &["s3,0,3,0,", "is a PDF"]);
    has(
        &folder.read("marks.csv"),
        &["verdict,score,points,max_points,x"],
    );
}

#[test]
fn what_is_not_compared_is_counted_and_no_success() {
    let mut grads = right();
    grads["fc.wieght"] = json!([[1, 2]]);
    grads["nothing.like.it"] = json!(3);
    let folder = handed_in(&[("a.json", answer(grads).as_bytes())]);
    let ran = folder.run("check net.json in/a.json");
    assert_eq!(ran.code, Some(1));
    has(
        &ran.out,
        &[
            "a: incomplete, 100 % of what was compared",
            "the scenario has no tensor `fc.wieght`; did you mean\n    `fc.weight`?",
            "no tensor `nothing.like.it`\n",
            "not compared: 2 tensors whose names the scenario does not have",
        ],
    );
    let junit = folder.run("check net.json in/a.json --format junit").out;
    has(
        &junit,
        &[
            "skipped=\"2\"",
            "<testcase name=\"nothing.like.it\"",
            "<skipped message=",
        ],
    );
    // What is there under another name that means the same is compared.
    let renamed = json!({ "dx": [6, 10], "w": [[2, 4]], "b": [2] });
    fs::write(folder.path("b.json"), answer(renamed)).unwrap();
    assert_eq!(folder.run("check net.json b.json").code, Some(0));
}

#[test]
fn a_file_of_another_kind_is_called_by_its_name() {
    let folder = handed_in(&[
        ("a.pdf", b"%PDF-1.7"),
        ("a.pkl", b"\x80\x04\x95 numpy"),
        ("a.html", b"\n<html>"),
        ("a.ipynb", b"{ \"cells\": [], \"nbformat\": 4 }"),
        ("class.xlsx", b"PK\x03\x04 xl/workbook.xml"),
    ]);
    for (command, says) in [
        (
            "check in/a.pdf in/a.pdf",
            "`in/a.pdf` is a PDF, and no scenario",
        ),
        (
            "validate in/a.html",
            "`in/a.html` is a web page, and no scenario",
        ),
        (
            "net.json --batch --answer in/a.pkl",
            "`in/a.pkl` is a pickle of Python, and no answer",
        ),
        (
            "check net.json in --roster in/class.xlsx",
            "`in/class.xlsx` is an Excel file, and no table of students",
        ),
        (
            "generate mlp --roster in/class.xlsx -o week",
            "save the table as CSV",
        ),
    ] {
        has(&folder.refused(command), &[says]);
    }
    let ran = folder.run("check net.json in/a.ipynb");
    assert_eq!(ran.code, Some(1));
    let said: Vec<&str> = ran.out.split_whitespace().collect();
    has(
        &said.join(" "),
        &["`in/a.ipynb` is a notebook, and no answer (save the gradients with"],
    );
}

#[test]
fn one_wrong_sign_is_told() {
    let mut grads = right();
    grads["x"] = json!([6, -10]);
    let folder = handed_in(&[("a.json", answer(grads).as_bytes())]);
    let told = |arguments: &str| {
        folder
            .run(&format!("check net.json in/a.json {arguments}"))
            .out
    };
    has(
        &told(""),
        &["x[1] is −10, expected 10, the other sign: one"],
    );
    has(
        &told("--hide-expected"),
        &["x[1] is −10: one number is off"],
    );
}
