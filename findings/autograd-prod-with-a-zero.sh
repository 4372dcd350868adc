#!/usr/bin/env bash
# Autograd 1.9.1: the gradient of a product of numbers of which one is 0.
# Guess: the product of the others, as in PyTorch and JAX: [6, 0, 0] for [0, 2, 3].
# Seen: NaN at the zero. The whole product is divided by each factor.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import autograd.numpy as np
from autograd import grad


found = grad(np.prod)(np.array([0.0, 2.0, 3.0]))
print(found)
assert np.isnan(found[0]) and found[1:].tolist() == [0.0, 0.0]
PYTHON
