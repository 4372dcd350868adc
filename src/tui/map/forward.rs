//! The lines of the forward run: from each tensor to the layers that read it. Only lines from one
//! tensor share a way.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::super::theme::Theme;
use super::arrange::Arrangement;
use super::block::Block;
use super::canvas::{Canvas, Pen};
use super::caption::Caption;
use super::labels::Labels;
use super::router::{Arrival, Heading, Router};
use super::scene::Scene;
use crate::tensor::TensorId;

/// Where a line ends before what reads it.
const TIP: u16 = 2;

/// Draws the lines, and returns what is to be written over them.
pub(super) fn draw(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    router: &mut Router,
    theme: Theme,
    canvas: &mut Canvas,
) -> Labels {
    let (network, style) = (scene.session.network(), theme.frame());
    let mut labels = Labels::default();
    let mut paths: BTreeMap<TensorId, Vec<Position>> = BTreeMap::new();
    for target in first_pages(arrangement) {
        let inputs = network
            .layer_of(target.tensor)
            .map_or(&[][..], |layer| &layer.inputs);
        for &read in inputs {
            let base = network.base(read);
            let source = first_pages(arrangement).find(|block| block.tensor == base);
            let known = paths.entry(base).or_default();
            let Some(path) = source.and_then(|source| way(source, target, known, router)) else {
                continue;
            };
            let Some((&end, line)) = path.split_last() else {
                continue;
            };
            router.lay(&path);
            // A line that begins at a title leaves a blank behind it.
            let begin = usize::from(!known.contains(&path[0]));
            canvas.line(&path[begin..], Pen::Light, style);
            labels.push(end.x, end.y, "▸", style);
            if read != base {
                name(&network.tensor(read).name, line, router, theme, &mut labels);
            }
            known.extend(path);
        }
    }
    labels
}

fn first_pages(arrangement: &Arrangement) -> impl Iterator<Item = &Block> {
    let mut seen = BTreeSet::new();
    arrangement
        .columns
        .iter()
        .filter(move |block| seen.insert(block.tensor))
}

/// Finds a way from the title of a tensor, or from a line that comes from there, to the left side
/// of another, to its title if possible.
fn way(
    source: &Block,
    target: &Block,
    known: &[Position],
    router: &Router,
) -> Option<Vec<Position>> {
    let x = target.area.x.checked_sub(TIP)?;
    if source.area.x >= target.area.x {
        return None;
    }
    let title = Position {
        x: source.area.x + source.titles.first().map_or(0, Caption::width),
        y: source.area.y,
    };
    let branches = known.iter().flat_map(|&place| {
        [Heading::Right, Heading::Up, Heading::Down].map(|heading| (place, heading))
    });
    let branches = branches.filter(|&(place, heading)| router.can_branch(place, heading));
    // Where a wire passes behind the title, the line begins at the grid.
    let is_clear = router.is_free(Position {
        x: title.x + 1,
        ..title
    });
    let frame = source.frames();
    let sides = (frame.y..frame.bottom())
        .filter(|_| !is_clear)
        .map(|y| Position {
            x: frame.right().saturating_sub(1),
            y,
        });
    let begins = sides.chain(is_clear.then_some(title));
    let starts: Vec<Arrival> = begins
        .map(|place| (place, Heading::Right))
        .chain(branches)
        .collect();
    let grid = target.frames();
    router.find(&starts, &[], |place, heading| {
        // What ends beside the grid touches it; row numbers are in the way of others.
        let (rows, end) = match place.y < grid.y {
            true => (target.area.y..grid.y, x),
            false => (grid.y..grid.bottom(), grid.x.saturating_sub(1)),
        };
        place.x == end
            && rows.contains(&place.y)
            && heading == Heading::Right
            && router.is_free(place)
    })
}

/// Writes the name of what is read on a line, where that is long enough.
fn name(name: &str, line: &[Position], router: &Router, theme: Theme, labels: &mut Labels) {
    let runs = line.chunk_by(|one, other| {
        one.y == other.y && router.has_room_for_text(*one) && router.has_room_for_text(*other)
    });
    let Some(run) = runs.max_by_key(|run| run.len()) else {
        return;
    };
    if let Some(spare) = run.len().checked_sub(name.width() + 4) {
        let x = run[0].x + 1 + u16::try_from(spare / 2).unwrap_or(0);
        labels.push(x, run[0].y, &format!(" {name} "), theme.quiet());
    }
}
