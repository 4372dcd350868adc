//! What made an element, where that is an activation.

use crate::backprop::Backprop;
use crate::ops::Activation;
use crate::tape::Kind;
use crate::tensor::Element;

/// The activation that made an element, and its input z there, where one did.
pub(in crate::marking) fn activation_of(
    backprop: &Backprop,
    element: Element,
) -> Option<(Activation, f64)> {
    let (network, tape) = (backprop.network(), backprop.tape());
    let Kind::Layer(number) = network.tensor(element.tensor).kind else {
        return None;
    };
    let run = tape.layer_run(number, &[]);
    let own = run.activation;
    let own = own.map(|(activation, z)| (activation, z.data()[element.at]));
    own.or_else(|| {
        let function = network.layers()[number].op.function_at(&run, element.at)?;
        Some((function, run.input().value(element.at)))
    })
}
