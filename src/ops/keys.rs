//! Reading a layer's keys into an op's settings.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::tensor::Tensor;

/// The keys of one layer in a file: what the scenario's loader offers to an op.
pub trait Keys {
    /// Returns the value of a key, unless it is not there or cannot be read.
    fn setting(&mut self, key: &'static str) -> Option<Value>;

    /// Returns the tensor under a key, unless it is not there or cannot be read. The loader reports
    /// what cannot be read.
    fn tensor(&mut self, key: &'static str) -> Option<Tensor>;

    /// Makes the tensor under a key, where it is there, a parameter of the layer.
    fn parameter(&mut self, key: &'static str);

    /// Whether the key is there.
    fn has(&self, key: &'static str) -> bool;

    /// Reports a key whose value will not do, or that is missing.
    fn report(&mut self, key: &'static str, error: KeyError);
}

/// What is wrong with the value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// The key is needed and is not there.
    Missing,
    /// The value is not what the key takes: what it must be, as in "must be an integer of at least
    /// 1".
    Unfit(String),
    /// The value is not one of the names that the key takes.
    Unknown(&'static [&'static str]),
}

/// A setting's type: how it is read from a key's value.
pub trait Setting: Sized {
    /// Returns the setting, or what the value would have to be.
    fn read(value: &Value) -> Result<Self, KeyError>;

    /// What values [`Setting::read`] takes.
    fn form() -> Form;
}

/// What values a key takes, as far as that can be said of the key alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A tensor.
    Tensor,
    /// True or false.
    Flag,
    /// Any number.
    Number,
    /// A whole number in a range, whose ends are those of `i64` where there is no bound.
    Whole(RangeInclusive<i64>),
    /// One of these names.
    Name(&'static [&'static str]),
    /// A list of values of one form, its length in a range.
    List(Box<Form>, RangeInclusive<usize>),
    /// One form or the other.
    Either(Box<Form>, Box<Form>),
}

impl Form {
    /// A whole number of at least `least`.
    pub(super) fn at_least(least: i64) -> Self {
        Self::Whole(least..=i64::MAX)
    }

    /// Any whole number.
    pub(super) fn whole() -> Self {
        Self::Whole(i64::MIN..=i64::MAX)
    }

    /// One value of this form for each of `axes` axes, or one for all of them.
    pub(super) fn per_axis(self, axes: usize) -> Self {
        self.clone().or(self.list(axes..=axes))
    }

    /// A list of values of this form.
    pub(super) fn list(self, length: RangeInclusive<usize>) -> Self {
        Self::List(Box::new(self), length)
    }

    /// This form or another.
    pub(super) fn or(self, other: Self) -> Self {
        Self::Either(Box::new(self), Box::new(other))
    }
}

/// A key that an op has asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The key.
    pub key: &'static str,
    /// What it takes.
    pub form: Form,
    /// Whether the op cannot do without it.
    pub is_required: bool,
    /// What the file gives it, unless that is nothing, or a parameter, which is a tensor of the
    /// network.
    pub given: Option<Given>,
}

/// What a file gives a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A setting as it stands in the file.
    Setting(Value),
    /// A constant tensor.
    Constant(Tensor),
}

/// Reads the keys of a layer one by one. It remembers what was asked for, so that whatever is left
/// over is unknown.
///
/// A key that is missing or wrong is reported and stands in with a harmless value, so that one pass
/// reports every problem of a layer.
pub struct Reader<'a> {
    keys: &'a mut dyn Keys,
    asked: Vec<Asked>,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub fn new(keys: &'a mut dyn Keys) -> Self {
        Self {
            keys,
            asked: Vec::new(),
        }
    }

    /// The keys that were asked for, in their order.
    pub fn asked(self) -> Vec<Asked> {
        self.asked
    }

    /// Returns a setting, or its default where the key is left out.
    pub(super) fn or<T: Setting>(&mut self, key: &'static str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    /// Returns a setting that has no default.
    pub(super) fn optional<T: Setting>(&mut self, key: &'static str) -> Option<T> {
        self.optional_by(key, T::form(), T::read)
    }

    /// Returns a setting that must be given.
    pub(super) fn required<T: Setting>(&mut self, key: &'static str, stand_in: T) -> T {
        self.required_by(key, stand_in, T::form(), T::read)
    }

    /// Returns a setting that the caller knows how to read.
    pub(super) fn optional_by<T>(
        &mut self,
        key: &'static str,
        form: Form,
        read: impl FnOnce(&Value) -> Result<T, KeyError>,
    ) -> Option<T> {
        let value = self.keys.setting(key);
        self.asked.push(Asked {
            key,
            form,
            is_required: false,
            given: value.clone().map(Given::Setting),
        });
        read(&value?)
            .map_err(|error| self.keys.report(key, error))
            .ok()
    }

    /// Returns a setting that must be given and that the caller knows how to read.
    pub(super) fn required_by<T>(
        &mut self,
        key: &'static str,
        stand_in: T,
        form: Form,
        read: impl FnOnce(&Value) -> Result<T, KeyError>,
    ) -> T {
        let setting = self.optional_by(key, form, read);
        self.require();
        setting.unwrap_or(stand_in)
    }

    /// Returns a constant tensor.
    pub(super) fn tensor(&mut self, key: &'static str) -> Option<Tensor> {
        let tensor = self.keys.tensor(key);
        let given = tensor.clone().map(Given::Constant);
        self.asked.push(Asked {
            key,
            form: Form::Tensor,
            is_required: false,
            given,
        });
        tensor
    }

    /// Returns a constant tensor that must be given.
    pub(super) fn required_tensor(&mut self, key: &'static str) -> Tensor {
        let tensor = self.tensor(key);
        self.require();
        tensor.unwrap_or_else(|| Tensor::scalar(0.0))
    }

    /// Declares that the layer's `weight` or `bias` is a parameter, where it is given.
    pub(super) fn parameter(&mut self, key: &'static str) {
        self.asked.push(Asked {
            key,
            form: Form::Tensor,
            is_required: false,
            given: None,
        });
        self.keys.parameter(key);
    }

    /// Declares a parameter that must be given.
    pub(super) fn required_parameter(&mut self, key: &'static str) {
        self.parameter(key);
        self.require();
    }

    /// Makes the key that was asked for last one that must be there.
    fn require(&mut self) {
        let Some(asked) = self.asked.last_mut() else {
            return;
        };
        asked.is_required = true;
        if !self.keys.has(asked.key) {
            self.keys.report(asked.key, KeyError::Missing);
        }
    }

    /// Reports a value that read well and is not allowed all the same.
    pub(super) fn refuse(&mut self, key: &'static str, must: impl Into<String>) {
        self.keys.report(key, KeyError::Unfit(must.into()));
    }
}

/// Reads a whole number of at least `least`.
pub(super) fn count(value: &Value, least: usize) -> Result<usize, KeyError> {
    value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .filter(|&number| number >= least)
        .ok_or_else(|| KeyError::Unfit(format!("must be a whole number of at least {least}")))
}

/// Reads one whole number of at least `least` for each of `axes` axes: a number for all of them, or
/// a list.
pub(super) fn counts(value: &Value, axes: usize, least: usize) -> Result<Vec<usize>, KeyError> {
    let wrong = || {
        KeyError::Unfit(match axes {
            1 => format!("must be a whole number of at least {least}"),
            _ => format!("must be a whole number of at least {least}, or a list of {axes} of them"),
        })
    };
    match value {
        Value::Array(list) if list.len() == axes => list
            .iter()
            .map(|one| count(one, least).map_err(|_| wrong()))
            .collect(),
        Value::Number(_) => Ok(vec![count(value, least).map_err(|_| wrong())?; axes]),
        _ => Err(wrong()),
    }
}

impl Setting for bool {
    fn read(value: &Value) -> Result<Self, KeyError> {
        value
            .as_bool()
            .ok_or_else(|| KeyError::Unfit("must be true or false".to_owned()))
    }

    fn form() -> Form {
        Form::Flag
    }
}

impl Setting for f64 {
    fn read(value: &Value) -> Result<Self, KeyError> {
        value
            .as_f64()
            .ok_or_else(|| KeyError::Unfit("must be a number".to_owned()))
    }

    fn form() -> Form {
        Form::Number
    }
}

impl Setting for i64 {
    fn read(value: &Value) -> Result<Self, KeyError> {
        value
            .as_i64()
            .ok_or_else(|| KeyError::Unfit("must be a whole number".to_owned()))
    }

    fn form() -> Form {
        Form::whole()
    }
}

/// One or several axes, negative ones counted from the last.
impl Setting for Vec<i64> {
    fn read(value: &Value) -> Result<Self, KeyError> {
        let wrong =
            || KeyError::Unfit("must be a whole number or a list of whole numbers".to_owned());
        match value {
            Value::Array(list) => list
                .iter()
                .map(|one| one.as_i64().ok_or_else(wrong))
                .collect(),
            _ => Ok(vec![value.as_i64().ok_or_else(wrong)?]),
        }
    }

    fn form() -> Form {
        Form::whole().or(Form::whole().list(0..=usize::MAX))
    }
}

/// Declares how an enum's variants are named in a file.
macro_rules! named_setting {
    ($type:ty { $($name:literal => $variant:expr),+ $(,)? }) => {
        impl $crate::ops::keys::Setting for $type {
            fn read(value: &serde_json::Value) -> Result<Self, $crate::ops::keys::KeyError> {
                match value.as_str() {
                    $(Some($name) => Ok($variant),)+
                    _ => Err($crate::ops::keys::KeyError::Unknown(&[$($name),+])),
                }
            }

            fn form() -> $crate::ops::keys::Form {
                $crate::ops::keys::Form::Name(&[$($name),+])
            }
        }
    };
}
pub(super) use named_setting;

named_setting!(super::Ties {
    "first" => super::Ties::First,
    "split" => super::Ties::Split,
    "all" => super::Ties::All,
});
