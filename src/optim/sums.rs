//! The sums of an update, term by term, as `torch.optim` defines each optimizer.

use super::optimizer::{Optimizer, Rule};

/// A sum of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sum {
    /// The velocity after the update.
    Velocity,
    /// The mean of the gradients, m.
    Mean,
    /// The mean, or the sum, of the squared gradients, v.
    Square,
    /// The largest mean of squares so far. It is kept, and no sum has terms of it.
    Largest,
    /// The mean gradient that is taken from the squares.
    Center,
    /// The new value.
    Value,
}

/// What a term of an update multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// The value before the update.
    Value,
    /// The gradient.
    Gradient,
    /// The gradient, with weight decay, squared.
    SquaredGradient,
    /// The velocity: that from before the update, or with `nesterov` that from after it.
    Velocity,
    /// The mean of the gradients from before the update.
    Mean,
    /// The mean of the gradients after the update, corrected for beginning at 0: m̂.
    CorrectedMean,
    /// The mean or the sum of squares from before the update.
    Square,
    /// The mean gradient from before the update.
    Center,
}

/// What a factor of a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// −1 where the loss is to rise.
    Sign,
    /// Minus the learning rate.
    Rate,
    /// 1 over the root of the mean or the sum of squares.
    Adaptive,
    /// How much of what was there goes on.
    Momentum,
    /// How much of what is new is taken up.
    Dampening,
    /// The weight decay.
    Decay,
}

impl Sum {
    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Velocity => "velocity",
            Self::Mean => "mean",
            Self::Square => "square",
            Self::Largest => "largest",
            Self::Center => "center",
            Self::Value => "value",
        }
    }
}

impl Quantity {
    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Gradient => "gradient",
            Self::SquaredGradient => "squared_gradient",
            Self::Velocity => "velocity",
            Self::Mean => "mean",
            Self::CorrectedMean => "corrected_mean",
            Self::Square => "square",
            Self::Center => "center",
        }
    }
}

/// What of an update is the same for every element.
pub(super) struct Clock {
    is_first: bool,
    /// Minus the learning rate of this update.
    rate: f64,
    /// What the means of gradients and of squares are divided by, since they begin at 0.
    corrections: [f64; 2],
}

impl Clock {
    pub(super) fn at(optimizer: &Optimizer, update: usize) -> Self {
        let before = update.saturating_sub(1) as f64;
        let rate = match optimizer.rule {
            Rule::Adagrad => optimizer.lr / (1.0 + before * optimizer.lr_decay),
            Rule::Sgd | Rule::Adam | Rule::AdamW | Rule::Rmsprop => optimizer.lr,
        };
        let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
        let corrections = match optimizer.rule {
            Rule::Adam | Rule::AdamW => optimizer.betas.map(correction),
            Rule::Sgd | Rule::Rmsprop | Rule::Adagrad => [1.0; 2],
        };
        Self {
            is_first: update <= 1,
            rate: -rate,
            corrections,
        }
    }
}

/// One element before an update.
pub(super) struct Before {
    pub(super) value: f64,
    pub(super) gradient: f64,
    pub(super) kept: [f64; 3],
}

/// One element after it.
pub(super) struct After {
    pub(super) value: f64,
    pub(super) kept: [f64; 3],
}

/// A sum that is being added up before those who want to see its terms.
struct Adding<'v, V> {
    sum: Sum,
    total: f64,
    visit: &'v mut V,
}

impl<'v, V: FnMut(Sum, Quantity, f64, &[(Part, f64)])> Adding<'v, V> {
    #[inline]
    fn new(sum: Sum, visit: &'v mut V) -> Self {
        Self {
            sum,
            total: 0.0,
            visit,
        }
    }

    /// Adds a number times factors; one of `None` is not there.
    #[inline]
    fn add<const N: usize>(&mut self, of: Quantity, number: f64, factors: [Factor; N]) {
        let mut shown = [(Part::Sign, 0.0); N];
        let mut n_shown = 0;
        let mut product = number;
        for (part, value) in factors.into_iter().flatten() {
            product *= value;
            shown[n_shown] = (part, value);
            n_shown += 1;
        }
        self.total += product;
        (self.visit)(self.sum, of, number, &shown[..n_shown]);
    }
}

/// A factor that may not be there.
type Factor = Option<(Part, f64)>;

impl Optimizer {
    /// Adds up what an update makes of an element. `torch.optim`'s own loops over single tensors
    /// (`_single_tensor_sgd` and its like) are the source of every formula, up to the order in
    /// which numbers are rounded.
    #[inline]
    pub(super) fn sums<V>(&self, clock: &Clock, before: &Before, visit: &mut V) -> After
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        match self.rule {
            Rule::Sgd => self.sgd(clock, before, visit),
            Rule::Adam | Rule::AdamW => self.adam(clock, before, visit),
            Rule::Rmsprop => self.rmsprop(clock, before, visit),
            Rule::Adagrad => self.adagrad(clock, before, visit),
        }
    }

    /// The sign of the gradient, where it is turned.
    fn sign(&self) -> Factor {
        self.maximize.then_some((Part::Sign, -1.0))
    }

    /// The weight decay that is added to gradients, where there is any.
    fn decay(&self) -> Factor {
        let goes_through = self.rule != Rule::AdamW && self.weight_decay != 0.0;
        goes_through.then_some((Part::Decay, self.weight_decay))
    }

    /// The gradient with its sign turned and weight decay added, as far as they are asked for.
    fn slope(&self, before: &Before) -> f64 {
        let turned = match self.maximize {
            true => -before.gradient,
            false => before.gradient,
        };
        match self.decay() {
            Some((_, decay)) => turned + decay * before.value,
            None => turned,
        }
    }

    /// Adds the gradient and its weight decay to a sum, each times these factors.
    #[inline]
    fn add_slope<V>(&self, adding: &mut Adding<'_, V>, before: &Before, [one, two]: [Factor; 2])
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        adding.add(Quantity::Gradient, before.gradient, [self.sign(), one, two]);
        if let Some(decay) = self.decay() {
            adding.add(Quantity::Value, before.value, [one, two, Some(decay)]);
        }
    }

    fn sgd<V>(&self, clock: &Clock, before: &Before, visit: &mut V) -> After
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        let rate = Some((Part::Rate, clock.rate));
        let momentum = Some((Part::Momentum, self.momentum));
        // The first gradient is the velocity as it is.
        let is_damped = self.dampening != 0.0 && !clock.is_first;
        let dampening = is_damped.then_some((Part::Dampening, 1.0 - self.dampening));
        let mut kept = before.kept;
        if self.momentum != 0.0 {
            let mut velocity = Adding::new(Sum::Velocity, visit);
            if !clock.is_first {
                velocity.add(Quantity::Velocity, before.kept[0], [momentum]);
            }
            self.add_slope(&mut velocity, before, [dampening, None]);
            kept[0] = velocity.total;
        }
        let mut value = Adding::new(Sum::Value, visit);
        value.add(Quantity::Value, before.value, []);
        if self.momentum == 0.0 {
            self.add_slope(&mut value, before, [rate, None]);
        } else if self.nesterov {
            self.add_slope(&mut value, before, [rate, None]);
            value.add(Quantity::Velocity, kept[0], [rate, momentum]);
        } else {
            self.add_slope(&mut value, before, [rate, dampening]);
            if !clock.is_first {
                value.add(Quantity::Velocity, before.kept[0], [rate, momentum]);
            }
        }
        After {
            value: value.total,
            kept,
        }
    }

    fn adam<V>(&self, clock: &Clock, before: &Before, visit: &mut V) -> After
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        let goes_on = self.betas.map(|beta| Some((Part::Momentum, beta)));
        let is_new = self.betas.map(|beta| Some((Part::Dampening, 1.0 - beta)));
        let mut mean = Adding::new(Sum::Mean, visit);
        mean.add(Quantity::Mean, before.kept[0], [goes_on[0]]);
        self.add_slope(&mut mean, before, [is_new[0], None]);
        let mean = mean.total;
        let slope = self.slope(before);
        let mut square = Adding::new(Sum::Square, visit);
        square.add(Quantity::Square, before.kept[1], [goes_on[1]]);
        square.add(Quantity::SquaredGradient, slope * slope, [is_new[1]]);
        let square = square.total;
        let largest = larger(before.kept[2], square);
        let counts = if self.amsgrad { largest } else { square };
        let root = (counts / clock.corrections[1]).sqrt() + self.eps;
        let rate = Some((Part::Rate, clock.rate));
        let mut value = Adding::new(Sum::Value, visit);
        value.add(Quantity::Value, before.value, []);
        if self.rule == Rule::AdamW && self.weight_decay != 0.0 {
            let decay = Some((Part::Decay, self.weight_decay));
            value.add(Quantity::Value, before.value, [rate, decay]);
        }
        let corrected = mean / clock.corrections[0];
        let adaptive = Some((Part::Adaptive, 1.0 / root));
        value.add(Quantity::CorrectedMean, corrected, [rate, adaptive]);
        After {
            value: value.total,
            kept: [mean, square, largest],
        }
    }

    fn rmsprop<V>(&self, clock: &Clock, before: &Before, visit: &mut V) -> After
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        let goes_on = Some((Part::Momentum, self.alpha));
        let is_new = Some((Part::Dampening, 1.0 - self.alpha));
        let slope = self.slope(before);
        let mut square = Adding::new(Sum::Square, visit);
        square.add(Quantity::Square, before.kept[1], [goes_on]);
        square.add(Quantity::SquaredGradient, slope * slope, [is_new]);
        let square = square.total;
        let mut center = 0.0;
        if self.centered {
            let mut mean = Adding::new(Sum::Center, visit);
            mean.add(Quantity::Center, before.kept[2], [goes_on]);
            self.add_slope(&mut mean, before, [is_new, None]);
            center = mean.total;
        }
        let root = (square - center * center).sqrt() + self.eps;
        let rate = Some((Part::Rate, clock.rate));
        let adaptive = Some((Part::Adaptive, 1.0 / root));
        let momentum = Some((Part::Momentum, self.momentum));
        let mut velocity = 0.0;
        if self.momentum > 0.0 {
            let mut sum = Adding::new(Sum::Velocity, visit);
            sum.add(Quantity::Velocity, before.kept[0], [momentum]);
            self.add_slope(&mut sum, before, [adaptive, None]);
            velocity = sum.total;
        }
        let mut value = Adding::new(Sum::Value, visit);
        value.add(Quantity::Value, before.value, []);
        self.add_slope(&mut value, before, [rate, adaptive]);
        if self.momentum > 0.0 {
            value.add(Quantity::Velocity, before.kept[0], [rate, momentum]);
        }
        After {
            value: value.total,
            kept: [velocity, square, center],
        }
    }

    fn adagrad<V>(&self, clock: &Clock, before: &Before, visit: &mut V) -> After
    where
        V: FnMut(Sum, Quantity, f64, &[(Part, f64)]),
    {
        let slope = self.slope(before);
        let mut square = Adding::new(Sum::Square, visit);
        square.add(Quantity::Square, before.kept[1], []);
        square.add(Quantity::SquaredGradient, slope * slope, []);
        let square = square.total;
        let rate = Some((Part::Rate, clock.rate));
        let adaptive = Some((Part::Adaptive, 1.0 / (square.sqrt() + self.eps)));
        let mut value = Adding::new(Sum::Value, visit);
        value.add(Quantity::Value, before.value, []);
        self.add_slope(&mut value, before, [rate, adaptive]);
        After {
            value: value.total,
            kept: [0.0, square, 0.0],
        }
    }
}

/// The larger of two numbers, and NaN where one of them is, as `torch.maximum` has it.
fn larger(one: f64, other: f64) -> f64 {
    if one.is_nan() || one > other {
        one
    } else {
        other
    }
}
