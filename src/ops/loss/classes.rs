//! Losses over classes: `cross_entropy` and `nll_loss`. A sample is a row along the class axis:
//! axis 1, or the only one.

use rayon::prelude::*;

use super::{Loss, Reduced, Reduction, TOLD, probability_minus_target};
use crate::ops::IntoOp;
use crate::ops::axes::Rows;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::{Domain, Interval, settings};
use crate::ops::softmax::Normaliser;
use crate::ops::torch::{self, TorchArgument};
use crate::ops::{Factor, FactorKind, Operand, Settings, ShapeError, expect_shape};
use crate::tensor::numerals::number;
use crate::tensor::{Address, Shape, Tensor, exact};

settings! {
    /// Softmax and the negative log-likelihood of the target in one.
    ///
    /// It is -Σ_c q_c ln p_c over the classes c of a sample. The goal q_c is the class's weight
    /// times the target's share in it, smoothed: weight_c · ((1 - label_smoothing) · t_c +
    /// label_smoothing / C).
    pub struct CrossEntropy {
        required {
            /// The class of each sample, or for each class of it a probability.
            target: Tensor,
        }
        /// What the loss of each class is multiplied by.
        weight: Option<Tensor> = None,
        /// The class that marks a sample which does not count.
        ignore_index: i64 = -100,
        /// How much of each target is shared out among all classes.
        label_smoothing: f64 = 0.0 => Domain::NumberIn(PART),
        /// What becomes of the samples' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

const PART: Interval = Interval {
    least: 0.0,
    end: 1.0,
    is_closed: true,
    must: "must be from 0 to 1",
};

settings! {
    /// The negative log-likelihood of the target, from log-probabilities.
    pub struct NllLoss {
        required {
            /// The class of each sample.
            target: Tensor,
        }
        /// What the loss of each class is multiplied by.
        weight: Option<Tensor> = None,
        /// The class that marks a sample which does not count.
        ignore_index: i64 = -100,
        /// What becomes of the samples' losses.
        reduction: Reduction = Reduction::Mean,
    }
}

impl IntoOp for CrossEntropy {
    type Op = Reduced<Classes<Self>>;
}

impl Described for CrossEntropy {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("cross_entropy", OpKind::Loss, Self::ABOUT)
            .reading_batches()
            .saying(&TOLD);
}

impl IntoOp for NllLoss {
    type Op = Reduced<Classes<Self>>;
}

impl Described for NllLoss {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        "nll_loss",
        OpKind::Loss,
        Self::ABOUT,
    )
    .reading_batches()
    .saying(&Phrases {
        preamble: "{me} is the log-probability of the target class. The loss is its negative.",
        flat: "it looks only at the target class, and {me} belongs to another",
        ..Phrases::NONE
    });
}

/// A loss over classes.
#[derive(Debug)]
pub struct Classes<S> {
    settings: S,
    reads: Reads,
    target: Tensor,
    weight: Option<Tensor>,
    ignore_index: i64,
    label_smoothing: f64,
    reduction: Reduction,
    /// The weights of all target classes that are not ignored, added up: what the mean over class
    /// targets divides by.
    target_weight: f64,
}

/// What the input holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reads {
    /// Numbers that softmax makes probabilities of.
    Logits,
    /// ln p itself.
    LogProbabilities,
}

impl From<CrossEntropy> for Reduced<Classes<CrossEntropy>> {
    fn from(settings: CrossEntropy) -> Self {
        Self(
            Classes {
                reads: Reads::Logits,
                target: settings.target.clone(),
                weight: settings.weight.clone(),
                ignore_index: settings.ignore_index,
                label_smoothing: settings.label_smoothing,
                reduction: settings.reduction,
                target_weight: 0.0,
                settings,
            }
            .weighed(),
        )
    }
}

impl From<NllLoss> for Reduced<Classes<NllLoss>> {
    fn from(settings: NllLoss) -> Self {
        Self(
            Classes {
                reads: Reads::LogProbabilities,
                target: settings.target.clone(),
                weight: settings.weight.clone(),
                ignore_index: settings.ignore_index,
                label_smoothing: 0.0,
                reduction: settings.reduction,
                target_weight: 0.0,
                settings,
            }
            .weighed(),
        )
    }
}

impl<S> Classes<S> {
    /// The loss with the weights of its target classes added up.
    fn weighed(mut self) -> Self {
        let counted = (0..self.target.data().len()).filter_map(|sample| self.class(sample));
        self.target_weight = counted.map(|class| self.weight_of(class)).sum();
        self
    }

    /// The target class of a sample, unless the sample is ignored.
    fn class(&self, sample: usize) -> Option<usize> {
        let target = self.target.data()[sample];
        (target != self.ignore_index as f64).then_some(target as usize)
    }

    fn weight_of(&self, class: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| {
            weight.data().get(class).copied().unwrap_or(0.0)
        })
    }

    /// Whether the target is a probability for every class instead of one class a sample.
    fn has_probabilities(&self, input: &Shape) -> bool {
        self.reads == Reads::Logits && self.target.shape() == input
    }

    fn is_ignored(&self, input: &Shape, sample: usize) -> bool {
        !self.has_probabilities(input) && self.class(sample).is_none()
    }

    /// q of an input neuron whose sample is not ignored; nothing where the loss does not look at
    /// its class.
    fn goal(&self, input: &Shape, at: usize) -> Option<f64> {
        let rows = rows(input);
        let class = rows.position(at);
        let smoothing = self.label_smoothing;
        let share = if self.has_probabilities(input) {
            self.target.data()[at]
        } else if self.class(rows.number(at)) == Some(class) {
            1.0
        } else if smoothing > 0.0 {
            0.0
        } else {
            return None;
        };
        let goal = (1.0 - smoothing) * share + smoothing / rows.size as f64;
        Some(self.weight_of(class) * goal)
    }

    /// The goals of a sample that is not ignored, each with its input neuron.
    fn goals(&self, input: &Shape, sample: usize) -> impl Iterator<Item = (usize, f64)> {
        let places = rows(input).places(sample);
        places.filter_map(|at| Some((at, self.goal(input, at)?)))
    }

    fn row(&self, input: Operand<'_>, sample: usize) -> Row {
        match self.reads {
            Reads::LogProbabilities => Row::LogProbabilities,
            Reads::Logits => {
                let places = rows(input.shape()).places(sample);
                Row::Logits {
                    normaliser: Normaliser::of(places.map(|at| input.value(at))),
                    goals: self
                        .goals(input.shape(), sample)
                        .map(|(_, goal)| goal)
                        .sum(),
                }
            }
        }
    }

    fn slope_in(&self, row: &Row, input: Operand<'_>, at: usize, upstream: f64) -> Factor {
        let (shape, sample) = (input.shape(), rows(input.shape()).number(at));
        let is_ignored = self.is_ignored(shape, sample);
        let goal = self.goal(shape, at).filter(|_| !is_ignored);
        match row {
            Row::LogProbabilities => goal.map_or(Factor::closed(FactorKind::Jacobian), |goal| {
                Factor::of(FactorKind::Jacobian, -goal)
            }),
            Row::Logits { normaliser, goals } => {
                let p = normaliser.probability(input.value(at));
                // A softmax that is NaN is so for all, and for a sample that is ignored, too.
                if is_ignored && !p.is_nan() {
                    return Factor::closed(FactorKind::Jacobian);
                }
                let sent = |goal: f64| upstream * goal;
                let all = || {
                    self.goals(shape, sample)
                        .map(|(_, goal)| sent(goal))
                        .sum::<f64>()
                };
                Factor::coupled(upstream, p * goals - goal.unwrap_or(0.0), || {
                    p * all() - goal.map_or(0.0, sent)
                })
            }
        }
    }

    fn expect_classes(
        &self,
        (name, shape): (&str, &Shape),
        n_classes: usize,
    ) -> Result<(), ShapeError> {
        let expected = shape.without(class_axis(shape));
        let target = self.target.shape();
        if *target != expected {
            let axis = class_axis(shape);
            let message = format!(
                "`target` has shape {target}, but `{name}` {shape} has its classes on axis {axis}, so it must be {expected}"
            );
            return Err(ShapeError::key("target", message).hinted(match self.reads {
                Reads::Logits => {
                    format!("give the number of a class for each sample, or in shape {shape} a probability for each class")
                }
                Reads::LogProbabilities => "give the number of a class for each sample".to_owned(),
            }));
        }
        let is_class =
            |value: f64| value.fract() == 0.0 && (0.0..n_classes as f64).contains(&value);
        let fits = |&value: &f64| is_class(value) || value == self.ignore_index as f64;
        let Some(wrong) = self.target.data().iter().position(|value| !fits(value)) else {
            return Ok(());
        };
        let (place, value) = (
            Address::of("target", target, wrong),
            exact(self.target.data()[wrong]),
        );
        let message = format!(
            "`{place}` is {value}, but `{name}` has {n_classes} classes, numbered 0 to {}",
            n_classes - 1
        );
        Err(ShapeError::key("target", message)
            .labelled("no such class")
            .hinted(format!(
                "a sample without a class is marked with `ignore_index`, here {}",
                self.ignore_index
            )))
    }
}

/// A sample's way from the input to ln p.
enum Row {
    Logits { normaliser: Normaliser, goals: f64 },
    LogProbabilities,
}

impl Row {
    fn log_probability(&self, x: f64) -> f64 {
        match self {
            Self::Logits { normaliser, .. } => normaliser.log_probability(x),
            Self::LogProbabilities => x,
        }
    }

    /// How the normaliser's share in every class pulls at x: p · Σ_c q_c.
    fn pull(&self, x: f64) -> f64 {
        match self {
            Self::Logits { normaliser, goals } => normaliser.probability(x) * goals,
            Self::LogProbabilities => 0.0,
        }
    }
}

fn class_axis(input: &Shape) -> usize {
    usize::from(input.rank() > 1)
}

fn rows(input: &Shape) -> Rows {
    Rows::along(input, class_axis(input))
}

impl<S: Settings> Loss for Classes<S> {
    fn settings(&self) -> &dyn Settings {
        &self.settings
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn losses_shape(&self, (name, shape): (&str, &Shape)) -> Result<Shape, ShapeError> {
        if shape.rank() == 0 {
            return Err(ShapeError::input(
                0,
                format!("`{name}` is a single number, but this loss needs one for each class"),
            )
            .hinted("the input is [C], [N, C] or [N, C, ...]"));
        }
        let n_classes = rows(shape).size;
        if let Some(weight) = &self.weight {
            let why = format!("`{name}` has {n_classes} classes");
            expect_shape(
                "weight",
                ("weight", weight.shape()),
                &Shape::from([n_classes]),
                &why,
            )?;
        }
        if self.has_probabilities(shape) {
            if self.ignore_index >= 0 {
                return Err(ShapeError::key(
                    "ignore_index",
                    "the target holds probabilities, so there is no class to ignore",
                )
                .hinted("leave `ignore_index` out, or give one class a sample"));
            }
        } else {
            self.expect_classes((name, shape), n_classes)?;
        }
        Ok(shape.without(class_axis(shape)))
    }

    fn n_samples(&self, input: &Shape) -> usize {
        input.numel() / rows(input).size
    }

    fn value(&self, input: Operand<'_>, sample: usize) -> f64 {
        let shape = input.shape();
        if self.is_ignored(shape, sample) {
            return 0.0;
        }
        let row = self.row(input, sample);
        let goals = self.goals(shape, sample);
        goals.fold(0.0, |loss, (at, goal)| {
            loss - goal * row.log_probability(input.value(at))
        })
    }

    fn sample_of(&self, input: &Shape, at: usize) -> usize {
        rows(input).number(at)
    }

    fn elements(&self, input: &Shape, sample: usize, visit: &mut dyn FnMut(usize)) {
        rows(input).places(sample).for_each(visit);
    }

    /// p Σ_c q_c - q for a logit, and -q for a log-probability.
    fn slope(&self, input: Operand<'_>, at: usize, upstream: f64) -> Factor {
        let sample = rows(input.shape()).number(at);
        self.slope_in(&self.row(input, sample), input, at, upstream)
    }

    /// p Σ_c q_c, where a sample counts; a log-probability has no part of its own.
    fn slope_without_target(&self, input: Operand<'_>, at: usize) -> Option<f64> {
        let sample = rows(input.shape()).number(at);
        let counts = self.reads == Reads::Logits && !self.is_ignored(input.shape(), sample);
        counts.then(|| self.row(input, sample).pull(input.value(at)))
    }

    /// Works out every sample's normaliser once.
    fn slopes(&self, input: Operand<'_>, upstream: &(dyn Fn(usize) -> f64 + Sync)) -> Vec<Factor> {
        let samples: Vec<Row> = (0..self.n_samples(input.shape()))
            .into_par_iter()
            .map(|sample| self.row(input, sample))
            .collect();
        let row = |at| &samples[rows(input.shape()).number(at)];
        let slope = |at| self.slope_in(row(at), input, at, upstream(at));
        (0..input.data().len())
            .into_par_iter()
            .with_min_len(1024)
            .map(slope)
            .collect()
    }

    /// Only a logit's slope has more to it than its goal.
    fn on_slope(&self, input: Operand<'_>, at: usize, slope: f64) -> Option<String> {
        let Row::Logits { normaliser, .. } = self.row(input, rows(input.shape()).number(at)) else {
            return None;
        };
        let p = normaliser.probability(input.value(at));
        let gives = format!("The softmax gives {{me}} a probability of {}", number(p));
        Some(probability_minus_target(&gives, p, slope))
    }

    /// PyTorch wants classes as whole numbers.
    fn torch_arguments(&self, input: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(self.settings.given());
        if !self.has_probabilities(input) {
            let target = arguments.iter_mut().find(|(key, _)| *key == "target");
            target.into_iter().for_each(|(_, target)| {
                *target = TorchArgument::Classes(self.target.clone());
            });
        }
        arguments
    }

    fn divisor(&self, input: &Shape) -> f64 {
        if self.has_probabilities(input) {
            self.n_samples(input) as f64
        } else if self.target_weight == 0.0 && self.label_smoothing > 0.0 {
            // The targets' own part is 0/0, whatever is shared out beside it.
            f64::NAN
        } else {
            self.target_weight
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ops::testing::{Layer, noise, refuses, with};
    use crate::ops::{OperandRole, Simplification};

    fn loss(op: &str, target: Value, more: Value) -> Value {
        with(json!({ "op": op, "target": target }), more)
    }

    #[test]
    fn the_laws_hold() {
        let classes = json!([[2, 0], [1, -100]]);
        let probabilities = noise(&[2, 3, 2], 2);
        for reduction in ["mean", "sum", "none"] {
            for weight in [json!({}), json!({ "weight": [0.5, 2, 3] })] {
                let mut more = weight;
                more["reduction"] = json!(reduction);
                let input = [noise(&[2, 3, 2], 1)];
                Layer::new(loss("nll_loss", classes.clone(), more.clone()), &input)
                    .unwrap()
                    .keeps_the_laws(0.0);
                for smoothing in [0.0, 0.3] {
                    more["label_smoothing"] = json!(smoothing);
                    for target in [&classes, &probabilities] {
                        let keys = loss("cross_entropy", target.clone(), more.clone());
                        Layer::new(keys, &input).unwrap().keeps_the_laws(0.0);
                    }
                }
            }
        }
        let one = [noise(&[3], 1)];
        Layer::new(loss("cross_entropy", json!(2), json!({})), &one)
            .unwrap()
            .keeps_the_laws(0.0);
        Layer::new(
            loss("cross_entropy", json!([0.2, 0.3, 0.5]), json!({})),
            &one,
        )
        .unwrap()
        .keeps_the_laws(0.0);
    }

    /// Two samples whose probabilities are (3/4, 1/4) and (1/2, 1/2).
    fn logits() -> [Value; 1] {
        [json!([[libm::log(3.0), 0], [0, 0]])]
    }

    fn check(keys: Value, expected: f64, gradient: [f64; 4]) {
        let layer = Layer::new(keys.clone(), &logits()).unwrap();
        let value = layer.output().data()[0];
        assert!(
            (value - expected).abs() < 1e-14,
            "{keys}: {value} is not {expected}"
        );
        for (grad, expected) in layer
            .gradient(OperandRole::Input(0), &[1.0])
            .into_iter()
            .zip(gradient)
        {
            assert!(
                (grad - expected).abs() < 1e-14,
                "{keys}: {grad} is not {expected}"
            );
        }
    }

    #[test]
    fn cross_entropy_by_hand() {
        let (ln2, ln4, ln43) = (libm::log(2.0), libm::log(4.0), libm::log(4.0 / 3.0));
        let entropy = |target: Value, more: Value| loss("cross_entropy", target, more);
        check(
            entropy(json!([1, 0]), json!({})),
            (ln4 + ln2) / 2.0,
            [0.375, -0.375, -0.25, 0.25],
        );
        check(
            entropy(json!([1, 0]), json!({ "ignore_index": 0 })),
            ln4,
            [0.75, -0.75, 0.0, 0.0],
        );
        let weight = json!({ "weight": [1, 3] });
        check(
            entropy(json!([1, 0]), weight.clone()),
            (3.0 * ln4 + ln2) / 4.0,
            [0.5625, -0.5625, -0.125, 0.125],
        );
        // Of the smoothing's half each class gets a quarter, times its weight; the mean still
        // divides by the targets' weights, 4.
        let smooth = json!({ "weight": [1, 3], "label_smoothing": 0.5 });
        let expected = (0.25 * ln43 + 2.25 * ln4 + 0.75 * ln2 + 0.75 * ln2) / 4.0;
        check(
            entropy(json!([1, 0]), smooth),
            expected,
            [0.40625, -0.40625, 0.0, 0.0],
        );
        // With probabilities the mean divides by the number of samples, whatever the weights.
        let expected = (0.5 * ln43 + 1.5 * ln4 + ln2) / 2.0;
        check(
            entropy(json!([[0.5, 0.5], [1, 0]]), weight),
            expected,
            [0.5, -0.5, -0.25, 0.25],
        );
    }

    #[test]
    fn without_its_target_the_slope_is_the_probability_times_the_goals() {
        let near = |keys: Value, expected: [f64; 4]| {
            let simplified = Layer::new(keys, &logits())
                .unwrap()
                .simplified(0, Simplification::NoTarget);
            for (simplified, expected) in simplified.into_iter().zip(expected) {
                assert!(
                    (simplified.unwrap() - expected).abs() < 1e-15,
                    "{simplified:?} is not {expected}"
                );
            }
        };
        near(
            loss("cross_entropy", json!([1, 0]), json!({})),
            [0.75, 0.25, 0.5, 0.5],
        );
        near(
            loss("cross_entropy", json!([1, 0]), json!({ "weight": [1, 3] })),
            [2.25, 0.75, 0.5, 0.5],
        );
        let ignored = Layer::new(
            loss("cross_entropy", json!([-100, -100]), json!({})),
            &logits(),
        )
        .unwrap();
        assert_eq!(ignored.simplified(0, Simplification::NoTarget), [None; 4]);
        let log = Layer::new(loss("nll_loss", json!([1, 0]), json!({})), &logits()).unwrap();
        assert_eq!(log.simplified(0, Simplification::NoTarget), [None; 4]);
        assert_eq!(
            log.simplified(0, Simplification::FixedStatistics),
            [None; 4]
        );
    }

    /// The gradient of one sample of classes that weigh so much.
    fn weighed(op: &str, weight: &[Value], more: Value) -> Vec<f64> {
        let keys = with(json!({ "op": op, "target": [1], "weight": weight }), more);
        let input = json!([[0.5, -1, 2]]);
        let layer = Layer::new(keys, &[input]).unwrap();
        layer.gradient(OperandRole::Input(0), &[1.0])
    }

    #[test]
    fn weights_are_those_of_the_target_alone_unless_it_is_smoothed() {
        let infinite = [json!(1), json!(1), json!("Infinity")];
        assert_eq!(weighed("nll_loss", &infinite, json!({})), [0.0, -1.0, 0.0]);
        let entropy = weighed("cross_entropy", &infinite, json!({}));
        assert!(entropy.iter().all(|gradient| gradient.is_finite()));
        let smoothed = weighed(
            "cross_entropy",
            &infinite,
            json!({ "label_smoothing": 0.1 }),
        );
        assert!(smoothed.iter().any(|gradient| !gradient.is_finite()));
    }

    #[test]
    fn a_mean_over_weights_that_add_up_to_0_is_nan_for_the_target() {
        let nothing = [json!(1), json!(0), json!(1)];
        let nll = weighed("nll_loss", &nothing, json!({}));
        assert!(nll[1].is_nan());
        assert_eq!((nll[0], nll[2]), (0.0, 0.0));
        for smoothing in [0.0, 0.1] {
            let more = json!({ "label_smoothing": smoothing });
            let entropy = weighed("cross_entropy", &nothing, more);
            assert!(entropy.iter().all(|gradient| gradient.is_nan()));
        }
    }

    #[test]
    fn factors_come_before_the_mean() {
        let layer = Layer::new(
            loss("nll_loss", json!([1, 0]), json!({ "weight": [1, 3] })),
            &logits(),
        )
        .unwrap();
        assert_eq!(
            layer.terms(OperandRole::Input(0), 1),
            [(0, vec![("jacobian", -3.0), ("scale", 0.25)])]
        );
        let layer = Layer::new(
            loss("nll_loss", json!([1, 0]), json!({ "reduction": "none" })),
            &logits(),
        )
        .unwrap();
        assert_eq!(
            layer.terms(OperandRole::Input(0), 2),
            [(1, vec![("jacobian", -1.0)])]
        );
        assert_eq!(
            layer.terms(OperandRole::Input(0), 3),
            [(1, vec![("jacobian", 0.0)])]
        );
    }

    #[test]
    fn with_every_sample_ignored_the_mean_is_nan_and_its_gradient_zero() {
        for op in ["cross_entropy", "nll_loss"] {
            let layer = Layer::new(loss(op, json!([-100, -100]), json!({})), &logits()).unwrap();
            assert!(layer.output().data()[0].is_nan());
            assert_eq!(layer.gradient(OperandRole::Input(0), &[1.0]), [0.0; 4]);
        }
    }

    #[test]
    fn misfits_are_refused() {
        let three = &[json!([0.1, 0.2, 0.7])][..];
        let many = &[json!([[0.1, 0.2, 0.7], [1, 2, 3]])][..];
        for op in ["cross_entropy", "nll_loss"] {
            let of = |target: Value| loss(op, target, json!({}));
            refuses(&[
                (json!({ "op": op }), three, "target: missing"),
                (
                    of(json!(3)),
                    three,
                    "target: `target` is 3, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!(-1)),
                    three,
                    "target: `target` is -1, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!(1.5)),
                    three,
                    "target: `target` is 1.5, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!(1e300)),
                    three,
                    "target: `target` is 1e300, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!([0])),
                    three,
                    "target: `target` has shape [1], but `a` [3] has its classes on axis 0, so it must be []",
                ),
                (
                    of(json!([0, 3])),
                    many,
                    "target: `target[1]` is 3, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!([0, 0.5])),
                    many,
                    "target: `target[1]` is 0.5, but `a` has 3 classes, numbered 0 to 2",
                ),
                (
                    of(json!([0])),
                    many,
                    "target: `target` has shape [1], but `a` [2, 3] has its classes on axis 1, so it must be [2]",
                ),
                (
                    of(json!([[0], [1]])),
                    many,
                    "target: `target` has shape [2, 1], but `a` [2, 3] has its classes on axis 1, so it must be [2]",
                ),
                (
                    of(json!(0)),
                    &[json!(5)],
                    "from 0: `a` is a single number, but this loss needs one for each class",
                ),
                (
                    loss(op, json!(1), json!({ "weight": [1, 2] })),
                    three,
                    "weight: `weight` has shape [2], but `a` has 3 classes, so it must be [3]",
                ),
                (
                    loss(op, json!(1), json!({ "ignore_index": "1" })),
                    three,
                    "ignore_index: must be a whole number",
                ),
                (
                    loss(op, json!(1), json!({ "reduction": "avg" })),
                    three,
                    "reduction: one of mean, sum, none",
                ),
            ]);
        }
        let smoothing =
            |by: Value| loss("cross_entropy", json!(1), json!({ "label_smoothing": by }));
        let ignoring = loss(
            "cross_entropy",
            json!([0.2, 0.3, 0.5]),
            json!({ "ignore_index": 1 }),
        );
        refuses(&[
            (
                smoothing(json!(1.1)),
                three,
                "label_smoothing: must be from 0 to 1",
            ),
            (
                smoothing(json!(-0.1)),
                three,
                "label_smoothing: must be from 0 to 1",
            ),
            (
                smoothing(json!(null)),
                three,
                "label_smoothing: must be a number",
            ),
            (
                ignoring,
                three,
                "ignore_index: the target holds probabilities, so there is no class to ignore",
            ),
            (
                loss("nll_loss", json!([0.2, 0.3, 0.5]), json!({})),
                three,
                "target: `target` has shape [3], but `a` [3] has its classes on axis 0, so it must be []",
            ),
        ]);
    }
}
