//! The export formats, read back: each says to the last bit what the engine found.

use std::io::Cursor;

use backstep::backprop::Backprop;
use backstep::export::{Detail, FORMATS, Selection, Subject, format};
use backstep::gallery;
use backstep::ops::FactorKind;
use backstep::scenario::tensor_file::{Kind, TensorFile};
use backstep::scenario::{Options, Scenario};
use backstep::tape;
use backstep::tensor::{Address, Element, TensorId};
use safetensors::SafeTensors;
use serde_json::Value;

use crate::cases::{cases, flat, read};

/// A scenario's run under its name.
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) backprop: Backprop,
}

impl Run {
    pub(crate) fn new(name: impl Into<String>, scenario: Scenario) -> Self {
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        Self {
            name: name.into(),
            scenario,
            backprop,
        }
    }

    pub(crate) fn export(&self, name: &str) -> Vec<u8> {
        self.export_with(name, Detail::Contributions)
    }

    pub(crate) fn export_with(&self, name: &str, detail: Detail) -> Vec<u8> {
        let selection = Selection {
            detail,
            tensors: None,
            steps: 0..usize::MAX,
        };
        let mut out = Vec::new();
        let subject = Subject {
            scenario: &self.scenario,
            backprop: &self.backprop,
        };
        (format(name).unwrap().write)(subject, &selection, &mut out).unwrap();
        out
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.export("json")).unwrap()
    }

    /// The arrays of the formats that hold nothing else: the gradients, then the values.
    fn arrays(&self) -> Vec<(String, Vec<usize>, &[f64])> {
        let network = self.backprop.network();
        let array = |name: String, tensor| (name, network.tensor(tensor).shape.to_vec());
        let gradients = network.ids().map(|id| {
            let (name, shape) = array(network.tensor(id).name.clone(), id);
            (name, shape, self.backprop.gradient(id).data())
        });
        // What becomes of a parameter has no value beside that.
        let has_value = |id: &TensorId| !matches!(network.tensor(*id).kind, tape::Kind::Updated(_));
        let values = network.ids().filter(has_value).map(|id| {
            let (name, shape) = array(format!("value/{}", network.tensor(id).name), id);
            (name, shape, self.backprop.tape().value(id).data())
        });
        gradients.chain(values).collect()
    }
}

/// The gallery's scenarios.
pub(crate) fn gallery() -> impl Iterator<Item = Run> {
    gallery::ALL
        .iter()
        .map(|item| Run::new(item.name, item.open(Options::default()).unwrap()))
}

/// The gallery's scenarios and the reference cases.
pub(crate) fn runs() -> impl Iterator<Item = Run> {
    gallery().chain(
        cases()
            .into_iter()
            .map(|path| Run::new(path.file_stem().unwrap().to_str().unwrap(), read(&path))),
    )
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|&number| bits_of(number)).collect()
}

/// The bits of a number; those of NaN are the same whichever it is.
fn bits_of(number: f64) -> u64 {
    if number.is_nan() { f64::NAN } else { number }.to_bits()
}

#[test]
fn lines_of_json_say_what_the_trace_says() {
    for run in runs() {
        let mut trace = run.json();
        let text = String::from_utf8(run.export("jsonl")).unwrap();
        let mut lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let head = lines.next().unwrap();
        assert_eq!(
            lines.collect::<Value>(),
            trace["steps"].take(),
            "{}",
            run.name
        );
        trace.as_object_mut().unwrap().remove("steps");
        assert_eq!(head, trace, "{}", run.name);
    }
}

#[test]
fn arrays_read_back_to_the_last_bit() {
    for run in runs() {
        for (name, kind) in [("npz", Kind::Npz), ("safetensors", Kind::Safetensors)] {
            let bytes = run.export(name);
            let mut expected: Vec<String> =
                run.arrays().into_iter().map(|(name, ..)| name).collect();
            expected.sort();
            let mut file = TensorFile::open(kind, Cursor::new(&bytes)).unwrap();
            assert_eq!(file.keys(), expected, "{}", run.name);
            for (key, shape, data) in run.arrays() {
                let tensor = file.tensor(Some(&key), usize::MAX).unwrap();
                assert_eq!(
                    (tensor.shape().to_vec(), bits(tensor.data())),
                    (shape, bits(data)),
                    "{}: {key} in {name}",
                    run.name
                );
            }
        }
    }
}

#[test]
fn the_safetensors_crate_reads_what_is_written() {
    for run in gallery() {
        let bytes = run.export("safetensors");
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.len(), run.arrays().len());
        for (key, shape, data) in run.arrays() {
            let view = tensors.tensor(&key).unwrap();
            let expected: Vec<u8> = bits(data).into_iter().flat_map(u64::to_le_bytes).collect();
            assert_eq!(
                (view.shape(), view.data()),
                (&shape[..], &expected[..]),
                "{}: {key}",
                run.name
            );
        }
    }
}

/// The rows of a table, each with its cells by their column's title.
fn rows(table: &[u8]) -> (Vec<String>, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(table);
    let titles = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    (titles, reader.records().map(Result::unwrap).collect())
}

fn element(run: &Run, tensor: &str, index: &str) -> Element {
    run.scenario
        .network
        .element(&format!("{tensor}{index}").parse::<Address>().unwrap())
        .unwrap()
}

#[test]
fn the_rows_of_a_step_add_up_to_its_gradient() {
    for run in runs() {
        let (titles, rows) = rows(&run.export("csv"));
        let column = |title: &str| titles.iter().position(|known| known == title).unwrap();
        let factors = column("upstream") + 1..column("product");
        let mut rows = rows.iter().peekable();
        for (step, at) in run.backprop.steps().iter() {
            let mut terms = Vec::new();
            let mut sum = 0.0;
            while let Some(row) = rows.next_if(|row| row[column("step")] == (step + 1).to_string())
            {
                let number = |title: &str| row[column(title)].parse::<f64>().unwrap();
                assert_eq!(
                    element(&run, &row[column("tensor")], &row[column("index")]),
                    at
                );
                sum = if terms.is_empty() && sum == 0.0 {
                    number("product") + 0.0
                } else {
                    sum + number("product")
                };
                assert_eq!(
                    bits_of(sum),
                    bits_of(number("running_sum")),
                    "{}: {row:?}",
                    run.name
                );
                if &row[column("term")] == "0" {
                    assert!(
                        terms.is_empty() && row[column("from")].is_empty(),
                        "{}: {row:?}",
                        run.name
                    );
                    continue;
                }
                terms.push(element(
                    &run,
                    &row[column("from")],
                    &row[column("from_index")],
                ));
                assert_eq!(row[column("term")], terms.len().to_string());
                let factors = row
                    .iter()
                    .skip(factors.start)
                    .take(factors.len())
                    .filter(|cell| !cell.is_empty());
                let product = factors.fold(number("upstream"), |product, cell| {
                    product * cell.parse::<f64>().unwrap()
                });
                // Of the two zeros a closed gate makes the positive one.
                assert_eq!(
                    bits_of(product + 0.0),
                    bits_of(number("product") + 0.0),
                    "{}: {row:?}",
                    run.name
                );
            }
            let expected: Vec<Element> = run
                .backprop
                .contributions(at)
                .iter()
                .map(|term| term.from)
                .collect();
            assert_eq!(terms, expected, "{}: step {}", run.name, step + 1);
            let rounded = run.backprop.arithmetic().precision.round(sum);
            assert_eq!(
                bits_of(rounded + 0.0),
                bits_of(run.backprop.element(at) + 0.0),
                "{}: step {}",
                run.name,
                step + 1
            );
        }
        assert_eq!(rows.next(), None, "{}", run.name);
    }
}

#[test]
fn no_step_is_missing_from_the_table() {
    let text = r#"{ "backstep": 1, "inputs": { "x": [1, 2, 3, 4] },
        "layers": [{ "name": "a", "op": "max_pool1d", "kernel_size": 1, "stride": 3 }, { "name": "b", "op": "sum", "from": "a" }],
        "upstream": { "a": [5, -6], "b": 1 } }"#;
    let scenario = Scenario::read(
        "",
        text.as_bytes(),
        &backstep::scenario::NoFiles,
        Options::default(),
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(Run::new("", scenario).export("csv")).unwrap(), @"
    step,tensor,index,term,from,from_index,upstream,slope,weight,input,winner,share,operand,sign,jacobian,scale,product,running_sum
    1,a,[0],0,,,,,,,,,,,,,5,5
    1,a,[0],1,b,[],1,,,,,,,,,,1,6
    2,a,[1],0,,,,,,,,,,,,,-6,-6
    2,a,[1],1,b,[],1,,,,,,,,,,1,-5
    3,x,[0],1,a,[0],6,,,,1,,,,,,6,6
    4,x,[1],0,,,,,,,,,,,,,0,0
    5,x,[2],0,,,,,,,,,,,,,0,0
    6,x,[3],1,a,[1],-5,,,,1,,,,,,-5,-5
    ");
}

#[test]
fn a_factor_has_a_column_of_its_own() {
    let text = r#"{ "backstep": 1, "inputs": { "x": [3], "y": [5], "z": [7] },
        "layers": [{ "name": "p", "op": "mul", "from": ["x", "y", "z"] }] }"#;
    let scenario = Scenario::read(
        "",
        text.as_bytes(),
        &backstep::scenario::NoFiles,
        Options::default(),
    )
    .unwrap();
    let (titles, rows) = rows(&Run::new("", scenario).export("csv"));
    // Nothing is updated here.
    let kinds = FactorKind::ALL
        .into_iter()
        .filter(|kind| !kind.is_of_updates());
    assert_eq!(titles.len(), kinds.count() + 10);
    let cells = |title: &str| {
        let column = titles.iter().position(|known| known == title).unwrap();
        rows.iter()
            .map(|row| row[column].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(cells("operand"), ["5", "3", "3"]);
    assert_eq!(cells("operand_2"), ["7", "7", "5"]);
}

#[test]
fn no_cell_is_a_formula() {
    for run in runs() {
        for detail in [Detail::Tensors, Detail::Steps, Detail::Contributions] {
            for cell in rows(&run.export_with("csv", detail)).1.iter().flatten() {
                let begins_one = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(
                    !begins_one || cell.parse::<f64>().is_ok(),
                    "{}: {cell:?}",
                    run.name
                );
            }
        }
    }
}

#[test]
fn tables_with_less_detail_have_a_row_for_each_step_or_element() {
    for run in gallery() {
        let (titles, steps) = rows(&run.export_with("csv", Detail::Steps));
        assert_eq!(
            titles,
            ["step", "tensor", "index", "value", "given_upstream", "grad"]
        );
        assert_eq!(steps.len(), run.backprop.steps().len());
        let (titles, elements) = rows(&run.export_with("csv", Detail::Tensors));
        assert_eq!(titles, ["tensor", "index", "value", "grad"]);
        let trace = run.json();
        let gradients = trace["tensors"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|tensor| tensor["kind"] != "updated")
            .flat_map(|tensor| flat(&tensor["grad"]));
        let told = elements.iter().filter(|row| !row[3].is_empty());
        let told: Vec<f64> = told.map(|row| row[3].parse().unwrap()).collect();
        assert_eq!(
            bits(&told),
            bits(&gradients.collect::<Vec<_>>()),
            "{}",
            run.name
        );
    }
}

#[test]
fn every_format_gives_the_same_bytes_again() {
    for run in gallery() {
        for format in FORMATS {
            let again = Run::new(run.name.clone(), run.scenario.clone());
            assert!(
                run.export(format.name) == again.export(format.name),
                "{}: {}",
                run.name,
                format.name
            );
        }
    }
}

/// A title and notes that would do harm where they are taken for more than text.
pub(crate) const HOSTILE: &str = r##"{ "backstep": 1,
  "title": "\\input{/etc/passwd} \"\"\"; import os #{ %$&_^~ <script>alert(1)</script> \u202e\u001b[31m 数 é ''' \\end{document}",
  "description": "# =cmd|' /C calc'!A0 | `x` \n\\write18{rm} ^^5cinput [a](javascript:b) 😀",
  "inputs": { "_.x": [7, 7, 1, 2] },
  "layers": [{ "name": "p_.1", "op": "max_pool1d", "kernel_size": 2, "ties": "split" }, { "name": "s", "op": "sum" }],
  "notes": { "_.x": "100% \\undefined{} ^^ & </p> | \u0000", "_.x[0]": "\\csname x\\endcsname ``''--- <b> \n\n# x" } }"##;

pub(crate) fn hostile() -> Run {
    Run::new(
        "hostile",
        Scenario::read(
            "",
            HOSTILE.as_bytes(),
            &backstep::scenario::NoFiles,
            Options::default(),
        )
        .unwrap(),
    )
}

#[test]
fn a_strangers_text_is_only_text() {
    let page = String::from_utf8(hostile().export("md")).unwrap();
    insta::assert_snapshot!(page);
    for format in FORMATS
        .iter()
        .filter(|format| !["npz", "safetensors"].contains(&format.name))
    {
        let text = String::from_utf8(hostile().export(format.name)).unwrap();
        let hidden = text
            .chars()
            .find(|&c| c != '\n' && backstep::diagnostic::is_hidden(c));
        assert_eq!(hidden, None, "{}", format.name);
    }
}

#[test]
fn the_solution_reads_well() {
    let run = gallery().next().unwrap();
    let selection = Selection {
        detail: Detail::default(),
        tensors: None,
        steps: 0..2,
    };
    for name in ["md", "tex"] {
        let mut out = Vec::new();
        let subject = Subject {
            scenario: &run.scenario,
            backprop: &run.backprop,
        };
        (format(name).unwrap().write)(subject, &selection, &mut out).unwrap();
        insta::assert_snapshot!(format!("solution_{name}"), String::from_utf8(out).unwrap());
    }
}
