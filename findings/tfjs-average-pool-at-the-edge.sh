#!/usr/bin/env bash
# TensorFlow.js 4.22.0: average pooling where the last window hangs over the edge.
# Guess: the value counts only what is there, and the gradient divides by the same count.
# Seen: it does in the value and not in the gradient, which divides by the full window always. Of
# three cells in windows of two the last is its own average and gets 1/2 for it. TensorFlow has 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >check.mjs <<'NODE'
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert";

await tf.setBackend("cpu");

function gradient(f, values, shape) {
  return Array.from(tf.grad((x) => f(x).sum())(tf.tensor(values, shape)).dataSync());
}


const pool = (x) => tf.avgPool(x, [2, 1], [2, 1], "same");
const value = Array.from(pool(tf.tensor([5, 3, 1], [1, 3, 1, 1])).dataSync());
const slope = gradient(pool, [5, 3, 1], [1, 3, 1, 1]);
console.log("averages:", value, "gradient:", slope);
assert.deepEqual(value, [4, 1]);
assert.deepEqual(slope, [0.5, 0.5, 0.5]);
NODE
node check.mjs
