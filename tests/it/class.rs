//! A class through the program: what its answers earn, whose they are, and who is missing.

use serde_json::{Value, json};

use crate::cli::Folder;

/// A window's four winners into three sums: the gradients of `pool` are 3.5, 15, 4 and −2.
const POOL: &str = r#"{ "backstep": 1,
  "inputs": { "x": [[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]] },
  "layers": [{ "name": "pool", "op": "max_pool2d", "kernel_size": 2 },
    { "name": "flat", "op": "flatten" },
    { "name": "fc", "op": "linear", "activation": "relu",
      "weight": [[1, 0, -1, 2], [0.5, 1, 0, 0], [0, 2, 1, -1]] }],
  "upstream": { "fc": [2, 3, 6] }, "ask": ["pool", "x"], "points": { "pool": 8, "x": 2 } }"#;

/// Two layers with a single number each way: the gradients of `b` and `a` are sums of two terms.
const TWICE: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "layers": [{ "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
    { "name": "b", "op": "linear", "weight": [[1, 2], [3, -1]] },
    { "name": "c", "op": "linear", "weight": [[1, 3], [4, -1]] }],
  "upstream": { "c": [10, 4] }, "ask": ["b", "a"] }"#;

fn answer(grads: Value) -> String {
    json!({ "format": "backstep-answer/1", "grads": grads }).to_string()
}

/// What `check` says of one answer to a scenario.
#[track_caller]
fn submission(scenario: &str, grads: Value, arguments: &str) -> Value {
    let folder = Folder::with(&[("s.json", scenario), ("a.json", &answer(grads))]);
    let ran = folder.run(&format!("check s.json a.json --format json {arguments}"));
    let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    report["submissions"][0].clone()
}

fn of_pool(pool: [f64; 4], x: [[f64; 4]; 4]) -> Value {
    json!({ "pool": [[pool[0], pool[1]], [pool[2], pool[3]]], "x": x })
}

#[test]
fn zeros_that_anybody_would_write_count_together() {
    let zeros = || of_pool([3.5, 15.0, 4.0, -2.0], [[0.0; 4]; 4]);
    let together = submission(POOL, zeros(), "");
    assert_eq!(together["points"], 8.0 + 2.0 / 5.0);
    assert_eq!(together["max_points"], 10);
    let each = submission(POOL, zeros(), "--zeros each");
    assert_eq!(each["points"], 8.0 + 2.0 * 12.0 / 16.0);
    let nothing = submission(POOL, of_pool([0.0; 4], [[0.0; 4]; 4]), "");
    assert_eq!(
        (&nothing["points"], &nothing["score"]),
        (&json!(0.4), &json!(0.04))
    );
}

#[test]
fn the_command_line_says_other_points() {
    let right = || json!({ "pool": [[3.5, 15], [4, -2]] });
    let points = |arguments: &str| {
        let one = submission(POOL, right(), arguments);
        (one["points"].clone(), one["max_points"].clone())
    };
    assert_eq!(points(""), (json!(8), json!(10)));
    assert_eq!(points("--points pool=1.5,x=3"), (json!(1.5), json!(4.5)));
    // What has no points has one for each number, the zeros of a window's losers together one.
    assert_eq!(points("--points pool=1"), (json!(1), json!(6)));
}

#[test]
fn the_same_slip_again_is_one_mistake() {
    // The gradients of `b` are 26 and 26, those of `a` 104 and 26.
    let one = submission(TWICE, json!({ "b": [160, -120], "a": [-57600, 38400] }), "");
    let status = |place: usize| one["tensors"][place]["status"].clone();
    assert_eq!((status(0), status(1)), (json!("wrong"), json!("carried")));
    assert_eq!(one["tensors"][1]["repeats"], "b");
    assert_eq!(
        (&one["verdict"], &one["score"]),
        (&json!("wrong"), &json!(0.5))
    );
    // Zeros again are no method.
    let zeros = submission(TWICE, json!({ "b": [0, 0], "a": [0, 0] }), "");
    assert_eq!(
        (&zeros["score"], &zeros["verdict"]),
        (&json!(0), &json!("wrong"))
    );
}

#[test]
fn what_follows_from_rounded_numbers_is_correct() {
    let one = submission(TWICE, json!({ "b": [26.2, 26], "a": [104.2, 26.4] }), "");
    assert_eq!(one["tensors"][1]["carried"], 1, "{one}");
    assert_eq!(
        (&one["verdict"], &one["score"]),
        (&json!("correct"), &json!(1))
    );
}

/// The scenario of a student, with another gradient that arrives.
fn own(given: u32) -> String {
    TWICE.replace("[10, 4]", &format!("[{given}, 4]"))
}

/// A key of such a scenario as an answer: what it is asked for, worked out by the program.
fn right(folder: &Folder, scenario: &str) -> Value {
    let trace = folder.json(&format!("export {scenario} --detail tensors"));
    let tensors = trace["tensors"].as_array().unwrap();
    let of = |name: &str| {
        let found = tensors.iter().find(|tensor| tensor["name"] == name);
        found.unwrap()["grad"].clone()
    };
    json!({ "format": "backstep-answer/1", "scenario_sha256": trace["scenario_sha256"],
        "grads": { "b": of("b"), "a": of("a") } })
}

/// Three students with exercises of their own, and an empty folder for what they hand in.
fn three() -> Folder {
    let folder = Folder::with(&[("roster.csv", "id,name\n000021,Ada\ns2,Ben\ns3,Cyd\n")]);
    for (id, given) in [("000021", 1), ("s2", 2), ("s3", 3)] {
        std::fs::create_dir_all(folder.path(&format!("week/{id}"))).unwrap();
        std::fs::write(folder.path(&format!("week/{id}/scenario.json")), own(given)).unwrap();
    }
    std::fs::create_dir_all(folder.path("in")).unwrap();
    folder
}

/// What a class's report says, and what is said on stderr.
fn class(folder: &Folder, arguments: &str) -> (Value, String) {
    let ran = folder.run(&format!("check {arguments} --format json"));
    (serde_json::from_str(&ran.out).expect(&ran.err), ran.err)
}

fn put(folder: &Folder, name: &str, answer: &Value) {
    let path = folder.path("in").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, answer.to_string()).unwrap();
}

#[test]
fn an_answer_finds_its_exercise_by_its_name_or_by_what_is_inside() {
    let folder = three();
    let rights =
        ["000021", "s2", "s3"].map(|id| right(&folder, &format!("week/{id}/scenario.json")));
    put(&folder, "000021 (1).json", &rights[0]);
    put(
        &folder,
        "Ben_48_assignsubmission_file/answer_s2-3.json",
        &rights[1],
    );
    put(&folder, "homework.json", &rights[2]);
    let (report, err) = class(&folder, "week in");
    assert_eq!(err, "");
    let of = |key: &str| {
        let all = report["submissions"].as_array().unwrap().iter();
        all.map(|one| one[key].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("student"), ["000021", "s2", "s3"]);
    assert_eq!(of("verdict"), ["correct"; 3]);
    assert_eq!(report["summary"]["missing"], 0);
}

#[test]
fn what_contradicts_the_name_of_the_file_is_remarked() {
    let folder = three();
    let mut of_two = right(&folder, "week/s2/scenario.json");
    of_two["student"] = json!("s2");
    put(&folder, "s3.json", &of_two);
    let (report, err) = class(&folder, "week in");
    let one = &report["submissions"][0];
    assert_eq!(
        (&one["student"], &one["verdict"]),
        (&json!("s3"), &json!("wrong"))
    );
    assert_eq!(
        one["remarks"],
        json!([
            "inside, the answer says that it is by `s2`",
            "inside, the answer says that it is one to the exercise of `s2`: it belongs there"
        ])
    );
    assert_eq!(err, "nothing came from 2 students: `000021` and `s2`\n");
}

#[test]
fn who_hands_in_nothing_or_what_nobody_can_read_is_not_forgotten() {
    let folder = three();
    put(&folder, "s2.json", &json!("no answer"));
    let ran = folder.run("check week in --format csv --feedback pages");
    let rows: Vec<&str> = ran
        .out
        .lines()
        .map(|line| &line[..line.len().min(27)])
        .collect();
    assert_eq!(rows[1], "s2,s2.json,unreadable,0,0,4");
    assert_eq!(rows[2], "000021,,missing,0,0,,,nothi");
    assert_eq!(
        ran.err,
        "`s2.json` cannot be read\nnothing came from 2 students: `000021` and `s3`\n"
    );
    let page = std::fs::read_to_string(folder.path("pages/s2.md")).unwrap();
    assert!(
        page.contains("unreadable") && page.contains("cannot be read"),
        "{page}"
    );
    // One scenario for all, and the roster says who they are.
    std::fs::write(folder.path("s.json"), own(2)).unwrap();
    let (report, _) = class(&folder, "s.json in --roster roster.csv");
    assert_eq!(report["summary"]["missing"], 2);
    for format in ["text", "html", "junit", "jsonl"] {
        let ran = folder.run(&format!("check week in --quiet --format {format}"));
        assert!(
            ran.out.contains("nothing was handed in"),
            "{format}: {}",
            ran.out
        );
    }
    // Of somebody's single file nobody can say who is missing.
    let ran = folder.run("check week in/s2.json --format json");
    assert!(!ran.out.contains("000021"), "{}", ran.out);
}

#[test]
fn of_several_hand_ins_the_last_is_marked_or_the_best() {
    let folder = three();
    let right = right(&folder, "week/s2/scenario.json");
    let mut wrong = right.clone();
    wrong["grads"]["a"] = json!([0, 0]);
    put(&folder, "s2-9.json", &right);
    put(&folder, "s2-10.json", &wrong);
    let one = |arguments: &str| {
        let one = class(&folder, arguments).0["submissions"][0].clone();
        (
            one["file"].clone(),
            one["score"].clone(),
            one["remarks"][0].clone(),
        )
    };
    let last = "of several hand-ins this is the last; there is `s2-9.json` too";
    assert_eq!(
        one("week in"),
        (json!("s2-10.json"), json!(0.5), json!(last))
    );
    let best = "of several hand-ins this is the best; there is `s2-10.json` too";
    assert_eq!(
        one("week in --best"),
        (json!("s2-9.json"), json!(1), json!(best))
    );
}

#[test]
fn a_table_says_whose_it_is() {
    let folder = Folder::with(&[
        ("s.json", TWICE),
        ("roster.csv", "id\n007\n"),
        (
            "a.csv",
            "tensor,index,grad\nstudent,[007],\nexercise,[00],\nb,0,26\nb,1,26\n",
        ),
    ]);
    let (report, _) = class(&folder, "s.json a.csv");
    let remarks = report["submissions"][0]["remarks"].clone();
    assert_eq!(
        remarks,
        json!([
            "inside, the answer says that it is by `007`",
            "inside, the answer says that it is one to another exercise"
        ])
    );
    let ran = folder.run("generate pool-to-fc --roster roster.csv -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let sheet = std::fs::read_to_string(folder.path("out/007/007.csv")).unwrap();
    assert!(
        sheet.starts_with("tensor,index,grad\nstudent,[007],\nexercise,["),
        "{sheet}"
    );
    let page = std::fs::read_to_string(folder.path("out/007/007.html")).unwrap();
    assert!(page.contains("value=\"007\" readonly"), "{page}");
}

/// A hidden layer with a closed ReLU and one with a sigmoid: delta is not the gradient of either.
const DELTA: &str = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
  "layers": [{ "name": "h", "op": "linear", "weight": [[1, 1], [1, -1]], "activation": "relu" },
    { "name": "s", "op": "linear", "weight": [[2, 1], [0, 2]], "bias": [-6, 0],
      "activation": "sigmoid" },
    { "name": "y", "op": "linear", "weight": [[2, 3], [4, -1]] }],
  "upstream": { "y": [1, 2] }, "ask": ["s", "h", "x"] }"#;

#[test]
fn the_gradient_before_the_activation_is_named_so_and_keeps_its_marks() {
    // s is 0.5 each, so its gradient of 10 and 1 is 2.5 and 0.25 before the sigmoid; that of h is 5
    // and 3, which is 5 and 0 before the ReLU, the second of which is closed.
    let one = submission(
        DELTA,
        json!({ "s": [2.5, 0.25], "h": [5, 0], "x": [5, 5] }),
        "",
    );
    let of = |place: usize, key: &str| one["tensors"][place][key].clone();
    for place in [0, 1] {
        assert_eq!(of(place, "status"), "carried", "{one}");
        assert_eq!(
            of(place, "diagnosis")[0]["slips"],
            json!(["before-the-activation"])
        );
    }
    assert_eq!(of(2, "status"), "correct");
    assert_eq!(
        (&one["verdict"], &one["score"]),
        (&json!("correct"), &json!(1))
    );
    // A slip further back is found from there.
    let one = submission(DELTA, json!({ "s": [2.5, 0.25], "h": [-5, -3] }), "");
    let slips = one["tensors"][1]["diagnosis"][0]["slips"].clone();
    assert_eq!(slips, json!(["wrong-sign"]), "{one}");
}

#[test]
fn a_hidden_number_is_in_no_report() {
    let wrong = answer(json!({ "b": [11.5, 26], "a": [null, null] }));
    let folder = Folder::with(&[("s.json", TWICE), ("a.json", &wrong)]);
    let arguments = "check s.json a.json --quiet --feedback pages --force";
    for format in ["text", "json", "jsonl", "csv", "junit"] {
        let ran = folder.run(&format!("{arguments} --format {format} --hide-expected"));
        let numbers = ran.out.split(|c: char| !c.is_ascii_digit() && c != '.');
        assert!(
            numbers
                .clone()
                .all(|number| number != "26" && number != "104"),
            "{}",
            ran.out
        );
        if format == "text" {
            assert!(
                ran.out.contains("b[0] is 11.5") && ran.out.contains('?'),
                "{}",
                ran.out
            );
        }
        let page = std::fs::read_to_string(folder.path("pages/a.md")).unwrap();
        assert!(page.contains('?') && !page.contains("26"), "{page}");
    }
    let of = |more: &str| {
        folder
            .run(&format!("check s.json a.json --format gradescope {more}"))
            .out
    };
    assert!(!of("").contains("expected"));
    assert!(of("--hide-expected=false").contains("expected 26"));
}

#[test]
fn a_worksheet_tells_no_number_that_it_asks_for() {
    let noted = TWICE.replace(
        r#""ask": ["b", "a"]"#,
        r#""ask": ["b", "a"], "notes": { "b": "it is 26", "c": "so 104 goes on, and 10 stays" }"#,
    );
    let folder = Folder::with(&[("s.json", &noted)]);
    for format in ["md", "tex", "html"] {
        let ran = folder.run(&format!("worksheet s.json --format {format}"));
        assert!(
            !ran.out.contains("it is 26") && ran.out.contains("so 104"),
            "{}",
            ran.out
        );
        let says = "the note at c says 104, which is what a[0] is asked for";
        assert!(
            ran.err.contains(says) && !ran.err.contains("10,"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn points_are_numbers_above_0() {
    let wrong = POOL.replace(r#""pool": 8"#, r#""pool": 0, "fc.weigt": 1"#);
    let folder = Folder::with(&[("s.json", &wrong)]);
    let err = folder.run("validate s.json").err;
    for says in ["points must be a number above 0", "no tensor `fc.weigt`"] {
        assert!(err.contains(says), "{err}");
    }
}

#[test]
fn zeros_alone_show_no_convention() {
    let one = submission(DELTA, json!({ "h": [0, 0] }), "");
    let told = one["tensors"][1]["diagnosis"].to_string();
    assert_eq!(one["score"], 0);
    assert!(
        told.contains("left-at-zero") && !told.contains("before-the-activation"),
        "{told}"
    );
}

#[test]
fn the_roster_takes_the_points_back_and_whoever_came_late_is_added() {
    let folder = three();
    let canvas = "Student,ID,Section\n    Points Possible,,\n\"Ada, A\",000021,1\n=cmd,s2,1\n";
    std::fs::write(folder.path("canvas.csv"), canvas).unwrap();
    put(
        &folder,
        "000021.json",
        &right(&folder, "week/000021/scenario.json"),
    );
    let ran = folder.run("check week in --roster canvas.csv --gradebook marks.csv -o r.json");
    assert_eq!(ran.err, "nothing came from 2 students: `s2` and `s3`\n");
    let marks = "Student,ID,Section,points,max_points,percent,remark\n\"Ada, A\",000021,1,4,4,100,\n\
                 '=cmd,s2,1,,,,nothing was handed in\n";
    assert_eq!(
        std::fs::read_to_string(folder.path("marks.csv")).unwrap(),
        marks
    );
    let again = folder.run("check week in --roster canvas.csv --gradebook marks.csv --quiet");
    assert_eq!(again.code, Some(2), "{}", again.out);

    let generate = |roster: &str, more: &str| {
        std::fs::write(folder.path("class.csv"), roster).unwrap();
        let command = format!("generate pool-to-fc --quiet --roster class.csv -o out {more}");
        folder.run(&command).code
    };
    assert_eq!(generate("id\na\n", ""), Some(0));
    std::fs::write(folder.path("out/a/scenario.json"), "kept").unwrap();
    assert_eq!(generate("id\na\nb\n", ""), Some(2));
    assert_eq!(generate("id\na\nb\n", "--add"), Some(0));
    assert_eq!(
        std::fs::read_to_string(folder.path("out/a/scenario.json")).unwrap(),
        "kept"
    );
    assert!(folder.path("out/b/b.html").exists());
}

#[test]
fn answers_that_are_alike_are_listed_for_the_teacher() {
    let folder = three();
    // Ben hands in what is right for Cyd, and two make the same of one exercise.
    let of_three = right(&folder, "week/s3/scenario.json")["grads"].clone();
    put(
        &folder,
        "s2.json",
        &json!({ "format": "backstep-answer/1", "grads": of_three }),
    );
    put(
        &folder,
        "s3.json",
        &json!({ "format": "backstep-answer/1", "grads": of_three }),
    );
    folder.run("check week in --quiet --copies alike.csv -o r.json --feedback pages");
    let told = "wrong here and right in the other's exercise";
    assert_eq!(
        std::fs::read_to_string(folder.path("alike.csv")).unwrap(),
        format!("student,other,tensor,numbers,alike\ns2,s3,b,2,{told}\ns2,s3,a,2,{told}\n")
    );
    assert!(
        !std::fs::read_to_string(folder.path("pages/s2.md"))
            .unwrap()
            .contains("s3")
    );
    std::fs::write(folder.path("s.json"), TWICE).unwrap();
    let same = json!({ "format": "backstep-answer/1", "grads": { "b": [17.3, 41.9] } });
    put(&folder, "s2.json", &same);
    put(&folder, "s3.json", &same);
    folder.run("check s.json in --quiet --copies alike.csv --force -o r.json");
    let told = std::fs::read_to_string(folder.path("alike.csv")).unwrap();
    assert!(
        told.ends_with("s3,s2,b,2,the same wrong numbers and no slip that is known\n"),
        "{told}"
    );
}

#[test]
fn a_matrix_that_is_handed_in_transposed_is_read_so_and_told() {
    let oblong = r#"{ "backstep": 1, "inputs": { "x": [1, 2, 3] },
      "layers": [{ "name": "y", "op": "linear", "weight": [[1, 1, 1], [1, 1, 1]] }],
      "upstream": { "y": [2, 5] }, "ask": ["y.weight"] }"#;
    let turned = json!({ "y.weight": [[2, 5], [4, 10], [6, 14]] });
    let marked = submission(oblong, turned, "");
    let weight = &marked["tensors"][0];
    assert_eq!(
        (&weight["correct"], &weight["wrong"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(weight["first_wrong"]["index"], json!([1, 2]));
    let said = marked["problems"].to_string();
    assert!(said.contains("rows and columns are exchanged"), "{marked}");
}

#[test]
fn why_a_cell_cannot_be_read_is_said_in_every_format() {
    let grads = json!({ "pool": [["7-Feb", 15], [4, -2]] });
    let folder = Folder::with(&[("s.json", POOL), ("a.json", &answer(grads))]);
    let why = "`7-Feb`, for `pool[0,0]`, looks like a date";
    for format in backstep::report::FORMATS {
        let ran = folder.run(&format!("check s.json a.json --format {}", format.name));
        let said: Vec<&str> = ran.out.split_whitespace().collect();
        assert!(said.join(" ").contains(why), "{}: {}", format.name, ran.out);
    }
    for format in ["md", "html"] {
        let pages = format!("--feedback {format} --feedback-format {format} -o {format}.json");
        folder.run(&format!("check s.json a.json --quiet {pages}"));
        let page = folder.read(&format!("{format}/a.{format}"));
        assert!(page.replace('\\', "").contains(why), "{page}");
    }
}

#[test]
fn a_factor_on_the_right_numbers_is_seen_whatever_was_written_before() {
    let slips = |last: f64| {
        let x = [
            [0.0, 0.0, 30.0, 0.0],
            [7.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, last, 0.0],
            [8.0, 0.0, 0.0, 0.0],
        ];
        let marked = submission(POOL, of_pool([3.7, 15.3, 4.0, -2.6], x), "");
        marked["tensors"][1]["diagnosis"][0]["slips"].clone()
    };
    assert_eq!(slips(-4.0), json!(["constant-factor"]));
    assert_eq!(slips(-5.0), Value::Null);
}

#[test]
fn a_name_within_a_million_others_costs_no_more_than_its_length() {
    let name = "a.".repeat(1_000_000) + "b";
    let marked = submission(POOL, json!({ name: 1, "pool": [[3.5, 15], [4, -2]] }), "");
    assert_eq!(marked["tensors"][0]["correct"], 4);
    let says = "the scenario has no tensor `a.a.";
    assert!(marked["problems"].to_string().contains(says), "{marked}");
}
