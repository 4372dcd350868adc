//! What arrays of whole numbers cannot hold.

use super::numbers::Numbers;
use crate::scenario::tensor_file::Dtype;

/// The whole numbers that an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All integers.
    Integers,
    /// Those from 0 on.
    Unsigned,
    /// 0 and 1.
    Booleans,
}

impl Whole {
    /// Those of an array whose numbers are written so; nothing where they have fractions.
    pub(super) fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::Bool => Some(Self::Booleans),
            Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => Some(Self::Integers),
            Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => Some(Self::Unsigned),
            Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64 => None,
        }
    }

    /// What of right numbers is lost in such an array.
    pub(super) fn loses(self, theirs: &Numbers, right: &[f64]) -> Option<Lost> {
        let mut both = theirs.iter().zip(right);
        if both.all(|(theirs, right)| theirs == Some(right.trunc())) {
            return Some(Lost::Cut);
        }
        let mut right = right.iter();
        match self {
            Self::Booleans if right.any(|&right| right != 0.0 && right != 1.0) => {
                Some(Lost::AllButBits)
            }
            Self::Unsigned if right.clone().any(|&right| right < 0.0) => Some(Lost::Negatives),
            Self::Integers | Self::Unsigned if right.any(|right| right.fract() != 0.0) => {
                Some(Lost::Fractions)
            }
            Self::Integers | Self::Unsigned | Self::Booleans => None,
        }
    }
}

/// What an array of whole numbers cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Fractions, and but for them it is right.
    Cut,
    /// Fractions.
    Fractions,
    /// What is below 0.
    Negatives,
    /// All but 0 and 1.
    AllButBits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_what_is_true() {
        let lost = |dtype, theirs: [f64; 2], right: [f64; 2]| {
            let theirs: Numbers = theirs.map(Some).into_iter().collect();
            Whole::of(dtype).unwrap().loses(&theirs, &right)
        };
        assert_eq!(lost(Dtype::I64, [1.0, -2.0], [1.5, -2.5]), Some(Lost::Cut));
        assert_eq!(
            lost(Dtype::I64, [3.0, 0.0], [1.5, 2.0]),
            Some(Lost::Fractions)
        );
        assert_eq!(
            lost(Dtype::U8, [254.0, 0.0], [-2.0, 0.0]),
            Some(Lost::Negatives)
        );
        assert_eq!(lost(Dtype::U8, [7.0, 0.0], [2.0, 1.0]), None);
        assert_eq!(
            lost(Dtype::Bool, [1.0, 0.0], [2.0, 0.0]),
            Some(Lost::AllButBits)
        );
        assert_eq!(lost(Dtype::Bool, [0.0, 0.0], [1.0, 0.0]), None);
        assert_eq!(Whole::of(Dtype::F32), None);
    }
}
