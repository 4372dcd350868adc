//! A page of the documentation and its parts.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

/// A Markdown file.
pub(super) struct Page {
    /// Its path in the repository.
    pub(super) name: String,
    pub(super) text: String,
}

/// A fenced block of a page.
pub(super) struct Block {
    /// What stands behind the opening fence.
    pub(super) info: String,
    /// Where its lines are.
    pub(super) body: Range<usize>,
}

impl Page {
    pub(super) fn read(name: &str) -> Self {
        let text = fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name: name.to_owned(),
            text,
        }
    }

    /// Its name without folder and ending.
    pub(super) fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or_default();
        file.trim_end_matches(".md")
    }

    pub(super) fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES).into_offset_iter()
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let fenced = self.events().filter_map(|(event, range)| match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => Some((info, range)),
            _ => None,
        });
        fenced
            .map(|(info, range)| {
                let whole = self.text[range.clone()].trim_end();
                let first = whole.find('\n').unwrap() + 1;
                let last = whole.rfind('\n').unwrap() + 1;
                Block {
                    info: info.to_string(),
                    body: range.start + first..range.start + last.max(first),
                }
            })
            .collect()
    }

    /// The number of the line that a byte is in.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// Writes the page with these parts in the place of what is there.
    pub(super) fn rewrite(mut self, mut parts: Vec<(Range<usize>, String)>) {
        parts.sort_by_key(|(range, _)| range.start);
        for (range, made) in parts.into_iter().rev() {
            self.text.replace_range(range, &made);
        }
        fs::write(path(&self.name), self.text).unwrap();
    }
}

impl Block {
    /// The value of `KEY=value` behind the opening fence.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.info
            .split_whitespace()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

/// Where a file of the repository is.
pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
