//! Larger networks, built by the library: their weights would be long files.

use std::collections::BTreeMap;
use std::sync::Arc;

use backstep::ops::{
    AdaptiveAvgPool2d, Add, BatchNorm, Conv2d, Flatten, Gelu, LayerNorm, Linear, Matmul, MaxPool2d,
    Op, Padding, Permute, Relu, Reshape, Softmax,
};
use backstep::tape::{Handle, Network, NetworkBuilder, Reads, Tape};
use backstep::tensor::{Shape, Tensor, TensorId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A network with its values, and the upstream gradients that are given.
pub(crate) struct Model {
    network: Arc<Network>,
    leaves: BTreeMap<TensorId, Tensor>,
    pub(crate) upstream: BTreeMap<TensorId, Tensor>,
}

impl Model {
    pub(crate) fn tape(&self) -> Tape {
        Tape::record(Arc::clone(&self.network), &self.leaves)
    }
}

/// ResNet-18 over one picture of 64 × 64, with the statistics of its batch norms as constants.
pub(crate) fn resnet() -> Model {
    let mut net = Draft::new();
    let x = net.input(&[1, 3, 64, 64]);
    let stem = net.conv(x, [64, 3, 7], 2);
    let stem = net.batch_norm(stem, 64);
    let stem = net.layer(Relu, [stem]);
    let mut pool = MaxPool2d::new([3, 3]);
    (pool.stride, pool.padding) = (Some([2, 2]), [(1, 1); 2]);
    let mut x = net.layer(pool, [stem]);
    let mut n_in = 64;
    for (stage, n_out) in [64, 128, 256, 512].into_iter().enumerate() {
        for block in 0..2 {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let y = net.conv(x, [n_out, n_in, 3], stride);
            let y = net.batch_norm(y, n_out);
            let y = net.layer(Relu, [y]);
            let y = net.conv(y, [n_out, n_out, 3], 1);
            let y = net.batch_norm(y, n_out);
            if stride == 2 {
                x = net.conv(x, [n_out, n_in, 1], 2);
                x = net.batch_norm(x, n_out);
            }
            let sum = net.layer(Add, [y, x]);
            x = net.layer(Relu, [sum]);
            n_in = n_out;
        }
    }
    let pooled = net.layer(AdaptiveAvgPool2d::new([1, 1]), [x]);
    let flat = net.layer(
        Flatten {
            start_dim: 1,
            end_dim: -1,
        },
        [pooled],
    );
    let y = net.linear(flat, [1000, 512]);
    net.finish(y)
}

/// Four layers of a transformer, the norms before what they are for: 64 tokens of 128 numbers, 8
/// heads, 512 hidden neurons with GELU.
pub(crate) fn transformer() -> Model {
    let (n_tokens, width, n_heads, n_hidden) = (64, 128, 8, 512);
    let mut net = Draft::new();
    let mut x = net.input(&[n_tokens, width]);
    for _ in 0..4 {
        let normed = net.layer_norm(x, width);
        let heads = [[1, 0, 2], [1, 2, 0], [1, 0, 2]].map(|order| {
            let wide = net.linear(normed, [width, width]);
            let sizes = [n_tokens, n_heads, width / n_heads].map(Some).to_vec();
            let heads = net.layer(Reshape::new(sizes), [wide]);
            net.layer(Permute::new(order.to_vec()), [heads])
        });
        let [query, key, value] = heads;
        let scores = net.layer(Matmul, [query, key]);
        let shares = net.layer(Softmax::default(), [scores]);
        let heads = net.layer(Matmul, [shares, value]);
        let heads = net.layer(Permute::new(vec![1, 0, 2]), [heads]);
        let sizes = [n_tokens, width].map(Some).to_vec();
        let attention = net.layer(Reshape::new(sizes), [heads]);
        let attention = net.linear(attention, [width, width]);
        x = net.layer(Add, [x, attention]);
        let normed = net.layer_norm(x, width);
        let hidden = net.linear(normed, [n_hidden, width]);
        let hidden = net.layer(Gelu::default(), [hidden]);
        let hidden = net.linear(hidden, [width, n_hidden]);
        x = net.layer(Add, [x, hidden]);
    }
    net.finish(x)
}

/// A network in the making, with numbers that are the same every time.
struct Draft {
    net: NetworkBuilder,
    n_tensors: usize,
    random: ChaCha8Rng,
}

impl Draft {
    fn new() -> Self {
        Self {
            net: NetworkBuilder::new(),
            n_tensors: 0,
            random: ChaCha8Rng::seed_from_u64(5),
        }
    }

    fn name(&mut self) -> String {
        self.n_tensors += 1;
        format!("t{}", self.n_tensors)
    }

    /// Numbers between −`size` and `size` around `middle`.
    fn tensor(&mut self, shape: &[usize], middle: f64, size: f64) -> Tensor {
        Tensor::from_fn(Shape::from(shape), |_| {
            middle + (f64::from(self.random.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0) * size
        })
    }

    fn input(&mut self, shape: &[usize]) -> Handle {
        let (name, value) = (self.name(), self.tensor(shape, 0.0, 1.0));
        self.net.input(&name, value)
    }

    fn parameter(&mut self, shape: &[usize], middle: f64) -> Handle {
        let size = (shape[1..].iter().product::<usize>() as f64).sqrt().recip();
        let (name, value) = (self.name(), self.tensor(shape, middle, 0.5 * size));
        self.net.parameter(&name, value)
    }

    fn layer(&mut self, op: impl Into<Box<dyn Op>>, reads: impl Into<Reads>) -> Handle {
        let name = self.name();
        self.net.layer(&name, op, reads)
    }

    /// `kernel` is [output channels, input channels, rows and columns].
    fn conv(&mut self, x: Handle, kernel: [usize; 3], stride: usize) -> Handle {
        let [n_out, n_in, size] = kernel;
        let weight = self.parameter(&[n_out, n_in, size, size], 0.0);
        let op = Conv2d {
            stride: [stride; 2],
            padding: Padding::from([size / 2; 2]),
            ..Conv2d::default()
        };
        self.layer(op, Reads::from([x]).weight(weight))
    }

    fn batch_norm(&mut self, x: Handle, n_channels: usize) -> Handle {
        let op = BatchNorm {
            running_mean: Some(self.tensor(&[n_channels], 0.0, 0.1)),
            running_var: Some(self.tensor(&[n_channels], 1.0, 0.1)),
            ..BatchNorm::default()
        };
        self.weighted(x, op, n_channels)
    }

    fn layer_norm(&mut self, x: Handle, width: usize) -> Handle {
        self.weighted(x, LayerNorm::new(vec![width]), width)
    }
    /// A norm with a weight around 1 and a bias.
    fn weighted(&mut self, x: Handle, op: impl Into<Box<dyn Op>>, size: usize) -> Handle {
        let weight = self.parameter(&[size], 1.0);
        let bias = self.parameter(&[size], 0.0);
        self.layer(op, Reads::from([x]).weight(weight).bias(bias))
    }

    /// `sizes` are [outputs, inputs].
    fn linear(&mut self, x: Handle, sizes: [usize; 2]) -> Handle {
        let weight = self.parameter(&sizes, 0.0);
        let bias = self.parameter(&sizes[..1], 0.0);
        self.layer(
            Linear::default(),
            Reads::from([x]).weight(weight).bias(bias),
        )
    }

    /// The network, with an upstream gradient of 1 for each of its outputs.
    fn finish(self, output: Handle) -> Model {
        let shape = self
            .net
            .shape(output)
            .expect("the network is right")
            .clone();
        let built = self.net.build().expect("the network is right");
        let upstream = [(built.id(output), Tensor::filled(shape, 1.0))].into();
        Model {
            network: built.network,
            leaves: built.leaves,
            upstream,
        }
    }
}
