//! Finds ways for lines: through the free places of the map and along the lines of grids, never
//! through what is written.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ratatui::layout::{Position, Rect};

/// What a step costs, and what it costs more on a grid's line, under a number that stands there, at
/// a turn, and across a line.
const STEP: u32 = 2;
const ON_GRID: u32 = 1;
const UNDER_NUMBER: u32 = 20;
const TURN: u32 = 5;
const CROSSING: u32 = 16;

/// The arms of a line that goes straight, one bit each in the order of the headings.
const UP_DOWN: u8 = 0b0101;
const LEFT_RIGHT: u8 = 0b1010;

/// What is at a place of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ground {
    /// Nothing.
    #[default]
    Free,
    /// A line of the grid with that number.
    Grid(usize),
    /// A line of the grid with that number, where a column's number stands on it.
    Numbered(usize),
    /// Something that no line crosses.
    Wall,
}

/// Which way a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    Up,
    Right,
    Down,
    Left,
}

impl Heading {
    pub(super) const ALL: [Self; 4] = [Self::Up, Self::Right, Self::Down, Self::Left];

    pub(super) fn is_across(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }

    /// The place next to one, unless it lies before the first row or column.
    pub(super) fn next(self, Position { x, y }: Position) -> Option<Position> {
        let (x, y) = match self {
            Self::Up => (x, y.checked_sub(1)?),
            Self::Right => (x + 1, y),
            Self::Down => (x, y + 1),
            Self::Left => (x.checked_sub(1)?, y),
        };
        Some(Position { x, y })
    }

    pub(super) fn back(self) -> Self {
        Self::ALL[(self as usize + 2) % 4]
    }

    /// The arm that a line has at the place that it leaves.
    fn arm(self) -> u8 {
        1 << self as u8
    }

    /// The arm that a line has at the place that it comes to.
    fn arm_back(self) -> u8 {
        self.back().arm()
    }

    /// The arms of a line that passes straight across this way.
    fn athwart(self) -> u8 {
        if self.is_across() {
            UP_DOWN
        } else {
            LEFT_RIGHT
        }
    }
}

/// A place with the way in which it was come to.
pub(super) type Arrival = (Position, Heading);

/// The ground of an area, and the lines that already lie on it.
pub(super) struct Router {
    area: Rect,
    ground: Vec<Ground>,
    /// The arms of the lines at each place.
    arms: Vec<u8>,
}

impl Router {
    pub(super) fn new(area: Rect) -> Self {
        let size = usize::try_from(area.area()).unwrap_or(0);
        Self {
            area,
            ground: vec![Ground::Free; size],
            arms: vec![0; size],
        }
    }

    /// Says what is in a part of the area.
    pub(super) fn set(&mut self, part: Rect, ground: Ground) {
        for place in part.intersection(self.area).positions() {
            if let Some(at) = self.index(place) {
                self.ground[at] = ground;
            }
        }
    }

    /// Whether nothing is at a place, not even a line.
    pub(super) fn is_free(&self, place: Position) -> bool {
        self.index(place)
            .is_some_and(|at| self.ground[at] == Ground::Free && self.arms[at] == 0)
    }

    /// Whether a single line lies across a place where nothing else is.
    pub(super) fn has_room_for_text(&self, place: Position) -> bool {
        self.index(place)
            .is_some_and(|at| self.ground[at] == Ground::Free && self.arms[at] == LEFT_RIGHT)
    }

    /// Whether a line that comes to a place can end there at the one that passes it.
    pub(super) fn can_join(&self, place: Position, heading: Heading) -> bool {
        self.index(place).is_some_and(|at| {
            self.arms[at].count_ones() == 2 && self.arms[at] & heading.arm_back() == 0
        })
    }

    /// Whether another line can leave the one that passes a place.
    pub(super) fn can_branch(&self, place: Position, heading: Heading) -> bool {
        self.can_join(place, heading.back())
    }

    /// Lays a line, so that others keep off it: they may only cross it.
    pub(super) fn lay(&mut self, path: &[Position]) {
        for pair in path.windows(2) {
            let heading = heading(pair[0], pair[1]);
            for (place, arm) in [(pair[0], heading.arm()), (pair[1], heading.arm_back())] {
                if let Some(at) = self.index(place) {
                    self.arms[at] |= arm;
                }
            }
        }
    }

    /// Finds the cheapest way from one of the starts to a goal, along the lines of no grid but
    /// those that are allowed. Each start is a place with the heading in which it is left; the way
    /// begins with it.
    pub(super) fn find(
        &self,
        starts: &[Arrival],
        grids: &[usize],
        is_goal: impl Fn(Position, Heading) -> bool,
    ) -> Option<Vec<Position>> {
        let mut search = Search {
            router: self,
            grids,
            is_goal,
            costs: vec![0; 4 * self.ground.len()],
            before: vec![0; 4 * self.ground.len()],
            queue: BinaryHeap::new(),
        };
        for (number, &start) in starts.iter().enumerate() {
            // The first of two starts that are as good is the one that was meant.
            search.go(None, start, u32::from(number > 0));
        }
        let end = search.run()?;
        Some(search.path(end))
    }

    /// What a step to a place costs, or nothing where no line may lie.
    fn cost(&self, place: Position, heading: Heading, grids: &[usize]) -> Option<u32> {
        let at = self.index(place)?;
        let ground = match self.ground[at] {
            Ground::Free => STEP,
            Ground::Grid(grid) if grids.contains(&grid) => STEP + ON_GRID,
            Ground::Numbered(grid) if grids.contains(&grid) => STEP + ON_GRID + UNDER_NUMBER,
            Ground::Grid(_) | Ground::Numbered(_) | Ground::Wall => return None,
        };
        match self.arms[at] {
            0 => Some(ground),
            arms if arms == heading.athwart() => Some(ground + CROSSING),
            _ => None,
        }
    }

    fn step(&self, place: Position, heading: Heading) -> Option<Position> {
        let next = heading.next(place)?;
        self.area.contains(next).then_some(next)
    }

    fn index(&self, place: Position) -> Option<usize> {
        self.area.contains(place).then(|| {
            usize::from(place.y - self.area.y) * usize::from(self.area.width)
                + usize::from(place.x - self.area.x)
        })
    }

    fn state(&self, place: Position, heading: Heading) -> usize {
        4 * self.index(place).unwrap_or(0) + heading as usize
    }

    fn arrival(&self, state: usize) -> Arrival {
        let width = usize::from(self.area.width);
        let (row, column) = (state / 4 / width, state / 4 % width);
        let place = Position {
            x: self.area.x + u16::try_from(column).unwrap_or(0),
            y: self.area.y + u16::try_from(row).unwrap_or(0),
        };
        (place, Heading::ALL[state % 4])
    }
}

/// The heading from a place to its neighbour.
pub(super) fn heading(from: Position, to: Position) -> Heading {
    match () {
        () if to.x > from.x => Heading::Right,
        () if to.x < from.x => Heading::Left,
        () if to.y > from.y => Heading::Down,
        () => Heading::Up,
    }
}

/// A search for the cheapest way. A state is a place with the heading in which it is come to.
struct Search<'a, G> {
    router: &'a Router,
    grids: &'a [usize],
    is_goal: G,
    /// What each state costs that was reached, and the heading in which the place before it was
    /// come to. Zeros, which cost no time to begin with, are states not reached, and starts.
    costs: Vec<u32>,
    before: Vec<u8>,
    queue: BinaryHeap<Reverse<(u32, usize)>>,
}

impl<G: Fn(Position, Heading) -> bool> Search<'_, G> {
    /// Reaches the states in the order of their costs until one is a goal.
    fn run(&mut self) -> Option<usize> {
        while let Some(Reverse((cost, state))) = self.queue.pop() {
            let (place, heading) = self.router.arrival(state);
            if (self.is_goal)(place, heading) {
                return Some(state);
            }
            // A line that crosses another goes straight on.
            let goes_straight = self.router.arms[state / 4] != 0;
            for next in Heading::ALL {
                if next == heading {
                    self.go(Some(heading), (place, next), cost);
                } else if !goes_straight && next != heading.back() {
                    self.go(Some(heading), (place, next), cost + TURN);
                }
            }
        }
        None
    }

    /// Goes a step on from a state that cost so much.
    fn go(&mut self, from: Option<Heading>, (place, heading): Arrival, cost: u32) {
        let Some(next) = self.router.step(place, heading) else {
            return;
        };
        let step = if (self.is_goal)(next, heading) {
            Some(STEP)
        } else {
            self.router.cost(next, heading, self.grids)
        };
        let state = self.router.state(next, heading);
        if let Some(cost) = step
            .map(|step| cost + step)
            .filter(|&cost| self.costs[state] == 0 || cost < self.costs[state])
        {
            self.costs[state] = cost;
            self.before[state] = from.map_or(0, |from| from as u8 + 1);
            self.queue.push(Reverse((cost, state)));
        }
    }

    /// The places from the start to a state.
    fn path(&self, end: usize) -> Vec<Position> {
        let before = |&state: &usize| {
            let (place, heading) = self.router.arrival(state);
            let before = Heading::ALL.get(usize::from(self.before[state]).checked_sub(1)?)?;
            Some(self.router.state(heading.back().next(place)?, *before))
        };
        let states = std::iter::successors(Some(end), before);
        let mut arrivals: Vec<Arrival> = states.map(|state| self.router.arrival(state)).collect();
        let first = arrivals.last().copied();
        let start = first.and_then(|(place, heading)| self.router.step(place, heading.back()));
        arrivals.reverse();
        start
            .into_iter()
            .chain(arrivals.into_iter().map(|(place, _)| place))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect::new(0, 0, 9, 5);

    fn way(router: &Router, from: Arrival, to: Position) -> Option<String> {
        let path = router.find(&[from], &[], |place, _| place == to)?;
        Some(
            path.iter()
                .map(|place| format!("{}{} ", place.x, place.y))
                .collect(),
        )
    }

    #[test]
    fn a_line_goes_round_a_wall_and_straight_across_another_line() {
        let mut router = Router::new(AREA);
        let (from, to) = ((Position::new(0, 2), Heading::Right), Position::new(4, 2));
        assert_eq!(way(&router, from, to).as_deref(), Some("02 12 22 32 42 "));
        router.set(Rect::new(2, 2, 1, 3), Ground::Wall);
        let round = "02 12 11 21 31 41 42 ";
        assert_eq!(way(&router, from, to).as_deref(), Some(round));
        router.lay(&[2, 1, 0].map(|y| Position::new(3, y)));
        assert!(router.can_join(Position::new(3, 1), Heading::Left));
        assert_eq!(way(&router, from, to).as_deref(), Some(round));
        router.set(Rect::new(2, 0, 1, 2), Ground::Grid(7));
        assert_eq!(way(&router, from, to), None);
    }
}
