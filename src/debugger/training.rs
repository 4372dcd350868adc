//! A session in a training: which update it stands at, and how it comes to another.

use std::sync::Arc;

use super::tensor_healths::TensorHealths;
use super::{CommandError, Session};
use crate::backprop::{Backprop, loss};
use crate::cancel::Cancelled;
use crate::optim::{Optimizer, Rule};
use crate::scenario::MOST_UPDATES;
use crate::tensor::rounded;
use crate::training::Training;

/// How many significant digits a loss is told with.
const DIGITS: usize = 6;

impl Session {
    /// The training of the scenario, where it is trained.
    pub fn training(&self) -> Option<&Training> {
        self.training.as_deref()
    }

    /// The training, or why there is none.
    pub(super) fn expect_trained(&self) -> Result<&Training, CommandError> {
        let training = self.training.as_deref();
        training.ok_or_else(|| match self.scenario.expect_trainable() {
            Ok(()) => CommandError::NotTrained,
            Err(why) => CommandError::NotTrainable(Box::new(why)),
        })
    }

    /// The number of the update whose gradients are looked at, counted from 1, and how many there
    /// are; nothing where the scenario is not trained.
    pub fn update(&self) -> Option<(usize, usize)> {
        let training = self.training.as_ref()?;
        Some((self.backprop.update(), training.n_updates()))
    }

    /// The loss: what the gradients are the slopes of.
    pub fn loss(&self) -> f64 {
        loss(&self.backprop, self.backprop.tape())
    }

    /// Where the session stands in the training, in words: `update 57 of 100, loss 0.2983`.
    pub fn says_update(&self) -> Option<String> {
        let (update, n_updates) = self.update()?;
        let loss = rounded(self.loss(), DIGITS);
        Some(format!("update {update} of {n_updates}, loss {loss}"))
    }

    /// Goes to an update and stays at the neuron.
    ///
    /// # Errors
    /// The scenario is not trained, or has no such update; it was given up.
    pub fn go_to_update(&mut self, update: usize) -> Result<(), CommandError> {
        let n_updates = self.expect_trained()?.n_updates();
        if !(1..=n_updates).contains(&update) {
            return Err(CommandError::NoSuchUpdate { update, n_updates });
        }
        self.enter_update(update)?;
        if self.is_edited()
            && let Some(unedited) = &mut self.unedited
        {
            let before = Arc::make_mut(unedited).at(update, &self.cancel)?;
            Arc::make_mut(&mut self.edits).original = Some(Arc::new(before));
        }
        Arc::make_mut(&mut self.quiz).begin_anew();
        self.mark_anew()?;
        self.go_to(self.position());
        Ok(())
    }

    /// Goes on from this update by so many, or back.
    ///
    /// # Errors
    /// There is no such update.
    pub fn move_update(&mut self, by: isize) -> Result<(), CommandError> {
        let n_updates = self.expect_trained()?.n_updates();
        match self.backprop.update().checked_add_signed(by) {
            Some(0) | None => Err(CommandError::FirstUpdate),
            Some(next) if next > n_updates => Err(CommandError::LastUpdate(n_updates)),
            Some(next) => self.go_to_update(next),
        }
    }

    /// Takes the run of another update in place of this one. The session stands at the same step,
    /// whose terms are listed when it goes to one.
    pub(super) fn enter_update(&mut self, update: usize) -> Result<(), Cancelled> {
        let stepped = self.backprop.steps().tensors().to_vec();
        let Some(training) = &mut self.training else {
            return Ok(());
        };
        let run = Arc::make_mut(training).at(update, &self.cancel)?;
        self.backprop = Arc::new(run.stepping(stepped));
        self.health = Arc::new(TensorHealths::new(&self.backprop, self.cancel.clone()));
        Ok(())
    }

    /// Trains so many updates more and goes to the last of them; says how the loss has gone. Where
    /// the scenario is not trained yet, it is from now on, by plain descent at this rate.
    ///
    /// # Errors
    /// There is nothing to train, or the rate is missing or no rate; there would be too many
    /// updates; it was given up.
    pub fn learn(&mut self, n: usize, rate: Option<f64>) -> Result<String, CommandError> {
        let before = self.loss();
        let (begin, n_updates) = match self.update() {
            Some((update, n_updates)) if rate.is_none() => (update, n_updates),
            Some((_, n_updates)) => (1, n_updates),
            None => (1, 1),
        };
        let left = MOST_UPDATES - begin;
        if n > left {
            return Err(CommandError::TooManyUpdates { n, left });
        }
        let updates = n_updates.max(begin + n);
        let optimizer = match (self.backprop.optimizer(), rate) {
            (Some(optimizer), None) => *optimizer,
            (Some(optimizer), Some(lr)) => Optimizer { lr, ..*optimizer },
            (None, Some(lr)) => Optimizer {
                lr,
                ..Optimizer::new(Rule::Sgd)
            },
            (None, None) => return Err(CommandError::NoRate),
        };
        if self.training.is_none() || rate.is_some() {
            let trained = self.scenario.trained_by(optimizer, updates)?;
            self.unedited = self.training.take();
            self.replace(Arc::new(trained))?;
        } else if let Some(training) = &mut self.training {
            Arc::make_mut(training).set_n_updates(updates);
        }
        self.go_to_update(begin + n)?;
        let [before, after] = [before, self.loss()].map(|loss| rounded(loss, DIGITS));
        let says = self.says_update().unwrap_or_default();
        Ok(format!("{says}; before it was {before}, now {after}"))
    }

    /// The losses of the training before the edits, where there is one.
    pub fn losses_before(&self) -> Option<&[f64]> {
        let before = self.unedited.as_ref()?;
        Some(before.curve().losses())
    }

    /// Begins the training of the scenario that the session now has, at the update at which the
    /// one before stood.
    pub(super) fn train_anew(&mut self, update: usize) -> Result<(), Cancelled> {
        let n_updates = self.training.as_ref().map(|training| training.n_updates());
        let run = Backprop::clone(&self.backprop);
        let training = Training::from_run(Arc::clone(&self.scenario), run);
        self.training = training.map(|mut training| {
            let asked = training.n_updates();
            training.set_n_updates(n_updates.unwrap_or(asked).max(asked));
            Arc::new(training)
        });
        match update {
            0 | 1 => Ok(()),
            later => self.enter_update(later),
        }
    }
}
