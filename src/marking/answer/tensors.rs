//! Answers in `.npz`, `.safetensors` and `.pt` files: the arrays have the tensors' names.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::by_values::{Known, Stranger, VALUE};
use super::content::Answer;
use super::error::AnswerError;
use super::exchanged::{self, exchanged};
use super::problem::{Misshape, Problem};
use super::reading::Reading;
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Origin;
use crate::marking::whole::Whole;
use crate::scenario::tensor_file::{Kind, TensorFile};
use crate::tape::Network;
use crate::tensor::{Shape, Tensor, TensorId};

/// The longest list of numbers that is kept though no tensor has its name.
const MOST_CHANNELS: usize = 1 << 16;

pub(super) fn read(
    file_name: &str,
    kind: Kind,
    reader: impl Read + Seek,
    network: &Network,
    known: Known<'_>,
) -> Result<Answer, AnswerError> {
    let mut arrays = open(file_name, kind, reader)?;
    if arrays.keys().is_empty() {
        let (file, error) = (file_name.to_owned(), arrays.nothing());
        return Err(AnswerError::Arrays { file, error });
    }
    let mut answer = Reading::new(network);
    answer.answer.has_nan_for_blanks = true;
    answer.answer.origin = Origin::Arrays;
    let keys = arrays.paths();
    answer.expect(
        keys.iter()
            .filter(|key| !key.starts_with(VALUE))
            .map(String::as_str),
    );
    let strangers = Stranger::all(&mut arrays, &answer);
    let is_strange = |key: &String| {
        let name = key.strip_prefix(VALUE).unwrap_or(key);
        strangers.iter().any(|stranger| stranger.name == name)
    };
    let familiar = keys.iter().filter(|key| !is_strange(key));
    let gradients = familiar.clone().filter(|key| !key.starts_with(VALUE));
    let over = answer.passed_over(gradients.map(String::as_str));
    let familiar: Vec<String> = familiar
        .filter(|key| !over.contains(key.as_str()))
        .cloned()
        .collect();
    // By tensor: the name that it stands under.
    let mut names: BTreeMap<TensorId, String> = BTreeMap::new();
    for key in familiar {
        if let Some(name) = key.strip_prefix(VALUE) {
            let Some(id) = answer.known(name) else {
                // Where the gradient is there too, that is told.
                if !keys.iter().any(|key| key == name) {
                    answer.unknown(&key, None);
                }
                continue;
            };
            let expected = &network.tensor(id).shape;
            match arrays.tensor(Some(&key), expected.numel()) {
                Ok(read) if read.shape() == expected => drop(answer.answer.values.insert(id, read)),
                Ok(read) => answer.answer.problems.push(Problem::Shape {
                    tensor: key,
                    expected: expected.clone(),
                    found: Misshape::Shape(read.shape().clone()),
                    how: None,
                }),
                Err(error) => {
                    answer
                        .answer
                        .problems
                        .push(Problem::of_array(key, Some(expected), error))
                }
            }
            continue;
        }
        let Some(id) = answer.known(&key) else {
            let read = arrays.tensor(Some(&key), MOST_CHANNELS).ok();
            answer.unknown(&key, read.as_ref().map(Tensor::shape));
            let list = read.filter(|read| read.shape().rank() == 1);
            answer.answer.unknown.extend(list.map(|list| (key, list)));
            continue;
        };
        answer.is_called(id, &key);
        let tensor = network.tensor(id);
        match arrays.tensor(Some(&key), tensor.shape.numel()) {
            Ok(read) if is_either_way(&tensor.shape, read.shape()) => {
                let is_exchanged = exchanged(&tensor.shape).as_ref() == Some(read.shape());
                if !is_exchanged && *read.shape() != tensor.shape {
                    answer.answer.problems.push(Problem::AxesOfOne {
                        tensor: tensor.name.clone(),
                        expected: tensor.shape.clone(),
                        found: read.shape().clone(),
                    });
                }
                let mut read = Numbers::from(read);
                if is_exchanged {
                    read = exchanged::back(&tensor.shape, &read);
                    answer.is_exchanged(id);
                }
                match answer.answer.gradients.get(&id) {
                    // A parameter that is used twice may stand under both names.
                    Some(other) if *other == read => {}
                    Some(_) => answer.spoil(
                        id,
                        Problem::Twice {
                            tensor: key.clone(),
                            other: names.remove(&id),
                        },
                    ),
                    None => {
                        names.insert(id, key.clone());
                        answer.answer.gradients.insert(id, read);
                    }
                }
                let origin = arrays.dtype(&key).map_or(Origin::Arrays, Origin::from);
                answer.is_from(id, origin);
                let whole = arrays.dtype(&key).and_then(Whole::of);
                answer.answer.whole.extend(whole.map(|whole| (id, whole)));
            }
            Ok(read) => answer.misshapen(id, Misshape::Shape(read.shape().clone())),
            Err(error) => {
                answer.spoil(id, Problem::of_array(key, Some(&tensor.shape), error));
            }
        }
    }
    answer.take(strangers, known);
    Ok(answer.finish())
}

/// Whether shapes are alike but for axes of one place.
fn has_same_axes(expected: &Shape, found: &Shape) -> bool {
    let longer = |shape: &Shape| {
        let sizes = shape.iter().copied();
        sizes.filter(|&size| size != 1).collect::<Vec<_>>()
    };
    longer(expected) == longer(found)
}

/// Whether a shape is the expected one but for axes of one place, or that of a matrix whose rows
/// and columns are exchanged.
fn is_either_way(expected: &Shape, found: &Shape) -> bool {
    has_same_axes(expected, found) || exchanged(expected).is_some_and(|shape| *found == shape)
}

/// Opens a file of arrays that have names.
pub(in crate::marking) fn open<'a>(
    file_name: &str,
    kind: Kind,
    reader: impl Read + Seek + 'a,
) -> Result<TensorFile<'a>, AnswerError> {
    let file = file_name.to_owned();
    if kind == Kind::Npy {
        return Err(AnswerError::NamelessArray { file });
    }
    TensorFile::open(kind, reader).map_err(|error| AnswerError::Arrays { file, error })
}
