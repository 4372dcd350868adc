//! Lines that know how to meet: grids and wires are strokes through the centres of cells, and each
//! cell's strokes together pick the character that draws them.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::router::{Heading, heading};

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pen {
    Light,
    Dashed,
    Heavy,
}

impl Pen {
    fn weight(self) -> u8 {
        if self == Self::Heavy { 2 } else { 1 }
    }
}

/// The arms of one cell, each 0 (none), 1 (light) or 2 (heavy), and the look of the line that was
/// drawn last through it.
#[derive(Debug, Clone, Copy, Default)]
struct Joint {
    up: u8,
    right: u8,
    down: u8,
    left: u8,
    dashed: bool,
    style: Style,
    /// The arms of an outline, one bit each: up, right, down, left.
    outline: u8,
    outline_style: Style,
    /// The arms of wires, which lie over all other lines.
    wire: [u8; 4],
    wire_dashed: bool,
    wire_style: Style,
}

/// The characters of an outline by its arms: the bits are up, right, down, left.
pub(in crate::tui) const OUTLINES: &str = " ║═╚║║╔╠═╝═╩╗╣╦╬";
const UP: u8 = 1;
const RIGHT: u8 = 2;
const DOWN: u8 = 4;
const LEFT: u8 = 8;

/// The characters of every joint, in the order up, right, down, left of their arms.
pub(in crate::tui) const JOINTS: &str =
    " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

/// Lines over an area of the screen. Whatever lies outside it is not drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    area: Rect,
    joints: Vec<Joint>,
}

impl Canvas {
    pub(super) fn new(area: Rect) -> Self {
        Self {
            area,
            joints: vec![Joint::default(); area.area() as usize],
        }
    }

    /// Draws a line from the centre of one cell to that of another in the same row.
    pub(super) fn across(&mut self, from: u16, to: u16, y: u16, pen: Pen, style: Style) {
        let (from, to) = (from.min(to), from.max(to));
        for x in from..to {
            self.arm(x, y, pen, style, |joint| &mut joint.right);
            self.arm(x + 1, y, pen, style, |joint| &mut joint.left);
        }
    }

    /// Draws a line from the centre of one cell to that of another in the same column.
    pub(super) fn down(&mut self, x: u16, from: u16, to: u16, pen: Pen, style: Style) {
        let (from, to) = (from.min(to), from.max(to));
        for y in from..to {
            self.arm(x, y, pen, style, |joint| &mut joint.down);
            self.arm(x, y + 1, pen, style, |joint| &mut joint.up);
        }
    }

    /// Draws a rectangle through the centres of the cells at its rim.
    pub(super) fn frame(&mut self, area: Rect, pen: Pen, style: Style) {
        let (right, bottom) = (
            area.right().saturating_sub(1),
            area.bottom().saturating_sub(1),
        );
        self.across(area.x, right, area.y, pen, style);
        self.across(area.x, right, bottom, pen, style);
        self.down(area.x, area.y, bottom, pen, style);
        self.down(right, area.y, bottom, pen, style);
    }

    /// Draws a double line from the centre of one cell to that of another in the same row. It lies
    /// over other lines than heavy ones.
    pub(super) fn outline_across(&mut self, from: u16, to: u16, y: u16, style: Style) {
        for x in from..to {
            self.outline(x, y, RIGHT, style);
            self.outline(x + 1, y, LEFT, style);
        }
    }

    /// Draws a double line from the centre of one cell to that of another in the same column.
    pub(super) fn outline_down(&mut self, x: u16, from: u16, to: u16, style: Style) {
        for y in from..to {
            self.outline(x, y, DOWN, style);
            self.outline(x, y + 1, UP, style);
        }
    }

    /// Draws a double line through whole cells of a column.
    pub(super) fn outline_bar(&mut self, x: u16, rows: std::ops::Range<u16>, style: Style) {
        rows.for_each(|y| self.outline(x, y, UP | DOWN, style));
    }

    /// Draws a line along places that are next to each other.
    pub(super) fn line(&mut self, path: &[Position], pen: Pen, style: Style) {
        for pair in path.windows(2) {
            self.across(pair[0].x, pair[1].x, pair[0].y, pen, style);
            self.down(pair[0].x, pair[0].y, pair[1].y, pen, style);
        }
    }

    /// Draws a wire along places that are next to each other.
    pub(super) fn wire(&mut self, path: &[Position], pen: Pen, style: Style) {
        for pair in path.windows(2) {
            let heading = heading(pair[0], pair[1]);
            self.wire_arm(pair[0], heading, pen, style);
            self.wire_arm(pair[1], heading.back(), pen, style);
        }
    }

    /// Whether a wire lies at a place.
    pub(super) fn has_wire(&self, place: Position) -> bool {
        let joint = self.index(place.x, place.y).map(|at| self.joints[at]);
        joint.is_some_and(|joint| joint.wire != [0; 4])
    }

    /// Draws half of a wire: from the centre of a place to its rim.
    pub(super) fn wire_arm(&mut self, place: Position, heading: Heading, pen: Pen, style: Style) {
        if let Some(joint) = self.joint(place.x, place.y) {
            let arm = &mut joint.wire[heading as usize];
            *arm = pen.weight().max(*arm);
            joint.wire_dashed = pen == Pen::Dashed;
            joint.wire_style = style;
        }
    }

    /// Adds to an outline. Where several have a line in common, each has every other place of it.
    fn outline(&mut self, x: u16, y: u16, arms: u8, style: Style) {
        if let Some(joint) = self.joint(x, y) {
            if joint.outline == 0 || (x + y).is_multiple_of(2) {
                joint.outline_style = style;
            }
            joint.outline |= arms;
        }
    }

    fn joint(&mut self, x: u16, y: u16) -> Option<&mut Joint> {
        let at = self.index(x, y)?;
        self.joints.get_mut(at)
    }

    fn index(&self, x: u16, y: u16) -> Option<usize> {
        let (row, column) = (y.wrapping_sub(self.area.y), x.wrapping_sub(self.area.x));
        let is_there = self.area.contains((x, y).into());
        is_there.then(|| usize::from(row) * usize::from(self.area.width) + usize::from(column))
    }

    fn arm(&mut self, x: u16, y: u16, pen: Pen, style: Style, which: fn(&mut Joint) -> &mut u8) {
        let Some(joint) = self.joint(x, y) else {
            return;
        };
        let arm = which(joint);
        *arm = pen.weight().max(*arm);
        joint.dashed = pen == Pen::Dashed;
        joint.style = style;
    }

    /// The arms of a wire that passes the corner of a frame straight, with the side of the frame
    /// that goes on beside it: without that the frame would look open.
    fn wire_at_corner(&self, place: Position) -> Option<[u8; 4]> {
        let joint = self.joints[self.index(place.x, place.y)?];
        let frame = [joint.up, joint.right, joint.down, joint.left];
        let is_straight = |arms: [u8; 4]| {
            let [up, right, down, left] = arms.map(|arm| arm > 0);
            up == down && left == right && up != left
        };
        let is_corner = frame.iter().filter(|&&arm| arm > 0).count() == 2 && !is_straight(frame);
        let goes_on = |heading: Heading| {
            let next = heading.next(place).filter(|next| !self.has_wire(*next));
            next.is_some() && frame[heading as usize] > 0
        };
        let with_side = Heading::ALL.map(|heading| {
            let at = heading as usize;
            joint.wire[at].max(u8::from(goes_on(heading)))
        });
        (is_corner && is_straight(joint.wire)).then_some(with_side)
    }

    /// Puts the lines on the screen.
    pub(super) fn draw(&self, buffer: &mut Buffer) {
        let joints: Vec<char> = JOINTS.chars().collect();
        for (joint, position) in self.joints.iter().zip(self.area.positions()) {
            let mut joint = *joint;
            joint.wire = self.wire_at_corner(position).unwrap_or(joint.wire);
            let (character, style) = joint.drawn(&joints);
            if character != ' '
                && let Some(cell) = buffer.cell_mut(position)
            {
                cell.set_char(character).set_style(style);
            }
        }
    }
}

impl Joint {
    fn drawn(&self, joints: &[char]) -> (char, Style) {
        let mut arms = [self.up, self.right, self.down, self.left];
        if self.wire != [0; 4] {
            let joint = joints[number(self.wire)];
            return (shaped(joint, self.wire_dashed), self.wire_style);
        }
        let is_heavy = |arm: u8| arm == 2;
        if !arms.into_iter().any(is_heavy) && self.outline > 0 {
            return (self.outlined(), self.outline_style);
        }
        // At a corner of a heavy frame the light lines end before it: half of a character cannot
        // have another colour.
        if (is_heavy(self.up) != is_heavy(self.down))
            && (is_heavy(self.left) != is_heavy(self.right))
        {
            arms = arms.map(|arm| if is_heavy(arm) { arm } else { 0 });
        }
        (shaped(joints[number(arms)], self.dashed), self.style)
    }

    /// The character of an outline with the light lines that end at it or cross it.
    fn outlined(&self) -> char {
        let has = |arm: u8| arm > 0;
        match self.outline {
            arms if arms == UP | DOWN => match (has(self.left), has(self.right)) {
                (true, true) => '╫',
                (true, false) => '╢',
                (false, true) => '╟',
                (false, false) => '║',
            },
            arms if arms == LEFT | RIGHT => match (has(self.up), has(self.down)) {
                (true, true) => '╪',
                (true, false) => '╧',
                (false, true) => '╤',
                (false, false) => '═',
            },
            arms => OUTLINES.chars().nth(usize::from(arms)).unwrap_or(' '),
        }
    }
}

/// The place of a joint in the list of all, by its arms: up, right, down, left.
fn number(arms: [u8; 4]) -> usize {
    arms.iter()
        .fold(0, |number, &arm| number * 3 + usize::from(arm))
}

/// Returns the character with its corner rounded, or its line dashed.
fn shaped(character: char, dashed: bool) -> char {
    match (character, dashed) {
        ('┌', _) => '╭',
        ('┐', _) => '╮',
        ('└', _) => '╰',
        ('┘', _) => '╯',
        ('─', true) => '╌',
        ('│', true) => '╎',
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_meet_in_the_right_characters() {
        let area = Rect::new(0, 0, 7, 3);
        let mut canvas = Canvas::new(area);
        canvas.frame(Rect::new(0, 0, 3, 3), Pen::Light, Style::new());
        canvas.across(2, 6, 1, Pen::Light, Style::new());
        canvas.down(4, 1, 9, Pen::Heavy, Style::new());
        let mut buffer = Buffer::empty(area);
        canvas.draw(&mut buffer);
        assert_eq!(
            buffer,
            Buffer::with_lines(["╭─╮    ", "│ ├─┰─╴", "╰─╯ ┃  "])
        );
    }

    #[test]
    fn a_wire_that_passes_the_corner_of_a_frame_leaves_it_closed() {
        let area = Rect::new(0, 0, 6, 3);
        let mut canvas = Canvas::new(area);
        canvas.frame(Rect::new(2, 0, 4, 3), Pen::Light, Style::new());
        let level: Vec<Position> = (0..=4).map(|x| Position { x, y: 0 }).collect();
        canvas.wire(&level, Pen::Dashed, Style::new());
        let mut buffer = Buffer::empty(area);
        canvas.draw(&mut buffer);
        assert_eq!(buffer, Buffer::with_lines(["╶╌┬╌╴╮", "  │  │", "  ╰──╯"]));
    }

    #[test]
    fn a_heavy_frame_has_no_stray_ends_and_an_outline_meets_light_lines() {
        let area = Rect::new(0, 0, 7, 5);
        let mut canvas = Canvas::new(area);
        canvas.frame(Rect::new(0, 0, 7, 5), Pen::Light, Style::new());
        canvas.down(3, 0, 4, Pen::Light, Style::new());
        canvas.across(0, 6, 2, Pen::Light, Style::new());
        canvas.frame(Rect::new(0, 0, 4, 3), Pen::Heavy, Style::new());
        canvas.outline_across(3, 6, 4, Style::new());
        canvas.outline_down(6, 2, 4, Style::new());
        let mut buffer = Buffer::empty(area);
        canvas.draw(&mut buffer);
        assert_eq!(
            buffer,
            Buffer::with_lines(["┏━━┓──╮", "┃  ┃  │", "┗━━┛──║", "│  │  ║", "╰──═══╝"])
        );
    }
}
