//! The moving picture: what is in it, read back. That of the README is what the program draws;
//! `BLESS=1 cargo test picture` makes it anew.

use std::ops::Range;
use std::path::Path;

use backstep::SVG;
use backstep::export::{Detail, Selection, Subject};
use backstep::words;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::exports::{Run, gallery, hostile};

fn picture(run: &Run, steps: Range<usize>) -> String {
    let subject = Subject {
        scenario: &run.scenario,
        backprop: &run.backprop,
    };
    let selection = Selection {
        detail: Detail::default(),
        tensors: None,
        steps,
    };
    (SVG.check)(subject, &selection).unwrap();
    let mut bytes = Vec::new();
    (SVG.write)(subject, &selection, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn named(name: &str) -> Run {
    gallery().find(|run| run.name == name).unwrap()
}

/// An element of the picture with the text in it.
#[derive(Debug)]
struct Part {
    element: BytesStart<'static>,
    text: String,
}

impl Part {
    fn get(&self, attribute: &str) -> String {
        let found = self.element.try_get_attribute(attribute).unwrap();
        let value = found.map(|found| found.value.as_ref().to_owned());
        value.unwrap_or_default()
    }

    fn number(&self, attribute: &str) -> i32 {
        self.get(attribute).parse().unwrap()
    }
}

/// The elements of a picture in their order. What is no XML fails here.
fn parts(picture: &str) -> Vec<Part> {
    let mut reader = Reader::from_str(picture);
    let mut parts: Vec<Part> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                text.clear();
                parts.push(Part {
                    element: element.into_owned(),
                    text: String::new(),
                });
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().unwrap();
                let named = || quick_xml::escape::resolve_predefined_entity(&name).unwrap();
                text.push_str(&character.map_or_else(|| named().to_owned(), String::from));
            }
            Event::End(_) => {
                let last = parts.last_mut().unwrap();
                last.text.push_str(&std::mem::take(&mut text));
            }
            Event::Eof => return parts,
            _ => {}
        }
    }
}

#[test]
fn the_readmes_pictures_are_what_the_program_draws() {
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    for (name, step) in [
        ("the-question", 3),
        ("pool-to-conv", 5),
        ("digit-wrong", 1668),
    ] {
        let path = pictures.join(name).with_extension("svg");
        let drawn = picture(&named(name), step - 1..step);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{name}: the screen has changed: `BLESS=1 cargo test picture` draws its picture anew"
        );
    }
}

#[test]
fn a_picture_says_what_it_shows_and_has_every_term_in_it() {
    for run in gallery() {
        let (_, element) = run.backprop.steps().iter().next().unwrap();
        let picture = picture(&run, 0..1);
        let parts = parts(&picture);
        assert_eq!(parts[0].get("role"), "img");
        assert_eq!(parts[1].text, run.scenario.title);
        let story = words::step(&run.backprop, element).to_string();
        let said = &parts[2].text;
        assert!(said.ends_with(&story), "{said}");
        let words = parts[3..].iter().flat_map(|part| part.text.split(' '));
        let numbers = words.filter_map(|word| word.replace('−', "-").parse::<f64>().ok());
        let numbers: Vec<f64> = numbers.collect();
        for term in run.backprop.contributions(element).iter().take(8) {
            let product = term.product();
            let is_near = |number: &f64| (number - product).abs() <= 1e-3 * product.abs();
            let is_there = numbers.iter().any(is_near);
            assert!(is_there, "{}: {product} is not in {numbers:?}", run.name);
        }
    }
}

/// How far below its sign a cell ends.
const CELL: i32 = 40;

#[test]
fn wires_end_at_the_cells_that_send() {
    let picture = picture(&named("the-question"), 2..3);
    let parts = parts(&picture);
    let signs = parts
        .iter()
        .filter(|part| part.get("class").ends_with(" n"));
    // Of each sign, the one at the cell stands farthest right in the map.
    for number in ["1", "2", "3"] {
        let of_term = signs.clone().filter(|sign| sign.text == number);
        let at_cell = of_term.filter(|sign| sign.number("x") < 720 && sign.number("y") < 300);
        let sign = at_cell.max_by_key(|sign| sign.number("x")).unwrap();
        let colour = sign.get("class");
        let colour = colour.trim_end_matches(" n");
        let y = sign.number("y");
        let wires = parts.iter().filter(|part| part.get("class") == colour);
        let ends = wires.flat_map(|wire| {
            let path = wire.get("d");
            let across = path.split('M').filter_map(|line| {
                let (_, line) = line.split_once(' ')?;
                let (at, to) = line.split_once('H')?;
                Some((at.parse::<i32>().ok()?, to.parse::<i32>().ok()?))
            });
            across.collect::<Vec<_>>()
        });
        // Beside the sign stands the number of the row.
        let mut ends = ends.filter(|(at, _)| (y..=y + CELL).contains(at));
        let touches = ends.any(|(_, to)| (0..=10).contains(&(sign.number("x") - to)));
        assert!(touches, "no wire of term {number} ends at its cell");
    }
}

#[test]
fn a_strangers_text_is_only_text_in_a_picture() {
    let picture = picture(&hostile(), 0..usize::MAX);
    assert!(!picture.contains("<script") && !picture.contains('\u{202e}'));
    assert!(parts(&picture)[1].text.contains("script"));
}

#[test]
fn a_picture_has_its_bytes_and_an_end() {
    let run = named("the-question");
    assert_eq!(picture(&run, 0..4), picture(&named("the-question"), 0..4));
    let digit = named("digit-wrong");
    let subject = Subject {
        scenario: &digit.scenario,
        backprop: &digit.backprop,
    };
    let all = Selection {
        detail: Detail::default(),
        tensors: None,
        steps: 0..usize::MAX,
    };
    let refused = (SVG.check)(subject, &all).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the steps have more than 240 frames, too many for one picture"
    );
}
