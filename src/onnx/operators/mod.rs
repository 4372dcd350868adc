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

/// Returns the op for a number of spatial axes, out of that for one and that for two.
fn by_axes(axes: usize, ops: [&'static Descriptor; 2]) -> Result<&'static Descriptor, Unsupported> {
    match axes {
        1 => Ok(ops[0]),
        2 => Ok(ops[1]),
        _ => Err(Unsupported::new(format!(
            "has {axes} spatial axes, but `{}` and `{}` have 1 and 2",
            ops[0].name, ops[1].name
        ))),
    }
}
