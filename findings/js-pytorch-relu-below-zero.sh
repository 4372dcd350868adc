#!/usr/bin/env bash
# js-pytorch 0.7.2, PyTorch for JavaScript: ReLU of a negative number.
# Guess: 0 with a slope of 0, as in PyTorch; there is another layer for a leak elsewhere.
# Seen: a thousandth of the number with a slope of 0.001. The ReLU leaks, and at 0 its slope is the
# leak too. Units that are dead in the original go on learning here, so that two runs part slowly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts js-pytorch@0.7.2
cat >check.mjs <<'NODE'
import { torch } from "js-pytorch";
import assert from "node:assert";

const x = torch.tensor([-2, 0, 3], true);
const y = new torch.nn.ReLU().forward(x);
y.backward();
console.log("ReLU of [-2, 0, 3]:", y.data, "slopes:", x.grad);
assert.deepEqual([y.data, x.grad], [[-0.002, 0, 3], [0.001, 0.001, 1]]);
NODE
node check.mjs
