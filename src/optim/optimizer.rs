//! The optimizers, each with its settings.

/// An optimizer with its settings: `torch.optim`'s, in f64. Settings that its rule does not have
/// are not looked at.
///
/// ```
/// use backstep::optim::{Kept, Optimizer, Rule};
///
/// let sgd = Optimizer { lr: 0.5, ..Optimizer::new(Rule::Sgd) };
/// let mut weight = [0.5];
/// sgd.update(1, &mut weight, &[0.25], &mut Kept::of(&sgd, 1));
/// // 0.5 − 0.5 × 0.25
/// assert_eq!(weight, [0.375]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimizer {
    /// Which one it is.
    pub rule: Rule,
    /// The learning rate.
    pub lr: f64,
    /// How much of the velocity goes on into the next update: `sgd` and `rmsprop`.
    pub momentum: f64,
    /// How much of a gradient the velocity does not take up: `sgd`.
    pub dampening: f64,
    /// What part of each value is added to its gradient; of `adamw` what part of it is taken away.
    pub weight_decay: f64,
    /// Whether the velocity is looked at after the gradient has been added: `sgd`.
    pub nesterov: bool,
    /// Whether the loss is to rise.
    pub maximize: bool,
    /// How much of the means of gradients and of their squares goes on into the next update:
    /// `adam` and `adamw`.
    pub betas: [f64; 2],
    /// What is added to a root, so that it is never 0.
    pub eps: f64,
    /// Whether the largest mean of squares so far counts: `adam` and `adamw`.
    pub amsgrad: bool,
    /// How much of the mean of squares goes on into the next update: `rmsprop`.
    pub alpha: f64,
    /// Whether the square of the mean gradient is taken from the mean of squares: `rmsprop`.
    pub centered: bool,
    /// How fast the learning rate falls: `adagrad`.
    pub lr_decay: f64,
    /// What the sum of squares begins with: `adagrad`.
    pub initial_accumulator_value: f64,
}

/// How an optimizer makes an update of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Down the slope, with momentum where that is asked for.
    Sgd,
    /// The mean gradient over the root of the mean square.
    Adam,
    /// The same, with weight decay that does not go through the means.
    AdamW,
    /// The gradient over the root of its mean square.
    Rmsprop,
    /// The gradient over the root of the sum of its squares.
    Adagrad,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sgd,
        Self::Adam,
        Self::AdamW,
        Self::Rmsprop,
        Self::Adagrad,
    ];

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Adam => "adam",
            Self::AdamW => "adamw",
            Self::Rmsprop => "rmsprop",
            Self::Adagrad => "adagrad",
        }
    }

    /// The class of `torch.optim`.
    pub fn torch(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Adam => "Adam",
            Self::AdamW => "AdamW",
            Self::Rmsprop => "RMSprop",
            Self::Adagrad => "Adagrad",
        }
    }

    /// The rule of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}
