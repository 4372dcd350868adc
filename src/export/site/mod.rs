//! A web site of pages: each scenario's page to step through, and an index of them with a glossary.
//! It needs nothing but a folder: its pages name each other, and nothing else.

mod href;

use std::io::{self, Write};

use askama::Template;

use super::{Detail, Selection, Subject, Updates, html};
use crate::backprop::Backprop;
use crate::cancel::Cancel;
use crate::diagnostic::{Diagnostic, visible};
use crate::document::Shell;
use crate::gallery::Group;
use crate::scenario::Scenario;
use crate::text::shortened;
use crate::training::Training;
use crate::words::GLOSSARY;
use href::escaped;

/// The name of the index in the folder, without its ending.
pub const INDEX: &str = "index";
/// The most columns of what the index says of a scenario.
const LONGEST_LINE: usize = 300;
const STYLE: &str = include_str!("index.css");
const SCRIPT: &str = concat!("\n", include_str!("../../document/theme.js"));

/// Refuses a run that is too large for a page.
///
/// # Errors
/// What is too large.
pub fn check(subject: Subject<'_>) -> Result<(), Diagnostic> {
    html::check(subject, &everything())
}

/// Writes the page of a scenario, which leads back to the index. A scenario that trains has all
/// its updates there, as far as they fit; the first later one is returned with its run.
///
/// # Errors
/// Those of `out`; it was given up.
pub fn page(
    subject: Subject<'_>,
    training: Option<&mut Training>,
    cancel: &Cancel,
    out: &mut dyn Write,
) -> io::Result<Option<(usize, Backprop)>> {
    let Some(training) = training else {
        html::write_at(html::Place::InSite, subject, &everything(), out)?;
        return Ok(None);
    };
    let mut updates = Updates {
        updates: 1..=training.n_updates(),
        training,
        tensors: None,
        steps: 0..usize::MAX,
        cancel,
    };
    html::updates_at(html::Place::InSite, &mut updates, out)
}

fn everything() -> Selection {
    Selection {
        detail: Detail::default(),
        tensors: None,
        steps: 0..usize::MAX,
    }
}

/// What the index leads to.
#[derive(Debug, Default)]
pub struct Site {
    sections: Vec<Section>,
    /// By term of the glossary: where it is shown first.
    shown: Vec<Option<Example>>,
}

/// Scenarios under a heading.
#[derive(Debug)]
struct Section {
    group: Option<Group>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    href: String,
    title: String,
    about: String,
}

/// A step that shows a term.
#[derive(Debug, Clone)]
struct Example {
    href: String,
    address: String,
    title: String,
    /// Whether something goes wrong where it stands, so that another is better.
    is_of_fault: bool,
}

impl Site {
    /// Adds a scenario whose page has this name, without its ending, at the end of its group; those
    /// without one come first. `runs` are those that its page has, each with the number of its
    /// update where it is a later one: the first that shows a term of the glossary is its example.
    pub fn add(
        &mut self,
        name: &str,
        group: Option<Group>,
        scenario: &Scenario,
        runs: &[(Option<usize>, Backprop)],
    ) {
        let title = match &*scenario.title {
            "" => name,
            title => title,
        };
        let href = format!("{}.html", escaped(name));
        let title = visible(title).into_owned();
        for (update, backprop) in runs {
            let update = update.map_or(String::new(), |update| format!("&update={update}"));
            self.find_examples(backprop, |step, address| Example {
                href: format!("{href}#step={step}{update}"),
                address,
                title: title.clone(),
                is_of_fault: group == Some(Group::Faults),
            });
        }
        let first = scenario.description.lines().next().unwrap_or_default();
        let entry = Entry {
            href,
            title,
            about: sentence(&shortened(&visible(first), LONGEST_LINE)),
        };
        match self.sections.iter_mut().find(|one| one.group == group) {
            Some(section) => section.entries.push(entry),
            None => {
                self.sections.push(Section {
                    group,
                    entries: vec![entry],
                });
                self.sections.sort_by_key(|section| section.group);
            }
        }
    }

    /// Whether no scenario has been added.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Looks for steps that show terms of which there is no good example yet.
    fn find_examples(&mut self, backprop: &Backprop, example: impl Fn(usize, String) -> Example) {
        self.shown.resize(GLOSSARY.len(), None);
        let mut wanted: Vec<_> = GLOSSARY
            .iter()
            .zip(&mut self.shown)
            .filter(|(_, shown)| shown.as_ref().is_none_or(|known| known.is_of_fault))
            .collect();
        for (step, element) in backprop.steps().iter() {
            wanted.retain_mut(|(term, shown)| {
                let is_it = term.is_shown(backprop, element);
                if is_it {
                    let address = backprop.network().address(element).to_string();
                    let found = example(step + 1, address);
                    if shown.is_none() || !found.is_of_fault {
                        **shown = Some(found);
                    }
                }
                !is_it
            });
            if wanted.is_empty() {
                return;
            }
        }
    }

    /// Writes the index.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_index(&self, out: &mut dyn Write) -> io::Result<()> {
        let terms = GLOSSARY.iter().enumerate();
        Index {
            shell: Shell {
                title: "Backpropagation, one neuron at a time".to_owned(),
                style: STYLE,
                script: Some(SCRIPT),
            },
            sections: &self.sections,
            terms: terms
                .map(|(place, term)| Term {
                    name: term.name,
                    says: pieces(term.says),
                    more: pieces(term.more),
                    shown: self.shown.get(place).and_then(Option::as_ref),
                })
                .collect(),
        }
        .write_into(out)
    }
}

impl Section {
    fn heading(&self) -> &'static str {
        self.group.map_or("scenarios", Group::heading)
    }
}

#[derive(Template)]
#[template(path = "export/site/index.html")]
struct Index<'a> {
    shell: Shell,
    sections: &'a [Section],
    terms: Vec<Term<'a>>,
}

/// A term of the glossary.
struct Term<'a> {
    name: &'static str,
    says: Vec<(bool, &'static str)>,
    more: Vec<(bool, &'static str)>,
    shown: Option<&'a Example>,
}

/// The pieces of a text with names in backticks, each with whether it is such a name.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let pieces = text.split('`').enumerate();
    let pieces = pieces.map(|(place, piece)| (place % 2 == 1, piece));
    pieces.filter(|(_, piece)| !piece.is_empty()).collect()
}

/// A text with the full stop that it may lack.
fn sentence(text: &str) -> String {
    let is_open = text.ends_with(|last: char| !".!?…:".contains(last));
    format!("{text}{}", if is_open { "." } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery;
    use crate::scenario::{NoFiles, Options};

    fn index(site: &Site) -> String {
        let mut out = Vec::new();
        site.write_index(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn add(site: &mut Site, name: &str, group: Option<Group>, scenario: &Scenario) {
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        site.add(name, group, scenario, &[(None, backprop)]);
    }

    #[test]
    fn own_scenarios_come_first_and_groups_in_their_order() {
        let mut site = Site::default();
        for name in ["mazur", "ties", "the-question"] {
            let item = gallery::find(name).unwrap();
            let scenario = item.open(Options::default()).unwrap();
            add(&mut site, name, Some(item.group), &scenario);
        }
        let own = br#"{ "backstep": 1, "inputs": { "x": [1] },
            "layers": [{ "name": "y", "op": "relu" }] }"#;
        let own = Scenario::read("own.json", own, &NoFiles, Options::default()).unwrap();
        add(&mut site, "my own", None, &own);
        let page = index(&site);
        let places = ["scenarios", "easy", "medium", "published"]
            .map(|heading| page.find(&format!("<h2>{heading}")).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert!(page.contains("<a href=\"my%20own.html\">my own</a>"));
        let (_, glossary) = page.split_once("<section id=\"glossary\"").unwrap();
        let (glossary, _) = glossary.split_once("</section>").unwrap();
        assert!(!glossary.contains('`'), "names are marked up: {glossary}");
        assert!(page.contains("<code>pool</code> may be"));
        let about = page
            .split("<p>")
            .skip(1)
            .filter_map(|rest| rest.split_once("</p>"));
        for (about, _) in about {
            assert!(about.ends_with(['.', '…']), "{about}");
        }
    }

    #[test]
    fn a_term_leads_to_the_first_step_that_shows_it() {
        let mut site = Site::default();
        for name in ["the-question", "average-pool"] {
            let item = gallery::find(name).unwrap();
            let scenario = item.open(Options::default()).unwrap();
            add(&mut site, name, Some(item.group), &scenario);
        }
        let at = |name: &str| {
            let place = GLOSSARY.iter().position(|term| term.name == name).unwrap();
            site.shown[place].as_ref().map(|example| &*example.href)
        };
        assert_eq!(at("term"), Some("the-question.html#step=1"));
        assert_eq!(at("winner"), Some("the-question.html#step=22"));
        assert!(at("share").unwrap().starts_with("average-pool.html#step="));
        assert_eq!(at("momentum"), None);
    }

    #[test]
    fn a_strangers_text_is_only_text() {
        let text = r#"{ "backstep": 1, "title": "<script>alert(1)</script>\u202e",
            "description": "\"><img src=x onerror=alert(1)>\nmore",
            "inputs": { "x": [1] }, "layers": [{ "name": "y", "op": "relu" }] }"#;
        let scenario =
            Scenario::read("x.json", text.as_bytes(), &NoFiles, Options::default()).unwrap();
        let mut site = Site::default();
        add(&mut site, "\"><b>#?%é", None, &scenario);
        let page = index(&site);
        assert_eq!(page.matches("<script").count(), 1);
        for markup in ["<script>alert", "<img", "<b>", "\u{202e}", "more</p>"] {
            assert!(!page.contains(markup), "{markup}");
        }
        assert!(page.contains("href=\"%22%3E%3Cb%3E%23%3F%25%C3%A9.html\""));
    }
}
