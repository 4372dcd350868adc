//! Pooling.

use super::padding::{FIRST_SPATIAL, Windows};
use super::{Folded, Made, by_axes};
use crate::onnx::constant::{Array, Constant, count};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::ops::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, Add, AvgPool1d, AvgPool2d, AvgPool3d,
    Described, GlobalMaxPool1d, GlobalMaxPool2d, GlobalMaxPool3d, MaxPool1d, MaxPool1dIndices,
    MaxPool2d, MaxPool2dIndices, MaxPool3d, MaxPool3dIndices, MaxUnpool1d, Mean, Reshape, Value,
};
use crate::tensor::{Shape, Tensor};

pub(super) fn max(node: &mut Node<'_, '_>) -> Made {
    let rows = node.attributes.int("storage_order")?.unwrap_or(0) == 0;
    let windows = windows(node)?;
    let ops = [
        MaxPool1d::DESCRIPTOR,
        MaxPool2d::DESCRIPTOR,
        MaxPool3d::DESCRIPTOR,
    ];
    let op = by_axes(windows.kernel.len(), ops)?;
    let ceil_mode = node.attributes.flag("ceil_mode", false)?;
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", windows.padding()),
        ("dilation", windows.dilations.clone().into()),
        ("ceil_mode", Value::Flag(ceil_mode)),
    ]);
    if node.is_wanted(WINNERS) {
        if !rows {
            return Err(Unsupported::new("numbers its winners column by column"));
        }
        winners(node, &windows, given.clone())?;
    }
    if !node.is_wanted(0) {
        // What nobody reads stands for the winners, whose layer has been added.
        return node
            .others
            .get(&WINNERS)
            .cloned()
            .ok_or(Unsupported::Operator);
    }
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer)
}

/// The output of a max pooling that says where its winners stand.
const WINNERS: usize = 1;

/// The places of the winners of a pooling with the size and stride 1, which are those of its input.
pub(super) fn own_places(node: &mut Node<'_, '_>) -> Folded {
    if !node.is_wanted(WINNERS) {
        return Ok(None);
    }
    let windows = windows(node)?;
    let is_own = windows
        .kernel
        .iter()
        .chain(&windows.strides)
        .all(|&n| n == 1)
        && windows.pads.iter().all(|&pads| pads == (0, 0));
    if is_own && node.attributes.int("storage_order")?.unwrap_or(0) == 0 {
        let sizes = node.sizes(0)?;
        node.context.charge_sizes(&sizes)?;
        let places = (0..sizes.iter().product::<usize>() as i64).collect();
        if let Some(places) = Array::new(sizes, places) {
            node.also_constant(WINNERS, Constant::Ints(places));
        }
    }
    Ok(None)
}

/// Adds the layer of the winners' places, which ONNX counts over all maps.
fn winners(
    node: &mut Node<'_, '_>,
    windows: &Windows,
    mut given: Vec<(&'static str, Value)>,
) -> Result<(), Unsupported> {
    if node.others.contains_key(&WINNERS) {
        return Ok(());
    }
    if !windows.is_symmetric() {
        return Err(Unsupported::new(
            "says where its winners stand, with other padding before than after",
        ));
    }
    let before: Vec<usize> = windows.pads.iter().map(|&(before, _)| before).collect();
    given.retain(|(key, _)| *key != "padding");
    given.push(("padding", before.into()));
    let ops = [
        MaxPool1dIndices::DESCRIPTOR,
        MaxPool2dIndices::DESCRIPTOR,
        MaxPool3dIndices::DESCRIPTOR,
    ];
    let op = by_axes(windows.kernel.len(), ops)?;
    let x = node.operand(0)?;
    let (outer, map) = x.shape.split_at(FIRST_SPATIAL);
    let (n_maps, size) = (
        outer.iter().product::<usize>(),
        map.iter().product::<usize>(),
    );
    if n_maps == 1 {
        node.other_layer(WINNERS, Layer::row(op, given, [x]))?;
        return Ok(());
    }
    let sizes = [outer, &vec![1; map.len()]].concat();
    let firsts = Tensor::from_fn(Shape::from(sizes.as_slice()), |map| (map * size) as f64);
    let within = node.step("places", Layer::row(op, given, [x]))?;
    let firsts = node.new_tensor("first_places", firsts)?;
    node.other_layer(WINNERS, Layer::of(Add, [within, firsts]))?;
    Ok(())
}

/// Numbers put back in places that are counted over all maps.
pub(super) fn max_unpool(node: &mut Node<'_, '_>) -> Made {
    let sizes = unpooled_sizes(node)?;
    if node.has_input(2) {
        let asked = node.ints(2, "its output's sizes")?;
        let is_size = |(&asked, &size): (&i64, &usize)| usize::try_from(asked) == Ok(size);
        let is_same = asked.data().iter().zip(&sizes).all(is_size);
        if !is_same || asked.data().len() != sizes.len() {
            // It is not said in which of the two the places are counted.
            return Err(Unsupported::new(format!(
                "asks for the sizes {:?}, but its windows make {sizes:?}",
                asked.data()
            )));
        }
    }
    if node.sizes(1)? != node.sizes(0)? {
        return Err(Unsupported::new("has other sizes than its places"));
    }
    let x = node.operand(0)?;
    let places = node.mask(1)?;
    placed(node, x, places, sizes)
}

/// Adds layers that put numbers in places of a tensor of zeros, counted over all of it.
pub(super) fn placed(
    node: &mut Node<'_, '_>,
    x: Operand,
    places: Operand,
    sizes: Vec<usize>,
) -> Made {
    let mut lists = Vec::new();
    for (operand, name) in [(x, "list"), (places, "places")] {
        lists.push(match operand.shape.rank() {
            1 => operand,
            _ => node.step(name, Layer::of(Reshape::new(vec![None]), [operand]))?,
        });
    }
    let n = count(&sizes).filter(|&n| n > 0);
    let n = n.ok_or_else(|| Unsupported::new("makes nothing"))?;
    let unpool = Layer::of(MaxUnpool1d { output_size: [n] }, lists);
    if sizes.len() == 1 {
        return node.layer(unpool);
    }
    let list = node.step("unpooled", unpool)?;
    let sizes = sizes.into_iter().map(Some).collect();
    node.layer(Layer::of(Reshape::new(sizes), [list]))
}

/// The sizes of an unpooling's output, from its windows.
fn unpooled_sizes(node: &mut Node<'_, '_>) -> Result<Vec<usize>, Unsupported> {
    let windows = windows(node)?;
    let mut sizes = node.sizes(0)?;
    for (axis, size) in sizes[FIRST_SPATIAL..].iter_mut().enumerate() {
        let (before, after) = windows.pads[axis];
        *size = (*size - 1)
            .checked_mul(windows.strides[axis])
            .and_then(|first| first.checked_add(windows.kernel[axis]))
            .and_then(|end| end.checked_sub(before.saturating_add(after)))
            .ok_or_else(|| Unsupported::new("has windows that cannot be counted"))?;
    }
    Ok(sizes)
}

pub(super) fn average(node: &mut Node<'_, '_>) -> Made {
    let windows = windows(node)?;
    let ops = [
        AvgPool1d::DESCRIPTOR,
        AvgPool2d::DESCRIPTOR,
        AvgPool3d::DESCRIPTOR,
    ];
    let op = by_axes(windows.kernel.len(), ops)?;
    let ceil_mode = node.attributes.flag("ceil_mode", false)?;
    let counts_padding = node.attributes.flag("count_include_pad", false)?;
    if windows.dilations.iter().any(|&dilation| dilation != 1) {
        return Err(Unsupported::new(format!(
            "has dilations, which `{}` does not have",
            op.name
        )));
    }
    // Without padding there is nothing to leave out.
    let is_padded = windows.pads.iter().any(|&pads| pads != (0, 0));
    let mut given = size_and_stride(&windows);
    given.extend([
        ("padding", windows.padding()),
        ("ceil_mode", Value::Flag(ceil_mode)),
        (
            "count_include_pad",
            Value::Flag(counts_padding || !is_padded),
        ),
    ]);
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer)
}

pub(super) fn global_average(node: &mut Node<'_, '_>) -> Made {
    let spatial = spatial(node)?;
    let x = node.operand(0)?;
    let ops = [
        AdaptiveAvgPool1d::DESCRIPTOR,
        AdaptiveAvgPool2d::DESCRIPTOR,
        AdaptiveAvgPool3d::DESCRIPTOR,
    ];
    let layer = match by_axes(spatial.len(), ops) {
        Ok(op) => Layer::row(op, vec![("output_size", 1_usize.into())], [x]),
        // The same by another name, for any number of axes.
        Err(_) => {
            let dim = (FIRST_SPATIAL..x.shape.rank()).map(|axis| axis as i64);
            let mean = Mean {
                dim: dim.collect(),
                keepdim: true,
            };
            Layer::of(mean, [x])
        }
    };
    node.layer(layer)
}

pub(super) fn global_max(node: &mut Node<'_, '_>) -> Made {
    let spatial = spatial(node)?;
    let ops = [
        GlobalMaxPool1d::DESCRIPTOR,
        GlobalMaxPool2d::DESCRIPTOR,
        GlobalMaxPool3d::DESCRIPTOR,
    ];
    let op = by_axes(spatial.len(), ops)?;
    let layer = Layer::row(op, Vec::new(), [node.operand(0)?]);
    node.layer(layer)
}

/// The sizes of the input's spatial axes.
fn spatial(node: &Node<'_, '_>) -> Result<Vec<usize>, Unsupported> {
    let sizes = node.sizes(0)?;
    match sizes.get(FIRST_SPATIAL..) {
        Some(spatial) if !spatial.is_empty() && !sizes.contains(&0) => Ok(spatial.to_vec()),
        _ => Err(Unsupported::new(format!(
            "pools over {sizes:?}, which has no spatial axes"
        ))),
    }
}

fn windows(node: &mut Node<'_, '_>) -> Result<Windows, Unsupported> {
    let n = spatial(node)?.len();
    let sizes = node.sizes(0)?;
    let kernel = node.attributes.sizes("kernel_shape", n, 1)?;
    Windows::read(
        node,
        &sizes,
        kernel.ok_or_else(|| Unsupported::new("has no `kernel_shape`"))?,
    )
}

/// The windows' size and stride. Left out, a scenario's stride is the size; ONNX's is 1.
fn size_and_stride(windows: &Windows) -> Vec<(&'static str, Value)> {
    let mut given = vec![("kernel_size", windows.kernel.clone().into())];
    if windows.strides != windows.kernel {
        given.push(("stride", windows.strides.clone().into()));
    }
    given
}
