#!/usr/bin/env bash
# TensorFlow 2.21.0: max pooling over NaN and 1.
# Guess: the value is NaN, or 1; and the gradient goes to the number that is the value.
# Seen: the value is 1 and the gradient goes to the NaN. In three dimensions it goes to the 1, and
# the pooling that gives the places has NaN. A window of two NaNs gives -3.4e38, the lowest of
# float32, with the gradient at the first of the two, and in three dimensions at none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tensorflow==2.21.0 numpy==2.4.6
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import tensorflow as tf

PAIR = [1, 2]


def two(x):
    return tf.nn.max_pool2d(tf.reshape(x, [1, 1, 2, 1]), PAIR, PAIR, "VALID")


def three(x):
    return tf.nn.max_pool3d(tf.reshape(x, [1, 1, 1, 2, 1]), [1, *PAIR], [1, *PAIR], "VALID")


def places(x):
    return tf.nn.max_pool_with_argmax(tf.reshape(x, [1, 1, 2, 1]), PAIR, PAIR, "VALID")[0]


nan, lowest = np.nan, np.finfo(np.float32).min
for pool, numbers, value, gradient in (
    (two, [nan, 1], 1, [1, 0]),
    (three, [nan, 1], 1, [0, 1]),
    (places, [nan, 1], nan, [1, 0]),
    (two, [nan, nan], lowest, [1, 0]),
    (three, [nan, nan], lowest, [0, 0]),
):
    x = tf.constant(numbers, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        found = tf.reduce_sum(pool(x))
    slope = tape.gradient(found, x).numpy()
    print(pool.__name__, numbers, "value:", found.numpy(), "gradient:", slope)
    assert np.array_equal(found, np.float32(value), equal_nan=True) and slope.tolist() == gradient
PYTHON
