#!/usr/bin/env bash
# JAX 0.10.2: the slope of the absolute value at 0 and at NaN.
# Guess: 0 at 0, as in PyTorch, NumPy's sign and Autograd; NaN at NaN.
# Seen: 1 at 0 and -1 at NaN. Whether x >= 0 selects the gradient or its negative, and NaN is not.
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


slopes = {x: gradient(jnp.abs, x) for x in (-2.0, 0.0, -0.0)}
slopes["nan"] = gradient(jnp.abs, np.nan)
print(slopes)
assert slopes == {-2.0: -1.0, 0.0: 1.0, -0.0: 1.0, "nan": -1.0}
# So the 1-norm of a vector pushes what is 0 already.
norm = gradient(lambda x: jnp.linalg.norm(x, 1), [0.0, -3.0])
print("1-norm of [0, -3]:", norm)
assert norm == [1.0, -1.0]
PYTHON
