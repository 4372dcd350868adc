//! What many numbers are like.

/// How many bins a histogram has.
pub const BINS: usize = 8;

/// What the numbers of a tensor are like. Range, mean and sizes are those of the finite ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// How many there are.
    pub n: usize,
    /// The smallest; NaN where none is finite, as are the others then.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The mean of their sizes.
    pub mean_size: f64,
    /// The root of the sum of their squares.
    pub norm: f64,
    /// The root of the mean of their squares.
    pub rms: f64,
    /// The largest size.
    pub largest: f64,
    /// The place of the first that is infinite, or else of the one with the largest size.
    pub largest_at: usize,
    /// How many are 0.
    pub n_zero: usize,
    /// How many are NaN.
    pub n_nan: usize,
    /// How many are ∞ or −∞.
    pub n_infinite: usize,
    /// The smallest and the largest of all that are not NaN, infinite ones too; NaN where all are.
    pub ends: [f64; 2],
    /// The place of the first that is not finite.
    pub not_finite: Option<usize>,
    /// How many lie in each of equally wide parts of the range.
    pub histogram: [usize; BINS],
}

impl Numbers {
    /// Looks at numbers, of which there is at least one.
    pub fn of(numbers: &[f64]) -> Self {
        let is = |is: fn(f64) -> bool| numbers.iter().filter(|&&number| is(number)).count();
        let finite = || numbers.iter().copied().filter(|number| number.is_finite());
        let n_finite = finite().count() as f64;
        let [min, max] = [f64::min, f64::max]
            .map(|of: fn(f64, f64) -> f64| finite().reduce(of).unwrap_or(f64::NAN));
        let largest = min.abs().max(max.abs());
        // Squares of very large and very small numbers leave the range of what can be written.
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let squares: f64 = finite()
            .map(|number| (number / scale) * (number / scale))
            .sum();
        let mean = |of: fn(f64) -> f64| {
            finite().map(|number| of(number) / scale).sum::<f64>() / n_finite * scale
        };
        Self {
            n: numbers.len(),
            min,
            max,
            mean: mean(|number| number),
            mean_size: mean(f64::abs),
            norm: if n_finite > 0.0 {
                squares.sqrt() * scale
            } else {
                f64::NAN
            },
            rms: (squares / n_finite).sqrt() * scale,
            largest,
            largest_at: numbers
                .iter()
                .position(|number| number.is_infinite())
                .or_else(|| numbers.iter().position(|number| number.abs() == largest))
                .unwrap_or(0),
            n_zero: is(|number| number == 0.0),
            n_nan: is(f64::is_nan),
            n_infinite: is(f64::is_infinite),
            ends: [f64::min, f64::max].map(|of: fn(f64, f64) -> f64| {
                // Of NaN and a number both take the number.
                numbers.iter().copied().fold(f64::NAN, of)
            }),
            not_finite: numbers.iter().position(|number| !number.is_finite()),
            histogram: histogram(finite(), min, max),
        }
    }

    /// Whether all of them are finite.
    pub fn is_finite(&self) -> bool {
        self.not_finite.is_none()
    }

    /// Whether all of them are 0.
    pub fn is_zero(&self) -> bool {
        self.n_zero == self.n
    }
}

fn histogram(numbers: impl Iterator<Item = f64>, min: f64, max: f64) -> [usize; BINS] {
    let mut bins = [0; BINS];
    // Halves, since the range of finite numbers can be infinite.
    let width = max / 2.0 - min / 2.0;
    for number in numbers {
        let part = (number / 2.0 - min / 2.0) / width;
        let bin = if part > 0.0 {
            (part * BINS as f64) as usize
        } else {
            0
        };
        bins[bin.min(BINS - 1)] += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_described_as_they_are() {
        let numbers = Numbers::of(&[3.0, -4.0, 0.0, 0.0]);
        assert_eq!((numbers.min, numbers.max, numbers.mean), (-4.0, 3.0, -0.25));
        assert_eq!((numbers.norm, numbers.rms), (5.0, 2.5));
        assert_eq!((numbers.largest, numbers.largest_at), (4.0, 1));
        assert_eq!((numbers.mean_size, numbers.n_zero), (1.75, 2));
        assert_eq!(numbers.histogram, [1, 0, 0, 0, 2, 0, 0, 1]);
    }

    #[test]
    fn what_is_not_finite_is_counted_and_spoils_nothing() {
        let numbers = Numbers::of(&[1.0, f64::NAN, f64::NEG_INFINITY, 3.0]);
        assert_eq!((numbers.n_nan, numbers.n_infinite), (1, 1));
        assert_eq!((numbers.min, numbers.max, numbers.mean), (1.0, 3.0, 2.0));
        assert_eq!(numbers.not_finite, Some(1));
        assert_eq!(numbers.ends, [f64::NEG_INFINITY, 3.0]);
        assert_eq!(numbers.largest_at, 2);
        let none = Numbers::of(&[f64::NAN]);
        assert!(none.ends[0].is_nan() && none.ends[1].is_nan());
        assert!(none.mean.is_nan() && none.norm.is_nan() && none.rms.is_nan());
        assert_eq!(none.histogram, [0; BINS]);
    }

    #[test]
    fn sizes_beyond_the_squares_of_numbers_are_right() {
        for size in [1e300, 1e-300, f64::MAX] {
            let numbers = Numbers::of(&[size, -size]);
            assert_eq!((numbers.rms, numbers.mean_size), (size, size));
            assert_eq!((numbers.histogram[0], numbers.histogram[BINS - 1]), (1, 1));
        }
    }
}
