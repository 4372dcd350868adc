//! What the tests of the ops share: a layer read from its keys and run by hand, and the laws that
//! every op keeps.

use serde_json::{Value, json};

use super::{
    Domain, ErrorSite, Fault, Inputs, Op, Operand, OperandRole, Operands, Run, SettingError,
    ShapeError, Shapes, Simplification, find,
};
use crate::ops;
use crate::tensor::{Shape, Tensor, TensorId};

/// A layer that reads the inputs `a`, `b`, `c`, ...
pub(super) struct Layer {
    op: Box<dyn Op>,
    /// The inputs in order, then weight and bias where the layer has them.
    tensors: Vec<Tensor>,
    /// What each of them is, and its id, which is its place.
    roles: Vec<OperandRole>,
    ids: Vec<TensorId>,
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const OUTPUT: TensorId = TensorId(100);

impl Layer {
    /// Returns the layer of these keys, the op's name among them, or what is refused about them.
    pub(super) fn new(keys: Value, inputs: &[Value]) -> Result<Self, String> {
        let keys = keys.as_object().unwrap();
        let row = find(keys["op"].as_str().unwrap()).unwrap();
        let (mut parameters, mut refused) = (Vec::new(), Vec::new());
        for parameter in row.parameters {
            match keys.get(parameter.key).map(tensor) {
                Some(Some(tensor)) => parameters.push((parameter.role, tensor)),
                Some(None) => refused.push(format!("{}: must be a tensor", parameter.key)),
                None if parameter.is_required => {
                    refused.push(format!("{}: missing", parameter.key))
                }
                None => {}
            }
        }
        let settings = row.settings();
        let given = settings
            .iter()
            .filter_map(|of| Some((of.key, value(keys.get(of.key)?, &of.domain))));
        let made = ops::read(row, given.collect());
        let is_known = |key: &String| {
            key == "op"
                || row.parameters.iter().any(|of| of.key == key)
                || settings.iter().any(|of| of.key == key)
        };
        let unknown = keys.keys().find(|key| !is_known(key));
        assert_eq!(unknown, None, "the op does not have this key");
        refused.extend(made.as_ref().err().into_iter().flatten().map(refusal));
        let op = match made {
            Ok(op) if refused.is_empty() => op,
            _ => return Err(refused.join("; ")),
        };
        assert!(
            ops::check(&*op).is_ok(),
            "what {op:?} is set to can be written and read"
        );
        assert!(row.arity.contains(&inputs.len()));
        let inputs = inputs
            .iter()
            .enumerate()
            .map(|(number, input)| (OperandRole::Input(number), tensor(input).unwrap()));
        let (roles, tensors): (Vec<_>, Vec<_>) = inputs.chain(parameters).unzip();
        let layer = Self {
            op,
            ids: (0..).map(TensorId).take(roles.len()).collect(),
            tensors,
            roles,
        };
        layer.shape().map_err(|shape_error| said(&shape_error))?;
        Ok(layer)
    }

    /// Returns the output.
    pub(super) fn output(&self) -> Tensor {
        self.forward(&self.tensors).1
    }

    /// Returns the values of the factors of one neuron's terms.
    pub(super) fn factors(&self, role: OperandRole, at: usize) -> Vec<Vec<f64>> {
        let values = |factors: Vec<(_, f64)>| factors.into_iter().map(|(_, value)| value).collect();
        self.terms(role, at)
            .into_iter()
            .map(|(_, factors)| values(factors))
            .collect()
    }

    /// Returns the terms of one neuron as (output neuron, factors).
    pub(super) fn terms(
        &self,
        role: OperandRole,
        at: usize,
    ) -> Vec<(usize, Vec<(&'static str, f64)>)> {
        let mut terms = Vec::new();
        self.run(&vec![1.0; self.output().data().len()], |run| {
            self.op.contributions(run, role, at, &mut |term| {
                terms.push((
                    term.from.at,
                    term.factors
                        .iter()
                        .map(|factor| (factor.kind.name(), factor.value))
                        .collect(),
                ));
            });
        });
        terms
    }

    /// Returns what stands in place of the Jacobian between the first input's neurons and an output
    /// neuron.
    pub(super) fn simplified(
        &self,
        output: usize,
        simplification: Simplification,
    ) -> Vec<Option<f64>> {
        let mut simplified = Vec::new();
        self.run(&[], |run| {
            let places = 0..run.input().data().len();
            simplified = places
                .map(|at| self.op.simplified(run, output, at, simplification))
                .collect();
        });
        simplified
    }

    /// Returns the gradient of an operand under an upstream gradient.
    pub(super) fn gradient(&self, role: OperandRole, upstream: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.operand(role).data().len()];
        self.run(upstream, |run| self.op.accumulate(run, role, &mut sums));
        sums
    }

    /// Holds the op to its laws: those of [`Layer::lists_what_it_sums`], and the gradient is the
    /// derivative.
    pub(super) fn keeps_the_laws(&self, tolerance: f64) {
        self.lists_what_it_sums(tolerance);
        for &role in &self.roles {
            self.check_derivative(role, &self.noisy_upstream());
        }
    }

    /// Holds the op to the laws of its terms: they come from exactly the output neurons whose
    /// receptive field holds the neuron, in row-major order, and their sum is the bulk one, bit by
    /// bit where `tolerance` is 0.
    pub(super) fn lists_what_it_sums(&self, tolerance: f64) {
        self.run(&self.noisy_upstream(), |run| {
            for &role in &self.roles {
                self.check_terms(run, role, tolerance);
            }
        });
        if tolerance == 0.0 {
            self.run(&self.odd_upstream(), |run| {
                for &role in &self.roles {
                    self.check_terms(run, role, tolerance);
                }
            });
        }
    }

    /// Returns the first output neuron that the other layer computes by another branch.
    pub(super) fn kink(&self, other: &Self) -> Option<usize> {
        let mut kink = None;
        self.run(&[], |one| {
            other.run(&[], |other| kink = self.op.kink(one, other))
        });
        kink
    }

    fn noisy_upstream(&self) -> Vec<f64> {
        crate::tensor::testing::noise(self.output().data().len(), 7)
    }

    /// Noise, but for a few numbers that are not finite or leave the range in a product.
    fn odd_upstream(&self) -> Vec<f64> {
        let mut upstream = self.noisy_upstream();
        let odd = [f64::INFINITY, 1e308, f64::NAN, -1e308, f64::NEG_INFINITY];
        let places = upstream.iter_mut().skip(1).step_by(3);
        places.zip(odd).for_each(|(place, odd)| *place = odd);
        upstream
    }

    fn check_terms(&self, run: &Run<'_>, role: OperandRole, tolerance: f64) {
        let size = self.operand(role).data().len();
        let mut readers = vec![Vec::new(); size];
        for output in 0..run.output.data().len() {
            let mut last = None;
            self.op.receptive_field(run, role, output, &mut |at| {
                assert!(
                    last < Some(at),
                    "the receptive field of {output} in {role:?} is in order"
                );
                last = Some(at);
                readers[at].push(output);
            });
        }
        // A sum may begin at a given upstream gradient, and only one that begins at -0 shows a term
        // that adds 0 where none belongs.
        for start in [0.5, -0.0] {
            let mut bulk = vec![start; size];
            self.op.accumulate(run, role, &mut bulk);
            for (at, bulk) in bulk.into_iter().enumerate() {
                let (mut froms, mut sum, mut magnitude) = (Vec::new(), start, start.abs());
                self.op.contributions(run, role, at, &mut |term| {
                    assert_eq!(term.from.tensor, OUTPUT);
                    froms.push(term.from.at);
                    sum += term.product();
                    magnitude += term.product().abs();
                });
                assert_eq!(froms, readers[at], "who reads {at} of {role:?}");
                assert_eq!(self.op.n_contributions(run, role, at), froms.len());
                let same = if tolerance == 0.0 {
                    sum.to_bits() == bulk.to_bits() || (sum.is_nan() && bulk.is_nan())
                } else {
                    (sum - bulk).abs() <= tolerance * magnitude
                };
                assert!(same, "{role:?} {at}: {sum} in terms, {bulk} in bulk");
            }
        }
    }

    fn check_derivative(&self, role: OperandRole, upstream: &[f64]) {
        let gradient = self.gradient(role, upstream);
        let h = 1e-5;
        // Of a large operand some neurons will do.
        for at in (0..gradient.len()).step_by(1 + gradient.len() / 50) {
            let loss = |step: f64| {
                let mut tensors = self.tensors.clone();
                tensors[self.place(role).unwrap()].data_mut()[at] += step;
                let (_, output) = self.forward(&tensors);
                output
                    .data()
                    .iter()
                    .zip(upstream)
                    .map(|(y, u)| y * u)
                    .sum::<f64>()
            };
            let quotient = (loss(h) - loss(-h)) / (2.0 * h);
            let near = (gradient[at] - quotient).abs() <= 1e-7 * (1.0 + quotient.abs());
            assert!(
                near,
                "{:?} {role:?} {at}: {} is not {quotient}",
                self.op, gradient[at]
            );
        }
    }

    fn shape(&self) -> Result<Shape, ShapeError> {
        let mut shapes = Shapes {
            inputs: Vec::new(),
            weight: None,
            bias: None,
        };
        for (role, tensor) in self.roles.iter().zip(&self.tensors) {
            match role {
                OperandRole::Input(number) => shapes.inputs.push((NAMES[*number], tensor.shape())),
                OperandRole::Weight => shapes.weight = Some(("y.weight", tensor.shape())),
                OperandRole::Bias => shapes.bias = Some(("y.bias", tensor.shape())),
            }
        }
        self.op.output_shape(&shapes)
    }

    fn operand(&self, role: OperandRole) -> &Tensor {
        &self.tensors[self.place(role).unwrap()]
    }

    fn place(&self, role: OperandRole) -> Option<usize> {
        self.roles.iter().position(|&other| other == role)
    }

    fn operands<'a>(&'a self, tensors: &'a [Tensor]) -> Operands<'a> {
        let is_input = |role: &&OperandRole| matches!(role, OperandRole::Input(_));
        let n_inputs = self.roles.iter().filter(is_input).count();
        let parameter = |role| Some(Operand::of(self.ids[self.place(role)?], &self.ids, tensors));
        Operands {
            inputs: Inputs::new(&self.ids[..n_inputs], &self.ids, tensors),
            weight: parameter(OperandRole::Weight),
            bias: parameter(OperandRole::Bias),
        }
    }

    /// What the op computes, before and after its activation.
    fn forward(&self, tensors: &[Tensor]) -> (Tensor, Tensor) {
        let operands = self.operands(tensors);
        let z = self.op.forward(&operands, &self.shape().unwrap());
        let y = match self.op.activation() {
            Some(activation) => {
                Tensor::from_fn(z.shape().clone(), |at| activation.value(z.data()[at]))
            }
            None => z.clone(),
        };
        (z, y)
    }

    fn run(&self, upstream: &[f64], act: impl FnOnce(&Run<'_>)) {
        let (z, y) = self.forward(&self.tensors);
        act(&Run {
            operands: self.operands(&self.tensors),
            output: Operand {
                id: OUTPUT,
                tensor: &y,
            },
            activation: self.op.activation().map(|activation| (activation, &z)),
            upstream,
            upstream_at_sums: None,
            may_meet_negative_zeros: true,
        });
    }
}

/// Returns the keys with others added, or put in their place.
pub(super) fn with(mut keys: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("{more} holds no keys")
    };
    keys.as_object_mut().unwrap().extend(more);
    keys
}

/// Checks, op by op, that keys and inputs are refused and what is said about it.
pub(super) fn refuses(cases: &[(Value, &[Value], &str)]) {
    for (keys, inputs, expected) in cases {
        match Layer::new(keys.clone(), inputs) {
            Ok(_) => panic!("{keys} is accepted, but: {expected}"),
            Err(message) => assert_eq!(message, *expected, "{keys}"),
        }
    }
}

/// Returns a tensor of this shape with arbitrary numbers between -1 and 1, as a scenario writes it.
pub(super) fn noise(shape: &[usize], seed: u64) -> Value {
    json!({ "shape": shape, "data": crate::tensor::testing::noise(shape.iter().product(), seed) })
}

fn said(shape_error: &ShapeError) -> String {
    let at = match shape_error.at {
        ErrorSite::Key(key) => key.to_owned(),
        ErrorSite::Input(number) => format!("from {number}"),
        ErrorSite::Layer => "layer".to_owned(),
    };
    format!("{at}: {}", shape_error.message)
}

fn refusal(error: &SettingError) -> String {
    let says = match &error.fault {
        Fault::Missing => "missing".to_owned(),
        Fault::Unfit(must) => must.clone(),
        Fault::Unknown(names) => format!("one of {}", names.join(", ")),
    };
    format!("{}: {says}", error.key)
}

/// Reads a setting as a scenario writes it.
fn value(json: &Value, domain: &Domain) -> ops::Value {
    match json {
        _ if *domain == Domain::Tensor => {
            tensor(json).map_or(ops::Value::Other, ops::Value::Tensor)
        }
        Value::Bool(flag) => ops::Value::Flag(*flag),
        Value::Number(number) => match number.as_i128() {
            Some(whole) => ops::Value::Whole(whole),
            None => ops::Value::Number(number.as_f64().unwrap()),
        },
        Value::String(name) => ops::Value::Name(name.clone()),
        Value::Array(list) => ops::Value::List(list.iter().map(|one| value(one, domain)).collect()),
        Value::Null | Value::Object(_) => ops::Value::Other,
    }
}

/// Reads a number, nested arrays, or a shape with its data; `"NaN"` and `"Infinity"` are some that
/// no file may hold.
fn tensor(value: &Value) -> Option<Tensor> {
    match value {
        Value::Number(number) => Some(Tensor::scalar(number.as_f64()?)),
        Value::String(text) => text.parse().ok().map(Tensor::scalar),
        Value::Array(rows) => {
            let rows: Vec<Tensor> = rows.iter().map(tensor).collect::<Option<_>>()?;
            let sizes = [&[rows.len()], &rows.first()?.shape()[..]].concat();
            let alike = rows.iter().all(|row| row.shape()[..] == sizes[1..]);
            let data = rows.iter().flat_map(|row| row.data()).copied().collect();
            alike.then(|| Tensor::new(Shape::new(&sizes)?, data))?
        }
        Value::Object(map) => {
            let sizes: Vec<usize> = serde_json::from_value(map.get("shape")?.clone()).ok()?;
            Tensor::new(
                Shape::new(&sizes)?,
                serde_json::from_value(map.get("data")?.clone()).ok()?,
            )
        }
        _ => None,
    }
}
