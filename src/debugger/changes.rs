//! What is no longer as it was before the edits.

use super::why::enter;
use super::{Choice, Line, Session, Sheet, TextRole};
use crate::backprop::Backprop;
use crate::cancel::Cancelled;
use crate::tape::{Kind, Network};
use crate::tensor::{Element, TensorId, rounded};

/// The most changed elements, and the most changed winners, that are listed.
const MOST_LISTED: usize = 400;
/// The most changed winners that are named at once.
const MOST_NAMED: usize = 2;
/// How many significant digits a number in the list has.
const DIGITS: usize = 6;

/// A neuron's numbers before the edits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Before {
    /// Its value, where that is another now.
    pub value: Option<f64>,
    /// Its gradient, where that is another now.
    pub gradient: Option<f64>,
}

/// The numbers of a tensor before the edits and now.
struct Compared<'a> {
    values: [&'a [f64]; 2],
    /// Where both are computed.
    gradients: Option<[&'a [f64]; 2]>,
}

impl Compared<'_> {
    fn at(&self, at: usize) -> Before {
        let other = |[before, now]: [&[f64]; 2]| {
            let (was, is) = (before[at], now[at]);
            (was.to_bits() != is.to_bits() && was != is).then_some(was)
        };
        Before {
            value: other(self.values),
            gradient: self.gradients.and_then(other),
        }
    }
}

/// The tensor of the same name in another network, unless it has another shape there.
pub(super) fn same(of: &Network, tensor: TensorId, other: &Network) -> Option<TensorId> {
    let tensor = of.tensor(tensor);
    let found = other.find(&tensor.name)?;
    (other.tensor(found).shape == tensor.shape).then_some(found)
}

impl Session {
    /// What was computed before the edits, where any stands.
    pub(super) fn original(&self) -> Option<&Backprop> {
        self.edits.original.as_deref().filter(|_| self.is_edited())
    }

    /// What a neuron's numbers were before the edits, where they are others now. Only gradients
    /// that are computed are compared.
    pub fn before(&self, element: Element) -> Before {
        let compared = self.compared(element.tensor);
        compared.map_or_else(Before::default, |compared| compared.at(element.at))
    }

    fn compared(&self, tensor: TensorId) -> Option<Compared<'_>> {
        let (before, now) = (self.original()?, &*self.backprop);
        let was = same(self.network(), tensor, before.network())?;
        let is_computed = before.is_computed(was) && now.is_computed(tensor);
        Some(Compared {
            values: [
                before.tape().value(was).data(),
                now.tape().value(tensor).data(),
            ],
            gradients: is_computed
                .then(|| [before.gradient(was).data(), now.gradient(tensor).data()]),
        })
    }

    /// Says what the edits have changed about a neuron, if anything.
    pub fn change_of(&self, element: Element) -> Option<String> {
        let before = self.before(element);
        let (value, gradient) = (
            self.backprop.tape().element(element),
            self.backprop.element(element),
        );
        let said = |what: &str, was: Option<f64>, is: f64| {
            let (was, is) = (rounded(was?, DIGITS), rounded(is, DIGITS));
            Some(format!("Its {what} was {was}, now {is}."))
        };
        let won = self.won_near(element).into_iter().take(MOST_NAMED);
        let names = match self.network().tensor(element.tensor).kind {
            Kind::Updated(_) => ["old value", "new value"],
            _ => ["value", "gradient"],
        };
        let parts = [
            said(names[0], before.value, value),
            said(names[1], before.gradient, gradient),
        ];
        let won = won.map(|won| format!("The {}.", won.says(self)));
        let says: Vec<String> = parts.into_iter().flatten().chain(won).collect();
        (!says.is_empty()).then(|| says.join(" "))
    }

    /// Says in a few words what the edits that stand have changed: `; 3 values and 5 gradients
    /// changed`.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn what_changed(&self) -> Result<String, Cancelled> {
        let (mut n_values, mut n_gradients) = (0_usize, 0_usize);
        self.each_changed(&mut |_, before| {
            n_values += usize::from(before.value.is_some());
            n_gradients += usize::from(before.gradient.is_some());
        })?;
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let counts = match (n_values, n_gradients) {
            (0, 0) => "; no number is other than in the scenario".to_owned(),
            _ => format!(
                "; changed: {}, {}",
                count(n_values, "value"),
                count(n_gradients, "gradient")
            ),
        };
        let won = self.won(MOST_NAMED)?;
        let named = won.iter().map(|won| format!("; the {}", won.says(self)));
        Ok(counts + &named.collect::<String>())
    }

    /// Visits the elements that have other numbers than before the edits, those of views only under
    /// their own tensor's name.
    fn each_changed(&self, visit: &mut dyn FnMut(Element, Before)) -> Result<(), Cancelled> {
        self.compute_all()?;
        let network = self.network();
        for tensor in network
            .ids()
            .filter(|&id| network.tensor(id).view_of.is_none() && !self.is_quiet(id))
        {
            let Some(compared) = self.compared(tensor) else {
                continue;
            };
            for at in 0..compared.values[1].len() {
                self.cancel.check()?;
                let before = compared.at(at);
                if before != Before::default() {
                    visit(Element { tensor, at }, before);
                }
            }
        }
        Ok(())
    }

    /// Computes what is missing of the gradients before the edits and now.
    fn compute_all(&self) -> Result<(), Cancelled> {
        let original = self.edits.original.as_deref();
        original
            .into_iter()
            .chain([&*self.backprop])
            .try_for_each(|backprop| backprop.complete(&self.cancel))
    }
}

/// Lists the edits that stand and all that differs from the scenario as it was.
///
/// # Errors
/// It was given up.
pub(super) fn sheet(session: &Session) -> Result<Sheet, Cancelled> {
    let (mut changed, mut n_changed) = (Vec::new(), 0_usize);
    session.each_changed(&mut |element, before| {
        n_changed += 1;
        if n_changed <= MOST_LISTED {
            changed.push((element, before));
        }
    })?;
    let mut won = session.won(MOST_LISTED + 1)?;
    let n_more_won = won.len().saturating_sub(MOST_LISTED);
    won.truncate(MOST_LISTED);
    let edits = session
        .edits
        .list()
        .map(|says| Line::default().then(says.to_owned(), TextRole::Note));
    let won = won
        .iter()
        .map(|won| Line::from(format!("the {}", won.says(session))));
    let more_won = (n_more_won > 0).then(|| {
        Line::from(format!(
            "the first {MOST_LISTED} changed winners are listed"
        ))
    });
    let more = (n_changed > MOST_LISTED).then(|| {
        Line::from(format!(
            "{MOST_LISTED} of {n_changed} changed neurons are listed"
        ))
    });
    Ok(Sheet {
        title: "what the edits change".to_owned(),
        lines: edits
            .chain(reshaped(session))
            .chain(won)
            .chain(more_won)
            .chain(more)
            .chain([Line::default()])
            .collect(),
        choices: rows(session, &changed),
        chosen: 0,
    })
}

/// The tensors that have other shapes than before the edits.
fn reshaped(session: &Session) -> impl Iterator<Item = Line> {
    let now = session.network();
    session.edits.original.iter().flat_map(move |original| {
        let before = original.network();
        let is_other = move |&id: &TensorId| same(now, id, before).is_none();
        let other = now
            .ids()
            .filter(is_other)
            .filter(|&id| !session.is_quiet(id));
        other.map(move |id| {
            let now = now.tensor(id);
            let had = before
                .find(&now.name)
                .map(|id| before.tensor(id).shape.to_string());
            let had = had.unwrap_or_default();
            Line::from(format!("{} has shape {}, had {had}", now.name, now.shape))
        })
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
