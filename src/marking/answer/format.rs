//! Which format a file has, and the reading of it.

use std::io::Cursor;

use super::content::Answer;
use super::error::AnswerError;
use super::{csv, json, tensors};
use crate::scenario::tensor_file::{Kind, kind_of_archive};
use crate::tape::Network;

impl Answer {
    /// Reads an answer from a file's bytes: JSON, a trace, CSV, `.npz`, `.safetensors` or `.pt`.
    /// The format is the one that the name ends in, or for any other ending the one that the bytes
    /// begin like.
    ///
    /// # Errors
    /// What makes the whole file unreadable. What is wrong with one tensor only is one of the
    /// [problems](Answer::problems).
    pub fn read(file_name: &str, bytes: &[u8], network: &Network) -> Result<Self, AnswerError> {
        match Format::of(file_name, bytes) {
            Format::Json => json::read(file_name, bytes, network),
            Format::Csv => csv::read(file_name, bytes, network),
            Format::Tensors(kind) => tensors::read(file_name, kind, Cursor::new(bytes), network),
        }
    }

    /// Returns who has written an answer, where it is JSON and says so, without a network to hold
    /// its gradients against.
    pub fn student_in(bytes: &[u8]) -> Option<String> {
        json::student_in(bytes)
    }
}

/// A format that answers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Tensors(Kind),
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
