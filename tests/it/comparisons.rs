//! Answers of the kinds that come from other programs, beside the true gradients: what is right is
//! called right, and nothing false is said of what is wrong.

use std::path::Path;

use backstep::report::FORMATS;
use serde_json::{Value, json};

use crate::cli::Folder;

fn in_data(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/compared");
    data.join(name).display().to_string()
}

/// Marks an answer; returns the exit code and the report with its lines joined.
fn marked(scenario: &str, answer: &str) -> (i32, String) {
    let folder = Folder::new();
    let scenario = if scenario.contains('/') {
        in_data(scenario)
    } else {
        scenario.to_owned()
    };
    let ran = folder.run(&format!("check {scenario} {}", in_data(answer)));
    let report = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    (ran.code.unwrap(), report)
}

/// Expects a report with an exit code that says these things and none of those.
#[track_caller]
fn says(scenario: &str, answer: &str, code: i32, said: &[&str], unsaid: &[&str]) {
    let (found, report) = marked(scenario, answer);
    assert_eq!(found, code, "{answer}: {report}");
    for text in said {
        assert!(
            report.contains(text),
            "{answer} does not say {text}: {report}"
        );
    }
    for text in unsaid {
        assert!(!report.contains(text), "{answer} says {text}: {report}");
    }
}

#[test]
fn what_is_small_is_not_right_for_being_small() {
    let small = "small/scenario.json";
    says(small, "small/right.npz", 0, &["correct, 100 %"], &[]);
    says(
        small,
        "small/zero.npz",
        1,
        &["✗ hidden.weight 0 of 1000 right"],
        &[],
    );
    says(
        small,
        "small/half.npz",
        1,
        &[
            "✗ hidden.weight 0 of 1000 right",
            "every gradient is 0.5 times",
        ],
        &[],
    );
    says(
        "vanishing/scenario.json",
        "vanishing/right.npz",
        0,
        &["14 of 14 given are right"],
        &[],
    );
    says(
        "vanishing/scenario.json",
        "vanishing/wrong.npz",
        1,
        &[
            "✓ l.3.weight all 64 right",
            "✗ l.2.weight 0 of 64 right",
            "✗ l.0.bias 0 of 8 right",
        ],
        &["✗ l.3"],
    );
    for answer in ["zero", "neg", "10x"] {
        says(
            "mazur",
            &format!("numbers/mazur_{answer}.json"),
            1,
            &["✗ h.weight 0 of 4"],
            &[],
        );
    }
}

#[test]
fn a_tolerance_is_that_of_the_numbers_format() {
    for answer in ["small/bfloat16.pt", "small/float16.pt"] {
        let part = "4 of 4 given are right; 4 not given";
        says(
            "small/scenario.json",
            answer,
            0,
            &["correct, 100 %", part],
            &["blank"],
        );
    }
}

#[test]
fn nan_and_infinity_are_answers() {
    let all = ["✓ sq all 2 right", "✓ x all 2 right"];
    for (answer, code) in [("a.npz", 0), ("a.pt", 0), ("a.json", 1), ("a.csv", 1)] {
        says(
            "nan/scenario.json",
            &format!("nan/{answer}"),
            code,
            &all,
            &["✗"],
        );
    }
}

#[test]
fn a_decimal_comma_is_read_in_json_and_in_quoted_cells() {
    says(
        "the-question",
        "numbers/deccomma_in_comma.csv",
        0,
        &["correct, 100 %"],
        &[],
    );
    says(
        "the-question",
        "numbers/commas.json",
        1,
        &["pool 2 of 4 right"],
        &["unreadable"],
    );
}

#[test]
fn what_the_scenario_gives_is_never_gone_on_from() {
    says(
        "the-question",
        "numbers/ex1.json",
        1,
        &["✗ pool 0 of 4 right"],
        &["~ pool"],
    );
    says(
        "digit-right",
        "numbers/negated.npz",
        1,
        &["✗ fc"],
        &["wrong, 100 %"],
    );
}

#[test]
fn the_first_wrong_tensor_of_a_training_run_is_named() {
    let net = "hunt/scenario.json";
    says(net, "hunt/right.npz", 0, &["correct, 100 %"], &[]);
    says(
        net,
        "hunt/torch.npz",
        0,
        &["10 of 10 given are right; 11 not given"],
        &[],
    );
    says(
        net,
        "hunt/constant_statistics.npz",
        1,
        &[
            "✗ conv1 0 of 768 right",
            "you held the mean and the variance fixed",
            "~ conv1.weight",
        ],
        &["✗ x", "✗ bn"],
    );
    says(
        net,
        "hunt/overwritten.npz",
        1,
        &[
            "✗ pool.MaxPool 0 of 192 right",
            "followed only one of the ways back, from Add",
        ],
        &["✗ Relu", "✗ conv1"],
    );
    says(
        net,
        "hunt/leaky.npz",
        1,
        &[
            "✗ bn 756 of 768 right",
            "you took the slope of another activation, leaky ReLU",
        ],
        &["you left out", "✗ conv1"],
    );
}

#[test]
fn what_is_called_after_its_module_is_found_by_the_operator_in_it() {
    says(
        "hunt/scenario.json",
        "hunt/pool.csv",
        1,
        &["! `pool` is taken for `pool.MaxPool`", "✗ pool.MaxPool"],
        &["no tensor"],
    );
    says(
        "skip/scenario.json",
        "skip/operators.csv",
        1,
        &["! `pool.MaxPool` is taken for `pool`", "✗ pool 0 of"],
        &["no tensor"],
    );
}

#[test]
fn a_mistake_is_named_where_only_the_parameters_are_known() {
    let net = "hunt/scenario.json";
    says(
        net,
        "hunt/weights/right.npz",
        0,
        &["9 of 9 given are right; 12 not given"],
        &["!"],
    );
    for (answer, said) in [
        (
            "no_mean",
            "in the gradient of `fc2` you left out the 1/N of the mean",
        ),
        (
            "double_softmax",
            "in the gradient of `fc2` you put the probabilities through the softmax once more",
        ),
        (
            "offset",
            "in the gradient of `pool.MaxPool` you laid the padding one place off",
        ),
        (
            "no_mask",
            "in the gradient of `fc1` you left out the slope of the activation",
        ),
        (
            "transposed",
            "in the gradient of `Relu_1` you exchanged the rows and columns",
        ),
        (
            "overwritten",
            "in the gradient of `pool.MaxPool` you followed only one of the ways back",
        ),
        (
            "detached",
            "in the gradient of `pool.MaxPool` you followed only one of the ways back",
        ),
        (
            "shares",
            "in the gradient of `Relu` you shared the gradient out over the window",
        ),
        (
            "constant_statistics",
            "in the gradient of `conv1` you held the mean and the variance",
        ),
        (
            "constant_mean",
            "in the gradient of `conv1` you held the mean fixed",
        ),
        (
            "constant_variance",
            "in the gradient of `conv1` you held the variance fixed",
        ),
        ("sign", "in the gradient of `fc2` you turned the sign round"),
        (
            "mask_of_gradient",
            "in the gradient of `fc1` you let the ReLU pass what has a positive gradient",
        ),
        (
            "leaky",
            "in the gradient of `fc1` you took the slope of another activation, leaky ReLU",
        ),
        (
            "kernel_not_turned",
            "in the gradient of `pool.MaxPool` you turned the kernel round",
        ),
        (
            "zero",
            "in the gradient of `pool.MaxPool`, `Relu` or `bn` you left the gradient at zero",
        ),
    ] {
        let follows = "as it follows from the mistake named above";
        let unsaid = ["no slip that is known", "the term from"];
        says(
            net,
            &format!("hunt/weights/{answer}.npz"),
            1,
            &[said, follows],
            &unsaid,
        );
    }
}

#[test]
fn of_several_mistakes_each_is_named_where_it_was_made() {
    says(
        "hunt/scenario.json",
        "hunt/weights/no_mask_and_two_own.npz",
        1,
        &[
            "one mistake gives the wrong numbers of `fc1.bias`, `conv2.weight`, `conv2.bias`, \
             `bn.weight` and `bn.bias`: in the gradient of `fc1` you left out the slope",
            "✗ fc2.bias 0 of 5 right; fc2.bias[0] is −0.3737, expected −0.1246: you multiplied \
             every number by the same factor, 3",
            "✗ fc1.bias 17 of 64 right; fc1.bias[0] is −0.02152, expected −0.008748: as it follows",
            "✗ conv1.weight 1 of 72 right; conv1.weight[0,0,0,0] is −0.04191, expected 0.0332: \
             you turned the result by 180 degrees",
        ],
        &["no slip that is known", "itself"],
    );
    says(
        "hunt/scenario.json",
        "hunt/weights/no_mean_and_kernel_not_turned.npz",
        1,
        &[
            "the wrong numbers of `fc2.bias`, `fc1.bias`, `conv2.weight` and `conv2.bias`, and \
             nothing tells which: in the gradient of `fc2` you left out the 1/N of the mean; or",
            "the wrong numbers of `bn.weight`, `bn.bias` and `conv1.weight`: in the gradient of \
             `pool.MaxPool` you turned the kernel round",
        ],
        &["no slip that is known", "every wrong number"],
    );
}

#[test]
fn a_mistake_in_one_weight_alone_is_told_there() {
    for (answer, said) in [
        (
            "accumulated",
            "you multiplied every number by the same factor, 2",
        ),
        ("bias_mean", "– divided by the size of the batch"),
        ("weight_turned", "you turned the result by 180 degrees"),
    ] {
        let unsaid = ["!", "the error enters", "in the gradient of"];
        let answer = format!("hunt/weights/{answer}.npz");
        says("hunt/scenario.json", &answer, 1, &[said], &unsaid);
    }
}

/// Backward passes in NumPy with a bug each, and all gradients between: the first tensor that is
/// wrong, and what is said of it. Everything behind it follows rightly.
const BUGS: [(&str, &str, &str); 20] = [
    ("no_mean", "fc2", "left out the 1/N of the mean"),
    ("sign", "fc2", "turned the sign round"),
    (
        "double_softmax",
        "fc2",
        "put the probabilities through the softmax once more",
    ),
    ("no_mask", "fc1", "you left out the slope of the activation"),
    (
        "mask_of_gradient",
        "fc1",
        "pass what has a positive gradient",
    ),
    (
        "leaky",
        "fc1",
        "you took the slope of another activation, leaky ReLU",
    ),
    ("accumulated", "fc1.weight", "by the same factor, 2"),
    ("bias_mean", "fc1.bias", "divided by the size of the batch"),
    (
        "transposed",
        "Relu_1",
        "you exchanged the rows and columns of the weight",
    ),
    (
        "kernel_not_turned",
        "pool.MaxPool",
        "you turned the kernel round",
    ),
    (
        "offset",
        "pool.MaxPool",
        "you laid the padding one place off",
    ),
    (
        "overwritten",
        "pool.MaxPool",
        "only one of the ways back, from conv2",
    ),
    (
        "detached",
        "pool.MaxPool",
        "only one of the ways back, from Add",
    ),
    ("ties", "Relu", "another convention for ties, “all”"),
    ("last_tie", "Relu", "another convention for ties, “last”"),
    (
        "shares",
        "Relu",
        "you shared the gradient out over the window",
    ),
    (
        "constant_statistics",
        "conv1",
        "you held the mean and the variance fixed",
    ),
    ("constant_mean", "conv1", "you held the mean fixed"),
    ("constant_variance", "conv1", "you held the variance fixed"),
    (
        "weight_turned",
        "conv1.weight",
        "you turned the result by 180 degrees",
    ),
];

#[test]
fn a_bug_is_named_in_the_first_tensor_that_is_wrong() {
    for (bug, tensor, said) in BUGS {
        let (code, report) = marked("hunt/scenario.json", &format!("hunt/bugs/{bug}.npz"));
        let wrong: Vec<&str> = report.split('✗').skip(1).collect();
        assert_eq!((code, wrong.len()), (1, 1), "{bug}: {report}");
        assert!(
            wrong[0].starts_with(&format!(" {tensor} ")),
            "{bug}: {report}"
        );
        assert!(wrong[0].contains(said), "{bug}: {report}");
    }
}

#[test]
fn where_no_mistake_is_known_it_is_said_between_what_it_lies() {
    let net = "hunt/scenario.json";
    says(
        net,
        "hunt/weights/noise.npz",
        1,
        &[
            "`fc2.weight` is the first that is wrong",
            "the error enters in the gradient of `fc2`",
        ],
        &[
            "mistake gives every wrong number",
            "the term from",
            "itself",
        ],
    );
    says(
        net,
        "hunt/weights/rolled.npz",
        1,
        &[
            "`conv2` and `fc1` are right and `bn.weight` is wrong",
            "`Relu_1`, `Add`, `pool.MaxPool`",
        ],
        &["mistake gives every wrong number", "the term from"],
    );
}

#[test]
fn a_mistake_is_told_once_and_what_follows_from_it_is_told_to_follow() {
    let net = "skip/scenario.json";
    says(net, "skip/right.npz", 0, &["21 of 21 given are right"], &[]);
    let (_, report) = marked(net, "skip/zeros.npz");
    let zeros = "you left the gradient at zero";
    assert_eq!(report.matches(zeros).count(), 1, "{report}");
    assert_eq!(
        report
            .matches("as it follows from your earlier numbers")
            .count(),
        13,
        "{report}"
    );
}

#[test]
fn a_mistake_is_named_where_the_gradients_around_it_are_not_there() {
    let said = "in the gradient of `pool`, `relu2` or `Add` you multiplied every number by the \
                same factor, 2";
    let unsaid = ["no slip that is known"];
    says(
        "skip/scenario.json",
        "skip/pool_twice.npz",
        1,
        &[said],
        &unsaid,
    );
    for rule in ["last", "all", "split"] {
        let said = format!("`_1` you went by another convention for ties, “{rule}”");
        says(
            "ties/scenario.json",
            &format!("ties/{rule}.npz"),
            1,
            &[&said],
            &unsaid,
        );
    }
}

#[test]
fn what_fits_by_accident_explains_nothing() {
    for answer in ["skip/permuted.npz", "skip/noise.npz"] {
        let unsaid = ["one place off", "by the same factor"];
        says(
            "skip/scenario.json",
            answer,
            1,
            &["no slip that is known"],
            &unsaid,
        );
    }
}

#[test]
fn no_layer_is_to_blame_where_every_gradient_is_off_by_one_factor() {
    for (answer, said) in [
        (
            "clipped",
            "! every gradient is 2.861 times the right one: gradient clipping",
        ),
        (
            "accumulated",
            "! every gradient of a parameter is 2 times the right one",
        ),
    ] {
        let said = [said, "as it follows from the factor named above"];
        let unsaid = ["in the gradient of", "mistake", "you"];
        says(
            "skip/scenario.json",
            &format!("skip/{answer}.npz"),
            1,
            &said,
            &unsaid,
        );
    }
}

#[test]
fn a_parameter_that_is_right_says_what_arrives_at_the_other_of_its_layer() {
    says(
        "hunt/scenario.json",
        "hunt/weights/own.npz",
        1,
        &[
            "`fc2.weight` is right, and with it what arrives at `fc2`",
            "in the gradient of `fc2.bias` itself",
        ],
        &["the error enters"],
    );
}

#[test]
fn a_weight_tells_what_has_arrived_at_its_layer() {
    for (net, answer, said) in [
        (
            "hunt/scenario.json",
            "hunt/weights/noise.npz",
            "`fc2.weight` tells what arrived before it: fc2[0,0] got 0.03529",
        ),
        (
            "arrived/scenario.json",
            "arrived/noise.npz",
            "`conv.weight` tells what arrived before it: conv[0,0,1] got −0.01915",
        ),
        (
            "hunt/scenario.json",
            "hunt/weights/itself.npz",
            "no gradient that could arrive at `fc2` gives that of `fc2.weight`",
        ),
    ] {
        let unsaid = ["mistake gives every wrong number", "the term from"];
        says(net, answer, 1, &[said], &unsaid);
    }
}

#[test]
fn another_forward_run_is_said_before_any_gradient_is_judged() {
    let small = "small/scenario.json";
    says(
        small,
        "small/same_forward.npz",
        0,
        &["1 of 1 given are right"],
        &["!"],
    );
    says(
        small,
        "small/other_weights.npz",
        0,
        &[
            "! the weights are others: hidden.weight[1,2] is",
            "those of another run",
        ],
        &[],
    );
}

#[test]
fn the_models_own_names_are_found() {
    for answer in ["grads", "ddp", "compiled"] {
        let answer = format!("sequential/{answer}.npz");
        let said = [
            "4 of 4 given are right",
            "0.bias` is taken for `_0.bias`, and 3 more",
        ];
        says("sequential/scenario.json", &answer, 0, &said, &["✗"]);
    }
}

#[test]
fn another_loss_is_told_by_what_arrived_at_the_output() {
    let said = [
        "the error enters in the gradient of `_2`; that of `_2` is given here, and another loss \
         gives another",
        "`_2.weight` tells what arrived before it: _2[0,0] got 0.2464, and 1 is right",
    ];
    says(
        "sequential/no_loss.json",
        "sequential/grads.npz",
        1,
        &said,
        &["itself"],
    );
}

#[test]
fn weights_of_another_framework_are_found_by_their_values() {
    let net = "keras/scenario.json";
    let taken = "`conv2d/kernel` is taken for `conv.weight`, which has the same values up to the \
                 order of the axes, and 5 more names likewise";
    let said = [taken, "6 of 6 given are right"];
    says(net, "keras/right.npz", 0, &said, &["✗", "no tensor"]);
    let said = [taken, "✗ fc1.weight", "exchanged rows and columns"];
    says(net, "keras/wrong.npz", 1, &said, &["no tensor"]);
}

#[test]
fn a_weight_that_is_used_twice_has_one_gradient() {
    let shared = "shared/scenario.json";
    let said = [
        "✓ ih.weight all 12 right",
        "`hh.weight` is taken for `hh.MatMul.weight`",
    ];
    says(shared, "shared/right.npz", 0, &said, &["✗"]);
    let said = "`ih.weight` is used by `ih` and `ih_2`, and its gradient is the sum over both; \
                yours is that of `ih` alone";
    says(
        shared,
        "shared/overwritten.npz",
        1,
        &[said, "✗ ih.weight 0 of 12 right"],
        &["✗ fc"],
    );
}

#[test]
fn a_use_of_a_weight_that_is_missing_is_named() {
    for (answer, yours) in [
        ("no12", "yours is that of `mid_3` alone"),
        ("no1", "yours is without that of `mid`"),
        ("no3", "yours is without that of `mid_3`"),
    ] {
        let said = format!(
            "used by `mid`, `mid_2` and `mid_3`, and its gradient is the sum over all; {yours}"
        );
        let unsaid = ["no slip that is known", "✗ enc", "the error enters"];
        says(
            "tied/scenario.json",
            &format!("tied/{answer}.npz"),
            1,
            &[&said],
            &unsaid,
        );
    }
}

#[test]
fn a_mean_over_uses_is_not_taken_for_one_over_the_batch_alone() {
    let tied = "tied/scenario.json";
    let both = [
        "this scenario cannot tell which",
        "– divided by the size of the batch",
        "– took the mean over the uses of the parameter",
    ];
    says(tied, "tied/mean_of_3.npz", 1, &both, &[]);
    let of_two = ["you took the mean over the uses of the parameter instead of their sum"];
    says(tied, "tied/mean_of_2.npz", 1, &of_two, &["the batch"]);
}

#[test]
fn integers_are_told_and_each_array_has_the_tolerance_of_its_type() {
    let net = "skip/scenario.json";
    let said = [
        "`conv1.weight` is an array of integers: a cast has cut off its fractions",
        "9 of 10 given are right",
    ];
    says(
        net,
        "skip/integers.npz",
        1,
        &said,
        &["left the gradient at zero"],
    );
    let said = ["`fc3.bias` is an array of booleans, which have no room for anything but 0 and 1"];
    says(net, "skip/booleans.npz", 1, &said, &[]);
    let said = [
        "✓ conv2.weight all 81 right",
        "✗ conv1.weight 0 of 27 right",
    ];
    says(net, "skip/types.npz", 1, &said, &[]);
    let paths = [in_data(net), in_data("skip/types.npz")].join(" ");
    let report = Folder::new().run(&format!("check {paths} --format json"));
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let submission = &report["submissions"][0];
    assert_eq!(submission["tolerance"]["of"], "float16");
    let tensors = submission["tensors"].as_array().unwrap();
    let of = |name: &str| &tensors.iter().find(|it| it["name"] == name).unwrap()["tolerance"];
    assert!(of("conv2.weight").is_null());
    let finer = json!({ "rtol": 0.001, "atol": 0.00001, "of": "arrays" });
    assert_eq!(*of("conv1.weight"), finer);
}

#[test]
fn names_that_fit_nowhere_are_told_in_one_line() {
    let said = "! not marked: none of its names is one of the scenario's: it has `p0`, `p1`, `p2` \
                and 7 more; the scenario has `x`, `conv1.weight`, `conv1.bias` and 8 more";
    let (code, report) = marked("skip/scenario.json", "skip/names.npz");
    assert_eq!(code, 1);
    assert!(report.ends_with(said), "{report}");
}

#[test]
fn a_convolution_is_compared_with_one_that_another_layer_was_folded_into_up_to_a_factor() {
    for (answer, layer, norm) in [
        ("folded/unfolded.npz", "conv", "bn"),
        ("folded_sequential/unfolded.npz", "_0", "1"),
    ] {
        let net = answer.replace("unfolded.npz", "scenario.json");
        let said = format!("`{norm}` is folded into `{layer}` here");
        says(
            &net,
            answer,
            0,
            &[&said, "2 of 2 given are right"],
            &["✗", "multiplied"],
        );
    }
    for answer in ["folded/wrong.npz", "folded_train/unfolded.npz"] {
        let (net, _) = answer.split_once('/').unwrap();
        let (code, report) = marked(&format!("{net}/scenario.json"), answer);
        assert_eq!(code, 1, "{report}");
        assert!(report.contains("`conv` is not compared"), "{report}");
        assert!(
            report.contains("`optimize=False` keeps both apart"),
            "{report}"
        );
        assert!(!report.contains("✗ conv"), "{report}");
    }
}

#[test]
fn gradients_may_stand_in_a_dictionary_of_a_checkpoint_and_none_are_one_line() {
    let net = "sequential/scenario.json";
    let said = [
        "`model_state_dict.0.bias` is taken for `_0.bias`, and 3 more names likewise",
        "4 of 4 given are right",
    ];
    says(net, "sequential/checkpoint.pt", 0, &said, &["left blank"]);
    let said = [": incomplete, 0 %", "the scenario has no tensor"];
    says(net, "one_factor/double.npz", 1, &said, &["left blank"]);
}

#[test]
fn a_mistake_may_have_been_made_in_the_only_wrong_gradient_itself() {
    let said = ["relu1`, `fc1` or `fc1.weight` you multiplied every number by the same factor, 2"];
    says(
        "one_factor/scenario.json",
        "one_factor/double.npz",
        1,
        &said,
        &[],
    );
}

#[test]
fn no_factor_of_a_folded_layer_makes_a_gradient_zero_or_contradicts_the_bias() {
    let net = "folded/scenario.json";
    let zero = "channel 1 of your gradient of `conv.weight` is zero, and should not be";
    for answer in ["folded/zero_channel.npz", "folded/zero_channel_alone.npz"] {
        says(net, answer, 1, &[": wrong, ", zero], &["100 %"]);
    }
    for answer in ["folded/reversed.npz", "folded/three_fold.npz"] {
        let said = [": incomplete, ", "`conv` is not compared"];
        says(net, answer, 1, &said, &["100 %", "up to one factor"]);
    }
}

#[test]
fn an_import_says_which_norms_are_folded_and_keeps_the_names_of_the_convolutions() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/compared/folded");
    let folder = Folder::new();
    let model = data.join("eval_dyn.onnx").display().to_string();
    let input = data.join("x.npy").display().to_string();
    let ran = folder.run(&format!(
        "import {model} --input {input} --target 2,0,1,3 -o net"
    ));
    assert!(
        ran.err
            .contains("the exporter has folded `bn` into the convolution before"),
        "{}",
        ran.err
    );
    let answer = data.join("unfolded.npz").display().to_string();
    let ran = folder.run(&format!("check net/scenario.json {answer}"));
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let model = data.join("eval_older.onnx").display().to_string();
    let ran = folder.run(&format!("import {model} --input {input} -o older"));
    let said = "has folded a batch norm into `conv`, whose weight is not the model's then";
    assert!(ran.err.contains(said), "{}", ran.err);
}

#[test]
fn what_cannot_be_read_spoils_nothing_but_itself_in_any_format() {
    let folder = Folder::with(&[(
        "s1.csv",
        "tensor,index,grad\npool,\"0,0\",3.5\npool,\"(0, 1)\",abc\npool,\"[1,0]\",4\npool,\"[1, \
         1]\",-2\n",
    )]);
    let reason = "`abc`, for `pool(0, 1)`, is neither a decimal nor a fraction";
    for format in FORMATS.iter().map(|format| format.name) {
        let ran = folder.run(&format!(
            "check the-question s1.csv --ask pool --format {format}"
        ));
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.err);
        assert!(ran.out.contains(reason), "{format}: {}", ran.out);
    }
    let kinds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pt/kinds.pt");
    let ask = "--ask pool,fc.bias,x,flat,fc.weight";
    let ran = folder.run(&format!("check the-question {} {ask}", kinds.display()));
    let report = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "✓ pool all 4 right",
        "✓ fc.bias all 3 right",
        "! x all 16 unreadable",
        "! flat all 4 unreadable",
        "`fc.weight` cannot be read: the array of shape `[0, 4]` has no elements",
    ] {
        assert!(report.contains(said), "{said}: {report}");
    }
}

#[test]
fn what_is_said_before_the_marks_gives_nothing_away_that_is_hidden() {
    let folder = Folder::new();
    for (answer, told, hidden) in [
        (
            "no_mean",
            "every number by the same factor",
            "same factor, 3",
        ),
        ("noise", "which is wrong", "0.06289"),
    ] {
        let marked = |arguments: &str| {
            let paths = [
                "hunt/scenario.json".into(),
                format!("hunt/weights/{answer}.npz"),
            ];
            let [scenario, answer] = paths.map(|name: String| in_data(&name));
            let ran = folder.run(&format!("check {scenario} {answer} {arguments}"));
            ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(marked("").contains(hidden));
        for format in FORMATS.iter().map(|format| format.name) {
            let report = marked(&format!("--format {format} --hide-expected"));
            assert!(report.contains(told), "{format}: {report}");
            assert!(!report.contains(hidden), "{format}: {report}");
        }
        for hides in ["--hide-expected", ""] {
            marked(&format!("{hides} --feedback pages --force"));
            let page = folder.read(&format!("pages/{answer}.md"));
            assert!(page.contains(told), "{page}");
            assert!(hides.is_empty() || !page.contains(hidden), "{page}");
        }
    }
}
