//! The laws that hold for every op, on random layers.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use backstep::backprop::{Backprop, Verdict, verify};
use backstep::cancel::Cancel;
use backstep::ops;
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::Element;
use backstep::words::{Chain, Leads, why_not};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

/// Numbers for random layers: a small generator of its own, so that a failing seed says everything.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn upto(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.upto(most - least + 1)
    }

    fn flip(&mut self) -> bool {
        self.upto(2) == 1
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.upto(of.len())].clone()
    }

    /// A number with few digits, so that ties and zeros happen.
    fn number(&mut self) -> f64 {
        (self.upto(41) as f64 - 20.0) / 8.0
    }

    fn sizes(&mut self, rank: usize, most: usize) -> Vec<usize> {
        (0..rank).map(|_| self.between(1, most)).collect()
    }

    /// Padding of up to so many places, in one of the ways in which it is written.
    fn padding(&mut self, axes: usize, most: usize) -> Value {
        match self.upto(4) {
            0 => json!(self.between(0, most)),
            1 => (0..axes).map(|_| self.between(0, most)).collect(),
            _ => (0..axes)
                .map(|_| json!([self.between(0, most), self.between(0, most)]))
                .collect(),
        }
    }

    fn tensor(&mut self, shape: &[usize]) -> Value {
        let n_numbers = shape.iter().product();
        json!({ "shape": shape,
            "data": (0..n_numbers).map(|_| self.number()).collect::<Vec<f64>>() })
    }

    fn positive(&mut self, shape: &[usize]) -> Value {
        let n_numbers = shape.iter().product();
        json!({ "shape": shape,
            "data": (0..n_numbers).map(|_| 0.5 + self.number().abs()).collect::<Vec<f64>>() })
    }

    /// Windows along two axes, each setting as a list.
    fn windows(&mut self) -> Value {
        json!({
            "kernel_size": self.sizes(2, 3), "stride": self.sizes(2, 2),
            "padding": [self.upto(2), self.upto(2)], "dilation": self.sizes(2, 2),
        })
    }

    fn classes(&mut self, shape: &[usize], n_classes: usize) -> Value {
        match shape.split_first() {
            None => json!(if self.upto(6) == 0 {
                -100
            } else {
                self.upto(n_classes) as i64
            }),
            Some((&size, inner)) => (0..size).map(|_| self.classes(inner, n_classes)).collect(),
        }
    }
}

/// One layer to be tested: the shapes of what it reads, and its keys.
struct Subject {
    inputs: Vec<Vec<usize>>,
    keys: Value,
    /// Whether the op is defined for positive numbers only.
    of_positive: bool,
    /// The numbers of the second input, where they are not just any.
    second: Option<Value>,
}

impl Subject {
    fn new(inputs: Vec<Vec<usize>>, keys: Value) -> Self {
        Self {
            inputs,
            keys,
            of_positive: false,
            second: None,
        }
    }

    /// The layer with no input below 0, nor near it.
    fn positive(self) -> Self {
        Self {
            of_positive: true,
            ..self
        }
    }
}

/// Makes a random layer of an op. Not every one fits together; those that do not are skipped.
fn subject(op: &str, random: &mut Random) -> Subject {
    let one = |shape: Vec<usize>, keys: Value| Subject::new(vec![shape], keys);
    let activation = random.pick(&[
        "relu",
        "leaky_relu",
        "elu",
        "sigmoid",
        "tanh",
        "gelu",
        "silu",
        "softplus",
        "hardtanh",
        "relu6",
        "selu",
        "mish",
        "hardswish",
        "softshrink",
        "logsigmoid",
    ]);
    let has_dims = |dims: &usize| op.contains(&format!("{dims}d"));
    let dims = [1, 3].into_iter().find(has_dims).unwrap_or(2);
    // A volume has many places even where it is small.
    let side = if dims == 3 { 3 } else { 5 };
    let rank = random.between(dims, dims + 2);
    match op {
        "linear" => {
            let rank = random.between(1, 3);
            let shape = random.sizes(rank, 3);
            let n_out = random.between(1, 4);
            let mut keys = json!({ "weight": random.tensor(&[n_out, shape[rank - 1]]) });
            if random.flip() {
                keys["bias"] = random.tensor(&[n_out]);
            }
            if random.flip() {
                keys["activation"] = json!(activation);
            }
            one(shape, keys)
        }
        "conv1d" | "conv2d" | "conv3d" => {
            let mut shape = random.sizes(rank, side);
            let kernel = random.sizes(dims, 3);
            let groups = random.between(1, 2);
            let (n_in, n_out) = (groups * random.between(1, 2), groups * random.between(1, 2));
            let mut weight = kernel.clone();
            let mut keys = json!({ "stride": random.between(1, 2),
                "dilation": random.between(1, 2), "padding": random.padding(dims, 2) });
            if rank > dims {
                shape[rank - dims - 1] = n_in;
                weight.splice(0..0, [n_out, n_in / groups]);
                keys["groups"] = json!(groups);
                if random.flip() {
                    keys["bias"] = random.tensor(&[n_out]);
                }
            }
            if random.upto(4) == 0 {
                keys["stride"] = json!(1);
                keys["padding"] = json!(random.pick(&["same", "valid"]));
            }
            keys["weight"] = random.tensor(&weight);
            if random.flip() {
                keys["activation"] = json!(activation);
            }
            one(shape, keys)
        }
        "conv_transpose1d" | "conv_transpose2d" | "conv_transpose3d" => {
            let mut shape = random.sizes(rank, 3);
            let kernel = random.sizes(dims, 3);
            let groups = random.between(1, 2);
            let (n_in, n_out) = (groups * random.between(1, 2), random.between(1, 2));
            let mut weight = kernel.clone();
            let mut keys = json!({
                "stride": random.between(1, 3), "dilation": random.between(1, 2),
                "padding": random.padding(dims, 2),
                "output_padding": random.between(0, 1),
            });
            if rank > dims {
                shape[rank - dims - 1] = n_in;
                weight.splice(0..0, [n_in, n_out]);
                keys["groups"] = json!(groups);
                if random.flip() {
                    keys["bias"] = random.tensor(&[groups * n_out]);
                }
            }
            keys["weight"] = random.tensor(&weight);
            if random.flip() {
                keys["activation"] = json!(activation);
            }
            one(shape, keys)
        }
        "global_max_pool1d" | "global_max_pool2d" | "global_max_pool3d" => one(
            random.sizes(rank, side - 1),
            json!({ "ties": random.pick(&["first", "split", "all"]) }),
        ),
        "max_pool1d" | "max_pool2d" | "max_pool3d" | "avg_pool1d" | "avg_pool2d" | "avg_pool3d" => {
            let mut keys = json!({
                "kernel_size": random.between(1, 3), "stride": random.between(1, 3),
                "padding": random.padding(dims, 1), "ceil_mode": random.flip(),
            });
            if op.starts_with("max") {
                keys["dilation"] = json!(random.between(1, 2));
                keys["ties"] = json!(random.pick(&["first", "split", "all"]));
            } else {
                keys["count_include_pad"] = json!(random.flip());
            }
            if op.starts_with("avg_pool") && dims > 1 && random.flip() {
                keys["divisor_override"] = json!(3);
            }
            one(random.sizes(rank, side), keys)
        }
        "adaptive_avg_pool1d" | "adaptive_avg_pool2d" | "adaptive_avg_pool3d" => one(
            random.sizes(rank, side),
            json!({ "output_size": random.between(1, 4) }),
        ),
        "max_pool1d_indices" | "max_pool2d_indices" | "max_pool3d_indices" => one(
            random.sizes(rank, side),
            json!({
                "kernel_size": random.between(1, 3), "stride": random.between(1, 3),
                "padding": random.between(0, 1), "dilation": random.between(1, 2),
                "ceil_mode": random.flip(),
            }),
        ),
        "max_unpool1d" | "max_unpool2d" | "max_unpool3d" => {
            let shape = random.sizes(rank, 2);
            let maps = &shape[rank - dims..];
            let output: Vec<usize> = maps.iter().map(|size| size + random.upto(3)).collect();
            let n_input: usize = maps.iter().product();
            // Two with one place both get its gradient, which is no slope.
            let step = output.iter().product::<usize>() / n_input;
            let places: Vec<usize> = (0..shape.iter().product())
                .map(|at: usize| at % n_input * step)
                .collect();
            let mut subject = Subject::new(
                vec![shape.clone(), shape.clone()],
                json!({ "output_size": output }),
            );
            subject.second = Some(json!({ "shape": shape, "data": places }));
            subject
        }
        "relu" | "relu6" | "sigmoid" | "tanh" | "silu" | "exp" | "abs" | "neg" | "identity"
        | "selu" | "mish" | "hardswish" | "hardsigmoid" | "softsign" | "tanhshrink"
        | "logsigmoid" | "erf" | "sin" | "cos" | "atan" | "sign" | "floor" | "ceil" | "round" => {
            one(random.sizes(2, 3), json!({}))
        }
        "clamp" => one(
            random.sizes(2, 3),
            random.pick(&[
                json!({ "min": -0.25 }),
                json!({ "max": 0.5 }),
                json!({ "min": -0.5, "max": 0.25 }),
            ]),
        ),
        "softshrink" | "hardshrink" => one(random.sizes(2, 3), json!({ "lambd": 0.25 })),
        "threshold" => one(
            random.sizes(2, 3),
            json!({ "threshold": 0.25, "value": random.pick(&[0.0, -2.0]) }),
        ),
        "log" | "sqrt" => one(random.sizes(2, 3), json!({})).positive(),
        "pow" => one(
            random.sizes(2, 3),
            json!({ "exponent": random.pick(&[0.5, 2.0, 3.0, -1.0]) }),
        )
        .positive(),
        "leaky_relu" => one(random.sizes(2, 3), json!({ "negative_slope": 0.2 })),
        "elu" | "celu" => one(
            random.sizes(2, 3),
            json!({ "alpha": random.pick(&[1.0, 1.5]) }),
        ),
        "gelu" => one(
            random.sizes(2, 3),
            json!({ "approximate": random.pick(&["none", "tanh"]) }),
        ),
        "hardtanh" => one(
            random.sizes(2, 3),
            random.pick(&[json!({}), json!({ "min_val": -0.25, "max_val": 0.5 })]),
        ),
        "glu" => {
            let mut shape = random.sizes(2, 3);
            shape[1] *= 2;
            one(shape, json!({ "dim": 1 }))
        }
        "prelu" => {
            let shape = random.sizes(3, 3);
            let n_weights = random.pick(&[1, shape[1]]);
            one(shape, json!({ "weight": random.tensor(&[n_weights]) }))
        }
        "softplus" => one(
            random.sizes(2, 3),
            json!({ "beta": 2.0, "threshold": random.pick(&[20.0, 3.0]) }),
        ),
        "softmax" | "log_softmax" => {
            let rank = random.between(1, 3);
            one(
                random.sizes(rank, 4),
                json!({ "dim": random.upto(2 * rank) as i64 - rank as i64 }),
            )
        }
        "flatten" => one(
            random.sizes(3, 3),
            random.pick(&[
                json!({}),
                json!({ "start_dim": 1 }),
                json!({ "end_dim": -2 }),
            ]),
        ),
        "reshape" => one(vec![random.between(1, 3), 2], json!({ "shape": [2, -1] })),
        "permute" => one(
            random.sizes(3, 3),
            json!({ "dims": random.pick(&[[2, 0, 1], [0, 2, 1], [-1, 1, 0]]) }),
        ),
        "cat" => {
            let (shape, dim) = (random.sizes(2, 3), random.upto(2));
            let mut other = shape.clone();
            other[dim] = random.between(1, 3);
            Subject::new(vec![shape, other], json!({ "dim": dim }))
        }
        "stack" => {
            let shape = random.sizes(2, 3);
            Subject::new(
                vec![shape; random.between(1, 3)],
                json!({ "dim": random.upto(6) as i64 - 3 }),
            )
        }
        "slice" => one(
            vec![3, random.between(2, 5)],
            json!({ "dim": random.pick(&[1, -1]), "start": random.pick(&[0, 1, -2]),
                "end": random.pick(&[2, 5, -1]), "step": random.between(1, 2) }),
        ),
        "select" => one(
            random.sizes(3, 3),
            json!({ "dim": random.upto(3), "index": random.pick(&[0, -1]) }),
        ),
        "index_select" => one(
            vec![3, 2, 3],
            json!({ "dim": random.pick(&[0, 2, -1]), "index": [2, 0, 2, 1] }),
        ),
        "gather" => one(
            vec![2, 3],
            random.pick(&[
                json!({ "dim": 1, "index": [[0, 0], [2, 1]] }),
                json!({ "index": [[1, 0, 1], [1, 1, 0], [0, 0, 0]] }),
            ]),
        ),
        "embedding" => one(
            vec![4, random.between(1, 3)],
            json!({ "index": [[3, 0, 3], [1, 3, 0]] }),
        ),
        "expand" => {
            let n = random.between(1, 3);
            one(vec![1, n, 1], json!({ "size": [2, 3, -1, 2] }))
        }
        "repeat" => one(random.sizes(2, 3), json!({ "repeats": [2, 1, 3] })),
        "flip" => one(
            random.sizes(3, 3),
            json!({ "dims": random.pick(&[json!([0, -1]), json!([1])]) }),
        ),
        "roll" => one(
            random.sizes(2, 4),
            json!({ "shifts": [random.upto(9) as i64 - 4, 1], "dims": [1, 0] }),
        ),
        "tril" | "triu" => one(
            random.sizes(3, 4),
            json!({ "diagonal": random.upto(5) as i64 - 2 }),
        ),
        "pad" => one(
            vec![2, random.between(3, 4), random.between(3, 4)],
            json!({ "pad": random.pick(&[json!([1, 2]), json!([2, 0, 1, 1]), json!([-1, 2])]),
                "mode": random.pick(&["constant", "reflect", "replicate", "circular"]),
                "value": 0.5 }),
        ),
        "pixel_shuffle" => one(vec![1, 8, 2, 3], json!({ "upscale_factor": 2 })),
        "pixel_unshuffle" => one(vec![2, 4, 6], json!({ "downscale_factor": 2 })),
        "interpolate" => {
            let (mode, axes) = random.pick(&[
                ("nearest", 2),
                ("nearest-exact", 1),
                ("linear", 1),
                ("bilinear", 2),
                ("trilinear", 3),
                ("bicubic", 2),
            ]);
            let mut shape = vec![1, 2];
            shape.extend(random.sizes(axes, 4));
            let mut keys = json!({ "size": random.sizes(axes, 5), "mode": mode });
            if !mode.starts_with("nearest") && random.flip() {
                keys["align_corners"] = json!(true);
            }
            one(shape, keys)
        }
        "grid_sample" => {
            let axes = random.between(2, 3);
            let mut shape = vec![random.between(1, 2), 2];
            shape.extend(random.sizes(axes, 4));
            let mut grid = vec![shape[0]];
            grid.extend(random.sizes(axes, 2));
            grid.push(axes);
            let modes = ["bilinear", "nearest", "bicubic"];
            let keys = json!({
                "mode": random.pick(&modes[..5 - axes]),
                "padding_mode": random.pick(&["zeros", "border", "reflection"]),
                "align_corners": random.flip(),
            });
            Subject::new(vec![shape, grid], keys)
        }
        "unfold" => {
            let rank = random.between(3, 4);
            one(random.sizes(rank, 4), random.windows())
        }
        "fold" => {
            let mut keys = random.windows();
            let map = random.sizes(2, 4);
            let along = |axis: usize| {
                let of = |key: &str| keys[key][axis].as_u64().unwrap() as usize;
                let span = (of("kernel_size") - 1) * of("dilation") + 1;
                let room = (map[axis] + 2 * of("padding")).checked_sub(span)?;
                Some((of("kernel_size"), room / of("stride") + 1))
            };
            let (rows, columns) = (along(0).unwrap_or((1, 1)), along(1).unwrap_or((1, 1)));
            let n_channels = random.between(1, 2);
            let shape = vec![n_channels * rows.0 * columns.0, rows.1 * columns.1];
            keys["output_size"] = json!(map);
            one(shape, keys)
        }
        "add" | "sub" | "mul" | "div" => {
            let shape = random.sizes(2, 3);
            let broadcast = |random: &mut Random| match random.upto(4) {
                0 => vec![],
                1 => vec![shape[1]],
                2 => vec![shape[0], 1],
                _ => shape.clone(),
            };
            let mut inputs = vec![broadcast(random), broadcast(random)];
            if matches!(op, "add" | "mul") && random.flip() {
                inputs.push(broadcast(random));
            }
            let subject = Subject::new(inputs, json!({}));
            if op == "div" {
                subject.positive()
            } else {
                subject
            }
        }
        "matmul" => {
            let (n, k, m, batch) = (
                random.between(1, 3),
                random.between(1, 3),
                random.between(1, 3),
                random.between(1, 2),
            );
            let left = random.pick(&[vec![k], vec![n, k], vec![batch, n, k], vec![1, n, k]]);
            let right = random.pick(&[vec![k], vec![k, m], vec![batch, k, m]]);
            Subject::new(vec![left, right], json!({}))
        }
        "maximum" | "minimum" | "gt" | "ge" | "lt" | "le" | "eq" | "ne" => {
            let shape = random.sizes(2, 3);
            let other = random.pick(&[vec![], vec![shape[1]], shape.clone()]);
            Subject::new(vec![shape, other], json!({}))
        }
        "pow_tensor" => {
            let shape = random.sizes(2, 3);
            Subject::new(vec![shape.clone(), shape], json!({})).positive()
        }
        "where" => {
            let shape = random.sizes(2, 3);
            Subject::new(vec![shape.clone(), vec![shape[1]], shape], json!({}))
        }
        "prod" | "cumsum" | "max" | "min" => {
            let dim = random.upto(3);
            one(random.sizes(3, 3), json!({ "dim": dim }))
        }
        "logsumexp" | "amax" | "amin" => one(
            random.sizes(3, 3),
            json!({ "dim": random.pick(&[json!(0), json!([0, -1]), json!([])]),
                "keepdim": random.flip() }),
        ),
        "norm" => one(
            random.sizes(2, 3),
            json!({ "p": random.pick(&[1.0, 2.0, 3.0]), "dim": 1 }),
        ),
        "var" | "std" => {
            let mut shape = random.sizes(2, 3);
            shape[1] += 1;
            one(shape, json!({ "dim": 1, "correction": random.upto(2) }))
        }
        "sort" => one(
            random.sizes(2, 3),
            json!({ "dim": random.upto(2), "descending": random.flip() }),
        ),
        "topk" => one(
            random.sizes(2, 3),
            json!({ "k": random.between(1, 2), "largest": random.flip() }),
        ),
        "group_norm" | "instance_norm" => {
            let mut shape = random.sizes(3, 3);
            let mut keys = json!({ "eps": 0.1 });
            if op == "group_norm" {
                let n_groups = random.between(1, 2);
                shape[1] *= n_groups;
                keys["num_groups"] = json!(n_groups);
            }
            if random.flip() {
                keys["weight"] = random.tensor(&[shape[1]]);
                keys["bias"] = random.tensor(&[shape[1]]);
            }
            one(shape, keys)
        }
        "rms_norm" => {
            let shape = random.sizes(3, 3);
            let normalized = shape[random.between(1, 2)..].to_vec();
            let mut keys = json!({ "normalized_shape": normalized, "eps": 0.1 });
            if random.flip() {
                keys["weight"] = random.tensor(&normalized);
            }
            one(shape, keys)
        }
        "local_response_norm" => one(
            random.sizes(3, 3),
            json!({ "size": random.between(1, 4), "alpha": 0.5, "k": 2 }),
        ),
        "batch_norm" => {
            let rank = random.between(2, 4);
            let shape = random.sizes(rank, 3);
            let n_channels = shape[1];
            let mut keys = json!({ "eps": 0.1 });
            if random.flip() {
                keys["training"] = json!(true);
            } else {
                keys["running_mean"] = random.tensor(&[n_channels]);
                keys["running_var"] = random.positive(&[n_channels]);
            }
            if random.flip() {
                keys["weight"] = random.tensor(&[n_channels]);
                keys["bias"] = random.tensor(&[n_channels]);
            }
            one(shape, keys)
        }
        "layer_norm" => {
            let shape = random.sizes(3, 3);
            let normalized = shape[random.between(1, 2)..].to_vec();
            let mut keys = json!({ "normalized_shape": normalized, "eps": 0.1 });
            if random.flip() {
                keys["weight"] = random.tensor(&normalized);
                keys["bias"] = random.tensor(&normalized);
            }
            one(shape, keys)
        }
        "dropout" => {
            let shape = random.sizes(2, 3);
            let mask: Vec<usize> = (0..shape.iter().product())
                .map(|_| random.upto(2))
                .collect();
            one(
                shape.clone(),
                json!({ "mask": { "shape": shape, "data": mask }, "p": 0.25 }),
            )
        }
        "sum" | "mean" => {
            let dim = random.pick(&[json!(0), json!([0, -1]), json!([])]);
            one(
                random.sizes(3, 3),
                json!({ "dim": dim, "keepdim": random.flip() }),
            )
        }
        "l1_loss" | "smooth_l1_loss" | "huber_loss" | "mse_loss" => {
            let shape = random.sizes(2, 3);
            one(
                shape.clone(),
                json!({ "target": random.tensor(&shape),
                    "reduction": random.pick(&["mean", "sum", "none"]) }),
            )
        }
        "hinge_embedding_loss" => {
            let shape = random.sizes(2, 3);
            let sides: Vec<i32> = (0..shape.iter().product())
                .map(|_| random.pick(&[1, -1]))
                .collect();
            let target = json!({ "shape": shape, "data": sides });
            one(shape, json!({ "target": target, "margin": 0.5 }))
        }
        "kl_div" => {
            let shape = random.sizes(2, 3);
            one(
                shape.clone(),
                json!({ "target": random.positive(&shape), "log_target": random.flip(),
                    "reduction": random.pick(&["mean", "batchmean", "sum", "none"]) }),
            )
        }
        "binary_cross_entropy" => {
            let shape = random.sizes(2, 3);
            one(
                shape.clone(),
                json!({ "target": random.positive(&shape),
                    "reduction": random.pick(&["mean", "sum", "none"]) }),
            )
            .positive()
        }
        "binary_cross_entropy_with_logits" => {
            let shape = random.sizes(2, 3);
            let mut keys = json!({ "target": random.positive(&shape),
                "reduction": random.pick(&["mean", "sum", "none"]) });
            if random.flip() {
                keys["weight"] = random.positive(&shape);
                keys["pos_weight"] = random.positive(&[shape[1]]);
            }
            one(shape, keys)
        }
        "cross_entropy" | "nll_loss" => {
            let rank = random.between(1, 3);
            let shape = random.sizes(rank, 3);
            let class_axis = usize::from(rank > 1);
            let mut samples = shape.clone();
            let n_classes = samples.remove(class_axis);
            let mut keys = json!({ "target": random.classes(&samples, n_classes),
                "reduction": random.pick(&["mean", "sum", "none"]) });
            if random.flip() {
                keys["weight"] = random.positive(&[n_classes]);
            }
            if op == "cross_entropy" && random.flip() {
                keys["label_smoothing"] = json!(0.25);
                if random.flip() {
                    keys["target"] = random.positive(&shape);
                }
            }
            one(shape, keys)
        }
        unknown => panic!("no random layers of `{unknown}` are made yet: add them here"),
    }
}

/// Makes a network round a layer: its input also goes another way, and an inner neuron has an
/// upstream gradient of its own.
fn scenario(op: &str, seed: u64) -> Option<Scenario> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let Subject {
        inputs,
        keys,
        of_positive,
        second,
    } = subject(op, &mut random);
    let mut top = Map::new();
    let mut layers = Vec::new();
    let mut values = Map::new();
    for (number, shape) in inputs.iter().enumerate() {
        let places = second.as_ref().filter(|_| number == 1);
        let value = if let Some(places) = places {
            places.clone()
        } else if of_positive {
            random.positive(shape)
        } else {
            random.tensor(shape)
        };
        values.insert(format!("x{number}"), value);
        let pre = if places.is_some() { "identity" } else { "tanh" };
        layers.push(
            json!({ "name": format!("pre{number}"), "op": pre, "from": format!("x{number}") }),
        );
    }
    let mut from: Vec<String> = (0..inputs.len())
        .map(|number| format!("pre{number}"))
        .collect();
    if from.len() > 1 && inputs[0] == inputs[1] && second.is_none() && random.flip() {
        // The same tensor in two places of one layer.
        from[1] = from[0].clone();
    }
    let mut layer = keys;
    layer["name"] = json!("y");
    layer["op"] = json!(op);
    layer["from"] = json!(from);
    layers.push(layer);
    layers.push(json!({ "name": "flat", "op": "reshape", "shape": [-1], "from": "y" }));
    layers.push(json!({ "name": "weighted", "op": "mul", "from": ["flat", "scale"] }));
    layers.push(json!({ "name": "total", "op": "sum" }));
    layers.push(json!({ "name": "aside", "op": "mul", "from": ["pre0", "pre0"] }));
    layers.push(json!({ "name": "total_aside", "op": "sum" }));
    values.insert("scale".to_owned(), json!(random.number()));
    top.insert("backstep".to_owned(), json!(1));
    top.insert("inputs".to_owned(), Value::Object(values));
    top.insert("layers".to_owned(), Value::Array(layers));
    top.insert(
        "upstream".to_owned(),
        json!({ "total": random.number(), "total_aside": random.number(),
            "pre0": random.tensor(&inputs[0]) }),
    );
    let text = Value::Object(top).to_string();
    Scenario::read("random.json", text.as_bytes(), &NoFiles, Options::default()).ok()
}

fn backprop(scenario: &Scenario) -> Backprop {
    Backprop::run(scenario.tape(), scenario.upstream.clone())
}

/// Runs a law on many random networks of each op.
fn for_each_op(n_cases: u32, law: impl Fn(&str, &Backprop) -> Result<(), TestCaseError>) {
    for op in ops::names() {
        let config = Config {
            cases: n_cases,
            failure_persistence: None,
            max_global_rejects: 20 * n_cases,
            ..Config::default()
        };
        // The same layers every time: a test that fails now and then tells nobody anything.
        let mut runner =
            TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let result = runner.run(&any::<u64>(), |seed| match scenario(op, seed) {
            Some(scenario) => law(op, &backprop(&scenario)),
            None => Err(TestCaseError::reject("the layer does not fit together")),
        });
        result.unwrap_or_else(|error| panic!("{op}: {error}"));
    }
}

#[test]
fn a_gradient_is_the_sum_of_its_contributions_to_the_last_bit() {
    for_each_op(40, |_, backprop| {
        for (_, element) in backprop.steps().iter() {
            let mut sum = backprop.given(element).unwrap_or(0.0);
            backprop.terms(element, &mut |term| sum += term.product());
            let gradient = backprop.element(element);
            prop_assert_eq!(
                sum.to_bits(),
                gradient.to_bits(),
                "{}: {} or {}",
                backprop.network().address(element),
                sum,
                gradient
            );
        }
        Ok(())
    });
}

#[test]
fn a_gradient_is_the_slope_of_the_loss_away_from_kinks() {
    let measured: RefCell<BTreeMap<String, (usize, usize)>> = RefCell::default();
    for_each_op(30, |op, backprop| {
        for (_, element) in backprop.steps().iter() {
            let check = verify(backprop, element, &Cancel::default()).unwrap();
            let mut measured = measured.borrow_mut();
            let (right, all) = measured.entry(op.to_owned()).or_default();
            *right += usize::from(check.verdict == Verdict::Right);
            *all += 1;
            prop_assert_ne!(
                &check.verdict,
                &Verdict::Wrong,
                "{}: {:?}",
                backprop.network().address(element),
                check
            );
        }
        Ok(())
    });
    // An op that sees a kink everywhere would never be wrong.
    for (op, (right, all)) in measured.into_inner() {
        assert!(right * 2 > all, "{op}: {right} of {all} could be measured");
    }
}

#[test]
fn a_neuron_hears_from_whoever_looks_at_it_and_from_nobody_else() {
    for_each_op(20, |op, backprop| {
        let network = backprop.network();
        let (number, layer) = network
            .layers()
            .iter()
            .enumerate()
            .find(|(_, layer)| layer.op.name() == op)
            .unwrap();
        if layer.op.is_view() {
            return Ok(());
        }
        let run = backprop.layer_run(number);
        for (role, read) in layer.roles() {
            let mut looks_at: HashMap<usize, Vec<usize>> = HashMap::new();
            for output in 0..network.tensor(layer.output).shape.numel() {
                layer.op.receptive_field(&run, role, output, &mut |at| {
                    looks_at.entry(at).or_default().push(output)
                });
            }
            for at in 0..network.tensor(read).shape.numel() {
                let mut heard = Vec::new();
                layer
                    .op
                    .contributions(&run, role, at, &mut |term| heard.push(term.from.at));
                let expected = looks_at.remove(&at).unwrap_or_default();
                prop_assert_eq!(heard, expected, "{:?} of {} at {}", role, op, at);
            }
        }
        Ok(())
    });
}

#[test]
fn a_chain_of_causes_follows_the_largest_terms() {
    for_each_op(10, |_, backprop| {
        for (_, element) in backprop.steps().iter() {
            let chain = Chain::of(backprop, element, &Cancel::default()).unwrap();
            prop_assert_eq!(chain.frames[0].element, element);
            for pair in chain.frames.windows(2) {
                prop_assert_eq!(pair[0].leads, Leads::On(pair[1].element));
            }
            for frame in &chain.frames {
                let terms = backprop.contributions(frame.element);
                let largest = terms
                    .iter()
                    .map(|term| term.product().abs())
                    .reduce(f64::max);
                prop_assert_eq!(
                    frame.largest.as_ref().map(|(_, term)| term.product().abs()),
                    largest
                );
                prop_assert_eq!(frame.n_others, terms.len().saturating_sub(1));
            }
            let last = &chain.frames[chain.frames.len() - 1];
            prop_assert!(!matches!(last.leads, Leads::On(_)));
            // Only a gradient of zero ends where nothing is given, and a sum that is not zero never
            // ends in a zero term.
            if backprop.element(element) != 0.0 {
                prop_assert_eq!(last.leads, Leads::Given);
                prop_assert!(last.given.is_some());
            }
        }
        Ok(())
    });
}

#[test]
fn a_path_is_direct_where_a_neuron_hears_from_another() {
    for_each_op(6, |_, backprop| {
        let network = backprop.network();
        let outputs = network
            .layers()
            .iter()
            .filter(|layer| !layer.op.is_view())
            .map(|layer| layer.output);
        let outputs: Vec<Element> = outputs
            .flat_map(|tensor| {
                (0..network.tensor(tensor).shape.numel()).map(move |at| Element { tensor, at })
            })
            .collect();
        // What lies between two neurons is asked for again from everywhere.
        let paths = RefCell::new(HashMap::new());
        let path = |from: Element, to: Element| {
            let found = || Rc::new(backprop.tape().path(from, to));
            let mut paths = paths.borrow_mut();
            Rc::clone(paths.entry((from, to)).or_insert_with(found))
        };
        for (_, element) in backprop.steps().iter().step_by(5) {
            let nudged = OnceCell::new();
            let nudge = || {
                let tape = backprop.tape();
                tape.nudged(element, 0.5, &Cancel::default()).unwrap()
            };
            let contributors: HashSet<Element> = backprop
                .contributions(element)
                .iter()
                .map(|term| term.from)
                .collect();
            for &output in &outputs {
                let here = path(element, output);
                if backprop.reaches(output.tensor) {
                    prop_assert_eq!(here.is_direct, contributors.contains(&output));
                }
                let mut ways = here.by_way_of.iter();
                prop_assert!(ways.all(|way| path(element, *way).is_direct));
                let mut ways = here.by_way_of.iter();
                prop_assert!(ways.all(|way| path(*way, output).is_there()));
                if !here.is_there() && element != output {
                    // Nothing that is not computed from a neuron moves with it.
                    let (still, moved) = (
                        backprop.tape().element(output),
                        nudged.get_or_init(nudge).element(output),
                    );
                    prop_assert!(still.to_bits() == moved.to_bits());
                }
                let why = why_not(backprop, element, output, &Cancel::default()).unwrap();
                prop_assert!(!why.sentences.is_empty());
            }
        }
        Ok(())
    });
}

#[test]
fn every_step_has_its_number_and_every_number_its_step() {
    for_each_op(5, |_, backprop| {
        let steps = backprop.steps();
        for (step, element) in steps.iter() {
            prop_assert_eq!(steps.element(step), Some(element));
            prop_assert_eq!(steps.step_of(element), Some(step));
        }
        prop_assert_eq!(steps.iter().count(), steps.len());
        prop_assert_eq!(steps.element(steps.len()), None);
        Ok(())
    });
}
