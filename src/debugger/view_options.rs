/// What the cells of the map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Values, with the gradients below them.
    #[default]
    Both,
    /// Values alone.
    Values,
    /// Gradients alone.
    Gradients,
    /// The sign of each gradient, and a shade for its size.
    Heat,
    /// The true gradients, with those of the loaded answer below them.
    Compared,
}

impl View {
    /// The view that a key shows after this one; only with an answer there is something to compare.
    #[must_use]
    pub fn next(self, has_answer: bool) -> Self {
        match self {
            Self::Both => Self::Values,
            Self::Values => Self::Gradients,
            Self::Gradients => Self::Heat,
            Self::Heat if has_answer => Self::Compared,
            Self::Heat | Self::Compared => Self::Both,
        }
    }
}

/// The order in which terms are shown. They are added in the order of their list, whatever is
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As they are listed and added while there is room for all, else the largest first, and zeros
    /// together.
    #[default]
    Fitting,
    /// The largest first, whatever its sign, each with a row.
    Size,
    /// As they are listed and added.
    Listing,
}

impl Order {
    /// The order that a key shows after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Fitting => Self::Size,
            Self::Size => Self::Listing,
            Self::Listing => Self::Fitting,
        }
    }
}

/// How a session is looked at, which changes nothing of what it computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewOptions {
    /// What the cells of the map show.
    pub view: View,
    /// How the terms are sorted.
    pub order: Order,
}
