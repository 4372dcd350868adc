//! Steps on and back, and the terms of a step added one by one.

use std::sync::Arc;

use super::{Position, Session};

impl Session {
    /// Goes so many steps on, at most to the end.
    pub fn next(&mut self, steps: usize) {
        self.go_to(self.position_at(self.ordinal().saturating_add(steps)));
    }

    /// Goes so many steps back, at most to the start.
    pub fn back(&mut self, steps: usize) {
        self.go_to(self.position_at(self.ordinal().saturating_sub(steps)));
    }

    /// Adds the next term; after the last it begins the sum again, with the first term.
    pub fn term(&mut self) {
        self.set_added(self.added() % self.terms().len().max(1) + 1);
    }

    /// Takes the last added term away; before the first it shows the whole sum again. This undoes
    /// [`Self::term`].
    pub fn term_back(&mut self) {
        let n_terms = self.terms().len().max(1);
        self.set_added((self.added() + n_terms - 2) % n_terms + 1);
    }

    /// Adds the terms up to the one of that number, counted from 0, and leaves out the others.
    pub fn add_up_to(&mut self, number: usize) {
        self.set_added(number.saturating_add(1).min(self.terms().len()));
    }

    fn set_added(&mut self, added: usize) {
        let Position::Step(step) = self.position() else {
            return;
        };
        let is_unfinished = added < self.terms().len();
        let unfinished = Arc::make_mut(&mut self.unfinished);
        if is_unfinished {
            unfinished.insert(step, added);
        } else {
            unfinished.remove(&step);
        }
    }

    /// The place of the position in the order of all positions.
    fn ordinal(&self) -> usize {
        match self.position() {
            Position::Start => 0,
            Position::Step(step) => step + 1,
            Position::End => self.n_steps() + 1,
        }
    }

    pub(super) fn position_at(&self, ordinal: usize) -> Position {
        match ordinal {
            0 => Position::Start,
            step if step <= self.n_steps() => Position::Step(step - 1),
            _ => Position::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::debugger::example;

    #[test]
    fn a_step_on_and_a_step_back_undo_each_other() {
        let mut session = example::linear();
        session.go_to(Position::Start);
        for _ in 0..session.n_steps() + 1 {
            for _ in 0..3 {
                let before = (session.position(), session.added(), session.sum());
                session.next(1);
                session.back(1);
                assert_eq!((session.position(), session.added(), session.sum()), before);
                session.term();
            }
            session.next(1);
        }
        assert_eq!(session.position(), Position::End);
    }

    #[test]
    fn a_term_and_a_term_back_undo_each_other() {
        let mut session = example::linear();
        for _ in 0..7 {
            let before = session.added();
            session.term();
            session.term_back();
            assert_eq!(session.added(), before);
            session.term_back();
            session.term();
            assert_eq!(session.added(), before);
            session.term();
        }
    }

    #[test]
    fn the_sum_builds_up_to_the_gradient() {
        let mut session = example::linear();
        session.go_to(Position::Step(2));
        let element = session.element().unwrap();
        assert_eq!(session.known(element), Some(4.0));
        let mut sums = Vec::new();
        for _ in 0..3 {
            session.term();
            sums.push(session.sum());
        }
        assert_eq!(sums, [1.0, -2.0, 4.0]);
        session.term();
        assert_eq!((session.sum(), session.known(element)), (1.0, None));
    }

    #[test]
    fn a_gradient_is_known_once_its_step_is_done() {
        let mut session = example::linear();
        session.backprop().complete(&Cancel::default()).unwrap();
        let at = |session: &Session, address: &str| {
            session.known(
                session
                    .network()
                    .element(&address.parse().unwrap())
                    .unwrap(),
            )
        };
        session.go_to(Position::Start);
        assert_eq!(
            (at(&session, "fc[2]"), at(&session, "pool[0,0]")),
            (Some(6.0), None)
        );
        session.next(1);
        assert_eq!(
            (
                at(&session, "pool[0,0]"),
                at(&session, "flat[0]"),
                at(&session, "pool[0,1]")
            ),
            (Some(3.5), Some(3.5), None)
        );
        session.go_to(Position::End);
        assert_eq!(at(&session, "fc.bias[1]"), Some(3.0));
    }
}
