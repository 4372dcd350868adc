//! The plan of an exercise: a scenario in which the numbers are still to be found.

use std::fmt::Write;

use serde_json::Value;

use crate::json;
use crate::tensor::{Shape, exact};

/// A scenario without its numbers, which are counted through all of its tensors in the order in
/// which these are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    inputs: Vec<(&'static str, Numbers)>,
    layers: Vec<Layer>,
    upstream: Vec<(&'static str, Numbers)>,
    ask: &'static [&'static str],
}

#[derive(Debug, Clone)]
struct Layer {
    name: &'static str,
    op: &'static str,
    from: Option<Value>,
    settings: Vec<(&'static str, Value)>,
    tensors: Vec<(&'static str, Numbers)>,
}

/// A tensor whose numbers are still to be found.
#[derive(Debug, Clone)]
struct Numbers {
    shape: Shape,
    /// Each number is one of these.
    choices: &'static [f64],
}

impl Plan {
    /// A plan with an input.
    pub(super) fn of(input: &'static str, sizes: &[usize], choices: &'static [f64]) -> Self {
        Self {
            inputs: vec![(input, Numbers::of(sizes, choices))],
            ..Self::default()
        }
    }

    /// Adds a layer that reads the one before.
    pub(super) fn layer(mut self, name: &'static str, op: &'static str) -> Self {
        self.layers.push(Layer {
            name,
            op,
            from: None,
            settings: Vec::new(),
            tensors: Vec::new(),
        });
        self
    }

    /// Lets the last layer read other tensors.
    pub(super) fn from(mut self, names: &[&str]) -> Self {
        self.last().from = Some(Value::from(names.to_vec()));
        self
    }

    /// Gives the last layer a setting.
    pub(super) fn set(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.last().settings.push((key, value.into()));
        self
    }

    /// Gives the last layer a weight, a bias or a target.
    pub(super) fn tensor(
        mut self,
        key: &'static str,
        sizes: &[usize],
        choices: &'static [f64],
    ) -> Self {
        self.last().tensors.push((key, Numbers::of(sizes, choices)));
        self
    }

    /// Gives a tensor an upstream gradient.
    pub(super) fn upstream(
        mut self,
        name: &'static str,
        sizes: &[usize],
        choices: &'static [f64],
    ) -> Self {
        self.upstream.push((name, Numbers::of(sizes, choices)));
        self
    }

    /// Says which tensors are asked for.
    pub(super) fn ask(self, ask: &'static [&'static str]) -> Self {
        Self { ask, ..self }
    }

    fn last(&mut self) -> &mut Layer {
        self.layers
            .last_mut()
            .expect("a template gives settings to a layer that it has added")
    }

    /// What each number can be.
    pub(super) fn choices(&self) -> Vec<&'static [f64]> {
        let tensors = self.layers.iter().flat_map(|layer| &layer.tensors);
        let all = self.inputs.iter().chain(tensors).chain(&self.upstream);
        all.flat_map(|(_, numbers)| vec![numbers.choices; numbers.shape.numel()])
            .collect()
    }

    /// Returns the scenario with these numbers as JSON, a row of a matrix a line.
    pub(super) fn json(&self, title: &str, description: &str, numbers: &[f64]) -> String {
        let mut text = Text {
            json: String::new(),
            numbers,
        };
        let (title, description) = (Value::from(title), Value::from(description));
        text.push(format_args!(
            "{{\n  \"backstep\": 1,\n  \"title\": {title},\n  \"description\": {description},\n  \"inputs\": {{"
        ));
        text.tensors(&self.inputs, 4);
        text.push(format_args!("\n  }},\n  \"layers\": ["));
        for (number, layer) in self.layers.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            text.push(format_args!("{comma}\n    "));
            layer.write(&mut text);
        }
        text.push(format_args!("\n  ]"));
        if !self.upstream.is_empty() {
            text.push(format_args!(",\n  \"upstream\": {{"));
            text.tensors(&self.upstream, 4);
            text.push(format_args!("\n  }}"));
        }
        let ask: Vec<String> = self
            .ask
            .iter()
            .map(|name| Value::from(*name).to_string())
            .collect();
        text.push(format_args!(",\n  \"ask\": [{}]\n}}\n", ask.join(", ")));
        text.json
    }
}

impl Layer {
    fn write(&self, text: &mut Text<'_>) {
        let from = self.from.as_ref().map(|from| ("from", from));
        let settings = from
            .into_iter()
            .chain(self.settings.iter().map(|(key, value)| (*key, value)));
        let mut head = format!("\"name\": \"{}\", \"op\": \"{}\"", self.name, self.op);
        for (key, value) in settings {
            let _ = write!(head, ", \"{key}\": {value}");
        }
        if self.tensors.is_empty() {
            return text.push(format_args!("{{ {head} }}"));
        }
        text.push(format_args!("{{\n      {head},"));
        text.tensors(&self.tensors, 6);
        text.push(format_args!("\n    }}"));
    }
}

impl Numbers {
    fn of(sizes: &[usize], choices: &'static [f64]) -> Self {
        Self {
            shape: Shape::from(sizes),
            choices,
        }
    }
}

/// The text so far, and the numbers that are not in it yet.
struct Text<'a> {
    json: String,
    numbers: &'a [f64],
}

impl Text<'_> {
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.json.write_fmt(text);
    }

    /// Writes tensors, each on a line of its own that begins with so many blanks.
    fn tensors(&mut self, tensors: &[(&str, Numbers)], indent: usize) {
        for (number, (name, Numbers { shape, .. })) in tensors.iter().enumerate() {
            let (own, rest) = self.numbers.split_at(shape.numel());
            self.numbers = rest;
            let comma = if number == 0 { "" } else { "," };
            let rows = json::rows(shape, indent, &|at| exact(own[at]));
            self.push(format_args!("{comma}\n{:indent$}\"{name}\": {rows}", ""));
        }
    }
}
