//! The operators of ONNX that a scenario can express: one file a family, one row an operator.

mod activation;
mod arithmetic;
mod attention;
mod conv;
mod einsum;
mod folding;
mod gathering;
mod linear;
mod logic;
mod loss;
mod norm;
mod padding;
mod pixels;
mod pool;
mod rearrange;
mod recurrent;
mod reduce;
mod repeating;
mod resize;
mod scattering;
mod slicing;
mod softmax;
mod table;
mod triangle;
mod windows;

pub(super) use table::operator;

use super::constant::Constant;
use super::error::Unsupported;
use super::node::Node;
use super::value::Value;
use crate::ops::Descriptor;

/// What a node makes as a layer.
type Made = Result<Value, Unsupported>;

/// What a node makes out of known numbers; nothing where something that it asks for is only
/// computed.
type Folded = Result<Option<Constant>, Unsupported>;

/// An operator, and what becomes of a node of it.
pub(super) struct Operator {
    pub(super) name: &'static str,
    /// Works the node out where everything it asks of its inputs is known; nothing where it is not.
    pub(super) fold: Option<fn(&mut Node<'_, '_>) -> Folded>,
    /// Makes layers of the node.
    pub(super) layer: Option<fn(&mut Node<'_, '_>) -> Made>,
}

/// Returns the op for a number of spatial axes, out of those for one, two and three.
fn by_axes(axes: usize, ops: [&'static Descriptor; 3]) -> Result<&'static Descriptor, Unsupported> {
    let op = axes.checked_sub(1).and_then(|nth| ops.get(nth));
    op.copied().ok_or_else(|| {
        let [one, .., last] = ops;
        Unsupported::new(format!(
            "has {axes} spatial axes, but `{}` to `{}` have 1 to 3",
            one.name, last.name
        ))
    })
}
