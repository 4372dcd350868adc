//! The solutions for LaTeX: every one of them compiles.

use std::fs;
use std::process::Command;

use crate::exports::{gallery, hostile};
use crate::python::skip;

#[test]
fn latex_takes_every_solution() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        return skip("`pdflatex` is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    for run in gallery().chain([hostile()]) {
        let name = format!("{}.tex", run.name);
        fs::write(folder.path().join(&name), run.export("tex")).unwrap();
        let arguments = [
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-no-shell-escape",
            "-draftmode",
            &name,
        ];
        let output = Command::new("pdflatex")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}
