//! What an answer says of itself: from whom it is, and for which exercise.

/// What an answer says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Who has written it.
    pub student: Option<String>,
    /// SHA-256 of the scenario that it is an answer to, in hex.
    pub exercise: Option<String>,
}
