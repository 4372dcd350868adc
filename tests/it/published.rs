//! Published examples: what their authors print is what is computed, to the digits that they print.

use backstep::backprop::Backprop;
use backstep::gallery::{self, Group};
use backstep::scenario::{Options, Scenario};
use backstep::tensor::{Address, Element};

/// A scenario of the gallery, run.
struct Example {
    scenario: Scenario,
    backprop: Backprop,
}

/// How the author came from a number to its printed digits.
#[derive(Clone, Copy)]
enum Rounding {
    /// Once, to the nearest: every digit is right.
    Once,
    /// On the way too: the last digit is off by one at most.
    OnTheWay,
}

impl Example {
    fn open(name: &str) -> Self {
        let scenario = gallery::find(name)
            .unwrap()
            .open(Options::default())
            .unwrap();
        let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
        Self { scenario, backprop }
    }

    fn element(&self, address: &str) -> Element {
        self.scenario
            .network
            .element(&address.parse::<Address>().unwrap())
            .unwrap_or_else(|| panic!("{address}"))
    }

    fn gradient(&self, address: &str) -> f64 {
        self.backprop.element(self.element(address))
    }

    fn value(&self, address: &str) -> f64 {
        self.backprop.tape().element(self.element(address))
    }

    /// Compares gradients with printed ones, written as `x 3; y -4.00`.
    fn prints_gradients(&self, printed: &str, rounding: Rounding) {
        each(printed, |address, digits| {
            is_printed_as(address, self.gradient(address), digits, rounding)
        });
    }

    /// Compares values with printed ones.
    fn prints_values(&self, printed: &str, rounding: Rounding) {
        each(printed, |address, digits| {
            is_printed_as(address, self.value(address), digits, rounding)
        });
    }

    /// Compares what the gradients make of the parameters with what is printed of them, at a rate.
    fn prints_updated(&self, printed: &str, rate: f64, rounding: Rounding) {
        each(printed, |address, digits| {
            is_printed_as(
                address,
                self.value(address) - rate * self.gradient(address),
                digits,
                rounding,
            );
        });
    }
}

fn each(printed: &str, check: impl Fn(&str, &str)) {
    for line in printed.split(';') {
        let (address, digits) = line.trim().split_once(' ').unwrap();
        check(address, digits);
    }
}

fn is_printed_as(what: &str, number: f64, digits: &str, rounding: Rounding) {
    let printed: f64 = digits.parse().unwrap();
    let n_decimals = digits
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    let unit: f64 = format!("1e-{n_decimals}").parse().unwrap();
    let most = unit
        * if matches!(rounding, Rounding::Once) {
            0.5
        } else {
            1.5
        };
    assert!(
        (number - printed).abs() <= most * 1.000_001,
        "{what} is {number}, printed is {digits}"
    );
}

/// The row-major numbers of a tensor, written as the author prints them, with their addresses.
fn grid(name: &str, rows: &[&str]) -> String {
    let row = |(row, text): (usize, &&str)| -> Vec<String> {
        text.split_whitespace()
            .enumerate()
            .map(|(column, digits)| format!("{name}[{row},{column}] {digits}"))
            .collect()
    };
    rows.iter()
        .enumerate()
        .flat_map(row)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn a_published_example_names_its_source() {
    for item in gallery::ALL
        .iter()
        .filter(|item| item.group == Group::Published)
    {
        assert!(
            item.headline().description.contains("https://"),
            "{}",
            item.name
        );
    }
}

#[test]
fn a_group_is_in_one_piece() {
    assert!(gallery::ALL.is_sorted_by_key(|item| item.group));
}

/// The first circuit of the CS231n notes on backpropagation, the numbers in its picture.
#[test]
fn cs231n_circuit() {
    let example = Example::open("cs231n-circuit");
    example.prints_values("q 3; f -12", Rounding::Once);
    example.prints_gradients("f 1; q -4; z 3; x -4; y -4", Rounding::Once);
}

/// The circuit of a neuron in the same notes, from the dot product on in one sigmoid, as their code
/// has it.
#[test]
fn cs231n_neuron() {
    let example = Example::open("cs231n-neuron");
    example.prints_values("dot[0] 1.00; f[0] 0.73", Rounding::Once);
    example.prints_gradients("dot[0] 0.20; x[0] 0.39; x[1] -0.59", Rounding::Once);
    example.prints_gradients(
        "dot.weight[0,0] -0.20; dot.weight[0,1] -0.39; dot.bias[0] 0.20",
        Rounding::Once,
    );
}

/// The circuit with which the same notes show what plus, times and max do.
#[test]
fn cs231n_max() {
    let example = Example::open("cs231n-max");
    example.prints_values(
        "xy[0] -12.00; max[0] 2.00; plus[0] -10.00; f[0] -20.00",
        Rounding::Once,
    );
    example.prints_gradients(
        "f[0] 1.00; plus[0] 2.00; xy[0] 2.00; max[0] 2.00",
        Rounding::Once,
    );
    example.prints_gradients(
        "x[0] -8.00; y[0] 6.00; zw[0] 2.00; zw[1] 0.00",
        Rounding::Once,
    );
}

/// The picture that compares two losses in the CS231n notes on linear classification. They print no
/// gradients; those follow from the probabilities that they do print.
#[test]
fn cs231n_softmax() {
    let example = Example::open("cs231n-softmax");
    example.prints_values(
        "scores[0] -2.85; scores[1] 0.86; scores[2] 0.28; loss 1.04",
        Rounding::Once,
    );
    // 0.0154 stands as 0.016 in the picture, because there 0.058 is divided by a sum of rounded
    // numbers.
    example.prints_gradients("scores[0] 0.016", Rounding::OnTheWay);
    example.prints_gradients("scores[1] 0.631", Rounding::Once);
    is_printed_as(
        "the probability of the right class",
        example.gradient("scores[2]") + 1.0,
        "0.353",
        Rounding::Once,
    );
}

/// The graph that Karpathy's lecture on micrograd draws once the gradients of `a` and `b` are added
/// up.
#[test]
fn micrograd_reuse() {
    let example = Example::open("micrograd-reuse");
    example.prints_values("d -6.0000; e 1.0000; f -6.0000", Rounding::Once);
    example.prints_gradients(
        "f 1.0000; d 1.0000; e -6.0000; a -3.0000; b -8.0000",
        Rounding::Once,
    );
}

/// What Mazur prints of the first step, and the weights that he prints after it.
#[test]
fn mazur() {
    let example = Example::open("mazur");
    example.prints_values(
        "h[0] 0.593269992; h[1] 0.596884378; o[0] 0.75136507; o[1] 0.772928465; E 0.298371109",
        Rounding::Once,
    );
    example.prints_gradients("o[0] 0.74136507; o.weight[0,0] 0.082167041", Rounding::Once);
    example.prints_gradients(
        "h[0] 0.036350306; h.weight[0,0] 0.000438568",
        Rounding::Once,
    );
    example.prints_updated(
        "o.weight[0,0] 0.35891648; o.weight[0,1] 0.408666186",
        0.5,
        Rounding::Once,
    );
    example.prints_updated(
        "o.weight[1,0] 0.511301270; o.weight[1,1] 0.561370121",
        0.5,
        Rounding::Once,
    );
    example.prints_updated(
        "h.weight[0,0] 0.149780716; h.weight[0,1] 0.19956143",
        0.5,
        Rounding::Once,
    );
    example.prints_updated(
        "h.weight[1,0] 0.24975114; h.weight[1,1] 0.29950229",
        0.5,
        Rounding::Once,
    );
}

/// The example in MyGrad's documentation of `max_pool`: two windows won, a tie, and losers.
#[test]
fn mygrad_max_pool() {
    let example = Example::open("mygrad-max-pool");
    example.prints_values(&grid("pool", &["10. 10.", "7. 20."]), Rounding::Once);
    example.prints_gradients(
        &grid("x", &["0. 2. 0.", "0. 1. 0.", "0. 0. 1."]),
        Rounding::Once,
    );
}

/// A convolution of "Dive into Deep Learning", and the transposed convolutions by the same kernel,
/// of which the book says that a convolution goes back by them.
#[test]
fn d2l_convolution() {
    let example = Example::open("d2l-convolution");
    example.prints_values(&grid("conv", &["19. 25.", "37. 43."]), Rounding::Once);
    example.prints_gradients(
        &grid("x", &["0. 0. 1.", "0. 4. 6.", "4. 12. 9."]),
        Rounding::Once,
    );
    example.prints_gradients(
        &grid(
            "x4",
            &["0. 0. 0. 1.", "0. 0. 2. 3.", "0. 2. 0. 3.", "4. 6. 6. 9."],
        ),
        Rounding::Once,
    );
}

/// What "Dive into Deep Learning" prints of both norms of one matrix. It prints no gradients of
/// them.
#[test]
fn d2l_norms() {
    let example = Example::open("d2l-norms");
    example.prints_values(
        &grid("ln", &["-1.0000 1.0000", "-1.0000 1.0000"]),
        Rounding::Once,
    );
    example.prints_values(
        &grid("bn", &["-1.0000 -1.0000", "1.0000 1.0000"]),
        Rounding::Once,
    );
}

/// The second time step of Gomez's LSTM, forwards and backwards. He goes on with the five digits
/// that he prints.
#[test]
fn gomez_lstm() {
    let example = Example::open("gomez-lstm");
    example.prints_values(
        "a[0] 0.84980; i[0] 0.98118; f[0] 0.87030; o[0] 0.84993",
        Rounding::OnTheWay,
    );
    example.prints_values("state[0] 1.5176; out[0] 0.77197", Rounding::OnTheWay);
    example.prints_gradients("out[0] -0.47803; state[0] -0.07111", Rounding::OnTheWay);
    example.prints_gradients(
        "a.bias[0] -0.01938; i.bias[0] -0.00112; f.bias[0] -0.00631; o.bias[0] -0.05538",
        Rounding::OnTheWay,
    );
    example.prints_gradients(
        "x[0] -0.04743; x[1] -0.03073; out_before[0] -0.01828",
        Rounding::OnTheWay,
    );
}
