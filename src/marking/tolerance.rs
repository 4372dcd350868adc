/// How far a number may be off and still be right: by `atol`, and by `rtol` times the right one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Relative to the size of the right number.
    pub rtol: f64,
    /// Whatever the right number.
    pub atol: f64,
}

impl Default for Tolerance {
    /// What three significant digits, written down by hand, keep.
    fn default() -> Self {
        Self {
            rtol: 0.01,
            atol: 0.01,
        }
    }
}

impl Tolerance {
    /// Whether |yours - expected| <= atol + rtol · |expected|; two numbers that are not finite are
    /// the same or not.
    pub fn is_right(self, yours: f64, expected: f64) -> bool {
        if yours.is_finite() && expected.is_finite() {
            return (yours - expected).abs() <= self.atol + self.rtol * expected.abs();
        }
        yours == expected || (yours.is_nan() && expected.is_nan())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_right() {
        let tolerance = Tolerance::default();
        for (yours, expected, is_right) in [
            (4.0, 4.0, true),
            (4.05, 4.0, true),
            (4.051, 4.0, false),
            (0.009, 0.0, true),
            (-100.0, -101.0, true),
            (f64::NAN, f64::NAN, true),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, 1.0, false),
            (f64::NEG_INFINITY, f64::INFINITY, false),
            (1.0, f64::INFINITY, false),
            (f64::NAN, 0.0, false),
        ] {
            assert_eq!(
                tolerance.is_right(yours, expected),
                is_right,
                "{yours} {expected}"
            );
        }
    }
}
