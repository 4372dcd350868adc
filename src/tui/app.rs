//! The state of the screen, and how what happens changes it. Drawing never does.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position as Place, Rect};

use super::debugger::Debugger;
use super::events::Channel;
use super::flow::{Ended, Flow, Next};
use super::gallery::{Gallery, Picked};
use super::loading::{Loaded, LoadingScreen};
use super::options::Options;
use super::theme::Theme;
use super::{bar, keys, layout, mouse};
use crate::debugger::{Key, Position, Session, Write, commands};
use crate::diagnostic::Diagnostic;
use crate::scenario;

/// How long a key is waited for before the screen is drawn without what it leads to. A frame is to
/// be there within 16 milliseconds.
const PATIENCE: Duration = Duration::from_millis(5);

/// How often the progress of what takes long is drawn.
const PROGRESS: Duration = Duration::from_millis(100);

/// All that is on the screen.
#[derive(Debug)]
pub(super) struct App {
    pub(super) theme: Theme,
    /// The size of the screen as it was last told.
    pub(super) size: Rect,
    pub(super) gallery: Option<Gallery>,
    /// What the debugger is to be.
    pub(super) loading: Option<LoadingScreen>,
    /// The keys that were pressed meanwhile.
    typed: Vec<KeyEvent>,
    /// Why there is none.
    refused: Option<Box<Diagnostic>>,
    pub(super) debugger: Option<Debugger>,
    pub(super) channel: Channel,
    patience: Duration,
    write: Write,
    has_mouse: bool,
    /// Whether the user has yet to take a first step.
    is_new: bool,
}

impl App {
    /// The gallery, from which debuggers are opened. `settings` are those by which its scenarios
    /// are read.
    pub(super) fn gallery(settings: scenario::Options, options: Options) -> Self {
        Self {
            gallery: Some(Gallery::new(settings, options.memory)),
            ..Self::empty(options, Channel::default())
        }
    }

    /// Nothing yet.
    pub(super) fn empty(options: Options, channel: Channel) -> Self {
        let Options {
            theme,
            signs,
            has_mouse,
            write,
            memory: _,
        } = options;
        Self {
            theme: theme.with_signs(signs),
            size: Rect::default(),
            gallery: None,
            loading: None,
            typed: Vec::new(),
            refused: None,
            debugger: None,
            channel,
            patience: PATIENCE,
            write,
            has_mouse,
            is_new: true,
        }
    }

    /// The same, but keys are waited for so long.
    #[cfg(test)]
    pub(super) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Debugs a session.
    pub(super) fn debug(&mut self, session: Session) -> &mut Debugger {
        let (news, patience) = (self.channel.sender.clone(), self.patience);
        let (is_new, has_mouse) = (self.is_new, self.has_mouse);
        let debugger = Debugger::new(session, is_new, has_mouse, self.write, news, patience);
        self.debugger.insert(debugger)
    }

    /// Shows that a session is being loaded.
    pub(super) fn wait_for(&mut self, loading: LoadingScreen) -> Flow {
        self.loading = Some(loading);
        Flow::Draw
    }

    /// Debugs what is loaded, beginning with its commands, or ends where it cannot be.
    pub(super) fn open(&mut self, loaded: Result<Loaded, Diagnostic>) -> Flow {
        self.loading = None;
        match loaded {
            Ok(Loaded { session, calls }) => {
                let uncompared = session.says_of_uncompared();
                let debugger = self.debug(session);
                uncompared.into_iter().for_each(|says| debugger.say(says));
                let next = debugger.run_all(calls);
                self.follow(next)
            }
            Err(problem) => {
                self.refused = Some(Box::new(problem));
                Flow::Quit
            }
        }
    }

    /// Does the same, and then obeys the keys that were pressed meanwhile.
    fn open_and_obey(&mut self, loaded: Result<Loaded, Diagnostic>) -> Flow {
        let mut flow = self.open(loaded);
        for key in std::mem::take(&mut self.typed) {
            match flow {
                Flow::Idle | Flow::Draw => flow = self.key(key),
                Flow::Redraw | Flow::Suspend | Flow::Quit => break,
            }
        }
        if flow == Flow::Idle { Flow::Draw } else { flow }
    }

    /// How the program ends, once it does so by itself.
    pub(super) fn ended(self) -> Ended {
        self.refused.map_or(Ended::Quit, Ended::Refused)
    }

    /// Whether clicks and the wheel are to be told.
    pub(super) fn has_mouse(&self) -> bool {
        let debugger = self.debugger.as_ref();
        debugger.map_or(self.has_mouse, |debugger| debugger.has_mouse)
    }

    /// Takes an event of the terminal.
    pub(super) fn update(&mut self, event: &Event) -> Flow {
        match event {
            Event::Resize(width, height) => {
                self.size = Rect::new(0, 0, *width, *height);
                Flow::Draw
            }
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::Paste(text) => self.paste(text),
            _ => Flow::Idle,
        }
    }

    /// Takes up what is done beside the screen.
    pub(super) fn settle(&mut self) -> Flow {
        if let Some(loaded) = self.loading.as_ref().and_then(LoadingScreen::done) {
            return self.open_and_obey(loaded);
        }
        let size = self.size;
        let next = self
            .debugger
            .as_mut()
            .map_or(Flow::Idle.into(), |debugger| debugger.settle(size));
        self.follow(next)
    }

    /// How long to wait for the next [`Self::tick`]; nothing where none is to come.
    pub(super) fn interval(&self) -> Option<Duration> {
        let debugger = self.debugger.as_ref();
        if self.loading.is_some() || debugger.is_some_and(Debugger::is_busy) {
            return Some(PROGRESS);
        }
        debugger.and_then(|debugger| debugger.play.interval())
    }

    /// Takes the step that is due.
    pub(super) fn tick(&mut self) -> Flow {
        let next = self
            .debugger
            .as_mut()
            .map_or(Flow::Draw.into(), Debugger::tick);
        self.follow(next)
    }

    fn key(&mut self, event: KeyEvent) -> Flow {
        let Some(key) = keys::key(event) else {
            return Flow::Idle;
        };
        let next = match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => debugger.key(key, self.size),
            (None, Some(gallery)) => {
                let picked = gallery.key(key, self.size);
                self.take(picked).into()
            }
            (None, None) if key == Key::Esc || is_quit(key) => Flow::Quit.into(),
            (None, None) => {
                self.typed.push(event);
                Flow::Idle.into()
            }
        };
        self.follow(next)
    }

    fn follow(&mut self, next: Next) -> Flow {
        self.remember();
        match next {
            Next::Flow(flow) => flow,
            Next::Refused => Flow::Draw,
            Next::Leave => self.leave(),
            Next::Onward => self.next_scenario(),
            Next::ChangeTheme => self.change_theme(),
        }
    }

    /// Remembers that a scenario of the gallery was gone through to its end.
    fn remember(&mut self) {
        let debugger = self.debugger.as_ref();
        let is_done = debugger.is_some_and(|debugger| debugger.session.position() == Position::End);
        if let Some(gallery) = self.gallery.as_mut().filter(|_| is_done) {
            gallery.remember();
        }
    }

    fn paste(&mut self, text: &str) -> Flow {
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => debugger.paste(text),
            (None, Some(gallery)) => gallery.paste(text),
            (None, None) => Flow::Idle,
        }
    }

    /// Opens what was picked in the gallery.
    fn take(&mut self, picked: Picked) -> Flow {
        match picked {
            Picked::Nothing(flow) => flow,
            Picked::Session(session) => {
                self.debug(*session);
                Flow::Draw
            }
        }
    }

    fn change_theme(&mut self) -> Flow {
        self.theme = self.theme.next();
        if let Some(debugger) = &mut self.debugger {
            debugger.say(format!("theme: {}", self.theme.name()));
        }
        Flow::Draw
    }

    /// Goes back to where the debugger was opened.
    fn leave(&mut self) -> Flow {
        match (&self.gallery, &mut self.debugger) {
            (Some(_), Some(_)) => self.close(),
            (None, Some(debugger)) => {
                debugger.say("nothing is open that could be closed; `q` quits");
            }
            (_, None) => {}
        }
        Flow::Draw
    }

    /// Closes the debugger. What the user has learned of it, and who has the mouse, holds for the
    /// next.
    fn close(&mut self) {
        if let Some(debugger) = self.debugger.take() {
            self.is_new &= debugger.is_hinted;
            self.has_mouse = debugger.has_mouse;
        }
    }

    /// Opens the scenario after this one, where there is a gallery that has one.
    fn next_scenario(&mut self) -> Flow {
        let next = self.gallery.as_mut().map(Gallery::open_next);
        match (next, &mut self.debugger) {
            (Some(Some(picked)), _) => {
                self.close();
                return self.take(picked);
            }
            (Some(None), Some(debugger)) => {
                debugger.say("this is the last scenario of the gallery; Esc shows them all");
            }
            (None, Some(debugger)) => {
                debugger.say("this was not opened from the gallery; `backstep` alone opens that");
            }
            (_, None) => {}
        }
        Flow::Draw
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Flow {
        let size = self.size;
        if let Some(key) = self.key_at(mouse)
            && let Some(debugger) = &mut self.debugger
        {
            let next = debugger.key(key, size);
            return self.follow(next);
        }
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => mouse::update(debugger, mouse, size, self.theme),
            (None, Some(gallery)) => {
                let picked = gallery.mouse(mouse, size);
                self.take(picked)
            }
            (None, None) => Flow::Idle,
        }
    }

    /// The key of the bar that is clicked.
    fn key_at(&self, mouse: MouseEvent) -> Option<Key> {
        let is_click = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        let debugger = self.debugger.as_ref().filter(|_| is_click)?;
        if debugger.running.is_some() || !debugger.panels.is_empty() {
            return None;
        }
        let panes = layout::debugger(self.size, &debugger.session, debugger.fold)?;
        let place = Place::new(mouse.column, mouse.row);
        bar::key_at(debugger, self.gallery.is_some(), &panes, place)
    }
}

fn is_quit(key: Key) -> bool {
    commands::of_key(key).is_some_and(|command| command.name == "quit")
}
