use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::super::app::App;
use super::super::ascii::Signs;
use super::super::debugger::Debugger;
use super::super::events::{Channel, News};
use super::super::flow::Flow;
use super::super::options::{Memory, Options};
use super::super::running_command::{Progress, RunningCommand};
use super::super::theme::{Background, Theme};
use super::super::view;
use super::super::work::Work;
use crate::debugger::{Direction, Effect, Key, Session};
use crate::scenario;

/// A state with the screen that shows it. Every event that changes something is drawn, as in the
/// terminal.
pub(super) struct Screen {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Screen {
    /// The debugger on a scenario of the gallery.
    pub(super) fn of(scenario: &str, size: (u16, u16)) -> Self {
        let item = crate::gallery::find(scenario).unwrap();
        Self::debugging(
            Session::new(item.open(scenario::Options::default()).unwrap()),
            size,
        )
    }

    /// The debugger on a session.
    pub(super) fn debugging(session: Session, size: (u16, u16)) -> Self {
        let mut app = app(Channel::default());
        app.debug(session);
        Self::new(app, size)
    }

    /// The gallery.
    pub(super) fn gallery(size: (u16, u16)) -> Self {
        let app = App::gallery(scenario::Options::default(), options());
        Self::new(app.with_patience(Duration::MAX), size)
    }

    fn new(app: App, (width, height): (u16, u16)) -> Self {
        let mut screen = Self {
            app,
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
        };
        screen.send(&Event::Resize(width, height));
        screen
    }

    pub(super) fn without_colour(mut self) -> Self {
        self.app.theme = Theme::plain();
        self.draw();
        self
    }

    pub(super) fn in_ascii(mut self) -> Self {
        self.app.theme = self.app.theme.with_signs(Signs::Ascii);
        self.draw();
        self
    }

    /// Nobody waits for what is done beside the screen.
    pub(super) fn without_patience(mut self) -> Self {
        self.debugger().patience = Duration::ZERO;
        self
    }

    pub(super) fn debugger(&mut self) -> &mut Debugger {
        self.app.debugger.as_mut().unwrap()
    }

    /// Begins something beside the screen that takes until the sender sends or is dropped: then the
    /// session goes a step on.
    pub(super) fn begin_work(&mut self) -> Sender<()> {
        let (end, ended) = channel();
        self.debugger().run_beside(move |session| {
            let _ = ended.recv();
            session.next(1);
            Ok(Effect::Moved)
        });
        self.draw();
        end
    }

    /// Begins a run to the next breakpoint that looks on twice and then comes no further.
    pub(super) fn begin_run(&mut self) -> Sender<()> {
        let (end, ended) = channel();
        let mut session = self.debugger().session.clone();
        let run = session.run_to_breakpoint(Direction::On, None).unwrap();
        let mut seen = Vec::new();
        let finished = session.clone().finish(run, |run| seen.push(run.clone()));
        let progress = Progress::new(seen[1].clone());
        let work = Work::begin(&self.app.channel.sender, move |_| {
            let _ = ended.recv();
            session.next(1);
            (session, Ok(Effect::Found(finished.unwrap())))
        });
        self.debugger().running = Some(RunningCommand::running(work, progress));
        self.draw();
        end
    }

    /// Waits until no command is obeyed and no gradient computed beside the screen.
    pub(super) fn finish_work(&mut self) {
        while self.app.debugger.as_ref().is_some_and(Debugger::is_busy) {
            self.settle();
        }
    }

    /// Waits until something is done beside the screen.
    pub(super) fn settle(&mut self) {
        assert!(matches!(self.app.channel.receiver.recv(), Ok(News::Done)));
        if self.app.settle() == Flow::Draw {
            self.draw();
        }
    }

    /// The picture with the key bar in place of a message that says why the last key did nothing.
    pub(super) fn without_message(&mut self) -> String {
        if let Some(debugger) = &mut self.app.debugger {
            debugger.hush();
        }
        self.draw();
        self.picture()
    }

    /// Presses keys by the names of the table of commands, separated by blanks.
    pub(super) fn press(&mut self, keys: &str) {
        for name in keys.split_whitespace() {
            self.send(&Event::Key(key(name)));
        }
    }

    /// What the event loop is to do after a key.
    pub(super) fn answer(&mut self, name: &str) -> Flow {
        self.send(&Event::Key(key(name)))
    }

    /// How long the event loop waits for the next step of playing.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.app.interval()
    }

    /// Lets the next step of playing come, if there is one to come.
    pub(super) fn tick(&mut self) {
        if self.app.interval().is_some() && self.app.tick() == Flow::Draw {
            self.draw();
        }
    }

    pub(super) fn click(&mut self, column: u16, row: u16) {
        let kind = MouseEventKind::Down(MouseButton::Left);
        self.send(&Event::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    }

    /// Turns the wheel a notch towards the user.
    pub(super) fn wheel(&mut self, column: u16, row: u16) {
        let kind = MouseEventKind::ScrollDown;
        self.send(&Event::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    }

    pub(super) fn send(&mut self, event: &Event) -> Flow {
        if let Event::Resize(width, height) = event {
            self.terminal.backend_mut().resize(*width, *height);
            self.terminal
                .resize(Rect::new(0, 0, *width, *height))
                .unwrap();
        }
        let flow = self.app.update(event);
        if flow == Flow::Draw {
            self.draw();
        }
        flow
    }

    fn draw(&mut self) {
        let app = &self.app;
        self.terminal.draw(|frame| view::draw(app, frame)).unwrap();
    }

    /// The characters on the screen.
    pub(super) fn text(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width));
        rows.map(|row| {
            row.iter()
                .map(|cell| cell.symbol())
                .collect::<String>()
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect()
    }

    /// The place of a text on the screen, in cells.
    pub(super) fn find(&self, text: &str) -> Option<(u16, u16)> {
        let screen = self.text();
        let (y, row) = screen
            .lines()
            .enumerate()
            .find(|(_, row)| row.contains(text))?;
        let x = row[..row.find(text)?].chars().count();
        Some((u16::try_from(x).ok()?, u16::try_from(y).ok()?))
    }

    /// How each first character of a text looks, wherever the text stands.
    pub(super) fn looks(&self, text: &str) -> Vec<Style> {
        let buffer = self.terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width));
        rows.flat_map(|row| {
            let begins = |at: &usize| {
                let rest = row[*at..].iter().flat_map(|cell| cell.symbol().chars());
                rest.take(text.chars().count()).eq(text.chars())
            };
            let places = (0..row.len()).filter(begins);
            places.map(|at| row[at].style())
        })
        .collect()
    }

    /// The characters on the screen, and then the runs of cells that look alike.
    pub(super) fn picture(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let mut picture = self.text() + "\n";
        for (y, row) in buffer
            .content
            .chunks(usize::from(buffer.area.width))
            .enumerate()
        {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a.style() == b.style()) {
                let look = look(run[0].style());
                if !look.is_empty() {
                    picture += &format!("{y}:{x}-{}{look}\n", x + run.len() - 1);
                }
                x += run.len();
            }
        }
        picture
    }
}

/// Nothing yet; whatever is done beside the screen is waited for.
pub(super) fn app(channel: Channel) -> App {
    App::empty(options(), channel).with_patience(Duration::MAX)
}

fn options() -> Options {
    Options {
        theme: Theme::coloured(Background::Dark),
        signs: Signs::Unicode,
        has_mouse: true,
        write: |_, _| Ok(()),
        memory: Memory::NONE,
    }
}

fn look(style: Style) -> String {
    let mut look = String::new();
    for (name, colour) in [(" fg", style.fg), (" bg", style.bg)] {
        if let Some(Color::Indexed(number)) = colour {
            look += &format!("{name}{number}");
        }
    }
    if !style.add_modifier.is_empty() {
        look += &format!(" {:?}", style.add_modifier);
    }
    look
}

/// The event of a key, by its name.
pub(super) fn key(name: &str) -> KeyEvent {
    let (code, modifiers) = match name.parse().unwrap() {
        Key::Char(character) => (KeyCode::Char(character), KeyModifiers::NONE),
        Key::Ctrl(character) => (KeyCode::Char(character), KeyModifiers::CONTROL),
        Key::Alt(character) => (KeyCode::Char(character), KeyModifiers::ALT),
        Key::F(number) => (KeyCode::F(number), KeyModifiers::NONE),
        Key::Left => (KeyCode::Left, KeyModifiers::NONE),
        Key::Right => (KeyCode::Right, KeyModifiers::NONE),
        Key::Up => (KeyCode::Up, KeyModifiers::NONE),
        Key::Down => (KeyCode::Down, KeyModifiers::NONE),
        Key::CtrlLeft => (KeyCode::Left, KeyModifiers::CONTROL),
        Key::CtrlRight => (KeyCode::Right, KeyModifiers::CONTROL),
        Key::CtrlUp => (KeyCode::Up, KeyModifiers::CONTROL),
        Key::CtrlDown => (KeyCode::Down, KeyModifiers::CONTROL),
        Key::ShiftLeft => (KeyCode::Left, KeyModifiers::SHIFT),
        Key::ShiftRight => (KeyCode::Right, KeyModifiers::SHIFT),
        Key::ShiftUp => (KeyCode::Up, KeyModifiers::SHIFT),
        Key::ShiftDown => (KeyCode::Down, KeyModifiers::SHIFT),
        Key::Home => (KeyCode::Home, KeyModifiers::NONE),
        Key::End => (KeyCode::End, KeyModifiers::NONE),
        Key::PageUp => (KeyCode::PageUp, KeyModifiers::NONE),
        Key::PageDown => (KeyCode::PageDown, KeyModifiers::NONE),
        Key::Tab => (KeyCode::Tab, KeyModifiers::NONE),
        Key::ShiftTab => (KeyCode::BackTab, KeyModifiers::SHIFT),
        Key::Enter => (KeyCode::Enter, KeyModifiers::NONE),
        Key::Esc => (KeyCode::Esc, KeyModifiers::NONE),
        Key::Backspace => (KeyCode::Backspace, KeyModifiers::NONE),
        Key::AltBackspace => (KeyCode::Backspace, KeyModifiers::ALT),
        Key::Delete => (KeyCode::Delete, KeyModifiers::NONE),
    };
    KeyEvent::new(code, modifiers)
}
