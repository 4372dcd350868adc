#!/usr/bin/env bash
# brain.js 1.6.1, neural networks for JavaScript: the gradients of the biases of a recurrent
# network.
# Guess: the sum over all steps, as for the weights: a bias is used in each of them.
# Seen: a bias gets the part of its first use and nothing of the others, a fifth of its gradient
# here, or the opposite sign. The parts of the weights are added up through time; those of the
# biases overwrite each other, from the last step to the first. The network learns all the same,
# since its weights do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts brain.js@1.6.1
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const { recurrent } = require("brain.js");

const sizes = { hiddenLayers: [2], inputSize: 2, inputRange: 2, outputSize: 2 };
const network = new recurrent.RNN(sizes);
network.initialize();
const { model } = network;
const [hidden] = model.hiddenLayers;
for (const matrix of model.allMatrices) {
  matrix.weights.forEach((_, i) => (matrix.weights[i] = 0.3 + 0.2 * Math.sin(7 * i + 1)));
}

const letters = [0, 1, 1, 0, 1];
const steps = [-1, ...letters].map((letter, i) => [letter + 1, (letters[i] ?? -1) + 1]);
network.trainInput(letters); // makes one equation a step

// The loss over all steps, with one number of the matrix moved in those where it is asked for.
function loss(matrix, i, by, moved) {
  const weight = matrix.weights[i];
  const sum = steps.reduce((total, [from, to], step) => {
    matrix.weights[i] = moved(step) ? weight + by : weight;
    return total + Math.LN2 * model.equations[step].predictTargetIndex(from, to);
  }, 0);
  matrix.weights[i] = weight;
  return sum;
}

function slopes(matrix, moved) {
  return Array.from(matrix.weights, (_, i) => {
    return (loss(matrix, i, 1e-2, moved) - loss(matrix, i, -1e-2, moved)) / 2e-2;
  });
}

const near = (a, b) => a.every((value, i) => Math.abs(value - b[i]) < 1e-2);
loss(model.output, 0, 0, () => false);
model.allMatrices.forEach((matrix) => matrix.deltas.fill(0));
network.backpropagate(letters);
const found = new Map(model.allMatrices.map((matrix) => [matrix, Array.from(matrix.deltas)]));
for (const [name, matrix, isBias] of [
  ["output weights", model.outputConnector, false],
  ["hidden weights", hidden.transition, false],
  ["output bias", model.output, true],
  ["hidden bias", hidden.bias, true],
]) {
  const all = slopes(matrix, () => true);
  console.log(name, "found:", found.get(matrix), "slopes of the loss:", all);
  assert.equal(near(found.get(matrix), all), !isBias);
  assert.equal(near(found.get(matrix), slopes(matrix, (step) => step === 0)), isBias);
}
NODE
node check.cjs
