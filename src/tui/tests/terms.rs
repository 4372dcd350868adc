//! The table of terms where room is scarce.

use super::screen::Screen;

/// What the screen shows at each of the first steps of a scenario.
fn steps(scenario: &str, size: (u16, u16), begin: &str, n: usize) -> Vec<String> {
    let mut screen = Screen::of(scenario, size);
    screen.press(begin);
    let step = |_| {
        screen.press("Right");
        screen.text()
    };
    (0..n).map(step).collect()
}

/// The signs that stand right before a number and not right behind one.
fn glued(text: &str) -> Option<&str> {
    let is_glued = |line: &&str| {
        let mut signs = line.match_indices([' ']).map(|(at, _)| &line[at + 1..]);
        signs.any(|rest| {
            let behind = rest.strip_prefix(['×', '=']);
            behind
                .is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit() || c == '−'))
        })
    };
    text.lines().find(is_glued)
}

#[test]
fn a_sign_has_a_blank_at_each_side_or_at_none() {
    for (scenario, begin, n) in [
        ("mazur-updates", ".", 6),
        ("valley-decay", ". .", 10),
        ("half-precision", "", 9),
        ("the-question", "", 5),
    ] {
        for size in [(80, 24), (100, 30), (200, 60)] {
            for text in steps(scenario, size, begin, n) {
                assert_eq!(glued(&text), None, "{scenario} {size:?}\n{text}");
            }
        }
    }
}

#[test]
fn a_high_screen_says_what_the_heads_of_the_terms_mean() {
    let text = Screen::of("the-question", (200, 60)).text();
    for meaning in [
        "upstream: the gradient of the downstream neuron",
        "slope: how steep an activation is at its input",
        "weight: what a layer multiplies",
        "term: what one downstream neuron sends",
    ] {
        assert!(text.contains(meaning), "no {meaning} in\n{text}");
    }
    let common = Screen::of("the-question", (120, 36)).text();
    assert!(!common.contains("upstream: "), "{common}");
}

#[test]
fn a_swamped_term_is_told_and_keeps_its_digits_on_a_common_terminal() {
    for (address, terms) in [
        ("out.bias[0]", ["10.0000", " 0.0030", " 0.0001", "10.0031"]),
        (
            "out.weight[0,0]",
            ["15.0000", " 0.0060", " 0.0003", "15.0063"],
        ),
    ] {
        let mut screen = Screen::of("half-precision", (80, 24));
        let keys: Vec<String> = address.chars().map(String::from).collect();
        screen.press(&format!("g {} Enter", keys.join(" ")));
        let text = screen.text();
        assert!(text.contains("swamped"), "{text}");
        for term in terms {
            assert!(text.contains(term), "no {term} in\n{text}");
        }
    }
}
