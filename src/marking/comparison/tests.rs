use super::*;
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Bounds;
use crate::scenario::{NoFiles, Options, Scenario};

/// x -> a -> b, each two numbers, with weights 2 3; 5 7 and 1 1; 1 −1.
fn backprop() -> Backprop {
    let json = r#"{
            "backstep": 1, "inputs": { "x": [1, 2] },
            "layers": [
                { "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
                { "name": "b", "op": "linear", "weight": [[1, 1], [1, -1]] }
            ],
            "upstream": { "b": [10, 4] }
        }"#;
    let scenario =
        Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default()).unwrap();
    Backprop::run(scenario.tape(), scenario.upstream)
}

/// The statuses of `a` and `x`, whose true gradients are 14, 6 and 58, 84.
fn marked(a: [Option<f64>; 2], x: [Option<f64>; 2]) -> String {
    let backprop = backprop();
    let [a_id, x_id] = ["a", "x"].map(|name| backprop.network().find(name).unwrap());
    let gradients = BTreeMap::from([
        (a_id, a.into_iter().collect()),
        (x_id, x.into_iter().collect()),
    ]);
    let answer = Answer {
        gradients,
        ..Answer::default()
    };
    let cancel = Cancel::default();
    let marking = Marking::new(&backprop, &answer, Tolerance::default(), &cancel).unwrap();
    let letters = |tensor| {
        marking
            .tensor(tensor)
            .unwrap()
            .statuses
            .iter()
            .map(|status| match status {
                Some(Status::Correct) => 'r',
                Some(Status::Carried) => 'c',
                Some(Status::Wrong) => 'w',
                Some(Status::Blank) => '-',
                Some(Status::Unreadable) => '!',
                None => '.',
            })
    };
    letters(a_id).chain([' ']).chain(letters(x_id)).collect()
}

#[test]
fn what_follows_rightly_from_a_wrong_number_is_carried() {
    assert_eq!(
        marked([Some(14.0), Some(6.0)], [Some(58.0), Some(84.0)]),
        "rr rr"
    );
    assert_eq!(
        marked([Some(14.05), Some(6.0)], [Some(58.5), Some(90.0)]),
        "rr rw"
    );
    // 14 · 2 + 5 · 5 and 14 · 3 + 5 · 7.
    assert_eq!(
        marked([Some(14.0), Some(5.0)], [Some(53.0), Some(77.0)]),
        "rw cc"
    );
    assert_eq!(
        marked([Some(14.0), Some(5.0)], [Some(58.0), Some(76.0)]),
        "rw rw"
    );
    assert_eq!(marked([Some(14.0), None], [Some(58.0), None]), "r- r-");
    assert_eq!(
        marked([Some(13.0), None], [Some(56.0), Some(81.0)]),
        "w- cc"
    );
}

#[test]
fn blank_zeroed_and_constant_numbers_earn_nothing_further_up() {
    assert_eq!(marked([None, None], [Some(58.0), Some(1.0)]), "-- rw");
    assert_eq!(
        marked([Some(0.0), Some(0.0)], [Some(0.0), Some(0.0)]),
        "ww ww"
    );
    // 11 · 2 + 11 · 5 and 11 · 3 + 11 · 7.
    assert_eq!(
        marked([Some(11.0), Some(11.0)], [Some(77.0), Some(110.0)]),
        "ww ww"
    );
    // 14 is 10 + 4, what comes of leaving out the weights: that is a method, and 14 · 2 + 14 ·
    // 5 and 14 · 3 + 14 · 7 follow from it.
    assert_eq!(
        marked([Some(14.0), Some(14.0)], [Some(98.0), Some(140.0)]),
        "rw cc"
    );
}

#[test]
fn the_status_of_a_tensor_is_its_worst() {
    let of = |statuses: &[Status]| {
        Marks {
            numbers: Numbers::blank(0),
            statuses: statuses.iter().copied().map(Some).collect(),
            bounds: Bounds::EXACT,
        }
        .status()
    };
    assert_eq!(
        of(&[
            Status::Correct,
            Status::Blank,
            Status::Carried,
            Status::Wrong
        ]),
        Status::Wrong
    );
    assert_eq!(
        of(&[Status::Correct, Status::Blank, Status::Carried]),
        Status::Carried
    );
    assert_eq!(of(&[Status::Unreadable, Status::Blank]), Status::Unreadable);
    assert_eq!(of(&[Status::Correct, Status::Blank]), Status::Blank);
    assert_eq!(of(&[Status::Correct]), Status::Correct);
}
