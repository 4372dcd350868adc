//! Pages for students, one file a format.

mod html;
mod markdown;
mod page;
mod secrets;

use page::Page;

pub use page::Reveal;

use crate::marking::{MarkScheme, Marked};

/// A format that pages for students are written in.
#[derive(Debug)]
pub struct Feedback {
    /// Its name on the command line, and how its files end.
    pub name: &'static str,
    /// Returns the page of a submission.
    pub page: fn(&MarkScheme, &Marked, Reveal) -> String,
    /// Returns the page of a file that cannot be read, which says why.
    pub unread: fn(&Marked) -> String,
}

/// All formats; the first is the one that is taken where nothing says otherwise.
pub const FEEDBACK: &[Feedback] = &[
    Feedback {
        name: "md",
        page: |scheme, marked, reveal| markdown::page(&Page::of(scheme, marked, reveal)),
        unread: |marked| markdown::page(&Page::unread(marked)),
    },
    Feedback {
        name: "html",
        page: |scheme, marked, reveal| html::page(&Page::of(scheme, marked, reveal)),
        unread: |marked| html::page(&Page::unread(marked)),
    },
];
