//! Generated exercises, held against what is promised of them by other ways than the ones that made
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::exercise::{
    Exercise, Generator, Inseparable, Level, Origin, Roster, asked, templates,
};
use backstep::marking::{
    Answer, Bounds, ChosenTolerance, Hypothesis, MarkScheme, Marked, Tolerance, Verdict,
    bounds_of_step, singles,
};
use backstep::ops::Ties;
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Tensor, TensorId, exact};
use rayon::prelude::*;

use crate::cli::Folder;

fn exercise(generator: &Generator, words: &[&str]) -> Exercise {
    let seed = generator.seed(words);
    generator.exercise(seed, &Cancel::default()).unwrap()
}

/// Exercises of every template at every level.
fn exercises() -> Vec<(String, &'static str, Exercise)> {
    let all: Vec<_> = templates()
        .flat_map(|template| Level::ALL.map(|level| (template, level)))
        .collect();
    let made = all.par_iter().flat_map_iter(|&(template, level)| {
        let generator = Generator::new(template, level, &Cancel::default()).unwrap();
        ["1", "2"].map(|seed| {
            let name = format!("{} {} {seed}", template.name, level.number());
            (name, template.name, exercise(&generator, &[seed]))
        })
    });
    made.collect()
}

/// The scenario's gradients under another rule for ties.
fn under(ties: Ties, json: &str) -> Vec<Tensor> {
    let options = Options {
        ties: Some(ties),
        ..Options::default()
    };
    let scenario = Scenario::read("exercise", json.as_bytes(), &NoFiles, options).unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    scenario
        .network
        .ids()
        .map(|id| backprop.gradient(id).clone())
        .collect()
}

#[test]
fn the_numbers_are_small_exact_and_alive() {
    for (
        name,
        template,
        Exercise {
            json,
            scenario,
            backprop,
            ..
        },
    ) in exercises()
    {
        for id in scenario.network.ids() {
            for &number in backprop
                .tape()
                .value(id)
                .data()
                .iter()
                .chain(backprop.gradient(id).data())
            {
                assert!(number.abs() < 100.0, "{name}: {number}");
                assert!(
                    template == "softmax-cross-entropy" || (number * 8.0).fract() == 0.0,
                    "{name}: {number}"
                );
            }
        }
        let has_ties = under(Ties::First, &json) != under(Ties::All, &json);
        assert_eq!(has_ties, template == "pool-ties", "{name}");
        for &tensor in asked(&scenario, &backprop).tensors() {
            let gradient = backprop.gradient(tensor).data();
            let n_nonzero = gradient.iter().filter(|&&number| number != 0.0).count();
            assert!(
                n_nonzero >= gradient.len().min(2),
                "{name}: {} is dead",
                scenario.network.tensor(tensor).name
            );
        }
        let again =
            Scenario::read("exercise", json.as_bytes(), &NoFiles, Options::default()).unwrap();
        assert_eq!(
            (again.leaves, again.upstream),
            (scenario.leaves, scenario.upstream),
            "{name}"
        );
    }
}

/// Whether marking at its usual tolerance takes neither number for the other.
fn differ(one: f64, other: f64, bounds: Bounds) -> bool {
    !bounds.is_right(one, other) && !bounds.is_right(other, one)
}

fn is_listed(inseparable: &[Inseparable], tensor: &str, slips: &[&str]) -> bool {
    inseparable
        .iter()
        .any(|one| one.tensor == tensor && one.slips.iter().all(|slip| slips.contains(slip)))
}

#[test]
fn slips_that_are_not_listed_are_told_apart() {
    for (
        name,
        _,
        Exercise {
            scenario,
            backprop,
            inseparable,
            ..
        },
    ) in exercises()
    {
        for &tensor in asked(&scenario, &backprop).tensors() {
            let of = &scenario.network.tensor(tensor).name;
            let right = backprop.gradient(tensor).data().to_vec();
            let largest = right
                .iter()
                .fold(0.0, |largest: f64, x| largest.max(x.abs()));
            let tolerance = Tolerance::default();
            let of_step = bounds_of_step(&backprop, tensor, tolerance);
            let bounds = of_step.unwrap_or_else(|| tolerance.at(largest));
            let ways = singles(&backprop, tensor, None, &Cancel::default())
                .unwrap()
                .into_iter()
                .map(|hypothesis| {
                    (
                        hypothesis.ids().next().unwrap(),
                        hypothesis.gradient(&backprop, tensor).unwrap(),
                    )
                });
            let ways: Vec<(&str, Vec<f64>)> = [("", right)].into_iter().chain(ways).collect();
            for (number, (one, a)) in ways.iter().enumerate() {
                for (other, b) in &ways[number + 1..] {
                    let shows = a.iter().zip(b).any(|(&a, &b)| differ(a, b, bounds));
                    assert!(
                        one == other || shows || is_listed(&inseparable, of, &[one, other]),
                        "{name}: {of}: {one} {other}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_slips_of_an_update_show_in_its_exercises() {
    for (name, own) in [
        ("descent-step", "rate-left-out"),
        ("momentum-step", "momentum-forgotten"),
        ("weight-decay-step", "weight-decay-left-out"),
    ] {
        let template = backstep::exercise::template(name).unwrap();
        for level in Level::ALL {
            let generator = Generator::new(template, level, &Cancel::default()).unwrap();
            let exercise = exercise(&generator, &["1"]);
            let network = &exercise.scenario.network;
            let new = network.find("y.weight.new").unwrap();
            assert!(
                asked(&exercise.scenario, &exercise.backprop).has(new),
                "{name}"
            );
            let all = singles(&exercise.backprop, new, None, &Cancel::default()).unwrap();
            let is_own = |hypothesis: &&Hypothesis| hypothesis.ids().eq([own]);
            let own_slip = all.iter().find(is_own).unwrap_or_else(|| panic!("{name}"));
            let marked = mark(&exercise, &answer(&exercise, new, own_slip));
            assert_eq!(marked.submission.slips(), [own], "{name} {level:?}");
        }
    }
}

#[test]
fn few_slips_cannot_be_told_apart() {
    let mut avoidable = Vec::new();
    for (name, _, exercise) in exercises() {
        avoidable.extend(
            exercise
                .inseparable
                .into_iter()
                .filter(|one| !one.always)
                .map(|one| format!("{name}: {one:?}")),
        );
    }
    assert!(avoidable.len() <= 12, "{}", avoidable.join("\n"));
}

#[test]
fn an_exercise_depends_on_its_seed_alone() {
    let template = backstep::exercise::template("pool-to-fc").unwrap();
    let make = || {
        let generator = Generator::new(template, Level::Two, &Cancel::default()).unwrap();
        exercise(&generator, &["week 4", "student s1"]).json
    };
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let first = make();
    assert_eq!(one_thread.install(make), first);
    insta::assert_snapshot!(first);
}

/// The answer of somebody who works out one tensor by a hypothesis and has the others right.
fn answer(exercise: &Exercise, tensor: TensorId, hypothesis: &Hypothesis) -> Answer {
    let Exercise {
        scenario, backprop, ..
    } = exercise;
    let numbers = |id: TensorId| {
        let right = || backprop.gradient(id).data().to_vec();
        if id == tensor {
            hypothesis.gradient(backprop, id).unwrap()
        } else {
            right()
        }
    };
    let asked = asked(scenario, backprop);
    let gradients = asked
        .tensors()
        .iter()
        .map(|&id| (id, numbers(id).into_iter().map(Some).collect()));
    Answer {
        gradients: gradients.collect(),
        ..Answer::default()
    }
}

fn mark(exercise: &Exercise, answer: &Answer) -> Marked {
    let Exercise {
        scenario, backprop, ..
    } = exercise;
    let asked = asked(scenario, backprop);
    MarkScheme::new(
        scenario.clone(),
        backprop.clone(),
        Some(asked),
        ChosenTolerance::default(),
    )
    .mark("a.json", "s1", answer, &Cancel::default())
    .unwrap()
}

#[test]
fn every_slip_of_a_class_is_named() {
    let mut named = BTreeSet::new();
    let roster: String = (1..=30).map(|n| format!("s{n}\n")).collect();
    let roster = Roster::read("students.csv", format!("id\n{roster}").as_bytes(), None).unwrap();
    let generator = Generator::new(
        backstep::exercise::template("pool-to-fc").unwrap(),
        Level::Two,
        &Cancel::default(),
    )
    .unwrap();
    for (number, student) in roster.students.iter().enumerate() {
        let exercise = exercise(&generator, &["week 4", &student.id]);
        let pool = exercise.scenario.network.find("pool").unwrap();
        let visible: Vec<Hypothesis> = singles(&exercise.backprop, pool, None, &Cancel::default())
            .unwrap()
            .into_iter()
            .filter(|hypothesis| {
                !is_listed(
                    &exercise.inseparable,
                    "pool",
                    &[hypothesis.ids().next().unwrap()],
                )
            })
            .collect();
        let hypothesis = &visible[number % visible.len()];
        let slip = hypothesis.ids().next().unwrap();
        let marked = mark(&exercise, &answer(&exercise, pool, hypothesis));
        let report = marked
            .submission
            .tensors
            .iter()
            .find(|tensor| tensor.name == "pool")
            .unwrap();
        let mut singly: Vec<&str> = report
            .diagnosis
            .iter()
            .filter(|row| row.agrees == row.total && row.slips().len() == 1)
            .map(|row| row.slips()[0])
            .collect();
        assert!(
            singly.contains(&slip),
            "{}: {slip} in {:?}",
            student.id,
            report.diagnosis
        );
        // Whatever else is named is what the exercise says it cannot tell from it, or what only a
        // learner's own numbers show.
        singly.retain(|other| {
            *other != slip
                && *other != "constant-factor"
                && !is_listed(&exercise.inseparable, "pool", &[slip, other])
        });
        assert_eq!(singly, [""; 0], "{}: {slip}", student.id);
        named.insert(slip);
    }
    assert!(named.len() >= 15, "{named:?}");
}

/// A number with another digit, without a digit, without its sign, and with the point one place
/// off.
fn mistyped(number: f64) -> [f64; 4] {
    let text = exact(number);
    let at = text.rfind(|c: char| c.is_ascii_digit()).unwrap();
    let digit = text[at..=at].parse::<u32>().unwrap();
    let typed = |digits: &str| format!("{}{digits}{}", &text[..at], &text[at + 1..]);
    let read = |text: String| text.parse().unwrap_or(0.0);
    let another = typed(&((digit + 1) % 10).to_string());
    [read(another), read(typed("")), -number, number / 10.0]
}

#[test]
fn hardly_anybody_who_mistypes_a_number_is_told_of_a_slip() {
    let all: Vec<_> = templates().collect();
    let accused: Vec<String> = all
        .par_iter()
        .flat_map_iter(|template| {
            let generator = Generator::new(template, Level::Two, &Cancel::default()).unwrap();
            let exercise = exercise(&generator, &["1"]);
            let backprop = &exercise.backprop;
            let right: BTreeMap<TensorId, Vec<f64>> = asked(&exercise.scenario, backprop)
                .tensors()
                .iter()
                .map(|&id| (id, backprop.gradient(id).data().to_vec()))
                .collect();
            let mut accused = Vec::new();
            for (&tensor, numbers) in &right {
                let at = numbers.iter().rposition(|number| *number != 0.0).unwrap();
                for typed in mistyped(numbers[at]) {
                    let mut theirs = right.clone();
                    theirs.get_mut(&tensor).unwrap()[at] = typed;
                    let theirs = theirs.into_iter();
                    let gradients =
                        theirs.map(|(id, all)| (id, all.into_iter().map(Some).collect()));
                    let answer = Answer {
                        gradients: gradients.collect(),
                        ..Answer::default()
                    };
                    let slips = mark(&exercise, &answer).submission.slips();
                    if !slips.is_empty() {
                        accused.push(format!(
                            "{}: {} is {typed}: {slips:?}",
                            template.name, numbers[at]
                        ));
                    }
                }
            }
            accused
        })
        .collect();
    assert!(accused.len() <= 1, "{accused:#?}");
}

#[test]
fn the_key_is_a_correct_answer() {
    for (name, template, exercise) in exercises() {
        let mut key = Vec::new();
        let origin = Origin {
            template,
            level: Some(1),
            assignment: "week \"4\"",
            student: Some("s1"),
        };
        exercise.write_key(origin, &mut key).unwrap();
        let answer = Answer::read("key.json", &key, &exercise.scenario.network).unwrap();
        let submission = mark(&exercise, &answer).submission;
        assert_eq!(
            (submission.verdict, submission.student.as_str()),
            (Verdict::Correct, "s1"),
            "{name}"
        );
        let json: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&key).unwrap();
        assert_eq!(json["scenario_sha256"], exercise.scenario.sha256());
        assert_eq!(
            json["inseparable"].as_array().unwrap().len(),
            exercise.inseparable.len()
        );
    }
}

const OWN: &str = r#"{ "backstep": 1, "title": "my own",
  "inputs": { "x": [[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]] },
  "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
    { "name": "flat", "op": "flatten" },
    { "name": "fc", "op": "linear", "weight": [[1, 3, -1, 2], [0.5, 1, 4, 3], [0, 2, 1, -1]] }],
  "upstream": { "fc": [2, 3, 6] }, "ask": ["pool"] }"#;

#[test]
fn a_scenario_of_ones_own_is_a_template() {
    let roster = "id\nada\nalan\n";
    let folder = Folder::with(&[("my.json", OWN), ("class.csv", roster)]);
    let ran = folder.run("generate my.json --roster class.csv -o week/");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let read = |student: &str| folder.read(&format!("week/{student}/scenario.json"));
    assert_ne!(read("ada"), read("alan"));
    for student in ["ada", "alan"] {
        let json = read(student);
        let is_number = |c: char| c.is_ascii_digit() || "-. ".contains(c);
        let words = |json: &str| json.split(is_number).collect::<String>();
        assert_eq!(words(&json), words(OWN), "all but the numbers stays");
        let scenario =
            Scenario::read("own", json.as_bytes(), &NoFiles, Options::default()).unwrap();
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        assert!(!is_tied(&backprop), "{json}");
        let key = folder.read(&format!("week/{student}/key.json"));
        let key: serde_json::Value = serde_json::from_str(&key).unwrap();
        assert_eq!(key["template"], "my own");
    }
    let again = folder.run("generate my.json --roster class.csv -o again/");
    assert_eq!(again.code, Some(0));
    assert_eq!(folder.read("again/ada/scenario.json"), read("ada"));
}

/// Whether two numbers of some window are the largest.
fn is_tied(backprop: &Backprop) -> bool {
    let x = backprop.tape().value(TensorId(0)).data();
    (0..4).any(|window| {
        let corner = window / 2 * 8 + window % 2 * 2;
        let mut numbers = [0, 1, 4, 5].map(|at| x[corner + at]);
        numbers.sort_by(f64::total_cmp);
        numbers[2] == numbers[3]
    })
}

#[test]
fn what_is_no_template_says_so() {
    let ones = r#"{ "backstep": 1, "inputs": { "x": [1, 1] },
        "layers": [{ "name": "y", "op": "linear", "weight": [[1, 1]] }] }"#;
    let folder = Folder::with(&[("my.json", OWN), ("ones.json", ones)]);
    let said = |arguments: &str| folder.refused(arguments).lines().next().unwrap().to_owned();
    assert_eq!(
        said("generate my.json --level 2"),
        "error: a scenario of your own has no levels"
    );
    assert_eq!(
        said("generate ones.json"),
        "error: `ones.json` is no template: in each of its tensors all numbers are the same, and \
         these are kept"
    );
    // What stands in a file may be no number, in what is drawn and in what is kept.
    for (number, what) in [(f64::NAN, "NaN"), (f64::NEG_INFINITY, "infinite")] {
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
        let header = format!("{header:<117}\n");
        let numbers = [1.0_f64, number].map(f64::to_le_bytes).concat();
        let file = [b"\x93NUMPY\x01\0\x76\0", header.as_bytes(), &numbers].concat();
        fs::write(folder.path("x.npy"), file).unwrap();
        let net = |x: &str, mask: &str| {
            format!(
                r#"{{ "backstep": 1, "inputs": {{ "x": {x} }}, "upstream": {{ "y": [2, 3] }},
                    "layers": [{{ "name": "y", "op": "dropout", "p": 0.5, "mask": {mask} }}] }}"#
            )
        };
        let own = r#"{ "file": "x.npy" }"#;
        fs::write(folder.path("x.json"), net(own, "[1, 0]")).unwrap();
        fs::write(folder.path("mask.json"), net("[1, 2]", own)).unwrap();
        fs::write(folder.path("class.csv"), "id\nada\n").unwrap();
        let refusal = format!(
            "error: `x.json` is no template: `x[1]` is {what}, and an exercise has finite numbers \
             only"
        );
        assert_eq!(said("generate x.json"), refusal);
        assert_eq!(said("generate x.json --roster class.csv -o week"), refusal);
        let kept = said("generate mask.json");
        assert!(kept.starts_with("error: "), "{kept}");
    }
    assert_eq!(
        said("generate pool-to"),
        "error: there is no template `pool-to`"
    );
}
