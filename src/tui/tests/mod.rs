//! The whole screen on a backend without a terminal.

mod beside;
mod commands;
mod events;
mod hits;
mod keys;
mod panels;
mod picture;
mod quiz;
mod roles;
mod screen;
mod shades;
mod terms;
mod training;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use proptest::prelude::*;

use self::screen::Screen;
use super::flow::Flow;
use crate::gallery::ALL;

/// A frame of a gallery scenario after some keys.
fn frame(scenario: &str, size: (u16, u16), keys: &str) -> String {
    let mut screen = Screen::of(scenario, size);
    screen.press(keys);
    screen.text()
}

#[test]
fn the_first_frame_answers_the_question() {
    insta::assert_snapshot!(frame("the-question", (120, 36), ""));
}

#[test]
fn a_common_terminal_shows_the_map_above_terms_and_words() {
    insta::assert_snapshot!(frame("the-question", (80, 24), "Right Right"));
}

#[test]
fn a_small_terminal_shows_terms_and_words() {
    insta::assert_snapshot!(frame("the-question", (60, 16), ""));
}

#[test]
fn the_sum_builds_up_term_by_term() {
    insta::assert_snapshot!(frame("the-question", (120, 36), "Right Down Down"));
}

#[test]
fn a_loser_of_a_window_gets_a_dashed_wire() {
    insta::assert_snapshot!(frame("the-question", (80, 24), "End Left"));
}

#[test]
fn a_skip_connection_comes_back_round_the_branch() {
    let frame = frame("skip-connection", (120, 36), "Tab Right");
    for sign in ["①", "②", "③", "④"] {
        let n = frame.matches(sign).count();
        assert!(
            n >= 2,
            "{sign} is at its neuron and among the terms:\n{frame}"
        );
    }
}

#[test]
fn a_kernel_weight_collects_from_both_pictures() {
    insta::assert_snapshot!(frame("weight-sharing", (120, 36), "Tab"));
}

#[test]
fn a_chain_of_causes_is_shown_like_a_stack() {
    insta::assert_snapshot!(frame(
        "the-question",
        (80, 24),
        "g x [ 1 , 0 ] Enter y Down"
    ));
}

#[test]
fn a_nudge_at_a_kink_shows_both_slopes() {
    insta::assert_snapshot!(frame("ties", (80, 24), "g x _ f i r s t [ 0 , 1 ] Enter v"));
}

#[test]
fn what_an_edit_changes_is_marked() {
    insta::assert_snapshot!(frame(
        "the-question",
        (120, 36),
        ": s e t Space x [ 0 , 3 ] Space 9 Enter Right"
    ));
}

#[test]
fn a_prompt_points_at_what_is_wrong() {
    insta::assert_snapshot!(frame("the-question", (80, 24), "g p o l Enter"));
}

#[test]
fn breakpoints_are_marked_and_watches_have_a_row() {
    insta::assert_snapshot!(frame(
        "the-question",
        (80, 24),
        "b Right Right b w Tab w Right b Right"
    ));
}

#[test]
fn breakpoints_are_listed_with_their_hits() {
    let condition = "a b s ( g r a d ) > 5 Space a n d Space n o t Space t i e";
    let keys = &format!("b : b r e a k Space i f Space {condition} Enter c c B");
    insta::assert_snapshot!(frame("the-question", (80, 24), keys));
}

/// A network of many steps in which no breakpoint is hit.
fn without_hits() -> Screen {
    let mut screen = Screen::of("digit-right", (80, 24));
    screen.press("Home : b r e a k Space i f Space v a l u e > 9 9 9 Enter");
    screen
}

#[test]
fn a_long_run_says_how_far_it_is_and_any_key_stops_it() {
    let mut screen = without_hits();
    let end = screen.begin_run();
    assert!(
        screen.text().contains("looking for a hit: step 65 of "),
        "{}",
        screen.text()
    );
    screen.press("Esc");
    assert!(
        screen
            .text()
            .contains("stopped: no breakpoint is hit up to here")
            && screen.text().contains("step 64/")
    );
    drop(end);
    // Nobody waits for its end any more.
    screen.settle();
    assert!(screen.text().contains("step 64/"), "{}", screen.text());
    let _end = screen.begin_run();
    screen.press("Right");
    assert!(screen.text().contains("step 129/"), "{}", screen.text());
}

#[test]
fn what_follows_a_long_run_waits_for_its_end() {
    let mut screen = without_hits().without_patience();
    screen.press(": c o n t i n u e ; g o t o Space 3 ; t h e m e Enter");
    screen.finish_work();
    assert!(
        screen.text().contains("step 3/")
            && screen.text().contains("theme: for a light background"),
        "{}",
        screen.text()
    );
}

#[test]
fn the_help_is_the_table_of_commands() {
    insta::assert_snapshot!(frame("the-question", (120, 36), "?"));
}

#[test]
fn the_gallery_has_one_line_a_scenario() {
    let mut screen = Screen::gallery((120, 36));
    insta::assert_snapshot!(screen.text());
    screen.press("Down Enter");
    assert!(screen.text().contains("step 1/"));
    screen.press("Esc");
    assert!(screen.text().contains("Enter open"));
}

#[test]
fn the_gallery_previews_below_the_list_on_a_common_terminal() {
    let mut screen = Screen::gallery((80, 24));
    screen.press("End Up");
    insta::assert_snapshot!(screen.text());
}

/// What the gallery says of how many there are.
fn n_scenarios() -> String {
    format!("{} scenarios", ALL.len())
}

#[test]
fn letters_find_a_scenario_and_escape_shows_all_again() {
    let mut screen = Screen::gallery((120, 36));
    screen.press("k e r n e l");
    assert!(
        screen
            .text()
            .contains(&format!("kernel   1 of {}", ALL.len())),
        "{}",
        screen.text()
    );
    assert!(screen.text().contains("▸ weight-sharing"));
    screen.press("Esc");
    assert!(screen.text().contains(&n_scenarios()));
    assert!(
        screen.text().contains("▸ weight-sharing"),
        "the chosen scenario stays chosen"
    );
    screen.press("z z");
    assert!(screen.text().contains("no match"));
    screen.press("Enter Down Backspace Backspace Backspace");
    assert!(screen.text().contains(&n_scenarios()));
}

#[test]
fn the_published_examples_stand_below_a_heading_that_cannot_be_chosen() {
    let mut screen = Screen::gallery((80, 24));
    screen.press("d i g i t Esc Down");
    assert!(screen.text().contains("▸ digit-wrong"));
    screen.press("Down");
    assert!(
        screen.text().contains("▸ cs231n-circuit"),
        "{}",
        screen.text()
    );
    let (x, y) = screen.find("── published examples ──").unwrap();
    screen.click(x, y);
    assert!(
        screen.text().contains("▸ cs231n-circuit"),
        "a heading takes no click"
    );
    screen.click(x, y + 2);
    assert!(screen.text().contains("▸ micrograd-reuse"));
    screen.press("p u b l i s h e d Space l s t m");
    assert!(screen.text().contains(&format!("1 of {}", ALL.len())));
    assert!(screen.text().contains("▸ gomez-lstm"));
}

#[test]
fn a_column_of_many_tensors_shows_those_that_send_something() {
    let mut screen = Screen::of("gomez-lstm", (120, 36));
    screen.press(&["Tab"; 15].join(" "));
    assert!(
        screen.text().contains("step 22/31 · in[0]"),
        "{}",
        screen.text()
    );
    for factor in ["×0.125", "×0.01754", "×0.07901", "×0.07653"] {
        assert!(
            screen.text().contains(factor),
            "{factor} is not in\n{}",
            screen.text()
        );
    }
}

#[test]
fn q_is_a_letter_only_while_something_is_typed() {
    let mut screen = Screen::gallery((120, 36));
    screen.press("/ q u e s t");
    assert!(screen.text().contains(&format!("1 of {}", ALL.len())));
    screen.press("Esc Esc");
    assert!(screen.text().contains("`q` quits"));
    assert_eq!(screen.send(&Event::Key(screen::key("q"))), Flow::Quit);
}

#[test]
fn a_click_chooses_and_a_second_opens_and_the_place_is_kept() {
    let mut screen = Screen::gallery((120, 36));
    let (x, y) = screen.find("dead-relu").unwrap();
    screen.click(x, y);
    assert!(screen.text().contains("▸ dead-relu"));
    screen.click(x, y);
    assert!(screen.text().contains("step 1/"));
    screen.press("Esc");
    assert!(screen.text().contains("▸ dead-relu"));
}

#[test]
fn the_end_of_a_scenario_leads_to_the_next_and_is_remembered() {
    let mut screen = Screen::gallery((80, 24));
    screen.press("Enter");
    assert!(!screen.text().contains("next scenario"));
    screen.press("End");
    assert!(
        screen.text().contains("} next scenario"),
        "{}",
        screen.text()
    );
    screen.press("}");
    assert!(screen.text().contains("step 1/"), "{}", screen.text());
    screen.press("Esc");
    let text = screen.text();
    assert!(
        text.contains("✓  the-question") && text.contains(" ▸ equal-weights"),
        "{text}"
    );
    let done = format!("{}, 1 done ✓", n_scenarios());
    assert!(text.contains(&done), "{text}");
    screen.press("End Enter }");
    assert!(screen.text().contains("the last scenario of the gallery"));
    let mut screen = Screen::of("the-question", (80, 24));
    screen.press("}");
    assert!(screen.text().contains("not opened from the gallery"));
}

#[test]
fn a_hint_invites_to_the_first_step_and_to_no_other() {
    for size in [(120, 36), (80, 24), (60, 16)] {
        let mut screen = Screen::gallery(size);
        screen.press("Enter");
        assert!(
            screen
                .text()
                .contains("→ next neuron · ↓ next term · P quiz · ? all keys"),
            "{}",
            screen.text()
        );
        screen.press("? Esc");
        assert!(screen.text().contains("→ next neuron ·"));
        screen.press("Right");
        assert!(!screen.text().contains("→ next neuron ·"));
        screen.press("Esc Down Enter");
        assert!(!screen.text().contains("→ next neuron ·"));
    }
}

#[test]
fn a_screen_in_ascii_has_nothing_else() {
    for item in crate::gallery::ALL {
        let (mut screen, mut usual) = (
            Screen::of(item.name, (120, 36)).in_ascii(),
            Screen::of(item.name, (120, 36)),
        );
        for key in [
            "Right", "Down", "Tab", "?", "Esc", "End", "Left", ":", "Esc", "Home",
        ] {
            screen.press(key);
            usual.press(key);
            let (ascii, unicode) = (screen.text(), usual.text());
            assert!(ascii.is_ascii(), "{ascii}");
            // A question mark that is in one of them only stands for a sign that has no likeness
            // yet.
            assert_eq!(
                ascii.matches('?').count(),
                unicode.matches('?').count(),
                "{unicode}"
            );
        }
    }
    let mut gallery = Screen::gallery((80, 24)).in_ascii();
    for _ in crate::gallery::ALL {
        assert!(gallery.text().is_ascii(), "{}", gallery.text());
        gallery.press("Down");
    }
}

#[test]
fn a_key_that_can_do_nothing_says_why() {
    let mut screen = Screen::of("the-question", (80, 24));
    screen.press("Home Left");
    assert!(
        screen
            .text()
            .contains("this is the start: nothing is computed yet")
    );
    screen.press("Y");
    assert!(screen.text().contains("`Y` is no key here"));
}

#[test]
fn a_screen_that_is_too_small_says_how_large_it_must_be() {
    assert!(frame("the-question", (39, 9), "").contains("40×10 at least, this is 39×9"));
}

#[test]
fn a_click_on_a_neuron_goes_to_its_step() {
    let mut screen = Screen::of("the-question", (120, 36));
    let (x, y) = screen
        .find("5 │")
        .expect("the value of pool[1,1] is on the map");
    screen.click(x, y);
    assert!(screen.text().contains("step 4/35 · pool[1,1]"));
    let (x, y) = screen
        .find("11 ╮")
        .expect("the value of fc[0] is on the map");
    screen.click(x, y);
    assert!(
        screen
            .text()
            .contains("this neuron has no step: its gradient is given")
    );
}

#[test]
fn a_step_on_and_a_step_back_return_to_the_same_frame() {
    for scenario in ["the-question", "through-the-max", "digit-right"] {
        let mut screen = Screen::of(scenario, (100, 30));
        // The first step ends the hint for good.
        screen.press("Right Left");
        for _ in 0..25 {
            for key in ["Down", "Right", "Tab"] {
                screen.press(key);
                let before = screen.without_message();
                screen.press("Right Left");
                let after = screen.without_message();
                assert!(
                    after == before || before.contains("end ·"),
                    "{scenario}:\n{before}\n{after}"
                );
            }
        }
    }
}

#[test]
fn every_scenario_draws_every_step_at_the_smallest_sizes() {
    for item in crate::gallery::ALL {
        for size in [
            (1, 1),
            (40, 10),
            (60, 16),
            (76, 20),
            (80, 24),
            (120, 36),
            (200, 60),
        ] {
            let mut screen = Screen::of(item.name, size);
            screen.press("Home Right Down End Left Up Tab Shift-Tab");
        }
    }
}

#[test]
fn the_gallery_and_the_hint_are_drawn_at_every_size() {
    for width in (1..=300).step_by(7) {
        for height in 1..=40 {
            let mut screen = Screen::gallery((width, height));
            screen.press("End / x y Esc Enter");
        }
    }
}

#[test]
fn the_names_of_keys_in_the_table_can_be_pressed() {
    for command in crate::debugger::commands::COMMANDS {
        for key in command.keys.iter().chain(command.sequence.iter().flatten()) {
            assert_eq!(super::keys::key(screen::key(&key.to_string())), Some(*key));
        }
    }
}

#[test]
fn the_screen_tells_everything_without_colour() {
    let mut screen = Screen::of("the-question", (120, 36)).without_colour();
    let plain = screen.picture();
    assert!(!plain.contains("fg"), "{plain}");
    screen.press("Down");
    assert!(!screen.picture().contains("fg"));
}

#[test]
fn letters_that_are_keys_are_written_at_the_prompt() {
    let mut screen = Screen::of("the-question", (80, 24));
    screen.press(": q ? g");
    assert!(screen.text().contains(": q?g"));
    screen.press("Esc Right");
    assert!(screen.text().contains("step 2/35"));
}
