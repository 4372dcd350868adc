//! Arguments as they are read in commands, and complaints as they point at the place.

use super::{Argument, ParseError};
use crate::debugger::example;
use crate::debugger::language::parse;
use crate::debugger::{Position, Spot};
use crate::scenario::Edit;
use crate::tensor::Element;

fn arguments(line: &str) -> Vec<Argument> {
    parse(line, &example::linear()).unwrap().arguments
}

fn element(address: &str) -> Element {
    let session = example::linear();
    session
        .network()
        .element(&address.parse().unwrap())
        .unwrap()
}

#[test]
fn places_and_elements_are_read() {
    for (line, place) in [
        ("goto pool[ 1, 0 ]", Position::Step(2)),
        ("goto flat[2]", Position::Step(2)),
        ("goto 12", Position::Step(11)),
        ("goto end", Position::End),
        ("fc.weight[0,1]", Position::Step(5)),
    ] {
        assert_eq!(arguments(line), [Argument::Place(place)], "{line}");
    }
    assert_eq!(
        arguments("print flat[0]"),
        [Argument::Element(element("pool[0,0]"))]
    );
    assert_eq!(arguments("print"), []);
    assert_eq!(
        arguments("whynot flat[1] from fc[ 2 ]"),
        [
            Argument::Element(element("flat[1]")),
            Argument::Element(element("fc[2]"))
        ]
    );
}

#[test]
fn a_spot_and_a_condition_are_read() {
    let pool = element("pool[0,0]").tensor;
    let stop = |line: &str| {
        let written = |argument| match argument {
            Argument::Condition(condition) => condition.to_string(),
            Argument::Spot(spot) => format!("{spot:?}"),
            other => panic!("{line} gives {other:?}"),
        };
        arguments(line).into_iter().map(written).collect::<Vec<_>>()
    };
    let (tensor, third) = (
        format!("{:?}", Spot::Tensor(pool)),
        format!("{:?}", Spot::Element(element("pool[1,0]"))),
    );
    assert_eq!(stop("break pool"), [tensor.as_str()]);
    assert_eq!(stop("break flat[ 2 ]"), [third.as_str()]);
    assert_eq!(stop("break  if  1<grad "), ["grad > 1"]);
    assert_eq!(stop("break pool if tie"), [tensor.as_str(), "tie"]);
}

#[test]
fn numbers_and_all_are_read() {
    assert_eq!(arguments("next"), []);
    assert_eq!(arguments("  next  3 "), [Argument::Count(3)]);
    assert_eq!(arguments("delete 3"), [Argument::Breakpoint(3)]);
    assert_eq!(arguments("delete all"), [Argument::All]);
    assert_eq!(arguments("unwatch all"), [Argument::All]);
    assert_eq!(arguments("continue back 2"), [Argument::Breakpoint(2)]);
    assert_eq!(arguments("predict −½"), [Argument::Number(-0.5)]);
    assert_eq!(
        arguments("search fc.w"),
        [Argument::Name("fc.w".to_owned())]
    );
    assert_eq!(
        arguments("save what if.json"),
        [Argument::File("what if.json".to_owned())]
    );
}

#[test]
fn edits_are_read() {
    let setting = |value: Option<&str>| Edit::Setting {
        layer: element("fc[0]").tensor,
        key: "activation".to_owned(),
        value: value.map(str::to_owned),
    };
    for (line, edit) in [
        ("set pool[0,1] 7/2", Edit::Value(element("pool[0,1]"), 3.5)),
        (
            "set fc.weight[0,1] −1.5",
            Edit::Value(element("fc.weight[0,1]"), -1.5),
        ),
        (
            "set fc[2].grad 1e-3",
            Edit::Upstream(element("fc[2]"), 1e-3),
        ),
        ("set fc.activation tanh", setting(Some("tanh"))),
        ("set fc.activation 1/4", setting(Some("0.25"))),
        ("set fc.activation default", setting(None)),
    ] {
        assert_eq!(arguments(line), [Argument::Edit(edit)], "{line}");
    }
}

#[test]
fn complaints_point_at_the_place() {
    let complaint = |line: &&str| {
        let ParseError { at, kind } = parse(line, &example::linear()).unwrap_err();
        let hint = kind
            .hint()
            .map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{line}: {} `{}` {kind}{hint}", at.start, &line[at.clone()])
    };
    let lines = [
        "next zero",
        "goto",
        "goto  pol[0,1]",
        "goto pool[0,2]",
        "goto pool[0,x]",
        "goto pool 1",
        "goto fc",
        "goto 99",
        "goto 1x",
        "pool[9,9]",
        "break pol",
        "break fc",
        "break pool if gard > 1",
        "break if",
        "break if grad > 1,234",
        "break grad > 1",
        "break tie",
        "delete",
        "delete pool",
        "unwatch",
        "unwatch pool",
        "search",
        "predict",
        "predict 1/0",
        "save",
        "set",
        "set pool[0,1]",
        "set pool[0,1] many",
        "set pool[0,1] nan",
        "set pool 7",
        "set fc[0] 7",
        "set flat[0] 7",
        "set pol[0].grad 7",
        "set lr 0.1",
        "set train.momentum 0.9",
        "update 0",
        "learn many",
        "learn 0 at 0.1",
        "choose 0",
        "whynot",
        "whynot pool[0,0]",
        "whynot pool[0,0] fc[0]",
        "whynot pool[0,9] from fc[0]",
        "whynot pool[0,0] from",
        "whynot pool[0,0] from fc[3]",
    ];
    insta::assert_snapshot!(lines.iter().map(complaint).collect::<Vec<_>>().join("\n"));
}
