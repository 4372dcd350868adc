//! The modules of a model, as PyTorch's exporters write them on the nodes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::proto;

/// Where the exporter that traces graphs writes the modules that a node was called in.
const SCOPES: &str = "pkg.torch.onnx.name_scopes";
/// Where it writes the call that the node was made of.
const CALL: &str = "pkg.torch.onnx.fx_node";
/// Where it writes what the model is given, its parameters first.
const SIGNATURE: &str = "pkg.torch.export.ExportedProgram.graph_signature";
/// How often an output may be handed on until it has nobody's name any more.
const MOST_HANDED_ON: usize = 16;
/// What a parameter and a buffer are called by in such a call: `p_fc_weight` for `fc.weight`.
const PLACEHOLDERS: [&str; 2] = ["%p_", "%b_"];

/// What the nodes of a model tell of its modules.
#[derive(Debug)]
pub(super) struct Modules<'a> {
    /// The modules in the names of nodes, as they stand there: `/hh_1` of `/hh_1/MatMul`.
    paths: HashSet<&'a str>,
    /// The modules in which nodes were called.
    called: HashSet<String>,
    /// The names of parameters by those that calls have for them.
    signature: HashMap<&'a str, &'a str>,
    /// Whether the nodes name the parameters that they read.
    has_calls: bool,
    /// Each name in a call, of the parameters that are initializers.
    in_calls: HashSet<&'a str>,
}

impl<'a> Modules<'a> {
    pub(super) fn of(graph: &'a proto::Graph, nodes: impl Iterator<Item = usize> + Clone) -> Self {
        let nodes = nodes.map(|number| &graph.node[number]);
        let ends = |node: &'a proto::Node| {
            let name = node.name.as_str();
            let slashes = name.match_indices('/').skip(1);
            slashes.map(move |(end, _)| &name[..end])
        };
        let calls = nodes.clone().filter_map(|node| metadata(node, CALL));
        let modules = Self {
            paths: nodes.clone().flat_map(ends).collect(),
            called: HashSet::new(),
            signature: signature(graph).collect(),
            has_calls: calls.clone().next().is_some(),
            in_calls: calls.flat_map(words).filter_map(placeholder).collect(),
        };
        let called = nodes.filter_map(|node| modules.of_call(node)).collect();
        Self { called, ..modules }
    }

    /// Whether the name of an initializer is the exporter's own, and none of the model's.
    pub(super) fn is_made_up(&self, name: &str) -> bool {
        let is_in_call = || self.in_calls.contains(underscored(name).as_str());
        name.contains("::") || self.has_calls && !name.contains('.') && !is_in_call()
    }

    /// The module that a node was called in, empty for the model itself; nothing where the node
    /// does not say. A second call of a module, `hh_1`, is one of the same module.
    pub(super) fn of_call(&self, node: &proto::Node) -> Option<String> {
        if let Some(scopes) = metadata(node, SCOPES) {
            return quoted(scopes).rev().nth(1).map(str::to_owned);
        }
        let (path, _) = node
            .name
            .strip_prefix('/')?
            .rsplit_once('/')
            .unwrap_or_default();
        let (mut module, mut end): (Vec<&str>, usize) = (Vec::new(), 0);
        for part in path.split('/') {
            end += 1 + part.len();
            let own = self.without_call(&node.name[..end], part);
            // A module in a list is called as the list and its number there.
            let list = own.split_once('.').map(|(list, _)| list);
            module.pop_if(|last| Some(*last) == list);
            module.extend((!own.is_empty()).then_some(own));
        }
        Some(module.join("."))
    }

    /// The bias that the call of a node names and the node does not read: exporters leave out what
    /// is zero.
    pub(super) fn left_out_bias(&self, node: &proto::Node) -> Option<&'a str> {
        let is_whole = match node.op_type.as_str() {
            "Gemm" | "Conv" => node.input.len() == 2,
            "MatMul" => {
                quoted(metadata(node, SCOPES)?).next_back() == node.output.first().map(|it| &**it)
            }
            _ => false,
        };
        let mut calls = ["linear", "conv"].into_iter();
        let bias = calls.find_map(|call| arguments(node, call))?.nth(2)?;
        let bias = bias.strip_prefix("%p_").filter(|_| is_whole)?;
        self.signature.get(bias).copied()
    }

    /// What a node makes: what its call is called, or its operator where the call was made several
    /// nodes, each in its module: `attn.softmax`. Nothing where its output says the same.
    fn called(&self, node: &proto::Node) -> Option<String> {
        let own = quoted(metadata(node, SCOPES)?).next_back()?;
        let is_call = node.output.first().is_some_and(|output| output == own);
        let word = if is_call {
            let own = without_number(own.trim_start_matches('_'));
            own.replace("scaled_dot_product_attention", "sdpa")
        } else {
            node.op_type.to_lowercase()
        };
        let module = self.of_call(node).unwrap_or_default();
        match (module.is_empty(), is_call) {
            (true, true) => None,
            (true, false) => Some(word),
            (false, _) => Some(format!("{module}.{word}")),
        }
    }

    /// Whether some node was called in a module of that name.
    pub(super) fn has(&self, module: &str) -> bool {
        self.called.contains(module)
    }

    /// A part of a path without the number of the call: `hh` of `/hh_1`, where there is an `/hh`.
    fn without_call<'n>(&self, path: &str, part: &'n str) -> &'n str {
        let Some((own, number)) = part.rsplit_once('_') else {
            return part;
        };
        let first = &path[..path.len() - number.len() - 1];
        let is_call = number.parse::<u32>().is_ok() && self.paths.contains(first);
        if is_call { own } else { part }
    }

    /// What a node itself calls the parameter that it reads as the input of that number, where it
    /// says so. `root` is the initializer that it reads.
    ///
    /// Its call may have become several nodes, so that a place in it says less than a name does.
    pub(super) fn parameter(&self, node: &proto::Node, input: usize, root: &str) -> Option<String> {
        let (_, call) = metadata(node, CALL)?.split_once("args = ")?;
        let own = underscored(root);
        let all = || words(call).filter_map(placeholder);
        let is_root = |name: &str| name == own || self.signature.get(name) == Some(&root);
        if all().any(is_root) {
            return Some(root.to_owned());
        }
        // What a recurrent node reads is not what its call is given, in another order.
        let in_place = words(call).nth(input).filter(|_| !is_recurrent(node));
        let in_place = in_place.and_then(placeholder);
        let name = match root.rsplit_once('.') {
            None => in_place?,
            // A module that nothing was called in has been folded into the one that the call is of.
            Some((home, _)) if !self.has(home) => return None,
            Some((_, key)) => {
                let is_alike = |name: &&str| name.ends_with(key);
                let mut alike = all().filter(is_alike);
                let alone = alike.next().filter(|_| alike.next().is_none());
                in_place.filter(is_alike).or(alone)?
            }
        };
        let signed = self.signature.get(name).map(|&target| target.to_owned());
        Some(signed.unwrap_or_else(|| dotted(name, metadata(node, SCOPES).unwrap_or_default())))
    }
}

/// What the nodes make is called in the model, by their numbers, where that is known.
pub(super) fn names(
    graph: &proto::Graph,
    nodes: impl Iterator<Item = usize> + Clone,
) -> HashMap<usize, String> {
    let modules = Modules::of(graph, nodes.clone());
    let called = |number: usize| Some((number, modules.called(&graph.node[number])?));
    let mut names: HashMap<usize, String> = nodes.clone().filter_map(called).collect();
    names.extend(of_one_node(graph, nodes, &modules));
    names
}

/// The modules that one node alone makes up, by the number of that node: what it makes is what the
/// module returns.
fn of_one_node(
    graph: &proto::Graph,
    nodes: impl Iterator<Item = usize>,
    modules: &Modules<'_>,
) -> HashMap<usize, String> {
    let mut by_module: HashMap<String, Vec<usize>> = HashMap::new();
    for number in nodes {
        let module = modules.of_call(&graph.node[number]);
        if let Some(module) = module.filter(|module| !module.is_empty()) {
            by_module.entry(module).or_default().push(number);
        }
    }
    let all: BTreeSet<String> = by_module
        .keys()
        .map(|module| format!("{module}."))
        .collect();
    let has_inner = |module: &str| {
        let own = format!("{module}.");
        let mut after = all.range(own.clone()..).filter(|other| **other != own);
        after.next().is_some_and(|other| other.starts_with(&own))
    };
    let alone = |(module, numbers): (String, Vec<usize>)| match numbers[..] {
        [only] if !has_inner(&module) => Some((only, module)),
        _ => None,
    };
    by_module.into_iter().filter_map(alone).collect()
}

/// What the nodes that make the model's outputs make is called as the outputs are, by the numbers
/// of those nodes.
pub(super) fn of_outputs(graph: &proto::Graph) -> HashMap<usize, String> {
    let made = graph.node.iter().enumerate().filter_map(|(number, node)| {
        let output = node.output.first()?;
        Some((output.as_str(), number))
    });
    let makers: HashMap<&str, usize> = made.collect();
    let maker = |output: &str| {
        // What is handed on is no layer of its own.
        let mut name = output;
        for _ in 0..MOST_HANDED_ON {
            let number = *makers.get(name)?;
            let node = &graph.node[number];
            match node.input.first() {
                Some(input) if node.op_type == "Identity" => name = input,
                _ => return Some(number),
            }
        }
        None
    };
    let outputs = graph.output.iter();
    outputs
        .filter_map(|output| Some((maker(&output.name)?, output.name.clone())))
        .collect()
}

/// A recurrent node as a layer of its module.
#[derive(Debug, Clone)]
pub(super) struct Recurrent {
    pub(super) module: String,
    /// Which of the module's layers it is.
    pub(super) layer: usize,
    /// Whether the module has no other.
    pub(super) is_only: bool,
}

/// The recurrent nodes whose modules are known, by their numbers.
pub(super) fn recurrent(
    graph: &proto::Graph,
    nodes: impl Iterator<Item = usize> + Clone,
) -> HashMap<usize, Recurrent> {
    let modules = Modules::of(graph, nodes.clone());
    let mut by_module: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for number in nodes.filter(|&number| is_recurrent(&graph.node[number])) {
        if let Some(module) = modules.of_call(&graph.node[number]) {
            by_module.entry(module).or_default().push(number);
        }
    }
    let layers = by_module.into_iter().flat_map(|(module, numbers)| {
        let is_only = numbers.len() == 1;
        numbers.into_iter().enumerate().map(move |(layer, number)| {
            let module = module.clone();
            (
                number,
                Recurrent {
                    module,
                    layer,
                    is_only,
                },
            )
        })
    });
    layers.collect()
}

/// A name without the number that tells it from equal ones: `linear` of `linear_2`.
fn without_number(name: &str) -> &str {
    let cut = name.rsplit_once('_');
    let own = cut.filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
    own.map_or(name, |(own, _)| own)
}

/// Whether a node is a whole recurrent layer.
fn is_recurrent(node: &proto::Node) -> bool {
    matches!(node.op_type.as_str(), "LSTM" | "GRU" | "RNN")
}

/// The batch norms that the exporter has folded into the convolutions before them: a convolution
/// that was made of the call of one.
pub(super) fn folded_norms(
    graph: &proto::Graph,
    nodes: impl Iterator<Item = usize>,
) -> Vec<String> {
    let norm = |number: usize| {
        let node = &graph.node[number];
        let call = metadata(node, CALL)?;
        let is_folded = node.op_type.starts_with("Conv") && call.contains("batch_norm");
        let module = quoted(metadata(node, SCOPES)?).rev().nth(1)?;
        is_folded.then(|| module.to_owned())
    };
    nodes.filter_map(norm).collect()
}

/// The modules of the convolutions into which the older exporter has folded what it does not name:
/// both of their parameters are constants that it has worked out, and calls after their node.
pub(super) fn folded_into(
    graph: &proto::Graph,
    nodes: impl Iterator<Item = usize> + Clone,
) -> Vec<String> {
    let node = |number: usize| &graph.node[number];
    let modules = Modules::of(graph, nodes.clone());
    let is_worked_out = |name: &String| name.starts_with("onnx::Conv");
    let folded = nodes.map(node).filter(|node| match &node.input[..] {
        [_, weight, bias] => is_worked_out(weight) && is_worked_out(bias),
        _ => false,
    });
    folded.filter_map(|node| modules.of_call(node)).collect()
}

/// What is given to the call that a node was made of, one by one as it is written there; nothing
/// where the node does not say, or was made of another call.
pub(super) fn arguments<'a>(
    node: &'a proto::Node,
    call: &str,
) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let (target, given) = metadata(node, CALL)?.split_once("args = (")?;
    let (given, _) = given.split_once("), kwargs")?;
    let mut depth = 0;
    let is_comma = move |c: char| {
        depth += i32::from(matches!(c, '[' | '(')) - i32::from(matches!(c, ']' | ')'));
        c == ',' && depth == 0
    };
    target
        .contains(call)
        .then(|| given.split(is_comma).map(str::trim))
}

/// The parameters that the model has by its signature, which the exporter that traces graphs writes
/// on the graph: `p_fc_weight: PARAMETER target='fc.weight'`. Each has before it what it is called
/// in calls, without the mark.
pub(super) fn signature(graph: &proto::Graph) -> impl Iterator<Item = (&str, &str)> {
    let entries = graph.metadata_props.iter();
    let signature = entries.filter(|entry| entry.key == SIGNATURE);
    let lines = signature.flat_map(|entry| entry.value.lines());
    lines.filter_map(|line| {
        let (name, target) = line
            .strip_prefix("p_")?
            .split_once(": PARAMETER target='")?;
        Some((name, target.strip_suffix('\'')?))
    })
}

/// Whether a name is one that a parameter of a module has: `fc.weight`.
pub(super) fn is_name_in_module(name: &str) -> bool {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    name.contains('.') && name.chars().all(is_legal)
}

fn metadata<'a>(node: &'a proto::Node, key: &str) -> Option<&'a str> {
    let entry = node.metadata_props.iter().find(|entry| entry.key == key)?;
    Some(&entry.value)
}

/// The texts in quotes of a list.
fn quoted(list: &str) -> impl DoubleEndedIterator<Item = &str> {
    let parts: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    parts.into_iter()
}

/// The tensors that a call names, in their order.
fn words(call: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '%');
    call.split(move |c| !is_word(c))
        .filter(|word| word.starts_with('%'))
}

/// What a tensor in a call is called, if it is a parameter.
fn placeholder(word: &str) -> Option<&str> {
    PLACEHOLDERS.iter().find_map(|mark| word.strip_prefix(mark))
}

fn underscored(name: &str) -> String {
    name.replace('.', "_")
}

/// The name of which a call has only the underscored one, where it is one of a module that the call
/// is in.
fn dotted(name: &str, scopes: &str) -> String {
    let in_module = |module: &str| {
        let key = name.strip_prefix(&underscored(module))?.strip_prefix('_')?;
        Some(format!("{module}.{key}"))
    };
    let mut modules = quoted(scopes).rev().filter(|module| !module.is_empty());
    modules
        .find_map(in_module)
        .unwrap_or_else(|| name.to_owned())
}
