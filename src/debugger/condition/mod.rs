//! Conditions of breakpoints: comparisons and words about one neuron, joined with `and`, `or` and
//! `not`.

mod error;
mod expression;
mod parse;
mod predicates;

pub use error::ConditionError;
pub use expression::{Condition, Quantity, Relation, Word};
pub(super) use parse::{expected, parse};
pub(super) use predicates::Predicates;

/// What conditions are made of.
pub const CONDITIONS: &str = "\
    A condition compares grad, abs(grad), value, abs(value), contributions (the number of terms), \
    change (by how much an update moves it), abs(change), update (its number), loss or abs(loss) \
    with a number, or is a word: tie (it shares the maximum of a pooling window), dead (neurons \
    look at it, and each sends exactly 0), nan (its value or gradient is not a number), wrong (an \
    answer has another gradient), or is what `inspect --fail-on` watches for: at each neuron of \
    which it is true overflow (NaN or infinite), overflowed and flushed (infinite or 0 because it \
    is rounded), swamped (some of its terms are); at one neuron of a tensor, where it is worst, \
    zero, vanishing, exploding, range, saturated, with a limit as in vanishing=1e-6. Join \
    conditions with and, or, not.";

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::debugger::example;
    use crate::health::WATCHES;
    use crate::tensor::Element;

    /// Conditions as they are read, with `wrong` left out.
    pub(in crate::debugger) fn any_condition() -> impl Strategy<Value = Condition> {
        let number = prop_oneof![-3..=3_i8].prop_map(|eighths| f64::from(eighths) / 2.0);
        let any = any::<f64>().prop_filter("a condition holds no NaN", |number| !number.is_nan());
        let number = prop_oneof![4 => number, 1 => any];
        let quantity = prop::sample::select(Quantity::ALL.to_vec());
        let relation = prop::sample::select(Relation::ALL.to_vec());
        let compares = (quantity, relation, number).prop_map(|(quantity, relation, number)| {
            Condition::Compares(quantity, relation, number)
        });
        let words = prop::sample::select(Word::ALL.to_vec());
        let watches = prop::sample::select(WATCHES.iter().collect::<Vec<_>>());
        let watches = watches.prop_filter_map("a word is another condition", |row| {
            Word::named(row.name)
                .is_none()
                .then(|| Condition::Finds(row.watched()))
        });
        let leaf = prop_oneof![4 => compares, 1 => words.prop_map(Condition::Is), 1 => watches];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                inner
                    .clone()
                    .prop_map(|condition| Condition::Not(Box::new(condition))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::all),
                prop::collection::vec(inner, 2..4).prop_map(Condition::any),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(condition in any_condition()) {
            prop_assert_eq!(parse(&condition.to_string()), Ok(condition));
        }

        #[test]
        fn the_order_of_the_parts_changes_nothing(condition in any_condition()) {
            let session = example::linear();
            for (_, element) in session.backprop().steps().iter() {
                let predicates = session.predicates(element);
                let sorted = condition.cheapest_first();
                prop_assert_eq!(predicates.fulfil(&condition), predicates.fulfil(&sorted));
            }
        }
    }

    #[test]
    fn what_is_quickly_found_out_comes_first() {
        let condition =
            parse("dead and tie and grad == 0 and not (contributions > 3 or value > 1)").unwrap();
        assert_eq!(
            condition.cheapest_first().to_string(),
            "grad == 0 and tie and dead and not (value > 1 or contributions > 3)"
        );
    }

    #[test]
    fn words_are_true_where_they_should_be() {
        let session = example::of(
            r#"{ "backstep": 1, "inputs": { "x": [7, 7, 1, 2, 0, 5, 9] },
                 "layers": [{ "name": "pool", "op": "max_pool1d", "kernel_size": 2 },
                            { "name": "y", "op": "linear", "weight": [[1, 1, 0], [-1, 1, 0]],
                              "activation": "relu" }],
                 "upstream": { "y": [1, 1] } }"#,
        );
        let x = session.network().find("x").unwrap();
        let holds = |condition: &str| {
            let condition = parse(condition).unwrap();
            (0..7)
                .filter(|&at| {
                    session
                        .predicates(Element { tensor: x, at })
                        .fulfil(&condition)
                })
                .collect::<Vec<usize>>()
        };
        assert_eq!(holds("tie"), [0, 1]);
        // The last one is in no window: nobody looks at it, so there is nobody to send it 0.
        assert_eq!(holds("contributions == 0"), [6]);
        assert_eq!(holds("dead"), [1, 2, 4, 5]);
        assert_eq!(holds("dead and not tie"), [2, 4, 5]);
        assert_eq!(holds("nan"), [] as [usize; 0]);
        assert_eq!(holds("value >= 5 and grad != 0"), [0]);
    }

    /// The neurons of a scenario with a step of which a condition is true.
    fn where_it_holds(scenario: &str, condition: &str) -> Vec<String> {
        let session = example::of(scenario);
        let condition = parse(condition).unwrap();
        let steps = session.backprop().steps().iter();
        let hit = steps.filter(|&(_, element)| session.predicates(element).fulfil(&condition));
        let network = session.network();
        hit.map(|(_, element)| network.address(element).to_string())
            .collect()
    }

    #[test]
    fn what_is_true_of_a_tensor_is_so_at_the_neuron_where_it_is_worst() {
        let holds = |condition: &str| {
            where_it_holds(
                r#"{ "backstep": 1, "inputs": { "x": [1, 2, 20000] },
                     "layers": [{ "name": "y", "op": "linear", "weight": [[1e-7, 2e-7, 1e-8]] }],
                     "upstream": { "y": [1] } }"#,
                condition,
            )
        };
        assert_eq!(holds("vanishing"), ["x[1]"]);
        assert_eq!(holds("vanishing=1e-7"), [] as [&str; 0]);
        assert_eq!(holds("exploding"), ["y.weight[0,2]"]);
        assert_eq!(holds("range"), ["x[2]"]);
        assert_eq!(holds("range=50000 or overflow or zero"), [] as [&str; 0]);
        let holds = |activation: &str, condition: &str| {
            let scenario = format!(
                r#"{{ "backstep": 1, "inputs": {{ "x": [[1], [2]] }},
                     "layers": [{{ "name": "y", "op": "linear", "weight": [[1], [-90], [-50]],
                                   "activation": "{activation}" }},
                                {{ "name": "z", "op": "linear", "weight": [[1, 1, 1]] }}],
                     "upstream": {{ "z": [[1], [2]] }} }}"#
            );
            where_it_holds(&scenario, condition)
        };
        assert_eq!(holds("relu", "dead=0.5"), ["y[0,1]"]);
        assert_eq!(holds("sigmoid", "saturated"), ["y[0,1]"]);
    }

    #[test]
    fn what_is_true_of_single_neurons_is_so_at_each_of_them() {
        let holds = |condition: &str| {
            where_it_holds(
                r#"{ "backstep": 1, "precision": "f16",
                     "inputs": { "x": [[1, 300], [2, 400], [4, 2]] },
                     "layers": [{ "name": "h", "op": "pow", "exponent": 2 },
                                { "name": "y", "op": "linear", "weight": [[1e-7, 1e-6]] }],
                     "upstream": { "y": [[1e-3], [512], [0.125]] } }"#,
                condition,
            )
        };
        // 1e-3 × 1e-7 and 0.125 × 1e-7 are less than half of the smallest number, as is
        // 1e-3 × 1e-6; 300² and 400² are too large.
        let flushed = ["h[0,0]", "h[0,1]", "h[2,0]"];
        assert_eq!(holds("flushed"), flushed);
        assert_eq!(holds("overflowed"), ["h[0,1]", "h[1,1]"]);
        // What ∞ makes infinite has not overflowed.
        assert_eq!(holds("overflow and not overflowed"), ["y.weight[0,1]"]);
        assert_eq!(holds("swamped"), ["y.weight[0,0]"]);
        assert_eq!(holds("swamped=0.7"), [] as [&str; 0]);
    }

    #[test]
    fn all_that_can_be_watched_for_is_named() {
        for row in WATCHES {
            assert!(
                CONDITIONS.contains(row.name) || row.name == "inf",
                "{}",
                row.name
            );
            assert!(expected("").contains(&row.name), "{}", row.name);
        }
    }

    #[test]
    fn a_sum_of_opposites_is_not_dead() {
        let session = example::of(
            r#"{ "backstep": 1, "inputs": { "x": [1] },
                 "layers": [{ "name": "y", "op": "linear", "weight": [[1], [-1]] }],
                 "upstream": { "y": [1, 1] } }"#,
        );
        let predicates = session.predicates(session.backprop().steps().element(0).unwrap());
        let condition = parse("grad == 0 and not dead and contributions == 2").unwrap();
        assert!(predicates.fulfil(&condition));
    }
}
