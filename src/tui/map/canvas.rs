//! Lines that know how to meet: grids and wires are strokes through the centres of cells, and each cell's strokes together pick the
//! character that draws them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pen {
    Light,
    Dashed,
    Heavy,
}

/// The arms of one cell, each 0 (none), 1 (light) or 2 (heavy), and the look of the line that was drawn last through it.
#[derive(Debug, Clone, Copy, Default)]
struct Joint {
    up: u8,
    right: u8,
    down: u8,
    left: u8,
    dashed: bool,
    style: Style,
}

/// The characters of every joint, in the order up, right, down, left of their arms.
const JOINTS: &str = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

/// Lines over an area of the screen. Whatever lies outside it is not drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    area: Rect,
    joints: Vec<Joint>,
}

impl Canvas {
    pub(super) fn new(area: Rect) -> Self {
        Self { area, joints: vec![Joint::default(); area.area() as usize] }
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
        let (right, bottom) = (area.right().saturating_sub(1), area.bottom().saturating_sub(1));
        self.across(area.x, right, area.y, pen, style);
        self.across(area.x, right, bottom, pen, style);
        self.down(area.x, area.y, bottom, pen, style);
        self.down(right, area.y, bottom, pen, style);
    }

    fn arm(&mut self, x: u16, y: u16, pen: Pen, style: Style, which: fn(&mut Joint) -> &mut u8) {
        if !self.area.contains((x, y).into()) {
            return;
        }
        let joint = &mut self.joints[usize::from(y - self.area.y) * usize::from(self.area.width) + usize::from(x - self.area.x)];
        let weight = if pen == Pen::Heavy { 2 } else { 1 };
        let arm = which(joint);
        *arm = weight.max(*arm);
        joint.dashed = pen == Pen::Dashed;
        joint.style = style;
    }

    /// Puts the lines on the screen.
    pub(super) fn draw(&self, buffer: &mut Buffer) {
        let joints: Vec<char> = JOINTS.chars().collect();
        for (joint, position) in self.joints.iter().zip(self.area.positions()) {
            let number =
                [joint.up, joint.right, joint.down, joint.left].iter().fold(0, |number, &arm| number * 3 + usize::from(arm));
            if number > 0
                && let Some(cell) = buffer.cell_mut(position)
            {
                cell.set_char(shaped(joints[number], joint.dashed)).set_style(joint.style);
            }
        }
    }
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
        assert_eq!(buffer, Buffer::with_lines(["╭─╮    ", "│ ├─┰─╴", "╰─╯ ┃  "]));
    }
}
