#!/usr/bin/env bash
# toygrad 2.6.0, neural networks for JavaScript that fit into a short JSON: weights saved with six
# bits each ("f6").
# Guess: each comes back as the nearest of 85 steps, off by a hundredth of the largest weight or
# two.
# Seen: so do all but one step's: beside a largest weight of 1 a weight of 0.47 comes back as
# 1.016. The exclamation mark is there twice among the 86 characters that stand for the steps: what
# is written for one step is read as the last, which is never written. One weight in 85 can be hit,
# and the network is worse than its precision explains.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts toygrad@2.6.0
cat >check.mjs <<'NODE'
import assert from "node:assert";
import { Encoder } from "toygrad";

const back = (weights, precision) =>
  Array.from(Encoder.decode(Encoder.encode(new Float32Array(weights), precision)));
const [largest, hit, ...others] = back([1, 0.47, 0.45, 0.49, -0.47, 0, -1], "f6");
console.log("1 and 0.47 in six bits:", largest, hit, "and others:", others);
assert(Math.abs(largest - 1) < 0.02 && hit > largest && Math.abs(hit - 0.47) > 0.5);

const weights = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 1000);
for (const [precision, step, share] of [
  ["f6", 3 / 126, 1 / 85],
  ["f8", 1 / 126, 0],
]) {
  const found = back(weights, precision);
  const far = found.filter((weight, i) => Math.abs(weight - weights[i]) > 1.001 * step);
  console.log(precision, "far off:", far.length, "of", found.length, new Set(far));
  assert.equal(new Set(far).size, share ? 1 : 0);
  assert(Math.abs(far.length / found.length - share) < 0.001);
}
NODE
node check.mjs
