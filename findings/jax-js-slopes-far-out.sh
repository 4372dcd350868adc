#!/usr/bin/env bash
# jax-js 0.1.25, JAX for JavaScript: the slopes of the sigmoid and of SiLU at -100 and of ReLU at 0.
# Guess: as in JAX, whose names it follows: 0, or next to it, for all three.
# Seen: NaN, NaN and 1. The sigmoid is 1 / (1 + exp(-x)) as written, and the exponential overflows;
# at 100 all is well. A model that is ported with its weights can train to NaN where the original
# does not, and where a ReLU is given a 0, as behind padding, the gradients differ.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @jax-js/jax@0.1.25
cat >check.mjs <<'NODE'
globalThis.navigator ??= {};
const { defaultDevice, grad, init, nn, numpy: np } = await import("@jax-js/jax");
const { default: assert } = await import("node:assert");

await init();
defaultDevice("wasm");

async function gradient(f, values) {
  return grad((x) => np.sum(f(x)))(np.array(values)).js();
}


const sigmoid = await gradient((x) => nn.sigmoid(x), [-100, 0, 100]);
const silu = await gradient((x) => nn.silu(x), [-100, 0, 100]);
const relu = await gradient((x) => nn.relu(x), [-1, 0, 1]);
console.log({ sigmoid, silu, relu });
assert.deepEqual(sigmoid, [NaN, 0.25, 0]);
assert.deepEqual(silu, [NaN, 0.5, 1]);
assert.deepEqual(relu, [0, 1, 1]);
NODE
node check.mjs
