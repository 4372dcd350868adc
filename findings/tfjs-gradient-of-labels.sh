#!/usr/bin/env bash
# TensorFlow.js 4.22.0: the gradient of softmax cross-entropy with respect to the labels, which
# teaching one network by another needs.
# Guess: minus the logarithm of each probability, as in TensorFlow: 2.41, 1.41 and 0.41 for logits
# 1, 2, 3.
# Seen: the gradient of the logits with its sign turned, 0.11, 0.06 and -0.17, which is no
# derivative of the loss by anything. One formula is handed back for both inputs.
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


const logits = tf.tensor2d([[1, 2, 3]]);
const labels = tf.tensor2d([[0.2, 0.3, 0.5]]);
const loss = tf.losses.softmaxCrossEntropy;
const [byLabels] = tf.grad((x) => loss(x, logits))(labels).arraySync();
const [byLogits] = tf.grad((x) => loss(labels, x))(logits).arraySync();
const [right] = tf.neg(tf.logSoftmax(logits)).arraySync();
console.log("by labels:", byLabels, "by logits:", byLogits, "right:", right);
// A difference quotient of the loss itself, by the first label.
const nudged = tf.tensor2d([[0.3, 0.3, 0.5]]);
const quotient = (loss(nudged, logits).arraySync() - loss(labels, logits).arraySync()) / 0.1;
console.log("difference quotient by the first label:", quotient);
assert(Math.abs(quotient - right[0]) < 1e-4);
byLabels.forEach((x, i) => assert(Math.abs(x + byLogits[i]) < 1e-6));
assert(Math.abs(byLabels[0] - 0.11) < 0.001);
NODE
node check.mjs
