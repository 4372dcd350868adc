//! Why a command does nothing.

use crate::cancel::Cancelled;
use crate::diagnostic::{Diagnostic, visible};
use crate::scenario::MOST_UPDATES;
use crate::tensor::Address;

/// Why a command does nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Nothing comes before the start.
    #[error("this is the start: nothing is computed yet")]
    AtStart,
    /// Nothing comes after the end.
    #[error("this is the end: every gradient is computed")]
    AtEnd,
    /// A tensor ends at a neuron.
    #[error("the tensor ends at `{0}`")]
    NoNeighbour(Address),
    /// There are no terms before the first step.
    #[error("no neuron is being computed yet: go on to the first one")]
    NotBegun,
    /// There are no terms after the last step.
    #[error("no neuron is being computed any more: go back to the last one")]
    Over,
    /// The sum of the neuron is empty.
    #[error("this neuron has no terms: no downstream neuron looks at it")]
    NoTerms,
    /// There is nothing to sort or to add up.
    #[error("this sum has only one term")]
    OneTerm,
    /// There is no neuron here that could be meant.
    #[error("no neuron is being computed here: name one, as in `{command} pool[0,1]`")]
    NoElement {
        /// The command that can name one.
        command: &'static str,
    },
    /// There is no neuron here that could be asked about.
    #[error("no neuron is being computed here: name one, such as `pool[0,1]`")]
    NoneAskedAbout,
    /// The learner is to predict the sum first.
    #[error("its sum is hidden: `p` predicts it, `r` shows it")]
    SumHidden,
    /// There is nothing here that could be predicted.
    #[error("there is no sum to predict here: go to a neuron")]
    NoSum,
    /// No question is asked.
    #[error("nothing is asked here: `P` begins a quiz")]
    NothingAsked,
    /// No question is asked at this step, though there is a quiz.
    #[error("nothing is asked here any more: `→` goes to the next question")]
    NothingAskedHere,
    /// The question has no answer of that number.
    #[error("there is no such answer: choose one from 1 to {0}")]
    NoAlternative(usize),
    /// There is nothing to reveal.
    #[error("nothing is hidden here")]
    NothingHidden,
    /// There is no score.
    #[error("nothing has been predicted yet: `p` predicts")]
    NothingPredicted,
    /// This is the end, where there is no next tensor.
    #[error("backprop is done: there is no tensor after the last")]
    AfterLastTensor,
    /// There is no next tensor.
    #[error("`{0}` is the last tensor in backward order")]
    LastTensor(String),
    /// There is no tensor before.
    #[error("there is no tensor before the first")]
    FirstTensor,
    /// No jump was made.
    #[error("there is no jump to return from")]
    NoJump,
    /// A search finds nothing.
    #[error("no tensor's name contains {}", crate::diagnostic::quote(.0))]
    NoMatch(String),
    /// A search finds only tensors that make no steps.
    #[error("`{0}` makes no steps")]
    NoSteps(String),
    /// A neuron is never stepped to.
    #[error("this neuron has no step at which to stop")]
    NoStep,
    /// There is no answer that could be compared.
    #[error("no answer is loaded: start with `--answer FILE`")]
    NoAnswer,
    /// No wrong number follows.
    #[error("no number is wrong from here on")]
    NoneWrongAfter,
    /// No wrong number comes before.
    #[error("no number is wrong before here")]
    NoneWrongBefore,
    /// There are no breakpoints.
    #[error("there is no breakpoint: `break` sets one")]
    NoBreakpoints,
    /// There is no breakpoint of that number.
    #[error("there is no breakpoint {0}; `breaks` lists them")]
    NoSuchBreakpoint(usize),
    /// Another breakpoint, of that number, is the same.
    #[error("breakpoint {0} stops there already")]
    SameBreakpoint(usize),
    /// The element is watched.
    #[error("`{0}` is watched already")]
    Watched(Address),
    /// The element is not watched.
    #[error("`{0}` is not watched")]
    NotWatched(Address),
    /// Nothing is watched.
    #[error("nothing is watched: `watch` adds a neuron")]
    NothingWatched,
    /// There is no optimizer.
    #[error("the scenario is not trained: `learn 10 at 0.1` trains it")]
    NotTrained,
    /// There is no optimizer, and there can be none.
    #[error("the scenario is not trained, and cannot be: {}", in_one_line(.0))]
    NotTrainable(Box<Diagnostic>),
    /// There would be too many updates.
    #[error("{MOST_UPDATES} updates are the most, so {n} more are too many here{}", match .left {
        0 => String::new(),
        left => format!(": `learn {left}` goes to the last"),
    })]
    TooManyUpdates {
        /// How many more are asked for.
        n: usize,
        /// How many more there can be.
        left: usize,
    },
    /// Nobody said how large the steps are.
    #[error("at which rate? as in `learn 10 at 0.1`")]
    NoRate,
    /// There is no update of that number.
    #[error("there is no update {update}: they go from 1 to {n_updates}; `learn` adds some")]
    NoSuchUpdate {
        /// The number.
        update: usize,
        /// How many there are.
        n_updates: usize,
    },
    /// No update comes before.
    #[error("this is the first update")]
    FirstUpdate,
    /// No update comes after.
    #[error("update {0} is the last: `learn` adds some")]
    LastUpdate(usize),
    /// A parameter's value is what training has made of it.
    #[error("at update {update} `{name}` is what the updates made of it: set it at `update 1`")]
    FollowsFromUpdates {
        /// The parameter.
        name: String,
        /// The update.
        update: usize,
    },
    /// An input comes from the batches.
    #[error("`{0}` is what the batches say: edit them in the scenario's file")]
    OfBatches(String),
    /// Nothing goes up and down.
    #[error("nothing is scrubbed: `scrub x[0]` begins")]
    NothingScrubbed,
    /// Nobody said what is to go up and down, and nothing here can.
    #[error("there is nothing at hand to scrub: name it, as in `scrub x[0]`")]
    NothingToScrub,
    /// No edit stands.
    #[error("nothing has been edited: `i` sets a value")]
    NothingEdited,
    /// No edit was undone.
    #[error("nothing has been undone")]
    NothingUndone,
    /// The downstream tensor is shown as a whole.
    #[error("the downstream tensor has no channels or batch items to page through")]
    NoPages,
    /// The scenario cannot be so, or a file cannot be written.
    #[error("{}", in_one_line(.0))]
    Refused(Box<Diagnostic>),
    /// It was given up.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<Diagnostic> for CommandError {
    fn from(problem: Diagnostic) -> Self {
        Self::Refused(Box::new(problem))
    }
}

fn in_one_line(problem: &Diagnostic) -> String {
    match &problem.hint {
        Some(hint) => format!("{problem} ({})", visible(hint)),
        None => problem.to_string(),
    }
}
