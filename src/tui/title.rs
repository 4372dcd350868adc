//! The bar at the top: the scenario, the step, the neuron.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::{Position, Session};
use crate::diagnostic::visible;
use crate::text::{shortened, shortened_name};
use crate::words;

/// Draws the bar; `computed` is the share of the gradients that are computed, while they still are
/// being.
pub(super) fn draw(
    session: &Session,
    computed: Option<f64>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    buffer.set_style(area, theme.bar());
    let progress = computed
        .map(|share| format!("gradients {:.0} % · ", 100.0 * share))
        .unwrap_or_default();
    let alarm = match session.backprop().has_nan() {
        true => "NaN in the values · ",
        false => "",
    };
    let format = words::arithmetic(session.backprop().arithmetic());
    let format = format.map_or(String::new(), |format| format!("{format} · "));
    let place = format!(" {alarm}{progress}{format}{} ", place(session));
    let place = shortened_name(&place, usize::from(area.width));
    let width = u16::try_from(place.width()).unwrap_or(area.width);
    let left = usize::from(area.width - width);
    let (x, _) = buffer.set_stringn(
        area.x,
        area.y,
        " backstep  ",
        left,
        theme.quiet().patch(theme.bar()),
    );
    let left = left.saturating_sub(usize::from(x - area.x));
    buffer.set_stringn(
        x,
        area.y,
        shortened(&visible(session.title()), left),
        left,
        theme.strong().patch(theme.bar()),
    );
    buffer.set_stringn(
        area.right() - width,
        area.y,
        &place,
        usize::from(width),
        theme.strong().patch(theme.bar()),
    );
}

fn place(session: &Session) -> String {
    let n_steps = session.n_steps();
    match (session.position(), session.element()) {
        (Position::Step(step), Some(element)) => format!(
            "step {}/{n_steps} · {}",
            step + 1,
            session.network().address(element)
        ),
        (Position::End, _) => format!("end · {n_steps} steps done"),
        _ => format!("start · {n_steps} steps to go"),
    }
}
