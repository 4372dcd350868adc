//! How the debugger obeys what is written at its prompt.

use super::Debugger;
use crate::debugger::{Call, Effect, Key, Position, commands, parse_script};
use crate::tui::flow::{Flow, Next};
use crate::tui::map::Look;
use crate::tui::panel::Panel;
use crate::tui::prompt::{Prompt, Purpose, Typed};

impl Debugger {
    /// The prompt, where it is on top.
    fn prompt(&mut self) -> Option<&mut Prompt> {
        match self.panels.last_mut() {
            Some(Panel::Prompt(prompt)) => Some(prompt),
            _ => None,
        }
    }

    pub(super) fn key_at_prompt(&mut self, key: Key) -> Next {
        let Some(Panel::Prompt(prompt)) = self.panels.last_mut() else {
            return Flow::Idle.into();
        };
        if prompt.awaits_second_key()
            && let Some(command) = commands::of_sequence([Key::Char('g'), key])
        {
            self.panels.pop();
            return self.run(Call {
                command,
                arguments: Vec::new(),
            });
        }
        match prompt.key(key, &self.session, &self.history) {
            Typed::NoKey => return Flow::Idle.into(),
            Typed::Changed => self.preview(),
            Typed::Done => return self.obey(),
            Typed::Left => self.leave_prompt(),
        }
        Flow::Draw.into()
    }

    /// Takes a text that is pasted.
    pub(in crate::tui) fn paste(&mut self, text: &str) -> Flow {
        if self.running.is_some() {
            return Flow::Idle;
        }
        match self.panels.last_mut() {
            Some(Panel::Prompt(prompt)) => prompt.insert(text),
            Some(Panel::Help(help)) => help.filter.insert(text),
            _ => return Flow::Idle,
        }
        self.preview();
        Flow::Draw
    }

    /// Shows how the line that is being written can go on, or the first match of a search.
    fn preview(&mut self) {
        let Some(Panel::Prompt(prompt)) = self.panels.last_mut() else {
            return;
        };
        prompt.offer(&self.session);
        let Purpose::Search { from } = prompt.purpose else {
            return;
        };
        let name = prompt.text().trim();
        let found = (!name.is_empty()).then(|| self.session.first_match(name, from));
        let place = found
            .as_ref()
            .and_then(|found| found.as_ref().ok())
            .map_or(from, |(place, _)| *place);
        prompt.found = found.map(|found| found.map(|(_, says)| says));
        (self.look, self.scroll) = (Look::default(), 0);
        self.go_quietly(place);
    }

    /// Goes somewhere to look, and says nothing of it.
    fn go_quietly(&mut self, place: Position) {
        self.run_beside(move |session| {
            session.go_to(place);
            Ok(Effect::Moved)
        });
    }

    /// Closes the prompt; a search goes back to where it began.
    fn leave_prompt(&mut self) {
        if let Some(Panel::Prompt(prompt)) = self.panels.pop()
            && let Purpose::Search { from } = prompt.purpose
        {
            self.go_quietly(from);
        }
    }

    /// Runs what is written.
    fn obey(&mut self) -> Next {
        let Some(Panel::Prompt(prompt)) = self.panels.last_mut() else {
            return Flow::Idle.into();
        };
        let line = prompt.text().trim().to_owned();
        if line.is_empty() {
            self.leave_prompt();
            return Flow::Draw.into();
        }
        match prompt.purpose {
            Purpose::Search { from } => self.obey_search(line, from),
            Purpose::Command | Purpose::Place => self.obey_command(&line),
        }
    }

    /// Goes to the first match. Where there is none the prompt stays, and says so.
    fn obey_search(&mut self, name: String, from: Position) -> Next {
        if let Err(reason) = self.session.first_match(&name, from) {
            if let Some(prompt) = self.prompt() {
                prompt.found = Some(Err(reason));
            }
            return Flow::Draw.into();
        }
        self.panels.pop();
        self.run_beside(move |session| {
            session.go_to(from);
            let found = session.search(&name)?;
            Ok(Effect::Found(format!(
                "{found}; `n` and `N` go on, Esc ends the search"
            )))
        })
    }

    /// Runs the commands that are written, and closes the prompt. Where they cannot be read it
    /// stays, and says why.
    fn obey_command(&mut self, line: &str) -> Next {
        match parse_script(line, &self.session) {
            Ok(calls) => {
                self.panels.pop();
                self.remember(line);
                self.run_all(calls)
            }
            Err(error) => {
                if let Some(prompt) = self.prompt() {
                    prompt.complain(&error);
                }
                Flow::Draw.into()
            }
        }
    }

    /// Runs commands that are written as at the prompt.
    pub(super) fn obey_line(&mut self, line: &str) -> Next {
        match parse_script(line, &self.session) {
            Ok(calls) => self.run_all(calls),
            Err(error) => {
                self.say(error.to_string());
                Flow::Draw.into()
            }
        }
    }

    fn remember(&mut self, line: &str) {
        self.history.retain(|earlier| earlier != line);
        self.history.push(line.to_owned());
    }
}
