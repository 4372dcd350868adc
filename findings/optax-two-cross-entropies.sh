#!/usr/bin/env bash
# Optax 0.2.8: softmax cross-entropy by the number of a class and by a row with a one in it, where a
# class is masked with minus infinity, and where a label is -1 for padding.
# Guess: the same loss by both; and the label -1 is an error or counts nothing.
# Seen: with a masked class that is not the right one the number gives the loss, and the row NaN,
# with a gradient that is right all the same. The label -1 counts as the last class, while the row
# that one_hot makes of it is all zeros and costs nothing; the label 5 of two classes gives NaN.
# Padding that one of the two passes over is learnt by the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import optax

by_number = optax.softmax_cross_entropy_with_integer_labels
by_row = optax.softmax_cross_entropy


def both(logits, label):
    row = jax.nn.one_hot(label, len(logits))
    return [
        (float(value), np.asarray(gradient, float).round(4).tolist())
        for value, gradient in (
            jax.value_and_grad(by_number)(logits, jnp.array(label)),
            jax.value_and_grad(by_row)(logits, row),
        )
    ]


number, row = both(jnp.array([1.0, 1.0, -jnp.inf]), 0)
print("a masked class, by number:", number, "by row:", row)
assert np.isclose(number[0], np.log(2)) and np.isnan(row[0])
assert number[1] == row[1] == [-0.5, 0.5, 0.0]
number, row = both(jnp.array([1.0, 1.0, 1.0]), -1)
print("the label -1, by number:", number, "by row:", row)
assert np.isclose(number[0], np.log(3)) and number[1] == [0.3333, 0.3333, -0.6667]
assert row[0] == 0 and row[1] == [0, 0, 0]
assert np.isnan(both(jnp.array([1.0, 1.0]), 5)[0][0])
PYTHON
