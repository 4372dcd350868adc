//! Several scenarios as one: nothing of any of them is lost, and one answer is marked to all.

use backstep::backprop::Backprop;
use backstep::exercise::asked;
use backstep::gallery;
use backstep::scenario::{NoFiles, Options, Part, Scenario, joined};
use backstep::tape::MAX_ELEMENTS;
use backstep::tensor::Arithmetic;
use serde_json::Value;

use crate::cli::Folder;

fn parts() -> Vec<Part> {
    let part = |item: &gallery::Item| {
        let scenario = item.open(Options::default()).unwrap();
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        Part {
            name: item.name.replace('-', "_"),
            asked: asked(&scenario, &backprop),
            scenario,
        }
    };
    // Several networks have no one loss to train by, and one scenario has one precision.
    let parts = gallery::ALL.iter().map(part);
    let is_plain = |part: &Part| part.scenario.arithmetic == Arithmetic::default();
    let parts = parts.filter(is_plain);
    parts.filter(|part| part.scenario.train.is_none()).collect()
}

#[test]
fn each_tensor_of_the_gallery_is_the_same_beside_all_others() {
    let parts = parts();
    let text = joined(&parts, MAX_ELEMENTS).unwrap();
    let options = Options::default();
    let all = Scenario::read("all.json", text.as_bytes(), &NoFiles, options).unwrap();
    let together = Backprop::run(all.tape(), all.upstream.clone());
    let mut names = Vec::new();
    for Part {
        name,
        scenario,
        asked,
    } in &parts
    {
        let alone = Backprop::run(scenario.tape(), scenario.upstream.clone());
        for id in scenario.network.ids() {
            let own = scenario.network.tensor(id);
            let other = all.network.find(&format!("{name}.{}", own.name)).unwrap();
            let bits = |backprop: &Backprop, id| -> Vec<u64> {
                let both = [backprop.tape().value(id), backprop.gradient(id)];
                both.iter()
                    .flat_map(|one| one.data())
                    .map(|x| x.to_bits())
                    .collect()
            };
            assert_eq!(
                bits(&alone, id),
                bits(&together, other),
                "{name}.{}",
                own.name
            );
            assert_eq!(scenario.notes.tensor(id, 1), all.notes.tensor(other, 1));
            assert_eq!(scenario.points.get(&id), all.points.get(&other));
        }
        let tensors = asked.tensors().iter();
        names.extend(tensors.map(|&id| format!("{name}.{}", scenario.network.tensor(id).name)));
    }
    let n_notes = parts
        .iter()
        .map(|part| part.scenario.notes.elements(1).count());
    assert_eq!(all.notes.elements(1).count(), n_notes.sum::<usize>());
    let asked = all.ask.unwrap();
    let name = |id| all.network.tensor(id).name.clone();
    assert_eq!(
        asked
            .tensors()
            .iter()
            .map(|&id| name(id))
            .collect::<Vec<_>>(),
        names
    );
}

const LINE: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] }, "gradients": "pre-activation",
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 3]], "activation": "tanh" }],
  "ask": ["x[1]", "a.weight"], "points": { "x": 4 }, "notes": { "x[0]": "one" } }"#;

#[test]
fn one_answer_is_marked_to_all() {
    let folder = Folder::with(&[("line.json", LINE)]);
    folder.fine("join line.json week.4=through-time -o sheet.json");
    let sheet = folder.fine("worksheet sheet.json");
    let cards = ["line.x", "line.a", "week.4.x1", "week.4.h1", "week.4.x2"];
    let order = cards.map(|name| sheet.find(&format!("<code>{name}</code></h2>")).unwrap());
    assert!(order.is_sorted(), "{order:?}");

    let csv = folder.fine("worksheet sheet.json --format csv");
    assert_eq!(
        csv.lines().filter(|row| row.starts_with("line.x")).count(),
        1
    );
    folder.fine("export sheet.json --format npz -o right.npz");
    let ran = folder.run("check sheet.json right.npz --format json");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let one = &report["submissions"][0];
    let tensors = one["tensors"].as_array().unwrap().iter();
    let names: Vec<&str> = tensors.map(|one| one["name"].as_str().unwrap()).collect();
    let week = ["h2", "h1", "ih.weight", "hh.weight"].map(|name| format!("week.4.{name}"));
    let line = ["line.x".to_owned(), "line.a.weight".to_owned()];
    assert_eq!(names, [&line[..], &week].concat());
    assert_eq!(
        (&one["verdict"], &one["max_points"]),
        (&"correct".into(), &18.into())
    );
}

#[test]
fn two_parts_have_two_names() {
    let folder = Folder::with(&[("line.json", LINE)]);
    let says = folder.refused("join line.json line.json");
    assert!(says.contains("two scenarios are called `line`"), "{says}");
    folder.fine("join line.json other=line.json");
}
