//! The walk over a model's nodes, from what is given to what is asked for.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

mod branches;
mod loops;
mod sequences;

use super::context::Context;
use super::error::{Declined, ImportError, NodeName, Unsupported};
use super::layer::{Layer, Operand};
use super::needed::needed;
use super::node::Node;
use super::operators::{Operator, operator};
use super::parameters::Parameters;
use super::proto::{self, Graph};
use super::value::{Known, Maker, Value, depth};
use super::{Request, Target, folded, inputs, module, numbers, target};
use crate::diagnostic::{nearest, quote, visible};
use crate::ops::Identity;
use crate::scenario::Files;
use crate::tape::Built;
use crate::tensor::{Tensor, TensorId};

/// The newest version of ONNX's operators that is known here.
const NEWEST_OPSET: i64 = 28;

/// The most reasons that are given for not importing a model.
const MOST_REASONS: usize = 100;

/// How many nodes may stand in a row between a parameter and the numbers that are worked out of it:
/// their layers are added one inside the other.
const MOST_DEPTH: usize = 100;

/// How many nodes the loops of a model may become.
const MOST_UNROLLED: usize = 1 << 16;

/// How many names of tensors all sequences of a model may hold together.
const MOST_HELD: usize = 1 << 20;

/// The parts of a scenario.
pub(super) struct Parts {
    pub(super) built: Built,
    pub(super) upstream: BTreeMap<TensorId, Tensor>,
    /// Whether it ends in a loss, so that its upstream gradient goes without saying.
    pub(super) has_loss: bool,
    pub(super) description: String,
    pub(super) remarks: Vec<String>,
}

/// Makes the parts of a scenario of a model.
pub(super) fn import(
    model: &proto::Model,
    request: &Request,
    files: &dyn Files,
) -> Result<Parts, ImportError> {
    let opset = opset(model)?;
    let graph = model.graph.as_ref().ok_or(ImportError::NoGraph)?;
    let outputs = outputs(graph, request)?;
    let needed = needed(graph, &outputs)?;
    let given = inputs::given(graph, request, &needed.names).map_err(ImportError::Inputs)?;
    let mut importer = Importer {
        context: Context::new(
            opset,
            files,
            request.max_elements,
            needed.reads(graph),
            remade,
        ),
        values: given
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Some(value)))
            .collect(),
        declined: Vec::new(),
        next_number: graph.node.len(),
        sequences: HashMap::new(),
        held_left: MOST_HELD,
        n_runs: 0,
        unrolled_left: MOST_UNROLLED,
    };
    importer.initializers(graph, &needed.names)?;
    let is_constant = |&number: &usize| graph.node[number].op_type == "Constant";
    let nodes = needed.nodes.iter().copied();
    let (constants, others): (Vec<usize>, Vec<usize>) = nodes.partition(is_constant);
    for number in constants {
        importer.node(number, &graph.node[number], &needed.names)?;
    }
    importer.context.remarks.folded = module::folded_norms(graph, others.iter().copied());
    importer.context.remarks.folded_into = module::folded_into(graph, others.iter().copied());
    importer.context.called = module::names(graph, others.iter().copied());
    if request.names_of_outputs {
        let named = module::of_outputs(graph);
        importer.context.names_of_outputs = named.values().cloned().collect();
        importer.context.called.extend(named);
    }
    importer.context.recurrent = module::recurrent(graph, others.iter().copied());
    importer.context.parameters = Parameters::of(graph, others.iter().copied(), &importer.values);
    let first = importer.next_number + 1;
    importer.next_number += importer.context.parameters.copies.len();
    folded::restore(&mut importer.context, &mut importer.values, first);
    for number in others {
        importer.node(number, &graph.node[number], &needed.names)?;
    }
    if !importer.declined.is_empty() {
        return Err(ImportError::Declined(importer.declined));
    }
    let ends = outputs
        .iter()
        .map(|output| importer.end(output))
        .collect::<Result<Vec<_>, _>>()?;
    let description = description(model, opset, &outputs, &ends);
    let ends = match &request.target {
        Some(target) => vec![importer.loss(&outputs, &ends, target)?],
        None => ends,
    };
    let gone = folded::remark(graph, &importer.context);
    importer.context.remarks.nodes.extend(gone);
    let (net, remarks) = importer.context.finish();
    let built = net.build()?;
    let remarks = remarks.of(&built.network);
    Ok(Parts {
        upstream: ones(&built, &ends),
        has_loss: request.target.is_some(),
        built,
        description,
        remarks,
    })
}

/// A gradient of 1 for each element of the ends.
fn ones(built: &Built, ends: &[Operand]) -> BTreeMap<TensorId, Tensor> {
    let mut upstream = BTreeMap::new();
    for end in ends {
        // What is an output twice gets a gradient from each.
        let gradient = upstream
            .entry(built.id(end.tensor))
            .or_insert_with(|| Tensor::filled(end.shape.clone(), 0.0));
        gradient
            .data_mut()
            .iter_mut()
            .for_each(|number| *number += 1.0);
    }
    upstream
}

/// Returns the version of ONNX's own operators that the model is written in.
fn opset(model: &proto::Model) -> Result<i64, ImportError> {
    let own = model
        .opset_import
        .iter()
        .find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"));
    let found = own.map_or(1, |set| set.version);
    if (1..=NEWEST_OPSET).contains(&found) {
        return Ok(found);
    }
    let newest = NEWEST_OPSET;
    Err(ImportError::Opset { found, newest })
}

/// Returns the tensors at which the backward pass begins.
fn outputs<'a>(graph: &'a Graph, request: &'a Request) -> Result<Vec<&'a str>, ImportError> {
    let own = graph.output.iter().map(|output| output.name.as_str());
    if request.outputs.is_empty() {
        let own: Vec<&str> = own.collect();
        return if own.is_empty() {
            Err(ImportError::NoOutputs)
        } else {
            Ok(own)
        };
    }
    let made: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| &node.output)
        .map(String::as_str)
        .collect();
    let is_unknown = |output: &&String| output.is_empty() || !made.contains(output.as_str());
    match request.outputs.iter().find(is_unknown) {
        Some(unknown) => Err(ImportError::NoTensor {
            name: unknown.clone(),
            meant: nearest(unknown, made).map(str::to_owned),
            outputs: own.map(str::to_owned).collect(),
        }),
        None => Ok(request.outputs.iter().map(String::as_str).collect()),
    }
}

/// An import so far.
struct Importer<'m> {
    context: Context<'m>,
    /// What each name stands for; nothing for what a declined node would make.
    values: HashMap<String, Option<Value>>,
    declined: Vec<Declined>,
    /// The number that the next node of a branch gets, which is none of the model's own nodes'.
    next_number: usize,
    /// The names of the tensors that sequences hold, by the sequences' names.
    sequences: HashMap<String, Vec<String>>,
    /// How many names of tensors sequences may still hold.
    held_left: usize,
    /// How often the bodies of loops have run.
    n_runs: usize,
    /// How many nodes loops may still be unrolled to.
    unrolled_left: usize,
}

impl Importer<'_> {
    fn initializers(&mut self, graph: &Graph, needed: &HashSet<&str>) -> Result<(), ImportError> {
        let is_needed = |tensor: &&proto::Tensor| needed.contains(tensor.name.as_str());
        for tensor in graph.initializer.iter().filter(is_needed) {
            // What the user gives for an input goes before the model's own numbers for it.
            if self.values.contains_key(tensor.name.as_str()) {
                continue;
            }
            let context = &mut self.context;
            let read = numbers::read(tensor, context.files, context.elements_left);
            let constant = read
                .and_then(|constant| context.charge(constant.len()).map(|()| constant))
                .map_err(|reason| ImportError::Numbers {
                    tensor: Some(tensor.name.clone()),
                    reason,
                })?;
            let value = Value::Constant(Known::new(&tensor.name, constant));
            self.values.insert(tensor.name.clone(), Some(value));
        }
        Ok(())
    }

    /// Imports a node, or notes why it cannot be imported.
    fn node(
        &mut self,
        number: usize,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        match node.op_type.as_str() {
            _ if !is_of_onnx(node) => self.plain_node(number, node, needed),
            "If" => self.choice(node, needed),
            "Loop" => self.repetition(node, needed),
            _ if self.sequence(node) => Ok(()),
            "ConcatFromSequence" => self.joined(number, node, needed),
            "SequenceAt" => self.taken(number, node, needed),
            _ => self.plain_node(number, node, needed),
        }
    }

    /// Notes that a node makes nothing, and why, where that has not been said of another.
    fn leave_out(
        &mut self,
        node: &proto::Node,
        reason: Option<Unsupported>,
    ) -> Result<(), ImportError> {
        reason
            .into_iter()
            .for_each(|reason| self.decline(node, reason));
        let nothing = node.output.iter().map(|output| (output.clone(), None));
        self.values.extend(nothing);
        Ok(())
    }

    fn plain_node(
        &mut self,
        number: usize,
        node: &proto::Node,
        needed: &HashSet<&str>,
    ) -> Result<(), ImportError> {
        let mut inputs = Vec::new();
        for name in &node.input {
            inputs.push(match self.values.get(name.as_str()) {
                _ if name.is_empty() => Some(None),
                Some(value) => value.clone().map(Some),
                None if self.sequences.contains_key(name) => {
                    let reason = Unsupported::new("reads a sequence of tensors");
                    return self.leave_out(node, Some(reason));
                }
                None => return Err(unmade(node, name)),
            });
        }
        let all_known: Option<Vec<Option<Value>>> = inputs.into_iter().collect();
        let made = match all_known {
            Some(inputs) => self.made(number, node, inputs, needed).map(Some),
            // It depends on a node that is declined. Whether it could be imported is known all the
            // same.
            None => known_operator(node).map(|_| None),
        };
        let made = made.unwrap_or_else(|reason| {
            self.decline(node, reason);
            None
        });
        let mut made = made.unwrap_or_default();
        for (number, output) in node.output.iter().enumerate() {
            self.values.insert(output.clone(), made.remove(&number));
        }
        Ok(())
    }

    /// Returns what a node makes, by the number of the output.
    fn made(
        &mut self,
        number: usize,
        proto: &proto::Node,
        inputs: Vec<Option<Value>>,
        needed: &HashSet<&str>,
    ) -> Result<BTreeMap<usize, Value>, Unsupported> {
        let operator = known_operator(proto)?;
        let mut read = inputs.iter().enumerate();
        let is_trained = read.any(|(input, value)| {
            let value = value.as_ref();
            value.is_some_and(|value| self.context.is_trained(number, input, value))
        });
        let depth = depth(&inputs);
        if depth > MOST_DEPTH {
            return Err(Unsupported::new(format!(
                "is worked out of a parameter by more than {MOST_DEPTH} nodes in a row"
            )));
        }
        let maker = |output: usize, inputs: &[Option<Value>]| Maker {
            number,
            node: proto.clone(),
            inputs: inputs.to_vec(),
            depth,
            output,
        };
        let mut node = Node::new(number, proto, inputs, &mut self.context);
        let folded = operator.fold.map_or(Ok(None), |fold| fold(&mut node))?;
        let first = match (folded, operator.layer) {
            (Some(constant), _) => node.known_output(0, constant),
            (None, Some(layer)) => layer(&mut node)?,
            (None, None) => {
                return Err(Unsupported::new(
                    "works on what is computed, which has no counterpart among backstep's ops",
                ));
            }
        };
        node.attributes.refuse_unknown()?;
        let mut made = std::mem::take(&mut node.others);
        made.insert(0, first);
        if is_trained && operator.layer.is_some() {
            for (&output, value) in &mut made {
                if let Value::Constant(known) = value
                    && known.constant.floats().is_some()
                    && known.made_by.is_none()
                {
                    *known = Rc::clone(known).made_by(maker(output, &node.inputs));
                }
            }
        }
        let mut outputs = proto.output.iter().enumerate();
        let is_missing = |(number, output): &(usize, &String)| {
            needed.contains(output.as_str()) && !made.contains_key(number)
        };
        match outputs.find(is_missing) {
            Some((_, other)) => Err(Unsupported::SecondOutput(other.clone())),
            None => Ok(made),
        }
    }

    fn decline(&mut self, node: &proto::Node, reason: Unsupported) {
        let is_full = self.declined.len() == MOST_REASONS;
        let is_same =
            |known: &&mut Declined| known.operator == node.op_type && known.reason == reason;
        match self.declined.iter_mut().find(is_same) {
            Some(known) => known.nodes.push(title(node).to_owned()),
            None if is_full => {}
            None => self.declined.push(Declined {
                operator: node.op_type.clone(),
                nodes: vec![title(node).to_owned()],
                reason,
            }),
        }
    }

    /// Returns the layer at which the backward pass begins.
    fn end(&mut self, output: &str) -> Result<Operand, ImportError> {
        let end = match self.values.get(output).cloned().flatten() {
            Some(Value::Computed(operand)) => Ok(operand),
            // The model hands it through.
            Some(Value::Given(known)) => self
                .context
                .operand(&known)
                .and_then(|operand| self.context.layer(output, Layer::of(Identity, [operand]))),
            Some(Value::Constant(known)) if known.made_by.is_some() => self.context.operand(&known),
            Some(Value::Constant(_)) => Err(Unsupported::new(
                "is a constant, which nothing has a gradient for",
            )),
            None => Err(Unsupported::new("is made by no node of the model")),
        };
        end.map_err(|reason| of_output(output, reason))
    }

    /// Adds the loss of the only output, and returns it.
    fn loss(
        &mut self,
        outputs: &[&str],
        ends: &[Operand],
        target: &Target,
    ) -> Result<Operand, ImportError> {
        let (&[output], [end]) = (outputs, ends) else {
            let outputs = outputs.iter().map(|&output| output.to_owned());
            return Err(ImportError::SeveralOutputs(outputs.collect()));
        };
        target::add(&mut self.context, end.clone(), target)
            .map_err(|reason| of_output(output, reason))
    }
}

fn of_output(output: &str, reason: Unsupported) -> ImportError {
    ImportError::Output {
        output: output.to_owned(),
        reason,
    }
}

/// Adds the layer of a node whose numbers are known, but made of a parameter.
fn remade(context: &mut Context<'_>, maker: &Maker) -> Result<Value, Unsupported> {
    let operator = known_operator(&maker.node)?;
    let layer = operator.layer.ok_or(Unsupported::Operator)?;
    let mut node = Node::new(maker.number, &maker.node, maker.inputs.clone(), context);
    node.wanted = Some(maker.output);
    let first = layer(&mut node)?;
    let other = node.others.remove(&maker.output);
    Ok(other.unwrap_or(first))
}

/// Whether an operator is one of ONNX's own.
fn is_of_onnx(node: &proto::Node) -> bool {
    matches!(node.domain.as_str(), "" | "ai.onnx")
}

fn known_operator(node: &proto::Node) -> Result<&'static Operator, Unsupported> {
    if is_of_onnx(node) {
        operator(&node.op_type).ok_or(Unsupported::Operator)
    } else {
        Err(Unsupported::Domain(node.domain.clone()))
    }
}

fn unmade(node: &proto::Node, name: &str) -> ImportError {
    ImportError::Unmade {
        node: NodeName {
            operator: node.op_type.clone(),
            name: title(node).to_owned(),
        },
        tensor: name.to_owned(),
    }
}

/// What a node is called in a message: its name, or what it makes.
fn title(node: &proto::Node) -> &str {
    if node.name.is_empty() {
        node.output.first().map_or("", String::as_str)
    } else {
        &node.name
    }
}

/// Says where a scenario comes from, and what the model's outputs are called in it.
fn description(model: &proto::Model, opset: i64, outputs: &[&str], ends: &[Operand]) -> String {
    let producer = [
        model.producer_name.as_str(),
        model.producer_version.as_str(),
    ]
    .join(" ");
    let by = if producer.trim().is_empty() {
        String::new()
    } else {
        format!(", written by {}", visible(producer.trim()))
    };
    let renamed = outputs
        .iter()
        .zip(ends)
        .filter(|(output, end)| **output != end.name);
    let renamed: String = renamed
        .map(|(output, end)| format!(" Its output {} is {}.", quote(output), quote(&end.name)))
        .collect();
    format!("An ONNX model of opset {opset}{by}.{renamed}")
}
