#!/usr/bin/env bash
# JAX 0.10.2 on the CPU: float32 below 1.2e-38, where numbers lose digits one by one down to 1e-45.
# Guess: kept as NumPy 2.4.6 keeps them: 1e-40 is not 0, and times 1 it is itself.
# Seen: such a number is stored, and is 0 as soon as anything looks at it: 1e-40 == 0 is true, 1e-40
# times 1e10 is 0 and not 1e-30, and its logarithm is minus infinity. In float16, worked out in
# float32, they are kept. Gradients that shrink through many layers are compared with NumPy's to no
# end, and a guard like x != 0 guards nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax.numpy as jnp
import numpy as np

small = np.array([1e-40], np.float32)
there = jnp.asarray(small)
print("stored:", np.asarray(there))
assert np.asarray(there) == small != 0
for name, function in (
    ("== 0", lambda xp, x: x == 0),
    ("times 1", lambda xp, x: x * np.float32(1)),
    ("times 1e10", lambda xp, x: x * np.float32(1e10)),
    ("logarithm", lambda xp, x: xp.log(x)),
):
    found, numpys = np.asarray(function(jnp, there)), function(np, small)
    print(name + ":", found, "NumPy:", numpys)
    assert found != numpys
assert (there == 0).all() and jnp.log(there) == -jnp.inf and (there * 1e10 == 0).all()
half = jnp.asarray(np.array([1e-7], np.float16))
assert (half * 1 == half).all() and not (half == 0).any()
PYTHON
