//! The program itself: its exit codes, and what it writes where.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Two pooling windows, the first of them tied, and their sum: eight numbers in, one out.
const TIED: &str = r#"{ "backstep": 1, "title": "tied", "inputs": { "x": [7, 7, 1, 2] },
  "layers": [{ "name": "pool", "op": "max_pool1d", "kernel_size": 2 }, { "name": "total", "op": "sum" }],
  "notes": { "x[0]": "the first of a tie" } }"#;

/// Two problems: a key and a shape.
const BROKEN: &str = r#"{ "backstep": 1, "titel": "broken", "inputs": { "x": [7, 7] },
  "layers": [{ "name": "fc", "op": "linear", "weight": [[1, 2, 3]] }] }"#;

/// So steep that no nudge is small enough to measure its slope.
const STEEP: &str = r#"{ "backstep": 1, "inputs": { "x": [0] },
  "layers": [{ "name": "y", "op": "linear", "weight": [[1e12]], "activation": "sigmoid" }] }"#;

/// What a run of the program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder to run the program in.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        files
            .iter()
            .for_each(|(name, text)| fs::write(folder.path(name), text).unwrap());
        folder
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of the files in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The program with arguments, which are separated by spaces.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstep"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"]
            .iter()
            .fold(&mut command, |command, name| command.env_remove(name));
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        ended(self.command(arguments).spawn().unwrap())
    }

    /// Runs the program and expects it to do what is asked; returns its output.
    #[track_caller]
    pub(crate) fn fine(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (Some(0), ""),
            "{arguments}: {ran:?}"
        );
        ran.out
    }

    #[track_caller]
    pub(crate) fn json(&self, arguments: &str) -> Value {
        serde_json::from_str(&self.fine(arguments)).unwrap()
    }

    /// Runs the program and expects it to refuse, with nothing on stdout; returns what it says.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{arguments}: {ran:?}"
        );
        assert!(ran.err.starts_with("error"), "{arguments}: {}", ran.err);
        ran.err
    }
}

/// Waits for the end of a run.
pub(crate) fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Checks that every piece is in a text.
#[track_caller]
pub(crate) fn has(text: &str, pieces: &[&str]) {
    pieces
        .iter()
        .for_each(|piece| assert!(text.contains(piece), "no {piece:?} in\n{text}"));
}

/// A scenario whose trace is far larger than any pipe: the product of two square matrices of this
/// size, summed up.
pub(crate) fn product(size: usize) -> String {
    let matrix = vec![vec![1; size]; size];
    let layers = r#"[{ "name": "c", "op": "matmul", "from": ["a", "b"] }, { "name": "total", "op": "sum" }]"#;
    format!(
        r#"{{ "backstep": 1, "inputs": {{ "a": {matrix:?}, "b": {matrix:?} }}, "layers": {layers} }}"#
    )
}

#[test]
fn a_scenario_comes_from_a_path_from_stdin_or_from_the_gallery() {
    let folder = Folder::with(&[("net.json", TIED)]);
    has(&folder.fine("net.json"), &["tied\n"]);
    has(&folder.fine("./net.json"), &["tied\n"]);
    has(&folder.fine("the-question"), &["Three gradients arrive"]);
    let mut child = folder
        .command("export - --detail tensors")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(TIED.as_bytes())
        .unwrap();
    let ran = ended(child);
    assert_eq!(
        serde_json::from_str::<Value>(&ran.out).unwrap()["title"],
        "tied",
        "{ran:?}"
    );
}

#[test]
fn a_file_wins_over_a_name_of_the_gallery() {
    let folder = Folder::with(&[("the-question", TIED)]);
    has(&folder.fine("the-question"), &["tied\n"]);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let folder = Folder::new();
    has(
        &folder.refused("explain the-qestion x[0]"),
        &["`the-qestion`", "did you mean `the-question`?"],
    );
    has(
        &folder.refused("export homework.json"),
        &["there is no file `homework.json`"],
    );
    has(
        &folder.refused("exprot net.json"),
        &["no command `exprot`; did you mean `export`?"],
    );
    has(&folder.refused("exprot"), &["did you mean `export`?"]);
    has(
        &folder.refused("ties export ties"),
        &["a scenario stands before the command"],
    );
}

#[test]
fn problems_name_the_file_and_the_place_and_come_all_at_once() {
    let folder = Folder::with(&[("broken.json", BROKEN)]);
    for command in [
        "broken.json",
        "export broken.json",
        "explain broken.json x[0]",
        "verify broken.json",
        "validate broken.json",
    ] {
        let said = folder.refused(command);
        has(
            &said,
            &[
                "error: `titel` is not a key",
                "--> broken.json:1:18",
                "did you mean `title`?",
                "--> broken.json:2:56",
            ],
        );
        assert_eq!(said.matches("error").count(), 2, "{said}");
    }
}

#[test]
fn what_is_no_scenario_is_refused() {
    let folder = Folder::with(&[("words.json", "\u{1b}[31m"), ("empty.json", "")]);
    fs::create_dir(folder.path("folder")).unwrap();
    fs::write(folder.path("latin.json"), b"{ \"title\": \"\xe9\" }").unwrap();
    assert!(!folder.refused("validate words.json").contains('\u{1b}'));
    has(
        &folder.refused("validate empty.json"),
        &["empty.json:1:1", "the file is empty"],
    );
    has(
        &folder.refused("validate folder"),
        &[
            "`folder` cannot be read: it is a folder",
            "holds a `scenario.json`",
        ],
    );
    has(
        &folder.refused("validate latin.json"),
        &["`latin.json` is not UTF-8 text"],
    );
    let name = "z".repeat(100_000);
    fs::write(
        folder.path("long.json"),
        TIED.replace("\"x\":", &format!("\"{name}\":"))
            .replace("1d", "2d"),
    )
    .unwrap();
    assert!(folder.refused("validate long.json").len() < 5000);
    has(&folder.refused("validate --frobnicate"), &["--frobnicate"]);
    has(&folder.refused("export"), &["SCENARIO"]);
}

#[test]
fn validate_judges_every_file() {
    let folder = Folder::with(&[("a.json", BROKEN), ("b.json", TIED), ("c.json", "{")]);
    let ran = folder.run("validate a.json b.json c.json");
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.out, "b.json: a scenario of 2 layers and 3 tensors\n");
    has(&ran.err, &["--> a.json:1:18", "--> c.json:1:1"]);
    assert_eq!(folder.fine("validate b.json ties").lines().count(), 2);
}

#[test]
fn export_says_as_much_as_it_is_asked_for() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let whole = folder.json("export net.json");
    assert_eq!(whole["format"], "backstep-trace/1");
    assert_eq!(whole["steps"].as_array().unwrap().len(), 6);
    assert_eq!(whole["steps"][2]["contributions"][0]["product"], 1);
    let steps = folder.json("export net.json --detail steps");
    assert_eq!(
        (
            &steps["steps"][2]["grad"],
            steps["steps"][2].get("contributions")
        ),
        (&Value::from(1), None)
    );
    let tensors = folder.json("export net.json --detail tensors");
    assert_eq!(
        (tensors.get("steps"), &tensors["tensors"]),
        (None, &whole["tensors"])
    );
}

#[test]
fn export_takes_some_tensors_and_some_steps() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let numbers = |arguments: &str| -> Vec<u64> {
        let trace = folder.json(&format!("export net.json {arguments}"));
        trace["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["step"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers("--steps 2..4"), [2, 3, 4]);
    assert_eq!(numbers("--steps 5.."), [5, 6]);
    assert_eq!(numbers("--steps 1"), [1]);
    assert_eq!(numbers("--tensor x"), [3, 4, 5, 6]);
    assert_eq!(numbers("--tensor x --steps 2..3"), [3]);
    let names = |arguments: &str| {
        folder.json(&format!("export net.json {arguments}"))["tensors"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((names(""), names("--tensor x,total --tensor x")), (3, 2));
    has(
        &folder.refused("export net.json --steps 7..9"),
        &["there is no step 7: the scenario has 6 steps"],
    );
    has(
        &folder.refused("export net.json --steps 4..3"),
        &["4 comes after 3"],
    );
    has(
        &folder.refused("export net.json --tensor pol"),
        &["no tensor `pol`", "did you mean `pool`?"],
    );
}

#[test]
fn export_refuses_to_choose_from_what_a_format_does_not_hold() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let hint = "`--detail` is for json, jsonl and csv";
    has(
        &folder.refused("export net.json --format npz --detail steps"),
        &["`--detail` means nothing for npz", hint],
    );
    has(
        &folder.refused("export net.json --format torch --steps 1"),
        &[
            "`--steps` means nothing for torch",
            "csv, md, tex, html and svg",
        ],
    );
    has(
        &folder.refused("export net.json -o out.tex --detail tensors"),
        &["`--detail` means nothing for tex", hint],
    );
    has(
        &folder.refused("export net.json --detail tensors --steps 1"),
        &["`--detail tensors` leaves all of them out"],
    );
    assert_eq!(folder.names(), ["net.json"]);
}

#[test]
fn a_files_ending_names_its_format() {
    let folder = Folder::with(&[("net.json", TIED)]);
    for (ending, begins) in [
        ("csv", "step,"),
        ("jsonl", "{"),
        ("py", "\"\"\""),
        ("md", "# tied"),
        ("tex", "\\documentclass"),
        ("html", "<!doctype html>"),
    ] {
        folder.fine(&format!("export net.json -o out.{ending}"));
        assert!(
            folder.read(&format!("out.{ending}")).starts_with(begins),
            "{ending}"
        );
    }
    folder.fine("export net.json -o out.npz");
    assert!(fs::read(folder.path("out.npz")).unwrap().starts_with(b"PK"));
}

#[test]
fn a_page_takes_only_so_many_contributions() {
    let net = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": {:?} }},
            "layers": [{{ "name": "y", "op": "softmax" }}], "upstream": {{ "y": {:?} }} }}"#,
        [0; 500], [1; 500]
    );
    let folder = Folder::with(&[("net.json", &net)]);
    let hint = "choose some of them by `--tensor` or `--steps`";
    has(
        &folder.refused("export net.json -o page.html"),
        &["more than 200000 contributions", hint],
    );
    assert_eq!(folder.names(), ["net.json"]);
    folder.fine("export net.json --steps 1..3 -o page.html");
    assert!(folder.read("page.html").contains("\"n_steps\": 500"));
}

#[test]
fn export_takes_some_tensors_in_every_format() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let only = |format: &str| folder.fine(&format!("export net.json --tensor x --format {format}"));
    has(&only("torch"), &["expected[\"x\"]"]);
    assert!(!only("torch").contains("expected[\"pool\"]"));
    for format in ["md", "tex"] {
        has(&only(format), &["step 3 of 6"]);
        assert!(!only(format).contains("step 1 of 6"), "{format}");
    }
    let some = folder.fine("export net.json --format md --steps 4..5");
    has(&some, &["step 4 of 6", "step 5 of 6"]);
    assert_eq!(some.matches("## Gradient of").count(), 1, "{some}");
}

#[test]
fn a_solution_answers_what_the_scenario_asks() {
    let asked = TIED.replace("\"notes\"", "\"ask\": [\"x\"], \"notes\"");
    let folder = Folder::with(&[("net.json", &asked)]);
    let page = folder.fine("export net.json --format md");
    has(&page, &["## Gradient of `x`", "> the first of a tie"]);
    assert!(!page.contains("## Gradient of `pool`"), "{page}");
}

/// The names of the commands, from the program's own help.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.fine("--help");
    let (_, list) = help.split_once("Commands:\n").unwrap();
    // A description that is too long goes on in the next line, further in.
    let lines = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "));
    let names = lines.map(|line| line.split_whitespace().next().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    assert!(names.len() > 6, "{help}");
    names
}

#[test]
fn every_shell_completes_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.fine(&format!("completions {shell}"));
        commands(&folder)
            .iter()
            .for_each(|name| assert!(script.contains(name.as_str()), "{shell}: {name}"));
        has(&script, &["backstep", "detail"]);
    }
    ["bash", "zsh", "fish"].iter().for_each(|shell| {
        has(
            &folder.fine(&format!("completions {shell}")),
            &["safetensors"],
        )
    });
    has(&folder.refused("completions tcsh"), &["bash", "fish"]);
}

#[test]
fn the_man_page_has_every_option_and_every_command() {
    let folder = Folder::new();
    let page = folder
        .fine("man")
        .replace("\\-", "-")
        .replace("\\*(Aq", "'")
        .replace("\\\\", "\\");
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let options = |help: &str| -> Vec<String> {
        let names = words(help)
            .into_iter()
            .filter(|word| word.starts_with("--"));
        names
            .map(|word| {
                word.trim_end_matches(|c: char| !c.is_ascii_lowercase())
                    .to_owned()
            })
            .collect()
    };
    for name in commands(&folder) {
        has(&page, &[&format!("BACKSTEP {}", name.to_uppercase())]);
        let help = folder.fine(&format!("{name} --help"));
        options(&help)
            .iter()
            .for_each(|option| has(&page, &[option]));
    }
    for command in backstep::debugger::commands::COMMANDS {
        has(&page, &[&command.usage(), command.help]);
        command.shortcuts().for_each(|keys| has(&page, &[&keys]));
    }
}

#[test]
fn a_schema_is_printed_for_each_format() {
    let folder = Folder::new();
    for name in ["scenario", "trace", "answer"] {
        let schema = folder.json(&format!("schema {name}"));
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
    }
    has(&folder.refused("schema net"), &["scenario, trace, answer"]);
}

#[test]
fn an_output_file_holds_what_stdout_would() {
    let folder = Folder::with(&[("net.json", TIED)]);
    assert_eq!(folder.fine("export net.json -o net.trace.json"), "");
    assert_eq!(
        folder.read("net.trace.json"),
        folder.fine("export net.json")
    );
    assert_eq!(
        folder.fine("export net.json -o -"),
        folder.fine("export net.json")
    );
    assert_eq!(folder.names(), ["net.json", "net.trace.json"]);
}

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = Folder::with(&[("net.json", TIED), ("out.json", "precious")]);
    has(
        &folder.refused("export net.json -o out.json"),
        &["`out.json` exists already", "`--force` overwrites it"],
    );
    has(
        &folder.refused("export net.json -o net.json"),
        &["`net.json` exists already"],
    );
    assert_eq!(
        (
            folder.read("out.json").as_str(),
            folder.read("net.json").as_str()
        ),
        ("precious", TIED)
    );
    folder.fine("export net.json -o out.json --force");
    assert_eq!(folder.read("out.json"), folder.fine("export net.json"));
    has(&folder.refused("export net.json --force"), &["--output"]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused() {
    let folder = Folder::with(&[("net.json", TIED)]);
    fs::create_dir(folder.path("folder")).unwrap();
    has(
        &folder.refused("export net.json -o out.xyz"),
        &["`xyz` is no format that `export` knows", "`--format` takes"],
    );
    has(
        &folder.refused("export net.json -o nowhere/out.json"),
        &["`nowhere/out.json` cannot be written"],
    );
    has(
        &folder.refused("export net.json -o folder --force"),
        &["`folder` is a folder"],
    );
    has(
        &folder.refused("export missing.json -o out.json"),
        &["missing.json"],
    );
    assert_eq!(folder.names(), ["folder", "net.json"]);
    assert_eq!(folder.fine("export net.json --format json -o out.xyz"), "");
}

#[cfg(unix)]
#[test]
fn an_output_file_is_a_file_like_any_other() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::with(&[("net.json", TIED), ("real.json", "old")]);
    folder.fine("export net.json -o out.json");
    let mode = |name: &str| {
        fs::metadata(folder.path(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        mode("out.json"),
        mode("net.json"),
        "whoever may read other new files may read this one"
    );
    symlink("real.json", folder.path("link.json")).unwrap();
    folder.fine("export net.json -o link.json --force");
    assert!(
        folder
            .path("link.json")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert_eq!(folder.read("real.json"), folder.read("out.json"));
    // Nothing is overwritten in a device, and it stays one.
    assert_eq!(
        folder.fine("export net.json --format json -o /dev/stdout"),
        folder.read("out.json")
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_is_overwritten_keeps_its_owner_and_permissions() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let folder = Folder::with(&[("net.json", TIED), ("out.json", "old")]);
    let out = folder.path("out.json");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o604)).unwrap();
    // Only root may give a file away; for anybody else it is their own, and stays so.
    _ = chown(&out, Some(1234), Some(1234));
    let who = |file: fs::Metadata| (file.uid(), file.gid(), file.mode() & 0o7777);
    let before = who(fs::metadata(&out).unwrap());
    folder.fine("export net.json -o out.json --force");
    assert_ne!(folder.read("out.json"), "old");
    assert_eq!(who(fs::metadata(&out).unwrap()), before);
    // What is data now does not run as its owner.
    fs::set_permissions(&out, fs::Permissions::from_mode(0o6755)).unwrap();
    folder.fine("export net.json -o out.json --force");
    assert_eq!(who(fs::metadata(&out).unwrap()).2, 0o755);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_called_by_its_own_name() {
    let folder = Folder::with(&[("net.json", &product(60))]);
    // A limit on the size of files is met as a full disk is, though a signal comes with it.
    let script = "ulimit -f 1; exec \"$0\" export net.json -o out.json";
    let full = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_backstep")])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8(full.stderr).unwrap();
    assert_eq!(full.status.code(), Some(2), "{said}");
    has(&said, &["`out.json` cannot be written: "]);
    assert!(!said.contains(".backstep-"), "{said}");
    assert_eq!(folder.names(), ["net.json"]);
    if std::path::Path::new("/dev/full").exists() {
        has(
            &folder.refused("export net.json --format json -o /dev/full"),
            &["`/dev/full` cannot be written: "],
        );
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::with(&[("net.json", &product(60))]);
    // Wherever in the text the pipe is closed: among the values, or among the terms of a step.
    for (command, n_bytes) in [
        ("export net.json", 10),
        ("export net.json", 300_000),
        ("net.json", 10),
    ] {
        let mut child = folder.command(command).spawn().unwrap();
        child
            .stdout
            .take()
            .unwrap()
            .read_exact(&mut vec![0; n_bytes])
            .unwrap();
        let ran = ended(child);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (Some(0), ""),
            "{command} | head -c {n_bytes}"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_export_leaves_nothing_behind() {
    let folder = Folder::with(&[("net.json", &product(600))]);
    // Large enough that it is not done before the signal comes, however busy the machine is, and as
    // Markdown, which fills no disk meanwhile.
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
        let mut child = folder.command("export net.json -o out.md").spawn().unwrap();
        // What is being written lies beside the file that it is to be.
        while folder.names().len() == 1 {
            assert_eq!(
                child.try_wait().unwrap(),
                None,
                "ended before it began to write"
            );
            std::thread::yield_now();
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let ran = ended(child);
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (Some(code), "", "")
        );
        assert_eq!(folder.names(), ["net.json"]);
    }
}

#[test]
fn a_folder_stands_for_the_scenario_and_the_gradients_in_it() {
    let folder = Folder::with(&[("s.json", TIED)]);
    fs::create_dir(folder.path("net")).unwrap();
    fs::copy(folder.path("s.json"), folder.path("net/scenario.json")).unwrap();
    assert_eq!(
        folder.fine("explain net pool"),
        folder.fine("explain net/scenario.json pool")
    );
    has(
        &folder.refused("check net"),
        &["no answer is given", "only a folder that `capture` wrote"],
    );
    folder.fine("export net -o net/gradients.npz");
    has(&folder.fine("check net"), &["correct, 100 %"]);
    let marks = folder.fine("net --batch --run marks");
    assert_eq!(
        marks,
        folder.fine("net/scenario.json --answer net/gradients.npz --batch --run marks")
    );
}

#[test]
fn explain_shows_the_sum_in_three_ways() {
    let folder = Folder::new();
    let text = folder.fine("explain the-question pool[1,0]");
    has(
        &text,
        &[
            "1 − 3 + 6 = 4",
            "Note: Do you sum 2, 3 and 6?",
            "Note: Its value is 2",
        ],
    );
    assert!(
        text.lines()
            .filter(|line| !line.starts_with("Note"))
            .all(|line| line.chars().count() <= 80),
        "{text}"
    );
    has(
        &folder.fine("explain the-question pool[1,0] --format md"),
        &["1 − 3 + 6 = 4", "> Do you sum 2, 3 and 6?"],
    );
    let json = folder.json("explain the-question pool[1,0] --format json");
    assert_eq!(
        (
            &json["grad"],
            json["contributions"].as_array().unwrap().len()
        ),
        (&Value::from(4), 3)
    );
    assert_eq!(json["notes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_tensors_name_stands_for_each_of_its_neurons() {
    let folder = Folder::new();
    let text = folder.fine("explain the-question pool --mistakes");
    let heads = text.lines().filter(|line| line.contains(", step "));
    let heads: Vec<&str> = heads.collect();
    assert_eq!(
        heads,
        [
            "pool[0,0] = 4, step 1 of 35",
            "pool[0,1] = 2, step 2 of 35",
            "pool[1,0] = 2, step 3 of 35",
            "pool[1,1] = 5, step 4 of 35",
        ]
    );
    assert_eq!(text.matches("Note: Do you sum 2, 3 and 6?").count(), 1);
    let json = folder.fine("explain the-question pool --format json");
    let steps = serde_json::Deserializer::from_str(&json).into_iter::<Value>();
    let grads: Vec<Value> = steps.map(|step| step.unwrap()["grad"].clone()).collect();
    assert_eq!(grads, [json!(3.5), json!(15), json!(4), json!(-2)]);
    let first = folder.fine("the-question --at x --batch --run where");
    has(&first, &["x[0,0]"]);
}

#[test]
fn explain_follows_the_largest_terms() {
    let folder = Folder::new();
    has(
        &folder.fine("explain the-question x[1,0] --why"),
        &[
            "  pool[0,0]  3.5  6 × 0.5 = 3    86%; two others: 0.5",
            "6 is given",
        ],
    );
    has(
        &folder.fine("explain the-question x[0,0] --why --format md"),
        &["| `x[0,0]` | 0 | 3.5 × 0 = 0 | lost by 3 to x[1,0] |"],
    );
    let json = folder.json("explain the-question x[1,0] --why --format json");
    let chain: Vec<&str> = json["why"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame["neuron"].as_str().unwrap())
        .collect();
    assert_eq!(chain, ["x[1,0]", "pool[0,0]", "fc[2]"]);
    assert_eq!(
        (&json["why"][1]["product"], &json["why"][1]["others_sum"]),
        (&Value::from(3), &Value::from(0.5))
    );
    assert!(folder.json("explain the-question x[1,0] --format json")["why"].is_null());
}

#[test]
fn explain_says_why_there_is_no_such_neuron() {
    let folder = Folder::new();
    has(
        &folder.refused("explain the-question pol[0,0]"),
        &["no tensor `pol`", "did you mean `pool`?"],
    );
    let range = "its neurons are pool[0,0] to pool[1,1]";
    has(
        &folder.refused("explain the-question pool[0,2]"),
        &["no neuron `pool[0,2]`: `pool` has shape [2, 2]", range],
    );
    has(
        &folder.refused("explain the-question pool[0]"),
        &["no neuron `pool[0]`", range],
    );
    has(
        &folder.refused("explain digit-wrong image"),
        &["`image` has 64 neurons, so say which one"],
    );
    has(
        &folder.refused("explain the-question pool[0;1]"),
        &["`pool[0;1]` is no address of a neuron", "as in `pool[0,1]`"],
    );
    has(
        &folder.refused("the-question --at pool[7,7]"),
        &["no neuron `pool[7,7]`", range],
    );
}

#[test]
fn verify_compares_every_gradient_and_names_the_kinks() {
    let folder = Folder::with(&[("steep.json", STEEP)]);
    assert!(!folder.fine("verify the-question").contains("kink"));
    has(
        &folder.fine("verify ties"),
        &[
            "kink   x_first[0,0]: a tie in the window of pool_first[0,0]",
            "0 below, 6 above; backprop takes 6",
        ],
    );
    has(
        &folder.fine("verify dead-relu"),
        &["kink", "is at its bend"],
    );
    let ran = folder.run("verify the-question steep.json");
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");
    has(
        &ran.out,
        &[
            "the-question: 35 of 35 gradients",
            "steep.json: 1 of 2 gradients",
            "wrong  x[0]: the gradient is 2.5e11, but the loss's slope is ",
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_to_which_nobody_writes_is_said_to_be_waited_for() {
    let folder = Folder::new();
    let made = Command::new("mkfifo").arg(folder.path("answer")).status();
    assert!(made.unwrap().success());
    let mut child = folder.command("check the-question answer").spawn().unwrap();
    let mut said = String::new();
    let stderr = child.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut said).unwrap();
    assert_eq!(said, "`answer` is a pipe to which nobody writes; waiting\n");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn of_many_kinks_verify_tells_the_first() {
    let zeros = vec![0; 300];
    let many = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": {zeros:?} }},
             "layers": [{{ "name": "y", "op": "relu" }}, {{ "name": "s", "op": "sum" }}] }}"#
    );
    let folder = Folder::with(&[("many.json", &many)]);
    let said = folder.fine("verify many.json");
    assert!(said.lines().count() < 70, "{said}");
    has(
        &said,
        &[
            "300 are at a kink",
            "kink   x[29]:",
            "kink   and 270 more, all of which",
        ],
    );
    let all = folder.json("verify many.json --format json");
    assert!(all.to_string().matches("\"kink\"").count() >= 300, "{all}");
}

#[test]
fn where_something_is_infinite_there_is_no_slope_to_verify() {
    let folder = Folder::new();
    let data = |name: &str| {
        format!(
            "{}/tests/data/not_finite/{name}",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    for name in ["relu.json", "abs.json", "maxpool.json"] {
        let file = data(name);
        let ran = folder.run(&format!("verify {file}"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");
        let said = ran.out;
        let slopeless = "the loss is not finite there, so it has no slope";
        assert_eq!(
            said.matches(slopeless).count(),
            said.lines().count() - 1,
            "{said}"
        );
        let said = folder.fine(&format!("{file} --batch --run next;verify"));
        has(
            &said,
            &["The loss is not finite there, so it has no slope to compare with."],
        );
    }
    let length = data("length.json");
    has(
        &folder.fine(&format!("verify {length}")),
        &[
            "and 2 are at a kink",
            "x[0] is at a bend, so there is no one slope",
            "−1 below, 1 above; backprop takes NaN",
        ],
    );
    has(
        &folder.fine(&format!("{length} --batch --run x[0];why")),
        &["x[0] gets NaN: 0 × ∞ is no number, and comes from square[0]."],
    );
    let lost = data("lost.json");
    has(
        &folder.fine(&format!("verify {lost}")),
        &[
            "2 of 3 gradients are the slope of the loss",
            "value  x[0,0,0]: no nudge moves −∞, so no slope can be measured",
        ],
    );
    has(
        &folder.fine(&format!("{lost} --batch --run next;verify")),
        &["x[0,0,0] is −∞, which no nudge moves, so no slope can be measured."],
    );
}

#[test]
fn where_both_slopes_are_one_there_is_no_kink() {
    let folder = Folder::new();
    for function in [
        r#""op": "hardtanh", "min_val": 1, "max_val": 1"#,
        r#""op": "leaky_relu", "negative_slope": 1"#,
        r#""op": "prelu", "weight": [1]"#,
    ] {
        let layer = format!(r#"{{ "name": "f", {function} }}"#);
        let net = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": [0, 1] }}, "layers": [{layer}],
                 "upstream": {{ "f": [2, 3] }} }}"#
        );
        fs::write(folder.path("net.json"), net).unwrap();
        let said = folder.fine("verify net.json");
        assert!(!said.contains("kink"), "{said}");
    }
}

#[test]
fn kinks_that_make_up_for_each_other_are_told_and_nothing_is_wrong() {
    let folder = Folder::new();
    let net = r#"{ "backstep": 1, "inputs": { "x": [0] },
        "layers": [{ "name": "a", "op": "relu", "from": "x" },
            { "name": "n", "op": "neg", "from": "x" }, { "name": "b", "op": "relu", "from": "n" },
            { "name": "d", "op": "sub", "from": ["a", "b"] }],
        "upstream": { "d": [1] } }"#;
    fs::write(folder.path("net.json"), net).unwrap();
    let said = folder.fine("verify net.json");
    has(
        &said,
        &[
            "another kink makes up for it",
            "1 below, 1 above; backprop takes 0",
        ],
    );
}

#[test]
fn a_script_in_which_something_was_refused_says_so_by_its_exit_code() {
    let folder = Folder::new();
    let end = |commands: &str| {
        fs::write(folder.path("script"), commands).unwrap();
        let ran = folder.run("overlapping-pool --batch --script script");
        assert_eq!(ran.err, "", "{ran:?}");
        (ran.code, ran.out)
    };
    for refused in [
        "set pool.kernel_size 0; where",
        "set pool.padding 5600; where",
        "export no/such/folder/run.json; where",
    ] {
        let (code, out) = end(refused);
        assert_eq!(code, Some(2), "{out}");
        has(&out, &["> where"]);
    }
    // Nothing is wrong with having come to the end.
    assert_eq!(end("end; next").0, Some(0));
}

#[test]
fn verify_as_json_and_in_samples() {
    let folder = Folder::new();
    let json = folder.json("verify dead-relu --format json");
    let kinks = |check: &&Value| check["verdict"] == "kink" && check["kink"].is_string();
    assert!(
        json["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(kinks)
            .count()
            > 0,
        "{json}"
    );
    let sample = folder.json("verify the-question --format json --sample 5");
    assert_eq!(
        (sample["checks"].as_array().unwrap().len(), &sample["steps"]),
        (5, &Value::from(35))
    );
    has(
        &folder.fine("verify the-question --sample 5"),
        &["5 of 5 gradients (a sample of 35)"],
    );
    has(
        &folder.refused("verify the-question --sample 0"),
        &["--sample"],
    );
}

#[test]
fn the_rule_for_ties_can_be_set_from_outside() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let gradients = |ties: &str| {
        folder.json(&format!("export net.json --detail tensors {ties}"))["tensors"][0]["grad"]
            .to_string()
    };
    assert_eq!(gradients(""), "[1,0,0,1]");
    assert_eq!(gradients("--ties split"), "[0.5,0.5,0,1]");
    assert_eq!(gradients("--ties all"), "[1,1,0,1]");
    has(
        &folder.refused("export net.json --ties none"),
        &["first", "split", "all"],
    );
}

#[test]
fn what_holds_everywhere_may_stand_before_the_command() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let after = folder.fine("export net.json --ties all --quiet --color never");
    assert_eq!(
        folder.fine("--ties all --quiet --color never export net.json"),
        after
    );
}

#[test]
fn colour_is_used_where_it_is_wanted() {
    let folder = Folder::with(&[("broken.json", BROKEN)]);
    let coloured = |arguments: &str, environment: &[(&str, &str)]| {
        let mut command = folder.command(&format!("validate broken.json {arguments}"));
        ended(command.envs(environment.iter().copied()).spawn().unwrap())
            .err
            .contains('\u{1b}')
    };
    assert!(!coloured("", &[]), "a pipe is no terminal");
    assert!(coloured("", &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured("", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(coloured("--color always", &[]));
    assert!(!coloured("--color never", &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn without_a_terminal_the_steps_are_printed() {
    let folder = Folder::with(&[("net.json", TIED)]);
    let all = folder.fine("net.json");
    let headings = |text: &str| {
        let steps = text.lines().filter_map(|line| line.split_once(", step "));
        steps.map(|(_, step)| step.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        headings(&all),
        (1..=6)
            .map(|step| format!("{step} of 6"))
            .collect::<Vec<_>>()
    );
    has(&all, &["x[0]", "Note: the first of a tie"]);
    assert_eq!(
        headings(&folder.fine("net.json --at x[2]")),
        ["5 of 6", "6 of 6"]
    );
    has(&folder.fine(""), &["the-question", "mazur"]);
    has(&folder.refused("--at x[2]"), &["SCENARIO"]);
}

#[test]
fn help_shows_an_example_of_every_command() {
    let folder = Folder::new();
    let help = folder.fine("--help");
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    // What goes on from the line before stands further in.
    let commands: Vec<&str> = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 4, "{help}");
    has(&help, &["Example", "backstep the-question"]);
    for command in commands {
        has(
            &folder.fine(&format!("{command} --help")),
            &["Example", &format!("backstep {command} ")],
        );
    }
}

#[test]
fn no_scenario_has_more_elements_than_are_allowed() {
    let folder = Folder::with(&[("net.json", TIED)]);
    folder.fine("validate net.json --max-elements 7");
    has(
        &folder.refused("validate net.json --max-elements 6"),
        &["net.json:2:", "too many elements", "`--max-elements`"],
    );
    has(
        &folder.refused("validate mazur --max-elements 1"),
        &["mazur.json:"],
    );
}

/// A scenario whose input is in a tensor file.
fn reading(file: &str) -> String {
    TIED.replace("[7, 7, 1, 2]", &format!("{{ \"file\": \"{file}\" }}"))
}

/// A `.npy` file of four numbers.
fn npy() -> Vec<u8> {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }";
    let numbers = [7.0_f64, 7.0, 1.0, 2.0].map(f64::to_le_bytes);
    [
        b"\x93NUMPY\x01\0\x76\0",
        format!("{header:<117}\n").as_bytes(),
        &numbers.concat(),
    ]
    .concat()
}

#[test]
fn a_tensor_file_lies_in_the_scenarios_folder() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("homework/weights")).unwrap();
    fs::write(folder.path("outside.npy"), npy()).unwrap();
    fs::write(folder.path("homework/weights/x.npy"), npy()).unwrap();
    let judge = |file: &str| {
        fs::write(folder.path("homework/net.json"), reading(file)).unwrap();
        folder.run("validate homework/net.json")
    };
    assert_eq!(judge("weights/x.npy").code, Some(0));
    assert_eq!(judge("./weights/x.npy").code, Some(0));
    let absolute = folder.path("homework/weights/x.npy");
    for outside in [
        "../outside.npy",
        "weights/../../outside.npy",
        absolute.to_str().unwrap(),
    ] {
        let ran = judge(outside);
        assert_eq!(ran.code, Some(2), "{outside}");
        has(&ran.err, &["homework/net.json:1:", "may not leave it"]);
    }
    has(&judge("weights/y.npy").err, &["there is no such file"]);
}

#[cfg(unix)]
#[test]
fn a_tensor_file_is_no_link_out_of_the_folder_and_no_pipe() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    fs::create_dir(folder.path("homework")).unwrap();
    fs::write(folder.path("outside.npy"), npy()).unwrap();
    fs::write(folder.path("homework/x.npy"), npy()).unwrap();
    symlink("x.npy", folder.path("homework/inside.npy")).unwrap();
    symlink("../outside.npy", folder.path("homework/link.npy")).unwrap();
    symlink("..", folder.path("homework/up")).unwrap();
    make_pipe(&folder.path("homework/pipe.npy"));
    fs::create_dir(folder.path("homework/folder.npy")).unwrap();
    let judge = |file: &str| {
        fs::write(folder.path("homework/net.json"), reading(file)).unwrap();
        folder.run("validate homework/net.json")
    };
    assert_eq!(judge("inside.npy").code, Some(0));
    for (file, why) in [
        ("link.npy", "it is a link that leaves the scenario's folder"),
        (
            "up/outside.npy",
            "it is a link that leaves the scenario's folder",
        ),
        ("pipe.npy", "it is no regular file"),
        ("folder.npy", "it is no regular file"),
    ] {
        let ran = judge(file);
        assert_eq!(ran.code, Some(2), "{file}");
        has(&ran.err, &["homework/net.json:1:", why]);
    }
}

/// A scenario may come through a pipe, as in `backstep <(make-scenario)`.
#[cfg(unix)]
#[test]
fn a_scenario_may_come_through_a_named_pipe() {
    let folder = Folder::new();
    make_pipe(&folder.path("pipe"));
    let child = folder.command("validate pipe").spawn().unwrap();
    fs::write(folder.path("pipe"), TIED).unwrap();
    assert_eq!(
        ended(child).out,
        "pipe: a scenario of 2 layers and 3 tensors\n"
    );
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_script_comes_from_the_command_line_a_file_or_stdin() {
    let folder = Folder::with(&[
        ("net.json", TIED),
        ("script", "# to the tie\nbreak if tie\ncontinue; where\n"),
    ]);
    let expected = "> break if tie\nbreakpoint 1: if tie\n\n> continue\nstep 3 of 6: x[0] gradient \
                    1\nbreakpoint 1: if tie\n\n\
                    > where\nstep 3 of 6: x[0] gradient 1\n";
    assert_eq!(folder.fine("net.json --script script"), expected);
    for arguments in [
        "net.json --batch",
        "net.json --script -",
        "net.json --script - --batch",
    ] {
        let mut child = folder
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"break if tie\ncontinue; where")
            .unwrap();
        let ran = ended(child);
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (Some(0), expected, ""),
            "{arguments}"
        );
    }
    let ran = ended(
        folder
            .command("net.json")
            .args(["--run", "break if tie; continue; where"])
            .spawn()
            .unwrap(),
    );
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), expected), "{ran:?}");
    assert_eq!(
        folder.fine("net.json --at x[1] --run where"),
        "> where\nstep 4 of 6: x[1] gradient 0\n"
    );
}

#[test]
fn a_refused_command_is_told_and_the_next_one_follows() {
    let folder = Folder::with(&[
        ("net.json", TIED),
        ("script", "back; theme; delete 4\nquit\nnext"),
    ]);
    has(
        &folder.fine("net.json --script script"),
        &[
            "> back\nthis is the start",
            "> theme\n`theme` does nothing without a screen",
            "there is no breakpoint 4",
        ],
    );
    assert!(
        folder
            .fine("net.json --script script")
            .ends_with("> quit\n")
    );
}

#[test]
fn a_script_that_cannot_be_read_runs_nothing_and_says_where() {
    let folder = Folder::with(&[
        ("net.json", TIED),
        ("script", "next\nbreak if gard > 1\nbrek\n"),
    ]);
    let said = folder.refused("net.json --script script");
    has(
        &said,
        &[
            "`gard` is nothing",
            "script:2:10",
            "did you mean `grad`?",
            "`brek` is not a command",
            "script:3:1",
        ],
    );
    let ran = ended(
        folder
            .command("net.json")
            .args(["--run", "next; break y"])
            .spawn()
            .unwrap(),
    );
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    has(&ran.err, &["no tensor is called `y`", "--run:1:13"]);
    has(
        &folder.refused("- --batch"),
        &["cannot both come from stdin"],
    );
    has(
        &folder.refused("net.json --script missing"),
        &["`missing` cannot be read"],
    );
    has(
        &folder.refused("net.json --script script --run next"),
        &["cannot be used with"],
    );
    has(&folder.refused("--batch"), &["SCENARIO"]);
}

#[test]
fn no_byte_of_a_script_reaches_the_terminal_raw() {
    let folder = Folder::with(&[("net.json", TIED), ("script", "search \u{1b}[31mred\n")]);
    assert!(!folder.fine("net.json --script script").contains('\u{1b}'));
}

#[test]
fn a_new_scenario_is_one_and_knows_its_schema() {
    let folder = Folder::new();
    folder.fine("new week-4.v2");
    let scenario: Value = serde_json::from_str(&folder.read("week-4.v2.json")).unwrap();
    let schema = folder.read(scenario["$schema"].as_str().unwrap());
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert!(jsonschema::is_valid(&schema, &scenario));
    folder.fine("validate week-4.v2.json --quiet");
    folder.fine("new");
    let says = folder.refused("new week-4.v2.json");
    assert!(says.contains("`week-4.v2.json` exists already"), "{says}");
    folder.fine("new week-4.v2 --force");
    assert_eq!(
        folder.names(),
        ["my.json", "scenario.schema.json", "week-4.v2.json"]
    );
}
