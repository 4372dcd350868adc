#!/usr/bin/env bash
# Keras 3.15.1: sparsemax, the projection onto the probabilities, on JAX 0.10.2.
# Guess: non-negative numbers that sum to 1: [1/2, 1/2, 0] for [1, 1, 0].
# Seen: [0, 0, 0] for [1, 1, 0], and a sum of 0.233 for [0.1, 0.2, 0.3]. The threshold adds up all
# running sums of the sorted numbers where the last of them is meant, so that it is right for one
# winner and for all zeros only. Attention by sparsemax attends to nothing. Optax 0.2.8 projects the
# same numbers rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax.numpy as jnp
import keras
import numpy as np
from optax.projections import projection_simplex

for x, total in (([1, 1, 0], 0.0), ([0.1, 0.2, 0.3], 0.2333), ([1, 2, 3], 1.0), ([0, 0, 0], 1.0)):
    x = jnp.array(x, jnp.float32)
    found, right = np.asarray(keras.ops.sparsemax(x[None])[0]), np.asarray(projection_simplex(x))
    print(x, "sparsemax:", found, "projected:", right)
    assert np.isclose(right.sum(), 1) and np.isclose(found.sum(), total, atol=1e-3)
    assert np.allclose(found, right, atol=1e-6) == (total == 1)
PYTHON
