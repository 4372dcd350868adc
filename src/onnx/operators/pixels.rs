//! Nodes that lay channels out as pixels, and pixels as channels.

use super::Made;
use super::rearrange::reshaped;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::ops::{Permute, PixelShuffle, PixelUnshuffle, Reshape};

/// Channels laid out as pixels. ONNX's own order of them is another than PyTorch's.
pub(super) fn depth_to_space(node: &mut Node<'_, '_>) -> Made {
    let (block, sizes) = blocks(node)?;
    let mode = node.attributes.word("mode", "DCR")?;
    let x = node.operand(0)?;
    let [batch, channels, height, width] = sizes;
    match mode {
        "CRD" => {
            let upscale_factor = block;
            node.layer(Layer::of(PixelShuffle { upscale_factor }, [x]))
        }
        "DCR" => {
            let inner = channels / (block * block).max(1);
            let x = turned(
                node,
                x,
                [batch, block, block, inner, height, width],
                [0, 3, 4, 1, 5, 2],
            )?;
            reshaped(node, x, vec![batch, inner, height * block, width * block])
        }
        _ => Err(Unsupported::new("has a `mode` that is not known here")),
    }
}

/// Pixels laid out as channels.
pub(super) fn space_to_depth(node: &mut Node<'_, '_>) -> Made {
    let (block, [batch, channels, height, width]) = blocks(node)?;
    let mode = node.attributes.word("mode", "DCR")?;
    let x = node.operand(0)?;
    if mode == "CRD" {
        let downscale_factor = block;
        return node.layer(Layer::of(PixelUnshuffle { downscale_factor }, [x]));
    }
    let (rows, columns) = (height / block, width / block);
    let split = [batch, channels, rows, block, columns, block];
    let x = turned(node, x, split, [0, 3, 5, 1, 2, 4])?;
    reshaped(
        node,
        x,
        vec![batch, channels * block * block, rows, columns],
    )
}

/// The block size of a node, and the sizes of the images that it reads.
fn blocks(node: &mut Node<'_, '_>) -> Result<(usize, [usize; 4]), Unsupported> {
    let block = node.attributes.int("blocksize")?.unwrap_or(0);
    let block = usize::try_from(block).ok().filter(|&block| block > 0);
    let block = block.ok_or_else(|| Unsupported::new("has no `blocksize`"))?;
    let sizes = node.sizes(0)?;
    let images = <[usize; 4]>::try_from(sizes.clone());
    let images = images.map_err(|_| Unsupported::new(format!("reads {sizes:?}, not images")))?;
    Ok((block, images))
}

/// Adds the layers that split axes and put them in another order.
fn turned(
    node: &mut Node<'_, '_>,
    x: Operand,
    split: [usize; 6],
    order: [i64; 6],
) -> Result<Operand, Unsupported> {
    let split = Reshape::new(split.map(Some).to_vec());
    let x = node.step("split", Layer::of(split, [x]))?;
    node.step("turned", Layer::of(Permute::new(order.to_vec()), [x]))
}
