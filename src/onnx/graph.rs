//! The walk over a model's nodes, from what is given to what is asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::attributes::Attributes;
use super::call::{Call, Known, Model, Value};
use super::constant::Constant;
use super::draft::{Draft, Layer, Operand};
use super::operators::operator;
use super::proto::{self, Graph, Node};
use super::refusal::Refusal;
use super::text::Upstream;
use super::{Request, inputs, numbers, target};
use crate::diagnostic::{Diagnostic, list, nearest, quote, visible};
use crate::scenario::Files;
use crate::tensor::Tensor;

/// The newest version of ONNX's operators that is known here.
const NEWEST_OPSET: i64 = 28;

/// The most reasons that are given for not importing a model.
const MOST_REASONS: usize = 100;

/// A scenario that is whole.
pub(super) struct Drafted {
    pub(super) draft: Draft,
    pub(super) upstream: Upstream,
    pub(super) description: String,
    pub(super) remarks: Vec<String>,
}

/// Makes a scenario of a model.
pub(super) fn read(
    model: &proto::Model,
    request: &Request,
    files: &dyn Files,
) -> Result<Drafted, Diagnostic> {
    let opset = opset(model)?;
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| Diagnostic::new("the model has no graph"))?;
    let outputs = outputs(graph, request)?;
    let needed = needed(graph, &outputs)?;
    let mut walk = Walk {
        model: Model {
            opset,
            files,
            draft: Draft::new(request.options.max_elements),
            elements_left: request.options.max_elements,
            inputs: HashMap::new(),
            reads: needed.reads(graph),
            products: HashSet::new(),
            remarks: Vec::new(),
        },
        values: HashMap::new(),
        declined: Vec::new(),
    };
    walk.values.extend(
        inputs::given(graph, request, &needed.names)?
            .into_iter()
            .map(|(name, value)| (name, Some(value))),
    );
    walk.initializers(graph, &needed.names)?;
    needed
        .nodes
        .iter()
        .try_for_each(|&number| walk.node(&graph.node[number], &needed.names))?;
    walk.refuse_declined()?;
    let ends = outputs
        .iter()
        .map(|output| walk.end(output))
        .collect::<Result<Vec<_>, _>>()?;
    let description = description(model, opset, &outputs, &ends);
    let upstream = walk.upstream(&outputs, ends, request)?;
    let remarks = walk.all_remarks();
    Ok(Drafted {
        draft: walk.model.draft,
        upstream,
        description,
        remarks,
    })
}

/// Returns the version of ONNX's own operators that the model is written in.
fn opset(model: &proto::Model) -> Result<i64, Diagnostic> {
    let own = model
        .opset_import
        .iter()
        .find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"));
    let opset = own.map_or(1, |set| set.version);
    if (1..=NEWEST_OPSET).contains(&opset) {
        return Ok(opset);
    }
    Err(Diagnostic::new(format!(
        "the model is written in opset {opset}, but this program knows 1 to {NEWEST_OPSET}"
    ))
    .hinted("export it with an older opset, such as 18"))
}

/// Returns the tensors at which the backward pass begins.
fn outputs<'a>(graph: &'a Graph, request: &'a Request) -> Result<Vec<&'a str>, Diagnostic> {
    let own: Vec<&str> = graph
        .output
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    if request.outputs.is_empty() {
        return if own.is_empty() {
            Err(Diagnostic::new("the model has no outputs"))
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
    let unknown = request
        .outputs
        .iter()
        .find(|output| output.is_empty() || !made.contains(output.as_str()));
    if let Some(unknown) = unknown {
        let problem = Diagnostic::new(format!("the model computes no tensor {}", quote(unknown)));
        return Err(match nearest(unknown, made) {
            Some(meant) => problem.hinted(format!("did you mean {}?", quote(meant))),
            None => problem.hinted(format!("its outputs are {}", names(&own))),
        });
    }
    Ok(request.outputs.iter().map(String::as_str).collect())
}

/// What the outputs depend on.
struct Needed<'a> {
    /// The nodes, in their order.
    nodes: BTreeSet<usize>,
    /// The names that are read, or asked for.
    names: HashSet<&'a str>,
    outputs: Vec<&'a str>,
}

impl Needed<'_> {
    /// How often each name is read, or asked for.
    fn reads(&self, graph: &Graph) -> HashMap<String, usize> {
        let read = self
            .nodes
            .iter()
            .flat_map(|&number| &graph.node[number].input)
            .map(String::as_str);
        let mut reads = HashMap::new();
        read.chain(self.outputs.iter().copied())
            .for_each(|name| *reads.entry(name.to_owned()).or_insert(0) += 1);
        reads
    }
}

/// Goes back from the outputs. Nodes that nothing depends on are not looked at.
fn needed<'a>(graph: &'a Graph, outputs: &[&'a str]) -> Result<Needed<'a>, Diagnostic> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (number, node) in graph.node.iter().enumerate() {
        for output in node.output.iter().filter(|output| !output.is_empty()) {
            if makers.insert(output, number).is_some() {
                return Err(Diagnostic::new(format!(
                    "the tensor {} is made by two nodes",
                    quote(output)
                )));
            }
        }
    }
    let mut needed = Needed {
        nodes: BTreeSet::new(),
        names: outputs.iter().copied().collect(),
        outputs: outputs.to_vec(),
    };
    let mut open: Vec<&str> = outputs.to_vec();
    while let Some(name) = open.pop() {
        let Some(&number) = makers.get(name) else {
            continue;
        };
        if needed.nodes.insert(number) {
            let read = graph.node[number]
                .input
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty());
            open.extend(read.clone());
            needed.names.extend(read);
        }
    }
    Ok(needed)
}

/// The walk so far.
struct Walk<'a, 'm> {
    model: Model<'m>,
    /// What each name stands for; nothing for what a declined node would make.
    values: HashMap<&'a str, Option<Value>>,
    /// Why nodes were declined: each reason with the operator and the nodes that it holds for.
    declined: Vec<(&'a str, Refusal, Vec<&'a Node>)>,
}

impl<'a> Walk<'a, '_> {
    fn initializers(&mut self, graph: &'a Graph, needed: &HashSet<&str>) -> Result<(), Diagnostic> {
        for tensor in graph
            .initializer
            .iter()
            .filter(|tensor| needed.contains(tensor.name.as_str()))
        {
            // What the user gives for an input goes before the model's own numbers for it.
            if self.values.contains_key(tensor.name.as_str()) {
                continue;
            }
            let about = |refusal: Refusal| refusal.about(&quote(&tensor.name));
            let constant =
                numbers::read(tensor, self.model.files, self.model.elements_left).map_err(about)?;
            self.model.charge(constant.len()).map_err(about)?;
            self.values
                .insert(&tensor.name, Some(known(&tensor.name, constant)));
        }
        Ok(())
    }

    /// Imports a node, or notes why it cannot be imported.
    fn node(&mut self, node: &'a Node, needed: &HashSet<&str>) -> Result<(), Diagnostic> {
        let mut inputs = Vec::new();
        for name in &node.input {
            inputs.push(match self.values.get(name.as_str()) {
                _ if name.is_empty() => Some(None),
                Some(value) => value.clone().map(Some),
                None => return Err(unmade(node, name)),
            });
        }
        let all_known: Option<Vec<Option<Value>>> = inputs.into_iter().collect();
        let made = match all_known {
            Some(inputs) => self.made(node, inputs, needed).map(Some),
            // It depends on a node that is declined. Whether it could be imported is known all the
            // same.
            None => known_operator(node).map(|_| None),
        };
        let mut value = made.unwrap_or_else(|refusal| {
            self.decline(node, refusal);
            None
        });
        // Only what a node makes first is imported. Where one of the others is needed, the node is
        // declined.
        for output in &node.output {
            self.values.insert(output, value.take());
        }
        Ok(())
    }

    fn made(
        &mut self,
        node: &'a Node,
        inputs: Vec<Option<Value>>,
        needed: &HashSet<&str>,
    ) -> Result<Value, Refusal> {
        let operator = known_operator(node)?;
        if let Some(extra) = node
            .output
            .iter()
            .skip(1)
            .find(|output| needed.contains(output.as_str()))
        {
            return Err(Refusal::new(format!(
                "makes a second tensor, {}, which has no counterpart in a scenario",
                quote(extra)
            ))
            .hinted("`--tensor` names the tensors that are asked for"));
        }
        let first = node.output.first().map(String::as_str).unwrap_or_default();
        let mut call = Call {
            node,
            inputs,
            attributes: Attributes::new(&node.attribute),
            model: &mut self.model,
        };
        let folded = operator.fold.map_or(Ok(None), |fold| fold(&mut call))?;
        let value = match (folded, operator.layer) {
            (Some(constant), _) => known(first, constant),
            (None, Some(layer)) => layer(&mut call)?,
            (None, None) => {
                return Err(Refusal::new(
                    "works on what is computed, which has no counterpart among backstep's ops",
                ));
            }
        };
        call.attributes.refuse_unknown()?;
        Ok(value)
    }

    fn decline(&mut self, node: &'a Node, refusal: Refusal) {
        let is_full = self.declined.len() == MOST_REASONS;
        let same = self
            .declined
            .iter_mut()
            .find(|(operator, reason, _)| *operator == node.op_type && *reason == refusal);
        match same {
            Some((_, _, nodes)) => nodes.push(node),
            None if is_full => {}
            None => self.declined.push((&node.op_type, refusal, vec![node])),
        }
    }

    /// Returns all that was declined as one error.
    fn refuse_declined(&mut self) -> Result<(), Diagnostic> {
        let problems =
            std::mem::take(&mut self.declined)
                .into_iter()
                .map(|(operator, refusal, nodes)| {
                    let titles: Vec<&str> = nodes.iter().map(|node| title(node)).collect();
                    let nodes = if titles.len() == 1 { "node" } else { "nodes" };
                    refusal.about(&format!("{} ({nodes} {})", quote(operator), names(&titles)))
                });
        Diagnostic::all(problems).map_or(Ok(()), Err)
    }

    /// Returns the layer at which the backward pass begins.
    fn end(&mut self, output: &str) -> Result<Operand, Diagnostic> {
        let about = |refusal: Refusal| refusal.about(&format!("the output {}", quote(output)));
        match self.values.get(output).cloned().flatten() {
            Some(Value::Computed(operand)) => Ok(operand),
            // The model hands it through.
            Some(Value::Given(known)) => {
                let operand = self.model.operand(&known).map_err(about)?;
                self.model
                    .draft
                    .layer(output, Layer::of("identity", [operand]))
                    .map_err(about)
            }
            Some(Value::Constant(_)) => Err(about(Refusal::new(
                "is a constant, which nothing has a gradient for",
            ))),
            None => Err(about(Refusal::new("is made by no node of the model"))),
        }
    }

    /// Returns the gradients that are given, and adds the loss where there is a target.
    fn upstream(
        &mut self,
        outputs: &[&str],
        ends: Vec<Operand>,
        request: &Request,
    ) -> Result<Upstream, Diagnostic> {
        let Some(wanted) = &request.target else {
            let mut upstream = Upstream::new();
            for end in ends {
                // What is an output twice gets a gradient from each.
                let ones = upstream
                    .entry(end.name)
                    .or_insert_with(|| Tensor::filled(end.shape, 0.0));
                ones.data_mut().iter_mut().for_each(|number| *number += 1.0);
            }
            return Ok(upstream);
        };
        let (&[output], [end]) = (outputs, &ends[..]) else {
            return Err(Diagnostic::new(format!(
                "a target is for one output, but there are {}: {}",
                outputs.len(),
                names(outputs)
            ))
            .hinted("`--tensor` says which of them it is for"));
        };
        let about = |refusal: Refusal| refusal.about(&format!("the output {}", quote(output)));
        target::add(&mut self.model.draft, end.clone(), wanted).map_err(about)?;
        Ok(Upstream::new())
    }

    /// What the user should know, once everything is made.
    fn all_remarks(&mut self) -> Vec<String> {
        let mut remarks = std::mem::take(&mut self.model.remarks);
        let mut homes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (origin, input) in &self.model.inputs {
            homes.entry(origin).or_default().push(input.name.clone());
        }
        for layer in &self.model.draft.layers {
            layer.origins.iter().for_each(|(key, origin)| {
                homes
                    .entry(origin)
                    .or_default()
                    .push(format!("{}.{key}", layer.name))
            });
        }
        for (origin, places) in homes.iter().filter(|(_, places)| places.len() > 1) {
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            remarks.push(format!(
                "{} of the model is {} here; its gradient is the sum of theirs",
                quote(origin),
                names(&places)
            ));
        }
        remarks
    }
}

fn known(name: &str, constant: Constant) -> Value {
    Value::Constant(Rc::new(Known {
        name: name.to_owned(),
        origin: name.to_owned(),
        constant,
    }))
}

fn known_operator(node: &Node) -> Result<&'static super::operators::Operator, Refusal> {
    let is_own = matches!(node.domain.as_str(), "" | "ai.onnx");
    let found = operator(&node.op_type).filter(|_| is_own);
    found.ok_or_else(|| match is_own {
        true => Refusal::new("has no counterpart among backstep's ops"),
        false => Refusal::new(format!(
            "is of the domain {}, which is not ONNX's own",
            quote(&node.domain)
        )),
    })
}

/// What is said of a name that no node before makes.
fn unmade(node: &Node, name: &str) -> Diagnostic {
    Diagnostic::new(format!(
        "{} (node {}) reads {}, which nothing before it makes",
        quote(&node.op_type),
        quote(title(node)),
        quote(name)
    ))
    .hinted("the nodes of a model stand in an order that only looks back")
}

/// What a node is called in a message: its name, or what it makes.
fn title(node: &Node) -> &str {
    if node.name.is_empty() {
        node.output.first().map_or("", String::as_str)
    } else {
        &node.name
    }
}

/// The most names that a message lists.
const MOST_NAMES: usize = 8;

/// Returns names as a list in a sentence.
pub(super) fn names(all: &[&str]) -> String {
    let mut shown: Vec<String> = all
        .iter()
        .take(MOST_NAMES)
        .map(|name| quote(name))
        .collect();
    if all.len() > MOST_NAMES {
        shown.push(format!("{} more", all.len() - MOST_NAMES));
    }
    list(&shown, "and")
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
