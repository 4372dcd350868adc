//! How long a forward run and all gradients take, beside PyTorch in float64 on as many threads.
//!
//! `cargo bench -- backprop` prints one table. PyTorch is measured where `BACKSTEP_PYTHON`, or
//! else `python3`, has it, in turns with backstep, so that whatever else the machine does slows
//! both. `-- --profile` adds what each layer and each gradient takes, and `-- backprop vgg` is for one
//! network alone.

use std::collections::BTreeMap;
use std::env;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use backstep::backprop::Backprop;
use backstep::tape::Tape;
use backstep::tensor::{Tensor, TensorId};

use crate::common::{lenet, row, shortest, vgg};
use crate::networks::{resnet, transformer};

/// What is run, each with its batch.
const NETWORKS: [(&str, usize); 6] = [
    ("lenet", 1),
    ("lenet", 64),
    ("vgg", 1),
    ("vgg", 8),
    ("resnet", 1),
    ("transformer", 1),
];
const ROUNDS: usize = 7;
/// How long backstep runs in each round, and how often at least.
const ROUND: Duration = Duration::from_millis(300);
const LEAST_RUNS: usize = 3;

/// How many seconds the forward run took, and all gradients.
type Times = [f64; 2];

/// A Python that measures PyTorch.
struct PyTorch {
    process: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl PyTorch {
    /// Starts the measuring script; returns nothing where there is no Python.
    fn start() -> Option<Self> {
        let python = env::var_os("BACKSTEP_PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(python);
        command
            .arg("-c")
            .arg(include_str!("backprop.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let (asked, answers) = (
            process.stdin.take()?,
            BufReader::new(process.stdout.take()?),
        );
        Some(Self {
            process,
            asked,
            answers,
        })
    }

    /// Returns what one round takes; nothing where Python has no PyTorch and has given up.
    fn measure(&mut self, network: &str, batch: usize, n_threads: usize) -> Option<Times> {
        writeln!(self.asked, "{network} {batch} {n_threads}").ok()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).ok()?;
        let (forward, backward) = answer.trim().split_once(' ')?;
        Some([forward.parse().ok()?, backward.parse().ok()?])
    }

    fn stop(self) {
        let Self {
            mut process, asked, ..
        } = self;
        drop(asked);
        // It ends with its input, and nothing hangs on how.
        let _ = process.wait();
    }
}

/// What is measured: how its forward run is made, and what is given to its outputs.
struct Work {
    name: &'static str,
    batch: usize,
    tape: Box<dyn Fn() -> Tape + Sync>,
    upstream: BTreeMap<TensorId, Tensor>,
}

impl Work {
    /// The work of this name, over so many samples.
    fn new(name: &'static str, batch: usize) -> Self {
        let (tape, upstream): (Box<dyn Fn() -> Tape + Sync>, _) = match name {
            "lenet" | "vgg" => {
                let scenario = if name == "lenet" {
                    lenet(batch)
                } else {
                    vgg(batch)
                };
                let upstream = scenario.upstream.clone();
                (Box::new(move || scenario.tape()), upstream)
            }
            _ => {
                let model = if name == "resnet" {
                    resnet()
                } else {
                    transformer()
                };
                let upstream = model.upstream.clone();
                (Box::new(move || model.tape()), upstream)
            }
        };
        Self {
            name,
            batch,
            tape,
            upstream,
        }
    }
}

fn measure(work: &Work) -> Times {
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while forward.len() <= LEAST_RUNS || start.elapsed() < ROUND {
        let start = Instant::now();
        let tape = (work.tape)();
        forward.push(start.elapsed().as_secs_f64());
        let upstream = work.upstream.clone();
        let start = Instant::now();
        black_box(Backprop::run(tape, upstream));
        backward.push(start.elapsed().as_secs_f64());
    }
    // The first run finds everything cold.
    [median(forward.split_off(1)), median(backward.split_off(1))]
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Takes the median of all rounds, of the forward run, of the gradients, and of both together.
fn medians(rounds: &[Times]) -> [f64; 3] {
    let of = |time: fn(&Times) -> f64| median(rounds.iter().map(time).collect());
    [
        of(|times| times[0]),
        of(|times| times[1]),
        of(|times| times[0] + times[1]),
    ]
}

/// Prints what each layer's forward run takes, and the gradients of each tensor.
fn profile(work: &Work) {
    let backprop = Backprop::run((work.tape)(), work.upstream.clone());
    let network = backprop.network();
    let mut rows = Vec::new();
    for (number, layer) in network.layers().iter().enumerate() {
        let run = backprop.layer_run(number);
        let shape = &network.tensor(layer.output).shape;
        rows.push((
            format!("{} forward", network.tensor(layer.output).name),
            shortest(|| {
                black_box(layer.op.forward(&run.operands, shape));
            }),
        ));
    }
    for &tensor in backprop.steps().tensors() {
        rows.push((
            format!("{} gradients", network.tensor(tensor).name),
            shortest(|| {
                black_box(backprop.summed(tensor));
            }),
        ));
    }
    let all: Duration = rows.iter().map(|(_, time)| time).sum();
    rows.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    for (work, time) in rows {
        let share = 100.0 * time.as_secs_f64() / all.as_secs_f64();
        println!(
            "    {work:<28} {:>9.3} ms {share:>3.0} %",
            time.as_secs_f64() * 1e3
        );
    }
}

pub(crate) fn run() {
    let arguments: Vec<String> = env::args().collect();
    let is_named = |name: &str| arguments.iter().any(|argument| argument == name);
    let (profiles, all) = (
        is_named("--profile"),
        !NETWORKS.iter().any(|(name, _)| is_named(name)),
    );
    let mut pytorch = PyTorch::start();
    for (name, batch) in NETWORKS {
        if !all && !is_named(name) {
            continue;
        }
        let work = Work::new(name, batch);
        for n_threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .expect("threads can be started");
            let (mut own, mut other) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                own.push(pool.install(|| measure(&work)));
                other.extend(
                    pytorch
                        .as_mut()
                        .and_then(|pytorch| pytorch.measure(work.name, work.batch, n_threads)),
                );
            }
            let other = (!other.is_empty()).then(|| medians(&other));
            for (nth, (part, own)) in ["forward", "gradients", "together"]
                .into_iter()
                .zip(medians(&own))
                .enumerate()
            {
                let work = format!("{name}, batch {batch}, {n_threads} threads, {part}");
                let beside = other.map_or("PyTorch is missing | ".to_owned(), |other| {
                    format!("{:.3} ms | {:.2}", other[nth] * 1e3, own / other[nth])
                });
                row(&work, &format!("{:.3} ms | {beside}", own * 1e3));
            }
            if profiles {
                pool.install(|| profile(&work));
            }
        }
    }
    if let Some(pytorch) = pytorch {
        pytorch.stop();
    }
}
