//! Where the bytes of a tensor file come from.

use crate::scenario::files::ReadSeek;

/// A reader of whatever kind, so that what reads from it is compiled once.
pub(super) type Source<'a> = Box<dyn ReadSeek + 'a>;
