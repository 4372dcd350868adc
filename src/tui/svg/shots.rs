//! What is shown one after the other: the sums of the steps, term by term.

use std::iter;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::layout::{self, Fold};
use super::super::theme::Theme;
use super::super::view::{self, Scrolled};
use super::strokes::arms;
use crate::debugger::{Position, Session};
use crate::export::{Selection, Subject};

/// The size of the screen that is drawn: that of a slide, or less high where that is enough. The
/// row of keys below it is left out.
pub(super) const COLUMNS: u16 = 120;
const ROWS: [u16; 4] = [23, 27, 31, 35];

/// The longest sum that is shown term by term.
const MOST_TERMS: usize = 12;
/// How long a frame is seen, in beats: one in which a sum is built, and one with the whole of it.
const BUILDING: u32 = 2;
const WHOLE: u32 = 5;

/// A frame: where the session stands, and how long that is seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shot {
    position: Position,
    /// The number of the last term that is added, counted from 0.
    last: usize,
    pub(super) beats: u32,
}

impl Shot {
    fn whole(position: Position) -> Self {
        Self {
            position,
            last: usize::MAX,
            beats: WHOLE,
        }
    }
}

/// The frames of the steps that are selected, or the end where there are none.
pub(super) fn of<'a>(
    subject: Subject<'a>,
    selection: &'a Selection,
) -> impl Iterator<Item = Shot> + 'a {
    let mut steps = selection.steps(subject.backprop).peekable();
    let end = steps.peek().is_none().then(|| Shot::whole(Position::End));
    let of_step = move |(step, element)| {
        let mut n_terms = 0;
        subject.backprop.terms(element, &mut |_| n_terms += 1);
        let n_building = if n_terms <= MOST_TERMS { n_terms } else { 0 };
        let building = (1..n_building).map(move |added| Shot {
            position: Position::Step(step),
            last: added - 1,
            beats: BUILDING,
        });
        building.chain(iter::once(Shot::whole(Position::Step(step))))
    };
    steps.flat_map(of_step).chain(end)
}

/// A session that stands for its picture.
pub(super) struct Stage {
    session: Session,
    /// The rows of the screen.
    pub(super) rows: u16,
}

impl Stage {
    /// Takes the least high screen on which as much can be read of every shot as on the highest.
    pub(super) fn new(session: Session, shots: &[Shot]) -> Self {
        let [.., rows] = ROWS;
        let mut stage = Self { session, rows };
        let mut read = |rows| {
            stage.rows = rows;
            let shots = shots.iter();
            shots
                .map(|shot| written(&stage.draw(shot, Theme::plain())))
                .collect::<Vec<_>>()
        };
        let all = read(rows);
        stage.rows = ROWS
            .into_iter()
            .find(|&rows| read(rows) == all)
            .unwrap_or(rows);
        stage
    }

    /// Draws the screen of a shot.
    pub(super) fn draw(&mut self, shot: &Shot, theme: Theme) -> Buffer {
        self.session.go_to(shot.position);
        self.session.add_up_to(shot.last);
        let mut buffer = Buffer::empty(Rect::new(0, 0, COLUMNS, self.rows));
        let screen = Rect::new(0, 0, COLUMNS, self.rows + 1);
        if let Some(panes) = layout::debugger(screen, &self.session, Fold::Nothing) {
            view::draw_panes(
                &self.session,
                Scrolled::default(),
                theme,
                &panes,
                &mut buffer,
            );
        }
        buffer
    }
}

/// How many characters are written on a screen, lines aside.
fn written(buffer: &Buffer) -> usize {
    let characters = buffer.content.iter().flat_map(|cell| cell.symbol().chars());
    characters
        .filter(|&character| character != ' ' && arms(character).is_none())
        .count()
}
