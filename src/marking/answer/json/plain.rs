//! Nested lists of plain numbers, which nearly all answers are, read in one go.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// The numbers of nested lists of these sizes, in row-major order, with nothing where there is a
/// `null`; nothing at all where something else stands in them, or they have other sizes: what is
/// wrong with them is for others to say.
pub(super) fn plain(sizes: &[usize], json: &str) -> Option<Vec<Option<f64>>> {
    let numel = sizes.iter().product::<usize>();
    // A number and its comma take two bytes at least.
    let mut numbers = Vec::with_capacity(numel.min(json.len() / 2 + 1));
    let lists = Lists {
        sizes,
        numbers: &mut numbers,
    };
    let mut json = serde_json::Deserializer::from_str(json);
    lists
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .ok()?;
    Some(numbers)
}

/// Lists within lists, or a number, that are still to be read.
struct Lists<'a> {
    sizes: &'a [usize],
    numbers: &'a mut Vec<Option<f64>>,
}

impl<'de> DeserializeSeed<'de> for Lists<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.sizes.is_empty() {
            self.numbers.push(Option::deserialize(json)?);
            return Ok(());
        }
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Lists<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lists of the sizes {:?}", self.sizes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (&size, sizes) = self.sizes.split_first().unwrap_or((&0, &[]));
        for at in 0..size {
            let inner = Lists {
                sizes,
                numbers: self.numbers,
            };
            list.next_element_seed(inner)?
                .ok_or_else(|| A::Error::invalid_length(at, &"another size"))?;
        }
        Ok(())
    }
}
