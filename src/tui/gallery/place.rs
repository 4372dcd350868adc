//! Where the parts of the gallery are. The view draws by it and the mouse clicks by it.

use ratatui::layout::Rect;

/// The least width at which the preview stands beside the list, and the least height at which it
/// stands below.
const BESIDE: u16 = 100;
const BELOW: u16 = 22;

/// The widest list and preview together.
const WIDEST: u16 = 150;

/// The most rows of a preview beside the list. A higher one would be empty at its end.
const HIGHEST: u16 = 20;

/// The places of the gallery's parts. What there is no room for is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct List {
    pub(super) title: Rect,
    /// What is typed to find a scenario.
    pub(super) filter: Rect,
    pub(super) rows: Rect,
    /// Which of all rows is the highest on the screen.
    pub(super) first: usize,
    n_rows: usize,
    pub(super) preview: Option<Rect>,
    pub(super) bar: Rect,
}

/// Lays out the gallery so that the chosen row is in view.
pub(super) fn of(size: Rect, n_rows: usize, chosen: usize) -> List {
    let row = |y: u16| Rect {
        y: size.y + y,
        height: u16::from(y < size.height),
        ..size
    };
    let bar = row(size.height.saturating_sub(1));
    let middle = centred(Rect {
        y: size.y + 2,
        height: size.height.saturating_sub(3),
        ..size
    });
    let (rows, preview) = shared(middle);
    let height = usize::from(rows.height).max(1);
    // The chosen row stays away from the edges, so that what comes next is seen before it is
    // chosen.
    let first = (chosen + 2)
        .saturating_sub(height)
        .min(n_rows.saturating_sub(height));
    List {
        title: row(0),
        filter: Rect {
            height: u16::from(size.height > 3),
            ..row(1)
        },
        rows,
        first,
        n_rows,
        preview,
        bar,
    }
}

fn centred(area: Rect) -> Rect {
    let width = area.width.min(WIDEST);
    Rect {
        x: area.x + (area.width - width) / 2,
        width,
        ..area
    }
}

/// Shares the middle of the screen between the list and the preview.
fn shared(area: Rect) -> (Rect, Option<Rect>) {
    if area.width >= BESIDE && area.height >= 9 {
        let width = area.width * 3 / 5;
        let right = Rect {
            x: area.x + width,
            width: area.width - width,
            height: area.height.min(HIGHEST),
            ..area
        };
        return (
            Rect {
                width: width - 1,
                ..area
            },
            Some(right),
        );
    }
    if area.height + 3 >= BELOW && area.width >= 60 {
        let height = (area.height * 2 / 5).max(9);
        let below = Rect {
            y: area.bottom() - height,
            height,
            ..area
        };
        return (
            Rect {
                height: area.height - height,
                ..area
            },
            Some(below),
        );
    }
    (area, None)
}

impl List {
    /// The row at a place of the screen.
    pub(super) fn row_at(&self, x: u16, y: u16) -> Option<usize> {
        let is_inside = self.rows.contains((x, y).into());
        is_inside
            .then(|| self.first + usize::from(y - self.rows.y))
            .filter(|&row| row < self.n_rows)
    }

    /// Whether there are rows above the highest on the screen and below the lowest.
    pub(super) fn has_more(&self) -> (bool, bool) {
        (
            self.first > 0,
            self.first + usize::from(self.rows.height) < self.n_rows,
        )
    }
}
