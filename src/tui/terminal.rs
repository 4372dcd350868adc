//! The terminal: how it is taken, how events reach the state, and how it is given back on every way
//! out.

use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::mem;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::cursor::Show;
use crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
    Event,
};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use super::app::App;
use super::events::News;
use super::flow::{Ended, Flow};
use super::replies::Replies;
use super::view;
use crate::signals::{self, Signal};
use crate::system;

/// Whether the terminal has been taken and not given back.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// A frame is written at once.
const FRAME_BYTES: usize = 1 << 16;

/// Draws a state.
type View = fn(&App, &mut Frame<'_>);

/// Shows the state and lets events change it until the user quits, a signal comes, or the terminal
/// is gone.
pub(super) fn run(app: App) -> io::Result<Ended> {
    run_with(app, view::draw)
}

fn run_with(mut app: App, view: View) -> io::Result<Ended> {
    listen(&app.channel.sender);
    give_back_on_panic();
    signals::tidy_with(give_back_for_good);
    let mut screen = Screen::take(view)?;
    let obeyed = obey(&mut app, &mut screen);
    // Before the session, which takes a while to put away where it is large.
    drop(screen);
    match obeyed {
        Ok(()) => Ok(app.ended()),
        // What takes and gives nothing any more is gone.
        Err(_) => Ok(Ended::HungUp),
    }
}

/// Obeys what comes until the program is to end.
fn obey(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    let (width, height) = terminal::size()?;
    app.update(&Event::Resize(width, height));
    screen.draw(app)?;
    let mut clock = Clock::default();
    loop {
        match next(app, &mut clock)? {
            Flow::Idle => {}
            Flow::Draw => screen.draw(app)?,
            Flow::Redraw => screen.redraw(app)?,
            Flow::Suspend => screen.suspend(app)?,
            Flow::Quit => return Ok(()),
        }
    }
}

/// When the next step of playing is due. Without playing nothing is ever due, and the loop sleeps
/// until there is news.
#[derive(Debug, Default)]
struct Clock {
    due: Option<Instant>,
}

impl Clock {
    /// How long to wait for news. What is due stays due while other news come, or moving the mouse
    /// would hold up the steps.
    fn patience(&mut self, interval: Option<Duration>, now: Instant) -> Option<Duration> {
        self.due = interval.map(|interval| {
            self.due
                .map_or(now + interval, |due| due.min(now + interval))
        });
        self.due.map(|due| due.saturating_duration_since(now))
    }
}

/// Waits for news, and takes all that have come by then: keys that came in one burst are drawn
/// once.
fn next(app: &mut App, clock: &mut Clock) -> io::Result<Flow> {
    let patience = clock.patience(app.interval(), Instant::now());
    let first = match patience {
        None => app
            .channel
            .receiver
            .recv()
            .map_err(|_| RecvTimeoutError::Disconnected),
        Some(patience) => app.channel.receiver.recv_timeout(patience),
    };
    let first = match first {
        Ok(first) => first,
        Err(RecvTimeoutError::Timeout) => {
            clock.due = None;
            return Ok(app.tick());
        }
        Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    let mut flow = Flow::Idle;
    let mut news = Some(first);
    while let Some(now) = news {
        let next = match now {
            News::Event(event) => app.update(&event),
            News::Done => app.settle(),
            News::Signal(Signal::End) => Flow::Quit,
            News::Signal(Signal::Stop) => Flow::Suspend,
            News::HungUp => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        match next {
            Flow::Idle => {}
            Flow::Draw => flow = Flow::Draw,
            other => return Ok(other),
        }
        news = app.channel.receiver.try_recv().ok();
    }
    Ok(flow)
}

/// Starts to listen for events and signals. Nothing wakes up until one of them comes.
fn listen(news: &Sender<News>) {
    let (sender, of_signals) = (news.clone(), news.clone());
    signals::listen(move |signal| of_signals.send(News::Signal(signal)).is_ok());
    listen_for_hangup(news.clone());
    let mut replies = Replies::default();
    thread::spawn(move || {
        loop {
            let news = match event::read() {
                Ok(event) if replies.swallow(&event) => continue,
                Ok(event) => News::Event(event),
                Err(_) => News::HungUp,
            };
            let is_last = matches!(news, News::HungUp);
            if sender.send(news).is_err() || is_last {
                break;
            }
        }
    });
}

/// Tells when the terminal is closed, for whoever waits for keys would wait on.
fn listen_for_hangup(news: Sender<News>) {
    thread::spawn(move || {
        if system::hung_up(stdout()) {
            _ = news.send(News::HungUp);
        }
    });
}

fn give_back_on_panic() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        hook(panic);
    }));
}

/// The terminal while it is ours; dropping it gives it back.
struct Screen {
    /// Never dropped: of a terminal that is gone it would say so on a stderr that is gone as well.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    view: View,
    has_mouse: bool,
}

impl Screen {
    fn take(view: View) -> io::Result<Self> {
        let screen = Self {
            terminal: ManuallyDrop::new(empty()?),
            view,
            has_mouse: false,
        };
        take()?;
        Ok(screen)
    }

    fn draw(&mut self, app: &App) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.take_or_leave_mouse(app.has_mouse())?;
        self.terminal.draw(|frame| (self.view)(app, frame))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    fn take_or_leave_mouse(&mut self, is_wanted: bool) -> io::Result<()> {
        if is_wanted != mem::replace(&mut self.has_mouse, is_wanted) {
            let out = self.terminal.backend_mut();
            if is_wanted {
                queue!(out, EnableMouseCapture)?;
            } else {
                queue!(out, DisableMouseCapture)?;
            }
        }
        Ok(())
    }

    /// Draws on a screen on which nothing is left of before.
    fn redraw(&mut self, app: &App) -> io::Result<()> {
        // Not `Terminal::clear`, which asks the terminal where its cursor is while the answer goes
        // to whoever listens for keys.
        self.terminal = ManuallyDrop::new(empty()?);
        queue!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        self.draw(app)
    }

    /// Gives the terminal to the shell and stops; goes on here when the shell says so.
    fn suspend(&mut self, app: &mut App) -> io::Result<()> {
        give_back();
        self.has_mouse = false;
        system::stop()?;
        take()?;
        let (width, height) = terminal::size()?;
        app.update(&Event::Resize(width, height));
        self.redraw(app)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn empty() -> io::Result<Terminal<CrosstermBackend<BufWriter<Stdout>>>> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(
        FRAME_BYTES,
        stdout(),
    )))
}

fn take() -> io::Result<()> {
    IS_OURS.store(true, Ordering::Relaxed);
    terminal::enable_raw_mode()?;
    let taken = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste);
    taken.inspect_err(|_| give_back())
}

/// Gives the terminal back as it was, where it is ours. A terminal that is gone cannot be told,
/// which is no reason to fail.
fn give_back() {
    if !IS_OURS.swap(false, Ordering::Relaxed) {
        return;
    }
    let _ = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    );
    let _ = terminal::disable_raw_mode();
}

/// Gives it back because the program ends, however far it has come with a frame.
fn give_back_for_good() {
    // Held until the program is gone, so that no frame comes after it.
    let out = stdout().lock();
    give_back();
    mem::forget(out);
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;
    use crate::tui::Options;
    use crate::tui::ascii::Signs;
    use crate::tui::events::Channel;
    use crate::tui::theme::Theme;

    /// Set for the process in the terminal, in which the screen is to panic.
    const IN_TERMINAL: &str = "BACKSTEP_TEST_IN_TERMINAL";

    /// This test runs itself in a terminal of its own, for only there the screen can be taken.
    #[test]
    fn a_panic_leaves_the_terminal_clean_and_its_message_readable() {
        if std::env::var_os(IN_TERMINAL).is_some() {
            let options = Options {
                theme: Theme::plain(),
                signs: Signs::Unicode,
                has_mouse: true,
                write: |_, _| Ok(()),
                memory: crate::tui::Memory::NONE,
            };
            let mut app = App::empty(options, Channel::default());
            app.debug(crate::debugger::example::linear());
            let _ = run_with(app, |_, _| panic!("the view is broken"));
            return;
        }
        let size = PtySize {
            rows: 36,
            cols: 120,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let settings = || format!("{:?}", pty.master.get_termios().unwrap());
        let before = settings();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "--nocapture",
            "tui::terminal::tests::a_panic_leaves_the_terminal_clean_and_its_message_readable",
        ]);
        command.env(IN_TERMINAL, "1");
        command.env("RUST_BACKTRACE", "0");
        let mut child = pty.slave.spawn_command(command).unwrap();
        let mut output = pty.master.try_clone_reader().unwrap();
        let read = thread::spawn(move || {
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            while let Ok(n_read @ 1..) = output.read(&mut buffer) {
                bytes.extend_from_slice(&buffer[..n_read]);
            }
            bytes
        });
        assert!(!child.wait().unwrap().success());
        let after = settings();
        drop(pty.slave);
        let bytes = read.join().unwrap();
        let mut parser = vt100::Parser::new(36, 120, 0);
        parser.process(&bytes);
        let screen = parser.screen();
        assert!(
            bytes.windows(8).any(|window| window == b"\x1b[?1049h"),
            "the screen was never taken"
        );
        assert!(
            screen.contents().contains("the view is broken"),
            "{}",
            screen.contents()
        );
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(after, before, "the terminal's settings are changed");
    }

    #[test]
    fn what_is_due_stays_due_while_other_news_come() {
        let start = Instant::now();
        let (second, interval) = (Duration::from_secs(1), Some(Duration::from_secs(3)));
        let mut clock = Clock::default();
        assert_eq!(clock.patience(interval, start), interval);
        assert_eq!(clock.patience(interval, start + second), Some(2 * second));
        assert_eq!(
            clock.patience(Some(second / 2), start + second),
            Some(second / 2)
        );
        assert_eq!(clock.patience(None, start + second), None);
        assert_eq!(clock.patience(interval, start + second), interval);
    }
}
