//! Data in a script element of the page.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::json;

/// Data as JSON that can stand in a script element: nothing in it ends the element or opens a
/// comment. It is written while it is computed, so that it is never in memory as a whole.
pub(super) struct InScript<T>(pub(super) T);

impl<T: Serialize> fmt::Display for InScript<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        json::write(&mut Escaped(f), &self.0).map_err(|_| fmt::Error)
    }
}

/// Writes JSON with an escape for each `<`, which stands only in strings.
struct Escaped<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaped<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        for (number, piece) in text.split('<').enumerate() {
            let escape = if number == 0 { "" } else { "\\u003c" };
            self.0
                .write_str(escape)
                .and_then(|()| self.0.write_str(piece))
                .map_err(io::Error::other)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
