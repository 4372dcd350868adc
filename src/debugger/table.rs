//! The rows of the table of commands, in the order in which they are shown.

use super::commands::{Argument, Ask, Bar, Command, Draft, Effect, Existing, Group, Reason, Takes};
use super::{Direction, Position, Session, Sheet, Which};
use super::{changes, report, verify, why};
use crate::tensor::Neuron;

/// All commands.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "next",
        keys: &["Right", "l"],
        takes: Takes::Count,
        group: Group::Steps,
        bar: Some(Bar { rank: 1, word: "neuron" }),
        help: "go to the next neuron in backward order",
        enabled: not_at_end,
        run: |session, argument| moved(session, |session| session.next(count(argument))),
    },
    Command {
        name: "back",
        keys: &["Left", "h"],
        takes: Takes::Count,
        group: Group::Steps,
        bar: Some(Bar { rank: 1, word: "neuron" }),
        help: "go back to the neuron before",
        enabled: not_at_start,
        run: |session, argument| moved(session, |session| session.back(count(argument))),
    },
    Command {
        name: "term",
        keys: &["Down", "j", "s"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar { rank: 2, word: "term" }),
        help: "add the next term: the sum builds up, and begins again after the last",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term),
    },
    Command {
        name: "term back",
        keys: &["Up", "k", "S"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar { rank: 2, word: "term" }),
        help: "take the last added term away again",
        enabled: has_terms,
        run: |session, _| moved(session, Session::term_back),
    },
    Command {
        name: "tensor",
        keys: &["Tab", "]"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar { rank: 3, word: "tensor" }),
        help: "go to the first neuron of the next tensor",
        enabled: |session| session.next_tensor().map(drop),
        run: |session, _| go(session, Session::next_tensor),
    },
    Command {
        name: "tensor back",
        keys: &["Shift-Tab", "["],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: Some(Bar { rank: 3, word: "tensor" }),
        help: "go to the first neuron of the tensor before",
        enabled: |session| session.previous_tensor().map(drop),
        run: |session, _| go(session, Session::previous_tensor),
    },
    Command {
        name: "start",
        keys: &["Home", "<", "gg"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: None,
        help: "go before the first step",
        enabled: always,
        run: |session, _| moved(session, |session| session.jump_to(Position::Start)),
    },
    Command {
        name: "end",
        keys: &["End", ">", "G"],
        takes: Takes::Nothing,
        group: Group::Steps,
        bar: None,
        help: "go after the last step",
        enabled: always,
        run: |session, _| moved(session, |session| session.jump_to(Position::End)),
    },
    Command {
        name: "goto",
        keys: &["g"],
        takes: Takes::Place,
        group: Group::Jumps,
        bar: Some(Bar { rank: 6, word: "go to" }),
        help: "go to a neuron, a tensor, a step, the start or the end",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Place(place) => moved(session, |session| session.jump_to(place)),
            _ => Ok(Effect::Asks(Ask::Place)),
        },
    },
    Command {
        name: "inspect",
        keys: &["Enter"],
        takes: Takes::Neuron,
        group: Group::Jumps,
        bar: Some(Bar { rank: 9, word: "inspect" }),
        help: "look at the neuron of the last added term without going there",
        enabled: always,
        run: |session, argument| match neuron(&argument).or_else(|| session.under_hand()) {
            Some(neuron) => Ok(Effect::Inspects { neuron, lines: report::neuron(session, neuron) }),
            None => says(report::position(session)),
        },
    },
    Command {
        name: "search",
        keys: &["/"],
        takes: Takes::Name,
        group: Group::Jumps,
        bar: Some(Bar { rank: 8, word: "search" }),
        help: "go to the next tensor whose name contains this",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Name(name) => session.search(&name).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Name)),
        },
    },
    Command {
        name: "match",
        keys: &["n"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "go to the next match; without a search, to the next neuron",
        enabled: |session| if session.is_searching() { Ok(()) } else { not_at_end(session) },
        run: |session, _| match session.next_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.next(1)),
        },
    },
    Command {
        name: "match back",
        keys: &["N"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "go to the match before; without a search, to the neuron before",
        enabled: |session| if session.is_searching() { Ok(()) } else { not_at_start(session) },
        run: |session, _| match session.previous_match() {
            Some(found) => Ok(Effect::Found(found)),
            None => moved(session, |session| session.back(1)),
        },
    },
    Command {
        name: "return",
        keys: &["Backspace"],
        takes: Takes::Nothing,
        group: Group::Jumps,
        bar: None,
        help: "return to where the last jump began",
        enabled: |session| unless(!session.has_jumped(), "there is no jump to return from"),
        run: |session, _| session.return_from_jump().map(|()| Effect::Moved),
    },
    Command {
        name: "break",
        keys: &["b"],
        takes: Takes::Stop,
        group: Group::Breaks,
        bar: Some(Bar { rank: 8, word: "break" }),
        help: "stop here (again: no longer), there, or where a condition is true",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Stop(stop) => session.set_breakpoint(stop).map(Effect::Says),
            _ => session.toggle_breakpoint().map(Effect::Says),
        },
    },
    Command {
        name: "continue",
        keys: &["c"],
        takes: Takes::Breakpoint,
        group: Group::Breaks,
        bar: Some(Bar { rank: 8, word: "continue" }),
        help: "go on to the next hit of a breakpoint, or to the end",
        enabled: not_at_end,
        run: |session, argument| session.hunt(Direction::On, number(&argument)).map(Effect::Continues),
    },
    Command {
        name: "continue back",
        keys: &["C"],
        takes: Takes::Breakpoint,
        group: Group::Breaks,
        bar: None,
        help: "go back to the last hit before here, or to the start",
        enabled: not_at_start,
        run: |session, argument| session.hunt(Direction::Back, number(&argument)).map(Effect::Continues),
    },
    Command {
        name: "breaks",
        keys: &["B"],
        takes: Takes::Nothing,
        group: Group::Breaks,
        bar: None,
        help: "list the breakpoints and how often each was hit",
        enabled: always,
        run: |session, _| session.list_breakpoints().map(Effect::Shows),
    },
    Command {
        name: "delete",
        keys: &[],
        takes: Takes::Breakpoints,
        group: Group::Breaks,
        bar: None,
        help: "delete a breakpoint, or all",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Breakpoints(which) => session.delete_breakpoints(which).map(Effect::Says),
            _ => session.list_breakpoints().map(Effect::Shows),
        },
    },
    Command {
        name: "watch",
        keys: &["w"],
        takes: Takes::Neuron,
        group: Group::Breaks,
        bar: None,
        help: "keep a neuron's value and gradient in view; again: no longer",
        enabled: always,
        run: |session, argument| match neuron(&argument) {
            Some(neuron) => session.watch(neuron).map(Effect::Says),
            None => session.toggle_watch().map(Effect::Says),
        },
    },
    Command {
        name: "watches",
        keys: &["W"],
        takes: Takes::Nothing,
        group: Group::Breaks,
        bar: None,
        help: "list what is watched",
        enabled: always,
        run: |session, _| session.list_watches().map(Effect::Shows),
    },
    Command {
        name: "unwatch",
        keys: &[],
        takes: Takes::Watches,
        group: Group::Breaks,
        bar: None,
        help: "watch a neuron no longer, or none at all",
        enabled: always,
        run: |session, argument| match neuron(&argument) {
            Some(neuron) => session.unwatch(neuron).map(Effect::Says),
            None => session.unwatch_all().map(Effect::Says),
        },
    },
    Command {
        name: "mistakes",
        keys: &["m"],
        takes: Takes::Neuron,
        group: Group::Learns,
        bar: Some(Bar { rank: 6, word: "mistakes" }),
        help: "show what a neuron would get under each common slip, beside the right sum",
        enabled: always,
        run: |session, argument| match neuron(&argument).or_else(|| session.neuron()) {
            Some(neuron) => Ok(Effect::Shows(session.list_mistakes(neuron))),
            None => Err("no neuron is being computed here: name one, as in `mistakes pool[0,1]`".into()),
        },
    },
    Command {
        name: "predict",
        keys: &["p"],
        takes: Takes::Number,
        group: Group::Learns,
        bar: Some(Bar { rank: 7, word: "predict" }),
        help: "hide the sum and say what it is, as a decimal or a fraction",
        enabled: has_sum,
        run: |session, argument| match argument {
            Argument::Number(number) => session.predict(number).map(Effect::Shows),
            _ => session.ask_to_predict().map(|()| Effect::Asks(Ask::Rest("predict ".to_owned()))),
        },
    },
    Command {
        name: "reveal",
        keys: &["r"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "show a sum that is hidden to be predicted",
        enabled: |session| unless(!session.is_hidden(), "nothing is hidden here"),
        run: |session, _| session.reveal().map(|()| Effect::Moved),
    },
    Command {
        name: "quiz",
        keys: &["P"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "have every sum hidden until it is predicted; again: no longer",
        enabled: always,
        run: |session, _| Ok(Effect::Says(session.toggle_quiz())),
    },
    Command {
        name: "score",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "say how many sums were predicted rightly",
        enabled: always,
        run: |session, _| {
            let score = session.score().ok_or("nothing has been predicted yet: `p` predicts")?;
            Ok(Effect::Says(score.to_string()))
        },
    },
    Command {
        name: "wrong",
        keys: &["x"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "go to the next neuron that the loaded answer has wrong",
        enabled: has_answer,
        run: |session, _| session.next_wrong().map(Effect::Found),
    },
    Command {
        name: "wrong back",
        keys: &["X"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "go back to the wrong neuron before",
        enabled: has_answer,
        run: |session, _| session.previous_wrong().map(Effect::Found),
    },
    Command {
        name: "marks",
        keys: &["M"],
        takes: Takes::Nothing,
        group: Group::Learns,
        bar: None,
        help: "list how much of the loaded answer is right, carried, wrong and blank",
        enabled: has_answer,
        run: |session, _| session.list_marks().map(Effect::Shows),
    },
    Command {
        name: "play",
        keys: &["Space"],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: Some(Bar { rank: 7, word: "play" }),
        help: "take one step after the other, until any other key",
        enabled: not_at_end,
        run: |_, _| Ok(Effect::Plays),
    },
    Command {
        name: "faster",
        keys: &["+", "="],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: None,
        help: "play faster",
        enabled: always,
        run: |_, _| Ok(Effect::Faster),
    },
    Command {
        name: "slower",
        keys: &["-"],
        takes: Takes::Nothing,
        group: Group::Play,
        bar: None,
        help: "play more slowly",
        enabled: always,
        run: |_, _| Ok(Effect::Slower),
    },
    Command {
        name: "why",
        keys: &["y"],
        takes: Takes::Neuron,
        group: Group::Reasons,
        bar: Some(Bar { rank: 6, word: "why" }),
        help: "follow the largest terms to a given gradient, or say why a zero is zero",
        enabled: always,
        run: |session, argument| Ok(Effect::Shows(why::why(session, asked(session, &argument)?))),
    },
    Command {
        name: "whynot",
        keys: &[],
        takes: Takes::Pair,
        group: Group::Reasons,
        bar: None,
        help: "say why a neuron gets nothing from another one, or what it gets",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Pair(neuron, downstream) => Ok(Effect::Shows(why::why_not(session, neuron, downstream))),
            _ => Ok(Effect::Asks(Ask::Rest("whynot ".to_owned()))),
        },
    },
    Command {
        name: "verify",
        keys: &["v"],
        takes: Takes::Neuron,
        group: Group::Reasons,
        bar: None,
        help: "nudge a neuron and see whether the loss moves as its gradient says",
        enabled: always,
        run: |session, argument| Ok(Effect::Shows(verify::check(session, asked(session, &argument)?))),
    },
    Command {
        name: "set",
        keys: &["i"],
        takes: Takes::Edit,
        group: Group::WhatIf,
        bar: Some(Bar { rank: 7, word: "what if" }),
        help: "edit an input, weight, given gradient or setting, and compute everything anew",
        enabled: always,
        run: |session, argument| match argument {
            Argument::Edit(edit) => session.set(&edit).map(Effect::Found),
            _ => Ok(Effect::Asks(Ask::Rest(session.edit_at_hand()))),
        },
    },
    Command {
        name: "undo",
        keys: &["u"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "take back the last edit",
        enabled: |session| unless(!session.is_edited(), "nothing has been edited"),
        run: |session, _| session.undo().map(Effect::Found),
    },
    Command {
        name: "redo",
        keys: &["Ctrl-r"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "do the edit again that was undone last",
        enabled: |session| unless(!session.has_undone(), "nothing has been undone"),
        run: |session, _| session.redo().map(Effect::Found),
    },
    Command {
        name: "changes",
        keys: &["U"],
        takes: Takes::Nothing,
        group: Group::WhatIf,
        bar: None,
        help: "list all that the edits have changed, the old beside the new",
        enabled: |session| unless(!session.is_edited(), "nothing has been edited: `i` sets a value"),
        run: |session, _| Ok(Effect::Shows(changes::sheet(session))),
    },
    Command {
        name: "save",
        keys: &[],
        takes: Takes::File,
        group: Group::WhatIf,
        bar: None,
        help: "save the scenario as it now is as a new file",
        enabled: always,
        run: |session, argument| save(session, argument, Existing::Stays, "save "),
    },
    Command {
        name: "save over",
        keys: &[],
        takes: Takes::File,
        group: Group::WhatIf,
        bar: None,
        help: "save the scenario as it now is, over a file that there may be",
        enabled: always,
        run: |session, argument| save(session, argument, Existing::Replaced, "save over "),
    },
    Command {
        name: "view",
        keys: &["V"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show values and gradients, one of them, shades, or the answer, in turn",
        enabled: always,
        run: |session, _| {
            moved(session, |session| {
                session.look.view = session.look.view.next(session.marking().is_some());
            })
        },
    },
    Command {
        name: "sort",
        keys: &["o"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "sort the terms by their size, or as they are listed and added",
        enabled: has_terms,
        run: |session, _| moved(session, |session| session.look.order = session.look.order.other()),
    },
    Command {
        name: "print",
        keys: &[],
        takes: Takes::Neuron,
        group: Group::Shows,
        bar: None,
        help: "write out a neuron's terms, their sum and what it means in words",
        enabled: always,
        run: |session, argument| match neuron(&argument).or_else(|| session.neuron()) {
            Some(neuron) => says(report::neuron(session, neuron)),
            None => says(report::position(session)),
        },
    },
    Command {
        name: "where",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "say which step this is",
        enabled: always,
        run: |session, _| says(report::position(session)),
    },
    Command {
        name: "info",
        keys: &[],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "list the tensors with their shapes and steps",
        enabled: always,
        run: |session, _| says(report::tensors(session)),
    },
    Command {
        name: "page",
        keys: &["PageDown"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show the next channel or batch item of the downstream tensor",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(1)),
    },
    Command {
        name: "page back",
        keys: &["PageUp"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: None,
        help: "show the channel or batch item before",
        enabled: has_pages,
        run: |_, _| Ok(Effect::Page(-1)),
    },
    Command {
        name: "fold",
        keys: &["z"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: Some(Bar { rank: 10, word: "fold" }),
        help: "show the terms and the words alone, then the map alone, then all",
        enabled: always,
        run: |_, _| Ok(Effect::Folds),
    },
    Command {
        name: "theme",
        keys: &["t"],
        takes: Takes::Nothing,
        group: Group::Shows,
        bar: Some(Bar { rank: 11, word: "theme" }),
        help: "change to the light colours, to none, and back to the dark ones",
        enabled: always,
        run: |_, _| Ok(Effect::ChangesTheme),
    },
    Command {
        name: "prompt",
        keys: &[":"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar { rank: 5, word: "command" }),
        help: "write a command",
        enabled: always,
        run: |_, _| Ok(Effect::Asks(Ask::Command)),
    },
    Command {
        name: "close",
        keys: &["Esc"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "close what is on top, end a search, or go back to the gallery",
        enabled: always,
        run: |session, _| if session.end_search() { Ok(Effect::Found("the search is over".to_owned())) } else { Ok(Effect::Close) },
    },
    Command {
        name: "redraw",
        keys: &["Ctrl-l"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "draw the screen anew",
        enabled: always,
        run: |_, _| Ok(Effect::Redraws),
    },
    Command {
        name: "suspend",
        keys: &["Ctrl-z"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: None,
        help: "stop, until `fg` in the shell",
        enabled: always,
        run: |_, _| Ok(Effect::Suspend),
    },
    Command {
        name: "quit",
        keys: &["q", "Ctrl-c", "Ctrl-d"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar { rank: 4, word: "quit" }),
        help: "leave backstep",
        enabled: always,
        run: |_, _| Ok(Effect::Quit),
    },
    Command {
        name: "help",
        keys: &["?", "F1"],
        takes: Takes::Nothing,
        group: Group::Program,
        bar: Some(Bar { rank: 0, word: "all keys" }),
        help: "show all commands and their keys, and search them",
        enabled: always,
        run: |_, _| Ok(Effect::Help),
    },
];

fn always(_: &Session) -> Result<(), Reason> {
    Ok(())
}

fn unless(is_refused: bool, why: &'static str) -> Result<(), Reason> {
    if is_refused { Err(why.into()) } else { Ok(()) }
}

fn not_at_end(session: &Session) -> Result<(), Reason> {
    unless(session.position() == Position::End, "this is the end: every gradient is computed")
}

fn not_at_start(session: &Session) -> Result<(), Reason> {
    unless(session.position() == Position::Start, "this is the start: nothing is computed yet")
}

fn has_terms(session: &Session) -> Result<(), Reason> {
    match (session.position(), session.terms().len()) {
        (Position::Start, _) => Err("no neuron is being computed yet: go on to the first one".into()),
        (Position::End, _) => Err("no neuron is being computed any more: go back to the last one".into()),
        (_, 0) => Err("this neuron has no terms: no downstream neuron looks at it".into()),
        (_, 1) => Err("this sum has only one term".into()),
        _ => Ok(()),
    }
}

fn has_sum(session: &Session) -> Result<(), Reason> {
    unless(session.neuron().is_none(), "there is no sum to predict here: go to a neuron")
}

fn has_answer(session: &Session) -> Result<(), Reason> {
    unless(session.marking().is_none(), "no answer is loaded: start with `--answer FILE`")
}

/// Only a tensor with channels or batch items, that is with more than two axes, is shown page by page.
fn has_pages(session: &Session) -> Result<(), Reason> {
    let shapes = session.terms().first().map(|term| &session.network().tensor(term.from.tensor).shape);
    let n_pages = shapes.map_or(1, |shape| shape.iter().rev().skip(2).product::<usize>());
    unless(n_pages < 2, "the downstream tensor has no channels or batch items to page through")
}

/// Shows lines that are only read.
fn says(lines: Vec<String>) -> Result<Effect, Reason> {
    Ok(Effect::Shows(Sheet::text("backstep says", lines)))
}

fn moved(session: &mut Session, how: impl FnOnce(&mut Session)) -> Result<Effect, Reason> {
    how(session);
    Ok(Effect::Moved)
}

fn go(session: &mut Session, to: fn(&Session) -> Result<Position, Reason>) -> Result<Effect, Reason> {
    let position = to(session)?;
    moved(session, |session| session.go_to(position))
}

fn count(argument: Argument) -> usize {
    match argument {
        Argument::Count(count) => count,
        _ => 1,
    }
}

/// The number of the breakpoint that alone is meant.
fn number(argument: &Argument) -> Option<usize> {
    match argument {
        Argument::Breakpoints(Which::Number(number)) => Some(*number),
        _ => None,
    }
}

fn neuron(argument: &Argument) -> Option<Neuron> {
    match argument {
        Argument::Neuron(neuron) => Some(*neuron),
        _ => None,
    }
}

/// The neuron that is asked about, or the current one.
fn asked(session: &Session, argument: &Argument) -> Result<Neuron, Reason> {
    let neuron = neuron(argument).or_else(|| session.neuron());
    neuron.ok_or_else(|| "no neuron is being computed here: name one, as in `why pool[0,1]`".into())
}

fn save(session: &Session, argument: Argument, existing: Existing, command: &str) -> Result<Effect, Reason> {
    let Argument::File(name) = argument else { return Ok(Effect::Asks(Ask::Rest(command.to_owned()))) };
    let text = session.scenario().to_json().map_err(|problem| Reason::from(problem.message))?;
    Ok(Effect::Writes(Draft { name, text, existing }))
}
