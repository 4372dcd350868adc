//! One node of a model, while it is turned into layers.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::attributes::Attributes;
use super::constant::{Array, Constant};
use super::context::Context;
use super::error::Unsupported;
use super::layer::{Layer, Operand, Parameter};
use super::module::Recurrent;
use super::proto;
use super::value::{Known, Value};
use crate::diagnostic::quote;
use crate::ops::Mul;
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// One node: what it reads, its attributes, and the scenario that it becomes a part of.
pub(super) struct Node<'a, 'm> {
    /// Its place among the model's nodes.
    pub(super) number: usize,
    pub(super) proto: &'a proto::Node,
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) attributes: Attributes<'a>,
    pub(super) context: &'a mut Context<'m>,
    /// What it makes beside its first output, by the number of the output.
    pub(super) others: BTreeMap<usize, Value>,
    /// The only output that is asked for; otherwise it is all that are read.
    pub(super) wanted: Option<usize>,
}

impl<'a, 'm> Node<'a, 'm> {
    pub(super) fn new(
        number: usize,
        proto: &'a proto::Node,
        inputs: Vec<Option<Value>>,
        context: &'a mut Context<'m>,
    ) -> Self {
        Self {
            number,
            proto,
            inputs,
            attributes: Attributes::new(&proto.attribute),
            context,
            others: BTreeMap::new(),
            wanted: None,
        }
    }
}

impl Node<'_, '_> {
    /// The version of the operators that the model is written in.
    pub(super) fn opset(&self) -> i64 {
        self.context.opset
    }

    /// How many inputs are given, those among them that are left out.
    pub(super) fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    pub(super) fn has_input(&self, number: usize) -> bool {
        self.inputs.get(number).is_some_and(Option::is_some)
    }

    /// Goes on as if an optional input had been left out.
    pub(super) fn leave_out_input(&mut self, number: usize) {
        if let Some(input) = self.inputs.get_mut(number) {
            *input = None;
        }
    }

    fn input(&self, number: usize) -> Result<&Value, Unsupported> {
        let input = self.inputs.get(number).and_then(Option::as_ref);
        input.ok_or_else(|| Unsupported::MissingInput(number + 1))
    }

    /// The sizes of an input.
    pub(super) fn sizes(&self, number: usize) -> Result<Vec<usize>, Unsupported> {
        match self.input(number)? {
            Value::Constant(known) | Value::Given(known) => Ok(known.constant.sizes().to_vec()),
            Value::Computed(operand) => Ok(operand.shape.to_vec()),
        }
    }

    /// Whether an input holds floats. Whatever is computed does.
    pub(super) fn is_float(&self, number: usize) -> bool {
        match self.input(number) {
            Ok(Value::Constant(known) | Value::Given(known)) => known.constant.floats().is_some(),
            _ => true,
        }
    }

    /// Whether an input is what a layer computes.
    pub(super) fn is_computed(&self, number: usize) -> bool {
        matches!(self.inputs.get(number), Some(Some(Value::Computed(_))))
    }

    /// Returns an input whose numbers the model itself says.
    pub(super) fn constant(&self, number: usize) -> Option<Rc<Known>> {
        match self.inputs.get(number)? {
            Some(Value::Constant(known)) => Some(Rc::clone(known)),
            _ => None,
        }
    }

    /// Returns an input whose numbers must be known before anything is computed.
    pub(super) fn known(&self, number: usize, what: &str) -> Result<Rc<Known>, Unsupported> {
        match self.input(number)? {
            Value::Constant(known) | Value::Given(known) => Ok(Rc::clone(known)),
            Value::Computed(_) => Err(Unsupported::new(format!(
                "takes {what} from a tensor that is computed, not from a constant"
            ))),
        }
    }

    /// Returns the whole numbers of an input, which must be known before anything is computed.
    pub(super) fn ints(&self, number: usize, what: &str) -> Result<Array<i64>, Unsupported> {
        match &self.known(number, what)?.constant {
            Constant::Ints(ints) => Ok(ints.clone()),
            Constant::Floats(_) => Err(Unsupported::new(format!(
                "takes {what} from numbers that are not whole"
            ))),
        }
    }

    /// Returns an input that a layer is to read. Known numbers become a parameter or an input of
    /// the scenario, the same one for all who read them.
    pub(super) fn operand(&mut self, number: usize) -> Result<Operand, Unsupported> {
        let known = match self.input(number)? {
            Value::Computed(operand) => return Ok(operand.clone()),
            Value::Constant(known) | Value::Given(known) => Rc::clone(known),
        };
        let which = self.context.parameters.read(self.number, number).cloned();
        match which.filter(|which| which.is_named && !which.is_turned) {
            Some(which) => self.context.trained(&which, &known),
            None => self.context.operand(&known),
        }
    }

    /// Returns an input whose numbers the model itself says, and which are no parameter.
    pub(super) fn plain_constant(&self, number: usize) -> Option<Rc<Known>> {
        let value = self.inputs.get(number)?.as_ref()?;
        let is_trained = self.context.is_trained(self.number, number, value);
        self.constant(number).filter(|_| !is_trained)
    }

    /// Returns an input of numbers that are only compared or that are a mask, among them integers
    /// and booleans.
    pub(super) fn mask(&mut self, number: usize) -> Result<Operand, Unsupported> {
        match self.input(number)? {
            Value::Constant(known) | Value::Given(known) if known.constant.ints().is_some() => {
                let numbers = Known::new(&known.name, known.constant.cast(true));
                self.context.operand(&numbers)
            }
            Value::Constant(_) | Value::Given(_) | Value::Computed(_) => self.operand(number),
        }
    }

    /// Whether an input is worked out of a parameter, and is not that parameter itself.
    pub(super) fn is_made_of_parameter(&self, number: usize) -> bool {
        let is_made = self
            .constant(number)
            .is_some_and(|known| known.made_by.is_some());
        let which = self.context.parameters.read(self.number, number);
        is_made && !which.is_some_and(|which| which.is_named)
    }

    /// Returns an input as a parameter of a layer, whose numbers must be known.
    pub(super) fn parameter(
        &mut self,
        number: usize,
        what: &str,
    ) -> Result<Parameter, Unsupported> {
        let known = match self.input(number)? {
            Value::Constant(known) | Value::Given(known) => Rc::clone(known),
            Value::Computed(_) => {
                return Err(Unsupported::new(format!(
                    "takes its {what} from a tensor that is computed"
                ))
                .hinted("in a scenario the parameters of a layer are numbers"));
            }
        };
        self.context.expect_room(known.constant.len())?;
        let tensor = known.constant.tensor()?;
        let which = self.context.parameters.read(self.number, number);
        let named = which.filter(|which| which.is_named);
        Ok(Parameter {
            tensor,
            name: named.map_or(&known.name, |which| &which.name).clone(),
            shared: which
                .filter(|which| which.has_own_name() || self.context.parameters.is_shared(which))
                .cloned(),
            is_changed: false,
        })
    }

    /// Returns an input as a parameter of a layer, unless it is left out.
    pub(super) fn optional_parameter(
        &mut self,
        number: usize,
        what: &str,
    ) -> Result<Option<Parameter>, Unsupported> {
        if self.has_input(number) {
            self.parameter(number, what).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Returns the bias of zeros that the exporter has left out, of so many numbers.
    pub(super) fn left_out_bias(&mut self, n_out: usize) -> Option<Parameter> {
        let parameters = &self.context.parameters;
        let which = parameters.left_out(self.number)?.clone();
        let is_shared = which.has_own_name() || parameters.is_shared(&which);
        self.context.remarks.zeros.insert(which.name.clone());
        Some(Parameter {
            tensor: Tensor::filled(Shape::from([n_out]), 0.0),
            name: which.name.clone(),
            shared: is_shared.then_some(which),
            is_changed: false,
        })
    }

    /// Adds the layer that makes the node's output.
    pub(super) fn layer(&mut self, layer: Layer) -> Result<Value, Unsupported> {
        let wanted = self.name().to_owned();
        self.context.layer(&wanted, layer).map(Value::Computed)
    }

    /// Adds the layers that make the node's outputs of these sizes, as far as they are read.
    pub(super) fn layers(
        &mut self,
        layers: Vec<(Vec<usize>, Layer)>,
    ) -> Result<Value, Unsupported> {
        let mut first = None;
        for (number, (sizes, layer)) in layers.into_iter().enumerate() {
            let made = if sizes.contains(&0) {
                Some(self.empty(number, sizes)?)
            } else {
                self.other_layer(number, layer)?
            };
            first = first.or(made);
        }
        first.ok_or_else(|| Unsupported::new("makes nothing"))
    }

    /// Adds the layer that makes one of the node's other outputs, if it is read.
    pub(super) fn other_layer(
        &mut self,
        number: usize,
        layer: Layer,
    ) -> Result<Option<Value>, Unsupported> {
        if !self.is_wanted(number) {
            return Ok(None);
        }
        let called = self.context.called.get(&self.number);
        let wanted = called.map_or_else(|| self.output_name(number), String::as_str);
        let wanted = wanted.to_owned();
        let value = Value::Computed(self.context.layer(&wanted, layer)?);
        self.others.insert(number, value.clone());
        Ok(Some(value))
    }

    /// Whether the output of that number is read.
    pub(super) fn is_wanted(&self, number: usize) -> bool {
        let is_read = || self.context.is_read(self.output_name(number));
        self.wanted.map_or_else(is_read, |wanted| wanted == number)
    }

    /// Known numbers as one of the node's outputs.
    pub(super) fn known_output(&self, number: usize, constant: Constant) -> Value {
        Value::Constant(Known::new(self.output_name(number), constant))
    }

    /// Returns a tensor without elements as one of the node's outputs.
    pub(super) fn empty(&mut self, number: usize, sizes: Vec<usize>) -> Result<Value, Unsupported> {
        let nothing = Array::new(sizes, Vec::new()).map(Constant::Floats);
        let nothing = nothing.ok_or_else(|| Unsupported::new("makes nothing"))?;
        let value = self.known_output(number, nothing);
        self.others.insert(number, value.clone());
        Ok(value)
    }

    /// Notes that one of the node's other outputs is known.
    pub(super) fn also_constant(&mut self, number: usize, constant: Constant) {
        let value = self.known_output(number, constant);
        self.others.insert(number, value);
    }

    /// The recurrent layer of a module that the node is, or by itself where no module is known.
    pub(super) fn recurrent(&self) -> Recurrent {
        let own = || Recurrent {
            module: self.name().to_owned(),
            layer: 0,
            is_only: true,
        };
        let known = self.context.recurrent.get(&self.number).cloned();
        known.unwrap_or_else(own)
    }

    fn output_name(&self, number: usize) -> &str {
        self.proto.output.get(number).map_or("", String::as_str)
    }

    /// Adds the layer that makes the node's output, which is a product with a weight.
    pub(super) fn product(&mut self, layer: Layer) -> Result<Value, Unsupported> {
        let (wanted, output) = (self.name().to_owned(), self.output_name(0).to_owned());
        let product = self.context.product(&wanted, &output, layer);
        product.map(Value::Computed)
    }

    /// Gives the product that the node reads a bias, if it was added last; then its layer makes the
    /// node's output.
    pub(super) fn with_bias(
        &mut self,
        number: usize,
        bias: Parameter,
    ) -> Result<Option<Value>, Unsupported> {
        let product = self.operand(number)?;
        let output = self.proto.input.get(number).map_or("", String::as_str);
        let wanted = self.name().to_owned();
        let made = self.context.give_bias(&wanted, (output, &product), bias)?;
        Ok(made.map(Value::Computed))
    }

    /// Adds a layer on the way to the node's output.
    pub(super) fn step(&mut self, suffix: &str, layer: Layer) -> Result<Operand, Unsupported> {
        let wanted = format!("{}_{suffix}", self.name());
        self.context.layer(&wanted, layer)
    }

    /// Adds an input of the scenario that is no tensor of the model: a factor, or padding. All its
    /// elements are the same.
    pub(super) fn new_input(
        &mut self,
        suffix: &str,
        shape: Shape,
        value: f64,
    ) -> Result<Operand, Unsupported> {
        self.context.expect_room(shape.numel())?;
        self.new_tensor(suffix, Tensor::filled(shape, value))
    }

    /// Adds an input of the scenario that is no tensor of the model, such as a mask.
    pub(super) fn new_tensor(
        &mut self,
        suffix: &str,
        tensor: Tensor,
    ) -> Result<Operand, Unsupported> {
        let wanted = format!("{}_{suffix}", self.name());
        self.context.input(&wanted, tensor)
    }

    /// Tells the user something of the node.
    pub(super) fn remark(&mut self, says: String) {
        let name = self.name().to_owned();
        let remarks = &mut self.context.remarks;
        remarks.nodes.push(format!("{}: {says}", quote(&name)));
    }

    /// Returns an input as it is, as the node's output. Known numbers get the output's name, unless
    /// a layer is asked for them: then they are what it reads.
    pub(super) fn pass_on(&mut self, number: usize) -> Result<Value, Unsupported> {
        if self.wanted.is_some() {
            return self.operand(number).map(Value::Computed);
        }
        Ok(match self.input(number)? {
            Value::Constant(known) if known.made_by.is_none() => {
                Value::Constant(Known::new(self.name(), known.constant.clone()))
            }
            value => value.clone(),
        })
    }

    /// Whether an input is a product with a weight that nothing else reads.
    pub(super) fn is_open_product(&self, number: usize) -> bool {
        let name = self.proto.input.get(number);
        name.is_some_and(|name| self.context.is_open_product(name))
    }

    /// Returns the layer that multiplies a tensor by a number, which becomes an input of the
    /// scenario.
    pub(super) fn times(
        &mut self,
        x: Operand,
        what: &str,
        factor: f64,
    ) -> Result<Layer, Unsupported> {
        let factor = self.new_input(what, Shape::scalar(), factor)?;
        Ok(Layer::of(Mul, [x, factor]))
    }

    /// What the node's tensor is called in the model: as its output, without whatever ends it, or
    /// else as its node.
    fn name(&self) -> &str {
        if let Some(called) = self.context.called.get(&self.number) {
            return called;
        }
        let output = self.proto.output.first();
        output.unwrap_or(&self.proto.name)
    }
}

/// Returns the axis of a number that counts from the end where it is negative. `rank` is how many
/// there are.
pub(super) fn axis(number: i64, rank: usize) -> Result<usize, Unsupported> {
    let signed = i64::try_from(rank).unwrap_or(i64::MAX);
    let axis = if number < 0 {
        number.saturating_add(signed)
    } else {
        number
    };
    let found = usize::try_from(axis).ok().filter(|&axis| axis < rank);
    found
        .ok_or_else(|| Unsupported::new(format!("names axis {number} of a tensor that has {rank}")))
}

/// Returns the axes of several numbers, each once and in ascending order.
pub(super) fn axes(numbers: &[i64], rank: usize) -> Result<Vec<usize>, Unsupported> {
    let mut axes: Vec<usize> = numbers
        .iter()
        .map(|&number| axis(number, rank))
        .collect::<Result<_, _>>()?;
    axes.sort_unstable();
    if rank > MAX_RANK {
        return Err(Unsupported::new(format!(
            "makes a tensor of {rank} axes, which has at most {MAX_RANK}"
        )));
    }
    if axes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Unsupported::new("names an axis twice"));
    }
    Ok(axes)
}
