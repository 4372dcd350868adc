//! Nodes that repeat their input: `Expand` and `Tile`.

use super::Made;
use crate::onnx::constant::broadcast;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::Layer;
use crate::onnx::node::Node;
use crate::ops::{Expand, Repeat};

/// The sizes that an `Expand` makes.
pub(super) fn expanded(
    node: &mut Node<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<usize>, Unsupported> {
    let asked = node.ints(1, "its sizes")?;
    // A size of -1 is written for one that stays.
    let asked: Option<Vec<usize>> = asked
        .data()
        .iter()
        .map(|&size| usize::try_from(if size == -1 { 1 } else { size }).ok())
        .collect();
    let refusal = || Unsupported::new(format!("expands {sizes:?} to what does not fit"));
    asked
        .and_then(|asked| broadcast(sizes, &asked))
        .ok_or_else(refusal)
}

pub(super) fn expand(node: &mut Node<'_, '_>) -> Made {
    let sizes = node.sizes(0)?;
    let expanded = expanded(node, &sizes)?;
    if expanded == sizes {
        return node.pass_on(0);
    }
    let size = expanded.into_iter().map(Some).collect();
    let layer = Layer::of(Expand { size }, [node.operand(0)?]);
    node.layer(layer)
}

/// How often a `Tile` repeats each axis.
pub(super) fn repeats(node: &mut Node<'_, '_>, rank: usize) -> Result<Vec<usize>, Unsupported> {
    let given = node.ints(1, "how often it repeats its input")?;
    let repeats: Option<Vec<usize>> = given
        .data()
        .iter()
        .map(|&n| usize::try_from(n).ok())
        .collect();
    repeats
        .filter(|repeats| repeats.len() == rank)
        .ok_or_else(|| Unsupported::new("does not say for each axis how often to repeat it"))
}

pub(super) fn tile(node: &mut Node<'_, '_>) -> Made {
    let rank = node.sizes(0)?.len();
    let repeats = repeats(node, rank)?;
    if repeats.iter().all(|&n| n == 1) {
        return node.pass_on(0);
    }
    let layer = Layer::of(Repeat { repeats }, [node.operand(0)?]);
    node.layer(layer)
}
