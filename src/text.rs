//! Text in columns: how it is broken into lines, padded, and shortened where there is no room for
//! it. A column is what a terminal takes for one, and no character that a reader counts as one is
//! cut in two.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Returns a text that fits a width: with an ellipsis at its end where something was left out.
pub fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    if beginning(text, width).len() == text.len() {
        return Cow::Borrowed(text);
    }
    match width.checked_sub(1) {
        Some(left) => Cow::Owned(format!("{}…", beginning(text, left))),
        None => Cow::Borrowed(""),
    }
}

/// Returns a name that fits a width: with an ellipsis in its middle where something was left out,
/// because names often differ in their ends alone.
pub fn shortened_name(name: &str, width: usize) -> Cow<'_, str> {
    if beginning(name, width).len() == name.len() {
        return Cow::Borrowed(name);
    }
    match width.checked_sub(1) {
        Some(left) => {
            let (before, after) = (beginning(name, left.div_ceil(2)), ending(name, left / 2));
            Cow::Owned(format!("{before}…{after}"))
        }
        None => Cow::Borrowed(""),
    }
}

/// Returns a text with as many blanks after it as fill a width.
pub fn padded(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(text.width()))
}

/// Returns the width of each column of a table.
pub fn widths(table: &[Vec<String>]) -> Vec<usize> {
    let n_columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = table.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    (0..n_columns).map(width).collect()
}

/// Returns the lines of a table, its columns aligned.
pub fn aligned(table: &[Vec<String>]) -> impl Iterator<Item = String> {
    let widths = widths(table);
    table.iter().map(move |row| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(cell, &width)| padded(cell, width)).collect();
        cells.join("  ").trim_end().to_owned()
    })
}

/// The widest equation that is kept on one line.
const UNBROKEN: usize = 36;

/// Breaks a paragraph into lines of at most that many columns. Short equations stay in one piece; a
/// word that is longer than a line goes on in the next.
pub fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let is_sign = |word: &str| matches!(word, "×" | "+" | "−" | "=");
    let mut chunks: Vec<String> = Vec::new();
    let mut after_sign = false;
    for word in paragraph.split(' ') {
        match chunks.last_mut() {
            Some(chunk)
                if (is_sign(word) || after_sign)
                    && chunk.width() + word.width() < UNBROKEN.min(width) =>
            {
                chunk.push(' ');
                chunk.push_str(word);
            }
            _ => chunks.push(word.to_owned()),
        }
        after_sign = is_sign(word);
    }
    let mut lines: Vec<String> = Vec::new();
    for chunk in chunks {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + chunk.width() <= width => {
                line.push(' ');
                line.push_str(&chunk);
            }
            _ => lines.extend(pieces(&chunk, width)),
        }
    }
    lines
}

/// A word in pieces that fit a width.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let (mut pieces, mut rest) = (Vec::new(), word);
    loop {
        // The rest is never measured whole: a stranger's word can be long.
        let piece = beginning(rest, width);
        if piece.is_empty() || piece.len() == rest.len() {
            pieces.push(rest.to_owned());
            return pieces;
        }
        pieces.push(piece.to_owned());
        rest = &rest[piece.len()..];
    }
}

/// The longest beginning of a text that fits a width.
fn beginning(text: &str, width: usize) -> &str {
    &text[..fitting(text.graphemes(true), width)]
}

/// The longest end of a text that fits a width.
pub fn ending(text: &str, width: usize) -> &str {
    &text[text.len() - fitting(text.graphemes(true).rev(), width)..]
}

/// How many bytes of characters, one after the other, fit a width.
fn fitting<'a>(characters: impl Iterator<Item = &'a str>, width: usize) -> usize {
    let mut columns = 0;
    let fitting = characters.take_while(|character| {
        columns += character.width();
        columns <= width
    });
    fitting.map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_left_out_leaves_an_ellipsis() {
        for (text, width, at_the_end, in_the_middle) in [
            ("layer.weight", 12, "layer.weight", "layer.weight"),
            ("layer.weight", 8, "layer.w…", "laye…ght"),
            ("layer.weight", 1, "…", "…"),
            ("layer.weight", 0, "", ""),
            ("数数数", 5, "数数…", "数…数"),
            ("数数数", 4, "数…", "数…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…", "e\u{301}…"),
            ("👩‍🔬👩‍🔬👩‍🔬", 5, "👩‍🔬👩‍🔬…", "👩‍🔬…👩‍🔬"),
        ] {
            assert_eq!(shortened(text, width), at_the_end);
            assert_eq!(shortened_name(text, width), in_the_middle);
        }
    }

    proptest! {
        #[test]
        fn what_is_shortened_fits(text in "[a-z 数é\u{301}👩‍🔬]{0,20}", width in 0_usize..20) {
            prop_assert!(shortened(&text, width).width() <= width);
            prop_assert!(shortened_name(&text, width).width() <= width);
        }
    }

    #[test]
    fn lines_break_between_words_and_not_inside_equations() {
        assert_eq!(
            wrapped("it sends 2 × 3 = 6 to you", 14),
            ["it sends", "2 × 3 = 6 to", "you"]
        );
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_goes_on_in_the_next() {
        let lines = wrapped("only encoder.layer.weight[0] looks", 12);
        assert_eq!(lines, ["only", "encoder.laye", "r.weight[0]", "looks"]);
        assert_eq!(wrapped("数数数", 1), ["数数数"], "nothing fits");
        assert_eq!(wrapped(&"a".repeat(1 << 20), 16).len(), 1 << 16);
    }
}
