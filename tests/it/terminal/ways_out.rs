//! Every way out is obeyed in the middle of every kind of long work, with the exit code that tells
//! which it was, a clean terminal, and no half-written file.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{PATIENCE, Terminal};
use crate::cli::{Folder, product};

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

/// Less than any of the work takes, and far more than leaving it does on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);

/// The hundredths of a second after which a program is in the middle of its work.
const BUSY: u64 = 15;

/// The rows and columns of the matrices of a scenario in which everything takes long.
const SIZE: usize = 400;

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
        assert_eq!(self.end_within(AT_ONCE), code, "{way:?}");
        self.assert_clean();
    }

    /// Waits until the program handles signals, where the system says so.
    fn until_it_handles_signals(&self) {
        self.until_its("status", "the program handles no signals", |status| {
            let handled = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            handled.is_some_and(|mask| {
                u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << (15 - 1)) != 0
            })
        });
    }

    /// Waits until the program has been busy for a while besides, where the system says so.
    fn until_busy(&self) {
        self.until_it_handles_signals();
        self.until_its("stat", "the program does nothing", |stat| {
            let (_, fields) = stat.rsplit_once(')').unwrap();
            let ticks = fields.split_whitespace().skip(11).take(2);
            ticks.map(|n| n.parse::<u64>().unwrap()).sum::<u64>() >= BUSY
        });
    }

    /// Waits until what the system says of the program is so.
    fn until_its(&self, file: &str, otherwise: &str, is_so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let path = format!("/proc/{}/{file}", self.child.process_id().unwrap());
        while std::fs::read_to_string(&path).is_ok_and(|text| !is_so(&text)) {
            assert!(Instant::now() < deadline, "{otherwise}");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A folder with a scenario in which everything takes long, an answer to it that is wrong
/// everywhere, and a pipe into which nobody writes.
fn endless() -> Folder {
    let zeros = vec![vec![0; SIZE]; SIZE];
    let answer = format!(
        r#"{{ "format": "backstep-answer/1", "grads": {{ "a": {zeros:?}, "b": {zeros:?} }} }}"#
    );
    let verifies = "verify a[0,0]\n".repeat(10_000);
    let prints = "print a[0,0]\n".repeat(10_000);
    let folder = Folder::with(&[
        ("net.json", &product(SIZE)),
        ("answer.json", &answer),
        ("verifies", &verifies),
        ("prints", &prints),
    ]);
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    folder
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

/// Leaves the program in each of these ways, once it has come so far that it can be left. It must
/// leave no file behind but in `class`, and none there that is half-written.
fn leave(folder: &Folder, command: &str, ways: &[Way], come_so_far: impl Fn(&mut Terminal)) {
    let before = folder.names();
    for &way in ways {
        let mut terminal = Terminal::run_in(&folder.path(""), &words(command));
        come_so_far(&mut terminal);
        terminal.leave(way);
        let mut left = folder.names();
        left.retain(|name| name != "class" && !before.contains(name));
        left.extend(hidden(&folder.path("class")));
        assert!(left.is_empty(), "{command}, {way:?}: {left:?}");
    }
}

/// The names below a folder that begin with a dot, as those of half-written files do.
fn hidden(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.flat_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let own = name.starts_with('.').then(|| name.to_owned());
        own.into_iter().chain(hidden(&path))
    });
    names.collect()
}

/// Leaves a command in each way while it works.
fn leave_busy(command: &str) {
    leave(&endless(), command, &OUT_OF_A_COMMAND, |terminal| {
        terminal.until_busy();
    });
}

#[test]
fn verify_can_be_left() {
    leave_busy("verify net.json");
}

#[test]
fn export_can_be_left() {
    leave_busy("export net.json -o run.json");
}

#[test]
fn check_can_be_left() {
    leave_busy("check net.json answer.json");
}

#[test]
fn generate_can_be_left() {
    // What one way out leaves behind is whole, and the next run writes over it.
    leave_busy("generate pool-to-conv --count 9999 -o class --force");
}

#[test]
fn import_can_be_left() {
    let folder = Folder::new();
    std::fs::write(folder.path("long.onnx"), chain_of_relus(200_000)).unwrap();
    // A `TensorProto` with the one number 1.
    let input = [8, 1, 16, 1, 0x4a, 4, 0, 0, 0x80, 0x3f];
    std::fs::write(folder.path("t0.pb"), input).unwrap();
    let command = "import long.onnx --input t0.pb -o class";
    leave(&folder, command, &OUT_OF_A_COMMAND, |terminal| {
        terminal.until_busy();
    });
}

#[test]
fn a_batch_can_be_left_while_it_runs_to_a_breakpoint() {
    leave_busy("net.json --batch --run 'break if contributions > 999; continue'");
}

#[test]
fn a_batch_can_be_left_while_it_verifies() {
    leave_busy("net.json --batch --script verifies");
}

#[test]
fn a_batch_can_be_left_while_it_prints() {
    leave_busy("net.json --batch --script prints");
}

#[test]
fn a_batch_can_be_left_while_it_exports() {
    leave_busy("net.json --batch --run 'export run.json'");
}

#[test]
fn commands_can_be_left_while_they_wait_for_a_pipe() {
    let folder = endless();
    for command in [
        "pipe --batch --run where",
        "net.json --batch --script pipe",
        "explain pipe a",
        "import pipe -o class",
        "check net.json pipe",
        "export net.json -o pipe",
        "verify -",
    ] {
        leave(&folder, command, &OUT_OF_A_COMMAND, |terminal| {
            terminal.until_it_handles_signals();
        });
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

/// The terminal is closed, and no signal tells so. Without a key for it, no end of input is sent
/// before, which would be a key to the screen.
#[test]
fn a_closed_terminal_ends_the_screen() {
    let folder = endless();
    let script = format!(
        "trap '' HUP; stty eof undef; {} the-question 2> said; echo $? > code",
        env!("CARGO_BIN_EXE_backstep")
    );
    let mut terminal = Terminal::spawn(&folder.path(""), "sh", &["-c", &script]);
    terminal.until_text("Three gradients arrive");
    terminal.close();
    assert_eq!(terminal.end(), 0);
    assert_eq!(
        (folder.read("code").trim(), &*folder.read("said")),
        ("129", "")
    );
}

/// Leaves the screen in each way while it is at something.
fn leave_screen(folder: &Folder, command: &str, begin: impl Fn(&mut Terminal)) {
    leave(folder, command, &OUT_OF_THE_SCREEN, begin);
}

/// Gives up with Esc what the screen is at, which it says.
fn give_up(folder: &Folder, command: &str, begin: impl Fn(&mut Terminal), says: &str) {
    let mut terminal = Terminal::run_in(&folder.path(""), &words(command));
    begin(&mut terminal);
    terminal.press(ESC);
    terminal.until_text(says);
    // `q` would close what the script has shown by then.
    terminal.leave(Way::Signal(15, 143));
}

#[test]
fn the_screen_can_be_left_while_a_scenario_is_loaded() {
    let begin = |terminal: &mut Terminal| terminal.until_text("reading the scenario");
    leave_screen(&endless(), "pipe", begin);
    leave(&endless(), "pipe", &[Way::Keys(ESC, 0)], begin);
}

#[test]
fn the_screen_can_be_left_while_an_answer_is_loaded() {
    let begin = |terminal: &mut Terminal| terminal.until_text("reading the answer");
    let command = "net.json --answer pipe";
    leave_screen(&endless(), command, begin);
    leave(&endless(), command, &[Way::Keys(ESC, 0)], begin);
}

#[test]
fn the_screen_can_be_left_while_wrong_numbers_are_explained() {
    let command = "net.json --answer answer.json --at a[0,0]";
    leave_screen(&endless(), command, |terminal| {
        terminal.until_text("looking for the");
    });
}

#[test]
fn the_screen_can_be_left_while_it_runs_to_a_breakpoint() {
    let begin = |terminal: &mut Terminal| {
        terminal.until_text("Begin here");
        terminal.press(":break if contributions > 999\rc");
        terminal.until_text("looking for a hit");
    };
    leave_screen(&endless(), "net.json", begin);
    give_up(
        &endless(),
        "net.json",
        begin,
        "stopped: no breakpoint is hit",
    );
}

#[test]
fn the_screen_can_be_left_while_it_verifies() {
    let begin = |terminal: &mut Terminal| terminal.until_text("working");
    let command = "net.json --script verifies";
    leave_screen(&endless(), command, begin);
    give_up(&endless(), command, begin, "given up");
}

/// None of its commands takes long, but all of them do together.
#[test]
fn the_screen_can_be_left_while_it_runs_a_long_script() {
    let script = "next; back\n".repeat(100_000);
    let folder = Folder::with(&[("script", &script)]);
    let begin = |terminal: &mut Terminal| terminal.until_text("working");
    let command = "the-question --script script";
    leave_screen(&folder, command, begin);
    give_up(&folder, command, begin, "given up");
}

#[test]
fn the_screen_can_be_left_while_it_exports() {
    let folder = endless();
    let begin = |terminal: &mut Terminal| {
        terminal.until_text("Begin here");
        terminal.press(":export run.md\r");
        terminal.until_text("working");
    };
    leave_screen(&folder, "net.json", begin);
    let before = folder.names();
    give_up(&folder, "net.json", begin, "given up");
    assert_eq!(folder.names(), before);
}

#[test]
fn the_screen_can_be_left_after_an_export() {
    for way in OUT_OF_THE_SCREEN {
        let folder = Folder::new();
        let mut terminal = Terminal::run_in(&folder.path(""), &["the-question"]);
        terminal.until_text("Three gradients arrive");
        terminal.press(":export run.json\r");
        terminal.until_text("written to `run.json`");
        terminal.leave(way);
        assert_eq!(folder.names(), ["run.json"]);
    }
}

/// An ONNX model of so many nodes, one after the other, as the bytes of its protocol buffer.
fn chain_of_relus(n_nodes: usize) -> Vec<u8> {
    let text = |field, text: &str| nested(field, text.as_bytes());
    let one = [0x08, 1];
    let shape = nested(2, &nested(1, &one));
    let vector = nested(2, &nested(1, &[&one[..], &shape].concat()));
    let tensor = |name: &str| [text(1, name), vector.clone()].concat();
    let nodes = (0..n_nodes).flat_map(|node| {
        let (from, to) = (format!("t{node}"), format!("t{}", node + 1));
        nested(1, &[text(1, &from), text(2, &to), text(4, "Relu")].concat())
    });
    let (first, last) = (tensor("t0"), tensor(&format!("t{n_nodes}")));
    let graph = [nodes.collect(), nested(11, &first), nested(12, &last)].concat();
    [vec![0x08, 8], nested(8, &[0x10, 17]), nested(7, &graph)].concat()
}

/// A field of a protocol buffer that has a length.
fn nested(field: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = Vec::new();
    prost::encode_length_delimiter(bytes.len(), &mut length).unwrap();
    [&[field << 3 | 2], &length[..], bytes].concat()
}
