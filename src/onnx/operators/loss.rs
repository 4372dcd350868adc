//! Losses of classes, in models that have their loss in them.

use super::Made;
use crate::onnx::constant::shape;
use crate::onnx::layer::Layer;
use crate::onnx::module;
use crate::onnx::node::Node;
use crate::ops::{CrossEntropy, Described, Descriptor, NllLoss, Value};
use crate::tensor::Tensor;

/// Where the call of PyTorch's cross-entropy has its label smoothing.
const SMOOTHING: usize = 5;

pub(super) fn softmax_cross_entropy(node: &mut Node<'_, '_>) -> Made {
    let smoothing = label_smoothing(node).map(|by| ("label_smoothing", by.into()));
    classes(node, CrossEntropy::DESCRIPTOR, smoothing)
}

pub(super) fn negative_log_likelihood(node: &mut Node<'_, '_>) -> Made {
    classes(node, NllLoss::DESCRIPTOR, None)
}

/// The label smoothing, which ONNX's operator cannot have. PyTorch's exporter leaves it out but for
/// the call that it notes.
fn label_smoothing(node: &mut Node<'_, '_>) -> Option<f64> {
    let given = module::arguments(node.proto, "cross_entropy_loss")?.nth(SMOOTHING)?;
    let number = given.parse().ok();
    if number.is_none() {
        node.remark("its label smoothing is no number in the file, and is left out".to_owned());
    }
    number
}

fn classes(
    node: &mut Node<'_, '_>,
    op: &'static Descriptor,
    more: Option<(&'static str, Value)>,
) -> Made {
    let reduction = node.attributes.word("reduction", "mean")?.to_owned();
    let ignored = node.attributes.int("ignore_index")?;
    let labels = node.ints(1, "its target classes")?;
    node.context.expect_room(labels.data().len())?;
    let numbers = labels.data().iter().map(|&class| class as f64).collect();
    let target = Tensor::new(shape(labels.sizes())?, numbers)
        .expect("an array has as many numbers as its sizes say");
    let weight = node.optional_parameter(2, "class weights")?;
    let mut given = vec![
        ("target", Value::Tensor(target)),
        ("reduction", Value::Name(reduction)),
    ];
    given.extend(more);
    given.extend(ignored.map(|class| ("ignore_index", class.into())));
    given.extend(weight.map(|weight| ("weight", Value::Tensor(weight.tensor))));
    let layer = Layer::row(op, given, [node.operand(0)?]);
    node.layer(layer)
}
