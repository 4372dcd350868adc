//! The state of the screen, and how keys, the mouse and commands change it. Drawing never does.

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::layout;
use super::prompt::Prompt;
use super::theme::Theme;
use super::{keys, mouse};
use crate::debugger::{Argument, Call, Complaint, Effect, Session, commands, parse_script};
use crate::gallery;
use crate::scenario::Options;

/// All that is on the screen.
#[derive(Debug)]
pub(super) struct App {
    pub(super) theme: Theme,
    /// The size of the screen as it was last told.
    pub(super) size: Rect,
    pub(super) gallery: Option<Gallery>,
    pub(super) debugger: Option<Debugger>,
}

/// The list of scenarios.
#[derive(Debug, Clone)]
pub(super) struct Gallery {
    pub(super) headlines: Vec<gallery::Headline>,
    pub(super) chosen: usize,
    pub(super) message: Option<String>,
    options: Options,
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
    pub(super) fn debugger(session: Session, theme: Theme) -> Self {
        Self { theme, size: Rect::default(), gallery: None, debugger: Some(Debugger::new(session)) }
    }

    /// The gallery, from which debuggers are opened.
    pub(super) fn gallery(options: Options, theme: Theme) -> Self {
        let headlines = gallery::ALL.iter().map(gallery::Item::headline).collect();
        let gallery = Gallery { headlines, chosen: 0, message: None, options };
        Self { theme, size: Rect::default(), gallery: Some(gallery), debugger: None }
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
            Event::Paste(text) => match self.debugger.as_mut().and_then(Debugger::prompt) {
                Some(prompt) => {
                    prompt.insert(text);
                    Flow::Draw
                }
                None => Flow::Idle,
            },
            _ => Flow::Idle,
        }
    }

    fn key(&mut self, key: KeyEvent) -> Flow {
        let Some(name) = keys::name(key) else { return Flow::Idle };
        let flow = match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => debugger.key(&name),
            (None, Some(gallery)) => match gallery.key(&name) {
                Picked::Nothing(flow) => Some(flow),
                Picked::Session(session) => {
                    self.debugger = Some(Debugger::new(*session));
                    Some(Flow::Draw)
                }
            },
            (None, None) => Some(Flow::Quit),
        };
        flow.unwrap_or_else(|| self.leave())
    }

    /// Goes back to where the debugger was opened.
    fn leave(&mut self) -> Flow {
        match (&self.gallery, &mut self.debugger) {
            (Some(_), _) => self.debugger = None,
            (None, Some(debugger)) => debugger.message = Some("nothing is open that could be closed; `q` ends".to_owned()),
            (None, None) => {}
        }
        Flow::Draw
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Flow {
        let size = self.size;
        match (&mut self.debugger, &mut self.gallery) {
            (Some(debugger), _) => mouse::update(debugger, mouse, size),
            (None, Some(gallery)) => gallery.mouse(mouse, size),
            (None, None) => Flow::Idle,
        }
    }
}

/// What a key in the gallery has led to.
enum Picked {
    Nothing(Flow),
    Session(Box<Session>),
}

impl Gallery {
    fn key(&mut self, key: &str) -> Picked {
        self.message = None;
        let last = self.headlines.len().saturating_sub(1);
        match key {
            "Down" | "j" | "Tab" => self.chosen = (self.chosen + 1).min(last),
            "Up" | "k" | "Shift-Tab" => self.chosen = self.chosen.saturating_sub(1),
            "Home" | "PageUp" | "<" => self.chosen = 0,
            "End" | "PageDown" | "G" | ">" => self.chosen = last,
            "Enter" | "Right" | "l" => return self.open(),
            "q" | "Ctrl-c" | "Ctrl-d" => return Picked::Nothing(Flow::Quit),
            _ => return Picked::Nothing(Flow::Idle),
        }
        Picked::Nothing(Flow::Draw)
    }

    fn open(&mut self) -> Picked {
        match gallery::ALL.get(self.chosen).map(|item| item.open(self.options)) {
            Some(Ok(scenario)) => Picked::Session(Box::new(Session::new(scenario))),
            Some(Err(error)) => {
                self.message = Some(error.message);
                Picked::Nothing(Flow::Draw)
            }
            None => Picked::Nothing(Flow::Idle),
        }
    }

    fn mouse(&mut self, mouse: MouseEvent, size: Rect) -> Flow {
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let list = layout::gallery(size, self.headlines.len(), self.chosen);
                match list.item_at(mouse.column, mouse.row) {
                    Some(item) => self.chosen = item,
                    None => return Flow::Idle,
                }
            }
            MouseEventKind::ScrollDown => self.chosen = (self.chosen + 1).min(self.headlines.len().saturating_sub(1)),
            MouseEventKind::ScrollUp => self.chosen = self.chosen.saturating_sub(1),
            _ => return Flow::Idle,
        }
        Flow::Draw
    }
}

impl Debugger {
    pub(super) fn new(session: Session) -> Self {
        Self { session, panels: Vec::new(), message: None, page: 0, scroll: 0, read: 0 }
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
        (self.page, self.scroll, self.read) = (0, 0, 0);
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
