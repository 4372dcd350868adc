//! The largest or smallest of a row: `amax`, `amin`, `max`, `min`.

use super::{OfRows, Statistic};
use crate::ops::along::Along;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::settings;
use crate::ops::torch::Torch;
use crate::ops::{Factor, FactorKind, IntoOp};

/// The largest over some axes, or all.
pub type Amax = Extreme<true>;
/// The smallest over some axes, or all.
pub type Amin = Extreme<false>;
/// The largest over an axis.
pub type Max = FirstExtreme<true>;
/// The smallest over an axis.
pub type Min = FirstExtreme<false>;

settings! {
    /// The largest or smallest over some axes, or all, of which equal ones share the gradient.
    pub struct Extreme<const LARGEST: bool> {
        /// The axes; none named means all of them.
        dim: Vec<i64> = Vec::new(),
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

settings! {
    /// The largest or smallest over an axis, of which the first of equal ones gets the gradient.
    pub struct FirstExtreme<const LARGEST: bool> {
        required {
            /// The axis.
            dim: i64,
        }
        /// Whether the axes stay, with a size of 1.
        keepdim: bool = false,
    }
}

impl<const LARGEST: bool> IntoOp for Extreme<LARGEST> {
    type Op = OfRows<Self>;
}

impl<const LARGEST: bool> IntoOp for FirstExtreme<LARGEST> {
    type Op = OfRows<Self>;
}

impl<const LARGEST: bool> Described for Extreme<LARGEST> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        if LARGEST { "amax" } else { "amin" },
        OpKind::Reduction,
        Self::ABOUT,
    )
    .in_torch(Torch::Function)
    .saying(if LARGEST { &LARGE } else { &SMALL });
}

impl<const LARGEST: bool> Described for FirstExtreme<LARGEST> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        if LARGEST { "max" } else { "min" },
        OpKind::Reduction,
        Self::ABOUT,
    )
    .in_torch(Torch::Expression(if LARGEST {
        "torch.max({x}, dim={dim}, keepdim={keepdim}).values"
    } else {
        "torch.min({x}, dim={dim}, keepdim={keepdim}).values"
    }))
    .saying(if LARGEST { &LARGE } else { &SMALL });
}

const LARGE: Phrases = Phrases {
    lost: "{me=} is not the one that is taken as the largest, and a small nudge of it changes \
           nothing",
    factors: &[FactorWords::in_one(
        FactorKind::Winner,
        "what the largest gets",
        "{value}, what it gets as the largest",
    )],
    ..Phrases::NONE
};

const SMALL: Phrases = Phrases {
    lost: "{me=} is not the one that is taken as the smallest, and a small nudge of it changes \
           nothing",
    factors: &[FactorWords::in_one(
        FactorKind::Winner,
        "what the smallest gets",
        "{value}, what it gets as the smallest",
    )],
    ..Phrases::NONE
};

/// The place of the first that is the largest or smallest, or of the first NaN.
fn first(row: &[f64], largest: bool) -> usize {
    let beats = |a: f64, b: f64| if largest { a > b } else { a < b };
    let mut places = 0..row.len();
    let nan = places.clone().find(|&place| row[place].is_nan());
    let best = |best: usize, place: usize| {
        if beats(row[place], row[best]) {
            place
        } else {
            best
        }
    };
    nan.or_else(|| places.clone().reduce(best))
        .unwrap_or_else(|| places.next().unwrap_or_default())
}

/// The places of all that are as large or small as the first; a NaN is like no other number.
fn winners(row: &[f64], largest: bool) -> impl Iterator<Item = usize> {
    let best = row[first(row, largest)];
    (0..row.len()).filter(move |&place| row[place] == best)
}

impl<const LARGEST: bool> Statistic for Extreme<LARGEST> {
    fn along(&self) -> Along<'_> {
        Along {
            dim: &self.dim,
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        row[first(row, LARGEST)]
    }

    /// PyTorch multiplies by a mask and divides by how many there are in it: none where the value
    /// is NaN.
    fn factors(&self, row: &[f64], value: f64) -> Vec<Factor> {
        let n_tied = row.iter().filter(|&&x| x == value).count() as f64;
        let share = |&x: &f64| f64::from(u8::from(x == value)) / n_tied;
        row.iter()
            .map(|x| Factor::of(FactorKind::Winner, share(x)))
            .collect()
    }

    fn has_kink_between(&self, row: &[f64], other: &[f64]) -> bool {
        !winners(row, LARGEST).eq(winners(other, LARGEST))
    }
}

impl<const LARGEST: bool> Statistic for FirstExtreme<LARGEST> {
    fn along(&self) -> Along<'_> {
        Along {
            dim: std::slice::from_ref(&self.dim),
            keepdim: self.keepdim,
        }
    }

    fn value(&self, row: &[f64]) -> f64 {
        row[first(row, LARGEST)]
    }

    fn factors(&self, row: &[f64], _: f64) -> Vec<Factor> {
        let mut factors = vec![Factor::closed(FactorKind::Winner); row.len()];
        factors[first(row, LARGEST)] = Factor::of(FactorKind::Winner, 1.0);
        factors
    }

    fn has_kink_between(&self, row: &[f64], other: &[f64]) -> bool {
        !winners(row, LARGEST).eq(winners(other, LARGEST))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise};

    #[test]
    fn ties_are_shared_or_go_to_the_first() {
        let of = |op: &str, dim: i64| {
            let keys = json!({ "op": op, "dim": dim });
            let layer = Layer::new(keys, &[json!([[1, 3, 3], [2, 2, 5]])]).unwrap();
            layer.gradient(OperandRole::Input(0), &[2.0, 4.0])
        };
        assert_eq!(of("amax", 1), [0.0, 1.0, 1.0, 0.0, 0.0, 4.0]);
        assert_eq!(of("max", -1), [0.0, 2.0, 0.0, 0.0, 0.0, 4.0]);
        assert_eq!(of("amin", 1), [2.0, 0.0, 0.0, 2.0, 2.0, 0.0]);
        assert_eq!(of("min", 1), [2.0, 0.0, 0.0, 4.0, 0.0, 0.0]);
    }

    #[test]
    fn a_loser_is_closed_where_pytorch_selects() {
        let gradient = |op: &str| {
            let layer = Layer::new(json!({ "op": op, "dim": 0 }), &[json!([1, 3])]).unwrap();
            layer.gradient(OperandRole::Input(0), &[f64::INFINITY])
        };
        assert_eq!(gradient("max"), [0.0, f64::INFINITY]);
        assert!(gradient("amax")[0].is_nan());
    }

    #[test]
    fn a_kink_is_where_another_wins() {
        for op in ["amax", "max"] {
            let of = |x: [f64; 3]| Layer::new(json!({ "op": op, "dim": 0 }), &[json!(x)]).unwrap();
            assert_eq!(of([1.0, 2.0, 0.0]).kink(&of([1.0, 2.5, 0.0])), None);
            assert_eq!(of([1.0, 2.0, 0.0]).kink(&of([2.5, 2.0, 0.0])), Some(0));
            assert_eq!(of([2.0, 2.0, 0.0]).kink(&of([2.5, 2.0, 0.0])), Some(0));
        }
    }

    #[test]
    fn the_laws_hold() {
        for keys in [
            json!({ "op": "amax" }),
            json!({ "op": "amin", "dim": [0, 2], "keepdim": true }),
            json!({ "op": "max", "dim": 1 }),
            json!({ "op": "min", "dim": -1, "keepdim": true }),
        ] {
            let layer = Layer::new(keys, &[noise(&[2, 3, 2], 1)]).unwrap();
            layer.keeps_the_laws(0.0);
        }
    }
}
