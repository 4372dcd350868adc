//! Commands that are obeyed beside the screen.

use crossterm::event::Event;

use super::screen::{Screen, key};
use crate::debugger::{Position, Session, example};
use crate::diagnostic::Diagnostic;
use crate::tui::Options;
use crate::tui::app::{App, Flow};
use crate::tui::ascii::Signs;
use crate::tui::opening::{Opened, Opening};
use crate::tui::theme::Theme;

fn screen() -> Screen {
    Screen::of("the-question", (120, 36)).with_work_beside()
}

#[test]
fn what_is_done_beside_the_screen_leads_to_the_same() {
    let keys = "Right Tab b Down Home : c o n t i n u e ; n e x t ; v i e w Enter / x Enter u v Esc                 : s e t Space x [ 0 , 3 ] Space 9 Enter Right u y Esc End Left g f c [ 1 ] Enter t e";
    let mut beside = screen();
    let mut at_once = Screen::of("the-question", (120, 36));
    for key in keys.split_whitespace() {
        beside.press(key);
        at_once.press(key);
        beside.finish_work();
        while at_once.interval().is_some() {
            at_once.tick();
        }
        while beside.interval().is_some() {
            beside.tick();
        }
        assert_eq!(beside.picture(), at_once.picture(), "after {key}");
    }
}

#[test]
fn keys_that_come_meanwhile_are_obeyed_afterwards() {
    let mut screen = screen();
    let end = screen.begin_work();
    assert!(
        screen.text().contains("step 1/") && screen.text().contains("Esc gives it up"),
        "{}",
        screen.text()
    );
    screen.press("Right Right Right Left");
    screen.tick();
    assert!(screen.text().contains("step 1/"));
    drop(end);
    screen.finish_work();
    assert!(screen.text().contains("step 4/"), "{}", screen.text());
}

#[test]
fn what_is_given_up_changes_nothing() {
    let mut screen = screen();
    let end = screen.begin_work();
    screen.press("Right Right Esc");
    assert!(
        screen.text().contains("step 1/") && screen.text().contains("given up"),
        "{}",
        screen.text()
    );
    drop(end);
    screen.press("Right");
    screen.finish_work();
    assert!(screen.text().contains("step 2/"));
    let _end = screen.begin_work();
    assert_eq!(screen.answer("q"), Flow::Quit);
}

#[test]
fn the_gradients_of_a_large_network_are_computed_ahead() {
    let mut screen = screen();
    screen.press("Right");
    screen.finish_work();
    while screen.interval().is_some() {
        screen.tick();
    }
    assert!(
        screen.text().contains("step 2/") && !screen.text().contains(" % "),
        "{}",
        screen.text()
    );
}

fn app() -> App {
    App::empty(Options {
        theme: Theme::plain(),
        signs: Signs::Unicode,
        write: |_, _| Ok(()),
    })
}

/// Waits for what is opened.
fn ticked(mut app: App) -> (App, Flow) {
    loop {
        let flow = app.tick();
        if app.opening.is_none() {
            return (app, flow);
        }
    }
}

#[test]
fn the_screen_waits_for_what_is_opened() {
    let open = |session: Session| Opened {
        session,
        calls: Vec::new(),
    };
    let mut waits = app();
    assert_eq!(
        waits.wait_for(Opening::begin("a scenario", move |_| Ok(open(
            example::linear()
        )))),
        Flow::Draw
    );
    assert!(waits.interval().is_some());
    let (opened, flow) = ticked(waits);
    assert_eq!(flow, Flow::Draw);
    assert!(opened.debugger.is_some());

    let mut patient = app();
    patient.wait_for(Opening::begin("a scenario", move |_| {
        Ok(open(example::linear()))
    }));
    for name in ["Right", "Right", "Left"] {
        patient.update(&Event::Key(key(name)));
    }
    let (obeyed, _) = ticked(patient);
    assert_eq!(
        obeyed.debugger.unwrap().session.position(),
        Position::Step(1)
    );

    let mut refuses = app();
    refuses.wait_for(Opening::begin("a scenario", |_| {
        Err(Diagnostic::new("it is broken"))
    }));
    let (refused, flow) = ticked(refuses);
    assert_eq!(flow, Flow::Quit);
    assert!(format!("{:?}", refused.ended()).contains("it is broken"));
}
