//! What is known of a run: values and gradients by the names of their tensors.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::answer::{Answer, AnswerError, Problem, VALUE, open, wrapper};
use super::numbers::Numbers;
use super::tolerance::Origin;
use crate::backprop::Backprop;
use crate::scenario::tensor_file::Kind;
use crate::tape::Network;
use crate::tensor::{Precision, Shape, Tensor, TensorId};

/// What is known of a run: the values and the gradients of its tensors, by their names.
#[derive(Debug, Default)]
pub struct Recording {
    pub(super) origin: Origin,
    pub(super) values: Recorded,
    pub(super) gradients: Recorded,
    /// What could not be read of single tensors.
    pub problems: Vec<Problem>,
}

/// Tensors of a run, by their names.
pub(super) type Recorded = BTreeMap<String, (Shape, Numbers)>;

impl Recording {
    /// All of a scenario's run.
    pub fn of_scenario(backprop: &Backprop) -> Self {
        let network = backprop.network();
        let recorded = |tensor: &dyn Fn(TensorId) -> Tensor| {
            let named = |id| named(network, id, tensor(id).into());
            network.ids().map(named).collect()
        };
        Self {
            origin: match backprop.arithmetic().precision {
                Precision::F64 | Precision::F32 => Origin::Arrays,
                Precision::F16 => Origin::Float16,
                Precision::Bf16 => Origin::Bfloat16,
            },
            values: recorded(&|id| backprop.tape().value(id).clone()),
            gradients: recorded(&|id| backprop.gradient(id).clone()),
            problems: Vec::new(),
        }
    }

    /// What an answer has of a scenario's run.
    pub fn of_answer(answer: Answer, network: &Network) -> Self {
        let values = answer.values.into_iter();
        let gradients = answer.gradients.into_iter();
        Self {
            origin: answer.origin,
            values: values
                .map(|(id, values)| named(network, id, values.into()))
                .collect(),
            gradients: gradients
                .map(|(id, numbers)| named(network, id, numbers))
                .collect(),
            problems: answer.problems,
        }
    }

    /// The arrays of a file, each of at most that many elements, whatever their names are.
    ///
    /// # Errors
    /// What makes the whole file unreadable.
    pub fn of_arrays(
        file_name: &str,
        kind: Kind,
        reader: impl Read + Seek,
        most_elements: usize,
    ) -> Result<Self, AnswerError> {
        let mut arrays = open(file_name, kind, reader)?;
        let mut recording = Self::default();
        for key in arrays.paths() {
            let (name, recorded) = match key.strip_prefix(VALUE) {
                Some(name) => (name, &mut recording.values),
                None => (&*key, &mut recording.gradients),
            };
            match arrays.tensor(Some(&key), most_elements) {
                Ok(read) => {
                    let shape = read.shape().clone();
                    recorded.insert(name.to_owned(), (shape, read.into()));
                    let origin = arrays.dtype(&key).map_or(Origin::Arrays, Origin::from);
                    recording.origin = recording.origin.max(origin);
                }
                Err(error) => {
                    recording.problems.push(Problem::of_array(key, None, error));
                }
            }
        }
        Ok(recording)
    }

    /// Takes off what stands before all names, as a wrapper of the model puts it there, where more
    /// of them are another run's without it.
    pub fn expect(&mut self, other: &Self) {
        let names = self.gradients.keys().chain(self.values.keys());
        let is_known =
            |name: &str| other.gradients.contains_key(name) || other.values.contains_key(name);
        let n = wrapper(names.map(String::as_str), is_known).len();
        for recorded in [&mut self.values, &mut self.gradients] {
            let all = std::mem::take(recorded).into_iter();
            recorded.extend(all.map(|(name, numbers)| (name[n..].to_owned(), numbers)));
        }
    }
}

fn named(network: &Network, id: TensorId, numbers: Numbers) -> (String, (Shape, Numbers)) {
    let tensor = network.tensor(id);
    (tensor.name.clone(), (tensor.shape.clone(), numbers))
}
