//! The loss that an imported model ends in, where the user says what its output should have been.

use super::context::Context;
use super::error::Unsupported;
use super::layer::{Layer, Operand};
use crate::ops::{CrossEntropy, LogSoftmax, MseLoss, NllLoss, Softmax};
use crate::tensor::{Shape, Tensor};

/// What the output of a model should have been.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The class of each sample: the loss is the cross-entropy of the output, which holds logits.
    Classes(Vec<usize>),
    /// A number for every neuron of the output: the loss is the mean squared error.
    Values(Tensor),
}

/// What the layer of the loss is called, unless the model has that name.
const LOSS: &str = "loss";

/// Adds the loss of an output.
pub(super) fn add(
    context: &mut Context<'_>,
    output: Operand,
    target: &Target,
) -> Result<Operand, Unsupported> {
    let layer = match target {
        Target::Values(values) if *values.shape() != output.shape => {
            let (has, wanted) = (values.shape(), &output.shape);
            return Err(Unsupported::new(format!(
                "has the shape {wanted}, but the target has {has}"
            )));
        }
        Target::Values(values) => Layer::of(MseLoss::new(values.clone()), [output]),
        Target::Classes(classes) => {
            let target = labels(classes, &output.shape)?;
            match context.net.descriptor(output.tensor) {
                Some(op) if op.is::<Softmax>() => return Err(softmax()),
                Some(op) if op.is::<LogSoftmax>() => Layer::of(NllLoss::new(target), [output]),
                Some(_) | None => Layer::of(CrossEntropy::new(target), [output]),
            }
        }
    };
    context.layer(LOSS, layer)
}

fn softmax() -> Unsupported {
    Unsupported::new(
        "is a softmax already, but the loss of a class is taken from the logits before it",
    )
    .hinted("`--tensor` names the tensor to take it from")
}

/// Returns the classes as the target of an output.
fn labels(classes: &[usize], output: &Shape) -> Result<Tensor, Unsupported> {
    let numbers = classes.iter().map(|&class| class as f64).collect();
    let shape = match **output {
        [_] => Shape::scalar(),
        [samples, _] => Shape::from([samples]),
        _ => {
            return Err(Unsupported::new(format!(
                "has the shape {output}, but classes are [classes] or [batch, classes]"
            ))
            .hinted("`--target` takes an array of the output's shape too"));
        }
    };
    let wanted = shape.numel();
    Tensor::new(shape, numbers).ok_or_else(|| {
        let samples = if wanted == 1 {
            "1 sample".to_owned()
        } else {
            format!("{wanted} samples")
        };
        Unsupported::new(format!(
            "has {samples}, but the target is for {}",
            classes.len()
        ))
        .hinted("give a class for each sample, with commas between, as in `--target 3,1`")
    })
}
