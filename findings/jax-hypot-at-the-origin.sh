#!/usr/bin/env bash
# JAX 0.10.2: the gradient of the length of a vector of two zeros.
# Guess: NaN, as it is for linalg.norm and for the root of a sum of squares.
# Seen: hypot has (1/2, 1/2) there, a vector that is no direction of anything: the length is worked
# out from the larger of the two, and a tie of the two shares the gradient.
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


hypot = gradient(lambda x: jnp.hypot(x[0], x[1]), [0.0, 0.0])
norm = gradient(jnp.linalg.norm, [0.0, 0.0])
print("hypot:", hypot, "norm:", norm)
assert hypot == [0.5, 0.5]
assert np.isnan(norm).all()
PYTHON
