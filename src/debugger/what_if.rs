//! What if: a value, a given gradient or a setting is another, and everything is computed anew.

use std::fmt;
use std::sync::Arc;

use super::edits::Done;
use super::target::Target;
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
        self.scrub = None;
        match self.apply(edit)? {
            Applied::Changed(says) => Ok(format!("{says}{}", self.what_changed()?)),
            Applied::Unchanged(says) => Ok(says),
        }
    }

    /// Edits the scenario and computes everything anew; says what is edited.
    pub(super) fn apply(&mut self, edit: &Edit) -> Result<Applied, CommandError> {
        self.expect_settable(edit)?;
        let (edited, inverse) = self.scenario.edited(edit)?;
        let said = Said {
            session: self,
            edit,
        };
        if let Some(says) = said.unchanged(&inverse) {
            return Ok(Applied::Unchanged(says));
        }
        let says = said.to_string();
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
        Ok(Applied::Changed(says))
    }

    /// Refuses to set what follows from the updates before this one, or is a batch's.
    pub(super) fn expect_settable(&self, edit: &Edit) -> Result<(), CommandError> {
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
        self.scrub = None;
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
        self.scrub = None;
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
        let target = self.at_hand();
        let name = target.map(|target| target.name(self.network()));
        name.map_or("set ".to_owned(), |name| format!("set {name} "))
    }

    /// What is nearest at hand to be another.
    pub(super) fn at_hand(&self) -> Option<Target> {
        let network = self.network();
        let target = |element: Element| match network.tensor(element.tensor).kind {
            Kind::Input | Kind::Parameter(_) => Some(Target::Value(element)),
            Kind::Updated(tensor) => Some(Target::Value(Element { tensor, ..element })),
            Kind::PreActivation(_) => None,
            Kind::Layer(_) => {
                let mut given = self.backprop.upstream().keys();
                let given = given.find(|&&id| network.base(id) == element.tensor);
                given.map(|&tensor| Target::Upstream(Element { tensor, ..element }))
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
        self.element().into_iter().chain(near).find_map(target)
    }
}

/// What has come of an edit, in words.
pub(super) enum Applied {
    /// Something is another now.
    Changed(String),
    /// It was so already.
    Unchanged(String),
}

/// An edit in words: `x[0,3] is 9, was 0`.
struct Said<'a> {
    session: &'a Session,
    edit: &'a Edit,
}

impl Said<'_> {
    /// What is another, what it is to be and what it was.
    fn parts(&self) -> (String, String, String) {
        let scenario = &self.session.scenario;
        let network = &scenario.network;
        let number = |value| rounded(value, DIGITS);
        match self.edit {
            Edit::Value(element, value) => {
                let leaf = scenario.leaves.get(&element.tensor);
                let was = leaf.map_or(f64::NAN, |leaf| leaf.data()[element.at]);
                let what = network.address(*element).to_string();
                (what, number(*value), number(was))
            }
            Edit::Upstream(element, value) => {
                let given = scenario.upstream.get(&element.tensor);
                let was = given.map_or(0.0, |given| given.data()[element.at]);
                let what = format!("{}.grad", network.address(*element));
                (what, number(*value), number(was))
            }
            Edit::Precision(precision) => {
                let [is, was] = [*precision, scenario.arithmetic.precision];
                let [is, was] = [is, was].map(|one| one.name().to_owned());
                ("precision".to_owned(), is, was)
            }
            Edit::LossScale(loss_scale) => {
                let was = number(scenario.arithmetic.loss_scale);
                ("loss_scale".to_owned(), number(*loss_scale), was)
            }
            Edit::Setting { layer, key, value } => {
                let settings = scenario.settings(*layer);
                let was = settings
                    .iter()
                    .find(|(name, _)| name == key)
                    .map_or("the default", |(_, value)| value.as_str());
                let is = value.as_deref().unwrap_or("the default");
                let what = format!("{}.{}", network.tensor(*layer).name, visible(key));
                let [is, was] = [is, was.trim_matches('"')].map(visible);
                (what, is.to_string(), was.to_string())
            }
        }
    }

    /// Says that it is so already, where the edit, which this one takes back, changes nothing.
    fn unchanged(&self, inverse: &Edit) -> Option<String> {
        let (what, is, was) = self.parts();
        let is_setting = matches!(self.edit, Edit::Setting { .. });
        // 0 and −0 are told apart, as they are in a file.
        let bits = |edit: &Edit| match edit {
            Edit::Value(_, value) | Edit::Upstream(_, value) | Edit::LossScale(value) => {
                value.to_bits()
            }
            Edit::Precision(_) | Edit::Setting { .. } => 0,
        };
        let is_equal = self.edit == inverse && bits(self.edit) == bits(inverse);
        let is_same = is_equal || (is_setting && is == was);
        is_same.then(|| format!("{what} is {is} already"))
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, is, was) = self.parts();
        write!(f, "{what} is {is}, was {was}")
    }
}
