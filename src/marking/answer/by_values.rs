//! Arrays under names that the scenario does not have, found by the values that come along: another
//! framework calls a weight by another name, and keeps it with its axes in another order.

use super::problem::Problem;
use super::reading::Reading;

use crate::marking::tolerance::Origin;
use crate::scenario::tensor_file::TensorFile;
use crate::tape::{Kind, Network};
use crate::tensor::{Shape, Tensor, TensorId};

/// What stands before the name of a tensor whose values are there beside the gradients: a name that
/// no tensor can have.
pub(in crate::marking) const VALUE: &str = "value/";

/// The values of a scenario's inputs and parameters, as far as they are known.
pub(in crate::marking) type Known<'a> = &'a dyn Fn(TensorId) -> Option<&'a Tensor>;

/// A gradient under a name that the scenario does not have, with the values of what it is of.
pub(super) struct Stranger {
    pub(super) name: String,
    values: Tensor,
    gradient: Tensor,
    origin: Origin,
}

/// A parameter whose values a stranger's are, its axes taken in this order.
struct Match {
    parameter: TensorId,
    axes: Vec<usize>,
}

impl Stranger {
    /// The strangers of a file: they bring their values, and the scenario has no tensor of that
    /// name and shape.
    pub(super) fn all(arrays: &mut TensorFile<'_>, answer: &Reading<'_>) -> Vec<Self> {
        let keys = arrays.keys().to_vec();
        let tensors = answer.network.tensors().iter();
        let most = tensors
            .map(|tensor| tensor.shape.numel())
            .max()
            .unwrap_or(0);
        let stranger = |name: String| {
            let of_values = format!("{VALUE}{name}");
            if !keys.contains(&of_values) {
                return None;
            }
            let gradient = arrays.tensor(Some(&name), most).ok()?;
            let has_its_shape = |id| answer.network.tensor(id).shape == *gradient.shape();
            if answer.known(&name).is_some_and(has_its_shape) {
                return None;
            }
            let values = arrays.tensor(Some(&of_values), most).ok()?;
            let origin = arrays.dtype(&name).map_or(Origin::Arrays, Origin::from);
            (values.shape() == gradient.shape()).then_some(Self {
                name,
                values,
                gradient,
                origin,
            })
        };
        let names = keys.iter().filter(|key| !key.starts_with(VALUE));
        names.cloned().filter_map(stranger).collect()
    }

    /// Where its values are found.
    fn matches(&self, network: &Network, known: Known<'_>) -> Vec<Match> {
        let is_parameter = |id: &TensorId| matches!(network.tensor(*id).kind, Kind::Parameter(_));
        let parameters = network.ids().filter(is_parameter);
        let of = |parameter: TensorId| {
            let ours = known(parameter)?;
            let orders = orders(self.values.shape(), ours.shape());
            let fitting = orders
                .into_iter()
                .filter(|axes| is_it(&self.values, axes, ours));
            Some(fitting.map(move |axes| Match { parameter, axes }))
        };
        parameters.filter_map(of).flatten().collect()
    }

    /// What stands before its own name, as in `dense/` of `dense/kernel`.
    fn module(&self) -> &str {
        self.name
            .rfind(['/', '.'])
            .map_or("", |at| &self.name[..at])
    }
}

impl Reading<'_> {
    /// Takes the gradients of strangers whose values one parameter alone has; of those whose values
    /// several have, as biases of zero, by the layer of another one of the same module.
    pub(super) fn take(&mut self, strangers: Vec<Stranger>, known: Known<'_>) {
        let mut modules: Vec<(String, TensorId)> = Vec::new();
        let mut waiting = Vec::new();
        for stranger in strangers {
            match &stranger.matches(self.network, known)[..] {
                [only] => {
                    modules.push((stranger.module().to_owned(), only.parameter));
                    self.take_as(only, &stranger);
                }
                _ => waiting.push(stranger),
            }
        }
        for stranger in waiting {
            let known_of_module = modules.iter().filter(|(of, _)| of == stranger.module());
            let layers: Vec<TensorId> = known_of_module.map(|&(_, parameter)| parameter).collect();
            let mut found = stranger.matches(self.network, known);
            found.retain(|found| {
                layers
                    .iter()
                    .any(|&other| self.share(found.parameter, other))
            });
            match &found[..] {
                [only] => self.take_as(only, &stranger),
                _ => drop(self.find(&stranger.name)),
            }
        }
    }

    fn take_as(&mut self, found: &Match, stranger: &Stranger) {
        let name = &self.network.tensor(found.parameter).name;
        if self.answer.gradients.contains_key(&found.parameter) {
            let tensor = stranger.name.clone();
            let other = None;
            return self.spoil(found.parameter, Problem::Twice { tensor, other });
        }
        self.answer
            .by_values
            .push((stranger.name.clone(), name.clone()));
        let gradient = reordered(&stranger.gradient, &found.axes);
        self.is_from(found.parameter, stranger.origin);
        self.answer
            .gradients
            .insert(found.parameter, gradient.into());
    }

    /// Whether one layer has both parameters.
    fn share(&self, one: TensorId, other: TensorId) -> bool {
        let has = |parameters: [Option<TensorId>; 2], id| parameters.contains(&Some(id));
        let mut layers = self.network.layers().iter();
        layers.any(|layer| {
            let parameters = [layer.weight, layer.bias];
            has(parameters, one) && has(parameters, other)
        })
    }
}

/// The orders of a tensor's axes in which it has a shape. Axes of size 1 keep their order: another
/// one changes nothing.
fn orders(theirs: &Shape, ours: &Shape) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    if theirs.rank() != ours.rank() {
        return Vec::new();
    }
    for &size in ours.iter() {
        let with_one_more = |order: Vec<usize>| {
            let fits = |axis: &usize| theirs[*axis] == size && !order.contains(axis);
            let axes: Vec<usize> = (0..theirs.rank()).filter(fits).collect();
            let n_axes = if size == 1 { 1 } else { axes.len() };
            let longer = |axis| [&order[..], &[axis]].concat();
            axes.into_iter()
                .take(n_axes)
                .map(longer)
                .collect::<Vec<_>>()
        };
        orders = orders.into_iter().flat_map(with_one_more).collect();
    }
    orders
}

/// Whether values are those of a parameter, but for what single precision rounds off.
fn is_it(theirs: &Tensor, axes: &[usize], ours: &Tensor) -> bool {
    let places = Places::new(theirs.shape(), axes, ours.shape());
    let mut both = (0..ours.data().len()).map(|at| (theirs.data()[places.of(at)], ours.data()[at]));
    both.all(|(theirs, ours)| (theirs - ours).abs() <= f64::from(f32::EPSILON) * ours.abs())
}

fn reordered(theirs: &Tensor, axes: &[usize]) -> Tensor {
    let sizes: Vec<usize> = axes.iter().map(|&axis| theirs.shape()[axis]).collect();
    let shape = Shape::from(&sizes[..]);
    let places = Places::new(theirs.shape(), axes, &shape);
    Tensor::from_fn(shape.clone(), |at| theirs.data()[places.of(at)])
}

/// Where the elements of a tensor stand in one whose axes have another order.
struct Places {
    /// By axis: its size and its stride here, and its stride there.
    axes: Vec<(usize, usize, usize)>,
}

impl Places {
    fn new(theirs: &Shape, axes: &[usize], ours: &Shape) -> Self {
        let of = |(own, &axis): (usize, &usize)| {
            let (_, size, stride) = ours.around(own);
            (size, stride, theirs.around(axis).2)
        };
        Self {
            axes: axes.iter().enumerate().map(of).collect(),
        }
    }

    fn of(&self, at: usize) -> usize {
        let along = |&(size, stride, theirs): &(usize, usize, usize)| at / stride % size * theirs;
        self.axes.iter().map(along).sum()
    }
}
