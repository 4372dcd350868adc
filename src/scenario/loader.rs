use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::json::{self, Member, Object, Raw};
use super::open_files::OpenFiles;
use super::{Files, Notes, Options, Origin, Scenario, Settings, Tensors};
use crate::diagnostic::{Diagnostic, Source, nearest, quote};
use crate::tape::{Kind, Layer, Network, TensorInfo};
use crate::tensor::{Shape, Tensor, TensorId, is_name};

/// The version of the format that is read.
const VERSION: u64 = 1;
const KEYS: &[&str] = &[
    "backstep",
    "title",
    "description",
    "inputs",
    "layers",
    "upstream",
    "ask",
    "notes",
];

/// How many unknown names are answered with the nearest that there is, which takes a comparison with
/// every one.
const MOST_GUESSES: usize = 32;

/// What is known of a text that was read before, and is not read again.
#[derive(Default)]
pub(super) struct Before {
    /// The tensors as they now are.
    pub(super) tensors: Tensors,
    /// What of the settings is other than in the text.
    pub(super) settings: Arc<Settings>,
}

/// Reads the whole file, and reports every problem in it.
pub(super) fn load(
    source: &Arc<Source>,
    files: &dyn Files,
    options: Options,
    before: &Before,
) -> Result<Scenario, Diagnostic> {
    let raw = json::parse(source)?;
    let Some(top) = Object::read(source, raw) else {
        let problem = match json::kind(raw) {
            "an object" => {
                "a key is not valid text: half of a surrogate pair stands alone".to_owned()
            }
            kind => format!("a scenario is an object, found {kind}"),
        };
        return Err(Diagnostic::new(problem).at(source, json::span(source, raw)));
    };
    check_version(source, &top)?;
    let mut loader = Loader::new(source, files, options, before);
    loader.refuse_duplicates(&top);
    loader.refuse_unknown(&top, KEYS, "a scenario");
    let title = loader.optional_string(&top, "title");
    let description = loader.optional_string(&top, "description");
    let mut layers = loader.layer_objects(&top);
    edit(&mut layers, &before.settings);
    loader.inputs(&top);
    loader.first_parameter = loader.names.len() + layers.len();
    for (number, layer) in layers.iter().enumerate() {
        loader.layer(number, layer);
    }
    let upstream = loader.upstream(&top);
    let ask = loader.ask(&top);
    let notes = loader.notes(&top);
    let mut problems = std::mem::take(&mut loader.problems);
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
    match Diagnostic::all(problems) {
        Some(problems) => Err(problems),
        None => Ok(loader.finish(title, description, upstream, ask, notes)),
    }
}

/// Puts edited settings in the place of those in the text.
fn edit<'t>(layers: &mut [Object<'t>], settings: &'t Settings) {
    for (&layer, edits) in settings {
        let Some(Object { members, .. }) = layers.get_mut(layer) else {
            continue;
        };
        members.retain(|member| !edits.contains_key(&member.key));
        let edited = edits.iter().filter_map(|(key, value)| {
            Some(Member {
                key: key.clone(),
                key_span: 0..0,
                value: value.as_ref()?,
            })
        });
        members.extend(edited);
    }
}

/// Checks the version before anything else, since nothing is known of another version's keys.
fn check_version(source: &Arc<Source>, top: &Object<'_>) -> Result<(), Diagnostic> {
    let Some(member) = top.get("backstep") else {
        return Err(Diagnostic::new(
            "the key `backstep` is missing, which says the version of the format",
        )
        .at(source, 0..source.text.len().min(1))
        .hinted(format!(
            "begin the file with {{ \"backstep\": {VERSION}, ..."
        )));
    };
    if serde_json::from_str::<u64>(member.value.get()).is_ok_and(|version| version == VERSION) {
        return Ok(());
    }
    let at = json::span(source, member.value);
    if json::kind(member.value) != "a number" {
        let message = format!(
            "`backstep` must be the number {VERSION}, found {}",
            json::kind(member.value)
        );
        return Err(Diagnostic::new(message)
            .at(source, at)
            .hinted("it says the version of the format"));
    }
    let found = quote(member.value.get());
    Err(Diagnostic::new(format!(
        "the file is of version {found} of the format, but this program reads version {VERSION}"
    ))
    .at(source, at)
    .hinted("a newer backstep may read it"))
}

/// What is known so far of a scenario that is being read, and what is wrong with it.
pub(super) struct Loader<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) files: OpenFiles<'a>,
    pub(super) options: Options,
    /// The tensors that were read before.
    pub(super) before: &'a Tensors,
    /// The tensors of the text so far.
    pub(super) written: Tensors,
    /// What has been read from tensor files, by path and key.
    pub(super) in_files: HashMap<(String, Option<String>), Tensor>,
    /// How many elements the tensors to come may have together.
    pub(super) elements_left: usize,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) names: BTreeMap<String, TensorId>,
    pub(super) tensors: BTreeMap<TensorId, Known>,
    pub(super) leaves: BTreeMap<TensorId, Tensor>,
    pub(super) layers: Vec<Layer>,
    /// The names of all layers, those that have not been read among them.
    pub(super) layer_names: Vec<Option<String>>,
    /// The same, to look one up.
    pub(super) all_layer_names: HashSet<String>,
    /// How many unknown names may still be answered with the nearest.
    pub(super) guesses_left: usize,
    pub(super) n_inputs: usize,
    pub(super) first_parameter: usize,
    pub(super) n_parameters: usize,
}

/// A tensor that has a name. Its shape is unknown where something was wrong with the layer that
/// makes it.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) shape: Option<Shape>,
    pub(super) view_of: Option<TensorId>,
}

impl<'a> Loader<'a> {
    fn new(
        source: &'a Arc<Source>,
        files: &'a dyn Files,
        options: Options,
        before: &'a Before,
    ) -> Self {
        Self {
            source,
            files: OpenFiles::new(files),
            options,
            before: &before.tensors,
            written: Tensors::new(),
            in_files: HashMap::new(),
            elements_left: options.max_elements,
            problems: Vec::new(),
            names: BTreeMap::new(),
            tensors: BTreeMap::new(),
            leaves: BTreeMap::new(),
            layers: Vec::new(),
            layer_names: Vec::new(),
            all_layer_names: HashSet::new(),
            guesses_left: MOST_GUESSES,
            n_inputs: 0,
            first_parameter: 0,
            n_parameters: 0,
        }
    }

    /// Reports a problem; returns nothing, for whoever has nothing to return then.
    pub(super) fn problem<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// Takes a tensor's elements from what is left, or reports that they are too many.
    pub(super) fn charge(&mut self, shape: &Shape, span: Range<usize>) -> bool {
        let fits = self.fits(shape, span);
        if fits {
            self.elements_left -= shape.numel();
        }
        fits
    }

    /// Reports a tensor that has more elements than are left.
    pub(super) fn fits(&mut self, shape: &Shape, span: Range<usize>) -> bool {
        let fits = shape.numel() <= self.elements_left;
        if !fits {
            let message =
                format!("with this tensor of shape {shape} the scenario has too many elements");
            self.problems.push(
                Diagnostic::new(message)
                    .at(self.source, span)
                    .hinted("`--max-elements` sets how many all tensors may have together"),
            );
        }
        fits
    }

    pub(super) fn refuse_duplicates(&mut self, object: &Object<'_>) {
        self.problems.extend(json::duplicates(self.source, object));
    }

    /// Reports keys that are not known, with the nearest one that is.
    pub(super) fn refuse_unknown(&mut self, object: &Object<'_>, known: &[&str], of: &str) {
        for member in object
            .members
            .iter()
            .filter(|member| !known.contains(&member.key.as_str()))
        {
            let hint = match nearest(&member.key, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the keys are {}", known.join(", ")),
            };
            self.problems.push(
                Diagnostic::new(format!("{} is not a key of {of}", quote(&member.key)))
                    .at(self.source, member.key_span.clone())
                    .hinted(hint),
            );
        }
    }

    /// Returns a member's text, or reports that it is no string.
    pub(super) fn string_member(&mut self, object: &Object<'_>, key: &str) -> Option<String> {
        let value = object.get(key)?.value;
        json::string(value).or_else(|| self.unfit(value, &format!("`{key}` must be a string")))
    }

    fn optional_string(&mut self, object: &Object<'_>, key: &str) -> String {
        self.string_member(object, key).unwrap_or_default()
    }

    /// Reports a value of the wrong kind.
    pub(super) fn unfit<T>(&mut self, value: Raw<'_>, must: &str) -> Option<T> {
        let found = match json::kind(value) {
            "a string" if json::string(value).is_none() => "a string that is not valid text",
            "an object" if Object::read(self.source, value).is_none() => {
                "an object with a key that is not valid text"
            }
            kind => kind,
        };
        self.problem(
            Diagnostic::new(format!("{must}, found {found}"))
                .at(self.source, json::span(self.source, value)),
        )
    }

    /// Returns the members of a required or optional object.
    pub(super) fn object_member<'t>(&mut self, top: &Object<'t>, key: &str) -> Option<Object<'t>> {
        let value = top.get(key)?.value;
        let object = Object::read(self.source, value);
        match &object {
            Some(object) => self.refuse_duplicates(object),
            None => return self.unfit(value, &format!("`{key}` must be an object")),
        }
        object
    }

    fn missing(&mut self, key: &str, what: &str) {
        let end = self.source.text.trim_end().len();
        let place = end.saturating_sub(1)..end;
        self.problems.push(
            Diagnostic::new(format!("the key `{key}` is missing: {what}")).at(self.source, place),
        );
    }

    /// Returns the objects in `layers`, and learns the names of all of them.
    fn layer_objects<'t>(&mut self, top: &Object<'t>) -> Vec<Object<'t>> {
        let what = "a scenario has at least one layer";
        let Some(member) = top.get("layers") else {
            self.missing("layers", what);
            return Vec::new();
        };
        let Some(values) = json::array(member.value) else {
            self.unfit::<()>(member.value, "`layers` must be a list");
            return Vec::new();
        };
        if values.is_empty() {
            let span = json::span(self.source, member.value);
            self.problems.push(
                Diagnostic::new(format!("`layers` is empty, but {what}")).at(self.source, span),
            );
        }
        let read = |value: Raw<'t>| Object::read(self.source, value).ok_or(value);
        let (objects, others): (Vec<_>, Vec<_>) =
            values.into_iter().map(read).partition(Result::is_ok);
        for value in others.into_iter().filter_map(Result::err) {
            self.unfit::<()>(value, "a layer must be an object");
        }
        let objects: Vec<Object<'t>> = objects.into_iter().filter_map(Result::ok).collect();
        self.layer_names = objects
            .iter()
            .map(|layer| json::string(layer.get("name")?.value))
            .collect();
        self.all_layer_names = self.layer_names.iter().flatten().cloned().collect();
        objects
    }

    fn inputs(&mut self, top: &Object<'_>) {
        let what = "a scenario has at least one input";
        if top.get("inputs").is_none() {
            return self.missing("inputs", what);
        }
        let Some(inputs) = self.object_member(top, "inputs") else {
            return;
        };
        if inputs.members.is_empty() {
            let span = top
                .get("inputs")
                .map(|member| json::span(self.source, member.value))
                .unwrap_or_default();
            self.problems.push(
                Diagnostic::new(format!("`inputs` is empty, but {what}")).at(self.source, span),
            );
        }
        for member in &inputs.members {
            let id = TensorId(u32::try_from(self.n_inputs).unwrap_or(u32::MAX));
            self.n_inputs += 1;
            let value = self.tensor(member.value);
            let shape = value.as_ref().map(|value| value.shape().clone());
            self.name(id, &member.key, member.key_span.clone(), Kind::Input, shape);
            self.leaves.extend(value.map(|value| (id, value)));
        }
    }

    /// Gives a tensor its name, or reports that it cannot have it.
    pub(super) fn name(
        &mut self,
        id: TensorId,
        name: &str,
        span: Range<usize>,
        kind: Kind,
        shape: Option<Shape>,
    ) {
        // A name that a layer cannot have is reported once, and not again for each of its
        // parameters.
        let is_known = self.names.get(name).is_some_and(|id| {
            let other = &self.tensors[id].kind;
            !matches!((kind, other), (Kind::Parameter(_), Kind::Parameter(_)))
        });
        if !is_name(name) && !matches!(kind, Kind::Parameter(_)) {
            let message = format!("{} cannot be the name of a tensor", quote(name));
            let hint = "a name begins with a letter or _ and goes on with letters, digits, _ and .";
            self.problems
                .push(Diagnostic::new(message).at(self.source, span).hinted(hint));
        } else if is_known {
            let message = format!("two tensors are named {}", quote(name));
            let hint = "names are unique over inputs, layers and parameters such as `fc.weight`";
            self.problems
                .push(Diagnostic::new(message).at(self.source, span).hinted(hint));
        }
        self.names.entry(name.to_owned()).or_insert(id);
        self.tensors.insert(
            id,
            Known {
                name: name.to_owned(),
                kind,
                shape,
                view_of: None,
            },
        );
    }

    /// Makes the scenario of what was read; nothing was wrong with it.
    fn finish(
        self,
        title: String,
        description: String,
        upstream: BTreeMap<TensorId, Tensor>,
        ask: Option<Vec<TensorId>>,
        notes: Notes,
    ) -> Scenario {
        let info = |known: Known| TensorInfo {
            name: known.name,
            kind: known.kind,
            shape: known.shape.unwrap_or_else(Shape::scalar),
            view_of: known.view_of,
        };
        let tensors = self.tensors.into_values().map(info).collect();
        let network = Arc::new(Network::new(tensors, self.layers));
        let origin = Origin {
            source: Arc::clone(self.source),
            options: self.options,
            tensors: self.written,
            map: OnceLock::new(),
        };
        Scenario {
            title,
            description: description.into(),
            network,
            leaves: self.leaves,
            upstream,
            ask,
            notes,
            origin: Arc::new(origin),
            settings: Arc::default(),
            is_edited: false,
        }
    }
}
