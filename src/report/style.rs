//! The look of all pages for a browser.

/// The look of all pages for a browser.
pub(super) const STYLE: &str = include_str!("page.css");
