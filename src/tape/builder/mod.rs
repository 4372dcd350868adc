//! A network from its parts.

mod budget;
mod draft;
mod error;
mod finish;
mod layer;
mod rebuild;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(crate) use draft::{Draft, Recipe};
pub use draft::{Handle, Reads};
pub use error::{NetworkError, NetworkErrors, NetworkFault, Site};

use budget::Budget;
use draft::Place;

use super::network::Network;
use crate::ops::{Descriptor, Op, Value};
use crate::optim::Optimizer;
use crate::tensor::{Shape, Tensor, TensorId, is_name};

/// How many elements the tensors of a network may have together where nobody says otherwise: 1 GiB
/// of values.
pub const MAX_ELEMENTS: usize = 1 << 27;

/// Makes a network of its parts, and checks each against what stands before it.
///
/// What is wrong with a part stops nothing: [`build`](Self::build) tells all of it at once. Whoever
/// reads a tensor of which nothing is known, since what makes it is refused, is not blamed.
///
/// ```
/// use backstep::backprop::Backprop;
/// use backstep::ops::{Flatten, Linear, MaxPool2d};
/// use backstep::tape::{NetworkBuilder, Reads, Tape};
/// use backstep::tensor::{Address, Shape, Tensor};
///
/// let x = [[1.0, 3.0, 2.0, 0.0], [4.0, 2.0, 1.0, 1.0]].concat();
/// let weight = [[1.0, -1.0], [0.5, 2.0]].concat();
///
/// let mut net = NetworkBuilder::new();
/// let x = net.input("x", Tensor::new(Shape::from([2, 4]), x).unwrap());
/// let weight = net.parameter("fc.weight", Tensor::new(Shape::from([2, 2]), weight).unwrap());
/// let pool = net.layer("pool", MaxPool2d::new([2, 2]), [x]);
/// let flat = net.layer("flat", Flatten::default(), [pool]);
/// let fc = net.layer("fc", Linear::default(), Reads::from([flat]).weight(weight));
/// let built = net.build()?;
///
/// let upstream = Tensor::new(Shape::from([2]), vec![2.0, 3.0]).unwrap();
/// let given = [(built.id(fc), upstream)].into();
/// let backprop = Backprop::run(Tape::record(built.network, &built.leaves), given);
/// let address: Address = "pool[0,0]".parse().unwrap();
/// let neuron = backprop.network().element(&address).unwrap();
/// // Both rows of the weight hear from it: 2 · 1 + 3 · 0.5.
/// assert_eq!(backprop.element(neuron), 3.5);
/// # Ok::<(), backstep::tape::NetworkErrors>(())
/// ```
#[derive(Debug)]
pub struct NetworkBuilder {
    budget: Budget,
    inputs: Vec<Leaf>,
    layers: Vec<Node>,
    parameters: Vec<Leaf>,
    by_name: HashMap<String, Handle>,
    /// How parameters are updated, and which of them, each with the name of what becomes of it.
    updates: Option<(Optimizer, Vec<(usize, String)>)>,
    errors: Vec<NetworkError>,
}

/// A network and the values of its leaves.
#[derive(Debug, Clone)]
pub struct Built {
    /// The network.
    pub network: Arc<Network>,
    /// The values of every input and parameter.
    pub leaves: BTreeMap<TensorId, Tensor>,
    n_inputs: usize,
}

/// An input or a parameter. Nothing is known of its shape where its value was refused.
#[derive(Debug)]
struct Leaf {
    name: String,
    shape: Option<Shape>,
    value: Option<Tensor>,
    /// The number of the first layer that reads it.
    reader: Option<usize>,
}

/// A layer. What is missing was refused.
#[derive(Debug)]
struct Node {
    name: Option<String>,
    /// The name of what it computes before its own activation.
    pre_activation: Option<String>,
    op: Option<Arc<dyn Op>>,
    reads: Reads,
    shape: Option<Shape>,
}

impl Default for NetworkBuilder {
    fn default() -> Self {
        Self::with_limit(MAX_ELEMENTS)
    }
}

impl NetworkBuilder {
    /// A network without parts, whose tensors may have [`MAX_ELEMENTS`] together.
    pub fn new() -> Self {
        Self::default()
    }

    /// A network without parts, whose tensors may have so many elements together.
    pub fn with_limit(max_elements: usize) -> Self {
        Self {
            budget: Budget::new(max_elements),
            inputs: Vec::new(),
            layers: Vec::new(),
            parameters: Vec::new(),
            by_name: HashMap::new(),
            updates: None,
            errors: Vec::new(),
        }
    }

    /// Adds an input with its value.
    pub fn input(&mut self, name: &str, value: Tensor) -> Handle {
        self.checked_leaf(Place::Input(self.inputs.len()), name, Some(value))
    }

    /// Adds a parameter with its value, for layers to read: as a weight or a bias, or as an input.
    /// However many do, it is one tensor with one gradient.
    pub fn parameter(&mut self, name: &str, value: Tensor) -> Handle {
        self.checked_leaf(Place::Parameter(self.parameters.len()), name, Some(value))
    }

    /// Adds a layer of these settings. What it reads is a list of tensors, or [`Reads`] where it
    /// has parameters.
    pub fn layer(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn Op>>,
        reads: impl Into<Reads>,
    ) -> Handle {
        let op: Box<dyn Op> = op.into();
        self.draft(Draft::new(name, Recipe::Made(op.into()), reads.into()))
    }

    /// Adds a layer of an op of the table with what is given of its settings.
    pub fn layer_of(
        &mut self,
        name: &str,
        op: &'static Descriptor,
        given: Vec<(&'static str, Value)>,
        reads: impl Into<Reads>,
    ) -> Handle {
        self.draft(Draft::new(name, Recipe::given(op, given), reads.into()))
    }

    /// What is wrong so far.
    pub fn errors(&self) -> &[NetworkError] {
        &self.errors
    }

    /// The shape of a tensor, unless what makes it is refused.
    pub fn shape(&self, tensor: Handle) -> Option<&Shape> {
        match tensor.0 {
            Place::Input(number) => self.inputs.get(number)?.shape.as_ref(),
            Place::Layer(number) | Place::PreActivation(number) => {
                self.layers.get(number)?.shape.as_ref()
            }
            Place::Parameter(number) => self.parameters.get(number)?.shape.as_ref(),
            Place::Updated(number) => {
                let (_, all) = self.updates.as_ref()?;
                let (parameter, _) = all.get(number)?;
                self.parameters.get(*parameter)?.shape.as_ref()
            }
        }
    }

    /// The tensor of a name; the first of them where several were given the same.
    pub fn find(&self, name: &str) -> Option<Handle> {
        self.by_name.get(name).copied()
    }

    /// Returns the network, whose tensors are the inputs, the layers' outputs and the parameters,
    /// each in the order in which they were added.
    ///
    /// # Errors
    /// Everything that is wrong with the parts.
    pub fn build(mut self) -> Result<Built, NetworkErrors> {
        if self.inputs.is_empty() && self.parameters.is_empty() {
            self.refuse(None, Site::Whole, NetworkFault::NoInputs);
        }
        if self.layers.is_empty() {
            self.refuse(None, Site::Whole, NetworkFault::NoLayers);
        }
        let unread: Vec<String> = self.unread().map(str::to_owned).collect();
        for name in unread {
            self.refuse(Some(name), Site::Whole, NetworkFault::Unread);
        }
        if self.errors.is_empty() {
            Ok(self.finish())
        } else {
            Err(NetworkErrors(self.errors))
        }
    }
}

/// What those need who read the parts from somewhere, and know more of what is wrong than the
/// builder does.
impl NetworkBuilder {
    /// Adds an input whose value may be refused already.
    pub(crate) fn input_as_read(&mut self, name: &str, value: Option<Tensor>) -> Handle {
        self.checked_leaf(Place::Input(self.inputs.len()), name, value)
    }

    /// Adds a parameter whose value may be refused already. Its name is checked too, unless it
    /// follows from that of a layer which is refused.
    pub(crate) fn parameter_as_read(
        &mut self,
        name: &str,
        is_checked: bool,
        value: Option<Tensor>,
    ) -> Handle {
        let place = Place::Parameter(self.parameters.len());
        if is_checked {
            self.checked_leaf(place, name, value)
        } else {
            self.valued_leaf(place, name, value)
        }
    }

    /// How many elements the tensors to come may have together.
    pub(crate) fn elements_left(&self) -> usize {
        self.budget.elements_left()
    }

    /// The number of inputs, and that of layers.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.inputs.len(), self.layers.len())
    }

    /// What a layer reads that does not say so: the layer before it, or the only input.
    pub(crate) fn newest(&self) -> Option<Handle> {
        let of_layers = self.layers.len().checked_sub(1).map(Place::Layer);
        of_layers
            .or_else(|| (self.inputs.len() == 1).then_some(Place::Input(0)))
            .map(Handle)
    }

    /// The row of the op that computes a tensor, where there is one and it is not refused.
    pub(crate) fn descriptor(&self, tensor: Handle) -> Option<&'static Descriptor> {
        match tensor.0 {
            Place::Layer(number) => Some(self.layers.get(number)?.op.as_ref()?.descriptor()),
            Place::Input(_) | Place::Parameter(_) | Place::PreActivation(_) | Place::Updated(_) => {
                None
            }
        }
    }

    /// Takes back the layer that was added last, with the parameters that were added for it, if it
    /// is this one. It is one without constants.
    pub(crate) fn take_back(&mut self, layer: Handle) -> bool {
        let is_last = self.layers.len().checked_sub(1).map(Place::Layer) == Some(layer.0);
        let Some(node) = self.layers.pop_if(|_| is_last) else {
            return false;
        };
        self.forget(node.name.as_deref(), node.shape.as_ref());
        self.forget(node.pre_activation.as_deref(), None);
        let own = Some(self.layers.len());
        while let Some(leaf) = self.parameters.pop_if(|leaf| leaf.reader == own) {
            self.forget(Some(&leaf.name), leaf.shape.as_ref());
        }
        true
    }

    fn forget(&mut self, name: Option<&str>, shape: Option<&Shape>) {
        name.into_iter()
            .for_each(|name| _ = self.by_name.remove(name));
        shape
            .into_iter()
            .for_each(|shape| self.budget.give_back(shape));
    }

    /// The names of all tensors: the inputs', the layers' and the parameters'.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let layers = self.layers.iter().filter_map(|layer| layer.name.as_deref());
        let inputs = self.inputs.iter().map(|leaf| leaf.name.as_str());
        let parameters = self.parameters.iter().map(|leaf| leaf.name.as_str());
        inputs.chain(layers).chain(parameters)
    }

    /// The name of a tensor, where it has one.
    pub(crate) fn name(&self, tensor: Handle) -> Option<&str> {
        match tensor.0 {
            Place::Input(number) => Some(&self.inputs.get(number)?.name),
            Place::Layer(number) => self.layers.get(number)?.name.as_deref(),
            Place::PreActivation(layer) => self.layers.get(layer)?.pre_activation.as_deref(),
            Place::Parameter(number) => Some(&self.parameters.get(number)?.name),
            Place::Updated(number) => {
                let (_, all) = self.updates.as_ref()?;
                Some(&all.get(number)?.1)
            }
        }
    }

    /// The names of the parameters that no layer reads.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &str> {
        let unread = self.parameters.iter().filter(|leaf| leaf.reader.is_none());
        unread.map(|leaf| leaf.name.as_str())
    }

    /// Whether a tensor is a parameter.
    pub(crate) fn is_parameter(&self, tensor: Handle) -> bool {
        matches!(tensor.0, Place::Parameter(_))
    }

    /// What a layer computes before its own activation, where it has one.
    pub(crate) fn pre_activation(&self, layer: Handle) -> Option<Handle> {
        let Place::Layer(number) = layer.0 else {
            return None;
        };
        let is_there = self.layers.get(number)?.pre_activation.is_some();
        is_there.then_some(Handle(Place::PreActivation(number)))
    }

    /// All parameters, in their order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = Handle> + use<> {
        (0..self.parameters.len()).map(|number| Handle(Place::Parameter(number)))
    }

    /// Whether a tensor is what a layer computes before its own activation, which no other reads.
    pub(crate) fn is_pre_activation(&self, tensor: Handle) -> bool {
        matches!(tensor.0, Place::PreActivation(_))
    }

    /// Whether a tensor is an input.
    pub(crate) fn is_input(&self, tensor: Handle) -> bool {
        matches!(tensor.0, Place::Input(_))
    }

    /// Whether a tensor is a layer's output.
    pub(crate) fn is_layer(&self, tensor: Handle) -> bool {
        matches!(tensor.0, Place::Layer(_))
    }

    /// The tensor whose neurons a view shows, or the tensor itself where it is no view.
    pub(crate) fn base(&self, tensor: Handle) -> Handle {
        std::iter::successors(Some(tensor), |&tensor| self.view_of(tensor))
            .last()
            .unwrap_or(tensor)
    }
}

impl NetworkBuilder {
    fn refuse(&mut self, part: Option<String>, site: Site, fault: NetworkFault) {
        self.errors.push(NetworkError { part, site, fault });
    }

    fn checked_leaf(&mut self, place: Place, name: &str, value: Option<Tensor>) -> Handle {
        self.check_name(name);
        self.valued_leaf(place, name, value)
    }

    fn valued_leaf(&mut self, place: Place, name: &str, value: Option<Tensor>) -> Handle {
        let shape = value.as_ref().map(|value| value.shape().clone());
        self.leaf(place, name, shape, value)
    }

    fn leaf(
        &mut self,
        place: Place,
        name: &str,
        shape: Option<Shape>,
        value: Option<Tensor>,
    ) -> Handle {
        let leaf = Leaf {
            name: name.to_owned(),
            shape: shape.filter(|shape| self.take(Some(name), shape)),
            value,
            reader: None,
        };
        match place {
            Place::Parameter(_) => self.parameters.push(leaf),
            Place::Input(_) | Place::Layer(_) | Place::PreActivation(_) | Place::Updated(_) => {
                self.inputs.push(leaf)
            }
        }
        self.call(name, Handle(place))
    }

    /// Lets a tensor be found by its name, unless another one has it.
    fn call(&mut self, name: &str, tensor: Handle) -> Handle {
        self.by_name.entry(name.to_owned()).or_insert(tensor);
        tensor
    }

    fn check_name(&mut self, name: &str) {
        let fault = if !is_name(name) {
            NetworkFault::BadName(name.to_owned())
        } else if self.by_name.contains_key(name) {
            NetworkFault::NameTaken(name.to_owned())
        } else {
            return;
        };
        self.refuse(None, Site::Name, fault);
    }

    /// Takes a tensor's elements from what is left, or refuses the tensor.
    fn take(&mut self, part: Option<&str>, shape: &Shape) -> bool {
        let taken = self.budget.take(shape);
        self.accept(part, taken)
    }

    /// Refuses a part that would take too much.
    fn accept(&mut self, part: Option<&str>, taken: Result<(), NetworkFault>) -> bool {
        taken
            .map_err(|fault| self.refuse(part.map(str::to_owned), Site::Whole, fault))
            .is_ok()
    }

    fn view_of(&self, tensor: Handle) -> Option<Handle> {
        let Place::Layer(number) = tensor.0 else {
            return None;
        };
        let layer = self.layers.get(number)?;
        let is_view = layer.op.as_ref()?.is_view();
        layer.reads.inputs.first().copied().filter(|_| is_view)
    }
}
