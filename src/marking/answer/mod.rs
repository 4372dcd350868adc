//! A learner's or an engineer's own gradients, from every format in which they come.

mod csv;
mod json;
mod tensors;

pub use json::FORMAT as ANSWER_FORMAT;

pub(crate) use csv::spreadsheet;

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;

use schemars::JsonSchema;
use serde::Serialize;

use super::Tolerance;
use crate::diagnostic::{Diagnostic, nearest, quote};
use crate::scenario::tensor_file::Kind;
use crate::tape::{Network, TensorInfo};
use crate::tensor::TensorId;

/// Somebody's own gradients.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Who has written them, where the file says so.
    pub student: Option<String>,
    /// Whether a program has written them to many digits, as in arrays and traces, and not a person
    /// by hand.
    pub is_precise: bool,
    /// By tensor: the numbers in row-major order, with nothing where a place was left blank.
    pub gradients: BTreeMap<TensorId, Vec<Option<f64>>>,
    /// What could not be read of tensors, each of which spoils nothing but itself.
    pub problems: Vec<Problem>,
}

/// What could not be read of one tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// The tensor's name, as the file has it.
    pub tensor: String,
    /// What is wrong with it.
    pub message: String,
}

impl Answer {
    /// Reads an answer from a file's bytes: JSON, a trace, CSV, `.npz`, `.safetensors` or `.pt`.
    /// The format is the one that the name ends in, or for any other ending the one that the bytes
    /// begin like.
    ///
    /// # Errors
    /// What makes the whole file unreadable. What is wrong with one tensor only is one of the
    /// [problems](Answer::problems).
    pub fn read(file_name: &str, bytes: &[u8], network: &Network) -> Result<Self, Diagnostic> {
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

    /// How far a number may be off where nobody says otherwise: by what is lost by hand, or by what
    /// single precision loses on the way through a network (the bounds of
    /// `torch.autograd.gradcheck`).
    pub fn tolerance(&self) -> Tolerance {
        if self.is_precise {
            Tolerance {
                rtol: 1e-3,
                atol: 1e-5,
            }
        } else {
            Tolerance::default()
        }
    }

    /// The numbers for a tensor, with nothing where a place was left blank; nothing at all where
    /// the tensor is not there.
    pub fn numbers(&self, tensor: TensorId) -> Option<&[Option<f64>]> {
        self.gradients.get(&tensor).map(Vec::as_slice)
    }
}

/// How many tensors that the scenario does not have are named one by one.
const MOST_UNKNOWN: usize = 20;

/// An answer that is being read.
struct Reading<'a> {
    network: &'a Network,
    answer: Answer,
    /// The tensors that something is wrong with, which is said once of each.
    spoilt: HashSet<TensorId>,
    /// The names that no tensor has.
    unknown: HashSet<String>,
    /// The place among the problems of the last of them that is named.
    last_named: usize,
}

impl<'a> Reading<'a> {
    fn new(network: &'a Network) -> Self {
        Self {
            network,
            answer: Answer::default(),
            spoilt: HashSet::new(),
            unknown: HashSet::new(),
            last_named: 0,
        }
    }

    /// Finds a tensor by the name that the file gives it, or notes that there is none.
    fn find(&mut self, name: &str) -> Option<TensorId> {
        let found = self.network.find(name);
        if found.is_none() && self.unknown.insert(name.to_owned()) {
            self.note_unknown(name);
        }
        found
    }

    fn note_unknown(&mut self, name: &str) {
        if self.unknown.len() > MOST_UNKNOWN {
            return;
        }
        let tensors = self.network.tensors().iter();
        let hint = nearest(name, tensors.map(|tensor| tensor.name.as_str()))
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        self.last_named = self.answer.problems.len();
        self.answer.problems.push(Problem {
            tensor: name.to_owned(),
            message: format!("the scenario has no tensor {}{hint}", quote(name)),
        });
    }

    /// Notes what is wrong with a tensor, unless something was wrong with it before.
    fn spoil(&mut self, tensor: TensorId, message: impl Into<String>) {
        if self.spoilt.insert(tensor) {
            self.answer.problems.push(Problem {
                tensor: self.network.tensor(tensor).name.clone(),
                message: message.into(),
            });
        }
    }

    /// Returns what was read. A tensor of which something could not be read is not read at all.
    fn finish(self) -> Answer {
        let mut answer = self.answer;
        answer.gradients.retain(|id, _| !self.spoilt.contains(id));
        let n_more = self.unknown.len().saturating_sub(MOST_UNKNOWN);
        if let Some(problem) = answer
            .problems
            .get_mut(self.last_named)
            .filter(|_| n_more > 0)
        {
            problem.message = format!(
                "the scenario has no tensor {}, nor {n_more} more that the file names",
                quote(&problem.tensor)
            );
        }
        answer
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
            [b'P', b'K', 3, 4, ..] => Self::Tensors(Kind::of_archive(bytes)),
            _ if is_safetensors => Self::Tensors(Kind::Safetensors),
            _ if is_json => Self::Json,
            _ => Self::Csv,
        }
    }
}

/// What is wrong with a tensor of another shape than the scenario's.
fn misshapen(tensor: &TensorInfo, found: &str) -> String {
    format!(
        "{} has shape {}, but here it {found}",
        quote(&tensor.name),
        tensor.shape
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Options, Scenario};

    /// A network with tensors of rank 2, 1 and 0: `pool`, a view of it, `fc.weight`, `fc.bias`, and
    /// `loss`.
    pub(super) fn network() -> std::sync::Arc<Network> {
        let json = r#"{
            "backstep": 1, "inputs": { "pool": [[4, 2], [2, 5]] },
            "layers": [
                { "name": "flat", "op": "flatten" },
                { "name": "fc", "op": "linear", "weight": [[1, 1, 1, 1]], "bias": [0] },
                { "name": "loss", "op": "sum" }
            ]
        }"#;
        Scenario::read("net.json", json.as_bytes(), &NoFiles, Options::default())
            .unwrap()
            .network
    }

    /// The numbers of `pool`, and what is wrong with anything.
    pub(super) fn read(file_name: &str, bytes: &[u8]) -> (Option<Vec<Option<f64>>>, Vec<String>) {
        let network = network();
        match Answer::read(file_name, bytes, &network) {
            Ok(answer) => {
                let numbers = answer
                    .numbers(network.find("pool").unwrap())
                    .map(<[_]>::to_vec);
                (
                    numbers,
                    answer
                        .problems
                        .into_iter()
                        .map(|problem| problem.message)
                        .collect(),
                )
            }
            Err(problem) => (None, vec![format!("unreadable: {}", problem.message)]),
        }
    }

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
