//! Where a NaN or an infinite number began: forty that are planted in nets of random weights, each
//! followed back from what the net makes of it.

use std::fmt::Write as _;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::health::{Quantity, origins};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::words::Whence;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How many neurons the planted tensors have.
const N: usize = 4;

/// What is planted: at one place of the tensor `p`, and of the second `q`, stands another number
/// than elsewhere, and one or a few layers make of it what is not finite.
struct Planted {
    /// The number at the place, and those elsewhere.
    p: [f64; 2],
    q: [f64; 2],
    /// The layers, the last of which is called `out`.
    layers: &'static str,
    /// By what the gradient of `out` is multiplied.
    scale: f64,
    /// Where it begins, with `@` for the place.
    begins: &'static str,
    /// What is said of it, likewise.
    says: &'static str,
}

impl Planted {
    const fn of(layers: &'static str, begins: &'static str, says: &'static str) -> Self {
        Self {
            p: [1.5, 0.5],
            q: [2.0, 1.0],
            layers,
            scale: 1.0,
            begins,
            says,
        }
    }

    const fn p(self, p: f64) -> Self {
        let [_, elsewhere] = self.p;
        Self {
            p: [p, elsewhere],
            ..self
        }
    }

    const fn q(self, q: f64) -> Self {
        let [_, elsewhere] = self.q;
        Self {
            q: [q, elsewhere],
            ..self
        }
    }

    const fn scale(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// A net of random weights around it: it is added to a hidden layer, and more follows.
    fn scenario(&self, at: usize, random: &mut ChaCha8Rng) -> Scenario {
        let numbers = |[there, elsewhere]: [f64; 2]| {
            let all = (0..N).map(|place| if place == at { there } else { elsewhere });
            json(&all.collect::<Vec<_>>())
        };
        let mut matrix = |rows: usize| {
            let row = |random: &mut ChaCha8Rng| {
                json(
                    &(0..N)
                        .map(|_| 0.25 + f64::from(random.next_u32()) / f64::from(u32::MAX))
                        .collect::<Vec<_>>(),
                )
            };
            let rows: Vec<String> = (0..rows).map(|_| row(random)).collect();
            format!("[{}]", rows.join(", "))
        };
        let (first, second) = (matrix(N), matrix(3));
        let scales = json(&[self.scale; N]);
        let text = format!(
            r#"{{ "backstep": 1,
              "inputs": {{ "p": {}, "q": {}, "x": [1, 2, 0.5, -1], "scale": {scales} }},
              "layers": [
                {{ "name": "hidden", "op": "linear", "from": "x", "weight": {first},
                   "activation": "tanh" }},
                {},
                {{ "name": "scaled", "op": "mul", "from": ["out", "scale"] }},
                {{ "name": "both", "op": "add", "from": ["hidden", "scaled"] }},
                {{ "name": "last", "op": "linear", "from": "both", "weight": {second} }},
                {{ "name": "loss", "op": "sum" }} ] }}"#,
            numbers(self.p),
            numbers(self.q),
            self.layers,
        );
        Scenario::read(
            "planted.json",
            text.as_bytes(),
            &NoFiles,
            Options::default(),
        )
        .unwrap_or_else(|problem| panic!("{problem:?} in {text}"))
    }
}

fn json(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:?}")).collect();
    format!("[{}]", numbers.join(", "))
}

/// A layer `out` of `p` alone, or of `p` and `q`.
macro_rules! of_p {
    ($op:literal) => {
        concat!(r#"{ "name": "out", "op": "#, $op, r#", "from": "p" }"#)
    };
}
macro_rules! of_both {
    ($op:literal) => {
        concat!(
            r#"{ "name": "out", "op": ""#,
            $op,
            r#"", "from": ["p", "q"] }"#
        )
    };
}

const FORWARDS: [Planted; 20] = [
    Planted::of(of_p!(r#""sqrt""#), "value out[@]", "the square root of p[@] = −1").p(-1.0),
    Planted::of(of_p!(r#""log""#), "value out[@]", "the logarithm of p[@] = 0").p(0.0),
    Planted::of(of_p!(r#""log""#), "value out[@]", "the logarithm of p[@] = −3").p(-3.0),
    Planted::of(of_p!(r#""exp""#), "value out[@]", "the exp of p[@] = 800").p(800.0),
    Planted::of(of_p!(r#""pow", "exponent": -1"#), "value out[@]", "the power of p[@] = 0").p(0.0),
    Planted::of(of_p!(r#""pow", "exponent": 0.5"#), "value out[@]", "the power of p[@] = −2").p(-2.0),
    Planted::of(of_p!(r#""pow", "exponent": 4"#), "value out[@]", "the power of p[@] = 1e100").p(1e100),
    Planted::of(of_both!("pow_tensor"), "value out[@]", "p[@]^q[@] = −1^0.5").p(-1.0).q(0.5),
    Planted::of(of_both!("div"), "value out[@]", "p[@] / q[@] = 0 / 0").p(0.0).q(0.0),
    Planted::of(of_both!("div"), "value out[@]", "p[@] / q[@] = 1.5 / 0").q(0.0),
    Planted::of(of_both!("add"), "value out[@]", "p[@] + q[@] = 1.5e308 + 1e308").p(1.5e308).q(1e308),
    Planted::of(of_both!("mul"), "value out[@]", "p[@] × q[@] = 1e200 × 1e200").p(1e200).q(1e200),
    Planted::of(
        r#"{ "name": "e", "op": "exp", "from": "p" },
           { "name": "out", "op": "mul", "from": ["e", "q"] }"#,
        "value e[@]",
        "The first that is NaN on the way is out[@]: e[@] × q[@] = ∞ × 0.",
    )
    .p(900.0)
    .q(0.0),
    Planted::of(
        r#"{ "name": "d", "op": "sub", "from": ["p", "q"] },
           { "name": "out", "op": "pow", "exponent": -2 }"#,
        "value out[@]",
        "the power of d[@] = 0, which is p[@] − q[@] = 7 − 7",
    )
    .p(7.0)
    .q(7.0),
    Planted::of(
        r#"{ "name": "e", "op": "exp", "from": "p" }, { "name": "f", "op": "exp", "from": "q" },
           { "name": "out", "op": "sub", "from": ["e", "f"] }"#,
        "value e[@]",
        "The first that is NaN on the way is out[@]: e[@] − f[@] = ∞ − ∞.",
    )
    .p(710.0)
    .q(711.0),
    Planted::of(
        r#"{ "name": "d", "op": "sub", "from": ["q", "p"] }, { "name": "out", "op": "sqrt" }"#,
        "value out[@]",
        "d[@] = −0.5, which is q[@] − p[@] = 1 − 1.5",
    )
    .q(1.0),
    Planted::of(
        r#"{ "name": "d", "op": "mul", "from": ["p", "q"] }, { "name": "out", "op": "log" }"#,
        "value out[@]",
        "d[@] = 0, which is p[@] × q[@] = 0 × 2",
    )
    .p(0.0),
    Planted::of(
        r#"{ "name": "s", "op": "sigmoid", "from": "p" }, { "name": "out", "op": "log" }"#,
        "value out[@]",
        "the logarithm of s[@] = 0",
    )
    .p(-800.0),
    Planted::of(
        r#"{ "name": "t", "op": "tanh", "from": "p" }, { "name": "d", "op": "div", "from": ["q", "t"] },
           { "name": "out", "op": "tanh" }"#,
        "value d[@]",
        "q[@] / t[@] = 0 / 0",
    )
    .p(0.0)
    .q(0.0),
    Planted::of(
        r#"{ "name": "e", "op": "exp", "from": "p" },
           { "name": "s", "op": "sum", "dim": 0, "keepdim": true },
           { "name": "out", "op": "div", "from": ["e", "s"] }"#,
        "value e[@]",
        "The first that is NaN on the way is out[@]: e[@] / s[0] = ∞ / ∞.",
    )
    .p(1000.0),
];

const BACKWARDS: [Planted; 20] = [
    Planted::of(of_p!(r#""sqrt""#), "gradient p[@]", "At p[@] = 0 the slope of the square root is one over twice the root: ∞.").p(0.0),
    Planted::of(of_p!(r#""sqrt""#), "gradient p[@]", "0 × ∞").p(0.0).scale(0.0),
    Planted::of(of_p!(r#""pow", "exponent": 0.5"#), "gradient p[@]", "∞").p(0.0),
    Planted::of(of_p!(r#""pow", "exponent": 0.25"#), "gradient p[@]", "0 × ∞").p(0.0).scale(0.0),
    Planted::of(of_p!(r#""log""#), "gradient p[@]", "∞").p(1e-310),
    Planted::of(of_both!("div"), "gradient q[@]", "∞").p(1.0).q(1e-200),
    Planted::of(of_both!("div"), "gradient p[@]", "∞").p(0.0).q(1e-310),
    Planted::of(of_both!("mul"), "gradient p[@]", "∞").p(1e-300).q(1e200).scale(1e200),
    Planted::of(of_both!("pow_tensor"), "gradient p[@]", "∞").p(0.0).q(0.5),
    Planted::of(
        r#"{ "name": "n", "op": "mul", "from": ["p", "p"] }, { "name": "out", "op": "sqrt" }"#,
        "gradient n[@]",
        "At n[@] = 0 the slope of the square root",
    )
    .p(0.0),
    Planted::of(
        r#"{ "name": "n", "op": "pow", "from": "p", "exponent": 2 }, { "name": "out", "op": "sqrt" }"#,
        "gradient n[@]",
        "The first that is NaN on the way is the gradient of p[@]: n[@] sends ∞ × 0 = NaN.",
    )
    .p(0.0),
    Planted::of(
        r#"{ "name": "d", "op": "sub", "from": ["q", "p"] }, { "name": "out", "op": "sqrt" }"#,
        "gradient d[@]",
        "∞",
    )
    .p(2.0),
    Planted::of(
        r#"{ "name": "r", "op": "sqrt", "from": "p" }, { "name": "out", "op": "relu" }"#,
        "gradient p[@]",
        "∞",
    )
    .p(0.0),
    Planted::of(
        r#"{ "name": "r", "op": "sqrt", "from": "p" }, { "name": "s", "op": "sqrt" },
           { "name": "out", "op": "tanh" }"#,
        "gradient r[@]",
        "At r[@] = 0 the slope of the square root",
    )
    .p(0.0),
    Planted::of(
        r#"{ "name": "r", "op": "sqrt", "from": "p" }, { "name": "out", "op": "mul", "from": ["r", "q"] }"#,
        "gradient p[@]",
        "∞",
    )
    .p(0.0)
    .q(3.0),
    Planted::of(
        r#"{ "name": "a", "op": "mul", "from": ["p", "q"] }, { "name": "b", "op": "mul", "from": ["a", "q"] },
           { "name": "out", "op": "tanh" }"#,
        "gradient p[@]",
        "∞",
    )
    .p(0.0)
    .q(1e160),
    Planted::of(
        r#"{ "name": "a", "op": "mul", "from": ["p", "q"] },
           { "name": "b", "op": "mul", "from": ["p", "q"] },
           { "name": "c", "op": "mul", "from": ["p", "q"] },
           { "name": "d", "op": "mul", "from": ["p", "q"] },
           { "name": "e", "op": "mul", "from": ["p", "q"] },
           { "name": "f", "op": "mul", "from": ["p", "q"] },
           { "name": "out", "op": "add", "from": ["a", "b", "c", "d", "e", "f"] }"#,
        "gradient p[@]",
        "its terms are finite, and their sum is too large to be written",
    )
    .p(1e-308)
    .q(1.5e308)
    .scale(0.3),
    Planted::of(
        r#"{ "name": "l", "op": "log", "from": "p" }, { "name": "out", "op": "mul", "from": ["l", "q"] }"#,
        "gradient p[@]",
        "∞",
    )
    .p(1e-309)
    .q(10.0),
    Planted::of(
        r#"{ "name": "e", "op": "exp", "from": "p" }, { "name": "out", "op": "tanh" }"#,
        "value e[@]",
        "the exp of p[@] = 800",
    )
    .p(800.0),
    Planted::of(of_p!(r#""sqrt""#), "gradient p[@]", "∞").p(0.0).scale(-1.0),
];

/// Checks that from the neuron that is asked for the planted origin is found, and that it is the
/// first of the run.
fn check(planted: &[Planted], seed: u64, asks: fn(&Planted, &str) -> String) {
    let random = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut wrong = String::new();
    for (number, planted) in planted.iter().enumerate() {
        let at = random.next_u32() as usize % N;
        let scenario = planted.scenario(at, random);
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let network = backprop.network();
        let place = at.to_string();
        let [begins, says] = [planted.begins, planted.says].map(|text| text.replace('@', &place));
        let named = |quantity: Quantity| {
            let address = network.address(quantity.element);
            format!("{} {address}", quantity.side.noun())
        };
        let first = &origins(&backprop, &Cancel::default()).unwrap()[0];
        let asked = network.element(&asks(planted, &place).parse().unwrap());
        let asked = asked.unwrap();
        let whence = Whence::of(&backprop, asked, &Cancel::default()).unwrap();
        let trail = whence.trail.as_ref();
        let found = trail.map(|trail| named(trail.origin.quantity));
        let told = whence.says(&backprop).to_string();
        let ends = trail.is_some_and(|trail| {
            let last = trail.way[trail.way.len() - 1];
            last.element == asked
                && trail
                    .way
                    .iter()
                    .all(|one| !one.number(&backprop).is_finite())
        });
        let starts = named(first.origin.quantity);
        if found.as_ref() != Some(&begins) || starts != begins || !told.contains(&says) || !ends {
            writeln!(
                wrong,
                "{number}: {begins}, {says}\n  {starts}; {found:?}; {told}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_made_in_the_forward_run_is_found() {
    check(&FORWARDS, 1, |_, _| "loss".to_owned());
}

#[test]
fn what_is_made_in_backprop_is_found() {
    check(&BACKWARDS, 2, |planted, place| {
        let asked = if planted.begins.contains("q[") {
            "q"
        } else {
            "p"
        };
        format!("{asked}[{place}]")
    });
}
