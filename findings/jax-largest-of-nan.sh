#!/usr/bin/env bash
# JAX 0.10.2: the gradient of a maximum over numbers of which one or two are NaN.
# Guess: it goes to the NaN that is the result, in a reduction as in a pooling window.
# Seen: jnp.max makes the gradient of every element NaN, those of the plain numbers too, since no
# element equals the result and the shares are 0/0. A window of reduce_window gives it to the last NaN.
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


x = [1.0, np.nan, 5.0, np.nan]
whole = gradient(jnp.max, x)
print("max:", whole)
assert np.isnan(whole).all()


def window(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (4,), (1,), "VALID")[0]


print("a window:", gradient(window, x))
assert gradient(window, x) == [0.0, 0.0, 0.0, 1.0]
PYTHON
