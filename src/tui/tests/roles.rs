//! What stands out on the screen, and how: each role has its colour and its weight.

use ratatui::style::{Modifier, Style};

use super::screen::Screen;
use crate::tui::theme::{Background, Theme};

fn theme() -> Theme {
    Theme::coloured(Background::Dark)
}

fn screen(scenario: &str, keys: &str) -> Screen {
    let mut screen = Screen::of(scenario, (120, 36));
    screen.press(keys);
    screen
}

/// Whether a cell has the colour and the weight of a role, whatever else it has.
fn is(look: Style, role: Style) -> bool {
    role.fg.is_none_or(|colour| look.fg == Some(colour))
        && look.add_modifier.contains(role.add_modifier)
}

/// How many of the places at which a text stands look like a role, and how many there are.
fn count(screen: &Screen, text: &str, role: Style) -> (usize, usize) {
    let looks = screen.looks(text);
    let n = looks.iter().filter(|look| is(**look, role)).count();
    (n, looks.len())
}

#[test]
fn a_contributor_has_one_colour_in_the_map_the_terms_and_the_words() {
    let screen = screen("the-question", "Right");
    for (number, (name, sign)) in [("fc[0]", "①"), ("fc[1]", "②"), ("fc[2]", "③")]
        .into_iter()
        .enumerate()
    {
        let own = theme().contributes(number);
        let (n_own, n) = count(&screen, name, own);
        assert!(n_own == n && n >= 2, "{name}: {n_own} of {n}");
        // At its neuron, on its wire, at its weight and among the terms.
        assert_eq!(count(&screen, sign, own), (4, 4), "{sign}");
    }
}

#[test]
fn a_term_that_is_not_added_yet_recedes() {
    let screen = screen("the-question", "Right Down");
    assert_eq!(count(&screen, "① fc[0]", theme().contributes(0)), (1, 1));
    for term in ["② fc[1]", "③ fc[2]"] {
        assert_eq!(count(&screen, term, theme().faint()), (1, 1), "{term}");
    }
}

#[test]
fn the_current_neuron_stands_out_and_other_frames_recede() {
    let screen = screen("the-question", "Right");
    for corner in ["┏", "┛"] {
        assert_eq!(
            count(&screen, corner, theme().current()),
            (1, 1),
            "{corner}"
        );
    }
    let (n_frames, n) = count(&screen, "├", theme().frame());
    assert!(n_frames * 2 > n, "{n_frames} of {n}");
}

#[test]
fn the_losers_of_a_window_are_struck_out_and_its_winner_is_not() {
    let screen = screen("the-question", "Right");
    let struck = |text: &str| {
        let looks = screen.looks(text);
        let is_struck = |look: &&Style| look.add_modifier.contains(Modifier::CROSSED_OUT);
        looks.iter().filter(is_struck).count()
    };
    assert_eq!(struck("★"), 0);
    // The window of pool[0,1] holds 2, 0, 1 and 1.
    assert_eq!((struck("0"), struck("1")), (1, 2));
}

#[test]
fn a_note_an_error_and_an_edit_have_colours_of_their_own() {
    let first = screen("the-question", "");
    assert_eq!(
        count(&first, "Its wires to the three", theme().note()),
        (1, 1)
    );
    let refused = screen("the-question", "g p o l Enter");
    assert_eq!(count(&refused, "^^^", theme().wrong()), (1, 1));
    let edited = screen("the-question", ": s e t Space x [ 0 , 3 ] Space 9 Enter");
    let (n_changed, n) = count(&edited, "≠", theme().changed());
    // One of them is in the legend.
    assert!(n_changed > 1 && n_changed + 1 == n, "{n_changed} of {n}");
}
