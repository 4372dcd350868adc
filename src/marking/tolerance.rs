/// How far a number may be from the expected one and still be right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// As a part of the expected number.
    pub rtol: f64,
    /// On top of that.
    pub atol: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { rtol: 0.01, atol: 0.01 }
    }
}

impl Tolerance {
    /// Whether |yours − expected| ≤ atol + rtol · |expected|. Where an infinite number or none at all is expected, only the same is right.
    pub fn is_right(self, yours: f64, expected: f64) -> bool {
        if !expected.is_finite() {
            return yours == expected || (yours.is_nan() && expected.is_nan());
        }
        (yours - expected).abs() <= self.atol + self.rtol * expected.abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_grows_with_the_expected_number() {
        let tolerance = Tolerance::default();
        assert!(tolerance.is_right(-202.0, -200.0) && !tolerance.is_right(-202.1, -200.0));
        assert!(tolerance.is_right(0.01, 0.0) && !tolerance.is_right(0.011, 0.0));
        assert!(tolerance.is_right(f64::INFINITY, f64::INFINITY) && !tolerance.is_right(f64::NEG_INFINITY, f64::INFINITY));
        assert!(tolerance.is_right(f64::NAN, f64::NAN) && !tolerance.is_right(f64::NAN, 1.0) && !tolerance.is_right(1.0, f64::NAN));
    }
}
