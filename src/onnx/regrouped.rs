//! Group norms that an exporter has taken apart. Before ONNX had them for channels, they were
//! written as an instance norm of groups between two reshapes, and a weight and a bias after it.

use super::links::Links;
use super::proto::{Attribute, Graph, Node};
use crate::scenario::Files;

/// The kind of an attribute that holds a whole number.
const INT: i32 = 2;

/// Puts them together again, where nothing else reads what is between.
pub(super) fn restore(graph: &mut Graph, files: &dyn Files) {
    let links = Links::of(graph, files);
    let nodes = graph.node.iter();
    let norms = nodes.filter(|node| node.op_type == "InstanceNormalization");
    let whole: Vec<GroupNorm> = norms.filter_map(|node| links.group_norm(node)).collect();
    for norm in whole {
        norm.put_into(graph);
    }
}

/// A group norm that was found.
struct GroupNorm {
    /// The last of its nodes, which adds the bias.
    last: usize,
    x: String,
    /// Weight and bias, by their numbers among the initializers.
    parameters: [usize; 2],
    attributes: Vec<Attribute>,
}

impl GroupNorm {
    /// Puts one node where the last one was. What the others make is read by nobody then.
    fn put_into(self, graph: &mut Graph) {
        let mut input = vec![self.x];
        for number in self.parameters {
            let tensor = &mut graph.initializer[number];
            tensor.dims.truncate(1);
            input.push(tensor.name.clone());
        }
        let node = &mut graph.node[self.last];
        node.op_type = "GroupNormalization".to_owned();
        node.input = input;
        node.attribute = self.attributes;
    }
}

impl Links<'_> {
    /// The group norm whose groups a node normalises.
    fn group_norm(&self, norm: &Node) -> Option<GroupNorm> {
        let [groups, scale, shift] = &norm.input[..] else {
            return None;
        };
        let (ones, zeros) = (self.floats(scale)?, self.floats(shift)?);
        let n_groups = ones.data().len();
        let is_plain = ones.data().iter().all(|&one| one == 1.0)
            && zeros.data().iter().all(|&zero| zero == 0.0);
        let split = self.made_by(groups, "Reshape")?;
        let [x, sizes] = &split.input[..] else {
            return None;
        };
        let is_split = self.ints(sizes)?.data() == [0, i64::try_from(n_groups).ok()?, -1];
        let (_, joined) = self.reader(norm, "Reshape")?;
        let (_, weighted) = self.reader(joined, "Mul")?;
        let (last, added) = self.reader(weighted, "Add")?;
        let weight = self.channels(weighted, joined)?;
        let bias = self.channels(added, weighted)?;
        let [n_channels, n_biases] =
            [weight, bias].map(|number| self.graph.initializer[number].dims[0]);
        let is_whole = self.is_shape(joined.input.get(1)?, x, n_channels);
        (is_plain && is_split && is_whole && n_channels == n_biases).then(|| GroupNorm {
            last,
            x: x.clone(),
            parameters: [weight, bias],
            attributes: attributes(norm, n_groups),
        })
    }

    /// The initializer with a number for each channel, [C, 1, ...], that a node reads beside what
    /// another makes, and nobody else does.
    fn channels(&self, node: &Node, other: &Node) -> Option<usize> {
        let is_other = |name: &&String| Some(*name) != other.output.first();
        let name = node.input.iter().find(is_other)?.as_str();
        let number = *self.initializers.get(name)?;
        let (_, inner) = self.graph.initializer[number].dims.split_first()?;
        let is_own = self.readers.get(name)?.is_some();
        (is_own && inner.iter().all(|&size| size == 1)).then_some(number)
    }

    /// Whether sizes are those of a tensor of so many channels, as far as that can be seen.
    fn is_shape(&self, sizes: &str, x: &str, n_channels: i64) -> bool {
        let of_x = |shape: &Node| shape.input.first().is_some_and(|of| of == x);
        let second = || self.ints(sizes)?.data().get(1).copied();
        self.made_by(sizes, "Shape").is_some_and(of_x) || second() == Some(n_channels)
    }
}

/// The settings of a group norm, of those of the instance norm.
fn attributes(norm: &Node, n_groups: usize) -> Vec<Attribute> {
    let eps = norm.attribute.iter().filter(|of| of.name == "epsilon");
    let groups = Attribute {
        name: "num_groups".to_owned(),
        i: n_groups as i64,
        kind: INT,
        ..Attribute::default()
    };
    eps.cloned().chain([groups]).collect()
}
