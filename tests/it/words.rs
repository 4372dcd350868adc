//! The words: exact texts where a person should judge them, and laws for every step of the gallery
//! and of every op.

use std::collections::BTreeMap;

use backstep::backprop::Backprop;
use backstep::gallery::{self, Item};
use backstep::scenario::{NoFiles, Options, Scenario};
use backstep::tensor::{Element, rounded};
use backstep::words::{MOST_ROWS, Piece, Sentence, Table, markdown, so_far, step, term, text};
use unicode_width::UnicodeWidthStr;

fn backprop(scenario: &Scenario) -> Backprop {
    Backprop::run(scenario.tape(), scenario.upstream.clone())
}

fn open(item: &Item) -> Backprop {
    backprop(&item.open(Options::default()).unwrap())
}

fn read(json: &str) -> Scenario {
    Scenario::read("test.json", json.as_bytes(), &NoFiles, Options::default()).unwrap()
}

fn element(backprop: &Backprop, address: &str) -> Element {
    backprop
        .network()
        .element(&address.parse().unwrap())
        .unwrap()
}

/// What is told of one neuron of a scenario of the gallery.
fn tell(scenario: &str, address: &str) -> String {
    let backprop = open(gallery::find(scenario).unwrap());
    step(&backprop, element(&backprop, address)).to_string()
}

/// What is told of one neuron of a network without a name.
fn tell_of(json: &str, address: &str) -> String {
    let backprop = backprop(&read(json));
    step(&backprop, element(&backprop, address)).to_string()
}

/// What a table says in text and in Markdown where it concludes: the numbers before the sign, the
/// sign, and the number behind it.
fn conclusions(page: &str) -> Vec<(Vec<f64>, char, f64)> {
    let number = |text: &str| {
        text.trim()
            .replace('−', "-")
            .replace('∞', "inf")
            .parse::<f64>()
            .ok()
    };
    let signed = |text: &str| {
        let (sign, digits) = match text.trim().strip_prefix('≈') {
            Some(digits) => ('≈', digits),
            None => ('=', text),
        };
        Some((sign, number(digits)?))
    };
    let (mut conclusions, mut terms) = (Vec::new(), Vec::new());
    for line in page
        .lines()
        .skip(2)
        .take_while(|line| !line.trim().is_empty())
    {
        let sign = ['=', '≈']
            .into_iter()
            .find(|sign| line.contains(&format!(" {sign} ")));
        if let Some(sign) = sign {
            let (before, behind) = line.split_once(&format!(" {sign} ")).unwrap();
            let behind = number(behind.split_whitespace().next().unwrap()).unwrap();
            let before = before
                .split(" × ")
                .map(|text| text.split_whitespace().last().unwrap());
            let factors: Option<Vec<f64>> = before.map(number).collect();
            conclusions.push((vec![factors.unwrap().iter().product()], sign, behind));
            terms.push(behind);
        } else if line.trim_start().starts_with("given ") || line.contains(" more ") {
            terms.push(number(line.split_whitespace().last().unwrap()).unwrap());
        } else if line.trim_start().starts_with("gradient of") && !terms.is_empty() {
            let (sign, total) = signed(line.split_whitespace().last().unwrap()).unwrap();
            conclusions.push((terms.clone(), sign, total));
        }
    }
    conclusions
}

#[test]
fn a_calculator_finds_what_a_table_says() {
    let mut n_rounded = 0;
    for item in gallery::ALL {
        let backprop = open(item);
        if backprop.arithmetic().precision.rounds() {
            continue;
        }
        for (_, element) in backprop.steps().iter().take(200) {
            let page = text(&backprop, element, &[], 80);
            for (numbers, sign, result) in conclusions(&page) {
                let shown: f64 = numbers.iter().sum();
                let is_finite = shown.is_finite() && result.is_finite();
                let agrees = !is_finite || rounded(shown, 6) == rounded(result, 6);
                // A narrow table has four digits.
                let agrees = agrees || rounded(shown, 4) == rounded(result, 4) && sign == '=';
                assert_eq!(sign == '=', agrees, "{}: {shown}\n{page}", item.name);
                n_rounded += usize::from(sign == '≈' && numbers.len() > 1);
            }
        }
    }
    assert!(n_rounded > 0);
    let backprop = open(gallery::find("mazur").unwrap());
    let page = markdown(&backprop, element(&backprop, "i[0]"), &[]);
    assert!(page.contains("| ≈0.00380427 |"), "{page}");
}

#[test]
fn the_question_is_answered() {
    assert_eq!(
        tell("the-question", "pool[1,0]"),
        "pool[1,0] feeds all three fc neurons, so it hears from all three. Each sends its own \
         gradient times the weight on its wire \
         to pool[1,0]: fc[0] sends 2 × 0.5 = 1, fc[1] sends 3 × −1 = −3 and fc[2] sends 6 × 1 = 6. \
         All three ReLUs are open (slope 1), \
         so nothing is lost there. A nudge of pool[1,0] moves all three at once, and the effects \
         add up: 1 − 3 + 6 = 4."
    );
    assert_eq!(
        tell("the-question", "x[1,0]"),
        "Only pool[0,0] looks at x[1,0]. x[1,0] = 4 is the largest in pool[0,0]'s window, ahead of \
         x[0,1] = 3. The winner takes it \
         all: pool[0,0] just copies it, so all of its gradient goes to x[1,0]: 3.5."
    );
    assert_eq!(
        tell("the-question", "x[0,0]"),
        "Only pool[0,0] looks at x[0,0]. In pool[0,0]'s window, x[0,0] = 1 lost by 3 to x[1,0] = \
         4. A small nudge of a loser changes nothing, so it gets 0."
    );
    assert!(
        tell("the-question", "flat[2]")
            .starts_with("flat[2] is pool[1,0] under another index: the same neuron")
    );
    assert_eq!(
        tell("the-question", "fc[1]"),
        "fc[1] is an output: nothing comes after it. Its gradient is given, 3, and backprop starts \
         from there."
    );
}

#[test]
fn who_never_looks_sends_exactly_nothing() {
    assert_eq!(
        tell("pool-to-conv", "pool[0,0]"),
        "pool[0,0] sits in a corner, and only one of the four conv neurons looks at it: conv[0,0]. \
         The other three never see it, so \
         they send exactly nothing, and there is nothing to add up. conv[0,0] sends 2 × 1 = 2: its \
         own gradient times the weight through which it looks, conv.weight[0,0]."
    );
    assert_eq!(
        tell("pool-to-conv", "pool[1,0]"),
        "pool[1,0] lies at the edge, and two of the four conv neurons look at it. The other two \
         never see it, so they send exactly \
         nothing. Each sends its own gradient times the weight through which it looks: conv[0,0] \
         sends 2 × −1 = −2 and conv[1,0] \
         sends 6 × 1 = 6. A nudge of pool[1,0] moves both at once, and the effects add up (they \
         never multiply): −2 + 6 = 4."
    );
    assert_eq!(
        tell("pool-to-conv", "pool[1,1]"),
        "All four conv neurons look at pool[1,1], so it hears from all four. Each sends its own \
         gradient times the weight through \
         which it looks: conv[0,0] sends 2 × 3 = 6, conv[0,1] sends 3 × −1 = −3, conv[1,0] sends 6 \
         × 2 = 12 and conv[1,1] sends \
         4 × 1 = 4. A nudge of pool[1,1] moves all four at once, and the effects add up (they \
         never multiply): 6 − 3 + 12 + 4 = 19."
    );
}

#[test]
fn every_zero_has_its_reason() {
    assert_eq!(
        tell("dead-relu", "hidden[1]"),
        "Only relu[1] looks at hidden[1]. The ReLU is closed: hidden[1] = −4 is below 0, where its \
         slope is 0. A small nudge of it \
         changes nothing, so of relu[1]'s gradient, 10, nothing passes."
    );
    assert_eq!(
        tell("dead-relu", "x[0]"),
        "x[0] feeds all three hidden neurons, so it hears from all three. hidden[0] sends 6 × 1 = \
         6: its own gradient times the \
         weight on its wire to x[0]. hidden[1] and hidden[2] send nothing: their own gradients are \
         0. So 6 is all that arrives at x[0]."
    );
    assert_eq!(
        tell("dead-relu", "out.weight[0,1]"),
        "out.weight[0,1] is the weight on the wire from relu[1] to out[0], and that is its only \
         use. out[0] sends nothing: the value that comes down the wire, relu[1], is 0."
    );
    assert_eq!(
        tell("overlapping-pool", "x[1,2]"),
        "Four pool windows hold x[1,2]. It gets the gradients of those that it wins, added up. \
         x[1,2] = 5 loses all four: to \
         x[1,1] = 9 in pool[0,1] and pool[1,1]; to x[1,3] = 6 in pool[0,2]; to x[2,3] = 8 in \
         pool[1,2]. A small nudge of a loser \
         changes nothing there. So nothing arrives: the gradient of x[1,2] is 0."
    );
}

#[test]
fn ties_have_a_rule() {
    assert_eq!(
        tell("ties", "x_first[0,1]"),
        "Only pool_first[0,0] looks at x_first[0,1]. x_first[0,1] = 5 ties with x_first[0,0] for \
         the largest in pool_first[0,0]'s \
         window, but the rule here is \"first\": the first in reading order, x_first[0,0], takes \
         all, and the others get 0."
    );
    assert_eq!(
        tell("ties", "x_split[1,3]"),
        "Only pool_split[0,1] looks at x_split[1,3]. x_split[1,3] = 3 ties with x_split[0,2] and \
         x_split[1,2] for the largest in \
         pool_split[0,1]'s window. The rule here is \"split\": the winners share the gradient \
         evenly, so each gets a third of 9: 3."
    );
    assert!(
        tell("ties", "x_all[1,3]").ends_with(
            "The rule here is \"all\": each of the winners gets all of the gradient, 9."
        )
    );
}

#[test]
fn two_ways_are_added() {
    assert_eq!(
        tell("skip-connection", "x[0]"),
        "Two layers look at x[0]: out and branch. What comes back through each of them is added. \
         In out, only out[0] looks at it. \
         out[0] sends its own gradient as it is, 4: an addition hands it to every side undivided. \
         x[0] feeds all three branch neurons, \
         so it hears from all three. Each sends its own gradient times the weight on its wire to \
         x[0]: branch[0] sends 4 × 1 = 4 and \
         branch[1] sends −2 × 0.5 = −1. Their ReLUs are open (slope 1), so nothing is lost there. \
         branch[2] sends nothing: its ReLU \
         is closed (z = −3 is below 0, where its slope is 0), so its 6 goes no further. x[0] gets \
         4 through out and 3 through branch. All of it adds up: 4 + 3 = 7."
    );
}

#[test]
fn averages_and_softmax() {
    assert_eq!(
        tell("average-pool", "x[1,0]"),
        "Only pool[0,0] looks at x[1,0], so there is nothing to add up. An average has no winner: \
         whatever its value, x[1,0] makes up \
         a quarter of pool[0,0]. pool[0,0] sends 8 × 0.25 = 2: its own gradient times x[1,0]'s \
         share in its average."
    );
    assert_eq!(
        tell("softmax-and-cross-entropy", "scores[0]"),
        "scores[0] feeds all three p neurons, so it hears from all three. A softmax shares out a \
         total of 1: raising scores[0] raises \
         p[0] and lowers all the others. Each sends its own gradient times how fast it moves with \
         scores[0]: p[0] sends \
         16 × 0.1875 = 3, p[1] sends 4 × −0.0625 = −0.25 and p[2] sends 2 × −0.125 = −0.25. A \
         nudge of scores[0] moves all three at once, and the effects add up: 3 − 0.25 − 0.25 = 2.5."
    );
    assert_eq!(
        tell("softmax-and-cross-entropy", "logits[0]"),
        "Only loss looks at logits[0], so there is nothing to add up. The softmax gives logits[0] \
         a probability of 0.25, and the \
         target says 1. The slope of the loss is the difference, 0.25 − 1 = −0.75: raising \
         logits[0] lowers the loss. loss sends \
         1 × −0.75 = −0.75: its own gradient times that slope."
    );
}

#[test]
fn weights_collect_from_every_use() {
    assert_eq!(
        tell("mazur", "o.weight[0,0]"),
        "o.weight[0,0] is the weight on the wire from h[0] to o[0], and that is its only use. o[0] \
         sends 0.7414 × 0.1868 × 0.5933 = \
         0.08217: its own gradient times the slope of its sigmoid at z = 1.106 times the value \
         that comes down the wire, h[0] = 0.5933."
    );
    assert_eq!(
        tell("stride-and-padding", "conv.weight[0,1]"),
        "conv.weight[0,1] is one weight of the kernel. The kernel works at four places, but at two \
         of them this weight lies on the \
         padding, where there is nothing to weigh. So two terms are left. Each sends its own \
         gradient times the value that the weight \
         meets there: conv[1,0] sends 6 × 3 = 18 and conv[1,1] sends 5 × 2 = 10. A nudge of this \
         one number is felt in all of them at once, and the effects add up: 18 + 10 = 28."
    );
    assert_eq!(
        tell("weight-sharing", "conv.bias[0]"),
        "conv.bias[0] is added to eight conv neurons, so it collects from each of them. Each sends \
         its own gradient as it is. The \
         largest three: conv[1,0,1,0] sends 4, conv[0,0,1,1] sends 3 and conv[1,0,1,1] sends −3; \
         and five more, together 5. A nudge \
         of this one number is felt in all of them at once, and the effects add up: 4 + 3 − 3 + 5 \
         = 9."
    );
}

#[test]
fn a_shared_weight_is_one_number() {
    let told = tell("through-time", "hh.weight[0,0]");
    for said in [
        "Two layers use hh.weight[0,0]: back3 and back2. It is one number, so what comes back from \
         each use is added.",
        "In back3, it is the weight on the wire from h2[0] to back3[0].",
        "hh.weight[0,0] gets 4 through back3 and 3 through back2. All of it adds up: 4 + 3 = 7.",
    ] {
        assert!(told.contains(said), "{told}");
    }
    assert!(!told.contains("only use"), "{told}");
}

#[test]
fn odd_places() {
    let gaps = r#"{ "backstep": 1, "inputs": { "x": [1, 2, 3], "y": [4, 5] }, "layers": [
        { "name": "pool", "op": "max_pool1d", "from": "x", "kernel_size": 1, "stride": 2 },
        { "name": "square", "op": "mul", "from": ["x", "x"] },
        { "name": "side", "op": "relu", "from": "y" } ],
        "upstream": { "pool": [1, 2], "square": [1, 1, 1] } }"#;
    assert_eq!(
        tell_of(gaps, "x[1]"),
        "Only square[1] looks at x[1], and it reads it twice. Each time it sends its own gradient \
         times the other factor: 1 × 2 = 2 \
         and 1 × 2 = 2. No neuron of pool looks at it. Every reading counts, so they add up: 2 + 2 \
         = 4."
    );
    assert_eq!(
        tell_of(gaps, "y[0]"),
        "No gradient reaches y[0]: what becomes of it in side does not matter to any output that \
         has one. The gradient of y[0] is 0."
    );
    assert_eq!(
        tell_of(gaps, "side[0]"),
        "side[0] is an output, but no gradient is given to it, so its gradient is 0."
    );
    let itself = r#"{ "backstep": 1, "inputs": { "x": [3, 1] }, "layers": [ { "name": "none", "op": "sub", "from": ["x", "x"] } ],
        "upstream": { "none": [2, 1] } }"#;
    assert_eq!(
        tell_of(itself, "x[0]"),
        "Only none[0] looks at x[0], and it reads it twice. It sends its own gradient once as it \
         is and once with the opposite sign: 2 \
         and 2 × −1 = −2. Every reading counts, so they add up: 2 − 2 = 0."
    );
    let wild = r#"{ "backstep": 1, "inputs": { "x": [1e308, -1e308] }, "layers": [
        { "name": "square", "op": "mul", "from": ["x", "x"] }, { "name": "sum", "op": "sum" } ] }"#;
    assert!(
        tell_of(wild, "x[0]")
            .ends_with("Together they are too large for any number, so the sum for x[0] is ∞.")
    );
}

#[test]
fn words_build_up_with_the_terms() {
    let backprop = open(gallery::find("the-question").unwrap());
    let pooled = element(&backprop, "pool[1,0]");
    let table = Table::new(&backprop, pooled, MOST_ROWS);
    let said = |n_added| so_far(&backprop, pooled, &table, n_added).to_string();
    assert_eq!(said(0), "Three more terms are to come.");
    let first = said(1);
    assert!(first.contains("fc[0] sends 2 × 0.5 = 1"), "{first}");
    assert!(
        first.ends_with("So far that makes 1. Two more terms are to come."),
        "{first}"
    );
    let second = said(2);
    assert!(second.contains("fc[1] sends 3 × −1 = −3"), "{second}");
    assert!(
        second.ends_with("So far 1 − 3 = −2. One more term is to come."),
        "{second}"
    );
}

#[test]
fn a_slope_that_is_a_weight_is_called_so() {
    let net = r#"{ "backstep": 1, "inputs": { "x": [2, -3] }, "layers": [ { "name": "p", "op": "prelu", "weight": [0.25] } ],
        "upstream": { "p": [1, 2] } }"#;
    assert_eq!(
        tell_of(net, "x[1]"),
        "Only p[1] looks at x[1], so there is nothing to add up. At x[1] = −3, not above 0, the \
         PReLU's slope is its weight, p.weight[0] = 0.25. So p[1] passes on 2 × 0.25 = 0.5."
    );
    assert!(
        tell_of(net, "x[0]")
            .contains("The PReLU is open: x[0] = 2 is above 0, where the slope is 1.")
    );
    let straight = r#"{ "backstep": 1, "inputs": { "x": [-3] }, "layers": [ { "name": "p", "op": "leaky_relu", "negative_slope": 1 } ],
        "upstream": { "p": [2] } }"#;
    assert!(tell_of(straight, "x[0]").ends_with(
        "At x[0] = −3, not above 0, the leaky ReLU's slope is 1. So p[0] passes on 2 × 1 = 2."
    ));
}

/// Most ops that the gallery does not have.
const OTHER_OPS: &str = r#"{"backstep":1,"inputs":{"x":[[1,2,-3,0.5],[0.3,-0.2,4,1]],"y":[[1,-1,2,0],[0.5,0.5,1,3]]},
"layers":[
{"name":"bn","op":"batch_norm","from":"x","weight":[1,2,0.5,1],"bias":[0,0,0,1],"training":true},
{"name":"bne","op":"batch_norm","from":"x","weight":[1,2,0.5,1],"bias":[0,0,0,1],"running_mean":[0,0,0,0],"running_var":[1,1,4,1]},
{"name":"ln","op":"layer_norm","from":"y","normalized_shape":[4],"weight":[1,2,0.5,1]},
{"name":"prod","op":"mul","from":["bn","ln"]},
{"name":"sq","op":"mul","from":["y","y"]},
{"name":"diff","op":"sub","from":["prod","sq"]},
{"name":"drop","op":"dropout","mask":[[1,0,1,1],[0,1,1,1]]},
{"name":"perm","op":"permute","dims":[1,0]},
{"name":"act","op":"tanh"},
{"name":"lk","op":"leaky_relu","from":"diff"},
{"name":"mm","op":"matmul","from":["lk","act"]},
{"name":"cat","op":"cat","from":["mm","mm"]},
{"name":"gel","op":"gelu"},
{"name":"m","op":"mean","dim":1},
{"name":"s","op":"sum"},
{"name":"lsm","op":"log_softmax","from":"diff"},
{"name":"nll","op":"nll_loss","target":[1,2]},
{"name":"bce","op":"binary_cross_entropy_with_logits","from":"x","target":[[1,0,1,0.3],[0,0,1,1]]},
{"name":"mse","op":"mse_loss","from":"y","target":[[1,0,1,0.3],[0,0,1,1]]},
{"name":"ce","op":"cross_entropy","from":"bne","target":[0,3],"label_smoothing":0.1},
{"name":"unused","op":"relu","from":"y"}
],
"upstream":{"s":1,"nll":1,"bce":1,"mse":2,"ce":1,"diff":[[1,0,0,0],[0,0,0,2]]}}"#;

/// Functions of one neuron that are no activations, quotients, and what makes maps larger or of one
/// number.
const FUNCTIONS: &str = r#"{"backstep":1,"inputs":{"x":[1,0,-2],"a":[6,0],"b":2,"m":[[3,1],[3,0]],"s":[1,2]},
"layers":[
{"name":"exp","op":"exp","from":"x"},
{"name":"log","op":"log","from":"exp"},
{"name":"root","op":"sqrt","from":"exp"},
{"name":"square","op":"pow","from":"x","exponent":2},
{"name":"one","op":"pow","from":"x","exponent":0},
{"name":"abs","op":"abs","from":"x"},
{"name":"neg","op":"neg","from":"x"},
{"name":"ratio","op":"div","from":["a","b"]},
{"name":"itself","op":"div","from":["b","b"]},
{"name":"best","op":"global_max_pool2d","from":"m"},
{"name":"up","op":"conv_transpose1d","from":"s","weight":[1,10,100],"stride":2,"padding":1}
],
"upstream":{"log":[1,2,4],"root":[1,1,1],"square":[2,1,1],"one":[1,1,1],"abs":[5,5,5],"neg":[7,0,1],"ratio":[2,4],"itself":3,
"best":[[6]],"up":[1,2,3]}}"#;

#[test]
fn functions_quotients_and_larger_maps() {
    let backprop = backprop(&read(FUNCTIONS));
    let mut said = String::new();
    for address in [
        "exp[0]",
        "exp[2]",
        "x[0]",
        "x[1]",
        "a[0]",
        "b",
        "m[0,0]",
        "m[0,1]",
        "m[1,0]",
        "s[0]",
        "up.weight[0]",
        "up.weight[1]",
    ] {
        let element = element(&backprop, address);
        said += &format!("{address}: {}\n", step(&backprop, element));
        let mut number = 0;
        backprop.terms(element, &mut |contribution| {
            number += 1;
            said += &format!(
                "  {number}: {}\n",
                term(&backprop, element, number, &contribution)
            );
        });
    }
    insta::assert_snapshot!(said);
}

#[test]
fn every_sentence_reads_well() {
    gallery::ALL
        .iter()
        .for_each(|item| all_read_well(item.name, &open(item)));
    all_read_well("other ops", &backprop(&read(OTHER_OPS)));
    all_read_well("functions and quotients", &backprop(&read(FUNCTIONS)));
}

/// Holds everything that is said of a network's neurons to what is true of all good sentences.
fn all_read_well(label: &str, backprop: &Backprop) {
    let names: Vec<&str> = backprop
        .network()
        .tensors()
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    for id in backprop.network().ids() {
        for at in 0..backprop.network().tensor(id).shape.numel() {
            let element = Element { tensor: id, at };
            let story = step(backprop, element);
            story
                .sentences
                .iter()
                .for_each(|sentence| reads_well(sentence, &names));
            let is_finite = !backprop.has_nan() && backprop.element(element).is_finite();
            assert!(
                !is_finite || !story.to_string().contains("NaN"),
                "{label}: {story}"
            );
            let mut number = 0;
            backprop.terms(element, &mut |contribution| {
                number += 1;
                if number <= 20 {
                    reads_well(&term(backprop, element, number, &contribution), &names);
                }
            });
            let (gradient, text) = (backprop.element(element), story.to_string());
            // It has more digits where fewer would not tell it from what it is rounded from.
            let told = (4..=8).any(|digits| text.contains(&rounded(gradient, digits)))
                || (gradient == 0.0 && text.contains("nothing"));
            assert!(told, "{label}: the gradient {gradient} is not in: {text}");
            assert!(text.len() < 1800, "{label}: {} bytes: {text}", text.len());
        }
    }
}

fn reads_well(sentence: &Sentence, names: &[&str]) {
    let text = &sentence.to_string();
    let begins_with_name = matches!(sentence.pieces.first(), Some(Piece::Element { .. }))
        || names
            .iter()
            .any(|name| text.split(' ').next() == Some(name));
    assert!(
        begins_with_name
            || text.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit()),
        "{text}"
    );
    assert!(text.ends_with('.'), "{text}");
    for wrong in [
        "  ",
        " .",
        " ,",
        "..",
        "-0",
        "−0 ",
        "Σ",
        "∂",
        " 1 neurons",
        " one neurons",
        " one terms",
        "times 1.",
        " one places",
    ] {
        assert!(!text.contains(wrong), "{wrong:?} in: {text}");
    }
    assert_eq!(
        text.matches('[').count(),
        text.matches(']').count(),
        "{text}"
    );
    assert_eq!(
        text.matches('(').count(),
        text.matches(')').count(),
        "{text}"
    );
}

#[test]
fn tables_add_up() {
    for item in gallery::ALL {
        let backprop = open(item);
        for (_, element) in backprop.steps().iter() {
            let table = Table::new(&backprop, element, MOST_ROWS);
            assert!(
                table
                    .rows
                    .iter()
                    .all(|row| row.factors.len() == table.columns.len())
            );
            match (table.more, table.rows.last()) {
                (None, Some(last)) => {
                    let rounded = backprop.arithmetic().precision.round(last.running);
                    let same = rounded.to_bits() == table.gradient.to_bits()
                        || (rounded.is_nan() && table.gradient.is_nan());
                    assert!(same, "{rounded} {}", table.gradient);
                }
                (Some(more), _) => assert_eq!(
                    table.rows.len() + more.n,
                    backprop.contributions(element).len()
                ),
                (None, None) => assert_eq!(table.gradient, 0.0),
            }
            for row in &table.rows {
                let product = row
                    .factors
                    .iter()
                    .flatten()
                    .fold(row.upstream, |product, factor| product * factor.value);
                // Of the two zeros a closed gate makes the positive one.
                assert_eq!((product + 0.0).to_bits(), (row.product + 0.0).to_bits());
            }
        }
    }
}

#[test]
fn a_step_as_text() {
    let backprop = open(gallery::find("the-question").unwrap());
    let page = text(&backprop, element(&backprop, "pool[1,0]"), &[], 60);
    insta::assert_snapshot!(page, @r"
    pool[1,0] = 2, step 3 of 35

      from                   upstream   slope   weight   term
      fc[0]                         2 ×     1 ×    0.5 =    1
      fc[1]                         3 ×     1 ×   −1   =   −3
      fc[2]                         6 ×     1 ×    1   =    6
      ───────────────────────────────────────────────────────
      gradient of pool[1,0]                                 4

    pool[1,0] feeds all three fc neurons, so it hears from all
    three. Each sends its own gradient times the weight on its
    wire to pool[1,0]: fc[0] sends 2 × 0.5 = 1, fc[1] sends
    3 × −1 = −3 and fc[2] sends 6 × 1 = 6. All three ReLUs are
    open (slope 1), so nothing is lost there. A nudge of
    pool[1,0] moves all three at once, and the effects add up:
    1 − 3 + 6 = 4.
    ");
    insta::assert_snapshot!(markdown(&backprop, element(&backprop, "x[0,0]"), &[]), @r"
    ### x[0,0] = 1, step 20 of 35

    | from | upstream | winner | term |
    | --- | ---: | ---: | ---: |
    | `pool[0,0]` | 3.5 | 0 | 0 |
    | **gradient of `x[0,0]`** |  |  | 0 |

    Only `pool[0,0]` looks at `x[0,0]`. In `pool[0,0]`'s window, `x[0,0]` = 1 lost by 3 to `x[1,0]` = 4. A small nudge of a loser changes nothing, so it gets 0.
    ");
}

#[test]
fn every_page_keeps_its_width() {
    let backprop = open(gallery::find("digit-wrong").unwrap());
    for &id in backprop.steps().tensors() {
        for width in [20, 60, 100] {
            let page = text(&backprop, Element { tensor: id, at: 0 }, &[], width);
            let words = page.rsplit("\n\n").next().unwrap();
            assert!(
                words
                    .lines()
                    .all(|line| line.width() <= width || !line.contains(' ')),
                "{words}"
            );
        }
    }
}

#[test]
fn a_name_carries_the_number_of_its_term() {
    let backprop = open(gallery::find("the-question").unwrap());
    let story = step(&backprop, element(&backprop, "pool[1,0]"));
    let mut numbers = BTreeMap::new();
    for piece in story.sentences.iter().flat_map(|sentence| &sentence.pieces) {
        if let Piece::Element {
            address,
            term: Some(number),
            ..
        } = piece
        {
            numbers.insert(address.as_str(), *number);
        }
    }
    assert_eq!(
        numbers,
        BTreeMap::from([("fc[0]", 1), ("fc[1]", 2), ("fc[2]", 3)])
    );
}

#[test]
fn what_cancelling_terms_lose_is_told() {
    let net = |middle: &str| {
        format!(
            r#"{{ "backstep": 1, "inputs": {{ "x": [1] }}, "layers": [{{ "name": "fc",
               "op": "linear", "weight": [[1e16], [{middle}], [-1e16]] }}],
               "upstream": {{ "fc": [1, 1, 1] }} }}"#
        )
    };
    let told = |middle| tell_of(&net(middle), "x[0]");
    assert!(told("1").contains("leaves none of its digits right: added exactly, they make 1."));
    assert!(told("3000000.1").contains("leaves 7 of its 16 digits right"));
    for right in ["2", "0", "30000000000.5"] {
        assert!(!told(right).contains("cancel here"), "{right}");
    }
}
