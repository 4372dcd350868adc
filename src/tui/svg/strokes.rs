//! The characters of lines as the strokes that they stand for.

use super::super::map::{JOINTS, OUTLINES};

/// How a stroke is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pen {
    /// Two lines side by side. They lie below the others, which end at them.
    Double,
    Light,
    Dashed,
    Heavy,
}

/// The strokes from the centre of a cell: up, right, down, left.
pub(super) type Arms = [Option<Pen>; 4];

const UP: usize = 1;
const RIGHT: usize = 2;
const DOWN: usize = 4;
const LEFT: usize = 8;

/// Double lines that light ones meet: the arms of the one and of the other.
const MIXED: [(char, usize, usize); 6] = [
    ('╫', UP | DOWN, LEFT | RIGHT),
    ('╢', UP | DOWN, LEFT),
    ('╟', UP | DOWN, RIGHT),
    ('╪', LEFT | RIGHT, UP | DOWN),
    ('╧', LEFT | RIGHT, UP),
    ('╤', LEFT | RIGHT, DOWN),
];

/// The corners whose lines meet in a curve, with the arms that they have.
pub(super) const ROUND: [(char, usize); 4] = [
    ('╭', RIGHT | DOWN),
    ('╮', DOWN | LEFT),
    ('╰', UP | RIGHT),
    ('╯', UP | LEFT),
];

/// The strokes of a character, if it is one of lines.
pub(super) fn arms(character: char) -> Option<Arms> {
    let is = |(known, _): &(char, usize)| *known == character;
    if let Some((_, arms)) = ROUND.into_iter().find(is) {
        return Some(all(arms, Pen::Light));
    }
    if let Some((_, double, light)) = MIXED.into_iter().find(|mixed| mixed.0 == character) {
        let light = all(light, Pen::Light);
        let double = all(double, Pen::Double);
        return Some([0, 1, 2, 3].map(|arm| double[arm].or(light[arm])));
    }
    match character {
        ' ' => None,
        '╌' => Some(all(LEFT | RIGHT, Pen::Dashed)),
        '╎' => Some(all(UP | DOWN, Pen::Dashed)),
        _ => joint(character).or_else(|| outline(character)),
    }
}

/// The strokes of a light or heavy line. The characters stand in the order of their arms, each 0,
/// 1 or 2.
fn joint(character: char) -> Option<Arms> {
    let number = JOINTS.chars().position(|known| known == character)?;
    Some([27, 9, 3, 1].map(|unit| match number / unit % 3 {
        0 => None,
        1 => Some(Pen::Light),
        _ => Some(Pen::Heavy),
    }))
}

/// The strokes of a double line. A character that ends on one side stands for the whole line too.
fn outline(character: char) -> Option<Arms> {
    let known = OUTLINES.chars().enumerate();
    let last = known.filter(|&(_, known)| known == character).last();
    last.map(|(arms, _)| all(arms, Pen::Double))
}

fn all(arms: usize, pen: Pen) -> Arms {
    [UP, RIGHT, DOWN, LEFT].map(|arm| (arms & arm != 0).then_some(pen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_has_the_strokes_that_it_shows() {
        use Pen::{Dashed, Double, Heavy, Light};
        let some = |pens: [u8; 4]| {
            pens.map(|pen| {
                [None, Some(Light), Some(Heavy), Some(Double), Some(Dashed)][usize::from(pen)]
            })
        };
        for (character, pens) in [
            ('─', [0, 1, 0, 1]),
            ('╭', [0, 1, 1, 0]),
            ('┲', [0, 2, 2, 1]),
            ('╸', [0, 0, 0, 2]),
            ('═', [0, 3, 0, 3]),
            ('╔', [0, 3, 3, 0]),
            ('╢', [3, 0, 3, 1]),
            ('╎', [4, 0, 4, 0]),
        ] {
            assert_eq!(arms(character), Some(some(pens)), "{character}");
        }
        assert_eq!([arms('a'), arms(' '), arms('●')], [None; 3]);
    }
}
