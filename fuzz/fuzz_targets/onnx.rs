//! An ONNX model from anywhere, with an input of some shape: it is refused, or it is a scenario
//! that runs.

#![no_main]

use backstep::backprop::Backprop;
use backstep::onnx::{Given, Request, import, tensor};
use backstep::scenario::NoFiles;
use backstep::tensor::{Shape, Tensor};
use libfuzzer_sys::fuzz_target;

const MOST_ELEMENTS: usize = 1000;
/// The shapes of inputs, one of which the length of the model chooses, so that a model is an input
/// as it is.
const SHAPES: [&[usize]; 6] = [&[], &[3], &[2, 3], &[1, 2, 5], &[1, 1, 4, 4], &[2, 3, 4, 4]];

fuzz_target!(|bytes: &[u8]| {
    let _ = tensor(bytes, MOST_ELEMENTS);
    let shape = Shape::new(SHAPES[bytes.len() % SHAPES.len()]).expect("the shapes are small");
    let tensor = Tensor::from_fn(shape, |at| at as f64 / 4.0 - 1.0);
    for inputs in [Vec::new(), vec![Given { name: None, tensor }]] {
        if let Ok(imported) = import(
            bytes,
            &Request {
                inputs,
                max_elements: MOST_ELEMENTS,
                ..Request::default()
            },
            &NoFiles,
        ) {
            Backprop::run(imported.tape(), imported.upstream.clone());
        }
    }
});
