//! A student's page gives nothing away: not a right number that it keeps back, and none from which
//! one follows in a step back, by a division or a subtraction. The step on, from a gradient to one
//! further up, is what the student has to do.
//!
//! Exercises, answers and slips are generated. Two numbers may be alike by chance, so each exercise
//! is drawn three times with other numbers of the same shape, and only what is on the page each
//! time is given away.

use std::collections::BTreeSet;

use backstep::backprop::Backprop;
use backstep::cancel::Cancel;
use backstep::marking::{Answer, ChosenTolerance, MarkScheme, Marked, Status, singles};
use backstep::report::{FEEDBACK, Feedback, Reveal};
use backstep::scenario::{Asked, NoFiles, Options, Scenario};
use backstep::tensor::{Element, TensorId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

/// An exercise and an answer to it, without their numbers.
#[derive(Debug, Clone)]
struct Homework {
    n_inputs: usize,
    layers: Vec<Kind>,
    /// By tensor, in backward order: whether it is asked for, and what is made of it.
    plans: Vec<(bool, Plan)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Linear {
        n_outputs: usize,
        has_bias: bool,
        has_tanh: bool,
    },
    Conv,
    AveragePool,
    MaxPool,
    LeakyRelu,
    Relu,
    Tanh,
}

/// What a student does with a tensor: which mistake, and which numbers are left blank, a bit each.
#[derive(Debug, Clone, Copy)]
struct Plan {
    mistake: Mistake,
    blank: u8,
}

#[derive(Debug, Clone, Copy)]
enum Mistake {
    None,
    /// Numbers by chance, where this has a bit.
    Chance(u8),
    /// The slip of this number, of those that can be made.
    Slip(usize),
    /// All of it times a factor.
    Factor,
    /// So many times the term of this number is added once more, in this element.
    Term {
        times: i8,
        number: usize,
        at: usize,
    },
    /// Two numbers exchanged.
    Swapped(usize, usize),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => (1..4usize, any::<bool>(), prop::bool::weighted(0.3)).prop_map(
            |(n_outputs, has_bias, has_tanh)| Kind::Linear { n_outputs, has_bias, has_tanh }
        ),
        1 => Just(Kind::Conv),
        1 => Just(Kind::AveragePool),
        1 => Just(Kind::MaxPool),
        1 => Just(Kind::LeakyRelu),
        1 => Just(Kind::Relu),
        1 => Just(Kind::Tanh),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let mistake = prop_oneof![
        2 => Just(Mistake::None),
        2 => any::<u8>().prop_map(Mistake::Chance),
        3 => (0..60usize).prop_map(Mistake::Slip),
        2 => Just(Mistake::Factor),
        2 => (prop_oneof![Just(-1i8), Just(1), Just(-2)], 0..4usize, 0..4usize)
            .prop_map(|(times, number, at)| Mistake::Term { times, number, at }),
        1 => (0..4usize, 0..4usize).prop_map(|(one, other)| Mistake::Swapped(one, other)),
    ];
    let blank = prop_oneof![3 => Just(0u8), 3 => any::<u8>(), 1 => Just(u8::MAX)];
    (mistake, blank).prop_map(|(mistake, blank)| Plan { mistake, blank })
}

fn homework() -> impl Strategy<Value = Homework> {
    let plans = vec((prop::bool::weighted(0.7), plan()), 12);
    (3..6usize, vec(kind(), 1..5), plans).prop_map(|(n_inputs, layers, plans)| Homework {
        n_inputs,
        layers,
        plans,
    })
}

/// Numbers of several sizes, in which few are alike.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = (self.0 >> 33) as f64 / f64::from(1u32 << 31);
        let size = (1.0 + 9.0 * part.fract()) * [0.01, 0.1, 1.0, 10.0][(self.0 >> 20 & 3) as usize];
        if self.0 >> 32 & 1 == 0 { size } else { -size }
    }

    fn list(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.next()).collect()
    }
}

/// A homework with numbers.
struct Drawn {
    scheme: MarkScheme,
    marked: Marked,
    /// The student's own numbers, by asked tensor.
    theirs: Vec<Vec<Option<f64>>>,
}

impl Homework {
    fn scenario(&self, draw: &mut Draw) -> Scenario {
        let (mut n, mut layers) = (self.n_inputs, Vec::new());
        for (number, kind) in self.layers.iter().enumerate() {
            let name = format!("h{number}");
            let mut rows = |n_rows: usize, n: usize| -> Vec<Vec<f64>> {
                (0..n_rows).map(|_| draw.list(n)).collect()
            };
            let (layer, n_after) = match *kind {
                Kind::Linear {
                    n_outputs,
                    has_bias,
                    has_tanh,
                } => {
                    let weight = rows(n_outputs, n);
                    let mut layer = json!({ "name": name, "op": "linear", "weight": weight });
                    if has_bias {
                        layer["bias"] = json!(draw.list(n_outputs));
                    }
                    if has_tanh {
                        layer["activation"] = json!("tanh");
                    }
                    (layer, n_outputs)
                }
                Kind::Conv if n > 1 => {
                    let weight = draw.list(2);
                    (
                        json!({ "name": name, "op": "conv1d", "weight": weight }),
                        n - 1,
                    )
                }
                Kind::AveragePool if n > 1 => (
                    json!({ "name": name, "op": "avg_pool1d", "kernel_size": 2 }),
                    n / 2,
                ),
                Kind::MaxPool if n > 1 => (
                    json!({ "name": name, "op": "max_pool1d", "kernel_size": 2 }),
                    n / 2,
                ),
                Kind::Tanh => (json!({ "name": name, "op": "tanh" }), n),
                Kind::Relu => (json!({ "name": name, "op": "relu" }), n),
                Kind::Conv | Kind::AveragePool | Kind::MaxPool | Kind::LeakyRelu => {
                    let slope = draw.next();
                    (
                        json!({ "name": name, "op": "leaky_relu", "negative_slope": slope }),
                        n,
                    )
                }
            };
            layers.push(layer);
            n = n_after;
        }
        let last = format!("h{}", self.layers.len() - 1);
        let text = json!({
            "backstep": 1, "inputs": { "x": draw.list(self.n_inputs) }, "layers": layers,
            "upstream": { last: draw.list(n) },
        });
        let text = text.to_string();
        Scenario::read("net.json", text.as_bytes(), &NoFiles, Options::default()).unwrap()
    }

    fn drawn(&self, number: u64) -> Option<Drawn> {
        let draw = &mut Draw(number * 7919 + 17);
        let scenario = self.scenario(draw);
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        let network = std::sync::Arc::clone(backprop.network());
        let tensors = backprop.steps().tensors();
        let asked: Vec<(TensorId, Plan)> = tensors
            .iter()
            .zip(&self.plans)
            .filter(|(_, (is_asked, _))| *is_asked)
            .map(|(&tensor, &(_, plan))| (tensor, plan))
            .collect();
        let theirs: Vec<Vec<Option<f64>>> = asked
            .iter()
            .map(|&(tensor, plan)| plan.numbers(&backprop, tensor, draw))
            .collect();
        let grads: Map<String, Value> = asked
            .iter()
            .zip(&theirs)
            .map(|(&(tensor, _), numbers)| {
                let info = network.tensor(tensor);
                (info.name.clone(), nested(&info.shape, numbers))
            })
            .collect();
        let answer = json!({ "format": "backstep-answer/1", "grads": grads }).to_string();
        let answer = Answer::read("a.json", answer.as_bytes(), &network).unwrap();
        assert!(answer.problems.is_empty(), "{:?}", answer.problems);
        // In a third of them only every other number is asked for.
        let is_part = self.plans.last().is_some_and(|(is_asked, _)| !is_asked);
        let mut parts = Asked::default();
        for &(tensor, _) in &asked {
            for at in (0..network.tensor(tensor).shape.numel()).step_by(2) {
                parts.ask(tensor, is_part.then_some(at));
            }
        }
        let tolerance = ChosenTolerance {
            rtol: Some(1e-6),
            atol: Some(1e-9),
        };
        let scheme = MarkScheme::new(scenario, backprop, Some(parts), tolerance);
        let marked = scheme
            .mark("a.json", "s", &answer, &Cancel::default())
            .unwrap();
        (!scheme.asked.tensors().is_empty()).then_some(Drawn {
            scheme,
            marked,
            theirs,
        })
    }
}

/// Numbers in lists as their tensor's shape has them.
fn nested(shape: &[usize], numbers: &[Option<f64>]) -> Value {
    match shape {
        [] => json!(numbers[0]),
        [_] => json!(numbers),
        [n, inner @ ..] => numbers
            .chunks(numbers.len() / n)
            .map(|part| nested(inner, part))
            .collect(),
    }
}

impl Plan {
    fn numbers(self, backprop: &Backprop, tensor: TensorId, draw: &mut Draw) -> Vec<Option<f64>> {
        let right = backprop.gradient(tensor).data();
        let n = right.len();
        let mut numbers = right.to_vec();
        match self.mistake {
            Mistake::None => {}
            Mistake::Chance(which) => (0..n)
                .filter(|at| which >> (at % 8) & 1 == 1)
                .for_each(|at| numbers[at] = draw.next()),
            Mistake::Slip(number) => {
                let all = singles(backprop, tensor, None, &Cancel::default()).unwrap();
                let ids: Vec<_> = backstep::marking::slips().map(|slip| slip.id).collect();
                let id = ids[number % ids.len()];
                if let Some(slip) = all.iter().find(|slip| slip.ids().eq([id])) {
                    numbers = slip.gradient(backprop, tensor).unwrap();
                }
            }
            Mistake::Factor => {
                let factor = draw.next();
                numbers.iter_mut().for_each(|number| *number *= factor);
            }
            Mistake::Term { times, number, at } => {
                let at = at % n;
                let terms = backprop.contributions(Element { tensor, at });
                if terms.len() > 1 {
                    numbers[at] += f64::from(times) * terms[number % terms.len()].product();
                }
            }
            Mistake::Swapped(one, other) => numbers.swap(one % n, other % n),
        }
        (0..n)
            .map(|at| (self.blank >> (at % 8) & 1 == 0).then_some(numbers[at]))
            .collect()
    }
}

impl Drawn {
    /// The text of a page, without what a browser does not show.
    fn page(&self, format: &Feedback, reveal: Reveal) -> String {
        let page = (format.page)(&self.scheme, &self.marked, reveal);
        let shown = page.split("</head>").last().unwrap_or_default();
        let pieces = shown.split('<').enumerate();
        let texts = pieces.map(|(number, piece)| match piece.split_once('>') {
            Some((_, text)) if number > 0 => text,
            _ => piece,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    /// What a page gives away: an element, and how its right number is there.
    fn given_away(&self, page: &str) -> BTreeSet<(String, &'static str)> {
        let (backprop, network) = (&self.scheme.backprop, self.scheme.backprop.network());
        let known = self.known();
        let shown: Vec<f64> = self
            .shown(page)
            .map(|shown| backprop.element(shown))
            .collect();
        let numbers: Vec<Printed> = printed(page).collect();
        let holds = |value: f64, excused: &[f64]| {
            let mut alike = numbers.iter().filter(|number| number.is(value));
            alike.any(|number| !known.iter().chain(excused).any(|&known| number.is(known)))
        };
        let mut given_away = BTreeSet::new();
        for (element, theirs) in self.withheld(page) {
            let right = backprop.element(element);
            let address = network.address(element).to_string();
            // A wrong number may be that of which the page says what it should be: the slip is the
            // same. One that was left blank may not.
            let excused = if theirs.is_some() { &shown[..] } else { &[] };
            if known
                .iter()
                .chain(excused)
                .any(|known| (known - right).abs() <= 1e-9 * right.abs())
            {
                continue;
            }
            let mut telling = vec![];
            // Whoever sees the terms of an element can add them up.
            let shows_terms = page.contains(&format!("{address} = "));
            if let Some(theirs) = theirs.filter(|_| !shows_terms) {
                telling.push(("the factor", theirs / right));
                telling.push(("the difference", right - theirs));
            }
            for other in self.elements() {
                let terms = backprop.contributions(other);
                let own = terms.iter().filter(|term| term.from == element);
                telling.extend(own.map(|term| ("its term", term.product())));
                if terms.iter().any(|term| term.from == element) {
                    telling.push(("a sum with it", backprop.element(other)));
                }
            }
            if holds(right, excused) {
                given_away.insert((address.clone(), "itself"));
            }
            if rows(page).any(|row| divides_to(&row, right)) {
                given_away.insert((address.clone(), "a division"));
            }
            for (how, value) in telling {
                if holds(value, &shown) {
                    given_away.insert((address.clone(), how));
                }
            }
        }
        given_away
    }

    /// All elements of all tensors.
    fn elements(&self) -> impl Iterator<Item = Element> {
        let network = self.scheme.backprop.network();
        network.ids().flat_map(|tensor| {
            let n = network.tensor(tensor).shape.numel();
            (0..n).map(move |at| Element { tensor, at })
        })
    }

    fn asked(&self) -> impl Iterator<Item = (Element, Status, Option<f64>)> {
        let marks = self
            .scheme
            .asked
            .tensors()
            .iter()
            .zip(&self.marked.marks)
            .zip(&self.theirs);
        marks.flat_map(|((&tensor, marks), theirs)| {
            let statuses = marks.statuses.iter().zip(theirs).enumerate();
            statuses.filter_map(move |(at, (&status, &theirs))| {
                Some((Element { tensor, at }, status?, theirs))
            })
        })
    }

    /// The first wrong number of each tensor, where the page says what it should be.
    fn shown(&self, page: &str) -> impl Iterator<Item = Element> {
        let network = self.scheme.backprop.network();
        let firsts = self.scheme.asked.tensors().iter();
        let firsts = firsts.zip(&self.marked.marks);
        let firsts = firsts.filter_map(|(&tensor, marks)| {
            let at = marks
                .statuses
                .iter()
                .position(|&status| status == Some(Status::Wrong))?;
            Some(Element { tensor, at })
        });
        firsts.filter(move |&element| {
            let right = self.scheme.backprop.element(element);
            let address = network.address(element).to_string();
            let plain = page.replace('\\', "");
            let said = plain.split(&format!("{address} is ")).nth(1).unwrap_or("");
            let said = said.split_once(", expected ").map_or("", |(_, said)| said);
            printed(said).next().is_some_and(|number| number.is(right))
        })
    }

    /// The numbers that the student has or is given: their own and what follows from their wrong
    /// ones, those of the exercise and of its forward run.
    fn known(&self) -> Vec<f64> {
        let backprop = &self.scheme.backprop;
        let values = self
            .elements()
            .map(|element| backprop.tape().element(element));
        let slopes = self.elements().flat_map(|element| {
            let terms = backprop.contributions(element).into_iter();
            terms.flat_map(|term| term.factors.into_iter().map(|factor| factor.value))
        });
        let given = backprop.upstream().values().flat_map(|given| given.data());
        let theirs = self.asked().filter_map(|(_, _, theirs)| theirs);
        let following = self.elements().flat_map(|element| self.following(element));
        values
            .chain(slopes)
            .chain(given.copied())
            .chain(theirs)
            .chain(following)
            .chain([0.0])
            .collect()
    }

    /// What follows for an element from wrong numbers of the student's: terms, and the sum.
    fn following(&self, element: Element) -> Vec<f64> {
        let own = self.marked.own.as_ref().unwrap();
        let is_off = |from: Element| {
            let is_wrong = |status| matches!(status, Status::Wrong | Status::Carried);
            self.asked()
                .any(|(other, status, _)| other == from && is_wrong(status))
        };
        let terms = own.contributions(element);
        let off = terms.iter().filter(|term| is_off(term.from));
        let products: Vec<f64> = off.map(|term| term.product()).collect();
        let given = own.given(element).unwrap_or(0.0);
        let sum = terms.iter().fold(given, |sum, term| sum + term.product());
        let sum = (!products.is_empty()).then_some(sum);
        products.into_iter().chain(sum).collect()
    }

    /// The numbers that are kept back, each with what the student has in its place.
    fn withheld(&self, page: &str) -> Vec<(Element, Option<f64>)> {
        let shown: Vec<Element> = self.shown(page).collect();
        self.asked()
            .filter(|(element, status, _)| *status != Status::Correct && !shown.contains(element))
            .map(|(element, _, theirs)| (element, theirs))
            .collect()
    }
}

/// A number as it is printed, without its sign.
struct Printed {
    value: f64,
    /// Half of what its last digit counts.
    half: f64,
}

impl Printed {
    fn is(&self, value: f64) -> bool {
        (self.value - value.abs()).abs() <= self.half * 1.000_001
    }
}

/// The rows of a page's tables of terms, where they are lines.
fn rows(page: &str) -> impl Iterator<Item = Vec<Printed>> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| printed(row).collect())
}

/// Whether a term's product divided by one of its factors, or its upstream gradient times one, is
/// this number, as closely as they are printed.
fn divides_to(row: &[Printed], number: f64) -> bool {
    let [upstream, factors @ .., product] = row else {
        return false;
    };
    let is = |found: f64, parts: [&Printed; 2]| {
        let error: f64 = parts.iter().map(|part| part.half / part.value).sum();
        (found - number.abs()).abs() <= found * error
    };
    factors.iter().any(|factor| {
        is(product.value / factor.value, [product, factor])
            || is(upstream.value * factor.value, [upstream, factor])
    })
}

/// The numbers of a page that have three digits or more: the others are counts and places.
fn printed(page: &str) -> impl Iterator<Item = Printed> {
    let page = page.replace('\\', "");
    let number = |text: &str| {
        let (digits, power) = text.split_once('e').unwrap_or((text, "0"));
        let n_decimals = digits
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        let n_digits = digits.trim_start_matches(['0', '.']).replace('.', "").len();
        let power: i32 = power.replace('−', "-").parse().ok()?;
        let half = format!("0.5e{}", power - i32::try_from(n_decimals).ok()?);
        let half: f64 = half.parse().ok()?;
        let value: f64 = format!("{digits}e{power}").parse().ok()?;
        (n_digits >= 3).then_some(Printed { value, half })
    };
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e');
    let mut numbers = Vec::new();
    for piece in page.split(|c| !is_part(c) && c != '−') {
        // A minus sign stands before a number or in its power of ten.
        let piece = piece.trim_start_matches('−').trim_end_matches('.');
        numbers.extend(number(piece));
    }
    numbers.into_iter()
}

/// What is given away in every draw, by the format of the page.
fn given_away(homework: &Homework, reveal: Reveal) -> Vec<(&'static str, String, &'static str)> {
    let drawn: Vec<Drawn> = (1..4).filter_map(|number| homework.drawn(number)).collect();
    let mut all = Vec::new();
    for format in FEEDBACK {
        let found = drawn
            .iter()
            .map(|drawn| drawn.given_away(&drawn.page(format, reveal)));
        let in_all = found.reduce(|one, other| &one & &other).unwrap_or_default();
        all.extend(
            in_all
                .into_iter()
                .map(|(element, how)| (format.name, element, how)),
        );
    }
    all
}

/// What is given away only once in a long while would be found by chance: the same exercises are
/// tried each time.
#[test]
fn a_page_holds_no_number_that_it_keeps_back() {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let holds = |homework: Homework| {
        prop_assert_eq!(given_away(&homework, Reveal::FirstWrong), []);
        Ok(())
    };
    runner
        .run(&homework(), holds)
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// The page of an answer to an exercise, as Markdown without its escapes.
fn page(layers: &Value, upstream: &Value, grads: &Value) -> String {
    let net = json!({
        "backstep": 1, "inputs": { "x": [2, 3] }, "layers": layers, "upstream": upstream,
        "ask": grads.as_object().unwrap().keys().collect::<Vec<_>>(),
    });
    let net = net.to_string();
    let scenario =
        Scenario::read("net.json", net.as_bytes(), &NoFiles, Options::default()).unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    let asked = scenario.ask.clone().unwrap();
    let answer = json!({ "format": "backstep-answer/1", "grads": grads }).to_string();
    let answer = Answer::read("a.json", answer.as_bytes(), &scenario.network).unwrap();
    let scheme = MarkScheme::new(scenario, backprop, Some(asked), ChosenTolerance::default());
    let marked = scheme.mark("a.json", "s", &answer, &Cancel::default());
    (FEEDBACK[0].page)(&scheme, &marked.unwrap(), Reveal::FirstWrong).replace('\\', "")
}

#[track_caller]
fn tells(page: &str, told: &[&str], withheld: &[&str]) {
    for text in told {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    for text in withheld {
        assert!(!page.contains(text), "{text} is in {page}");
    }
}

#[test]
fn terms_that_need_a_blank_number_are_kept_back_with_all_their_numbers() {
    // 2 · 13 + 5 · 17 is 111, and whoever counts the second term twice has 196.
    let layers = json!([
        { "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
        { "name": "b", "op": "linear", "weight": [[1, 1], [1, 2]] },
    ]);
    let grads = json!({ "a": [13, null], "x": [196, 158] });
    let page = page(&layers, &json!({ "b": [9, 4] }), &grads);
    tells(
        &page,
        &[
            "x[0] is 196: you counted twice the term from a[1] in x[0]",
            "they need a[1], which you left blank",
        ],
        &["17", "85", "111"],
    );
}

#[test]
fn a_number_that_is_not_asked_for_gives_none_away() {
    // The gradient of `a`, which nobody is asked for, is 13 · 11, and that of `b` is blank.
    let layers = json!([
        { "name": "a", "op": "linear", "weight": [[2, 5]] },
        { "name": "b", "op": "linear", "weight": [[13]] },
        { "name": "c", "op": "linear", "weight": [[11]] },
    ]);
    let (upstream, grads) = (json!({ "c": [1] }), json!({ "b": [null], "x": [1, 715] }));
    let page = page(&layers, &upstream, &grads);
    tells(
        &page,
        &["x[0] is 1", "they need b[0], which you left blank"],
        &["143", "286", "11"],
    );
}

#[test]
fn a_blank_number_is_kept_back_where_it_stands_among_the_terms_of_another() {
    // What arrives at `a` is 35: the gradient of the bias, and a factor of those of the weights.
    let layers = json!([
        { "name": "a", "op": "linear", "weight": [[1, 4]], "bias": [1] },
        { "name": "b", "op": "linear", "weight": [[5]] },
    ]);
    let grads = json!({ "a.bias": [null], "a.weight": [[1, 105]] });
    let page = page(&layers, &json!({ "b": [7] }), &grads);
    tells(
        &page,
        &["they tell a.bias[0], which you left blank"],
        &["35", "70"],
    );
}

#[test]
fn a_factor_gives_no_other_number_away() {
    let layers = json!([{ "name": "a", "op": "linear", "weight": [[1, 1], [2, 4]] }]);
    let grads = json!({ "a.weight": [[13, 19.5], [19.5, 29.25]] });
    let page = page(&layers, &json!({ "a": [1, 1.5] }), &grads);
    let says = "a.weight[0,0] is 13, expected 2: you multiplied every number by the same factor";
    tells(&page, &[says], &["6.5", "factor,", "factor:"]);
}

#[test]
fn numbers_that_are_alike_by_chance_hide_nothing() {
    // The second term of a[0] is 2, and so is the gradient of a[1]: 4 − 2.
    let layers = json!([
        { "name": "a", "op": "linear", "weight": [[2, 3], [5, 7]] },
        { "name": "b", "op": "linear", "weight": [[1, 1], [1, -1]] },
    ]);
    let grads = json!({ "a": [7, null], "x": [22, 32] });
    let page = page(&layers, &json!({ "b": [4, 2] }), &grads);
    tells(
        &page,
        &["a[0] is 7, expected 6", "4 + 2 = 6"],
        &["not shown"],
    );
}

/// Two numbers of `x` are blank, and the rest is right.
#[test]
fn what_a_page_gives_away_is_seen() {
    let blank = Plan {
        mistake: Mistake::None,
        blank: 3,
    };
    let homework = Homework {
        n_inputs: 3,
        layers: vec![Kind::Linear {
            n_outputs: 2,
            has_bias: false,
            has_tanh: false,
        }],
        plans: vec![(true, blank)],
    };
    for format in ["md", "html"] {
        for element in ["x[0]", "x[1]"] {
            let is_seen = (format, element.to_owned(), "itself");
            assert!(given_away(&homework, Reveal::All).contains(&is_seen));
        }
    }
}

#[test]
fn a_blank_bias_does_not_follow_from_the_terms_of_its_weight_in_a_division() {
    let layers = json!([
        { "name": "a", "op": "linear", "weight": [[1, 4]], "bias": [-13.5],
            "activation": "sigmoid" },
    ]);
    let grads = json!({ "a.bias": [null], "a.weight": [[1, 105]] });
    let page = page(&layers, &json!({ "a": [7] }), &grads);
    tells(
        &page,
        &["they tell a.bias[0], which you left blank"],
        &["| a[0]", "0.235"],
    );
}

#[test]
fn nobody_is_told_that_the_right_number_of_a_blank_stands_elsewhere() {
    let layers = json!([{ "name": "a", "op": "linear", "weight": [[2, 5]] }]);
    let page = page(&layers, &json!({ "a": [7] }), &json!({ "x": [null, 14] }));
    tells(&page, &["x[1] is 14, expected 35"], &["belongs to"]);
}

#[test]
fn a_right_number_in_the_wrong_place_is_not_known() {
    let layers = json!([
        { "name": "p", "op": "max_pool1d", "kernel_size": 1 },
        { "name": "a", "op": "linear", "weight": [[3, 4]] },
    ]);
    let grads = json!({ "p": [9, 15], "x": [null, null] });
    let page = page(&layers, &json!({ "a": [5] }), &grads);
    tells(
        &page,
        &["What p[0] should be is not shown: x[0], which you left blank, is the same number."],
        &["expected 15", "5 ×"],
    );
}

#[test]
fn the_other_side_of_a_sum_is_kept_back_among_the_terms_too() {
    let layers = json!([
        { "name": "a", "op": "linear", "from": "x", "weight": [[2, 3]] },
        { "name": "b", "op": "linear", "from": "x", "weight": [[5, 7]] },
        { "name": "c", "op": "sub", "from": ["a", "b"] },
        { "name": "d", "op": "linear", "weight": [[11]] },
    ]);
    let upstream = json!({ "d": [13] });
    let terms = page(
        &layers,
        &upstream,
        &json!({ "b": [null], "a.weight": [[9, 9]] }),
    );
    tells(&terms, &["they tell b[0], which you left blank"], &["143"]);
    let beside = page(&layers, &upstream, &json!({ "b": [null], "a": [9] }));
    tells(
        &beside,
        &["is the same number with the other sign."],
        &["143"],
    );
}

#[test]
fn minus_a_number_is_not_that_number() {
    // The student has −15 for the pooling neuron, so 15, which goes on to x[0,1], is news.
    let layers = json!([
        { "name": "p", "op": "max_pool1d", "kernel_size": 2 },
        { "name": "a", "op": "linear", "weight": [[3]] },
    ]);
    let grads = json!({ "p": [-15], "x": [null, null] });
    let page = page(&layers, &json!({ "a": [5] }), &grads);
    tells(
        &page,
        &["What p[0] should be is not shown: x[1], which you left blank, is the same number."],
        &[" 15", "5 ×"],
    );
}

#[test]
fn a_given_number_stands_for_what_is_asked_of_it() {
    // What the student has for `a` is wrong, but the scenario gives it, so it is not their own 99
    // that stands in the terms.
    let layers = json!([{ "name": "a", "op": "linear", "weight": [[2, 5]] }]);
    let page = page(
        &layers,
        &json!({ "a": [7] }),
        &json!({ "a": [99], "x": [98, 495] }),
    );
    tells(&page, &["x[0] is 98, expected 14"], &["your own numbers"]);
}

#[test]
fn a_number_that_is_another_ones_too_is_kept_back_where_that_was_left_blank() {
    // A plus hands on what arrives, so the gradients of `a`, `b` and `c` are one number.
    let layers = json!([
        { "name": "a", "op": "linear", "from": "x", "weight": [[2, 3]] },
        { "name": "b", "op": "linear", "from": "x", "weight": [[5, 7]] },
        { "name": "c", "op": "add", "from": ["a", "b"] },
        { "name": "d", "op": "linear", "weight": [[11]] },
    ]);
    let same = |first: &str| {
        format!(
            "What {first} should be is not shown: b[0], which you left blank, is the same number."
        )
    };
    let upstream = json!({ "d": [13] });
    let onward = page(&layers, &upstream, &json!({ "c": [24], "b": [null] }));
    tells(&onward, &["c[0] is 24", &same("c[0]")], &["143"]);
    let beside = page(&layers, &upstream, &json!({ "a": [24], "b": [null] }));
    tells(&beside, &["a[0] is 24", &same("a[0]")], &["143"]);
    // Of a window's mean each gets the same, whatever else happens to be that number.
    let layers = json!([
        { "name": "m", "op": "avg_pool1d", "kernel_size": 2 },
        { "name": "d", "op": "linear", "weight": [[4]] },
    ]);
    let window = page(&layers, &json!({ "d": [2] }), &json!({ "x": [99, null] }));
    let same = "What x[0] should be is not shown: x[1], which you left blank, is the same number.";
    tells(&window, &[same], &["expected", "8 ×"]);
}
