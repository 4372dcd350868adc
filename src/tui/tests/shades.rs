//! Pictures: a shade for each number, whole on any screen on which it fits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::cancel::Cancel;
use crate::debugger::{Position, Session, View, commands};
use crate::scenario::Options;
use crate::tensor::Element;
use crate::tui::ascii::Signs;
use crate::tui::layout::{self, Fold};
use crate::tui::map::{self, Look};
use crate::tui::theme::{Background, Colours, Theme};

/// A handwritten digit at one of its neurons, with all gradients known.
fn digit(at: &str) -> Session {
    let scenario = crate::gallery::find("digit-wrong").unwrap();
    let mut session = Session::new(scenario.open(Options::default()).unwrap());
    session.backprop().complete(&Cancel::default()).unwrap();
    let element = session.network().element(&at.parse().unwrap()).unwrap();
    let step = session.backprop().steps().step_of(element).unwrap();
    session.go_to(Position::Step(step));
    session
}

fn drawn(session: &Session, theme: Theme, area: Rect) -> Buffer {
    let mut buffer = Buffer::empty(area);
    map::draw(session, Look::default(), theme, area, &mut buffer);
    buffer
}

/// The cells of a tensor's page.
fn cells(session: &Session, theme: Theme, area: Rect, of: &str) -> Vec<(Element, Rect)> {
    let first = session.network().element(&of.parse().unwrap()).unwrap();
    let is_of =
        |element: &Element| element.tensor == first.tensor && element.at / 64 == first.at / 64;
    let mut cells = map::cells(session, theme, area);
    cells.retain(|(element, _)| is_of(element));
    cells
}

#[test]
fn a_large_digit_is_whole_on_a_common_terminal() {
    let pixels = vec![vec![1; 28]; 28];
    let session = crate::debugger::example::of(&format!(
        r#"{{ "backstep": 1, "inputs": {{ "image": {pixels:?} }},
            "layers": [{{ "name": "y", "op": "relu" }}], "upstream": {{ "y": {pixels:?} }} }}"#
    ));
    let panes = layout::debugger(Rect::new(0, 0, 80, 24), &session, Fold::Nothing).unwrap();
    let (theme, area) = (
        Theme::coloured(Background::Dark),
        layout::inside(panes.map.unwrap()),
    );
    let mut seen = map::cells(&session, theme, area);
    seen.retain(|(element, _)| Some(element.tensor) == session.element().map(|it| it.tensor));
    assert_eq!(seen.len(), 28 * 28);
}

#[test]
fn a_picture_has_the_shade_of_each_number() {
    let mut session = digit("conv1[1,3,3]");
    session.view_options.view = View::Pictures;
    let theme = Theme::new(Background::Dark, Colours::True);
    // Small, two shades share a place; large, a shade fills a cell.
    for (area, is_small) in [
        (Rect::new(0, 0, 72, 11), true),
        (Rect::new(0, 0, 72, 30), false),
    ] {
        let buffer = drawn(&session, theme, area);
        let cells = cells(&session, theme, area, "conv1[1,0,0]");
        assert_eq!(cells.len(), 64);
        let value = |element| session.backprop().tape().element(element);
        let largest = cells
            .iter()
            .map(|cell| value(cell.0).abs())
            .fold(0.0, f64::max);
        for (element, cell) in cells {
            if session.element() == Some(element) {
                continue;
            }
            let place = &buffer[(cell.x, cell.y)];
            let shade = theme
                .shade(value(element) / largest)
                .unwrap_or(Color::Reset);
            let is_upper = (element.at / 8).is_multiple_of(2);
            match (is_small, is_upper, place.symbol()) {
                (true, true, "▀") | (true, false, "▄") => assert_eq!(place.fg, shade),
                (true, true, "▄") => assert_eq!(shade, Color::Reset),
                _ => assert_eq!(place.bg, shade, "{element:?}"),
            }
        }
    }
}

#[test]
fn without_colours_there_is_more_ink_the_larger_a_number_is() {
    let mut session = digit("conv1[1,3,3]");
    session.view_options.view = View::Pictures;
    let (theme, area) = (Theme::plain(), Rect::new(0, 0, 72, 30));
    let buffer = drawn(&session, theme, area);
    let cells = cells(&session, theme, area, "conv1[0,0,0]");
    let value = |element| session.backprop().tape().element(element);
    let largest = cells
        .iter()
        .map(|cell| value(cell.0).abs())
        .fold(0.0, f64::max);
    for (element, cell) in cells {
        let ink = " ░▒▓█"
            .chars()
            .position(|ink| buffer[(cell.x + 1, cell.y)].symbol().starts_with(ink));
        let expected = (4.0 * value(element).abs() / largest).ceil() as usize;
        assert_eq!(ink, Some(expected), "{element:?}");
        let sign = buffer[(cell.x, cell.y)].symbol() == "−";
        assert_eq!(sign, value(element) < 0.0);
    }
}

#[test]
fn a_digit_is_whole_on_any_screen_with_a_map() {
    let session = digit("image[3,3]");
    let coloured = Theme::coloured(Background::Dark);
    for theme in [coloured, coloured.with_signs(Signs::Ascii), Theme::plain()] {
        for (width, height) in [(72, 11), (68, 29), (90, 40), (130, 54)] {
            let area = Rect::new(0, 0, width, height);
            let n = cells(&session, theme, area, "image[0,0]").len();
            assert_eq!(n, 64, "{theme:?} on {width}×{height}");
        }
    }
}

#[test]
fn the_numbers_of_a_shade_stand_above_it() {
    let session = digit("image[3,3]");
    let (theme, area) = (Theme::coloured(Background::Dark), Rect::new(0, 0, 72, 11));
    let titles = |look| {
        let mut buffer = Buffer::empty(area);
        map::draw(&session, look, theme, area, &mut buffer);
        (0..area.width)
            .map(|x| buffer[(x, 0)].symbol())
            .collect::<String>()
    };
    assert!(titles(Look::default()).contains("[3,3] 15, gradient −0.1708"));
    let (pointed, cell) = cells(&session, theme, area, "image[0,0]")[17];
    let place = cell.positions().next().unwrap();
    assert_eq!(
        map::finder(&session, Look::default(), theme, area)(place),
        Some(pointed)
    );
    let look = Look {
        pointed: Some(pointed),
        ..Look::default()
    };
    assert!(
        titles(look).contains("[2,1] 7, gradient "),
        "{}",
        titles(look)
    );
}

#[test]
fn a_sum_that_is_to_be_predicted_is_not_told_by_its_shade() {
    let mut session = digit("image[3,3]");
    let (theme, area) = (Theme::coloured(Background::Dark), Rect::new(0, 0, 72, 11));
    let hide = commands::named("quiz sums").unwrap();
    (hide.run)(&mut session, &[]).unwrap();
    let buffer = drawn(&session, theme, area);
    let titles: String = (0..area.width).map(|x| buffer[(x, 0)].symbol()).collect();
    assert!(titles.contains("[3,3] 15"), "{titles}");
    assert!(!titles.contains("0.17"), "{titles}");
}
