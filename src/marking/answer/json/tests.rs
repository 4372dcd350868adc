use proptest::prelude::*;

use super::cells::one_by_one;
use super::plain;
use crate::marking::answer::content::Answer;
use crate::marking::answer::testing::{network, read};
use crate::tensor::Shape;

/// An answer with these numbers for `pool`.
fn pool(numbers: &str) -> (Option<Vec<Option<f64>>>, Vec<String>) {
    read(
        "a.json",
        format!(
            r#"{{ "format": "backstep-answer/1", "student": "s1",
                    "grads": {{ "pool": {numbers}, "loss": 1 }} }}"#
        )
        .as_bytes(),
    )
}

#[test]
fn numbers_decimals_fractions_and_blanks_are_read() {
    assert_eq!(
        pool(r#"[[3.5, "15"], ["7/2", null]]"#),
        (Some(vec![Some(3.5), Some(15.0), Some(3.5), None]), vec![])
    );
}

#[test]
fn python_s_words_for_what_is_not_finite_are_read() {
    let (numbers, problems) = pool(r#"[[NaN, Infinity], [-Infinity, "nan"]]"#);
    assert_eq!(
        format!("{numbers:?}"),
        "Some([Some(NaN), Some(inf), Some(-inf), Some(NaN)])"
    );
    assert_eq!(problems, [""; 0]);
    let student = br#"{ "format": "backstep-answer/1", "student": "a \"NaN\\", "grads": {} }"#;
    assert_eq!(read("a.json", student), (None, vec![]));
}

#[test]
fn a_trace_is_an_answer() {
    let trace = r#"{ "format": "backstep-trace/1", "title": "t", "tensors": [
            { "name": "pool", "kind": "input", "grad": [[1, 2], ["-Infinity", 4]] },
            { "name": "loss", "grad": 1 } ] }"#;
    assert_eq!(
        read("t.json", trace.as_bytes()),
        (
            Some(vec![
                Some(1.0),
                Some(2.0),
                Some(f64::NEG_INFINITY),
                Some(4.0)
            ]),
            vec![]
        )
    );
}

#[test]
fn a_matrix_may_come_with_its_rows_and_columns_exchanged() {
    let network = network();
    let json = br#"{ "format": "backstep-answer/1", "grads": { "fc.weight": [[1], [2], ["x"], [4]],
                       "pool": [[5, 6], [7, 8]], "fc.bias": [[9]] } }"#;
    let answer = Answer::read("a.json", json, &network).unwrap();
    let numbers = |name| {
        let numbers = answer.numbers(network.find(name).unwrap());
        numbers.map(|numbers| numbers.iter().collect::<Vec<_>>())
    };
    assert_eq!(
        numbers("fc.weight"),
        Some(vec![Some(1.0), Some(2.0), None, Some(4.0)])
    );
    // Of a square matrix nobody can tell, and a list is no matrix.
    assert_eq!(numbers("pool").unwrap()[1], Some(6.0));
    assert_eq!(numbers("fc.bias"), None);
    let problems = answer.problems.iter().map(ToString::to_string);
    assert_eq!(
        problems.collect::<Vec<_>>(),
        [
            "`x`, for `fc.weight[0,2]`, is neither a decimal nor a fraction",
            "`fc.weight` has shape [1, 4], but here its rows and columns are exchanged: they were \
             read so",
            "`fc.bias` has shape [1], but here it has a list where a number belongs at [0]",
        ]
    );
}

#[test]
fn what_is_wrong_with_a_tensor_spoils_nothing_but_it() {
    for (numbers, says) in [
        ("[[1, 2], [3]]", "has 1 where 2 belong at [1]"),
        (
            "[[1, 2, 5], [3, 4]]",
            "has more than 2 where 2 belong at [0]",
        ),
        ("[1, 2]", "has a number where a list of 2 belongs at [0]"),
        (
            "[[1, 2], [[3], 4]]",
            "has a list where a number belongs at [1][0]",
        ),
        ("{}", "has an object where a list of 2 belongs"),
        (
            "[null, [1, 2]]",
            "has null where a list of 2 belongs at [0]",
        ),
    ] {
        assert_eq!(
            pool(numbers),
            (
                None,
                vec![format!("`pool` has shape [2, 2], but here it {says}")]
            )
        );
    }
    let twice = pool(r#"[[1, 2], [3, 4]], "pool": [[1, 2], [3, 4]]"#);
    assert_eq!(twice, (None, vec!["`pool` is given twice".to_owned()]));
}

#[test]
fn what_is_wrong_with_a_cell_spoils_nothing_but_it() {
    for (cell, says) in [
        (
            r#""x""#,
            "`x`, for `pool[1,0]`, is neither a decimal nor a fraction",
        ),
        (
            "1e999",
            "`1e999`, for `pool[1,0]`, is too large for a number",
        ),
        (
            r#""\ud800""#,
            r#"`"\ud800"`, for `pool[1,0]`, is neither a decimal nor a fraction"#,
        ),
        (
            "true",
            "a boolean stands at `pool[1,0]`, where a number belongs",
        ),
        (
            r#"{ "a": [1] }"#,
            "an object stands at `pool[1,0]`, where a number belongs",
        ),
    ] {
        let numbers = vec![Some(1.0), Some(2.0), None, Some(4.0)];
        let read = pool(&format!("[[1, 2], [{cell}, 4]]"));
        assert_eq!(read, (Some(numbers), vec![says.to_owned()]));
    }
}

#[test]
fn a_file_that_is_no_answer_is_refused() {
    for (text, says) in [
        ("[]", "an answer is an object, found a list"),
        ("{", "not valid JSON: the file ends inside an object"),
        (
            "{}",
            "the key `format` is missing, which says what the file is",
        ),
        (
            r#"{ "format": "backstep-answer/2" }"#,
            "the file is of format `backstep-answer/2`, but this program reads `backstep-answer/1`",
        ),
        (
            r#"{ "format": "backstep-trace/2" }"#,
            "the file is of format `backstep-trace/2`, but this program reads `backstep-trace/1`",
        ),
        (
            r#"{ "format": "backstep-answer/1", "grad": {} }"#,
            "an answer has no key `grad`",
        ),
        (
            r#"{ "format": "backstep-answer/1" }"#,
            "the key `grads` is missing, which holds the gradients",
        ),
        (
            r#"{ "format": "backstep-answer/1", "student": [], "grads": {} }"#,
            "`student` must be a string, found a list",
        ),
        ("\u{1}", "not valid JSON: expected value"),
    ] {
        assert_eq!(
            read("a.json", text.as_bytes()).1,
            [format!("unreadable: {says}")]
        );
    }
}

/// A number as JSON writes it, or something else that may stand in a list.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => any::<f64>().prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        8 => (-99.0..99.0_f64).prop_map(|number| number.to_string()),
        2 => Just("null".to_owned()),
        1 => prop::sample::select(vec![
            "1e999", "-0", "0.10", "7E+2", "\"7/2\"", "[1]", "true", "{}", "\"\"",
        ]).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn what_is_read_in_one_go_is_what_is_read_one_by_one(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..4), 0..4),
        sizes in prop::collection::vec(0..4_usize, 0..4),
        blank in prop::sample::select(vec!["", " ", "\n\t"]),
    ) {
        let comma = format!("{blank},{blank}");
        let list = |cells: &[String]| format!("[{blank}{}{blank}]", cells.join(&comma));
        let lists: Vec<String> = rows.iter().map(|row| list(row)).collect();
        let json = list(&lists);
        for sizes in [sizes, vec![rows.len(), rows.first().map_or(0, Vec::len)]] {
            let raw = serde_json::from_str(&json).unwrap();
            if let Some(numbers) = plain::plain(&sizes, &json) {
                let shape = Shape::from(&sizes[..]);
                let Ok(cells) = one_by_one(&shape, raw) else {
                    panic!("{json} as {sizes:?}");
                };
                let bits = |numbers: Vec<Option<f64>>| -> Vec<_> {
                    numbers.into_iter().map(|number| number.map(f64::to_bits)).collect()
                };
                prop_assert_eq!(bits(numbers), bits(cells.numbers));
                prop_assert!(cells.unreadable.is_empty());
            }
        }
    }
}

#[test]
fn plain_lists_are_read_in_one_go() {
    for (sizes, json) in [
        (vec![2, 2], "[[1, -2.5], [null, 3e-7]]"),
        (vec![1, 1, 1], "[[[0]]]"),
        (vec![], "4"),
    ] {
        assert!(plain::plain(&sizes, json).is_some(), "{json}");
    }
    assert!(plain::plain(&[2], "[1]").is_none());
    assert!(plain::plain(&[1], "[\"1\"]").is_none());
}
