//! How a learner comes from the products of a neuron's terms to a number: it is worked out from
//! this, and shown from this.

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
/// How many are written out of more than that, and the last.
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
        self.given
            .into_iter()
            .chain(self.numbers.iter().copied())
            .collect()
    }

    /// What stands before the rest where a given upstream gradient is added to it.
    fn given_first(&self) -> String {
        self.given.map_or(String::new(), |given| {
            format!("{} + ", words::number(given))
        })
    }
}

/// Writes `2 + 3 + 6 = 11`, or just `11` where there is nothing to work out.
impl fmt::Display for Working {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, result) = (self.with_given(), words::number(self.result()));
        let bracketed = |numbers: &[f64]| {
            if numbers.len() > 1 {
                format!("({})", added(numbers))
            } else {
                added(numbers)
            }
        };
        match self.how {
            How::Added | How::Negated if all.len() < 2 => return f.write_str(&result),
            // Written out whole, an equation says where it only holds about.
            How::Added if all.len() <= MOST_SHOWN => f.write_str(&words::sum(&all, self.result())),
            How::Multiplied if self.given.is_none() && all.len() <= MOST_SHOWN => {
                f.write_str(&words::product(&self.numbers, self.result()))
            }
            How::Added => write!(f, "{} = {result}", added(&all)),
            How::Multiplied => write!(
                f,
                "{}{} = {result}",
                self.given_first(),
                joined(&self.numbers, " × ")
            ),
            How::Divided(by) => {
                write!(
                    f,
                    "{}{} / {} = {result}",
                    self.given_first(),
                    bracketed(&self.numbers),
                    words::number(by)
                )
            }
            How::Only(kept) if self.given.is_none() => {
                write!(
                    f,
                    "{} out of {}",
                    words::number(self.numbers[kept]),
                    listed(&self.numbers)
                )
            }
            How::Only(kept) => write!(
                f,
                "{}{} = {result}",
                self.given_first(),
                words::number(self.numbers[kept])
            ),
            How::Negated => write!(f, "−({}) = {result}", added(&all)),
        }?;
        if self.numbers.len() > MOST_SHOWN {
            write!(f, " ({} terms)", self.numbers.len())
        } else {
            Ok(())
        }
    }
}

/// `2 + 3 − 6`, or `2 + 3 + 6 + … − 9`.
fn added(numbers: &[f64]) -> String {
    let Some((few, last)) = shortened(numbers) else {
        return words::added(numbers);
    };
    let sign = if last < 0.0 { '−' } else { '+' };
    format!(
        "{} + … {sign} {}",
        words::added(few),
        words::number(last.abs())
    )
}

/// `2, 3 and 6`, or `2, 3, 6, …, −9`.
fn listed(numbers: &[f64]) -> String {
    match (shortened(numbers), numbers) {
        (None, [first @ .., last]) if !first.is_empty() => {
            format!("{} and {}", joined(first, ", "), words::number(*last))
        }
        _ => joined(numbers, ", "),
    }
}

/// `2 × 3 × 6`, or `2 × 3 × 6 × … × −9`.
fn joined(numbers: &[f64], by: &str) -> String {
    let texts = |numbers: &[f64]| {
        numbers
            .iter()
            .copied()
            .map(words::number)
            .collect::<Vec<_>>()
    };
    match shortened(numbers) {
        None => texts(numbers).join(by),
        Some((few, last)) => [texts(few), vec!["…".to_owned(), words::number(last)]]
            .concat()
            .join(by),
    }
}

/// The first few numbers and the last one, where there are too many to write them out.
fn shortened(numbers: &[f64]) -> Option<(&[f64], f64)> {
    (numbers.len() > MOST_SHOWN).then(|| (&numbers[..SHOWN], numbers[numbers.len() - 1]))
}
