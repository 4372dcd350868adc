//! Going on to the next hit of a breakpoint, or back to the last one before.

use std::sync::Arc;

use super::breakpoint::Breakpoint;
use super::condition::Predicates;
use super::{CommandError, Position, Session};
use crate::cancel::Cancelled;

/// How many steps are tested between two looks at who waits.
const STRIDE: usize = 64;

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// In backward order, towards the end.
    On,
    /// Towards the start.
    Back,
}

/// A search for the next hit, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunToBreakpoint {
    direction: Direction,
    /// The only breakpoint that counts, where it is not all of them.
    only: Option<usize>,
    /// The step that is tested next; nothing once none is left.
    next: Option<usize>,
    /// The update that it is a step of.
    update: usize,
}

/// What has come of testing steps.
enum Tested {
    /// A breakpoint is hit at this step.
    Hit(usize),
    /// None is hit at the steps that are left of the update.
    All,
    /// None is hit at as many as were to be tested.
    SoMany,
}

impl RunToBreakpoint {
    /// The step that is tested next: the first that some breakpoint looks at.
    fn candidate(&self, considered: &[&Breakpoint]) -> Option<usize> {
        let next = self.next?;
        let first = |breakpoint: &&Breakpoint| self.direction.first_of(breakpoint, next);
        let nearer = |one: usize, other: usize| match self.direction {
            Direction::On => one.min(other),
            Direction::Back => one.max(other),
        };
        considered.iter().filter_map(first).reduce(nearer)
    }
}

impl Direction {
    fn after(self, step: usize) -> Option<usize> {
        match self {
            Self::On => step.checked_add(1),
            Self::Back => step.checked_sub(1),
        }
    }

    /// The first of a breakpoint's steps that is met from a step on.
    fn first_of(self, breakpoint: &Breakpoint, step: usize) -> Option<usize> {
        let steps = &breakpoint.steps;
        match self {
            Self::On => Some(step.max(steps.start)).filter(|step| steps.contains(step)),
            Self::Back => steps
                .end
                .checked_sub(1)
                .map(|last| step.min(last))
                .filter(|step| steps.contains(step)),
        }
    }

    /// What lies beyond the last step.
    fn end(self) -> (Position, &'static str) {
        match self {
            Self::On => (Position::End, "end"),
            Self::Back => (Position::Start, "start"),
        }
    }
}

impl Session {
    /// Begins the search for the next hit from where the session stands, of all breakpoints or of
    /// one.
    ///
    /// # Errors
    /// The reason why there is nothing to search for.
    pub fn run_to_breakpoint(
        &self,
        direction: Direction,
        only: Option<usize>,
    ) -> Result<RunToBreakpoint, CommandError> {
        if let Some(number) = only.filter(|&number| {
            self.breakpoints()
                .iter()
                .all(|breakpoint| breakpoint.number != number)
        }) {
            return Err(CommandError::NoSuchBreakpoint(number));
        }
        let next = match (direction, self.position()) {
            (Direction::On, Position::Start) => Some(0),
            (Direction::Back, Position::End) => self.n_steps().checked_sub(1),
            (_, Position::Step(step)) => direction.after(step),
            (Direction::On, Position::End) | (Direction::Back, Position::Start) => None,
        };
        let update = self.backprop().update();
        Ok(RunToBreakpoint {
            direction,
            only,
            next,
            update,
        })
    }

    /// Goes to the next hit, or beyond the last step where there is none; returns what is then to
    /// be said. `look_on` hears time and again how far the search has come.
    ///
    /// # Errors
    /// It was given up, and the session stays where it is.
    pub fn finish(
        &mut self,
        mut run: RunToBreakpoint,
        mut look_on: impl FnMut(&RunToBreakpoint),
    ) -> Result<String, Cancelled> {
        loop {
            self.cancel.check()?;
            look_on(&run);
            if let Some(says) = self.advance(&mut run, STRIDE)? {
                return Ok(says);
            }
        }
    }

    /// Tests so many steps, and goes on into the next updates. At a hit, or where there is none,
    /// the session goes there; returns what is then to be said.
    fn advance(
        &mut self,
        run: &mut RunToBreakpoint,
        n_steps: usize,
    ) -> Result<Option<String>, Cancelled> {
        let mut n_left = n_steps;
        while n_left > 0 {
            match self.test(run, &mut n_left) {
                Tested::Hit(step) => return Ok(Some(self.stop_at(step))),
                Tested::All if !self.next_update(run)? => return Ok(Some(self.go_beyond(run))),
                Tested::All => n_left = n_left.saturating_sub(1),
                Tested::SoMany => {}
            }
        }
        Ok(None)
    }

    /// Tests the next steps of an update, `n_left` at most, from which it takes what it has tested.
    fn test(&self, run: &mut RunToBreakpoint, n_left: &mut usize) -> Tested {
        let considered: Vec<&Breakpoint> = self.considered(run).collect();
        let steps = self.backprop().steps();
        let mut known: Option<Predicates<'_>> = None;
        while *n_left > 0 {
            let next = run.candidate(&considered);
            let Some((step, element)) = next.and_then(|step| Some((step, steps.element(step)?)))
            else {
                return Tested::All;
            };
            let predicates = match known.take() {
                Some(predicates) => predicates.about(element),
                None => self.predicates(element),
            };
            let is_hit = |breakpoint: &&Breakpoint| breakpoint.is_hit(step, &predicates);
            if considered.iter().any(is_hit) {
                return Tested::Hit(step);
            }
            known = Some(predicates);
            run.next = run.direction.after(step);
            *n_left -= 1;
        }
        Tested::SoMany
    }

    /// Goes on to the update after this one, or before it, where a breakpoint may be hit there.
    fn next_update(&mut self, run: &mut RunToBreakpoint) -> Result<bool, Cancelled> {
        let Some((update, n_updates)) = self.update() else {
            return Ok(false);
        };
        let next = match run.direction {
            Direction::On => Some(update + 1).filter(|next| *next <= n_updates),
            Direction::Back => Some(update - 1).filter(|next| *next > 0),
        };
        let is_possible = self.considered(run).next().is_some();
        let Some(next) = next.filter(|_| is_possible) else {
            return Ok(false);
        };
        self.enter_update(next)?;
        run.update = next;
        run.next = match run.direction {
            Direction::On => Some(0),
            Direction::Back => self.n_steps().checked_sub(1),
        };
        Ok(true)
    }

    /// Ends a search before it has found anything: the session goes to where it has come. Returns
    /// what is to be said.
    pub fn give_up(&mut self, run: &RunToBreakpoint) -> String {
        if self.backprop().update() != run.update {
            // One that is given up too leaves the session at the update where it was.
            _ = self.enter_update(run.update);
        }
        let tested = run.next.map(|step| match run.direction {
            Direction::On => step.checked_sub(1).map_or(Position::Start, Position::Step),
            Direction::Back if step + 1 < self.n_steps() => Position::Step(step + 1),
            Direction::Back => Position::End,
        });
        self.go_to(tested.unwrap_or(run.direction.end().0));
        "stopped: no breakpoint is hit up to here".to_owned()
    }

    /// Says how far a search has come.
    pub fn progress(&self, run: &RunToBreakpoint) -> String {
        let n_steps = self.n_steps();
        let step = run.next.map_or(n_steps, |step| step + 1);
        match self.update() {
            Some((_, n_updates)) => {
                let update = run.update;
                format!("looking for a hit: update {update} of {n_updates}, step {step}")
            }
            None => format!("looking for a hit: step {step} of {n_steps}"),
        }
    }

    /// The breakpoints that a search looks for.
    fn considered<'a>(
        &'a self,
        run: &RunToBreakpoint,
    ) -> impl Iterator<Item = &'a Breakpoint> + use<'a> {
        let only = run.only;
        self.breakpoints()
            .iter()
            .filter(move |breakpoint| only.is_none_or(|number| breakpoint.number == number))
    }

    /// Goes to a step where a breakpoint is hit; says which. Each that is hit counts it.
    fn stop_at(&mut self, step: usize) -> String {
        let element = self.backprop().steps().element(step);
        let predicates = element.map(|element| self.predicates(element));
        let is_hit = |breakpoint: &&Breakpoint| {
            let predicates = predicates.as_ref();
            predicates.is_some_and(|predicates| breakpoint.is_hit(step, predicates))
        };
        let (numbers, whats): (Vec<usize>, Vec<String>) = self
            .breakpoints()
            .iter()
            .filter(is_hit)
            .map(|breakpoint| (breakpoint.number, breakpoint.what(self.network())))
            .unzip();
        drop(predicates);
        for breakpoint in Arc::make_mut(&mut self.breakpoints)
            .list
            .iter_mut()
            .filter(|breakpoint| numbers.contains(&breakpoint.number))
        {
            breakpoint.hits += 1;
        }
        self.go_to(Position::Step(step));
        let says = numbers
            .iter()
            .zip(whats)
            .map(|(number, what)| format!("breakpoint {number}: {what}"));
        let at_update = self.says_update().into_iter();
        at_update.chain(says).collect::<Vec<_>>().join("; ")
    }

    /// Goes beyond the last step, where there is no hit; says so.
    fn go_beyond(&mut self, run: &RunToBreakpoint) -> String {
        let (position, end) = run.direction.end();
        self.go_to(position);
        match run.only {
            Some(number) => format!("breakpoint {number} is not hit before the {end}"),
            None if self.breakpoints().is_empty() => {
                format!("no breakpoint is set, so this is the {end}")
            }
            None => format!("no breakpoint is hit before the {end}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::debugger::breakpoint::{Spot, Stop};
    use crate::debugger::condition::tests::any_condition;
    use crate::debugger::{Condition, Word, example};
    use crate::tensor::Element;

    /// Searches to the end, so many steps at a time.
    fn go(session: &mut Session, direction: Direction, at_a_time: usize) -> String {
        let mut run = session.run_to_breakpoint(direction, None).unwrap();
        loop {
            if let Some(says) = session.advance(&mut run, at_a_time).unwrap() {
                return says;
            }
        }
    }

    /// A small network with ties, zeros and two layers of weights.
    fn any_session() -> impl Strategy<Value = Session> {
        let numbers = |n| prop::collection::vec(-2..=2_i8, n);
        let parts = (
            numbers(8),
            numbers(8),
            numbers(4),
            numbers(2),
            any::<bool>(),
        );
        parts.prop_map(|(x, first, second, upstream, has_relu)| {
            let relu = if has_relu {
                r#", "activation": "relu""#
            } else {
                ""
            };
            let rows = first.chunks(4).collect::<Vec<_>>();
            let second_rows = second.chunks(2).collect::<Vec<_>>();
            example::of(&format!(
                r#"{{ "backstep": 1, "inputs": {{ "x": {x:?} }}, "layers": [
                    {{ "name": "pool", "op": "max_pool1d",
                        "kernel_size": 3, "stride": 2, "padding": 1 }},
                    {{ "name": "a", "op": "linear", "weight": {rows:?}{relu} }},
                    {{ "name": "b", "op": "linear", "weight": {second_rows:?} }}],
                    "upstream": {{ "b": {upstream:?} }} }}"#
            ))
        })
    }

    /// Some breakpoints: for each a number that picks its spot, and its condition.
    fn any_stops() -> impl Strategy<Value = Vec<(u8, Option<Condition>)>> {
        prop::collection::vec(
            (any::<u8>(), prop::option::weighted(0.7, any_condition())),
            0..4,
        )
    }

    fn spot(session: &Session, pick: u8) -> Spot {
        let (steps, pick) = (session.backprop().steps(), usize::from(pick));
        match pick % 3 {
            0 => Spot::Anywhere,
            1 => Spot::Tensor(steps.tensors()[pick / 3 % steps.tensors().len()]),
            _ => Spot::Element(steps.element(pick / 3 % steps.len()).unwrap()),
        }
    }

    fn covers(spot: Spot, element: Element) -> bool {
        match spot {
            Spot::Anywhere => true,
            Spot::Tensor(tensor) => element.tensor == tensor,
            Spot::Element(one) => one == element,
        }
    }

    proptest! {
        #[test]
        fn going_on_and_back_stops_where_a_look_at_every_step_would(
            session in any_session(), stops in any_stops(), start in 0..64_usize,
            at_a_time in 1..9_usize,
        ) {
            let mut session = session;
            let mut set: Vec<Stop> = Vec::new();
            for (pick, condition) in stops {
                let spot = spot(&session, pick);
                // Everything without a condition would be every step, which no command can ask for.
                let anywhere = || (spot == Spot::Anywhere).then_some(Condition::Is(Word::Tie));
                let stop = Stop { spot, condition: condition.or_else(anywhere) };
                if session.set_breakpoint(stop.clone()).is_ok() {
                    set.push(stop);
                }
            }
            let hits: Vec<usize> = session.backprop().steps().iter().filter(|&(_, element)| {
                let predicates = session.predicates(element);
                set.iter().any(|stop| {
                    let fulfilled = |condition| predicates.fulfil(condition);
                    covers(stop.spot, element) && stop.condition.as_ref().is_none_or(fulfilled)
                })
            }).map(|(step, _)| step).collect();
            session.go_to(Position::Start);
            session.next(start % (session.n_steps() + 2));
            let here = session.position();
            let mut steps = hits.iter().copied().map(Position::Step);
            let before = steps.clone().rev().find(|&hit| hit < here).unwrap_or(Position::Start);
            let after = steps.find(|&hit| hit > here).unwrap_or(Position::End);
            go(&mut session, Direction::On, at_a_time);
            prop_assert_eq!(session.position(), after);
            session.go_to(here);
            go(&mut session, Direction::Back, at_a_time);
            prop_assert_eq!(session.position(), before);
        }
    }

    #[test]
    fn a_search_that_is_given_up_goes_on_later_without_a_gap() {
        let mut session = example::linear();
        let pool = session.network().find("fc.bias").unwrap();
        let stop = Stop {
            spot: Spot::Tensor(pool),
            condition: Some(Condition::Is(Word::Dead)),
        };
        session.set_breakpoint(stop).unwrap();
        session.go_to(Position::Start);
        let mut run = session.run_to_breakpoint(Direction::On, None).unwrap();
        assert_eq!(session.advance(&mut run, 1), Ok(None));
        assert_eq!(session.progress(&run), "looking for a hit: step 18 of 19");
        session.give_up(&run);
        assert_eq!(session.position(), Position::Step(16));
        assert_eq!(
            go(&mut session, Direction::On, 1),
            "no breakpoint is hit before the end"
        );
        let mut run = session.run_to_breakpoint(Direction::Back, None).unwrap();
        session.advance(&mut run, 1).unwrap();
        session.give_up(&run);
        assert_eq!(session.position(), Position::Step(18));
    }
}
