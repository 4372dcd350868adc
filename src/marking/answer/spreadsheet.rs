//! Tables as spreadsheets and courses' systems save them.

use std::borrow::Cow;

use csv::{Reader, ReaderBuilder};

/// A table: text with something between its cells.
pub(crate) struct Spreadsheet<'a> {
    text: Cow<'a, str>,
    /// Where in the text its first row begins.
    start: usize,
    /// Where in the text its lines end.
    newlines: Vec<usize>,
    /// What stands between the cells.
    pub(crate) delimiter: u8,
}

impl<'a> Spreadsheet<'a> {
    /// Reads a table in UTF-8, in UTF-16 with a mark at its beginning, or in Windows-1252. Its
    /// cells are separated by what a first line such as `sep=;` says, or else by what stands in the
    /// first row: tabs, semicolons where the comma belongs into numbers, or commas.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let text = decoded(bytes);
        let first = text.lines().next().unwrap_or_default();
        let said = first.strip_prefix("sep=").map(str::as_bytes);
        let (start, delimiter) = match said {
            Some(&[delimiter]) => (first.len(), delimiter),
            _ if first.contains('\t') => (0, b'\t'),
            _ if first.contains(';') => (0, b';'),
            _ => (0, b','),
        };
        let newlines = text.match_indices('\n').map(|(at, _)| at).collect();
        let ends = |c: char| matches!(c, '\r' | '\n');
        let table = text.get(start..).unwrap_or_default();
        let start = text.len() - table.trim_start_matches(ends).len();
        Self {
            start,
            newlines,
            text,
            delimiter,
        }
    }

    /// The rows, the first of which names the columns.
    pub(crate) fn reader(&self) -> Reader<&[u8]> {
        let mut reader = ReaderBuilder::new();
        reader.delimiter(self.delimiter).flexible(true);
        reader.from_reader(self.text[self.start..].as_bytes())
    }

    /// The number of the line that a row begins in, by what the reader says is its first byte: what
    /// is left of the end of the line before comes before it.
    pub(crate) fn line(&self, row: u64) -> usize {
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        let from = row.saturating_add(self.start).min(self.text.len());
        let rest = self.text.as_bytes()[from..].iter();
        let left = rest.take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let first = from + left.count();
        1 + self.newlines.partition_point(|&at| at < first)
    }
}

fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).into(),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes).map(Cow::Borrowed);
            text.unwrap_or_else(|_| bytes.iter().copied().map(windows_1252).collect())
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().copied().map(unit).collect();
    String::from_utf16_lossy(&units)
}

/// What Windows-1252 has where Latin-1 has controls; nothing in five places.
const FROM_80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    let of_windows = byte.checked_sub(0x80).map(usize::from);
    let found = of_windows.and_then(|at| FROM_80.get(at).copied());
    found.unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a table, each with the line that it begins in.
    fn rows(bytes: &[u8]) -> Vec<(usize, Vec<String>)> {
        let table = Spreadsheet::of(bytes);
        let mut reader = table.reader();
        let records = reader.records().map(Result::unwrap);
        let row = |record: csv::StringRecord| {
            let line = table.line(record.position().unwrap().byte());
            (line, record.iter().map(str::to_owned).collect())
        };
        records.map(row).collect()
    }

    #[test]
    fn a_table_is_read_however_it_is_saved() {
        let cells = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
        let expected: Vec<(usize, Vec<String>)> = vec![(2, cells(&["Zoë", "3,5"]))];
        let utf16: Vec<u8> = "\u{feff}name\tgrad\r\nZoë\t3,5\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [
            "name;grad\nZoë;3,5\n".as_bytes(),
            "\u{feff}name,grad\r\nZoë,\"3,5\"\r\n".as_bytes(),
            b"name\tgrad\nZo\xeb\t3,5\n",
            &utf16,
        ] {
            assert_eq!(rows(bytes), expected, "{bytes:?}");
        }
        let said = rows(b"sep=|\r\nname|grad\r\n\r\nA\x80|1\r\nB|2\r\n");
        assert_eq!(said, [(4, cells(&["A€", "1"])), (5, cells(&["B", "2"]))]);
    }
}
