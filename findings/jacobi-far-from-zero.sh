#!/usr/bin/env bash
# Jacobi 0.9.2, numerical derivatives with an estimate of their error, far from 0.
# Guess: right within a few times the estimate, or an estimate that is large.
# Seen: tanh(x - 100) at 100 has 0.15 with an error of 0.03, and its slope is 1; the sine at 100 has
# -0.006 with an error of 0.001, and its cosine is 0.86. The first step goes by the size of x, and
# one that is wide for the function is taken for a straight line. Near 0 all is well to the last
# digits. A gradient that is checked at weights of 100 fails, and the check is sure of itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jacobi==0.9.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from jacobi import jacobi

for name, function, x, slope in (
    ("tanh(x - 100)", lambda x: np.tanh(x - 100), 100.0, 1.0),
    ("sin", np.sin, 100.0, np.cos(100.0)),
    ("tanh", np.tanh, 0.1, 1 - np.tanh(0.1) ** 2),
    ("sin", np.sin, 1.0, np.cos(1.0)),
):
    found, error = jacobi(function, x)
    print(name, "at", x, "found:", float(found), "+-", float(error), "slope:", float(slope))
    if x == 100:
        assert abs(found - slope) > 0.8 and error < 0.03
    else:
        assert abs(found - slope) < 1e-9
PYTHON
