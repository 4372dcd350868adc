//! Einstein's sums, by sums, permutations and products of matrices.

use super::Made;
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::ops::{Matmul, Permute, Reshape, Sum};

/// A tensor whose axes have letters.
#[derive(Clone)]
struct Lettered {
    operand: Operand,
    axes: Vec<char>,
}

/// What an equation says.
struct Equation {
    inputs: Vec<Vec<char>>,
    output: Vec<char>,
}

/// The products of its operands from the first to the last, each summed over what nothing after it
/// reads.
pub(super) fn einsum(node: &mut Node<'_, '_>) -> Made {
    let equation = Equation::read(node.attributes.word("equation", "")?)?;
    if equation.inputs.len() != node.n_inputs() {
        return Err(Unsupported::new("has an equation for other operands"));
    }
    let mut steps = Steps { node, n_made: 0 };
    let mut made: Option<Lettered> = None;
    for (number, axes) in equation.inputs.iter().enumerate() {
        let operand = steps.node.operand(number)?;
        if operand.shape.rank() != axes.len() {
            return Err(Unsupported::new("has an equation for other axes"));
        }
        let later = equation.inputs[number + 1..].iter().flatten();
        let read: Vec<char> = equation.output.iter().chain(later).copied().collect();
        let next = Lettered {
            operand,
            axes: axes.clone(),
        };
        made = Some(match made {
            None => steps.summed(next, &read)?,
            Some(before) => steps.product(before, next, &read)?,
        });
    }
    let made = made.ok_or_else(|| Unsupported::new("has no operands"))?;
    let last = steps.in_order(made, &equation.output)?;
    Ok(Value::Computed(last.operand))
}

impl Equation {
    /// Reads an equation such as `bij,bjk->bik`. Without an arrow the letters that stand there once
    /// make the output, in the order of the alphabet.
    fn read(text: &str) -> Result<Self, Unsupported> {
        let text: String = text.chars().filter(|letter| *letter != ' ').collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&*text, None),
        };
        let inputs: Vec<Vec<char>> = inputs
            .split(',')
            .map(|axes| axes.chars().collect())
            .collect();
        let all: Vec<char> = inputs.iter().flatten().copied().collect();
        let once = |letter: &char| all.iter().filter(|other| *other == letter).count() == 1;
        let output = output.map_or_else(
            || {
                let mut letters: Vec<char> = all.iter().copied().filter(once).collect();
                letters.sort_unstable();
                letters
            },
            |output| output.chars().collect(),
        );
        let is_letters = |axes: &[char]| axes.iter().all(char::is_ascii_alphabetic);
        let repeats = |axes: &Vec<char>| (1..axes.len()).any(|at| axes[..at].contains(&axes[at]));
        if !is_letters(&all) || !output.iter().all(|letter| all.contains(letter)) {
            return Err(Unsupported::new(
                "has an equation that is more than letters",
            ));
        }
        if inputs.iter().any(repeats) || repeats(&output) {
            return Err(Unsupported::new("takes a diagonal, which no op does"));
        }
        Ok(Self { inputs, output })
    }
}

/// What is done on the way to the node's output.
struct Steps<'s, 'a, 'm> {
    node: &'s mut Node<'a, 'm>,
    n_made: usize,
}

impl Steps<'_, '_, '_> {
    fn step(&mut self, layer: Layer) -> Result<Operand, Unsupported> {
        self.n_made += 1;
        let suffix = format!("step_{}", self.n_made);
        self.node.step(&suffix, layer)
    }

    /// A tensor summed over the axes that are not read.
    fn summed(&mut self, tensor: Lettered, read: &[char]) -> Result<Lettered, Unsupported> {
        let (axes, unread): (Vec<char>, Vec<char>) =
            tensor.axes.iter().partition(|letter| read.contains(letter));
        if unread.is_empty() {
            return Ok(tensor);
        }
        let is_unread = |axis: &usize| unread.contains(&tensor.axes[*axis]);
        let dims = (0..tensor.axes.len()).filter(is_unread);
        let sum = Sum {
            dim: dims.map(|axis| axis as i64).collect(),
            keepdim: false,
        };
        let operand = self.step(Layer::of(sum, [tensor.operand]))?;
        Ok(Lettered { operand, axes })
    }

    /// A tensor with its axes in an order.
    fn in_order(&mut self, tensor: Lettered, axes: &[char]) -> Result<Lettered, Unsupported> {
        if tensor.axes == axes {
            return Ok(tensor);
        }
        let place = |letter| tensor.axes.iter().position(|other| *other == letter);
        let dims = axes
            .iter()
            .map(|&letter| place(letter).unwrap_or_default() as i64);
        let permute = Permute::new(dims.collect());
        let operand = self.step(Layer::of(permute, [tensor.operand]))?;
        let axes = axes.to_vec();
        Ok(Lettered { operand, axes })
    }

    /// The product of two tensors: batches of matrices, whose rows are what only the left one has,
    /// and whose columns are what only the right one has.
    fn product(
        &mut self,
        left: Lettered,
        right: Lettered,
        read: &[char],
    ) -> Result<Lettered, Unsupported> {
        let wanted = |other: &Lettered| [read, &other.axes].concat();
        let left = self.summed(left.clone(), &wanted(&right))?;
        let right = self.summed(right, &wanted(&left))?;
        let (shared, rows): (Vec<char>, Vec<char>) = left
            .axes
            .iter()
            .partition(|letter| right.axes.contains(letter));
        let (batches, inner): (Vec<char>, Vec<char>) =
            shared.iter().partition(|letter| read.contains(letter));
        let columns = right.axes.iter().copied();
        let columns: Vec<char> = columns.filter(|letter| !shared.contains(letter)).collect();
        let sizes = |of: &Lettered, letters: &[char]| -> Vec<usize> {
            let size = |letter: &char| of.axes.iter().position(|other| other == letter);
            let places = letters.iter().filter_map(size);
            places.map(|axis| of.operand.shape[axis]).collect()
        };
        let lengths = sizes(&left, &batches);
        let (n_rows, n_columns) = (sizes(&left, &rows), sizes(&right, &columns));
        let left = self.matrices(left, &batches, &rows, &inner)?;
        let right = self.matrices(right, &batches, &inner, &columns)?;
        let product = self.step(Layer::of(Matmul, [left, right]))?;
        let whole = [lengths, n_rows, n_columns].concat();
        Ok(Lettered {
            operand: self.resized(product, &whole)?,
            axes: [batches, rows, columns].concat(),
        })
    }

    /// A tensor as batches of matrices.
    fn matrices(
        &mut self,
        tensor: Lettered,
        batches: &[char],
        rows: &[char],
        columns: &[char],
    ) -> Result<Operand, Unsupported> {
        let tensor = self.in_order(tensor, &[batches, rows, columns].concat())?;
        let sizes = tensor.operand.shape.to_vec();
        let (lengths, matrix) = sizes.split_at(batches.len());
        let (n_rows, n_columns) = matrix.split_at(rows.len());
        let whole = [n_rows.iter().product(), n_columns.iter().product()];
        self.resized(tensor.operand, &[lengths, &whole].concat())
    }

    fn resized(&mut self, operand: Operand, sizes: &[usize]) -> Result<Operand, Unsupported> {
        if operand.shape[..] == *sizes {
            return Ok(operand);
        }
        let shape = Reshape::new(sizes.iter().copied().map(Some).collect());
        self.step(Layer::of(shape, [operand]))
    }
}

#[cfg(test)]
mod tests {
    use super::Equation;

    #[test]
    fn an_equation_without_an_arrow_has_its_output_by_the_alphabet() {
        let read = |text| Equation::read(text).map(|equation| equation.output);
        assert_eq!(read("ji,jk").unwrap(), ['i', 'k']);
        assert_eq!(read("b i j, b j k -> b i k").unwrap(), ['b', 'i', 'k']);
        for wrong in ["ii->i", "...ij->ij", "ij->k", "ij->ii"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
