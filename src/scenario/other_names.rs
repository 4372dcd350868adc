//! Functions that people know by other names, or that no op is: what computes the same.
//!
//! A name like these may be only a letter from that of an op that computes something else.

/// What is written for functions that are no op, by their names elsewhere.
const INSTEAD: &[(&[&str], &str)] = &[
    (&["swish", "SiLU"], "`silu` computes it"),
    (&["dense", "fc", "fully_connected"], "`linear` computes it"),
    (&["concat", "concatenate", "hstack"], "`cat` computes it"),
    (&["view", "unflatten"], "`reshape` computes it"),
    (
        &["transpose", "swapaxes", "movedim"],
        "`permute` computes it",
    ),
    (&["clip"], "`clamp` computes it"),
    (&["greater"], "`gt` computes it"),
    (&["less"], "`lt` computes it"),
    (&["equal"], "`eq` computes it"),
    (&["bmm", "mm", "mv", "dot"], "`matmul` computes it"),
    (&["mae", "mae_loss", "l1"], "`l1_loss` computes it"),
    (&["mse", "l2_loss"], "`mse_loss` computes it"),
    (&["bce", "bce_loss"], "`binary_cross_entropy` computes it"),
    (
        &["bce_with_logits", "sigmoid_cross_entropy"],
        "`binary_cross_entropy_with_logits` computes it",
    ),
    (
        &["softmax_cross_entropy", "categorical_cross_entropy"],
        "`cross_entropy` computes it, from logits",
    ),
    (
        &["reciprocal"],
        "`pow` computes it, with an `exponent` of -1",
    ),
    (&["rsqrt"], "`pow` computes it, with an `exponent` of -0.5"),
    (&["square"], "`pow` computes it, with an `exponent` of 2"),
    (&["log1p"], "an `add` of 1 and a `log` after it compute it"),
    (
        &["log2", "log10"],
        "a `log` and a `mul` with a constant compute it",
    ),
    (&["expm1"], "an `exp` and a `sub` of 1 compute it"),
    (
        &["exp2"],
        "a `mul` with ln 2 and an `exp` after it compute it",
    ),
    (&["tan"], "`sin`, `cos` and a `div` of the two compute it"),
    (
        &["argmax", "argmin"],
        "it has no gradient; `max` and `min` give the value itself",
    ),
    (&["median"], "`sort` brings the middle one to its place"),
    (&["softmin"], "a `neg` and a `softmax` after it compute it"),
    (
        &[
            "asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh", "cumprod", "trunc",
        ],
        "there is nothing that computes the same",
    ),
];

/// The hint for a name that is no op's, where what computes the same is known.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    let known = INSTEAD.iter().find(|(names, _)| names.contains(&name))?;
    Some(known.1)
}

#[cfg(test)]
mod tests {
    use super::INSTEAD;
    use crate::ops;

    #[test]
    fn no_name_is_an_ops_and_each_stands_once() {
        let names: Vec<&str> = INSTEAD
            .iter()
            .flat_map(|(names, _)| *names)
            .copied()
            .collect();
        for (at, name) in names.iter().enumerate() {
            assert!(ops::find(name).is_none(), "{name}");
            assert!(!names[..at].contains(name), "{name}");
        }
    }

    #[test]
    fn every_op_that_a_hint_names_is_there() {
        for (_, hint) in INSTEAD {
            for name in hint.split('`').skip(1).step_by(2) {
                assert!(ops::find(name).is_some() || name == "exponent", "{name}");
            }
        }
    }
}
