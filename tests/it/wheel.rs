//! The Python package: a wheel is installed in a fresh environment and used there, with models of
//! PyTorch and JAX.
//!
//! `BACKSTEP_WHEEL` names the wheel, which `maturin build --profile dev` makes, and the Python that
//! `BACKSTEP_PYTHON` names lends its frameworks; see [`crate::python`].

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::python::{python, skip, with_package};

/// Runs a command in the repository, which must succeed, and returns what it prints.
fn run<S: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: &[S]) -> String {
    let output = Command::new(program.as_ref())
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("PYTHONPATH")
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        said(&output.stdout),
        said(&output.stderr)
    );
    said(&output.stdout)
}

/// A fresh environment in which the wheel is installed and nothing else.
struct Environment {
    python: PathBuf,
    _folder: tempfile::TempDir,
}

impl Environment {
    fn with_wheel(lender: &str, wheel: &OsStr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = folder.path().join("environment");
        run(
            lender,
            &["-m".as_ref(), "venv".as_ref(), environment.as_os_str()],
        );
        let python = environment.join("bin/python");
        let install = ["-m", "pip", "install", "--quiet", "--no-index"].map(OsStr::new);
        run(&python, &[&install[..], &[wheel]].concat());
        Self {
            python,
            _folder: folder,
        }
    }

    /// Lets it see what the Python that lends has installed.
    fn borrow(&self, lender: &str) {
        let packages = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let theirs = run(lender, &["-c", packages]);
        let ours = run(&self.python, &["-c", packages]);
        fs::write(Path::new(ours.trim()).join("borrowed.pth"), theirs).unwrap();
    }

    /// Runs the tests of a file of `python/tests`.
    fn test(&self, file: &str) {
        let tests = [
            "-W",
            "ignore",
            "-m",
            "unittest",
            "discover",
            "-s",
            "python/tests",
            "-p",
        ];
        run(&self.python, &[&tests[..], &[file]].concat());
    }
}

#[test]
fn the_wheel_does_what_it_says() {
    let Some(wheel) = std::env::var_os("BACKSTEP_WHEEL") else {
        return skip("BACKSTEP_WHEEL names no wheel");
    };
    let Some(lender) = python("torch, numpy, jax2onnx") else {
        return;
    };
    let environment = Environment::with_wheel(&lender, &wheel);
    environment.test("test_program.py");
    environment.borrow(&lender);
    let environment = &environment;
    thread::scope(|scope| {
        for file in ["test_exercise.py", "test_capture.py", "test_jax.py"] {
            scope.spawn(move || environment.test(file));
        }
    });
}

#[test]
fn the_printed_script_is_the_package_own() {
    let printed = Command::new(env!("CARGO_BIN_EXE_backstep"))
        .arg("capture")
        .output()
        .unwrap();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/backstep/_capture.py");
    assert_eq!(printed.stdout, fs::read(package).unwrap());
}

/// Executes every cell of a notebook, in the folder where it runs.
const EXECUTE: &str = "
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600, kernel_name='python3').execute()
pages = [cell.outputs[0].data['text/html'] for cell in notebook.cells
         if 'backstep.page(' in cell.source]
assert len(pages) == 2 and all('<iframe' in page for page in pages)
";

#[test]
fn the_notebook_runs() {
    let Some(python) = python("ipykernel, nbclient, numpy, torch") else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let output = with_package(&python)
        .args(["-W", "ignore", "-c", EXECUTE])
        .arg(root.join("docs/from-python.ipynb"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
