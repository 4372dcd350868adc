//! What is wrong with a setting.

use crate::diagnostic::list;

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
    pub(in crate::ops) fn unfit(key: &'static str, must: impl Into<String>) -> Self {
        Self {
            key,
            fault: Fault::Unfit(must.into()),
        }
    }

    /// A setting that is needed and not there.
    pub(in crate::ops) fn missing(key: &'static str) -> Self {
        Self {
            key,
            fault: Fault::Missing,
        }
    }
}
