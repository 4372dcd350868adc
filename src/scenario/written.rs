//! Tensors written out in a scenario's text, a row a line.

use crate::json::rows;
use crate::tensor::{Tensor, exact};

/// Returns a tensor as nested arrays. Its brackets close under the column at which the line of
/// `indent` blanks begins.
pub(super) fn tensor(tensor: &Tensor, indent: usize) -> String {
    rows(tensor.shape(), indent, &|at| exact(tensor.data()[at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Shape;

    #[test]
    fn a_row_is_a_line() {
        let numbers = Tensor::new(
            Shape::from([2, 3]),
            vec![1.0, -0.5, 1e-7, 4.0, 5.0, 0.1 + 0.2],
        )
        .unwrap();
        assert_eq!(
            tensor(&numbers, 2),
            "[\n    [1, -0.5, 1e-7],\n    [4, 5, 0.30000000000000004]\n  ]"
        );
        assert_eq!(tensor(&Tensor::scalar(7.0), 4), "7");
    }
}
