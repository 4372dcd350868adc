#!/usr/bin/env bash
# ConvNetJS 0.3.0: what its layers for regression and for support vector machines say their loss
# is.
# Guess: half the squared error, since the gradient is y - t; and a hinge loss of 0, with gradients
# of 0, where the right class leads by the margin of 1.
# Seen: twice the squared error, so that the loss falls four times as steeply as the gradient says;
# and a hinge loss that is never below 1. The right class is held against itself as well, which
# costs its margin; its gradient cancels out. A difference quotient finds the gradient of the first
# wrong, and the second never looks learnt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts convnetjs@0.3.0
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const { RegressionLayer, SVMLayer, Vol } = require("convnetjs");

function at(Layer, scores, target) {
  const layer = new Layer({ in_sx: 1, in_sy: 1, in_depth: scores.length });
  const input = new Vol(1, 1, scores.length, 0);
  input.w.set(scores);
  layer.forward(input);
  const loss = layer.backward(target);
  const name = Layer === SVMLayer ? "hinge" : "squares";
  console.log(name, scores, "for", target, "loss:", loss, "gradient:", Array.from(input.dw));
  return { loss, gradient: Array.from(input.dw) };
}

const { loss, gradient } = at(RegressionLayer, [5, 1], [2, 1]);
assert.deepEqual([loss, ...gradient], [18, 3, 0]);
const moved = at(RegressionLayer, [5.001, 1], [2, 1]);
assert(Math.abs((moved.loss - loss) / 0.001 - 4 * gradient[0]) < 0.01);
assert.deepEqual(at(SVMLayer, [10, 0, 0], 0), { loss: 1, gradient: [0, 0, 0] });
assert.deepEqual(at(SVMLayer, [1, 0.5, 0], 0), { loss: 1.5, gradient: [-1, 1, 0] });
NODE
node check.cjs
