//! The identity between two bounds, and a constant beyond them: `hardtanh`, `relu6`.

use super::function::Function;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{SettingError, settings};
use crate::tensor::numerals::number;

settings! {
    /// x, but at least `min_val` and at most `max_val`; the slope at the bounds is 0.
    #[derive(Copy)]
    pub struct Hardtanh {
        /// The lower bound.
        min_val: f64 = -1.0,
        /// The upper bound.
        max_val: f64 = 1.0,
    }
}

impl Described for Hardtanh {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("hardtanh", OpKind::Elementwise, Self::ABOUT);

    fn check(&self) -> Vec<SettingError> {
        let must = "must not be less than `min_val`";
        (self.max_val < self.min_val)
            .then(|| SettingError::unfit("max_val", must))
            .into_iter()
            .collect()
    }
}

/// Where a point lies.
#[derive(PartialEq)]
enum Piece {
    Below,
    Between,
    Above,
}

impl Hardtanh {
    /// The piece on which a point lies; a bound lies beyond itself.
    fn piece(&self, z: f64) -> Piece {
        if z <= self.min_val {
            Piece::Below
        } else if z >= self.max_val {
            Piece::Above
        } else {
            Piece::Between
        }
    }

    fn is_between(&self) -> String {
        let (least, most) = (number(self.min_val), number(self.max_val));
        format!("between {least} and {most}")
    }
}

impl Function for Hardtanh {
    fn title(&self) -> &'static str {
        "hardtanh"
    }

    fn value(&self, z: f64) -> f64 {
        // NaN is on the middle piece and stays NaN.
        match self.piece(z) {
            Piece::Below if z < self.min_val => self.min_val,
            Piece::Above if z > self.max_val => self.max_val,
            Piece::Below | Piece::Between | Piece::Above => z,
        }
    }

    fn slope(&self, z: f64) -> f64 {
        if self.is_closed_at(z) { 0.0 } else { 1.0 }
    }

    fn is_closed_at(&self, z: f64) -> bool {
        self.piece(z) != Piece::Between
    }

    /// Where the bounds are one number, the function is a constant.
    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        self.min_val < self.max_val && self.piece(z) != self.piece(other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        Some(if z.is_nan() {
            " is not a number".to_owned()
        } else {
            format!(" is {}", self.is_between())
        })
    }

    fn has_same_slope_at_output(&self) -> bool {
        true
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn why_flat(&self, z: f64) -> String {
        if z == self.min_val || z == self.max_val {
            format!(" is exactly {}, where its slope counts as 0", number(z))
        } else {
            format!(" is not {}: there its slope is 0", self.is_between())
        }
    }
}

settings! {
    /// x, but at least 0 and at most 6; the slope at the bounds is 0.
    pub struct Relu6;
}

impl Described for Relu6 {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("relu6", OpKind::Elementwise, Self::ABOUT);
}

/// The hardtanh that it is.
const FROM_0_TO_6: Hardtanh = Hardtanh {
    min_val: 0.0,
    max_val: 6.0,
};

impl Function for Relu6 {
    fn title(&self) -> &'static str {
        "ReLU6"
    }

    fn value(&self, z: f64) -> f64 {
        FROM_0_TO_6.value(z)
    }

    fn slope(&self, z: f64) -> f64 {
        FROM_0_TO_6.slope(z)
    }

    fn is_closed_at(&self, z: f64) -> bool {
        FROM_0_TO_6.is_closed_at(z)
    }

    fn has_kink_between(&self, z: f64, other: f64) -> bool {
        FROM_0_TO_6.has_kink_between(z, other)
    }

    fn is_open_at_slope_one(&self) -> bool {
        true
    }

    fn where_open(&self, z: f64) -> Option<String> {
        FROM_0_TO_6.where_open(z)
    }

    fn has_same_slope_at_output(&self) -> bool {
        true
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn why_flat(&self, z: f64) -> String {
        FROM_0_TO_6.why_flat(z)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, refuses};

    #[test]
    fn beyond_the_bounds_it_is_flat() {
        let hardtanh = Hardtanh::default();
        for (z, value, slope) in [
            (-2.0, -1.0, 0.0),
            (-1.0, -1.0, 0.0),
            (-0.5, -0.5, 1.0),
            (0.5, 0.5, 1.0),
            (1.0, 1.0, 0.0),
            (f64::INFINITY, 1.0, 0.0),
        ] {
            assert_eq!(
                (hardtanh.value(z), hardtanh.slope(z)),
                (value, slope),
                "{z}"
            );
        }
        assert!(hardtanh.value(f64::NAN).is_nan());
        assert_eq!((Relu6.value(7.0), Relu6.slope(7.0)), (6.0, 0.0));
        assert_eq!((Relu6.value(5.0), Relu6.slope(5.0)), (5.0, 1.0));
        assert_eq!((Relu6.value(-1.0), Relu6.slope(0.0)), (0.0, 0.0));
    }

    #[test]
    fn a_bound_is_a_kink() {
        let hardtanh = Hardtanh::default();
        assert!(hardtanh.has_kink_between(0.9, 1.1) && hardtanh.has_kink_between(-1.1, -0.9));
        assert!(hardtanh.has_kink_between(0.9, 1.0) && hardtanh.has_kink_between(-2.0, 2.0));
        assert!(!hardtanh.has_kink_between(1.0, 1.1) && !hardtanh.has_kink_between(-0.9, 0.9));
        let constant = Hardtanh {
            min_val: 1.0,
            max_val: 1.0,
        };
        assert!(!constant.has_kink_between(0.9, 1.1));
        assert!(Relu6.has_kink_between(5.9, 6.1) && !Relu6.has_kink_between(-1.0, -0.5));
    }

    #[test]
    fn its_words_name_its_bounds() {
        let wide = Hardtanh {
            min_val: -0.5,
            max_val: 2.0,
        };
        assert_eq!(wide.where_open(0.0).unwrap(), " is between −0.5 and 2");
        assert_eq!(
            wide.why_flat(3.0),
            " is not between −0.5 and 2: there its slope is 0"
        );
        assert_eq!(
            wide.why_flat(-0.5),
            " is exactly −0.5, where its slope counts as 0"
        );
    }

    #[test]
    fn its_settings_are_read() {
        let layer = |more: Value| {
            let keys = crate::ops::testing::with(json!({"op": "hardtanh"}), more);
            Layer::new(keys, &[json!([-3, 0.5, 3])])
        };
        let between = layer(json!({"min_val": -2, "max_val": 0.25})).unwrap();
        assert_eq!(between.output().data(), [-2.0, 0.25, 0.25]);
        refuses(&[(
            json!({"op": "hardtanh", "min_val": 2}),
            &[json!([1])],
            "max_val: must not be less than `min_val`",
        )]);
    }
}
