//! How fast each export format is written, beside the plainest loop over the same steps with
//! serde_json.
//!
//! `cargo bench -- export` prints one table: the medians of five runs each, on one thread and on
//! two, into nothing.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use backstep::backprop::Backprop;
use backstep::export::{Detail, FORMATS, Selection, Subject};
use backstep::scenario::{NoFiles, Options, Scenario};
use serde_json::json;

use crate::common::row;

const RUNS: usize = 5;

/// Counts what is written and keeps nothing.
struct Nothing {
    n_bytes: usize,
}

impl Write for Nothing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.n_bytes += black_box(bytes).len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Two fully connected layers of 400 neurons: some 640,000 contributions.
fn scenario() -> Scenario {
    let n = 400;
    let number = |row: usize, column: usize| {
        f64::from(u32::try_from((row * 7919 + column * 104_729) % 2003).unwrap_or(0)) / 1000.0 - 1.0
    };
    let matrix = |shift: usize| {
        (0..n)
            .map(|row| {
                (0..n)
                    .map(|column| number(row + shift, column))
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    let row: Vec<f64> = (0..n).map(|column| number(5, column)).collect();
    let text = json!({
        "backstep": 1, "inputs": { "x": row },
        "layers": [
            { "name": "a", "op": "linear", "weight": matrix(0), "activation": "tanh" },
            { "name": "b", "op": "linear", "weight": matrix(9) },
        ],
        "upstream": { "b": row },
    });
    Scenario::read(
        "bench",
        text.to_string().as_bytes(),
        &NoFiles,
        Options::default(),
    )
    .expect("the scenario is right")
}

/// Returns the median megabytes a second of something that writes, and the megabytes.
fn rate(n_threads: usize, write: &(dyn Fn(&mut dyn Write) -> io::Result<()> + Sync)) -> (f64, f64) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .expect("threads can be started");
    let mut rates = Vec::new();
    let mut megabytes = 0.0;
    for _ in 0..RUNS {
        let mut out = Nothing { n_bytes: 0 };
        let start = Instant::now();
        pool.install(|| write(&mut out))
            .expect("nothing refuses nothing");
        megabytes = out.n_bytes as f64 / 1e6;
        rates.push(megabytes / start.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    (rates[RUNS / 2], megabytes)
}

/// Prints what is measured of something that writes.
fn measure(name: &str, write: &(dyn Fn(&mut dyn Write) -> io::Result<()> + Sync)) {
    let [(one, megabytes), (two, _)] = [1, 2].map(|n_threads| rate(n_threads, write));
    row(
        &format!("export, {name}, {megabytes:.1} MB: one thread, two"),
        &format!("{one:.0} MB/s, {two:.0} MB/s"),
    );
}

pub(crate) fn run() {
    let scenario = scenario();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let subject = Subject {
        scenario: &scenario,
        backprop: &backprop,
    };
    for format in FORMATS {
        let selection = Selection {
            detail: Detail::Contributions,
            tensors: None,
            steps: 0..usize::MAX,
        };
        if (format.check)(subject, &selection).is_ok() {
            measure(format.name, &|out| (format.write)(subject, &selection, out));
        }
    }
    measure("serde_json loop", &|out| {
        let network = backprop.network();
        for (step, element) in backprop.steps().iter() {
            let terms = backprop.contributions(element).into_iter().map(|term| {
                let factors = term
                    .factors
                    .iter()
                    .map(|factor| json!({ "kind": factor.kind.name(), "value": factor.value }));
                let from = network.tensor(term.from.tensor);
                json!({
                    "from": from.name,
                    "index": from.shape.index(term.from.at).to_vec(),
                    "upstream": term.upstream,
                    "factors": factors.collect::<Vec<_>>(),
                    "local": term.local(),
                    "product": term.product(),
                })
            });
            let tensor = network.tensor(element.tensor);
            let step = json!({
                "step": step + 1,
                "tensor": tensor.name,
                "index": tensor.shape.index(element.at).to_vec(),
                "value": backprop.tape().element(element),
                "grad": backprop.element(element),
                "contributions": terms.collect::<Vec<_>>(),
            });
            serde_json::to_writer(&mut *out, &step)?;
        }
        Ok(())
    });
}
