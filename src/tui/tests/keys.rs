//! Keys as a user presses them, and what is then on the screen.

use std::time::Duration;

use super::screen::Screen;
use crate::debugger::commands::COMMANDS;
use crate::tui::flow::Flow;
use crate::tui::panel::Panel;

/// Presses the keys at the first step of the first scenario, and looks for a text on the screen.
#[track_caller]
pub(super) fn check(keys: &str, expected: &str) {
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press(keys);
    assert!(
        screen.text().contains(expected),
        "`{keys}` does not show {expected:?}:\n{}",
        screen.text()
    );
}

#[test]
fn the_key_line_leads_to_a_map_for_which_there_is_no_room() {
    let mut small = Screen::of("the-question", (60, 16));
    assert!(small.text().contains(" z map "), "{}", small.text());
    small.press("z");
    assert!(small.text().contains("Network: values"), "{}", small.text());
    let common = Screen::of("the-question", (80, 24));
    assert!(!common.text().contains(" z map "));
}

#[test]
fn steps_and_jumps() {
    for (keys, expected) in [
        ("Right l n", "step 4/35"),
        ("Right Right Left h", "step 1/35"),
        ("Right Right N", "step 2/35"),
        ("1 2 Right", "step 13/35"),
        ("2 Tab", "fc.bias[0]"),
        (
            "9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 Right",
            "end · 35 steps done",
        ),
        ("3 Right 2 Left", "step 2/35"),
        ("1 0", "10 times what the next key does"),
        ("4 q", ""),
        ("G", "end · 35 steps done"),
        ("G g g", "start · 35 steps to go"),
        ("g 1 2 Enter", "step 12/35"),
        ("g g g e n d Enter", "end · 35 steps done"),
        ("End Home", "start · 35 steps to go"),
        (": g g", ": gg"),
        (": Right Left Backspace", "? all keys"),
        (": t e", "  term  term back  tensor  tensor back"),
        (": g o t o Space p o", "  pool"),
        (": v e r", "  verify [ADDRESS]  nudge a neuron"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn a_second_g_begins_a_name_where_there_is_one_with_it() {
    let session = crate::debugger::example::of(
        r#"{ "backstep": 1, "inputs": { "gate": [1, 2] }, "layers": [{ "name": "y", "op": "relu" }],
            "upstream": { "y": [1, 1] } }"#,
    );
    let mut screen = Screen::debugging(session, (120, 36));
    screen.press("g g a t e [ 1 ] Enter");
    assert!(screen.text().contains("step 2/2"), "{}", screen.text());
}

#[test]
fn a_search_shows_its_first_match_while_it_is_written() {
    for (keys, expected) in [
        ("/ f c", "match 1 of 2 for `fc`"),
        ("/ f c . b", "fc.bias["),
        ("Right / f c . b Esc", "step 2/35"),
        ("/ f c Enter n", "match 2 of 2 for `fc`"),
        ("/ f c Enter n n", "match 1 of 2 for `fc`"),
        ("/ f c Enter N", "match 2 of 2 for `fc`"),
        ("/ q x", "no tensor's name contains `qx`"),
        ("/ q x Enter", "/ qx"),
        ("/ Enter", "step 1/35"),
        ("/ f c Enter Esc", "the search is over"),
        (
            ": s e a r c h Space f c . b Enter",
            "match 1 of 1 for `fc.b`",
        ),
        (": s e a r c h Enter", "expected a part of a tensor's name"),
    ] {
        check(keys, expected);
    }
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press("/ p o Backspace Backspace");
    assert!(screen.text().contains("step 1/35"));
    screen.press("Esc / f c Enter Esc Home n");
    assert!(
        screen.text().contains("step 1/35"),
        "without a search `n` is a step"
    );
}

#[test]
fn a_look_at_a_neuron_does_not_move_the_step() {
    for (keys, expected) in [
        ("Enter", "pool[0,0] · Esc closes"),
        (
            "Down Down Enter",
            "fc[1] · its gradient is given · Esc closes",
        ),
        ("Down Enter", "step 1/35"),
        (
            "Down Enter Enter",
            "`fc[0]` has no step: its gradient is given",
        ),
        ("Down Enter Backspace", "? all keys"),
        ("End Enter", "the end: all 35 steps are done"),
        (
            ": i n s p e c t Space p o o l [ 1 , 1 ] Enter",
            "pool[1,1] · Enter goes to its step 4",
        ),
        (
            ": i n s p e c t Space p o o l [ 1 , 1 ] Enter Enter",
            "step 4/35",
        ),
        (": p r i n t Enter", "backstep says"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn a_neuron_that_is_looked_at_is_gone_to_by_a_second_enter() {
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press("Tab Tab Tab");
    let here = screen.text();
    screen.press("Enter Right j k G");
    screen.press("Esc");
    assert_eq!(screen.text(), here, "reading moves nothing");
}

#[test]
fn playing_takes_steps_until_a_key_or_the_end() {
    let mut screen = Screen::of("the-question", (120, 36));
    assert_eq!(screen.interval(), None);
    screen.press("Space");
    assert!(screen.text().contains("▶ 1 step a second"));
    screen.press("+");
    assert_eq!(screen.interval(), Some(Duration::from_millis(500)));
    screen.tick();
    assert!(screen.text().contains("step 2/35") && screen.text().contains("▶ 2 steps a second"));
    screen.press("Right");
    assert_eq!(screen.interval(), None);
    assert!(screen.text().contains("step 3/35"));
    screen.press("Space Esc");
    assert_eq!(screen.interval(), None);
    screen.press("End Left Space");
    screen.tick();
    assert!(screen.text().contains("played to the end") && screen.interval().is_none());
    screen.press("Space");
    assert!(screen.text().contains("this is the end"));
    screen.press("-");
    assert!(screen.text().contains("Space plays 1 step a second"));
}

#[test]
fn panes_fold() {
    let mut screen = Screen::of("the-question", (120, 36));
    let shown = |screen: &Screen| {
        ["Network", "gradient of", "In words"].map(|title| screen.text().contains(title))
    };
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(shown(&screen));
        screen.press("z");
    }
    assert_eq!(
        seen,
        [
            [true, true, true],
            [true, false, false],
            [false, true, true],
            [true, true, true]
        ]
    );
}

#[test]
fn the_theme_changes_in_a_circle() {
    let mut screen = Screen::of("the-question", (120, 36));
    let first = screen.picture();
    for expected in [
        "theme: for a light background",
        "theme: no colours",
        "theme: for a dark background",
    ] {
        screen.press("t");
        assert!(screen.text().contains(expected));
    }
    assert_eq!(screen.without_message(), first);
}

#[test]
fn the_help_is_searched_by_typing() {
    for (keys, expected) in [
        ("?", "All keys and commands · type to search"),
        (
            "? s e a r c h",
            "go to the next tensor whose name contains this",
        ),
        ("? x q x", "Nothing fits."),
        ("? x q x Esc", "go back to the neuron before"),
        ("? f o l d Esc Esc", "? all keys"),
        ("? ?", "? all keys"),
        ("? Ctrl-u Right", "All keys and commands"),
    ] {
        check(keys, expected);
    }
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press("? t e n s o r Space b e f o r e");
    assert!(!screen.text().contains("go back to the neuron before"));
}

#[test]
fn every_command_is_on_the_help_screen() {
    let mut screen = Screen::of("the-question", (130, 110));
    screen.press("?");
    let text = screen.text();
    for command in crate::debugger::commands::COMMANDS {
        assert!(
            text.contains(command.help) && text.contains(&command.usage()),
            "`{}` is missing:\n{text}",
            command.name
        );
    }
}

#[test]
fn a_text_scrolls_no_further_than_to_its_end() {
    let mut screen = Screen::of("the-question", (80, 12));
    screen.press("? End");
    let end = screen.text();
    screen.press("Down PageDown Up");
    assert_ne!(screen.text(), end);
    screen.press("Down");
    assert_eq!(screen.text(), end);
}

#[test]
fn tab_completes_in_a_circle() {
    for (keys, expected) in [
        (": t e r Tab", ": term"),
        (": t e r Tab Tab", ": term back"),
        (": t e r Tab Tab Tab", ": term"),
        (": t e r Shift-Tab", ": term back"),
        (": t e r Tab", "1 of 2"),
        (": g o Tab", ": goto"),
        (": g o Tab p o o l [ 1 Tab Tab", ": goto pool[1,1]"),
        (": g o Tab p o o l [ 1 Tab Tab Enter", "step 4/35"),
        ("g p o o l [ 0 , 1 Tab Enter", "step 2/35"),
        ("g e n Tab Enter", "end · 35 steps done"),
        ("/ f c . b Tab", "/ fc.bias"),
        (": x y Tab", "nothing that begins like this can stand here"),
        (": q u i t Tab ; Space n e Tab", ": quit; next"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn earlier_commands_come_back() {
    for (keys, expected) in [
        (": n e x t Enter : i n f o Enter Esc : Up", ": info"),
        (": n e x t Enter : i n f o Enter Esc : Up Up", ": next"),
        (
            ": n e x t Enter : i n f o Enter Esc : Up Up Up Down Enter",
            "backstep says",
        ),
        (": n e x t Enter : b a Up Down", ": ba"),
        (": n e x t Enter : Up Enter", "step 3/35"),
        (": Up Down", "earlier commands"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn commands_after_one_that_is_refused_are_not_run() {
    check(
        ": s t a r t ; b a c k ; e n d Enter",
        "this is the start: nothing is computed yet",
    );
    check(
        ": s t a r t ; b a c k ; e n d Enter",
        "start · 35 steps to go",
    );
    check(": t h e m e ; e n d Enter", "end · 35 steps done");
}

#[test]
fn the_terminal_is_asked_for_by_keys_everywhere() {
    for open in ["", "?", "Enter"] {
        for (key, flow) in [
            ("Ctrl-c", Flow::Quit),
            ("Ctrl-z", Flow::Suspend),
            ("Ctrl-l", Flow::Redraw),
        ] {
            let mut screen = Screen::of("the-question", (80, 24));
            screen.press(open);
            assert_eq!(screen.answer(key), flow, "{open} {key}");
        }
    }
}

#[test]
fn a_panel_closes_at_the_key_that_opened_it() {
    let mut n_closed = 0;
    for command in COMMANDS {
        for &key in command.keys {
            let mut screen = Screen::of("the-question", (120, 36));
            screen.press("Right Right Right");
            screen.press(&key.to_string());
            let Some(Panel::Sheet(_)) = screen.debugger().panels.last() else {
                continue;
            };
            screen.press(&key.to_string());
            assert!(screen.debugger().panels.is_empty(), "`{key}`");
            n_closed += 1;
        }
    }
    assert!(n_closed > 1, "{n_closed}");
}

#[test]
fn the_keys_that_a_panel_names_do_what_it_says() {
    let mut screen = Screen::of("the-question", (120, 36));
    let inspect = ": i n s p e c t Space x [ 0 , 0 ] Enter";
    screen.press(inspect);
    assert!(screen.text().contains("x[0,0] · Enter goes to its step"));
    screen.press("Esc");
    assert!(screen.debugger().panels.is_empty());
    screen.press(inspect);
    screen.press("Enter");
    assert!(screen.text().contains("· x[0,0]"), "{}", screen.text());
    for closes in ["Esc", "q", "?", "Backspace"] {
        screen.press("? Down PageDown End Home");
        assert!(screen.text().contains("type to search · Esc closes"));
        screen.press(closes);
        let is_search = closes == "q";
        assert_eq!(screen.debugger().panels.is_empty(), !is_search, "{closes}");
        screen.press(if is_search { "Esc Esc" } else { "" });
    }
}

#[test]
fn marks_and_words_are_explained() {
    for (keys, expected) in [
        ("? w i n n e r", "the winner of a pooling window"),
        ("? j a c o b", "how one output moves with one input"),
        ("? z z z", "Nothing fits."),
    ] {
        check(keys, expected);
    }
}

#[test]
fn neighbours_are_looked_at_and_gone_to() {
    for (keys, expected) in [
        (
            "Shift-Right",
            "`pool[0,1]` 2, gradient not yet known; Enter goes there",
        ),
        ("Right Right Right Ctrl-Up", "`pool[0,1]` 2, gradient 15"),
        ("Shift-Left", "the tensor ends at `pool[0,0]`"),
        ("Shift-Right Enter", "step 2/35 · pool[0,1]"),
        ("Shift-Down Shift-Right Enter", "step 4/35 · pool[1,1]"),
        ("Shift-Right Esc Enter", "pool[0,0] · Esc closes"),
        ("2 Shift-Down", "the tensor ends at `pool[1,0]`"),
        (": l o o k Space d o w n Enter", "`pool[1,0]` 2, gradient"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn a_paste_goes_where_text_is_written() {
    let mut screen = Screen::of("the-question", (120, 36));
    let paste = |screen: &mut Screen, text: &str| {
        screen.send(&crossterm::event::Event::Paste(text.to_owned()))
    };
    assert_eq!(paste(&mut screen, "q"), Flow::Idle);
    screen.press("/");
    paste(&mut screen, "fc.bias\n");
    assert!(screen.text().contains("match 1 of 1 for `fc.bias`"));
    screen.press("Esc ?");
    paste(&mut screen, "suspend");
    assert!(!screen.text().contains("go back to the neuron before"));
}

#[test]
fn the_bar_keeps_what_matters_most_at_any_width() {
    for width in 40..140 {
        let screen = Screen::of("the-question", (width, 24));
        let text = screen.text();
        let bar = text.lines().last().unwrap();
        assert!(
            bar.contains("→← neuron") && bar.contains("? all keys"),
            "{width}: {bar}"
        );
    }
}

/// The first scenario with an answer: a sum multiplied, a blank, and what follows from them.
pub(super) fn answered(size: (u16, u16)) -> Screen {
    with_answer(
        r#"{ "format": "backstep-answer/1", "grads": {
        "pool": [[3.5, 15], [-18, null]],
        "x": [[0, 0, 0, 0], [3.5, 0, 15, 0], [0, 0, 0, 0], [-18, 0, null, 0]] } }"#,
        size,
    )
}

fn with_answer(json: &str, size: (u16, u16)) -> Screen {
    let scenario = crate::gallery::find("the-question")
        .unwrap()
        .open(crate::scenario::Options::default())
        .unwrap();
    let answer =
        crate::marking::Answer::read("a.json", json.as_bytes(), &scenario.network).unwrap();
    let tolerance = answer.tolerance();
    Screen::debugging(
        crate::debugger::Session::new(scenario)
            .with_answer(answer, tolerance)
            .unwrap(),
        size,
    )
}

#[test]
fn a_wrong_number_beside_the_terms_never_looks_right() {
    let json = r#"{ "format": "backstep-answer/1",
        "grads": { "pool": [[3.54, 15.4], [4.3, -1.60235]] } }"#;
    for size in [(60, 16), (80, 24), (120, 36), (200, 60)] {
        let mut screen = with_answer(json, size);
        for own in ["15.4", "4.3", "−1.602"] {
            screen.press("x");
            let text = screen.text();
            let yours = text.lines().find(|line| line.contains("yours ✗ wrong"));
            assert!(
                yours.is_some_and(|line| line.contains(own)),
                "{own}:\n{text}"
            );
        }
    }
}

#[test]
fn an_answer_lies_beside_the_true_gradients() {
    for (keys, expected) in [
        ("x", "step 3/35"),
        ("x", "✗ wrong"),
        ("x", "Yours is −18, right is 4; no known slip"),
        ("x x", "yours is 0, right is 15"),
        ("x x X", "step 3/35"),
        ("X", "no number is wrong before here"),
        ("End x", "no number is wrong from here on"),
        ("M", "✗ pool  2 correct, 1 wrong, 1 blank"),
        ("M Down Enter", "step 22/35"),
        ("V", "Network: values, gradients below"),
        ("V V V V V", "Network: true gradients, yours below"),
    ] {
        let mut screen = answered((120, 36));
        screen.press(keys);
        assert!(
            screen.text().contains(expected),
            "`{keys}` does not show {expected:?}:\n{}",
            screen.text()
        );
    }
    let mut screen = answered((120, 36));
    screen.press("x Esc");
    insta::assert_snapshot!(screen.text());
}
