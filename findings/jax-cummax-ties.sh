#!/usr/bin/env bash
# JAX 0.10.2: who gets the gradient of a cumulative maximum among equal numbers?
# Guess: the first of them, or even shares of each running maximum.
# Seen: shares that follow the tree in which the scan is computed. The last of seven running maxima
# over seven equal numbers is handed on as four sixteenths, two eighths and one half; over eight, as
# eighths. The gradient of a number changes when an equal number is added far behind it.
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


def last(n):
    return gradient(lambda x: jax.lax.cummax(x)[-1], np.full(n, 2.0))


print("of 7 equal numbers:", last(7))
print("of 8 equal numbers:", last(8))
assert last(7) == [1 / 16] * 4 + [1 / 8] * 2 + [1 / 2]
assert last(8) == [1 / 8] * 8
whole = gradient(lambda x: jax.lax.cummax(x).sum(), [3.0, 3.0, 1.0])
print("sum over [3, 3, 1]:", whole)
assert whole == [2.0, 1.0, 0.0]
PYTHON
