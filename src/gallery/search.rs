//! What a scenario can be found by: its own words, and those for what its layers compute.

use serde::Deserialize;

use super::Item;

/// What people call ops besides their names.
const ALSO_CALLED: &[(&str, &str)] = &[
    ("avg_pool2d", "average pooling"),
    ("batch_norm", "batch normalization"),
    ("binary_cross_entropy_with_logits", "bce sigmoid"),
    ("cat", "concatenate"),
    ("conv2d", "convolution convolutional cnn"),
    ("cross_entropy", "softmax"),
    ("group_norm", "group normalization"),
    ("layer_norm", "layer normalization"),
    ("linear", "fully connected dense fc"),
    ("log_softmax", "softmax"),
    ("matmul", "matrix product"),
    ("mse_loss", "mean squared error"),
    ("mul", "multiply times"),
    ("permute", "transpose"),
];
/// Endings that a word may have in a question and lack in an answer.
const ENDINGS: [&str; 5] = ["ing", "ies", "es", "ed", "s"];
/// The shortest word that is left without its ending.
const SHORTEST_STEM: usize = 4;

/// The ops in a scenario's file.
#[derive(Default, Deserialize)]
struct Ops {
    layers: Vec<LayerOps>,
}

#[derive(Deserialize)]
struct LayerOps {
    op: String,
    activation: Option<String>,
}

/// The words by which a scenario is found.
///
/// ```
/// use backstep::gallery::{self, SearchWords};
///
/// let words = SearchWords::of(gallery::find("the-question").unwrap());
/// assert!(words.answer("max pooling") && words.answer("Fully connected"));
/// assert!(!words.answer("softmax"));
/// ```
#[derive(Debug, Clone)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// Returns the words of a scenario's name, group, title and description, and of its ops.
    pub fn of(item: &Item) -> Self {
        let headline = item.headline();
        let ops: Ops = serde_json::from_str(item.json).unwrap_or_default();
        let layers = ops.layers.into_iter();
        let ops = layers.flat_map(|layer| [Some(layer.op), layer.activation].into_iter().flatten());
        let ops = ops.flat_map(|op| {
            let also = ALSO_CALLED.iter().find(|(name, _)| *name == op);
            let also = also.map(|(_, words)| (*words).to_owned());
            [Some(op), also].into_iter().flatten()
        });
        let own = [item.name, item.group.heading()].map(str::to_owned);
        let texts = own
            .into_iter()
            .chain([headline.title, headline.description]);
        let mut all: Vec<String> = texts.chain(ops).flat_map(|text| words(&text)).collect();
        all.sort();
        all.dedup();
        Self(all)
    }

    /// Whether each word that is asked for begins one of them, with its ending or without.
    pub fn answer(&self, asked: &str) -> bool {
        let begins_one = |asked: &str| self.0.iter().any(|word| word.starts_with(asked));
        words(asked)
            .iter()
            .all(|word| begins_one(word) || stem(word).is_some_and(begins_one))
    }
}

/// The words of a text, in small letters: `max`, `pool2d`.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// A word without its ending: `vanish` of `vanishing`.
fn stem(word: &str) -> Option<&str> {
    let stems = ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending));
    let mut long = stems.filter(|stem| stem.len() >= SHORTEST_STEM);
    long.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::ALL;
    use crate::ops;

    fn found(asked: &str) -> Vec<&'static str> {
        let items = ALL
            .iter()
            .filter(|item| SearchWords::of(item).answer(asked));
        items.map(|item| item.name).collect()
    }

    #[test]
    fn what_students_ask_for_is_found() {
        for (asked, names) in [
            ("vanishing", &["six-sigmoids"][..]),
            ("exploding gradients", &["exploding-rnn"]),
            ("batch norm", &["residual-batch-norm", "d2l-norms"]),
            ("average pooling", &["average-pool"]),
            (
                "max pooling fully connected",
                &["the-question", "equal-weights"],
            ),
            ("convolutions", &["pool-to-conv", "weight-sharing"]),
            (
                "softmax",
                &["softmax-and-cross-entropy", "cs231n-softmax", "attention"],
            ),
            ("dead ReLU", &["dead-relu"]),
            ("LSTM", &["lstm-through-time", "gomez-lstm"]),
        ] {
            let found = found(asked);
            let all = names.iter().all(|name| found.contains(name));
            assert!(all, "{asked}: {found:?}");
        }
    }

    #[test]
    fn a_word_is_not_found_inside_another() {
        let max = found("max");
        assert!(max.contains(&"ties") && max.contains(&"mygrad-max-pool"));
        assert!(!max.contains(&"attention") && !max.contains(&"cs231n-softmax"));
        assert_eq!(found("norm batches of llamas"), [] as [&str; 0]);
    }

    #[test]
    fn what_is_also_called_something_is_an_op_of_the_gallery() {
        for (name, _) in ALSO_CALLED {
            let is_used = ALL
                .iter()
                .any(|item| item.json.contains(&format!("\"{name}\"")));
            assert!(ops::find(name).is_some() && is_used, "{name}");
        }
    }
}
