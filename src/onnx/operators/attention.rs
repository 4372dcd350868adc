//! Attention by its definition: products of queries and keys, a softmax, a product with the values.

use super::Made;
use crate::onnx::constant::{Array, shape};
use crate::onnx::error::Unsupported;
use crate::onnx::layer::{Layer, Operand};
use crate::onnx::node::Node;
use crate::onnx::value::Value;
use crate::ops::{Add, Cat, Expand, Matmul, Mul, Permute, Reshape, Softmax, Tanh};
use crate::tensor::Tensor;

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
    let weights = weights(node, scores)?;
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

/// The weights of the keys: a softmax of the scores, as far as the mask lets a query see them.
fn weights(node: &mut Node<'_, '_>, mut scores: Operand) -> Result<Operand, Unsupported> {
    let softmax = |scores: Operand| Layer::of(Softmax::default(), [scores]);
    let Some(seen) = seen(node, &scores)? else {
        if node.has_input(MASK) {
            let mask = node.operand(MASK)?;
            scores = node.step("masked", Layer::of(Add, [scores, mask]))?;
        }
        return node.step("weights", softmax(scores));
    };
    if node.has_input(MASK) && node.is_float(MASK) {
        let mask = node.operand(MASK)?;
        scores = node.step("biased", Layer::of(Add, [scores, mask]))?;
    }
    let n_keys = *seen.sizes().last().ok_or_else(misfit)?;
    // A query that sees nothing weighs nothing, and no softmax of it is taken.
    let rows = seen.data().chunks(n_keys.max(1));
    let is_blind: Vec<bool> = rows.map(|row| !row.contains(&1)).collect();
    let shape = shape(seen.sizes())?;
    let shut = Tensor::from_fn(shape, |at| {
        let is_open = is_blind[at / n_keys] || seen.data()[at] == 1;
        if is_open { 0.0 } else { f64::NEG_INFINITY }
    });
    let shut = node.new_tensor("mask", shut)?;
    let masked = node.step("masked", Layer::of(Add, [scores, shut]))?;
    let weights = node.step("weights", softmax(masked))?;
    if !is_blind.contains(&true) {
        return Ok(weights);
    }
    let mut sizes = seen.sizes().to_vec();
    sizes.pop();
    sizes.push(1);
    let sees = Tensor::from_fn(self::shape(&sizes)?, |row| f64::from(!is_blind[row]));
    let sees = node.new_tensor("sees", sees)?;
    node.step("weights_seen", Layer::of(Mul, [weights, sees]))
}

/// Which keys each query sees, by flags of the model and by the order of the two where attention is
/// causal; nothing where neither says so.
fn seen(node: &mut Node<'_, '_>, scores: &Operand) -> Result<Option<Array<i64>>, Unsupported> {
    let &[.., n_queries, n_keys] = &scores.shape[..] else {
        return Err(misfit());
    };
    let flags = node.constant(MASK);
    let flags = flags.and_then(|known| known.constant.ints().cloned());
    if !node.attributes.flag("is_causal", false)? {
        return Ok(flags);
    }
    // The queries follow what was seen before.
    let n_past = match node.has_input(PAST[0]) {
        true => *node.sizes(PAST[0])?.get(2).ok_or_else(misfit)?,
        false => 0,
    };
    let sizes = vec![n_queries, n_keys];
    node.context.charge_sizes(&sizes)?;
    let is_before = |at: usize| i64::from(at % n_keys <= at / n_keys + n_past);
    let causal = Array::new(sizes, (0..n_queries * n_keys).map(is_before).collect());
    let Some(flags) = flags else {
        return Ok(causal);
    };
    let both = causal.and_then(|causal| flags.combined(&causal, |a, b| Some(a & b)));
    both.map(Some).ok_or_else(misfit)
}
