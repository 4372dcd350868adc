//! A class of sixty, each with an exercise of their own, and all that classes hand in.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::cli::Folder;

/// The class, who has handed in what is in `in/`.
struct Sixty {
    folder: Folder,
}

impl Sixty {
    fn new() -> Self {
        let ids = |most: usize| (1..=most).map(|n| format!("s{n}\n")).collect::<String>();
        let (early, all) = (format!("id\n{}", ids(59)), format!("id\n{}", ids(60)));
        let folder = Folder::with(&[("early.csv", &early), ("class.csv", &all)]);
        let generate = "generate mlp --assignment w4 --worksheet csv -o week --quiet";
        folder.fine(&format!("{generate} --roster early.csv"));
        let before = folder.read("week/s1/scenario.json");
        folder.fine(&format!("{generate} --roster class.csv --add"));
        assert_eq!(folder.read("week/s1/scenario.json"), before);
        let class = Self { folder };
        class.hand_in();
        class
    }

    fn hand_in(&self) {
        for n in (1..=20).chain(51..=58).chain([60]) {
            self.put(&format!("s{n}.json"), &self.right(n));
        }
        for n in 21..=25 {
            self.put_with(n, "/hidden/0", &json!(null));
        }
        for n in 26..=28 {
            self.put_with(n, "/x/0", &json!("7. Feb"));
        }
        for n in 29..=33 {
            self.put_with(n, "/hidden", &json!(self.before_the_relu(n)));
        }
        self.put("s34.json", &json!({ "grads": self.right(35)["grads"] }));
        self.put("s35.json", &self.right(35));
        for (n, name) in [
            (36, "lovelace_123_456_s36-1.json"),
            (37, "Ada_s37_assignsubmission_file/answer.json"),
            (38, "S38 (1).json"),
            (39, "late_hw_s39.json"),
            (40, "s40/homework.json"),
        ] {
            self.put(name, &self.right(n));
        }
        for n in 46..=50 {
            let x: Vec<f64> = self.numbers(n, "x").iter().map(|x| -x).collect();
            self.put_with(n, "/x", &json!(x));
        }
        fs::write(self.folder.path("in/s59.json"), "{ \"grads\": [").unwrap();
    }

    fn json(&self, n: usize, file: &str) -> Value {
        serde_json::from_str(&self.folder.read(&format!("week/s{n}/{file}"))).unwrap()
    }

    fn right(&self, n: usize) -> Value {
        json!({ "grads": self.json(n, "key.json")["grads"] })
    }

    fn numbers(&self, n: usize, tensor: &str) -> Vec<f64> {
        serde_json::from_value(self.right(n)["grads"][tensor].clone()).unwrap()
    }

    /// The gradient of `hidden` times the slope of its ReLU.
    fn before_the_relu(&self, n: usize) -> Vec<f64> {
        let scenario = self.json(n, "scenario.json");
        let layer = &scenario["layers"][0];
        let of = |value: &Value| serde_json::from_value::<Vec<f64>>(value.clone()).unwrap();
        let (x, bias) = (of(&scenario["inputs"]["x"]), of(&layer["bias"]));
        let rows = layer["weight"].as_array().unwrap().iter().map(of);
        let sums = rows.map(|row| row.iter().zip(&x).map(|(w, x)| w * x).sum::<f64>());
        let open = sums.zip(bias).map(|(sum, bias)| sum + bias > 0.0);
        let numbers = open.zip(self.numbers(n, "hidden"));
        numbers
            .map(|(open, number)| if open { number } else { 0.0 })
            .collect()
    }

    fn put_with(&self, n: usize, place: &str, number: &Value) {
        let mut answer = self.right(n);
        *answer["grads"].pointer_mut(place).unwrap() = number.clone();
        self.put(&format!("s{n}.json"), &answer);
    }

    fn put(&self, name: &str, answer: &Value) {
        let path = self.folder.path("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut answer = answer.clone();
        answer["format"] = json!("backstep-answer/1");
        fs::write(path, answer.to_string()).unwrap();
    }
}

#[test]
fn a_class_of_sixty_is_marked_fairly() {
    let class = Sixty::new();
    let check = "check week in --copies alike.csv --format json -o r.json --feedback pages";
    let ran = class.folder.run(check);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let report: Value = serde_json::from_str(&class.folder.read("r.json")).unwrap();
    let submissions = report["submissions"].as_array().unwrap();
    let by_student: BTreeMap<&str, &Value> = submissions
        .iter()
        .map(|one| (one["student"].as_str().unwrap(), one))
        .collect();
    assert_eq!((submissions.len(), by_student.len()), (60, 60));
    let verdict = |n: usize| match n {
        21..=28 => "incomplete",
        34 | 46..=50 => "wrong",
        41..=45 => "missing",
        59 => "unreadable",
        _ => "correct",
    };
    let slips = |one: &Value| -> Vec<String> {
        let rows = one["tensors"].as_array().into_iter().flatten();
        let diagnoses = rows.flat_map(|row| row["diagnosis"].as_array().into_iter().flatten());
        diagnoses.map(|row| row["slips"].to_string()).collect()
    };
    for n in 1..=60 {
        let one = by_student[format!("s{n}").as_str()];
        assert_eq!(one["verdict"], verdict(n), "s{n}: {one}");
        match n {
            26..=28 => assert!(one["problems"].to_string().contains("7. Feb"), "{one}"),
            29..=33 => {
                let shows = class.before_the_relu(n) != class.numbers(n, "hidden");
                let told: &[&str] = if shows {
                    &[r#"["before-the-activation"]"#]
                } else {
                    &[]
                };
                assert_eq!(slips(one), told, "s{n}: {one}");
            }
            46..=50 => assert_eq!(slips(one)[0], r#"["wrong-sign"]"#, "s{n}: {one}"),
            // Of an exercise that is another's no method is told.
            _ => assert_eq!(slips(one), [""; 0], "s{n}: {one}"),
        }
        assert_eq!(one["score"] == 1, verdict(n) == "correct", "s{n}: {one}");
    }
    let alike = class.folder.read("alike.csv");
    let rows: Vec<&str> = alike.lines().skip(1).collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row.starts_with("s34,s35,")),
        "{alike}"
    );
    assert!(!class.folder.read("pages/s34.md").contains("s35"));
    assert!(
        (41..=45).all(|n| ran.err.contains(&format!("`s{n}`"))),
        "{}",
        ran.err
    );
}
