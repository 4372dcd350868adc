#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0: slopes of smooth functions where two numbers are equal.
# Guess: logaddexp of two equal numbers gives 1/2 to each, and CELU has the slope 1 at 0: neither
# has a kink.
# Seen: (1, 0), and 2. Both are put together from a maximum and a second part, and the first
# argument of TensorFlow's maximum and minimum takes all of a tie; the parts no longer match. The
# softmax of the same two numbers says 1/2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf


def gradient(function, at):
    x = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy().tolist()


found = {
    "logaddexp": gradient(lambda x: keras.ops.logaddexp(x[0], x[1]), [1.0, 1.0]),
    "logsumexp": gradient(lambda x: keras.ops.logsumexp(x), [1.0, 1.0]),
    "celu": gradient(keras.ops.celu, [-1e-6, 0.0, 1e-6]),
}
print(found)
assert found["logaddexp"] == [1.0, 0.0] and found["logsumexp"] == [0.5, 0.5]
assert [round(x, 4) for x in found["celu"]] == [1.0, 2.0, 1.0]
PYTHON
