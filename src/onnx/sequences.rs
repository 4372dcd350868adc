//! Sequences, which exporters make of a split as long as they do not optimise: what is taken out of
//! one is a slice.

use super::constant::Array;
use super::links::Links;
use super::proto::{Graph, Node, Tensor};
use crate::scenario::Files;

/// The number of ONNX's type of whole numbers.
const INT64: i32 = 7;

/// A node that takes a part of a split tensor.
struct Part {
    /// Its place among the nodes.
    number: usize,
    x: String,
    /// Where the part begins and ends, and along which axis.
    bounds: [(&'static str, i64); 3],
}

/// Makes slices of the parts, where it is known which part is taken, and how large each is.
pub(super) fn replace(graph: &mut Graph, files: &dyn Files) {
    let links = Links::of(graph, files);
    let nodes = graph.node.iter().enumerate();
    let parts: Vec<Part> = nodes
        .filter(|(_, node)| node.op_type == "SequenceAt")
        .filter_map(|(number, node)| part(&links, number, node))
        .collect();
    for part in parts {
        part.put_into(graph);
    }
}

fn part(links: &Links<'_>, number: usize, taken: &Node) -> Option<Part> {
    let [sequence, place] = &taken.input[..] else {
        return None;
    };
    let split = links.made_by(sequence, "SplitToSequence")?;
    let [x, sizes] = &split.input[..] else {
        return None;
    };
    let place = usize::try_from(*links.ints(place)?.data().first()?).ok()?;
    let (start, end) = bounds(&links.ints(sizes)?, place)?;
    let axis = split.attribute.iter().find(|of| of.name == "axis");
    let axis = axis.map_or(0, |axis| axis.i);
    Some(Part {
        number,
        x: x.clone(),
        bounds: [("start", start), ("end", end), ("axis", axis)],
    })
}

/// Where a part begins and ends. One number is the size of every part; in a list each has its own.
fn bounds(sizes: &Array<i64>, place: usize) -> Option<(i64, i64)> {
    if let ([], &[size]) = (sizes.sizes(), sizes.data()) {
        let start = size.checked_mul(i64::try_from(place).ok()?)?;
        return Some((start, start.checked_add(size)?));
    }
    let before = sizes.data().get(..place)?.iter();
    let start = before.copied().try_fold(0_i64, i64::checked_add)?;
    Some((start, start.checked_add(*sizes.data().get(place)?)?))
}

impl Part {
    fn put_into(self, graph: &mut Graph) {
        let node = &mut graph.node[self.number];
        let output = node.output.first().cloned().unwrap_or_default();
        node.op_type = "Slice".to_owned();
        node.input = vec![self.x];
        for (what, bound) in self.bounds {
            let name = format!("{output} {what}");
            node.input.push(name.clone());
            graph.initializer.push(Tensor {
                name,
                dims: vec![1],
                data_type: INT64,
                int64_data: vec![bound],
                ..Tensor::default()
            });
        }
    }
}
