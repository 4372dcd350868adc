//! What a condition is, and how it is written.

use std::fmt;

use crate::health::Watch;
use crate::tensor::exact;

/// What must be true of a neuron for a breakpoint to be hit there. [`fmt::Display`] writes it so
/// that it reads back.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A quantity compares so with a number.
    Compares(Quantity, Relation, f64),
    /// A word is true.
    Is(Word),
    /// This is found at the neuron.
    Finds(Watch),
    /// The condition is false.
    Not(Box<Condition>),
    /// All are true.
    All(Vec<Condition>),
    /// At least one is true.
    Any(Vec<Condition>),
}

/// The numbers of a condition are never NaN.
impl Eq for Condition {}

/// A number that a neuron has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Its gradient.
    Gradient,
    /// Its gradient without the sign.
    AbsoluteGradient,
    /// Its value.
    Value,
    /// Its value without the sign.
    AbsoluteValue,
    /// How many terms its sum has, those that are zero too.
    Contributions,
    /// By how much the update moves it, of what is trained; of all else 0.
    Change,
    /// The same without the sign.
    AbsoluteChange,
    /// The number of the update.
    Update,
    /// The loss, which all neurons share.
    Loss,
    /// The same without the sign.
    AbsoluteLoss,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

/// Something that is true or false of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It shares the maximum of a pooling window with another neuron.
    Tie,
    /// Downstream neurons look at it, and every one of them sends back exactly 0.
    Dead,
    /// Its value or its gradient is not a number.
    Nan,
    /// One of them is not a number, and is made of nothing that is not.
    NanAtOrigin,
    /// Its value or its gradient is infinite.
    Infinite,
    /// The answer that is loaded has another gradient.
    Wrong,
}

/// What it takes to find out whether a condition is true, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    /// A number is read.
    Read,
    /// The pooling windows around the neuron are looked at.
    Windows,
    /// The terms are listed.
    Terms,
}

impl Condition {
    /// Joins conditions with `and`; those that are joined so already are taken apart first.
    pub(in crate::debugger) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All(parts) => parts,
            other => vec![other],
        });
        one_or(flat.collect(), Self::All)
    }

    /// Joins conditions with `or`; those that are joined so already are taken apart first.
    pub(in crate::debugger) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Any(parts) => parts,
            other => vec![other],
        });
        one_or(flat.collect(), Self::Any)
    }

    /// Returns the same condition with what is quickly found out first, so that the rest is often
    /// not asked for.
    pub(in crate::debugger) fn cheapest_first(&self) -> Self {
        let sorted = |parts: &[Self]| {
            let mut parts: Vec<_> = parts.iter().map(Self::cheapest_first).collect();
            parts.sort_by_key(Self::cost);
            parts
        };
        match self {
            Self::Not(condition) => Self::Not(Box::new(condition.cheapest_first())),
            Self::All(parts) => Self::All(sorted(parts)),
            Self::Any(parts) => Self::Any(sorted(parts)),
            Self::Compares(..) | Self::Is(_) | Self::Finds(_) => self.clone(),
        }
    }

    /// Whether it asks for that word anywhere.
    pub(in crate::debugger) fn mentions(&self, word: Word) -> bool {
        match self {
            Self::Is(asked) => *asked == word,
            Self::Compares(..) | Self::Finds(_) => false,
            Self::Not(condition) => condition.mentions(word),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(word)),
        }
    }

    fn cost(&self) -> Cost {
        match self {
            Self::Compares(Quantity::Contributions, ..) => Cost::Terms,
            Self::Compares(..) => Cost::Read,
            Self::Is(Word::Nan | Word::Infinite | Word::Wrong) => Cost::Read,
            Self::Is(Word::Tie) => Cost::Windows,
            Self::Is(Word::Dead | Word::NanAtOrigin) | Self::Finds(_) => Cost::Terms,
            Self::Not(condition) => condition.cost(),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().map(Self::cost).max().unwrap_or(Cost::Read)
            }
        }
    }

    /// How tightly its parts hold together where it is written without parentheses.
    fn level(&self) -> u8 {
        match self {
            Self::Any(_) => 0,
            Self::All(_) => 1,
            Self::Not(_) => 2,
            Self::Compares(..) | Self::Is(_) | Self::Finds(_) => 3,
        }
    }

    /// Writes a part of a condition, in parentheses where it holds together less tightly than
    /// `least`.
    fn write_part(&self, least: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level() < least {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }

    fn write_joined(
        parts: &[Self],
        word: &str,
        least: u8,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                write!(f, " {word} ")?;
            }
            part.write_part(least, f)?;
        }
        Ok(())
    }
}

fn one_or(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compares(quantity, relation, number) => {
                let number = if number.is_infinite() {
                    exact(*number).replace("Infinity", "inf")
                } else {
                    exact(*number)
                };
                write!(f, "{} {} {number}", quantity.name(), relation.sign())
            }
            Self::Is(word) => f.write_str(word.name()),
            // A word that is also one of single neurons is told apart from it by the limit.
            Self::Finds(Watch { row, limit }) if Word::named(row.name).is_some() => {
                write!(f, "{}={}", row.name, exact(*limit))
            }
            Self::Finds(watch) => write!(f, "{watch}"),
            Self::Not(condition) => {
                f.write_str("not ")?;
                condition.write_part(2, f)
            }
            Self::All(parts) => Self::write_joined(parts, "and", 2, f),
            Self::Any(parts) => Self::write_joined(parts, "or", 1, f),
        }
    }
}

impl Quantity {
    pub(super) const ALL: [Self; 10] = [
        Self::Gradient,
        Self::AbsoluteGradient,
        Self::Value,
        Self::AbsoluteValue,
        Self::Contributions,
        Self::Change,
        Self::AbsoluteChange,
        Self::Update,
        Self::Loss,
        Self::AbsoluteLoss,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gradient => "grad",
            Self::AbsoluteGradient => "abs(grad)",
            Self::Value => "value",
            Self::AbsoluteValue => "abs(value)",
            Self::Contributions => "contributions",
            Self::Change => "change",
            Self::AbsoluteChange => "abs(change)",
            Self::Update => "update",
            Self::Loss => "loss",
            Self::AbsoluteLoss => "abs(loss)",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|quantity| quantity.name() == name)
    }
}

impl Relation {
    pub(super) const ALL: [Self; 6] = [
        Self::Less,
        Self::AtMost,
        Self::More,
        Self::AtLeast,
        Self::Equal,
        Self::Unequal,
    ];

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::Unequal => "!=",
        }
    }

    /// The relation of the second number to the first.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            Self::Equal | Self::Unequal => self,
        }
    }

    pub(super) fn holds(self, one: f64, other: f64) -> bool {
        match self {
            Self::Less => one < other,
            Self::AtMost => one <= other,
            Self::More => one > other,
            Self::AtLeast => one >= other,
            Self::Equal => one == other,
            Self::Unequal => one != other,
        }
    }
}

impl Word {
    /// Those first whose names are longer than others that they begin with.
    pub(super) const ALL: [Self; 6] = [
        Self::Tie,
        Self::Dead,
        Self::NanAtOrigin,
        Self::Nan,
        Self::Infinite,
        Self::Wrong,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tie => "tie",
            Self::Dead => "dead",
            Self::NanAtOrigin => "nan at origin",
            Self::Nan => "nan",
            Self::Infinite => "inf",
            Self::Wrong => "wrong",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name() == name)
    }
}
