//! Where among its steps a session stands.

/// Where the debugger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// Before the first step.
    Start,
    /// On the step of that number, counted from 0.
    Step(usize),
    /// After the last step.
    End,
}

impl Position {
    /// The same position where steps have other numbers.
    pub(super) fn moved(self, number: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Step(step) => Self::Step(number(step)),
            Self::Start | Self::End => self,
        }
    }
}
