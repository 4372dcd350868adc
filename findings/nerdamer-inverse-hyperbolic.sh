#!/usr/bin/env bash
# Nerdamer 1.1.13: symbolic derivatives of the inverse hyperbolic functions, and of what it cannot
# derive.
# Guess: 4/3 for atanh at 1/2 and 1 / sqrt(5) for asinh at 2; and for max(x, 1) at 2 an error, or 1.
# Seen: 1/6 and 0.236. Each is taken as a logarithm, and of the derivative of log(u) only 1 / u is
# left. The derivative of max(x, 1) is left standing, and is 0 wherever a number is put in: the
# number goes in first, and a constant has the derivative 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts nerdamer@1.1.13
cat >check.mjs <<'NODE'
import assert from "node:assert";
import nerdamer from "nerdamer/all.min.js";

function at(expression, x) {
  return Number(nerdamer(expression, { x: String(x) }).evaluate().text("decimals"));
}

for (const [f, x, right, seen] of [
  ["atanh(x)", 0.5, 4 / 3, 1 / 6],
  ["asinh(x)", 2, 1 / Math.sqrt(5), Math.sqrt(5) - 2],
  ["acosh(x)", 2, 1 / Math.sqrt(3), 2 - Math.sqrt(3)],
]) {
  const slope = nerdamer.diff(f, "x").toString();
  console.log(f, slope, "at", x, "is", at(slope, x), "and not", right);
  assert(Math.abs(at(slope, x) - seen) < 1e-6);
  const quotient = (at(f, x + 1e-4) - at(f, x - 1e-4)) / 2e-4;
  assert(Math.abs(quotient - right) < 1e-4);
}
const left = nerdamer.diff("max(x, 1)", "x").toString();
console.log(left, "at 2:", at(left, 2));
assert.equal(left, "diff(max(x,1),x)");
assert.equal(at(left, 2), 0);
NODE
node check.mjs
