//! Commands that take long: the session goes on without them until they are done.

use std::time::Duration;

use super::app::{Answer, Debugger, Flow};
use super::work::{Filling, Work};
use crate::debugger::commands;
use crate::debugger::{Effect, Key, Reason, Session};
use ratatui::layout::Rect;

/// The most steps of a network in which nothing takes long enough to do it beside the screen.
const MOST_AT_ONCE: usize = 20_000;

/// How long a command is waited for before the screen is drawn without it. A frame is to be there
/// within 16 milliseconds.
const PATIENCE: Duration = Duration::from_millis(8);

/// How often somebody who waits looks whether it is done.
pub(super) const LOOK: Duration = Duration::from_millis(10);

/// How often the progress of the gradients is drawn.
pub(super) const PROGRESS: Duration = Duration::from_millis(100);

/// When commands are done beside the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The most steps of a network in which everything is done at once.
    pub(super) most_at_once: usize,
    /// How long a command is waited for.
    pub(super) patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            most_at_once: MOST_AT_ONCE,
            patience: PATIENCE,
        }
    }
}

/// What a command has made of the session, and what is to be done next.
type Done = (Box<Session>, Result<Effect, Reason>);

/// A command that is being obeyed beside the screen, and the keys that were pressed meanwhile.
#[derive(Debug)]
pub(super) struct Working {
    work: Work<Done>,
    typed: Vec<Key>,
}

impl Working {
    /// How far it has come, in words.
    pub(super) fn progress(&self) -> String {
        format!("working, {} · Esc gives it up", self.work.age())
    }
}

impl Debugger {
    /// Does something with the session, and shows what it leads to. In a large network it is done
    /// with a copy beside the screen, which takes the session's place once it is done.
    pub(super) fn work(
        &mut self,
        job: impl FnOnce(&mut Session) -> Result<Effect, Reason> + Send + 'static,
    ) -> Answer {
        if self.session.n_steps() <= self.pace.most_at_once {
            let led_to = job(&mut self.session);
            self.fill();
            return self.show(led_to);
        }
        let mut session = Box::new(self.session.clone());
        let work = Work::begin(move || {
            let led_to = job(&mut session);
            (session, led_to)
        });
        match work.wait(self.pace.patience) {
            Some(done) => self.finish(done),
            None => {
                self.working = Some(Working {
                    work,
                    typed: Vec::new(),
                });
                Flow::Draw.into()
            }
        }
    }

    /// Looks whether the command is done. Then come what was to be run after it, and the keys that
    /// were pressed meanwhile.
    pub(super) fn go_on_working(&mut self, size: Rect) -> Answer {
        let Some(done) = self
            .working
            .as_ref()
            .and_then(|working| working.work.wait(Duration::ZERO))
        else {
            return Flow::Draw.into();
        };
        let typed = self
            .working
            .take()
            .map(|working| working.typed)
            .unwrap_or_default();
        let mut answer = self.finish(done);
        if answer == Answer::Refused {
            self.waiting.clear();
        } else {
            answer = self.run_waiting();
        }
        for key in typed {
            match answer {
                Answer::Flow(Flow::Draw | Flow::Idle) | Answer::Refused => {
                    answer = self.key(key, size)
                }
                _ => break,
            }
        }
        answer
    }

    /// Takes a key while a command is being obeyed: it is obeyed afterwards, unless it ends the
    /// command or the program.
    pub(super) fn key_while_working(&mut self, key: Key) -> Answer {
        match (key, commands::of_key(key)) {
            (Key::Esc, _) => {
                self.give_up_working();
                Flow::Draw.into()
            }
            (_, Some(command)) if command.name == "quit" => Flow::Quit.into(),
            _ => {
                if let Some(working) = &mut self.working {
                    working.typed.push(key);
                }
                Flow::Idle.into()
            }
        }
    }

    /// No longer waits for the command; the session stays as it was. What has been computed until
    /// then stays computed.
    pub(super) fn give_up_working(&mut self) {
        if self.working.take().is_some() {
            self.waiting.clear();
            self.message = Some("given up: everything is as it was".to_owned());
        }
    }

    fn finish(&mut self, (session, led_to): Done) -> Answer {
        self.session = *session;
        self.fill();
        self.show(led_to)
    }

    /// Has the missing gradients computed: of a large network in the background.
    pub(super) fn fill(&mut self) {
        let backprop = self.session.backprop();
        if self.session.n_steps() <= self.pace.most_at_once {
            _ = backprop.complete(self.session.cancel());
        }
        if backprop.is_complete() {
            self.filling = None;
        } else if !self
            .filling
            .as_ref()
            .is_some_and(|filling| filling.fills(backprop))
        {
            self.filling = Some(Filling::begin(backprop));
        }
    }
}
