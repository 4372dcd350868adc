//! How long somebody waits in front of the debugger: for its first frame, for a key, for a search;
//! and how much memory it takes.
//!
//! `cargo bench -- debugger` runs the program in a pseudo-terminal and prints one row a
//! measurement.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use backstep::backprop::Backprop;
use backstep::debugger::{Direction, Position, Script, Session};
use backstep::scenario::Scenario;
use backstep::tensor::TensorId;

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use safetensors::tensor::{Dtype, View};
use serde_json::{Value, json};

use crate::common::{row, shortest, vgg};

/// What ends the drawing of a frame.
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";

/// How often the program is started for each measurement of a first frame; the median counts.
const STARTS: usize = 7;

/// The keys of a walk all over a network: on and back, term by term, from tensor to tensor, and
/// what lies on top.
const WALK: &[&str] = &[
    "right", "right", "left", "down", "down", "up", "tab", "right", "down", "tab", "tab", "right",
    "tab", "tab", "down", "tab", "tab", "right", "tab", "tab", "tab", "tab", "right", "end",
    "left", "left", "down", "y", "esc", "i", "esc", "V", "V", "V", "m", "esc", "?", "esc", "home",
    "end", "left", "z", "z", "z",
];

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let vgg = vgg(1);
    let (vgg_file, large_file) = (
        folder.path().join("vgg.json"),
        folder.path().join("large.json"),
    );
    fs::write(&vgg_file, vgg.to_json().expect("it was text"))?;
    write_large(folder.path(), &large_file)?;
    let [vgg_file, large_file] = [&vgg_file, &large_file]
        .map(|file| file.to_str().expect("a temporary folder has a plain name"));

    first_frame("a gallery scenario", "the-question", "step 1/")?;
    first_frame("the VGG-like net", vgg_file, "step 1/")?;
    first_frame("ten million parameters, the screen", large_file, "backstep")?;
    first_frame(
        "ten million parameters, the debugger",
        large_file,
        "step 1/",
    )?;
    keys(vgg_file)?;
    searches(vgg.clone());
    memory("the VGG-like net", vgg_file, &vgg)?;
    let large = Scenario::read(
        "large",
        fs::read(large_file)?,
        &Folder(folder.path()),
        backstep::scenario::Options::default(),
    )
    .expect("the scenario is right");
    memory("ten million parameters", large_file, &large)?;
    Ok(())
}

/// Measures the time from the start of the program to a frame with a text.
fn first_frame(what: &str, scenario: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let mut program = Program::start(scenario)?;
        program.until(text);
        times.push(start.elapsed());
    }
    times.sort();
    row(
        &format!("first frame: {what}"),
        &milliseconds(times[STARTS / 2]),
    );
    Ok(())
}

/// Measures the time from a key to the end of the frame that shows what it has led to.
fn keys(scenario: &str) -> Result<(), Box<dyn Error>> {
    let mut program = Program::start(scenario)?;
    program.until("step 1/");
    program.settle();
    let mut times = Vec::new();
    for &name in WALK {
        let start = Instant::now();
        program.press(name)?;
        let drawn = program.frame();
        times.push((drawn - start, name));
        program.settle();
    }
    times.sort();
    let (slowest, key) = times[times.len() - 1];
    row(
        &format!(
            "a key on the VGG-like net, {} of them all over it: median, slowest",
            times.len()
        ),
        &format!(
            "{}, {} (`{key}`)",
            milliseconds(times[times.len() / 2].0),
            milliseconds(slowest)
        ),
    );
    Ok(())
}

/// Measures searches through every step that find nothing.
fn searches(scenario: Scenario) {
    let mut session = Session::new(scenario);
    let cancelled = session.backprop().complete(session.cancel());
    assert!(cancelled.is_ok(), "nobody cancels it");
    for (what, condition) in [
        ("grad", "abs(grad) > 1e9"),
        ("contributions", "contributions > 1e9"),
    ] {
        let script = Script::read(&format!("break if {condition}"), &session)
            .expect("the condition can be read");
        script.obey(&mut session, |_, _| Ok(())).for_each(drop);
        let time = shortest(|| {
            session.go_to(Position::Start);
            let run = session
                .run_to_breakpoint(Direction::On, None)
                .expect("there is a breakpoint");
            session.finish(run, |_| ()).expect("nobody cancels it");
        });
        let script = Script::read("delete all", &session).expect("the command can be read");
        script.obey(&mut session, |_, _| Ok(())).for_each(drop);
        row(
            &format!(
                "continue over {} steps, a condition on {what}",
                session.n_steps()
            ),
            &milliseconds(time),
        );
    }
}

/// Measures the most memory that the program has had once every gradient is computed, beside the
/// tensors themselves.
fn memory(what: &str, file: &str, scenario: &Scenario) -> Result<(), Box<dyn Error>> {
    let mut program = Program::start(file)?;
    program.until("step 1/");
    program.settle();
    program.press("end")?;
    program.settle();
    let status = fs::read_to_string(format!(
        "/proc/{}/status",
        program.child.process_id().unwrap_or(0)
    ))
    .unwrap_or_default();
    let Some(peak) = status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .trim()
            .strip_suffix(" kB")?
            .parse::<f64>()
            .ok()
    }) else {
        row(&format!("memory: {what}"), "not to be had on this system");
        return Ok(());
    };
    let backprop = Backprop::lazy(scenario.tape(), scenario.upstream.clone());
    let network = backprop.network();
    let bases = network
        .ids()
        .filter(|&id: &TensorId| network.tensor(id).view_of.is_none());
    let tensors = bases
        .map(|id| network.tensor(id).shape.numel())
        .sum::<usize>() as f64
        * 16.0
        / 1e6;
    let peak = peak * 1024.0 / 1e6;
    row(
        &format!("memory: {what}"),
        &format!(
            "{peak:.0} MB, {:.2} times its values and gradients",
            peak / tensors
        ),
    );
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The program in a terminal of 120 × 36.
struct Program {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    /// What it writes, and when that came.
    output: Receiver<(Instant, Vec<u8>)>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Program {
    fn start(scenario: &str) -> Result<Self, Box<dyn Error>> {
        let pty = native_pty_system().openpty(PtySize {
            rows: 36,
            cols: 120,
            pixel_width: 0,
            pixel_height: 0,
        })?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_backstep"));
        // Without colour the terminal is not asked for its ground, which nobody here would answer.
        command.args([scenario, "--color", "never"]);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let child = pty.slave.spawn_command(command)?;
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader()?;
        let (contributor, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(n_read @ 1..) = reader.read(&mut buffer) {
                if contributor
                    .send((Instant::now(), buffer[..n_read].to_vec()))
                    .is_err()
                {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            writer: pty.master.take_writer()?,
            output,
            _master: pty.master,
        })
    }

    fn press(&mut self, name: &str) -> std::io::Result<()> {
        let bytes = match name {
            "right" => "\x1b[C",
            "left" => "\x1b[D",
            "up" => "\x1b[A",
            "down" => "\x1b[B",
            "home" => "\x1b[H",
            "end" => "\x1b[F",
            "tab" => "\t",
            "esc" => "\x1b",
            key => key,
        };
        self.writer.write_all(bytes.as_bytes())?;
        self.writer.flush()
    }

    /// Waits for a text, which the program writes in one piece.
    fn until(&mut self, text: &str) {
        let mut seen = Vec::new();
        while !contains(&seen, text.as_bytes()) {
            let (_, bytes) = self
                .output
                .recv_timeout(Duration::from_secs(60))
                .expect("the program draws");
            seen.extend(bytes);
        }
    }

    /// Waits for the end of the next frame; returns when it came.
    fn frame(&mut self) -> Instant {
        let mut seen = Vec::new();
        loop {
            let (came, bytes) = self
                .output
                .recv_timeout(Duration::from_secs(60))
                .expect("the program draws");
            seen.extend(bytes);
            if contains(&seen, END_OF_FRAME) {
                return came;
            }
        }
    }

    /// Waits until nothing has been drawn for a while: longer than the progress of anything is
    /// drawn anew.
    fn settle(&mut self) {
        while self.output.recv_timeout(Duration::from_millis(250)) != Err(RecvTimeoutError::Timeout)
        {
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The folder that the large scenario is in.
struct Folder<'a>(&'a Path);

impl backstep::scenario::Files for Folder<'_> {
    fn open(
        &self,
        path: &str,
    ) -> Result<Box<dyn backstep::scenario::ReadSeek>, backstep::scenario::OpenError> {
        let file = fs::File::open(self.0.join(path))?;
        Ok(Box::new(std::io::BufReader::new(file)))
    }
}

/// Numbers on their way into a file.
struct Numbers {
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for Numbers {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        (&self.bytes).into()
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Writes three fully connected layers of some ten million weights together, with the weights in a
/// file of their own.
fn write_large(folder: &Path, scenario: &Path) -> Result<(), Box<dyn Error>> {
    let sizes = [1024, 4096, 1024, 1000];
    let mut tensors = HashMap::new();
    let mut tensor = |name: &str, shape: &[usize]| -> Value {
        let numbers = (0..shape.iter().product::<usize>())
            .map(|at| ((at * 7919 % 2003) as f32 / 1001.0 - 1.0) / 32.0);
        tensors.insert(
            name.to_owned(),
            Numbers {
                shape: shape.to_vec(),
                bytes: numbers.flat_map(f32::to_le_bytes).collect(),
            },
        );
        json!({ "file": "large.safetensors", "key": name })
    };
    let input = tensor("x", &[1, sizes[0]]);
    let layers: Vec<Value> = (1..sizes.len())
        .map(|number| {
            let weight = tensor(
                &format!("fc{number}.weight"),
                &[sizes[number], sizes[number - 1]],
            );
            json!({ "name": format!("fc{number}"), "op": "linear", "weight": weight,
                "activation": "tanh" })
        })
        .chain([json!({ "name": "loss", "op": "cross_entropy", "target": [3] })])
        .collect();
    safetensors::serialize_to_file(tensors, None, &folder.join("large.safetensors"))?;
    fs::write(
        scenario,
        json!({ "backstep": 1, "inputs": { "x": input }, "layers": layers }).to_string(),
    )?;
    Ok(())
}
