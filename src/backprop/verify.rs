//! A gradient beside the slope of the loss, which is measured by nudging a neuron.

use super::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::ops::Ties;
use crate::tape::{Kind, Tape};
use crate::tensor::Element;

/// A neuron's gradient beside the slope of the loss as the neuron is nudged.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The neuron that was nudged.
    pub element: Element,
    /// Its gradient by backprop.
    pub gradient: f64,
    /// How far it was nudged to either side; 0 where that would show nothing.
    pub nudge: f64,
    /// The loss with the neuron nudged down, as it is, and nudged up.
    pub losses: [f64; 3],
    /// The slope from the nudge down to the neuron as it is, and from there to the nudge up.
    pub sides: [f64; 2],
    /// The central difference quotient.
    pub quotient: f64,
    /// Whether the two agree.
    pub verdict: Verdict,
}

/// Whether a gradient is the slope of the loss.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is.
    Right,
    /// The loss has a kink at this neuron's value, so it has no one slope there.
    Kink(Kink),
    /// The loss is infinite or NaN, so there is no slope to compare with.
    NotFinite,
    /// The element's own value is infinite, so that no nudge moves it.
    Immovable,
    /// The loss is too steep there, or rounded too coarsely, for what a nudge moves to be measured.
    Unmeasurable,
    /// It is not.
    Wrong,
}

/// A place where a function has no derivative: the ends of the nudge are computed by different
/// branches of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kink {
    /// The neuron whose function has the kink; the nudged one itself where that is not known.
    pub element: Element,
    /// What the function is.
    pub of: KinkOf,
}

/// What has a kink.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KinkOf {
    /// A window that several elements win, by this rule.
    Window(Ties),
    /// A function of one element, of this name.
    Function(&'static str),
    /// Something else, or several functions together.
    Other,
}

/// The loss: every given upstream gradient times its output, summed up. Its gradient with respect
/// to the outputs is what was given.
pub fn loss(backprop: &Backprop, tape: &Tape) -> f64 {
    weighted_outputs(backprop, tape).sum()
}

fn weighted_outputs(backprop: &Backprop, tape: &Tape) -> impl Iterator<Item = f64> {
    backprop.upstream().iter().flat_map(|(&id, given)| {
        given
            .data()
            .iter()
            .zip(tape.value(id).data())
            .map(|(g, y)| g * y)
    })
}

/// The nudge that is tried first, relative to a value of 1 or more.
const FIRST_NUDGE: f64 = 1e-3;
/// The smallest nudge, relative to a value of 1 or more, and of a smaller one to the value itself:
/// a kink that is nearer than this counts as met.
const LEAST_NUDGE: f64 = 1e-9;
const LEAST_PART: f64 = 1e-3;
/// How much of a slope rounding may make up where its two sides are compared.
const BLUR: f64 = 1e-3;
/// No nudge is smaller than this.
const LEAST_OF_ALL: f64 = 1e-15;
/// How far the two slopes may be apart, relative to a slope of 1 or more.
const TOLERANCE: f64 = 1e-6;

/// Nudges a neuron up and down and compares the slope of the loss with its gradient.
///
/// The slope is the central difference, extrapolated from two nudges to fourth order. Where a nudge
/// crosses a kink, or a place where the loss is not finite, or the loss bends too much within it,
/// it is made smaller. A kink that the smallest one still crosses lies at the neuron's own value.
/// Where the slopes of its two sides are one number, the gradient is right if it is that number;
/// else none can be compared. Neither can it where the loss or that value is not finite.
///
/// Numbers that are rounded have no slope, so that of a run that rounds the one without rounding is
/// verified.
///
/// # Errors
/// It was given up.
pub fn verify(backprop: &Backprop, element: Element, cancel: &Cancel) -> Result<Check, Cancelled> {
    // Of what becomes of a parameter it is the parameter that moves the loss.
    let element = match backprop.network().tensor(element.tensor).kind {
        Kind::Updated(tensor) => Element { tensor, ..element },
        Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => element,
    };
    let backprop = backprop.unrounded();
    if let Some(verdict) = without_slope(backprop, element) {
        return Ok(unmoved(backprop, element, verdict));
    }
    let value = backprop.tape().element(element);
    let mut nudge = FIRST_NUDGE * value.abs().max(1.0);
    let mut tried = Vec::new();
    loop {
        let check = match nudged(backprop, element, nudge, Extent::UntilKink, cancel)? {
            Some((check, true)) => return Ok(check),
            Some((check, false)) => Some(check),
            None => None,
        };
        tried.push((nudge, check));
        if nudge < least_nudge(value) * 1.5 {
            let checks = whole(backprop, element, &mut tried, cancel)?;
            let (check, wider) = checks.split_last().expect("one has been pushed");
            let is_another = wider
                .last()
                .is_none_or(|wider| wider.verdict != check.verdict);
            match check.verdict {
                // Only two nudges show whether it is one.
                Verdict::Kink(_) if is_another && nudge > LEAST_OF_ALL => {}
                Verdict::Kink(_) => return Ok(at_a_kink(backprop, &checks, check.clone())),
                _ => return Ok(check.clone()),
            }
        }
        nudge /= 10.0;
    }
}

/// What each nudge shows, those worked out whole that were broken off at a kink.
fn whole(
    backprop: &Backprop,
    element: Element,
    tried: &mut [(f64, Option<Check>)],
    cancel: &Cancel,
) -> Result<Vec<Check>, Cancelled> {
    for (nudge, check) in tried.iter_mut().filter(|(_, check)| check.is_none()) {
        let seen = nudged(backprop, element, *nudge, Extent::Whole, cancel)?;
        *check = seen.map(|(check, _)| check);
    }
    Ok(tried
        .iter()
        .filter_map(|(_, check)| check.clone())
        .collect())
}

fn least_nudge(value: f64) -> f64 {
    let least = LEAST_NUDGE * value.abs().max(1.0);
    if value == 0.0 {
        least
    } else {
        least.min(LEAST_PART * value.abs()).max(LEAST_OF_ALL)
    }
}

/// Returns what a kink comes to that the smallest nudge still crosses. `checks` are of all nudges,
/// each a tenth of the one before.
///
/// Where the two sides differ, they do so by the same whatever the nudge is. What a bend makes of
/// them gets smaller with it, and what rounding makes of them larger.
fn at_a_kink(backprop: &Backprop, checks: &[Check], least: Check) -> Check {
    let of_kink: Vec<&Check> = checks
        .iter()
        .filter(|check| check.verdict == least.verdict)
        .collect();
    let gap = |check: &Check| (check.sides[1] - check.sides[0]).abs();
    let rounding = |check: &Check| rounding(backprop, check.nudge);
    let size = |check: &Check| check.sides[0].abs().max(check.sides[1].abs()).max(1.0);
    // The narrowest two whose sides rounding does not blur.
    let is_sharp = |check: &&&Check| rounding(check) <= BLUR * size(check);
    let sharp: Vec<&Check> = of_kink.iter().filter(is_sharp).copied().collect();
    let differ = match sharp[..] {
        [.., wide, narrow] => {
            let is_clear = gap(narrow) > TOLERANCE * size(narrow) + rounding(narrow);
            is_clear && 0.5 * gap(wide) < gap(narrow) && gap(narrow) < 2.0 * gap(wide)
        }
        _ => false,
    };
    if differ {
        // The widest nudge that shows the same kink is told: its losses are read most easily and
        // rounded least.
        let narrowest = sharp.last().copied().unwrap_or(&least);
        let widest = of_kink
            .into_iter()
            .find(|wider| shows_the_same(wider, narrowest));
        return widest.unwrap_or(narrowest).clone();
    }
    let error = |check: &Check| gap(check) + rounding(check);
    let finest = of_kink
        .into_iter()
        .min_by(|one, other| error(one).total_cmp(&error(other)));
    let finest = finest.unwrap_or(&least);
    let size = finest.gradient.abs().max(1.0);
    let is_right = (finest.quotient - finest.gradient).abs() <= TOLERANCE * size + error(finest);
    let verdict = match error(finest) {
        error if error.is_nan() || error >= size || size.is_infinite() => Verdict::Unmeasurable,
        _ if is_right => Verdict::Right,
        // Where kinks meet, what their rules choose need not add up to a slope that both sides
        // have.
        _ => finest.verdict.clone(),
    };
    Check {
        verdict,
        ..finest.clone()
    }
}

/// How far apart two slopes may be because the losses are rounded: each of the numbers that the
/// loss is made of by half a unit of its last place.
fn rounding(backprop: &Backprop, nudge: f64) -> f64 {
    let (tape, network) = (backprop.tape(), backprop.network());
    let layers = network.layers().iter();
    let n: usize = layers
        .map(|layer| network.tensor(layer.output).shape.numel())
        .sum();
    let magnitude: f64 = weighted_outputs(backprop, tape).map(f64::abs).sum();
    f64::EPSILON * (16.0 + n as f64) * magnitude / nudge
}

/// Why nothing is to be nudged, where that is seen at once.
fn without_slope(backprop: &Backprop, element: Element) -> Option<Verdict> {
    let tape = backprop.tape();
    if !loss(backprop, tape).is_finite() {
        Some(Verdict::NotFinite)
    } else if !tape.element(element).is_finite() {
        Some(Verdict::Immovable)
    } else {
        None
    }
}

/// What is told of an element that was not nudged.
fn unmoved(backprop: &Backprop, element: Element, verdict: Verdict) -> Check {
    Check {
        element,
        gradient: backprop.element(element),
        nudge: 0.0,
        losses: [loss(backprop, backprop.tape()); 3],
        sides: [f64::NAN; 2],
        quotient: f64::NAN,
        verdict,
    }
}

/// Whether a wider nudge meets no other kink than a narrow one, and no bend.
fn shows_the_same(wider: &Check, check: &Check) -> bool {
    // What the losses are rounded by shows most in the narrow slopes.
    let rounding = 16.0 * f64::EPSILON * check.losses[1].abs() / check.nudge;
    let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= rounding + TOLERANCE * b.abs().max(1.0);
    wider.verdict == check.verdict && wider.sides.iter().zip(&check.sides).all(is_near)
}

/// How far a run with a nudge goes.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Whole,
    /// No further than to the first kink that is met, whose loss nobody asks for then.
    UntilKink,
    /// To the end, whatever it meets.
    PastKinks,
}

/// A run with a nudge: its loss, and the first kink that it meets.
struct Moved {
    loss: f64,
    kink: Option<Kink>,
}

impl Moved {
    fn run(
        backprop: &Backprop,
        element: Element,
        by: f64,
        extent: Extent,
        cancel: &Cancel,
    ) -> Result<Self, Cancelled> {
        let (tape, mut kink) = (backprop.tape(), None);
        let mut meet = |layer: usize, other: &Tape| {
            if extent != Extent::PastKinks {
                kink = kink.or_else(|| self::kink(tape, other, layer));
            }
            kink.is_some() && extent == Extent::UntilKink
        };
        let is_end = |id| backprop.upstream().contains_key(&id);
        let moved = tape.nudged_until(element, by, is_end, cancel, &mut meet)?;
        let loss = loss(backprop, &moved);
        Ok(Self { loss, kink })
    }
}

/// Returns what a nudge shows, and whether a smaller one would show no more; nothing where the run
/// has ended at a kink.
fn nudged(
    backprop: &Backprop,
    element: Element,
    nudge: f64,
    extent: Extent,
    cancel: &Cancel,
) -> Result<Option<(Check, bool)>, Cancelled> {
    let tape = backprop.tape();
    let run = |by, extent| Moved::run(backprop, element, by, extent, cancel);
    let below = run(-nudge, extent)?;
    if extent == Extent::UntilKink && below.kink.is_some() {
        return Ok(None);
    }
    let above = run(nudge, extent)?;
    if extent == Extent::UntilKink && above.kink.is_some() {
        return Ok(None);
    }
    let losses = [below.loss, loss(backprop, tape), above.loss];
    let gradient = backprop.element(element);
    let wide = (losses[2] - losses[0]) / (2.0 * nudge);
    let sides = [losses[1] - losses[0], losses[2] - losses[1]].map(|rise| rise / nudge);
    let check = |quotient, verdict| Check {
        element,
        gradient,
        nudge,
        losses,
        sides,
        quotient,
        verdict,
    };
    if losses.iter().any(|loss| !loss.is_finite()) {
        return Ok(Some((check(wide, Verdict::NotFinite), false)));
    }
    if let Some(kink) = below.kink.or(above.kink) {
        return Ok(Some((check(wide, Verdict::Kink(kink)), false)));
    }
    let narrow_losses = [-0.5 * nudge, 0.5 * nudge].map(|by| run(by, Extent::PastKinks));
    let [narrow_below, narrow_above] = narrow_losses;
    let narrow_losses = [narrow_below?.loss, narrow_above?.loss];
    let narrow = (narrow_losses[1] - narrow_losses[0]) / nudge;
    let narrow_sides = [losses[1] - narrow_losses[0], narrow_losses[1] - losses[1]]
        .map(|rise| rise / (0.5 * nudge));
    let quotient = narrow + (narrow - wide) / 3.0;
    // What the quotient cannot see: the rounding of the losses, and the bending within the nudge.
    let rounding = rounding(backprop, nudge);
    let bending = (narrow - wide).abs();
    let tolerance = TOLERANCE * gradient.abs().max(1.0);
    let is_right = (quotient - gradient).abs() <= tolerance + rounding + bending;
    // Where a function is smooth, the two sides come together as the nudge gets smaller.
    let [gap, narrow_gap] = [sides, narrow_sides].map(|[below, above]| (above - below).abs());
    let is_measurable = gradient.is_finite() && rounding <= gradient.abs().max(1.0);
    let verdict = if is_right && !is_measurable {
        Verdict::Unmeasurable
    } else if is_right {
        Verdict::Right
    } else if narrow_gap > 0.75 * gap && narrow_gap > TOLERANCE * narrow_gap.max(1.0) + rounding {
        let of = KinkOf::Other;
        Verdict::Kink(Kink { element, of })
    } else {
        Verdict::Wrong
    };
    let is_fine_enough = bending <= tolerance + rounding;
    Ok(Some((check(quotient, verdict), is_fine_enough)))
}

/// Returns the first neuron of a layer that the two runs compute by different branches of a
/// function with a kink.
fn kink(tape: &Tape, other: &Tape, number: usize) -> Option<Kink> {
    let layer = tape.network().layer(number);
    let (one, other) = (tape.layer_run(number, &[]), other.layer_run(number, &[]));
    let own = || {
        let ((activation, z), (_, other_z)) = one.activation.zip(other.activation)?;
        let at = activation.kink(z.data(), other_z.data())?;
        Some(Kink {
            element: one.output.element(at),
            of: KinkOf::Function(activation.name()),
        })
    };
    let of_op = || {
        let at = layer.op.kink(&one, &other)?;
        let window = layer.op.ties().map(KinkOf::Window);
        let is_function = layer.op.function_at(&one, at).is_some();
        let function = is_function.then(|| KinkOf::Function(layer.op.name()));
        Some(Kink {
            element: one.output.element(at),
            of: window.or(function).unwrap_or(KinkOf::Other),
        })
    };
    of_op().or_else(own)
}
