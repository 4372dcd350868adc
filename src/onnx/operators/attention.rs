//! Attention by its definition: products of queries and keys, a softmax, a product with the values.

use super::Made;
use crate::onnx::constant::{Array, Constant};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::ops::{Add, Cat, Expand, Matmul, Permute, Reshape, Softmax, Tanh};
use crate::tensor::{Shape, Tensor};

/// The inputs, by their numbers.
const MASK: usize = 3;
const PAST: [usize; 2] = [4, 5];
const LENGTHS: usize = 6;

pub(super) fn attention(node: &mut Node<'_, '_>) -> Made {
    node.attributes
        .ignore(&["softmax_precision", "qk_matmul_output_mode"]);
    if node.has_input(LENGTHS) {
        return Err(Unsupported::new(
            "has samples whose keys end before the others'",
        ));
    }
    let is_flat = node.sizes(0)?.len() == 3;
    let n_heads = [
        node.attributes.int("q_num_heads")?,
        node.attributes.int("kv_num_heads")?,
    ];
    let q = heads(node, 0, "q", n_heads[0])?;
    let [k, v] = [
        heads(node, 1, "k", n_heads[1])?,
        heads(node, 2, "v", n_heads[1])?,
    ];
    let k = with_past(node, (0, "keys"), k)?;
    let v = with_past(node, (1, "values"), v)?;
    let (k, v) = (shared(node, "k", &q, k)?, shared(node, "v", &q, v)?);
    let scores = scores(node, q, k)?;
    let masked = masked(node, scores)?;
    let weights = node.step("weights", Layer::of(Softmax::default(), [masked]))?;
    let mixed = Layer::of(Matmul, [weights, v]);
    if !is_flat {
        return node.layer(mixed);
    }
    let mixed = node.step("heads", mixed)?;
    let &[batch, heads, n, size] = &mixed.shape[..] else {
        return Err(misfit());
    };
    let turned = Permute::new(vec![0, 2, 1, 3]);
    let turned = node.step("turned", Layer::of(turned, [mixed]))?;
    let flat = Reshape::new([batch, n, heads * size].map(Some).to_vec());
    node.layer(Layer::of(flat, [turned]))
}

fn misfit() -> Unsupported {
    Unsupported::new("reads queries, keys and values whose sizes do not fit")
}

/// Returns an input as [batch, heads, length, size].
fn heads(
    node: &mut Node<'_, '_>,
    number: usize,
    what: &str,
    n_heads: Option<i64>,
) -> Result<Operand, Unsupported> {
    let x = node.operand(number)?;
    let (batch, n, size) = match x.shape[..] {
        [_, _, _, _] => return Ok(x),
        [batch, n, size] => (batch, n, size),
        _ => return Err(misfit()),
    };
    let n_heads = n_heads.and_then(|n_heads| usize::try_from(n_heads).ok());
    let n_heads = n_heads.filter(|&n_heads| n_heads > 0 && size.is_multiple_of(n_heads));
    let n_heads = n_heads.ok_or_else(misfit)?;
    let split = Reshape::new([batch, n, n_heads, size / n_heads].map(Some).to_vec());
    let split = node.step(&format!("{what}_split"), Layer::of(split, [x]))?;
    let turned = Layer::of(Permute::new(vec![0, 2, 1, 3]), [split]);
    node.step(&format!("{what}_heads"), turned)
}

/// Puts what was seen before in front of keys or values, which are outputs too.
fn with_past(
    node: &mut Node<'_, '_>,
    (nth, what): (usize, &str),
    x: Operand,
) -> Result<Operand, Unsupported> {
    let all = if node.has_input(PAST[nth]) {
        let past = node.operand(PAST[nth])?;
        node.step(&format!("all_{what}"), Layer::of(Cat { dim: 2 }, [past, x]))?
    } else {
        x
    };
    node.others.insert(nth + 1, Value::Computed(all.clone()));
    Ok(all)
}

/// Gives each head of the queries keys or values of its own, where several share them.
fn shared(
    node: &mut Node<'_, '_>,
    what: &str,
    q: &Operand,
    x: Operand,
) -> Result<Operand, Unsupported> {
    let (&[_, n_heads, _, _], &[batch, own, n, size]) = (&q.shape[..], &x.shape[..]) else {
        return Err(misfit());
    };
    if n_heads == own {
        return Ok(x);
    }
    if !n_heads.is_multiple_of(own) {
        return Err(misfit());
    }
    let reshape = |sizes: &[usize]| Reshape::new(sizes.iter().copied().map(Some).collect());
    let apart = Layer::of(reshape(&[batch, own, 1, n, size]), [x]);
    let apart = node.step(&format!("{what}_apart"), apart)?;
    let size_of_each = [batch, own, n_heads / own, n, size].map(Some).to_vec();
    let each = Layer::of(Expand { size: size_of_each }, [apart]);
    let each = node.step(&format!("{what}_each"), each)?;
    let joined = Layer::of(reshape(&[batch, n_heads, n, size]), [each]);
    node.step(&format!("{what}_shared"), joined)
}

/// The products of queries and keys, scaled and capped.
fn scores(node: &mut Node<'_, '_>, q: Operand, k: Operand) -> Result<Operand, Unsupported> {
    let size = *q.shape.last().ok_or_else(misfit)? as f64;
    let scale = node
        .attributes
        .number("scale")?
        .unwrap_or(1.0 / size.sqrt());
    let cap = node.attributes.float("softcap", 0.0)?;
    let turned = Layer::of(Permute::new(vec![0, 1, 3, 2]), [k]);
    let turned = node.step("k_turned", turned)?;
    let products = node.step("products", Layer::of(Matmul, [q, turned]))?;
    let scaled = node.times(products, "scale", scale)?;
    let scaled = node.step("scores", scaled)?;
    if cap == 0.0 {
        return Ok(scaled);
    }
    let part = node.times(scaled, "per_cap", 1.0 / cap)?;
    let part = node.step("of_cap", part)?;
    let bent = node.step("bent", Layer::of(Tanh, [part]))?;
    let capped = node.times(bent, "cap", cap)?;
    node.step("capped", capped)
}

/// Adds the mask, and −∞ for keys that come after the query where attention is causal.
fn masked(node: &mut Node<'_, '_>, mut scores: Operand) -> Result<Operand, Unsupported> {
    let &[.., n_queries, n_keys] = &scores.shape[..] else {
        return Err(misfit());
    };
    if node.has_input(MASK) {
        let mask = mask(node)?;
        scores = node.step("masked", Layer::of(Add, [scores, mask]))?;
    }
    if node.attributes.flag("is_causal", false)? {
        // The queries follow what was seen before.
        let n_past = match node.has_input(PAST[0]) {
            true => *node.sizes(PAST[0])?.get(2).ok_or_else(misfit)?,
            false => 0,
        };
        let is_seen = |at: usize| at % n_keys <= at / n_keys + n_past;
        let shape = Shape::from([n_queries, n_keys]);
        node.context.expect_room(shape.numel())?;
        let causal = Tensor::from_fn(shape, |at| shut(is_seen(at)));
        let causal = node.new_tensor("causal", causal)?;
        scores = node.step("causally_masked", Layer::of(Add, [scores, causal]))?;
    }
    Ok(scores)
}

/// What is added where attention is allowed, or is not.
fn shut(is_allowed: bool) -> f64 {
    if is_allowed { 0.0 } else { f64::NEG_INFINITY }
}

/// The mask as numbers to add: flags say what is seen.
fn mask(node: &mut Node<'_, '_>) -> Result<Operand, Unsupported> {
    let flags = node.constant(MASK);
    let flags: Option<Array<f64>> = flags.and_then(|known| match &known.constant {
        Constant::Ints(flags) => Some(flags.map(|flag| shut(flag != 0))),
        Constant::Floats(_) => None,
    });
    match flags {
        Some(numbers) => {
            let numbers = Constant::Floats(numbers).tensor()?;
            node.new_tensor("mask", numbers)
        }
        None => node.operand(MASK),
    }
}
