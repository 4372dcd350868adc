#!/usr/bin/env bash
# CasADi 3.8.2: the larger of NaN and 3.
# Guess: either the NaN wins and so does its gradient, or it is passed over in the value and in the
# gradient.
# Seen: half of each. fmax gives 3, and the gradient of both is NaN, the 3 that won included. The
# loss looks sound while every gradient behind it is lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check casadi==3.8.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import casadi
import numpy as np

for kind in (casadi.SX, casadi.MX):
    x = kind.sym("x", 2)
    y = casadi.fmax(x[0], x[1])
    value, slope = casadi.Function("f", [x], [y, casadi.gradient(y, x)])([np.nan, 3.0])
    print(kind.__name__, "value:", value, "gradient:", slope)
    assert float(value) == 3.0 and np.isnan(np.array(slope)).all()
PYTHON
