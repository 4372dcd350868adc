//! What is known of an op before it has any settings: its row in the table of ops.

use std::fmt;
use std::ops::RangeInclusive;

use super::kind::OpKind;
use super::operand::OperandRole;
use super::phrases::Phrases;
use super::settings::{Reader, Setting, SettingError};
use super::torch::Torch;
use super::value::Value;

/// The settings of an op, whichever op it is. `settings!` implements this.
pub trait Settings: fmt::Debug + Send + Sync {
    /// The op's row in the table.
    fn descriptor(&self) -> &'static Descriptor;

    /// The settings that differ from their defaults, in their order.
    fn given(&self) -> Vec<(&'static str, Value)>;

    /// Every setting that the op has, in order.
    fn all() -> Vec<Setting>
    where
        Self: Sized;

    /// Reads the settings, unless one that must be there is missing or will not do.
    fn read(reader: &mut Reader) -> Option<Self>
    where
        Self: Sized;
}

/// The settings of one op of the table.
pub trait Described: Settings + Sized + 'static {
    /// The op's row in the table.
    const DESCRIPTOR: &'static Descriptor;

    /// What is wrong with settings each of which is right alone.
    fn check(&self) -> Vec<SettingError> {
        Vec::new()
    }
}

/// An op's row in the table: everything that is known of it whatever its settings are.
#[derive(Debug)]
pub struct Descriptor {
    /// The op's name in a file.
    pub name: &'static str,
    /// What it computes, in a line.
    pub about: &'static str,
    /// How it behaves.
    pub kind: OpKind,
    /// The words that it has for its terms.
    pub phrases: &'static Phrases,
    /// How PyTorch calls it.
    pub torch: Torch,
    /// How many tensors the layer may read.
    pub arity: RangeInclusive<usize>,
    /// How many axes its windows slide along; 0 where it has no windows.
    pub axes: usize,
    /// Whether the first of several axes of its input is a batch.
    pub reads_batches: bool,
    /// The tensors of its own that get a gradient, in their order.
    pub parameters: &'static [Parameter],
    /// The settings that it cannot do without unless a flag is set.
    pub needed_unless: Option<NeededUnless>,
    settings: fn() -> Vec<Setting>,
}

/// A tensor of a layer's own that gets a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Which operand of the op it is.
    pub role: OperandRole,
    /// Its key in a file, and the end of its name.
    pub key: &'static str,
    /// Whether there is no op without it.
    pub is_required: bool,
    /// What its axes are.
    pub shape: &'static str,
}

/// Settings that are needed unless a flag is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededUnless {
    /// The flag's key.
    pub flag: &'static str,
    /// The keys of the settings.
    pub keys: &'static [&'static str],
}

impl Descriptor {
    /// Every setting that the op has, in order.
    pub fn settings(&self) -> Vec<Setting> {
        (self.settings)()
    }

    /// Whether axis 0 of an input with so many axes is a batch.
    pub fn has_batch_axis(&self, rank: usize) -> bool {
        if self.axes > 0 {
            rank == self.axes + 2
        } else {
            self.reads_batches && rank > 1
        }
    }

    /// Whether it is the row of the op that has these settings.
    pub fn is<S: Described>(&self) -> bool {
        self.name == S::DESCRIPTOR.name
    }

    /// The settings that are needed unless a flag is set, where that is not set and they are not
    /// given.
    pub(super) fn missing(&self, given: &[(&'static str, Value)]) -> Vec<&'static str> {
        let Some(NeededUnless { flag, keys }) = self.needed_unless else {
            return Vec::new();
        };
        if given.contains(&(flag, Value::Flag(true))) {
            return Vec::new();
        }
        let is_missing = |key: &&&str| given.iter().all(|(given, _)| given != *key);
        keys.iter().filter(is_missing).copied().collect()
    }

    /// The row of an op that reads one tensor and has no parameters.
    pub(super) const fn of<S: Described>(
        name: &'static str,
        kind: OpKind,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            about,
            kind,
            phrases: &Phrases::NONE,
            torch: Torch::Functional,
            arity: 1..=1,
            axes: 0,
            reads_batches: false,
            parameters: &[],
            needed_unless: None,
            settings: S::all,
        }
    }

    /// The row of an op with words of its own.
    pub(super) const fn saying(self, phrases: &'static Phrases) -> Self {
        Self { phrases, ..self }
    }

    /// The row of an op that PyTorch calls so.
    pub(super) const fn in_torch(self, torch: Torch) -> Self {
        Self { torch, ..self }
    }

    /// The row of an op whose input has a batch for its first of several axes.
    pub(super) const fn reading_batches(self) -> Self {
        Self {
            reads_batches: true,
            ..self
        }
    }

    /// The row of an op that reads so many tensors.
    pub(super) const fn reading(self, arity: RangeInclusive<usize>) -> Self {
        Self { arity, ..self }
    }

    /// The row of an op whose windows slide along so many axes.
    pub(super) const fn sliding_along(self, axes: usize) -> Self {
        Self { axes, ..self }
    }

    /// The row of an op with parameters.
    pub(super) const fn with(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    /// The row of an op that needs some settings unless a flag is set.
    pub(super) const fn needing_unless(
        self,
        flag: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        Self {
            needed_unless: Some(NeededUnless { flag, keys }),
            ..self
        }
    }
}

impl Parameter {
    /// A weight that may be left out.
    pub(super) const fn weight(shape: &'static str) -> Self {
        Self {
            role: OperandRole::Weight,
            key: "weight",
            is_required: false,
            shape,
        }
    }

    /// A bias that may be left out.
    pub(super) const fn bias(shape: &'static str) -> Self {
        Self {
            role: OperandRole::Bias,
            key: "bias",
            is_required: false,
            shape,
        }
    }

    /// The parameter as one that there must be.
    pub(super) const fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }
}
