//! Every slip of the catalogue with numbers that can be checked by hand: where it shows, and where
//! it is invisible.

use std::fmt::Write;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::marking::{
    Answered, Hypothesis, Numbers, Tolerance, mistakes, pairs, singles, slip, slips, swapped_two,
    term_slips,
};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Element, TensorId};
use backstep::words::{self, Disclosure};
use serde_json::{Value, json};

use crate::cases::flat;

/// A network of which the slip is made at one neuron.
struct Scene {
    scenario: Scenario,
    backprop: Backprop,
}

impl Scene {
    fn new(inputs: &Value, layers: Value, upstream: Value) -> Self {
        let layers = match layers {
            Value::Array(layers) => layers,
            mut only => {
                only["name"] = json!("y");
                vec![only]
            }
        };
        let inputs = if inputs.is_object() {
            inputs.clone()
        } else {
            json!({ "x": inputs })
        };
        let upstream = if upstream.is_object() {
            upstream
        } else {
            json!({ "y": upstream })
        };
        let text =
            json!({ "backstep": 1, "inputs": inputs, "layers": layers, "upstream": upstream })
                .to_string();
        let scenario = Scenario::read("scene", text.as_bytes(), &NoFiles, Options::default())
            .unwrap_or_else(|problem| panic!("{text}: {problem}"));
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        Self { scenario, backprop }
    }

    /// A network that is trained, and whose loss is a mean square.
    fn trained(x: Value, layers: &[Value], target: Value, train: Value) -> Self {
        let layers = layers.iter().cloned();
        let loss = json!({ "name": "loss", "op": "mse_loss", "target": target });
        let layers: Vec<Value> = layers.chain([loss]).collect();
        let text = json!({ "backstep": 1, "inputs": { "x": x }, "layers": layers, "train": train });
        let text = text.to_string();
        let scenario = Scenario::read("scene", text.as_bytes(), &NoFiles, Options::default())
            .unwrap_or_else(|problem| panic!("{text}: {problem}"));
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        Self { scenario, backprop }
    }

    /// One layer, y = [3, 0], whose weights have the gradients 6, 0, −6 and 0.
    fn descent(settings: Value) -> Self {
        let mut train = json!({ "optimizer": "sgd", "lr": 0.5 });
        train
            .as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let layer = json!({ "name": "y", "op": "linear", "weight": [[1, 2], [0, 1]] });
        Self::trained(json!([3, 0]), &[layer], json!([1, 2]), train)
    }

    /// Two layers in a row. The gradient of a.weight is 6 and 0, and that of y.weight 4.
    fn two_layers() -> Self {
        let a = json!({ "name": "a", "op": "linear", "weight": [[2, 7]] });
        let y = json!({ "name": "y", "op": "linear", "weight": [[3]] });
        let train = json!({ "optimizer": "sgd", "lr": 0.5 });
        Self::trained(json!([1, 0]), &[a, y], json!([5]), train)
    }

    fn tensor(&self, name: &str) -> TensorId {
        self.scenario.network.find(name).unwrap()
    }

    fn right(&self, tensor: TensorId) -> &[f64] {
        self.backprop.gradient(tensor).data()
    }

    /// The forms of a slip that have something to do in a tensor, for one who wrote `theirs`.
    fn forms(&self, id: &str, tensor: TensorId, theirs: &[f64]) -> Vec<Hypothesis> {
        let theirs: Numbers = theirs.iter().copied().map(Some).collect();
        let right = self.backprop.summed(tensor);
        let size = right
            .data()
            .iter()
            .fold(0.0, |size: f64, x| size.max(x.abs()));
        let answered = Answered {
            theirs: &theirs,
            right: right.data(),
            bounds: Tolerance::default().at(size),
        };
        let all = singles(&self.backprop, tensor, Some(&answered), &Cancel::default()).unwrap();
        all.into_iter()
            .filter(|hypothesis| hypothesis.ids().eq([id]))
            .collect()
    }
}

/// What a hypothesis comes to at an element, in words.
fn says(hypothesis: &Hypothesis, backprop: &Backprop, element: Element) -> String {
    let followed = hypothesis.followed(backprop, element);
    words::followed(backprop.network(), &followed, Disclosure::All)
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * other.abs().max(1.0)
}

/// The table of all slips: each with a scene, a tensor, and what the slip gives there in one of its
/// forms.
fn shown() -> Vec<(&'static str, Scene, &'static str, Value)> {
    let linear = |activation: Value| {
        let mut layer = json!({ "op": "linear", "weight": [[3, -1], [0.5, 2]] });
        if !activation.is_null() {
            layer["activation"] = activation;
        }
        Scene::new(&json!([1, 2]), layer, json!([2, 4]))
    };
    // z is 1 and 4.5, the right gradient of x is 8 and 6.
    let fc = || linear(Value::Null);
    let product = || {
        Scene::new(
            &json!([1, 2]),
            json!({ "op": "linear", "weight": [[3, -1], [0.5, 2]] }),
            json!([2, 5]),
        )
    };
    let alone = |layer: Value, x: Value, upstream: Value| Scene::new(&x, layer, upstream);
    let leaky = || {
        alone(
            json!({ "op": "leaky_relu", "negative_slope": 0.5 }),
            json!([1, -1]),
            json!([2, 4]),
        )
    };
    let sigmoid = || alone(json!({ "op": "sigmoid" }), json!([0]), json!([4]));
    let pool = |x: Value, upstream: Value| {
        alone(json!({ "op": "max_pool1d", "kernel_size": 2 }), x, upstream)
    };
    let windows = || pool(json!([1, 5, 4, 3]), json!([2, 6]));
    // The terms of x are 2, 6 and −3.
    let terms = || {
        alone(
            json!({ "op": "linear", "weight": [[2], [6], [-3]] }),
            json!([1]),
            json!([1, 1, 1]),
        )
    };
    let dropout = || {
        alone(
            json!({ "op": "dropout", "mask": [1, 0] }),
            json!([7, 8]),
            json!([2, 3]),
        )
    };
    // z is 1 and −1 in a, and −1 and 3 in y: the right gradient of a is 15 and 5.
    let masks = || {
        let layer = |name: &str, weight: Value| json!({ "name": name, "op": "linear", "weight": weight, "activation": "relu" });
        let layers = [
            layer("a", json!([[1, 0], [0, -1]])),
            layer("y", json!([[-1, 2], [3, 1]])),
        ];
        Scene::new(&json!([1, 1]), json!(layers), json!([2, 5]))
    };
    let entropy = || {
        alone(
            json!({ "op": "cross_entropy", "target": 0 }),
            json!([0, 0]),
            json!(1),
        )
    };
    let half_shut = json!({ "op": "linear", "weight": [[3, -1], [-2, 0]], "activation": "relu" });
    let mul = json!([{ "name": "y", "op": "mul", "from": ["a", "b"] }]);
    // Instead of 12, 123 and 230; of the kernel instead of 32, 321 and 210.
    let padded = || {
        let layer = json!({ "op": "conv1d", "weight": [1, 10, 100], "padding": 1 });
        alone(layer, json!([1, 10, 100]), json!([1, 2, 3]))
    };
    let sevenths = json!({ "op": "conv1d", "weight": [[[2], [3]], [[5], [7]]] });
    let branches = json!([
        { "name": "a", "op": "linear", "weight": [[2]] },
        { "name": "b", "op": "linear", "weight": [[5]], "from": "x" },
        { "name": "y", "op": "add", "from": ["a", "b"] },
    ]);
    let chain = json!([{ "name": "a", "op": "linear", "weight": [[2]] },
        { "name": "b", "op": "linear", "weight": [[3]] }]);
    let batch = || {
        alone(
            json!({ "op": "linear", "weight": [[3]] }),
            json!([[1], [2]]),
            json!([[2], [4]]),
        )
    };
    // Two filters of two places, and three windows, one place apart.
    let filters = || {
        let layer = json!({ "op": "conv1d", "weight": [[[1, 10]], [[2, 20]]] });
        alone(layer, json!([[1, 1, 1, 1]]), json!([[1, 3, 4], [1, 5, 2]]))
    };
    let lost = || {
        let layer = json!({ "op": "max_pool1d", "kernel_size": 2, "stride": 1 });
        alone(layer, json!([1, 5, 7]), json!([2, 4]))
    };
    let strided = || {
        let layer = json!({ "op": "conv1d", "weight": [1, 10], "stride": 2 });
        alone(layer, json!([1, 3, 5, 7]), json!([2, 4]))
    };
    // Two samples and two outputs: the right sums are 4 and 6.
    let square = || {
        let layer = json!({ "op": "linear", "weight": [[1], [1]], "bias": [0, 0] });
        alone(layer, json!([[1], [2]]), json!([[1, 2], [3, 4]]))
    };
    // One window, whose kernel is what comes back.
    let window = || {
        let layer = json!({ "op": "conv2d", "weight": [[1, 2], [3, 4]] });
        alone(layer, json!([[1, 1], [1, 1]]), json!([[1]]))
    };
    // Two windows, the second of which sends 100 and 1000.
    let two_windows = || {
        let layer = json!({ "op": "conv1d", "weight": [1, 10] });
        alone(layer, json!([1, 2, 3]), json!([1, 100]))
    };
    let two_filters = || {
        let layer = json!({ "op": "conv1d", "weight": [[[1, 10]], [[2, 3]]] });
        alone(layer, json!([[1, 1]]), json!([[1], [1]]))
    };
    let two_channels = || {
        let layer = json!({ "op": "conv1d", "weight": [[[1], [2]], [[3], [4]]] });
        alone(layer, json!([[1], [2]]), json!([[1], [10]]))
    };
    vec![
        ("forgot-the-weight", fc(), "x", json!([6, 6])),
        ("forgot-the-slope", leaky(), "x", json!([2, 4])),
        (
            "summed-the-upstream-gradients",
            alone(half_shut, json!([1, 2]), json!([2, 4])),
            "x",
            json!([6, 6]),
        ),
        ("forgot-the-upstream", fc(), "x", json!([3.5, 1])),
        ("slope-twice", leaky(), "x", json!([2, 1])),
        ("added-the-slope", leaky(), "x", json!([3, 4.5])),
        (
            "slope-at-the-output",
            sigmoid(),
            "x",
            json!([4.0 * 0.235_003_712_201_594_5]),
        ),
        ("output-instead-of-the-slope", sigmoid(), "x", json!([2])),
        ("slope-of-another-activation", sigmoid(), "x", json!([4])),
        ("slope-of-another-activation", sigmoid(), "x", json!([3])),
        (
            "gated-by-the-gradient",
            alone(json!({ "op": "relu" }), json!([1, -1]), json!([-2, 3])),
            "x",
            json!([0, 3]),
        ),
        ("mask-of-another-layer", masks(), "a", json!([-2, 4])),
        ("own-value-instead-of-the-weight", fc(), "x", json!([6, 12])),
        (
            "own-value-instead-of-the-weight",
            Scene::new(&json!({ "a": [2], "b": [5] }), mul, json!([3])),
            "a",
            json!([6]),
        ),
        (
            "weight-instead-of-the-input",
            fc(),
            "y.weight",
            json!([[6, -2], [2, 8]]),
        ),
        (
            "output-instead-of-the-input",
            fc(),
            "y.weight",
            json!([[2, 2], [18, 18]]),
        ),
        (
            "input-before-the-activation",
            masks(),
            "y.weight",
            json!([[0, 0], [5, -5]]),
        ),
        (
            "input-of-the-layer-before",
            masks(),
            "y.weight",
            json!([[0, 0], [5, 5]]),
        ),
        (
            "neighbouring-input",
            product(),
            "y.weight",
            json!([[4, 2], [10, 5]]),
        ),
        (
            "channels-exchanged",
            alone(sevenths.clone(), json!([[1], [1]]), json!([[1], [1]])),
            "x",
            json!([[5], [12]]),
        ),
        ("transposed-weight", fc(), "x", json!([2, 9])),
        (
            "kernel-flipped",
            alone(
                json!({ "op": "conv1d", "weight": [1, 10] }),
                json!([1, 2, 3]),
                json!([1, 100]),
            ),
            "x",
            json!([10, 1001, 100]),
        ),
        ("neighbouring-weight", fc(), "x", json!([6, 8])),
        ("pooled-to-everyone", windows(), "x", json!([2, 2, 6, 6])),
        (
            "pooled-in-equal-shares",
            windows(),
            "x",
            json!([1, 1, 3, 3]),
        ),
        (
            "winner-times-its-value",
            windows(),
            "x",
            json!([0, 10, 24, 0]),
        ),
        ("sent-to-the-smallest", windows(), "x", json!([2, 0, 0, 6])),
        (
            "sent-to-the-largest-magnitude",
            pool(json!([1, -5, 4, 3]), json!([2, 6])),
            "x",
            json!([0, 2, 6, 0]),
        ),
        (
            "sent-to-the-first-place",
            windows(),
            "x",
            json!([2, 0, 6, 0]),
        ),
        (
            "other-tie-rule",
            pool(json!([5, 5, 2, 1]), json!([6, 1])),
            "x",
            json!([0, 6, 1, 0]),
        ),
        (
            "other-tie-rule",
            pool(json!([5, 5, 2, 1]), json!([6, 1])),
            "x",
            json!([3, 3, 1, 0]),
        ),
        (
            "other-tie-rule",
            pool(json!([5, 5, 2, 1]), json!([6, 1])),
            "x",
            json!([6, 6, 1, 0]),
        ),
        (
            "forgot-the-share",
            alone(
                json!({ "op": "avg_pool1d", "kernel_size": 2 }),
                json!([1, 3]),
                json!([4]),
            ),
            "x",
            json!([4, 4]),
        ),
        (
            "forgot-the-share",
            alone(
                json!({ "op": "adaptive_avg_pool1d", "output_size": 1 }),
                json!([1, 3]),
                json!([4]),
            ),
            "x",
            json!([4, 4]),
        ),
        (
            "forgot-the-mean",
            alone(json!({ "op": "mean" }), json!([1, 2, 3, 4]), json!(1)),
            "x",
            json!([1, 1, 1, 1]),
        ),
        (
            "forgot-the-mean",
            alone(
                json!({ "op": "mse_loss", "target": [1, 1] }),
                json!([4, 0]),
                json!(1),
            ),
            "x",
            json!([6, -2]),
        ),
        (
            "forgot-the-two",
            alone(
                json!({ "op": "mse_loss", "target": [1, 1] }),
                json!([4, 0]),
                json!(1),
            ),
            "x",
            json!([1.5, -0.5]),
        ),
        (
            "forgot-the-target",
            alone(
                json!({ "op": "cross_entropy", "target": 1 }),
                json!([0, 0]),
                json!(1),
            ),
            "x",
            json!([0.5, 0.5]),
        ),
        (
            "target-counted-from-one",
            alone(
                json!({ "op": "cross_entropy", "target": [2, 0] }),
                json!([[0, 0, 0], [0, 0, 0]]),
                json!(6),
            ),
            "x",
            json!([[1, -2, 1], [-2, 1, 1]]),
        ),
        ("forgot-the-softmax", entropy(), "x", json!([-1, 0])),
        (
            "slope-of-the-probability-too",
            entropy(),
            "x",
            json!([-0.125, 0.125]),
        ),
        (
            "softmax-twice",
            alone(
                json!({ "op": "cross_entropy", "target": 1 }),
                json!([1.098_612_288_668_109_8, 0]),
                json!(1),
            ),
            "x",
            json!([0.622_459_331_201_854_6, -0.622_459_331_201_854_6]),
        ),
        (
            "softmax-twice",
            alone(
                json!({ "op": "cross_entropy", "target": 1 }),
                json!([1.098_612_288_668_109_8, 0]),
                json!(1),
            ),
            "x",
            json!([0.233_422_249_200_695_5, -0.233_422_249_200_695_5]),
        ),
        (
            "only-the-diagonal",
            alone(json!({ "op": "softmax" }), json!([0, 0]), json!([4, 0])),
            "x",
            json!([1, 0]),
        ),
        (
            "statistics-as-constants",
            alone(
                json!({ "op": "layer_norm", "normalized_shape": 2, "eps": 0, "weight": [3, 3] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x",
            json!([6, 12]),
        ),
        (
            "mean-as-a-constant",
            alone(
                json!({ "op": "layer_norm", "normalized_shape": 2, "eps": 0, "weight": [3, 3] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x",
            json!([9, 9]),
        ),
        (
            "variance-as-a-constant",
            alone(
                json!({ "op": "layer_norm", "normalized_shape": 2, "eps": 0, "weight": [3, 3] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x",
            json!([-3, 3]),
        ),
        ("forgot-the-mask", dropout(), "x", json!([4, 6])),
        ("forgot-the-keep-scale", dropout(), "x", json!([2, 0])),
        (
            "kernel-flipped-along-one-axis",
            window(),
            "x",
            json!([[3, 4], [1, 2]]),
        ),
        (
            "kernel-flipped-along-one-axis",
            window(),
            "x",
            json!([[2, 1], [4, 3]]),
        ),
        ("kernel-transposed", window(), "x", json!([[1, 3], [2, 4]])),
        ("multiplied-instead-of-added", terms(), "x", json!([-36])),
        (
            "averaged-instead-of-added",
            terms(),
            "x",
            json!([5.0 / 3.0]),
        ),
        ("kept-only-the-largest", terms(), "x", json!([6])),
        ("kept-only-the-last", terms(), "x", json!([-3])),
        ("kept-only-the-first", terms(), "x", json!([2])),
        (
            "forgot-a-branch",
            Scene::new(&json!([1]), branches.clone(), json!([1])),
            "x",
            json!([2]),
        ),
        (
            "forgot-a-branch",
            Scene::new(&json!([1]), branches, json!([1])),
            "x",
            json!([5]),
        ),
        (
            "channels-not-summed",
            alone(sevenths, json!([[1], [1]]), json!([[1], [1]])),
            "x",
            json!([[2], [7]]),
        ),
        ("padding-one-off", padded(), "x", json!([123, 230, 300])),
        ("padding-one-off", padded(), "y.weight", json!([3, 32, 321])),
        ("divided-by-the-batch", batch(), "y.weight", json!([[5]])),
        (
            "averaged-over-the-uses",
            Scene::new(&json!([3]), used_twice(), json!([1])),
            "a.weight",
            json!([[6]]),
        ),
        (
            "forgot-the-given-upstream",
            Scene::new(&json!([1]), chain, json!({ "a": [5], "b": [1] })),
            "a",
            json!([3]),
        ),
        ("wrong-sign", terms(), "x", json!([-5])),
        // Of the windows that see a place the last one is left, with what both filters send.
        (
            "kept-only-the-last-window",
            filters(),
            "x",
            json!([[3, 3 + 10, 4 + 4, 80]]),
        ),
        // The last window has its third place on the padding, where there is nothing.
        (
            "kept-only-the-last-window",
            padded(),
            "y.weight",
            json!([30, 300, 0]),
        ),
        // The second window overwrites what the first one has sent to the place that wins it.
        ("kept-only-the-last-window", lost(), "x", json!([0, 0, 4])),
        ("kept-only-one-sample", batch(), "y.weight", json!([[8]])),
        ("kept-only-one-sample", batch(), "y.weight", json!([[2]])),
        ("kept-only-one-sample", batch(), "x", json!([[6], [0]])),
        (
            "forgot-the-stride",
            strided(),
            "x",
            json!([2, 20 + 4, 40, 0]),
        ),
        (
            "forgot-the-stride",
            strided(),
            "y.weight",
            json!([2 + 4 * 3, 2 * 3 + 4 * 5]),
        ),
        (
            "summed-over-other-axes",
            square(),
            "y.bias",
            json!([1 + 2, 3 + 4]),
        ),
        ("kept-only-one-filter", two_filters(), "x", json!([[1, 10]])),
        ("kept-only-one-filter", two_filters(), "x", json!([[2, 3]])),
        (
            "forgot-the-last-windows",
            two_windows(),
            "x",
            json!([1, 10, 0]),
        ),
        (
            "forgot-the-last-windows",
            two_windows(),
            "y.weight",
            json!([1, 2]),
        ),
        (
            "added-instead-of-subtracted",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[4, 2], [-3, 1]]),
        ),
        (
            "old-value-left-out",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[-3, 0], [3, 0]]),
        ),
        (
            "step-left-out",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[1, 2], [0, 1]]),
        ),
        (
            "rate-left-out",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[-5, 2], [6, 1]]),
        ),
        (
            "rate-taken-twice",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[-0.5, 2], [1.5, 1]]),
        ),
        (
            "momentum-forgotten",
            Scene::descent(json!({ "momentum": 0.5, "nesterov": true })),
            "y.weight.new",
            json!([[-2, 2], [3, 1]]),
        ),
        (
            "weight-decay-left-out",
            Scene::descent(json!({ "weight_decay": 0.2 })),
            "y.weight.new",
            json!([[-2, 2], [3, 1]]),
        ),
        (
            "sum-instead-of-the-mean",
            Scene::descent(json!({})),
            "y.weight.new",
            json!([[-5, 2], [6, 1]]),
        ),
        (
            "updated-weights-used",
            Scene::two_layers(),
            "a.weight.new",
            json!([[1, 7]]),
        ),
        (
            "updated-weights-used",
            Scene::two_layers(),
            "a.weight",
            json!([[2, 0]]),
        ),
        (
            "transposed",
            product(),
            "y.weight",
            json!([[2, 5], [4, 10]]),
        ),
        (
            "reshaped-instead-of-transposed",
            alone(
                json!({ "op": "linear", "weight": [[1, 1, 1], [1, 1, 1]] }),
                json!([1, 2, 3]),
                json!([2, 5]),
            ),
            "y.weight",
            json!([[2, 5, 4], [10, 6, 15]]),
        ),
        ("rotated", product(), "y.weight", json!([[10, 5], [4, 2]])),
        ("shifted", product(), "y.weight", json!([[4, 2], [10, 5]])),
        ("before-the-activation", masks(), "a", json!([15, 0])),
        (
            "constant-factor",
            product(),
            "y.weight",
            json!([[6, 12], [15, 30]]),
        ),
        ("copied-the-values", fc(), "x", json!([1, 2])),
        ("left-at-zero", fc(), "x", json!([0, 0])),
        (
            "rounded-early",
            alone(
                json!({ "op": "linear", "weight": [[1.0444]] }),
                json!([1]),
                json!([10.04]),
            ),
            "x",
            json!([10]),
        ),
        (
            "channels-exchanged-in-the-result",
            two_channels(),
            "y.weight",
            json!([[[1], [10]], [[2], [20]]]),
        ),
    ]
}

/// For each slip a scene and a neuron where it has something to do, and yet gives the right number
/// in one of its forms.
fn hidden() -> Vec<(&'static str, Scene, &'static str)> {
    let scene = |layer: Value, x: Value, upstream: Value| Scene::new(&x, layer, upstream);
    // Every neuron lets through what arrives.
    let open = || {
        let layer = |name: &str| json!({ "name": name, "op": "linear", "weight": [[1, 2], [2, 1]], "activation": "relu" });
        let layers = [layer("a"), layer("y")];
        Scene::new(&json!([1, 1]), json!(layers), json!([2, 5]))
    };
    let linear = |weight: Value, x: Value, upstream: Value| {
        scene(json!({ "op": "linear", "weight": weight }), x, upstream)
    };
    // A kernel of which every turn is the same.
    let even = || {
        let layer = json!({ "op": "conv2d", "weight": [[1, 1], [1, 1]] });
        scene(layer, json!([[1, 1], [1, 1]]), json!([[1]]))
    };
    let ones = || linear(json!([[1]]), json!([1]), json!([1]));
    let terms = |weight: Value| linear(weight, json!([1]), json!([1, 1]));
    let relu = || scene(json!({ "op": "relu" }), json!([1]), json!([2]));
    let pool = |x: Value| {
        scene(
            json!({ "op": "max_pool1d", "kernel_size": 2 }),
            x,
            json!([2]),
        )
    };
    let single = || {
        scene(
            json!({ "op": "max_pool1d", "kernel_size": 1 }),
            json!([3]),
            json!([2]),
        )
    };
    let dropout = |p: f64| {
        scene(
            json!({ "op": "dropout", "mask": [1], "p": p }),
            json!([7]),
            json!([2]),
        )
    };
    let product = |x: Value, upstream: Value| linear(json!([[3, -1], [0.5, 2]]), x, upstream);
    let branches = json!([
        { "name": "a", "op": "linear", "weight": [[2]] },
        { "name": "b", "op": "linear", "weight": [[0]], "from": "x" },
        { "name": "y", "op": "add", "from": ["a", "b"] },
    ]);
    let chain = json!([{ "name": "a", "op": "linear", "weight": [[2]] },
        { "name": "b", "op": "linear", "weight": [[3]] }]);
    let diagonal = json!({ "op": "conv1d", "weight": [[[2], [0]], [[0], [7]]] });
    vec![
        ("forgot-the-weight", ones(), "x[0]"),
        ("forgot-the-slope", relu(), "x[0]"),
        ("summed-the-upstream-gradients", ones(), "x[0]"),
        ("forgot-the-upstream", ones(), "x[0]"),
        ("slope-twice", relu(), "x[0]"),
        (
            "added-the-slope",
            scene(
                json!({ "op": "leaky_relu", "negative_slope": 2 }),
                json!([-1]),
                json!([2]),
            ),
            "x[0]",
        ),
        (
            "slope-at-the-output",
            scene(json!({ "op": "tanh" }), json!([0]), json!([2])),
            "x[0]",
        ),
        ("output-instead-of-the-slope", relu(), "x[0]"),
        (
            "slope-of-another-activation",
            scene(json!({ "op": "leaky_relu" }), json!([1]), json!([2])),
            "x[0]",
        ),
        ("gated-by-the-gradient", relu(), "x[0]"),
        ("mask-of-another-layer", open(), "a[0]"),
        ("own-value-instead-of-the-weight", ones(), "x[0]"),
        ("weight-instead-of-the-input", ones(), "y.weight[0,0]"),
        ("output-instead-of-the-input", ones(), "y.weight[0,0]"),
        ("input-before-the-activation", open(), "y.weight[0,0]"),
        (
            "input-of-the-layer-before",
            Scene::new(
                &json!([5, 4]),
                json!([
                    { "name": "pool", "op": "max_pool1d", "kernel_size": 2 },
                    { "name": "y", "op": "linear", "weight": [[1]] },
                ]),
                json!([2]),
            ),
            "y.weight[0,0]",
        ),
        (
            "neighbouring-input",
            product(json!([2, 2]), json!([2, 4])),
            "y.weight[0,0]",
        ),
        (
            "channels-exchanged",
            scene(
                json!({ "op": "conv1d", "weight": [[[2], [3]], [[3], [7]]] }),
                json!([[1], [1]]),
                json!([[1], [1]]),
            ),
            "x[0,0]",
        ),
        (
            "transposed-weight",
            linear(json!([[3, 1], [1, 2]]), json!([1, 1]), json!([2, 4])),
            "x[0]",
        ),
        (
            "kernel-flipped",
            scene(
                json!({ "op": "conv1d", "weight": [2, 2] }),
                json!([1, 2, 3]),
                json!([1, 5]),
            ),
            "x[1]",
        ),
        (
            "neighbouring-weight",
            linear(json!([[3, 3]]), json!([1, 2]), json!([1])),
            "x[0]",
        ),
        ("pooled-to-everyone", single(), "x[0]"),
        ("pooled-in-equal-shares", single(), "x[0]"),
        ("winner-times-its-value", pool(json!([0, 1])), "x[1]"),
        ("sent-to-the-smallest", single(), "x[0]"),
        ("sent-to-the-largest-magnitude", pool(json!([1, 5])), "x[1]"),
        ("sent-to-the-first-place", pool(json!([5, 1])), "x[0]"),
        ("other-tie-rule", pool(json!([5, 5])), "x[0]"),
        (
            "forgot-the-share",
            scene(
                json!({ "op": "avg_pool1d", "kernel_size": 1 }),
                json!([3]),
                json!([2]),
            ),
            "x[0]",
        ),
        (
            "forgot-the-mean",
            scene(json!({ "op": "mean" }), json!([5]), json!(2)),
            "x[0]",
        ),
        (
            "forgot-the-two",
            scene(
                json!({ "op": "mse_loss", "target": [4] }),
                json!([4]),
                json!(1),
            ),
            "x[0]",
        ),
        (
            "forgot-the-target",
            scene(
                json!({ "op": "binary_cross_entropy_with_logits", "target": [0] }),
                json!([0.3]),
                json!(1),
            ),
            "x[0]",
        ),
        (
            "target-counted-from-one",
            scene(
                json!({ "op": "cross_entropy", "target": 1 }),
                json!([0, 0, 0]),
                json!(3),
            ),
            "x[2]",
        ),
        (
            "forgot-the-softmax",
            scene(
                json!({ "op": "cross_entropy", "target": 0 }),
                json!([0.5, 0.5]),
                json!(1),
            ),
            "x[0]",
        ),
        (
            "slope-of-the-probability-too",
            scene(
                json!({ "op": "cross_entropy", "target": [0.5, 0.5] }),
                json!([0, 0]),
                json!(1),
            ),
            "x[0]",
        ),
        (
            "softmax-twice",
            scene(
                json!({ "op": "cross_entropy", "target": 1 }),
                json!([0, 0]),
                json!(1),
            ),
            "x[0]",
        ),
        (
            "only-the-diagonal",
            scene(json!({ "op": "softmax" }), json!([3]), json!([2])),
            "x[0]",
        ),
        (
            "statistics-as-constants",
            scene(
                json!({ "op": "layer_norm", "normalized_shape": 2, "weight": [0, 0] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x[0]",
        ),
        (
            "mean-as-a-constant",
            scene(
                json!({ "op": "layer_norm", "normalized_shape": 2, "weight": [0, 0] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x[0]",
        ),
        (
            "variance-as-a-constant",
            scene(
                json!({ "op": "layer_norm", "normalized_shape": 2, "weight": [0, 0] }),
                json!([1, 3]),
                json!([2, 4]),
            ),
            "x[0]",
        ),
        ("forgot-the-mask", dropout(0.5), "x[0]"),
        ("forgot-the-keep-scale", dropout(0.0), "x[0]"),
        ("kernel-flipped-along-one-axis", even(), "x[0,0]"),
        ("kernel-transposed", even(), "x[0,1]"),
        (
            "multiplied-instead-of-added",
            terms(json!([[2], [2]])),
            "x[0]",
        ),
        (
            "averaged-instead-of-added",
            terms(json!([[2], [-2]])),
            "x[0]",
        ),
        ("kept-only-the-largest", terms(json!([[0], [2]])), "x[0]"),
        ("kept-only-the-last", terms(json!([[0], [2]])), "x[0]"),
        ("kept-only-the-first", terms(json!([[2], [0]])), "x[0]"),
        (
            "forgot-a-branch",
            Scene::new(&json!([1]), branches, json!([1])),
            "x[0]",
        ),
        (
            "channels-not-summed",
            scene(diagonal, json!([[1], [1]]), json!([[1], [1]])),
            "x[0,0]",
        ),
        (
            "padding-one-off",
            scene(
                json!({ "op": "conv1d", "weight": [1, 1, 1], "padding": 1 }),
                json!([5, 6, 7, 8, 9]),
                json!([2, 2, 2, 2, 2]),
            ),
            "x[2]",
        ),
        (
            "divided-by-the-batch",
            linear(json!([[3]]), json!([[1], [2]]), json!([[2], [-1]])),
            "y.weight[0,0]",
        ),
        (
            "averaged-over-the-uses",
            Scene::new(&json!([0]), used_twice(), json!([1])),
            "a.weight[0,0]",
        ),
        (
            "forgot-the-given-upstream",
            Scene::new(&json!([1]), chain, json!({ "a": [0], "b": [1] })),
            "a[0]",
        ),
        ("wrong-sign", terms(json!([[2], [-2]])), "x[0]"),
        (
            "kept-only-the-last-window",
            scene(
                json!({ "op": "conv1d", "weight": [[[1, 1]], [[1, 1]]] }),
                json!([[1, 1, 1]]),
                json!([[0, 1], [0, 2]]),
            ),
            "x[0,1]",
        ),
        (
            "kept-only-one-sample",
            linear(json!([[3]]), json!([[1], [2]]), json!([[0], [4]])),
            "y.weight[0,0]",
        ),
        (
            "forgot-the-stride",
            scene(
                json!({ "op": "conv1d", "weight": [1, 2], "stride": 2 }),
                json!([1, 1, 1, 1]),
                json!([2, 4]),
            ),
            "y.weight[0]",
        ),
        (
            "summed-over-other-axes",
            scene(
                json!({ "op": "linear", "weight": [[1], [1]], "bias": [0, 0] }),
                json!([[1], [2]]),
                json!([[1, 2], [2, 4]]),
            ),
            "y.bias[0]",
        ),
        (
            "kept-only-one-filter",
            scene(
                json!({ "op": "conv1d", "weight": [[[1]], [[2]]] }),
                json!([[1]]),
                json!([[3], [0]]),
            ),
            "x[0,0]",
        ),
        (
            "forgot-the-last-windows",
            scene(
                json!({ "op": "conv1d", "weight": [1, 10] }),
                json!([1, 2, 3]),
                json!([1, 0]),
            ),
            "x[1]",
        ),
        (
            "added-instead-of-subtracted",
            Scene::descent(json!({})),
            "y.weight.new[0,1]",
        ),
        (
            "old-value-left-out",
            Scene::descent(json!({})),
            "y.weight.new[1,0]",
        ),
        (
            "step-left-out",
            Scene::descent(json!({})),
            "y.weight.new[0,1]",
        ),
        (
            "rate-left-out",
            Scene::descent(json!({})),
            "y.weight.new[0,1]",
        ),
        (
            "rate-taken-twice",
            Scene::descent(json!({})),
            "y.weight.new[0,1]",
        ),
        (
            "momentum-forgotten",
            Scene::descent(json!({ "momentum": 0.5 })),
            "y.weight.new[0,0]",
        ),
        (
            "weight-decay-left-out",
            Scene::descent(json!({ "weight_decay": 0.2 })),
            "y.weight.new[1,0]",
        ),
        (
            "sum-instead-of-the-mean",
            Scene::descent(json!({})),
            "y.weight.new[0,1]",
        ),
        (
            "updated-weights-used",
            Scene::two_layers(),
            "a.weight.new[0,1]",
        ),
        (
            "transposed",
            product(json!([1, 2]), json!([2, 4])),
            "y.weight[0,1]",
        ),
        (
            "reshaped-instead-of-transposed",
            linear(
                json!([[1, 1, 1], [1, 1, 1]]),
                json!([1, 2, 3]),
                json!([2, 5]),
            ),
            "y.weight[0,0]",
        ),
        (
            "rotated",
            product(json!([1, 1]), json!([2, 2])),
            "y.weight[0,1]",
        ),
        (
            "shifted",
            product(json!([1, 1]), json!([2, 2])),
            "y.weight[0,1]",
        ),
        ("before-the-activation", open(), "a[0]"),
        (
            "constant-factor",
            linear(json!([[1, 2, 3, 0]]), json!([1, 1, 1, 1]), json!([1])),
            "x[3]",
        ),
        ("copied-the-values", ones(), "x[0]"),
        ("left-at-zero", terms(json!([[2], [-2]])), "x[0]"),
        (
            "rounded-early",
            linear(json!([[3]]), json!([1]), json!([2])),
            "x[0]",
        ),
        (
            "channels-exchanged-in-the-result",
            scene(
                json!({ "op": "conv1d", "weight": [[[1], [2]], [[3], [4]]] }),
                json!([[1], [2]]),
                json!([[1], [10]]),
            ),
            "y.weight[0,0,0]",
        ),
    ]
}

/// Two layers with one weight, 2.
fn used_twice() -> Value {
    json!([
        { "name": "a", "op": "linear", "weight": [[2]] },
        { "name": "y", "op": "linear", "weight": { "parameter": "a.weight" } },
    ])
}

/// The ids of the catalogue's three tables, in their order.
const CATALOGUE: [&str; 81] = [
    "forgot-the-weight",
    "forgot-the-slope",
    "summed-the-upstream-gradients",
    "forgot-the-upstream",
    "slope-twice",
    "added-the-slope",
    "slope-at-the-output",
    "output-instead-of-the-slope",
    "slope-of-another-activation",
    "gated-by-the-gradient",
    "mask-of-another-layer",
    "own-value-instead-of-the-weight",
    "weight-instead-of-the-input",
    "output-instead-of-the-input",
    "input-before-the-activation",
    "input-of-the-layer-before",
    "neighbouring-input",
    "channels-exchanged",
    "transposed-weight",
    "kernel-flipped",
    "neighbouring-weight",
    "pooled-to-everyone",
    "pooled-in-equal-shares",
    "winner-times-its-value",
    "sent-to-the-smallest",
    "sent-to-the-largest-magnitude",
    "sent-to-the-first-place",
    "other-tie-rule",
    "forgot-the-share",
    "forgot-the-mean",
    "forgot-the-two",
    "forgot-the-target",
    "target-counted-from-one",
    "forgot-the-softmax",
    "slope-of-the-probability-too",
    "softmax-twice",
    "only-the-diagonal",
    "statistics-as-constants",
    "mean-as-a-constant",
    "variance-as-a-constant",
    "forgot-the-mask",
    "forgot-the-keep-scale",
    "kernel-flipped-along-one-axis",
    "kernel-transposed",
    "multiplied-instead-of-added",
    "averaged-instead-of-added",
    "kept-only-the-largest",
    "kept-only-the-last",
    "kept-only-the-first",
    "forgot-a-branch",
    "channels-not-summed",
    "padding-one-off",
    "divided-by-the-batch",
    "averaged-over-the-uses",
    "forgot-the-given-upstream",
    "wrong-sign",
    "kept-only-the-last-window",
    "kept-only-one-sample",
    "forgot-the-stride",
    "summed-over-other-axes",
    "kept-only-one-filter",
    "forgot-the-last-windows",
    "added-instead-of-subtracted",
    "old-value-left-out",
    "step-left-out",
    "rate-left-out",
    "rate-taken-twice",
    "momentum-forgotten",
    "weight-decay-left-out",
    "sum-instead-of-the-mean",
    "updated-weights-used",
    "transposed",
    "reshaped-instead-of-transposed",
    "rotated",
    "shifted",
    "before-the-activation",
    "constant-factor",
    "copied-the-values",
    "left-at-zero",
    "rounded-early",
    "channels-exchanged-in-the-result",
];

#[test]
fn the_table_is_the_catalogue_and_the_tests_are_the_table() {
    assert_eq!(slips().map(|slip| slip.id).collect::<Vec<_>>(), CATALOGUE);
    assert!(slips().map(|slip| slip.stage()).is_sorted());
    let mut shown: Vec<_> = shown().iter().map(|row| row.0).collect();
    shown.dedup();
    assert_eq!(shown, CATALOGUE);
    assert_eq!(
        hidden().iter().map(|row| row.0).collect::<Vec<_>>(),
        CATALOGUE
    );
}

#[test]
fn a_slip_gives_its_wrong_numbers() {
    let mut said = String::new();
    for (id, scene, tensor, wrong) in shown() {
        let (tensor, wrong) = (scene.tensor(tensor), flat(&wrong));
        let right = scene.right(tensor);
        assert!(
            right
                .iter()
                .zip(&wrong)
                .any(|(right, wrong)| !near(*wrong, *right)),
            "{id} does not show"
        );
        let forms = scene.forms(id, tensor, &wrong);
        let gradients: Vec<_> = forms
            .iter()
            .map(|hypothesis| hypothesis.gradient(&scene.backprop, tensor).unwrap())
            .collect();
        let is_wrong = |gradient: &Vec<f64>| {
            gradient
                .iter()
                .zip(&wrong)
                .all(|(one, other)| near(*one, *other))
        };
        let form = gradients
            .iter()
            .position(is_wrong)
            .unwrap_or_else(|| panic!("{id}: {gradients:?} instead of {wrong:?}"));
        let at = right
            .iter()
            .zip(&wrong)
            .position(|(right, wrong)| !near(*wrong, *right))
            .unwrap();
        let element = Element { tensor, at };
        let address = scene.scenario.network.address(element);
        writeln!(
            said,
            "{id}, {address}: {}",
            says(&forms[form], &scene.backprop, element)
        )
        .unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_slip_may_be_invisible() {
    for (id, scene, element) in hidden() {
        let element = scene
            .scenario
            .network
            .element(&element.parse().unwrap())
            .unwrap();
        let right = scene.right(element.tensor);
        // Whoever multiplies by 3 shows it elsewhere.
        let theirs: Vec<f64> = if id == "constant-factor" {
            right.iter().map(|right| 3.0 * right).collect()
        } else {
            right.to_vec()
        };
        let forms = scene.forms(id, element.tensor, &theirs);
        let numbers: Vec<_> = forms
            .iter()
            .filter_map(|hypothesis| hypothesis.element(&scene.backprop, element))
            .collect();
        assert!(
            numbers
                .iter()
                .any(|number| near(*number, right[element.at])),
            "{id}: {numbers:?} and {}",
            right[element.at]
        );
    }
}

#[test]
fn the_mistakes_at_a_neuron_are_the_single_slips_that_have_something_to_do_there() {
    let scenario = backstep::gallery::find("the-question")
        .unwrap()
        .open(Options::default())
        .unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let mut said = String::new();
    for address in ["pool[0,0]", "pool[1,0]", "x[1,0]", "fc.weight[0,1]"] {
        let element = scenario.network.element(&address.parse().unwrap()).unwrap();
        writeln!(said, "{address} = {}", backprop.element(element)).unwrap();
        for mistake in mistakes(&backprop, element) {
            assert_eq!(
                mistake.hypothesis().element(&backprop, element),
                Some(mistake.number)
            );
            let hidden = if mistake.shows {
                ""
            } else {
                " (invisible here)"
            };
            writeln!(
                said,
                "  {}{hidden}",
                says(&mistake.hypothesis(), &backprop, element)
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_pair_is_told_in_one_sentence() {
    let scenario = backstep::gallery::find("the-question")
        .unwrap()
        .open(Options::default())
        .unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let element = scenario
        .network
        .element(&"pool[0,1]".parse().unwrap())
        .unwrap();
    let pairs = pairs(&backprop, element.tensor, &Cancel::default()).unwrap();
    let says = |ids: [&str; 2]| {
        let pair = pairs.iter().find(|pair| pair.ids().eq(ids)).unwrap();
        (
            pair.element(&backprop, element).unwrap(),
            self::says(pair, &backprop, element),
        )
    };
    let (number, words) = says(["forgot-the-weight", "kept-only-the-largest"]);
    assert_eq!(number, 6.0);
    assert_eq!(
        words,
        "left out the weight on the wire and kept only the largest term: 6 out of 2, 3 and 6"
    );
    let (number, words) = says(["own-value-instead-of-the-weight", "transposed"]);
    assert_eq!(number, 22.0);
    assert_eq!(
        words,
        "multiplied by the neuron's own value instead of the weight and exchanged rows and \
         columns: here is what belongs to pool[1,0], 22"
    );
    // A pair is a slip in making the terms with one in another move, in this order.
    assert!(pairs.iter().all(|pair| pair.choices().len() == 2
        && pair.choices()[0].slip.stage() < pair.choices()[1].slip.stage()));
    assert!(
        Hypothesis::from(pairs[0].choices()[1])
            .and(pairs[0].choices()[0])
            .is_none()
    );
    assert!(pairs[0].and(pairs[0].choices()[1]).is_none());
}

#[test]
fn long_sums_are_shortened() {
    let weight: Vec<[f64; 1]> = (1..=9).map(|weight| [f64::from(weight)]).collect();
    let scene = Scene::new(
        &json!([1]),
        json!({ "op": "linear", "weight": weight }),
        json!([1, 1, 1, 1, 1, 1, 1, 1, 1]),
    );
    let element = Element {
        tensor: scene.tensor("x"),
        at: 0,
    };
    let says: Vec<String> = mistakes(&scene.backprop, element)
        .iter()
        .map(|mistake| says(&mistake.hypothesis(), &scene.backprop, element))
        .collect();
    insta::assert_snapshot!(says.join("\n"));
    assert_eq!(
        self::says(&Hypothesis::right(), &scene.backprop, element),
        "1 + 2 + 3 + … + 9 = 45 (9 terms)"
    );
}

#[test]
fn a_slip_has_nothing_to_do_where_nothing_can_go_wrong() {
    let scene = Scene::new(&json!([1]), json!({ "op": "identity" }), json!([2]));
    let x = scene.tensor("x");
    let found = singles(&scene.backprop, x, None, &Cancel::default()).unwrap();
    let ids: Vec<_> = found.iter().flat_map(Hypothesis::ids).collect();
    assert_eq!(
        ids,
        [
            "forgot-the-upstream",
            "wrong-sign",
            "copied-the-values",
            "left-at-zero"
        ]
    );
    let softmax_slip = slip("only-the-diagonal").unwrap();
    assert!(
        found
            .iter()
            .all(|hypothesis| hypothesis.choices()[0].slip != softmax_slip)
    );
}

#[test]
fn one_factor_has_a_name_where_people_have_one_for_it() {
    let scene = Scene::new(
        &json!([[1, 2, 4], [1, 1, 1]]),
        json!({ "op": "linear", "weight": [[3, 2, 1]] }),
        json!([[2], [2]]),
    );
    let x = scene.tensor("x");
    let says = |factor: f64| {
        let theirs: Vec<f64> = scene.right(x).iter().map(|right| right * factor).collect();
        let found = scene.forms("constant-factor", x, &theirs);
        found
            .iter()
            .map(|hypothesis| self::says(hypothesis, &scene.backprop, Element { tensor: x, at: 0 }))
            .collect::<Vec<_>>()
    };
    // That has a name of its own.
    assert!(says(-1.0).is_empty());
    assert_eq!(
        says(0.501),
        ["multiplied every number by the same factor, 1/2: 0.5 × 6 = 3"]
    );
    assert_eq!(
        says(2.0),
        ["multiplied every number by the same factor, 2: 2 × 6 = 12"]
    );
    assert_eq!(
        says(0.7),
        ["multiplied every number by the same factor, 0.7: 0.7 × 6 = 4.2"]
    );
    assert!(says(1.0).is_empty() && says(f64::NAN).is_empty());
}

#[test]
fn a_slip_at_one_neuron_names_its_term() {
    let scene = Scene::new(
        &json!([1]),
        json!({ "op": "linear", "weight": [[2], [6], [-3]] }),
        json!([1, 1, 1]),
    );
    let element = Element {
        tensor: scene.tensor("x"),
        at: 0,
    };
    let found = |theirs: f64| {
        let network = scene.backprop.network();
        let slips = term_slips(
            &scene.backprop,
            element,
            theirs,
            Tolerance::default().at(10.0),
        );
        slips
            .into_iter()
            .map(|slip| {
                (
                    slip.id,
                    slip.number,
                    words::term_slip(network, &slip, Disclosure::All),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(8.0),
        [(
            "missed-one-term",
            3,
            "left out the term from y[2], −3".to_owned()
        )],
    );
    assert_eq!(
        found(2.0),
        [(
            "counted-a-term-twice",
            3,
            "counted twice the term from y[2], −3".to_owned()
        )]
    );
    assert_eq!(
        found(-7.0),
        [(
            "sign-slip-in-one-term",
            2,
            "turned the sign of the term from y[1], 6".to_owned()
        )]
    );
    assert!(found(5.0).is_empty() && found(4.0).is_empty());
}

#[test]
fn two_numbers_may_be_exchanged() {
    let swapped = |theirs: &[Option<f64>]| {
        let theirs = theirs.iter().copied().collect();
        swapped_two(&[1.0, 2.0, 3.0, 4.0], &theirs, Tolerance::default().at(4.0))
    };
    assert_eq!(
        swapped(&[Some(1.0), Some(4.0), None, Some(2.0)]),
        Some((1, 3))
    );
    assert_eq!(swapped(&[Some(2.0), Some(3.0), Some(1.0), Some(4.0)]), None);
    assert_eq!(swapped(&[Some(1.0), Some(2.0), Some(4.0), None]), None);
}
