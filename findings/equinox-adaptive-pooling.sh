#!/usr/bin/env bash
# Equinox 0.13.8: adaptive pooling of five numbers down to three and to four.
# Guess: as in PyTorch, whose layers have the same names: windows that may overlap and that lie
# alike from both ends, so that [1, 2, 3, 4, 5] has the means [1.5, 3, 4.5].
# Seen: [1.5, 3.5, 5]: the numbers are dealt out, the windows in front get one more until none is
# left over, and none overlap. Turned round, the numbers have other means, and the last has a
# gradient of 1 where the first has 1/2. Where the sizes divide evenly, the two agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    equinox==0.13.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import equinox
import jax
import jax.numpy as jnp
import numpy as np


def windows(n, size):
    # From the floor of where a window begins to the ceiling of where it ends, as in PyTorch.
    return [(n * i // size, -(-n * (i + 1) // size)) for i in range(size)]


for n, size, expected, slopes in (
    (5, 3, [1.5, 3.5, 5.0], [0.5, 0.5, 0.5, 0.5, 1.0]),
    (5, 4, [1.5, 3.0, 4.0, 5.0], [0.5, 0.5, 1.0, 1.0, 1.0]),
    (6, 3, [1.5, 3.5, 5.5], [0.5] * 6),
):
    x = np.arange(1.0, n + 1)
    pool = equinox.nn.AdaptiveAvgPool1d(size)
    found = pool(jnp.array(x)[None])[0].tolist()
    slope = jax.grad(lambda x: pool(x).sum())(jnp.array(x)[None])[0].tolist()
    torch = [float(x[start:end].mean()) for start, end in windows(n, size)]
    print(n, "to", size, "Equinox:", found, "gradient:", slope, "windows of PyTorch:", torch)
    assert found == expected and slope == slopes
    assert (found == torch) == (n % size == 0)
PYTHON
