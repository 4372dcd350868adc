//! Several updates of a training in one file: the curve of its loss as a table, or tensors with an
//! axis for the updates before their own.

use std::io::{self, Write};
use std::ops::{Range, RangeInclusive};

use super::arrays::VALUES;
use super::csv::Table;
use super::npz::write_arrays;
use super::{Detail, Selection};
use crate::backprop::{Backprop, loss};
use crate::cancel::{Cancel, Cancelled};
use crate::scenario::tensor_file::{Precision, write_safetensors};
use crate::tape::{Kind, Network};
use crate::tensor::{Element, Shape, Tensor, TensorId};
use crate::training::Training;

/// The array with the numbers of the updates, and that with their losses.
const UPDATE: &str = "update";
const LOSS: &str = "loss";

/// What is written of a training.
#[derive(Debug)]
pub struct Updates<'a> {
    /// The training.
    pub training: &'a mut Training,
    /// Which updates, counted from 1.
    pub updates: RangeInclusive<usize>,
    /// These tensors, where any are named; else the trained parameters, their gradients and what
    /// becomes of them.
    pub tensors: Option<Vec<TensorId>>,
    /// These steps of each, counted from 0, in formats that have steps.
    pub steps: Range<usize>,
    /// What gives it up.
    pub cancel: &'a Cancel,
}

impl Updates<'_> {
    /// The tensors that are written.
    fn chosen(&self) -> Vec<TensorId> {
        self.tensors.clone().unwrap_or_else(|| {
            let network = &self.training.scenario().network;
            let all = network.all_updated();
            all.flat_map(|(parameter, new)| [parameter, new]).collect()
        })
    }

    /// How many numbers the arrays hold in all.
    pub fn n_numbers(&self) -> usize {
        let network = &self.training.scenario().network;
        let each = self.chosen().into_iter().map(|id| {
            let numel = network.tensor(id).shape.numel();
            if has_gradient(network, id) {
                2 * numel
            } else {
                numel
            }
        });
        let n_updates = self.updates.clone().count();
        each.sum::<usize>()
            .saturating_add(2)
            .saturating_mul(n_updates)
    }

    /// What is selected of each update, where that is written with its steps.
    pub fn selection(&self) -> Selection {
        Selection {
            detail: Detail::default(),
            tensors: self.tensors.clone(),
            steps: self.steps.clone(),
        }
    }

    /// Returns the run of an update, with the steps that are asked for.
    ///
    /// # Errors
    /// It was given up.
    pub fn run(&mut self, update: usize) -> Result<Backprop, Cancelled> {
        let run = self.training.at(update, self.cancel)?;
        let stepped = self.training.scenario().stepped();
        let selected = self.tensors.iter().flatten().copied();
        Ok(run.stepping(stepped.into_iter().chain(selected)))
    }

    fn each(&mut self, mut act: impl FnMut(usize, &Backprop) -> io::Result<()>) -> io::Result<()> {
        for update in self.updates.clone() {
            let backprop = self.training.at(update, self.cancel)?;
            act(update, &backprop)?;
        }
        Ok(())
    }

    /// The arrays: the numbers of the updates, their losses, the gradients under their tensors'
    /// names, what becomes of parameters, and the values.
    fn arrays(&mut self) -> io::Result<Vec<(String, Tensor)>> {
        let chosen = self.chosen();
        let n_updates = self.updates.clone().count();
        let (mut numbers, mut losses) = (Vec::new(), Vec::new());
        let mut gradients: Vec<Vec<f64>> = vec![Vec::new(); chosen.len()];
        let mut values = gradients.clone();
        self.each(|update, backprop| {
            numbers.push(update as f64);
            losses.push(loss(backprop, backprop.tape()));
            for (place, &id) in chosen.iter().enumerate() {
                gradients[place].extend_from_slice(backprop.gradient(id).data());
                if has_gradient(backprop.network(), id) {
                    values[place].extend_from_slice(backprop.tape().value(id).data());
                }
            }
            Ok(())
        })?;
        let network = &self.training.scenario().network;
        let row = |data: Vec<f64>| Tensor::new(Shape::from([n_updates]), data);
        let stacked = |id: TensorId, data: Vec<f64>| {
            let mut sizes = vec![n_updates];
            sizes.extend(network.tensor(id).shape.iter());
            Tensor::new(Shape::new(&sizes)?, data)
        };
        let mut arrays = vec![
            (UPDATE.to_owned(), row(numbers)),
            (LOSS.to_owned(), row(losses)),
        ];
        for (&id, data) in chosen.iter().zip(gradients) {
            arrays.push((network.tensor(id).name.clone(), stacked(id, data)));
        }
        for (&id, data) in chosen.iter().zip(values) {
            if has_gradient(network, id) {
                let name = format!("{VALUES}{}", network.tensor(id).name);
                arrays.push((name, stacked(id, data)));
            }
        }
        let too_many = || io::Error::other("a tensor has too many axes for one more");
        arrays
            .into_iter()
            .map(|(name, tensor)| Ok((name, tensor.ok_or_else(too_many)?)))
            .collect()
    }
}

/// Writes the arrays for NumPy.
///
/// # Errors
/// Those of `out`; it was given up.
pub(super) fn npz(updates: &mut Updates<'_>, out: &mut dyn Write) -> io::Result<()> {
    let arrays = updates.arrays()?;
    write_arrays(
        arrays.iter().map(|(name, tensor)| (name.clone(), tensor)),
        out,
    )
}

/// Writes the arrays as `.safetensors`.
///
/// # Errors
/// Those of `out`; it was given up.
pub(super) fn safetensors(updates: &mut Updates<'_>, out: &mut dyn Write) -> io::Result<()> {
    let arrays = updates.arrays()?;
    let tensors = arrays.iter();
    let tensors: Vec<_> = tensors
        .map(|(name, tensor)| (name.clone(), tensor, Precision::Double))
        .collect();
    let sha256 = updates.training.scenario().sha256();
    write_safetensors(out, ("scenario_sha256", &sha256), &tensors)
}

/// Writes the curve: a row an update, with its loss and the size of each gradient. Where tensors
/// are named, a row an element of theirs instead.
///
/// # Errors
/// Those of `out`; it was given up.
pub(super) fn csv(updates: &mut Updates<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(out);
    match updates.tensors.clone() {
        Some(tensors) => elements(updates, &tensors, &mut table)?,
        None => curve(updates, &mut table)?,
    }
    table.flush()
}

fn curve(updates: &mut Updates<'_>, table: &mut Table<'_>) -> io::Result<()> {
    let parameters = updates.training.parameters().to_vec();
    let network = &updates.training.scenario().network;
    let sizes = parameters
        .iter()
        .map(|&id| format!("grad_norm/{}", network.tensor(id).name));
    let titles = [UPDATE.to_owned(), LOSS.to_owned()]
        .into_iter()
        .chain(sizes);
    table.titles(&titles.collect::<Vec<_>>());
    updates.each(|update, backprop| {
        table.count(update);
        table.number(loss(backprop, backprop.tape()));
        for &id in &parameters {
            let squares = backprop.gradient(id).data().iter().map(|one| one * one);
            table.number(squares.sum::<f64>().sqrt());
        }
        table.end_row()
    })
}

fn elements(
    updates: &mut Updates<'_>,
    tensors: &[TensorId],
    table: &mut Table<'_>,
) -> io::Result<()> {
    table.titles(&[UPDATE, "tensor", "index", "value", "grad"]);
    updates.each(|update, backprop| {
        for &tensor in tensors {
            for at in 0..backprop.gradient(tensor).data().len() {
                let element = Element { tensor, at };
                table.count(update);
                table.place(backprop, element);
                if has_gradient(backprop.network(), tensor) {
                    table.number(backprop.tape().element(element));
                    table.number(backprop.element(element));
                } else {
                    table.number(backprop.element(element));
                    table.blank();
                }
                table.end_row()?;
            }
        }
        Ok(())
    })
}

/// Whether a tensor has a gradient, as all have but what becomes of parameters.
fn has_gradient(network: &Network, id: TensorId) -> bool {
    !matches!(network.tensor(id).kind, Kind::Updated(_))
}
