//! How the map is looked at.

use crate::tensor::Element;

/// What of the map is in view, and what is pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::tui) struct Look {
    /// How many pages further than the one of interest the downstream tensor is shown.
    pub(in crate::tui) page: isize,
    /// The neuron under the mouse.
    pub(in crate::tui) pointed: Option<Element>,
}
