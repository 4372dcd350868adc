//! The networks that the measurements run, and how a measurement is taken and told.

use std::time::{Duration, Instant};

use backstep::scenario::{NoFiles, Options, Scenario};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

/// How often everything is run; the fastest counts, because what else the machine does only ever
/// adds to it.
const RUNS: usize = 15;

/// LeNet-5 over digits of 28 × 28: two convolutions of 5 × 5 with max pooling, three fully
/// connected layers, and cross-entropy.
pub(crate) fn lenet(batch: usize) -> Scenario {
    let mut net = Net::new(&[batch, 1, 28, 28]);
    net.conv(6, [1, 5, 5], 2);
    net.pool();
    net.conv(16, [6, 5, 5], 0);
    net.pool();
    net.flatten();
    net.linear(120, 400, Some("relu"));
    net.linear(84, 120, Some("relu"));
    net.linear(10, 84, None);
    net.cross_entropy(batch, 10)
}

/// A small network of VGG's kind over colour pictures of 32 × 32: two pairs of 3 × 3 convolutions,
/// each with max pooling behind it, and two fully connected layers.
pub(crate) fn vgg(batch: usize) -> Scenario {
    let mut net = Net::new(&[batch, 3, 32, 32]);
    net.conv(32, [3, 3, 3], 1);
    net.conv(32, [32, 3, 3], 1);
    net.pool();
    net.conv(64, [32, 3, 3], 1);
    net.conv(64, [64, 3, 3], 1);
    net.pool();
    net.flatten();
    net.linear(256, 64 * 8 * 8, Some("relu"));
    net.linear(10, 256, None);
    net.cross_entropy(batch, 10)
}

/// A scenario in the making, with numbers that are the same every time.
struct Net {
    input: Value,
    layers: Vec<Value>,
    random: ChaCha8Rng,
}

impl Net {
    fn new(input: &[usize]) -> Self {
        let mut net = Self {
            input: Value::Null,
            layers: Vec::new(),
            random: ChaCha8Rng::seed_from_u64(5),
        };
        net.input = net.tensor(input, 1.0);
        net
    }

    /// A number between −`size` and `size`.
    fn number(&mut self, size: f64) -> f64 {
        (f64::from(self.random.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0) * size
    }

    fn tensor(&mut self, shape: &[usize], size: f64) -> Value {
        let data: Vec<f64> = (0..shape.iter().product())
            .map(|_| self.number(size))
            .collect();
        json!({ "shape": shape, "data": data })
    }

    /// A weight and a bias, as PyTorch draws them: within one over the root of how many numbers an
    /// output looks at.
    fn parameters(&mut self, n_out: usize, n_in: &[usize]) -> (Value, Value) {
        let size = (n_in.iter().product::<usize>() as f64).sqrt().recip();
        (
            self.tensor(&[&[n_out], n_in].concat(), size),
            self.tensor(&[n_out], size),
        )
    }

    /// Adds a layer, named by its op and its number.
    fn layer(&mut self, op: &str, mut keys: Value) {
        keys["op"] = json!(op);
        keys["name"] = json!(format!("{op}_{}", self.layers.len() + 1));
        self.layers.push(keys);
    }

    /// `kernel` is [channels, rows, columns].
    fn conv(&mut self, n_out: usize, kernel: [usize; 3], padding: usize) {
        let (weight, bias) = self.parameters(n_out, &kernel);
        self.layer(
            "conv2d",
            json!({ "weight": weight, "bias": bias, "padding": padding, "activation": "relu" }),
        );
    }

    fn pool(&mut self) {
        self.layer("max_pool2d", json!({ "kernel_size": 2 }));
    }

    fn flatten(&mut self) {
        self.layer("flatten", json!({ "start_dim": 1 }));
    }

    fn linear(&mut self, n_out: usize, n_in: usize, activation: Option<&str>) {
        let (weight, bias) = self.parameters(n_out, &[n_in]);
        let mut keys = json!({ "weight": weight, "bias": bias });
        if let Some(activation) = activation {
            keys["activation"] = json!(activation);
        }
        self.layer("linear", keys);
    }

    fn cross_entropy(mut self, batch: usize, n_classes: usize) -> Scenario {
        let target: Vec<usize> = (0..batch).map(|sample| sample % n_classes).collect();
        self.layer("cross_entropy", json!({ "target": target }));
        self.scenario()
    }

    fn scenario(self) -> Scenario {
        let text = json!({ "backstep": 1, "inputs": { "x": self.input }, "layers": self.layers })
            .to_string();
        Scenario::read("bench", text.as_bytes(), &NoFiles, Options::default())
            .expect("the scenario is right")
    }
}

/// Returns how long something takes: the shortest of a few runs.
pub(crate) fn shortest(mut run: impl FnMut()) -> Duration {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(|_| time(&mut run)).min().unwrap_or_default()
}

/// Prints a row of the table: the work, and what was measured of it.
pub(crate) fn row(work: &str, measured: &str) {
    println!("| {work} | {measured} |");
}
