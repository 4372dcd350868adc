//! The text of an exercise.

use super::plan::{Layer, Plan, PlannedOp};
use crate::ops::{DefaultValue, Value};
use crate::optim::{Given, Optimizer};
use crate::scenario::{LayerText, Numbers, Text, setting_in_json};
use crate::tensor::{Tensor, exact};

impl Plan {
    /// Returns the scenario with these numbers as JSON.
    pub(super) fn json(&self, title: &str, description: &str, numbers: &[f64]) -> String {
        let mut tensors = self.tensors(numbers);
        let named = |(name, tensor): (&str, Tensor)| (name.to_owned(), Numbers::Here(tensor));
        let text = Text {
            title: title.to_owned(),
            description: description.to_owned(),
            inputs: [self.input.0]
                .into_iter()
                .zip(&mut tensors)
                .map(named)
                .collect(),
            layers: self
                .layers
                .iter()
                .map(|layer| layer.text(&mut tensors))
                .collect(),
            upstream: self
                .upstream
                .iter()
                .map(|(name, _)| *name)
                .zip(tensors)
                .map(named)
                .collect(),
            train: self.train.as_ref().map(train),
            ask: self.ask.iter().map(|&name| name.to_owned()).collect(),
            ..Text::default()
        };
        text.to_json()
    }
}

impl Layer {
    /// The layer with the next tensors.
    fn text(&self, tensors: &mut impl Iterator<Item = Tensor>) -> LayerText {
        let mut text = LayerText::default();
        let parameters = [("weight", &self.weight), ("bias", &self.bias)];
        for (key, _) in parameters.iter().filter(|(_, unknown)| unknown.is_some()) {
            text.below
                .extend(tensors.next().map(|tensor| (*key, tensor)));
        }
        let (row, given) = match &self.op {
            PlannedOp::Known(op) => (op.descriptor(), op.given()),
            PlannedOp::Loss(_, of_target) => {
                let target = tensors.next();
                let loss = of_target(target.clone().unwrap_or(Tensor::scalar(0.0)));
                text.below.extend(target.map(|target| ("target", target)));
                (loss.descriptor(), Vec::new())
            }
        };
        let word = |word: &str| format!("\"{word}\"");
        text.line
            .extend([("name", word(self.name)), ("op", word(row.name))]);
        let from = self
            .from
            .map(|names| names.iter().map(|name| word(name)).collect());
        text.line.extend(from.map(|names| ("from", list(names))));
        for setting in row.settings() {
            let given = given.iter().find(|(key, _)| *key == setting.key);
            match (given, setting.default) {
                (Some((key, value)), _) => text.line.push((key, in_line(value))),
                (None, DefaultValue::Value(value)) if self.said == Some(setting.key) => {
                    text.line.push((setting.key, in_line(&value)));
                }
                (None, _) => {}
            }
        }
        text
    }
}

/// How parameters are updated: `{ "optimizer": "sgd", "lr": 0.25 }`.
fn train(optimizer: &Optimizer) -> String {
    let settings = optimizer.given().into_iter().map(|(key, given)| {
        let value = match given {
            Given::Number(number) => exact(number),
            Given::Pair(pair) => list(pair.map(exact).into()),
            Given::Flag(flag) => flag.to_string(),
        };
        format!(", \"{key}\": {value}")
    });
    let settings: String = settings.collect();
    format!(
        "{{ \"optimizer\": \"{}\"{settings} }}",
        optimizer.rule.name()
    )
}

/// A setting's value; lists are short, and have no blanks.
fn in_line(value: &Value) -> String {
    match value {
        Value::Tensor(tensor) if tensor.shape().rank() > 0 => {
            list(tensor.data().iter().copied().map(exact).collect())
        }
        Value::Tensor(tensor) => exact(tensor.data()[0]),
        value => setting_in_json(value).to_string(),
    }
}

fn list(items: Vec<String>) -> String {
    format!("[{}]", items.join(","))
}
