#!/usr/bin/env bash
# jax-js 0.1.25, JAX for JavaScript: the slope of the square at 0.
# Guess: 0, as in JAX, however the square is written.
# Seen: 0 for square(x), and NaN for power(x, 2), as for every power with a whole exponent and for
# polyval. A power is the exponential of a logarithm there, and 0 has none. The same line of Python
# has 0.
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


const ways = {
  square: (x) => np.square(x),
  "power 2": (x) => np.power(x, 2),
  "power 3": (x) => np.power(x, 3),
  polyval: (x) => np.polyval(np.array([1, 0, 0]), x),
};
const slopes = {};
for (const name in ways) slopes[name] = await gradient(ways[name], [0, 3]);
console.log(slopes);
assert.deepEqual(slopes.square, [0, 6]);
for (const name of ["power 2", "power 3", "polyval"]) {
  assert(Number.isNaN(slopes[name][0]) && Number.isFinite(slopes[name][1]));
}
NODE
node check.mjs
