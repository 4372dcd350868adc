//! One layer on its own, for the tests of ops.

use serde_json::Value;
use smallvec::smallvec;

use super::{KeyError, Keys, Op, Operand, Operands, Reader, Run, Shapes, Slot, entry};
use crate::tensor::{Shape, Tensor, TensorId};

/// A layer that has run forward.
pub(super) struct Trial {
    pub op: Box<dyn Op>,
    x: Tensor,
    weight: Option<Tensor>,
    bias: Option<Tensor>,
    z: Tensor,
    pub y: Tensor,
}

impl Trial {
    /// Runs a layer, given as in a scenario, on `x`; returns what is wrong with it as one text.
    pub(super) fn new(layer: &Value, x: &Value) -> Result<Self, String> {
        let op = read(layer)?;
        let [weight, bias] = ["weight", "bias"].map(|key| layer.get(key).map(tensor));
        let x = tensor(x);
        let shapes = Shapes {
            inputs: vec![("x", x.shape())],
            weight: weight.as_ref().map(|weight| ("y.weight", weight.shape())),
            bias: bias.as_ref().map(|bias| ("y.bias", bias.shape())),
        };
        let shape = op.output_shape(&shapes).map_err(|misfit| misfit.message)?;
        let z = op.forward(&operands(&x, &weight, &bias), &shape);
        let value = |z: f64| op.activation().map_or(z, |activation| activation.value(z));
        let y = Tensor::from_fn(shape, |at| value(z.data()[at]));
        Ok(Self { op, x, weight, bias, z, y })
    }

    /// The run with these upstream gradients.
    pub(super) fn run<'a>(&'a self, upstream: &'a [f64]) -> Run<'a> {
        Run {
            operands: operands(&self.x, &self.weight, &self.bias),
            output: operand(3, &self.y),
            activation: self.op.activation().map(|activation| (activation, &self.z)),
            upstream,
        }
    }

    /// Returns the gradient of an operand, after checking that its terms come from the neurons whose receptive fields it is in, in
    /// their order, and that the bulk sum has the bits of the sum of the terms.
    pub(super) fn gradient(&self, slot: Slot, upstream: &[f64]) -> Vec<f64> {
        let run = self.run(upstream);
        let n = run.operands.get(slot).data().len();
        let mut looking_at = vec![vec![]; n];
        for output in 0..self.y.data().len() {
            let mut field = vec![];
            self.op.receptive_field(&run, slot, output, &mut |at| field.push(at));
            assert!(field.is_sorted_by(|one, next| one < next), "{field:?} is not in row-major order");
            field.iter().for_each(|&at| looking_at[at].push(output));
        }
        for start in [0.3, -0.0] {
            let mut sums = vec![start; n];
            self.op.accumulate(&run, slot, &mut sums);
            for (at, bulk) in sums.into_iter().enumerate() {
                let (mut sum, mut from) = (start, vec![]);
                self.op.contributions(&run, slot, at, &mut |term| {
                    sum += term.product();
                    from.push(term.from.at);
                });
                assert_eq!(from, looking_at[at], "the neurons that look at {slot:?} {at}");
                assert_eq!(sum.to_bits(), bulk.to_bits(), "{slot:?} {at}: {sum} and {bulk}");
            }
        }
        let mut gradient = vec![0.0; n];
        self.op.accumulate(&run, slot, &mut gradient);
        gradient
    }

    /// The values of the factors of a neuron's terms.
    pub(super) fn factors(&self, slot: Slot, at: usize) -> Vec<Vec<f64>> {
        let mut factors = vec![];
        let upstream = vec![1.0; self.y.data().len()];
        self.op.contributions(&self.run(&upstream), slot, at, &mut |term| {
            factors.push(term.factors.iter().map(|factor| factor.value).collect());
        });
        factors
    }
}

/// Returns why a layer is refused.
pub(super) fn refusal(layer: &Value, x: &Value) -> String {
    Trial::new(layer, x).err().unwrap_or_else(|| panic!("{layer} is accepted"))
}

/// Returns the tensor of nested lists.
pub(super) fn tensor(value: &Value) -> Tensor {
    fn collect(value: &Value, depth: usize, sizes: &mut Vec<usize>, data: &mut Vec<f64>) {
        match value {
            Value::Array(list) => {
                if sizes.len() == depth {
                    sizes.push(list.len());
                }
                list.iter().for_each(|one| collect(one, depth + 1, sizes, data));
            }
            number => data.push(number.as_f64().unwrap_or(f64::NAN)),
        }
    }
    let (mut sizes, mut data) = (vec![], vec![]);
    collect(value, 0, &mut sizes, &mut data);
    Tensor::new(Shape::from(sizes.as_slice()), data).unwrap()
}

fn operand(id: u32, tensor: &Tensor) -> Operand<'_> {
    Operand { id: TensorId(id), tensor }
}

fn operands<'a>(x: &'a Tensor, weight: &'a Option<Tensor>, bias: &'a Option<Tensor>) -> Operands<'a> {
    let parameter = |id, tensor: &'a Option<Tensor>| tensor.as_ref().map(|tensor| operand(id, tensor));
    Operands { inputs: smallvec![operand(0, x)], weight: parameter(1, weight), bias: parameter(2, bias) }
}

fn read(layer: &Value) -> Result<Box<dyn Op>, String> {
    let mut keys = Layer { layer, errors: vec![] };
    let op = (entry(layer["op"].as_str().unwrap()).unwrap().read)(&mut Reader::new(&mut keys));
    if keys.errors.is_empty() { Ok(op) } else { Err(keys.errors.join(", ")) }
}

struct Layer<'a> {
    layer: &'a Value,
    errors: Vec<String>,
}

impl Keys for Layer<'_> {
    fn setting(&mut self, key: &'static str) -> Option<Value> {
        self.layer.get(key).cloned()
    }

    fn tensor(&mut self, key: &'static str) -> Option<Tensor> {
        self.layer.get(key).map(tensor)
    }

    fn parameter(&mut self, key: &'static str) -> bool {
        self.has(key)
    }

    fn has(&self, key: &'static str) -> bool {
        self.layer.get(key).is_some()
    }

    fn report(&mut self, key: &'static str, error: KeyError) {
        self.errors.push(match error {
            KeyError::Missing => format!("`{key}` is missing"),
            KeyError::Unfit(must) => format!("`{key}` {must}"),
            KeyError::Unknown(names) => format!("`{key}` must be one of {names:?}"),
        });
    }
}
