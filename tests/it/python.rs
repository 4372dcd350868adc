//! What Python says to the files: NumPy and safetensors read the arrays, and the compiler takes the
//! scripts for PyTorch.
//!
//! `BACKSTEP_PYTHON` names the Python to ask, with numpy and safetensors. Where it is missing these
//! tests do nothing and say so, unless `BACKSTEP_STRICT` is set.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use crate::exports::{Run, gallery, hostile, runs};

/// Says that a test cannot run here, which is an error where everything must run.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("BACKSTEP_STRICT").is_none(), "{why}");
    say(why);
}

/// Says that a test does nothing, past the harness, which keeps back what a test prints that does
/// not fail.
fn say(why: &str) {
    io::stderr()
        .write_all(format!("SKIPPED: {why}\n").as_bytes())
        .unwrap();
}

/// The Python to ask.
fn asked() -> String {
    std::env::var("BACKSTEP_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Fails where a module is missing. To load one only to see that it is there takes seconds.
const FIND: &str = "
import sys
from importlib.util import find_spec
sys.exit(not all(find_spec(module) for module in sys.argv[1].split(', ')))
";

/// Whether a Python has these modules.
fn has(python: &str, modules: &str) -> bool {
    let answer = Command::new(python).args(["-c", FIND, modules]).output();
    answer.is_ok_and(|answer| answer.status.success())
}

/// Returns a Python that has these modules.
pub(crate) fn python(modules: &str) -> Option<String> {
    let python = asked();
    if has(&python, modules) {
        return Some(python);
    }
    skip(&format!(
        "`{python}` has not all of {modules}; set BACKSTEP_PYTHON to a Python that has"
    ));
    None
}

/// Returns a call of a Python that finds the package in the tree, and the program.
pub(crate) fn with_package(python: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python);
    command
        .env("PATH", path_with(&[env!("CARGO_BIN_EXE_backstep")]))
        .env("PYTHONPATH", root.join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Returns the search path with the folders of some programs before the others.
pub(crate) fn path_with(programs: &[&str]) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = programs.iter().map(|program| Path::new(program).parent());
    let folders = folders.map(|folder| folder.unwrap().to_owned());
    std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap()
}

fn run(python: &str, folder: &Path, script: &str) {
    let output = Command::new(python)
        .arg("-c")
        .arg(script)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn write(runs: impl Iterator<Item = Run>, formats: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for run in runs {
        for (format, ending) in formats {
            fs::write(
                folder.path().join(format!("{}.{ending}", run.name)),
                run.export(format),
            )
            .unwrap();
        }
    }
    folder
}

/// Compares every array with the trace, bit by bit.
const COMPARE: &str = r#"
import glob, json
import numpy as np
from safetensors.numpy import load_file

names = sorted(glob.glob("*.json"))
assert len(names) > 170, names
for name in names:
    trace = json.load(open(name), parse_int=float)  # an int has no negative zero
    with np.load(name.replace(".json", ".npz")) as archive:
        npz = {key: archive[key] for key in archive.files}
    safe = load_file(name.replace(".json", ".safetensors"))
    expected = {}
    for tensor in trace["tensors"]:
        # What becomes of a parameter has a value alone, which stands under its name.
        is_new = tensor["kind"] == "updated"
        for key, member in [("", "value")] if is_new else [("", "grad"), ("value/", "value")]:
            array = np.array(tensor[member], dtype=np.float64)
            assert array.shape == tuple(map(int, tensor["shape"])), (name, tensor["name"])
            expected[key + tensor["name"]] = array
    for arrays in npz, safe:
        assert set(arrays) == set(expected), (name, set(arrays) ^ set(expected))
        for key, array in expected.items():
            assert arrays[key].dtype == np.float64 and arrays[key].shape == array.shape, (name, key)
            nan = np.isnan(array)
            assert (nan == np.isnan(arrays[key])).all(), (name, key)
            assert arrays[key][~nan].tobytes() == array[~nan].tobytes(), (name, key)
"#;

#[test]
fn numpy_and_safetensors_read_the_arrays() {
    let Some(python) = python("numpy, safetensors.numpy") else {
        return;
    };
    let folder = write(
        runs(),
        &[
            ("json", "json"),
            ("npz", "npz"),
            ("safetensors", "safetensors"),
        ],
    );
    run(&python, folder.path(), COMPARE);
}

#[test]
fn the_scripts_for_pytorch_are_python() {
    let Some(python) = python("py_compile") else {
        return;
    };
    let folder = write(runs().chain([hostile()]), &[("torch", "py")]);
    let compile = "import glob, py_compile\nfor name in glob.glob('*.py'): \
                   py_compile.compile(name, cfile='out.pyc', doraise=True)";
    run(&python, folder.path(), compile);
}

/// PyTorch is large, so this runs only where it is installed already, and is never asked for.
#[test]
fn pytorch_agrees_with_every_script() {
    let python = asked();
    if !has(&python, "torch") {
        return say(&format!("`{python}` has no PyTorch"));
    }
    let folder = write(gallery().chain([hostile()]), &[("torch", "py")]);
    let all = "import glob, runpy\nfor name in glob.glob('*.py'):\n  try: runpy.run_path(name)\n  \
               except SystemExit as end: assert end.code == 0, name";
    run(&python, folder.path(), all);
}
