//! A pickle, read as data: the few opcodes that a dictionary of tensors is written with, and
//! nothing that could run.
//!
//! A pickle is a program for a small stack machine, and one of its instructions calls any function
//! of any Python module. Here a function is a name on a list of three, each of which only says what
//! its arguments mean. Everything else is refused by its name.
//!
//! What a program can cost is bounded by its length: an instruction makes one value at most, and no
//! value holds another but by a number.

mod layout;
mod machine;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use self::layout::{Layout, Storage};
use self::machine::{Machine, Value};
use super::Error;

/// The most bytes of a pickle: room for some ten thousand tensors. Understanding it takes many
/// times as much memory.
pub(super) const MOST_BYTES: u64 = 1 << 20;

/// A dictionary of tensors, and of what else stands there under a name.
#[derive(Debug)]
pub(super) struct Dictionary {
    entries: usize,
    dicts: Vec<BTreeMap<Arc<str>, Value>>,
    tensors: Vec<Layout>,
    storages: Vec<Storage>,
    /// Whether some tensors have their numbers in storages of other kinds.
    pub(super) has_foreign_storages: bool,
    texts: Vec<Arc<str>>,
}

/// How many dictionaries within each other a path leads through.
const DEEPEST: usize = 16;

impl Dictionary {
    /// The names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.dicts[self.entries].keys().map(|name| &**name)
    }

    /// The paths of what stands in the only dictionary within this one that has tensors, where this
    /// one has none itself: `model_state_dict.fc.weight`.
    pub(super) fn inner_paths(&self) -> Vec<String> {
        let has_tensors = |entries: &BTreeMap<Arc<str>, Value>| {
            let mut values = entries.values();
            values.any(|value| matches!(value, Value::Tensor(_)))
        };
        let entries = &self.dicts[self.entries];
        let dicts = entries.iter().filter_map(|(name, value)| match value {
            Value::Dict(dict) => Some((name, &self.dicts[*dict])),
            _ => None,
        });
        let mut inner = dicts.filter(|(_, dict)| has_tensors(dict));
        match (inner.next(), inner.next()) {
            (Some((name, dict)), None) if !has_tensors(entries) => {
                dict.keys().map(|key| format!("{name}.{key}")).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The storages that tensors are views of; one may be there more than once.
    pub(super) fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// Whether there is anything under a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The tensor under a name.
    pub(super) fn tensor(&self, name: &str) -> Result<&Layout, Error> {
        match self.find(name) {
            Some(Value::Tensor(tensor)) => Ok(&self.tensors[tensor]),
            Some(Value::Foreign(name)) => Err(Error::Foreign(self.texts[name].to_string())),
            other => Err(Error::NotTensor {
                key: name.to_owned(),
                kind: other.map_or("nothing", Value::kind),
            }),
        }
    }

    /// Whether there is a `False` under a name.
    pub(super) fn denies(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Value::Bool(false)))
    }

    /// What stands under a name, or under the rest of it in the dictionary that its beginning
    /// names: `model_state_dict.fc.weight`.
    fn find(&self, name: &str) -> Option<Value> {
        let (mut entries, mut rest) = (&self.dicts[self.entries], name);
        for _ in 0..DEEPEST {
            if let Some(found) = entries.get(rest) {
                return Some(*found);
            }
            let (dict, within) = rest.split_once('.')?;
            let Some(Value::Dict(dict)) = entries.get(dict) else {
                return None;
            };
            (entries, rest) = (&self.dicts[*dict], within);
        }
        None
    }
}

/// Reads the dictionary that the first of some pickles makes, and leaves the rest.
pub(super) fn dictionary(pickles: &mut &[u8]) -> Result<Dictionary, Error> {
    let (machine, made) = made(pickles)?;
    let Value::Dict(entries) = made else {
        return Err(Error::NotDictionary(made.kind()));
    };
    let Machine {
        dicts,
        tensors,
        storages,
        has_foreign_storages,
        texts,
        ..
    } = machine;
    Ok(Dictionary {
        entries,
        dicts,
        tensors,
        storages,
        has_foreign_storages,
        texts,
    })
}

/// Reads the list of texts that the first of some pickles makes, and leaves the rest.
pub(super) fn texts(pickles: &mut &[u8]) -> Result<Vec<Arc<str>>, Error> {
    let (machine, made) = made(pickles)?;
    let Value::List(list) = made else {
        return Err(Error::PickleNonsense);
    };
    let text = |value: &Value| match *value {
        Value::Text(text) => Ok(Arc::clone(&machine.texts[text])),
        _ => Err(Error::PickleNonsense),
    };
    machine.lists[list].iter().map(text).collect()
}

/// Runs the first of some pickles; returns the machine and what was made.
fn made<'a>(pickles: &mut &'a [u8]) -> Result<(Machine<'a>, Value), Error> {
    let mut machine = Machine::new(pickles);
    let made = machine.run()?;
    *pickles = machine.rest;
    Ok((machine, made))
}
