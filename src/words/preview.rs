//! What an element would get under each slip of the catalogue, in words.

use super::cause::{Disclosure, followed, rule};
use super::page::without_markup;
use crate::diagnostic::list;
use crate::marking::{Preview, WrongWay};
use crate::tape::Network;
use crate::tensor::numerals::number;
use crate::text::wrapped;

/// What stands above the slips that would give another number.
pub const WHOEVER: &str = "Whoever gets another number may have slipped like this:";
/// What stands above the slips that do not show.
pub const INVISIBLE: &str = "Invisible here, because these slips give the right number too:";

/// Returns how a slip gives its number: a clause that fits after "who".
pub fn way(network: &Network, way: &WrongWay) -> String {
    followed(network, &way.followed, Disclosure::All)
}

/// Returns ` (elsewhere 6.5 or 15)`, where a slip gives other numbers in other forms.
pub fn elsewhere(way: &WrongWay) -> String {
    let numbers: Vec<String> = way.elsewhere.iter().copied().map(number).collect();
    if numbers.is_empty() {
        String::new()
    } else {
        format!(" (elsewhere {})", list(&numbers, "or"))
    }
}

/// Returns what is done in the slips that do not show: clauses that fit after "who".
pub fn invisible(network: &Network, preview: &Preview) -> Vec<String> {
    let choices = preview.invisible.iter();
    choices
        .map(|&choice| rule(network, choice, Disclosure::All))
        .collect()
}

/// Returns a preview as plain text, its lines wrapped to a width.
pub fn preview_text(network: &Network, preview: &Preview, width: usize) -> String {
    page(network, preview, "  ", "    ", &|paragraph| {
        wrapped(paragraph, width.saturating_sub(4))
    })
}

/// Returns a preview as Markdown.
pub fn preview_markdown(network: &Network, preview: &Preview) -> String {
    page(network, preview, "- ", "  ", &|paragraph| {
        vec![without_markup(paragraph)]
    })
}

fn page(
    network: &Network,
    preview: &Preview,
    first: &str,
    further: &str,
    lines: &dyn Fn(&str) -> Vec<String>,
) -> String {
    let told = |wrong: &WrongWay| {
        let (number, elsewhere) = (number(wrong.number), elsewhere(wrong));
        format!("{number}: {}{elsewhere}", way(network, wrong))
    };
    let parts: [(&str, Vec<String>); 2] = [
        (WHOEVER, preview.wrong.iter().map(told).collect()),
        (INVISIBLE, invisible(network, preview)),
    ];
    let mut page = String::new();
    for (head, items) in parts.iter().filter(|(_, items)| !items.is_empty()) {
        page += if page.is_empty() { "" } else { "\n" };
        page += &format!("{head}\n\n");
        for item in items {
            page += &format!("{first}{}\n", lines(item).join(&format!("\n{further}")));
        }
    }
    page
}
