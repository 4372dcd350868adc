#!/usr/bin/env bash
# JAX 0.10.2: row 5 of an array of three rows, read by a number, by a list of numbers, and by a
# loop over the list.
# Guess: the last row, as it says that such a place is moved to the edge, and its gradient goes to
# the row that was read.
# Seen: so for w[5], and for a loop over [5] by vmap. w[[5]] reads the last row too, and its
# gradient goes to nobody: the loss moves with a number whose gradient is 0. take() gives NaN, and
# so does Flax 0.12.8's Embed, except where the table has a single row, which is then the row of
# every number. A loop and the indexing that replaces it have the same values and other gradients.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 flax==0.12.8 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import flax.linen as nn
import jax
import jax.numpy as jnp

rows = jnp.array([[1.0], [2.0], [3.0]])
places = jnp.array([5])


def embed(rows):
    layer = nn.Embed(*rows.shape)
    return layer.apply({"params": {"embedding": rows}}, places)


for name, read, table, value, gradient in (
    ("w[5]", lambda w: w[places[0]], rows, "3.0", [0, 0, 1]),
    ("w[5] in a loop", lambda w: jax.vmap(lambda i: w[i])(places), rows, "3.0", [0, 0, 1]),
    ("w[[5]]", lambda w: w[places], rows, "3.0", [0, 0, 0]),
    ("take", lambda w: jnp.take(w, places, axis=0), rows, "nan", [0, 0, 0]),
    ("Embed", embed, rows, "nan", [0, 0, 0]),
    ("Embed of one row", embed, rows[:1], "1.0", [1]),
):
    found, slope = jax.value_and_grad(lambda w: read(w).sum())(table)
    moved = read(table + 1).sum()
    print(name, "value:", found, "with 1 added to each row:", moved, "gradient:", slope.ravel())
    assert str(found) == value and slope.ravel().tolist() == gradient
    assert value == "nan" or moved == found + 1
PYTHON
