//! What is no longer as it was before the edits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::why::enter;
use super::{Choice, Line, Session, Sheet, TextRole};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::list;
use crate::ops::FactorKind;
use crate::tensor::{Element, TensorId, rounded};

/// The most changed neurons that are listed.
const MOST_LISTED: usize = 400;
/// The most changed winners that are named at once.
const MOST_NAMED: usize = 2;
/// How many significant digits a number in the list has.
const DIGITS: usize = 6;

/// What a scenario computed before any edit.
#[derive(Debug)]
pub(super) struct Original {
    backprop: Arc<Backprop>,
    winners: Winners,
}

/// By neuron of a max pooling: who won its window.
type Winners = BTreeMap<Element, Vec<Element>>;

/// A neuron's numbers before the edits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Before {
    /// Its value, where that is another now.
    pub value: Option<f64>,
    /// Its gradient, where that is another now.
    pub gradient: Option<f64>,
}

/// A max-pooling window that another neuron wins now.
#[derive(Debug, Clone)]
pub(super) struct Won {
    window: Element,
    before: Vec<Element>,
    now: Vec<Element>,
}

impl Original {
    pub(super) fn new(backprop: Arc<Backprop>, cancel: &Cancel) -> Result<Self, Cancelled> {
        Ok(Self {
            winners: winners(&backprop, cancel)?,
            backprop,
        })
    }

    /// The tensor of the same name, unless it has another shape.
    fn same(&self, session: &Session, tensor: TensorId) -> Option<TensorId> {
        let now = session.network().tensor(tensor);
        let before = self.backprop.network().find(&now.name)?;
        (self.backprop.network().tensor(before).shape == now.shape).then_some(before)
    }
}

impl Session {
    /// What a neuron's numbers were before the edits, where they are others now. Only gradients
    /// that are computed are compared.
    pub fn before(&self, element: Element) -> Before {
        let original = self.edits.original.as_ref().filter(|_| self.is_edited());
        let found =
            original.and_then(|original| Some((original, original.same(self, element.tensor)?)));
        let Some((original, tensor)) = found else {
            return Before {
                value: None,
                gradient: None,
            };
        };
        let was = Element { tensor, ..element };
        let other = |was: f64, is: f64| (was.to_bits() != is.to_bits() && was != is).then_some(was);
        let (before, now) = (&original.backprop, self.backprop());
        let is_computed = before.is_computed(tensor) && now.is_computed(element.tensor);
        Before {
            value: other(before.tape().element(was), now.tape().element(element)),
            gradient: is_computed
                .then(|| other(before.element(was), now.element(element)))
                .flatten(),
        }
    }

    /// Says what the edits have changed about a neuron, if anything.
    pub fn change_of(&self, element: Element) -> Option<String> {
        let before = self.before(element);
        let (value, gradient) = (
            self.backprop.tape().element(element),
            self.backprop.element(element),
        );
        let said = |what: &str, was: Option<f64>, is: f64| {
            was.map(|was| {
                format!(
                    "Its {what} was {}, now {}.",
                    rounded(was, DIGITS),
                    rounded(is, DIGITS)
                )
            })
        };
        let is_near = |won: &Won| {
            won.window == element || won.before.contains(&element) || won.now.contains(&element)
        };
        let won = self
            .edits
            .won
            .iter()
            .filter(|won| is_near(won))
            .map(|won| format!("The {}.", won.says(self)));
        let parts = [
            said("value", before.value, value),
            said("gradient", before.gradient, gradient),
        ]
        .into_iter()
        .flatten();
        let says: Vec<String> = parts.chain(won.take(MOST_NAMED)).collect();
        (!says.is_empty()).then(|| says.join(" "))
    }

    /// Says in a few words what the edits that stand have changed: `; 3 values and 5 gradients
    /// changed`.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn what_changed(&self) -> Result<String, Cancelled> {
        self.compute_all()?;
        let changed: Vec<Before> = self
            .elements()
            .map(|element| self.before(element))
            .collect();
        let n_values = changed
            .iter()
            .filter(|before| before.value.is_some())
            .count();
        let n_gradients = changed
            .iter()
            .filter(|before| before.gradient.is_some())
            .count();
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let counts = match (n_values, n_gradients) {
            (0, 0) => "; nothing else changes".to_owned(),
            _ => format!(
                "; changed: {}, {}",
                count(n_values, "value"),
                count(n_gradients, "gradient")
            ),
        };
        let named: String = self
            .edits
            .won
            .iter()
            .take(MOST_NAMED)
            .map(|won| format!("; the {}", won.says(self)))
            .collect();
        Ok(counts + &named)
    }

    /// Computes what is missing of the gradients before the edits and now.
    fn compute_all(&self) -> Result<(), Cancelled> {
        let original = self
            .edits
            .original
            .iter()
            .map(|original| &*original.backprop);
        original
            .chain([&*self.backprop])
            .try_for_each(|backprop| backprop.complete(&self.cancel))
    }

    /// The neurons that are not shown under another name as well.
    fn elements(&self) -> impl Iterator<Item = Element> {
        let network = self.network();
        let tensors = network
            .ids()
            .filter(|&id| network.tensor(id).view_of.is_none());
        tensors.flat_map(|tensor| {
            (0..network.tensor(tensor).shape.numel()).map(move |at| Element { tensor, at })
        })
    }

    /// Finds the windows that other neurons win than before the edits.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn changed_winners(&self) -> Result<Vec<Won>, Cancelled> {
        let Some(original) = self.edits.original.as_ref().filter(|_| self.is_edited()) else {
            return Ok(Vec::new());
        };
        let same = |element: &Element| original.same(self, element.tensor).is_some();
        let now = winners(&self.backprop, &self.cancel)?
            .into_iter()
            .filter(|(window, now)| same(window) && now.iter().all(same));
        let won = now.filter_map(|(window, now)| {
            let before = original.winners.get(&window)?.clone();
            (before != now).then_some(Won {
                window,
                before,
                now,
            })
        });
        Ok(won.collect())
    }
}

impl Won {
    /// `winner of pool[0,1] is now x[0,3] (was x[0,2])`.
    fn says(&self, session: &Session) -> String {
        let names = |elements: &[Element]| {
            let names: Vec<String> = elements
                .iter()
                .map(|&element| session.network().address(element).to_string())
                .collect();
            list(&names, "and")
        };
        let (word, is, was) = match (self.now.len(), self.before.len()) {
            (1, 1) => ("winner", "is", "was"),
            (1, _) => ("winner", "is", "were"),
            (_, 1) => ("winners", "are", "was"),
            _ => ("winners", "are", "were"),
        };
        let window = session.network().address(self.window);
        format!(
            "{word} of {window} {is} now {} ({was} {})",
            names(&self.now),
            names(&self.before)
        )
    }
}

/// Lists the edits that stand and all that differs from the scenario as it was.
///
/// # Errors
/// It was given up.
pub(super) fn sheet(session: &Session) -> Result<Sheet, Cancelled> {
    session.compute_all()?;
    let edits = session
        .edits
        .list()
        .map(|says| Line::default().then(says.to_owned(), TextRole::Note));
    let network = session.network();
    let original = session.edits.original.as_ref();
    let reshaped = original.into_iter().flat_map(|original| {
        network
            .ids()
            .filter(|&id| original.same(session, id).is_none())
            .map(|id| {
                let now = network.tensor(id);
                let before = original.backprop.network().find(&now.name);
                let before = before
                    .map(|id| original.backprop.network().tensor(id).shape.to_string())
                    .unwrap_or_default();
                Line::from(format!(
                    "{} has shape {}, had {before}",
                    now.name, now.shape
                ))
            })
    });
    let won = session
        .edits
        .won
        .iter()
        .map(|won| Line::from(format!("the {}", won.says(session))));
    let changed: Vec<(Element, Before)> = session
        .elements()
        .map(|element| (element, session.before(element)))
        .filter(|(_, before)| before.value.is_some() || before.gradient.is_some())
        .collect();
    let n_more = changed.len().saturating_sub(MOST_LISTED);
    let more = (n_more > 0).then(|| {
        Line::from(format!(
            "{MOST_LISTED} of {} changed neurons are listed",
            changed.len()
        ))
    });
    let shown = &changed[..changed.len() - n_more];
    Ok(Sheet {
        title: "what the edits change".to_owned(),
        lines: edits
            .chain(reshaped)
            .chain(won)
            .chain(more)
            .chain([Line::default()])
            .collect(),
        choices: rows(session, shown),
        chosen: 0,
    })
}

/// A line a neuron, in columns: its name, and each of its numbers before and now.
fn rows(session: &Session, changed: &[(Element, Before)]) -> Vec<Choice> {
    let number = |value| rounded(value, DIGITS);
    let cells: Vec<[String; 3]> = changed
        .iter()
        .map(|&(element, before)| {
            let cell = |what: &str, was: Option<f64>, is: f64| match was {
                Some(was) => format!("{what} {} → {}", number(was), number(is)),
                None => format!("{what} {}", number(is)),
            };
            [
                session.network().address(element).to_string(),
                cell(
                    "value",
                    before.value,
                    session.backprop.tape().element(element),
                ),
                cell(
                    "gradient",
                    before.gradient,
                    session.backprop.element(element),
                ),
            ]
        })
        .collect();
    let width = |column: usize| {
        cells
            .iter()
            .map(|cells| cells[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let choice =
        |(&(element, before), [name, value, gradient]): (&(Element, Before), &[String; 3])| {
            let role = |was: Option<f64>| {
                if was.is_some() {
                    TextRole::Note
                } else {
                    TextRole::Quiet
                }
            };
            let line = Line::default()
                .then(format!("{name:<0$}  ", widths[0]), TextRole::Strong)
                .then(format!("{value:<0$}  ", widths[1]), role(before.value))
                .then(gradient.clone(), role(before.gradient));
            Choice {
                line,
                enter: Some(enter(session, element)),
                delete: None,
            }
        };
    changed.iter().zip(&cells).map(choice).collect()
}

/// Finds who wins each window of every max pooling.
fn winners(backprop: &Backprop, cancel: &Cancel) -> Result<Winners, Cancelled> {
    let network = backprop.network();
    let mut winners = Winners::new();
    for (number, layer) in network.layers().iter().enumerate() {
        if layer.op.ties().is_none() {
            continue;
        }
        let run = backprop.layer_run(number);
        for (role, read) in layer.roles() {
            for at in 0..network.tensor(read).shape.numel() {
                cancel.check()?;
                let element = Element {
                    tensor: network.base(read),
                    at,
                };
                layer.op.contributions(&run, role, at, &mut |term| {
                    if term
                        .factors
                        .iter()
                        .any(|factor| factor.kind == FactorKind::Winner && factor.value != 0.0)
                    {
                        winners.entry(term.from).or_default().push(element);
                    }
                });
            }
        }
    }
    Ok(winners)
}
