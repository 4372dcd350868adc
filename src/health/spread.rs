//! How far numbers that are not finite have spread from where they began.

use std::collections::{HashMap, HashSet};

use super::origin::{MOST, Origin, Quantity, Side, Whence, forwards, told};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tensor::{Element, Tensor, TensorId};

/// The first number of a tensor that began to be not finite there, and how many of it did.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The first.
    pub origin: Origin,
    /// How many there are among the numbers of the tensor that were looked at.
    pub n: usize,
    /// Whether those are all that are not finite.
    pub is_all: bool,
    /// How many other numbers are not finite because of these.
    pub reached: Reached,
}

/// How many numbers are not finite because of others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many values.
    pub n_values: usize,
    /// How many gradients.
    pub n_gradients: usize,
    /// Whether there may be more, which were not followed back.
    pub is_least: bool,
}

impl Reached {
    fn count(&mut self, side: Side) {
        match side {
            Side::Values => self.n_values += 1,
            Side::Gradients => self.n_gradients += 1,
        }
    }
}

/// How many numbers of a run are not finite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    /// Values: how many are not, and how many there are.
    pub values: [usize; 2],
    /// Gradients, likewise.
    pub gradients: [usize; 2],
}

impl Spread {
    /// How many there are.
    pub fn n(self) -> usize {
        self.values[0] + self.gradients[0]
    }

    /// Counts them, those that a view shows under another name once.
    ///
    /// # Errors
    /// It was given up.
    pub fn of(backprop: &Backprop, cancel: &Cancel) -> Result<Self, Cancelled> {
        backprop.complete(cancel)?;
        let network = backprop.network();
        let mut spread = Self::default();
        let count = |sum: &mut [usize; 2], numbers: &Tensor| {
            let not_finite = numbers.data().iter().filter(|number| !number.is_finite());
            sum[0] += not_finite.count();
            sum[1] += numbers.data().len();
        };
        for tensor in told(network) {
            count(&mut spread.values, backprop.tape().value(tensor));
            if backprop.reaches(tensor) {
                count(&mut spread.gradients, backprop.gradient(tensor));
            }
        }
        Ok(spread)
    }
}

/// Where numbers begin to be not finite, in the order in which they are made: tensor by tensor
/// forwards, and then backwards.
///
/// # Errors
/// It was given up.
pub fn origins(backprop: &Backprop, cancel: &Cancel) -> Result<Vec<Beginning>, Cancelled> {
    Ok(follow(backprop, cancel)?.0)
}

/// How many other numbers are not finite because of one that began to be so.
///
/// # Errors
/// It was given up.
pub fn reached_from(
    backprop: &Backprop,
    origin: Quantity,
    cancel: &Cancel,
) -> Result<Reached, Cancelled> {
    let (_, mut followed) = follow(backprop, cancel)?;
    Ok(followed.reached.remove(&origin).unwrap_or_default())
}

/// The numbers that are not finite, followed back to where they began.
#[derive(Default)]
struct Followed {
    /// By number: where it began.
    origins: HashMap<Quantity, Quantity>,
    /// By where it began: how many others did, too.
    reached: HashMap<Quantity, Reached>,
    /// Whether some were not followed.
    is_part: bool,
}

/// Where numbers begin to be not finite, and whither that leads.
fn follow(backprop: &Backprop, cancel: &Cancel) -> Result<(Vec<Beginning>, Followed), Cancelled> {
    backprop.complete(cancel)?;
    let network = backprop.network();
    let forwards = forwards(network).map(|id| (id, Side::Values));
    let with_steps = backprop.steps().tensors().iter().copied();
    let given = backprop.upstream().keys().map(|&id| network.base(id));
    let backwards = given.chain(with_steps).map(|id| (id, Side::Gradients));
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let mut followed = Followed::default();
    for (tensor, side) in forwards.chain(backwards) {
        cancel.check()?;
        if seen.insert((tensor, side)) {
            found.extend(followed.beginning(backprop, tensor, side));
        }
    }
    for reached in followed.reached.values_mut() {
        reached.is_least = followed.is_part;
    }
    for beginning in &mut found {
        beginning.reached.is_least = followed.is_part;
    }
    for (origin, reached) in &followed.reached {
        let of = |one: &&mut Beginning| {
            let Quantity { element, side } = one.origin.quantity;
            (element.tensor, side) == (origin.element.tensor, origin.side)
        };
        if let Some(beginning) = found.iter_mut().find(of) {
            beginning.reached.n_values += reached.n_values;
            beginning.reached.n_gradients += reached.n_gradients;
        }
    }
    Ok((found, followed))
}

impl Followed {
    /// Follows the numbers of a tensor back, whose own numbers come last. Returns the first that
    /// began there, if one did.
    fn beginning(
        &mut self,
        backprop: &Backprop,
        tensor: TensorId,
        side: Side,
    ) -> Option<Beginning> {
        let numbers = match side {
            Side::Values => backprop.tape().value(tensor),
            Side::Gradients => backprop.gradient(tensor),
        };
        let places = numbers.data().iter().enumerate();
        let not_finite = places.filter(|(_, number)| !number.is_finite());
        let (mut origin, mut n) = (None, 0);
        for (at, _) in not_finite.clone().take(MOST) {
            let element = Element { tensor, at };
            let quantity = Quantity { element, side };
            match quantity.whence(backprop) {
                Whence::Made(reason) => {
                    n += 1;
                    origin.get_or_insert(Origin { quantity, reason });
                    self.origins.insert(quantity, quantity);
                }
                Whence::From(before) => match self.origins.get(&before).copied() {
                    Some(began) => {
                        self.origins.insert(quantity, began);
                        self.reached.entry(began).or_default().count(side);
                    }
                    None => self.is_part = true,
                },
            }
        }
        let is_all = not_finite.count() <= MOST;
        self.is_part |= !is_all;
        Some(Beginning {
            origin: origin?,
            n,
            is_all,
            reached: Reached::default(),
        })
    }
}
