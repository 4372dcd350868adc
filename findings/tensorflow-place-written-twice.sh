#!/usr/bin/env bash
# TensorFlow 2.21.0 and JAX 0.10.2: the numbers 1 and 2 written to one place of an array.
# Guess: the 2 stays and has the gradient; the 1 is gone and has none.
# Seen: so in JAX. In TensorFlow the 2 stays and both have the gradient: what was overwritten is
# updated as if it stood there, while the loss does not move with it. It is the gradient of adding
# the two, for which there is another function.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    tensorflow==2.21.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp
import tensorflow as tf


def tensorflow(numbers, write=tf.tensor_scatter_nd_update):
    numbers = tf.constant(numbers)
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        value = write(tf.zeros(1), [[0], [0]], numbers)[0]
    return value.numpy(), tape.gradient(value, numbers).numpy()


def through_jax(numbers):
    places = jnp.array([0, 0])
    return jax.value_and_grad(lambda x: jnp.zeros(1).at[places].set(x)[0])(jnp.array(numbers))


for name, write, gradient in (
    ("TensorFlow", tensorflow, [1, 1]),
    ("JAX", through_jax, [0, 1]),
):
    value, slope = write([1.0, 2.0])
    moved, _ = write([1.5, 2.0])
    print(name, "value:", value, "with 0.5 added to the first:", moved, "gradient:", slope)
    assert value == moved == 2 and slope.tolist() == gradient
value, slope = tensorflow([1.0, 2.0], tf.tensor_scatter_nd_add)
print("TensorFlow, added:", value, "gradient:", slope)
assert value == 3 and slope.tolist() == [1, 1]
PYTHON
