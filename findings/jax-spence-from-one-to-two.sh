#!/usr/bin/env bash
# JAX 0.10.2: the slope of spence(x), the dilogarithm of 1 - x.
# Guess: log(x) / (1 - x), which runs smoothly through -1 at 1; the function has nothing odd there.
# Seen: right below 1 and from above 2 on; 0 at 1, and NaN between 1 and 2, the 2 included, where
# the value is right. A test at 0.5 and at 10 finds nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math

import jax
import scipy.special
from jax.scipy.special import spence

for x in (0.5, 0.999, 1.0, 1.001, 1.5, 2.0, 2.001, 10.0):
    value, slope = jax.value_and_grad(spence)(x)
    right = -1.0 if x == 1 else math.log(x) / (1 - x)
    print("at", x, "value:", value, "slope:", slope, "by the formula:", right)
    assert abs(value - scipy.special.spence(x)) < 1e-5
    if x == 1:
        assert slope == 0
    elif 1 < x <= 2:
        assert math.isnan(slope)
    else:
        assert abs(slope - right) < 1e-4
PYTHON
