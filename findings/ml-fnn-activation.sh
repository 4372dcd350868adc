#!/usr/bin/env bash
# ml-fnn 5.0.0, feedforward neural networks for JavaScript: the activation that a network is given.
# Guess: one of the eleven that its options name is used, and a name that is none of them refused.
# Seen: every network is one of tanh, whatever it was given. The name is looked for with `in` among
# a list of names, whose keys are 0, 1, 2 and so on, is never found, and the default takes its
# place without a word. Two activations that are compared by it come out alike.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ml-fnn@5.0.0
cat >check.cjs <<'NODE'
const assert = require("node:assert");
const Network = require("ml-fnn");

for (const activation of ["tanh", "identity", "relu", "logistic", "none of them"]) {
  const network = new Network({ activation, hiddenLayers: [4], iterations: 1 });
  network.train([[1000], [-1000]], [0, 1]);
  const layer = network.model[0];
  layer.W.apply((row, column) => layer.W.set(row, column, 1));
  network.predict([[1000], [-1000]]);
  const kept = network.toJSON().layers[0].activation;
  const values = [layer.a.get(0, 0), layer.a.get(1, 0)];
  console.log("given:", activation, "kept:", kept, "at 1000 and -1000:", values);
  assert.equal(kept, "tanh");
  assert.deepEqual(values, [1, -1]);
}
NODE
node check.cjs
