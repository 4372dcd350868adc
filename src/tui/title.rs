//! The bar at the top: the scenario, the step, the neuron.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::debugger::{Position, Session, sparkline};
use crate::diagnostic::visible;
use crate::tensor::rounded;
use crate::text::{shortened, shortened_name};
use crate::words;

/// How wide the row of bars is, and from which width of the screen on it is there.
const SPARKLINE: usize = 12;
const WIDE: usize = 100;
/// How many significant digits the loss has.
const DIGITS: usize = 4;

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
    let training = training(session, usize::from(area.width));
    let format = words::arithmetic(session.backprop().arithmetic());
    let format = format.map_or(String::new(), |format| format!("{format} · "));
    let place = format!(" {alarm}{progress}{format}{training}{} ", place(session));
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

/// Where the session stands in a training: the update, the loss, and how it went until here.
fn training(session: &Session, width: usize) -> String {
    let (Some((update, n_updates)), Some(training)) = (session.update(), session.training()) else {
        return String::new();
    };
    let loss = rounded(session.loss(), DIGITS);
    let line = match width {
        WIDE.. => sparkline(training.curve().losses(), SPARKLINE) + " ",
        _ => String::new(),
    };
    format!("update {update}/{n_updates} · loss {loss} {line}· ")
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
