//! Names for a scenario, made of a model's.

use std::collections::HashMap;

/// The longest name that is made of a model's, in characters.
const LONGEST: usize = 80;

/// How many names were made of the same word, so that a model of a million equal names takes no
/// time.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// Returns a free name like the one that is wanted, of which those of the layer's parameters
    /// are free too: for `fc` it is `fc.weight`.
    pub(super) fn free(
        &mut self,
        wanted: &str,
        parameters: &[&str],
        is_free: impl Fn(&str) -> bool,
    ) -> String {
        let word = legal(wanted);
        let mut name = word.clone();
        while !all(&name, parameters).all(|name| is_free(&name)) {
            let counted = self.0.entry(word.clone()).or_insert(1);
            *counted += 1;
            name = format!("{word}_{counted}");
        }
        name
    }
}

/// The name of a layer and those of its parameters.
fn all(name: &str, parameters: &[&str]) -> impl Iterator<Item = String> {
    parameters
        .iter()
        .map(move |key| format!("{name}.{key}"))
        .chain([name.to_owned()])
}

/// Returns a name that a tensor of a scenario may have: `/conv1/Conv_output_0` becomes
/// `conv1.Conv`.
pub(super) fn legal(name: &str) -> String {
    let own = ["_output_0", ":0"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let mut legal: String = own
        .trim_matches('/')
        .chars()
        .take(LONGEST)
        .map(|c| match c {
            '/' => '.',
            c if c.is_ascii_alphanumeric() || c == '_' || c == '.' => c,
            _ => '_',
        })
        .collect();
    if !legal.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        legal.insert(0, '_');
    }
    legal
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::tensor::is_name;

    #[test]
    fn names_are_kept_as_far_as_they_may_be() {
        for (name, expected) in [
            ("features.0.weight", "features.0.weight"),
            ("/conv1/Conv_output_0", "conv1.Conv"),
            ("model/dense/MatMul:0", "model.dense.MatMul"),
            ("onnx::MatMul_23", "onnx__MatMul_23"),
            ("12", "_12"),
            ("größe\u{1b}[31m", "gr__e__31m"),
            ("", "_"),
            ("_output_0", "_"),
        ] {
            assert_eq!(legal(name), expected);
            assert!(is_name(expected));
        }
        assert_eq!(legal(&"x".repeat(1000)).len(), LONGEST);
    }

    #[test]
    fn no_two_are_the_same() {
        let (mut names, mut taken) = (Names::default(), HashSet::new());
        let mut take = |wanted: &str, parameters: &[&str]| {
            let name = names.free(wanted, parameters, |name| !taken.contains(name));
            taken.extend(all(&name, parameters));
            name
        };
        assert_eq!(take("a/b", &[]), "a.b");
        assert_eq!(take("a.b", &[]), "a.b_2");
        assert_eq!(take("fc.weight", &[]), "fc.weight");
        assert_eq!(take("fc", &["weight", "bias"]), "fc_2");
        assert_eq!(take("fc_2.bias", &[]), "fc_2.bias_2");
    }
}
