//! How a learner comes from the products of an element's terms to its number.

use smallvec::SmallVec;

use crate::tensor::Element;

/// Numbers and what is done with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation {
    /// The upstream gradient that is given to the element itself; it is added to the result.
    pub given: Option<f64>,
    /// The products of the terms.
    pub numbers: SmallVec<[f64; 8]>,
    /// What is done with them.
    pub how: Combination,
}

/// What is done with the products of an element's terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Combination {
    /// They are added.
    Added,
    /// They are multiplied.
    Multiplied,
    /// They are added, then divided by this.
    Divided(f64),
    /// All but the one at this place are dropped.
    Only(usize),
    /// They are added, what is given too, and the sign of the sum is turned.
    Negated,
}

impl Derivation {
    /// The result.
    pub fn result(&self) -> f64 {
        let given = self.given.unwrap_or(0.0);
        match self.how {
            Combination::Added => self.numbers.iter().fold(given, |sum, number| sum + number),
            Combination::Multiplied => given + self.numbers.iter().product::<f64>(),
            Combination::Divided(by) => given + self.numbers.iter().sum::<f64>() / by,
            Combination::Only(kept) => given + self.numbers[kept],
            Combination::Negated => -self.numbers.iter().fold(given, |sum, number| sum + number),
        }
    }
}

/// What stands in an element's place, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// What was worked out for the element.
    Derived(Derivation),
    /// The same, because the place that it is moved to is its own.
    Unmoved(f64),
    /// What was worked out for another element.
    Moved {
        /// The other element.
        from: Element,
        /// What was worked out for it.
        number: f64,
    },
    /// What was worked out for the element, times a factor.
    Scaled {
        /// The factor.
        factor: f64,
        /// What was worked out.
        number: f64,
    },
    /// A number that does not come of what was worked out.
    Written(f64),
}

impl Outcome {
    /// The number.
    pub(super) fn number(&self) -> f64 {
        match *self {
            Self::Derived(ref derivation) => derivation.result(),
            Self::Unmoved(number) | Self::Moved { number, .. } | Self::Written(number) => number,
            Self::Scaled { factor, number } => factor * number,
        }
    }
}
