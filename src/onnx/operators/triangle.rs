//! Nodes that keep a triangle of matrices.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Op, Tril, Triu};

/// What a `Trilu` keeps.
pub(super) struct Triangle {
    is_upper: bool,
    diagonal: i64,
}

impl Triangle {
    /// Whether an element of matrices is kept.
    pub(super) fn keeps(&self, sizes: &[usize], at: usize) -> bool {
        let [.., rows, columns] = *sizes else {
            return true;
        };
        let above = (at % columns) as i64 - (at / columns % rows) as i64;
        if self.is_upper {
            above >= self.diagonal
        } else {
            above <= self.diagonal
        }
    }
}

/// What a `Trilu` keeps; nothing where its diagonal is only computed.
pub(super) fn triangle(node: &mut Node<'_, '_>) -> Result<Option<Triangle>, Unsupported> {
    let is_upper = node.attributes.flag("upper", true)?;
    if !node.has_input(1) {
        let diagonal = 0;
        return Ok(Some(Triangle { is_upper, diagonal }));
    }
    let given = node.ints(1, "its diagonal")?;
    let triangle = |&diagonal: &i64| Triangle { is_upper, diagonal };
    Ok(given.data().first().map(triangle))
}

pub(super) fn trilu(node: &mut Node<'_, '_>) -> Made {
    let triangle = triangle(node)?;
    let Some(Triangle { is_upper, diagonal }) = triangle else {
        return Err(Unsupported::new("has a diagonal that is no number"));
    };
    let op: Box<dyn Op> = if is_upper {
        Triu { diagonal }.into()
    } else {
        Tril { diagonal }.into()
    };
    let layer = Layer::of(op, [node.operand(0)?]);
    node.layer(layer)
}
