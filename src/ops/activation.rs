//! Functions of one neuron: as ops of their own, and those that are activations also as the
//! `activation` of a linear or convolutional layer.

use super::keys::{Reader, named_setting};
use super::{
    Contribution, Factor, FactorKind, Family, Op, OperandRole, Operands, Run, ShapeError, Shapes,
};
use crate::gemm::for_each_chunk;
use crate::tensor::{Shape, Tensor};

/// How many neurons one thread takes at a time, and how many multiplications a function costs at
/// least.
const CHUNK: usize = 4096;
const COST: usize = 4;

/// A function of one neuron, as PyTorch defines it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// max(0, z); the slope at exactly 0 is 0.
    Relu,
    /// z where it is positive, else `negative_slope` · z.
    LeakyRelu {
        /// The slope on the negative side and at 0.
        negative_slope: f64,
    },
    /// z where it is positive, else `alpha` · (eᶻ − 1).
    Elu {
        /// How far down the negative side reaches.
        alpha: f64,
    },
    /// 1 / (1 + e⁻ᶻ).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// z · Φ(z), with the normal distribution's Φ.
    Gelu {
        /// Whether Φ is approximated with a tanh.
        approximate: bool,
    },
    /// z · sigmoid(z).
    Silu,
    /// ln(1 + e^(`beta` z)) / `beta`, and z itself where `beta` z is above `threshold`.
    Softplus {
        /// How sharp the bend is.
        beta: f64,
        /// Where the function is taken to be straight.
        threshold: f64,
    },
    /// eᶻ.
    Exp,
    /// The natural logarithm of z; the slope is 1/z even where z is negative and has none.
    Log,
    /// The square root of z.
    Sqrt,
    /// z to the power of `exponent`.
    Pow {
        /// The exponent, a constant.
        exponent: f64,
    },
    /// The absolute value of z; the slope at exactly 0 is 0.
    Abs,
    /// −z.
    Neg,
}

const SQRT_2_OVER_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;
const ONE_OVER_SQRT_2_PI: f64 =
    std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 / 2.0;
/// The coefficient of the cubic term in GELU's tanh form (Hendrycks and Gimpel, 2016).
const GELU_CUBIC: f64 = 0.044715;

impl Activation {
    /// The function's name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu { .. } => "elu",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Gelu { .. } => "gelu",
            Self::Silu => "silu",
            Self::Softplus { .. } => "softplus",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sqrt => "sqrt",
            Self::Pow { .. } => "pow",
            Self::Abs => "abs",
            Self::Neg => "neg",
        }
    }

    /// f(z).
    #[inline]
    pub fn value(self, z: f64) -> f64 {
        match self {
            // Written so that NaN stays NaN.
            Self::Relu if z <= 0.0 => 0.0,
            Self::Relu => z,
            _ => self.value_by_call(z),
        }
    }

    /// f(z). ReLU is so common and so short that loops over many neurons do it themselves.
    fn value_by_call(self, z: f64) -> f64 {
        match self {
            Self::Relu => self.value(z),
            Self::LeakyRelu { .. } | Self::Elu { .. } if z > 0.0 => z,
            Self::LeakyRelu { negative_slope } => negative_slope * z,
            Self::Elu { alpha } => alpha * libm::expm1(z),
            Self::Sigmoid => sigmoid(z),
            Self::Tanh => libm::tanh(z),
            Self::Gelu { approximate: false } => z * normal_cdf(z),
            Self::Gelu { approximate: true } => 0.5 * z * (1.0 + libm::tanh(gelu_inner(z))),
            Self::Silu => z * sigmoid(z),
            Self::Softplus { beta, threshold } if beta * z > threshold => z,
            Self::Softplus { beta, .. } => libm::log1p(libm::exp(beta * z)) / beta,
            Self::Exp => libm::exp(z),
            Self::Log => libm::log(z),
            Self::Sqrt => z.sqrt(),
            Self::Pow { exponent } => libm::pow(z, exponent),
            Self::Abs => z.abs(),
            Self::Neg => -z,
        }
    }

    /// f′(z).
    #[inline]
    pub fn slope(self, z: f64) -> f64 {
        match self {
            Self::Relu if z > 0.0 => 1.0,
            Self::Relu => 0.0,
            _ => self.slope_by_call(z),
        }
    }

    /// f′(z), as [`Activation::value_by_call`] is f(z).
    fn slope_by_call(self, z: f64) -> f64 {
        match self {
            Self::Relu => self.slope(z),
            Self::LeakyRelu { .. } | Self::Elu { .. } if z > 0.0 => 1.0,
            Self::LeakyRelu { negative_slope } => negative_slope,
            Self::Elu { alpha } => alpha * libm::exp(z),
            Self::Sigmoid => sigmoid(z) * (1.0 - sigmoid(z)),
            Self::Tanh => 1.0 - libm::tanh(z) * libm::tanh(z),
            Self::Gelu { approximate: false } => {
                normal_cdf(z) + z * ONE_OVER_SQRT_2_PI * libm::exp(-0.5 * z * z)
            }
            Self::Gelu { approximate: true } => {
                let tanh = libm::tanh(gelu_inner(z));
                let inner_slope = SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBIC * z * z);
                0.5 * (1.0 + tanh) + 0.5 * z * (1.0 - tanh * tanh) * inner_slope
            }
            Self::Silu => sigmoid(z) * (1.0 + z * (1.0 - sigmoid(z))),
            Self::Softplus { beta, threshold } if beta * z > threshold => 1.0,
            Self::Softplus { beta, .. } => sigmoid(beta * z),
            Self::Exp => libm::exp(z),
            Self::Log => 1.0 / z,
            Self::Sqrt => 1.0 / (2.0 * z.sqrt()),
            // 1 everywhere, even at 0.
            Self::Pow { exponent: 0.0 } => 0.0,
            Self::Pow { exponent } => exponent * libm::pow(z, exponent - 1.0),
            Self::Abs if z == 0.0 => 0.0,
            // That of NaN is NaN.
            Self::Abs => z.signum(),
            Self::Neg => -1.0,
        }
    }

    /// Returns f of every element.
    pub(crate) fn of(self, z: &Tensor) -> Tensor {
        let mut y = Tensor::filled(z.shape().clone(), 0.0);
        for_each_chunk(y.data_mut(), CHUNK, z.data().len() * COST, |nth, y| {
            y.iter_mut()
                .zip(&z.data()[nth * CHUNK..])
                .for_each(|(y, &z)| *y = self.value(z));
        });
        y
    }

    /// Returns upstream gradients, each times the slope at its z.
    pub(super) fn scaled(self, upstream: &[f64], z: &[f64]) -> Vec<f64> {
        let mut scaled = upstream.to_vec();
        for_each_chunk(&mut scaled, CHUNK, z.len() * COST, |nth, scaled| {
            scaled
                .iter_mut()
                .zip(&z[nth * CHUNK..])
                .for_each(|(scaled, &z)| *scaled *= self.slope(z));
        });
        scaled
    }

    /// Whether the function has a kink or a step between the two points, or in one of them alone.
    pub fn has_kink_between(self, z: f64, other: f64) -> bool {
        match self {
            Self::Relu | Self::LeakyRelu { .. } => (z > 0.0) != (other > 0.0),
            Self::Elu { alpha } => alpha != 1.0 && (z > 0.0) != (other > 0.0),
            Self::Softplus { beta, threshold } => {
                (beta * z > threshold) != (beta * other > threshold)
            }
            Self::Abs => z.signum() != other.signum() || (z == 0.0) != (other == 0.0),
            // On the two sides of its pole.
            Self::Pow { exponent } => exponent < 0.0 && z * other < 0.0,
            Self::Sigmoid
            | Self::Tanh
            | Self::Gelu { .. }
            | Self::Silu
            | Self::Exp
            | Self::Log
            | Self::Sqrt
            | Self::Neg => false,
        }
    }
}

/// 1 / (1 + e⁻ᶻ), without overflow on either side.
pub(super) fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + libm::exp(-z))
    } else {
        let e = libm::exp(z);
        e / (1.0 + e)
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

fn gelu_inner(z: f64) -> f64 {
    SQRT_2_OVER_PI * (z + GELU_CUBIC * z * z * z)
}

named_setting!(Activation {
    "relu" => Activation::Relu,
    "leaky_relu" => Activation::LeakyRelu { negative_slope: 0.01 },
    "elu" => Activation::Elu { alpha: 1.0 },
    "sigmoid" => Activation::Sigmoid,
    "tanh" => Activation::Tanh,
    "gelu" => Activation::Gelu { approximate: false },
    "silu" => Activation::Silu,
    "softplus" => Activation::Softplus { beta: 1.0, threshold: 20.0 },
});

/// A layer of its own that applies an activation, so that its neurons have steps of their own.
#[derive(Debug)]
pub(super) struct Elementwise(Activation);

impl Elementwise {
    pub(super) fn relu(_: &mut Reader<'_>) -> Self {
        Self(Activation::Relu)
    }

    pub(super) fn leaky_relu(keys: &mut Reader<'_>) -> Self {
        Self(Activation::LeakyRelu {
            negative_slope: keys.or("negative_slope", 0.01),
        })
    }

    pub(super) fn elu(keys: &mut Reader<'_>) -> Self {
        Self(Activation::Elu {
            alpha: keys.or("alpha", 1.0),
        })
    }

    pub(super) fn sigmoid(_: &mut Reader<'_>) -> Self {
        Self(Activation::Sigmoid)
    }

    pub(super) fn tanh(_: &mut Reader<'_>) -> Self {
        Self(Activation::Tanh)
    }

    pub(super) fn gelu(keys: &mut Reader<'_>) -> Self {
        let approximate = keys.or("approximate", Approximation::None) == Approximation::Tanh;
        Self(Activation::Gelu { approximate })
    }

    pub(super) fn silu(_: &mut Reader<'_>) -> Self {
        Self(Activation::Silu)
    }

    pub(super) fn softplus(keys: &mut Reader<'_>) -> Self {
        let (beta, threshold) = (keys.or("beta", 1.0), keys.or("threshold", 20.0));
        if beta == 0.0 {
            keys.refuse("beta", "must not be 0, because softplus divides by it");
        }
        Self(Activation::Softplus { beta, threshold })
    }

    pub(super) fn exp(_: &mut Reader<'_>) -> Self {
        Self(Activation::Exp)
    }

    pub(super) fn log(_: &mut Reader<'_>) -> Self {
        Self(Activation::Log)
    }

    pub(super) fn sqrt(_: &mut Reader<'_>) -> Self {
        Self(Activation::Sqrt)
    }

    pub(super) fn pow(keys: &mut Reader<'_>) -> Self {
        Self(Activation::Pow {
            exponent: keys.required("exponent", 1.0),
        })
    }

    pub(super) fn abs(_: &mut Reader<'_>) -> Self {
        Self(Activation::Abs)
    }

    pub(super) fn neg(_: &mut Reader<'_>) -> Self {
        Self(Activation::Neg)
    }
}

#[derive(PartialEq)]
enum Approximation {
    None,
    Tanh,
}

named_setting!(Approximation { "none" => Approximation::None, "tanh" => Approximation::Tanh });

impl Op for Elementwise {
    fn family(&self) -> Family {
        Family::Elementwise(self.0)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        Ok(shapes.input().1.clone())
    }

    fn forward(&self, operands: &Operands<'_>, _: &Shape) -> Tensor {
        self.0.of(operands.input().tensor)
    }

    fn receptive_field(
        &self,
        _: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        visit(output);
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        visit(run.term_times(
            at,
            Factor::of(FactorKind::Slope, self.0.slope(run.input().value(at))),
        ));
    }

    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let z = run.input().data();
        for_each_chunk(sums, CHUNK, z.len() * COST, |nth, sums| {
            let pairs = run.upstream[nth * CHUNK..].iter().zip(&z[nth * CHUNK..]);
            sums.iter_mut()
                .zip(pairs)
                .for_each(|(sum, (upstream, &z))| *sum += upstream * self.0.slope(z));
        });
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let mut pairs = one.input().data().iter().zip(other.input().data());
        pairs.position(|(&z, &other)| self.0.has_kink_between(z, other))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::testing::{Layer, refuses};

    #[test]
    fn slopes_are_the_derivatives() {
        let all = [
            Activation::Relu,
            Activation::LeakyRelu {
                negative_slope: 0.2,
            },
            Activation::Elu { alpha: 1.5 },
            Activation::Sigmoid,
            Activation::Tanh,
            Activation::Gelu { approximate: false },
            Activation::Gelu { approximate: true },
            Activation::Silu,
            Activation::Softplus {
                beta: 2.0,
                threshold: 20.0,
            },
            Activation::Exp,
            Activation::Pow { exponent: 3.0 },
            Activation::Pow { exponent: -2.0 },
            Activation::Abs,
            Activation::Neg,
        ];
        let of_positive = [
            Activation::Log,
            Activation::Sqrt,
            Activation::Pow { exponent: 2.5 },
        ];
        let h = 1e-5;
        for activation in all.into_iter().chain(of_positive) {
            let is_defined = |z: &f64| *z > 0.0 || !of_positive.contains(&activation);
            for z in [-3.0, -0.7, 0.6, 2.0].into_iter().filter(is_defined) {
                let slope = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                assert!(
                    (slope - activation.slope(z)).abs() < 1e-8,
                    "{activation:?} at {z}: {slope}"
                );
            }
        }
    }

    #[test]
    fn where_a_function_ends_it_is_as_in_pytorch() {
        assert_eq!(
            (Activation::Log.value(0.0), Activation::Log.slope(0.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(Activation::Log.value(-2.0).is_nan());
        assert_eq!(Activation::Log.slope(-2.0), -0.5);
        assert_eq!(
            (Activation::Sqrt.value(0.0), Activation::Sqrt.slope(0.0)),
            (0.0, f64::INFINITY)
        );
        assert!(Activation::Sqrt.value(-1.0).is_nan() && Activation::Sqrt.slope(-1.0).is_nan());
        let pow = |exponent| Activation::Pow { exponent };
        assert_eq!((pow(0.0).value(0.0), pow(0.0).slope(0.0)), (1.0, 0.0));
        assert_eq!((pow(1.0).value(0.0), pow(1.0).slope(0.0)), (0.0, 1.0));
        assert_eq!((pow(2.0).value(-3.0), pow(2.0).slope(-3.0)), (9.0, -6.0));
        assert_eq!(
            (pow(-1.0).value(0.0), pow(-1.0).slope(0.0)),
            (f64::INFINITY, f64::NEG_INFINITY)
        );
        assert!(pow(0.5).value(-1.0).is_nan());
        assert_eq!(
            (
                Activation::Abs.value(-2.0),
                Activation::Abs.slope(-2.0),
                Activation::Abs.slope(0.0)
            ),
            (2.0, -1.0, 0.0)
        );
        assert!(Activation::Abs.slope(f64::NAN).is_nan());
    }

    #[test]
    fn a_kink_is_between_its_sides() {
        let reciprocal = Activation::Pow { exponent: -1.0 };
        for function in [Activation::Relu, Activation::Abs, reciprocal] {
            assert!(function.has_kink_between(-0.1, 0.2), "{function:?}");
            assert!(
                !function.has_kink_between(0.1, 0.2) && !function.has_kink_between(-0.1, -0.2),
                "{function:?}"
            );
        }
        assert!(
            Activation::Abs.has_kink_between(0.0, 0.1)
                && Activation::Abs.has_kink_between(-0.1, 0.0)
        );
        assert!(!Activation::Pow { exponent: 2.0 }.has_kink_between(-0.1, 0.2));
    }

    #[test]
    fn an_exponent_must_be_given() {
        refuses(&[
            (json!({"op": "pow"}), &[json!([1, 2])], "exponent: missing"),
            (
                json!({"op": "pow", "exponent": "2"}),
                &[json!([1, 2])],
                "exponent: must be a number",
            ),
        ]);
        let square = Layer::new(json!({"op": "pow", "exponent": 2}), &[json!([3, -1.5])]).unwrap();
        assert_eq!(square.output().data(), [9.0, 2.25]);
        assert_eq!(
            square.terms(OperandRole::Input(0), 1),
            [(1, vec![("slope", -3.0)])]
        );
        square.keeps_the_laws(0.0);
    }

    #[test]
    fn far_out_nothing_overflows() {
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert_eq!(sigmoid(1000.0), 1.0);
        assert_eq!(
            Activation::Softplus {
                beta: 1.0,
                threshold: 20.0
            }
            .value(1000.0),
            1000.0
        );
        assert_eq!(Activation::Relu.slope(0.0), 0.0);
        assert!(Activation::Relu.value(f64::NAN).is_nan());
    }
}
