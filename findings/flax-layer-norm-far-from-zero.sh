#!/usr/bin/env bash
# Flax 0.12.8: layer normalisation of 1, 2, 3, 4 with 10000 added to each, in float32.
# Guess: as without, -1.34 to 1.34, since the mean is taken off and each of these numbers is exact.
# Seen: -1500, -500, 500, 1500, and a gradient of 750 for 0.27. The variance is the mean of the
# squares less the square of the mean, which rounding has made 0; the small number under the root is
# all that is left. use_fast_variance=False gives it back. Equinox 0.13.8 is right as it is, on the
# same JAX.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flax==0.12.8 equinox==0.13.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import equinox
import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

x = jnp.array([1.0, 2.0, 3.0, 4.0]) + 10000
layers = {
    "Flax": nnx.LayerNorm(4, rngs=nnx.Rngs(0)),
    "Flax, slow": nnx.LayerNorm(4, use_fast_variance=False, rngs=nnx.Rngs(0)),
    "Equinox": equinox.nn.LayerNorm(4),
}
for name, layer in layers.items():
    value = np.asarray(layer(x))
    gradient = np.asarray(jax.grad(lambda x: layer(x)[0])(x))
    print(name, value, "gradient of the first:", gradient)
    if name == "Flax":
        assert np.allclose(value, [-1500, -500, 500, 1500], rtol=1e-3)
        assert np.allclose(gradient, [750, -250, -250, -250], rtol=1e-3)
    else:
        assert np.allclose(value, [-1.3416, -0.4472, 0.4472, 1.3416], atol=1e-3)
        assert np.allclose(gradient, [0.2683, -0.3578, -0.0894, 0.1789], atol=1e-3)
PYTHON
