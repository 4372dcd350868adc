//! The settings of an op. They are declared once, with [`settings!`]; from there they are read,
//! written, checked and described.

mod domain;
mod types;

use std::fmt;

pub use domain::{Bound, Domain, Interval, Length};
pub(super) use types::named;
pub use types::{SettingType, Sides};

use super::descriptor::Descriptor;
use super::value::Value;
use crate::diagnostic::list;

/// The settings of an op, whichever op it is. [`settings!`] implements this.
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

/// Declares the settings of an op: for each its type and its default, what it is for in a line of
/// doc, and after `=>` what values it takes, where its type does not say so. Those that have no
/// default stand first, as `required`.
macro_rules! settings {
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident;
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        impl $name {
            /// What the op computes, in a line.
            pub(in crate::ops) const ABOUT: &'static str = $about.trim_ascii();
        }

        impl $crate::ops::Settings for $name {
            fn descriptor(&self) -> &'static $crate::ops::Descriptor {
                <Self as $crate::ops::Described>::DESCRIPTOR
            }

            fn given(&self) -> Vec<(&'static str, $crate::ops::Value)> {
                Vec::new()
            }

            fn all() -> Vec<$crate::ops::Setting> {
                Vec::new()
            }

            fn read(_: &mut $crate::ops::settings::Reader) -> Option<Self> {
                Some(Self)
            }
        }
    };
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident $(<const $param:ident: $param_type:ty>)? {
            required {
                $(#[doc = $required_doc:literal]
                $required:ident: $required_type:ty $(=> $required_domain:expr)?,)+
            }
            $(#[doc = $doc:literal] $key:ident: $type:ty = $default:expr $(=> $domain:expr)?,)*
        }
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name $(<const $param: $param_type>)? {
            $(#[doc = $required_doc] pub $required: $required_type,)+
            $(#[doc = $doc] pub $key: $type,)*
        }

        impl $(<const $param: $param_type>)? $name $(<$param>)? {
            /// The settings with what has no default; the others have theirs.
            pub fn new($($required: $required_type),+) -> Self {
                Self { $($required,)+ $($key: $default,)* }
            }
        }

        $crate::ops::settings::settings! { @settings
            $name $(<const $param: $param_type>)?, $about,
            { $($required_doc, $required: $required_type $(=> $required_domain)?;)+ }
            { $($doc, $key: $type = $default $(=> $domain)?;)* }
        }
    };
    (
        #[doc = $about:literal]
        $(#[$meta:meta])*
        pub struct $name:ident $(<const $param:ident: $param_type:ty>)? {
            $(#[doc = $doc:literal] $key:ident: $type:ty = $default:expr $(=> $domain:expr)?,)*
        }
    ) => {
        #[doc = $about]
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name $(<const $param: $param_type>)? {
            $(#[doc = $doc] pub $key: $type,)*
        }

        impl $(<const $param: $param_type>)? ::std::default::Default for $name $(<$param>)? {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        $crate::ops::settings::settings! { @settings
            $name $(<const $param: $param_type>)?, $about, {} { $($doc, $key: $type = $default $(=> $domain)?;)* }
        }
    };
    (@settings $name:ident $(<const $param:ident: $param_type:ty>)?, $about:literal,
        { $($required_doc:literal,
            $required:ident: $required_type:ty $(=> $required_domain:expr)?;)* }
        { $($doc:literal, $key:ident: $type:ty = $default:expr $(=> $domain:expr)?;)* }
    ) => {
        impl $(<const $param: $param_type>)? $name $(<$param>)? {
            /// What the op computes, in a line.
            pub(in crate::ops) const ABOUT: &'static str = $about.trim_ascii();
        }

        impl $(<const $param: $param_type>)? $crate::ops::Settings for $name $(<$param>)? {
            fn descriptor(&self) -> &'static $crate::ops::Descriptor {
                <Self as $crate::ops::Described>::DESCRIPTOR
            }

            fn given(&self) -> Vec<(&'static str, $crate::ops::Value)> {
                let mut given = Vec::new();
                $(given.extend(
                    $crate::ops::SettingType::to_value(&self.$required)
                        .map(|value| (stringify!($required), value)),
                );)*
                $({
                    let default: $type = $default;
                    let value = (self.$key != default)
                        .then(|| $crate::ops::SettingType::to_value(&self.$key))
                        .flatten();
                    given.extend(value.map(|value| (stringify!($key), value)));
                })*
                given
            }

            fn all() -> Vec<$crate::ops::Setting> {
                vec![
                    $($crate::ops::Setting {
                        key: stringify!($required),
                        doc: $required_doc.trim_ascii(),
                        domain: $crate::ops::settings::settings!(
                            @domain $required_type $(=> $required_domain)?
                        ),
                        default: $crate::ops::DefaultValue::Required,
                    },)*
                    $($crate::ops::Setting {
                        key: stringify!($key),
                        doc: $doc.trim_ascii(),
                        domain: $crate::ops::settings::settings!(@domain $type $(=> $domain)?),
                        default: <$type as $crate::ops::SettingType>::to_value(&$default)
                            .map_or($crate::ops::DefaultValue::Nothing, $crate::ops::DefaultValue::Value),
                    },)*
                ]
            }

            fn read(reader: &mut $crate::ops::settings::Reader) -> Option<Self> {
                $(let $required = reader.required::<$required_type>(
                    stringify!($required),
                    $crate::ops::settings::settings!(
                        @domain $required_type $(=> $required_domain)?
                    ),
                );)*
                $(let $key = reader.optional::<$type>(
                    stringify!($key),
                    $crate::ops::settings::settings!(@domain $type $(=> $domain)?),
                    $default,
                );)*
                Some(Self { $($required: $required?,)* $($key,)* })
            }
        }
    };
    (@domain $type:ty) => { <$type as $crate::ops::SettingType>::DOMAIN };
    (@domain $type:ty => $domain:expr) => { $domain };
}
pub(super) use settings;
