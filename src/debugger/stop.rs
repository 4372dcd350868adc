//! How what follows `break`, `delete`, `continue` and `unwatch` is read.

use super::commands::Argument;
use super::condition::parse;
use super::language::{Part, address, element, why_no_steps};
use super::{Complaint, Session, Spot, Stop, Which};
use crate::tensor::Element;

/// Reads where to stop: a place, `if` and a condition, or both. Nothing is the current neuron.
pub(super) fn read(part: Part<'_>, session: &Session) -> Result<Argument, Complaint> {
    if part.text.is_empty() {
        return Ok(Argument::Nothing);
    }
    let (place, condition) = split_at_if(part);
    let condition = match condition {
        Some(text) => Some(parse(text.text).map_err(|complaint| moved(complaint, text.at))?),
        None => None,
    };
    let spot = if place.text.is_empty() {
        Spot::Anywhere
    } else {
        spot(place, session)?
    };
    Ok(Argument::Stop(Stop { spot, condition }))
}

/// Reads the number of a breakpoint, which may be left out.
pub(super) fn breakpoint(part: Part<'_>) -> Result<Argument, Complaint> {
    if part.text.is_empty() {
        Ok(Argument::Nothing)
    } else {
        Ok(Argument::Breakpoints(Which::Number(number(part)?)))
    }
}

/// Reads the number of a breakpoint, or `all`.
pub(super) fn breakpoints(part: Part<'_>) -> Result<Argument, Complaint> {
    match part.text {
        "" => part.complain(
            "expected the number of a breakpoint, or `all`",
            Some("`breaks` lists them".to_owned()),
        ),
        "all" => Ok(Argument::Breakpoints(Which::All)),
        _ => Ok(Argument::Breakpoints(Which::Number(number(part)?))),
    }
}

/// Reads a neuron, or `all`.
pub(super) fn watches(part: Part<'_>, session: &Session) -> Result<Argument, Complaint> {
    match part.text {
        "" => part.complain(
            "expected a neuron, or `all`",
            Some("`watches` lists what is watched".to_owned()),
        ),
        "all" => Ok(Argument::All),
        _ => element(part, session),
    }
}

/// Returns the parts before and after the word `if`.
pub(super) fn split_at_if(part: Part<'_>) -> (Part<'_>, Option<Part<'_>>) {
    let mut rest = part;
    while !rest.text.is_empty() {
        let (word, after) = rest.split();
        if word.text == "if" {
            return (
                Part {
                    text: &part.text[..word.at - part.at],
                    at: part.at,
                }
                .trimmed(),
                Some(after),
            );
        }
        rest = after;
    }
    (part, None)
}

fn spot(part: Part<'_>, session: &Session) -> Result<Spot, Complaint> {
    if part.text.contains(['<', '>', '=']) || parse(part.text).is_ok() {
        return part.complain(
            "a condition comes after `if`",
            Some(format!("`break if {}`", part.text)),
        );
    }
    let (tensor, at) = address(part, session)?;
    let base = session.network().base(tensor);
    if session.start_of_tensor(base).is_none() {
        return part.complain(why_no_steps(tensor, session), None);
    }
    Ok(at.map_or(Spot::Tensor(base), |at| {
        Spot::Element(Element { tensor: base, at })
    }))
}

fn number(part: Part<'_>) -> Result<usize, Complaint> {
    match part.text.parse() {
        Ok(number) => Ok(number),
        Err(_) => part.complain(
            format!("`{}` is not the number of a breakpoint", part.text),
            Some("`breaks` lists them".to_owned()),
        ),
    }
}

fn moved(complaint: Complaint, by: usize) -> Complaint {
    Complaint {
        at: complaint.at.start + by..complaint.at.end + by,
        ..complaint
    }
}

#[cfg(test)]
mod tests {
    use crate::debugger::{Argument, Spot, Stop, Which, example, parse};
    use crate::tensor::Element;

    fn stop(line: &str) -> (Spot, Option<String>) {
        match parse(line, &example::linear()).unwrap().argument {
            Argument::Stop(Stop { spot, condition }) => {
                (spot, condition.map(|condition| condition.to_string()))
            }
            other => panic!("{line} gives {other:?}"),
        }
    }

    #[test]
    fn a_place_and_a_condition_are_read() {
        let pool = example::linear().network().find("pool").unwrap();
        assert_eq!(stop("break pool"), (Spot::Tensor(pool), None));
        assert_eq!(
            stop("break flat[ 2 ]"),
            (
                Spot::Element(Element {
                    tensor: pool,
                    at: 2
                }),
                None
            )
        );
        assert_eq!(
            stop("break  if  1<grad "),
            (Spot::Anywhere, Some("grad > 1".to_owned()))
        );
        assert_eq!(
            stop("break pool if tie"),
            (Spot::Tensor(pool), Some("tie".to_owned()))
        );
    }

    #[test]
    fn numbers_and_all_are_read() {
        let argument = |line: &str| parse(line, &example::linear()).unwrap().argument;
        assert_eq!(argument("break"), Argument::Nothing);
        assert_eq!(
            argument("delete 3"),
            Argument::Breakpoints(Which::Number(3))
        );
        assert_eq!(argument("delete all"), Argument::Breakpoints(Which::All));
        assert_eq!(argument("unwatch all"), Argument::All);
        assert_eq!(
            argument("continue back 2"),
            Argument::Breakpoints(Which::Number(2))
        );
    }

    #[test]
    fn complaints_point_at_the_word() {
        let complaint = |line: &str| {
            let complaint = parse(line, &example::linear()).unwrap_err();
            let hint = complaint
                .hint
                .map(|hint| format!(" ({hint})"))
                .unwrap_or_default();
            format!("`{}`: {}{hint}", &line[complaint.at], complaint.message)
        };
        for (line, expected) in [
            (
                "break pol",
                "`pol`: no tensor is called `pol` (did you mean `pool`?)",
            ),
            (
                "break fc",
                "`fc`: `fc` makes no steps: its gradient is given",
            ),
            (
                "break pool if gard > 1",
                "`gard`: `gard` is nothing that a condition can test (did you mean `grad`?)",
            ),
            (
                "break if",
                "``: expected a condition (as in `abs(grad) > 1`, `tie` or `dead`)",
            ),
            (
                "break grad > 1",
                "`grad > 1`: a condition comes after `if` (`break if grad > 1`)",
            ),
            (
                "break tie",
                "`tie`: a condition comes after `if` (`break if tie`)",
            ),
            (
                "delete",
                "``: expected the number of a breakpoint, or `all` (`breaks` lists them)",
            ),
            (
                "delete pool",
                "`pool`: `pool` is not the number of a breakpoint (`breaks` lists them)",
            ),
            (
                "unwatch pool",
                "`pool`: `pool` has 4 neurons (name one of them, such as `pool[0,0]`)",
            ),
            (
                "breka pool",
                "`breka`: `breka` is not a command (did you mean `break`?)",
            ),
        ] {
            assert_eq!(complaint(line), expected, "{line}");
        }
    }
}
