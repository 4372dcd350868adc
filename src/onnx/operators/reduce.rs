//! Sums and means over axes.

use super::Made;
use crate::onnx::call::{Call, Value, axes};
use crate::onnx::draft::{Layer, Operand};
use crate::onnx::refusal::Refusal;

pub(super) fn sum(call: &mut Call<'_, '_>) -> Made {
    reduce(call, "sum", 13)
}

pub(super) fn mean(call: &mut Call<'_, '_>) -> Made {
    reduce(call, "mean", 18)
}

/// The sum of the squares.
pub(super) fn sum_square(call: &mut Call<'_, '_>) -> Made {
    let x = call.operand(0)?;
    let squares = call.step("squares", Layer::of("mul", [x.clone(), x]))?;
    reduced(call, "sum", 18, squares)
}

/// `since` is the version from which on the axes are an input.
fn reduce(call: &mut Call<'_, '_>, op: &'static str, since: i64) -> Made {
    let x = call.operand(0)?;
    reduced(call, op, since, x)
}

fn reduced(call: &mut Call<'_, '_>, op: &'static str, since: i64, x: Operand) -> Made {
    let keeps = call.attributes.flag("keepdims", true)?;
    let does_nothing = call.attributes.flag("noop_with_empty_axes", false)?;
    let rank = x.shape.rank();
    let named = axes(&listed_axes(call, since)?.unwrap_or_default(), rank)?;
    if named.is_empty() && does_nothing {
        return Ok(Value::Computed(x));
    }
    let layer = Layer::of(op, [x]);
    let layer = if named.is_empty() || named.len() == rank {
        layer
    } else {
        layer.set("dim", named)
    };
    call.layer(layer.set_unless("keepdim", keeps, false))
}

/// Returns the axes that a node names: an attribute at first, its second input from version `since`
/// on.
pub(super) fn listed_axes(
    call: &mut Call<'_, '_>,
    since: i64,
) -> Result<Option<Vec<i64>>, Refusal> {
    if call.opset() < since {
        return Ok(call.attributes.ints("axes")?.map(<[i64]>::to_vec));
    }
    if call.has_input(1) {
        Ok(Some(call.ints(1, "its axes")?.data().to_vec()))
    } else {
        Ok(None)
    }
}
