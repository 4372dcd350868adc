//! Which format a file has, and the reading of it.

use std::io::{self, Cursor, Read, Seek};

use super::content::Answer;
use super::error::AnswerError;
use super::said::Said;
use super::{csv, json, tensors};
use crate::diagnostic::{Foreign, Sort};
use crate::scenario::tensor_file::{Kind, kind_of_archive};
use crate::tape::Network;
use crate::tensor::{Tensor, TensorId};

impl Answer {
    /// Reads an answer from a file's bytes: JSON, a trace, CSV, `.npz`, `.safetensors` or `.pt`.
    /// The format is the one that the name ends in, or for any other ending the one that the bytes
    /// begin like.
    ///
    /// # Errors
    /// What makes the whole file unreadable. What is wrong with one tensor only is one of the
    /// [problems](Answer::problems).
    pub fn read(file_name: &str, bytes: &[u8], network: &Network) -> Result<Self, AnswerError> {
        Self::read_from(file_name, &mut Cursor::new(bytes), network, &|_| None)
    }

    /// Reads an answer as [`Answer::read`] does from where its bytes are: arrays one at a time, so
    /// that a file of them may be of any size. The reader should be a buffered one. Where the
    /// values of parameters are known, arrays of other names are found by those that come along.
    ///
    /// # Errors
    /// What makes the whole file unreadable.
    pub fn read_from<'a>(
        file_name: &str,
        reader: &mut (impl Read + Seek),
        network: &Network,
        known: &'a dyn Fn(TensorId) -> Option<&'a Tensor>,
    ) -> Result<Self, AnswerError> {
        if let Ok(true) = is_empty(reader) {
            let file = file_name.to_owned();
            return Err(AnswerError::Empty { file });
        }
        // What PyTorch wrote before its archives is a pickle, and is read.
        let is_read =
            |kind: &Foreign| kind.sort == Sort::Pickle && Kind::of(file_name) == Some(Kind::Pt);
        let foreign = Foreign::in_file(reader).ok().flatten();
        if let Some(kind) = foreign.filter(|kind| !is_read(kind)) {
            let file = file_name.to_owned();
            return Err(AnswerError::Foreign { file, kind });
        }
        let read = match format(file_name, reader) {
            Ok(Format::Tensors(kind)) => {
                return tensors::read(file_name, kind, reader, network, known);
            }
            Ok(format) => text(reader).map(|bytes| (format, bytes)),
            Err(error) => Err(error),
        };
        let (format, bytes) = read.map_err(|error| AnswerError::File {
            file: file_name.to_owned(),
            error,
        })?;
        match format {
            Format::Csv => csv::read(file_name, &bytes, network),
            Format::Json | Format::Tensors(_) => json::read(file_name, &bytes, network),
        }
    }

    /// Whether a file can be nothing but an answer: a scenario is JSON, and says no `format`.
    ///
    /// # Errors
    /// Those of the reader, which is at its beginning afterwards.
    pub fn is_in(file_name: &str, reader: &mut (impl Read + Seek)) -> io::Result<bool> {
        let is_json = format(file_name, reader)? == Format::Json;
        let is_one = !is_json || json::says_a_format(&text(reader)?);
        reader.rewind()?;
        Ok(is_one)
    }

    /// Returns what an answer says of itself, where it is text and says so, without a network to
    /// hold its gradients against.
    ///
    /// # Errors
    /// Those of the reader, which is at its beginning afterwards.
    pub fn said_in(file_name: &str, reader: &mut (impl Read + Seek)) -> io::Result<Said> {
        if Foreign::in_file(reader)?.is_some() {
            return Ok(Said::default());
        }
        let said = match format(file_name, reader)? {
            Format::Json => json::said_in(&text(reader)?),
            Format::Csv => csv::said_in(&text(reader)?),
            Format::Tensors(_) => Said::default(),
        };
        reader.rewind()?;
        Ok(said)
    }
}

/// A format that answers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Tensors(Kind),
}

/// How many bytes of a file are looked at to see what it is.
const BEGINNING: u64 = 256;
/// The longest text that is read.
const MOST_TEXT: u64 = 64 << 20;

/// Whether there is nothing in a file but blanks. The reader is at its beginning afterwards.
fn is_empty(reader: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut beginning = Vec::new();
    reader.take(BEGINNING).read_to_end(&mut beginning)?;
    reader.rewind()?;
    let is_all = (beginning.len() as u64) < BEGINNING;
    Ok(is_all && beginning.trim_ascii().is_empty())
}

/// Which format a file has. The reader is at its beginning afterwards.
fn format(file_name: &str, reader: &mut (impl Read + Seek)) -> io::Result<Format> {
    let mut beginning = Vec::new();
    reader.take(BEGINNING).read_to_end(&mut beginning)?;
    reader.rewind()?;
    Ok(Format::of(file_name, &beginning))
}

/// Reads all of a text.
fn text(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_TEXT {
        let most = MOST_TEXT >> 20;
        let problem = format!("it is text of more than {most} MiB; write large answers as arrays");
        return Err(io::Error::other(problem));
    }
    Ok(bytes)
}

impl Format {
    fn of(file_name: &str, bytes: &[u8]) -> Self {
        let ends_in = |ending: &str| {
            file_name.len() > ending.len() && file_name.to_lowercase().ends_with(ending)
        };
        match Kind::of(file_name) {
            Some(kind) => Self::Tensors(kind),
            None if ends_in(".json") => Self::Json,
            None if ends_in(".csv") => Self::Csv,
            None => Self::that_begins_like(bytes),
        }
    }

    fn that_begins_like(bytes: &[u8]) -> Self {
        let is_json = bytes.trim_ascii_start().starts_with(b"{");
        // The header of a safetensors file is JSON behind its length in eight bytes.
        let is_safetensors = bytes.get(8) == Some(&b'{') && bytes[..8].ends_with(&[0; 4]);
        match bytes {
            [b'P', b'K', 3, 4, ..] => Self::Tensors(kind_of_archive(bytes)),
            _ if is_safetensors => Self::Tensors(Kind::Safetensors),
            _ if is_json => Self::Json,
            _ => Self::Csv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marking::answer::testing::read;

    #[test]
    fn the_first_unknown_tensors_are_named_and_the_others_counted() {
        let rows = |n: usize| (0..n).map(|number| format!("u{number},0,1\nu{number},1,1\n"));
        let csv = |n: usize| {
            let head = "tensor,index,grad\npool,\"[0,0]\",3.5\n".to_owned();
            read("a.csv", (head + &rows(n).collect::<String>()).as_bytes())
        };
        assert_eq!(csv(20).1[19], "the scenario has no tensor `u19`");
        let (pool, problems) = csv(100_000);
        assert_eq!(pool, Some(vec![Some(3.5), None, None, None]));
        assert_eq!(problems.len(), 20);
        assert_eq!(problems[18], "the scenario has no tensor `u18`");
        assert_eq!(
            problems[19],
            "the scenario has no tensor `u19`, nor 99980 more that the file names"
        );
        let members: Vec<String> = (0..100_000).map(|n| format!(r#""u{n}": 1"#)).collect();
        let json = format!(
            r#"{{ "format": "backstep-answer/1", "grads": {{ {} }} }}"#,
            members.join(", ")
        );
        assert_eq!(read("a.json", json.as_bytes()).1, problems);
    }

    #[test]
    fn the_format_is_known_by_name_or_by_content() {
        for (name, bytes, format) in [
            ("a.JSON", &b"PK\x03\x04"[..], Format::Json),
            ("a.csv", b"{", Format::Csv),
            ("a.npz", b"{", Format::Tensors(Kind::Npz)),
            ("a", b"  {\"format\"", Format::Json),
            ("a.txt", b"tensor,index,grad", Format::Csv),
            ("a.bin", b"PK\x03\x04", Format::Tensors(Kind::Npz)),
            ("a.pt", b"{", Format::Tensors(Kind::Pt)),
            (
                "a",
                &[b"PK\x03\x04", &[0; 22][..], &[10, 0, 0, 0], b"a/data.pkl"].concat(),
                Format::Tensors(Kind::Pt),
            ),
            (
                "a",
                b"\x10\0\0\0\0\0\0\0{}",
                Format::Tensors(Kind::Safetensors),
            ),
            (".json", b"", Format::Csv),
        ] {
            assert_eq!(Format::of(name, bytes), format, "{name}");
        }
    }
}
