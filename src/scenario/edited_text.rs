//! A scenario's file as it now is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::json::Object;
use super::source_map::Members;
use super::{Scenario, Setting, Written, written};
use crate::diagnostic::Diagnostic;
use crate::tape::Kind;
use crate::tensor::{Tensor, TensorId, exact};

/// The most numbers that are written out of tensor files when a scenario is saved.
const MOST_WRITTEN: usize = 1 << 16;

/// What stands in the text now, instead of what stood there.
type Splice = (Range<usize>, String);

/// Returns SHA-256 of a scenario file's bytes, in hex.
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Scenario {
    /// Returns the scenario's file as it now is, with the tensors of other files written out.
    ///
    /// # Errors
    /// Those tensors have too many numbers to be written out.
    pub fn to_json(&self) -> Result<String, Diagnostic> {
        let in_files = self
            .origin
            .tensors
            .values()
            .filter(|read| self.is_in_file(read));
        let n_numbers: usize = in_files.map(|read| read.tensor.data().len()).sum();
        if n_numbers > MOST_WRITTEN {
            let message = format!(
                "its tensor files hold {n_numbers} numbers, too many to write them all out in one \
                 scenario"
            );
            return Err(Diagnostic::new(message).hinted(format!("{MOST_WRITTEN} is the most")));
        }
        Ok(self.text(true).into_owned())
    }

    /// Returns SHA-256 of the scenario's file as it now is, in hex.
    pub fn sha256(&self) -> String {
        sha256_of(self.text(false).as_bytes())
    }

    /// The text with what has been edited, and on demand with the tensors of other files.
    pub(super) fn text(&self, with_files: bool) -> Cow<'_, str> {
        let source = &self.origin.source;
        if !self.is_edited && !with_files {
            return Cow::Borrowed(&source.text);
        }
        let mut splices = self.setting_splices();
        let is_replaced = |read: &Written, splices: &[Splice]| {
            let inside =
                |(span, _): &Splice| span.start <= read.span.start && read.span.end <= span.end;
            splices.iter().any(inside)
        };
        let now = self.tensors_by_place();
        for (place, read) in &self.origin.tensors {
            if !is_replaced(read, &splices) {
                splices.extend(self.tensor_splices(read, &now[place].tensor, with_files));
            }
        }
        splices.extend(self.left_out_upstream());
        splices.extend(self.arithmetic_splices());
        splices.sort_by_key(|(span, _)| span.start);
        Cow::Owned(spliced(&source.text, &splices))
    }

    /// By place in the text: every tensor that stands there, as it now is.
    pub(super) fn tensors_by_place(&self) -> BTreeMap<usize, Written> {
        let mut tensors = self.origin.tensors.clone();
        let leaves = self
            .leaves
            .iter()
            .map(|(&id, now)| (self.leaf_place(id), now));
        let given = self
            .upstream
            .iter()
            .map(|(&id, now)| (self.upstream_place(id), now));
        for (place, now) in leaves.chain(given) {
            if let Some(read) = place.and_then(|place| tensors.get_mut(&place)) {
                read.tensor = now.clone();
            }
        }
        tensors
    }

    /// An input or a parameter as it was read.
    pub(super) fn leaf_as_read(&self, tensor: TensorId) -> Option<&Tensor> {
        let place = self.leaf_place(tensor)?;
        Some(&self.origin.tensors.get(&place)?.tensor)
    }

    /// An upstream gradient as it was read; nothing where the text leaves it out.
    pub(super) fn upstream_as_read(&self, tensor: TensorId) -> Option<&Tensor> {
        let place = self.upstream_place(tensor)?;
        Some(&self.origin.tensors.get(&place)?.tensor)
    }

    fn leaf_place(&self, tensor: TensorId) -> Option<usize> {
        let info = self.network.tensor(tensor);
        match info.kind {
            Kind::Input => self.origin.map().inputs.get(&info.name).copied(),
            Kind::Parameter(number) => {
                let shared = self.origin.map().parameters.get(&info.name).copied();
                shared.or_else(|| {
                    let (_, key) = info.name.rsplit_once('.')?;
                    Some(self.members(number)?.value(key)?.start)
                })
            }
            Kind::Layer(_) | Kind::PreActivation(_) | Kind::Updated(_) => None,
        }
    }

    fn upstream_place(&self, tensor: TensorId) -> Option<usize> {
        let name = &self.network.tensor(tensor).name;
        self.origin.map().upstream.get(name).copied()
    }

    /// What is other in the text of a tensor: single numbers, or the whole where it stands for a
    /// file.
    fn tensor_splices(&self, read: &Written, now: &Tensor, with_files: bool) -> Vec<Splice> {
        let is_same = std::ptr::eq(read.tensor.data(), now.data());
        if self.is_in_file(read) {
            let is_written =
                with_files || !is_same && differing(&read.tensor, now).next().is_some();
            let whole = || {
                (
                    read.span.clone(),
                    written::tensor(now, self.indent(read.span.start)),
                )
            };
            return is_written.then(whole).into_iter().collect();
        }
        if is_same {
            return Vec::new();
        }
        let mut numbers = self.numbers(read);
        let mut next = 0;
        let splices = differing(&read.tensor, now).filter_map(|at| {
            let place = numbers.nth(at - next)?;
            next = at + 1;
            Some((place, exact(now.data()[at])))
        });
        splices.collect()
    }

    /// Where the numbers of a tensor stand, in their order.
    fn numbers(&self, read: &Written) -> impl Iterator<Item = Range<usize>> {
        let text = &self.origin.source.text;
        let data = self.object_at(read).and_then(|object| object.value("data"));
        let span = data.unwrap_or_else(|| read.span.clone());
        let is_between = |c: char| matches!(c, '[' | ']' | ',') || c.is_ascii_whitespace();
        let numbers = text[span]
            .split(is_between)
            .filter(|number| !number.is_empty());
        numbers.map(|number| {
            let start = number.as_ptr() as usize - text.as_ptr() as usize;
            start..start + number.len()
        })
    }

    fn is_in_file(&self, read: &Written) -> bool {
        self.object_at(read)
            .is_some_and(|object| object.value("file").is_some())
    }

    /// The object that a tensor stands for, unless it is a number or an array.
    fn object_at(&self, read: &Written) -> Option<Members> {
        let source = &self.origin.source;
        let text = &source.text[read.span.clone()];
        let raw = text
            .starts_with('{')
            .then(|| serde_json::from_str(text).ok())
            .flatten()?;
        Some(Members::of(source, &Object::read(source, raw)?))
    }

    /// How far the line is indented in which a place is.
    fn indent(&self, place: usize) -> usize {
        let before = &self.origin.source.text[..place];
        let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
        line.len() - line.trim_start_matches(' ').len()
    }

    /// An upstream gradient that the text leaves out is 1.
    fn left_out_upstream(&self) -> Option<Splice> {
        let is_left_out = |id: TensorId| self.upstream_as_read(id).is_none();
        let (id, given) = self
            .upstream
            .iter()
            .find(|&(&id, given)| is_left_out(id) && given.data() != [1.0])?;
        let (top, name) = (&self.origin.map().top, &self.network.tensor(*id).name);
        let all = format!("{{ \"{name}\": {} }}", written::tensor(given, 2));
        Some(match top.value("upstream") {
            Some(empty) => (empty, all),
            None => top.appended(&self.origin.source.text, "upstream", &all),
        })
    }

    /// What is edited of the precision and the loss scale.
    fn arithmetic_splices(&self) -> Vec<Splice> {
        let (was, is) = (self.origin.arithmetic, self.arithmetic);
        let precision = (was.precision != is.precision)
            .then(|| ("precision", format!("\"{}\"", is.precision.name())));
        let loss_scale = (was.loss_scale.to_bits() != is.loss_scale.to_bits())
            .then(|| ("loss_scale", exact(is.loss_scale)));
        let edits = [precision, loss_scale].into_iter().flatten();
        let edits = edits.filter_map(|(key, value)| {
            let value = RawValue::from_string(value).ok()?;
            Some((key.to_owned(), Some(value)))
        });
        let text = &self.origin.source.text;
        settings(text, &self.origin.map().top, &edits.collect())
    }

    fn setting_splices(&self) -> Vec<Splice> {
        let text = &self.origin.source.text;
        let of_layer = |(&layer, edits)| Some(settings(text, self.members(layer)?, edits));
        self.settings
            .iter()
            .filter_map(of_layer)
            .flatten()
            .collect()
    }
}

/// Returns a text with others in place of some parts of it, which stand in their order.
fn spliced(text: &str, splices: &[Splice]) -> String {
    let mut spliced = String::with_capacity(text.len());
    let mut end = 0;
    for (span, replacement) in splices {
        spliced.push_str(&text[end..span.start]);
        spliced.push_str(replacement);
        end = span.end;
    }
    spliced + &text[end..]
}

/// The places at which two tensors of one shape have other numbers.
fn differing(one: &Tensor, other: &Tensor) -> impl Iterator<Item = usize> {
    let pairs = one.data().iter().zip(other.data()).enumerate();
    pairs
        .filter(|(_, (one, other))| one.to_bits() != other.to_bits())
        .map(|(at, _)| at)
}

/// What is other in the text of a layer. Its name stays, so that no comma is left over.
fn settings(text: &str, members: &Members, edits: &BTreeMap<String, Setting>) -> Vec<Splice> {
    let mut splices = Vec::new();
    // Whether a member that stays stands before.
    let mut is_behind_one = false;
    for (number, member) in members.list.iter().enumerate() {
        match edits.get(&member.key) {
            None => is_behind_one = true,
            Some(Some(value)) => {
                splices.push((member.value.clone(), value.get().to_owned()));
                is_behind_one = true;
            }
            // With the comma that keeps it from its neighbour.
            Some(None) if is_behind_one => {
                let before = &members.list[number - 1];
                splices.push((before.value.end..member.value.end, String::new()));
            }
            Some(None) => {
                let next = members.list.get(number + 1);
                let end = next.map_or(member.value.end, |next| next.key_span.start);
                splices.push((member.key_span.start..end, String::new()));
            }
        }
    }
    let added = edits
        .iter()
        .filter(|(key, _)| members.value(key).is_none())
        .filter_map(|(key, value)| Some((key, value.as_ref()?)));
    splices.extend(added.map(|(key, value)| members.appended(text, key, value.get())));
    splices
}
