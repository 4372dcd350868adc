//! Tensors that are written out in the file as numbers in nested arrays.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};

use super::json::{self, Raw};
use crate::diagnostic::{Diagnostic, Source};
use crate::tensor::{MAX_RANK, Shape, Tensor};

/// Returns the tensor of a number or of nested arrays of numbers.
pub(super) fn tensor(source: &Arc<Source>, raw: Raw<'_>) -> Result<Tensor, Diagnostic> {
    let mut nested = Nested::default();
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    let read = Level {
        nested: &mut nested,
        depth: 0,
    }
    .deserialize(&mut deserializer);
    let whole = read
        .ok()
        .and_then(|()| Tensor::new(Shape::new(&nested.sizes)?, nested.data));
    // The quick way only knows that something is wrong; what it is, and where, is looked for when
    // it matters.
    whole.ok_or_else(|| explain(source, raw))
}

/// The sizes met so far, one an axis, and the numbers in their order.
#[derive(Default)]
struct Nested {
    sizes: Vec<usize>,
    data: Vec<f64>,
    /// Whether the innermost level is known, because a number has been met.
    is_deep: bool,
}

/// Reads what stands `depth` brackets deep.
struct Level<'a> {
    nested: &'a mut Nested,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Level<'_> {
    fn number<E: Error>(self, number: f64) -> Result<(), E> {
        if self.nested.is_deep && self.nested.sizes.len() != self.depth {
            return Err(E::custom("a number beside an array"));
        }
        self.nested.is_deep = true;
        self.nested.data.push(number);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or an array")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.number(number)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number is widened to f64 like every other"
    )]
    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.number(number as f64)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number is widened to f64 like every other"
    )]
    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.number(number as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let (depth, nested) = (self.depth, self.nested);
        let is_first = nested.sizes.len() == depth;
        if depth == MAX_RANK || is_first && nested.is_deep {
            return Err(A::Error::custom("an array beside a number, or too deep"));
        }
        if is_first {
            nested.sizes.push(0);
        }
        let mut n_elements = 0;
        while elements
            .next_element_seed(Level {
                nested: &mut *nested,
                depth: depth + 1,
            })?
            .is_some()
        {
            n_elements += 1;
        }
        if is_first {
            nested.sizes[depth] = n_elements;
        } else if nested.sizes[depth] != n_elements {
            return Err(A::Error::custom("rows of several lengths"));
        }
        Ok(())
    }
}

/// Looks for the first place that keeps a value from being a tensor.
fn explain(source: &Arc<Source>, raw: Raw<'_>) -> Diagnostic {
    let mut sizes = Vec::new();
    let problem = first_problem(source, raw, 0, &mut sizes, &mut None);
    let (span, message, label) = problem.unwrap_or_else(|| {
        (
            json::span(source, raw),
            "the tensor has too many elements".to_owned(),
            None,
        )
    });
    let diagnostic = Diagnostic::new(message).at(source, span);
    match label {
        Some(label) => diagnostic.labelled(label),
        None => diagnostic,
    }
}

type Problem = (Range<usize>, String, Option<String>);

fn first_problem(
    source: &Source,
    raw: Raw<'_>,
    depth: usize,
    sizes: &mut Vec<usize>,
    rank: &mut Option<usize>,
) -> Option<Problem> {
    let problem =
        |message: String, label: Option<String>| Some((json::span(source, raw), message, label));
    match json::array(raw) {
        Some(_) if depth == MAX_RANK => {
            problem(format!("a tensor has at most {MAX_RANK} axes"), None)
        }
        Some(_) if *rank == Some(depth) => problem(
            "an array stands where its neighbours are numbers".to_owned(),
            None,
        ),
        Some(elements) if elements.is_empty() => problem(
            "every axis of a tensor has at least one element".to_owned(),
            None,
        ),
        Some(elements) => {
            match sizes.get(depth) {
                None => sizes.push(elements.len()),
                Some(&size) if size != elements.len() => {
                    let message = format!(
                        "this row has {}, but the rows before it have {size}",
                        plural(elements.len())
                    );
                    return problem(message, Some(format!("{} here", plural(elements.len()))));
                }
                Some(_) => {}
            }
            elements
                .into_iter()
                .find_map(|element| first_problem(source, element, depth + 1, sizes, rank))
        }
        None => {
            let is_number = json::kind(raw) == "a number";
            if !is_number {
                let hint = if depth == 0 {
                    "a tensor is a number, nested arrays of numbers, {\"shape\", \"data\"} or \
                     {\"file\"}"
                } else {
                    "expected a number"
                };
                return problem(format!("{hint}, found {}", json::kind(raw)), None);
            }
            if serde_json::from_str::<f64>(raw.get()).is_err() {
                return problem("the number is too large for an f64".to_owned(), None);
            }
            match *rank {
                Some(rank) if rank != depth => problem(
                    "a number stands where its neighbours are arrays".to_owned(),
                    None,
                ),
                _ if sizes.len() > depth => problem(
                    "a number stands where its neighbours are arrays".to_owned(),
                    None,
                ),
                _ => {
                    *rank = Some(depth);
                    None
                }
            }
        }
    }
}

fn plural(n_elements: usize) -> String {
    if n_elements == 1 {
        "1 element".to_owned()
    } else {
        format!("{n_elements} elements")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Tensor, String> {
        let source = Arc::new(Source {
            name: String::new(),
            text: text.to_owned(),
        });
        let raw = json::parse(&source).map_err(|problem| problem.to_string())?;
        tensor(&source, raw).map_err(|problem| {
            let span = problem.place.unwrap().span;
            format!("{}: {}", &text[span], problem.message)
        })
    }

    #[test]
    fn nested_arrays_are_tensors() {
        let tensor = check("[[1, 2.5, -0], [4e0, 5, 123456789012345678901234567890]]").unwrap();
        assert_eq!(tensor.shape().to_string(), "[2, 3]");
        assert_eq!(tensor.data()[..5], [1.0, 2.5, -0.0, 4.0, 5.0]);
        assert_eq!(check("7").unwrap(), Tensor::scalar(7.0));
    }

    #[test]
    fn what_is_ragged_is_pointed_at() {
        for (text, problem) in [
            (
                "[[1, 2], [3]]",
                "[3]: this row has 1 element, but the rows before it have 2",
            ),
            (
                "[[1, 2], 3]",
                "3: a number stands where its neighbours are arrays",
            ),
            (
                "[1, [2]]",
                "[2]: an array stands where its neighbours are numbers",
            ),
            (
                "[[1, 2], [[3], [4]]]",
                "[3]: an array stands where its neighbours are numbers",
            ),
            ("[1, \"2\"]", "\"2\": expected a number, found a string"),
            ("[1, null]", "null: expected a number, found null"),
            (
                "[[], []]",
                "[]: every axis of a tensor has at least one element",
            ),
            ("[1, 1e999]", "1e999: the number is too large for an f64"),
        ] {
            assert_eq!(check(text).unwrap_err(), problem);
        }
        let deep = format!("{}1{}", "[".repeat(50), "]".repeat(50));
        assert!(
            check(&deep)
                .unwrap_err()
                .ends_with("a tensor has at most 32 axes")
        );
    }
}
