//! Parameters, which stand in the layer that has them, or are named where several read one.

use super::json::{self, Member, Object, Raw};
use super::loader::Loader;
use crate::diagnostic::{Diagnostic, quote};
use crate::tape::Handle;

/// The key under which a layer names a parameter.
const NAME: &str = "parameter";

impl Loader<'_> {
    /// Adds the parameters that belong to no layer, and returns where they stand.
    pub(super) fn shared_parameters<'t>(&mut self, top: &Object<'t>) -> Vec<Member<'t>> {
        let object = self.object_member(top, "parameters");
        let members = object.map(|object| object.members).unwrap_or_default();
        for member in &members {
            let value = self.tensor(member.value);
            self.net.parameter_as_read(&member.key, true, value);
            self.report(|_| member.key_span.clone());
        }
        members
    }

    /// Reports the parameters among these that no layer reads.
    pub(super) fn expect_read(&mut self, parameters: &[Member<'_>]) {
        let unread: Vec<&str> = self.net.unread().collect();
        let members = parameters.iter().filter(|of| unread.contains(&&*of.key));
        let problems = members.map(|member| {
            let message = format!("no layer reads the parameter {}", quote(&member.key));
            let hint =
                "a layer takes it as \"weight\": {\"parameter\": ...}, or reads it in `from`";
            Diagnostic::new(message)
                .at(self.source, member.key_span.clone())
                .hinted(hint)
        });
        self.problems.extend(problems);
    }

    /// Returns the parameter that a layer has under a key: its own, which has this name, or one
    /// that it shares with others. Its name is checked unless it follows from a layer that is
    /// refused.
    pub(super) fn parameter(&mut self, own: &str, is_checked: bool, member: &Member<'_>) -> Handle {
        let object = Object::read(self.source, member.value);
        if let Some(object) = object.filter(|object| object.get(NAME).is_some()) {
            // What is not there is reported once, and not again by whoever reads it.
            return self
                .shared(&object)
                .unwrap_or_else(|| self.net.parameter_as_read(own, false, None));
        }
        let value = self.tensor(member.value);
        let tensor = self.net.parameter_as_read(own, is_checked, value);
        self.report(|_| member.key_span.clone());
        tensor
    }

    /// Finds the parameter that an object names.
    fn shared(&mut self, object: &Object<'_>) -> Option<Handle> {
        self.refuse_duplicates(object);
        self.refuse_unknown(object, &[NAME], "a parameter that has its place elsewhere");
        let name = self.string_member(object, NAME)?;
        let raw = object.get(NAME)?.value;
        match self.net.find(&name) {
            Some(tensor) if self.net.is_parameter(tensor) => Some(tensor),
            Some(_) => self.no_parameter(
                raw,
                format!("{} is no parameter", quote(&name)),
                Some("what is not trained is read in `from`".to_owned()),
            ),
            None => self.unknown_parameter(raw, &name),
        }
    }

    fn unknown_parameter(&mut self, raw: Raw<'_>, name: &str) -> Option<Handle> {
        let layer = name.rsplit_once('.').map(|(layer, _)| layer);
        let is_later = layer.is_some_and(|layer| {
            self.layer_names.contains(layer) && self.net.find(layer).is_none()
        });
        if is_later {
            let message = format!("{} is a parameter only further down", quote(name));
            let hint = "put it into `parameters`, from which every layer can take it".to_owned();
            return self.no_parameter(raw, message, Some(hint));
        }
        let hint = self.names_like(name);
        self.no_parameter(raw, format!("there is no parameter {}", quote(name)), hint)
    }

    fn no_parameter(
        &mut self,
        raw: Raw<'_>,
        message: String,
        hint: Option<String>,
    ) -> Option<Handle> {
        let problem = Diagnostic::new(message).at(self.source, json::span(self.source, raw));
        self.problem(Diagnostic { hint, ..problem })
    }
}
