//! Exercises on what a gradient is for: the values of parameters after an update.

use super::{Arithmetic, BIASES, Level, Plan, SMALL, Template, WHOLE};
use crate::ops::{Linear, MseLoss};
use crate::optim::{Optimizer, Rule};

/// The rate of all of them. With two numbers of y, those who take the sum for the mean are as far
/// off as with twice the rate, which nobody else is.
const RATE: f64 = 0.25;

pub(super) const TEMPLATES: &[Template] = &[
    Template {
        name: "descent-step",
        practises: "a step of gradient descent: the rate, the sign, and gradients that all use the \
                    weights from before it",
        title: "A step of gradient descent",
        description: "The loss is the mean of the squared errors. Each parameter takes one step \
                      down its gradient. All gradients use the weights from before the step.",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: |level| plan(level, sgd()),
    },
    Template {
        name: "momentum-step",
        practises: "a step with momentum: the velocity, and the step that it makes longer",
        title: "A step with momentum",
        description: "The loss is the mean of the squared errors. The velocity begins at 0, takes \
                      up the gradient, and its part that goes on is added to the step (Nesterov's \
                      momentum): new = old − lr × (gradient + momentum × velocity).",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: |level| {
            let momentum = Optimizer {
                momentum: 0.5,
                nesterov: true,
                ..sgd()
            };
            plan(level, momentum)
        },
    },
    Template {
        name: "weight-decay-step",
        practises: "a step with weight decay, which pulls each parameter towards 0",
        title: "A step with weight decay",
        description: "The loss is the mean of the squared errors. Before the step each parameter \
                      adds its weight decay to its gradient: new = old − lr × (gradient + \
                      weight_decay × old).",
        arithmetic: Arithmetic::Exact,
        has_ties: false,
        plan: |level| {
            let decay = Optimizer {
                weight_decay: 0.5,
                ..sgd()
            };
            plan(level, decay)
        },
    },
];

fn sgd() -> Optimizer {
    Optimizer {
        lr: RATE,
        ..Optimizer::new(Rule::Sgd)
    }
}

fn plan(level: Level, optimizer: Optimizer) -> Plan {
    let x = || Plan::of("x", &[2], SMALL);
    let y = |plan: Plan| plan.layer("y", Linear::default()).weight(&[2, 2], WHOLE);
    let loss = |plan: Plan| plan.loss("loss", &[2], WHOLE, |target| MseLoss::new(target).into());
    let plan = match level {
        Level::One => loss(y(x())).ask(&["y.weight", "y.weight.new"]),
        Level::Two => {
            let y = y(x()).bias(&[2], BIASES);
            loss(y).ask(&["y", "y.weight.new", "y.bias.new"])
        }
        Level::Three => {
            let hidden = x()
                .layer("hidden", Linear::default())
                .weight(&[2, 2], SMALL);
            loss(y(hidden)).ask(&["y", "hidden", "y.weight.new", "hidden.weight.new"])
        }
    };
    plan.train(optimizer)
}
