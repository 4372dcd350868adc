#!/usr/bin/env bash
# JAX 0.10.2: the largest number of an array, found in four ways, with two equal largest numbers.
# Guess: one rule for ties in all of the library.
# Seen: three. max shares the gradient evenly; top_k and the index that argmax gives hand it to the
# first; the end of a sorted array hands it to the last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def gradient(function, *x):
    return np.asarray(jax.grad(function)(*map(np.float64, x))).tolist()


ways = {
    "max": jnp.max,
    "top_k": lambda x: jax.lax.top_k(x, 1)[0][0],
    "argmax": lambda x: x[jnp.argmax(x)],
    "sort": lambda x: jnp.sort(x)[-1],
}
found = {name: gradient(way, [3.0, 3.0, 1.0]) for name, way in ways.items()}
print(found)
assert found == {
    "max": [0.5, 0.5, 0.0],
    "top_k": [1.0, 0.0, 0.0],
    "argmax": [1.0, 0.0, 0.0],
    "sort": [0.0, 1.0, 0.0],
}
PYTHON
