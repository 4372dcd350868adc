//! The debugger's screen: its state, and how keys change it.

mod beside;
mod effects;
mod prompt;

use std::sync::mpsc::Sender;
use std::time::Duration;

use ratatui::layout::Rect;

use super::background::{BackgroundExplanation, BackgroundGradients};
use super::events::News;
use super::flow::{Flow, Next};
use super::layout::Fold;
use super::map::Look;
use super::panel::Panel;
use super::panel_keys::{self, Reading};
use super::play::Play;
use super::running_command::RunningCommand;
use crate::debugger::{
    Argument, Call, Command, Effect, Group, Key, Position, Session, Write, commands,
};

/// The most often that a key does what it does at once.
const MOST_TIMES: usize = 1000;

/// How many times longer than another one the first frame waits: gradients that come after it make
/// it move.
const FIRST_FRAME: u32 = 20;

/// The debugger's screen.
#[derive(Debug)]
pub(super) struct Debugger {
    pub(super) session: Session,
    /// What lies on top of the panes, the topmost last.
    pub(super) panels: Vec<Panel>,
    /// The key that was pressed last while none did.
    pressed: Option<Key>,
    message: Option<Message>,
    /// How often the next key is to do what it does.
    count: Option<usize>,
    /// What has been obeyed at the prompt, the latest last.
    history: Vec<String>,
    pub(super) play: Play,
    /// The command that is being obeyed beside the screen.
    pub(super) running: Option<RunningCommand>,
    /// What is to be run after it.
    waiting: Vec<Call>,
    /// The gradients that are being computed ahead.
    pub(super) gradients: Option<BackgroundGradients>,
    /// What is being looked for that explains wrong numbers.
    explanation: Option<BackgroundExplanation>,
    pub(super) fold: Fold,
    /// How the map is looked at.
    pub(super) look: Look,
    /// How many rows further on the terms are shown.
    pub(super) scroll: usize,
    /// How many lines further on the words are shown.
    pub(super) read: usize,
    /// Whether a hint invites to the first step, which ends it.
    pub(super) is_hinted: bool,
    /// Whether it has the mouse, which otherwise is the terminal's.
    pub(super) has_mouse: bool,
    write: Write,
    news: Sender<News>,
    /// How long something is waited for before the screen is drawn without it.
    pub(super) patience: Duration,
}

/// What the last key has led to, or why it did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Message {
    Text(String),
    /// What the answer has at the current element, as far as that is known.
    Theirs,
}

impl Debugger {
    pub(super) fn new(
        session: Session,
        is_hinted: bool,
        has_mouse: bool,
        write: Write,
        news: Sender<News>,
        patience: Duration,
    ) -> Self {
        let mut debugger = Self {
            session,
            panels: Vec::new(),
            pressed: None,
            message: None,
            count: None,
            history: Vec::new(),
            play: Play::default(),
            running: None,
            waiting: Vec::new(),
            gradients: None,
            explanation: None,
            fold: Fold::default(),
            look: Look::default(),
            scroll: 0,
            read: 0,
            is_hinted,
            has_mouse,
            write,
            news,
            patience,
        };
        debugger.look_ahead();
        debugger.wait_for_gradients(patience.saturating_mul(FIRST_FRAME));
        debugger
    }

    /// What the last key has led to, or why it did nothing.
    pub(super) fn message(&self) -> Option<String> {
        match self.message.as_ref()? {
            Message::Text(text) => Some(text.clone()),
            Message::Theirs => self.session.says_of_theirs(),
        }
    }

    /// Says something in place of the key bar.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message::Text(text.into()));
    }

    /// Says nothing any more.
    pub(super) fn hush(&mut self) {
        self.message = None;
    }

    /// Whether something is going on whose progress is shown.
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some() || self.gradients.is_some()
    }

    pub(super) fn key(&mut self, key: Key, size: Rect) -> Next {
        if self.running.is_some() {
            return self.key_meanwhile(key, size);
        }
        match self.panels.last() {
            None => self.press(key),
            Some(Panel::Prompt(_)) => self.key_at_prompt(key),
            Some(Panel::Help(_) | Panel::Sheet(_) | Panel::Inspected(_)) => {
                self.key_while_reading(key, size)
            }
        }
    }

    fn press(&mut self, key: Key) -> Next {
        self.hush();
        self.pressed = Some(key);
        let command = self.scrubs(key).or_else(|| commands::of_key(key));
        let stops =
            self.play.is_playing() && command.is_none_or(|command| command.group != Group::Play);
        if stops {
            self.play.stop();
            self.say("stopped; Space plays on");
        }
        match command {
            // Whoever stops with Esc does not mean to leave as well.
            Some(command) if stops && command.name == "close" => Flow::Draw.into(),
            Some(command) => {
                let count = self.count.take();
                let times = count.filter(|_| !command.takes_count()).unwrap_or(1);
                let count = count.filter(|_| command.takes_count());
                let arguments = count.map(Argument::Count).into_iter().collect();
                let call = Call { command, arguments };
                self.run_all(std::iter::repeat_n(call, times.min(MOST_TIMES)))
            }
            None => match self.chosen(key) {
                Some(call) => self.run(call),
                None => self.count(key),
            },
        }
    }

    /// The command that a key is while a value is scrubbed.
    fn scrubs(&self, key: Key) -> Option<&'static Command> {
        let name = match key {
            Key::Up => "scrub up",
            Key::Down => "scrub down",
            Key::Esc | Key::Enter => "scrub off",
            _ => return None,
        };
        commands::named(name).filter(|_| self.session.is_scrubbing())
    }

    /// The command that a digit is while a question of the quiz is asked.
    fn chosen(&self, key: Key) -> Option<Call> {
        self.session.question().filter(|_| self.count.is_none())?;
        let Key::Char(digit @ '1'..='9') = key else {
            return None;
        };
        self.choose(digit.to_digit(10)? as usize)
    }

    /// The command that answers the question of the quiz.
    fn choose(&self, number: usize) -> Option<Call> {
        Some(Call {
            command: commands::named("choose")?,
            arguments: vec![Argument::Count(number)],
        })
    }

    /// Answers the question of the quiz.
    pub(super) fn answer(&mut self, number: usize) -> Flow {
        self.hush();
        if let Some(call) = self.choose(number) {
            self.run(call);
        }
        Flow::Draw
    }

    /// Takes a digit of how often the next key is to do what it does.
    fn count(&mut self, key: Key) -> Next {
        let so_far = self.count.take();
        let digit = match key {
            Key::Char(character) => character.to_digit(10),
            _ => None,
        };
        match digit.map(|digit| digit as usize) {
            Some(digit) if digit > 0 || so_far.is_some() => {
                let count = so_far.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                self.count = Some(count);
                self.say(format!("{count} times what the next key does"));
            }
            _ => self.say(format!("`{key}` is no key here; `?` shows them all")),
        }
        Flow::Draw.into()
    }

    /// Takes a key while a text lies on top.
    fn key_while_reading(&mut self, key: Key, size: Rect) -> Next {
        let Some(panel) = self.panels.last_mut() else {
            return Flow::Idle.into();
        };
        match panel_keys::key(panel, key, size) {
            // What has opened a panel closes it, too.
            Reading::NoKey if self.pressed == Some(key) => drop(self.panels.pop()),
            Reading::NoKey => return Flow::Idle.into(),
            Reading::Flow(flow) => return flow.into(),
            Reading::On => {}
            Reading::Done => drop(self.panels.pop()),
            Reading::Says(text) => {
                self.panels.pop();
                self.say(text);
            }
            Reading::Obeys(line) => {
                self.panels.pop();
                return self.obey_line(&line);
            }
            Reading::GoesTo(step) => {
                self.panels.pop();
                return self.jump_to(Position::Step(step));
            }
        }
        Flow::Draw.into()
    }

    /// Scrolls the text on top, no further than to its last line.
    pub(super) fn scroll_panel(&mut self, size: Rect, to: impl FnOnce(usize) -> usize) {
        if let Some(panel) = self.panels.last_mut() {
            panel_keys::scroll(panel, size, to);
        }
    }

    /// Goes to a position from which one can return.
    pub(super) fn jump_to(&mut self, position: Position) -> Next {
        self.run_beside(move |session| {
            session.jump_to(position);
            Ok(Effect::Moved)
        })
    }

    /// Takes the step of playing that is due, or shows how far it is what goes on.
    pub(super) fn tick(&mut self) -> Next {
        if self.running.is_none() && self.play.is_playing() {
            self.play_on()
        } else {
            Flow::Draw.into()
        }
    }

    fn play_on(&mut self) -> Next {
        let is_last = match self.session.position() {
            Position::Start => self.session.n_steps() == 0,
            Position::Step(step) => step + 1 == self.session.n_steps(),
            Position::End => true,
        };
        if is_last {
            self.play.stop();
        }
        self.run_beside(move |session| {
            session.next(1);
            Ok(if is_last {
                Effect::Found("played to the end: every gradient is computed".to_owned())
            } else {
                Effect::Moved
            })
        })
    }

    /// Shows the panes from where the step begins.
    fn look_at_step(&mut self) {
        (self.look, self.scroll, self.read) = (Look::default(), 0, 0);
        self.is_hinted = false;
    }
}
