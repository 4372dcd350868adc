//! The quiz on the screen, played with keys and with the mouse.

use super::screen::Screen;
use crate::debugger::Position;

/// The places of the screen where a text begins.
fn find(screen: &Screen, text: &str) -> (u16, u16) {
    let frame = screen.text();
    let row = frame.lines().position(|line| line.contains(text)).unwrap();
    let line = frame.lines().nth(row).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count();
    (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
}

/// A line of the screen that offers the right answer.
fn right(screen: &mut Screen) -> (usize, String) {
    let question = screen.debugger().session.question().unwrap();
    let answers = (1..).zip(&question.alternatives);
    let (number, answer) = answers
        .into_iter()
        .find(|(_, answer)| answer.is_right)
        .unwrap();
    (number, format!(" {number}) {}", answer.says))
}

#[test]
fn it_asks_step_by_step_and_shows_nothing_before() {
    for size in [(60, 16), (80, 24)] {
        let mut screen = Screen::of("pool-to-conv", size);
        screen.press("g p o o l [ 1 , 1 ] Enter P");
        insta::assert_snapshot!(format!("senders_{}", size.0), screen.text());
        let senders = right(&mut screen).0;
        screen.press(&senders.to_string());
        insta::assert_snapshot!(format!("factor_{}", size.0), screen.text());
        let (factor, n) = (
            right(&mut screen).0,
            screen
                .debugger()
                .session
                .question()
                .unwrap()
                .alternatives
                .len(),
        );
        screen.press(&(factor % n + 1).to_string());
        insta::assert_snapshot!(format!("wrong_factor_{}", size.0), screen.text());
        screen.press(&factor.to_string());
        let combination = right(&mut screen).0;
        screen.press(&combination.to_string());
        insta::assert_snapshot!(format!("sum_{}", size.0), screen.text());
        let sum = right(&mut screen).0;
        screen.press(&sum.to_string());
        insta::assert_snapshot!(format!("solved_{}", size.0), screen.text());
    }
}

#[test]
fn it_is_played_with_the_mouse() {
    for size in [(60, 16), (80, 24), (120, 36)] {
        let mut screen = Screen::of("pool-to-conv", size);
        screen.press("P");
        for _ in 0..3 {
            for _ in 0..4 {
                if screen.debugger().session.question().is_none() {
                    break;
                }
                let (_, text) = right(&mut screen);
                let (x, y) = find(&screen, &text);
                screen.click(x + 2, y);
            }
            assert!(!screen.debugger().session.is_hidden());
            screen.press("Right");
        }
        let score = screen.debugger().session.score().unwrap();
        assert!(score.right == score.tried && score.tried > 6);
        assert_eq!(screen.debugger().session.position(), Position::Step(3));
    }
}

#[test]
fn escape_ends_it_and_shows_the_sum() {
    for (begin, says) in [
        ("P", "the quiz is over: every sum is shown"),
        (
            ": q u i z Space s u m s Enter",
            "the quiz is over: every sum is shown",
        ),
        ("p Esc", "the sum is shown again"),
    ] {
        let mut screen = Screen::of("the-question", (80, 24));
        screen.press(begin);
        assert!(screen.debugger().session.is_hidden(), "{begin}");
        screen.press("Esc");
        assert!(!screen.debugger().session.is_hidden(), "{begin}");
        assert!(screen.text().contains(says), "{}", screen.text());
    }
}

#[test]
fn an_answer_where_nothing_is_asked_says_how_to_go_on() {
    let mut screen = Screen::of("the-question", (80, 24));
    screen.press("P r : c h o o s e Space 2 Enter");
    assert!(
        screen.text().contains("nothing is asked here any more"),
        "{}",
        screen.text()
    );
}

#[test]
fn it_ends_with_what_to_look_at_again() {
    let mut screen = Screen::of("the-question", (80, 24));
    let mut screen_of_end = |keys: &str| {
        screen.press(keys);
        screen.text()
    };
    assert!(screen_of_end("P 1 3 End").contains("0 of 1 right"));
}
