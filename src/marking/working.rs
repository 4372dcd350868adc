//! How a learner comes from the products of a neuron's terms to a number: it is worked out from this, and shown from this.

use std::fmt;

use smallvec::SmallVec;

use crate::words;

/// Numbers and what is done with them. A given upstream gradient is added to the result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Working {
    pub(super) given: Option<f64>,
    pub(super) numbers: SmallVec<[f64; 8]>,
    pub(super) how: How,
}

/// What is done with the numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum How {
    Added,
    Multiplied,
    /// Added, then divided by this.
    Divided(f64),
    /// All but the one at this place are dropped.
    Only(usize),
    /// Added, the given one too, and the sign of the sum turned.
    Negated,
}

/// More numbers than this are not written out.
const MOST_SHOWN: usize = 6;
/// How many are written out of more than that.
const SHOWN: usize = 3;

impl Working {
    /// The result.
    pub(super) fn result(&self) -> f64 {
        let given = self.given.unwrap_or(0.0);
        match self.how {
            How::Added => self.numbers.iter().fold(given, |sum, number| sum + number),
            How::Multiplied => given + self.numbers.iter().product::<f64>(),
            How::Divided(by) => given + self.numbers.iter().sum::<f64>() / by,
            How::Only(kept) => given + self.numbers[kept],
            How::Negated => -self.numbers.iter().fold(given, |sum, number| sum + number),
        }
    }

    fn with_given(&self) -> Vec<f64> {
        self.given.into_iter().chain(self.numbers.iter().copied()).collect()
    }

    /// What stands before the rest where a given upstream gradient is added to it.
    fn given_first(&self) -> String {
        self.given.map_or(String::new(), |given| format!("{} + ", words::number(given)))
    }
}

/// Writes `2 + 3 + 6 = 11`, or just `11` where there is nothing to work out.
impl fmt::Display for Working {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = words::number(self.result());
        let several = self.numbers.len() > 1;
        match self.how {
            How::Added => f.write_str(&equation(&self.with_given(), self.result())),
            How::Multiplied if self.given.is_none() && self.numbers.len() <= MOST_SHOWN => {
                f.write_str(&words::product(&self.numbers, self.result()))
            }
            How::Multiplied => write!(f, "{}{} = {result}", self.given_first(), multiplied(&self.numbers)),
            How::Divided(by) if several => {
                write!(f, "{}({}) / {} = {result}", self.given_first(), added(&self.numbers), words::number(by))
            }
            How::Divided(by) => write!(f, "{}{} / {} = {result}", self.given_first(), added(&self.numbers), words::number(by)),
            How::Only(kept) if self.given.is_none() => {
                write!(f, "{} out of {}", words::number(self.numbers[kept]), listed(&self.numbers))
            }
            How::Only(kept) => write!(f, "{}{} = {result}", self.given_first(), words::number(self.numbers[kept])),
            How::Negated if self.with_given().len() > 1 => write!(f, "−({}) = {result}", added(&self.with_given())),
            How::Negated => f.write_str(&result),
        }
    }
}

/// `2 + 3 + 6 = 11`.
fn equation(numbers: &[f64], result: f64) -> String {
    match numbers {
        [] | [_] => words::number(result),
        few if few.len() <= MOST_SHOWN => words::sum(few, result),
        many => format!("{} = {}", added(many), words::number(result)),
    }
}

/// `2 + 3 + 6`, or `2 + 3 + 6 + … (12 terms)`.
fn added(numbers: &[f64]) -> String {
    match shortened(numbers) {
        (few, None) => words::added(few),
        (few, Some(rest)) => format!("{} + {rest}", words::added(few)),
    }
}

/// `2 × 3 × 6`.
fn multiplied(numbers: &[f64]) -> String {
    let (few, rest) = shortened(numbers);
    let texts: Vec<String> = few.iter().map(|&number| words::number(number)).chain(rest).collect();
    texts.join(" × ")
}

/// `2, 3 and 6`, or `12 terms`.
fn listed(numbers: &[f64]) -> String {
    match numbers {
        many if many.len() > MOST_SHOWN => format!("{} terms", many.len()),
        [] => String::new(),
        [only] => words::number(*only),
        [first @ .., last] => {
            let texts: Vec<String> = first.iter().map(|&number| words::number(number)).collect();
            format!("{} and {}", texts.join(", "), words::number(*last))
        }
    }
}

/// The numbers that are written out, and a word for the others.
fn shortened(numbers: &[f64]) -> (&[f64], Option<String>) {
    if numbers.len() <= MOST_SHOWN { (numbers, None) } else { (&numbers[..SHOWN], Some(format!("… ({} terms)", numbers.len()))) }
}
