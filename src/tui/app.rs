//! The state of the screen, and how keys, the mouse and commands change it. Drawing never does.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseEvent};
use ratatui::layout::Rect;

use super::ascii::Signs;
use super::gallery::{Gallery, Picked};
use super::help::Help;
use super::hunting::Hunting;
use super::opening::{self, Opened, Opening};
use super::play::Play;
use super::prompt::Prompt;
use super::reading::{Inspected, Leaf};
use super::terminal::Ended;
use super::theme::Theme;
use super::work::Filling;
use super::working::{self, Pace, Working};
use super::{Options, hunting, keys, mouse};
use crate::debugger::{
    Argument, Call, Draft, Effect, Group, Key, Position, Reason, Session, Write, commands,
};
use crate::diagnostic::{Diagnostic, visible};
use crate::scenario;

/// All that is on the screen.
#[derive(Debug)]
pub(super) struct App {
    pub(super) theme: Theme,
    pub(super) signs: Signs,
    /// The size of the screen as it was last told.
    pub(super) size: Rect,
    pub(super) gallery: Option<Gallery>,
    /// What the debugger is to be.
    pub(super) opening: Option<Opening>,
    /// The keys that were pressed meanwhile.
    typed: Vec<KeyEvent>,
    /// Why there is none.
    refused: Option<Box<Diagnostic>>,
    pub(super) debugger: Option<Debugger>,
    write: Write,
    /// Whether the user has yet to take a first step.
    is_new: bool,
}

/// The debugger's screen.
#[derive(Debug)]
pub(super) struct Debugger {
    pub(super) session: Session,
    /// What lies on top of the panes, the topmost last.
    pub(super) panels: Vec<Panel>,
    /// What the last key has led to, or why it did nothing.
    pub(super) message: Option<String>,
    /// How often the next key is to do what it does.
    pub(super) count: Option<usize>,
    /// What has been obeyed at the prompt, the latest last.
    pub(super) history: Vec<String>,
    pub(super) play: Play,
    /// The search for a hit that is under way.
    pub(super) hunting: Option<Hunting>,
    /// The command that is being obeyed beside the screen.
    pub(super) working: Option<Working>,
    /// What is to be run after what is under way.
    pub(super) waiting: Vec<Call>,
    /// The gradients that are being computed ahead.
    pub(super) filling: Option<Filling>,
    /// When commands are obeyed beside the screen.
    pub(super) pace: Pace,
    /// How long a search goes on before the screen is drawn and keys are obeyed.
    pub(super) slice: Duration,
    pub(super) fold: Fold,
    /// How many pages further on the downstream tensor is shown.
    pub(super) page: isize,
    /// How many rows further on the terms are shown.
    pub(super) scroll: usize,
    /// How many lines further on the words are shown.
    pub(super) read: usize,
    /// Whether a hint invites to the first step, which ends it.
    pub(super) is_hinted: bool,
    write: Write,
}

/// Which panes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fold {
    /// All for which there is room.
    #[default]
    Nothing,
    /// The terms and the words alone.
    Map,
    /// The map alone.
    Text,
}

impl Fold {
    fn next(self) -> Self {
        match self {
            Self::Nothing => Self::Map,
            Self::Map => Self::Text,
            Self::Text => Self::Nothing,
        }
    }
}

/// What can lie on top of the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Panel {
    /// All commands and their keys.
    Help(Help),
    /// What a command shows.
    Sheet(Leaf),
    /// A neuron's page.
    Inspected(Inspected),
    /// A command that is being written.
    Prompt(Prompt),
}

/// What the event loop is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Nothing has changed.
    Idle,
    /// To draw.
    Draw,
    /// To draw everything anew.
    Redraw,
    /// To stop until the shell goes on with it.
    Suspend,
    /// To end.
    Quit,
}

/// What a key in the debugger has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Flow(Flow),
    /// A command cannot be obeyed here; the message says why.
    Refused,
    /// To go back to where the debugger was opened.
    Leave,
    ChangeTheme,
}

impl From<Flow> for Answer {
    fn from(flow: Flow) -> Self {
        Self::Flow(flow)
    }
}

impl App {
    /// The debugger alone.
    pub(super) fn debugger(session: Session, options: Options) -> Self {
        Self {
            debugger: Some(Debugger::new(session, true, options.write)),
            ..Self::empty(options)
        }
    }

    /// The gallery, from which debuggers are opened. `settings` are those by which its scenarios
    /// are read.
    pub(super) fn gallery(settings: scenario::Options, options: Options) -> Self {
        Self {
            gallery: Some(Gallery::new(settings)),
            ..Self::empty(options)
        }
    }

    /// Nothing yet.
    pub(super) fn empty(
        Options {
            theme,
            signs,
            write,
        }: Options,
    ) -> Self {
        let size = Rect::default();
        Self {
            theme,
            signs,
            size,
            gallery: None,
            opening: None,
            typed: Vec::new(),
            refused: None,
            debugger: None,
            write,
            is_new: true,
        }
    }

    /// Shows that a session is being opened.
    pub(super) fn wait_for(&mut self, opening: Opening) -> Flow {
        self.opening = Some(opening);
        Flow::Draw
    }

    /// Debugs what is opened, beginning with its commands, or ends where it cannot be.
    pub(super) fn open(&mut self, opened: Result<Opened, Diagnostic>) -> Flow {
        self.opening = None;
        match opened {
            Ok(Opened { session, calls }) => {
                let mut debugger = Debugger::new(session, true, self.write);
                let answer = debugger.run_all(calls);
                self.debugger = Some(debugger);
                self.answer(answer)
            }
            Err(problem) => {
                self.refused = Some(Box::new(problem));
                Flow::Quit
            }
        }
    }

    /// Does the same, and then obeys the keys that were pressed meanwhile.
    fn open_and_obey(&mut self, opened: Result<Opened, Diagnostic>) -> Flow {
        let mut flow = self.open(opened);
        for key in std::mem::take(&mut self.typed) {
            match flow {
                Flow::Idle | Flow::Draw => flow = self.event(key),
                _ => break,
            }
        }
        if flow == Flow::Idle { Flow::Draw } else { flow }
    }

    /// How the program ends, once it does so by itself.
    pub(super) fn ended(self) -> Ended {
        self.refused.map_or(Ended::Quit, Ended::Refused)
    }

    /// Takes an event of the terminal.
    pub(super) fn update(&mut self, event: &Event) -> Flow {
        match event {
            Event::Resize(width, height) => {
                self.size = Rect::new(0, 0, *width, *height);
                Flow::Draw
            }
            Event::Key(key) if key.kind != KeyEventKind::Release => self.event(*key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Paste(text) => self.paste(text),
            _ => Flow::Idle,
        }
    }

    /// How long to wait for the next [`Self::tick`]; nothing where none is to come.
    pub(super) fn interval(&self) -> Option<Duration> {
        match &self.opening {
            Some(_) => Some(opening::LOOK),
            None => self.debugger.as_ref().and_then(Debugger::interval),
        }
    }

    /// Takes the step that is due.
    pub(super) fn tick(&mut self) -> Flow {
        if let Some(opening) = &self.opening {
            let opened = opening.now();
            return opened.map_or(Flow::Draw, |opened| self.open_and_obey(opened));
        }
        let size = self.size;
        let answer = self
            .debugger
            .as_mut()
            .map_or(Flow::Idle.into(), |debugger| debugger.tick(size));
        self.answer(answer)
    }

    fn event(&mut self, event: KeyEvent) -> Flow {
        let Some(key) = keys::key(event) else {
            return Flow::Idle;
        };
        let answer = match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => debugger.key(key, self.size),
            (None, Some(gallery)) => {
                let picked = gallery.key(key, self.size);
                self.follow(picked).into()
            }
            (None, None) if commands::of_key(key).is_some_and(|command| command.name == "quit") => {
                Flow::Quit.into()
            }
            (None, None) => {
                self.typed.push(event);
                Flow::Idle.into()
            }
        };
        self.answer(answer)
    }

    fn answer(&mut self, answer: Answer) -> Flow {
        match answer {
            Answer::Flow(flow) => flow,
            Answer::Refused => Flow::Draw,
            Answer::Leave => self.leave(),
            Answer::ChangeTheme => self.change_theme(),
        }
    }

    fn paste(&mut self, text: &str) -> Flow {
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) if debugger.working.is_some() => Flow::Idle,
            (Some(debugger), _) => debugger.paste(text),
            (None, Some(gallery)) => gallery.paste(text),
            (None, None) => Flow::Idle,
        }
    }

    /// Opens what was picked in the gallery.
    fn follow(&mut self, picked: Picked) -> Flow {
        match picked {
            Picked::Nothing(flow) => flow,
            Picked::Session(session) => {
                self.debugger = Some(Debugger::new(*session, self.is_new, self.write));
                Flow::Draw
            }
        }
    }

    fn change_theme(&mut self) -> Flow {
        self.theme = self.theme.next();
        if let Some(debugger) = &mut self.debugger {
            debugger.message = Some(format!("theme: {}", self.theme.name()));
        }
        Flow::Draw
    }

    /// Goes back to where the debugger was opened.
    fn leave(&mut self) -> Flow {
        match (&self.gallery, &mut self.debugger) {
            (Some(_), Some(debugger)) => {
                self.is_new &= debugger.is_hinted;
                self.debugger = None;
            }
            (None, Some(debugger)) => {
                debugger.message = Some("nothing is open that could be closed; `q` ends".to_owned())
            }
            (_, None) => {}
        }
        Flow::Draw
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Flow {
        let size = self.size;
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) if debugger.working.is_some() => Flow::Idle,
            (Some(debugger), _) => mouse::update(debugger, mouse, size),
            (None, Some(gallery)) => {
                let picked = gallery.mouse(mouse, size);
                self.follow(picked)
            }
            (None, None) => Flow::Idle,
        }
    }
}

impl Debugger {
    pub(super) fn new(session: Session, is_hinted: bool, write: Write) -> Self {
        let mut debugger = Self {
            session,
            panels: Vec::new(),
            message: None,
            count: None,
            history: Vec::new(),
            play: Play::default(),
            hunting: None,
            working: None,
            waiting: Vec::new(),
            filling: None,
            pace: Pace::default(),
            slice: hunting::SLICE,
            fold: Fold::default(),
            page: 0,
            scroll: 0,
            read: 0,
            is_hinted,
            write,
        };
        debugger.fill();
        debugger
    }

    pub(super) fn key(&mut self, key: Key, size: Rect) -> Answer {
        if self.working.is_some() {
            return self.key_while_working(key);
        }
        if self.stop_hunting() && key == Key::Esc {
            return Flow::Draw.into();
        }
        match self.panels.last() {
            None => self.press(key),
            Some(Panel::Prompt(_)) => self.key_at_prompt(key),
            Some(Panel::Help(_) | Panel::Sheet(_) | Panel::Inspected(_)) => {
                self.key_while_reading(key, size)
            }
        }
    }

    fn press(&mut self, key: Key) -> Answer {
        self.message = None;
        let command = commands::of_key(key);
        let stops =
            self.play.is_playing() && command.is_none_or(|command| command.group != Group::Play);
        if stops {
            self.play.stop();
            self.message = Some("stopped; Space plays on".to_owned());
        }
        match command {
            // Whoever stops with Esc does not mean to leave as well.
            Some(command) if stops && command.name == "close" => Flow::Draw.into(),
            Some(command) => {
                let count = self.count.take().filter(|_| command.takes_count());
                let arguments = count.map(Argument::Count).into_iter().collect();
                self.run(Call { command, arguments })
            }
            None => self.count(key),
        }
    }

    /// Takes a digit of how often the next key is to do what it does.
    fn count(&mut self, key: Key) -> Answer {
        let so_far = self.count.take();
        let digit = match key {
            Key::Char(character) => character.to_digit(10),
            _ => None,
        };
        match digit.map(|digit| digit as usize) {
            Some(digit) if digit > 0 || so_far.is_some() => {
                let count = so_far.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                self.count = Some(count);
                self.message = Some(format!("{count} steps: → on, ← back"));
            }
            _ => self.message = Some(format!("`{key}` is no key here; `?` shows them all")),
        }
        Flow::Draw.into()
    }

    pub(super) fn run(&mut self, call: Call) -> Answer {
        self.work(move |session| call.run(session))
    }

    /// Shows what a command has led to.
    pub(super) fn show(&mut self, led_to: Result<Effect, Reason>) -> Answer {
        match led_to {
            Ok(effect) => self.follow(effect),
            Err(reason) => {
                self.message = Some(reason.to_string());
                Answer::Refused
            }
        }
    }

    fn follow(&mut self, effect: Effect) -> Answer {
        match effect {
            Effect::Moved => self.look_at_step(),
            Effect::Found(found) => {
                self.look_at_step();
                self.message = Some(found);
            }
            Effect::Says(says) => self.message = Some(says),
            Effect::Continues(hunt) => self.begin_hunting(hunt),
            Effect::Shows(sheet) => self.panels.push(Panel::Sheet(Leaf::new(sheet))),
            Effect::Inspects { element, lines } => {
                self.panels.push(Panel::Inspected(Inspected::new(
                    &self.session,
                    element,
                    lines,
                )));
            }
            Effect::Asks(ask) => self
                .panels
                .push(Panel::Prompt(Prompt::new(ask, &self.session))),
            Effect::Writes(draft) => return self.write(draft),
            Effect::Plays => self.play.toggle(),
            Effect::Faster => self.set_pace(Play::faster),
            Effect::Slower => self.set_pace(Play::slower),
            Effect::Page(by) => self.page += by,
            Effect::Folds => self.fold(),
            Effect::Help => self.panels.push(Panel::Help(Help::default())),
            Effect::ChangesTheme => return Answer::ChangeTheme,
            Effect::Close => return Answer::Leave,
            Effect::Redraws => return Flow::Redraw.into(),
            Effect::Suspend => return Flow::Suspend.into(),
            Effect::Quit => return Flow::Quit.into(),
        }
        Flow::Draw.into()
    }

    fn write(&mut self, draft: Draft) -> Answer {
        let write = self.write;
        self.work(move |session| match write(session, &draft) {
            Ok(()) => Ok(Effect::Says(format!(
                "written to `{}`",
                visible(&draft.name)
            ))),
            Err(problem) => match &problem.hint {
                Some(hint) => Err(format!("{problem}: {}", visible(hint)).into()),
                None => Err(problem.to_string().into()),
            },
        })
    }

    fn fold(&mut self) {
        self.fold = self.fold.next();
        let shown = match self.fold {
            Fold::Nothing => "all panes",
            Fold::Map => "the terms and the words alone; `z` goes on to the map",
            Fold::Text => "the map alone; `z` goes on to all panes",
        };
        self.message = Some(shown.to_owned());
    }

    fn set_pace(&mut self, how: fn(&mut Play)) {
        how(&mut self.play);
        if !self.play.is_playing() {
            self.message = Some(format!("Space plays {}", self.play.pace()));
        }
    }

    fn interval(&self) -> Option<Duration> {
        let shows_progress = self.filling.as_ref().map(|_| working::PROGRESS);
        match (&self.working, &self.hunting) {
            (Some(_), _) => Some(working::LOOK),
            (None, Some(_)) if self.waits_for_gradients() => Some(working::LOOK),
            (None, Some(_)) => Some(Duration::ZERO),
            (None, None) => self.play.interval().or(shows_progress),
        }
    }

    fn tick(&mut self, size: Rect) -> Answer {
        self.fill();
        if self.working.is_some() {
            self.go_on_working(size)
        } else if self.hunting.is_some() {
            self.go_on_hunting()
        } else if self.play.is_playing() {
            self.play_on()
        } else {
            Flow::Draw.into()
        }
    }

    fn play_on(&mut self) -> Answer {
        let is_last = match self.session.position() {
            Position::Start => self.session.n_steps() == 0,
            Position::Step(step) => step + 1 == self.session.n_steps(),
            Position::End => true,
        };
        if is_last {
            self.play.stop();
        }
        self.work(move |session| {
            session.next(1);
            Ok(if is_last {
                Effect::Found("played to the end: every gradient is computed".to_owned())
            } else {
                Effect::Moved
            })
        })
    }

    /// Shows the panes from where the step begins.
    pub(super) fn look_at_step(&mut self) {
        (self.page, self.scroll, self.read, self.is_hinted) = (0, 0, 0, false);
    }
}
