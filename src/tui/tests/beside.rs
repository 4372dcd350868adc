//! Commands that are obeyed beside the screen.

use crossterm::event::Event;

use super::screen::{Screen, app, key};
use crate::debugger::{Position, Session, example};
use crate::diagnostic::Diagnostic;
use crate::marking::Answer;
use crate::tui::app::App;
use crate::tui::flow::Flow;
use crate::tui::loading::{Loaded, Loading, Stage};

fn screen() -> Screen {
    Screen::of("the-question", (120, 36)).without_patience()
}

#[test]
fn what_is_done_beside_the_screen_leads_to_the_same() {
    let keys = "Right Tab b Down Home : c o n t i n u e ; n e x t ; v i e w Enter / x Enter u v \
                Esc                 : s e t Space x [ 0 , 3 ] Space 9 Enter Right u y Esc End Left \
                g f c [ 1 ] Enter t e";
    let mut beside = screen();
    let mut at_once = Screen::of("the-question", (120, 36));
    for key in keys.split_whitespace() {
        beside.press(key);
        at_once.press(key);
        beside.finish_work();
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
    assert!(
        screen.text().contains("step 2/") && !screen.text().contains(" % "),
        "{}",
        screen.text()
    );
}

/// An app that waits for what is loaded, and is told when it is.
fn waiting(load: impl FnOnce(&Stage) -> Result<Loaded, Diagnostic> + Send + 'static) -> App {
    let Loading { screen, channel } = Loading::begin("a scenario", load);
    let mut app = app(channel);
    assert_eq!(app.wait_for(screen), Flow::Draw);
    app
}

/// Waits for what is loaded.
fn settled(mut app: App) -> (App, Flow) {
    assert!(app.interval().is_some(), "its age is shown");
    app.channel.receiver.recv().unwrap();
    let flow = app.settle();
    (app, flow)
}

fn loaded(session: Session) -> Result<Loaded, Diagnostic> {
    Ok(Loaded {
        session,
        calls: Vec::new(),
    })
}

#[test]
fn the_screen_waits_for_what_is_loaded() {
    let (opened, flow) = settled(waiting(|_| loaded(example::linear())));
    assert_eq!(flow, Flow::Draw);
    assert!(opened.debugger.is_some());

    let mut patient = waiting(|_| loaded(example::linear()));
    for name in ["Right", "Right", "Left"] {
        patient.update(&Event::Key(key(name)));
    }
    let (obeyed, _) = settled(patient);
    assert_eq!(
        obeyed.debugger.unwrap().session.position(),
        Position::Step(1)
    );

    let refuses = waiting(|_| Err(Diagnostic::new("it is broken")));
    let (refused, flow) = settled(refuses);
    assert_eq!(flow, Flow::Quit);
    assert!(format!("{:?}", refused.ended()).contains("it is broken"));
}

#[test]
fn what_is_not_compared_is_said_at_the_beginning() {
    let session = example::linear();
    let json = r#"{ "format": "backstep-answer/1", "grads": { "nothing_like_it": 1 } }"#;
    let answer = Answer::read("a.json", json.as_bytes(), session.network()).unwrap();
    let tolerance = answer.tolerance();
    let session = session.with_answer(answer, tolerance).unwrap();
    let (opened, _) = settled(waiting(|_| loaded(session)));
    let says = "not compared: 1 tensor whose name the scenario does not have (M lists them)";
    assert_eq!(opened.debugger.unwrap().message().as_deref(), Some(says));
}
