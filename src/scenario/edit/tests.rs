use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::scenario::{Files, OpenError, Options, ReadSeek};

/// A folder in which every file is a list of so many zeros.
struct Zeros(usize);

impl Files for Zeros {
    fn open(&self, _: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
        let header = format!(
            "{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}\n",
            self.0
        );
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let zeros = vec![0; 8 * self.0];
        Ok(Box::new(Cursor::new(
            [
                b"\x93NUMPY\x01\x00",
                length.as_slice(),
                header.as_bytes(),
                &zeros,
            ]
            .concat(),
        )))
    }
}

fn read(json: &str, n_in_file: usize) -> Scenario {
    Scenario::read(
        "test.json",
        json.as_bytes(),
        &Zeros(n_in_file),
        Options::default(),
    )
    .unwrap()
}

fn id(scenario: &Scenario, name: &str) -> TensorId {
    scenario.network.find(name).unwrap()
}

fn set(scenario: &Scenario, tensor: &str, at: usize, value: f64) -> Scenario {
    let tensor = id(scenario, tensor);
    let edit = Edit::Value(Element { tensor, at }, value);
    scenario.edited(&edit).unwrap().0
}

#[test]
fn a_number_is_edited_wherever_it_stands() {
    let scenario = read(
        r#"{"backstep": 1,
                "inputs": {"a": {"shape": [1, 2], "data": [1, 2]}, "b": 3, "c": {"file": "c.npy"}},
                "layers": [{"name": "y", "op": "add", "from": ["a", "b", "c"]}],
                "upstream": {"y": [[1, 1]]}}"#,
        2,
    );
    let edited = set(
        &set(&set(&scenario, "a", 1, -0.5), "b", 0, 1e-7),
        "c",
        1,
        4.0,
    );
    let text = edited.to_json().unwrap();
    assert!(
        text.contains(r#"{"a": {"shape": [1, 2], "data": [1, -0.5]}, "b": 1e-7, "c": [0, 4]}"#),
        "{text}"
    );
    let again = Scenario::read("test.json", text.as_bytes(), &NoFiles, Options::default()).unwrap();
    assert_eq!(
        (&again.leaves, again.sha256()),
        (&edited.leaves, edited.sha256())
    );
    assert!(scenario.to_json().unwrap().contains(r#""c": [0, 0]}"#));
}

fn setting(layer: TensorId, key: &str, value: Option<&str>) -> Edit {
    Edit::Setting {
        layer,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    }
}

#[test]
fn a_setting_is_added_changed_and_taken_away() {
    let scenario = read(
        "{\"backstep\": 1, \"inputs\": {\"x\": [1, 2, 3]},\n \"layers\": [\n  \
         {\n    \"kernel_size\": 3,\n    \"name\": \"p\",\n    \
         \"op\": \"max_pool1d\"\n  }\n ], \"upstream\": {\"p\": [1]}}",
        0,
    );
    let p = id(&scenario, "p");
    let edited = |scenario: &Scenario, key: &str, value: Option<&str>| {
        let edited = scenario.edited(&setting(p, key, value));
        edited.map(|(scenario, _)| scenario.to_json().unwrap())
    };
    let (added, inverse) = scenario.edited(&setting(p, "ties", Some("all"))).unwrap();
    assert!(
        added
            .to_json()
            .unwrap()
            .contains("\"op\": \"max_pool1d\",\n    \"ties\": \"all\"\n  }")
    );
    let original = scenario.to_json().unwrap();
    assert_eq!(edited(&added, "ties", None).unwrap(), original);
    assert_eq!(
        added.edited(&inverse).unwrap().0.sha256(),
        scenario.sha256()
    );
    let missing = edited(&scenario, "kernel_size", None).unwrap_err();
    assert_eq!(
        missing.message,
        "the key `kernel_size` is missing, which `max_pool1d` needs"
    );
    assert_eq!(edited(&scenario, "stride", None).unwrap(), original);
    let overridden = Options {
        ties: Some(crate::ops::Ties::Split),
        ..Options::default()
    };
    let scenario = Scenario::read("test.json", original.as_bytes(), &NoFiles, overridden).unwrap();
    let refused = edited(&scenario, "ties", Some("all")).unwrap_err();
    assert!(refused.message.contains("--ties"));
}

/// Every way in which a tensor and a setting can stand in a text, the last upstream gradient
/// left out.
const VARIED: &str = r#"{
  "backstep": 1,
  "inputs": { "x": [[1, 2.50], [-3e0, 4]], "s": {"data": [ 1,2 , 3, 4], "shape": [2, 2]},
    "f": { "file": "four.npy" } },
  "layers": [
    { "stride": 1, "padding": [0, 0], "name": "p", "op": "max_pool2d", "kernel_size": 1,
      "ties": "first", "from": "x" },
    { "name": "q", "op": "add", "from": ["p", "s"] },
    { "name": "r", "op": "flatten" },
    {
      "name": "u", "op": "add",
      "from": ["r", "f"]
    },
    { "name": "c", "op": "cross_entropy", "target": 0 }
  ]
}"#;

fn varied() -> Scenario {
    read(VARIED, 4)
}

#[test]
fn settings_go_with_their_commas() {
    let scenario = varied();
    let p = id(&scenario, "p");
    let all = ["stride", "padding", "ties"];
    for taken_away in 0..8_usize {
        for added in [None, Some("2")] {
            let mut edited = scenario.clone();
            for (nth, key) in all.iter().enumerate() {
                if taken_away & (1 << nth) != 0 {
                    edited = edited.edited(&setting(p, key, None)).unwrap().0;
                }
            }
            if added.is_some() {
                edited = edited.edited(&setting(p, "dilation", added)).unwrap().0;
            }
            let text = edited.to_json().unwrap();
            let again = Scenario::read("again.json", text.as_bytes(), &NoFiles, Options::default())
                .unwrap_or_else(|problem| panic!("{problem}: {text}"));
            let mut expected = edited.settings(p);
            expected.sort();
            let mut settings = again.settings(p);
            settings.sort();
            assert_eq!(settings, expected, "{text}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_edited_can_be_taken_back(edits in prop::collection::vec((0..9_usize, 0..4_usize,
        -2..3_i8), 1..12)) {
        let scenario = varied();
        let (mut edited, mut inverses) = (scenario.clone(), Vec::new());
        for (which, at, number) in edits {
            let value = f64::from(number) / 2.0;
            let element = |name: &str, at: usize| Element { tensor: id(&scenario, name), at };
            let whole = number.unsigned_abs().to_string();
            let edit = match which {
                0 => Edit::Value(element("x", at), value),
                1 => Edit::Value(element("s", at), value),
                2 => Edit::Value(element("f", at), value),
                3 => Edit::Upstream(element("c", 0), value),
                4 => setting(id(&scenario, "p"), "ties", Some(["first", "split", "all", "no"][at])),
                5 => setting(id(&scenario, "p"), "stride", (at > 0).then_some(whole.as_str())),
                6 => setting(id(&scenario, "p"), "padding", (at > 0).then_some("[0, 0]")),
                7 => setting(id(&scenario, "c"), "target", Some(whole.as_str())),
                _ => setting(id(&scenario, "q"), "op", Some(["add", "mul", "sub", "cat"][at])),
            };
            let Ok((next, inverse)) = edited.edited(&edit) else {
                continue;
            };
            let before = (edited.text(false).into_owned(), edited.leaves.clone(),
                edited.upstream.clone());
            inverses.push((inverse, before));
            edited = next;
            let text = edited.to_json().unwrap();
            let again = Scenario::read("again.json", text.as_bytes(), &NoFiles,
                Options::default()).unwrap();
            prop_assert_eq!((&again.leaves, &again.upstream), (&edited.leaves, &edited.upstream));
            let layers = |scenario: &Scenario| format!("{:?}", scenario.network.layers());
            prop_assert_eq!(layers(&again), layers(&edited));
            prop_assert_eq!(again.network.tensors(), edited.network.tensors());
        }
        for (inverse, before) in inverses.into_iter().rev() {
            edited = edited.edited(&inverse).unwrap().0;
            prop_assert_eq!((edited.text(false).into_owned(), edited.leaves.clone(),
                edited.upstream.clone()), before);
        }
        prop_assert_eq!(edited.sha256(), scenario.sha256());
    }
}

#[test]
fn an_edit_copies_nothing_but_the_tensor_that_it_changes() {
    let scenario = varied();
    let edited = set(&scenario, "x", 0, 7.0);
    assert!(Arc::ptr_eq(&edited.network, &scenario.network));
    assert!(Arc::ptr_eq(&edited.origin, &scenario.origin));
    let is_shared = |name: &str, edited: &Scenario| {
        let id = id(&scenario, name);
        std::ptr::eq(edited.leaves[&id].data(), scenario.leaves[&id].data())
    };
    assert!(is_shared("s", &edited) && is_shared("f", &edited) && !is_shared("x", &edited));
    let q = id(&scenario, "q");
    let (reread, _) = scenario.edited(&setting(q, "op", Some("mul"))).unwrap();
    assert!(is_shared("s", &reread) && is_shared("f", &reread) && is_shared("x", &reread));
}

#[test]
fn what_a_file_has_can_be_put_back_whatever_it_is() {
    let json = r#"{"backstep": 1, "inputs": {"x": {"file": "x.npy"}},
        "layers": [{"name": "y", "op": "sum"}]}"#;
    struct Infinite;
    impl Files for Infinite {
        fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
            let mut bytes = Vec::new();
            Zeros(1).open(path)?.read_to_end(&mut bytes)?;
            let number = bytes.len() - 8;
            bytes[number..].copy_from_slice(&f64::INFINITY.to_le_bytes());
            Ok(Box::new(Cursor::new(bytes)))
        }
    }
    let scenario =
        Scenario::read("test.json", json.as_bytes(), &Infinite, Options::default()).unwrap();
    let x = Element {
        tensor: id(&scenario, "x"),
        at: 0,
    };
    let (edited, inverse) = scenario.edited(&Edit::Value(x, 1.0)).unwrap();
    assert!(edited.edited(&Edit::Value(x, f64::NEG_INFINITY)).is_err());
    let (again, _) = edited.edited(&inverse).unwrap();
    assert_eq!(again.leaves, scenario.leaves);
    assert_eq!(again.sha256(), scenario.sha256());
}

#[test]
fn what_no_scenario_can_hold_is_refused() {
    let json = r#"{"backstep": 1, "inputs": {"x": [1]}, "layers": [{"name": "y", "op": "relu"}]}"#;
    let scenario = read(json, 0);
    let [x, y] = ["x", "y"].map(|name| Element {
        tensor: id(&scenario, name),
        at: 0,
    });
    for edit in [
        Edit::Value(x, f64::NAN),
        Edit::Upstream(y, f64::INFINITY),
        Edit::Value(y, 1.0),
        Edit::Upstream(x, 1.0),
        setting(x.tensor, "op", Some("relu")),
    ] {
        assert!(scenario.edited(&edit).is_err(), "{edit:?}");
    }
}

#[test]
fn tensor_files_that_are_too_large_are_not_written_out() {
    let json = r#"{"backstep": 1, "inputs": {"x": {"file": "x.npy"}},
        "layers": [{"name": "y", "op": "sum"}]}"#;
    let scenario = read(json, (1 << 16) + 1);
    assert!(
        scenario
            .to_json()
            .unwrap_err()
            .message
            .contains("too many to write")
    );
    // What was in a file is not read again.
    let keepdim = setting(id(&scenario, "y"), "keepdim", Some("true"));
    assert_eq!(scenario.edited(&keepdim).unwrap().0.leaves, scenario.leaves);
}
