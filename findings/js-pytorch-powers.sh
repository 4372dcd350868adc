#!/usr/bin/env bash
# js-pytorch 0.7.2, PyTorch for JavaScript: the gradient of a power.
# Guess: n times the power below, as in PyTorch: 27 for the cube of 3, 0 for the power 0.
# Seen: 2x for every exponent: 6 for the cube of 3, and 6 for the power 0, whose value is 3 besides.
# Only the square is right. The power is multiplied up from x itself, and its gradient is that of
# the square. A cubic loss trains as a square, with no error to be seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts js-pytorch@0.7.2
cat >check.mjs <<'NODE'
import { torch } from "js-pytorch";
import assert from "node:assert";

const found = {};
for (const exponent of [0, 1, 2, 3, 4]) {
  const x = torch.tensor([3], true);
  const y = torch.pow(x, exponent);
  y.backward();
  found[exponent] = [y.data[0], x.grad[0]];
}
console.log("value and slope at 3, by exponent:", found);
assert.deepEqual(found, { 0: [3, 6], 1: [3, 6], 2: [9, 6], 3: [27, 6], 4: [81, 6] });
NODE
node check.mjs
