//! Why a model cannot be imported.

use std::fmt;

use crate::diagnostic::{Diagnostic, list, quote};
use crate::tape::{NetworkErrors, NetworkFault};

/// Why a model cannot be imported.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are no `ModelProto`, or no `TensorProto`.
    #[error("this is no ONNX file, or it is cut short: {0}")]
    NoModel(#[from] prost::DecodeError),
    /// The model has too many nodes, attributes and the like.
    #[error("the model has more than {0} parts")]
    TooManyParts(usize),
    /// The model is written in a version of the operators that is not known.
    #[error("the model is written in opset {found}, but this program knows 1 to {newest}")]
    Opset {
        /// The model's version.
        found: i64,
        /// The newest version that is known.
        newest: i64,
    },
    /// The model has no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// The model has no outputs.
    #[error("the model has no outputs")]
    NoOutputs,
    /// A tensor is asked for that the model does not compute.
    #[error("the model computes no tensor {}", quote(.name))]
    NoTensor {
        /// The name that was asked for.
        name: String,
        /// The name that was probably meant.
        meant: Option<String>,
        /// The model's own outputs.
        outputs: Vec<String>,
    },
    /// Two nodes make the same tensor.
    #[error("the tensor {} is made by two nodes", quote(.0))]
    MadeTwice(String),
    /// A node reads what no node before it makes.
    #[error("{node} reads {}, which nothing before it makes", quote(.tensor))]
    Unmade {
        /// The node.
        node: NodeName,
        /// What it reads.
        tensor: String,
    },
    /// What was given for the model's inputs does not fit them.
    #[error("{}", first(.0))]
    Inputs(Vec<InputError>),
    /// A tensor of the model, or the one of a file, cannot be used.
    #[error("{} {reason}", .tensor.as_deref().map_or_else(|| "the tensor".to_owned(), quote))]
    Numbers {
        /// The name of the model's tensor.
        tensor: Option<String>,
        /// Why it cannot be used.
        reason: Unsupported,
    },
    /// Nodes have no counterpart in a scenario.
    #[error("{}", first(.0))]
    Declined(Vec<Declined>),
    /// An output cannot be the end of a scenario.
    #[error("the output {} {reason}", quote(.output))]
    Output {
        /// The name of the output.
        output: String,
        /// Why it cannot.
        reason: Unsupported,
    },
    /// There is one target, but several outputs.
    #[error("a target is for one output, but there are {}: {}", .0.len(), names(.0))]
    SeveralOutputs(Vec<String>),
    /// The parts of the model make no network.
    #[error("the model makes no network: {0}")]
    Network(#[from] NetworkErrors),
    /// The weights cannot be stored.
    #[error("the weights cannot be stored: {0}")]
    Weights(String),
}

/// What is wrong with what was given for the inputs of a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The model has no such input.
    #[error("the model has no input {}", quote(.name))]
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        meant: Option<String>,
        /// The model's inputs.
        inputs: Vec<String>,
    },
    /// Nothing is given for an input that is needed.
    #[error("the model needs its input {}{}", quote(.name), of_shape(.shape.as_deref()))]
    Missing {
        /// The input's name.
        name: String,
        /// The shape that the model declares, as in `[N, 3]`.
        shape: Option<String>,
    },
    /// More arrays are given than the model has inputs.
    #[error("there are {given} arrays, but the model has no more than {}", .inputs.len())]
    TooMany {
        /// How many are given.
        given: usize,
        /// The model's inputs.
        inputs: Vec<String>,
    },
    /// An array has another shape than the model declares.
    #[error("the array for {} has shape {found}, but the model takes {declared}", quote(.name))]
    Shape {
        /// The input's name.
        name: String,
        /// The array's shape.
        found: String,
        /// The shape that the model declares.
        declared: String,
        /// The first axis that does not fit, and the size that it must have.
        axis: Option<(usize, usize)>,
    },
    /// An array of an integer input holds fractions.
    #[error("the array for {} must hold whole numbers", quote(.0))]
    NotWhole(String),
    /// An input is a sequence, a map or the like.
    #[error("the input {} is no tensor", quote(.0))]
    NoTensor(String),
    /// An input holds what no network computes with.
    #[error("the input {} {reason}", quote(.name))]
    Elements {
        /// The input's name.
        name: String,
        /// Why it cannot be used.
        reason: Unsupported,
    },
}

/// Nodes that have no counterpart in a scenario, all for the same reason.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{} ({} {}) {reason}", quote(.operator), self.nodes_in_words(), names(.nodes))]
pub struct Declined {
    /// Their operator.
    pub operator: String,
    /// What they are called.
    pub nodes: Vec<String>,
    /// Why they have none.
    pub reason: Unsupported,
}

impl Declined {
    fn nodes_in_words(&self) -> &'static str {
        if self.nodes.len() == 1 {
            "node"
        } else {
            "nodes"
        }
    }
}

/// A node of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeName {
    /// Its operator.
    pub operator: String,
    /// What it is called.
    pub name: String,
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (node {})", quote(&self.operator), quote(&self.name))
    }
}

/// Why something of a model has no counterpart in a scenario, as the end of a sentence that begins
/// with what it is: "`Conv` (node `c1`) has 3 ...".
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// No op does what the operator does.
    #[error("has no counterpart among backstep's ops")]
    Operator,
    /// The operator is none of ONNX's own.
    #[error("is of the domain {}, which is not ONNX's own", quote(.0))]
    Domain(String),
    /// It makes a second tensor that is needed.
    #[error("makes a second tensor, {}, which has no counterpart in a scenario", quote(.0))]
    SecondOutput(String),
    /// It has an attribute that is not known.
    #[error("has the attribute {}, which is not known here", quote(.0))]
    Attribute(String),
    /// It lacks the input of that number, counted from 1.
    #[error("has no input {0}, which it needs")]
    MissingInput(usize),
    /// It makes more elements than are allowed.
    #[error("makes too many elements")]
    TooManyElements,
    /// The layer that it would become does not fit the network.
    #[error("{}", about_layer(.0))]
    Layer(NetworkFault),
    /// Something else.
    #[error("{says}")]
    Other {
        /// What it is or does.
        says: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl Unsupported {
    /// Something else, which begins with a verb.
    pub(super) fn new(says: impl Into<String>) -> Self {
        let (says, hint) = (says.into(), None);
        Self::Other { says, hint }
    }

    /// What is wrong with the layer that it would become.
    pub(super) fn layer(fault: NetworkFault) -> Self {
        match fault {
            NetworkFault::TooManyElements { .. } | NetworkFault::TooManyNumbers { .. } => {
                Self::TooManyElements
            }
            fault => Self::Layer(fault),
        }
    }

    /// The same with advice, where it is something else.
    #[must_use]
    pub(super) fn hinted(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Other { says, .. } => Self::Other {
                says,
                hint: Some(hint.into()),
            },
            told => told,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::SecondOutput(_) => {
                Some("`--tensor` names the tensors that are asked for".to_owned())
            }
            Self::TooManyElements => Some("`--max-elements` raises the limit".to_owned()),
            Self::Layer(NetworkFault::Shape(error)) => error.hint.clone(),
            Self::Other { hint, .. } => hint.clone(),
            Self::Operator
            | Self::Domain(_)
            | Self::Attribute(_)
            | Self::MissingInput(_)
            | Self::Layer(_) => None,
        }
    }
}

fn about_layer(fault: &NetworkFault) -> String {
    match fault {
        NetworkFault::Setting { op, error, .. } => {
            format!("asks of `{op}` what it cannot do: {error}")
        }
        NetworkFault::Arity { op, found, .. } => {
            format!("has {found} inputs, which `{op}` does not take")
        }
        fault => format!("does not fit: {fault}"),
    }
}

impl InputError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { meant, inputs, .. } => {
                Some(meant_or_all(meant.as_deref(), "inputs", inputs))
            }
            Self::Missing { name, .. } => {
                let name = quote(name);
                let name = name.trim_matches('`');
                Some(format!(
                    "give it as an array, with `--input {name}=FILE.npy`"
                ))
            }
            Self::TooMany { inputs, .. } => Some(format!("its inputs are {}", names(inputs))),
            Self::Shape { axis, .. } => {
                axis.map(|(axis, size)| format!("axis {axis} must have the size {size}"))
            }
            Self::Elements { reason, .. } => reason.hint(),
            Self::NotWhole(_) | Self::NoTensor(_) => None,
        }
    }
}

impl ImportError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoModel(_) => Some(
                "export the model with `torch.onnx.export`, or with your framework's exporter"
                    .to_owned(),
            ),
            Self::Opset { .. } => Some("export it with an older opset, such as 18".to_owned()),
            Self::NoTensor { meant, outputs, .. } => {
                Some(meant_or_all(meant.as_deref(), "outputs", outputs))
            }
            Self::Unmade { .. } => {
                Some("the nodes of a model stand in an order that only looks back".to_owned())
            }
            Self::Numbers { reason, .. } | Self::Output { reason, .. } => reason.hint(),
            Self::SeveralOutputs(_) => Some("`--tensor` says which of them it is for".to_owned()),
            Self::TooManyParts(_)
            | Self::NoGraph
            | Self::NoOutputs
            | Self::MadeTwice(_)
            | Self::Inputs(_)
            | Self::Declined(_)
            | Self::Network(_)
            | Self::Weights(_) => None,
        }
    }
}

impl From<ImportError> for Diagnostic {
    fn from(error: ImportError) -> Self {
        let one = |message: String, hint| Diagnostic {
            hint,
            ..Diagnostic::new(message)
        };
        let all: Vec<Diagnostic> = match &error {
            ImportError::Inputs(errors) => errors
                .iter()
                .map(|error| one(error.to_string(), error.hint()))
                .collect(),
            ImportError::Declined(declined) => declined
                .iter()
                .map(|declined| one(declined.to_string(), declined.reason.hint()))
                .collect(),
            _ => Vec::new(),
        };
        Diagnostic::all(all).unwrap_or_else(|| one(error.to_string(), error.hint()))
    }
}

/// The first of several errors, which are told one by one elsewhere.
fn first<E: fmt::Display>(errors: &[E]) -> String {
    errors.first().map(E::to_string).unwrap_or_default()
}

fn of_shape(shape: Option<&str>) -> String {
    shape.map_or_else(String::new, |shape| format!(" of shape {shape}"))
}

fn meant_or_all(meant: Option<&str>, what: &str, all: &[String]) -> String {
    match meant {
        Some(meant) => format!("did you mean {}?", quote(meant)),
        None => format!("its {what} are {}", names(all)),
    }
}

/// The most names that a message lists.
const MOST_NAMES: usize = 8;

/// Returns names as a list in a sentence.
pub(super) fn names(all: &[String]) -> String {
    let mut shown: Vec<String> = all
        .iter()
        .take(MOST_NAMES)
        .map(|name| quote(name))
        .collect();
    if all.len() > MOST_NAMES {
        shown.push(format!("{} more", all.len() - MOST_NAMES));
    }
    list(&shown, "and")
}
