//! The inputs of a model, and what the user gives for them.

use std::collections::{HashMap, HashSet};

use super::constant::{Array, Constant};
use super::error::InputError;
use super::numbers;
use super::proto::{Dimension, Graph, TensorType, ValueInfo};
use super::value::{Known, Value};
use super::{Given, Request};
use crate::diagnostic::{nearest, quote};
use crate::tensor::Tensor;

/// Returns what the user gives for the inputs of a model.
///
/// # Errors
/// All inputs that are needed and not given, those that do not fit, and names that the model does
/// not have.
pub(super) fn given<'a>(
    graph: &'a Graph,
    request: &Request,
    needed: &HashSet<&str>,
) -> Result<Vec<(&'a str, Value)>, Vec<InputError>> {
    // The first versions list the weights among the inputs.
    let initialized: HashSet<&str> = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    let mut sizes = HashMap::new();
    let (mut values, mut problems) = (Vec::new(), unknown(graph, request));
    let mut unnamed = request.inputs.iter().filter(|given| given.name.is_none());
    for input in &graph.input {
        let name = input.name.as_str();
        let named = request
            .inputs
            .iter()
            .find(|given| given.name.as_deref() == Some(name));
        let given = named.or_else(|| {
            if initialized.contains(name) {
                None
            } else {
                unnamed.next()
            }
        });
        match given {
            Some(Given { tensor, .. }) => match fit(input, tensor, &mut sizes) {
                Ok(constant) => values.push((name, value(input, constant))),
                Err(problem) => problems.push(problem),
            },
            None if needed.contains(name) && !initialized.contains(name) => {
                problems.push(missing(input))
            }
            None => {}
        }
    }
    if unnamed.next().is_some() {
        let own = names(graph).filter(|name| !initialized.contains(name));
        problems.push(InputError::TooMany {
            given: request.inputs.len(),
            inputs: own.map(str::to_owned).collect(),
        });
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(problems)
    }
}

fn names(graph: &Graph) -> impl Iterator<Item = &str> {
    graph.input.iter().map(|input| input.name.as_str())
}

/// What is given to inputs that the model does not have.
fn unknown(graph: &Graph, request: &Request) -> Vec<InputError> {
    let own: Vec<&str> = names(graph).collect();
    let named = request
        .inputs
        .iter()
        .filter_map(|given| given.name.as_deref());
    let unknown = named.filter(|given| !own.contains(given));
    unknown
        .map(|given| InputError::Unknown {
            name: given.to_owned(),
            meant: nearest(given, own.iter().copied()).map(str::to_owned),
            inputs: own.iter().map(|&name| name.to_owned()).collect(),
        })
        .collect()
}

fn missing(input: &ValueInfo) -> InputError {
    let shape = declared(input).and_then(|declared| declared.shape.as_ref());
    InputError::Missing {
        name: input.name.clone(),
        shape: shape.map(|shape| text(&shape.dim)),
    }
}

/// Returns the numbers of an input as the model takes them. `sizes` are those of the axes that have
/// names, such as `batch`.
fn fit<'a>(
    input: &'a ValueInfo,
    tensor: &Tensor,
    sizes: &mut HashMap<&'a str, usize>,
) -> Result<Constant, InputError> {
    let name = || input.name.clone();
    if let Some(shape) = declared(input).and_then(|declared| declared.shape.as_ref()) {
        let misfit = |axis| InputError::Shape {
            name: name(),
            found: tensor.shape().to_string(),
            declared: text(&shape.dim),
            axis,
        };
        if shape.dim.len() != tensor.shape().rank() {
            return Err(misfit(None));
        }
        for (axis, (dimension, &size)) in shape.dim.iter().zip(tensor.shape().iter()).enumerate() {
            let wanted = match (dimension.dim_value, dimension.dim_param.as_deref()) {
                // Some exporters write -1 for a size that is open.
                (Some(-1), _) => size,
                (Some(wanted), _) => usize::try_from(wanted).unwrap_or(0),
                (None, Some(axis)) if !axis.is_empty() => *sizes.entry(axis).or_insert(size),
                _ => size,
            };
            if wanted != size {
                return Err(misfit(Some((axis, wanted))));
            }
        }
    }
    let sizes = tensor.shape().to_vec();
    let constant = if is_whole(input)? {
        let whole = |&number: &f64| (number.fract() == 0.0).then_some(number as i64);
        let numbers: Option<Vec<i64>> = tensor.data().iter().map(whole).collect();
        let numbers = numbers.ok_or_else(|| InputError::NotWhole(name()))?;
        Array::new(sizes, numbers).map(Constant::Ints)
    } else {
        Array::new(sizes, tensor.data().to_vec()).map(Constant::Floats)
    };
    Ok(constant.expect("a tensor has as many numbers as its shape says"))
}

/// Whether an input holds whole numbers, through which no gradient goes: to a scenario they are
/// constants.
fn is_whole(input: &ValueInfo) -> Result<bool, InputError> {
    let name = || input.name.clone();
    let declared = declared(input).ok_or_else(|| InputError::NoTensor(name()))?;
    let dtype = numbers::dtype(declared.elem_type).map_err(|reason| InputError::Elements {
        name: name(),
        reason,
    })?;
    Ok(!numbers::is_float(dtype))
}

fn value(input: &ValueInfo, constant: Constant) -> Value {
    let is_whole = constant.ints().is_some();
    let known = Known::new(&input.name, constant);
    if is_whole {
        Value::Constant(known)
    } else {
        Value::Given(known)
    }
}

fn declared(input: &ValueInfo) -> Option<&TensorType> {
    input.r#type.as_ref()?.tensor_type.as_ref()
}

/// The sizes that a model declares, as in `[N, 1, 28, 28]`.
fn text(dimensions: &[Dimension]) -> String {
    let size = |dimension: &Dimension| match (dimension.dim_value, dimension.dim_param.as_deref()) {
        (Some(size), _) if size != -1 => size.to_string(),
        (None, Some(name)) if !name.is_empty() => quote(name).trim_matches('`').to_owned(),
        _ => "?".to_owned(),
    };
    format!(
        "[{}]",
        dimensions
            .iter()
            .take(32)
            .map(size)
            .collect::<Vec<_>>()
            .join(", ")
    )
}
