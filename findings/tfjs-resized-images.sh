#!/usr/bin/env bash
# TensorFlow.js 4.22.0: the gradient of resizing an image.
# Guess: it goes to the pixels that were read, whatever the options and the sides of the image.
# Seen: halfPixelCenters changes which pixels are read and not where the gradient goes: resizing 3
# by 3 to 2 by 2 reads the corners 1, 3, 7 and 9 and hands the gradient to 1, 2, 4 and 5. The
# bilinear kind has no gradient at all unless height and width are equal: its shape comes out with
# the two swapped, which raises an error.
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


const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
for (const [half, read] of [
  [false, [1, 2, 4, 5]],
  [true, [1, 3, 7, 9]],
]) {
  const shrink = (x) => tf.image.resizeNearestNeighbor(x, [2, 2], false, half);
  const value = Array.from(shrink(tf.tensor(nine, [1, 3, 3, 1])).dataSync());
  const slope = gradient(shrink, nine, [1, 3, 3, 1]);
  console.log("half-pixel centres:", half, "read:", value, "gradient:", slope);
  assert.deepEqual(value, read);
  assert.deepEqual(slope, [1, 1, 0, 1, 1, 0, 0, 0, 0]);
}
const grow = (x) => tf.image.resizeBilinear(x, [4, 4]);
assert.deepEqual(grow(tf.tensor([1, 2, 3, 4, 5, 6], [1, 2, 3, 1])).shape, [1, 4, 4, 1]);
assert.throws(() => gradient(grow, [1, 2, 3, 4, 5, 6], [1, 2, 3, 1]), (error) => {
  console.log(error.message);
  return error.message.includes("has shape '1,3,2,1'");
});
NODE
node check.mjs
