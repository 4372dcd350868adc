//! A scenario file: text in, a checked network out, or every problem of the file at once.

mod asked;
mod edit;
mod edited_text;
mod emit;
mod extras;
mod files;
mod inline;
mod joined;
pub(crate) mod json;
mod layer;
mod loader;
mod open_files;
mod other_names;
mod parameter;
mod read;
mod refit;
mod setting;
mod source_map;
pub mod tensor_file;
mod train;
mod trained;
mod value;
mod written;

pub use asked::Asked;
pub use edit::Edit;
pub(crate) use edited_text::sha256_of;
pub(crate) use emit::{LayerText, Numbers, Text};
pub use files::{Files, NoFiles, OpenError, ReadSeek};
pub use joined::{Part, joined};
pub(crate) use setting::json as setting_in_json;
pub use train::{Batch, MOST_UPDATES, Train};

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;

use source_map::SourceMap;

use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::Source;
use crate::ops::Ties;
use crate::tape::{MAX_ELEMENTS, Network, Tape};
use crate::tensor::{Arithmetic, Element, Precision, Tensor, TensorId};

/// A checked scenario. A copy shares whatever is large, until it is edited.
///
/// ```
/// use backstep::scenario::{NoFiles, Options, Scenario};
///
/// let text = br#"{
///   "backstep": 1,
///   "inputs": { "x": [4, 2] },
///   "layers": [{ "name": "fc", "op": "linear", "weight": [[1, -1]], "bias": [0.5] }]
/// }"#;
/// let scenario = Scenario::read("net.json", text, &NoFiles, Options::default())?;
/// let fc = scenario.network.find("fc").unwrap();
/// assert_eq!(scenario.tape().value(fc).data(), [2.5]);
///
/// let wrong = Scenario::read("net.json", b"{}", &NoFiles, Options::default());
/// assert!(wrong.unwrap_err().to_string().contains("`backstep` is missing"));
/// # Ok::<(), backstep::diagnostic::Diagnostic>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The title; empty where the file has none.
    pub title: String,
    /// The description; empty where the file has none.
    pub description: Arc<str>,
    /// The network.
    pub network: Arc<Network>,
    /// The values of every input and parameter.
    pub leaves: BTreeMap<TensorId, Tensor>,
    /// The upstream gradients that are given.
    pub upstream: BTreeMap<TensorId, Tensor>,
    /// The gradients that a worksheet asks for, where the scenario says so.
    pub ask: Option<Asked>,
    /// By tensor: the points of homework, where the scenario says so.
    pub points: BTreeMap<TensorId, f64>,
    /// Which gradient of a layer that ends in an activation homework is about.
    pub gradients: Gradients,
    /// How the network is trained, where it is.
    pub train: Option<Arc<Train>>,
    /// What the numbers of its run are rounded to, and what its gradients are multiplied by.
    pub arithmetic: Arithmetic,
    /// A teacher's words.
    pub notes: Notes,
    /// What it was read from.
    origin: Arc<Origin>,
    /// What of the layers' settings is other than in the text.
    settings: Arc<Settings>,
    /// Whether anything may be other than in the text.
    is_edited: bool,
}

/// What a scenario was read from: enough to read it again after an edit, without any file.
#[derive(Debug)]
struct Origin {
    source: Arc<Source>,
    options: Options,
    tensors: Tensors,
    map: OnceLock<SourceMap>,
    arithmetic: Arithmetic,
}

impl Origin {
    /// Where what can be edited stands, worked out when somebody first asks.
    fn map(&self) -> &SourceMap {
        self.map.get_or_init(|| SourceMap::of(&self.source))
    }
}

/// The tensors of a text, by where each begins.
type Tensors = BTreeMap<usize, Written>;

/// A tensor and where it stands: as numbers, or as the name of a file.
#[derive(Debug, Clone)]
struct Written {
    span: Range<usize>,
    tensor: Tensor,
}

/// By layer and by key: the settings that are edited.
type Settings = BTreeMap<usize, BTreeMap<String, Setting>>;

/// A setting's value, or that it is left out.
type Setting = Option<Box<RawValue>>;

/// A teacher's words for tensors and for single neurons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    tensors: Arc<BTreeMap<TensorId, Note>>,
    elements: Arc<BTreeMap<Element, Note>>,
}

/// A teacher's words.
#[derive(Debug, Clone, PartialEq)]
struct Note {
    text: String,
    /// The only update, counted from 1, of which they are true; nothing where they are of all.
    update: Option<usize>,
}

impl Note {
    /// The words, where they are true of an update.
    fn at(&self, update: usize) -> Option<&str> {
        let is_such = self.update.is_none_or(|only| only == update);
        is_such.then_some(&*self.text)
    }
}

impl Notes {
    /// The note for a tensor as a whole at an update, counted from 1; without training it is the
    /// first.
    pub fn tensor(&self, tensor: TensorId, update: usize) -> Option<&str> {
        self.tensors.get(&tensor)?.at(update)
    }

    /// The notes for single neurons at an update.
    pub fn elements(&self, update: usize) -> impl Iterator<Item = (Element, &str)> {
        let notes = self.elements.iter();
        notes.filter_map(move |(&element, note)| Some((element, note.at(update)?)))
    }

    /// The note for a neuron at an update, whichever of its views it was written for. The neuron is
    /// its base tensor's.
    pub fn element(&self, element: Element, update: usize) -> Option<&str> {
        self.elements.get(&element)?.at(update)
    }
}

/// Which gradient of a layer that ends in an activation homework is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gradients {
    /// That of its output.
    #[default]
    OfOutputs,
    /// That of what it computes before the activation: dL/dz, which many call delta.
    BeforeActivations,
}

impl Gradients {
    /// What a file calls [`Self::BeforeActivations`].
    pub(crate) const BEFORE: &str = "pre-activation";
}

/// What the user may set beside the file.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many elements all tensors may have together.
    pub max_elements: usize,
    /// The rule for ties in every max pooling, whatever the file says.
    pub ties: Option<Ties>,
    /// The number format of every run, whatever the file says.
    pub precision: Option<Precision>,
    /// What every gradient is multiplied by, whatever the file says; a number above 0.
    pub loss_scale: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_elements: MAX_ELEMENTS,
            ties: None,
            precision: None,
            loss_scale: None,
        }
    }
}

impl Scenario {
    /// Returns the gradients that homework asks for: those that the scenario names, or all of the
    /// tensors that make steps, which are these.
    pub fn asked(&self, steps: &[TensorId]) -> Asked {
        let is_asked = |id: &TensorId| {
            let mut fused = self.network.pre_activations();
            self.gradients == Gradients::OfOutputs || fused.all(|(_, output)| output != *id)
        };
        let all = || steps.iter().copied().filter(is_asked).collect();
        self.ask.clone().unwrap_or_else(all)
    }

    /// The tensors that make steps because homework asks for them, if only then.
    pub fn stepped(&self) -> Vec<TensorId> {
        match (&self.ask, self.gradients) {
            (Some(asked), _) => asked.tensors().to_vec(),
            (None, Gradients::OfOutputs) => Vec::new(),
            (None, Gradients::BeforeActivations) => {
                let fused = self.network.pre_activations();
                fused.map(|(before, _)| before).collect()
            }
        }
    }

    /// Runs the network forward.
    pub fn tape(&self) -> Tape {
        self.try_tape(&Cancel::default())
            .expect("nobody else knows of what would give it up")
    }

    /// Does the same, for as long as nobody cancels it.
    ///
    /// # Errors
    /// It was given up.
    pub fn try_tape(&self, cancel: &Cancel) -> Result<Tape, Cancelled> {
        let network = Arc::clone(&self.network);
        Tape::try_record_in(self.arithmetic, network, &self.leaves, cancel)
    }
}
