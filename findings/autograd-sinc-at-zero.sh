#!/usr/bin/env bash
# Autograd 1.9.1: the derivative of sinc at its top.
# Guess: 0, since the function is smooth there and NumPy computes sinc(0) as 1.
# Seen: NaN, from 0/0 in the quotient rule; JAX 0.10.2 has 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import autograd.numpy as np
from autograd import grad

import jax

found = grad(np.sinc)(0.0)
other = float(jax.grad(jax.numpy.sinc)(0.0))
print("Autograd:", found, "JAX:", other, "value:", np.sinc(0.0))
assert np.isnan(found) and other == 0.0
PYTHON
