//! Backpropagation over a tape: the order of the steps, every gradient, and the terms that make
//! one.

mod contributor;
mod following;
mod moment;
mod reach;
mod receptive_field;
mod rounded;
mod rounding;
mod steps;
mod update;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::cancel::{Cancel, Cancelled};
use crate::ops::{Contribution, Run};
use crate::tape::{Kind, Network, Tape};
use crate::tensor::{Arithmetic, Element, Escapes, OutOfRange, Tensor, TensorId};

pub use contributor::Contributor;
pub use moment::Moment;
use reach::{arrived, only_ways, reached};
use rounded::Rounded;
pub use rounding::{Swamped, TermCounts, TermLoss};
pub use steps::Steps;
pub use update::quantity;
pub use verify::{Check, Kink, KinkOf, Verdict, loss, verify};

/// A tape, the gradients that were given, and those that follow from them.
///
/// A copy shares what is computed, before and after it was made.
///
/// ```
/// use backstep::backprop::Backprop;
/// use backstep::ops::MaxPool1d;
/// use backstep::tape::{NetworkBuilder, Tape};
/// use backstep::tensor::{Element, Shape, Tensor};
///
/// let row = |numbers: &[f64]| {
///     Tensor::new(Shape::from([1, numbers.len()]), numbers.to_vec()).unwrap()
/// };
/// let mut net = NetworkBuilder::new();
/// let x = net.input("x", row(&[3.0, 7.0, 1.0, 2.0]));
/// let pool = net.layer("pool", MaxPool1d::new([2]), [x]);
/// let built = net.build()?;
///
/// let given = [(built.id(pool), row(&[5.0, -2.0]))].into();
/// let tape = Tape::record(built.network.clone(), &built.leaves);
/// let backprop = Backprop::run(tape, given);
/// // The winner of each window takes it all.
/// assert_eq!(backprop.gradient(built.id(x)).data(), [0.0, 5.0, 0.0, -2.0]);
/// let second = Element { tensor: built.id(x), at: 1 };
/// assert_eq!(backprop.contributions(second).len(), 1);
/// # Ok::<(), backstep::tape::NetworkErrors>(())
/// ```
#[derive(Debug, Clone)]
pub struct Backprop {
    tape: Tape,
    given: BTreeMap<TensorId, Tensor>,
    /// Which of what is given has left the range of the format.
    given_escapes: Arc<BTreeMap<TensorId, Escapes>>,
    /// What was given before it was multiplied by the loss scale and rounded.
    unscaled: BTreeMap<TensorId, Tensor>,
    /// By tensor: whether an upstream gradient reaches it.
    reached: Vec<bool>,
    /// By tensor: the view through which its whole gradient comes, if there is one; of several in a
    /// row the last.
    only_ways: Vec<Option<TensorId>>,
    /// By tensor: its gradient, once somebody has looked at it.
    gradients: Arc<[OnceLock<Rounded>]>,
    steps: Steps,
    /// By layer: whether what it sends back starts from a gradient before its activation that
    /// somebody has put in.
    starts_before_activation: Arc<[bool]>,
    /// Whether a value is NaN, once somebody has asked.
    has_nan: OnceLock<bool>,
    /// The same without rounding, where this one rounds.
    unrounded: Option<Arc<Backprop>>,
    /// Which update it is, with what the optimizer keeps, where that is not the first.
    moment: Option<Arc<Moment>>,
    /// Held by whoever computes gradients, so that two who look at once do not both compute them.
    turn: Arc<Mutex<()>>,
}

impl Backprop {
    /// Runs backprop from the upstream gradients that are given to layers' outputs, each in its
    /// tensor's shape.
    pub fn run(tape: Tape, given: BTreeMap<TensorId, Tensor>) -> Self {
        let backprop = Self::lazy(tape, given);
        let in_order = backprop.in_backward_order();
        in_order.for_each(|tensor| _ = backprop.gradient(tensor));
        backprop
    }

    /// Returns the backprop that [`Backprop::run`] does, in which a tensor's gradient is computed
    /// when it is first looked at.
    ///
    /// The tape's arithmetic is that of the gradients: what is given is multiplied by its loss
    /// scale, and that and every tensor's gradient are rounded to its precision once they are
    /// complete. Inside a sum everything is f64.
    pub fn lazy(tape: Tape, given: BTreeMap<TensorId, Tensor>) -> Self {
        let arithmetic = tape.arithmetic();
        let unrounded = arithmetic.precision.rounds().then(|| {
            let tape = tape.unrounded().clone();
            Arc::new(Self::lazy(tape, given.clone()))
        });
        let unscaled = given.clone();
        let (given, given_escapes) = arrived(arithmetic, given);
        let reached = reached(tape.network(), &given);
        let only_ways = only_ways(tape.network(), &given);
        let steps = Steps::new(tape.network(), &reached, &BTreeSet::new());
        let n_layers = tape.network().layers().len();
        let gradients = tape.network().ids().map(|_| OnceLock::new()).collect();
        Self {
            tape,
            given,
            given_escapes: Arc::new(given_escapes),
            unscaled,
            reached,
            only_ways,
            gradients,
            steps,
            starts_before_activation: vec![false; n_layers].into(),
            has_nan: OnceLock::new(),
            moment: None,
            unrounded,
            turn: Arc::default(),
        }
    }

    /// Returns the backprop of another run of a network of the same tensors and layers, with the
    /// same gradients given. A run that trains does not round.
    #[must_use]
    pub fn again(&self, tape: Tape) -> Self {
        Self {
            gradients: self.gradients.iter().map(|_| OnceLock::new()).collect(),
            tape,
            has_nan: OnceLock::new(),
            turn: Arc::default(),
            given: self.given.clone(),
            given_escapes: Arc::clone(&self.given_escapes),
            reached: self.reached.clone(),
            only_ways: self.only_ways.clone(),
            steps: self.steps.clone(),
            starts_before_activation: Arc::clone(&self.starts_before_activation),
            moment: None,
            unscaled: self.unscaled.clone(),
            unrounded: None,
        }
    }

    /// What the numbers of the run are rounded to, and what its gradients are multiplied by.
    pub fn arithmetic(&self) -> Arithmetic {
        self.tape.arithmetic()
    }

    /// The same run without rounding: this one where it does not round. Its gradients are
    /// multiplied by the same loss scale.
    pub fn unrounded(&self) -> &Self {
        self.unrounded.as_deref().unwrap_or(self)
    }

    /// Returns the same backprop with steps for these tensors too, where they are what a layer
    /// computes before its own activation: these make none of themselves.
    #[must_use]
    pub fn stepping(&self, tensors: impl IntoIterator<Item = TensorId>) -> Self {
        let known = self.steps.tensors().iter().copied();
        let tensors = tensors.into_iter().chain(known).collect();
        Self {
            steps: Steps::new(self.network(), &self.reached, &tensors),
            ..self.clone()
        }
    }

    /// Whether the forward run has made a value that is NaN, or was given one.
    pub fn has_nan(&self) -> bool {
        let tensors = || self.network().ids().map(|id| self.tape.value(id).data());
        *self
            .has_nan
            .get_or_init(|| tensors().flatten().any(|value| value.is_nan()))
    }

    /// Computes the gradients that are still missing, tensor by tensor in backward order, and those
    /// without rounding.
    ///
    /// # Errors
    /// It was given up; what is computed until then stays.
    pub fn complete(&self, cancel: &Cancel) -> Result<(), Cancelled> {
        self.complete_own(cancel)?;
        let unrounded = self.unrounded.as_ref();
        unrounded.map_or(Ok(()), |unrounded| unrounded.complete_own(cancel))
    }

    /// Does so without those.
    pub(crate) fn complete_own(&self, cancel: &Cancel) -> Result<(), Cancelled> {
        let mut done = self.network().layers().len();
        self.in_backward_order().try_for_each(|tensor| {
            cancel.check()?;
            done = self.compute(tensor, done);
            Ok(())
        })
    }

    /// All tensors, those that make steps first and in the order of their steps. Some come twice.
    fn in_backward_order(&self) -> impl Iterator<Item = TensorId> {
        let with_steps = self.steps.tensors().iter().copied();
        with_steps.chain(self.network().ids())
    }

    /// Whether a tensor's gradient is computed.
    pub fn is_computed(&self, tensor: TensorId) -> bool {
        self.gradients[tensor.0 as usize].get().is_some()
    }

    /// Whether what the other computes is computed here too.
    pub fn shares_gradients(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.gradients, &other.gradients)
    }

    /// Whether every gradient is computed.
    pub fn is_complete(&self) -> bool {
        let is_complete = |run: &Self| self.network().ids().all(|id| run.is_computed(id));
        is_complete(self) && is_complete(self.unrounded())
    }

    /// How many of the steps have their gradient computed, as a share from 0 to 1.
    pub fn completeness(&self) -> f64 {
        let ready = self
            .steps
            .tensors()
            .iter()
            .filter_map(|tensor| self.gradients[tensor.0 as usize].get());
        let n_ready: usize = ready.map(|gradient| gradient.numbers.data().len()).sum();
        if self.steps.is_empty() {
            1.0
        } else {
            n_ready as f64 / self.steps.len() as f64
        }
    }

    /// The recorded forward run.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The network that was run.
    pub fn network(&self) -> &Arc<Network> {
        self.tape.network()
    }

    /// The steps in backward order.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// dL/d(every element of a tensor). Of a view it is what came through the view, and of what
    /// becomes of a parameter in an update it is no gradient, but the new values.
    pub fn gradient(&self, tensor: TensorId) -> &Tensor {
        &self.rounded(tensor).numbers
    }

    /// Which gradients of a tensor left the range of the format as they were rounded.
    pub fn escapes(&self, tensor: TensorId) -> &Escapes {
        &self.rounded(tensor).escapes
    }

    /// How a neuron's gradient left the range of the format as it was rounded, if it did.
    pub fn out_of_range(&self, element: Element) -> Option<OutOfRange> {
        self.escapes(element.tensor).at(element.at)
    }

    fn rounded(&self, tensor: TensorId) -> &Rounded {
        if let Some(gradient) = self.gradients[tensor.0 as usize].get() {
            return gradient;
        }
        self.compute(tensor, self.network().layers().len());
        self.computed(tensor)
    }

    /// Computes the gradient of a tensor, where those of all layers from the one of number `done`
    /// on are computed. Returns the first layer from which on they are afterwards.
    fn compute(&self, tensor: TensorId, done: usize) -> usize {
        let mut first = done;
        if self.reaches(tensor) {
            // Whatever sends it something comes first, from the end on, so that no sum waits for
            // another in the middle.
            let network = self.network();
            let consumer = network.consumers(tensor).first();
            first = match network.tensor(tensor).kind {
                Kind::PreActivation(layer) => layer.min(done),
                Kind::Updated(parameter) => return self.compute_updated(parameter, tensor, done),
                Kind::Input | Kind::Layer(_) | Kind::Parameter(_) => {
                    consumer.map_or(done, |consumer| consumer.layer.min(done))
                }
            };
            for number in (first..done).rev() {
                self.computed(network.layer(number).output);
                // From these the layer's weights and inputs get theirs.
                let before = network.pre_activation(number);
                before
                    .into_iter()
                    .for_each(|before| _ = self.computed(before));
            }
            self.only_way(tensor)
                .into_iter()
                .for_each(|view| _ = self.computed(view));
        }
        self.computed(tensor);
        first
    }

    /// Returns the gradient of a tensor, which it computes where that of every layer that reads the
    /// tensor is known.
    fn computed(&self, tensor: TensorId) -> &Rounded {
        let gradient = &self.gradients[tensor.0 as usize];
        if let Some(gradient) = gradient.get() {
            return gradient;
        }
        // A worker of a pool must not wait for another thread, which may itself be waiting for that
        // worker's part of a sum.
        let takes_turns = self.reaches(tensor) && rayon::current_thread_index().is_none();
        let turn = takes_turns.then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        if gradient.get().is_none() {
            // What all comes through a view is what the view has.
            let through = self
                .only_way(tensor)
                .and_then(|view| self.gradients[view.0 as usize].get());
            let same = through
                .and_then(|gradient| gradient.reshaped(&self.network().tensor(tensor).shape));
            _ = gradient.set(same.unwrap_or_else(|| self.rounded_sums(tensor)));
        }
        drop(turn);
        gradient
            .get()
            .expect("it was set just now, here or by another thread")
    }

    /// The view through which a tensor's whole gradient comes, if there is one; of several in a row
    /// the last.
    fn only_way(&self, tensor: TensorId) -> Option<TensorId> {
        self.only_ways[tensor.0 as usize]
    }

    /// dL/d(a neuron).
    pub fn element(&self, element: Element) -> f64 {
        self.gradient(element.tensor).data()[element.at]
    }

    /// Whether an upstream gradient reaches a tensor. One that none reaches has gradient zero and
    /// makes no steps.
    pub fn reaches(&self, tensor: TensorId) -> bool {
        self.reached[tensor.0 as usize]
    }

    /// The upstream gradients that the scenario gives, by tensor: multiplied by the loss scale and
    /// rounded.
    pub fn upstream(&self) -> &BTreeMap<TensorId, Tensor> {
        &self.given
    }

    /// The upstream gradient that is given to a neuron, under its own tensor's name or a view's;
    /// nothing where none is.
    pub fn given(&self, element: Element) -> Option<f64> {
        let given = self.given_to(element.tensor);
        given
            .map(|tensor| tensor.data()[element.at])
            .reduce(|sum, given| sum + given)
    }

    /// The upstream gradients that are given to a tensor, under its own name or a view's.
    pub(crate) fn given_to(&self, tensor: TensorId) -> impl Iterator<Item = &Tensor> {
        let names = self.network().with_views(tensor).into_iter();
        names.filter_map(|id| self.given.get(&id))
    }

    /// Visits the contributions to a neuron: consumer by consumer from the last to the first, and
    /// within a consumer by the downstream neuron.
    /// Of what becomes of a parameter in an update they are the terms of the new value.
    pub fn terms(&self, element: Element, visit: &mut dyn FnMut(Contribution)) {
        if let Kind::Updated(parameter) = self.network().tensor(element.tensor).kind {
            return self.terms_of_update(parameter, element.at, visit);
        }
        for contributor in self.contributors(element.tensor) {
            contributor.visit(element.at, visit);
        }
    }

    /// Returns the contributions to a neuron in one list.
    pub fn contributions(&self, element: Element) -> Vec<Contribution> {
        let mut terms = Vec::new();
        self.terms(element, &mut |term| terms.push(term));
        terms
    }

    /// A layer's run with the gradient of its output, or with the one before its activation where
    /// that was put in.
    pub fn layer_run(&self, layer: usize) -> Run<'_> {
        let network = self.network();
        let run = |tensor| self.tape.layer_run(layer, self.gradient(tensor).data());
        match self.starts_before_activation.get(layer) {
            Some(true) => Run {
                activation: None,
                ..run(network
                    .pre_activation(layer)
                    .unwrap_or(network.layer(layer).output))
            },
            Some(false) | None => run(network.layer(layer).output),
        }
    }

    /// The layers that send gradients back to a tensor, those that read it and that an upstream
    /// gradient reaches: the last first, as gradients arrive.
    pub fn contributors(&self, tensor: TensorId) -> impl Iterator<Item = Contributor<'_>> {
        let by_layer = self
            .network()
            .consumers(tensor)
            .chunk_by(|a, b| a.layer == b.layer);
        by_layer.rev().filter_map(|consumers| {
            let number = consumers.first()?.layer;
            let layer = self.network().layer(number);
            self.reaches(layer.output)
                .then(|| Contributor::new(layer, self.layer_run(number), consumers))
        })
    }

    /// Returns the gradients of a tensor as they follow from those of the layers that read it,
    /// rounded to the run's precision.
    pub fn summed(&self, tensor: TensorId) -> Tensor {
        self.rounded_sums(tensor).numbers
    }

    /// Returns the same before they are rounded: what is given and the terms, added in f64.
    pub fn unrounded_sums(&self, tensor: TensorId) -> Tensor {
        let network = self.network();
        if let Kind::Updated(parameter) = network.tensor(tensor).kind {
            return self.new_values(parameter);
        }
        let mut sums = Tensor::filled(network.tensor(tensor).shape.clone(), 0.0);
        let data = sums.data_mut();
        let given: Vec<&Tensor> = network
            .with_views(tensor)
            .into_iter()
            .filter_map(|id| self.given.get(&id))
            .collect();
        if let Some((first, rest)) = given.split_first() {
            data.copy_from_slice(first.data());
            rest.iter().for_each(|given| {
                data.iter_mut()
                    .zip(given.data())
                    .for_each(|(sum, given)| *sum += given)
            });
        }
        // What begins with 0 never becomes −0, whatever is added.
        let may_meet_negative_zeros = !given.is_empty();
        let is_exact = !may_meet_negative_zeros && !self.arithmetic().precision.rounds();
        for mut contributor in self.contributors(tensor) {
            let before = network.pre_activation(contributor.number);
            let known = before.and_then(|before| self.gradients[before.0 as usize].get());
            contributor.run.may_meet_negative_zeros = may_meet_negative_zeros;
            contributor.run.upstream_at_sums = known
                .filter(|_| is_exact)
                .map(|gradient| gradient.numbers.data());
            contributor.accumulate(data);
        }
        sums
    }
}
