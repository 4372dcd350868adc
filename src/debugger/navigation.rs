//! Going elsewhere: jumps, from which one returns, and the tensors in backward order.

use std::sync::Arc;

use super::{CommandError, Position, Session};
use crate::tensor::TensorId;

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
