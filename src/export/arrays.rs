//! The arrays of a run, for the formats that hold nothing else.
//!
//! A gradient has its tensor's name, so that the file is an answer file too. A value has `value/`
//! before the name: no tensor's name has a slash in it, so the two never collide.

use std::io::{self, Write};

use super::{Selection, Subject};
use crate::tape::Kind;
use crate::tensor::{Tensor, TensorId, le_bytes};

/// What stands before a tensor's name where its values are meant.
pub(super) const VALUES: &str = "value/";

/// Returns the arrays with their names: the gradients of the selected tensors in the network's
/// order, and what becomes of parameters under its own name, then their values.
pub(super) fn arrays<'a>(
    subject: Subject<'a>,
    selection: &'a Selection,
) -> impl Iterator<Item = (String, &'a Tensor)> {
    let Subject { backprop, .. } = subject;
    let network = backprop.network();
    let name = |id| &network.tensor(id).name;
    let gradients = selection
        .tensors(backprop)
        .map(move |id| (name(id).clone(), backprop.gradient(id)));
    let has_values = |id: &TensorId| !matches!(network.tensor(*id).kind, Kind::Updated(_));
    let values = selection
        .tensors(backprop)
        .filter(has_values)
        .map(move |id| (format!("{VALUES}{}", name(id)), backprop.tape().value(id)));
    gradients.chain(values)
}

/// Writes a tensor's numbers in row-major order as little-endian f64.
pub(super) fn write_data(out: &mut impl Write, tensor: &Tensor) -> io::Result<()> {
    tensor
        .data()
        .iter()
        .try_for_each(|&number| out.write_all(&le_bytes(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Shape;

    #[test]
    fn nan_has_one_form() {
        let bytes = |number: f64| {
            let mut bytes = Vec::new();
            let tensor = Tensor::filled(Shape::scalar(), number);
            write_data(&mut bytes, &tensor).unwrap();
            bytes
        };
        assert_eq!(bytes(-f64::NAN), bytes(f64::NAN));
        assert_eq!(bytes(-0.5), (-0.5_f64).to_le_bytes());
    }
}
