//! How a network is doing: what its values and gradients are like, tensor by tensor, and what
//! follows from that.

mod finding;
mod gate;
mod loss_scale;
mod numbers;
mod origin;
mod precision;
mod run_loss;
mod spread;
mod tensor_health;
mod watch;

use rayon::prelude::*;

use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::tape::{Kind, Network};
use crate::tensor::TensorId;

pub use finding::{Finding, Gates, Trend};
pub use gate::{Gate, Unit};
pub use loss_scale::{GREATEST_LOSS_SCALE, HEADROOM, ScaleAdvice};
pub use numbers::{BINS, Numbers};
pub use origin::{Origin, Quantity, Reason, Side, Trail, first_in_values};
pub use precision::{RangeLoss, RoundingLoss};
pub use run_loss::{Most, RunLoss};
pub use spread::{Beginning, Reached, Spread, origins, reached_from};
pub use tensor_health::TensorHealth;
pub use watch::{At, WATCHES, Watch, WatchError, WatchRow};

/// What the tensors of a network are like after a backward pass.
#[derive(Debug, Clone)]
pub struct Health {
    /// The tensors in forward order, views left out: a layer's parameters before its output.
    pub tensors: Vec<TensorHealth>,
    /// What is worth knowing of them, the worst first.
    pub findings: Vec<Finding>,
}

impl Health {
    /// Looks at every tensor, whose gradients are computed for it.
    ///
    /// # Errors
    /// It was given up.
    pub fn of(backprop: &Backprop, cancel: &Cancel) -> Result<Self, Cancelled> {
        backprop.complete(cancel)?;
        let tensors = forward_order(backprop.network()).into_par_iter();
        let tensors = tensors.map(|tensor| {
            cancel.check()?;
            TensorHealth::of(backprop, tensor, cancel)
        });
        let tensors: Vec<_> = tensors.collect::<Result<_, _>>()?;
        let findings = finding::all(backprop, &tensors, cancel)?;
        Ok(Self { tensors, findings })
    }

    /// The largest root mean square that the gradients of a tensor have.
    pub fn strongest(&self) -> f64 {
        let gradients = self
            .tensors
            .iter()
            .filter_map(|tensor| tensor.gradients.as_ref());
        gradients.map(|numbers| numbers.rms).fold(0.0, f64::max)
    }
}

/// All tensors but views, what stands before a layer's own activation, and what becomes of
/// parameters: the inputs, and layer by layer its own parameters and its output.
fn forward_order(network: &Network) -> Vec<TensorId> {
    let of_layers = network.layers().iter().flat_map(|layer| {
        let own = [layer.weight, layer.bias].into_iter().flatten();
        own.chain([layer.output])
    });
    let inputs = network
        .ids()
        .take_while(|&id| network.layer_of(id).is_none());
    let mut order: Vec<TensorId> = Vec::with_capacity(network.tensors().len());
    let mut is_listed = vec![false; network.tensors().len()];
    for tensor in inputs.chain(of_layers).chain(network.ids()) {
        let info = network.tensor(tensor);
        let is_beside = matches!(info.kind, Kind::PreActivation(_) | Kind::Updated(_));
        let is_told = info.view_of.is_none() && !is_beside;
        if is_told && !std::mem::replace(&mut is_listed[tensor.0 as usize], true) {
            order.push(tensor);
        }
    }
    order
}
