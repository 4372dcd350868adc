//! One node of a model, while it is turned into layers.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::attributes::Attributes;
use super::constant::{Array, Constant, count};
use super::draft::{Draft, Layer, Operand, Parameter, too_many};
use super::proto;
use super::refusal::Refusal;
use crate::diagnostic::quote;
use crate::scenario::Files;
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// What a name of the model stands for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Numbers that are known: a weight, a shape, or what was worked out of such.
    Constant(Rc<Known>),
    /// What the user gave for an input of the model.
    Given(Rc<Known>),
    /// What a layer computes.
    Computed(Operand),
}

/// Numbers and the name that they have in the model.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: String,
    /// The name that they had first. An `Identity` gives them another one, and they are the same
    /// tensor all the same.
    pub(super) origin: String,
    pub(super) constant: Constant,
}

/// What all nodes of a model share.
pub(super) struct Model<'a> {
    /// The version of the operators.
    pub(super) opset: i64,
    pub(super) files: &'a dyn Files,
    pub(super) draft: Draft,
    /// How many elements the constants to come may have together. They are no part of the scenario
    /// unless a layer reads them.
    pub(super) elements_left: usize,
    /// The known numbers that layers read as inputs, by their origin.
    pub(super) inputs: HashMap<String, Operand>,
    /// How often each name of the model is read, or asked for.
    pub(super) reads: HashMap<String, usize>,
    /// The names of the model's products with a weight, which may yet get a bias.
    pub(super) products: HashSet<String>,
    /// What the user should know of the scenario.
    pub(super) remarks: Vec<String>,
}

/// One node: what it reads, its attributes, and the scenario that it becomes a part of.
pub(super) struct Call<'a, 'm> {
    pub(super) node: &'a proto::Node,
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) attributes: Attributes<'a>,
    pub(super) model: &'a mut Model<'m>,
}

impl Call<'_, '_> {
    /// The version of the operators that the model is written in.
    pub(super) fn opset(&self) -> i64 {
        self.model.opset
    }

    /// How many inputs are given, those among them that are left out.
    pub(super) fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    pub(super) fn has_input(&self, number: usize) -> bool {
        self.inputs.get(number).is_some_and(Option::is_some)
    }

    fn input(&self, number: usize) -> Result<&Value, Refusal> {
        let input = self.inputs.get(number).and_then(Option::as_ref);
        input.ok_or_else(|| Refusal::new(format!("has no input {}, which it needs", number + 1)))
    }

    /// The sizes of an input.
    pub(super) fn sizes(&self, number: usize) -> Result<Vec<usize>, Refusal> {
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

    /// Returns an input whose numbers the model itself says.
    pub(super) fn constant(&self, number: usize) -> Option<Rc<Known>> {
        match self.inputs.get(number)? {
            Some(Value::Constant(known)) => Some(Rc::clone(known)),
            _ => None,
        }
    }

    /// Returns an input whose numbers must be known before anything is computed.
    pub(super) fn known(&self, number: usize, what: &str) -> Result<Rc<Known>, Refusal> {
        match self.input(number)? {
            Value::Constant(known) | Value::Given(known) => Ok(Rc::clone(known)),
            Value::Computed(_) => Err(Refusal::new(format!(
                "takes {what} from a tensor that is computed, not from a constant"
            ))),
        }
    }

    /// Returns the whole numbers of an input, which must be known before anything is computed.
    pub(super) fn ints(&self, number: usize, what: &str) -> Result<Array<i64>, Refusal> {
        match &self.known(number, what)?.constant {
            Constant::Ints(ints) => Ok(ints.clone()),
            Constant::Floats(_) => Err(Refusal::new(format!(
                "takes {what} from numbers that are not whole"
            ))),
        }
    }

    /// Returns an input that a layer is to read. Known numbers become an input of the scenario, the
    /// same one for all who read them.
    pub(super) fn operand(&mut self, number: usize) -> Result<Operand, Refusal> {
        let known = match self.input(number)? {
            Value::Computed(operand) => return Ok(operand.clone()),
            Value::Constant(known) | Value::Given(known) => Rc::clone(known),
        };
        self.model.operand(&known)
    }

    /// Returns an input as a parameter of a layer, whose numbers must be known.
    pub(super) fn parameter(&mut self, number: usize, what: &str) -> Result<Parameter, Refusal> {
        let known = match self.input(number)? {
            Value::Constant(known) | Value::Given(known) => Rc::clone(known),
            Value::Computed(_) => {
                return Err(Refusal::new(format!(
                    "takes its {what} from a tensor that is computed"
                ))
                .hinted("in a scenario the parameters of a layer are numbers"));
            }
        };
        self.model.draft.charge(known.constant.len())?;
        let tensor = known.constant.tensor()?;
        Ok(Parameter {
            tensor,
            name: known.name.clone(),
            origin: known.origin.clone(),
        })
    }

    /// Returns an input as a parameter of a layer, unless it is left out.
    pub(super) fn optional_parameter(
        &mut self,
        number: usize,
        what: &str,
    ) -> Result<Option<Parameter>, Refusal> {
        if self.has_input(number) {
            self.parameter(number, what).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Adds the layer that makes the node's output.
    pub(super) fn layer(&mut self, layer: Layer) -> Result<Value, Refusal> {
        let wanted = self.name().to_owned();
        self.model.draft.layer(&wanted, layer).map(Value::Computed)
    }

    /// Gives the layer that was added last a bias, if it makes this tensor; then the layer makes
    /// the node's output.
    pub(super) fn with_bias(
        &mut self,
        product: &Operand,
        bias: Parameter,
    ) -> Result<Option<Value>, Refusal> {
        let wanted = self.name().to_owned();
        Ok(self
            .model
            .draft
            .give_bias(&wanted, &product.name, bias)?
            .map(Value::Computed))
    }

    /// Adds a layer on the way to the node's output.
    pub(super) fn step(&mut self, suffix: &str, layer: Layer) -> Result<Operand, Refusal> {
        let wanted = format!("{}_{suffix}", self.name());
        self.model.draft.layer(&wanted, layer)
    }

    /// Adds an input of the scenario that is no tensor of the model: a factor, or padding. All its
    /// elements are the same.
    pub(super) fn new_input(
        &mut self,
        suffix: &str,
        shape: Shape,
        value: f64,
    ) -> Result<Operand, Refusal> {
        self.model.draft.charge(shape.numel())?;
        let wanted = format!("{}_{suffix}", self.name());
        Ok(self
            .model
            .draft
            .input(&wanted, Tensor::filled(shape, value)))
    }

    /// Tells the user something of the node.
    pub(super) fn remark(&mut self, says: String) {
        let name = self.name().to_owned();
        self.model.remarks.push(format!("{}: {says}", quote(&name)));
    }

    /// Returns an input as it is, as the node's output. Known numbers get the output's name.
    pub(super) fn pass_on(&self, number: usize) -> Result<Value, Refusal> {
        Ok(match self.input(number)? {
            Value::Constant(known) => {
                let name = self.name().to_owned();
                Value::Constant(Rc::new(Known {
                    name,
                    origin: known.origin.clone(),
                    constant: known.constant.clone(),
                }))
            }
            value => value.clone(),
        })
    }

    /// Whether an input is a product with a weight that nothing else reads.
    pub(super) fn is_open_product(&self, number: usize) -> bool {
        let name = self.node.input.get(number);
        name.is_some_and(|name| {
            self.model.products.contains(name) && self.model.reads.get(name) == Some(&1)
        })
    }

    /// Notes that the node's output is a product with a weight.
    pub(super) fn opens_product(&mut self) {
        let name = self.name().to_owned();
        self.model.products.insert(name);
    }

    /// What the node's tensor is called in the model: as its output, without whatever ends it, or
    /// else as its node.
    fn name(&self) -> &str {
        self.node
            .output
            .first()
            .map_or(self.node.name.as_str(), String::as_str)
    }
}

impl Model<'_> {
    /// Returns known numbers as an input of the scenario.
    pub(super) fn operand(&mut self, known: &Known) -> Result<Operand, Refusal> {
        if let Some(operand) = self.inputs.get(&known.origin) {
            return Ok(operand.clone());
        }
        self.draft.charge(known.constant.len())?;
        let operand = self.draft.input(&known.name, known.constant.tensor()?);
        self.inputs.insert(known.origin.clone(), operand.clone());
        Ok(operand)
    }

    /// Takes elements from what is left.
    pub(super) fn charge(&mut self, elements: usize) -> Result<(), Refusal> {
        let left = self.elements_left.checked_sub(elements);
        self.elements_left = left.ok_or_else(too_many)?;
        Ok(())
    }

    /// Takes the elements of sizes from what is left, before any memory is.
    pub(super) fn charge_sizes(&mut self, sizes: &[usize]) -> Result<(), Refusal> {
        self.charge(count(sizes).unwrap_or(usize::MAX))
    }
}

/// Returns the axis of a number that counts from the end where it is negative. `rank` is how many
/// there are.
pub(super) fn axis(number: i64, rank: usize) -> Result<usize, Refusal> {
    let signed = i64::try_from(rank).unwrap_or(i64::MAX);
    let axis = if number < 0 {
        number.saturating_add(signed)
    } else {
        number
    };
    let found = usize::try_from(axis).ok().filter(|&axis| axis < rank);
    found.ok_or_else(|| Refusal::new(format!("names axis {number} of a tensor that has {rank}")))
}

/// Returns the axes of several numbers, each once and in ascending order.
pub(super) fn axes(numbers: &[i64], rank: usize) -> Result<Vec<usize>, Refusal> {
    let mut axes: Vec<usize> = numbers
        .iter()
        .map(|&number| axis(number, rank))
        .collect::<Result<_, _>>()?;
    axes.sort_unstable();
    if rank > MAX_RANK {
        return Err(Refusal::new(format!(
            "makes a tensor of {rank} axes, which has at most {MAX_RANK}"
        )));
    }
    if axes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::new("names an axis twice"));
    }
    Ok(axes)
}
