//! Matches for tensors by a part of their name.

use std::sync::Arc;

use super::matches::Matches;
use super::{CommandError, Position, Session};

impl Session {
    /// Whether a search has found something and is not over.
    pub fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    /// Ends the search; returns whether there was one.
    pub fn end_search(&mut self) -> bool {
        self.search.take().is_some()
    }

    /// Searches the tensors whose names contain `name` in any case, and goes to the next one in
    /// backward order; says which it is.
    ///
    /// # Errors
    /// The reason why there is nowhere to go. The session stays where it is, and a search before
    /// stays as it was.
    pub fn search(&mut self, name: &str) -> Result<String, CommandError> {
        let search = self.found(name)?;
        let (place, says) = search.after(self.position());
        self.search = Some(Arc::new(search));
        self.go_to(place);
        Ok(says)
    }

    /// Returns where that search would go from a position, and what it would say.
    ///
    /// # Errors
    /// The reason why there is nowhere to go.
    pub fn first_match(
        &self,
        name: &str,
        from: Position,
    ) -> Result<(Position, String), CommandError> {
        Ok(self.found(name)?.after(from))
    }

    /// Goes to the next match, from the last to the first; says which it is. Does nothing without a
    /// search.
    pub fn next_match(&mut self) -> Option<String> {
        let (place, says) = self.search.as_ref()?.after(self.position());
        self.go_to(place);
        Some(says)
    }

    /// Goes to the match before, from the first to the last; says which it is. Does nothing without
    /// a search.
    pub fn previous_match(&mut self) -> Option<String> {
        let (place, says) = self.search.as_ref()?.before(self.position());
        self.go_to(place);
        Some(says)
    }

    /// Finds the tensors whose names contain `name`.
    fn found(&self, name: &str) -> Result<Matches, CommandError> {
        let network = self.network();
        let lower = name.to_lowercase();
        let found: Vec<_> = network
            .ids()
            .filter(|&id| network.tensor(id).name.to_lowercase().contains(&lower))
            .collect();
        let mut matches: Vec<Position> = found
            .iter()
            .filter_map(|&id| self.start_of_tensor(network.base(id)))
            .collect();
        matches.sort_unstable();
        matches.dedup();
        match (found.first(), matches.is_empty()) {
            (None, _) => Err(CommandError::NoMatch(name.to_owned())),
            (Some(&id), true) => Err(CommandError::NoSteps(network.tensor(id).name.clone())),
            (Some(_), false) => Ok(Matches {
                name: name.to_owned(),
                matches,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    #[test]
    fn matches_follow_each_other_in_a_circle() {
        let mut session = example::linear();
        let mut found = |how: fn(&mut Session) -> Option<String>| {
            (how(&mut session).unwrap(), session.position())
        };
        assert_eq!(
            found(|session| session.search("FC.").ok()),
            ("match 1 of 2 for `FC.`".to_owned(), Position::Step(4))
        );
        assert_eq!(
            found(Session::next_match),
            ("match 2 of 2 for `FC.`".to_owned(), Position::Step(16))
        );
        assert_eq!(found(Session::next_match).1, Position::Step(4));
        assert_eq!(found(Session::previous_match).1, Position::Step(16));
        assert_eq!(found(Session::previous_match).1, Position::Step(4));
        assert!(session.end_search() && session.next_match().is_none());
    }

    #[test]
    fn a_view_is_found_where_its_neurons_are() {
        let mut session = example::linear();
        session.go_to(Position::End);
        session.search("flat").unwrap();
        assert_eq!(session.position(), Position::Step(0));
    }

    #[test]
    fn a_search_without_a_match_stays_where_it_is() {
        let mut session = example::linear();
        assert_eq!(
            session.search("conv").unwrap_err().to_string(),
            "no tensor's name contains `conv`"
        );
        assert_eq!(
            (session.position(), session.is_searching()),
            (Position::Step(0), false)
        );
    }
}
