//! The settings of an op. They are declared once, with [`settings!`]; from there they are read,
//! written, checked and described.

mod declare;
mod domain;
mod types;

pub(super) use declare::settings;
pub use domain::{Bound, Domain, Interval, Length};
pub(super) use types::named;
pub use types::{SettingType, Sides};

use super::value::Value;
use crate::diagnostic::list;

/// One setting of an op.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The key that it has in a file.
    pub key: &'static str,
    /// What it is for, in a line.
    pub doc: &'static str,
    /// What values it takes.
    pub domain: Domain,
    /// What it is where it is left out.
    pub default: DefaultValue,
}

/// What a setting is where it is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// It cannot be left out.
    Required,
    /// Nothing, which no value says.
    Nothing,
    /// This value.
    Value(Value),
}

/// What is wrong with one setting of an op.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{key}` {fault}")]
pub struct SettingError {
    /// The setting's key.
    pub key: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a setting, as the end of a sentence that begins with its key.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is needed and is not there.
    #[error("is missing")]
    Missing,
    /// It is not what the setting takes: what it must be, as in "must be a whole number".
    #[error("{0}")]
    Unfit(String),
    /// It is not one of the names that the setting takes.
    #[error("must be {}", list(.0, "or"))]
    Unknown(&'static [&'static str]),
}

impl SettingError {
    /// A value that reads well and is not allowed all the same.
    pub(super) fn unfit(key: &'static str, must: impl Into<String>) -> Self {
        Self {
            key,
            fault: Fault::Unfit(must.into()),
        }
    }

    /// A setting that is needed and not there.
    pub(super) fn missing(key: &'static str) -> Self {
        Self {
            key,
            fault: Fault::Missing,
        }
    }
}

/// Reads settings from what is given, and notes everything that is wrong with them.
#[derive(Debug)]
pub struct Reader {
    given: Vec<(&'static str, Value)>,
    errors: Vec<SettingError>,
}

impl Reader {
    pub(super) fn new(given: Vec<(&'static str, Value)>) -> Self {
        let errors = Vec::new();
        Self { given, errors }
    }

    /// Everything that is wrong.
    pub(super) fn errors(self) -> Vec<SettingError> {
        self.errors
    }

    /// Notes what is wrong with a setting, unless something has been said of it before.
    pub(super) fn refuse(&mut self, error: SettingError) {
        if self.errors.iter().all(|known| known.key != error.key) {
            self.errors.push(error);
        }
    }

    /// Reads a setting that must be there.
    pub(super) fn required<T: SettingType>(
        &mut self,
        key: &'static str,
        domain: Domain,
    ) -> Option<T> {
        if self.given.iter().all(|(given, _)| *given != key) {
            self.refuse(SettingError::missing(key));
        }
        self.value(key, domain)
    }

    /// Reads a setting that has a default. The default stands in for a value that will not do.
    pub(super) fn optional<T: SettingType>(
        &mut self,
        key: &'static str,
        domain: Domain,
        default: T,
    ) -> T {
        self.value(key, domain).unwrap_or(default)
    }

    fn value<T: SettingType>(&mut self, key: &'static str, domain: Domain) -> Option<T> {
        let place = self.given.iter().position(|(given, _)| *given == key)?;
        let (_, value) = self.given.swap_remove(place);
        let fault = domain.fault(&value);
        let read = domain
            .accepts(&value)
            .then(|| T::from_value(value))
            .flatten();
        if read.is_none() {
            self.refuse(SettingError { key, fault });
        }
        read
    }
}
