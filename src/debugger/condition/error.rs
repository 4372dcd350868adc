//! What is wrong with a condition.

use crate::diagnostic::quote;
use crate::tensor::NumberError;

/// How deep parentheses and `not` may lie in each other.
pub(super) const DEEPEST: usize = 64;

/// What can be wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// There is none.
    #[error("expected a condition")]
    Missing,
    /// A number is missing.
    #[error("expected a number")]
    MissingNumber,
    /// A quantity is compared with nothing.
    #[error("expected a comparison here")]
    MissingComparison,
    /// `abs` stands without its parenthesis.
    #[error("expected `(` after `abs`")]
    MissingOpen,
    /// Nothing stands in the parentheses of `abs` that has an absolute value.
    #[error("expected `grad`, `value`, `change` or `loss`")]
    MissingQuantity,
    /// A parenthesis is not closed.
    #[error("expected `)`")]
    MissingClose,
    /// Something follows that does not go on with it.
    #[error("expected `and`, `or`, or the end")]
    MissingJoint,
    /// Two comparisons share a side.
    #[error("only two things are compared at a time")]
    Chained,
    /// A parenthesis was not opened.
    #[error("this parenthesis closes nothing")]
    Unopened,
    /// Parentheses or `not` lie too deep in each other.
    #[error("this lies too deep in parentheses")]
    TooDeep,
    /// Two numbers are compared.
    #[error("two numbers are compared, and nothing of the neuron")]
    OnlyNumbers,
    /// Two quantities are compared.
    #[error("a comparison needs a number on one side")]
    OnlyQuantities,
    /// Something is compared with NaN.
    #[error("nothing compares with NaN")]
    ComparedWithNan,
    /// The limit of what is watched for is no number above 0.
    #[error("a limit is a number above 0")]
    Limit,
    /// A sign stands where none can.
    #[error("this cannot stand here")]
    Misplaced,
    /// A text is no number.
    #[error("{} {error}", quote(.text))]
    Number {
        /// The text.
        text: String,
        /// Why it is none.
        error: NumberError,
    },
    /// Nothing of a neuron is called so.
    #[error("{} is nothing that a condition can test", quote(.word))]
    Unknown {
        /// The word.
        word: String,
        /// The word that was most likely meant.
        meant: Option<&'static str>,
    },
}

impl ConditionError {
    /// What would be right.
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Missing => "as in `abs(grad) > 1`, `tie` or `dead`",
            Self::MissingNumber => "as in `2`, `-0.5`, `1/3` or `1e-3`",
            Self::MissingComparison | Self::OnlyQuantities => "as in `abs(grad) > 1`",
            Self::MissingOpen | Self::MissingQuantity => "as in `abs(grad)`",
            Self::MissingClose => "every parenthesis that opens has to close",
            Self::MissingJoint => "as in `grad > 0 and tie`",
            Self::Chained => "join comparisons with `and`",
            Self::Unopened => "leave it out, or open one before",
            Self::TooDeep => return format!("{DEEPEST} levels are the most"),
            Self::OnlyNumbers => "as in `grad > 1`, `abs(value) < 0.5` or `contributions >= 3`",
            Self::ComparedWithNan => "the word `nan` tests for it",
            Self::Limit => "as in `vanishing=1e-6`",
            Self::Misplaced => "as in `abs(grad) > 1 and not tie`",
            Self::Number { error, .. } => error.hint(),
            Self::Unknown {
                meant: Some(meant), ..
            } => return format!("did you mean `{meant}`?"),
            Self::Unknown { meant: None, .. } => {
                "a condition tests `grad`, `value`, `contributions`, `change`, `update`, `loss`, \
                 `tie`, `dead`, `nan`, `wrong`"
            }
        };
        hint.to_owned()
    }
}
