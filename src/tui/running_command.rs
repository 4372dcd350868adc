//! A command that is obeyed beside the screen: how far it is, and what keys mean meanwhile.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::work::Work;
use crate::debugger::{CommandError, Effect, Key, RunToBreakpoint, Session, commands};

/// What a command has made of the session, and what is to be done next.
pub(super) type Done = (Session, Result<Effect, CommandError>);

/// A command that is being obeyed, and the keys that were pressed meanwhile.
#[derive(Debug)]
pub(super) struct RunningCommand {
    work: Work<Done>,
    typed: Vec<Key>,
    /// How far it has come, where it is a run to the next breakpoint.
    progress: Option<Progress>,
}

/// How far a run to the next breakpoint has come, as both sides see it.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<Mutex<RunToBreakpoint>>);

/// What a key means while a command is being obeyed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meanwhile {
    /// It waits for the end of the command.
    Waits,
    /// The command is given up.
    GivesUp,
    /// The run ends where it has come to.
    Stops(RunToBreakpoint),
    /// The program ends.
    Quits,
}

impl RunningCommand {
    pub(super) fn new(work: Work<Done>) -> Self {
        Self {
            work,
            typed: Vec::new(),
            progress: None,
        }
    }

    pub(super) fn running(work: Work<Done>, progress: Progress) -> Self {
        Self {
            progress: Some(progress),
            ..Self::new(work)
        }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: Key) -> Meanwhile {
        if let Some(progress) = &self.progress {
            return Meanwhile::Stops(progress.now());
        }
        match (key, commands::of_key(key)) {
            (Key::Esc, _) => Meanwhile::GivesUp,
            (_, Some(command)) if command.name == "quit" => Meanwhile::Quits,
            _ => {
                self.typed.push(key);
                Meanwhile::Waits
            }
        }
    }

    /// How far the run has come that a click ends.
    pub(super) fn run(&self) -> Option<RunToBreakpoint> {
        self.progress.as_ref().map(Progress::now)
    }

    /// How far it has come, in words.
    pub(super) fn words(&self, session: &Session) -> String {
        match &self.progress {
            Some(progress) => {
                format!("{} · any key stops", session.progress(&progress.now()))
            }
            None => format!("working, {} · Esc gives it up", self.work.age()),
        }
    }

    /// Waits for its end, but no longer than that.
    pub(super) fn wait(&self, patience: Duration) -> Option<Done> {
        self.work.wait(patience)
    }

    /// The keys that wait for its end.
    pub(super) fn into_typed(self) -> Vec<Key> {
        self.typed
    }
}

impl Progress {
    pub(super) fn new(run: RunToBreakpoint) -> Self {
        Self(Arc::new(Mutex::new(run)))
    }

    pub(super) fn is(&self, run: &RunToBreakpoint) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.clone_from(run);
    }

    fn now(&self) -> RunToBreakpoint {
        let progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.clone()
    }
}
