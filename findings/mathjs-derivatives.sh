#!/usr/bin/env bash
# Math.js 15.2.0: symbolic derivatives of acoth and of the cube root.
# Guess: 1 / (1 - x^2), which is -1/3 at 2; and 1/12 at -8, where its own cbrt says -2.
# Seen: +1/3: the sign of acoth is turned, as a difference quotient of its own acoth shows. And a
# complex number for the cube root, since its derivative is written with a broken power of x.
# Homework that is marked by such a derivative is marked wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts mathjs@15.2.0
cat >check.mjs <<'NODE'
import { derivative, evaluate, isComplex } from "mathjs";
import assert from "node:assert";

const slope = derivative("acoth(x)", "x");
const quotient = (evaluate("acoth(2.0001)") - evaluate("acoth(1.9999)")) / 0.0002;
console.log(slope.toString(), "at 2:", slope.evaluate({ x: 2 }), "difference quotient:", quotient);
assert(Math.abs(slope.evaluate({ x: 2 }) - 1 / 3) < 1e-6);
assert(Math.abs(quotient + 1 / 3) < 1e-6);

const root = derivative("cbrt(x)", "x");
const found = root.evaluate({ x: -8 });
console.log("cbrt(-8):", evaluate("cbrt(-8)"), "slope:", root.toString(), "=", found.toString());
assert.equal(evaluate("cbrt(-8)"), -2);
assert(isComplex(found) && Math.abs(found.re + 1 / 24) < 1e-6);
NODE
node check.mjs
