#!/usr/bin/env bash
# ConvNetJS 0.3.0: the gradient of local response normalisation, a / (k + alpha / n * sum of
# squares), by the neighbouring channels.
# Guess: the slope that a difference quotient has; raising a neighbour of the other sign raises or
# lowers the output as the two signs say.
# Seen: a neighbour's own square stands where the product of the two channels belongs. A neighbour
# of 2 gets -2/9 for -1/9, and a neighbour of -2, which lifts the output when it is raised, gets
# -2/9 for +1/9. The slope by the channel itself is right, so that one channel alone finds nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts convnetjs@0.3.0
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const { LocalResponseNormalizationLayer, Vol } = require("convnetjs");

const layer = new LocalResponseNormalizationLayer({
  in_sx: 1, in_sy: 1, in_depth: 2, n: 3, k: 1, alpha: 3, beta: 1,
});

function first(channels) {
  const input = new Vol(1, 1, 2, 0);
  input.w.set(channels);
  return [input, layer.forward(input)];
}

for (const [neighbour, found, right] of [
  [2, -2 / 9, -1 / 9],
  [-2, -2 / 9, 1 / 9],
]) {
  const [input, output] = first([1, neighbour]);
  output.dw[0] = 1;
  layer.backward();
  const [above, below] = [1e-5, -1e-5].map((by) => first([1, neighbour + by])[1].w[0]);
  const slope = (above - below) / 2e-5;
  console.log("neighbour:", neighbour, "found:", Array.from(input.dw), "slope:", slope);
  assert(Math.abs(input.dw[0] - 1 / 9) < 1e-12);
  assert(Math.abs(input.dw[1] - found) < 1e-12 && Math.abs(slope - right) < 1e-9);
}
NODE
node check.cjs
