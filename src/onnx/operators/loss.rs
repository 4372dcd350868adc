//! Losses of classes, in models that have their loss in them.

use super::Made;
use crate::onnx::call::Call;
use crate::onnx::constant::shape;
use crate::onnx::draft::Layer;
use crate::tensor::Tensor;

pub(super) fn softmax_cross_entropy(call: &mut Call<'_, '_>) -> Made {
    classes(call, "cross_entropy")
}

pub(super) fn negative_log_likelihood(call: &mut Call<'_, '_>) -> Made {
    classes(call, "nll_loss")
}

fn classes(call: &mut Call<'_, '_>, op: &'static str) -> Made {
    let reduction = call.attributes.word("reduction", "mean")?.to_owned();
    let ignored = call.attributes.int("ignore_index")?;
    let labels = call.ints(1, "its target classes")?;
    call.model.draft.charge(labels.data().len())?;
    let numbers = labels.data().iter().map(|&class| class as f64).collect();
    let target = Tensor::new(shape(labels.sizes())?, numbers)
        .expect("an array has as many numbers as its sizes say");
    let weight = call.optional_parameter(2, "class weights")?;
    let layer =
        Layer::of(op, [call.operand(0)?]).set_unless("reduction", reduction, "mean".to_owned());
    let layer = match ignored {
        Some(class) => layer.set_unless("ignore_index", class, -100),
        None => layer,
    };
    let layer = layer.constant("target", target);
    call.layer(match weight {
        Some(weight) => layer.constant("weight", weight.tensor),
        None => layer,
    })
}
