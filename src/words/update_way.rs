//! Which way the loss goes with a parameter, and what carries an update the other way.

use crate::backprop::Backprop;
use crate::ops::{Contribution, FactorKind, OperandRole};
use crate::optim::{Optimizer, Quantity, Sum};
use crate::tape::Network;
use crate::tensor::{Element, TensorId};

/// The terms of a sum, each with what it multiplies.
pub(super) type Terms = Vec<(Quantity, Contribution)>;

/// The update of one element of a parameter.
pub(super) struct Step<'a> {
    pub(super) backprop: &'a Backprop,
    pub(super) optimizer: &'a Optimizer,
    /// The element before the update.
    pub(super) subject: Element,
    pub(super) sums: &'a [(Sum, Terms)],
}

/// What moves a parameter.
#[derive(Clone, Copy, PartialEq)]
enum Push {
    Gradient,
    Decay,
    Velocity,
    /// The mean of the gradients of the updates before.
    Mean,
}

impl Step<'_> {
    /// What the gradient says of the loss, and where the step goes another way, what carries it:
    /// `: the loss falls when this weight does, but the velocity still carries it up.`
    pub(super) fn way(&self) -> String {
        let (old, gradient) = self.before();
        let step = self.value() - old;
        if gradient.is_nan() {
            return ": a gradient of NaN makes it NaN.".to_owned();
        }
        let kind = kind_word(self.backprop.network(), self.subject.tensor);
        let says = match (self.optimizer.maximize, gradient > 0.0) {
            _ if gradient == 0.0 => {
                ". Its gradient is 0: a nudge of it does not move the loss".to_owned()
            }
            (false, true) => format!(": the loss falls when this {kind} does"),
            (false, false) => format!(": the loss falls when this {kind} rises"),
            (true, true) => format!(": the loss rises when this {kind} does"),
            (true, false) => format!(": the loss rises when this {kind} falls"),
        };
        let sign = if self.optimizer.maximize { 1.0 } else { -1.0 };
        let goes_as_told = step * sign * gradient > 0.0;
        let but = match () {
            () if goes_as_told || step.is_nan() => String::new(),
            () if step == 0.0 && gradient == 0.0 => String::new(),
            () if step == 0.0 => self.why_it_stays().to_owned(),
            () => self.carried(step),
        };
        format!("{says}{but}.")
    }

    /// The value and the gradient.
    fn before(&self) -> (f64, f64) {
        let value = self.backprop.tape().element(self.subject);
        (value, self.backprop.element(self.subject))
    }

    fn terms(&self, of: Sum) -> &[(Quantity, Contribution)] {
        let mut sums = self.sums.iter();
        sums.find(|(sum, _)| *sum == of)
            .map_or(&[], |(_, terms)| terms)
    }

    /// The new value.
    fn value(&self) -> f64 {
        let terms = self.terms(Sum::Value).iter();
        terms.fold(0.0, |sum, (_, term)| sum + term.product())
    }

    /// Everything that moves the value, and by how much. What Adam has taken into its mean moves
    /// it in proportion to its share of that.
    fn pushes(&self) -> Vec<(Push, f64)> {
        let mut pushes = Vec::new();
        for (quantity, term) in self.terms(Sum::Value) {
            let decays = term.factors.iter().any(|one| one.kind == FactorKind::Decay);
            let push = match quantity {
                Quantity::Value if decays => Push::Decay,
                Quantity::Gradient => Push::Gradient,
                Quantity::Velocity => Push::Velocity,
                Quantity::CorrectedMean => {
                    pushes.extend(self.pushes_of_mean(term.product()));
                    continue;
                }
                Quantity::Value
                | Quantity::SquaredGradient
                | Quantity::Mean
                | Quantity::Square
                | Quantity::Center => continue,
            };
            pushes.push((push, term.product()));
        }
        pushes
    }

    fn pushes_of_mean(&self, product: f64) -> impl Iterator<Item = (Push, f64)> {
        let terms = self.terms(Sum::Mean);
        let mean = terms
            .iter()
            .fold(0.0, |sum, (_, term)| sum + term.product());
        terms.iter().map(move |(quantity, term)| {
            let push = match quantity {
                Quantity::Mean => Push::Mean,
                Quantity::Value => Push::Decay,
                _ => Push::Gradient,
            };
            (push, product * (term.product() / mean))
        })
    }

    /// What carries the step the way that it goes, where that is not the gradient's.
    fn carried(&self, step: f64) -> String {
        let pushes = self.pushes().into_iter();
        let with = pushes.filter(|(_, by)| by * step > 0.0);
        let most = with.reduce(|a, b| if b.1.abs() > a.1.abs() { b } else { a });
        let way = if step > 0.0 { "up" } else { "down" };
        match most.map(|(push, _)| push) {
            Some(Push::Velocity) => format!(", but the velocity still carries it {way}"),
            Some(Push::Mean) => {
                format!(", but the mean of the gradients before still carries it {way}")
            }
            Some(Push::Decay) => format!(", but the weight decay pulls it {way}, towards 0"),
            Some(Push::Gradient) if self.optimizer.lr < 0.0 => {
                format!(", but a learning rate below 0 takes it {way}")
            }
            Some(Push::Gradient) | None => String::new(),
        }
    }

    /// Why there is no step though there is a gradient.
    fn why_it_stays(&self) -> &'static str {
        let pushes = self.pushes().into_iter().map(|(_, by)| by);
        if self.optimizer.lr == 0.0 {
            return ", but a learning rate of 0 moves nothing";
        }
        let is_one = pushes.clone().filter(|by| *by != 0.0).count() == 1;
        match (is_one, pushes.sum::<f64>() == 0.0) {
            (true, _) | (false, false) => ", but the step is too small to change its digits",
            (false, true) => ", but what moves it cancels out",
        }
    }
}

/// What a parameter is to the layers that use it.
fn kind_word(network: &Network, parameter: TensorId) -> &'static str {
    let roles = network.consumers(parameter).iter().map(|used| used.role);
    let mut roles = roles.collect::<Vec<_>>();
    roles.dedup();
    match roles[..] {
        [OperandRole::Weight] => "weight",
        [OperandRole::Bias] => "bias",
        _ => "parameter",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::scenario::{NoFiles, Options, Scenario};
    use crate::training::Training;
    use crate::words::{Paragraph, step};

    /// The words on the new value of a parameter, in an update of y = w x + b with a squared error
    /// against 0, where x is 1 and then `x`.
    fn words(parameter: &str, train: &str, x: &str, update: usize) -> String {
        let json = format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": [1] }},
              "layers": [
                {{ "name": "y", "op": "linear", "weight": [[1]], "bias": [1] }},
                {{ "name": "loss", "op": "mse_loss", "target": [0] }}],
              "train": {{ {train}, "steps": 3,
                "batches": [{{}}, {{ "x": [{x}] }}, {{ "x": [{x}] }}] }} }}"#
        );
        let scenario = Scenario::read("net", json.as_bytes(), &NoFiles, Options::default());
        let scenario = scenario.unwrap_or_else(|problem| panic!("{json}: {problem}"));
        let mut training = Training::of(scenario.into()).unwrap();
        let run = training.at(update, &Cancel::default()).unwrap();
        let tensor = run.network().find(&format!("{parameter}.new")).unwrap();
        let Paragraph { sentences } = step(&run, Element { tensor, at: 0 });
        let said: Vec<String> = sentences.iter().map(ToString::to_string).collect();
        said.join(" ")
    }

    #[track_caller]
    fn says(words: &str, part: &str) {
        assert!(words.contains(part), "{words}");
    }

    #[test]
    fn a_parameter_is_called_what_it_is() {
        let sgd = r#""optimizer": "sgd", "lr": 0.1"#;
        says(&words("y.weight", sgd, "1", 1), "when this weight does.");
        says(&words("y.bias", sgd, "1", 1), "when this bias does.");
    }

    #[test]
    fn what_carries_it_the_other_way_is_told() {
        // y is 2, and then with x at −1.01 a little below 0, so that the bias should rise.
        let told = |train: &str| words("y.bias", train, "-1.01", 2);
        for (train, part) in [
            (
                r#""optimizer": "sgd", "lr": 0.01, "momentum": 0.9"#,
                "when this bias rises, but the velocity still carries it down.",
            ),
            (
                r#""optimizer": "sgd", "lr": 0.01, "momentum": 0.9, "maximize": true"#,
                "the loss rises when this bias falls, but the velocity still carries it up.",
            ),
            (
                r#""optimizer": "rmsprop", "lr": 0.01, "momentum": 0.9"#,
                "rises, but the velocity still carries it down.",
            ),
            (
                r#""optimizer": "adam", "lr": 0.01"#,
                "rises, but the mean of the gradients before still carries it down.",
            ),
            (
                r#""optimizer": "sgd", "lr": 0.01, "weight_decay": 1"#,
                "rises, but the weight decay pulls it down, towards 0.",
            ),
            (
                r#""optimizer": "adamw", "lr": 0.01, "betas": [0, 0.9], "weight_decay": 90"#,
                "rises, but the weight decay pulls it down, towards 0.",
            ),
            (
                r#""optimizer": "sgd", "lr": 0"#,
                "rises, but a learning rate of 0 moves nothing.",
            ),
            (
                r#""optimizer": "sgd", "lr": -0.01, "maximize": true"#,
                "the loss rises when this bias falls, but a learning rate below 0 takes it up.",
            ),
            (
                r#""optimizer": "sgd", "lr": 1e-30"#,
                "but the step is too small to change its digits.",
            ),
        ] {
            says(&told(train), part);
        }
        // With the gradient it goes without saying.
        let plain = told(r#""optimizer": "sgd", "lr": 0.01"#);
        says(&plain, "the loss falls when this bias rises.");
    }

    #[test]
    fn where_the_gradient_is_0_only_what_moves_it_is_told() {
        let told = |train: &str| words("y.weight", train, "0", 2);
        let nothing = told(r#""optimizer": "sgd", "lr": 0.01"#);
        says(
            &nothing,
            "Its gradient is 0: a nudge of it does not move the loss.",
        );
        let momentum = told(r#""optimizer": "sgd", "lr": 0.01, "momentum": 0.9"#);
        says(
            &momentum,
            "does not move the loss, but the velocity still carries it down.",
        );
    }
}
