//! The reading of a scenario's text, with every problem in it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::json::{self, Member, Object, Raw};
use super::open_files::OpenFiles;
use super::{Files, Gradients, Notes, Options, Origin, Scenario, Settings, Tensors};
use crate::diagnostic::{Diagnostic, Source, did_you_mean, quote};
use crate::tape::{Built, NetworkBuilder, NetworkError, NetworkFault};
use crate::tensor::{Arithmetic, Shape, Tensor};

/// The version of the format that is read.
const VERSION: u64 = 1;
/// For how many unknown names the nearest known one is looked for: each look is as long as the
/// network has names.
const MOST_GUESSES: usize = 20;
const KEYS: &[&str] = &[
    "backstep",
    "title",
    "description",
    "inputs",
    "parameters",
    "layers",
    "upstream",
    "ask",
    "points",
    "gradients",
    "train",
    "precision",
    "loss_scale",
    "notes",
    "$schema",
];

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
    loader.optional_string(&top, "$schema");
    let mut layers = loader.layer_objects(&top);
    edit(&mut layers, &before.settings);
    loader.inputs(&top);
    let parameters = loader.shared_parameters(&top);
    layers.iter().for_each(|layer| loader.layer(layer));
    loader.expect_read(&parameters);
    let upstream = loader.upstream(&top);
    let train = loader.train(&top);
    loader.has_updates = train.is_some() || top.get("train").is_none();
    let arithmetic = loader.arithmetic(&top);
    loader.expect_one_loss(&top, &upstream);
    loader.expect_plain(&top, arithmetic);
    let ask = loader.ask(&top);
    let points = loader.points(&top);
    let gradients = loader.gradients(&top);
    let notes = loader.notes(&top);
    let mut problems = std::mem::take(&mut loader.problems);
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
    problems.dedup();
    match Diagnostic::all(problems) {
        Some(problems) => Err(problems),
        None => {
            let (read, built) = loader.finish(arithmetic)?;
            let train = train.map(|train| train.finish(&read, &|of| built.id(of)));
            Ok(Scenario {
                title,
                description: description.into(),
                upstream,
                ask,
                points,
                gradients,
                notes,
                train: train.transpose()?.map(Arc::new),
                ..read
            })
        }
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
    pub(super) problems: Vec<Diagnostic>,
    pub(super) net: NetworkBuilder,
    /// How many of the builder's errors are among the problems.
    n_reported: usize,
    /// How many elements have been read that the builder does not have.
    pub(super) held: usize,
    /// The names of all layers, those that have not been read among them.
    pub(super) layer_names: HashSet<String>,
    /// Whether a training that the text has could be read, so that its parameters have new values.
    pub(super) has_updates: bool,
    /// For how many more unknown names the nearest known one is looked for, among all of them.
    pub(super) guesses_left: usize,
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
            problems: Vec::new(),
            net: NetworkBuilder::with_limit(options.max_elements),
            n_reported: 0,
            held: 0,
            layer_names: HashSet::new(),
            has_updates: true,
            guesses_left: MOST_GUESSES,
        }
    }

    /// Reports a problem; returns nothing, for whoever has nothing to return then.
    pub(super) fn problem<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// How many elements the tensors to come may have together.
    pub(super) fn elements_left(&self) -> usize {
        self.net.elements_left().saturating_sub(self.held)
    }

    /// Reports a tensor that has more elements than are left.
    pub(super) fn fits(&mut self, shape: &Shape, span: Range<usize>) -> bool {
        let fits = shape.numel() <= self.elements_left();
        if !fits {
            self.problems
                .push(too_many_elements(shape).at(self.source, span));
        }
        fits
    }

    /// Reports what the builder has against the part that was added last. `span` says where its
    /// sites are in the text.
    pub(super) fn report(&mut self, span: impl Fn(&NetworkError) -> Range<usize>) {
        let errors = &self.net.errors()[self.n_reported..];
        self.n_reported += errors.len();
        let problems = errors
            .iter()
            .map(|error| problem(&error.fault, self.source, span(error)));
        self.problems.extend(problems);
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
            let hint = did_you_mean(&member.key, known.iter().copied())
                .unwrap_or_else(|| format!("the keys are {}", known.join(", ")));
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
        let mut object = Object::read(self.source, value);
        match &mut object {
            Some(object) => {
                self.refuse_duplicates(object);
                // What follows from the second of two is no problem of its own.
                let mut seen = HashSet::new();
                object
                    .members
                    .retain(|member| seen.insert(member.key.clone()));
            }
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
            .filter_map(|layer| json::string(layer.get("name")?.value))
            .collect();
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
        // A table of parameters can be all that there is to read.
        if inputs.members.is_empty() && top.get("parameters").is_none() {
            let span = top
                .get("inputs")
                .map(|member| json::span(self.source, member.value))
                .unwrap_or_default();
            self.problems.push(
                Diagnostic::new(format!("`inputs` is empty, but {what}")).at(self.source, span),
            );
        }
        for member in &inputs.members {
            let value = self.tensor(member.value);
            self.net.input_as_read(&member.key, value);
            self.report(|_| member.key_span.clone());
        }
    }

    /// Makes the scenario of the network that was read; nothing was wrong with it.
    fn finish(self, arithmetic: Arithmetic) -> Result<(Scenario, Built), Diagnostic> {
        let built = self
            .net
            .build()
            .map_err(|errors| Diagnostic::new(errors.to_string()))?;
        let origin = Origin {
            source: Arc::clone(self.source),
            options: self.options,
            tensors: self.written,
            map: OnceLock::new(),
            arithmetic,
        };
        let scenario = Scenario {
            title: String::new(),
            description: Arc::default(),
            network: Arc::clone(&built.network),
            leaves: built.leaves.clone(),
            upstream: BTreeMap::new(),
            ask: None,
            points: BTreeMap::new(),
            gradients: Gradients::default(),
            arithmetic,
            notes: Notes::default(),
            train: None,
            origin: Arc::new(origin),
            settings: Arc::default(),
            is_edited: false,
        };
        Ok((scenario, built))
    }
}

/// What to do about it.
const MOST_ELEMENTS: &str = "`--max-elements` sets how many all tensors may have together";

/// What is said of a tensor for which there are not enough elements left.
fn too_many_elements(shape: &Shape) -> Diagnostic {
    let message = format!("with this tensor of shape {shape} the scenario has too many elements");
    Diagnostic::new(message).hinted(MOST_ELEMENTS)
}

/// What the builder has against a part, said of the place in the text.
fn problem(fault: &NetworkFault, source: &Arc<Source>, span: Range<usize>) -> Diagnostic {
    let problem = match fault {
        NetworkFault::TooManyElements { shape, .. } => too_many_elements(shape),
        NetworkFault::TooManyNumbers { needed, most } => Diagnostic::new(format!(
            "with this layer the scenario takes {needed} numbers at once, gradients and copies \
             among them, more than {most}"
        ))
        .hinted(MOST_ELEMENTS),
        fault => Diagnostic {
            hint: fault.hint(),
            ..Diagnostic::new(fault.to_string())
        },
    };
    let problem = problem.at(source, span);
    match fault.label() {
        Some(label) => problem.labelled(label),
        None => problem,
    }
}
