//! What if: a value, a given gradient or a setting is another, and everything is computed anew.

use std::fmt;
use std::sync::Arc;

use super::edits::Done;
use super::{CommandError, Session};
use crate::diagnostic::visible;
use crate::scenario::{Edit, Scenario};
use crate::tape::Kind;
use crate::tensor::{Element, rounded};

/// How many significant digits an edited number is told with.
const DIGITS: usize = 10;

impl Session {
    /// Edits the scenario and computes everything anew; says what is changed.
    ///
    /// # Errors
    /// Why the scenario cannot be so. Nothing is changed then.
    pub fn set(&mut self, edit: &Edit) -> Result<String, CommandError> {
        self.expect_settable(edit)?;
        let (edited, inverse) = self.scenario.edited(edit)?;
        let says = Said {
            session: self,
            edit,
        }
        .to_string();
        let done = Done {
            edit: edit.clone(),
            inverse,
            says: says.clone(),
        };
        let edits = Arc::make_mut(&mut self.edits);
        edits
            .original
            .get_or_insert_with(|| Arc::clone(&self.backprop));
        edits.done.push(done);
        edits.undone.clear();
        if self.unedited.is_none() {
            self.unedited.clone_from(&self.training);
        }
        self.replace(Arc::new(edited))?;
        Ok(format!("{says}{}", self.what_changed()?))
    }

    /// Refuses to set what follows from the updates before this one, or is a batch's.
    fn expect_settable(&self, edit: &Edit) -> Result<(), CommandError> {
        let (Edit::Value(element, _), Some((update, _))) = (edit, self.update()) else {
            return Ok(());
        };
        let tensor = element.tensor;
        let name = || self.network().tensor(tensor).name.clone();
        if update > 1 && self.network().updated(tensor).is_some() {
            let (name, update) = (name(), update);
            return Err(CommandError::FollowsFromUpdates { name, update });
        }
        let (_, mut replaced) = self.scenario.batch(update);
        match replaced.any(|(id, _)| id == tensor) {
            true => Err(CommandError::OfBatches(name())),
            false => Ok(()),
        }
    }

    /// Takes back the last edit; says which.
    ///
    /// # Errors
    /// There is none.
    pub fn undo(&mut self) -> Result<String, CommandError> {
        let last = self.edits.done.last().ok_or(CommandError::NothingEdited)?;
        let (before, _) = self.scenario.edited(&last.inverse)?;
        let says = last.says.clone();
        let edits = Arc::make_mut(&mut self.edits);
        edits.undone.extend(edits.done.pop());
        if edits.done.is_empty() {
            self.unedited = None;
        }
        self.replace(Arc::new(before))?;
        let rest = if self.is_edited() {
            ""
        } else {
            "; all is as it was"
        };
        Ok(format!("undone: {says}{rest}"))
    }

    /// Does the last undone edit again; says which.
    ///
    /// # Errors
    /// There is none.
    pub fn redo(&mut self) -> Result<String, CommandError> {
        let next = self
            .edits
            .undone
            .last()
            .ok_or(CommandError::NothingUndone)?;
        let (after, _) = self.scenario.edited(&next.edit)?;
        let says = next.says.clone();
        let edits = Arc::make_mut(&mut self.edits);
        edits.done.extend(edits.undone.pop());
        self.replace(Arc::new(after))?;
        Ok(format!("done again: {says}{}", self.what_changed()?))
    }

    /// Whether an edit stands.
    pub fn is_edited(&self) -> bool {
        !self.edits.done.is_empty()
    }

    /// Whether an edit was undone that can be done again.
    pub fn has_undone(&self) -> bool {
        !self.edits.undone.is_empty()
    }

    /// The scenario as it is now.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The beginning of the command that edits what is nearest at hand: the current neuron where it
    /// can be set, or else the gradient that is given to a neuron that sends it something, or a
    /// weight on the way.
    pub fn edit_at_hand(&self) -> String {
        let network = self.network();
        let target = |element: Element| match network.tensor(element.tensor).kind {
            Kind::Input | Kind::Parameter(_) => Some(network.address(element).to_string()),
            Kind::Updated(parameter) => {
                let before = Element {
                    tensor: parameter,
                    ..element
                };
                Some(network.address(before).to_string())
            }
            Kind::PreActivation(_) => None,
            Kind::Layer(_) => {
                let given = self
                    .backprop
                    .upstream()
                    .keys()
                    .find(|&&id| network.base(id) == element.tensor)?;
                Some(format!(
                    "{}.grad",
                    network.address(Element {
                        tensor: *given,
                        ..element
                    })
                ))
            }
        };
        let last = self.added().saturating_sub(1);
        let term = self.terms().get(if self.is_building() { last } else { 0 });
        let near = term.into_iter().flat_map(|term| {
            let sources = term
                .factors
                .iter()
                .flatten()
                .filter_map(|factor| factor.source);
            std::iter::once(term.from).chain(sources)
        });
        let target = self.element().into_iter().chain(near).find_map(target);
        target.map_or("set ".to_owned(), |target| format!("set {target} "))
    }
}

/// An edit in words: `x[0,3] is 9, was 0`.
struct Said<'a> {
    session: &'a Session,
    edit: &'a Edit,
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = &self.session.scenario;
        let network = &scenario.network;
        let number = |value| rounded(value, DIGITS);
        match self.edit {
            Edit::Value(element, value) => {
                let was = scenario
                    .leaves
                    .get(&element.tensor)
                    .map_or(f64::NAN, |leaf| leaf.data()[element.at]);
                write!(
                    f,
                    "{} is {}, was {}",
                    network.address(*element),
                    number(*value),
                    number(was)
                )
            }
            Edit::Upstream(element, value) => {
                let was = scenario
                    .upstream
                    .get(&element.tensor)
                    .map_or(0.0, |given| given.data()[element.at]);
                write!(
                    f,
                    "{}.grad is {}, was {}",
                    network.address(*element),
                    number(*value),
                    number(was)
                )
            }
            Edit::Precision(precision) => {
                let was = scenario.arithmetic.precision;
                write!(f, "precision is {}, was {}", precision.name(), was.name())
            }
            Edit::LossScale(loss_scale) => {
                let was = scenario.arithmetic.loss_scale;
                write!(
                    f,
                    "loss_scale is {}, was {}",
                    number(*loss_scale),
                    number(was)
                )
            }
            Edit::Setting { layer, key, value } => {
                let settings = scenario.settings(*layer);
                let was = settings
                    .iter()
                    .find(|(name, _)| name == key)
                    .map_or("the default", |(_, value)| value.as_str());
                let (is, was) = (
                    value.as_deref().unwrap_or("the default"),
                    was.trim_matches('"'),
                );
                write!(
                    f,
                    "{}.{} is {}, was {}",
                    network.tensor(*layer).name,
                    visible(key),
                    visible(is),
                    visible(was)
                )
            }
        }
    }
}
