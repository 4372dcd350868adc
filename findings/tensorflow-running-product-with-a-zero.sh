#!/usr/bin/env bash
# TensorFlow 2.21.0: the gradient of running products of numbers of which the first is 0.
# Guess: [9, 0, 0] for the sum of the running products of [0, 2, 3], since 1 + 2 + 6 = 9; its plain
# product is right at a 0. Else NaN.
# Seen: [0, 0, 0], without NaN or warning: the products are divided by the factor, and a division by
# 0 is taken for 0. A gate that starts at 0 never opens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tensorflow-cpu==2.21.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf


def gradient(function, at):
    x = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy().tolist()


for at in ([0.0, 2.0, 3.0], [1e-6, 2.0, 3.0]):
    running = gradient(tf.math.cumprod, at)
    print(at, "running products:", running, "product:", gradient(tf.reduce_prod, at))
    assert [round(x, 3) for x in running] == ([0.0] * 3 if at[0] == 0 else [9.0, 0.0, 0.0])
assert gradient(tf.reduce_prod, [0.0, 2.0, 3.0]) == [6.0, 0.0, 0.0]
PYTHON
