//! The gallery's scenarios and the numbers that they teach.

use backstep::backprop::{Backprop, Verdict, verify};
use backstep::cancel::Cancel;
use backstep::gallery;
use backstep::scenario::{Options, Scenario};
use backstep::tensor::{Address, Element};

fn open(name: &str) -> (Scenario, Backprop) {
    let scenario = gallery::find(name)
        .unwrap()
        .open(Options::default())
        .unwrap();
    let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
    (scenario, backprop)
}

/// Checks gradients, written as `pool[0,1] 15, x[0,2] 15`.
fn check(name: &str, gradients: &str) {
    let (scenario, backprop) = open(name);
    for line in gradients.split("; ") {
        let (address, expected) = line.split_once(' ').unwrap();
        let element = scenario
            .network
            .element(&address.parse::<Address>().unwrap())
            .unwrap_or_else(|| panic!("{name}: {address}"));
        let (expected, gradient): (f64, f64) =
            (expected.parse().unwrap(), backprop.element(element));
        assert!(
            (gradient - expected).abs() <= 5e-10,
            "{name}: {address} is {gradient}, not {expected}"
        );
    }
}

#[test]
fn every_scenario_opens_and_its_gradients_are_slopes() {
    for item in gallery::ALL
        .iter()
        .filter(|item| !item.name.starts_with("digit"))
    {
        let (scenario, backprop) = open(item.name);
        assert!(
            !scenario.title.is_empty() && !scenario.description.is_empty(),
            "{}",
            item.name
        );
        assert_eq!(item.headline().title, scenario.title);
        for (_, element) in backprop.steps().iter().take(backprop.steps().n_gradients()) {
            let check = verify(&backprop, element, &Cancel::default()).unwrap();
            assert_ne!(check.verdict, Verdict::Wrong, "{}: {check:?}", item.name);
        }
    }
}

#[test]
fn the_gradients_that_they_teach() {
    check(
        "the-question",
        "pool[0,0] 3.5; pool[0,1] 15; pool[1,0] 4; pool[1,1] -2; x[0,2] 15; x[1,0] 3.5; x[2,3] 0; \
         fc.weight[2,0] 24",
    );
    check(
        "equal-weights",
        "pool[0,0] 16; pool[0,1] 16; pool[1,0] 16; pool[1,1] 16",
    );
    check(
        "pool-to-conv",
        "pool[0,0] 2; pool[0,1] 7; pool[1,0] 4; pool[1,1] 19; x[1,3] 0; conv.weight[1,1] 99",
    );
    check(
        "through-the-max",
        "pool[0,0] 7; pool[0,1] -4; x[2,2] -13; conv.weight[1,0] 28",
    );
    check(
        "ties",
        "x_first[0,0] 6; x_split[0,0] 3; x_all[0,0] 6; x_first[0,1] 0; x_split[0,1] 3; x_all[0,1] \
         6",
    );
    check(
        "overlapping-pool",
        "x[1,1] 10; x[1,3] 1; x[2,3] 2; x[3,1] 12; x[0,0] 0",
    );
    check(
        "average-pool",
        "pool[0,0] 8; pool[0,1] -4; x[0,0] 2; x[3,3] 0.5",
    );
    check(
        "stride-and-padding",
        "x[0,0] -4; x[0,1] 13; x[1,1] 4; conv.weight[0,0] -5",
    );
    check("skip-connection", "x[0] 7; x[1] -10; x[2] 16");
    check("dead-relu", "hidden[0] 6; hidden[1] 0; hidden[2] 0; x[0] 6");
    check("sigmoid-slopes", "z[0] 4; z[1] 3; z[3] 0.2826032994126577");
    check(
        "softmax-and-cross-entropy",
        "scores[0] 2.5; scores[1] -0.5; scores[2] -2; logits[0] -0.75; logits[2] 0.5",
    );
    check(
        "six-sigmoids",
        "a5[0] 1024; a1[0] 4; x[0] 1; a1.weight[0,0] 0.5; a6.weight[0,0] 512",
    );
    check(
        "exploding-rnn",
        "h5[0] 3; h1[0] 243; h0[0] 729; hh.weight[0,0] 1458",
    );
    check(
        "nan-norm-at-zero",
        "distance[1] 1; sum[0] 0.1; a[0,0] 0.6; a[0,1] 0.8",
    );
    check("log-of-zero", "safe[0] -1; safe[2] 0; in_one[0] -1");
    check("half-precision", "out.bias[0] 10; h[2,0] 0; x[2,0] 0");
    check("weight-sharing", "conv.weight[0,0,0,0] 4; conv.bias[0] 9");
    check(
        "embedding-twice",
        "words[0,0] 2; words[2,0] 7; table[0,0] 9; table[0,1] 1; table[1,0] 3; table[2,0] 0",
    );
    check(
        "group-norm",
        "x[0,0,0] 2; x[0,0,1] 0; x[0,1,1] -2; x[0,2,0] -1; x[0,3,1] 1; norm.weight[0] -2",
    );
    check(
        "residual-batch-norm",
        "branch[0,0] 2; branch[2,0] -2; branch[3,1] -1; branch.bias[0] 0; branch.weight[0,0] 0; \
         branch.weight[1,1] 2; x[0,0] 6; x[2,0] -1; x[3,0] -1",
    );
    check(
        "through-time",
        "h2[0] 3; h1[0] 3; hh.weight[0,0] 7; ih.weight[0,0] 11; ih.weight[1,1] -3",
    );
}

/// PyTorch's numbers: no others of these networks were printed by anyone.
#[test]
fn larger_networks_have_pytorchs_gradients() {
    check(
        "attention",
        "v[0,0] 7; scores[1,0] 7.5; scores[1,1] -4.25; q[1,0] 7.5; k[0,0] 19.061547465398498; \
         words[0,0] 82.06154746539849; words[1,1] 8.19860385419959; k.weight[0,1] \
         -27.552600427257826",
    );
    check(
        "lstm-through-time",
        "c3[0] 0.5136430451738268; c2[0] 0.5247475925128212; c1[0] 0.17948656931677429; h2[0] \
         0.10207806270798342; f3[0] 0.061698474602344275; f1[0] 0; g.weight[0,0] \
         0.23677994186256962; g.weight[0,1] 0.11504985617799207; i.weight[0,0] 0.0973612778807072; \
         f.weight[0,0] 0.006086715330142621; f.weight[0,1] 0.026587476307041683; o.weight[0,1] \
         0.009368064874544812; c0[0] 0.15809124579048942",
    );
}

#[test]
fn every_note_is_at_a_tensor_or_a_neuron_that_is_stepped_through() {
    for item in gallery::ALL {
        let (scenario, backprop) = open(item.name);
        let has_note = |element: Element| {
            scenario
                .notes
                .element(element, 1)
                .or(scenario.notes.tensor(element.tensor, 1))
                .is_some()
        };
        assert!(
            backprop
                .steps()
                .iter()
                .any(|(_, element)| has_note(element)),
            "{} has no note for any step",
            item.name
        );
    }
}
