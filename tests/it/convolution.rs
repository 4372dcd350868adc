//! One exercise from hand-out to mark, by each way in: the files of `docs/exercise.md`, right and
//! with the slips that students make in them.
//!
//! `BACKSTEP_PYTHON` names a Python with NumPy; see [`crate::python`].
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus};

use backstep::tensor::rounded;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::cli::{Folder, has};
use crate::python::{python, with_package};

/// The gallery's scenario.
const NAME: &str = "numpy-convolution";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";

/// The tensors that are asked for, under the names that the program gives their gradients.
const TENSORS: [(&str, &str); 3] = [("dx", "x"), ("dw", "conv.weight"), ("db", "conv.bias")];

/// A slip as it is made in the program: what is written instead of what, the tensor that it spoils,
/// and what it is called.
struct Made(&'static str, &'static str, &'static str, &'static str);

const OVERWRITTEN: Made = Made(
    "dpadded[window] += ",
    "dpadded[window] = ",
    "x",
    "kept-only-the-last",
);
const TURNED: Made = Made("* w[f]", "* w[f, :, ::-1, ::-1]", "x", "kernel-flipped");
const OTHER_AXES: Made = Made(
    "axis=(0, 2, 3)",
    "axis=(0, 1, 2)",
    "conv.bias",
    "summed-over-other-axes",
);
const ONE_SAMPLE: Made = Made(
    "dout.sum(axis=(0, 2, 3))",
    "dout[0].sum(axis=(1, 2))",
    "conv.bias",
    "kept-only-one-sample",
);

/// What else students write there.
const OTHERS: [Made; 16] = [
    Made(
        "dw[f] += ",
        "dw[f] = ",
        "conv.weight",
        "kept-only-the-last-window",
    ),
    Made(
        "dpadded[window] += dout[n, f, i, j] * w[f]",
        "dpadded[window] = np.tensordot(dout[n, :, i, j], w, 1)",
        "x",
        "kept-only-the-last-window",
    ),
    Made(
        "[:, :, pad:-pad, pad:-pad]",
        "[:, :, : x.shape[2], : x.shape[3]]",
        "x",
        "padding-one-off",
    ),
    Made(
        "dpadded[window] += ",
        "window = np.s_[n, :, i : i + height, j : j + width]; dpadded[window] += ",
        "x",
        "forgot-the-stride",
    ),
    Made(
        "dw[f] += dout[n, f, i, j] * padded[window]",
        "dw[f] += dout[n, f, i, j] * padded[n, :, i : i + height, j : j + width]",
        "conv.weight",
        "forgot-the-stride",
    ),
    Made(
        "dout.sum(axis=(0, 2, 3))",
        "dout.mean(axis=(0, 2, 3))",
        "conv.bias",
        "averaged-instead-of-added",
    ),
    Made(
        "return dx, dw,",
        "return dx, dw / n_samples,",
        "conv.weight",
        "divided-by-the-batch",
    ),
    Made(
        "return dx, dw,",
        "return dx, dw[:, :, ::-1, ::-1],",
        "conv.weight",
        "rotated",
    ),
    Made(
        "return dx, dw,",
        "return dx, -dw,",
        "conv.weight",
        "wrong-sign",
    ),
    Made(
        "* w[f]",
        "* w[f, :, ::-1]",
        "x",
        "kernel-flipped-along-one-axis",
    ),
    Made(
        "* w[f]",
        "* w[f].transpose(0, 2, 1)",
        "x",
        "kernel-transposed",
    ),
    Made(
        "dpadded[window] += ",
        "dpadded[window] += (f == 0) * ",
        "x",
        "kept-only-one-filter",
    ),
    Made(
        "dpadded[window] += ",
        "dpadded[window] += (j < n_columns - 1) * ",
        "x",
        "forgot-the-last-windows",
    ),
    Made(
        "dw[f] += ",
        "dw[f] += (j < n_columns - 1) * ",
        "conv.weight",
        "forgot-the-last-windows",
    ),
    Made(
        "dpadded[window] += ",
        "dpadded[window] += (n < 1) * ",
        "x",
        "kept-only-one-sample",
    ),
    Made(
        "dw[f] += ",
        "dw[f] += (n < 1) * ",
        "conv.weight",
        "kept-only-one-sample",
    ),
];

/// The number that a program has for an element.
fn number_at(numbers: &Value, address: &str) -> f64 {
    let (tensor, index) = address.split_once('[').unwrap();
    let (name, _) = TENSORS.iter().find(|(_, own)| *own == tensor).unwrap();
    let places = index.trim_end_matches(']').split(',');
    let place = |list: &Value, place: &str| list[place.parse::<usize>().unwrap()].clone();
    places
        .fold(numbers[*name].clone(), |list, at| place(&list, at))
        .as_f64()
        .unwrap()
}

/// What is handed out and handed in, in a folder.
struct Course {
    folder: Folder,
    python: String,
    solution: String,
}

impl Course {
    fn new() -> Option<Self> {
        let python = python("numpy")?;
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exercise.md");
        let page = fs::read_to_string(page).unwrap();
        let shown = |title: &str| {
            let (_, rest) = page.split_once(&format!(" title={title}\n")).unwrap();
            rest.split_once("```").unwrap().0.to_owned()
        };
        let handed_out = ["handout.py", "run.py"].map(|name| (name, shown(name)));
        let files = handed_out.each_ref().map(|(name, text)| (*name, &**text));
        let course = Self {
            folder: Folder::with(&files),
            python,
            solution: shown("convolution.py"),
        };
        course.python(&["handout.py"]);
        Some(course)
    }

    /// Runs Python in the folder, where it finds the package and the program.
    fn python(&self, arguments: &[&str]) -> String {
        let ran = with_package(&self.python)
            .args(arguments)
            .current_dir(self.folder.path(""))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {said}");
        String::from_utf8(ran.stdout).unwrap()
    }

    /// Runs what a student hands in, with these slips in it.
    fn hand_in(&self, slips: &[&Made]) {
        let made = slips.iter().fold(self.solution.clone(), |text, slip| {
            assert!(text.contains(slip.0), "{}", slip.0);
            text.replace(slip.0, slip.1)
        });
        fs::write(self.folder.path("convolution.py"), made).unwrap();
        self.python(&["run.py"]);
    }

    /// Runs the grader, which has the program in its path, and nothing of this machine.
    fn graded(&self) -> ExitStatus {
        let folder = &self.folder;
        let path = format!("{}:/usr/bin:/bin", folder.path("autograder").display());
        let program = folder.path("autograder/backstep");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(program, executable).unwrap();
        let mut shell = Command::new("sh");
        let grade = shell.arg("autograder/run_autograder");
        let grade = grade.current_dir(folder.path("")).env_clear();
        grade.env("PATH", path).status().unwrap()
    }

    /// The numbers of what was handed in, by tensor, as nested lists.
    fn numbers(&self) -> Value {
        let script = "import json, numpy\n\
                      print(json.dumps({k: v.tolist() for k, v in numpy.load('answer.npz').items()}))";
        serde_json::from_str(&self.python(&["-c", script])).unwrap()
    }

    /// The report on a file.
    fn report(&self, file: &str, asked: &str) -> Value {
        let ran = self
            .folder
            .run(&format!("check {NAME} {file} {asked} --format json"));
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
        report["submissions"][0].clone()
    }
}

/// Checks that a report finds exactly these slips, each in its tensor.
#[track_caller]
fn finds(report: &Value, slips: &[&Made]) {
    let verdict = if slips.is_empty() { "correct" } else { "wrong" };
    assert_eq!(report["verdict"], json!(verdict), "{report}");
    for tensor in report["tensors"].as_array().unwrap() {
        let made = slips.iter().find(|made| tensor["name"] == made.2);
        let Some(Made(_, written, _, id)) = made else {
            assert_eq!(tensor["status"], json!("correct"), "{tensor}");
            continue;
        };
        let found = tensor["diagnosis"].as_array().unwrap();
        let ids: Vec<&Value> = found.iter().map(|one| &one["slips"]).collect();
        assert_eq!(ids, [&json!([id])], "{written}: {tensor}");
    }
}

#[test]
fn by_the_command_line() {
    let Some(course) = Course::new() else {
        return;
    };
    course.hand_in(&[]);
    finds(&course.report("answer.npz", ""), &[]);
    for slip in [&OVERWRITTEN, &TURNED, &OTHER_AXES, &ONE_SAMPLE]
        .into_iter()
        .chain(&OTHERS)
    {
        course.hand_in(&[slip]);
        finds(&course.report("answer.npz", ""), &[slip]);
    }
    course.hand_in(&[&TURNED, &OTHER_AXES]);
    finds(&course.report("answer.npz", ""), &[&TURNED, &OTHER_AXES]);
}

#[test]
fn an_array_of_another_shape_is_told_how_it_came_to_that() {
    let Some(course) = Course::new() else {
        return;
    };
    let cropped = "dpadded[:, :, pad:-pad, pad:-pad]";
    for (right, wrong, said) in [
        (
            cropped,
            "dpadded",
            "the padding of `conv` is still round it",
        ),
        (
            "axis=(0, 2, 3)",
            "axis=(0, 1, 3)",
            "over all axes but axis 1",
        ),
        ("axis=(0, 2, 3)", "axis=(2, 3)", "over all axes but axis 1"),
        ("axis=(0, 2, 3)", "axis=0", "over all axes but axis 1"),
        (".sum(axis=(0, 2, 3))", ".sum()", "over all axes but axis 1"),
    ] {
        course.hand_in(&[&Made(right, wrong, "", "")]);
        let report = course.report("answer.npz", "");
        assert_eq!(report["verdict"], json!("incomplete"), "{report}");
        has(
            report["problems"][0]["message"]
                .as_str()
                .unwrap_or_default(),
            &[said],
        );
    }
    // What has its numbers in their order is read.
    course.hand_in(&[&Made(
        "axis=(0, 2, 3)",
        "axis=(0, 2, 3), keepdims=True",
        "",
        "",
    )]);
    let report = course.report("answer.npz", "");
    assert_eq!(report["verdict"], json!("correct"), "{report}");
    let said = "[1, 3, 1, 1]: axes of one place were passed over";
    has(&report["problems"].to_string(), &[said]);
    // Neither the padding's shape nor a sum's.
    course.hand_in(&[&Made(cropped, "dpadded[:, :, 1:]", "", "")]);
    let report = course.report("answer.npz", "");
    let says = report["problems"].to_string();
    assert!(
        says.contains("[2, 2, 4, 7]") && !says.contains("padding"),
        "{report}"
    );
    for (wrong, said) in [
        (
            "dpadded[:, :, pad:-pad, :]",
            "the padding of `conv` is still round it along axis 3",
        ),
        (
            "dpadded[:, :, pad:-pad, 2 * pad : -2 * pad]",
            "as much as the padding of `conv` is missing along axis 3",
        ),
        (
            "dpadded[:, :, pad:-pad, pad:-pad].transpose(0, 2, 3, 1)",
            "its axes are in another order, and `.transpose(0, 3, 1, 2)` brings them into this one",
        ),
        (
            "dpadded[:, :, pad:-pad, pad:-pad].ravel()",
            "as many numbers, which `.reshape(2, 2, 3, 5)` brings into this shape",
        ),
        (
            "w.copy()",
            "that is the shape of `conv.weight`; were the two exchanged?",
        ),
    ] {
        course.hand_in(&[&Made(cropped, wrong, "", "")]);
        let report = course.report("answer.npz", "");
        has(&report["problems"].to_string(), &[said]);
    }
}

/// What is saved in the place of the right arrays, and what is said of it.
fn said_of(course: &Course, saved: &str) -> Value {
    let script = format!(
        "import numpy as np\nfrom convolution import conv_backward\n\
         given = dict(np.load('numbers.npz'))\n\
         x, w, dout = given['x'], given['w'], given['dout']\n\
         dx, dw, db = conv_backward(dout, x, w, stride=2, pad=1)\n{saved}"
    );
    course.python(&["-c", &script]);
    course.report("answer.npz", "")
}

#[test]
fn arrays_are_taken_by_the_names_that_say_most() {
    let Some(course) = Course::new() else {
        return;
    };
    course.hand_in(&[]);
    let saved = "np.savez('answer.npz', dx=dx, dw=dw, db=db, x=x, w=w, dout=dout)";
    let report = said_of(&course, saved);
    assert_eq!(report["score"], json!(1), "{report}");
    has(
        &report["problems"].to_string(),
        &["`x` and `dx` may both be the gradient of `x`: `dx` is taken, and `x` passed over"],
    );
    for names in ["X=dx, W=dw, B=db", "dX=dx, w=dw, grad_b=db"] {
        let report = said_of(&course, &format!("np.savez('answer.npz', {names})"));
        assert_eq!(report["verdict"], json!("correct"), "{names}: {report}");
    }
    let twice = said_of(
        &course,
        "np.savez('answer.npz', dx=dx, grad_x=2 * dx, dw=dw)",
    );
    has(
        &twice["problems"].to_string(),
        &["`grad_x` is given twice, also as `dx`"],
    );
    let nameless = said_of(&course, "np.savez('answer.npz', dx, dw, db)");
    has(
        &nameless["problems"].to_string(),
        &[
            "its 3 arrays have no names",
            "the scenario has `x`, `conv.weight` and `conv.bias`",
        ],
    );
}

#[test]
fn a_nan_is_told_whether_it_is_a_blank_or_wrong() {
    let Some(course) = Course::new() else {
        return;
    };
    course.hand_in(&[]);
    let report = said_of(
        &course,
        "np.savez('answer.npz', dx=dx * np.nan, dw=dw, db=db)",
    );
    assert_eq!(report["verdict"], json!("incomplete"), "{report}");
    let of = |report: &Value, key: &str| report["tensors"][0][key].clone();
    assert_eq!(
        (of(&report, "wrong"), of(&report, "blank")),
        (json!(0), json!(60))
    );
    let said = "60 of the 60 numbers of the gradient of `x` are NaN, which is a blank in an array";
    has(&report["remarks"].to_string(), &[said]);
    // A tensor that is not there is blank, too.
    let report = said_of(&course, "np.savez('answer.npz', dw=dw, db=db)");
    assert_eq!(report["verdict"], json!("incomplete"), "{report}");
    let json = r#"{"format": "backstep-answer/1", "grads": {"conv.bias": [NaN, null, 1]}}"#;
    fs::write(course.folder.path("a.json"), json).unwrap();
    let report = course.report("a.json", "--ask conv.bias");
    assert_eq!(
        (of(&report, "wrong"), of(&report, "blank")),
        (json!(2), json!(1))
    );
    let said = "1 of the 3 numbers of the gradient of `conv.bias` are NaN";
    has(
        &report["remarks"].to_string(),
        &[&said.replace("are", "is")],
    );
}

#[test]
fn what_an_array_cannot_hold_is_said_as_it_is() {
    let Some(course) = Course::new() else {
        return;
    };
    course.hand_in(&[]);
    for (saved, said) in [
        (
            "dx=dx.astype('uint8')",
            "unsigned integers, which have no room for what is below 0",
        ),
        (
            "dx=dx.astype(bool)",
            "booleans, which have no room for anything but 0 and 1",
        ),
    ] {
        let report = said_of(
            &course,
            &format!("np.savez('answer.npz', {saved}, dw=dw, db=db)"),
        );
        has(&report["remarks"].to_string(), &[said]);
    }
    // The right numbers are whole: they would have room.
    let report = said_of(
        &course,
        "np.savez('answer.npz', dx=3 * dx.astype(int), dw=dw, db=db)",
    );
    assert!(
        !report["remarks"].to_string().contains("array of"),
        "{report}"
    );
}

#[test]
fn a_file_without_an_array_says_what_is_in_it() {
    let Some(course) = Course::new() else {
        return;
    };
    course.hand_in(&[]);
    let zipped = "np.savez('inner.npz', dx=dx)\nimport zipfile\n\
                  with zipfile.ZipFile('answer.npz', 'w') as out: out.write('inner.npz')";
    let report = said_of(&course, zipped);
    has(
        report["error"].as_str().unwrap(),
        &[
            "no `.npy` array is in the archive, only `inner.npz`",
            "unpack it",
        ],
    );
    fs::write(course.folder.path("empty.json"), "\n").unwrap();
    let report = course.report("empty.json", "");
    let said = report["error"].as_str().unwrap();
    has(said, &["`empty.json` is empty"]);
    assert!(!said.contains("gallery"), "{said}");
}

#[test]
fn what_no_slip_gives_is_told_where_it_is() {
    let Some(course) = Course::new() else {
        return;
    };
    for (right, wrong, tensor) in [
        ("* padded[window]", "* padded[window] ** 2", "conv.weight"),
        (
            "dout.sum(axis=(0, 2, 3))",
            "dout.sum(axis=(0, 2, 3)) + [1, 2, 5]",
            "conv.bias",
        ),
    ] {
        course.hand_in(&[&Made(right, wrong, "", "")]);
        let report = course.report("answer.npz", "");
        assert_eq!(report["verdict"], json!("wrong"), "{report}");
        // What arrives is right: the gradient of x says so.
        let said = format!("the error is in the gradient of `{tensor}` itself");
        has(&report["remarks"].to_string(), &["`x` is right", &said]);
    }
}

/// What is worked out by hand, in the order of the page.
const BY_HAND: &str = "--ask conv.bias,x[0,0,0,0],x[0,0,0,1],x[1,1,2,3],conv.weight[1,0,0,0]";

#[test]
fn by_a_worksheet() {
    let Some(course) = Course::new() else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let page = course.folder.fine(&format!("worksheet {NAME} {BY_HAND}"));
    let all: [&[&Made]; 4] = [&[], &[&TURNED], &[&ONE_SAMPLE], &[&TURNED, &OTHER_AXES]];
    for (student, slips) in all.into_iter().enumerate() {
        course.hand_in(slips);
        let numbers = course.numbers();
        browser.open(&page);
        browser.script("localStorage.clear(); location.reload()");
        browser.click("#student");
        browser.press(&format!("s{student}{TAB}"));
        for _ in 0..7 {
            let field = browser.focus();
            let written = rounded(number_at(&numbers, &field), 6);
            browser.press(&format!("{written}{ENTER}"));
        }
        assert_eq!(browser.text("#filled"), "7 of 7 filled in");
        browser.click("#save");
        let file = format!("s{student}.json");
        fs::write(course.folder.path(&file), browser.saved(&file)).unwrap();
        finds(&course.report(&file, BY_HAND), slips);
    }
    assert_eq!(browser.complaints(), json!([]));
}

#[test]
fn from_python() {
    let Some(course) = Course::new() else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("python/tests");
    let tests = [
        "discover",
        "-s",
        folder.to_str().unwrap(),
        "-p",
        "test_exercise.py",
    ];
    course.python(&[&["-m", "unittest"], &tests[..]].concat());
}

#[test]
fn by_a_graders_folder() {
    let Some(course) = Course::new() else {
        return;
    };
    let folder = &course.folder;
    folder.fine(&format!("autograder {NAME} -o autograder"));
    fs::create_dir(folder.path("autograder/submission")).unwrap();
    let grade = || {
        let handed_in = folder.path("autograder/submission/answer.npz");
        fs::copy(folder.path("answer.npz"), handed_in).unwrap();
        assert!(course.graded().success());
        let results = folder.read("autograder/results/results.json");
        serde_json::from_str::<Value>(&results).unwrap()
    };
    course.hand_in(&[]);
    let results = grade();
    assert_eq!(results["score"], json!(10), "{results}");
    course.hand_in(&[&TURNED, &OTHER_AXES]);
    let results = grade();
    let tests = results["tests"].as_array().unwrap();
    let of = |name: &str| tests.iter().find(|test| test["name"] == name).unwrap();
    assert_eq!(of("conv.weight")["score"], json!(4), "{results}");
    assert_eq!(of("conv.bias")["score"], json!(0), "{results}");
    has(
        of("x")["output"].as_str().unwrap(),
        &["turned the kernel round"],
    );
    // Whatever else is handed in, there are results that a student can read.
    let submission = folder.path("autograder/submission");
    fs::write(
        submission.join("convolution.py"),
        "def conv_backward(): pass",
    )
    .unwrap();
    fs::create_dir(submission.join("more")).unwrap();
    fs::write(submission.join("more/z.json"), "{}").unwrap();
    course.hand_in(&[]);
    let results = grade();
    assert_eq!(results["score"], json!(10), "{results}");
    let nothing = || {
        let ran = course.graded();
        assert!(ran.success());
        let results = folder.read("autograder/results/results.json");
        serde_json::from_str::<Value>(&results).unwrap()
    };
    fs::remove_file(submission.join("answer.npz")).unwrap();
    fs::remove_dir_all(submission.join("more")).unwrap();
    let program = nothing();
    assert_eq!(program["score"], json!(0), "{program}");
    has(
        program["output"].as_str().unwrap(),
        &["no answer was handed in, only `convolution.py`: its name ends in .json"],
    );
    fs::remove_file(submission.join("convolution.py")).unwrap();
    has(
        nothing()["output"].as_str().unwrap(),
        &["no answer was handed in: its name"],
    );
    fs::write(folder.path("autograder/scenario.json"), "{}").unwrap();
    let unusable = nothing();
    assert_eq!(unusable["score"], json!(0), "{unusable}");
    has(unusable["output"].as_str().unwrap(), &["tell your teacher"]);
    let said = of("conv.bias")["output"].as_str().unwrap();
    has(said, &["summed what arrives over the wrong axes"]);
    // The students see it, so it tells none of the right numbers.
    assert!(!said.contains("13"), "{said}");
}

#[test]
fn on_the_courses_site() {
    let Some(course) = Course::new() else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    course.hand_in(&[]);
    let numbers = course.numbers();
    course.folder.fine(&format!("site {NAME} -o public"));
    let page = course.folder.path(&format!("public/{NAME}.html"));
    browser.visit(&format!("file://{}", page.display()));
    let sum = "return +document.querySelector('#sum data').value";
    let mut seen = BTreeSet::new();
    for step in 1..=117 {
        let place = browser.text("#place");
        assert!(place.starts_with(&format!("step {step} of 117")), "{place}");
        let address = browser.text("#neuron b");
        let number = number_at(&numbers, &address);
        assert_eq!(browser.script(sum).as_f64(), Some(number), "{address}");
        seen.insert(address);
        browser.press(RIGHT);
    }
    assert_eq!(seen.len(), 117);
    // As a link in the course's notes leads there.
    browser.visit("about:blank");
    browser.visit(&format!("file://{}#step=x[0,0,1,1]", page.display()));
    assert_eq!(browser.text("#neuron b"), "x[0,0,1,1]");
    let number = number_at(&numbers, "x[0,0,1,1]");
    assert_eq!(browser.script(sum).as_f64(), Some(number));
    assert_eq!(browser.complaints(), json!([]));
}
