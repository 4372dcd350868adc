//! A session of the debugger: one scenario, forwards and backwards in time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::breakpoint::Breakpoints;
use super::edits::Edits;
use super::jump_list::JumpList;
use super::loaded_answer::LoadedAnswer;
use super::matches::Matches;
use super::quiz_record::Quiz;
use super::target::Scrub;
use super::tensor_healths::TensorHealths;
use super::{Position, ViewOptions};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::Scenario;
use crate::tape::{Kind, Network};
use crate::tensor::{Element, TensorId};
use crate::training::Training;
use crate::words::{Row, Table};

/// The most terms that are listed one by one; what a longer sum has more is added with the last of
/// them.
const MOST_ROWS: usize = 1 << 16;

/// Backprop of one scenario, and where the debugger stands in it.
///
/// ```
/// use backstep::debugger::Session;
/// use backstep::gallery;
/// use backstep::scenario::Options;
///
/// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
/// let mut session = Session::new(scenario);
/// let first = session.element();
/// session.next(2);
/// session.back(2);
/// assert_eq!(session.element(), first);
/// // A sum is built term by term, and taken apart again.
/// session.term();
/// assert!(session.is_building());
/// session.term_back();
/// # Ok::<(), backstep::diagnostic::Diagnostic>(())
/// ```
///
/// A copy shares everything that is large, and what is computed lazily in either of them. So a
/// command can work on a copy, which takes the place of the original or is dropped.
#[derive(Debug, Clone)]
pub struct Session {
    pub(super) scenario: Arc<Scenario>,
    pub(super) backprop: Arc<Backprop>,
    position: Position,
    /// The terms of the current neuron. They are listed when the position changes, so that drawing
    /// never lists them again.
    table: Arc<Table>,
    /// By step: how many terms are added where a sum was left in the middle. Whoever returns to the
    /// step finds it as it was left, so that a step on and a step back undo each other.
    pub(super) unfinished: Arc<BTreeMap<usize, usize>>,
    pub(super) edits: Arc<Edits>,
    /// The value that goes up and down.
    pub(super) scrub: Option<Scrub>,
    /// The training, where the scenario is trained.
    pub(super) training: Option<Arc<Training>>,
    /// What the training was before the edits.
    pub(super) unedited: Option<Arc<Training>>,
    pub(super) jumps: Arc<JumpList>,
    /// How it is looked at.
    pub view_options: ViewOptions,
    pub(super) search: Option<Arc<Matches>>,
    pub(super) breakpoints: Arc<Breakpoints>,
    /// The neurons that are watched, in the order in which they were asked for.
    pub(super) watches: Arc<Vec<Element>>,
    pub(super) quiz: Arc<Quiz>,
    /// The answer that is laid beside the true gradients.
    pub(super) loaded: Option<Arc<LoadedAnswer>>,
    /// What the tensors of the run are like.
    pub(super) health: Arc<TensorHealths>,
    /// What gives up a command that takes long.
    pub(super) cancel: Cancel,
}

impl Session {
    /// Begins a session on the first step, for that is where something is to be seen.
    pub fn new(scenario: Scenario) -> Self {
        let backprop = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
        Self::of(scenario, backprop)
    }

    /// Begins a session on the first step of a run of the scenario.
    pub fn of(scenario: Scenario, backprop: Backprop) -> Self {
        let backprop = backprop.stepping(scenario.stepped());
        let scenario = Arc::new(scenario);
        let training = Training::from_run(Arc::clone(&scenario), backprop.clone());
        let health = TensorHealths::new(&backprop, Cancel::default());
        let mut session = Self {
            health: Arc::new(health),
            backprop: Arc::new(backprop),
            scenario,
            training: training.map(Arc::new),
            unedited: None,
            position: Position::Start,
            table: Arc::default(),
            unfinished: Arc::default(),
            edits: Arc::default(),
            scrub: None,
            jumps: Arc::default(),
            view_options: ViewOptions::default(),
            search: None,
            breakpoints: Arc::default(),
            watches: Arc::default(),
            quiz: Arc::default(),
            loaded: None,
            cancel: Cancel::default(),
        };
        session.view_precision();
        session.next(1);
        session
    }

    /// The session with commands that `cancel` gives up. One that is given up leaves the session
    /// somewhere between before and after.
    #[must_use]
    pub fn cancelled_by(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// What gives up a command that takes long.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The scenario's title.
    pub fn title(&self) -> &str {
        &self.scenario.title
    }

    /// The scenario's description.
    pub fn description(&self) -> &str {
        &self.scenario.description
    }

    /// A teacher's notes for a neuron: its own, then its tensor's.
    pub fn notes_of(&self, element: Element) -> impl Iterator<Item = &str> {
        let (notes, update) = (&self.scenario.notes, self.backprop.update());
        [
            notes.element(element, update),
            notes.tensor(element.tensor, update),
        ]
        .into_iter()
        .flatten()
    }

    /// The run that is debugged.
    pub fn backprop(&self) -> &Backprop {
        &self.backprop
    }

    /// The network that was run.
    pub fn network(&self) -> &Network {
        self.backprop.network()
    }

    /// Where the session stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The number of steps.
    pub fn n_steps(&self) -> usize {
        self.backprop.steps().len()
    }

    /// The neuron whose gradient is being summed.
    pub fn element(&self) -> Option<Element> {
        match self.position {
            Position::Step(step) => self.backprop.steps().element(step),
            Position::Start | Position::End => None,
        }
    }

    /// The terms of the current neuron with their factors in columns, those not yet added too.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The rows of that table.
    pub fn terms(&self) -> &[Row] {
        &self.table.rows
    }

    /// How many of the terms are added.
    pub fn added(&self) -> usize {
        match self.position {
            Position::Step(step) => self
                .unfinished
                .get(&step)
                .copied()
                .unwrap_or(self.table.rows.len()),
            Position::Start | Position::End => 0,
        }
    }

    /// Whether the sum of the current neuron is only partly added up.
    pub fn is_building(&self) -> bool {
        self.added() < self.table.rows.len()
    }

    /// The neuron that a look goes to: while a sum builds up that of the last added term, otherwise
    /// the current one.
    pub fn under_hand(&self) -> Option<Element> {
        let last = self.added().checked_sub(1).filter(|_| self.is_building());
        last.and_then(|last| self.table.rows.get(last))
            .map(|row| row.from)
            .or_else(|| self.element())
    }

    /// What the terms that are added come to, with the upstream gradient that is given. The whole
    /// sum is the gradient, before it is rounded.
    pub fn sum(&self) -> f64 {
        match self
            .added()
            .checked_sub(1)
            .and_then(|last| self.table.rows.get(last))
        {
            _ if !self.is_building() => self.table.sum,
            Some(last) => last.running,
            None => self.table.given.unwrap_or(0.0),
        }
    }

    /// Returns dL/d(a neuron) where it is known by now: it is given, its step is done, or no
    /// gradient reaches it, which makes it 0. In a large network it may still have to be computed,
    /// and is not known until then.
    pub fn known(&self, element: Element) -> Option<f64> {
        let base = Element {
            tensor: self.network().base(element.tensor),
            at: element.at,
        };
        let is_known = self.is_done(base) && self.backprop.is_computed(base.tensor);
        is_known.then(|| self.backprop.element(base))
    }

    /// Whether a neuron's step is done, or it makes none.
    pub(super) fn is_done(&self, element: Element) -> bool {
        let step = self.backprop.steps().step_of(element);
        if let (None, Kind::PreActivation(layer)) =
            (step, self.network().tensor(element.tensor).kind)
        {
            let tensor = self.network().layer(layer).output;
            return self.is_done(Element { tensor, ..element });
        }
        match (step, self.position) {
            (None, _) | (Some(_), Position::End) => true,
            (Some(_), Position::Start) => false,
            (Some(step), Position::Step(now)) => {
                step < now || (step == now && !self.is_building() && !self.is_hidden())
            }
        }
    }

    /// Goes to a position; a step that there is not is the last one.
    pub fn go_to(&mut self, position: Position) {
        self.position = match position {
            Position::Step(step) => self.position_at(step.saturating_add(1).min(self.n_steps())),
            other => other,
        };
        let table = self
            .element()
            .map(|element| Table::new(&self.backprop, element, MOST_ROWS));
        self.table = Arc::new(table.unwrap_or_default());
        self.view_options.cursor = None;
        self.compute_watched();
        self.ask_anew();
    }

    /// Takes another scenario in place of this one, and stays at the neuron where there still is
    /// one of that name and place.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn replace(&mut self, scenario: Arc<Scenario>) -> Result<(), Cancelled> {
        let element = self.element();
        let before = Arc::clone(&self.scenario.network);
        let is_same_network = Arc::ptr_eq(&before, &scenario.network);
        let tape = scenario.try_tape(&self.cancel)?;
        let stepped = self.stepped_before_activations(&scenario.network);
        let backprop = Backprop::lazy(tape, scenario.upstream.clone()).stepping(stepped);
        let update = self.backprop.update();
        self.health = Arc::new(TensorHealths::new(&backprop, self.cancel.clone()));
        self.backprop = Arc::new(backprop);
        let rounded = self.scenario.arithmetic.precision.rounds();
        self.scenario = scenario;
        self.train_anew(update)?;
        if rounded != self.scenario.arithmetic.precision.rounds() {
            self.view_precision();
        }
        if !is_same_network {
            self.unfinished = Arc::default();
            self.jumps = Arc::default();
            self.search = None;
            self.drop_lost_breakpoints(&before);
            self.drop_lost_watches(&before);
        }
        Arc::make_mut(&mut self.quiz).begin_anew();
        self.mark_anew()?;
        let step = element
            .filter(|element| self.network().shares(&before, element.tensor))
            .and_then(|element| self.backprop.steps().step_of(element))
            .filter(|&step| step < self.n_steps());
        let is_there = step.is_some_and(|step| self.backprop.steps().element(step) == element);
        self.go_to(
            step.filter(|_| is_there)
                .map_or(self.position, Position::Step),
        );
        Ok(())
    }

    /// Makes steps of what a layer computes before its own activation, where there are none yet.
    /// The steps behind them get other numbers.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn step_through(&mut self, tensor: TensorId) -> Result<(), Cancelled> {
        let stepping = self.backprop.stepping([tensor]);
        let Some(new) = stepping.steps().range(tensor) else {
            return Ok(());
        };
        if self.start_of_tensor(tensor).is_some() {
            return Ok(());
        }
        let moved = |step: usize| match step < new.start {
            true => step,
            false => step + new.len(),
        };
        self.backprop = Arc::new(stepping);
        self.position = self.position.moved(moved);
        let unfinished = self.unfinished.iter();
        self.unfinished = Arc::new(
            unfinished
                .map(|(&step, &added)| (moved(step), added))
                .collect(),
        );
        Arc::make_mut(&mut self.jumps).renumber(moved);
        self.search = None;
        self.renumber_breakpoints();
        self.mark_anew()
    }

    /// Whether there is a tensor's step to go to, or can be one.
    pub(super) fn can_step(&self, tensor: TensorId) -> bool {
        self.start_of_tensor(self.network().base(tensor)).is_some()
            || (self.is_quiet(tensor) && self.backprop.reaches(tensor))
    }

    /// Whether a tensor is what a layer computes before its own activation, and nobody has asked
    /// for it.
    pub(super) fn is_quiet(&self, tensor: TensorId) -> bool {
        matches!(self.network().tensor(tensor).kind, Kind::PreActivation(_))
            && self.start_of_tensor(tensor).is_none()
    }

    /// What makes steps because somebody asked for it, by its name in another network.
    fn stepped_before_activations(&self, network: &Network) -> Vec<TensorId> {
        let tensors = self.backprop.steps().tensors().iter();
        let names = tensors.map(|&id| &self.network().tensor(id).name);
        names.filter_map(|name| network.find(name)).collect()
    }
}
