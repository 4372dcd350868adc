#!/usr/bin/env bash
# Neataptic 1.4.7, neural networks for JavaScript: the slope of softsign, x / (1 + |x|), and the
# mean squared logarithmic error.
# Guess: 1 / (1 + |x|)^2, which is 1 at 0 and 1/9 at -2 and at 2; and an error that is never below
# 0.
# Seen: 0 at 0, -2/9 at -2 and 2/9 at 2: x stands where the 1 belongs, so that a unit below 0 is
# pushed the wrong way and one at 0 stays. The error is not squared: an output of 1 for a target of
# 0.5 costs -0.69, and the best network is the one that is furthest above its targets.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts neataptic@1.4.7
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const { methods } = require("neataptic");

const near = (a, b) => Math.abs(a - b) < 1e-6;
const { SOFTSIGN, TANH } = methods.activation;
for (const [x, right, found] of [
  [-2, 1 / 9, -2 / 9],
  [0, 1, 0],
  [2, 1 / 9, 2 / 9],
]) {
  const measured = (SOFTSIGN(x + 1e-7) - SOFTSIGN(x - 1e-7)) / 2e-7;
  console.log("softsign at", x, "slope:", SOFTSIGN(x, true), "measured:", measured);
  assert(near(SOFTSIGN(x, true), found) && near(measured, right));
  assert(near(TANH(x, true), 1 - Math.tanh(x) ** 2));
}
for (const [output, loss] of [[0.5, 0], [1, -Math.LN2], [0.25, Math.LN2]]) {
  console.log("logarithmic error of", output, "for 0.5:", methods.cost.MSLE([0.5], [output]));
  assert(near(methods.cost.MSLE([0.5], [output]), loss));
}
NODE
node check.cjs
