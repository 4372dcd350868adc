//! The training of a scenario, at whichever update somebody looks.

use std::sync::Arc;

use super::checkpoints::Checkpoints;
use super::curve::{Curve, Point};
use super::state::{Plan, State};
use crate::backprop::{Backprop, loss};
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::Scenario;
use crate::tensor::TensorId;

/// The training of a scenario. A copy shares whatever is large.
///
/// ```
/// use std::sync::Arc;
///
/// use backstep::cancel::Cancel;
/// use backstep::scenario::{NoFiles, Options, Scenario};
/// use backstep::training::Training;
///
/// let text = br#"{
///   "backstep": 1,
///   "inputs": { "x": [2] },
///   "layers": [{ "name": "y", "op": "linear", "weight": [[1]] },
///              { "name": "loss", "op": "mse_loss", "target": [0] }],
///   "train": { "optimizer": "sgd", "lr": 0.1, "steps": 20 }
/// }"#;
/// let scenario = Scenario::read("net.json", text, &NoFiles, Options::default())?;
/// let mut training = Training::of(Arc::new(scenario)).unwrap();
/// let fifth = training.at(5, &Cancel::default())?;
/// assert_eq!(training.curve().losses().len(), 5);
/// // From the other side it is the same, to the last bit.
/// training.at(20, &Cancel::default())?;
/// let again = training.at(5, &Cancel::default())?;
/// let weight = again.network().find("y.weight").unwrap();
/// assert_eq!(again.gradient(weight), fifth.gradient(weight));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Training {
    plan: Plan,
    n_updates: usize,
    state: State,
    checkpoints: Checkpoints,
    curve: Curve,
}

impl Training {
    /// The training of a scenario, before its first update; nothing where it is not trained.
    pub fn of(scenario: Arc<Scenario>) -> Option<Self> {
        let template = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
        Self::from_run(scenario, template)
    }

    /// The same, where the scenario has been run already.
    pub fn from_run(scenario: Arc<Scenario>, run: Backprop) -> Option<Self> {
        let n_updates = scenario.train.as_ref()?.updates;
        let (plan, state) = Plan::of(&scenario, run)?;
        Some(Self {
            checkpoints: Checkpoints::new(plan.n_packed(&state)),
            plan,
            n_updates,
            state,
            curve: Curve::default(),
        })
    }

    /// The scenario that is trained.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.plan.scenario
    }

    /// How many updates there are.
    pub fn n_updates(&self) -> usize {
        self.n_updates
    }

    /// Adds updates, or takes some away that are still to come; at least one stays.
    pub fn set_n_updates(&mut self, n_updates: usize) {
        self.n_updates = n_updates.max(1);
    }

    /// The trained parameters that a gradient reaches, in the order of the curve's sizes.
    pub fn parameters(&self) -> &[TensorId] {
        &self.plan.parameters
    }

    /// The losses and the sizes of gradients, as far as updates have been run.
    pub fn curve(&self) -> &Curve {
        &self.curve
    }

    /// How many bytes are kept to come back to updates.
    pub fn n_bytes_kept(&self) -> usize {
        self.checkpoints.n_bytes()
    }

    /// Returns the run of an update, counted from 1, whose gradients are computed when they are
    /// looked at. The one behind the last is the network as training leaves it.
    ///
    /// # Errors
    /// It was given up; what was run until then stays known.
    pub fn at(&mut self, update: usize, cancel: &Cancel) -> Result<Backprop, Cancelled> {
        self.watched(update, cancel, &mut |_| {})
    }

    /// Does the same, and says before each update that is made on the way which one it is.
    ///
    /// # Errors
    /// It was given up.
    pub fn watched(
        &mut self,
        update: usize,
        cancel: &Cancel,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Backprop, Cancelled> {
        let update = update.clamp(1, self.n_updates + 1);
        self.come_near(update);
        loop {
            cancel.check()?;
            self.keep();
            let backprop = self.plan.run(&mut self.state, cancel)?;
            let now = self.state.update;
            self.curve.add_loss(now, loss(&backprop, backprop.tape()));
            if now == update {
                return Ok(backprop.at_moment(Arc::new(self.plan.moment(&self.state))));
            }
            progress(now);
            self.note_sizes(&backprop);
            self.plan.update(&mut self.state, backprop);
        }
    }

    /// Goes back to a checkpoint where that is nearer than what is at hand.
    fn come_near(&mut self, update: usize) {
        let is_before = self.state.update <= update;
        if let Some((near, packed)) = self.checkpoints.before(update)
            && (!is_before || near > self.state.update)
        {
            self.plan.unpack(&mut self.state, near, packed);
        }
    }

    fn keep(&mut self) {
        let update = self.state.update;
        if self.checkpoints.wants(update) {
            self.checkpoints.keep(update, self.plan.packed(&self.state));
        }
    }

    fn note_sizes(&mut self, backprop: &Backprop) {
        let update = self.state.update;
        if self.curve.wants(update) {
            let norm = |id: &TensorId| {
                let squares = backprop.gradient(*id).data().iter().map(|one| one * one);
                squares.sum::<f64>().sqrt()
            };
            let norms = self.plan.parameters.iter().map(norm).collect();
            self.curve.add_point(Point { update, norms });
        }
    }
}
