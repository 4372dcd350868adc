//! A whole step as plain text and as Markdown: the table of its terms, the sum, and the words.

use unicode_width::UnicodeWidthStr;

use super::explanation::step;
use super::table::{Row, Table};
use super::update::{row_name, short_row_name, table_names};
use crate::backprop::Backprop;
use crate::diagnostic::visible;
use crate::tape::Kind;
use crate::tensor::{Element, rounded};
use crate::text::{padded, wrapped};

/// The most terms that a page lists.
pub const MOST_ROWS: usize = 40;
/// How many significant digits a number in a table has.
pub const DIGITS: usize = 6;
/// How many it has where there is little room.
const FEWER_DIGITS: usize = 4;

/// Returns a step as plain text, with a teacher's notes; words and notes are wrapped to a width.
pub fn text(backprop: &Backprop, element: Element, notes: &[&str], width: usize) -> String {
    let table = Table::new(backprop, element, MOST_ROWS);
    let mut page = heading(backprop, element);
    page.push_str("\n\n");
    if !table.rows.is_empty() || table.given.is_some() {
        for line in lines(backprop, element, &table, width) {
            page.push_str(line.trim_end());
            page.push('\n');
        }
        page.push('\n');
    }
    let words = step(backprop, element).to_string();
    let notes = notes.iter().map(|note| format!("Note: {}", visible(note)));
    let paragraphs: Vec<String> = std::iter::once(words)
        .chain(notes)
        .map(|words| wrapped(&words, width).join("\n"))
        .collect();
    page.push_str(&paragraphs.join("\n\n"));
    page.push('\n');
    page
}

/// Returns a step as Markdown: a table and a paragraph under a heading, and a teacher's notes as
/// quotations.
pub fn markdown(backprop: &Backprop, element: Element, notes: &[&str]) -> String {
    let table = Table::new(backprop, element, MOST_ROWS);
    let (upstream, result) = table_names(backprop, element);
    let mut page = format!("### {}\n\n", heading(backprop, element));
    let mut push = |cells: Vec<String>| page.push_str(&format!("| {} |\n", cells.join(" | ")));
    if !table.rows.is_empty() || table.given.is_some() {
        let n_factors = table.columns.len();
        let names = table.columns.iter().map(|kind| kind.name().to_owned());
        push(
            ["from".to_owned(), upstream.to_owned()]
                .into_iter()
                .chain(names)
                .chain(["term".to_owned()])
                .collect(),
        );
        push(
            std::iter::once("---".to_owned())
                .chain(vec!["---:".to_owned(); n_factors + 2])
                .collect(),
        );
        let digits = table.telling(DIGITS);
        let wide = |name: String, number: String| {
            let blank = vec![String::new(); n_factors + 1];
            std::iter::once(name)
                .chain(blank)
                .chain([number])
                .collect::<Vec<_>>()
        };
        if let Some(given) = table.given {
            push(wide("given".to_owned(), rounded(given, digits)));
        }
        for row in &table.rows {
            let from = format!("`{}`", row_name(backprop, element, row));
            let factors = row.factors.iter().map(|factor| {
                factor.map_or_else(String::new, |factor| rounded(factor.value, DIGITS))
            });
            let cells = [from, rounded(row.upstream, DIGITS)]
                .into_iter()
                .chain(factors);
            push(cells.chain([rounded(row.product, digits)]).collect());
        }
        if let Some(more) = table.more {
            let sum = rounded(more.sum, digits);
            push(wide(format!("and {} more", more.n), sum));
        }
        for (name, total) in table.totals(&quoted(&result), digits) {
            push(wide(format!("**{name}**"), total));
        }
        page.push('\n');
    }
    let story = step(backprop, element);
    let mut words = String::new();
    for (number, sentence) in story.sentences.iter().enumerate() {
        words.push_str(if number == 0 { "" } else { " " });
        for piece in &sentence.pieces {
            match piece {
                super::Piece::Text(text) => words.push_str(&text.replace('_', "\\_")),
                super::Piece::Element { address, .. } => words.push_str(&format!("`{address}`")),
            }
        }
    }
    page.push_str(&words);
    page.push('\n');
    for note in notes {
        page.push_str(&format!("\n> {}\n", without_markup(note)));
    }
    page
}

/// Sets the last word apart, which is an address: ``gradient of `pool[0,1]` ``.
fn quoted(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((before, address)) => format!("{before} `{address}`"),
        None => text.to_owned(),
    }
}

/// Returns a stranger's text in which nothing is Markdown or HTML.
pub fn without_markup(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text).chars() {
        if c.is_ascii_punctuation()
            && !matches!(
                c,
                '.' | ',' | ':' | ';' | '?' | '\'' | '"' | '(' | ')' | '/' | '%' | '='
            )
        {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Returns a neuron with its value and its step: `pool[1,0] = 2, step 3 of 20`.
pub fn heading(backprop: &Backprop, element: Element) -> String {
    let (network, tape) = (backprop.network(), backprop.tape());
    let address = network.address(element);
    let name = match network.tensor(element.tensor).kind {
        // What it becomes stands below, as the sum.
        Kind::Updated(_) => address.to_string(),
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => {
            format!("{address} = {}", rounded(tape.element(element), DIGITS))
        }
    };
    match backprop.steps().step_of(element) {
        Some(step) => format!("{name}, step {} of {}", step + 1, backprop.steps().len()),
        None => name,
    }
}

/// A column of numbers, aligned on the decimal point.
struct Column {
    cells: Vec<String>,
}

impl Column {
    fn new(title: &str, digits: usize, numbers: impl Iterator<Item = Option<f64>>) -> Self {
        let write = |number| rounded(number, digits);
        Self::of(
            title,
            numbers.map(|number| number.map_or_else(String::new, write)),
        )
    }

    fn of(title: &str, texts: impl Iterator<Item = String>) -> Self {
        let texts: Vec<String> = texts.collect();
        let whole = |text: &str| {
            text.find(['.', 'e'])
                .map_or(text.width(), |point| text[..point].width())
        };
        let left = texts.iter().map(|text| whole(text)).max().unwrap_or(0);
        let aligned: Vec<String> = texts
            .iter()
            .map(|text| format!("{}{text}", " ".repeat(left - whole(text))))
            .collect();
        let width = aligned
            .iter()
            .map(|text| text.width())
            .chain([title.width()])
            .max()
            .unwrap_or(0);
        let body = aligned.iter().map(|text| text.width()).max().unwrap_or(0);
        let mut cells = vec![format!("{}{title}", " ".repeat(width - title.width()))];
        cells.extend(aligned.iter().map(|text| {
            let right = body - text.width();
            format!("{}{text}{}", " ".repeat(width - body), " ".repeat(right))
        }));
        Self { cells }
    }

    fn names(title: &str, names: Vec<String>) -> Self {
        let width = names
            .iter()
            .map(|name| name.width())
            .chain([title.width()])
            .max()
            .unwrap_or(0);
        Self {
            cells: std::iter::once(padded(title, width))
                .chain(names.iter().map(|name| padded(name, width)))
                .collect(),
        }
    }
}

/// A line of the table: a term, or what has no factors: what is given, what is left out, the sum.
struct Line<'a> {
    name: String,
    term: Option<&'a Row>,
    value: String,
}

impl<'a> Line<'a> {
    fn without_factors(name: String, value: String) -> Self {
        Self {
            name,
            term: None,
            value,
        }
    }

    /// The lines, with numbers of so many digits.
    fn all(
        backprop: &Backprop,
        element: Element,
        table: &'a Table,
        room: Names,
        digits: usize,
    ) -> Vec<Self> {
        let number = |value| rounded(value, digits);
        let given = table
            .given
            .map(|given| Self::without_factors("given".to_owned(), number(given)));
        let terms = table.rows.iter().map(|row| Self {
            name: match room {
                Names::Whole => row_name(backprop, element, row),
                Names::Short => short_row_name(backprop, element, row),
            },
            term: Some(row),
            value: number(row.product),
        });
        let more = table
            .more
            .map(|more| Self::without_factors(format!("and {} more", more.n), number(more.sum)));
        let (_, result) = table_names(backprop, element);
        let result = match (room, backprop.network().tensor(element.tensor).kind) {
            (Names::Short, Kind::Updated(_)) => "new value".to_owned(),
            _ => result,
        };
        let totals = table.totals(&result, digits).into_iter();
        let totals = totals.map(|(name, total)| Self::without_factors(name, total));
        given
            .into_iter()
            .chain(terms)
            .chain(more)
            .chain(totals)
            .collect()
    }
}

/// How much the rows of a table are called.
#[derive(Clone, Copy)]
enum Names {
    Whole,
    Short,
}

/// The lines of the table with the sum under it: with the names and the digits that a width has
/// room for, as far as leaving some out helps.
fn lines(backprop: &Backprop, element: Element, table: &Table, width: usize) -> Vec<String> {
    let is_update = matches!(
        backprop.network().tensor(element.tensor).kind,
        Kind::Updated(_)
    );
    let kinds = [
        (Names::Whole, DIGITS, false),
        (Names::Short, DIGITS, false),
        (Names::Short, FEWER_DIGITS, is_update),
    ];
    let mut tried = kinds.map(|kind| set(backprop, element, table, kind));
    let fits = |lines: &Vec<String>| lines.iter().all(|line| line.trim_end().width() <= width);
    let fitting = tried.iter().position(fits).unwrap_or(kinds.len() - 1);
    std::mem::take(&mut tried[fitting])
}

fn set(
    backprop: &Backprop,
    element: Element,
    table: &Table,
    (names, digits, is_joined): (Names, usize, bool),
) -> Vec<String> {
    let lines = Line::all(backprop, element, table, names, table.telling(digits));
    let names = lines.iter().map(|line| line.name.clone()).collect();
    let mut columns = vec![Column::names("from", names)];
    if is_joined {
        let texts = lines
            .iter()
            .map(|line| line.term.map_or_else(String::new, product_of));
        columns.push(Column::names("factors", texts.collect()));
    } else if !table.rows.is_empty() {
        let upstream = lines.iter().map(|line| Some(line.term?.upstream));
        let heading = table_names(backprop, element).0;
        columns.push(Column::new(heading, digits, upstream));
        for (place, kind) in table.columns.iter().enumerate() {
            let factors = lines
                .iter()
                .map(|line| Some(line.term?.factors[place]?.value));
            columns.push(Column::new(kind.name(), digits, factors));
        }
    }
    let values = Column::of("term", lines.iter().map(|line| line.value.clone()));
    let heading = joined(&columns, &values, 0, "");
    let rows = (1..).zip(&lines);
    let rows = rows.map(|(at, line)| {
        let loss = line.term.and_then(|row| row.loss);
        let loss = loss.map_or(String::new(), |loss| format!("  {}", loss.name()));
        let sign = line.term.map_or("", |row| row.sign(digits));
        joined(&columns, &values, at, sign) + &loss
    });
    let mut all: Vec<String> = [heading].into_iter().chain(rows).collect();
    let widths = all.iter().map(|line| line.trim_end().width());
    let width = widths.max().unwrap_or(0).saturating_sub(2);
    let n_totals = table.totals("", digits).len();
    let above_totals = all.len() - n_totals;
    all.insert(above_totals, format!("  {}", "─".repeat(width)));
    all
}

/// All that a term multiplies, in one text: `−9.84 × −0.0123 × 0.9`.
fn product_of(row: &Row) -> String {
    let factors = row.factors.iter().flatten().map(|factor| factor.value);
    let all = [row.upstream].into_iter().chain(factors);
    let all: Vec<String> = all.map(|number| rounded(number, FEWER_DIGITS)).collect();
    all.join(" × ")
}

/// A line of the columns, with the signs between them where it is a product, which has a sign
/// before its result.
fn joined(columns: &[Column], values: &Column, at: usize, sign: &str) -> String {
    let is_product = !sign.is_empty();
    let mut text = String::from("  ");
    for (place, column) in columns.iter().enumerate() {
        let is_filled = !column.cells[at].trim().is_empty();
        text.push_str(match place {
            0 => "",
            1 => "  ",
            _ if is_product && is_filled => " × ",
            _ => "   ",
        });
        text.push_str(&column.cells[at]);
    }
    text.push_str(&format!(" {sign:1} "));
    text.push_str(&values.cells[at]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_no_markup() {
        assert_eq!(
            without_markup("<b>*no*</b> [x](y)\n# a"),
            "\\<b\\>\\*no\\*\\</b\\> \\[x\\](y) \\# a"
        );
    }
}
