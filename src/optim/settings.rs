//! The settings of each optimizer: their keys, their defaults and what values they take.

use super::optimizer::{Optimizer, Rule};

/// One setting of an optimizer.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its key in a file, which is `torch.optim`'s.
    pub key: &'static str,
    /// What it is for, in a line.
    pub doc: &'static str,
    /// Where it stands, and what it takes.
    pub field: Field,
}

/// Where a setting stands in an [`Optimizer`].
#[derive(Debug, Clone, Copy)]
pub enum Field {
    /// A number of at least 0, or any finite one where the loss is to rise.
    Rate,
    /// A number of at least 0.
    NotNegative(fn(&mut Optimizer) -> &mut f64),
    /// Any finite number.
    Any(fn(&mut Optimizer) -> &mut f64),
    /// Two numbers of at least 0 and below 1.
    Betas,
    /// True or false.
    Flag(fn(&mut Optimizer) -> &mut bool),
}

/// What is wrong with the settings of an optimizer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{key}` {must}")]
pub struct OptimizerError {
    /// The setting.
    pub key: &'static str,
    /// What it must be.
    pub must: &'static str,
}

const LR: Setting = Setting {
    key: "lr",
    doc: "The learning rate.",
    field: Field::Rate,
};
const WEIGHT_DECAY: Setting = Setting {
    key: "weight_decay",
    doc: "What part of each value is added to its gradient.",
    field: Field::NotNegative(|of| &mut of.weight_decay),
};
const MAXIMIZE: Setting = Setting {
    key: "maximize",
    doc: "Whether the loss is to rise.",
    field: Field::Flag(|of| &mut of.maximize),
};
const MOMENTUM: Setting = Setting {
    key: "momentum",
    doc: "How much of the velocity goes on into the next update.",
    field: Field::NotNegative(|of| &mut of.momentum),
};
const EPS: Setting = Setting {
    key: "eps",
    doc: "What is added to a root, so that it is never 0.",
    field: Field::NotNegative(|of| &mut of.eps),
};
const BETAS: Setting = Setting {
    key: "betas",
    doc: "How much of the mean gradient, and of the mean square, goes on into the next update.",
    field: Field::Betas,
};
const AMSGRAD: Setting = Setting {
    key: "amsgrad",
    doc: "Whether the largest mean square so far counts.",
    field: Field::Flag(|of| &mut of.amsgrad),
};
const DECOUPLED: Setting = Setting {
    doc: "What part of each value is taken away, times the learning rate.",
    ..WEIGHT_DECAY
};

/// The settings of each rule, in `torch.optim`'s order.
pub const RULES: &[(Rule, &[Setting])] = &[
    (
        Rule::Sgd,
        &[
            LR,
            MOMENTUM,
            Setting {
                key: "dampening",
                doc: "How much of a gradient the velocity does not take up.",
                field: Field::Any(|of| &mut of.dampening),
            },
            WEIGHT_DECAY,
            Setting {
                key: "nesterov",
                doc: "Whether the velocity is looked at after the gradient has been added to it.",
                field: Field::Flag(|of| &mut of.nesterov),
            },
            MAXIMIZE,
        ],
    ),
    (
        Rule::Adam,
        &[LR, BETAS, EPS, WEIGHT_DECAY, AMSGRAD, MAXIMIZE],
    ),
    (Rule::AdamW, &[LR, BETAS, EPS, DECOUPLED, AMSGRAD, MAXIMIZE]),
    (
        Rule::Rmsprop,
        &[
            LR,
            Setting {
                key: "alpha",
                doc: "How much of the mean square goes on into the next update.",
                field: Field::NotNegative(|of| &mut of.alpha),
            },
            EPS,
            WEIGHT_DECAY,
            MOMENTUM,
            Setting {
                key: "centered",
                doc: "Whether the square of the mean gradient is taken from the mean square.",
                field: Field::Flag(|of| &mut of.centered),
            },
            MAXIMIZE,
        ],
    ),
    (
        Rule::Adagrad,
        &[
            LR,
            Setting {
                key: "lr_decay",
                doc: "How fast the learning rate falls.",
                field: Field::NotNegative(|of| &mut of.lr_decay),
            },
            WEIGHT_DECAY,
            Setting {
                key: "initial_accumulator_value",
                doc: "What the sum of squares begins with.",
                field: Field::NotNegative(|of| &mut of.initial_accumulator_value),
            },
            EPS,
            MAXIMIZE,
        ],
    ),
];

impl Rule {
    /// The settings that it has.
    pub fn settings(self) -> &'static [Setting] {
        let mut rules = RULES.iter();
        rules
            .find(|(rule, _)| *rule == self)
            .map_or(&[], |(_, settings)| settings)
    }
}

impl Optimizer {
    /// An optimizer with `torch.optim`'s defaults.
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            lr: match rule {
                Rule::Sgd | Rule::Adam | Rule::AdamW => 1e-3,
                Rule::Rmsprop | Rule::Adagrad => 1e-2,
            },
            momentum: 0.0,
            dampening: 0.0,
            weight_decay: match rule {
                Rule::AdamW => 1e-2,
                Rule::Sgd | Rule::Adam | Rule::Rmsprop | Rule::Adagrad => 0.0,
            },
            nesterov: false,
            maximize: false,
            betas: [0.9, 0.999],
            eps: match rule {
                Rule::Adagrad => 1e-10,
                Rule::Sgd | Rule::Adam | Rule::AdamW | Rule::Rmsprop => 1e-8,
            },
            amsgrad: false,
            alpha: 0.99,
            centered: false,
            lr_decay: 0.0,
            initial_accumulator_value: 0.0,
        }
    }

    /// Returns everything that is wrong with the settings, each with its key.
    pub fn check(&self) -> Vec<OptimizerError> {
        let mut of = *self;
        let settings = self.rule.settings().iter();
        let mut errors: Vec<OptimizerError> = settings
            .filter_map(|setting| {
                let must = setting.field.fault(&mut of)?;
                let key = setting.key;
                Some(OptimizerError { key, must })
            })
            .collect();
        let is_sgd = self.rule == Rule::Sgd;
        if is_sgd && self.nesterov && (self.momentum <= 0.0 || self.dampening != 0.0) {
            errors.push(OptimizerError {
                key: "nesterov",
                must: "needs a `momentum` above 0 and a `dampening` of 0",
            });
        }
        errors
    }

    /// The settings that differ from their defaults, in their order.
    pub fn given(&self) -> Vec<(&'static str, Given)> {
        let (mut of, mut default) = (*self, Self::new(self.rule));
        let settings = self.rule.settings().iter();
        settings
            .filter_map(|setting| {
                let given = setting.field.given(&mut of);
                (given != setting.field.given(&mut default)).then_some((setting.key, given))
            })
            .collect()
    }
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given {
    /// A number.
    Number(f64),
    /// Two numbers.
    Pair([f64; 2]),
    /// True or false.
    Flag(bool),
}

impl Field {
    /// What the optimizer has there.
    pub fn given(&self, of: &mut Optimizer) -> Given {
        match self {
            Self::Rate => Given::Number(of.lr),
            Self::NotNegative(field) | Self::Any(field) => Given::Number(*field(of)),
            Self::Betas => Given::Pair(of.betas),
            Self::Flag(field) => Given::Flag(*field(of)),
        }
    }

    /// Puts a value there, or says what it must be.
    ///
    /// # Errors
    /// The value is of another kind.
    pub fn set(&self, of: &mut Optimizer, value: Given) -> Result<(), &'static str> {
        match (self, value) {
            (Self::Rate, Given::Number(number)) => of.lr = number,
            (Self::NotNegative(field) | Self::Any(field), Given::Number(number)) => {
                *field(of) = number
            }
            (Self::Betas, Given::Pair(pair)) => of.betas = pair,
            (Self::Flag(field), Given::Flag(flag)) => *field(of) = flag,
            _ => return Err(self.expects()),
        }
        Ok(())
    }

    /// What a value must be to be put there.
    pub fn expects(&self) -> &'static str {
        match self {
            Self::Betas => "must be a list of two numbers",
            Self::Flag(_) => "must be true or false",
            Self::Rate | Self::NotNegative(_) | Self::Any(_) => "must be a number",
        }
    }

    /// What is wrong with what the optimizer has there.
    fn fault(&self, of: &mut Optimizer) -> Option<&'static str> {
        let (number, least, end, must) = match self {
            Self::Rate if of.maximize => (of.lr, f64::MIN, f64::INFINITY, "must be finite"),
            Self::Rate => (
                of.lr,
                0.0,
                f64::INFINITY,
                "must not be negative unless `maximize` is true",
            ),
            Self::NotNegative(field) => (*field(of), 0.0, f64::INFINITY, "must not be negative"),
            Self::Any(field) => (*field(of), f64::MIN, f64::INFINITY, "must be finite"),
            Self::Betas => {
                let fits = of.betas.iter().all(|beta| (0.0..1.0).contains(beta));
                return (!fits).then_some("must be two numbers of at least 0 and below 1");
            }
            Self::Flag(_) => return None,
        };
        (!(number >= least && number < end)).then_some(must)
    }
}
