//! What a scenario says of its training: the optimizer, the parameters that it updates, and the
//! batches.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::json::{self, Member, Object, Raw};
use super::loader::Loader;
use super::train::{Batch, MOST_UPDATES, Train};
use super::{Scenario, setting};
use crate::diagnostic::{Diagnostic, did_you_mean, list, quote};
use crate::ops::{self, Domain, Value};
use crate::optim::{Given, Optimizer, Rule};
use crate::tape::{Handle, Kind, Network};
use crate::tensor::{Arithmetic, Tensor, TensorId};

/// The most batches, each of which has a network of its own.
const MOST_BATCHES: usize = 4096;
/// The keys that every optimizer has.
const KEYS: &[&str] = &["optimizer", "steps", "parameters", "batches"];

/// A batch as far as it can be read before there is a network.
#[derive(Default)]
pub(super) struct ReadBatch {
    inputs: Vec<(Handle, Tensor)>,
    constants: Vec<Constant>,
}

/// A constant of a layer, with its place in the text.
struct Constant {
    layer: Handle,
    key: &'static str,
    value: Tensor,
    span: Range<usize>,
}

/// What `train` says, as far as it is right.
pub(super) struct ReadTrain {
    updates: usize,
    batches: Vec<ReadBatch>,
}

impl Loader<'_> {
    /// Reads how the scenario is trained, where it is, and tells the builder.
    pub(super) fn train(&mut self, top: &Object<'_>) -> Option<ReadTrain> {
        let object = self.object_member(top, "train")?;
        let optimizer = self.optimizer(&object);
        let updates = self.updates(&object);
        let parameters = self.trained(&object);
        if let (Some(optimizer), Some(parameters)) = (optimizer, parameters) {
            self.net.update(optimizer, parameters);
            let place = top.get("train").map(|member| member.key_span.clone());
            self.report(|_| place.clone().unwrap_or_default());
        }
        let batches = self.batches(&object);
        Some(ReadTrain { updates, batches })
    }

    fn optimizer(&mut self, object: &Object<'_>) -> Option<Optimizer> {
        let names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        let Some(member) = object.get("optimizer") else {
            let message = "the key `optimizer` is missing, which says how parameters are updated";
            let problem = Diagnostic::new(message).at(self.source, object.span.clone());
            return self.problem(problem.hinted(format!("it is {}", list(&names, "or"))));
        };
        let name = self.string_member(object, "optimizer")?;
        let Some(rule) = Rule::find(&name) else {
            let hint = did_you_mean(&name, names.iter().copied())
                .unwrap_or_else(|| format!("the optimizers are {}", list(&names, "and")));
            let message = format!("there is no optimizer {}", quote(&name));
            let problem = Diagnostic::new(message).at(self.source, span(self, member));
            return self.problem(problem.hinted(hint));
        };
        let settings = rule.settings().iter().map(|setting| setting.key);
        let known: Vec<&str> = KEYS.iter().copied().chain(settings).collect();
        self.refuse_unknown(object, &known, &format!("`train` with {}", rule.name()));
        let n_problems = self.problems.len();
        let mut optimizer = Optimizer::new(rule);
        for setting in rule.settings() {
            if let Some(member) = object.get(setting.key) {
                let set = given(member.value)
                    .and_then(|given| match given {
                        Some(given) => setting.field.set(&mut optimizer, given),
                        None => Err(setting.field.expects()),
                    })
                    .map_err(|must| {
                        format!(
                            "`{}` {must}, found {}",
                            setting.key,
                            json::kind(member.value)
                        )
                    });
                if let Err(message) = set {
                    let problem = Diagnostic::new(message).at(self.source, span(self, member));
                    self.problems.push(problem);
                }
            }
        }
        for error in optimizer.check() {
            let place = object.get(error.key).map(|member| span(self, member));
            let problem = Diagnostic::new(error.to_string());
            let problem = problem.at(self.source, place.unwrap_or(object.span.clone()));
            self.problems.push(problem);
        }
        (self.problems.len() == n_problems).then_some(optimizer)
    }

    fn updates(&mut self, object: &Object<'_>) -> usize {
        let Some(member) = object.get("steps") else {
            return 1;
        };
        let number: Option<usize> = serde_json::from_str(member.value.get()).ok();
        let fits = number.filter(|number| (1..=MOST_UPDATES).contains(number));
        fits.unwrap_or_else(|| {
            let message =
                format!("`steps` must be a whole number of updates from 1 to {MOST_UPDATES}");
            let problem = Diagnostic::new(message).at(self.source, span(self, member));
            self.problems.push(problem);
            1
        })
    }

    /// The parameters that are updated: those that are named, or all.
    fn trained(&mut self, object: &Object<'_>) -> Option<Vec<Handle>> {
        let what = "`parameters` must be a list of the names of parameters";
        let Some(member) = object.get("parameters") else {
            let all: Vec<Handle> = self.net.parameters().collect();
            if all.is_empty() {
                let problem = nothing_to_train().at(self.source, object.span.clone());
                return self.problem(problem);
            }
            return Some(all);
        };
        let Some(names) = json::array(member.value) else {
            return self.unfit(member.value, what);
        };
        if names.is_empty() {
            let problem = Diagnostic::new("`parameters` must name at least one parameter")
                .at(self.source, span(self, member));
            return self.problem(problem.hinted("left out, all of them are updated"));
        }
        let mut all = Vec::new();
        for raw in names {
            let Some(name) = json::string(raw) else {
                return self.unfit(raw, what);
            };
            let place = json::span(self.source, raw);
            let found = self.net.find(&name);
            match found {
                Some(found) if self.net.is_parameter(found) && !all.contains(&found) => {
                    all.push(found);
                }
                Some(found) if self.net.is_parameter(found) => {
                    let message = format!("{} is named twice", quote(&name));
                    self.problems
                        .push(Diagnostic::new(message).at(self.source, place));
                }
                found => {
                    let message = match found {
                        Some(_) => {
                            format!("{} is no parameter, so it is not trained", quote(&name))
                        }
                        None => format!("there is no parameter {}", quote(&name)),
                    };
                    let hint = self.parameters_like(&name);
                    let problem = Diagnostic::new(message).at(self.source, place);
                    self.problems.push(Diagnostic { hint, ..problem });
                }
            }
        }
        // The network's own order, whatever that of the list is.
        let order: Vec<Handle> = self.net.parameters().collect();
        all.sort_by_key(|one| order.iter().position(|other| other == one));
        Some(all)
    }

    /// A hint for one who has named no parameter: those of the layer that is named, or one whose
    /// name is like it, or some of all.
    fn parameters_like(&mut self, name: &str) -> Option<String> {
        let all: Vec<Handle> = self.net.parameters().collect();
        let names = all.iter().filter_map(|&of| self.net.name(of));
        let names: Vec<&str> = names.collect();
        let own = |of: &&&str| {
            of.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let own: Vec<String> = names.iter().filter(own).map(|name| quote(name)).collect();
        if !own.is_empty() {
            return Some(format!("did you mean {}?", list(&own, "or")));
        }
        did_you_mean(name, names.iter().copied()).or_else(|| self.names_like(name))
    }

    fn batches(&mut self, object: &Object<'_>) -> Vec<ReadBatch> {
        let Some(member) = object.get("batches") else {
            return Vec::new();
        };
        let Some(batches) = json::array(member.value) else {
            self.unfit::<()>(member.value, "`batches` must be a list of objects");
            return Vec::new();
        };
        if batches.is_empty() || batches.len() > MOST_BATCHES {
            let message = format!("`batches` must hold from 1 to {MOST_BATCHES} batches");
            let problem = Diagnostic::new(message).at(self.source, span(self, member));
            self.problems.push(problem);
            return Vec::new();
        }
        batches.into_iter().map(|raw| self.batch(raw)).collect()
    }

    fn batch(&mut self, raw: Raw<'_>) -> ReadBatch {
        let mut batch = ReadBatch::default();
        let Some(object) = Object::read(self.source, raw) else {
            self.unfit::<()>(raw, "a batch must be an object");
            return batch;
        };
        self.refuse_duplicates(&object);
        for member in &object.members {
            if let Some(input) = self
                .net
                .find(&member.key)
                .filter(|&of| self.net.is_input(of))
            {
                let value = self.tensor(member.value);
                batch.inputs.extend(self.batch_input(member, input, value));
            } else if let Some((layer, key)) = self.constant(member) {
                if let Some(value) = self.tensor(member.value) {
                    self.held += value.shape().numel();
                    let span = span(self, member);
                    batch.constants.push(Constant {
                        layer,
                        key,
                        value,
                        span,
                    });
                }
            } else {
                let message = format!("a batch has no {}", quote(&member.key));
                let hint = "it replaces inputs by their names, and targets as in `loss.target`";
                let problem = Diagnostic::new(message).at(self.source, member.key_span.clone());
                self.problems.push(problem.hinted(hint));
            }
        }
        batch
    }

    /// Checks that an input of a batch has the shape of the scenario's.
    fn batch_input(
        &mut self,
        member: &Member<'_>,
        input: Handle,
        value: Option<Tensor>,
    ) -> Option<(Handle, Tensor)> {
        let value = value?;
        self.held += value.shape().numel();
        match self.net.shape(input) {
            Some(shape) if shape != value.shape() => {
                let message = format!(
                    "in this batch `{}` has shape {}, but the scenario's has {shape}",
                    member.key,
                    value.shape()
                );
                let problem = Diagnostic::new(message).at(self.source, span(self, member));
                self.problem(problem.hinted("all batches are of one size"))
            }
            _ => Some((input, value)),
        }
    }

    /// The layer and the setting that `loss.target` names, where it is a constant tensor.
    fn constant(&self, member: &Member<'_>) -> Option<(Handle, &'static str)> {
        let (layer, key) = member.key.rsplit_once('.')?;
        let layer = self.net.find(layer)?;
        let settings = self.net.descriptor(layer)?.settings().into_iter();
        let mut tensors = settings.filter(|setting| setting.domain == Domain::Tensor);
        tensors
            .find(|setting| setting.key == key)
            .map(|setting| (layer, setting.key))
    }

    /// Reports a loss that is more than one number: there is nothing to descend on.
    pub(super) fn expect_one_loss(
        &mut self,
        top: &Object<'_>,
        upstream: &BTreeMap<TensorId, Tensor>,
    ) {
        let Some(train) = top.get("train") else {
            return;
        };
        let numbers = upstream.values().map(|given| given.shape().numel());
        if numbers.max().is_some_and(|numel| numel > 1) {
            let problem = no_single_loss().at(self.source, train.key_span.clone());
            self.problems.push(problem);
        }
    }

    /// Checks that nothing is rounded where the scenario is trained.
    pub(super) fn expect_plain(&mut self, top: &Object<'_>, arithmetic: Arithmetic) {
        if let Some(train) = top.get("train").filter(|_| !arithmetic.is_plain()) {
            let problem = trains_in_f64();
            self.problems
                .push(problem.at(self.source, train.key_span.clone()));
        }
    }
}

/// What is wrong with training where gradients come from several numbers.
fn no_single_loss() -> Diagnostic {
    let message = "training needs a loss that is a single number, but the upstream gradient is \
                   given to an output of several";
    let hint = "end the network in a loss, such as `mse_loss`, and leave `upstream` out";
    Diagnostic::new(message).hinted(hint)
}

/// What is wrong with training where nothing learns.
fn nothing_to_train() -> Diagnostic {
    Diagnostic::new("the network has no parameter, so there is nothing to train")
}

/// What is wrong with training in another precision.
pub(super) fn trains_in_f64() -> Diagnostic {
    let message = "training is in f64 alone: no update is rounded, and no gradient is multiplied \
                   by a loss scale";
    Diagnostic::new(message).hinted("leave out `train`, or `precision` and `loss_scale`")
}

impl ReadTrain {
    /// Makes the networks of the batches. The scenario's network has all of its tensors.
    pub(super) fn finish(
        self,
        scenario: &Scenario,
        ids: &dyn Fn(Handle) -> TensorId,
    ) -> Result<Train, Diagnostic> {
        let source = &scenario.origin.source;
        let limit = scenario.origin.options.max_elements;
        let mut problems = Vec::new();
        let mut batches = Vec::with_capacity(self.batches.len());
        for batch in self.batches {
            let mut network = Arc::clone(&scenario.network);
            for Constant {
                layer,
                key,
                value,
                span,
            } in batch.constants
            {
                let layer = ids(layer);
                match with_constant(&network, layer, key, value, limit) {
                    Ok(with) => network = with,
                    Err(message) => problems.push(Diagnostic::new(message).at(source, span)),
                }
            }
            let inputs = batch.inputs.into_iter();
            let inputs = inputs.map(|(handle, value)| (ids(handle), value)).collect();
            batches.push(Batch { inputs, network });
        }
        match Diagnostic::all(problems) {
            Some(problems) => Err(problems),
            None => Ok(Train {
                updates: self.updates,
                batches,
            }),
        }
    }
}

/// Returns the network in which a layer has another constant, or what does not fit about that.
fn with_constant(
    network: &Network,
    layer: TensorId,
    key: &'static str,
    value: Tensor,
    limit: usize,
) -> Result<Arc<Network>, String> {
    let op = network.layer_of(layer).map(|layer| &layer.op);
    let op = op.ok_or_else(|| "it is no layer".to_owned())?;
    let mut given = op.given();
    given.retain(|(known, _)| *known != key);
    given.push((key, Value::Tensor(value)));
    let op = ops::read(op.descriptor(), given).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        errors.join(", ")
    })?;
    network
        .with_op(layer, op, limit)
        .map_err(|errors| errors.to_string())
}

/// The value of a setting of an optimizer, where some setting takes such a value.
fn given(raw: Raw<'_>) -> Result<Option<Given>, &'static str> {
    let value = setting::read(raw)?;
    let pair = |values: &[Value]| match values {
        [one, other] => Some(Given::Pair([one.as_number()?, other.as_number()?])),
        _ => None,
    };
    Ok(match &value {
        Value::Flag(flag) => Some(Given::Flag(*flag)),
        Value::List(values) => pair(values),
        Value::Whole(_) | Value::Number(_) => value.as_number().map(Given::Number),
        Value::Name(_) | Value::Tensor(_) | Value::Other => None,
    })
}

fn span(loader: &Loader<'_>, member: &Member<'_>) -> Range<usize> {
    json::span(loader.source, member.value)
}

impl Scenario {
    /// The network of an update, counted from 1, and the inputs that batches replace as it has
    /// them: one that its own batch does not name is the scenario's.
    pub fn batch(
        &self,
        update: usize,
    ) -> (&Arc<Network>, impl Iterator<Item = (TensorId, &Tensor)>) {
        let batches = self.train.as_ref().map_or(&[][..], |train| &train.batches);
        let own = match batches.len() {
            0 => None,
            n => batches.get(update.saturating_sub(1) % n),
        };
        let replaced: BTreeSet<TensorId> = batches
            .iter()
            .flat_map(|batch| batch.inputs.keys())
            .copied()
            .collect();
        let inputs = replaced.into_iter().filter_map(move |id| {
            let own = own.and_then(|batch| batch.inputs.get(&id));
            Some((id, own.or_else(|| self.leaves.get(&id))?))
        });
        (own.map_or(&self.network, |batch| &batch.network), inputs)
    }

    /// Checks that the scenario can be trained, whether it is or not.
    ///
    /// # Errors
    /// Numbers are rounded, there is no loss to lower, or nothing to train.
    pub fn expect_trainable(&self) -> Result<(), Diagnostic> {
        let mut numbers = self.upstream.values().map(|given| given.shape().numel());
        let is_parameter = |id| matches!(self.network.tensor(id).kind, Kind::Parameter(_));
        if !self.arithmetic.is_plain() {
            Err(trains_in_f64())
        } else if numbers.any(|numel| numel > 1) {
            Err(no_single_loss())
        } else if !self.network.ids().any(is_parameter) {
            Err(nothing_to_train())
        } else {
            Ok(())
        }
    }

    /// Returns the scenario whose parameters an optimizer updates so many times: all of them, or
    /// those that it updates already.
    ///
    /// # Errors
    /// What is wrong with the optimizer's settings; there is nothing to train, or no loss to lower.
    pub fn trained_by(&self, optimizer: Optimizer, updates: usize) -> Result<Self, Diagnostic> {
        if let Some(error) = optimizer.check().first() {
            return Err(Diagnostic::new(error.to_string()));
        }
        self.expect_trainable()?;
        if !(1..=MOST_UPDATES).contains(&updates) {
            let message = format!("there can be from 1 to {MOST_UPDATES} updates");
            return Err(Diagnostic::new(message));
        }
        let network = self
            .network
            .trained_by(optimizer)
            .map_err(|taken| {
                Diagnostic::new(format!("there is a tensor {} already", quote(&taken)))
            })?
            .ok_or_else(nothing_to_train)?;
        let batches = self.train.as_ref().map_or(&[][..], |train| &train.batches);
        let batches = batches.iter().map(|batch| {
            let network = batch.network.trained_by(optimizer).ok().flatten();
            Batch {
                inputs: batch.inputs.clone(),
                network: network.map_or_else(|| Arc::clone(&batch.network), Arc::new),
            }
        });
        let train = Train {
            updates,
            batches: batches.collect(),
        };
        Ok(Self {
            network: Arc::new(network),
            train: Some(Arc::new(train)),
            ..self.clone()
        })
    }
}
