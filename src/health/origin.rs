//! Where a number that is not finite was made: the first that is, of numbers all of which are.

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::ops::{Activation, Contribution};
use crate::tape::{Kind, Network};
use crate::tensor::{Element, OutOfRange, TensorId};

/// A number of a run: a neuron's value or its gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// Whose it is.
    pub element: Element,
    /// Which of its numbers.
    pub side: Side,
}

/// Which numbers of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Its values.
    Values,
    /// Its gradients.
    Gradients,
}

impl Side {
    /// What people call one of the numbers.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Values => "value",
            Self::Gradients => "gradient",
        }
    }
}

/// A number that is not finite, and is made of nothing but finite ones.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The number.
    pub quantity: Quantity,
    /// How it was made.
    pub reason: Reason,
}

/// How a number that is not finite comes to be.
#[derive(Debug, Clone)]
pub enum Reason {
    /// It stands in the scenario.
    Given,
    /// It is what a function of one element gives at z.
    Function {
        /// The function.
        activation: Activation,
        /// Where it was taken.
        z: f64,
        /// The neuron whose value z is, where the function is a layer of its own.
        read: Option<Element>,
    },
    /// It is what the layer of that number makes of what it reads.
    Layer(usize),
    /// A factor of a term is not finite.
    Factor(Contribution),
    /// A product of finite numbers is too large to be written.
    Product(Contribution),
    /// A sum of finite terms is.
    Sum,
    /// It is too large for the format to which it is rounded: about this number, as it is without
    /// rounding.
    Overflow(f64),
}

impl Reason {
    fn is_given(&self) -> bool {
        matches!(self, Self::Given)
    }
}

/// How a number came to be not finite.
#[derive(Debug, Clone)]
pub struct Trail {
    /// Where it began.
    pub origin: Origin,
    /// The numbers from there to the one that was asked about, both among them.
    pub way: Vec<Quantity>,
    /// The first number on the way that is NaN, where it began with an infinite one.
    pub turned: Option<Quantity>,
}

impl Quantity {
    /// The number.
    pub fn number(self, backprop: &Backprop) -> f64 {
        match self.side {
            Side::Values => backprop.tape().element(self.element),
            Side::Gradients => backprop.element(self.element),
        }
    }

    /// Follows a number back to where it began to be not finite; nothing of one that is finite.
    ///
    /// # Errors
    /// It was given up.
    pub fn trail(self, backprop: &Backprop, cancel: &Cancel) -> Result<Option<Trail>, Cancelled> {
        if self.number(backprop).is_finite() {
            return Ok(None);
        }
        let (mut way, mut here) = (vec![self], self);
        let reason = loop {
            cancel.check()?;
            match here.whence(backprop) {
                Whence::From(before) => here = before,
                Whence::Made(reason) => break reason,
            }
            way.push(here);
        };
        way.reverse();
        let is_infinite = here.number(backprop).is_infinite();
        let mut numbers = way.iter().copied();
        Ok(Some(Trail {
            origin: Origin {
                quantity: here,
                reason,
            },
            turned: numbers.find(|one| is_infinite && one.number(backprop).is_nan()),
            way,
        }))
    }

    /// Whether it is NaN, and of nothing that is.
    pub fn is_first_nan(self, backprop: &Backprop) -> bool {
        let is_nan = |one: Self| one.number(backprop).is_nan();
        is_nan(self)
            && match self.whence(backprop) {
                Whence::From(before) => !is_nan(before),
                Whence::Made(_) => true,
            }
    }

    /// The number that makes this one, which is not finite, what it is, or how it is made.
    pub(super) fn whence(self, backprop: &Backprop) -> Whence {
        match self.side {
            Side::Values => value_whence(backprop, self.element),
            Side::Gradients => gradient_whence(backprop, self.element),
        }
    }
}

/// The first value of a run that is NaN, of nothing that is, or became infinite, if there is one.
/// An infinite number that is given may well be meant, as in a mask.
pub fn first_in_values(backprop: &Backprop) -> Option<Quantity> {
    forwards(backprop.network()).find_map(|tensor| {
        let numbers = backprop.tape().value(tensor).data();
        let places = numbers.iter().enumerate();
        let not_finite = places.filter(|(_, number)| !number.is_finite()).take(MOST);
        let mut quantities = not_finite.map(|(at, _)| Quantity {
            element: Element { tensor, at },
            side: Side::Values,
        });
        quantities.find(|one| {
            let is_made =
                || matches!(one.whence(backprop), Whence::Made(reason) if !reason.is_given());
            one.is_first_nan(backprop) || is_made()
        })
    })
}

/// The tensors in the order in which their values are there: what is given first, and what a layer
/// computes before its own activation before its output.
pub(super) fn forwards(network: &Network) -> impl Iterator<Item = TensorId> {
    let is_leaf = |id: &TensorId| network.layer_of(*id).is_none();
    let layers = network.layers().iter().enumerate();
    let computed = layers.flat_map(|(number, layer)| {
        let before = network.pre_activation(number).into_iter();
        before.chain([layer.output])
    });
    let is_own = |id: &TensorId| network.tensor(*id).view_of.is_none();
    told(network).filter(is_leaf).chain(computed.filter(is_own))
}

/// All tensors but views, what stands before a layer's own activation, and what becomes of
/// parameters.
pub(super) fn told(network: &Network) -> impl Iterator<Item = TensorId> {
    network.ids().filter(|&id| {
        let info = network.tensor(id);
        let is_beside = matches!(info.kind, Kind::PreActivation(_) | Kind::Updated(_));
        info.view_of.is_none() && !is_beside
    })
}

/// So many numbers of a tensor are looked at, for each of them may be made of many.
pub(super) const MOST: usize = 4096;

/// Whence a number that is not finite is so.
pub(super) enum Whence {
    From(Quantity),
    Made(Reason),
}

impl Whence {
    fn value(element: Element) -> Self {
        let side = Side::Values;
        Self::From(Quantity { element, side })
    }
}

fn value_whence(backprop: &Backprop, element: Element) -> Whence {
    let network = backprop.network();
    let (number, has_activation) = match network.tensor(element.tensor).kind {
        Kind::Layer(number) => (number, true),
        Kind::PreActivation(number) => (number, false),
        Kind::Input | Kind::Parameter(_) | Kind::Updated(_) => {
            return Whence::Made(overflow(backprop, element).unwrap_or(Reason::Given));
        }
    };
    let tape = backprop.tape();
    let run = tape.layer_run(number, &[]);
    let own = run.activation.filter(|_| has_activation);
    let own = own.map(|(activation, z)| (activation, z.data()[element.at], None));
    let before = network.pre_activation(number).filter(|_| has_activation);
    if let (Some((_, z, _)), Some(tensor)) = (own, before)
        && !z.is_finite()
    {
        return Whence::value(Element { tensor, ..element });
    }
    let layer = &network.layers()[number];
    let wanted = Wanted::like(tape.element(element));
    let mut found = None;
    for (role, read) in layer.roles() {
        layer.op.receptive_field(&run, role, element.at, &mut |at| {
            let read = Element {
                tensor: network.base(read),
                at,
            };
            wanted.take(tape.element(read), read, &mut found);
        });
    }
    if let Some((_, read)) = found {
        return Whence::value(read);
    }
    if let Some(overflow) = overflow(backprop, element) {
        return Whence::Made(overflow);
    }
    let of_one = || {
        let tensor = network.base(*layer.inputs.first()?);
        let read = Element { tensor, ..element };
        Some((
            layer.op.function_at(&run, element.at)?,
            tape.element(read),
            Some(read),
        ))
    };
    Whence::Made(match own.or_else(of_one) {
        Some((activation, z, read)) => Reason::Function {
            activation,
            z,
            read,
        },
        None => Reason::Layer(number),
    })
}

/// Says that a value which is infinite is so because it is rounded.
fn overflow(backprop: &Backprop, element: Element) -> Option<Reason> {
    let exact = backprop.unrounded().tape().element(element);
    let has_overflowed = backprop.tape().out_of_range(element) == Some(OutOfRange::Overflowed);
    has_overflowed.then_some(Reason::Overflow(exact))
}

fn gradient_whence(backprop: &Backprop, element: Element) -> Whence {
    let wanted = Wanted::like(backprop.element(element));
    let mut found = None;
    backprop.terms(element, &mut |term| {
        wanted.take(term.product(), term, &mut found)
    });
    let Some((_, term)) = found else {
        let is_infinite = |given: Option<f64>| given.is_some_and(|given| !given.is_finite());
        let exact = backprop.unrounded().given(element);
        let sum = backprop.sum(element);
        return Whence::Made(match backprop.given(element) {
            given if !is_infinite(given) && sum.is_finite() => Reason::Overflow(sum),
            given if !is_infinite(given) => Reason::Sum,
            _ if is_infinite(exact) => Reason::Given,
            _ => Reason::Overflow(exact.unwrap_or(sum)),
        });
    };
    let is_update = matches!(
        backprop.network().tensor(element.tensor).kind,
        Kind::Updated(_)
    );
    if is_update && term.factors.is_empty() {
        // The value from before the update.
        return Whence::value(term.from);
    }
    if !term.upstream.is_finite() {
        let (element, side) = (term.from, Side::Gradients);
        return Whence::From(Quantity { element, side });
    }
    let mut factors = term
        .factors
        .iter()
        .filter(|factor| !factor.value.is_finite());
    let Some(factor) = factors.next() else {
        return Whence::Made(Reason::Product(term));
    };
    match factor.source.or_else(|| read_by(backprop, &term)) {
        Some(source) if !backprop.tape().element(source).is_finite() => Whence::value(source),
        _ => Whence::Made(Reason::Factor(term)),
    }
}

/// A value that is not finite among those of which a factor was worked out.
fn read_by(backprop: &Backprop, term: &Contribution) -> Option<Element> {
    let (network, tape) = (backprop.network(), backprop.tape());
    let Kind::Layer(number) = network.tensor(term.from.tensor).kind else {
        return None;
    };
    let layer = &network.layers()[number];
    let run = tape.layer_run(number, &[]);
    let mut found = None;
    for (role, read) in layer.roles() {
        layer
            .op
            .receptive_field(&run, role, term.from.at, &mut |at| {
                let read = Element {
                    tensor: network.base(read),
                    at,
                };
                if found.is_none() && !tape.element(read).is_finite() {
                    found = Some(read);
                }
            });
    }
    found.or_else(|| Some(term.from).filter(|&from| !tape.element(from).is_finite()))
}

/// Which of several numbers that are not finite is to be followed: NaN comes from NaN where there
/// is one, ∞ from ∞.
#[derive(Clone, Copy)]
struct Wanted {
    is_nan: bool,
}

impl Wanted {
    fn like(number: f64) -> Self {
        Self {
            is_nan: number.is_nan(),
        }
    }

    /// Takes the first that is wanted, or else the first that is not finite.
    fn take<T>(self, number: f64, with: T, found: &mut Option<(f64, T)>) {
        let is_wanted = number.is_nan() == self.is_nan;
        let is_better = match found {
            None => true,
            Some((taken, _)) => is_wanted && taken.is_nan() != self.is_nan,
        };
        if !number.is_finite() && is_better {
            *found = Some((number, with));
        }
    }
}
