//! The program in a real pseudo-terminal: it draws, obeys keys, and leaves the terminal as it found
//! it on every way out.
#![cfg(unix)]

mod ways_out;

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::cli::Folder;

/// How long anything may take before the test fails; nothing waits this long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a screen must not have changed to be taken for what it is to show.
const STILL: Duration = Duration::from_secs(2);

const SIZE_OF_SCREEN: PtySize = PtySize {
    rows: 36,
    cols: 120,
    pixel_width: 0,
    pixel_height: 0,
};

/// The program, the terminal that it runs in, and what that shows.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    before: String,
}

impl Terminal {
    fn run(arguments: &[&str]) -> Self {
        Self::run_in(std::path::Path::new("."), arguments)
    }

    fn run_in(folder: &std::path::Path, arguments: &[&str]) -> Self {
        Self::spawn(folder, env!("CARGO_BIN_EXE_backstep"), arguments)
    }

    fn spawn(folder: &std::path::Path, program: &str, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        Self::start(command, SIZE_OF_SCREEN.cols, SIZE_OF_SCREEN.rows)
    }

    /// Runs a command in a terminal of so many columns and rows.
    pub(crate) fn start(mut command: CommandBuilder, cols: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols,
            ..SIZE_OF_SCREEN
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let before = settings(&*pty.master);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (contributor, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n_read @ 1..) = reader.read(&mut buffer) {
                if contributor.send(buffer[..n_read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let writer = Some(pty.master.take_writer().unwrap());
        Self {
            child,
            master: Some(pty.master),
            writer,
            output,
            parser: vt100::Parser::new(rows, cols, 0),
            before,
        }
    }

    /// Waits until the screen fulfils a condition.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(_) => panic!(
                    "no {what} on the screen:\n{}",
                    self.parser.screen().contents()
                ),
            }
        }
    }

    /// Waits until the screen does not change any more; returns it.
    pub(crate) fn still(&mut self) -> &vt100::Screen {
        while let Ok(bytes) = self.output.recv_timeout(STILL) {
            self.parser.process(&bytes);
        }
        self.parser.screen()
    }

    fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    fn signal(&self, signal: i32) {
        let pid = self.child.process_id().unwrap();
        let status = std::process::Command::new("kill")
            .args([format!("-{signal}"), pid.to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the program's end; returns its exit code.
    pub(crate) fn end(&mut self) -> u32 {
        self.end_within(PATIENCE)
    }

    fn end_within(&mut self, patience: Duration) -> u32 {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(5)) {
                self.parser.process(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last may still be on its way; with the program gone it has an end.
                while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
                    self.parser.process(&bytes);
                }
                return status.exit_code();
            }
        }
        panic!("the program does not end");
    }

    /// Closes the terminal: whoever reads what it shows ends at the next frame.
    fn close(&mut self) {
        self.output = channel().1;
        self.press("z");
        (self.writer, self.master) = (None, None);
    }

    fn assert_clean(&mut self) {
        self.until("main screen", |screen| !screen.alternate_screen());
        self.until("cursor", |screen| !screen.hide_cursor());
        self.until("end of bracketed paste", |screen| !screen.bracketed_paste());
        self.until("release of the mouse", |screen| {
            screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        assert_eq!(
            settings(&**self.master.as_ref().unwrap()),
            self.before,
            "the terminal's settings are changed"
        );
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// Opens a scenario and waits for its first frame.
fn opened() -> Terminal {
    let mut terminal = Terminal::run(&["the-question"]);
    terminal.until_text("Three gradients arrive");
    terminal.until("alternate screen", vt100::Screen::alternate_screen);
    terminal
}

#[test]
fn keys_step_and_q_leaves_the_terminal_clean() {
    let mut terminal = opened();
    terminal.press("gpool[1,0]\r");
    terminal.until_text("gradient of pool[1,0]");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_clean();
}

#[test]
fn ctrl_c_leaves_the_terminal_clean() {
    let mut terminal = opened();
    terminal.press("\u{3}");
    terminal.end();
    terminal.assert_clean();
}

#[test]
fn signals_leave_the_terminal_clean() {
    for (signal, code) in [(2, 130), (15, 143), (1, 129)] {
        let mut terminal = opened();
        terminal.signal(signal);
        assert_eq!(terminal.end(), code);
        terminal.assert_clean();
    }
}

#[test]
fn a_suspended_program_gives_the_terminal_back_and_takes_it_again() {
    let mut terminal = opened();
    terminal.press("\u{1a}");
    terminal.until("main screen", |screen| !screen.alternate_screen());
    let stat = format!("/proc/{}/stat", terminal.child.process_id().unwrap());
    if std::path::Path::new(&stat).exists() {
        let deadline = Instant::now() + PATIENCE;
        let is_stopped = || {
            std::fs::read_to_string(&stat)
                .unwrap()
                .rsplit(')')
                .next()
                .unwrap()
                .trim_start()
                .starts_with('T')
        };
        while !is_stopped() {
            assert!(Instant::now() < deadline, "the program does not stop");
            thread::yield_now();
        }
    }
    terminal.assert_clean();
    terminal.signal(18);
    terminal.until("alternate screen", vt100::Screen::alternate_screen);
    terminal.until_text("Three gradients arrive");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_clean();
}

#[test]
fn the_gallery_opens_a_scenario() {
    let mut terminal = Terminal::run(&[]);
    terminal.until_text("Three gradients arrive");
    terminal.press("\r");
    terminal.until_text("In words");
    terminal.press("q");
    terminal.end();
    terminal.assert_clean();
}

#[test]
fn a_theme_is_taken_at_its_word() {
    for (theme, next) in [
        ("light", "theme: no colours"),
        ("dark", "for a light background"),
    ] {
        let mut terminal = Terminal::run(&["the-question", "--theme", theme]);
        terminal.until_text("In words");
        terminal.press("t");
        terminal.until_text(next);
        terminal.press("q");
        terminal.end();
    }
}

#[test]
fn a_terminals_late_answer_is_no_key() {
    let mut terminal = opened();
    // As keys, `1`, `r` and `g` would be refused in the bar or open the prompt.
    terminal.press("\u{1b}]11;rgb:1c1c/1c1c/1c1c\u{1b}\\");
    terminal.press("\u{1b}]10;rgb:ffff/ffff/ffff\u{7}");
    terminal.until_text("Begin here");
    terminal.press("\u{1b}[C");
    terminal.until_text("step 2/35");
    terminal.until_text("neuron  ");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_clean();
}

#[test]
fn a_script_begins_the_screen_or_prints() {
    let mut terminal = Terminal::run(&[
        "the-question",
        "--run",
        "break pool[1,0]; watch x[0,0]; continue",
    ]);
    terminal.until_text("breakpoint 1: pool[1,0]");
    terminal.until_text("step 3/35");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::run(&["the-question", "--run", "next; where", "--batch"]);
    terminal.until_text("step 1 of 35: pool[0,0] gradient 3.5");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::run(&["the-question", "--run", "next; quit"]);
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_scenario_that_is_piped_in_has_a_screen() {
    let shell = format!("cat net.json | {} -", env!("CARGO_BIN_EXE_backstep"));
    let net = include_str!("../../scenarios/the-question.json");
    let folder = Folder::with(&[("net.json", net)]);
    let mut terminal = Terminal::spawn(&folder.path(""), "sh", &["-c", &shell]);
    terminal.until_text("Three gradients arrive");
    terminal.press("\u{1b}[C");
    terminal.until_text("step 2/35");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_clean();
}

#[test]
fn the_mouse_is_left_to_the_terminal_and_taken_again() {
    let has_mouse =
        |screen: &vt100::Screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
    let mut terminal = opened();
    terminal.until("mouse", has_mouse);
    terminal.press(":mouse off\r");
    terminal.until_text("the terminal has the mouse");
    terminal.until("release of the mouse", |screen| !has_mouse(screen));
    terminal.press(":mouse on\r");
    terminal.until("mouse", has_mouse);
    let mut terminal = Terminal::run(&["the-question", "--no-mouse"]);
    terminal.until_text("Three gradients arrive");
    assert!(!has_mouse(terminal.parser.screen()));
    terminal.press(":mouse on\r");
    terminal.until("mouse", has_mouse);
}
