//! Every row of the table of ops is complete.

use backstep::ops::{self, Torch};

#[test]
fn every_op_says_what_it_is() {
    for op in ops::all() {
        let name = op.name;
        assert!(op.about.ends_with('.'), "{name}: {}", op.about);
        assert!(
            !op.about.contains('|'),
            "{name}: a cell of a table has no bar in it"
        );
        for parameter in op.parameters {
            assert!(!parameter.shape.is_empty(), "{name}.{}", parameter.key);
        }
        for setting in op.settings() {
            assert!(setting.doc.ends_with('.'), "{name}.{}", setting.key);
        }
        let keys: Vec<&str> = op.settings().iter().map(|setting| setting.key).collect();
        if let Torch::Expression(expression) = op.torch {
            let places = expression.split('{').skip(1);
            let mut places = places.map(|place| place.split('}').next().unwrap());
            assert!(
                places.all(|place| ["x", "y", "z"].contains(&place) || keys.contains(&place)),
                "{expression}"
            );
        }
        let words = op.phrases;
        for factor in words.factors {
            assert!(
                !factor.in_all.is_empty() && !factor.in_one.is_empty(),
                "{name}"
            );
        }
        let all = [
            words.preamble,
            words.coupled,
            words.unheard,
            words.flat,
            words.lost,
        ];
        let named = words
            .factors
            .iter()
            .flat_map(|factor| [factor.in_all, factor.in_one]);
        for text in all.into_iter().chain(named) {
            for place in text.split('{').skip(1) {
                let place = place.split('}').next().unwrap();
                assert!(
                    PLACES.contains(&place),
                    "{name}: nothing stands for {{{place}}}"
                );
            }
        }
    }
}

/// What an op's words leave open.
const PLACES: &[&str] = &[
    "me", "me=", "own", "others", "layers", "source", "source=", "second=", "value",
];
