//! An error with its place in the source and a hint, and how names and texts of strangers are
//! shown.

mod foreign;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use foreign::{Foreign, Sort};

use crate::text::shortened;

/// What is wrong, where, and what to do about it. A file's problems come all at once: the first,
/// and `more` of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong: lower case, no final full stop, names in backticks.
    pub message: String,
    /// Where it is wrong.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Further problems of the same file.
    pub more: Vec<Diagnostic>,
}

/// A place in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes of it that are meant.
    pub span: Range<usize>,
    /// A few words for the place itself.
    pub label: Option<String>,
}

/// A file's name and text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The name as the user gave it.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// The line and the column of a byte, both counted from 1, the column in characters.
    pub fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

impl Diagnostic {
    /// A problem without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            hint: None,
            more: Vec::new(),
        }
    }

    /// The problem with its place.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Range<usize>) -> Self {
        self.place = Some(Place {
            source: Arc::clone(source),
            span,
            label: None,
        });
        self
    }

    /// The problem with a few words for its place.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        if let Some(place) = &mut self.place {
            place.label = Some(label.into());
        }
        self
    }

    /// The problem with advice.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns several problems as one, or nothing where there is none.
    pub fn all(problems: impl IntoIterator<Item = Diagnostic>) -> Option<Self> {
        let mut problems = problems.into_iter();
        let mut first = problems.next()?;
        first.more.extend(problems);
        Some(first)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.message))
    }
}

impl std::error::Error for Diagnostic {}

/// The longest piece of a stranger's text that a message repeats, in columns.
const LONGEST_QUOTE: usize = 60;

/// Returns a stranger's word in backticks, made visible, and cut where it is long.
pub fn quote(text: &str) -> String {
    format!("`{}`", shortened(&visible(text), LONGEST_QUOTE))
}

/// Whether a character may not be sent to a terminal: it controls it, turns the direction of the
/// text round, or is seen by nobody, so that two texts look the same which are not.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns a stranger's text with every [hidden](is_hidden) character written as an escape. A
/// newline or a tab is kept as a space.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            plain => shown.push(plain),
        }
    }
    Cow::Owned(shown)
}

/// Returns the candidate that a mistyped name was most likely meant to be.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A stranger's name can be long; what is that long is no slip of the finger, and comparing it
    // would take time.
    if name.len() > 4 * LONGEST_QUOTE {
        return None;
    }
    let lower = name.to_lowercase();
    let rate = |candidate: &str| n_slips(&lower, &candidate.to_lowercase());
    candidates
        .into_iter()
        .filter_map(|candidate| Some((rate(candidate)?, candidate)))
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, name)| name)
}

/// How many slips of the finger are between two names; nothing where these are too many. What
/// stands between the points of a module's name are names of their own: `fc.bias` is not `_0.bias`.
fn n_slips(name: &str, other: &str) -> Option<usize> {
    if name.split('.').count() == other.split('.').count() && name.contains('.') {
        let parts = name.split('.').zip(other.split('.'));
        return parts.map(|(part, other)| n_slips(part, other)).sum();
    }
    let [length, other_length] = [name, other].map(|name| name.chars().count());
    let longest = length.max(other_length);
    // What shares no letter with a name is no slip of the finger, however short it is.
    let most = longest.div_ceil(3).min(longest.saturating_sub(1));
    if length.abs_diff(other_length) > most {
        return None;
    }
    let slips = strsim::damerau_levenshtein(name, other);
    (slips <= most).then_some(slips)
}

/// Returns the hint that asks for what a mistyped name was most likely meant to be.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|meant| format!("did you mean {}?", quote(meant)))
}

/// Returns words as a list in a sentence: "a, b or c".
pub fn list<T: fmt::Display>(items: &[T], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., end] => {
            let first: Vec<String> = first.iter().map(T::to_string).collect();
            format!("{} {last} {end}", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hidden_character_stays_hidden() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\nd"),
            "a\\u{1b}[31mb\\u{202e}c d"
        );
        assert_eq!(
            visible("re\u{ad}l\u{200b}u\u{2060}\u{feff}\u{e0041}"),
            "re\\u{ad}l\\u{200b}u\\u{2060}\\u{feff}\\u{e0041}"
        );
        // A joiner makes one sign of several, and is seen in what it makes.
        assert_eq!(visible("größe 数 👩\u{200d}🏫"), "größe 数 👩\u{200d}🏫");
        assert_eq!(quote(&"z".repeat(100)), format!("`{}…`", "z".repeat(59)));
    }

    #[test]
    fn slips_are_understood() {
        let ops = [
            "max_pool2d",
            "max_pool1d",
            "linear",
            "conv2d",
            "cross_entropy",
        ];
        assert_eq!(nearest("max_pool2", ops), Some("max_pool2d"));
        assert_eq!(nearest("Linear", ops), Some("linear"));
        assert_eq!(nearest("cross_entrpy", ops), Some("cross_entropy"));
        assert_eq!(nearest("quantum_pool", ops), None);
        assert_eq!(nearest("", ops), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("fc.bias", ["_0.bias", "fc.weight"]), None);
        assert_eq!(nearest("2.weight", ["0.weight"]), None);
        assert_eq!(nearest("fc1.wieght", ["fc1.weight"]), Some("fc1.weight"));
        assert_eq!(
            did_you_mean("liner", ops),
            Some("did you mean `linear`?".to_owned())
        );
    }

    #[test]
    fn columns_count_characters() {
        let source = Source {
            name: String::new(),
            text: "é\nöa".to_owned(),
        };
        assert_eq!(source.line_and_column(0), (1, 1));
        assert_eq!(source.line_and_column(5), (2, 2));
    }
}
