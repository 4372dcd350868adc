//! The settings of an op. They are declared once, with [`settings!`]; from there they are read,
//! written, checked and described.

mod declare;
mod domain;
mod error;
mod types;

pub(super) use declare::settings;
pub use domain::{Bound, Domain, Interval, Length};
pub use error::{Fault, SettingError};
pub(super) use types::named;
pub use types::{SettingType, Sides};

use super::value::Value;

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
