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
    /// As they are listed and added.
    #[default]
    Listing,
    /// The largest first, whatever its sign.
    Size,
}

impl Order {
    /// The other order.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Listing => Self::Size,
            Self::Size => Self::Listing,
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
