//! What a name of a model stands for.

use std::rc::Rc;

use super::constant::Constant;
use super::layer::Operand;
use super::proto;

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
    pub(super) constant: Constant,
    /// The node that made them of a parameter, whose layer is added where a layer reads them, so
    /// that the parameter gets its gradient.
    pub(super) made_by: Option<Maker>,
}

/// A node whose numbers are known, and what it read.
#[derive(Debug, Clone)]
pub(super) struct Maker {
    pub(super) number: usize,
    pub(super) node: proto::Node,
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) depth: usize,
    /// Which of its outputs the numbers are.
    pub(super) output: usize,
}

/// How many nodes whose numbers are known stand one after the other, from the parameter to what
/// reads these.
pub(super) fn depth(inputs: &[Option<Value>]) -> usize {
    let depth = |value: &Value| match value {
        Value::Constant(known) => known.made_by.as_ref().map_or(0, |maker| maker.depth),
        Value::Given(_) | Value::Computed(_) => 0,
    };
    inputs.iter().flatten().map(depth).max().unwrap_or(0) + 1
}

impl Known {
    /// Numbers under a name.
    pub(super) fn new(name: &str, constant: Constant) -> Rc<Self> {
        Rc::new(Self {
            name: name.to_owned(),
            constant,
            made_by: None,
        })
    }

    /// The same numbers, made by a node of a parameter.
    pub(super) fn made_by(self: Rc<Self>, maker: Maker) -> Rc<Self> {
        let made_by = Some(maker);
        let Self { name, constant, .. } = Rc::unwrap_or_clone(self);
        Rc::new(Self {
            name,
            constant,
            made_by,
        })
    }
}
