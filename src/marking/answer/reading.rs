//! An answer that is being read, tensor by tensor and cell by cell.

use std::collections::{BTreeMap, HashSet};

use super::content::Answer;
use super::date::is_date;
use super::misshape::likely;
use super::names::Names;
use super::places::Places;
use super::problem::{Few, Misshape, Problem};
use crate::marking::numbers::Numbers;
use crate::marking::tolerance::Origin;
use crate::tape::{Kind, Network};
use crate::tensor::{Element, Index, NumberError, Shape, TensorId};

/// How many tensors that the scenario does not have are named one by one.
const MOST_UNKNOWN: usize = 20;
/// How many cells of a tensor that cannot be read are named one by one.
const MOST_CELLS: usize = 5;

/// An answer that is being read.
pub(super) struct Reading<'a> {
    pub(super) network: &'a Network,
    pub(super) answer: Answer,
    /// The names that no tensor has.
    unknown: HashSet<String>,
    /// By tensor: how many of its cells cannot be read.
    n_unreadable: BTreeMap<TensorId, usize>,
    names: Names<'a>,
    places: Places,
    /// The place among the problems of the last of them that is named.
    last_named: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        Self {
            network,
            answer: Answer::default(),
            unknown: HashSet::new(),
            n_unreadable: BTreeMap::new(),
            names: Names::new(network),
            places: Places::default(),
            last_named: 0,
        }
    }

    /// Learns what stands before all names of a file.
    pub(super) fn expect<'n>(&mut self, names: impl Iterator<Item = &'n str> + Clone) {
        self.names.expect(names);
    }

    /// Learns from all rows of a file, each a tensor's name and an index, how it counts places.
    pub(super) fn expect_places(
        &mut self,
        rows: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
    ) {
        let row = |(name, index): (_, _)| {
            let tensor = self.known(AsRef::as_ref(&name))?;
            let shape = &self.network.tensor(tensor).shape;
            Some((tensor, shape, read_index(AsRef::as_ref(&index))?))
        };
        let mut first = None;
        let rows = rows.filter_map(row).inspect(|(tensor, _, index)| {
            first.get_or_insert((*tensor, index.len()));
        });
        let places = Places::of(rows);
        let tensor = |id: TensorId| self.network.tensor(id);
        if let Some((id, rank)) = first.filter(|_| places.is_from_one()) {
            self.answer.problems.push(Problem::FromOne {
                tensor: tensor(id).name.clone(),
                index: format!("[{}]", vec!["1"; rank].join(",")),
            });
        }
        let rows = places.in_a_row().map(|id| Problem::InARow {
            tensor: tensor(id).name.clone(),
            expected: tensor(id).shape.clone(),
        });
        self.answer.problems.extend(rows);
        self.places = places;
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
            let (gradients, others): (Vec<&str>, Vec<&str>) = names
                .into_iter()
                .partition(|name| self.names.says_gradient(name));
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

    /// The tensor that the file means by a name.
    pub(super) fn known(&self, name: &str) -> Option<TensorId> {
        self.names.known(name)
    }

    /// Finds a tensor by the name that the file gives it, or notes that there is none.
    pub(super) fn find(&mut self, name: &str) -> Option<TensorId> {
        let found = self.known(name);
        match found {
            Some(id) => self.is_called(id, name),
            None => self.unknown(name, None),
        }
        found
    }

    /// Notes that the file calls a tensor so, where the scenario calls it otherwise.
    pub(super) fn is_called(&mut self, tensor: TensorId, name: &str) {
        let ours = &self.network.tensor(tensor).name;
        let renamed = (name.to_owned(), ours.clone());
        if ours != name && !self.answer.renamed.contains(&renamed) {
            self.answer.renamed.push(renamed);
        }
    }

    /// Notes that no tensor has the name of an array, whose shape may be known.
    pub(super) fn unknown(&mut self, name: &str, shape: Option<&Shape>) {
        if self.unknown.insert(name.to_owned()) && self.unknown.len() <= MOST_UNKNOWN {
            let nearest = self.names.meant(name, shape).map(str::to_owned);
            self.last_named = self.answer.problems.len();
            self.answer.problems.push(Problem::Unknown {
                tensor: name.to_owned(),
                nearest,
            });
        }
    }

    /// Notes where the numbers of a tensor come from.
    pub(super) fn is_from(&mut self, tensor: TensorId, origin: Origin) {
        self.answer.origins.insert(tensor, origin);
        self.answer.origin = self.answer.origin.max(origin);
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
        let place = read_index(index).and_then(|index| self.places.place(id, shape, &index));
        let Some(at) = place else {
            let problem = match is_date(index) {
                true => Problem::Date {
                    tensor,
                    index: String::new(),
                    written: index_as_written,
                },
                false => Problem::Index {
                    tensor,
                    index: index_as_written,
                    expected: shape.clone(),
                },
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
            (Err(_), _) if is_date(grad) => Problem::Date {
                tensor,
                index: index_as_written,
                written: grad.to_owned(),
            },
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

/// Reads `[0,1]` or `[0][1]`, with or without its brackets and with any of the separators that a
/// spreadsheet leaves alone.
fn read_index(text: &str) -> Option<Index> {
    let is_between = |c: char| matches!(c, ',' | ';' | ' ' | '[' | ']' | '(' | ')');
    let places = text.split(is_between).filter(|place| !place.is_empty());
    places.map(|place| place.trim().parse().ok()).collect()
}
