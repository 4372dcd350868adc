#!/usr/bin/env bash
# TensorFlow.js 4.22.0: the gradient through padding that mirrors the border.
# Guess: a cell that is copied into the border gets the gradient of its copies too.
# Seen: each cell gets that of itself alone, and what reached the border is dropped. [1, 2, 3]
# becomes [2, 1, 2, 3, 2], and the 2 gets 1 for its three places. No error is raised, and TensorFlow
# has 3.
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


for (const [mode, expected] of [
  ["reflect", [2, 1, 2, 3, 2]],
  ["symmetric", [1, 1, 2, 3, 3]],
]) {
  const pad = (x) => tf.mirrorPad(x, [[1, 1]], mode);
  const value = Array.from(pad(tf.tensor([1, 2, 3])).dataSync());
  const slope = gradient(pad, [1, 2, 3], [3]);
  console.log(mode, value, "gradient:", slope);
  assert.deepEqual(value, expected);
  assert.deepEqual(slope, [1, 1, 1]);
}
NODE
node check.mjs
