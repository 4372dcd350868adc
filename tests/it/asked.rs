//! Homework that asks for single neurons: on its sheets, in its answers and in its marks.

use serde_json::{Value, json};

use crate::cli::Folder;

/// The gradients of `pool` are 3.5, 15, 4 and −2. Two of them are asked for, three of `x`, one of
/// which gets something, and of `fc.bias` all.
const SCENARIO: &str = r#"{ "backstep": 1,
  "inputs": { "x": [[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]] },
  "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
    { "name": "flat", "op": "flatten" },
    { "name": "fc", "op": "linear", "activation": "relu", "bias": [1, 1, 1],
      "weight": [[1, 0, -1, 2], [0.5, 1, 0, 0], [0, 2, 1, -1]] }],
  "upstream": { "fc": [2, 3, 6] },
  "ask": ["pool[1,1]", "x[0,2]", "pool[0,1]", "x[0,0]", "x[0,1]", "fc.bias"],
  "notes": { "pool[0,1]": "fifteen", "pool[0,0]": "three and a half", "pool": "each a sum" } }"#;

const ROWS: &str = "tensor,index,grad\npool,\"[0,1]\",\npool,\"[1,1]\",\nx,\"[0,0]\",\n\
                    x,\"[0,1]\",\nx,\"[0,2]\",\nfc.bias,[0],\nfc.bias,[1],\nfc.bias,[2],\n";

fn folder() -> Folder {
    Folder::with(&[("s.json", SCENARIO)])
}

/// The marks of an answer: by tensor, what is right, carried, wrong and blank of how many.
#[track_caller]
fn marks(folder: &Folder, answer: &str, arguments: &str) -> Vec<(String, [u64; 5])> {
    let ran = folder.run(&format!("check s.json {answer} --format json {arguments}"));
    let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    let tensors = report["submissions"][0]["tensors"].as_array().unwrap();
    let counts = ["correct", "carried", "wrong", "blank", "total"];
    let of = |tensor: &Value| {
        let name = tensor["name"].as_str().unwrap().to_owned();
        (name, counts.map(|count| tensor[count].as_u64().unwrap()))
    };
    tensors.iter().map(of).collect()
}

fn named(marks: [(&str, [u64; 5]); 3]) -> Vec<(String, [u64; 5])> {
    let owned = marks.map(|(name, counts)| (name.to_owned(), counts));
    owned.into()
}

#[test]
fn a_sheet_asks_for_no_other_neuron() {
    let folder = folder();
    let rows = folder.fine("worksheet s.json --format csv");
    let is_other = |row: &&str| !row.starts_with("exercise");
    let asked: Vec<&str> = rows.lines().filter(is_other).collect();
    assert_eq!(asked, ROWS.lines().collect::<Vec<_>>());
    let grads = &folder.json("worksheet s.json --format json")["grads"];
    let blank = json!({ "pool[0,1]": null, "pool[1,1]": null, "x[0,0]": null, "x[0,1]": null,
        "x[0,2]": null, "fc.bias": [null, null, null] });
    assert_eq!(*grads, blank);

    let page = folder.fine("worksheet s.json");
    assert_eq!(page.matches("<input class=\"gradient\"").count(), 8);
    assert!(page.contains("that has a blank: 8 numbers in all"));
    let has = |text: &str| page.contains(text);
    assert!(has("three and a half") && !has("fifteen") && !has("each a sum"));
    let table = "| **0** | – |  |\n| **1** | – |  |\n";
    assert!(folder.fine("worksheet s.json --format md").contains(table));
    assert!(
        folder
            .fine("worksheet s.json --format tex")
            .contains(" & -- &  \\\\ \\hline")
    );

    let chosen = folder.fine("worksheet s.json --ask pool[0,1],fc.bias --format csv");
    assert_eq!(chosen.lines().count(), 2 + 1 + 3);
    folder.refused("worksheet s.json --ask pool[2,0]");
}

#[test]
fn a_solution_works_out_no_other_neuron() {
    let solution = folder().fine("export s.json --format md");
    assert!(solution.contains("| **0** | – | 15 |\n| **1** | – | −2 |\n"));
    let headings = solution.lines().filter(|line| line.starts_with("### "));
    let shown: Vec<&str> = headings
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    let bias = ["fc.bias[0]", "fc.bias[1]", "fc.bias[2]"];
    let pool = ["pool[0,1]", "pool[1,1]", "x[0,0]", "x[0,1]", "x[0,2]"];
    assert_eq!(shown, [&pool[..2], &bias, &pool[2..]].concat());
}

#[test]
fn only_asked_numbers_are_marked_and_carry() {
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path(name), text).unwrap();
    let expected = named([
        ("pool", [1, 0, 1, 0, 2]),
        ("x", [2, 1, 0, 0, 3]),
        ("fc.bias", [3, 0, 0, 0, 3]),
    ]);
    // 11 for 15 at `pool[0,1]` is carried on to `x[0,2]`; what was not asked for may be anything.
    let whole = json!({ "format": "backstep-answer/1", "grads": { "fc.bias": [2, 3, 6],
        "pool": [[99, 11], ["?", -2]], "x": [[0, 0, 11, 7], [7, 7, 7, 7], [7, 7, 7, 7], [7, 7, 7, 7]] } });
    write("whole.json", &whole.to_string());
    let single = json!({ "format": "backstep-answer/1", "grads": { "pool[0,1]": "11",
        "pool[1,1]": -2, "x[0,0]": 0, "x[0,1]": 0, "x[0,2]": 11, "fc.bias": [2, 3, 6] } });
    write("single.json", &single.to_string());
    let filled = ["11", "-2", "0", "0", "11", "2", "3", "6"].into_iter();
    let rows = ROWS
        .lines()
        .skip(1)
        .zip(filled)
        .map(|(row, number)| format!("{row}{number}\n"));
    write(
        "rows.csv",
        &format!("tensor,index,grad\n{}", rows.collect::<String>()),
    );
    for file in ["whole.json", "single.json", "rows.csv"] {
        assert_eq!(marks(&folder, file, ""), expected, "{file}");
    }
    // Of `x` the two zeros are one point: 1 of 2, 2 of 2 and 3 of 3.
    let report = folder.run("check s.json single.json --format json");
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let one = &report["submissions"][0];
    assert_eq!((&one["points"], &one["max_points"]), (&json!(6), &json!(7)));

    // The answer has 99 where 3.5 is right; that is nobody's business, nor what it leads to.
    let other = marks(&folder, "whole.json", "--ask x[1,0]");
    assert_eq!(other, [("x".to_owned(), [0, 0, 1, 0, 1])]);
    let hidden = folder.run("check s.json single.json --hide-expected");
    assert!(hidden.out.contains("pool[0,1] is 11") && !hidden.out.contains("15"));
}

#[test]
fn arrays_are_marked_where_they_are_asked_for() {
    let folder = folder();
    folder.fine("export s.json --format npz -o right.npz");
    let all = |n: u64| [n, 0, 0, 0, n];
    let expected = named([("pool", all(2)), ("x", all(3)), ("fc.bias", all(3))]);
    assert_eq!(marks(&folder, "right.npz", ""), expected);
}

#[test]
fn an_exercise_asks_for_the_same_neurons_and_its_key_is_right() {
    let folder = folder();
    folder.run("generate s.json --seed 5 --count 1 -o out");
    let key: Value = serde_json::from_str(&folder.read("out/1/key.json")).unwrap();
    let names: Vec<&String> = key["grads"].as_object().unwrap().keys().collect();
    let neurons = [
        "fc.bias",
        "pool[0,1]",
        "pool[1,1]",
        "x[0,0]",
        "x[0,1]",
        "x[0,2]",
    ];
    assert_eq!(names, neurons);
    let ran = folder.run("check out/1/scenario.json out/1/key.json");
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let n_rows = folder.read("out/1/worksheet.csv").lines().count();
    assert_eq!(n_rows, 2 + neurons.len() - 1 + 3);
}
