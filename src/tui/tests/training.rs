//! Updates on the screen: the new value beside the parameter that it comes from, long refusals, and
//! values that move live.

use super::screen::Screen;
use crate::debugger::Session;
use crate::scenario::{NoFiles, Options, Scenario};

/// The keys that type a line at the prompt and send it.
fn line(text: &str) -> String {
    let keys = text.chars().map(|key| match key {
        ' ' => "Space".to_owned(),
        key => key.to_string(),
    });
    let keys: Vec<String> = keys.collect();
    format!(": {} Enter", keys.join(" "))
}

/// A net whose new values have four terms each.
fn decaying(size: (u16, u16)) -> Screen {
    let json = r#"{ "backstep": 1, "inputs": { "x": [1, 2] },
      "layers": [
        { "name": "hidden", "op": "linear", "weight": [[0.31234, 0.25], [-0.4, 0.7]] },
        { "name": "y", "op": "linear", "weight": [[1.25, -0.5]] },
        { "name": "loss", "op": "mse_loss", "target": [3] }],
      "train": { "optimizer": "sgd", "lr": 0.0123, "momentum": 0.9, "weight_decay": 0.01,
        "steps": 8 } }"#;
    let scenario = Scenario::read("net", json.as_bytes(), &NoFiles, Options::default()).unwrap();
    let mut screen = Screen::debugging(Session::new(scenario), size);
    screen.press(&line("update 3"));
    screen.press(&line("goto hidden.weight.new[0,0]"));
    screen
}

#[test]
fn an_update_shows_the_parameter_beside_its_new_value() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let text = decaying(size).text();
        for shown in ["hidden.weight.new 2×2", "hidden.weight 2×2", "┏"] {
            assert!(text.contains(shown), "{shown} at {size:?}:\n{text}");
        }
        assert!(!text.contains("without a wire"), "{text}");
    }
    insta::assert_snapshot!(decaying((80, 24)).text());
}

#[test]
fn the_factors_of_an_update_stay_apart() {
    for size in [(60, 16), (80, 24), (120, 36)] {
        let text = decaying(size).text();
        assert!(!text.contains("local"), "{size:?}:\n{text}");
        for factor in ["0.0123", "0.01", "0.9"] {
            assert!(text.contains(factor), "{factor} at {size:?}:\n{text}");
        }
    }
}

#[test]
fn the_table_of_an_update_is_not_broken_in_its_panel() {
    for size in [(60, 16), (80, 24), (120, 36)] {
        let mut screen = decaying(size);
        screen.press("Enter");
        let text = screen.text();
        let velocity = text.lines().find(|line| line.contains("velocity"));
        let velocity = velocity.unwrap_or_else(|| panic!("{text}"));
        assert!(velocity.contains(['=', '≈']), "{size:?}:\n{text}");
    }
}

#[test]
fn a_long_refusal_is_read_to_its_end() {
    for size in [(60, 16), (80, 24), (120, 36)] {
        let mut screen = decaying(size);
        screen.press(&line("learn 99999999"));
        let text = screen.text();
        assert!(text.contains("goes to the last"), "{size:?}:\n{text}");
        // The next key takes it away.
        screen.press("Down");
        assert!(!screen.text().contains("goes to the last"));
    }
}

#[test]
fn up_and_down_move_a_value_live() {
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press(&line("goto x[1,0]"));
    screen.press("I");
    assert!(
        screen.text().contains("↑ and ↓ change it by 0.1, Esc ends"),
        "{}",
        screen.text()
    );
    screen.press("Up Up");
    let text = screen.text();
    assert!(text.contains("x[1,0] is 4.2, was 4"), "{text}");
    // The step is where it was, and the sums follow.
    assert!(text.contains("· x[1,0]"), "{text}");
    screen.press("Down Down");
    assert!(
        screen.text().contains("x[1,0] is 4 as it was"),
        "{}",
        screen.text()
    );
    screen.press("Up Esc");
    assert!(
        screen.text().contains("x[1,0] stays 4.1"),
        "{}",
        screen.text()
    );
    // The keys are again what they were.
    screen.press("Down");
    assert!(!screen.text().contains("x[1,0] is "), "{}", screen.text());
    assert!(!screen.debugger().session.is_scrubbing());
    screen.press("u");
    assert!(
        screen.text().contains("all is as it was"),
        "{}",
        screen.text()
    );
}
