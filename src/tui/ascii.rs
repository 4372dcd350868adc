//! The screen in ASCII, for terminals and fonts that have no lines, arrows and circled numbers.

use ratatui::buffer::Buffer;

/// How the screen's signs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Signs {
    /// As they are.
    #[default]
    Unicode,
    /// As ASCII that looks like them.
    Ascii,
}

/// Replaces what is not ASCII in a finished frame, cell by cell, so that no pane has to know of it.
pub(super) fn replace(buffer: &mut Buffer) {
    for cell in buffer
        .content
        .iter_mut()
        .filter(|cell| !cell.symbol().is_ascii())
    {
        let sign = cell.symbol().chars().next().map_or(' ', of);
        cell.set_char(sign);
    }
}

/// Returns the ASCII character that stands for another: always one, because a cell holds one.
fn of(sign: char) -> char {
    match sign {
        '─' | '╌' | '┄' | '┈' | '╴' | '╶' | '−' | '–' | '—' | '‐' => '-',
        '━' | '╍' | '┅' | '┉' | '╸' | '╺' | '╼' | '╾' | '═' => '=',
        '│' | '╎' | '┆' | '┊' | '╵' | '╷' => '|',
        // A heavy line frames the current neuron, so it must not look like a light one.
        '┃' | '╏' | '┇' | '┋' | '║' | '╹' | '╻' | '╽' | '╿' => '#',
        '\u{2500}'..='\u{257f}' => '+',
        '①'..='⑨' => digit(sign, '①', '1'),
        '⑩'..='⑳' => digit(sign, '⑩', 'a'),
        'ⓐ'..='ⓞ' => digit(sign, 'ⓐ', 'l'),
        // The letters go on as capitals, and end before the marks do.
        'ⓟ'..='ⓩ' => digit(sign, 'ⓟ', 'A'),
        'Ⓐ'..='Ⓞ' => digit(sign, 'Ⓐ', 'L'),
        'Ⓟ'..='Ⓩ' => '*',
        // Shades, the fainter the less ink.
        '░' => ':',
        '▒' => '=',
        '▓' => '#',
        '█' => '@',
        // Bars that stand beside each other, the higher the more ink.
        '▁' => '.',
        '▂' => ':',
        '▃' => '-',
        '▄' => '=',
        '▅' => '+',
        '▆' => '*',
        '▇' => '#',
        '▶' | '▸' | '→' | '›' | '»' => '>',
        '◀' | '◂' | '←' | '‹' | '«' => '<',
        '▲' | '▴' | '↑' | '⇧' => '^',
        '▼' | '▾' | '↓' => 'v',
        '×' => 'x',
        '⊕' => '+',
        '·' | '∙' => '.',
        '●' | '○' | '◉' | '◌' => 'o',
        '■' => '#',
        '◆' | '◇' | '•' | '★' | '⋆' => '*',
        '…' => '~',
        '✓' | '✔' => 'y',
        '✗' | '✘' => 'x',
        '≈' | '±' => '~',
        '≠' => '!',
        '≤' => '<',
        '≥' => '>',
        '‘' | '’' | '′' => '\'',
        '“' | '”' | '″' => '"',
        'Σ' => 'S',
        '∂' => 'd',
        'σ' => 's',
        'δ' => 'd',
        '²' => '2',
        '∞' => 'I',
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
        _ => '?',
    }
}

/// Returns the character that is as far from `to` as the sign is from `from`.
fn digit(sign: char, from: char, to: char) -> char {
    let distance = u32::from(sign) - u32::from(from);
    char::from_u32(u32::from(to) + distance).unwrap_or('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_keep_their_meaning() {
        let ascii = |text: &str| text.chars().map(of).collect::<String>();
        assert_eq!(ascii("−×·…→←↑↓"), "-x.~><^v");
        assert_eq!(ascii("①②⑨⑩⑳ⓐⓞⓟⓩⒶⓄⓅ"), "129aklzAKLZ*");
        assert_eq!(ascii("╭─╮│├┼┏━┓┃╌╎"), "+-+|+++=+#-|");
        assert_eq!(ascii("数ß"), "??");
    }
}
