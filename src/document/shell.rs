//! What every page for a browser has around its body, in `shell.html`.

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

/// A page's head, and its script: all that a browser may take from it, and it may take nothing from
/// elsewhere.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The title, which a template escapes.
    pub title: String,
    /// The style.
    pub style: &'static str,
    /// The script, where the page has one.
    pub script: Option<&'static str>,
}

impl Shell {
    /// The Content-Security-Policy that allows this style and this script, known by their hashes,
    /// and forbids everything else.
    pub fn policy(&self) -> String {
        let hash =
            |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
        let script = self
            .script
            .map_or(Cow::Borrowed("'none'"), |script| hash(script).into());
        let style = hash(self.style);
        format!(
            "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; \
             form-action 'none'"
        )
    }
}
