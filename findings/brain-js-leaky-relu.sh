#!/usr/bin/env bash
# brain.js 1.6.1, neural networks for JavaScript: the activation "leaky-relu" with its slope of
# 0.01.
# Guess: x above 0 and 0.01 x below.
# Seen: 0.01 x above 0 and 0 below: what should leak is shut, and what should pass leaks. The
# backward pass is that of the true leaky ReLU, 1 above and 0.01 below, so that each such layer
# hands back a gradient a hundred times too large where it is open, and one where it is flat.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts brain.js@1.6.1
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const { NeuralNetwork } = require("brain.js");

// One input, one output and nothing between: the output is the activation of the input.
const network = new NeuralNetwork({ activation: "leaky-relu" });
network.sizes = [1, 1];
network.initialize();
network.setActivation();
network.weights[1][0][0] = 1;
network.biases[1][0] = 0;
for (const [x, value, slope] of [
  [4, 0.04, 1],
  [-4, 0, 0.01],
]) {
  const [seen] = network.runInput([x]);
  // The error that is handed back is the target less the output, times the slope.
  network.calculateDeltas([seen + 1]);
  const back = network.deltas[1][0];
  console.log("at", x, "value:", seen, "slope of the backward pass:", back);
  assert(Math.abs(seen - value) < 1e-6 && Math.abs(back - slope) < 1e-6);
}
NODE
node check.cjs
