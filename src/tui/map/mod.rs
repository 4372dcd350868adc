//! The map: the tensors as grids, the current neuron framed, and the downstream neurons that send
//! it something.

mod arrange;
mod block;
mod canvas;
mod caption;
mod choice;
mod column;
mod flow;
mod forward;
mod grid;
mod labels;
mod legend;
mod lines;
mod look;
mod outline;
mod picture;
mod pixels;
mod rim;
mod router;
mod scene;
mod sources;
mod spare;
mod stack;
mod titles;
mod update;
mod wire;
mod wires;
mod write;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

pub(super) use canvas::{JOINTS, OUTLINES};
pub(super) use look::Look;
pub(super) use write::mark;

use super::theme::Theme;
use crate::debugger::{Session, Shown};
use crate::tensor::Element;
use crate::tensor::numerals::form;
use crate::words::Row;
use arrange::Arrangement;
use block::{Block, Density};
use canvas::{Canvas, Pen};
use grid::small;
pub(super) use legend::title;
use legend::{CHANGED, WINNER};
use lines::Lines;
use rim::Rim;
use scene::{Scene, TermState};
use wires::Wires;
use write::put;

/// Draws the map.
pub(super) fn draw(session: &Session, look: Look, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut scene = Scene::new(session, look, theme);
    let arrangement = arranged(&mut scene, area);
    let mut canvas = Canvas::new(area);
    let mut router = sources::ground(&scene, &arrangement, area);
    let mut wires = Wires::new(&scene, &arrangement, &mut router);
    wires.label(&scene, theme, &mut router);
    let flow = forward::draw(&scene, &arrangement, &mut router, theme, &mut canvas);
    for block in arrangement.blocks() {
        draw_lines(block, theme, &mut canvas);
    }
    outline::draw(&scene, &arrangement, theme, &mut canvas);
    let labels = wires.draw(&scene, theme, &mut canvas);
    let marks = outline::marks(&scene, &arrangement, theme, &canvas);
    sources::draw_senders(&scene, &arrangement, theme, &mut canvas);
    draw_frame_of_current(&scene, &arrangement, theme, &mut canvas);
    canvas.draw(buffer);
    flow.draw(area, buffer);
    labels.draw(area, buffer);
    marks.draw(area, buffer);
    for block in arrangement.blocks() {
        draw_titles(block, theme, area, buffer);
        Rim {
            scene: &scene,
            block,
            theme,
            area,
        }
        .draw(buffer);
        if block.density == Density::Picture {
            picture::draw(&scene, block, theme, area, buffer);
            continue;
        }
        for (element, cell) in block.cells() {
            draw_cell(
                &scene,
                block,
                element,
                cell.intersection(area),
                theme,
                buffer,
            );
        }
    }
    draw_unseen(&scene, &arrangement, &wires, theme, area, buffer);
    let has_pictures = arrangement.blocks().any(Block::is_picture);
    legend::draw(session, has_pictures, theme, area, buffer);
}

/// Arranges the tensors, with cells as large as leaves room for every wire.
fn arranged(scene: &mut Scene<'_>, area: Rect) -> Arrangement {
    let large = Arrangement::new(scene, area);
    if Wires::join_all(scene, &large, area) {
        large
    } else {
        Arrangement::plain(scene, area)
    }
}

/// Lays the map out, and returns what finds the neuron whose cell is at a position of the screen.
pub(super) fn finder(
    session: &Session,
    look: Look,
    theme: Theme,
    area: Rect,
) -> impl Fn(Position) -> Option<Element> + use<> {
    let mut scene = Scene::new(session, look, theme);
    let arrangement = arranged(&mut scene, area);
    move |Position { x, y }| arrangement.neuron_at(x, y)
}

/// The neurons in view, each with its cell.
#[cfg(test)]
pub(super) fn cells(session: &Session, theme: Theme, area: Rect) -> Vec<(Element, Rect)> {
    let mut scene = Scene::new(session, Look::default(), theme);
    let arrangement = arranged(&mut scene, area);
    let cells = arrangement.blocks().flat_map(Block::cells);
    cells
        .map(|(element, cell)| (element, cell.intersection(area)))
        .filter(|(_, cell)| !cell.is_empty())
        .collect()
}

fn draw_lines(block: &Block, theme: Theme, canvas: &mut Canvas) {
    let (frame, style) = (block.frame(), theme.frame());
    canvas.frame(frame, Pen::Light, style);
    if let Some(offset) = block.twin() {
        let x = frame.x + offset;
        canvas.frame(Rect { x, ..frame }, Pen::Light, style);
    }
    if block.density != Density::Roomy {
        return;
    }
    for (_, cell) in block.cells() {
        if cell.right() + 1 < frame.right() {
            canvas.down(cell.right(), cell.y - 1, cell.bottom(), Pen::Light, style);
        }
        if cell.bottom() + 1 < frame.bottom() {
            canvas.across(cell.x - 1, cell.right(), cell.bottom(), Pen::Light, style);
        }
    }
}

fn draw_frame_of_current(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    theme: Theme,
    canvas: &mut Canvas,
) {
    let Some((block, cell)) = scene.current.and_then(|current| arrangement.find(current)) else {
        return;
    };
    // The cells of a tight grid have no frames; the current one is filled instead.
    if block.density == Density::Roomy {
        let frame = Rect {
            x: cell.x - 1,
            y: cell.y - 1,
            width: cell.width + 2,
            height: cell.height + 2,
        };
        canvas.frame(frame, Pen::Heavy, theme.current());
    }
}

fn draw_titles(block: &Block, theme: Theme, area: Rect, buffer: &mut Buffer) {
    for (caption, y) in block.titles.iter().zip(block.area.y..) {
        let x = put(buffer, area, block.area.x, y, &caption.name, theme.strong());
        put(buffer, area, x, y, &caption.rest, theme.quiet());
    }
}

fn draw_cell(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    if cell.is_empty() {
        return;
    }
    let is_current = scene.current == Some(element);
    if scene.in_field(element) {
        buffer.set_style(with_gap(scene, block, element, cell), theme.field());
    }
    let (sign, look) = marked(scene, element, theme);
    let (first, last) = block.numbered_rows(cell);
    if !update::draw_marks(scene, block, element, cell, theme, buffer) {
        let x = cell.x + u16::from(block.has_senders);
        put(buffer, cell, x, first, &sign, look.unwrap_or_default());
    }
    let (x, numbers) = (cell.x + block.marks, block.aligned(element));
    if block.lines.have_value() {
        draw_value(scene, block, element, cell, look, theme, buffer);
    }
    if block.lines.have_gradient() {
        let (text, style) = gradient(scene, element, numbers, look, theme);
        let y = first + block.lines.gradient_at();
        put(buffer, cell, x, y, &text, style);
    }
    if block.lines == Lines::Unrounded && is_told(scene, element) {
        let unrounded = scene.session.unrounded(element).gradient;
        let text = unrounded.map_or(String::new(), |unrounded| numbers.write(unrounded));
        if text != numbers.write(scene.session.backprop().element(element)) {
            put(buffer, cell, x, last, &text, theme.note());
        }
    }
    if block.lines == Lines::Compared {
        draw_theirs(scene, block, element, cell, theme, buffer);
    }
    draw_changes(scene, block, element, cell, theme, buffer);
    draw_out_of_range(scene, block, element, cell, theme, buffer);
    draw_remark(scene, block, element, cell, theme, buffer);
    if is_current && block.density == Density::Tight {
        buffer.set_style(cell, theme.current_cell());
    } else if scene.cursor() == Some(element) {
        buffer.set_style(cell, theme.cursor());
    }
}

/// The cell of a neuron of the field, with the line between it and the next one of the field, so
/// that together they are seen as one window.
fn with_gap(scene: &Scene<'_>, block: &Block, element: Element, cell: Rect) -> Rect {
    let (_, row, column) = block.grid.locate(element.at);
    let next = block.neighbour(row, column, (0, 1));
    let is_joined = next.is_some_and(|next| scene.in_field(next) && block.find(next).is_some());
    Rect {
        width: cell.width + u16::from(is_joined && block.density == Density::Tight),
        ..cell
    }
}

/// Writes below the numbers of a neuron what it is to a window, where a cell is large enough.
fn draw_remark(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let (_, last) = block.numbered_rows(cell);
    let remark = scene.remark(element).filter(|_| last + 1 < cell.bottom());
    let room = cell.width.saturating_sub(2);
    if let Some(remark) = remark.filter(|remark| small(remark.width()) <= room) {
        let x = cell.x + (cell.width - small(remark.width())) / 2;
        put(buffer, cell, x, last + 1, &remark, theme.quiet());
    }
}

/// Writes the answer's number for a neuron, and behind it the sign for what it is.
fn draw_theirs(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let Some((theirs, status)) = scene.session.theirs(element) else {
        return;
    };
    let (_, y) = block.numbered_rows(cell);
    if let Some(theirs) = theirs {
        put(
            buffer,
            cell,
            cell.x + block.marks,
            y,
            &block.aligned(element).write(theirs),
            theme.status(status),
        );
    }
    put(
        buffer,
        cell,
        cell.right() - 1,
        y,
        status.sign(),
        theme.status(status),
    );
}

/// Marks the numbers that edits have changed, behind the number.
fn draw_changes(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let before = scene.session.before(element);
    let shows_value = block.lines.have_value();
    let is_known = is_told(scene, element) && block.lines.have_gradient();
    let (first, _) = block.numbered_rows(cell);
    let below = first + block.lines.gradient_at();
    let lines = [
        (first, before.value.filter(|_| shows_value)),
        (below, before.gradient.filter(|_| is_known)),
    ];
    for (y, _) in lines.into_iter().filter(|(_, was)| was.is_some()) {
        put(buffer, cell, cell.right() - 1, y, CHANGED, theme.changed());
    }
}

/// Whether a neuron's gradient is known, and nobody is asked for it.
fn is_told(scene: &Scene<'_>, element: Element) -> bool {
    let is_asked = scene.current == Some(element) && scene.session.is_hidden();
    scene.session.known(element).is_some() && !is_asked
}

/// Marks the numbers that have left the range of the run's format, behind the number.
fn draw_out_of_range(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let [value, gradient] = scene.session.out_of_range(element);
    let value = value.filter(|_| block.lines.have_value());
    let is_known = is_told(scene, element) && block.lines.have_gradient();
    let (first, _) = block.numbered_rows(cell);
    let below = first + block.lines.gradient_at();
    for (y, lost) in [(first, value), (below, gradient.filter(|_| is_known))] {
        if let Some(lost) = lost {
            let sign = legend::out_of_range(lost);
            put(buffer, cell, cell.right() - 1, y, sign, theme.changed());
        }
    }
}

/// Writes a neuron's value, with a sign before it where the neuron wins a window.
fn draw_value(
    scene: &Scene<'_>,
    block: &Block,
    element: Element,
    cell: Rect,
    look: Option<Style>,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let plain = if scene.current == Some(element) {
        theme.text()
    } else if scene.loses(element) {
        theme.loser()
    } else {
        theme.value()
    };
    let is_factor = block.lines == Lines::Value || !scene.used_in(element).is_empty();
    let style = look.filter(|_| is_factor).unwrap_or(plain);
    let style = if scene.in_field(element) {
        theme.field_value(style)
    } else {
        style
    };
    let padded = block
        .aligned(element)
        .write(scene.session.backprop().tape().element(element));
    let value = padded.trim_start();
    let x = cell.x + block.marks + u16::try_from(padded.len() - value.len()).unwrap_or(0);
    let (y, _) = block.numbered_rows(cell);
    put(buffer, cell, x, y, value.trim_end(), style);
    if scene.wins(element) {
        put(buffer, cell, x - 1, y, WINNER, theme.winner());
    }
}

/// The gradient of a neuron as far as it is known, with the running sum of the current one.
fn gradient(
    scene: &Scene<'_>,
    element: Element,
    numbers: super::numbers::Aligned,
    look: Option<Style>,
    theme: Theme,
) -> (String, Style) {
    match scene.session.known(element) {
        _ if scene.current == Some(element) && scene.session.is_hidden() => {
            (numbers.place("?"), theme.current())
        }
        _ if scene.current == Some(element) && scene.session.is_building() => (
            format!("{}…", numbers.write(scene.session.sum())),
            theme.current(),
        ),
        Some(known) if scene.current == Some(element) => (numbers.write(known), theme.current()),
        Some(known) => (
            numbers.write(known),
            look.filter(|_| !scene.sends(element).is_empty())
                .unwrap_or(theme.gradient()),
        ),
        None => (numbers.place("·"), theme.quiet()),
    }
}

/// The sign and the look of the terms that a neuron sends or is a factor of.
fn marked(scene: &Scene<'_>, element: Element, theme: Theme) -> (String, Option<Style>) {
    let terms = match scene.sends(element) {
        [] => scene.used_in(element),
        terms => terms,
    };
    let look = |term: usize| match scene.state(term) {
        TermState::Added => theme.contributes(term),
        TermState::Zero | TermState::Pending => theme.faint(),
    };
    match *terms {
        [] => (String::new(), None),
        [term] => (mark(term), Some(look(term))),
        [first, ..] => ("•".to_owned(), Some(look(first))),
    }
}

/// Says at the foot of the pane how many zeros have no wire, and how many terms come from neurons
/// that are not in view.
fn draw_unseen(
    scene: &Scene<'_>,
    arrangement: &Arrangement,
    wires: &Wires,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let n_terms = scene.session.terms().len() + scene.session.table().more.map_or(0, |more| more.n);
    let is_seen = |(_, term): &(usize, &Row)| arrangement.find(term.from).is_some();
    let all = scene.session.terms().iter().enumerate();
    let seen: Vec<usize> = all.filter(is_seen).map(|(number, _)| number).collect();
    let joined = wires.joined();
    let loose = seen.iter().filter(|&term| !joined.contains(term));
    let (zeros, others): (Vec<usize>, Vec<usize>) = loose.partition(|&&term| scene.is_zero(term));
    let loose = [(zeros.len(), "zeros"), (others.len(), "terms")]
        .into_iter()
        .filter(|&(n, _)| n > 0)
        .map(|(n, what)| format!("{n} {what} without a wire"));
    let n_unseen = n_terms - seen.len();
    let unseen = (n_unseen > 0).then(|| {
        let are = form(n_unseen, "is", "are");
        format!("{n_unseen} of {n_terms} terms {are} not in view")
    });
    let said: Vec<String> = loose.chain(unseen).collect();
    if said.is_empty() || !scene.shows(Shown::Senders) || area.is_empty() {
        return;
    }
    let foot = Rect {
        y: area.bottom(),
        height: 1,
        ..area
    }
    .intersection(*buffer.area());
    let text = format!(" {} ", said.join(", "));
    let x = foot.right().saturating_sub(small(text.width()) + 1);
    put(buffer, foot, x.max(foot.x), foot.y, &text, theme.quiet());
}
