//! What values a setting takes, and what is said where it is given another.

use super::error::Fault;
use crate::ops::value::Value;

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// A tensor.
    Tensor,
    /// True or false.
    Flag,
    /// Any finite number.
    Number,
    /// A number in an interval.
    NumberIn(Interval),
    /// One of these names.
    Name(&'static [&'static str]),
    /// A whole number.
    Whole(Bound),
    /// A list of whole numbers.
    List(Bound, Length),
    /// A whole number, which may stand for a list, or the list.
    WholeOrList(Bound, Length),
    /// How many places are added at the sides of so many axes: a whole number for all, a list with
    /// one for each axis, or with a pair of them, before and after, in its place.
    Sides(usize),
    /// One of these names, or something else.
    NameOr(&'static [&'static str], &'static Domain),
}

/// Which whole numbers a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// All.
    Any,
    /// Those of at least this.
    AtLeast(usize),
    /// All but 0.
    NotZero,
    /// Those of at least 1, and −1 for one that is to be worked out.
    SizeOrRest,
}

/// How long a list may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// As long as it likes, and empty too.
    Any,
    /// Not empty.
    AtLeastOne,
    /// Just so long.
    Exactly(usize),
}

/// An interval of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least number in it.
    pub least: f64,
    /// Where it ends.
    pub end: f64,
    /// Whether the end is in it.
    pub is_closed: bool,
    /// What is said of a number outside.
    pub must: &'static str,
}

impl Domain {
    /// A whole number of at least `least` for each axis, or one for all of them.
    pub(in crate::ops) const fn counts(least: usize, axes: usize) -> Self {
        Self::WholeOrList(Bound::AtLeast(least), Length::Exactly(axes))
    }

    /// Whether a value is one of them.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Tensor, Value::Tensor(_)) | (Self::Flag, Value::Flag(_)) => true,
            (Self::Number, value) => value.as_number().is_some_and(f64::is_finite),
            (Self::NumberIn(interval), value) => {
                value.as_number().is_some_and(|x| interval.contains(x))
            }
            (Self::Name(names), Value::Name(name)) => names.contains(&name.as_str()),
            (Self::NameOr(names, _), Value::Name(name)) => names.contains(&name.as_str()),
            (Self::NameOr(_, other), value) => other.accepts(value),
            (Self::Whole(bound) | Self::WholeOrList(bound, _), Value::Whole(number)) => {
                bound.contains(*number)
            }
            (Self::Sides(_), Value::Whole(number)) => PLACES.contains(*number),
            (Self::Sides(axes), Value::List(values)) => {
                values.len() == *axes && values.iter().all(is_sides)
            }
            (Self::List(bound, length) | Self::WholeOrList(bound, length), Value::List(values)) => {
                let fits = |value: &Value| matches!(value, Value::Whole(n) if bound.contains(*n));
                length.contains(values.len()) && values.iter().all(fits)
            }
            _ => false,
        }
    }

    /// What is wrong with a value that is none of them.
    pub(super) fn fault(&self, value: &Value) -> Fault {
        let must = match *self {
            Self::Name(names) => return Fault::Unknown(names),
            Self::NameOr(names, _) if matches!(value, Value::Name(_)) => {
                return Fault::Unknown(names);
            }
            Self::NameOr(_, other) => return other.fault(value),
            Self::Tensor => "must be a tensor".to_owned(),
            Self::Flag => "must be true or false".to_owned(),
            Self::NumberIn(interval) if value.as_number().is_some() => interval.must.to_owned(),
            Self::Number | Self::NumberIn(_) => "must be a number".to_owned(),
            Self::List(_, Length::AtLeastOne) | Self::WholeOrList(_, Length::AtLeastOne)
                if *value == Value::List(Vec::new()) =>
            {
                "must name at least one size".to_owned()
            }
            Self::Whole(bound) | Self::WholeOrList(bound, Length::Exactly(1)) => {
                format!("must be a whole number{}", bound.of())
            }
            Self::Sides(1) => format!(
                "must be a whole number{}, or [[before, after]]",
                PLACES.of()
            ),
            Self::Sides(axes) => format!(
                "must be a whole number{}, or a list of {axes} of them or of pairs [before, after]",
                PLACES.of()
            ),
            Self::List(bound, _) => format!("must be a list of whole numbers{}", bound.of()),
            Self::WholeOrList(bound, Length::Exactly(n)) => {
                format!(
                    "must be a whole number{}, or a list of {n} of them",
                    bound.of()
                )
            }
            Self::WholeOrList(bound, Length::Any | Length::AtLeastOne) => {
                format!("must be a whole number{}, or a list of them", bound.of())
            }
        };
        Fault::Unfit(must)
    }
}

/// How many places can be added.
const PLACES: Bound = Bound::AtLeast(0);

/// Whether a value says how many places are added at both sides of an axis, or at each of them.
fn is_sides(value: &Value) -> bool {
    let is_places = |value: &Value| matches!(value, Value::Whole(n) if PLACES.contains(*n));
    match value {
        Value::List(pair) => pair.len() == 2 && pair.iter().all(is_places),
        alone => is_places(alone),
    }
}

impl Bound {
    /// Whether a whole number is one of them.
    pub fn contains(self, number: i128) -> bool {
        match self {
            Self::Any => i64::try_from(number).is_ok(),
            Self::AtLeast(least) => usize::try_from(number).is_ok_and(|number| number >= least),
            Self::NotZero => i64::try_from(number).is_ok_and(|number| number != 0),
            Self::SizeOrRest => i64::try_from(number).is_ok_and(|size| size == -1 || size > 0),
        }
    }

    /// What is said of the numbers.
    fn of(self) -> String {
        match self {
            Self::Any => String::new(),
            Self::AtLeast(least) => format!(" of at least {least}"),
            Self::NotZero => " other than 0".to_owned(),
            Self::SizeOrRest => " of at least 1, one of which may be -1".to_owned(),
        }
    }
}

impl Length {
    fn contains(self, length: usize) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeastOne => length > 0,
            Self::Exactly(n) => length == n,
        }
    }
}

impl Interval {
    /// 0 and everything above.
    pub(in crate::ops) const NOT_NEGATIVE: Self = Self {
        least: 0.0,
        end: f64::INFINITY,
        is_closed: false,
        must: "must not be negative",
    };

    /// Everything above 0. There is no number between 0 and the least one of an f64.
    pub(in crate::ops) const POSITIVE: Self = Self {
        least: f64::from_bits(1),
        must: "must be above 0",
        ..Self::NOT_NEGATIVE
    };

    fn contains(self, number: f64) -> bool {
        number >= self.least && (number < self.end || self.is_closed && number == self.end)
    }
}
