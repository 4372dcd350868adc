//! The picture in the README is a frame that the program draws. `BLESS=1 cargo test picture` makes
//! it anew.

use std::fmt::Write;
use std::path::Path;

use backstep::debugger::{Position, Session};
use backstep::gallery;
use backstep::scenario;
use backstep::tui::{self, Background, Options, Signs, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The size of a cell: that of a common monospace font at 14 pixels, and no higher than its lines,
/// which must meet.
const WIDTH: f64 = 8.43;
const HEIGHT: f64 = 16.0;
const BASELINE: f64 = 12.5;

/// The air around the screen, and the bar of the window above it.
const MARGIN: f64 = 14.0;
const BAR: f64 = 34.0;

const GROUND: &str = "#16181d";
const TEXT: &str = "#e4e4e4";
const FONTS: &str = "'DejaVu Sans Mono','JetBrains Mono','Cascadia Mono',Menlo,Consolas,monospace";

#[test]
fn the_readmes_picture_is_what_the_program_draws() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/the-question.svg");
    let drawn = svg(&frame());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == drawn,
        "the screen has changed: `BLESS=1 cargo test picture` draws its picture anew"
    );
}

#[test]
fn a_picture_escapes_the_characters_of_markup() {
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 12, 1));
    buffer.set_string(0, 0, "a<b> & \"c\"", ratatui::style::Style::new());
    assert!(svg(&buffer).contains(">a&lt;b&gt; &amp; &quot;c&quot;</text>"));
}

/// The screen at the neuron that the README explains.
fn frame() -> Buffer {
    let scenario = gallery::find("the-question")
        .unwrap()
        .open(scenario::Options::default())
        .unwrap();
    let element = scenario
        .network
        .element(&"pool[1,0]".parse().unwrap())
        .unwrap();
    let mut session = Session::new(scenario);
    let step = session.backprop().steps().step_of(element).unwrap();
    session.go_to(Position::Step(step));
    tui::frame(
        session,
        Options {
            theme: Theme::coloured(Background::Dark),
            signs: Signs::Unicode,
            has_mouse: true,
            write: |_, _| Ok(()),
        },
        120,
        36,
    )
}

/// Draws a frame in a window.
fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (f64::from(buffer.area.width), f64::from(buffer.area.height));
    let (width, height) = (columns * WIDTH + 2.0 * MARGIN, rows * HEIGHT + BAR + MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"{FONTS}\" font-size=\"14\" role=\"img\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"{GROUND}\"/>\n"
    );
    for (number, colour) in ["#ff5f57", "#febc2e", "#28c840"].iter().enumerate() {
        let x = 20.0 + 20.0 * f64::from(u8::try_from(number).unwrap());
        writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{colour}\"/>"
        )
        .unwrap();
    }
    for (y, row) in buffer
        .content
        .chunks(usize::from(buffer.area.width))
        .enumerate()
    {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a.style() == b.style()) {
            draw_run(&mut svg, run, x, y);
            x += run.len();
        }
    }
    svg + "</svg>\n"
}

/// Draws cells that look alike: their ground, where it is not the window's, and their text.
fn draw_run(svg: &mut String, run: &[Cell], column: usize, row: usize) {
    let at = |cells: usize, size: f64| f64::from(u16::try_from(cells).unwrap()) * size;
    let (x, y) = (MARGIN + at(column, WIDTH), BAR + at(row, HEIGHT));
    let (text, ground) = colours(&run[0]);
    if let Some(ground) = ground {
        let width = at(run.len(), WIDTH);
        writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>").unwrap();
    }
    // Blanks at either side are cut off, so that the text begins where its first sign is.
    let whole: String = run.iter().map(Cell::symbol).collect();
    let Some(first) = run.iter().position(|cell| cell.symbol() != " ") else {
        return;
    };
    let inner = whole.trim_matches(' ');
    let (x, length) = (x + at(first, WIDTH), at(inner.chars().count(), WIDTH));
    let bold = if run[0].modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" fill=\"{text}\"{bold} xml:space=\"preserve\">{}</text>",
        y + BASELINE,
        escaped(inner)
    )
    .unwrap();
}

/// The colour of a cell's text, and of its ground where that is not the window's.
fn colours(cell: &Cell) -> (String, Option<String>) {
    let (text, ground) = (colour(cell.fg), colour(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        return (
            ground.unwrap_or_else(|| GROUND.to_owned()),
            Some(text.unwrap_or_else(|| TEXT.to_owned())),
        );
    }
    (text.unwrap_or_else(|| TEXT.to_owned()), ground)
}

/// An indexed colour as xterm defines it; the theme has no others.
fn colour(colour: Color) -> Option<String> {
    let Color::Indexed(index) = colour else {
        return None;
    };
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let [red, green, blue] = match index {
        16..232 => [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(level),
        232.. => [8 + 10 * (index - 232); 3],
        _ => panic!("the colour {index} looks different on every terminal"),
    };
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
