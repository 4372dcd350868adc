//! Nested lists of plain numbers, which nearly all answers are, read in one go.

/// The numbers of nested lists of these sizes, in row-major order, with nothing where there is a
/// `null`; nothing at all where something else stands in them, or they have other sizes: what is
/// wrong with them is for others to say.
pub(super) fn plain(sizes: &[usize], json: &str) -> Option<Vec<Option<f64>>> {
    let mut scanner = Scanner { json, at: 0 };
    let numel = sizes.iter().product::<usize>();
    // A number and its comma take two bytes at least.
    let mut numbers = Vec::with_capacity(numel.min(json.len() / 2 + 1));
    scanner.lists(sizes, &mut numbers)?;
    scanner.skip_blanks();
    (scanner.at == json.len()).then_some(numbers)
}

/// JSON, and how far it is read.
struct Scanner<'a> {
    json: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn lists(&mut self, sizes: &[usize], numbers: &mut Vec<Option<f64>>) -> Option<()> {
        let Some((&size, inner)) = sizes.split_first() else {
            numbers.push(self.number()?);
            return Some(());
        };
        self.take(b'[')?;
        for at in 0..size {
            if at > 0 {
                self.take(b',')?;
            }
            self.lists(inner, numbers)?;
        }
        self.take(b']')
    }

    fn number(&mut self) -> Option<Option<f64>> {
        self.skip_blanks();
        let rest = &self.json[self.at..];
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let n_bytes = rest.bytes().take_while(is_part).count();
        if n_bytes == 0 && rest.starts_with("null") {
            self.at += "null".len();
            return Some(None);
        }
        self.at += n_bytes;
        let number: f64 = rest[..n_bytes].parse().ok()?;
        number.is_finite().then_some(Some(number))
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        self.skip_blanks();
        let is_there = self.json.as_bytes().get(self.at) == Some(&wanted);
        self.at += 1;
        is_there.then_some(())
    }

    fn skip_blanks(&mut self) {
        let rest = &self.json.as_bytes()[self.at..];
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().take_while(is_blank).count();
    }
}
