//! Going elsewhere: jumps, from which one returns, and the tensors in backward order.

use std::sync::Arc;

use super::{CommandError, Position, Session};
use crate::tensor::{Element, TensorId, rounded};

/// The digits of a number that is seen from elsewhere.
const DIGITS: usize = 4;

impl Session {
    /// Goes to a position from which [`Self::return_from_jump`] leads back.
    pub fn jump_to(&mut self, position: Position) {
        let before = self.position();
        self.go_to(position);
        if self.position() != before {
            Arc::make_mut(&mut self.jumps).push(before);
        }
    }

    /// Goes back to where the last jump began.
    ///
    /// # Errors
    /// There was no jump.
    pub fn return_from_jump(&mut self) -> Result<(), CommandError> {
        let jumps = Arc::make_mut(&mut self.jumps);
        let before = jumps.pop().ok_or(CommandError::NoJump)?;
        self.go_to(before);
        Ok(())
    }

    /// Whether there was a jump to return from.
    pub fn has_jumped(&self) -> bool {
        !self.jumps.is_empty()
    }

    /// Looks at the neuron that stands so many rows further down and columns further right than the
    /// one that is looked at, or than the current one; returns what there is to see.
    ///
    /// # Errors
    /// There is none to look from, or the tensor ends there.
    pub fn look(&mut self, (down, right): (isize, isize)) -> Result<String, CommandError> {
        let from = self.view_options.cursor.or_else(|| self.element());
        let Element { tensor, at } = from.ok_or(match self.position() {
            Position::End => CommandError::Over,
            Position::Start | Position::Step(_) => CommandError::NotBegun,
        })?;
        let (n_rows, n_columns) = self.network().tensor(tensor).shape.grid();
        let (row, column) = (at / n_columns % n_rows, at % n_columns);
        let is_there = |place: usize, by: isize, n: usize| {
            place.checked_add_signed(by).is_some_and(|place| place < n)
        };
        if !is_there(row, down, n_rows) || !is_there(column, right, n_columns) {
            let end = self.network().address(Element { tensor, at });
            return Err(CommandError::NoNeighbour(end));
        }
        let columns = isize::try_from(n_columns).unwrap_or(isize::MAX);
        let to = Element {
            tensor,
            at: at.wrapping_add_signed(down * columns + right),
        };
        self.view_options.cursor = Some(to);
        Ok(self.seen(to))
    }

    /// What there is to see of a neuron from elsewhere.
    fn seen(&self, element: Element) -> String {
        let number = |value| rounded(value, DIGITS);
        let value = number(self.backprop.tape().element(element));
        let is_open = self.element() == Some(element) && (self.is_hidden() || self.is_building());
        let gradient = match self.known(element) {
            Some(known) if !is_open => format!("gradient {}", number(known)),
            _ => "gradient not yet known".to_owned(),
        };
        let address = self.network().address(element);
        format!("`{address}` {value}, {gradient}; Enter goes there, Esc comes back")
    }

    /// Returns the first step of the next tensor in backward order.
    pub fn next_tensor(&self) -> Result<Position, CommandError> {
        let place = match self.place() {
            Place::Before => 0,
            Place::At(place) => place + 1,
            Place::After => {
                return Err(CommandError::AfterLastTensor);
            }
        };
        self.start_of(place)
            .ok_or_else(|| CommandError::LastTensor(self.tensor_name().to_owned()))
    }

    /// Returns the first step of the tensor before in backward order.
    pub fn previous_tensor(&self) -> Result<Position, CommandError> {
        let place = match self.place() {
            Place::Before => None,
            Place::At(place) => place.checked_sub(1),
            Place::After => self.backprop.steps().tensors().len().checked_sub(1),
        };
        let start = place.and_then(|place| self.start_of(place));
        start.ok_or(CommandError::FirstTensor)
    }

    /// Returns where a tensor's steps begin.
    pub fn start_of_tensor(&self, tensor: TensorId) -> Option<Position> {
        self.backprop
            .steps()
            .range(tensor)
            .map(|steps| Position::Step(steps.start))
    }

    fn start_of(&self, place: usize) -> Option<Position> {
        self.start_of_tensor(*self.backprop.steps().tensors().get(place)?)
    }

    fn place(&self) -> Place {
        match (self.position(), self.element()) {
            (Position::Start, _) => Place::Before,
            (_, Some(element)) => {
                let place = self
                    .backprop
                    .steps()
                    .tensors()
                    .iter()
                    .position(|&tensor| tensor == element.tensor);
                place.map_or(Place::After, Place::At)
            }
            (_, None) => Place::After,
        }
    }

    fn tensor_name(&self) -> &str {
        self.element()
            .map_or("", |element| &self.network().tensor(element.tensor).name)
    }
}

/// A place among the tensors in backward order.
enum Place {
    Before,
    At(usize),
    After,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::example;

    #[test]
    fn tensors_follow_in_backward_order() {
        let mut session = example::linear();
        session.go_to(Position::Start);
        let mut names = Vec::new();
        while let Ok(position) = session.next_tensor() {
            session.go_to(position);
            names.push(session.tensor_name().to_owned());
        }
        assert_eq!(names, ["pool", "fc.weight", "fc.bias"]);
        assert_eq!(
            session.next_tensor().unwrap_err().to_string(),
            "`fc.bias` is the last tensor in backward order"
        );
        session.next(1);
        let back = session.previous_tensor().unwrap();
        session.go_to(back);
        assert_eq!(session.tensor_name(), "fc.weight");
    }
}
