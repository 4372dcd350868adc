//! Which parameter of the model it is that a node reads.
//!
//! Exporters keep equal numbers once, whether one parameter is used in several places or several
//! parameters only have the same values: the zero biases of all layers. And they keep a parameter
//! again under a name of their own where it is read transposed. What the model had is told by its
//! names, where the file has them: on initializers, on copies of initializers, on nodes.

use std::collections::{BTreeSet, HashMap};

use super::constant::{Array, Constant};
use super::module::{Modules, is_name_in_module};
use super::proto::{self, Graph};
use super::value::Value;
use super::which::Which;

/// The parameters of a model, by the node and the input that reads them.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    read: HashMap<(usize, usize), Which>,
    /// By key: how often the parameter is read.
    n_reads: HashMap<String, usize>,
    /// The parameters that the file keeps under the name of another one, in their order.
    pub(super) apart: Vec<String>,
    /// The biases of zeros that the exporter has left out, by the nodes that would read them.
    left_out: HashMap<usize, Which>,
    /// Constants that are nothing but copies of a parameter, each with its name.
    pub(super) copies: Vec<(String, String)>,
    /// The constants that the exporter has worked out, which are none of the model's parameters.
    pub(super) worked_out: BTreeSet<String>,
}

/// Known numbers: the initializer that they are, and the name by which they are read.
#[derive(Clone, Copy)]
struct Source<'a> {
    root: &'a str,
    name: &'a str,
    is_turned: bool,
}

impl Parameters {
    /// Finds the parameters that these nodes read, in their order.
    pub(super) fn of(
        graph: &Graph,
        nodes: impl Iterator<Item = usize> + Clone,
        values: &HashMap<String, Option<Value>>,
    ) -> Self {
        let modules = Modules::of(graph, nodes.clone());
        let numbers = Numbers::of(graph, values, &modules);
        let all = numbers.by_name.keys().map(|&root| {
            let (name, is_turned) = (root, false);
            (
                root,
                Source {
                    root,
                    name,
                    is_turned,
                },
            )
        });
        let mut sources: HashMap<&str, Source<'_>> = all.collect();
        let mut parameters = Self {
            copies: numbers.copies(graph),
            ..Self::default()
        };
        for number in nodes {
            let node = &graph.node[number];
            let first = node
                .input
                .first()
                .and_then(|name| sources.get(name.as_str()));
            let passed = first.and_then(|source| passed_on(node, *source, &numbers));
            if let (Some(passed), Some(output)) = (passed, node.output.first()) {
                sources.insert(output, passed);
                continue;
            }
            if let Some(bias) = modules.left_out_bias(node) {
                let which = Which::named(bias.to_owned(), false);
                *parameters.n_reads.entry(which.key.clone()).or_insert(0) += 1;
                parameters.left_out.insert(number, which);
            }
            for (place, name) in node.input.iter().enumerate() {
                if let Some(&source) = sources.get(name.as_str()) {
                    let which = numbers.which(node, place, source);
                    if !which.is_named && numbers.is_worked_out(source.root) {
                        parameters.worked_out.insert(source.root.to_owned());
                    }
                    parameters.add((number, place), source, which);
                }
            }
        }
        parameters
    }

    /// The bias of zeros that the exporter has left out of a node.
    pub(super) fn left_out(&self, node: usize) -> Option<&Which> {
        self.left_out.get(&node)
    }

    /// Notes that a node reads a parameter by its name as its first input.
    pub(super) fn reads(&mut self, node: usize, name: &str) {
        let which = Which::named(name.to_owned(), false);
        *self.n_reads.entry(which.key.clone()).or_insert(0) += 1;
        self.read.insert((node, 0), which);
    }

    /// Notes that the body of a loop reads a parameter by its name, as it will again.
    pub(super) fn reads_again(&mut self, node: usize, input: usize, name: &str) {
        let which = Which::named(name.to_owned(), false);
        *self.n_reads.entry(which.key.clone()).or_insert(0) += 2;
        self.read.insert((node, input), which);
    }

    /// Whether some node reads the parameter of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.n_reads.contains_key(name)
    }

    /// The parameter that a node reads as the input of that number, if it reads one.
    pub(super) fn read(&self, node: usize, input: usize) -> Option<&Which> {
        self.read.get(&(node, input))
    }

    /// Whether it is read more than once.
    pub(super) fn is_shared(&self, which: &Which) -> bool {
        self.n_reads.get(&which.key).is_some_and(|&n| n > 1)
    }

    fn add(&mut self, place: (usize, usize), source: Source<'_>, which: Which) {
        let is_apart = which.is_named && is_name_in_module(source.root) && which.key != source.root;
        if is_apart && !self.n_reads.contains_key(&which.key) {
            self.apart.push(which.name.clone());
        }
        *self.n_reads.entry(which.key.clone()).or_insert(0) += 1;
        self.read.insert(place, which);
    }
}

/// What a node makes of known numbers, where it only gives them another name or transposes them.
fn passed_on<'a>(
    node: &'a proto::Node,
    source: Source<'a>,
    numbers: &Numbers<'a, '_>,
) -> Option<Source<'a>> {
    let output = node.output.first()?.as_str();
    match node.op_type.as_str() {
        // A copy with a name in a module is that parameter, of the same values.
        "Identity" if is_name_in_module(output) && is_name_in_module(source.name) => Some(Source {
            name: output,
            ..source
        }),
        "Identity" => Some(source),
        "Transpose" if numbers.by_name[source.root].sizes().len() == 2 => {
            let perm = node.attribute.iter().find(|of| of.name == "perm");
            let is_turned = source.is_turned ^ perm.is_none_or(|perm| perm.ints != [0, 1]);
            Some(Source {
                is_turned,
                ..source
            })
        }
        _ => None,
    }
}

/// The initializers of a model.
struct Numbers<'a, 'm> {
    by_name: HashMap<&'a str, &'m Array<f64>>,
    /// By what is the same of a matrix and of its transpose.
    by_print: HashMap<(usize, u64), Vec<&'a str>>,
    modules: &'m Modules<'a>,
}

impl<'a, 'm> Numbers<'a, 'm> {
    fn of(
        graph: &'a Graph,
        values: &'m HashMap<String, Option<Value>>,
        modules: &'m Modules<'a>,
    ) -> Self {
        let floats = |name: &'a str| match values.get(name)?.as_ref()? {
            Value::Constant(known) => match &known.constant {
                Constant::Floats(floats) => Some((name, floats)),
                Constant::Ints(_) => None,
            },
            Value::Given(_) | Value::Computed(_) => None,
        };
        let names = graph.initializer.iter().map(|tensor| tensor.name.as_str());
        let constants = constants_read_again(graph);
        let all = names.chain(constants).filter_map(floats);
        let all: Vec<(&str, &Array<f64>)> = all.collect();
        let mut by_print: HashMap<_, Vec<&str>> = HashMap::new();
        for (name, numbers) in all.iter().filter(|(_, numbers)| !is_uniform(numbers)) {
            by_print.entry(print(numbers)).or_default().push(name);
        }
        Self {
            by_name: all.into_iter().collect(),
            by_print,
            modules,
        }
    }

    /// Returns which parameter a node reads as the input of that number.
    fn which(&self, node: &proto::Node, input: usize, source: Source<'_>) -> Which {
        let Source {
            root,
            name,
            is_turned,
        } = source;
        if let Some(named) = self.modules.parameter(node, input, root) {
            return Which::named(named, is_turned ^ self.is_folded(node, root));
        }
        if self.modules.is_made_up(name) {
            return self
                .twin(root, is_turned)
                .unwrap_or_else(|| self.unnamed(node, source));
        }
        let module = self.modules.of_call(node);
        let apart = module.zip(name.rsplit_once('.'));
        let apart = apart.filter(|(module, (home, _))| {
            // Those with which all layers begin are no sign that two of them share a parameter.
            let is_elsewhere = !module.is_empty() && module != home && self.modules.has(home);
            is_elsewhere && is_uniform(self.by_name[root])
        });
        let own = || name.to_owned();
        let called = apart.map_or_else(own, |(module, (_, key))| format!("{module}.{key}"));
        Which::named(called, is_turned)
    }

    /// Returns the named parameter that has the same numbers, or has them transposed.
    fn twin(&self, root: &str, is_turned: bool) -> Option<Which> {
        let numbers = self.by_name[root];
        let alike = self.by_print.get(&print(numbers))?.iter().copied();
        let mut named = alike.filter(|name| !self.modules.is_made_up(name));
        named.find_map(|name| {
            let other = self.by_name[name];
            let is_same = is_same(numbers, other);
            let is_twin = is_same || is_transpose(numbers, other);
            is_twin.then(|| Which::named(name.to_owned(), is_turned ^ !is_same))
        })
    }

    /// Whether numbers are the exporter's own, and more than a factor that it has written down.
    fn is_worked_out(&self, name: &str) -> bool {
        self.modules.is_made_up(name) && !is_uniform(self.by_name[name])
    }

    /// The constants whose rows are all the numbers of one parameter: a bias that the exporter has
    /// added to zeros, or expanded.
    fn copies(&self, graph: &'a Graph) -> Vec<(String, String)> {
        let is_vector = |name: &&str| self.by_name[*name].sizes().len() == 1;
        let copied = |name: &'a str| {
            let row = row(self.by_name.get(name)?)?;
            let alike = self.by_print.get(&print(&row))?.iter().copied();
            let mut vectors = alike
                .filter(is_vector)
                .filter(|name| !self.modules.is_made_up(name));
            let parameter = vectors.find(|name| self.by_name[name].data() == row.data())?;
            Some((name.to_owned(), parameter.to_owned()))
        };
        let names = graph.initializer.iter().map(|tensor| tensor.name.as_str());
        let made_up = names.filter(|name| self.modules.is_made_up(name));
        made_up.filter_map(copied).collect()
    }

    /// Whether the exporter has transposed the weight of a linear layer, which it then gives a name
    /// of its own.
    fn is_folded(&self, node: &proto::Node, root: &str) -> bool {
        node.op_type == "MatMul" && self.modules.is_made_up(root)
    }

    /// Returns the parameter of numbers for which the model's name is not known: those of one
    /// module.
    fn unnamed(&self, node: &proto::Node, source: Source<'_>) -> Which {
        let numbers = self.by_name[source.root];
        let alike = self.by_print.get(&print(numbers)).into_iter().flatten();
        let mut alike = alike.filter(|name| is_same(numbers, self.by_name[*name]));
        let root = alike.next().copied().unwrap_or(source.root);
        let module = self
            .modules
            .of_call(node)
            .filter(|module| !module.is_empty());
        let weight = module.as_ref().map(|module| format!("{module}.weight"));
        let is_free = |name: &String| !self.by_name.contains_key(name.as_str());
        Which {
            key: format!("{root} in {}", module.unwrap_or_default()),
            name: weight.filter(is_free).unwrap_or_else(|| root.to_owned()),
            is_named: false,
            is_turned: source.is_turned ^ self.is_folded(node, source.root),
        }
    }
}

/// The constants that several nodes read: a weight that stands in a node, and no number of an
/// expression, which is written anew wherever it stands.
fn constants_read_again(graph: &Graph) -> impl Iterator<Item = &str> {
    let mut n_reads: HashMap<&str, usize> = HashMap::new();
    for name in graph.node.iter().flat_map(|node| &node.input) {
        *n_reads.entry(name).or_default() += 1;
    }
    let nodes = graph.node.iter().filter(|node| node.op_type == "Constant");
    let names = nodes.flat_map(|node| &node.output).map(String::as_str);
    names.filter(move |name| n_reads.get(name).is_some_and(|&n| n > 1))
}

/// Whether all numbers are the same, as those are with which layers begin.
fn is_uniform(numbers: &Array<f64>) -> bool {
    let mut numbers = numbers.data().iter();
    let first = numbers.next();
    numbers.all(|number| Some(number) == first)
}

/// The row of numbers of several axes, if all their rows are the same.
fn row(numbers: &Array<f64>) -> Option<Array<f64>> {
    let (&size, outer) = numbers.sizes().split_last()?;
    let first = numbers.data().get(..size)?;
    let is_row =
        !outer.is_empty() && size > 0 && numbers.data().chunks(size).all(|row| row == first);
    is_row.then(|| Array::new(vec![size], first.to_vec()))?
}

/// How many numbers there are, and a sum of their bits.
fn print(numbers: &Array<f64>) -> (usize, u64) {
    let bits = numbers.data().iter().map(|number| number.to_bits());
    (numbers.data().len(), bits.fold(0, u64::wrapping_add))
}

fn is_same(one: &Array<f64>, other: &Array<f64>) -> bool {
    one.sizes() == other.sizes() && one.data() == other.data()
}

fn is_transpose(one: &Array<f64>, other: &Array<f64>) -> bool {
    match (one.sizes(), other.sizes()) {
        (&[rows, columns], &[other_rows, other_columns]) => {
            rows == other_columns && columns == other_rows && is_same(one, &other.permuted(&[1, 0]))
        }
        _ => false,
    }
}
