//! What homework asks for.

use std::collections::{BTreeMap, BTreeSet};

use crate::tensor::{Element, TensorId};

/// The gradients that homework asks for: tensors in their order, each as a whole or some of its
/// elements.
///
/// ```
/// use backstep::scenario::Asked;
/// use backstep::tensor::{Element, TensorId};
///
/// let (pool, x) = (TensorId(1), TensorId(0));
/// let mut asked = Asked::default();
/// asked.ask(pool, Some(2));
/// asked.ask(x, None);
/// assert_eq!(asked.tensors(), [pool, x]);
/// assert!(asked.has_element(Element { tensor: pool, at: 2 }));
/// assert!(!asked.has_element(Element { tensor: pool, at: 3 }));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    tensors: Vec<TensorId>,
    /// By tensor: the places of the elements, or nothing where all are asked for.
    parts: BTreeMap<TensorId, Option<BTreeSet<usize>>>,
}

impl Asked {
    /// Asks for a tensor, or for one more of its elements.
    pub fn ask(&mut self, tensor: TensorId, at: Option<usize>) {
        match (self.parts.get_mut(&tensor), at) {
            (None, _) => {
                self.tensors.push(tensor);
                self.parts.insert(tensor, at.map(|at| [at].into()));
            }
            (Some(Some(places)), Some(at)) => _ = places.insert(at),
            (Some(part), None) => *part = None,
            (Some(None), Some(_)) => {}
        }
    }

    /// The tensors of which something is asked for.
    pub fn tensors(&self) -> &[TensorId] {
        &self.tensors
    }

    /// Whether something of a tensor is asked for.
    pub fn has(&self, tensor: TensorId) -> bool {
        self.parts.contains_key(&tensor)
    }

    /// Whether an element is asked for.
    pub fn has_element(&self, Element { tensor, at }: Element) -> bool {
        let part = self.parts.get(&tensor);
        part.is_some_and(|part| part.as_ref().is_none_or(|places| places.contains(&at)))
    }

    /// The places of the elements of a tensor that are asked for, where not all are.
    pub fn part(&self, tensor: TensorId) -> Option<&BTreeSet<usize>> {
        self.parts.get(&tensor)?.as_ref()
    }

    /// The same of other tensors, whose elements have the same places.
    #[must_use]
    pub fn of(&self, other: impl Fn(TensorId) -> TensorId) -> Self {
        let mut asked = Self::default();
        for &tensor in &self.tensors {
            let id = other(tensor);
            match self.part(tensor) {
                None => asked.ask(id, None),
                Some(places) => places.iter().for_each(|&at| asked.ask(id, Some(at))),
            }
        }
        asked
    }
}

impl FromIterator<TensorId> for Asked {
    /// Asks for whole tensors.
    fn from_iter<I: IntoIterator<Item = TensorId>>(tensors: I) -> Self {
        let mut asked = Self::default();
        tensors.into_iter().for_each(|id| asked.ask(id, None));
        asked
    }
}
