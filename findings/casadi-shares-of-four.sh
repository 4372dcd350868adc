#!/usr/bin/env bash
# CasADi 3.8.2: the gradient of a maximum over four equal numbers, with each of its two kinds of
# symbols.
# Guess: the same shares from both; a quarter each.
# Seen: a quarter each for MX, and 1/8, 1/8, 1/4, 1/2 for SX, which chains the maximum of two and
# halves at every link. The last of equal numbers gets half however many there are, and the infinity
# norm follows. One formula has two gradients in one library.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check casadi==3.8.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import casadi
import numpy as np


def gradient(kind, function, at):
    x = kind.sym("x", len(at))
    slope = casadi.Function("slope", [x], [casadi.gradient(function(x), x)])
    return np.array(slope(at)).ravel().tolist()


found = {
    (kind.__name__, function.__name__): gradient(kind, function, [3.0] * 4)
    for kind in (casadi.SX, casadi.MX)
    for function in (casadi.mmax, casadi.norm_inf)
}
print(found)
assert found["SX", "mmax"] == found["SX", "norm_inf"] == [1 / 8, 1 / 8, 1 / 4, 1 / 2]
assert found["MX", "mmax"] == [1 / 4] * 4
PYTHON
