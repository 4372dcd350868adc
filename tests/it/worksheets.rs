//! Worksheets: everything that is needed to work, nothing of what is asked for, and forms that read
//! back.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::exercise::{FORMATS, Generator, Level, Worksheet, asked, format, template};
use backstep::gallery;
use backstep::marking::{Answer, Numbers};
use backstep::scenario::Options;
use backstep::tensor::Tensor;

use crate::exports::{self, Run, hostile};
use crate::python::skip;

/// The gallery's scenarios, one of a stranger, and a generated one.
fn runs() -> impl Iterator<Item = Run> {
    let cancel = Cancel::default();
    let generator = Generator::new(template("mlp").unwrap(), Level::Three, &cancel).unwrap();
    let exercise = generator
        .exercise(generator.seed(&["test"]), &cancel)
        .unwrap();
    exports::gallery().chain([hostile(), Run::new("mlp", exercise.scenario)])
}

pub(crate) fn sheet<'a>(
    run: &'a Run,
    backprop: &'a Backprop,
    student: Option<&'a str>,
) -> Worksheet<'a> {
    Worksheet {
        scenario: &run.scenario,
        backprop,
        asked: asked(&run.scenario, backprop),
        student,
    }
}

/// Writes a worksheet, unless its tensors are too large for the format.
pub(crate) fn written(worksheet: &Worksheet<'_>, name: &str) -> Option<String> {
    let format = format(name).unwrap();
    format.check(worksheet).ok()?;
    let mut out = Vec::new();
    (format.write)(worksheet, &mut out).unwrap();
    Some(String::from_utf8(out).unwrap())
}

#[test]
fn no_worksheet_depends_on_what_it_asks_for() {
    for run in runs() {
        let network = run.backprop.network();
        let unknown = network
            .ids()
            .filter(|id| !run.backprop.upstream().contains_key(id));
        let other = unknown.map(|id| {
            (
                id,
                Tensor::filled(network.tensor(id).shape.clone(), 12_345.625),
            )
        });
        let other = run
            .backprop
            .with_gradients(&other.collect::<BTreeMap<_, _>>());
        for format in FORMATS {
            let [one, two] = [&run.backprop, &other]
                .map(|backprop| written(&sheet(&run, backprop, None), format.name));
            assert!(one == two, "{} in {}", run.name, format.name);
        }
    }
}

#[test]
fn the_forms_to_fill_in_read_back_as_blank_answers() {
    for run in runs() {
        for name in ["json", "csv"] {
            let sheet = sheet(&run, &run.backprop, Some("s1 \"µ\""));
            let form = written(&sheet, name).unwrap();
            let answer = Answer::read(
                &format!("a.{name}"),
                form.as_bytes(),
                run.backprop.network(),
            )
            .unwrap();
            assert!(answer.problems.is_empty(), "{}", run.name);
            assert_eq!(answer.student.as_deref(), Some("s1 \"µ\""));
            assert_eq!(answer.exercise, Some(run.scenario.sha256()));
            assert_eq!(answer.gradients.keys().copied().collect::<Vec<_>>(), {
                let mut asked = sheet.asked.tensors().to_vec();
                asked.sort();
                asked
            });
            for (&id, numbers) in &answer.gradients {
                assert_eq!(
                    *numbers,
                    Numbers::blank(run.backprop.network().tensor(id).shape.numel())
                );
            }
        }
    }
}

#[test]
fn a_worksheet_shows_what_there_is_to_know() {
    let run = exports::gallery()
        .find(|run| run.name == "the-question")
        .unwrap();
    let sheet = sheet(&run, &run.backprop, None);
    for name in ["md", "tex", "csv", "json"] {
        insta::assert_snapshot!(format!("worksheet_{name}"), written(&sheet, name).unwrap());
    }
}

#[test]
fn a_strangers_text_is_only_text() {
    let run = hostile();
    let sheet = sheet(&run, &run.backprop, Some("\"><script>alert(1)</script>"));
    for format in FORMATS.iter().filter(|format| format.name != "json") {
        let text = written(&sheet, format.name).unwrap();
        let hidden = text
            .chars()
            .find(|&c| c != '\n' && backstep::diagnostic::is_hidden(c));
        assert_eq!(hidden, None, "{}", format.name);
    }
    let page = written(&sheet, "html").unwrap();
    let own = concat!(
        include_str!("../../src/document/shell.html"),
        include_str!("../../src/exercise/worksheet/page.html")
    );
    for tag in [
        "<script", "<style", "<meta", "<h1", "</title", "<b>", "<img",
    ] {
        assert_eq!(page.matches(tag).count(), own.matches(tag).count(), "{tag}");
    }
}

#[test]
fn what_is_too_large_for_a_page_is_named() {
    let json = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": {:?} }}, "layers": [{{ "name": "s", "op": "sum" }}] }}"#,
        vec![1; 5000]
    );
    let scenario = backstep::scenario::Scenario::read(
        "x",
        json.as_bytes(),
        &backstep::scenario::NoFiles,
        Options::default(),
    );
    let run = Run::new("large", scenario.unwrap());
    let sheet = sheet(&run, &run.backprop, None);
    for format in FORMATS {
        let takes = ["json", "csv"].contains(&format.name);
        assert_eq!(format.check(&sheet).is_ok(), takes, "{}", format.name);
    }
    let unfit = format("html").unwrap().check(&sheet).unwrap_err();
    assert_eq!(
        (unfit.tensor.as_str(), &unfit.takes[..]),
        ("x", &["json", "csv"][..])
    );
}

#[test]
fn latex_takes_every_worksheet() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        return skip("`pdflatex` is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    for run in runs() {
        let Some(text) = written(&sheet(&run, &run.backprop, None), "tex") else {
            continue;
        };
        let name = format!("{}.tex", run.name);
        fs::write(folder.path().join(&name), text).unwrap();
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

#[test]
fn a_page_of_the_gallery_asks_for_everything_once() {
    for item in gallery::ALL {
        let run = Run::new(item.name, item.open(Options::default()).unwrap());
        let sheet = sheet(&run, &run.backprop, None);
        let n: usize = sheet
            .asked
            .tensors()
            .iter()
            .map(|&id| run.backprop.network().tensor(id).shape.numel())
            .sum();
        let page = written(&sheet, "html").unwrap();
        assert_eq!(
            page.matches("<input class=\"gradient\"").count(),
            n,
            "{}",
            item.name
        );
    }
}
