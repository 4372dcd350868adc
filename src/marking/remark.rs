//! What is to be known of an answer before its marks are read.

use super::answer::Answer;
use super::catalogue::CONSTANT_FACTOR;
use super::slip::Choice;
use super::tolerance::Tolerance;
use super::whole::{Lost, Whole};
use crate::backprop::Backprop;
use crate::tape::Kind;
use crate::tensor::{Address, Element, TensorId};

/// What is to be known of an answer before its marks are read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Remark {
    /// The forward run is another one: this is the first value that shows it.
    Forward {
        /// What the value is of.
        of: Kind,
        /// Where it is.
        address: Address,
        /// What the answer says.
        yours: f64,
        /// What it is in the scenario.
        expected: f64,
    },
    /// The answer says that it is by somebody else than from whom it was handed over.
    Student {
        /// Whom it says.
        said: String,
    },
    /// The answer says that it is one to another exercise.
    Exercise {
        /// Whose exercise that is, where it is known.
        of: Option<String>,
    },
    /// The student has handed in more than this.
    HandIns {
        /// The other files.
        others: Vec<String>,
        /// Whether this is the best of all of them; else it is the last.
        is_best: bool,
    },
    /// Names were matched otherwise than as they are.
    Renamed {
        /// The first of them.
        theirs: String,
        /// What it is in the scenario.
        ours: String,
        /// How many more there are.
        n_more: usize,
    },
    /// Parameters were found by the values that came along, up to the order of their axes.
    ByValues {
        /// The name of the first of them.
        theirs: String,
        /// What it is in the scenario.
        ours: String,
        /// How many more there are.
        n_more: usize,
    },
    /// A gradient that the scenario gives is another one in the answer.
    Given {
        /// Where it is.
        address: Address,
        /// What the answer says.
        yours: f64,
        /// What the scenario gives.
        expected: f64,
    },
    /// A convolution cannot be compared, because the scenario has one into which the batch norm
    /// behind it was folded.
    Folded {
        /// The convolution's name.
        layer: String,
        /// What the model calls the batch norm.
        norm: String,
    },
    /// A convolution's gradients are right up to a factor for each channel, as they are where the
    /// scenario has one into which the batch norm behind it was folded.
    Unfolded {
        /// The convolution's name.
        layer: String,
        /// What the model calls the batch norm.
        norm: String,
    },
    /// The same, but for a channel of zeros that no factor makes.
    Zeroed {
        /// The convolution's weight.
        weight: String,
        /// The first such channel.
        channel: usize,
        /// What the model calls the batch norm.
        norm: String,
    },
    /// A parameter is used in several places, and the answer has not the gradient of all.
    Uses {
        /// The parameter.
        parameter: String,
        /// The layers that use it.
        uses: Vec<String>,
        /// Those of which it has the gradient.
        has: Uses,
    },
    /// The wrong gradient of a tensor is an array that cannot hold the right one.
    Integers {
        /// The tensor.
        tensor: String,
        /// What the array holds.
        holds: Whole,
        /// What of the right gradient it cannot hold.
        lost: Lost,
    },
    /// Numbers of a tensor are NaN where the right ones are not.
    NotNumbers {
        /// The tensor.
        tensor: String,
        /// How many of them are.
        n: usize,
        /// How many there are.
        of: usize,
        /// Whether they stand for blanks, as in an array.
        are_blanks: bool,
    },
    /// What is wrong follows from one mistake in a tensor that the answer does not have.
    Source {
        /// A slip, and the tensors in one of which it was made. There are several where nothing
        /// tells them apart.
        mistakes: Vec<(Choice, Vec<String>)>,
        /// The tensors whose wrong numbers follow from it, where those are not all that are wrong.
        of: Option<Vec<String>>,
    },
    /// All gradients are off by one factor.
    SameFactor {
        /// The factor.
        factor: f64,
        /// Whether only the parameters' are.
        of_parameters: bool,
    },
    /// The gradient of a parameter is wrong though what arrives at its layer is right, since
    /// another parameter's says so.
    OwnMistake {
        /// The layer.
        layer: String,
        /// The parameter that is right.
        right: String,
        /// The one that is wrong.
        wrong: String,
    },
    /// No gradient that could arrive at a layer gives that of its weight as it is.
    NothingGives {
        /// The layer.
        layer: String,
        /// The weight.
        weight: String,
    },
    /// The gradient of a weight tells which one has arrived at its layer, and that is wrong.
    Arrived {
        /// The weight.
        weight: String,
        /// The first element of the layer's output that got another gradient.
        address: Address,
        /// What it got.
        yours: f64,
        /// What it should have got.
        expected: f64,
        /// How many elements got another one.
        n_wrong: usize,
        /// How many there are.
        n: usize,
        /// The slips of which any one explains what arrived.
        slips: Vec<Choice>,
    },
    /// The mistake must have been made between two places.
    Between {
        /// The layers that are right, nearest the end.
        right: Vec<String>,
        /// The first parameter that is wrong on the way back.
        wrong: String,
        /// The tensors whose gradients come between, in backward order.
        between: Vec<String>,
        /// Whether the scenario gives those: another loss gives others.
        is_given: bool,
        /// Whether it may have been made in that parameter's own gradient.
        or_itself: bool,
    },
}

/// What wrong numbers follow from that are no mistake of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// The mistake that a remark names.
    Mistake,
    /// The factor that a remark names.
    Factor,
    /// Earlier numbers of the answer, such as zeros, that are too little to earn marks with.
    Earlier,
}

/// Of which uses of a parameter the gradient is there, each called by its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uses {
    /// Of this one alone.
    Only(String),
    /// Of all but this one.
    AllBut(String),
}

impl Remark {
    /// What it says the wrong numbers of a tensor follow from, if it does.
    pub(super) fn explains(&self, name: &str) -> Option<Follows> {
        match self {
            Self::SameFactor { factor, .. } if *factor != 0.0 => Some(Follows::Factor),
            Self::Source { .. } if self.is_of_others(name) => None,
            Self::Source { .. } | Self::SameFactor { .. } => Some(Follows::Mistake),
            Self::Integers { tensor, lost, .. } => {
                (*lost == Lost::Cut && tensor == name).then_some(Follows::Mistake)
            }
            Self::Uses { parameter, .. } => (parameter == name).then_some(Follows::Mistake),
            Self::Forward { .. }
            | Self::Student { .. }
            | Self::Exercise { .. }
            | Self::HandIns { .. }
            | Self::Renamed { .. }
            | Self::ByValues { .. }
            | Self::Given { .. }
            | Self::NotNumbers { .. }
            | Self::Folded { .. }
            | Self::Unfolded { .. }
            | Self::Zeroed { .. }
            | Self::OwnMistake { .. }
            | Self::NothingGives { .. }
            | Self::Arrived { .. }
            | Self::Between { .. } => None,
        }
    }

    /// The batch norm that is folded into a convolution here, where it says so.
    pub(super) fn norm(&self) -> Option<&str> {
        match self {
            Self::Folded { norm, .. } | Self::Unfolded { norm, .. } | Self::Zeroed { norm, .. } => {
                Some(norm)
            }
            _ => None,
        }
    }

    /// Whether it says of other tensors alone what their wrong numbers follow from.
    pub fn is_of_others(&self, name: &str) -> bool {
        match self {
            Self::Source { of: Some(of), .. } => !of.iter().any(|it| it == name),
            _ => false,
        }
    }

    /// The ids of the slips that it names.
    pub fn slips(&self) -> Vec<&'static str> {
        match self {
            Self::Source { mistakes, .. } => {
                mistakes.iter().map(|(choice, _)| choice.slip.id).collect()
            }
            Self::SameFactor { .. } => vec![CONSTANT_FACTOR],
            Self::Forward { .. }
            | Self::Student { .. }
            | Self::Exercise { .. }
            | Self::HandIns { .. }
            | Self::Renamed { .. }
            | Self::ByValues { .. }
            | Self::Given { .. }
            | Self::Folded { .. }
            | Self::Unfolded { .. }
            | Self::Zeroed { .. }
            | Self::Integers { .. }
            | Self::NotNumbers { .. }
            | Self::OwnMistake { .. }
            | Self::NothingGives { .. }
            | Self::Arrived { .. }
            | Self::Uses { .. }
            | Self::Between { .. } => Vec::new(),
        }
    }
}

/// Returns what is to be known of an answer before any gradient of it is judged: the first value of
/// its forward run that is another one than the scenario's, and which names are taken for others.
pub fn beforehand(backprop: &Backprop, answer: &Answer, tolerance: Tolerance) -> Vec<Remark> {
    let forward = forward(backprop, answer, tolerance);
    let names = renamed(answer).into_iter().chain(by_values(answer));
    forward.into_iter().chain(names).collect()
}

/// The first value that is another one: of an input, a parameter, or else of the first layer.
fn forward(backprop: &Backprop, answer: &Answer, tolerance: Tolerance) -> Option<Remark> {
    let (network, tape) = (backprop.network(), backprop.tape());
    let other = |id: TensorId| {
        let (yours, ours) = (answer.values.get(&id)?, tape.value(id).data());
        let finite = ours.iter().filter(|value| value.is_finite());
        let bounds = tolerance.at(finite.fold(0.0, |largest, value| value.abs().max(largest)));
        let mut both = yours.data().iter().zip(ours);
        let at = both.position(|(&yours, &ours)| !bounds.is_right(yours, ours))?;
        Some(Remark::Forward {
            of: network.tensor(id).kind,
            address: network.address(Element { tensor: id, at }),
            yours: yours.data()[at],
            expected: ours[at],
        })
    };
    let is_given =
        |id: &TensorId| matches!(network.tensor(*id).kind, Kind::Input | Kind::Parameter(_));
    let (given, made): (Vec<_>, Vec<_>) = network.ids().partition(is_given);
    given.into_iter().chain(made).find_map(other)
}

/// Says that names were matched otherwise than as they are, where some were.
fn renamed(answer: &Answer) -> Option<Remark> {
    let ((theirs, ours), rest) = answer.renamed.split_first()?;
    Some(Remark::Renamed {
        theirs: theirs.clone(),
        ours: ours.clone(),
        n_more: rest.len(),
    })
}

/// The same of those that were found by their values.
fn by_values(answer: &Answer) -> Option<Remark> {
    let ((theirs, ours), rest) = answer.by_values.split_first()?;
    Some(Remark::ByValues {
        theirs: theirs.clone(),
        ours: ours.clone(),
        n_more: rest.len(),
    })
}
