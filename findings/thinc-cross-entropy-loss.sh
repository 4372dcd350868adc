#!/usr/bin/env bash
# Thinc 9.1.1: what CategoricalCrossentropy says the loss is.
# Guess: minus the logarithm of the probability of the right class, 0.357 for 0.7; and a gradient
# that is its slope by the probabilities or by the logits.
# Seen: 0.18, the sum of the squares of the gradient, which is that of softmax and cross-entropy by
# the logits: (-0.3, 0.3). Of the loss that is reported the slope is twice that. A curve of this
# loss can't be laid over another library's, and a difference quotient of it finds the gradient
# wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check thinc==9.1.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math

import numpy as np
from thinc.api import CategoricalCrossentropy

loss = CategoricalCrossentropy()
guess, truth = np.array([[0.7, 0.3]]), np.array([0])
gradient, value = loss(guess, truth)
print("loss:", value, "gradient:", gradient, "cross-entropy:", -math.log(0.7))
assert np.allclose(gradient, [[-0.3, 0.3]])
assert math.isclose(value, 0.18)

step = np.array([[1e-5, 0.0]])
slope = (loss.get_loss(guess + step, truth) - loss.get_loss(guess - step, truth)) / 2e-5
print("slope of this loss by the first:", slope, "and of cross-entropy:", -1 / 0.7)
assert math.isclose(slope, -0.6, rel_tol=1e-6)
PYTHON
