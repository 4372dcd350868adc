//! A drawn screen as the pieces of a picture: grounds, lines, signs and texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::colours::{Colour, Colours};
use super::marks::circled;
use super::strokes::{Pen, ROUND, arms};

/// The size of a cell in the picture's units.
pub(super) const WIDTH: u16 = 10;
pub(super) const HEIGHT: u16 = 20;
/// How far below the top of a cell its text stands.
const BASELINE: u16 = 15;

/// What lies over what: the first below all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Grounds,
    Outlines,
    Lines,
    Writing,
}

/// A piece of a picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// The ground of some cells.
    Ground {
        colour: Colour,
        y: u16,
        x: u16,
        width: u16,
        height: u16,
    },
    /// A line, as the data of a path.
    Line {
        pen: Pen,
        colour: Colour,
        path: String,
    },
    /// The sign of a term, round its centre.
    Mark {
        colour: Colour,
        y: u16,
        x: u16,
        text: String,
    },
    /// Text of one look, from its left end.
    Text {
        look: Look,
        y: u16,
        x: u16,
        text: String,
    },
    /// A sign that fonts have in different widths, round its centre.
    Sign {
        look: Look,
        y: u16,
        x: u16,
        text: String,
    },
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) is_bold: bool,
    pub(super) is_struck: bool,
}

impl fmt::Display for Look {
    /// Writes the classes of the style sheet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.colour)?;
        f.write_str(if self.is_bold { " b" } else { "" })?;
        f.write_str(if self.is_struck { " s" } else { "" })
    }
}

impl Piece {
    pub(super) fn layer(&self) -> Layer {
        match self {
            Self::Ground { .. } => Layer::Grounds,
            Self::Line {
                pen: Pen::Double, ..
            } => Layer::Outlines,
            Self::Line { .. } => Layer::Lines,
            Self::Mark { .. } | Self::Text { .. } | Self::Sign { .. } => Layer::Writing,
        }
    }

    /// Takes another line of the same look into this one. Returns whether it was one.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Line { pen, colour, path },
                Self::Line {
                    pen: other_pen,
                    colour: other_colour,
                    path: more,
                },
            ) if pen == other_pen && colour == other_colour => {
                path.push_str(more);
                true
            }
            _ => false,
        }
    }
}

/// Takes a screen to pieces that was drawn for a light ground and for a dark one.
pub(super) fn pieces(drawn: &[Buffer; 2], colours: &mut Colours) -> BTreeSet<Piece> {
    let mut pieces = BTreeSet::new();
    let mut lines = Lines::default();
    let width = usize::from(drawn[0].area.width);
    let rows = drawn[0]
        .content
        .chunks(width)
        .zip(drawn[1].content.chunks(width));
    for ((light, dark), row) in rows.zip(0..) {
        let cells = light.iter().zip(dark).zip(0..);
        let cells: Vec<Place<'_>> = cells
            .map(|((light, dark), column)| {
                let (colour, ground) = colours.of([light, dark]);
                Place {
                    cell: light,
                    colour,
                    ground,
                    x: column * WIDTH,
                    y: row * HEIGHT,
                }
            })
            .collect();
        pieces.extend(grounds(&cells));
        cells.iter().for_each(|place| lines.add(place));
        pieces.extend(cells.iter().filter_map(Place::block));
        pieces.extend(texts(&cells));
    }
    pieces.extend(lines.pieces());
    pieces
}

/// A cell of the screen, and where it is in the picture.
struct Place<'a> {
    cell: &'a Cell,
    colour: Colour,
    ground: Option<Colour>,
    x: u16,
    y: u16,
}

impl Place<'_> {
    fn character(&self) -> char {
        self.cell.symbol().chars().next().unwrap_or(' ')
    }

    fn look(&self) -> Look {
        let has = |modifier| self.cell.modifier.contains(modifier);
        Look {
            colour: self.colour,
            is_bold: has(Modifier::BOLD),
            is_struck: has(Modifier::CROSSED_OUT),
        }
    }

    /// The part of the cell that a block fills.
    fn block(&self) -> Option<Piece> {
        let (top, height) = match self.character() {
            '█' => (0, HEIGHT),
            '▀' => (0, HEIGHT / 2),
            '▄' => (HEIGHT / 2, HEIGHT / 2),
            _ => return None,
        };
        Some(Piece::Ground {
            colour: self.colour,
            x: self.x,
            y: self.y + top,
            width: WIDTH,
            height,
        })
    }

    /// Whether it holds text that takes as much room as it does on the screen, in any font.
    fn is_even(&self) -> bool {
        let is_common = |c: char| matches!(c, ' '..='~' | '×' | '·' | '−' | '–' | '…');
        self.cell.symbol().chars().all(is_common)
    }

    /// What stands here alone.
    fn alone(&self) -> Option<Piece> {
        let character = self.character();
        if character == ' ' || arms(character).is_some() || self.block().is_some() {
            return None;
        }
        let text = self.cell.symbol();
        let width = u16::try_from(text.width()).unwrap_or(1).max(1) * WIDTH;
        let (x, y) = (self.x + width / 2, self.y);
        Some(match circled(character) {
            Some(text) => Piece::Mark {
                colour: self.colour,
                x,
                y: y + HEIGHT / 2,
                text,
            },
            None => Piece::Sign {
                look: self.look(),
                x,
                y: y + BASELINE,
                text: text.to_owned(),
            },
        })
    }
}

/// The grounds of a row, where it is not the picture's.
fn grounds(row: &[Place<'_>]) -> Vec<Piece> {
    let runs = row.chunk_by(|one, other| one.ground == other.ground);
    let ground = |run: &[Place<'_>]| {
        let first = run.first()?;
        Some(Piece::Ground {
            colour: first.ground?,
            x: first.x,
            y: first.y,
            width: WIDTH * u16::try_from(run.len()).ok()?,
            height: HEIGHT,
        })
    };
    runs.filter_map(ground).collect()
}

/// The texts and signs of a row.
fn texts(row: &[Place<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let goes_on = |one: &Place<'_>, other: &Place<'_>| {
        one.is_even() && other.is_even() && one.look() == other.look()
    };
    for run in row.chunk_by(goes_on) {
        match run {
            [place] if !place.is_even() => pieces.extend(place.alone()),
            _ => pieces.extend(phrases(run)),
        }
    }
    pieces
}

/// The texts of one look that stand apart by more than a blank.
fn phrases(run: &[Place<'_>]) -> impl Iterator<Item = Piece> {
    let is_blank = |place: &Place<'_>| place.cell.symbol() == " ";
    let phrases = run.chunk_by(move |one, other| !(is_blank(one) && is_blank(other)));
    phrases.filter_map(move |phrase| {
        let first = phrase.iter().find(|place| !is_blank(place))?;
        let text: String = phrase.iter().map(|place| place.cell.symbol()).collect();
        Some(Piece::Text {
            look: first.look(),
            x: first.x,
            y: first.y + BASELINE,
            text: text.trim().to_owned(),
        })
    })
}

/// By look: the halves of cells that a line goes through, along a row or down a column.
#[derive(Default)]
struct Lines {
    across: BTreeMap<(Pen, Colour, u16), BTreeSet<u16>>,
    down: BTreeMap<(Pen, Colour, u16), BTreeSet<u16>>,
    curves: Vec<Piece>,
}

impl Lines {
    fn add(&mut self, place: &Place<'_>) {
        let (x, y) = (place.x + WIDTH / 2, place.y + HEIGHT / 2);
        if let Some(path) = curve(place.character(), x, y) {
            let (pen, colour) = (Pen::Light, place.colour);
            self.curves.push(Piece::Line { pen, colour, path });
            return;
        }
        let [up, right, down, left] = arms(place.character()).unwrap_or_default();
        for (pen, from) in [(left, place.x), (right, x)] {
            if let Some(pen) = pen {
                let line = self.across.entry((pen, place.colour, y)).or_default();
                line.insert(from);
            }
        }
        for (pen, from) in [(up, place.y), (down, y)] {
            if let Some(pen) = pen {
                let line = self.down.entry((pen, place.colour, x)).or_default();
                line.insert(from);
            }
        }
    }

    fn pieces(self) -> impl Iterator<Item = Piece> {
        let across = self
            .across
            .into_iter()
            .flat_map(|((pen, colour, y), halves)| {
                runs(halves, WIDTH / 2)
                    .into_iter()
                    .map(move |(from, to)| Piece::Line {
                        pen,
                        colour,
                        path: format!("M{from} {y}H{to}"),
                    })
            });
        let down = self
            .down
            .into_iter()
            .flat_map(|((pen, colour, x), halves)| {
                runs(halves, HEIGHT / 2)
                    .into_iter()
                    .map(move |(from, to)| Piece::Line {
                        pen,
                        colour,
                        path: format!("M{x} {from}V{to}"),
                    })
            });
        across.chain(down).chain(self.curves)
    }
}

/// Joins what lies side by side: pieces of one length by where they begin.
fn runs(begins: BTreeSet<u16>, length: u16) -> Vec<(u16, u16)> {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for from in begins {
        match runs.last_mut() {
            Some((_, to)) if *to == from => *to += length,
            _ => runs.push((from, from + length)),
        }
    }
    runs
}

/// The path of a rounded corner round the centre of a cell.
fn curve(character: char, x: u16, y: u16) -> Option<String> {
    let (_, arms) = ROUND.into_iter().find(|(known, _)| *known == character)?;
    let down = arms & 4 != 0;
    let right = arms & 2 != 0;
    let (far_y, near_y) = if down {
        (y + HEIGHT / 2, y + 5)
    } else {
        (y - HEIGHT / 2, y - 5)
    };
    let far_x = if right { x + WIDTH / 2 } else { x - WIDTH / 2 };
    Some(format!("M{x} {far_y}V{near_y}Q{x} {y} {far_x} {y}"))
}
