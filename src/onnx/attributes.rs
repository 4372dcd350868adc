//! A node's settings, each of its own type. What is not asked for is not known, and so not ignored.

use std::collections::BTreeSet;

use super::error::Unsupported;
use super::proto::{self, Attribute};

/// The kinds of attributes, as ONNX numbers them. Files of the first days leave the kind out.
const UNKNOWN: i32 = 0;
const FLOAT: i32 = 1;
const INT: i32 = 2;
const STRING: i32 = 3;
const TENSOR: i32 = 4;
const FLOATS: i32 = 6;
const INTS: i32 = 7;
const STRINGS: i32 = 8;

/// The attributes of a node.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    all: &'a [Attribute],
    asked: BTreeSet<&'static str>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(all: &'a [Attribute]) -> Self {
        Self {
            all,
            asked: BTreeSet::new(),
        }
    }

    /// Returns an attribute of a kind, where it is given.
    fn get(
        &mut self,
        name: &'static str,
        kind: i32,
        what: &str,
    ) -> Result<Option<&'a Attribute>, Unsupported> {
        self.asked.insert(name);
        match self.all.iter().find(|attribute| attribute.name == name) {
            Some(attribute) if ![kind, UNKNOWN].contains(&attribute.kind) => Err(Unsupported::new(
                format!("has an attribute `{name}` that is not {what}"),
            )),
            found => Ok(found),
        }
    }

    pub(super) fn int(&mut self, name: &'static str) -> Result<Option<i64>, Unsupported> {
        Ok(self
            .get(name, INT, "a whole number")?
            .map(|attribute| attribute.i))
    }

    /// Returns an attribute that is 0 or 1.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> Result<bool, Unsupported> {
        Ok(self.int(name)?.map_or(default, |number| number != 0))
    }

    pub(super) fn ints(&mut self, name: &'static str) -> Result<Option<&'a [i64]>, Unsupported> {
        Ok(self
            .get(name, INTS, "a list of whole numbers")?
            .map(|attribute| attribute.ints.as_slice()))
    }

    /// Returns sizes, steps or distances: whole numbers of at least `least`, as many as there are
    /// axes.
    pub(super) fn sizes(
        &mut self,
        name: &'static str,
        n: usize,
        least: i64,
    ) -> Result<Option<Vec<usize>>, Unsupported> {
        let Some(given) = self.ints(name)? else {
            return Ok(None);
        };
        let size = |&size: &i64| usize::try_from(size).ok().filter(|_| size >= least);
        let sizes: Option<Vec<usize>> = given.iter().map(size).collect();
        match sizes {
            Some(sizes) if sizes.len() == n => Ok(Some(sizes)),
            _ => Err(Unsupported::new(format!(
                "has the attribute `{name}` = {:?}, but it takes {n} numbers of at least {least}",
                &given[..given.len().min(8)]
            ))),
        }
    }

    /// Returns a number. It is an f32 in the file, and read as the decimal that was meant: 0.01 is
    /// 0.01, not 0.009999999776482582.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>, Unsupported> {
        Ok(self
            .get(name, FLOAT, "a number")?
            .map(|attribute| decimal(attribute.f)))
    }

    /// Returns a number, or its default where it is left out.
    pub(super) fn float(&mut self, name: &'static str, default: f64) -> Result<f64, Unsupported> {
        Ok(self.number(name)?.unwrap_or(default))
    }

    pub(super) fn floats(&mut self, name: &'static str) -> Result<Option<&'a [f32]>, Unsupported> {
        Ok(self
            .get(name, FLOATS, "a list of numbers")?
            .map(|attribute| attribute.floats.as_slice()))
    }

    /// Returns a word.
    pub(super) fn word(
        &mut self,
        name: &'static str,
        default: &'static str,
    ) -> Result<&'a str, Unsupported> {
        let Some(attribute) = self.get(name, STRING, "a word")? else {
            return Ok(default);
        };
        std::str::from_utf8(&attribute.s)
            .map_err(|_| Unsupported::new(format!("has an attribute `{name}` that is not text")))
    }

    /// Returns a list of words.
    pub(super) fn words(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Vec<&'a str>>, Unsupported> {
        let Some(attribute) = self.get(name, STRINGS, "a list of words")? else {
            return Ok(None);
        };
        let word = |bytes: &'a Vec<u8>| std::str::from_utf8(bytes).ok();
        let words: Option<Vec<&str>> = attribute.strings.iter().map(word).collect();
        words
            .map(Some)
            .ok_or_else(|| Unsupported::new(format!("has an attribute `{name}` that is not text")))
    }

    pub(super) fn tensor(
        &mut self,
        name: &'static str,
    ) -> Result<Option<&'a proto::Tensor>, Unsupported> {
        Ok(self
            .get(name, TENSOR, "a tensor")?
            .and_then(|attribute| attribute.t.as_deref()))
    }

    /// Declares attributes that change nothing about what is computed here.
    pub(super) fn ignore(&mut self, names: &[&'static str]) {
        self.asked.extend(names);
    }

    /// Returns an error if there is an attribute that nobody asked for.
    pub(super) fn refuse_unknown(&self) -> Result<(), Unsupported> {
        match self
            .all
            .iter()
            .find(|attribute| !self.asked.contains(attribute.name.as_str()))
        {
            Some(unknown) => Err(Unsupported::Attribute(unknown.name.clone())),
            None => Ok(()),
        }
    }
}

/// Returns the shortest decimal that reads back to an f32, as an f64.
pub(super) fn decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_what_was_meant() {
        assert_eq!(decimal(0.01), 0.01);
        assert_eq!(decimal(1e-5), 1e-5);
        assert_eq!(decimal(f32::MAX), 3.4028235e38);
        assert_eq!(decimal(f32::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(decimal(f32::NAN).is_nan());
    }
}
