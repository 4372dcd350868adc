//! What was done wrong, in a clause that fits after "you" and after "who".

use crate::marking::{
    Cause, Choice, Combination, Derivation, Diagnosis, Followed, Form, Hypothesis, Outcome, Seen,
    TermSlip,
};
use crate::ops::FactorKind;
use crate::tape::Network;
use crate::tensor::numerals::{added, number, product, ratio, sum};

/// Which numbers a clause may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// All of them.
    All,
    /// Those of the element's own sum, and none that tells the gradient of another element: not the
    /// factor that all numbers have in common, nor what belongs elsewhere.
    OwnSum,
    /// None: the rule alone.
    Nothing,
}

/// Returns what was done at one element and how that gives its number: `left out the weight on the
/// wire: 2 + 3 + 6 = 11`.
pub fn cause(network: &Network, cause: &Cause, disclosure: Disclosure) -> String {
    match cause {
        Cause::Rules(at) => followed(network, at, disclosure),
        Cause::Term(slip) => term_slip(network, slip, disclosure),
        Cause::Swapped(both) => {
            let [one, other] = both.map(|element| network.address(element));
            format!("exchanged the numbers of {one} and {other}")
        }
    }
}

/// Returns what explains wrong numbers of a tensor, with the numbers of the first that it explains.
pub fn diagnosis(network: &Network, diagnosis: &Diagnosis, disclosure: Disclosure) -> String {
    let clause = cause(network, &diagnosis.cause, disclosure);
    match &diagnosis.cause {
        Cause::Term(slip) => format!("{clause} in {}", network.address(slip.element)),
        Cause::Rules(_) | Cause::Swapped(_) => clause,
    }
}

/// Returns what a learner does who follows a hypothesis at an element, and the number that comes of
/// it.
pub fn followed(network: &Network, followed: &Followed, disclosure: Disclosure) -> String {
    let rules = rules(network, &followed.hypothesis, disclosure);
    match outcome(network, &followed.outcome, disclosure) {
        None => rules,
        Some(outcome) if rules.is_empty() => outcome,
        Some(outcome) => format!("{rules}: {outcome}"),
    }
}

/// Returns what was done to a term: `left out the term from fc[1], −3`.
pub fn term_slip(network: &Network, slip: &TermSlip, disclosure: Disclosure) -> String {
    let clause = format!("{} the term from {}", slip.did, network.address(slip.from));
    match disclosure {
        Disclosure::All | Disclosure::OwnSum => format!("{clause}, {}", number(slip.product)),
        Disclosure::Nothing => clause,
    }
}

fn rules(network: &Network, hypothesis: &Hypothesis, disclosure: Disclosure) -> String {
    let rules = hypothesis.choices().iter();
    let rules: Vec<String> = rules
        .map(|&choice| rule(network, choice, disclosure))
        .collect();
    rules.join(" and ")
}

/// Returns what a learner does who makes a slip, wherever it is made.
pub fn rule(network: &Network, choice: Choice, disclosure: Disclosure) -> String {
    let how = match choice.form {
        Form::Plain
        | Form::Step { .. }
        | Form::Along { .. }
        | Form::Offset { .. }
        | Form::Softmax { .. } => String::new(),
        Form::Sample { is_last: true } => ", the last".to_owned(),
        Form::Sample { is_last: false } => ", the first".to_owned(),
        Form::AllBut { axis } => format!(", all but axis {axis}"),
        Form::InsteadOf(FactorKind::Weight) => " instead of the weight".to_owned(),
        Form::InsteadOf(_) => " instead of the other factor".to_owned(),
        Form::Slope(activation, Seen::FromInput) => format!(", {}", activation.title()),
        Form::Slope(activation, Seen::FromOutput) => {
            let formula = activation
                .slope_by_output()
                .map_or("slope", |by| by.formula);
            format!(", the {formula} of a {}", activation.title())
        }
        Form::Ties(convention) => format!(", “{}”", convention.name()),
        Form::Branch(layer) => {
            let output = network.layers()[layer].output;
            format!(", from {}", network.tensor(output).name)
        }
        Form::MaskOf(layer) => {
            let output = network.layers()[layer].output;
            format!(", that of {}", network.tensor(output).name)
        }
        Form::Factor(factor) if disclosure == Disclosure::All => format!(", {}", ratio(factor)),
        Form::Factor(_) => String::new(),
        Form::Decimals(1) => ", to 1 decimal".to_owned(),
        Form::Decimals(n) => format!(", to {n} decimals"),
    };
    format!("{}{how}", choice.slip.did)
}

/// Returns what stands in an element's place, or nothing where that would tell too much.
fn outcome(network: &Network, outcome: &Outcome, disclosure: Disclosure) -> Option<String> {
    if disclosure == Disclosure::Nothing {
        return None;
    }
    let tells_all = disclosure == Disclosure::All;
    match *outcome {
        Outcome::Derived(ref derivation) => Some(self::derivation(derivation)),
        Outcome::Unmoved(own) => Some(format!("here that changes nothing, {}", number(own))),
        Outcome::Moved {
            from,
            number: moved,
        } => {
            let whose = format!("here is what belongs to {}", network.address(from));
            Some(if tells_all {
                format!("{whose}, {}", number(moved))
            } else {
                whose
            })
        }
        Outcome::Scaled { factor, number } => {
            tells_all.then(|| product(&[factor, number], factor * number))
        }
        Outcome::Written(written) => Some(number(written)),
    }
}

/// More numbers than this are not written out.
const MOST_SHOWN: usize = 6;
/// How many are written out of more than that, and the last.
const SHOWN: usize = 3;

/// Returns `2 + 3 + 6 = 11`, or just `11` where there is nothing to work out.
fn derivation(derivation: &Derivation) -> String {
    let Derivation {
        given,
        ref numbers,
        how,
    } = *derivation;
    let all: Vec<f64> = given.into_iter().chain(numbers.iter().copied()).collect();
    let result = number(derivation.result());
    // What stands before the rest where a given upstream gradient is added to it.
    let given_first = given.map_or(String::new(), |given| format!("{} + ", number(given)));
    let equation = match how {
        Combination::Added | Combination::Negated if all.len() < 2 => return result,
        // Written out whole, an equation says where it only holds about.
        Combination::Added if all.len() <= MOST_SHOWN => sum(&all, derivation.result()),
        Combination::Multiplied if given.is_none() && all.len() <= MOST_SHOWN => {
            product(numbers, derivation.result())
        }
        Combination::Added => format!("{} = {result}", shortly_added(&all)),
        Combination::Multiplied => {
            format!("{given_first}{} = {result}", joined(numbers, " × "))
        }
        Combination::Divided(by) if numbers.len() > 1 => {
            let (sum, by) = (shortly_added(numbers), number(by));
            format!("{given_first}({sum}) / {by} = {result}")
        }
        Combination::Divided(by) => {
            format!(
                "{given_first}{} / {} = {result}",
                shortly_added(numbers),
                number(by)
            )
        }
        Combination::Only(kept) if given.is_none() => {
            format!("{} out of {}", number(numbers[kept]), listed(numbers))
        }
        Combination::Only(kept) => {
            format!("{given_first}{} = {result}", number(numbers[kept]))
        }
        Combination::Negated => format!("−({}) = {result}", shortly_added(&all)),
    };
    if numbers.len() > MOST_SHOWN {
        format!("{equation} ({} terms)", numbers.len())
    } else {
        equation
    }
}

/// Returns `2 + 3 − 6`, or `2 + 3 + 6 + … − 9`.
fn shortly_added(numbers: &[f64]) -> String {
    let Some((few, last)) = shortened(numbers) else {
        return added(numbers);
    };
    let sign = if last < 0.0 { '−' } else { '+' };
    format!("{} + … {sign} {}", added(few), number(last.abs()))
}

/// Returns `2, 3 and 6`, or `2, 3, 6, …, −9`.
fn listed(numbers: &[f64]) -> String {
    match (shortened(numbers), numbers) {
        (None, [first @ .., last]) if !first.is_empty() => {
            format!("{} and {}", joined(first, ", "), number(*last))
        }
        _ => joined(numbers, ", "),
    }
}

/// Returns `2 × 3 × 6`, or `2 × 3 × 6 × … × −9`.
fn joined(numbers: &[f64], by: &str) -> String {
    let texts = |numbers: &[f64]| numbers.iter().copied().map(number).collect::<Vec<_>>();
    match shortened(numbers) {
        None => texts(numbers).join(by),
        Some((few, last)) => [texts(few), vec!["…".to_owned(), number(last)]]
            .concat()
            .join(by),
    }
}

/// The first few numbers and the last one, where there are too many to write them out.
fn shortened(numbers: &[f64]) -> Option<(&[f64], f64)> {
    (numbers.len() > MOST_SHOWN).then(|| (&numbers[..SHOWN], numbers[numbers.len() - 1]))
}
