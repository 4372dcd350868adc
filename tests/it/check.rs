//! `backstep check` through the program: every format read back, folders, exit codes, and what
//! strangers' names may do.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use backstep::report::FORMATS;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::cli::{Folder, Ran, ended, has};
use crate::schema;

/// Two neurons into two, then into two: the gradients of `a` are 14 and 6, those of `x` 58 and 84.
const NET: &str = r#"{ "backstep": 1, "title": "Two layers", "inputs": { "x": [1, 2] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
    { "name": "b", "op": "linear", "weight": [[1, 1], [1, -1]] }],
  "upstream": { "b": [10, 4] }, "ask": ["a", "x"], "notes": { "x": "a note" } }"#;

/// The same with other numbers: 7 and 3, 29 and 42.
const OTHER: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
    { "name": "b", "op": "linear", "weight": [[1, 1], [1, -1]] }],
  "upstream": { "b": [5, 2] }, "ask": ["a", "x"] }"#;

/// A name that would do something in a terminal, a page, a spreadsheet or a table in Markdown.
const HOSTILE: &str = "=cmd('x') <script>alert(1)</script> \u{202e}\u{1b}[31m & \"|`'";

fn answer(a: Value, x: Value) -> String {
    json!({ "format": "backstep-answer/1", "grads": { "a": a, "x": x } }).to_string()
}

fn of(student: &str, a: Value, x: Value) -> String {
    json!({ "format": "backstep-answer/1", "student": student, "grads": { "a": a, "x": x } })
        .to_string()
}

/// A class: right, multiplied, carried, blank, wrong by chance, and no JSON; and what is no answer.
fn class() -> Folder {
    let folder = Folder::with(&[("net.json", NET)]);
    fs::create_dir_all(folder.path("in/dan/deeper")).unwrap();
    fs::create_dir_all(folder.path("in/__MACOSX")).unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path("in").join(name), text).unwrap();
    put("ada.json", &answer(json!([14, "6"]), json!([58, 84])));
    put("bob.json", &answer(json!([40, -40]), json!([null, null])));
    put(
        "cyd.csv",
        "tensor,index,grad\na,0,14\na,1,5\nx,0,53\nx,1,77\n",
    );
    put(
        "dan/deeper/mine.json",
        &of("Dan", json!([14, null]), json!([58, 84])),
    );
    put("eve.json", &answer(json!([14.5, 6]), json!([1.25, 84])));
    put("fay.json", "{");
    put("dan/deeper/notes.txt", "none");
    put(".hidden.json", "{");
    put("__MACOSX/ada.json", "{");
    folder
}

/// Runs `check` and expects it to find something wrong; returns its report.
#[track_caller]
fn report(folder: &Folder, arguments: &str) -> String {
    let Ran { code, out, err } = folder.run(&format!("check {arguments} --quiet"));
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    out
}

#[test]
fn the_report_in_json_is_as_its_format_says() {
    let folder = class();
    let report: Value =
        serde_json::from_str(&report(&folder, "net.json in --format json --rtol 0.02")).unwrap();
    let validator = schema::validator("report");
    schema::accepts(&validator, &report, "the report");
    let mut another = report.clone();
    another["submissions"][0]["verdict"] = json!("fine");
    assert!(!validator.is_valid(&another));
    assert_eq!(report["format"], "backstep-report/1");
    assert_eq!(
        report["scenario_sha256"],
        folder.json("export net.json")["scenario_sha256"]
    );
    assert_eq!(report["tolerance"], json!({ "rtol": 0.02, "atol": 0.001 }));
    let [ada, bob, cyd, dan, eve, fay] = report["submissions"].as_array().unwrap().as_slice()
    else {
        panic!("{report}")
    };
    let counts = |name: &str, status: &str, [correct, carried, wrong, blank]: [u32; 4]| {
        json!({ "name": name, "status": status, "correct": correct, "carried": carried,
            "wrong": wrong, "blank": blank, "unreadable": 0, "total": 2,
            "diagnosis": [] })
    };
    let (a, x) = (
        counts("a", "correct", [2, 0, 0, 0]),
        counts("x", "correct", [2, 0, 0, 0]),
    );
    assert_eq!(
        *ada,
        json!({ "file": "ada.json", "student": "ada", "verdict": "correct", "score": 1,
            "points": 4, "max_points": 4, "tensors": [a, x] })
    );
    let multiplied = json!({ "slips": ["multiplied-instead-of-added"], "explains": 2, "of": 2,
        "agrees": 2, "total": 2,
        "says": "multiplied the terms instead of adding them: 10 × 4 = 40" });
    let mut wrong = counts("a", "wrong", [0, 0, 2, 0]);
    wrong["first_wrong"] = json!({ "index": [0], "yours": 40, "expected": 14 });
    wrong["diagnosis"] = bob["tensors"][0]["diagnosis"].clone();
    assert_eq!(bob["tensors"][0], wrong);
    assert_eq!(bob["tensors"][0]["diagnosis"][0], multiplied);
    assert_eq!(bob["tensors"][1], counts("x", "blank", [0, 0, 0, 2]));
    assert_eq!(
        (&bob["verdict"], &bob["score"]),
        (&json!("wrong"), &json!(0))
    );
    assert_eq!(cyd["tensors"][1], counts("x", "carried", [0, 2, 0, 0]));
    assert_eq!(
        (&cyd["verdict"], &cyd["score"]),
        (&json!("wrong"), &json!(0.75))
    );
    assert_eq!(
        (&dan["student"], &dan["file"]),
        (&json!("dan"), &json!("dan/deeper/mine.json"))
    );
    assert_eq!(
        (&dan["verdict"], &dan["score"]),
        (&json!("incomplete"), &json!(0.75))
    );
    assert_eq!(eve["tensors"][1]["diagnosis"], json!([]));
    assert_eq!(
        (&fay["verdict"], &fay["score"], &fay["tensors"]),
        (&json!("unreadable"), &json!(0), &json!([]))
    );
    has(fay["error"].as_str().unwrap(), &["not valid JSON"]);
    let summary = &report["summary"];
    assert_eq!(summary["submissions"], 6);
    assert_eq!(
        summary["verdicts"],
        json!({ "correct": 1, "wrong": 3, "incomplete": 1, "unreadable": 1 })
    );
    assert_eq!(summary["slips"]["multiplied-instead-of-added"], 1);
    let hardest = json!({ "index": [0], "wrong": 2 });
    assert_eq!(
        summary["tensors"][0],
        json!({ "name": "a", "correct": 1, "carried": 0, "wrong": 3, "blank": 1, "unreadable": 0,
            "hardest": hardest })
    );
}

#[test]
fn lines_hold_the_same_as_the_report_in_json() {
    let folder = class();
    let whole: Value = serde_json::from_str(&report(&folder, "net.json in --format json")).unwrap();
    let lines: Vec<Value> = report(&folder, "net.json in --format jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, submissions) = lines.split_last().unwrap();
    assert_eq!(submissions, whole["submissions"].as_array().unwrap());
    let mut whole = whole;
    whole.as_object_mut().unwrap().remove("submissions");
    assert_eq!(*last, whole);
}

#[test]
fn the_table_has_a_row_a_student_and_a_number_a_tensor() {
    let folder = class();
    let text = report(&folder, "net.json in --format csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec![
            "student",
            "file",
            "verdict",
            "score",
            "points",
            "max_points",
            "a",
            "x",
            "slips",
            "problems"
        ]
    );
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(
        rows[0],
        [
            "ada", "ada.json", "correct", "1", "4", "4", "1", "1", "", ""
        ]
    );
    assert_eq!(
        rows[1][..8],
        ["bob", "bob.json", "wrong", "0", "0", "4", "0", "0"]
    );
    assert_eq!(
        rows[2][..8],
        ["cyd", "cyd.csv", "wrong", "0.75", "3", "4", "0.5", "1"]
    );
    assert_eq!(
        rows[3],
        [
            "dan",
            "dan/deeper/mine.json",
            "incomplete",
            "0.75",
            "3",
            "4",
            "0.5",
            "1",
            "",
            ""
        ]
    );
    assert_eq!(
        rows[5][..9],
        ["fay", "fay.json", "unreadable", "0", "0", "4", "", "", ""]
    );
    has(&rows[5][9], &["not valid JSON"]);
}

/// The attributes of an element, by their names.
type Attributes = Vec<(String, String)>;

/// The elements of an XML text, each with its attributes, and the texts in it.
fn xml(text: &str) -> (Vec<(String, Attributes)>, String) {
    let mut reader = Reader::from_str(text);
    let (mut elements, mut texts) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name().as_ref().to_owned();
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    let value = quick_xml::escape::unescape(&attribute.value)
                        .unwrap()
                        .into_owned();
                    (key, value)
                });
                elements.push((name, attributes.collect()));
            }
            Event::Text(piece) => texts.push_str(&piece),
            Event::Eof => return (elements, texts),
            _ => {}
        }
    }
}

#[test]
fn junit_has_a_suite_a_student_and_a_case_a_tensor() {
    let folder = class();
    let (elements, texts) = xml(&report(&folder, "net.json in --format junit"));
    let of = |name: &str| {
        elements
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, attributes)| attributes)
            .collect::<Vec<_>>()
    };
    let value = |attributes: &[(String, String)], key: &str| {
        attributes
            .iter()
            .find(|(other, _)| other == key)
            .unwrap()
            .1
            .clone()
    };
    let suites: Vec<[String; 4]> = of("testsuite")
        .iter()
        .map(|suite| ["name", "tests", "failures", "errors"].map(|key| value(suite, key)))
        .collect();
    assert_eq!(suites[0], ["ada", "2", "0", "0"]);
    assert_eq!(suites[2], ["cyd", "2", "1", "0"]);
    assert_eq!(suites[5], ["fay", "1", "0", "1"]);
    assert_eq!(of("testcase").len(), 11);
    let failures: Vec<String> = of("failure")
        .iter()
        .map(|failure| value(failure, "message"))
        .collect();
    assert_eq!(failures[0], "a[0] is 40, expected 14");
    assert_eq!(of("error").len(), 1);
    has(
        &texts,
        &[
            "you multiplied the terms instead of adding them",
            "method marks kept",
        ],
    );
}

#[test]
fn gradescope_gets_the_results_of_one_submission() {
    let folder = class();
    let results: Value =
        serde_json::from_str(&report(&folder, "net.json in/cyd.csv --format gradescope")).unwrap();
    assert_eq!(
        (&results["score"], &results["visibility"]),
        (&json!(3), &json!("visible"))
    );
    let tests = results["tests"].as_array().unwrap();
    for (test, (name, score, status)) in tests.iter().zip([("a", 1, "failed"), ("x", 2, "passed")])
    {
        assert_eq!(
            (&test["name"], &test["score"], &test["max_score"]),
            (&json!(name), &json!(score), &json!(2))
        );
        assert_eq!(
            (&test["status"], &test["output_format"], &test["visibility"]),
            (&json!(status), &json!("text"), &json!("visible"))
        );
        assert!(!test["output"].as_str().unwrap().is_empty());
    }
    let unreadable: Value =
        serde_json::from_str(&report(&folder, "net.json in/fay.json --format gradescope")).unwrap();
    assert_eq!(
        (&unreadable["score"], &unreadable["tests"][1]["max_score"]),
        (&json!(0), &json!(2))
    );
    has(
        unreadable["output"].as_str().unwrap(),
        &["cannot be read: not valid JSON"],
    );
    has(
        &folder.refused("check net.json in --format gradescope --quiet"),
        &["holds one submission, but there are 6"],
    );
}

#[test]
fn prairielearn_gets_a_part_and_tests() {
    let folder = class();
    let of = |answer: &str| -> Value {
        let arguments = format!("net.json in/{answer} --format prairielearn");
        serde_json::from_str(&report(&folder, &arguments)).unwrap()
    };
    let results = of("cyd.csv");
    assert_eq!(
        (&results["gradable"], &results["score"]),
        (&json!(true), &json!(0.75))
    );
    let tests = results["tests"].as_array().unwrap();
    let points = tests
        .iter()
        .map(|test| (&test["points"], &test["max_points"]));
    assert!(points.eq([(&json!(1), &json!(2)), (&json!(2), &json!(2))]));
    has(tests[0]["message"].as_str().unwrap(), &["1 of 2 right"]);

    let unreadable = of("fay.json");
    assert_eq!(
        (&unreadable["gradable"], &unreadable["score"]),
        (&json!(false), &json!(0))
    );
    has(
        unreadable["format_errors"][0].as_str().unwrap(),
        &["cannot be read: not valid JSON"],
    );
    has(
        &folder.refused("check net.json in --format prairielearn --quiet"),
        &["`prairielearn` holds one submission, but there are 6"],
    );
}

#[test]
fn the_report_as_text() {
    let folder = class();
    insta::assert_snapshot!(report(&folder, "net.json in"));
}

#[test]
fn a_single_answer_gets_its_page_alone() {
    let folder = class();
    insta::assert_snapshot!(report(&folder, "net.json in/bob.json"));
}

#[test]
fn what_a_stranger_writes_does_nothing() {
    let folder = Folder::with(&[("net.json", NET)]);
    let hostile = json!({ "format": "backstep-answer/1", "student": HOSTILE,
        "grads": { HOSTILE: [1], "a": [HOSTILE, 6], "x": [1, 84] } });
    fs::write(folder.path("=cmd.json"), hostile.to_string()).unwrap();
    for format in FORMATS.iter().map(|format| format.name) {
        let out = report(&folder, &format!("net.json =cmd.json --format {format}"));
        assert!(!out.contains(['\u{202e}', '\u{1b}']), "{format}: {out}");
        match format {
            "html" => assert!(
                !out.contains("<script>alert") && out.contains("&#60;script&#62;alert"),
                "{out}"
            ),
            "csv" => assert_eq!(
                csv::Reader::from_reader(out.as_bytes())
                    .records()
                    .next()
                    .unwrap()
                    .unwrap()[0]
                    .chars()
                    .next(),
                Some('\'')
            ),
            "junit" => assert!(
                xml(&out).0.iter().all(|(name, _)| name != "script"),
                "{out}"
            ),
            "json" => assert_eq!(
                serde_json::from_str::<Value>(&out).unwrap()["submissions"][0]["student"],
                "=cmd"
            ),
            _ => {}
        }
    }
    for format in ["md", "html"] {
        report(
            &folder,
            &format!("net.json =cmd.json --feedback {format} --feedback-format {format} --reveal"),
        );
        let page = fs::read_dir(folder.path(format))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let page = fs::read_to_string(page).unwrap();
        assert!(
            !page.contains("<script>alert") && !page.contains(['\u{202e}', '\u{1b}']),
            "{page}"
        );
    }
}

#[test]
fn a_page_for_a_browser_loads_nothing_and_runs_only_its_own_lines() {
    let folder = class();
    let page = report(&folder, "net.json in --format html");
    has(
        &page,
        &[
            "default-src 'none'; script-src 'sha256-",
            "; style-src 'sha256-",
            "Two layers",
            "1 unreadable",
        ],
    );
    assert!(
        !page.contains("unsafe-inline")
            && !page.contains("style=")
            && !page.contains(" src=")
            && !page.contains("http:")
    );
}

#[test]
fn the_exit_code_says_whether_all_is_right() {
    let folder = class();
    assert_eq!(folder.run("check net.json in/ada.json").code, Some(0));
    for answer in ["bob.json", "cyd.csv", "dan", "fay.json"] {
        assert_eq!(
            folder.run(&format!("check net.json in/{answer}")).code,
            Some(1),
            "{answer}"
        );
    }
    for (arguments, says) in [
        ("no.json in", "no file `no.json`"),
        ("net.json no.json", "no file or folder `no.json`"),
        ("net.json in --ask y", "no tensor `y`"),
        ("- -", "stdin can be read once"),
        ("net.json in --force", "none is written"),
        ("in in", "none of its sub-folders holds a `scenario.json`"),
        (
            "net.json in -o report.doc",
            "`doc` is no format of a report",
        ),
    ] {
        has(&folder.refused(&format!("check {arguments}")), &[says]);
    }
    fs::create_dir(folder.path("empty")).unwrap();
    has(
        &folder.refused("check net.json empty"),
        &["there is no answer in `empty`"],
    );
}

#[test]
fn a_trace_from_stdin_is_an_answer() {
    let folder = class();
    let trace = folder.fine("export net.json --detail tensors");
    let mut child = folder
        .command("check net.json - --ask a,x --ask a.weight")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(trace.as_bytes())
        .unwrap();
    let ran = ended(child);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    has(
        &ran.out,
        &["stdin: correct, 100 %", "a.weight  all 4 right"],
    );
}

#[test]
fn what_is_passed_over_is_said_unless_quiet() {
    let folder = class();
    let ran = folder.run("check net.json in --format csv");
    assert_eq!(
        ran.err,
        "`dan/deeper/notes.txt` is passed over: its name does not end like an answer's\n`fay.json` cannot be \
         read\n"
    );
    assert_eq!(ran.out, report(&folder, "net.json in --format csv"));
}

#[cfg(unix)]
#[test]
fn a_bad_file_costs_only_itself() {
    let folder = class();
    fs::write(folder.path("secret.json"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path("secret.json"), folder.path("in/link.json")).unwrap();
    std::os::unix::fs::symlink(folder.path("in/ada.json"), folder.path("in/zoe.json")).unwrap();
    std::os::unix::fs::symlink(folder.path("in"), folder.path("in/loop")).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(folder.path("in/pipe.json"))
            .status()
            .unwrap()
            .success()
    );
    fs::File::create(folder.path("in/vast.csv"))
        .unwrap()
        .set_len(1 << 33)
        .unwrap();
    let report: Value =
        serde_json::from_str(&report(&folder, "net.json in --format json")).unwrap();
    let submissions = report["submissions"].as_array().unwrap();
    let of = |student: &str| {
        submissions
            .iter()
            .find(|submission| submission["student"] == student)
            .unwrap()
    };
    for (student, error) in [
        ("link", "a link that leaves the folder"),
        ("pipe", "no regular file"),
        ("vast", "more than 64 MiB"),
    ] {
        has(of(student)["error"].as_str().unwrap(), &[error]);
    }
    assert_eq!(
        (&of("zoe")["verdict"], &of("ada")["verdict"]),
        (&json!("correct"), &json!("correct"))
    );
    assert_eq!(submissions.len(), 10);
}

#[test]
fn each_student_is_marked_against_their_own_scenario() {
    let folder = Folder::with(&[]);
    for (name, text) in [
        ("exams/s1/scenario.json", NET.to_owned()),
        ("exams/s2/scenario.json", OTHER.to_owned()),
        ("exams/s4/scenario.json", "{".to_owned()),
        ("in/s1.json", of("s2", json!([14, 6]), json!([58, 84]))),
        ("in/upload.json", of("s2", json!([7, 3]), json!([29, 42]))),
        ("in/s3/a.json", answer(json!([7, 3]), json!([29, 42]))),
        ("in/s4/a.json", answer(json!([7, 3]), json!([29, 42]))),
        (
            "in/x.json",
            of("../exams/s1", json!([14, 6]), json!([58, 84])),
        ),
    ] {
        fs::create_dir_all(folder.path(name).parent().unwrap()).unwrap();
        fs::write(folder.path(name), text).unwrap();
    }
    let report: Value = serde_json::from_str(&report(&folder, "exams in --format json")).unwrap();
    assert_eq!(report.get("scenario_sha256"), None);
    let told: Vec<[&str; 3]> = report["submissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            [
                &one["student"],
                &one["verdict"],
                one.get("error").unwrap_or(&Value::Null),
            ]
            .map(|value| value.as_str().unwrap_or(""))
        })
        .collect();
    // Those of the class come in its order, and after them the others.
    assert_eq!(told[0], ["s1", "correct", ""]);
    assert_eq!(told[1], ["s2", "correct", ""]);
    assert_eq!(told[2][..2], ["s4", "unreadable"]);
    has(told[2][2], &["the scenario of `s4` cannot be used"]);
    assert_eq!(
        told[3],
        ["s3", "unreadable", "there is no scenario for `s3`"]
    );
    assert_eq!(
        told[4],
        [
            "x",
            "unreadable",
            "there is no scenario for `x` nor for `../exams/s1`"
        ]
    );
    let sha = |at: usize| {
        report["submissions"][at]["scenario_sha256"]
            .as_str()
            .unwrap()
    };
    assert_ne!(sha(0), sha(1));
    assert_eq!(report["summary"]["tensors"][0]["correct"], 2);
    assert_eq!(
        folder.run("check exams exams").code,
        Some(2),
        "scenarios are no answers"
    );
}

#[test]
fn feedback_shows_where_it_went_wrong_and_gives_nothing_else_away() {
    let folder = class();
    report(&folder, "net.json in --feedback pages");
    let mut names: Vec<String> = fs::read_dir(folder.path("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["ada.md", "bob.md", "cyd.md", "dan.md", "eve.md", "fay.md"]
    );
    insta::assert_snapshot!(folder.read("pages/cyd.md"));
    // Bob left x blank, and Dan a[1].
    assert!(
        !folder.read("pages/bob.md").contains("58")
            && !folder.read("pages/dan.md").contains("`a[1]`")
    );
    has(
        &folder.refused("check net.json in --quiet --feedback pages"),
        &["there is something in `pages` already"],
    );
    report(&folder, "net.json in --feedback pages --force --reveal");
    has(&folder.read("pages/bob.md"), &["58", "84", "a note"]);
}

#[test]
fn a_number_that_needs_a_blank_one_is_not_explained() {
    let folder = Folder::with(&[
        ("net.json", NET),
        ("a.json", &answer(json!([14, null]), json!([5, 84]))),
    ]);
    report(&folder, "net.json a.json --feedback pages");
    let page = folder.read("pages/a.md");
    has(&page, &["they need a\\[1\\], which you left blank"]);
    assert!(
        !page.contains("6 ×") && !page.contains("× 6") && !page.contains("| 6 |"),
        "{page}"
    );
}

#[test]
fn names_that_a_file_makes_up_are_cut_and_counted() {
    let folder = Folder::with(&[("net.json", NET)]);
    let rows = (0..500).map(|number| format!("{}{number},0,1\n", "n".repeat(10_000)));
    let csv = format!("tensor,index,grad\na,0,14\n{}", rows.collect::<String>());
    fs::write(folder.path("a.csv"), csv).unwrap();
    for format in FORMATS.iter().map(|format| format.name) {
        let report = report(&folder, &format!("net.json a.csv --format {format}"));
        assert!(report.len() < 100_000, "{format}: {}", report.len());
        let words = report.split_whitespace().collect::<Vec<_>>().join(" ");
        let counts = words.contains("nor 480 more that the file names");
        assert!(format == "csv" || counts, "{format}: {report}");
    }
}

#[test]
fn the_same_answers_give_the_same_bytes_on_any_number_of_threads() {
    let folder = class();
    for format in ["text", "json", "csv", "html", "junit"] {
        let on = |threads: &str| {
            let mut command =
                folder.command(&format!("check net.json in --quiet --format {format}"));
            ended(command.env("RAYON_NUM_THREADS", threads).spawn().unwrap()).out
        };
        let one = on("1");
        assert!(
            !one.is_empty() && on("2") == one && on("5") == one,
            "{format}"
        );
    }
}

#[test]
fn a_file_of_pytorch_is_an_answer_and_nothing_in_it_is_run() {
    let folder = Folder::with(&[]);
    fs::create_dir_all(folder.path("in")).unwrap();
    for (name, from) in [
        ("ada.pt", "the-question"),
        ("bob.pth", "the-question"),
        ("eve.pt", "malicious"),
        ("old.pt", "legacy"),
    ] {
        let data = format!("{}/tests/data/pt/{from}.pt", env!("CARGO_MANIFEST_DIR"));
        fs::copy(data, folder.path("in").join(name)).unwrap();
    }
    let report: Value =
        serde_json::from_str(&report(&folder, "the-question in --format json")).unwrap();
    let submissions = report["submissions"].as_array().unwrap();
    let verdicts: Vec<&str> = submissions
        .iter()
        .map(|of| of["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["correct", "correct", "unreadable", "incomplete"]);
    assert!(
        submissions[2]["error"]
            .as_str()
            .unwrap()
            .contains("the file asks Python for `posix.system`, which nothing here will do")
    );
    // PyTorch's format before 1.6 is read; its tensor is just another network's.
    let problem = &submissions[3]["problems"][0]["message"];
    assert_eq!(
        *problem,
        "`fc.weight` has shape [3, 4], but here it has [2, 3]"
    );
}
