//! What a scenario says beside its network: the upstream gradients, what is asked, and the notes.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Deserialize;

use super::json::{self, Member, Object, Raw};
use super::loader::Loader;
use super::{Asked, Gradients, Note, Notes};
use crate::diagnostic::{Diagnostic, did_you_mean, quote};
use crate::tape::Handle;
use crate::tensor::{Address, Arithmetic, Element, Precision, Tensor, TensorId};

/// How many names a hint lists.
const MOST_NAMES: usize = 12;
/// What `precision` may be.
const PRECISIONS: &str = "\"f64\", \"f32\", \"bf16\" or \"f16\"";

impl Loader<'_> {
    /// Returns the upstream gradients. Without any, the last layer's only element gets 1.
    pub(super) fn upstream(&mut self, top: &Object<'_>) -> BTreeMap<TensorId, Tensor> {
        let Some(given) = self
            .object_member(top, "upstream")
            .filter(|given| !given.members.is_empty())
        else {
            if top
                .get("upstream")
                .is_some_and(|member| json::kind(member.value) != "an object")
            {
                return BTreeMap::new();
            }
            return self.default_upstream(top).into_iter().collect();
        };
        let members = given.members.iter();
        members
            .filter_map(|member| self.upstream_of(member))
            .collect()
    }

    fn upstream_of(&mut self, member: &Member<'_>) -> Option<(TensorId, Tensor)> {
        let given_to = self.find(member, &member.key)?;
        if !self.net.is_layer(given_to) {
            let message = format!(
                "{} is no layer: an upstream gradient is given to a layer's output",
                quote(&member.key)
            );
            return self.problem(Diagnostic::new(message).at(self.source, member.key_span.clone()));
        }
        let expected = self.net.shape(given_to).cloned();
        let tensor = self.tensor(member.value)?;
        self.held += tensor.shape().numel();
        match expected {
            Some(expected) if *tensor.shape() != expected => {
                let message = format!(
                    "the upstream gradient of `{}` has shape {}, but `{}` has {expected}",
                    member.key,
                    tensor.shape(),
                    member.key
                );
                let span = json::span(self.source, member.value);
                let given = tensor.shape();
                // A layer that reads rows has made one of each, where all of it was to be one.
                let is_row = given.rank() < expected.rank() && given.last() == expected.last();
                let hint = match is_row && given.numel() < expected.numel() {
                    true => format!(
                        "is a `flatten` missing before `{}`? else give one number for each element \
                         of the output",
                        member.key
                    ),
                    false => "one number for each element of the output".to_owned(),
                };
                self.problem(Diagnostic::new(message).at(self.source, span).hinted(hint))
            }
            _ => Some((self.net.id(given_to), tensor)),
        }
    }

    fn default_upstream(&mut self, top: &Object<'_>) -> Option<(TensorId, Tensor)> {
        let last = self.net.newest().filter(|&last| self.net.is_layer(last))?;
        let shape = self.net.shape(last)?.clone();
        if shape.numel() == 1 {
            return Some((self.net.id(last), Tensor::filled(shape, 1.0)));
        }
        let (name, numel) = (self.net.name(last)?, shape.numel());
        let is = if top.get("upstream").is_some() {
            "empty"
        } else {
            "missing"
        };
        let message = format!(
            "`upstream` is {is}: the output `{name}` has {numel} elements, so backprop needs a \
             gradient for each"
        );
        let place = top
            .get("upstream")
            .or_else(|| top.get("layers"))
            .map(|member| member.key_span.clone())
            .unwrap_or_default();
        let hint = format!("add \"upstream\": {{ \"{name}\": ... }} with shape {shape}");
        self.problem(Diagnostic::new(message).at(self.source, place).hinted(hint))
    }

    /// Returns what is asked for: tensors, and single neurons.
    pub(super) fn ask(&mut self, top: &Object<'_>) -> Option<Asked> {
        let what = "`ask` must be a list of the names of tensors and neurons";
        let member = top.get("ask")?;
        let Some(names) = json::array(member.value) else {
            return self.unfit(member.value, what);
        };
        if names.is_empty() {
            let problem = Diagnostic::new("`ask` must name at least one tensor")
                .at(self.source, json::span(self.source, member.value));
            return self.problem(problem.hinted("left out, every tensor is asked for"));
        }
        let mut asked = Asked::default();
        for raw in names {
            let Some(key) = json::string(raw) else {
                return self.unfit(raw, what);
            };
            let key_span = json::span(self.source, raw);
            let value = raw;
            let found = self.place(&Member {
                key,
                key_span,
                value,
            });
            if let Some((tensor, at)) = found {
                asked.ask(self.meant(top, tensor), at);
            }
        }
        Some(asked)
    }

    /// The tensor whose gradients homework is about where it names this one.
    fn meant(&self, top: &Object<'_>, named: Handle) -> TensorId {
        let is_before = convention(top) == Some(Gradients::BeforeActivations);
        let before = self.net.pre_activation(named).filter(|_| is_before);
        self.net.id(before.unwrap_or(named))
    }

    /// Returns which gradient of a layer that ends in an activation is meant.
    pub(super) fn gradients(&mut self, top: &Object<'_>) -> Gradients {
        let Some(member) = top.get("gradients") else {
            return Gradients::default();
        };
        convention(top).unwrap_or_else(|| {
            let span = json::span(self.source, member.value);
            let problem =
                Diagnostic::new(format!("`gradients` can only be \"{}\"", Gradients::BEFORE));
            let hint = "left out, the gradient of a layer is that of its output";
            self.problems
                .push(problem.at(self.source, span).hinted(hint));
            Gradients::default()
        })
    }

    /// Returns what the numbers are rounded to, and what the gradients are multiplied by: what the
    /// file says, unless the user says otherwise.
    pub(super) fn arithmetic(&mut self, top: &Object<'_>) -> Arithmetic {
        let plain = Arithmetic::default();
        let precision = self.told(top, "precision", PRECISIONS, |raw| {
            Precision::find(&json::string(raw)?)
        });
        let loss_scale = self.told(top, "loss_scale", "a number above 0", |raw| {
            let number: Option<f64> = serde_json::from_str(raw.get()).ok();
            number.filter(|&number| Arithmetic::is_loss_scale(number))
        });
        let user = self.options;
        Arithmetic {
            precision: user.precision.or(precision).unwrap_or(plain.precision),
            loss_scale: user.loss_scale.or(loss_scale).unwrap_or(plain.loss_scale),
        }
    }

    /// Returns what stands at a key, or reports that it will not do.
    fn told<T>(
        &mut self,
        top: &Object<'_>,
        key: &str,
        may_be: &str,
        read: impl Fn(Raw<'_>) -> Option<T>,
    ) -> Option<T> {
        let member = top.get(key)?;
        read(member.value).or_else(|| {
            let problem = Diagnostic::new(format!("`{key}` can only be {may_be}"));
            self.problem(problem.at(self.source, json::span(self.source, member.value)))
        })
    }

    /// Returns the points of tensors.
    pub(super) fn points(&mut self, top: &Object<'_>) -> BTreeMap<TensorId, f64> {
        let mut points = BTreeMap::new();
        let Some(object) = self.object_member(top, "points") else {
            return points;
        };
        for member in &object.members {
            let found = self.find(member, &member.key);
            let number: Option<f64> = serde_json::from_str(member.value.get()).ok();
            match (found, number.filter(|&number| number > 0.0)) {
                (Some(tensor), Some(number)) => {
                    points.insert(self.meant(top, tensor), number);
                }
                (_, None) => {
                    let span = json::span(self.source, member.value);
                    let problem = Diagnostic::new("points must be a number above 0");
                    self.problems.push(problem.at(self.source, span));
                }
                (None, _) => {}
            }
        }
        points
    }

    pub(super) fn notes(&mut self, top: &Object<'_>) -> Notes {
        let mut notes = Notes::default();
        let Some(object) = self.object_member(top, "notes") else {
            return notes;
        };
        for member in &object.members {
            let Some(note) = note(member.value) else {
                self.unfit::<()>(
                    member.value,
                    "a note must be a string, or an object with `text` and `update`",
                );
                continue;
            };
            match self.place(member) {
                Some((of, None)) => {
                    Arc::make_mut(&mut notes.tensors).insert(self.net.id(of), note);
                }
                Some((of, Some(at))) => {
                    let tensor = self.net.id(self.net.base(of));
                    Arc::make_mut(&mut notes.elements).insert(Element { tensor, at }, note);
                }
                None => {}
            }
        }
        notes
    }

    /// Returns the tensor that a member names, or the tensor of the neuron that it names and its
    /// place there.
    fn place(&mut self, member: &Member<'_>) -> Option<(Handle, Option<usize>)> {
        let named = quote(&member.key);
        let problem =
            |message: String| Diagnostic::new(message).at(self.source, member.key_span.clone());
        let Address { tensor, index } = match member.key.parse() {
            Ok(address) => address,
            Err(error) => {
                let message = format!("{named} is no address of a tensor or a neuron: {error}");
                return self.problem(problem(message));
            }
        };
        let of = self.find(member, &tensor)?;
        let Some(index) = index else {
            return Some((of, None));
        };
        let shape = self.net.shape(of)?;
        match shape.place(&index) {
            Some(at) => Some((of, Some(at))),
            None => {
                let message = format!("there is no neuron {named}: `{tensor}` has shape {shape}");
                self.problem(problem(message))
            }
        }
    }

    /// Returns the tensor of a name that stands at a member, or reports that there is none.
    fn find(&mut self, member: &Member<'_>, name: &str) -> Option<Handle> {
        self.net.find(name).or_else(|| {
            // Without inputs, which is reported already, half of the names mean nothing.
            let is_new = name
                .strip_suffix(".new")
                .is_some_and(|of| self.net.find(of).is_some());
            let is_of_training = is_new && !self.has_updates;
            if self.net.counts().0 == 0 || self.is_of_broken_layer(name) || is_of_training {
                return None;
            }
            let bare = name.split('[').next().unwrap_or_default();
            let (message, hint) = if bare != name && self.net.find(bare).is_some() {
                (
                    format!(
                        "{} is one neuron, but here stands a whole tensor",
                        quote(name)
                    ),
                    Some(format!("write \"{bare}\"")),
                )
            } else {
                (
                    format!("there is no tensor {}", quote(name)),
                    self.names_like(name),
                )
            };
            let mut problem = Diagnostic::new(message).at(self.source, member.key_span.clone());
            problem.hint = hint;
            self.problem(problem)
        })
    }

    /// Whether a name is that of a parameter whose layer could not be read, which is reported
    /// already.
    fn is_of_broken_layer(&self, name: &str) -> bool {
        let layer = name
            .strip_suffix(".weight")
            .or_else(|| name.strip_suffix(".bias"));
        layer
            .and_then(|layer| self.net.find(layer))
            .is_some_and(|layer| self.net.shape(layer).is_none())
    }

    /// Returns advice about a name that no tensor has: the nearest that there is, or the first of
    /// all. Of many such names only the first are advised on.
    pub(super) fn names_like(&mut self, name: &str) -> Option<String> {
        self.guesses_left = self.guesses_left.checked_sub(1)?;
        let names = || self.net.names();
        if let Some(hint) = did_you_mean(name, names()) {
            return Some(hint);
        }
        let shown: Vec<String> = names().take(MOST_NAMES).map(quote).collect();
        let dots = if names().nth(MOST_NAMES).is_some() {
            ", ..."
        } else {
            ""
        };
        Some(format!("there are {}{dots}", shown.join(", ")))
    }
}

/// Reads a note: its words, or an object of them and the update of which alone they are true.
fn note(raw: Raw<'_>) -> Option<Note> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct OfUpdate {
        text: String,
        update: NonZeroUsize,
    }
    if let Some(text) = json::string(raw) {
        return Some(Note { text, update: None });
    }
    let OfUpdate { text, update } = serde_json::from_str(raw.get()).ok()?;
    Some(Note {
        text,
        update: Some(update.get()),
    })
}

/// Which gradient of a layer that ends in an activation is meant, where the file says so.
fn convention(top: &Object<'_>) -> Option<Gradients> {
    let said = json::string(top.get("gradients")?.value)?;
    (said == Gradients::BEFORE).then_some(Gradients::BeforeActivations)
}
