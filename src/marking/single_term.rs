//! The slips that are made at one element and not at others: only tried where no rule explains the
//! whole tensor.

use super::catalogue::slips;
use super::numbers::Numbers;
use super::tolerance::Bounds;
use crate::backprop::Backprop;
use crate::tensor::Element;

/// A slip with one of an element's terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TermSlip {
    /// Its name in the catalogue and in reports.
    pub id: &'static str,
    /// What the learner did to the term: `left out`.
    pub did: &'static str,
    /// The element.
    pub element: Element,
    /// The number of the term, counted from 1.
    pub number: usize,
    /// The element that sends the term.
    pub from: Element,
    /// The term's product.
    pub product: f64,
    /// How many of the element's terms would fit the same slip as well by accident.
    pub chance: f64,
}

struct Row {
    id: &'static str,
    /// What was done, where no term is named.
    in_general: &'static str,
    /// What was done to the term.
    did: &'static str,
    /// How often the term is then added on top of the right sum.
    times: f64,
}

const ROWS: [Row; 3] = [
    Row {
        id: "missed-one-term",
        in_general: "left out one term",
        did: "left out",
        times: -1.0,
    },
    Row {
        id: "counted-a-term-twice",
        in_general: "counted one term twice",
        did: "counted twice",
        times: 1.0,
    },
    Row {
        id: "sign-slip-in-one-term",
        in_general: "turned the sign of one term",
        did: "turned the sign of",
        times: -2.0,
    },
];

/// The id of the slip that [`swapped_two`] finds.
pub const SWAPPED_TWO: &str = "swapped-two";

/// Returns what a learner did who made the slip of that id, whatever the element: a clause that
/// fits after "you" and after "who".
pub fn did(id: &str) -> Option<&'static str> {
    let of_elements = ROWS
        .iter()
        .map(|row| (row.id, row.in_general))
        .chain([(SWAPPED_TWO, "exchanged two numbers")]);
    let mut of_tensors = slips().map(|slip| (slip.id, slip.did));
    of_tensors
        .find(|(other, _)| *other == id)
        .or_else(|| of_elements.into_iter().find(|(other, _)| *other == id))
        .map(|(_, did)| did)
}

/// How many slips with a term there are.
pub(super) const N_SLIPS: f64 = ROWS.len() as f64;

/// The steps between the numbers that people work with, from the widest.
const STEPS: [f64; 6] = [1.0, 0.5, 0.25, 0.1, 0.05, 0.01];

/// No number is taken to be nearer another than this part of what is still right.
const EXACTLY: f64 = 20.0;

/// Returns the slips with one term that turn the right gradient of an element into the learner's,
/// which is a wrong one, by the order of the catalogue and of the terms. An element of one term has
/// none of them: that would be another slip.
pub fn term_slips(
    backprop: &Backprop,
    element: Element,
    theirs: f64,
    bounds: Bounds,
) -> Vec<TermSlip> {
    let terms = backprop.contributions(element);
    let products: Vec<f64> = terms.iter().map(|term| term.product()).collect();
    let right = products
        .iter()
        .fold(backprop.given(element).unwrap_or(0.0), |sum, product| {
            sum + product
        });
    if products.len() < 2 || bounds.is_right(theirs, right) {
        return Vec::new();
    }
    // As if a wrong number lay anywhere within the reach of these slips, in steps as wide as those
    // between all of these numbers.
    let largest = products
        .iter()
        .fold(0.0, |largest: f64, product| largest.max(product.abs()));
    let (reach, n_tried) = (2.0 * largest, products.len() as f64);
    let half_a_step = step(products.iter().copied().chain([right, theirs])) / 2.0;
    let mut found = Vec::new();
    for row in &ROWS {
        for (place, (term, &product)) in terms.iter().zip(&products).enumerate() {
            let number = right + row.times * product;
            if bounds.is_right(theirs, number) {
                let as_near = (theirs - number)
                    .abs()
                    .max(bounds.width(number) / EXACTLY)
                    .max(half_a_step);
                found.push(TermSlip {
                    id: row.id,
                    did: row.did,
                    element,
                    number: place + 1,
                    from: term.from,
                    product,
                    chance: n_tried * as_near / reach,
                });
            }
        }
    }
    found
}

/// The widest step of which all these numbers are multiples, or 0.
fn step(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let is_multiple = |number: f64, step: f64| {
        let steps = number / step;
        (steps - steps.round()).abs() < 1e-9
    };
    let fits = |step: &f64| numbers.clone().all(|number| is_multiple(number, *step));
    STEPS.into_iter().find(fits).unwrap_or(0.0)
}

/// Returns the row-major places of two numbers that a learner has exchanged: the only two that are
/// wrong in the tensor, and each is what belongs in the other's place. `right` and `theirs` are in
/// row-major order; a blank is not wrong.
pub fn swapped_two(right: &[f64], theirs: &Numbers, bounds: Bounds) -> Option<(usize, usize)> {
    let numbers = theirs.iter().zip(right).enumerate();
    let wrong = numbers.filter_map(|(at, (theirs, &right))| {
        theirs
            .filter(|&theirs| !bounds.is_right(theirs, right))
            .map(|_| at)
    });
    let wrong: Vec<usize> = wrong.take(3).collect();
    let &[one, other] = &wrong[..] else {
        return None;
    };
    let is = |at: usize, of: usize| {
        theirs
            .get(at)
            .is_some_and(|theirs| bounds.is_right(theirs, right[of]))
    };
    (is(one, other) && is(other, one)).then_some((one, other))
}
