//! The templates of every kind, in one list.

use super::{Template, convolution, dense, pooling, training};

/// All templates.
pub fn templates() -> impl Iterator<Item = &'static Template> {
    pooling::TEMPLATES
        .iter()
        .chain(convolution::TEMPLATES)
        .chain(dense::TEMPLATES)
        .chain(training::TEMPLATES)
}

/// Returns the template of that name.
pub fn template(name: &str) -> Option<&'static Template> {
    templates().find(|template| template.name == name)
}
