#!/usr/bin/env bash
# TensorFlow.js 4.22.0: the gradient through steps to whole numbers.
# Guess: 0 for all of them, since each is flat wherever it has a slope.
# Seen: 0 for floor(x / 3); 1/3 for floorDiv(x, 3), the gradient of the division without the floor;
# and 1 for a cast to int32 and back. Three ways to write a step, three gradients.
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


const ways = {
  floor: (x) => tf.floor(tf.div(x, 3)),
  floorDiv: (x) => tf.floorDiv(x, 3),
  cast: (x) => x.cast("int32").cast("float32"),
};
const slopes = Object.fromEntries(
  Object.entries(ways).map(([name, way]) => [name, gradient(way, [7.5], [1])[0]]),
);
console.log(slopes);
assert.deepEqual(slopes, { floor: 0, floorDiv: Math.fround(1 / 3), cast: 1 });
NODE
node check.mjs
