//! The mouse: a click goes to what it points at, and the wheel reads on in the pane under the
//! pointer. It never steps.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position as Place, Rect};

use super::debugger::Debugger;
use super::flow::Flow;
use super::layout::{self, Panes};
use super::theme::Theme;
use super::{map, strip, terms, timeline, words};
use crate::debugger::Position;
use crate::tensor::Element;

/// Takes an event of the mouse on a screen of that size.
pub(super) fn update(debugger: &mut Debugger, mouse: MouseEvent, size: Rect, theme: Theme) -> Flow {
    let place = Place {
        x: mouse.column,
        y: mouse.row,
    };
    let is_click = mouse.kind == MouseEventKind::Down(MouseButton::Left);
    if let Some(running) = &debugger.running {
        match running.run().filter(|_| is_click) {
            Some(run) => _ = debugger.stop(run),
            None => return Flow::Idle,
        }
    }
    let panes = layout::debugger(size, &debugger.session, debugger.fold);
    match (mouse.kind, debugger.panels.last(), panes) {
        (MouseEventKind::ScrollDown, Some(_), _) => {
            debugger.scroll_panel(size, |scroll| scroll.saturating_add(1))
        }
        (MouseEventKind::ScrollUp, Some(_), _) => {
            debugger.scroll_panel(size, |scroll| scroll.saturating_sub(1))
        }
        (MouseEventKind::ScrollDown, None, Some(panes)) => {
            return wheel(debugger, panes, place, true);
        }
        (MouseEventKind::ScrollUp, None, Some(panes)) => {
            return wheel(debugger, panes, place, false);
        }
        (MouseEventKind::Down(MouseButton::Left), None, Some(panes)) => {
            return click(debugger, panes, place, theme);
        }
        (MouseEventKind::Moved, None, Some(panes)) => {
            return point(debugger, panes, place, theme);
        }
        _ => return Flow::Idle,
    }
    Flow::Draw
}

/// Reads on, or back, in the terms or in the words.
fn wheel(debugger: &mut Debugger, panes: Panes, place: Place, on: bool) -> Flow {
    let further = |rows: usize| if on { rows + 1 } else { rows.saturating_sub(1) };
    if panes.terms.contains(place) {
        let scroll = further(debugger.scroll);
        debugger.scroll = scroll.min(terms::most_scroll(
            &debugger.session,
            layout::inside(panes.terms),
        ));
    } else if panes.words.is_some_and(|words| words.contains(place)) {
        let most = panes.words.map_or(0, |words| {
            words::most_scroll(&debugger.session, layout::inside(words))
        });
        debugger.read = further(debugger.read).min(most);
    } else {
        return Flow::Idle;
    }
    Flow::Draw
}

/// Goes to what is clicked: a neuron of the map, an answer of the quiz, a tensor of the
/// strip, a term, or a place of the timeline.
fn click(debugger: &mut Debugger, panes: Panes, place: Place, theme: Theme) -> Flow {
    if let Some(element) = neuron_at(debugger, panes, place, theme) {
        return go_to(debugger, element);
    }
    let session = &debugger.session;
    let answer = panes
        .words
        .and_then(|area| words::answer_at(session, debugger.read, layout::inside(area), place));
    if let Some(number) = answer {
        return debugger.answer(number);
    }
    let of_strip = panes
        .strip
        .and_then(|area| strip::tensor_at(session, area, place));
    if let Some(tensor) = of_strip {
        return go_to(debugger, Element { tensor, at: 0 });
    }
    if let Some(term) = terms::term_at(session, debugger.scroll, layout::inside(panes.terms), place)
    {
        return go_to_term(debugger, term);
    }
    match panes
        .timeline
        .and_then(|area| timeline::step_at(session, area, place))
    {
        Some(step) => go_to_step(debugger, step),
        None => Flow::Idle,
    }
}

/// Shows the numbers of the neuron under the mouse.
fn point(debugger: &mut Debugger, panes: Panes, place: Place, theme: Theme) -> Flow {
    let pointed = neuron_at(debugger, panes, place, theme);
    if pointed == debugger.look.pointed {
        return Flow::Idle;
    }
    debugger.look.pointed = pointed;
    Flow::Draw
}

/// The neuron of the map at a place.
fn neuron_at(debugger: &Debugger, panes: Panes, place: Place, theme: Theme) -> Option<Element> {
    let area = panes.map.filter(|area| area.contains(place))?;
    let (session, look) = (&debugger.session, debugger.look);
    map::finder(session, look, theme, layout::inside(area))(place)
}

/// Adds the sum up to a term; where it already ends there, goes on to the downstream neuron that
/// sends the term.
fn go_to_term(debugger: &mut Debugger, term: usize) -> Flow {
    let session = &mut debugger.session;
    match session.terms().get(term).map(|row| row.from) {
        Some(from) if session.added() == term + 1 => go_to(debugger, from),
        _ => {
            session.add_up_to(term);
            debugger.hush();
            Flow::Draw
        }
    }
}

/// Goes to the step of a neuron, or says why it has none.
fn go_to(debugger: &mut Debugger, element: Element) -> Flow {
    let backprop = debugger.session.backprop();
    match backprop.steps().step_of(element) {
        Some(step) => go_to_step(debugger, step),
        None => {
            let why = if backprop.given(element).is_some() {
                "its gradient is given"
            } else {
                "no gradient reaches it"
            };
            debugger.say(format!("this neuron has no step: {why}"));
            Flow::Draw
        }
    }
}

fn go_to_step(debugger: &mut Debugger, step: usize) -> Flow {
    debugger.hush();
    debugger.jump_to(Position::Step(step));
    Flow::Draw
}
