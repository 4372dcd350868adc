//! What an exporter has worked out of parameters before it wrote the model: of those only numbers
//! are left, which are constants.

use std::collections::HashMap;

use super::constant::{Array, Constant};
use super::context::Context;
use super::error::names;
use super::module;
use super::proto::{Graph, Node};
use super::value::{Known, Maker, Value};

/// Makes the constants that are nothing but copies of a parameter what a node makes of it, so that
/// the parameter gets its gradient. The nodes are numbered from `first` on.
pub(super) fn restore(
    context: &mut Context<'_>,
    values: &mut HashMap<String, Option<Value>>,
    first: usize,
) {
    let copies = std::mem::take(&mut context.parameters.copies);
    for (number, (copy, parameter)) in (first..).zip(copies) {
        let source = values.get(parameter.as_str()).cloned();
        if let (Some(Some(Value::Constant(known))), Some(source)) =
            (values.get_mut(copy.as_str()), source)
        {
            context.parameters.reads(number, &parameter);
            *known = known.clone().made_by(expanded(number, known, source));
        }
    }
}

/// The node that expands a parameter to known numbers.
fn expanded(number: usize, known: &Known, source: Option<Value>) -> Maker {
    let sizes = known.constant.sizes().iter().map(|&size| size as i64);
    let sizes = Constant::Ints(Array::list(sizes.collect()));
    let node = Node {
        op_type: "Expand".to_owned(),
        output: vec![known.name.clone()],
        ..Node::default()
    };
    Maker {
        number,
        node,
        inputs: vec![source, Some(Value::Constant(Known::new("", sizes)))],
        depth: 1,
        output: 0,
    }
}

/// Says which parameters the file no longer has, and the constants that took their place.
pub(super) fn remark(graph: &Graph, context: &Context<'_>) -> Option<String> {
    let worked_out = &context.parameters.worked_out;
    let is_folded = |name: &&str| {
        let norms = context.remarks.folded.iter();
        let mut homes = norms.filter_map(|norm| name.strip_prefix(norm.as_str()));
        homes.any(|rest| rest.starts_with('.'))
    };
    let is_gone = |name: &&str| !context.has_parameter(name) && !is_folded(name);
    let gone = module::signature(graph)
        .map(|(_, name)| name)
        .filter(is_gone)
        .map(str::to_owned);
    let gone: Vec<String> = gone.collect();
    let constants: Vec<String> = worked_out.iter().cloned().collect();
    let is_said = !gone.is_empty() && !constants.is_empty();
    is_said.then(|| {
        format!(
            "no gradient here for {}, which the file no longer has: the exporter has worked out {} \
             beforehand; `torch.onnx.export(..., optimize=False)` keeps all parameters",
            names(&gone),
            names(&constants),
        )
    })
}
