//! The rule for a maximum that several share.

use super::settings::named;

/// Who gets the gradient when several neurons of a pooling window share the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// The first in row-major order.
    #[default]
    First,
    /// Each an even share.
    Split,
    /// Each all of it.
    All,
}

named!(Ties {
    "first" => Ties::First,
    "split" => Ties::Split,
    "all" => Ties::All,
});
