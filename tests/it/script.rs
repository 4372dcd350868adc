//! Scripts: what every command says without a screen, and a whole session as a person reads it.

use backstep::debugger::commands::COMMANDS;
use backstep::debugger::{Position, Said, Script, Session};
use backstep::{gallery, scenario};

/// A line for each command of the table.
const LINES: &[(&str, &str)] = &[
    ("next", "next 2"),
    ("back", "back"),
    ("term", "term"),
    ("term back", "term back"),
    ("tensor", "tensor"),
    ("tensor back", "tensor back"),
    ("start", "start"),
    ("end", "end"),
    ("goto", "goto pool[1,0]"),
    ("inspect", "inspect pool[1,0]"),
    ("look up", "look up"),
    ("look down", "look down"),
    ("look left", "look left"),
    ("look right", "look right"),
    ("search", "search fc"),
    ("match", "match"),
    ("match back", "match back"),
    ("break", "break pool[1,1] if grad > 1"),
    ("continue", "continue"),
    ("continue back", "continue back"),
    ("breaks", "breaks"),
    ("delete", "delete 2"),
    ("watch", "watch pool[0,0]"),
    ("watches", "watches"),
    ("unwatch", "unwatch x[0,0]"),
    ("return", "return"),
    ("mistakes", "mistakes pool[0,0]"),
    ("predict", "predict 7/2"),
    ("reveal", "reveal"),
    ("quiz", "quiz"),
    ("quiz sums", "quiz sums"),
    ("choose", "choose 1"),
    ("score", "score"),
    ("wrong", "wrong"),
    ("wrong back", "wrong back"),
    ("marks", "marks"),
    ("play", "play"),
    ("why", "why x[1,0]"),
    ("whynot", "whynot x[0,0] from fc[1]"),
    ("verify", "verify pool[1,0]"),
    ("update", "update 2"),
    ("update back", "update back"),
    ("learn", "learn 2 at 0.5"),
    ("curve", "curve"),
    ("set", "set fc[0].grad 5"),
    ("scrub", "scrub x[1,0] by 1/2"),
    ("scrub up", "scrub up 3"),
    ("scrub down", "scrub down"),
    ("scrub off", "scrub off"),
    ("undo", "undo"),
    ("redo", "redo"),
    ("changes", "changes"),
    ("export", "export run.csv"),
    ("export over", "export over run.csv"),
    ("save", "save what-if.json"),
    ("save over", "save over what-if.json"),
    ("faster", "faster"),
    ("slower", "slower"),
    ("view", "view"),
    ("origin", "origin x[0,0]"),
    ("health", "health fc"),
    ("health sorted", "health sorted"),
    ("sort", "sort"),
    ("print", "print"),
    ("where", "where"),
    ("info", "info"),
    ("page", "page"),
    ("page back", "page back"),
    ("fold", "fold"),
    ("mouse off", "mouse off"),
    ("mouse on", "mouse on"),
    ("theme", "theme"),
    ("prompt", "prompt"),
    ("close", "close"),
    ("next scenario", "next scenario"),
    ("redraw", "redraw"),
    ("suspend", "suspend"),
    ("quit", "quit"),
    ("help", "help"),
];

/// What there is before the command: nothing, or breakpoints with many hits and a watch.
const BEFORE: [(&str, &str); 2] = [
    ("", ""),
    (
        "with breakpoints ",
        "break if grad != 0; break pool; watch x[0,0];",
    ),
];

/// A session before the first step, as scripts begin.
fn session() -> Session {
    let mut session = Session::new(
        gallery::find("the-question")
            .unwrap()
            .open(scenario::Options::default())
            .unwrap(),
    );
    session.go_to(Position::Start);
    session
}

fn obey(text: &str, session: &mut Session) -> Vec<Said> {
    Script::read(text, session)
        .unwrap_or_else(|complaints| panic!("{text}: {complaints:?}"))
        .obey(session, |_, _| Ok(()))
        .collect()
}

#[test]
fn every_command_says_something_at_both_ends() {
    let mut all = String::new();
    for command in COMMANDS {
        let (_, line) = LINES
            .iter()
            .find(|(name, _)| *name == command.name)
            .unwrap_or_else(|| panic!("give `{}` a line", command.name));
        all += &format!("{line}\n");
        for (what, before) in BEFORE {
            for end in ["start", "end"] {
                let said = obey(&format!("{before} {end}; {line}"), &mut session())
                    .pop()
                    .unwrap();
                assert_eq!(said.command, *line);
                let n_more = said.lines.len().saturating_sub(3);
                let mut lines = said
                    .lines
                    .iter()
                    .take(3)
                    .map(|line| format!("      {line}\n"))
                    .collect::<String>();
                if n_more > 0 {
                    lines += &format!("      and {n_more} more\n");
                }
                all += &format!("  {what}at the {end}\n{lines}");
            }
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_whole_session_reads_well() {
    let script = "break pool; break if abs(grad) >= 5 and not dead  # whatever is large\nwatch \
                  x[0,0]\ncontinue; print\n\
                  break if wrong; goto pool[1,1]; term; term; continue back; continue 2; breaks; \
                  delete 1; continue; continue; watches; next";
    let said = obey(script, &mut session());
    let text = said
        .iter()
        .map(|Said { command, lines, .. }| format!("> {command}\n{}\n\n", lines.join("\n")))
        .collect::<String>();
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_follows_quit() {
    let mut session = session();
    let said = obey("next; quit; next", &mut session);
    assert_eq!(said.len(), 2);
    assert_eq!(session.position(), Position::Step(0));
}

#[test]
fn all_that_cannot_be_read_is_told_at_once() {
    let text = "next\nbrek pool # a remark; with ; signs\nbreak if gard > 1; where; # brek\n;;";
    let complaints = Script::read(text, &session()).unwrap_err();
    let places: Vec<&str> = complaints
        .into_iter()
        .map(|complaint| &text[complaint.at])
        .collect();
    assert_eq!(places, ["brek", "gard"]);
}

#[test]
fn many_hits_are_gone_through_one_by_one_both_ways() {
    let mut session = session();
    obey("break if grad != 0", &mut session);
    let mut on = Vec::new();
    while session.position() != Position::End {
        obey("continue", &mut session);
        on.push(session.position());
    }
    let mut back = vec![Position::End];
    while session.position() != Position::Start {
        obey("continue back", &mut session);
        back.push(session.position());
    }
    assert_eq!(back.pop(), Some(Position::Start));
    back.reverse();
    assert_eq!(on, back);
    assert!(on.len() > 10, "{on:?}");
}
