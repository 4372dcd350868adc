//! What a name of a model stands for.

use std::rc::Rc;

use super::constant::Constant;
use super::layer::Operand;

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
}

impl Known {
    /// Numbers under a name.
    pub(super) fn new(name: &str, constant: Constant) -> Rc<Self> {
        Rc::new(Self {
            name: name.to_owned(),
            constant,
        })
    }
}
