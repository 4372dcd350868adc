//! The lines above a grid: what the tensor is, and what of it is in view.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::block::{Block, DIGITS, Density, Room};
use super::caption::Caption;
use super::grid::{Grid, small};
use super::lines::Lines;
use super::scene::Scene;
use crate::tape::{Layer, Network};
use crate::tensor::{Element, TensorId, rounded};
use crate::text::shortened_name;

/// The longest line above a grid that names both an op and a page.
const LONGEST_CAPTION: usize = 24;

/// The least room for the name of a tensor.
const SHORTEST_NAME: usize = 8;

/// The width of the numbers of a shade, which seldom are wider.
const POINTED: usize = 28;

/// How much a block's title says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Title {
    /// Name, shape, op, and what of the tensor is in view.
    Full,
    /// Which page it is: another page of the tensor stands above.
    Page,
}

/// Lays out a page of a tensor, with the lines above it.
pub(super) fn titled(
    scene: &Scene<'_>,
    tensor: TensorId,
    page: usize,
    title: Title,
    density: Density,
    lines: Lines,
    room: Room,
) -> Block {
    let mut block = Block::new(scene, tensor, page, density, lines, room);
    block.titles = written(&block, scene, title, room);
    block
}

/// Writes the lines above a block.
fn written(block: &Block, scene: &Scene<'_>, title: Title, room: Room) -> Vec<Caption> {
    let (names_ops, longest) = (room.names_ops, LONGEST_CAPTION.min(room.width.into()));
    let network = scene.session.network();
    let info = network.tensor(block.tensor);
    let page = (block.grid.n_pages > 1).then(|| page_name(network, block.tensor, block.page));
    let mut lines = Vec::new();
    let mut op = (names_ops && title == Title::Full).then(|| network.maker(block.tensor));
    if title == Title::Full {
        let mut part = match info.shape.rank() {
            _ if block.is_whole() => String::new(),
            1 => format!(" [{}]", places(&block.rows)),
            _ => format!(" [{},{}]", places(&block.rows), places(&block.columns)),
        };
        let first = info.name.width() + info.shape.sizes().width() + 1 + part.width();
        let is_too_wide = first > usize::from(block.margin() + block.grid_width());
        // A title that is wider than its grid takes room from the wires.
        if let Some(op) = op.as_mut().filter(|_| is_too_wide && page.is_none()) {
            op.push_str(&std::mem::take(&mut part));
        }
        let sizes = info.shape.sizes();
        let name = info.name.width().min(SHORTEST_NAME);
        let rests = [format!(" {sizes}{part}"), format!(" {sizes}")];
        let fits = |rest: &String| name + rest.width() <= room.width.into();
        lines.push(Caption {
            name: info.name.clone(),
            rest: rests.into_iter().find(fits).unwrap_or_default(),
        });
    }
    let pointed = pointed_at(block, scene);
    if let (false, Some(pointed), Some(first)) = (names_ops, &pointed, lines.first_mut()) {
        let spare = room.width.saturating_sub(small(first.name.width()));
        first.rest = fitting(&first.rest, pointed, spare);
    }
    let second = match (op, page) {
        (Some(_), None) if pointed.is_some() => pointed,
        (Some(_), Some(page)) if pointed.is_some() => {
            pointed.map(|it| fitting(&page, &it, room.width))
        }
        (Some(op), Some(page)) if op.width() + page.width() + 2 <= longest => {
            Some(format!("{op}, {page}"))
        }
        (op, page) => page.or(op),
    };
    lines.extend(second.map(|rest| Caption {
        rest,
        ..Caption::default()
    }));
    for line in &mut lines {
        let width = usize::from(room.width).saturating_sub(line.rest.width());
        line.name = shortened_name(&line.name, width.max(SHORTEST_NAME)).into_owned();
    }
    lines
}

/// A line with the numbers of a shade behind it, as much of them as fits a width.
fn fitting(line: &str, pointed: &str, width: u16) -> String {
    let known = pointed.replace(", gradient not yet known", "");
    let short = known.replace(", gradient ", ", ");
    [pointed, short.trim_end()]
        .map(|pointed| format!("{line}  {pointed}"))
        .into_iter()
        .find(|line| line.width() <= width.into())
        .unwrap_or_else(|| line.to_owned())
}

/// The numbers of the neuron under the mouse, or else of the current one, where it is a shade of
/// this picture. However wide they are, the picture stays where it is.
fn pointed_at(block: &Block, scene: &Scene<'_>) -> Option<String> {
    let is_here = |element: &Element| block.is_picture() && block.find(*element).is_some();
    let looked = [scene.look.pointed, scene.cursor()];
    let pointed = looked.into_iter().flatten().find(is_here);
    let element = pointed.or(scene.current.filter(is_here))?;
    let (_, row, column) = block.grid.locate(element.at);
    let value = rounded(scene.session.backprop().tape().element(element), DIGITS);
    let gradient = scene.gradient(element).map_or_else(
        || "gradient not yet known".to_owned(),
        |gradient| format!("gradient {}", rounded(gradient, DIGITS)),
    );
    Some(format!(
        "{:<POINTED$}",
        format!("[{row},{column}] {value}, {gradient}")
    ))
}

/// Writes places along an axis as in an address, counted from 0.
fn places(range: &Range<usize>) -> String {
    if range.len() == 1 {
        range.start.to_string()
    } else {
        format!("{}–{}", range.start, range.end.saturating_sub(1))
    }
}

/// Names a page by its leading axes: `channel 2 of 8`, `item 1 of 2`, or by its number.
fn page_name(network: &Network, tensor: TensorId, page: usize) -> String {
    let shape = &network.tensor(tensor).shape;
    match **shape {
        [channels, _, _] => {
            let axis = leading_axis(network, tensor);
            format!("{axis} {} of {channels}", page + 1)
        }
        [items, 1, _, _] => format!("item {} of {items}", page + 1),
        [1, channels, _, _] => format!("channel {} of {channels}", page + 1),
        [items, channels, _, _] => {
            format!(
                "item {} of {items}, channel {} of {channels}",
                page / channels + 1,
                page % channels + 1
            )
        }
        _ => format!("page {} of {}", page + 1, Grid::of(shape).n_pages),
    }
}

/// What the first of three axes runs over, as the nearest layer says whose windows slide along the
/// others: channels for windows in a plane, samples for those along a line.
fn leading_axis(network: &Network, tensor: TensorId) -> &'static str {
    let around = network.layer_of(tensor).into_iter();
    let around = around.chain(
        network
            .consumers(tensor)
            .iter()
            .map(|it| network.layer(it.layer)),
    );
    let of_layer = |layer: &Layer| {
        let kind = layer.op.kind();
        let has_windows = kind.is_convolution() || kind.looks_through_windows();
        let has_three = network.tensor(layer.output).shape.rank() == 3;
        let name = layer.op.name();
        let axes = [("2d", "channel"), ("1d", "item")];
        let axis = axes.into_iter().find(|(end, _)| name.ends_with(end));
        axis.filter(|_| has_windows && has_three)
            .map(|(_, axis)| axis)
    };
    let mut layers = around.chain(network.layers());
    layers.find_map(of_layer).unwrap_or("page")
}
