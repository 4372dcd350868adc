//! The state of the screen, and how keys, the mouse and commands change it. Drawing never does.

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseEvent};
use ratatui::layout::Rect;

use super::ascii::Signs;
use super::gallery::{Gallery, Picked};
use super::prompt::Prompt;
use super::theme::Theme;
use super::{Options, keys, mouse};
use crate::debugger::{Argument, Call, Complaint, Effect, Session, commands, parse_script};
use crate::scenario;

/// All that is on the screen.
#[derive(Debug)]
pub(super) struct App {
    pub(super) theme: Theme,
    pub(super) signs: Signs,
    /// The size of the screen as it was last told.
    pub(super) size: Rect,
    pub(super) gallery: Option<Gallery>,
    pub(super) debugger: Option<Debugger>,
    /// Whether the user has yet to take a first step.
    is_new: bool,
}

/// The debugger's screen.
#[derive(Debug, Clone)]
pub(super) struct Debugger {
    pub(super) session: Session,
    /// What lies on top of the panes, the topmost last.
    pub(super) panels: Vec<Panel>,
    /// Why the last key did nothing.
    pub(super) message: Option<String>,
    /// How many pages further on the downstream tensor is shown.
    pub(super) page: isize,
    /// How many rows further on the terms are shown.
    pub(super) scroll: usize,
    /// How many lines further on the words are shown.
    pub(super) read: usize,
    /// Whether a hint invites to the first step, which ends it.
    pub(super) is_hinted: bool,
}

/// What can lie on top of the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Panel {
    /// All commands and their keys.
    Help { scroll: usize },
    /// What a command has said.
    Said { lines: Vec<String>, scroll: usize },
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
    /// To stop until the shell goes on with it.
    Suspend,
    /// To end.
    Quit,
}

impl App {
    /// The debugger alone.
    pub(super) fn debugger(session: Session, options: Options) -> Self {
        Self { debugger: Some(Debugger::new(session, true)), ..Self::empty(options) }
    }

    /// The gallery, from which debuggers are opened. `settings` are those by which its scenarios are read.
    pub(super) fn gallery(settings: scenario::Options, options: Options) -> Self {
        Self { gallery: Some(Gallery::new(settings)), ..Self::empty(options) }
    }

    fn empty(Options { theme, signs }: Options) -> Self {
        Self { theme, signs, size: Rect::default(), gallery: None, debugger: None, is_new: true }
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

    fn key(&mut self, key: KeyEvent) -> Flow {
        let Some(name) = keys::name(key) else { return Flow::Idle };
        let flow = match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => debugger.key(&name),
            (None, Some(gallery)) => {
                let picked = gallery.key(&name, self.size);
                Some(self.follow(picked))
            }
            (None, None) => Some(Flow::Quit),
        };
        flow.unwrap_or_else(|| self.leave())
    }

    fn paste(&mut self, text: &str) -> Flow {
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => match debugger.prompt() {
                Some(prompt) => {
                    prompt.insert(text);
                    Flow::Draw
                }
                None => Flow::Idle,
            },
            (None, Some(gallery)) => gallery.paste(text),
            (None, None) => Flow::Idle,
        }
    }

    /// Opens what was picked in the gallery.
    fn follow(&mut self, picked: Picked) -> Flow {
        match picked {
            Picked::Nothing(flow) => flow,
            Picked::Session(session) => {
                self.debugger = Some(Debugger::new(*session, self.is_new));
                Flow::Draw
            }
        }
    }

    /// Goes back to where the debugger was opened.
    fn leave(&mut self) -> Flow {
        match (&self.gallery, &mut self.debugger) {
            (Some(_), Some(debugger)) => {
                self.is_new &= debugger.is_hinted;
                self.debugger = None;
            }
            (None, Some(debugger)) => debugger.message = Some("nothing is open that could be closed; `q` ends".to_owned()),
            (_, None) => {}
        }
        Flow::Draw
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Flow {
        let size = self.size;
        match (&mut self.debugger, &mut self.gallery) {
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
    pub(super) fn new(session: Session, is_hinted: bool) -> Self {
        Self { session, panels: Vec::new(), message: None, page: 0, scroll: 0, read: 0, is_hinted }
    }

    fn prompt(&mut self) -> Option<&mut Prompt> {
        match self.panels.last_mut() {
            Some(Panel::Prompt(prompt)) => Some(prompt),
            _ => None,
        }
    }

    /// Takes a key; returns nothing where it asks to leave the debugger.
    fn key(&mut self, key: &str) -> Option<Flow> {
        match self.panels.last_mut() {
            None => self.press(key),
            Some(Panel::Prompt(_)) => self.key_at_prompt(key),
            Some(Panel::Help { scroll } | Panel::Said { scroll, .. }) => match read(scroll, key) {
                Reading::On => Some(Flow::Draw),
                Reading::Done => {
                    self.panels.pop();
                    Some(Flow::Draw)
                }
                Reading::Quit => Some(Flow::Quit),
                // Any other key belongs to the panes, which it must not move unseen.
                Reading::NoKey => Some(Flow::Idle),
            },
        }
    }

    fn key_at_prompt(&mut self, key: &str) -> Option<Flow> {
        let prompt = self.prompt()?;
        match key {
            "Ctrl-c" | "Esc" => drop(self.panels.pop()),
            "Backspace" if prompt.line().is_empty() => drop(self.panels.pop()),
            "Enter" => return self.enter(),
            _ if prompt.edit(key) => {}
            "Space" => prompt.insert(" "),
            character if character.chars().count() == 1 => prompt.insert(character),
            _ => return Some(Flow::Idle),
        }
        Some(Flow::Draw)
    }

    /// Runs what is written at the prompt.
    fn enter(&mut self) -> Option<Flow> {
        let line = self.prompt()?.line().to_owned();
        if line.trim().is_empty() {
            self.panels.pop();
            return Some(Flow::Draw);
        }
        match parse_script(&line, &self.session) {
            Ok(calls) => {
                self.panels.pop();
                calls.into_iter().map(|call| self.run(call)).find(|flow| *flow != Some(Flow::Draw)).unwrap_or(Some(Flow::Draw))
            }
            Err(complaint) => self.complain(complaint),
        }
    }

    fn complain(&mut self, complaint: Complaint) -> Option<Flow> {
        self.prompt()?.complain(complaint);
        Some(Flow::Draw)
    }

    fn press(&mut self, key: &str) -> Option<Flow> {
        self.message = None;
        match commands::of_key(key) {
            Some(command) => self.run(Call { command, argument: Argument::Nothing }),
            None => {
                self.message = Some(format!("`{key}` is no key here; `?` shows them all"));
                Some(Flow::Draw)
            }
        }
    }

    fn run(&mut self, Call { command, argument }: Call) -> Option<Flow> {
        match command.call(&mut self.session, argument) {
            Ok(effect) => self.follow(effect),
            Err(reason) => {
                self.message = Some(reason.to_string());
                Some(Flow::Draw)
            }
        }
    }

    fn follow(&mut self, effect: Effect) -> Option<Flow> {
        match effect {
            Effect::Moved => self.look_at_step(),
            Effect::Says(lines) => self.panels.push(Panel::Said { lines, scroll: 0 }),
            Effect::Asks(start) => self.panels.push(Panel::Prompt(Prompt::new(start))),
            Effect::Page(by) => self.page += by,
            Effect::Help => self.panels.push(Panel::Help { scroll: 0 }),
            Effect::Close => return None,
            Effect::Suspend => return Some(Flow::Suspend),
            Effect::Quit => return Some(Flow::Quit),
        }
        Some(Flow::Draw)
    }

    /// Shows the panes from where the step begins.
    pub(super) fn look_at_step(&mut self) {
        (self.page, self.scroll, self.read, self.is_hinted) = (0, 0, 0, false);
    }
}

/// What a key does to a text that is being read.
enum Reading {
    On,
    Done,
    Quit,
    NoKey,
}

fn read(scroll: &mut usize, key: &str) -> Reading {
    match key {
        "Down" | "j" => *scroll += 1,
        "Up" | "k" => *scroll = scroll.saturating_sub(1),
        "PageDown" | "Space" => *scroll += 10,
        "PageUp" => *scroll = scroll.saturating_sub(10),
        "Home" | "<" => *scroll = 0,
        "Esc" | "q" | "?" | "Enter" | "F1" => return Reading::Done,
        "Ctrl-c" | "Ctrl-d" => return Reading::Quit,
        _ => return Reading::NoKey,
    }
    Reading::On
}
