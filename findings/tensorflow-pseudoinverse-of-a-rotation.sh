#!/usr/bin/env bash
# TensorFlow 2.21.0: the gradient of the pseudoinverse of a matrix that has an inverse.
# Guess: that of the inverse, whose value it has. It is smooth there.
# Seen: wrong where two singular values are equal, as in the identity and in every rotation: -1 on
# the diagonal and 0 beside it for -1 everywhere. It is worked out through the singular value
# decomposition, whose own gradient leaves out what it would have to divide by a difference of 0.
# With 1 and 1.001 on the diagonal all is right, so numbers at random find nothing, and weights
# that begin orthogonal do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tensorflow==2.21.0 numpy==2.4.6
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import tensorflow as tf


def gradient(function, matrix):
    matrix = tf.constant(matrix, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(matrix)
        total = tf.reduce_sum(function(matrix))
    return tape.gradient(total, matrix).numpy()


for name, matrix, wrong in (
    ("identity", [[1, 0], [0, 1]], [[-1, 0], [0, -1]]),
    ("next to it", [[1, 0], [0, 1.001]], None),
    ("rotation", [[0.6, 0.8], [-0.8, 0.6]], [[-0.84, -0.84], [0.12, 0.12]]),
    ("none", [[1, 2], [3, 5]], None),
):
    assert np.allclose(tf.linalg.pinv(np.array(matrix, float)), np.linalg.inv(matrix))
    found, right = (gradient(function, matrix) for function in (tf.linalg.pinv, tf.linalg.inv))
    print(name, "pseudoinverse:", found.tolist(), "inverse:", right.tolist())
    assert np.allclose(found, right if wrong is None else wrong)
    assert np.allclose(found, right) == (wrong is None)
PYTHON
