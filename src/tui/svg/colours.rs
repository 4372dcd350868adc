//! The colours of a picture, each as it is on a light ground and on a dark one.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What is under everything, and what text is written in, on a light ground and on a dark one.
const GROUND: Pair = [0xff_ff_ff, 0x16_18_1d];
const TEXT: Pair = [0x1c_1c_1c, 0xe4_e4_e4];

/// Red, green and blue on a light ground, and on a dark one.
type Pair = [u32; 2];

/// A colour by its place in [`Colours`].
pub(super) type Colour = usize;

/// The colours that are used, the ground first.
#[derive(Debug)]
pub(super) struct Colours(Vec<Pair>);

impl Default for Colours {
    fn default() -> Self {
        Self(vec![GROUND])
    }
}

impl Colours {
    /// The colours of the writing of a cell and of its ground, where that is not the picture's.
    /// The cell is as it is on a light ground and on a dark one.
    pub(super) fn of(&mut self, cells: [&Cell; 2]) -> (Colour, Option<Colour>) {
        let writing = cells.map(|cell| rgb(cell.fg));
        let ground = cells.map(|cell| rgb(cell.bg));
        let or = |colours: [Option<u32>; 2], other: Pair| {
            [
                colours[0].unwrap_or(other[0]),
                colours[1].unwrap_or(other[1]),
            ]
        };
        if cells[0].modifier.contains(Modifier::REVERSED) {
            let behind = self.number(or(writing, TEXT));
            return (self.number(or(ground, GROUND)), Some(behind));
        }
        let behind = (ground != [None; 2]).then(|| self.number(or(ground, GROUND)));
        (self.number(or(writing, TEXT)), behind)
    }

    /// The rules of the style sheet for one of the two grounds: `.c0{color:#ffffff}`.
    pub(super) fn rules(&self, is_dark: bool) -> String {
        let colours = self.0.iter().map(|pair| pair[usize::from(is_dark)]);
        let rules = colours.enumerate();
        rules
            .map(|(number, colour)| format!(".c{number}{{color:#{colour:06x}}}"))
            .collect()
    }

    fn number(&mut self, pair: Pair) -> Colour {
        self.0
            .iter()
            .position(|&known| known == pair)
            .unwrap_or_else(|| {
                self.0.push(pair);
                self.0.len() - 1
            })
    }
}

/// An indexed colour as xterm defines it. The themes of 256 colours have no others.
fn rgb(colour: Color) -> Option<u32> {
    let Color::Indexed(index) = colour else {
        return None;
    };
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let parts = match index {
        0..16 => return None,
        16..232 => [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(level),
        232.. => [8 + 10 * (index - 232); 3],
    };
    Some(
        parts
            .into_iter()
            .fold(0, |all, part| all << 8 | u32::from(part)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexed_colours_are_those_of_xterm() {
        let of = |index| rgb(Color::Indexed(index));
        assert_eq!(
            [of(16), of(231), of(214), of(255), of(7)],
            [
                Some(0),
                Some(0xffffff),
                Some(0xffaf00),
                Some(0xeeeeee),
                None
            ]
        );
        assert_eq!(rgb(Color::Reset), None);
    }
}
