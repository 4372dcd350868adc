//! What the picture owes: its wires join the right neurons, its sums add up, its notes are whole.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position as Place, Rect};

use super::screen::Screen;
use crate::cancel::Cancel;
use crate::debugger::{Position, Session};
use crate::gallery::{ALL, Item};
use crate::scenario::{Options, Scenario};
use crate::tensor::Element;
use crate::tui::layout::{self, Fold, Panes};
use crate::tui::theme::{Background, Theme};
use crate::tui::{map, terms, words};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 36), (160, 48), (200, 60)];
/// The most steps of a scenario that are drawn; of the digits it is a sample.
const MOST_STEPS: usize = 80;

/// A frame with what it shows.
struct Frame<'a> {
    session: &'a Session,
    panes: Panes,
    what: String,
}

/// Calls a check with every step of every scenario at every size.
fn everywhere(check: impl Fn(&Frame<'_>) + Sync) {
    let draw = |item: &Item| {
        let mut session = Session::new(item.open(Options::default()).unwrap());
        // A frame with more gradients than the last one is laid out anew.
        session.backprop().complete(&Cancel::default()).unwrap();
        let stride = session.n_steps().div_ceil(MOST_STEPS);
        for step in (0..session.n_steps()).step_by(stride) {
            session.go_to(Position::Step(step));
            for (width, height) in SIZES {
                let size = Rect::new(0, 0, width, height);
                check(&Frame {
                    session: &session,
                    panes: layout::debugger(size, &session, Fold::Nothing).unwrap(),
                    what: format!("{} at step {step} on {width}×{height}", item.name),
                });
            }
        }
    };
    std::thread::scope(|scope| {
        for item in ALL {
            scope.spawn(|| draw(item));
        }
    });
}

fn theme() -> Theme {
    Theme::coloured(Background::Dark)
}

/// The lines of a pane, drawn alone.
fn text(area: Rect, draw: impl FnOnce(&mut Buffer)) -> Vec<String> {
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer);
    let line = |y| {
        (area.x..area.right())
            .map(|x| buffer[(x, y)].symbol())
            .collect()
    };
    (area.y..area.bottom()).map(line).collect()
}

#[test]
fn every_wire_joins_a_sender_to_the_current_neuron() {
    everywhere(|frame| {
        // An update hears from no other neuron.
        let n_gradients = frame.session.backprop().steps().n_gradients();
        if frame.session.position() >= Position::Step(n_gradients) {
            return;
        }
        let Some(area) = frame.panes.map.map(layout::inside) else {
            return;
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, area.right() + 4, area.bottom() + 2));
        map::draw(
            frame.session,
            map::Look::default(),
            theme(),
            area,
            &mut buffer,
        );
        let walker = Walker {
            session: frame.session,
            cells: map::cells(frame.session, theme(), area),
            buffer: &buffer,
            area,
        };
        for (element, cell) in &walker.cells {
            let with_frame = Rect {
                width: cell.width + 1,
                ..*cell
            };
            let is_whole = area.union(with_frame) == area;
            assert!(is_whole, "{}: {element:?} is cut", frame.what);
        }
        let picture = || {
            let line = |y| {
                (area.x..area.right())
                    .map(|x| buffer[(x, y)].symbol())
                    .collect::<String>()
            };
            (area.y..area.bottom())
                .map(line)
                .collect::<Vec<_>>()
                .join("\n")
        };
        match walker.reached() {
            Ok(reached) => {
                let (joined, n_loose) = walker.joined();
                assert_eq!(reached, joined, "{}\n{}", frame.what, picture());
                let says = format!(" {n_loose} zeros without a wire");
                let foot = &text(buffer.area, |all| all.merge(&buffer))[usize::from(area.bottom())];
                assert_eq!(n_loose > 0, foot.contains(&says), "{}: {foot}", frame.what);
            }
            Err(why) => panic!("{}: {why}\n{}", frame.what, picture()),
        }
    });
}

#[test]
fn what_stands_before_an_activation_is_on_the_map_once_it_is_gone_to() {
    let mut screen = Screen::of("the-question", (120, 36));
    let name = "pre-activation";
    assert!(!screen.text().contains(name), "{}", screen.text());
    screen.press("g f c . p r e [ 0 ] Enter");
    assert!(screen.text().contains(name), "{}", screen.text());
}

/// Follows the wires in a drawn map.
struct Walker<'a> {
    session: &'a Session,
    cells: Vec<(Element, Rect)>,
    buffer: &'a Buffer,
    area: Rect,
}

/// Up, right, down, left.
const HEADINGS: [(i32, i32); 4] = [(0, -1), (1, 0), (0, 1), (-1, 0)];

/// The arms of a line's character, one bit each in the order of the headings.
fn arms(sign: &str) -> Option<u8> {
    const ARMS: [(&str, u8); 15] = [
        ("╵╹", 1),
        ("╶╺", 2),
        ("╰└┗┕┖", 3),
        ("╷╻", 4),
        ("│╎┃╽╿", 5),
        ("╭┌┏┍┎", 6),
        ("├┣┝┠┞┟┡┢", 7),
        ("╴╸", 8),
        ("╯┘┛┙┚", 9),
        ("─╌━╼╾", 10),
        ("┴┻┵┶┷┸┹┺", 11),
        ("╮┐┓┑┒", 12),
        ("┤┫┥┨┦┧┩┪", 13),
        ("┬┳┭┮┯┰┱┲", 14),
        ("┼╋╪╫┽┾┿╀╁╂", 15),
    ];
    ARMS.iter()
        .find(|(signs, _)| signs.contains(sign))
        .map(|&(_, arms)| arms)
}

impl Walker<'_> {
    /// The neurons in view that send something to the current one.
    fn senders(&self) -> BTreeSet<Element> {
        let senders: BTreeSet<Element> = self.session.terms().iter().map(|row| row.from).collect();
        self.cells
            .iter()
            .map(|&(element, _)| element)
            .filter(|element| senders.contains(element))
            .collect()
    }

    /// The senders that are to have a wire, and how many terms come from the others: the zeros,
    /// where they are many beside what counts.
    fn joined(&self) -> (BTreeSet<Element>, usize) {
        let terms_of = |sender: Element| {
            let terms = self.session.terms().iter();
            terms.filter(move |row| row.from == sender)
        };
        let is_zero = |sender: &Element| terms_of(*sender).all(|row| row.product == 0.0);
        let (zeros, others): (BTreeSet<_>, BTreeSet<_>) =
            self.senders().into_iter().partition(is_zero);
        if others.is_empty() || zeros.len() <= 3 {
            return (self.senders(), 0);
        }
        let n_loose = zeros.into_iter().map(|zero| terms_of(zero).count()).sum();
        (others, n_loose)
    }

    fn cell_at(&self, place: Place) -> Option<Element> {
        self.cells
            .iter()
            .find(|(_, cell)| cell.contains(place))
            .map(|&(element, _)| element)
    }

    /// The arms of the wire at a place; a line of a grid is none.
    fn wire(&self, place: Place) -> Option<u8> {
        let cell = &self.buffer[place];
        arms(cell.symbol()).filter(|_| cell.style().fg != theme().frame().fg)
    }

    fn step(&self, place: Place, heading: usize) -> Option<Place> {
        let (x, y) = HEADINGS[heading];
        let x = u16::try_from(i32::from(place.x) + x).ok()?;
        let y = u16::try_from(i32::from(place.y) + y).ok()?;
        Some(Place { x, y }).filter(|&place| self.area.contains(place))
    }

    /// Walks from the point at the current neuron along every wire.
    fn reached(&self) -> Result<BTreeSet<Element>, String> {
        let point = self
            .area
            .positions()
            .find(|&place| "◀▶▲▼".contains(self.buffer[place].symbol()));
        let Some(point) = point.filter(|_| !self.senders().is_empty()) else {
            return if self.senders().is_empty() {
                Ok(BTreeSet::new())
            } else {
                Err("no wire".into())
            };
        };
        let towards = "▲▶▼◀"
            .chars()
            .position(|sign| self.buffer[point].symbol().starts_with(sign));
        let away = (0..4).filter(|&heading| Some(heading) != towards);
        let mut to_do: Vec<(Place, usize)> = away.map(|heading| (point, heading)).collect();
        let (mut seen, mut reached) = (BTreeSet::from([point]), BTreeSet::new());
        let mut was_crossed = BTreeSet::new();
        while let Some((from, heading)) = to_do.pop() {
            let Some(place) = self.step(from, heading) else {
                continue;
            };
            let back = 1 << ((heading + 2) % 4);
            if let Some(element) = self.cell_at(place) {
                if self.session.element() == Some(element) {
                    continue;
                }
                if self.wire(place).is_none_or(|arms| arms & back == 0) {
                    if from == point {
                        continue;
                    }
                    return Err(format!("a wire ends beside a cell at {place}"));
                }
                reached.insert(element);
                continue;
            }
            match self.wire(place) {
                Some(arms) if arms & back == 0 && self.wire(from).is_some() && from != point => {
                    return Err(format!("a wire is broken at {place}"));
                }
                Some(arms) if arms & back == 0 => {}
                // A crossing is passed straight, once each way.
                Some(15) => {
                    let is_new = was_crossed.insert((place, heading % 2));
                    to_do.extend(is_new.then_some((place, heading)));
                }
                Some(arms) if arms == back => reached.extend(self.of_grid(place)),
                Some(arms) => {
                    let is_new = seen.insert(place);
                    let on =
                        (0..4).filter(|&next| arms & (1 << next) != 0 && next != (heading + 2) % 4);
                    to_do.extend(on.filter(|_| is_new).map(|next| (place, next)));
                }
                None if self.buffer[place].symbol() == "⊕" => {
                    let is_new = seen.insert(place);
                    to_do.extend((0..4).filter(|_| is_new).map(|next| (place, next)));
                }
                // The side of a frame goes on beside a wire that passes its corner.
                None if arms(self.buffer[place].symbol()).is_some() => {}
                // A text stands on the wire.
                None if heading % 2 == 1 && from != point && self.buffer[from].symbol() != "⊕" => {
                    to_do.push((place, heading));
                }
                None => {}
            }
        }
        Ok(reached)
    }

    /// The senders of the grid at whose left side a cable ends.
    fn of_grid(&self, place: Place) -> Vec<Element> {
        let inside = Place {
            x: place.x + 1,
            ..place
        };
        let page = |element: Element| {
            let shape = &self.session.network().tensor(element.tensor).shape;
            let size: usize = shape.iter().rev().take(2).product();
            (element.tensor, element.at / size.max(1))
        };
        let Some(first) = self.cell_at(inside).map(page) else {
            return Vec::new();
        };
        self.senders()
            .into_iter()
            .filter(|&element| page(element) == first)
            .collect()
    }
}

#[test]
fn the_terms_that_are_shown_add_up_to_the_total_that_is_shown() {
    everywhere(|frame| {
        let area = layout::inside(frame.panes.terms);
        let lines = text(area, |buffer| {
            terms::draw(frame.session, 0, theme(), area, buffer)
        });
        let what = || format!("{}\n{}", frame.what, lines.join("\n"));
        let (mut sum, mut total) = (0.0, None);
        for line in lines.iter().skip(1) {
            // What it would be without rounding stands behind the gradient.
            let line = line.split("unrounded").next().unwrap_or_default();
            let is_total = ["gradient", "new ", "sum "]
                .iter()
                .any(|head| line.starts_with(head));
            let signs = ['=', '≈'].into_iter().filter(|_| !is_total);
            let mut products = signs.filter_map(|sign| Some(line.split_once(sign)?.1));
            let last = match products.next() {
                Some(product) => product.split_whitespace().next(),
                None => line
                    .split_whitespace()
                    .last()
                    .filter(|text| !text.contains('─')),
            };
            let Some(last) = last else { continue };
            // What is rounded has its sum above the gradient.
            if is_total {
                total = Some(last.to_owned());
                break;
            }
            sum += number(last).unwrap_or_else(|| panic!("{last} is no number: {}", what()));
        }
        let total = total.unwrap_or_else(|| panic!("no total: {}", what()));
        match total.strip_prefix('≈') {
            Some(about) => assert!(number(about).is_some(), "{}", what()),
            None => {
                let total = number(&total).unwrap_or_else(|| panic!("{total} is cut: {}", what()));
                let is_same = total == sum || (total.is_nan() && sum.is_nan());
                assert!(
                    is_same || (total - sum).abs() <= 1e-11 * total.abs().max(1.0),
                    "{sum}: {}",
                    what()
                );
            }
        }
    });
}

fn number(text: &str) -> Option<f64> {
    text.replace('−', "-").replace('∞', "inf").parse().ok()
}

#[test]
fn a_common_terminal_shows_the_first_note_and_the_first_sum_whole() {
    for item in ALL {
        let mut session = Session::new(item.open(Options::default()).unwrap());
        session.go_to(Position::Step(0));
        let panes = layout::debugger(Rect::new(0, 0, 80, 24), &session, Fold::Nothing).unwrap();
        let area = layout::inside(panes.words.unwrap());
        let pane = panes.words.unwrap();
        let lines = text(pane, |buffer| {
            words::draw(&session, 0, theme(), pane, area, buffer)
        });
        let said = lines
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let element = session.element().unwrap();
        if let Some(note) = session.notes_of(element).next() {
            assert!(
                said.starts_with(note),
                "{}: {note}\n{}",
                item.name,
                lines.join("\n")
            );
        }
        let area = layout::inside(panes.terms);
        let lines = text(area, |buffer| {
            terms::draw(&session, 0, theme(), area, buffer)
        });
        assert!(
            lines.iter().any(|line| line.starts_with("gradient ")),
            "{}: {lines:?}",
            item.name
        );
    }
}

#[test]
fn a_large_cell_says_by_how_much_it_loses_and_what_its_share_is() {
    for (name, at, says) in [
        ("overlapping-pool", "x[1,0]", ["lost by 8", "lost by 9"]),
        ("average-pool", "x[0,0]", ["×0.25", "×0.25"]),
    ] {
        let mut screen = Screen::of(name, (200, 60));
        screen.press(&format!(": {} Enter", at.replace("", " ")));
        let text = screen.text();
        for remark in says {
            assert!(text.contains(remark), "{name}: {remark}\n{text}");
        }
    }
}

/// A neuron that so many others look at, each with a gradient of its own.
fn seen_by(n: usize) -> Session {
    let weight = vec!["[1]"; n].join(", ");
    let upstream: Vec<String> = (1..=n).map(|at| at.to_string()).collect();
    let json = format!(
        r#"{{ "backstep": 1, "inputs": {{ "x": [1] }},
            "layers": [{{ "name": "fc", "op": "linear", "weight": [{weight}] }}],
            "upstream": {{ "fc": [{}] }} }}"#,
        upstream.join(", ")
    );
    let files = &crate::scenario::NoFiles;
    let scenario = Scenario::read("x.json", json.as_bytes(), files, Options::default());
    Session::new(scenario.unwrap())
}

#[test]
fn of_a_very_long_sum_the_map_shows_what_adds_most_and_counts_the_rest() {
    const N: usize = 700;
    let mut session = seen_by(N);
    session.go_to(Position::Step(0));
    let text = Screen::debugging(session, (120, 36)).text();
    let beyond = |what: &str| {
        let before = text.split_once(what)?.0;
        let number = before.rsplit(|sign: char| !sign.is_ascii_digit()).next()?;
        number.parse::<usize>().ok()
    };
    let n_beyond = beyond(&format!(" of {N} terms are not in view")).expect(&text);
    let n_in_view = text.lines().filter(|line| line.contains("│╭• ")).count();
    assert_eq!(n_beyond + n_in_view, N, "{text}");
    assert!(!text.contains("without a wire"), "{text}");
    let last = format!("{}│╭•", N - 1);
    assert!(text.contains(&last), "the strongest is not in view\n{text}");
}
