use crate::diagnostic::Diagnostic;

/// Why something of a model cannot be imported. It goes on after the name of what it is about:
/// "`Conv` (node `c1`) has 3 ...".
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    says: String,
    hint: Option<String>,
}

impl Refusal {
    /// A refusal that begins with a verb.
    pub(super) fn new(says: impl Into<String>) -> Self {
        Self {
            says: says.into(),
            hint: None,
        }
    }

    /// The refusal with advice.
    #[must_use]
    pub(super) fn hinted(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Returns the refusal with what it is about.
    pub(super) fn about(self, whom: &str) -> Diagnostic {
        Diagnostic {
            hint: self.hint,
            ..Diagnostic::new(format!("{whom} {}", self.says))
        }
    }
}
