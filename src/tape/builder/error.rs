//! What keeps parts from being a network.

use std::fmt;
use std::ops::RangeInclusive;

use crate::diagnostic::{list, quote};
use crate::ops::{ErrorSite, Fault, SettingError, ShapeError};
use crate::tensor::Shape;

/// Everything that keeps parts from being a network, in the order in which they were added.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkErrors(pub(super) Vec<NetworkError>);

impl NetworkErrors {
    /// The errors, of which there is at least one.
    pub fn iter(&self) -> impl Iterator<Item = &NetworkError> {
        self.0.iter()
    }
}

impl IntoIterator for NetworkErrors {
    type Item = NetworkError;
    type IntoIter = std::vec::IntoIter<NetworkError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Writes an error a line, with its hint in brackets.
impl fmt::Display for NetworkErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            f.write_str(if number == 0 { "" } else { "\n" })?;
            write!(f, "{error}")?;
            if let Some(hint) = error.fault.hint() {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for NetworkErrors {}

/// Something that keeps parts from being a network, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}{fault}", whose(.part.as_deref()))]
pub struct NetworkError {
    /// The name of the input, parameter or layer that it is about; nothing where it is about the
    /// network as a whole, or about what has no name.
    pub part: Option<String>,
    /// Where in that part.
    pub site: Site,
    /// What is wrong.
    #[source]
    pub fault: NetworkFault,
}

fn whose(part: Option<&str>) -> String {
    part.map_or_else(String::new, |name| quote(name) + ": ")
}

/// The place of an error in an input, a parameter or a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// The part as a whole: of a layer its op, of an input or a parameter its value.
    Whole,
    /// Its name.
    Name,
    /// The tensors that the layer reads.
    Inputs,
    /// The input of that number.
    Input(usize),
    /// The setting or the parameter of that key.
    Key(&'static str),
}

impl From<ErrorSite> for Site {
    fn from(site: ErrorSite) -> Self {
        match site {
            ErrorSite::Key(key) => Self::Key(key),
            ErrorSite::Input(number) => Self::Input(number),
            ErrorSite::Layer => Self::Whole,
        }
    }
}

/// What can be wrong with the parts of a network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkFault {
    /// There is no input, nor a parameter that could be read instead.
    #[error("a network has at least one input, or a parameter to read")]
    NoInputs,
    /// There is no layer.
    #[error("a network has at least one layer")]
    NoLayers,
    /// The name is none that a tensor can have.
    #[error("{} cannot be the name of a tensor", quote(.0))]
    BadName(String),
    /// The name is that of another tensor.
    #[error("two tensors are named {}", quote(.0))]
    NameTaken(String),
    /// A setting is not what the op takes.
    #[error("{}", about_setting(.op, .error))]
    Setting {
        /// The op's name.
        op: &'static str,
        /// What is wrong with the setting.
        error: SettingError,
        /// The name that was probably meant, where the setting takes one of a few.
        meant: Option<&'static str>,
    },
    /// The op has no such parameter.
    #[error("`{op}` has no `{key}`")]
    NoParameter {
        /// The op's name.
        op: &'static str,
        /// The parameter's key.
        key: &'static str,
    },
    /// The layer reads too few tensors, or too many.
    #[error("`{op}` reads {}, but here it is {found}", tensors(.takes))]
    Arity {
        /// The op's name.
        op: &'static str,
        /// How many the op reads.
        takes: RangeInclusive<usize>,
        /// How many there are.
        found: usize,
    },
    /// No layer reads the parameter.
    #[error("no layer reads the parameter")]
    Unread,
    /// Only parameters are updated.
    #[error("it is no parameter, so it is not updated")]
    NotTrained,
    /// The layer reads what was not made by this builder.
    #[error("the layer reads a tensor of another network")]
    Foreign,
    /// The operands do not fit the op or each other.
    #[error("{}", .0.message)]
    Shape(ShapeError),
    /// The tensors have more elements than they may have together.
    #[error("with this tensor of shape {shape} the network has more than {most} elements")]
    TooManyElements {
        /// The shape of the first tensor that is too large.
        shape: Shape,
        /// How many elements all tensors may have.
        most: usize,
    },
    /// With a layer there would be more numbers in memory at once than there may be.
    #[error(
        "with this layer the network takes {needed} numbers at once, gradients and copies among \
         them, more than {most}"
    )]
    TooManyNumbers {
        /// How many there would be: values, gradients, and copies that a layer works with.
        needed: usize,
        /// How many there may be.
        most: usize,
    },
}

impl NetworkFault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoInputs
            | Self::NoLayers
            | Self::NoParameter { .. }
            | Self::Unread
            | Self::NotTrained
            | Self::Foreign => None,
            Self::BadName(_) => {
                let grammar =
                    "a name begins with a letter or _ and goes on with letters, digits, _ and .";
                Some(grammar.to_owned())
            }
            Self::NameTaken(_) => {
                let where_ =
                    "names are unique over inputs, layers and parameters such as `fc.weight`";
                Some(where_.to_owned())
            }
            Self::Setting { meant, .. } => meant.map(|meant| format!("did you mean `{meant}`?")),
            Self::Arity { takes, found, .. } if found < takes.start() => {
                Some("list what it reads in `from`".to_owned())
            }
            Self::Arity { takes, .. } => (*takes.end() == 1).then(|| {
                "put a `cat`, `add` or `mul` before it, which makes one tensor of several"
                    .to_owned()
            }),
            Self::Shape(error) => error.hint.clone(),
            Self::TooManyElements { .. } | Self::TooManyNumbers { .. } => {
                Some("`NetworkBuilder::with_limit` sets how many all tensors may have".to_owned())
            }
        }
    }

    /// A few words for the place itself.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Shape(error) => error.label.as_deref(),
            Self::NoInputs
            | Self::NoLayers
            | Self::BadName(_)
            | Self::NameTaken(_)
            | Self::Setting { .. }
            | Self::NoParameter { .. }
            | Self::Arity { .. }
            | Self::Unread
            | Self::NotTrained
            | Self::Foreign
            | Self::TooManyElements { .. }
            | Self::TooManyNumbers { .. } => None,
        }
    }
}

fn about_setting(op: &str, SettingError { key, fault }: &SettingError) -> String {
    match fault {
        Fault::Missing => format!("the key `{key}` is missing, which `{op}` needs"),
        Fault::Unknown(names) => {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("`{key}` must be {}", list(&quoted, "or"))
        }
        fault => format!("`{key}` {fault}"),
    }
}

/// How many tensors an op reads, in words.
fn tensors(takes: &RangeInclusive<usize>) -> String {
    match (*takes.start(), *takes.end()) {
        (1, 1) => "one tensor".to_owned(),
        (least, most) if least == most => format!("{least} tensors"),
        (least, _) => format!("{least} or more tensors"),
    }
}
