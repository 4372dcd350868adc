//! How the debugger has things done beside the screen: on a copy of the session, which takes its
//! place once they are done.

use std::time::Duration;

use ratatui::layout::Rect;

use super::Debugger;
use crate::cancel::Cancel;
use crate::debugger::{CommandError, Effect, Key, RunToBreakpoint, Session};
use crate::tui::background::{BackgroundExplanation, BackgroundGradients};
use crate::tui::flow::{Flow, Next};
use crate::tui::running_command::{Done, Meanwhile, Progress, RunningCommand};
use crate::tui::work::Work;

impl Debugger {
    /// Does something with the session, and shows what it leads to.
    pub(in crate::tui) fn run_beside(
        &mut self,
        job: impl FnOnce(&mut Session) -> Result<Effect, CommandError> + Send + 'static,
    ) -> Next {
        let work = self.begin(job);
        self.wait_for(RunningCommand::new(work), self.patience)
    }

    /// Goes to the next hit of a breakpoint.
    pub(super) fn run_to_breakpoint(&mut self, run: RunToBreakpoint) -> Next {
        let progress = Progress::new(run.clone());
        let look_on = progress.clone();
        let work = self.begin(move |session| {
            let found = session.finish(run, |run| look_on.is(run))?;
            Ok(Effect::Found(found))
        });
        self.wait_for(RunningCommand::running(work, progress), self.patience)
    }

    pub(super) fn begin(
        &self,
        job: impl FnOnce(&mut Session) -> Result<Effect, CommandError> + Send + 'static,
    ) -> Work<Done> {
        let session = self.session.clone();
        Work::begin(&self.news, move |cancel| {
            let mut session = session.cancelled_by(cancel.clone());
            let led_to = job(&mut session);
            (session, led_to)
        })
    }

    pub(super) fn wait_for(&mut self, running: RunningCommand, patience: Duration) -> Next {
        match running.wait(patience) {
            Some(done) => self.finish(done),
            None => {
                self.running = Some(running);
                Flow::Draw.into()
            }
        }
    }

    fn finish(&mut self, (session, led_to): Done) -> Next {
        self.session = session.cancelled_by(Cancel::default());
        self.look_ahead();
        self.show(led_to)
    }

    /// Takes up what is done by now.
    pub(in crate::tui) fn settle(&mut self, size: Rect) -> Next {
        let was_busy = self.is_busy() || self.explanation.is_some();
        self.wait_for_gradients(Duration::ZERO);
        let is_done = |explanation: &mut BackgroundExplanation| explanation.wait(Duration::ZERO);
        self.explanation.take_if(is_done);
        let done = self
            .running
            .as_ref()
            .and_then(|running| running.wait(Duration::ZERO));
        match done {
            Some(done) => self.go_on(done, size),
            // Whoever has waited for it has taken it up already.
            None if !was_busy => Flow::Idle.into(),
            None => Flow::Draw.into(),
        }
    }

    /// Shows what a command has led to. Then come what was to be run after it, and the keys that
    /// were pressed meanwhile.
    fn go_on(&mut self, done: Done, size: Rect) -> Next {
        let typed = self.running.take().map(RunningCommand::into_typed);
        let mut next = self.finish(done);
        match next {
            Next::Flow(Flow::Draw) | Next::ChangeTheme if self.running.is_some() => {}
            Next::Flow(Flow::Draw) | Next::ChangeTheme => {
                let after = self.run_waiting();
                next = if after == Flow::Draw.into() {
                    next
                } else {
                    after
                };
            }
            Next::Flow(_) | Next::Refused | Next::Leave | Next::Onward => self.waiting.clear(),
        }
        for key in typed.unwrap_or_default() {
            match next {
                Next::Flow(Flow::Draw | Flow::Idle) | Next::Refused => next = self.key(key, size),
                Next::Flow(Flow::Redraw | Flow::Suspend | Flow::Quit)
                | Next::Leave
                | Next::Onward
                | Next::ChangeTheme => break,
            }
        }
        next
    }

    /// Takes a key while a command is being obeyed.
    pub(super) fn key_meanwhile(&mut self, key: Key, size: Rect) -> Next {
        let Some(running) = &mut self.running else {
            return Flow::Idle.into();
        };
        match running.key(key) {
            Meanwhile::Waits => Flow::Idle.into(),
            Meanwhile::Quits => Flow::Quit.into(),
            Meanwhile::GivesUp => {
                (self.running, self.waiting) = (None, Vec::new());
                self.say("given up: everything is as it was");
                Flow::Draw.into()
            }
            Meanwhile::Stops(run) => match (self.stop(run), key) {
                (next, Key::Esc) => next,
                _ => self.key(key, size),
            },
        }
    }

    /// Ends a run where it has come to. What was to come after it is given up.
    pub(in crate::tui) fn stop(&mut self, run: RunToBreakpoint) -> Next {
        (self.running, self.waiting) = (None, Vec::new());
        self.run_beside(move |session| Ok(Effect::Found(session.give_up(&run))))
    }

    /// Has worked out what will be looked at: the gradients, and what explains wrong numbers.
    pub(super) fn look_ahead(&mut self) {
        self.compute_gradients();
        self.explain();
    }

    fn compute_gradients(&mut self) {
        if self.session.backprop().is_complete() {
            self.gradients = None;
            return;
        }
        let is_under_way = |gradients: &BackgroundGradients| gradients.is_of(&self.session);
        if !self.gradients.as_ref().is_some_and(is_under_way) {
            self.gradients = Some(BackgroundGradients::begin(&self.session, &self.news));
            self.wait_for_gradients(self.patience);
        }
    }

    /// Waits until all gradients are computed, but no longer than that.
    pub(super) fn wait_for_gradients(&mut self, patience: Duration) {
        self.gradients.take_if(|gradients| gradients.wait(patience));
    }

    fn explain(&mut self) {
        let Some(tensor) = self.session.unexplained() else {
            self.explanation = None;
            return;
        };
        let is_under_way =
            |explanation: &BackgroundExplanation| explanation.is_of(&self.session, tensor);
        if !self.explanation.as_ref().is_some_and(is_under_way) {
            let explanation = BackgroundExplanation::begin(&self.session, tensor, &self.news);
            let is_done = explanation.wait(self.patience);
            self.explanation = (!is_done).then_some(explanation);
        }
    }
}
