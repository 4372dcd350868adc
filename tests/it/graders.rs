//! nbgrader marks a notebook with the cell that docs/graders.md shows.
//!
//! `BACKSTEP_PYTHON` names a Python with nbgrader; see [`crate::python`].
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::python::{path_with, python};

/// Makes the course: what the teacher has, and what a student handed in.
const COURSE: &str = r#"
import pathlib
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

def cell(source, name, **settings):
    flags = dict.fromkeys(["grade", "solution", "locked", "task"], False)
    nbgrader = {"schema_version": 3, "grade_id": name} | flags | settings
    return new_code_cell(source, metadata={"nbgrader": nbgrader})

def write(path, gradients):
    cells = [
        cell(gradients, "gradients", solution=True),
        cell(pathlib.Path("cell.py").read_text(), "pool", grade=True, locked=True, points=4),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = pathlib.Path(path, "week4")
    path.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path / "week4.ipynb")

write("source", "gradients = {}")
write("submitted/s1024", pathlib.Path("homework.py").read_text())
"#;

/// The file that a block of the page shows.
fn shown(page: &str, title: &str) -> String {
    let begin = format!("title={title}\n");
    let (_, rest) = page.split_once(&begin).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn nbgrader_takes_the_points() {
    let Some(python) = python("nbgrader, nbformat, ipykernel, numpy") else {
        return;
    };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/graders.md");
    let page = fs::read_to_string(page).unwrap();
    let course = tempfile::tempdir().unwrap();
    for name in ["cell.py", "homework.py"] {
        fs::write(course.path().join(name), shown(&page, name)).unwrap();
    }
    let grading = [
        "autograder",
        "the-question",
        "--for",
        "otter",
        "--ask",
        "pool",
        "-o",
        ".",
    ];
    let written = Command::new(env!("CARGO_BIN_EXE_backstep"))
        .args(grading)
        .current_dir(course.path())
        .status();
    assert!(written.unwrap().success());
    // nbgrader runs a program that is installed beside Python.
    let path = path_with(&[&python, env!("CARGO_BIN_EXE_backstep")]);
    let run = |arguments: &[&str]| {
        let ran = Command::new(&python)
            .args(arguments)
            .current_dir(&course)
            .env("PATH", &path)
            .env("PYTHONPATH", course.path())
            .env("HOME", course.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {said}");
    };
    run(&["-c", COURSE]);
    run(&["-m", "nbgrader", "generate_assignment", "week4"]);
    run(&["-m", "nbgrader", "autograde", "week4"]);
    run(&["-m", "nbgrader", "export"]);
    let grades = fs::read_to_string(course.path().join("grades.csv")).unwrap();
    let row = grades.lines().nth(1).unwrap();
    assert!(row.starts_with("week4,"), "{grades}");
    assert!(
        row.contains("s1024") && row.ends_with(",3.0,0.0,3.0,4.0"),
        "{grades}"
    );
}

#[test]
fn an_autograder_brings_along_all_that_it_reads() {
    let run = |folder: &Path, program: &str, arguments: &[&str]| {
        let ran = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", folder.join("autograder").display()),
            )
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let backstep = env!("CARGO_BIN_EXE_backstep");
    // A scenario of one's own, with a file of tensors beside it.
    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for file in ["digit-right.json", "digits.safetensors"] {
        fs::copy(digits.join(file), folder.join(file)).unwrap();
    }
    let write = [
        "autograder",
        "digit-right.json",
        "-o",
        "autograder",
        "--ask",
        "fc.bias",
    ];
    run(folder, backstep, &write);
    let submission = folder.join("autograder/submission");
    fs::create_dir_all(&submission).unwrap();
    let export = ["export", "digit-right", "--tensor", "fc.bias", "-o"];
    let answer = submission.join("answer.npz");
    run(
        folder,
        backstep,
        &[&export[..], &[answer.to_str().unwrap()]].concat(),
    );
    fs::remove_file(folder.join("digits.safetensors")).unwrap();
    // As Gradescope has it: the script beside the folder of what was uploaded.
    let source = folder.join("autograder/source");
    fs::create_dir(&source).unwrap();
    for file in ["scenario.json", "digits.safetensors"] {
        fs::rename(folder.join("autograder").join(file), source.join(file)).unwrap();
    }
    fs::set_permissions(
        folder.join("autograder/backstep"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    run(folder, "sh", &["autograder/run_autograder"]);
    let results = fs::read_to_string(folder.join("autograder/results/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&results).unwrap();
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 1);
    assert_eq!(tests[0]["name"], "fc.bias");
    assert_eq!(tests[0]["status"], "passed");
}
