//! Scenarios with something changed: a value, a given gradient, a layer's setting.
//!
//! An edit is made in the scenario's text, so that what is saved is the user's own file with
//! nothing else changed.

use std::ops::Range;
use std::sync::Arc;

use super::json::{self, Member, Object, Raw};
use super::{NoFiles, Scenario, loader, sha256, written};
use crate::diagnostic::{Diagnostic, Source, quote};
use crate::tape::Kind;
use crate::tensor::{Element, Tensor, TensorId, exact};

/// The most numbers that are written out of tensor files when a scenario is saved.
const MOST_WRITTEN: usize = 1 << 16;

/// The key of a layer that no edit may change, since everything else calls the layer by it.
const NAME: &str = "name";

impl Scenario {
    /// Returns the scenario with another value of an input, a weight or a bias.
    ///
    /// # Errors
    /// The neuron is computed, or the value is not finite, which a scenario cannot hold.
    pub fn with_value(&self, element: Element, value: f64) -> Result<Self, Diagnostic> {
        let info = self.network.tensor(element.tensor);
        let (Some(leaf), Some(raw)) = (
            self.leaves.get(&element.tensor),
            self.raw_value(element.tensor),
        ) else {
            let address = self.network.address(element);
            return Err(
                Diagnostic::new(format!("`{address}` is computed, so it cannot be set"))
                    .hinted("set an input, a weight or a bias that it is computed from"),
            );
        };
        let changed = changed(leaf, element.at, value).ok_or_else(|| not_finite(&info.name))?;
        let mut scenario = self.spliced(self.number(raw, &changed, element.at));
        scenario.leaves.insert(element.tensor, changed);
        Ok(scenario)
    }

    /// Returns the scenario with another upstream gradient of a neuron, where one is given to its
    /// tensor.
    ///
    /// # Errors
    /// None is given to the tensor, or the value is not finite, which a scenario cannot hold.
    pub fn with_upstream(&self, element: Element, value: f64) -> Result<Self, Diagnostic> {
        let name = &self.network.tensor(element.tensor).name;
        let Some(given) = self.upstream.get(&element.tensor) else {
            let names: Vec<String> = self
                .upstream
                .keys()
                .map(|&id| quote(&self.network.tensor(id).name))
                .collect();
            return Err(
                Diagnostic::new(format!("no upstream gradient is given to `{name}`")).hinted(
                    format!("one is given to {}", crate::diagnostic::list(&names, "and")),
                ),
            );
        };
        let changed = changed(given, element.at, value).ok_or_else(|| not_finite(name))?;
        let top = self.top();
        let member = top.as_ref().and_then(|top| top.get("upstream"));
        let given = member.and_then(|member| {
            Object::read(self.source(), member.value)?
                .get(name)
                .map(|member| member.value)
        });
        let splice = match (given, member) {
            (Some(raw), _) => self.number(raw, &changed, element.at),
            // Left out, it is 1 where the last layer has one element.
            (None, Some(member)) => (
                self.span(member.value),
                format!("{{ \"{name}\": {} }}", written::tensor(&changed, 2)),
            ),
            (None, None) => {
                let text = format!(
                    "\"upstream\": {{ \"{name}\": {} }}",
                    written::tensor(&changed, 2)
                );
                self.appended(top.as_ref(), &text)
            }
        };
        let mut scenario = self.spliced(splice);
        scenario.upstream.insert(element.tensor, changed);
        Ok(scenario)
    }

    /// Returns the scenario with another setting of a layer, as in JSON; a bare word is a string.
    /// Nothing takes the key out of the file, so that its default holds.
    ///
    /// # Errors
    /// The first problem that the changed scenario has, and all others with it.
    pub fn with_setting(
        &self,
        layer: TensorId,
        key: &str,
        value: Option<&str>,
    ) -> Result<Self, Diagnostic> {
        let name = &self.network.tensor(layer).name;
        let Some(object) = self.layer_object(layer) else {
            return Err(Diagnostic::new(format!(
                "`{name}` is no layer, so it has no settings"
            )));
        };
        if key == NAME {
            return Err(Diagnostic::new(
                "a layer keeps its name, by which everything else calls it",
            ));
        }
        if matches!(key, "weight" | "bias") {
            let hint = format!("its numbers can be set one by one, as in `set {name}.{key}[0] 1`");
            return Err(
                Diagnostic::new(format!("`{key}` is a tensor and no setting")).hinted(hint),
            );
        }
        if key == "ties" && self.origin.options.ties.is_some() {
            return Err(
                Diagnostic::new("`--ties` on the command line decides for every layer")
                    .hinted("start without it to set `ties` here"),
            );
        }
        let place = object.members.iter().position(|member| member.key == key);
        let splice = match (place, value) {
            (Some(place), Some(value)) => (self.span(object.members[place].value), json_of(value)),
            (Some(place), None) => (self.span_with_comma(&object.members, place), String::new()),
            (None, Some(value)) => self.appended(
                Some(&object),
                &format!("{}: {}", json_string(key), json_of(value)),
            ),
            (None, None) => return Ok(self.clone()),
        };
        let source = self.source_with(splice);
        loader::load(
            &source,
            &NoFiles,
            self.origin.options,
            self.origin.files.clone(),
        )
    }

    /// The keys of a layer in the file that can be set, with their values as they stand there.
    pub fn settings(&self, layer: TensorId) -> Vec<(String, String)> {
        let members = self
            .layer_object(layer)
            .map(|object| object.members)
            .unwrap_or_default();
        let can_be_set =
            |member: &Member<'_>| !matches!(member.key.as_str(), NAME | "weight" | "bias");
        members
            .into_iter()
            .filter(can_be_set)
            .map(|member| (member.key, member.value.get().to_owned()))
            .collect()
    }

    /// Returns the scenario's file as it now is, with the tensors of other files written out.
    ///
    /// # Errors
    /// Those tensors have too many numbers to be written out.
    pub fn to_json(&self) -> Result<String, Diagnostic> {
        let mut in_files = Vec::new();
        let top = self.top().map(|top| top.members).unwrap_or_default();
        for member in top {
            self.find_in_files(member.value, &mut in_files);
        }
        let n_numbers: usize = in_files.iter().map(|(_, tensor)| tensor.data().len()).sum();
        if n_numbers > MOST_WRITTEN {
            let message = format!(
                "its tensor files hold {n_numbers} numbers, too many to write them all out in one scenario"
            );
            return Err(Diagnostic::new(message).hinted(format!("{MOST_WRITTEN} is the most")));
        }
        let mut text = self.source().text.clone();
        for (span, tensor) in in_files.into_iter().rev() {
            let line = &self.source().text[..span.start];
            let line = &line[line.rfind('\n').map_or(0, |newline| newline + 1)..];
            let indent = line.len() - line.trim_start_matches(' ').len();
            text.replace_range(span, &written::tensor(tensor, indent));
        }
        Ok(text)
    }

    /// Finds the tensors under a value that are in other files, in the order of the text.
    fn find_in_files<'a>(&'a self, raw: Raw<'_>, found: &mut Vec<(Range<usize>, &'a Tensor)>) {
        if let Some(object) = Object::read(self.source(), raw) {
            match self.in_file(&object) {
                Some(tensor) => found.push((object.span, tensor)),
                None => object
                    .members
                    .iter()
                    .for_each(|member| self.find_in_files(member.value, found)),
            }
        } else if json::kind(raw) == "a list" && raw.get().contains("\"file\"") {
            json::array(raw)
                .unwrap_or_default()
                .into_iter()
                .for_each(|element| self.find_in_files(element, found));
        }
    }

    /// The tensor that an object names in a file, where it does.
    fn in_file(&self, object: &Object<'_>) -> Option<&Tensor> {
        let path = json::string(object.get("file")?.value)?;
        let key = object
            .get("key")
            .and_then(|member| json::string(member.value));
        self.origin.files.get(&(path, key))
    }

    fn source(&self) -> &Source {
        &self.origin.source
    }

    fn span(&self, raw: Raw<'_>) -> Range<usize> {
        json::span(self.source(), raw)
    }

    /// The outermost object; it is there, for the text has been read before.
    fn top(&self) -> Option<Object<'_>> {
        Object::read(self.source(), json::parse(&self.origin.source).ok()?)
    }

    fn layer_object(&self, layer: TensorId) -> Option<Object<'_>> {
        let Kind::Layer(number) = self.network.tensor(layer).kind else {
            return None;
        };
        let layers = json::array(self.top()?.get("layers")?.value)?;
        Object::read(self.source(), layers.get(number)?)
    }

    /// The value of an input or a parameter in the text.
    fn raw_value(&self, tensor: TensorId) -> Option<Raw<'_>> {
        let info = self.network.tensor(tensor);
        match info.kind {
            Kind::Input => {
                let inputs = Object::read(self.source(), self.top()?.get("inputs")?.value)?;
                inputs.get(&info.name).map(|member| member.value)
            }
            Kind::Parameter(number) => {
                let layer = self.network.layers().get(number)?.output;
                let (_, key) = info.name.rsplit_once('.')?;
                self.layer_object(layer)?
                    .get(key)
                    .map(|member| member.value)
            }
            Kind::Layer(_) => None,
        }
    }

    /// Returns where the number at a row-major place stands in a tensor's value, and what is to
    /// stand there. A tensor that is in another file is written out.
    fn number(&self, raw: Raw<'_>, changed: &Tensor, at: usize) -> (Range<usize>, String) {
        let place = match Object::read(self.source(), raw) {
            Some(object) => object
                .get("data")
                .and_then(|data| json::array(data.value)?.get(at).copied()),
            None => changed
                .shape()
                .index(at)
                .iter()
                .try_fold(raw, |raw, &at| json::array(raw)?.get(at).copied()),
        };
        match place {
            Some(place) => (self.span(place), exact(changed.data()[at])),
            None => (self.span(raw), written::tensor(changed, 4)),
        }
    }

    /// Where a member stands, with the comma that keeps it from its neighbour.
    fn span_with_comma(&self, members: &[Member<'_>], place: usize) -> Range<usize> {
        let end = |member: &Member<'_>| self.span(member.value).end;
        match (place.checked_sub(1), members.get(place + 1)) {
            (Some(before), _) => end(&members[before])..end(&members[place]),
            (None, Some(after)) => members[place].key_span.start..after.key_span.start,
            (None, None) => members[place].key_span.start..end(&members[place]),
        }
    }

    /// Returns the place after an object's last member, and a member more.
    fn appended(&self, object: Option<&Object<'_>>, member: &str) -> (Range<usize>, String) {
        let last = object
            .and_then(|object| object.members.last())
            .map_or(0, |last| self.span(last.value).end);
        // A member that stands on a line of its own has its neighbours below it.
        let gap = object.map_or(" ", |object| {
            let first = object
                .members
                .first()
                .map_or(object.span.start, |first| first.key_span.start);
            let before = &self.source().text[object.span.start.min(first)..first];
            before.rfind('\n').map_or(" ", |newline| &before[newline..])
        });
        (last..last, format!(",{gap}{member}"))
    }

    fn source_with(&self, (span, text): (Range<usize>, String)) -> Arc<Source> {
        let mut changed = self.source().text.clone();
        changed.replace_range(span, &text);
        Arc::new(Source {
            name: self.source().name.clone(),
            text: changed,
        })
    }

    /// The scenario with another text, whose network is the same.
    fn spliced(&self, splice: (Range<usize>, String)) -> Self {
        let mut scenario = self.clone();
        scenario.origin.source = self.source_with(splice);
        scenario.sha256 = sha256(&scenario.origin.source.text);
        scenario
    }
}

/// Returns the tensor with another element, unless that is not finite.
fn changed(tensor: &Tensor, at: usize, value: f64) -> Option<Tensor> {
    let mut changed = tensor.clone();
    *changed.data_mut().get_mut(at)? = Some(value).filter(|value| value.is_finite())?;
    Some(changed)
}

fn not_finite(name: &str) -> Diagnostic {
    Diagnostic::new(format!("`{name}` can hold only finite numbers"))
}

/// Returns a setting as JSON: what is no JSON is a bare word.
fn json_of(text: &str) -> String {
    let text = text.trim();
    if serde_json::from_str::<serde_json::Value>(text).is_ok() {
        text.to_owned()
    } else {
        json_string(text)
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::scenario::{Files, OpenError, Options, ReadSeek};

    /// A folder in which every file is a list of so many zeros.
    struct Zeros(usize);

    impl Files for Zeros {
        fn open(&self, _: &str) -> Result<Box<dyn ReadSeek>, OpenError> {
            let header = format!(
                "{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}\n",
                self.0
            );
            let length = u16::try_from(header.len()).unwrap().to_le_bytes();
            let zeros = vec![0; 8 * self.0];
            Ok(Box::new(Cursor::new(
                [
                    b"\x93NUMPY\x01\x00",
                    length.as_slice(),
                    header.as_bytes(),
                    &zeros,
                ]
                .concat(),
            )))
        }
    }

    fn read(json: &str, n_in_file: usize) -> Scenario {
        Scenario::read(
            "test.json",
            json.as_bytes(),
            &Zeros(n_in_file),
            Options::default(),
        )
        .unwrap()
    }

    fn id(scenario: &Scenario, name: &str) -> TensorId {
        scenario.network.find(name).unwrap()
    }

    fn set(scenario: &Scenario, tensor: &str, at: usize, value: f64) -> Scenario {
        scenario
            .with_value(
                Element {
                    tensor: id(scenario, tensor),
                    at,
                },
                value,
            )
            .unwrap()
    }

    #[test]
    fn a_number_is_edited_wherever_it_stands() {
        let scenario = read(
            r#"{"backstep": 1, "inputs": {"a": {"shape": [1, 2], "data": [1, 2]}, "b": 3, "c": {"file": "c.npy"}},
                "layers": [{"name": "y", "op": "add", "from": ["a", "b", "c"]}], "upstream": {"y": [[1, 1]]}}"#,
            2,
        );
        let edited = set(
            &set(&set(&scenario, "a", 1, -0.5), "b", 0, 1e-7),
            "c",
            1,
            4.0,
        );
        let text = edited.to_json().unwrap();
        assert!(
            text.contains(r#"{"a": {"shape": [1, 2], "data": [1, -0.5]}, "b": 1e-7, "c": [0, 4]}"#),
            "{text}"
        );
        let again =
            Scenario::read("test.json", text.as_bytes(), &NoFiles, Options::default()).unwrap();
        assert_eq!(
            (&again.leaves, &again.sha256),
            (&edited.leaves, &edited.sha256)
        );
        assert!(scenario.to_json().unwrap().contains(r#""c": [0, 0]}"#));
    }

    #[test]
    fn a_setting_is_added_changed_and_taken_away() {
        let scenario = read(
            "{\"backstep\": 1, \"inputs\": {\"x\": [1, 2, 3]},\n \"layers\": [\n  {\n    \"kernel_size\": 3,\n    \"name\": \"p\",\n    \
             \"op\": \"max_pool1d\"\n  }\n ], \"upstream\": {\"p\": [1]}}",
            0,
        );
        let p = id(&scenario, "p");
        let added = scenario.with_setting(p, "ties", Some("all")).unwrap();
        assert!(
            added
                .to_json()
                .unwrap()
                .contains("\"op\": \"max_pool1d\",\n    \"ties\": \"all\"\n  }")
        );
        assert_eq!(
            added.with_setting(p, "ties", None).unwrap().to_json(),
            scenario.to_json()
        );
        let missing = scenario.with_setting(p, "kernel_size", None).unwrap_err();
        assert_eq!(
            missing.message,
            "the key `kernel_size` is missing, which `max_pool1d` needs"
        );
        assert_eq!(
            scenario.with_setting(p, "stride", None).unwrap().to_json(),
            scenario.to_json()
        );
        let overridden = Options {
            ties: Some(crate::ops::Ties::Split),
            ..Options::default()
        };
        let text = scenario.to_json().unwrap();
        let scenario = Scenario::read("test.json", text.as_bytes(), &NoFiles, overridden).unwrap();
        assert!(
            scenario
                .with_setting(p, "ties", Some("all"))
                .unwrap_err()
                .message
                .contains("--ties")
        );
    }

    #[test]
    fn what_no_scenario_can_hold_is_refused() {
        let json =
            r#"{"backstep": 1, "inputs": {"x": [1]}, "layers": [{"name": "y", "op": "relu"}]}"#;
        let scenario = read(json, 0);
        let [x, y] = ["x", "y"].map(|name| Element {
            tensor: id(&scenario, name),
            at: 0,
        });
        assert!(
            scenario.with_value(x, f64::NAN).is_err()
                && scenario.with_upstream(y, f64::INFINITY).is_err()
        );
        assert!(scenario.with_value(y, 1.0).is_err() && scenario.with_upstream(x, 1.0).is_err());
        assert!(scenario.with_setting(x.tensor, "op", Some("relu")).is_err());
    }

    #[test]
    fn tensor_files_that_are_too_large_are_not_written_out() {
        let json = r#"{"backstep": 1, "inputs": {"x": {"file": "x.npy"}}, "layers": [{"name": "y", "op": "sum"}]}"#;
        let scenario = read(json, MOST_WRITTEN + 1);
        assert!(
            scenario
                .to_json()
                .unwrap_err()
                .message
                .contains("too many to write")
        );
        // What is edited needs no file any more, and other edits still read what was in it.
        assert_eq!(
            scenario
                .with_setting(id(&scenario, "y"), "keepdim", Some("true"))
                .unwrap()
                .leaves,
            scenario.leaves
        );
    }
}
