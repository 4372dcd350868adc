#!/usr/bin/env bash
# js-pytorch 0.7.2, PyTorch for JavaScript: losses of a batch with as many rows as columns, and of
# others.
# Guess: the shape does not matter: the gradient of cross-entropy sums to 0 along each row, and the
# mean squared error is a mean.
# Seen: cross-entropy has the right gradient for two rows of three classes and a wrong one for two
# rows of two, where a row gets its signs mixed up and sums to 0.5. The squared error is right for
# two rows of two only: it divides by the square of the rows, so that [1, 4] in one row has 17 and
# below each other 4.25. A test on one shape says nothing of the next.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts js-pytorch@0.7.2
cat >check.mjs <<'NODE'
import { torch } from "js-pytorch";
import assert from "node:assert";

const crossEntropy = (x) => new torch.nn.CrossEntropyLoss().forward(x, torch.tensor([1, 0]));

function gap(rows) {
  const x = torch.tensor(rows, true);
  crossEntropy(x).backward();
  let largest = 0;
  rows.forEach((row, i) =>
    row.forEach((_, j) => {
      const at = (step) =>
        crossEntropy(
          torch.tensor(rows.map((r, k) => r.map((v, l) => v + (k === i && l === j ? step : 0)))),
        ).data[0];
      const quotient = (at(1e-4) - at(-1e-4)) / 2e-4;
      largest = Math.max(largest, Math.abs(quotient - x.grad[i][j]));
    }),
  );
  console.log("gradient of", rows, "is", x.grad, "and off by up to", largest);
  return largest;
}

assert(gap([[1, 4, 0], [2, 3, 0]]) < 1e-6);
assert(gap([[1, 4], [2, 3]]) > 0.5);

const meanSquare = (rows) => {
  const zeros = torch.tensor(rows.map((row) => row.map(() => 0)));
  return new torch.nn.MSELoss().forward(torch.tensor(rows), zeros).data[0];
};
const errors = [[[1, 4]], [[1], [4]], [[1, 4], [1, 4]]].map(meanSquare);
console.log("mean squares of [1, 4] in a row, in a column, in two rows:", errors);
assert.deepEqual(errors, [17, 4.25, 8.5]);
NODE
node check.mjs
