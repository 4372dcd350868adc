//! What is to be known of an answer before its marks are read, in sentences.

use super::cause::{Disclosure, rule};
use crate::diagnostic::{list, quote};
use crate::marking::{Lost, Remark, Uses, Whole};
use crate::tape::{Kind, Network};
use crate::tensor::numerals::{form, number, ratio};

/// More tensors than this are not named one by one.
const MOST_NAMED: usize = 6;

/// Returns what is to be known of an answer before its marks are read. Where all is told, that is
/// also a right gradient and a factor; where nothing is, only the answer's own numbers.
pub fn remark(network: &Network, remark: &Remark, disclosure: Disclosure) -> String {
    match remark {
        Remark::Forward {
            of,
            address,
            yours,
            expected,
        } => {
            let what = match of {
                Kind::Input => "the input is another one",
                Kind::Parameter(_) => "the weights are others",
                Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => {
                    "the values are others, here first on the way forward"
                }
            };
            let (yours, expected) = (number(*yours), given(*expected, disclosure));
            format!(
                "{what}: {address} is {yours}, in the scenario {expected}; so the gradients are \
                 those of another run"
            )
        }
        Remark::Student { said } => {
            format!("inside, the answer says that it is by {}", quote(said))
        }
        Remark::Exercise { of: Some(of) } => format!(
            "inside, the answer says that it is one to the exercise of {}: it belongs there",
            quote(of)
        ),
        Remark::Exercise { of: None } => {
            "inside, the answer says that it is one to another exercise".to_owned()
        }
        Remark::HandIns { others, is_best } => {
            let which = if *is_best { "best" } else { "last" };
            let others: Vec<String> = others.iter().map(|name| quote(name)).collect();
            format!(
                "of several hand-ins this is the {which}; there is {} too",
                list(&others, "and")
            )
        }
        Remark::Renamed {
            theirs,
            ours,
            n_more,
        } => {
            let more = likewise(*n_more);
            format!("{} is taken for {}{more}", quote(theirs), quote(ours))
        }
        Remark::ByValues {
            theirs,
            ours,
            n_more,
        } => format!(
            "{} is taken for {}, which has the same values up to the order of the axes{}",
            quote(theirs),
            quote(ours),
            likewise(*n_more)
        ),
        Remark::Given {
            address,
            yours,
            expected,
        } => {
            let (yours, expected) = (number(*yours), given(*expected, disclosure));
            format!("{address} is {yours}, but the scenario gives {expected}")
        }
        Remark::Folded { layer, norm } => format!(
            "`{layer}` is not compared: the answer has gradients of {}, which the scenario does \
             not have; where an exporter has folded it into `{layer}`, these are gradients of \
             other weights, and where the model was in training, all are those of another run; \
             `optimize=False` keeps both apart, or `do_constant_folding=False` with \
             `dynamo=False`",
            quote(norm)
        ),
        Remark::Unfolded { layer, norm } => format!(
            "{} is folded into `{layer}` here: your gradients of `{layer}` are right up to one \
             factor a channel, which cannot be checked here, and that of the bias of {} is right",
            quote(norm),
            quote(norm)
        ),
        Remark::Zeroed {
            weight,
            channel,
            norm,
        } => format!(
            "channel {channel} of your gradient of `{weight}` is zero, and should not be, though \
             {} is folded into it here",
            quote(norm)
        ),
        Remark::Uses {
            parameter,
            uses,
            has,
        } => {
            let all = if uses.len() == 2 { "both" } else { "all" };
            let yours = match has {
                Uses::Only(only) => format!("is that of `{only}` alone"),
                Uses::AllBut(one) => format!("is without that of `{one}`"),
            };
            format!(
                "`{parameter}` is used by {}, and its gradient is the sum over {all}; yours \
                 {yours}",
                list(&quoted(uses), "and")
            )
        }
        Remark::Integers {
            tensor,
            holds,
            lost,
        } => {
            let what = match holds {
                Whole::Integers => "integers",
                Whole::Unsigned => "unsigned integers",
                Whole::Booleans => "booleans",
            };
            let why = match lost {
                Lost::Cut => ": a cast has cut off its fractions",
                Lost::Fractions => ", which have no room for its fractions",
                Lost::Negatives => ", which have no room for what is below 0",
                Lost::AllButBits => ", which have no room for anything but 0 and 1",
            };
            format!("the gradient of `{tensor}` is an array of {what}{why}")
        }
        Remark::NotNumbers {
            tensor,
            n,
            of,
            are_blanks,
        } => {
            let numbers = match of {
                1 => "the gradient".to_owned(),
                of => format!("{n} of the {of} numbers of the gradient"),
            };
            let are = form(*n, "is", "are");
            let so = match are_blanks {
                true => {
                    ", which is a blank in an array; a program that divides 0 by 0, or takes ∞ \
                     from ∞, has written it, too"
                }
                false => ", as 0 / 0 and ∞ − ∞ are; a blank is `null` or an empty cell",
            };
            format!("{numbers} of `{tensor}` {are} NaN{so}")
        }
        Remark::Source { mistakes, of } => {
            let each = mistakes.iter().take(MOST_NAMED).map(|(choice, tensors)| {
                let rule = rule(network, *choice, disclosure);
                format!(
                    "in the gradient of {} you {rule}",
                    list(&quoted(tensors), "or")
                )
            });
            let each: Vec<String> = each.collect();
            let numbers = of.as_ref().map_or_else(
                || "every wrong number".to_owned(),
                |of| format!("the wrong numbers of {}", few(of)),
            );
            match &each[..] {
                [one] => format!("one mistake gives {numbers}: {one}"),
                several => format!(
                    "one of these mistakes gives {numbers}, and nothing tells which: {}",
                    several.join("; or ")
                ),
            }
        }
        Remark::SameFactor {
            factor,
            of_parameters,
        } => same_factor(*factor, *of_parameters, disclosure),
        Remark::OwnMistake {
            layer,
            right,
            wrong,
        } => format!(
            "`{right}` is right, and with it what arrives at `{layer}`: the error is in the \
             gradient of `{wrong}` itself"
        ),
        Remark::NothingGives { layer, weight } => format!(
            "no gradient that could arrive at `{layer}` gives that of `{weight}`: the error is in \
             the gradient of `{weight}` itself"
        ),
        Remark::Arrived {
            weight,
            address,
            yours,
            expected,
            n_wrong,
            n,
            slips,
        } => {
            let rules = slips.iter().take(MOST_NAMED);
            let rules: Vec<String> = rules
                .map(|&choice| rule(network, choice, disclosure))
                .collect();
            let did = match &rules[..] {
                [] => String::new(),
                rules => format!(": you {}", list(rules, "or")),
            };
            let right = match disclosure {
                Disclosure::All => format!("and {} is right", number(*expected)),
                Disclosure::OwnSum | Disclosure::Nothing => "which is wrong".to_owned(),
            };
            format!(
                "`{weight}` tells what arrived before it: {address} got {}, {right}; {n_wrong} of \
                 {n} are wrong{did}",
                number(*yours)
            )
        }
        Remark::Between {
            right,
            wrong,
            between,
            is_given,
            or_itself,
        } => {
            let right = match &quoted(right)[..] {
                [] => format!("`{wrong}` is the first that is wrong on the way back"),
                [one] => format!("{one} is right and `{wrong}` is wrong"),
                several => format!("{} are right and `{wrong}` is wrong", list(several, "and")),
            };
            let between = match &quoted(between)[..] {
                [first, .., last] if between.len() > MOST_NAMED => {
                    format!("one of {} tensors from {first} to {last}", between.len())
                }
                few => list(few, "or"),
            };
            let itself = match or_itself {
                true => format!(", or of `{wrong}` itself"),
                false => String::new(),
            };
            let given = match is_given {
                true => {
                    format!("; that of {between} is given here, and another loss gives another")
                }
                false => String::new(),
            };
            format!("{right}: the error enters in the gradient of {between}{itself}{given}")
        }
    }
}

/// By what all gradients are off, and what does that.
fn same_factor(factor: f64, of_parameters: bool, disclosure: Disclosure) -> String {
    let of = match of_parameters {
        true => "every gradient of a parameter",
        false => "every gradient",
    };
    let by = match disclosure {
        Disclosure::All => format!("{} times", ratio(factor)),
        Disclosure::OwnSum | Disclosure::Nothing => "by the same factor another than".to_owned(),
    };
    match factor {
        0.0 => format!("{of} is 0: it was left at zero, or set to zero before it was read"),
        ..0.0 => format!("{of} is {by} the right one: the sign of the loss, or of the update"),
        _ => format!(
            "{of} is {by} the right one: gradient clipping, a loss divided otherwise, or \
             accumulation"
        ),
    }
}

/// What the scenario has, where an answer has something else.
fn given(expected: f64, disclosure: Disclosure) -> String {
    match disclosure {
        Disclosure::All | Disclosure::OwnSum => number(expected),
        Disclosure::Nothing => "another number".to_owned(),
    }
}

/// Of how many more names the same is said.
fn likewise(n_more: usize) -> String {
    match n_more {
        0 => String::new(),
        1 => ", and one more name likewise".to_owned(),
        n => format!(", and {n} more names likewise"),
    }
}

/// The first of many names in a list, with how many more there are.
fn few(names: &[String]) -> String {
    let n_more = names.len().saturating_sub(MOST_NAMED);
    let more = (n_more > 0).then(|| format!("{n_more} more"));
    let shown = quoted(names).into_iter().take(MOST_NAMED);
    list(&shown.chain(more).collect::<Vec<_>>(), "and")
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}
