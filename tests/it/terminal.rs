//! The program in a real pseudo-terminal: it draws, obeys keys, and leaves the terminal as it found
//! it on every way out.
#![cfg(unix)]

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::cli::{Folder, product};

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
        let deadline = Instant::now() + PATIENCE;
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

/// How somebody leaves a program, and its exit code then.
#[derive(Debug, Clone, Copy)]
enum Way {
    Keys(&'static str, u32),
    Signal(i32, u32),
}

const CTRL_C: &str = "\u{3}";
const ESC: &str = "\u{1b}";

/// The ways out of a command that prints: Ctrl-C is a signal there.
const OUT_OF_A_COMMAND: [Way; 4] = [
    Way::Keys(CTRL_C, 130),
    Way::Signal(15, 143),
    Way::Signal(1, 129),
    Way::Signal(3, 131),
];

/// The ways out of the screen: Ctrl-C is a key there.
const OUT_OF_THE_SCREEN: [Way; 6] = [
    Way::Keys(CTRL_C, 0),
    Way::Keys("q", 0),
    Way::Signal(2, 130),
    Way::Signal(15, 143),
    Way::Signal(1, 129),
    Way::Signal(3, 131),
];

impl Terminal {
    /// Leaves the program, which must end as one ends that was left so, and leave the terminal
    /// clean.
    fn leave(&mut self, way: Way) {
        let code = match way {
            Way::Keys(keys, code) => {
                self.press(keys);
                code
            }
            Way::Signal(signal, code) => {
                self.signal(signal);
                code
            }
        };
        assert_eq!(self.end(), code, "{way:?}");
        self.assert_clean();
    }

    /// Waits until the program handles signals and has been busy for a while, where the system says
    /// so.
    fn until_busy(&self) {
        let deadline = Instant::now() + PATIENCE;
        let stat = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let ticks = || -> Option<u64> {
            let stat = std::fs::read_to_string(&stat).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            Some(fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?)
        };
        while ticks().is_some_and(|ticks| ticks < BUSY) {
            assert!(Instant::now() < deadline, "the program does nothing");
            thread::yield_now();
        }
    }
}

/// The hundredths of a second after which a program is in the middle of its work.
const BUSY: u64 = 30;

/// A folder with a scenario in which everything takes long, and an answer to it that is wrong
/// everywhere.
fn endless() -> Folder {
    let zeros = vec![vec![0; SIZE]; SIZE];
    let answer = format!(r#"{{ "gradients": {{ "a": {zeros:?}, "b": {zeros:?} }} }}"#);
    Folder::with(&[("net.json", &product(SIZE)), ("answer.json", &answer)])
}

/// The rows and columns of its matrices.
const SIZE: usize = 400;

#[test]
fn a_command_that_takes_long_can_be_left_at_once() {
    let folder = endless();
    let before = folder.names();
    for (number, command) in [
        "verify net.json",
        "net.json --batch --run 'break if contributions > 400; continue'",
        "export net.json -o run.json",
        "generate pool-to-conv --count 9999 -o class",
    ]
    .into_iter()
    .enumerate()
    {
        let other = OUT_OF_A_COMMAND[1 + number % 3];
        for way in [OUT_OF_A_COMMAND[0], other] {
            let mut terminal = Terminal::run_in(&folder.path(""), &words(command));
            terminal.until_busy();
            terminal.leave(way);
            let is_left = |name: &String| name != "class" && !before.contains(name);
            let left: Vec<String> = folder.names().into_iter().filter(is_left).collect();
            assert!(left.is_empty(), "{command}, {way:?}: {left:?}");
        }
    }
}

#[test]
fn a_signal_that_the_program_is_started_to_ignore_stays_ignored() {
    let folder = endless();
    let script = format!(
        "trap '' HUP; exec {} verify net.json",
        env!("CARGO_BIN_EXE_backstep")
    );
    let mut terminal = Terminal::spawn(&folder.path(""), "sh", &["-c", &script]);
    terminal.until_busy();
    terminal.signal(1);
    terminal.leave(Way::Signal(15, 143));
}

/// The words of a command, of which those between quotes are one.
fn words(command: &str) -> Vec<&str> {
    let parts = command.split('\'').enumerate();
    let words = parts.flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

/// Makes a pipe from which nothing comes.
fn make_pipe(folder: &Folder, name: &str) {
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path(name))
        .status();
    assert!(made.unwrap().success());
}

#[test]
fn the_screen_can_be_left_while_a_scenario_is_loaded() {
    let folder = Folder::new();
    make_pipe(&folder, "pipe");
    for way in OUT_OF_THE_SCREEN.into_iter().chain([Way::Keys(ESC, 0)]) {
        let mut terminal = Terminal::run_in(&folder.path(""), &["pipe"]);
        terminal.until_text("reading the scenario");
        terminal.leave(way);
    }
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
