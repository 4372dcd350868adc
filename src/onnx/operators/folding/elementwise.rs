//! Arithmetic on constants, element by element: what works out sizes, places and masks.

use super::{Folded, made, misfit};
use crate::onnx::constant::{Array, Constant, broadcast};
use crate::onnx::error::Unsupported;
use crate::onnx::node::Node;

pub(in crate::onnx) fn add(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a + b, i64::checked_add)
}

pub(in crate::onnx) fn sub(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a - b, i64::checked_sub)
}

pub(in crate::onnx) fn mul(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a * b, i64::checked_mul)
}

pub(in crate::onnx) fn div(node: &mut Node<'_, '_>) -> Folded {
    arithmetic(node, |a, b| a / b, i64::checked_div)
}

/// The remainder, with the sign of the divisor, or of the dividend where `fmod` is set.
pub(in crate::onnx) fn modulo(node: &mut Node<'_, '_>) -> Folded {
    if node.attributes.flag("fmod", false)? {
        return arithmetic(node, |a, b| a % b, i64::checked_rem);
    }
    let by_divisor = |a: i64, b: i64| {
        let rest = a.checked_rem(b)?;
        let is_other_side = rest != 0 && (rest < 0) != (b < 0);
        Some(if is_other_side { rest + b } else { rest })
    };
    arithmetic(node, |a, b| a - b * (a / b).floor(), by_divisor)
}

pub(in crate::onnx) fn pow(node: &mut Node<'_, '_>) -> Folded {
    let (Some(base), Some(exponent)) = (node.constant(0), node.constant(1)) else {
        return Ok(None);
    };
    charge(node, [&base.constant, &exponent.constant])?;
    // Whole numbers are raised as the floats that they are; neither side is large where a model has
    // such a thing.
    let (Constant::Floats(one), Constant::Floats(other)) =
        (base.constant.cast(true), exponent.constant.cast(true))
    else {
        return Err(misfit());
    };
    let raised = one.combined(&other, |base, exponent| Some(libm::pow(base, exponent)));
    let raised = Constant::Floats(raised.ok_or_else(misfit)?);
    Ok(Some(raised.cast(base.constant.floats().is_some())))
}

/// The largest of several numbers, NaN where one of them is.
pub(in crate::onnx) fn max(node: &mut Node<'_, '_>) -> Folded {
    let larger = |a: f64, b: f64| if a > b || a.is_nan() { a } else { b };
    of_several(node, larger, |a, b| Some(a.max(b)))
}

/// The smallest of several numbers, NaN where one of them is.
pub(in crate::onnx) fn min(node: &mut Node<'_, '_>) -> Folded {
    let smaller = |a: f64, b: f64| if a < b || a.is_nan() { a } else { b };
    of_several(node, smaller, |a, b| Some(a.min(b)))
}

pub(in crate::onnx) fn equal(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |a, b| a == b, |a, b| a == b)
}

pub(in crate::onnx) fn less(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |a, b| a < b, |a, b| a < b)
}

pub(in crate::onnx) fn less_or_equal(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |a, b| a <= b, |a, b| a <= b)
}

pub(in crate::onnx) fn greater(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |a, b| a > b, |a, b| a > b)
}

pub(in crate::onnx) fn greater_or_equal(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |a, b| a >= b, |a, b| a >= b)
}

pub(in crate::onnx) fn and(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |_, _| false, |a, b| a != 0 && b != 0)
}

pub(in crate::onnx) fn or(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |_, _| false, |a, b| a != 0 || b != 0)
}

pub(in crate::onnx) fn xor(node: &mut Node<'_, '_>) -> Folded {
    comparison(node, |_, _| false, |a, b| (a != 0) != (b != 0))
}

pub(in crate::onnx) fn not(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let ints = known.constant.ints().ok_or_else(misfit)?;
    made(node, Constant::Ints(ints.map(|flag| i64::from(flag == 0))))
}

pub(in crate::onnx) fn is_nan(node: &mut Node<'_, '_>) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    let floats = known.constant.floats().ok_or_else(misfit)?;
    let flags = floats.map(|number| i64::from(number.is_nan()));
    made(node, Constant::Ints(flags))
}

/// An element of the second input where the first one is true, else one of the third.
pub(in crate::onnx) fn choose(node: &mut Node<'_, '_>) -> Folded {
    let all = [node.constant(0), node.constant(1), node.constant(2)];
    let [Some(condition), Some(yes), Some(no)] = all else {
        return Ok(None);
    };
    let (yes, no) = (&yes.constant, &no.constant);
    charge(node, [&condition.constant, yes, no])?;
    let flags = condition.constant.ints().ok_or_else(misfit)?;
    let chosen = match (yes, no) {
        (Constant::Floats(yes), Constant::Floats(no)) => {
            chosen(flags, yes, no).map(Constant::Floats)
        }
        (Constant::Ints(yes), Constant::Ints(no)) => chosen(flags, yes, no).map(Constant::Ints),
        (Constant::Floats(_), Constant::Ints(_)) | (Constant::Ints(_), Constant::Floats(_)) => None,
    };
    Ok(Some(chosen.ok_or_else(misfit)?))
}

fn chosen<T: Copy>(flags: &Array<i64>, yes: &Array<T>, no: &Array<T>) -> Option<Array<T>> {
    let taken = flags.combined(yes, |flag, yes| Some((flag != 0).then_some(yes)))?;
    taken.combined(no, |taken, no| Some(taken.unwrap_or(no)))
}

pub(in crate::onnx) fn neg(node: &mut Node<'_, '_>) -> Folded {
    function(node, |x| -x, i64::checked_neg)
}

pub(in crate::onnx) fn abs(node: &mut Node<'_, '_>) -> Folded {
    function(node, f64::abs, i64::checked_abs)
}

pub(in crate::onnx) fn sign(node: &mut Node<'_, '_>) -> Folded {
    let sign = |x: f64| if x > 0.0 { 1.0 } else { -f64::from(x < 0.0) };
    function(node, sign, |x| Some(x.signum()))
}

pub(in crate::onnx) fn sqrt(node: &mut Node<'_, '_>) -> Folded {
    function(node, f64::sqrt, |_| None)
}

pub(in crate::onnx) fn exp(node: &mut Node<'_, '_>) -> Folded {
    function(node, libm::exp, |_| None)
}

pub(in crate::onnx) fn log(node: &mut Node<'_, '_>) -> Folded {
    function(node, libm::log, |_| None)
}

pub(in crate::onnx) fn sin(node: &mut Node<'_, '_>) -> Folded {
    function(node, libm::sin, |_| None)
}

pub(in crate::onnx) fn cos(node: &mut Node<'_, '_>) -> Folded {
    function(node, libm::cos, |_| None)
}

pub(in crate::onnx) fn reciprocal(node: &mut Node<'_, '_>) -> Folded {
    function(node, |x| 1.0 / x, |_| None)
}

pub(in crate::onnx) fn floor(node: &mut Node<'_, '_>) -> Folded {
    function(node, f64::floor, |_| None)
}

pub(in crate::onnx) fn ceil(node: &mut Node<'_, '_>) -> Folded {
    function(node, f64::ceil, |_| None)
}

/// A function of one number.
fn function(
    node: &mut Node<'_, '_>,
    floats: fn(f64) -> f64,
    ints: fn(i64) -> Option<i64>,
) -> Folded {
    let Some(known) = node.constant(0) else {
        return Ok(None);
    };
    node.attributes.ignore(&["consumed_inputs"]);
    let constant = match &known.constant {
        Constant::Floats(array) => Constant::Floats(array.map(floats)),
        Constant::Ints(array) => {
            let numbers: Option<Vec<i64>> = array.data().iter().map(|&x| ints(x)).collect();
            let array = numbers.and_then(|numbers| Array::new(array.sizes().to_vec(), numbers));
            Constant::Ints(array.ok_or_else(misfit)?)
        }
    };
    made(node, constant)
}

fn arithmetic(
    node: &mut Node<'_, '_>,
    floats: fn(f64, f64) -> f64,
    ints: fn(i64, i64) -> Option<i64>,
) -> Folded {
    let (Some(one), Some(other)) = (node.constant(0), node.constant(1)) else {
        return Ok(None);
    };
    node.attributes
        .ignore(&["axis", "broadcast", "consumed_inputs"]);
    let (one, other) = (&one.constant, &other.constant);
    charge(node, [one, other])?;
    combined(one, other, floats, ints).map(Some)
}

/// What any number of tensors make, one after the other.
fn of_several(
    node: &mut Node<'_, '_>,
    floats: fn(f64, f64) -> f64,
    ints: fn(i64, i64) -> Option<i64>,
) -> Folded {
    let all: Option<Vec<_>> = (0..node.n_inputs()).map(|at| node.constant(at)).collect();
    let Some(all) = all else { return Ok(None) };
    charge(node, all.iter().map(|known| &known.constant))?;
    let mut all = all.iter().map(|known| known.constant.clone());
    let first = all.next().ok_or_else(misfit)?;
    all.try_fold(first, |one, other| combined(&one, &other, floats, ints))
        .map(Some)
}

fn combined(
    one: &Constant,
    other: &Constant,
    floats: fn(f64, f64) -> f64,
    ints: fn(i64, i64) -> Option<i64>,
) -> Result<Constant, Unsupported> {
    let combined = match (one, other) {
        (Constant::Floats(one), Constant::Floats(other)) => one
            .combined(other, |a, b| Some(floats(a, b)))
            .map(Constant::Floats),
        (Constant::Ints(one), Constant::Ints(other)) => {
            one.combined(other, ints).map(Constant::Ints)
        }
        (Constant::Floats(_), Constant::Ints(_)) | (Constant::Ints(_), Constant::Floats(_)) => None,
    };
    combined.ok_or_else(misfit)
}

/// Whether something is the case of two numbers; flags are numbers too.
fn comparison(
    node: &mut Node<'_, '_>,
    floats: fn(f64, f64) -> bool,
    ints: fn(i64, i64) -> bool,
) -> Folded {
    let (Some(one), Some(other)) = (node.constant(0), node.constant(1)) else {
        return Ok(None);
    };
    node.attributes.ignore(&["axis", "broadcast"]);
    let (one, other) = (&one.constant, &other.constant);
    charge(node, [one, other])?;
    let flags = match (one, other) {
        (Constant::Floats(one), Constant::Floats(other)) => {
            one.combined(other, |a, b| Some(i64::from(floats(a, b))))
        }
        (Constant::Ints(one), Constant::Ints(other)) => {
            one.combined(other, |a, b| Some(i64::from(ints(a, b))))
        }
        (Constant::Floats(_), Constant::Ints(_)) | (Constant::Ints(_), Constant::Floats(_)) => None,
    };
    Ok(Some(Constant::Ints(flags.ok_or_else(misfit)?)))
}

/// Takes the elements that constants broadcast to from what is left, before any memory is.
fn charge<'a>(
    node: &mut Node<'_, '_>,
    all: impl IntoIterator<Item = &'a Constant>,
) -> Result<(), Unsupported> {
    let sizes = all.into_iter().try_fold(Vec::new(), |sizes, constant| {
        broadcast(&sizes, constant.sizes()).ok_or_else(misfit)
    })?;
    node.context.charge_sizes(&sizes)
}
