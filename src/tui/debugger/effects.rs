//! What commands lead to on the screen.

use std::time::Instant;

use super::{Debugger, Message};
use crate::debugger::{Call, CommandError, Draft, Effect, OnScreen};
use crate::diagnostic::visible;
use crate::tui::flow::{Flow, Next};
use crate::tui::help::Help;
use crate::tui::layout::Fold;
use crate::tui::panel::{Inspected, Panel, SheetPanel};
use crate::tui::play::Play;
use crate::tui::prompt::Prompt;
use crate::tui::running_command::RunningCommand;

impl Debugger {
    pub(super) fn run(&mut self, call: Call) -> Next {
        self.run_beside(move |session| call.run(session))
    }

    /// Runs commands, up to the first that is refused or that leaves the debugger. What follows
    /// once they have taken long waits for the screen.
    pub(in crate::tui) fn run_all(&mut self, calls: impl IntoIterator<Item = Call>) -> Next {
        let mut next = Flow::Draw.into();
        let mut calls = calls.into_iter();
        let begun = Instant::now();
        while let Some(call) = calls.next() {
            let patience = self.patience.saturating_sub(begun.elapsed());
            let work = self.begin(move |session| call.run(session));
            match self.wait_for(RunningCommand::new(work), patience) {
                Next::Flow(Flow::Draw) => {}
                Next::ChangeTheme => next = Next::ChangeTheme,
                other => return other,
            }
            if self.running.is_some() {
                self.waiting = calls.collect();
                break;
            }
        }
        next
    }

    /// Runs what has waited for something that took long.
    pub(super) fn run_waiting(&mut self) -> Next {
        let waiting = std::mem::take(&mut self.waiting);
        self.run_all(waiting)
    }

    /// Shows what a command has led to.
    pub(super) fn show(&mut self, led_to: Result<Effect, CommandError>) -> Next {
        match led_to {
            Ok(effect) => self.follow(effect),
            Err(reason) => {
                self.say(reason.to_string());
                Next::Refused
            }
        }
    }

    fn follow(&mut self, effect: Effect) -> Next {
        match effect {
            Effect::Moved => self.look_at_step(),
            Effect::Found(found) => {
                self.look_at_step();
                self.say(found);
            }
            Effect::FoundWrong => {
                self.look_at_step();
                self.message = Some(Message::Theirs);
            }
            Effect::Says(says) => self.say(says),
            Effect::Continues(run) => return self.run_to_breakpoint(run),
            Effect::Shows(sheet) => self.panels.push(Panel::Sheet(SheetPanel::new(sheet))),
            Effect::Inspects {
                element,
                lines,
                narrow,
            } => {
                let inspected = Inspected::new(&self.session, element, [lines, narrow]);
                self.panels.push(Panel::Inspected(inspected));
            }
            Effect::Asks(ask) => {
                let prompt = Prompt::new(ask, &self.session);
                self.panels.push(Panel::Prompt(prompt));
            }
            Effect::Writes(draft) => return self.write(draft),
            Effect::Help => self.panels.push(Panel::Help(Help::default())),
            Effect::Screen(asked) => return self.on_screen(asked),
            Effect::Quit => return Flow::Quit.into(),
        }
        Flow::Draw.into()
    }

    fn on_screen(&mut self, asked: OnScreen) -> Next {
        match asked {
            OnScreen::Play => self.play.toggle(),
            OnScreen::PlayFaster => self.set_pace(Play::faster),
            OnScreen::PlaySlower => self.set_pace(Play::slower),
            OnScreen::Page(by) => self.look.page += by,
            OnScreen::Fold => self.change_fold(),
            OnScreen::ChangeTheme => return Next::ChangeTheme,
            OnScreen::Mouse(has_mouse) => self.change_mouse(has_mouse),
            OnScreen::Close => return Next::Leave,
            OnScreen::NextScenario => return Next::Onward,
            OnScreen::Redraw => return Flow::Redraw.into(),
            OnScreen::Suspend => return Flow::Suspend.into(),
        }
        Flow::Draw.into()
    }

    fn write(&mut self, draft: Draft) -> Next {
        let write = self.write;
        self.run_beside(move |session| match write(session, &draft) {
            Ok(()) => Ok(Effect::Says(format!(
                "written to `{}`",
                visible(&draft.name)
            ))),
            Err(problem) => Err(problem.into()),
        })
    }

    fn change_fold(&mut self) {
        self.fold = self.fold.next();
        self.say(match self.fold {
            Fold::Nothing => "all panes",
            Fold::Text => "the map alone; `z` goes on to the terms and the words",
            Fold::Map => "the terms and the words alone; `z` goes on to all panes",
        });
    }

    fn change_mouse(&mut self, has_mouse: bool) {
        self.has_mouse = has_mouse;
        self.say(if has_mouse {
            "a click goes to what it points at"
        } else {
            "the terminal has the mouse; `:mouse on` takes it back"
        });
    }

    fn set_pace(&mut self, how: fn(&mut Play)) {
        how(&mut self.play);
        if !self.play.is_playing() {
            self.say(format!("Space plays {}", self.play.pace()));
        }
    }
}
