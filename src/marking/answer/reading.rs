//! An answer that is being read, tensor by tensor and cell by cell.

use std::collections::{BTreeMap, HashSet};

use super::content::Answer;
use super::misshape::likely;
use super::problem::{Few, Misshape, Problem};
use crate::diagnostic::nearest;
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Origin;
use crate::tape::{Kind, Network};
use crate::tensor::{Element, Index, NumberError, TensorId};

/// How many tensors that the scenario does not have are named one by one.
const MOST_UNKNOWN: usize = 20;
/// How many cells of a tensor that cannot be read are named one by one.
const MOST_CELLS: usize = 5;

/// How many names of a wrapper, each within the one before, are tried.
const MOST_WRAPPERS: usize = 16;

/// An answer that is being read.
pub(super) struct Reading<'a> {
    pub(super) network: &'a Network,
    pub(super) answer: Answer,
    /// The names that no tensor has.
    unknown: HashSet<String>,
    /// By tensor: how many of its cells cannot be read.
    n_unreadable: BTreeMap<TensorId, usize>,
    /// What stands before every name, and before none of the scenario's.
    prefix: String,
    /// The place among the problems of the last of them that is named.
    last_named: usize,
}

/// What stands before all of some names, and before none of those that are known: more of them are
/// known without it.
pub(in crate::marking) fn wrapper<'n>(
    names: impl Iterator<Item = &'n str> + Clone,
    is_known: impl Fn(&str) -> bool,
) -> &'n str {
    let first = names.clone().next().unwrap_or_default();
    let ends = first.match_indices('.').take(MOST_WRAPPERS);
    let ends = ends.map(|(at, _)| &first[..=at]);
    let is_common = |prefix: &&str| names.clone().all(|name| name.starts_with(prefix));
    let fitting = |prefix: &str| {
        let is_there = |name: &&str| is_known(&name[prefix.len()..]);
        names.clone().filter(is_there).count()
    };
    let mut best = ("", fitting(""));
    for prefix in ends.take_while(is_common) {
        let n = fitting(prefix);
        if n > best.1 {
            best = (prefix, n);
        }
    }
    best.0
}

impl<'a> Reading<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        Self {
            network,
            answer: Answer::default(),
            unknown: HashSet::new(),
            n_unreadable: BTreeMap::new(),
            prefix: String::new(),
            last_named: 0,
        }
    }

    /// Takes off what stands before all names of a file, as a wrapper of the model puts it there,
    /// where more of them fit without it.
    pub(super) fn expect<'n>(&mut self, names: impl Iterator<Item = &'n str> + Clone) {
        self.prefix = wrapper(names, |name| self.named(name).is_some()).to_owned();
    }

    /// The tensor of a name, as the scenario writes it: one that begins with a digit, as in an
    /// `nn.Sequential`, follows a line there, and a layer that is the whole model has a name there.
    fn named(&self, name: &str) -> Option<TensorId> {
        let found = self.network.find(name);
        let of_number = || {
            let is_numbered = name.starts_with(|first: char| first.is_ascii_digit());
            is_numbered.then(|| self.network.find(&format!("_{name}")))?
        };
        found
            .or_else(of_number)
            .or_else(|| self.parameter_of_module(name))
            .or_else(|| self.only_parameter(name))
            .or_else(|| self.only_operator(name))
            .or_else(|| self.of_derivative(name))
            .or_else(|| self.of_letter(name))
    }

    /// The tensor whose gradient a program calls after it: `dx` and `grad_x` of `x`, and `dw` and
    /// `db` of the only weight and bias.
    fn of_derivative(&self, name: &str) -> Option<TensorId> {
        let ends = |ending| name.strip_suffix(ending);
        let of = name
            .strip_prefix("grad_")
            .or_else(|| ends("_grad").or_else(|| ends(".grad")))
            .or_else(|| name.strip_prefix("d_").or_else(|| name.strip_prefix('d')))?;
        let found = self.network.find(of);
        found.or_else(|| self.of_letter(of))
    }

    /// The tensor of a name in other letters, and the only weight and bias under the letters that
    /// programs have for them: `X` of `x`, `W` of `conv.weight`.
    fn of_letter(&self, of: &str) -> Option<TensorId> {
        let small = of.to_lowercase();
        let parameter = match &*small {
            "w" | "weight" => Some("weight"),
            "b" | "bias" => Some("bias"),
            _ => None,
        };
        let found = self.network.find(&small);
        found.or_else(|| self.only_parameter(parameter?))
    }

    /// Whether a name says that it is of a gradient: `dx` and `x.grad`, where `x` alone may stand
    /// for the values too.
    fn says_gradient(&self, name: &str) -> bool {
        let bare = name.strip_prefix(&self.prefix).unwrap_or(name);
        let is_name = [name, bare]
            .iter()
            .any(|name| self.network.find(name).is_some());
        !is_name && self.of_derivative(bare).is_some()
    }

    /// The names that are passed over because another name of the file says that it is of the same
    /// tensor's gradient. They are noted.
    pub(super) fn passed_over<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
    ) -> HashSet<&'n str> {
        let mut all: BTreeMap<TensorId, Vec<&str>> = BTreeMap::new();
        for name in names {
            let same = self.known(name).map(|id| all.entry(id).or_default());
            same.into_iter().for_each(|same| same.push(name));
        }
        let mut over = HashSet::new();
        for (id, names) in all.into_iter().filter(|(_, names)| names.len() > 1) {
            let (gradients, others): (Vec<&str>, Vec<&str>) =
                names.into_iter().partition(|name| self.says_gradient(name));
            let Some(taken) = gradients.first() else {
                continue;
            };
            for name in others {
                self.answer.problems.push(Problem::PassedOver {
                    tensor: name.to_owned(),
                    taken: (*taken).to_owned(),
                    of: self.network.tensor(id).name.clone(),
                });
                over.insert(name);
            }
        }
        over
    }

    /// The parameter that a layer reads under the name of another one, with which it shares it:
    /// `fc1.weight` of `fc2.weight`.
    fn parameter_of_module(&self, name: &str) -> Option<TensorId> {
        let (module, own) = name.rsplit_once('.')?;
        let layer = self.network.layer_of(self.network.find(module)?)?;
        match own {
            "weight" => layer.weight,
            "bias" => layer.bias,
            _ => None,
        }
    }

    /// The only parameter that a layer within the named module calls so: `hh.MatMul.weight` of
    /// `hh.weight`.
    fn only_parameter(&self, name: &str) -> Option<TensorId> {
        let (module, own) = name.rsplit_once('.').unwrap_or(("", name));
        let is_such = |id: &TensorId| {
            let tensor = self.network.tensor(*id);
            let (layer, named) = tensor.name.rsplit_once('.').unwrap_or_default();
            let inner = layer.strip_prefix(module).unwrap_or_default();
            let is_within = module.is_empty() || inner.starts_with('.');
            matches!(tensor.kind, Kind::Parameter(_)) && named == own && is_within
        };
        let mut such = self.network.ids().filter(is_such);
        such.next().filter(|_| such.next().is_none())
    }

    /// The layer of a module that is one operator, which exporters call after the module or after
    /// both: `act.Relu` of `act`, and `act` of `act.Relu`.
    fn only_operator(&self, name: &str) -> Option<TensorId> {
        let is_operator =
            |own: &str| own.starts_with(|first: char| first.is_uppercase()) && !own.contains('.');
        let is_layer = |id: &TensorId| matches!(self.network.tensor(*id).kind, Kind::Layer(_));
        let of_module = name.rsplit_once('.').filter(|(_, own)| is_operator(own));
        if let Some((module, _)) = of_module {
            return self.network.find(module).filter(is_layer);
        }
        let inner = |id: TensorId| {
            let own = self.network.tensor(id).name.strip_prefix(name)?;
            Some((id, own.strip_prefix('.')?))
        };
        let mut within = self.network.ids().filter(is_layer).filter_map(inner);
        let (id, own) = within.next()?;
        (is_operator(own) && within.next().is_none()).then_some(id)
    }

    /// The tensor that the file means by a name.
    pub(super) fn known(&self, name: &str) -> Option<TensorId> {
        let bare = name.strip_prefix(&self.prefix).unwrap_or(name);
        self.network.find(name).or_else(|| self.named(bare))
    }

    /// Finds a tensor by the name that the file gives it, or notes that there is none.
    pub(super) fn find(&mut self, name: &str) -> Option<TensorId> {
        let found = self.known(name);
        if let Some(id) = found.filter(|&id| self.network.tensor(id).name != name) {
            let renamed = (name.to_owned(), self.network.tensor(id).name.clone());
            if !self.answer.renamed.contains(&renamed) {
                self.answer.renamed.push(renamed);
            }
        }
        if found.is_none() && self.unknown.insert(name.to_owned()) {
            self.note_unknown(name);
        }
        found
    }

    /// Notes where the numbers of a tensor come from.
    pub(super) fn is_from(&mut self, tensor: TensorId, origin: Origin) {
        self.answer.origins.insert(tensor, origin);
        self.answer.origin = self.answer.origin.max(origin);
    }

    fn note_unknown(&mut self, name: &str) {
        if self.unknown.len() > MOST_UNKNOWN {
            return;
        }
        let tensors = self.network.tensors().iter();
        let names = tensors.map(|tensor| tensor.name.as_str());
        // What a module makes, which is called after its own operator: `act.Relu` of `act`.
        let is_within = |own: &&str| {
            let inner = own
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('.'));
            inner.is_some_and(|inner| inner.starts_with(|first: char| first.is_uppercase()))
        };
        let within = names.clone().rfind(is_within);
        let nearest = within.or_else(|| nearest(name, names));
        self.last_named = self.answer.problems.len();
        self.answer.problems.push(Problem::Unknown {
            tensor: name.to_owned(),
            nearest: nearest.map(str::to_owned),
        });
    }

    /// Notes what is wrong with a tensor, unless something was wrong with it before.
    pub(super) fn spoil(&mut self, tensor: TensorId, mut problem: Problem) {
        if let Problem::Shape {
            found: Misshape::Shape(found),
            how,
            ..
        } = &mut problem
        {
            *how = likely(self.network, tensor, found);
        }
        if self.answer.spoilt.insert(tensor) {
            self.answer.problems.push(problem);
        }
    }

    /// Notes that a cell of a tensor cannot be read, which leaves its other cells as they are. It
    /// may be that nobody knows which cell it is.
    pub(super) fn unreadable(&mut self, tensor: TensorId, at: Option<usize>, problem: Problem) {
        let n = self.n_unreadable.entry(tensor).or_default();
        *n += 1;
        if *n <= MOST_CELLS {
            self.answer.problems.push(problem);
        }
        let elements = at.map(|at| Element { tensor, at });
        self.answer.unreadable.extend(elements);
    }

    pub(super) fn row(
        &mut self,
        name: &str,
        index: &str,
        grad: &str,
        number: Result<f64, NumberError>,
    ) {
        let Some(id) = self.find(name) else {
            return;
        };
        let shape = &self.network.tensor(id).shape;
        let (tensor, index_as_written) = (name.to_owned(), index.to_owned());
        let Some(at) = read_index(index).and_then(|index| shape.place(&index)) else {
            let problem = Problem::Index {
                tensor,
                index: index_as_written,
                expected: shape.clone(),
            };
            return self.unreadable(id, None, problem);
        };
        let numbers = self.answer.gradients.entry(id);
        let numbers = numbers.or_insert_with(|| Numbers::blank(shape.numel()));
        let problem = match (number, numbers.get(at)) {
            (Ok(number), Some(other)) if number.to_bits() != other.to_bits() => {
                numbers.set(at, None);
                Problem::NumberTwice {
                    tensor,
                    index: index_as_written,
                }
            }
            (Ok(number), _) => return numbers.set(at, Some(number)),
            (Err(NumberError::Empty), _) => return,
            (Err(error), _) => Problem::Number {
                tensor,
                index: index_as_written,
                written: grad.to_owned(),
                error,
            },
        };
        self.unreadable(id, Some(at), problem);
    }

    /// Notes that a tensor has another shape than the scenario's.
    pub(super) fn misshapen(&mut self, tensor: TensorId, found: Misshape) {
        let expected = self.network.tensor(tensor);
        let problem = Problem::Shape {
            tensor: expected.name.clone(),
            expected: expected.shape.clone(),
            found,
            how: None,
        };
        self.spoil(tensor, problem);
    }

    /// Notes that a matrix has come with its rows and columns exchanged.
    pub(super) fn is_exchanged(&mut self, tensor: TensorId) {
        let expected = self.network.tensor(tensor);
        self.answer.problems.push(Problem::Exchanged {
            tensor: expected.name.clone(),
            expected: expected.shape.clone(),
        });
    }

    /// That of several names of a program's file none is one of the scenario's, if it is so.
    fn none_fits(&self) -> Option<Problem> {
        let Answer {
            origin,
            gradients,
            values,
            spoilt,
            problems,
            ..
        } = &self.answer;
        let is_none = gradients.is_empty() && values.is_empty() && spoilt.is_empty();
        let is_nameless = self.unknown.iter().all(|name| is_given_by_numpy(name));
        let is_such =
            is_none && *origin != Origin::People && self.unknown.len() > usize::from(!is_nameless);
        let theirs = problems.iter().map(Problem::tensor);
        let tensors = self.network.tensors().iter();
        let ours = tensors.filter(|tensor| matches!(tensor.kind, Kind::Parameter(_) | Kind::Input));
        let ours = || {
            Few::of(
                ours.clone().map(|tensor| &*tensor.name),
                ours.clone().count(),
            )
        };
        is_such.then(|| match is_nameless {
            true => Problem::Nameless {
                n: self.unknown.len(),
                ours: ours(),
            },
            false => Problem::NoneFits {
                theirs: Few::of(theirs, self.unknown.len()),
                ours: ours(),
            },
        })
    }

    /// Returns what was read. A tensor of which something could not be read is not read at all.
    pub(super) fn finish(self) -> Answer {
        let none_fits = self.none_fits();
        let mut answer = self.answer;
        if let Some(none_fits) = none_fits {
            answer.problems = vec![none_fits];
            return answer;
        }
        let spoilt = &answer.spoilt;
        answer.gradients.retain(|id, _| !spoilt.contains(id));
        let more = |(&id, n): (&TensorId, &usize)| Problem::MoreCells {
            tensor: self.network.tensor(id).name.clone(),
            more: n.saturating_sub(MOST_CELLS),
        };
        let many = self.n_unreadable.iter().filter(|(_, n)| **n > MOST_CELLS);
        answer.problems.extend(many.map(more));
        let more = self.unknown.len().saturating_sub(MOST_UNKNOWN);
        let last = answer.problems.get_mut(self.last_named);
        if let Some(Problem::Unknown { tensor, .. }) = last.as_deref().filter(|_| more > 0) {
            let tensor = tensor.clone();
            answer.problems[self.last_named] = Problem::UnknownToo { tensor, more };
        }
        answer
    }
}

/// Whether a name is one that NumPy gives to an array without a name: `arr_0`.
fn is_given_by_numpy(name: &str) -> bool {
    let number = name.strip_prefix("arr_");
    number.is_some_and(|number| number.parse::<usize>().is_ok())
}

/// Reads `[0,1]`, with or without its brackets and with any of the separators that a spreadsheet
/// leaves alone.
fn read_index(text: &str) -> Option<Index> {
    let inner = text
        .trim()
        .trim_start_matches(['[', '('])
        .trim_end_matches([']', ')']);
    let places = inner
        .split([',', ';', ' '])
        .map(str::trim)
        .filter(|place| !place.is_empty());
    places.map(|place| place.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use crate::marking::answer::Answer;
    use crate::marking::answer::testing::{network, read};

    #[test]
    fn a_gradient_may_have_the_name_that_programs_give_it() {
        let answer = |name: &str| {
            format!(
                r#"{{ "format": "backstep-answer/1", "grads": {{ "{name}": [[1, 2], [3, 4]] }} }}"#
            )
        };
        for name in [
            "pool",
            "dpool",
            "dPool",
            "d_pool",
            "grad_pool",
            "pool_grad",
            "pool.grad",
        ] {
            let (pool, problems) = read("a.json", answer(name).as_bytes());
            assert_eq!(pool.map(|numbers| numbers.len()), Some(4), "{name}");
            assert!(problems.is_empty(), "{name}: {problems:?}");
        }
        for name in ["xpool", "dpol", "pool_gradient", "d"] {
            let (pool, problems) = read("a.json", answer(name).as_bytes());
            assert_eq!((pool, problems.len()), (None, 1), "{name}");
        }
        let network = network();
        for (name, tensor) in [
            ("dw", "fc.weight"),
            ("dW", "fc.weight"),
            ("grad_bias", "fc.bias"),
            ("w", "fc.weight"),
            ("W", "fc.weight"),
            ("b", "fc.bias"),
            ("Pool", "pool"),
        ] {
            let json =
                format!(r#"{{ "format": "backstep-answer/1", "grads": {{ "{name}": 1 }} }}"#);
            let answer = Answer::read("a.json", json.as_bytes(), &network).unwrap();
            assert_eq!(answer.renamed, [(name.to_owned(), tensor.to_owned())]);
        }
    }
}
