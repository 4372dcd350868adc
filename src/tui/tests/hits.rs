//! What a click on the screen hits.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};

use super::screen::Screen;
use crate::debugger::{Position, Session};
use crate::scenario::Options;
use crate::tensor::TensorId;
use crate::tui::layout::Fold;
use crate::tui::theme::Theme;
use crate::tui::{layout, map, strip, terms, timeline};

/// Calls a check with every scenario of the gallery at several steps and sizes.
fn everywhere(check: impl Fn(&Session, layout::Panes, &str)) {
    for item in crate::gallery::ALL {
        let mut session = Session::new(item.open(Options::default()).unwrap());
        for step in (0..session.n_steps()).step_by(session.n_steps() / 5 + 1) {
            session.go_to(Position::Step(step));
            for (width, height) in [
                (60, 16),
                (80, 24),
                (120, 36),
                (160, 48),
                (60, 60),
                (250, 24),
            ] {
                let panes =
                    layout::debugger(Rect::new(0, 0, width, height), &session, Fold::Nothing)
                        .unwrap();
                check(
                    &session,
                    panes,
                    &format!("{} at step {step} on {width}×{height}", item.name),
                );
            }
        }
    }
}

#[test]
fn a_click_on_the_cell_of_a_neuron_finds_it() {
    everywhere(|session, panes, what| {
        let Some(area) = panes.map.map(layout::inside) else {
            return;
        };
        // Without colours no two neurons share a place.
        let theme = Theme::plain();
        let find = map::finder(session, map::Look::default(), theme, area);
        for (element, cell) in map::cells(session, theme, area) {
            for place in [cell.positions().next(), cell.positions().last()] {
                assert_eq!(place.and_then(&find), Some(element), "{what}: {place:?}");
            }
        }
    });
}

#[test]
fn a_click_on_a_name_of_the_strip_finds_its_tensor() {
    everywhere(|session, panes, what| {
        let Some(area) = panes.strip else { return };
        let mut buffer = Buffer::empty(area);
        strip::draw(session, Theme::plain(), area, &mut buffer);
        let mut found: Vec<TensorId> = area
            .positions()
            .filter_map(|place| {
                let tensor = strip::tensor_at(session, area, place)?;
                let name = &session.network().tensor(tensor).name;
                let sign = buffer[place].symbol();
                assert!(name.contains(sign), "{what}: {name} at {place} is {sign}");
                Some(tensor)
            })
            .collect();
        found.dedup();
        let current = session.element().map(|element| element.tensor);
        let has_name = |tensor| session.network().depths().contains_key(&tensor);
        let current = current.filter(|&tensor| has_name(tensor));
        assert!(
            current.is_none_or(|current| found.contains(&current)),
            "{what}"
        );
    });
}

#[test]
fn a_click_on_a_row_of_the_terms_finds_its_term() {
    everywhere(|session, panes, what| {
        let area = layout::inside(panes.terms);
        let hits = area.positions().filter(|place| place.x == area.x);
        let terms: Vec<usize> = hits
            .filter_map(|place| terms::term_at(session, 0, area, place))
            .collect();
        let n_rows = terms.len();
        let different: std::collections::BTreeSet<usize> = terms.into_iter().collect();
        assert_eq!(different.len(), n_rows, "{what}");
        assert!(
            n_rows > 0 || session.terms().is_empty(),
            "{what}: no term is in view"
        );
    });
}

#[test]
fn a_click_on_the_timeline_finds_the_current_step_where_it_stands() {
    everywhere(|session, panes, what| {
        let Some(area) = panes.timeline else { return };
        let steps: Vec<usize> = area
            .positions()
            .filter_map(|place: Place| timeline::step_at(session, area, place))
            .collect();
        assert!(steps.is_sorted(), "{what}");
        let tensor = session.element().unwrap().tensor;
        let range = session.backprop().steps().range(tensor).unwrap();
        assert!(steps.iter().any(|step| range.contains(step)), "{what}");
    });
}

#[test]
fn a_click_on_a_term_adds_up_to_it_and_the_wheel_never_steps() {
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press("Right Right");
    let (x, y) = screen.find("② fc[1]").unwrap();
    let (x, y) = if y > 12 {
        screen.find("② fc[1]    ").unwrap()
    } else {
        (x, y)
    };
    screen.click(x, y);
    assert!(
        screen.text().contains("so far, 2 of 3 terms"),
        "{}",
        screen.text()
    );
    screen.wheel(x, y);
    assert!(screen.text().contains("step 3/35"));
    screen.click(x, y);
    assert!(
        screen
            .text()
            .contains("this neuron has no step: its gradient is given")
    );
}

#[test]
fn views_and_orders_are_switched_by_a_key() {
    let mut screen = Screen::of("the-question", (120, 36));
    for title in [
        "Network: pictures of values and gradients ",
        "Network: values ",
        "Network: gradients ",
        "values, gradients below",
    ] {
        screen.press("V");
        assert!(screen.text().contains(title), "{title}");
    }
    screen.press("Right Right o");
    assert!(screen.text().contains("largest terms first"));
}

#[test]
fn a_click_on_a_word_of_the_bar_is_its_key() {
    let mut screen = Screen::gallery((120, 36));
    screen.press("Enter");
    let at = |screen: &Screen, text: &str| screen.find(text).unwrap_or_else(|| panic!("{text}"));
    let step = |screen: &mut Screen| screen.debugger().session.position();
    let first = step(&mut screen);
    let (x, y) = at(&screen, "→← neuron");
    screen.click(x, y);
    assert_ne!(step(&mut screen), first);
    screen.click(x + 1, y);
    assert_eq!(step(&mut screen), first);
    screen.click(x + 3, y);
    assert_ne!(step(&mut screen), first);
    // Between two of them there is nothing.
    let (x, y) = at(&screen, "Tab tensor");
    let second = step(&mut screen);
    screen.click(x - 1, y);
    assert_eq!(step(&mut screen), second);
    let (x, y) = at(&screen, "gallery");
    screen.click(x, y);
    assert!(screen.text().contains(&super::n_scenarios()));
}
