#!/usr/bin/env bash
# MXNet 1.9.1: the slope of SELU below 0.
# Guess: 1.758 times the exponential: 0.647 at -1, and next to 0 at -100, where SELU is flat.
# Seen: 0.590 at -1, and -0.089 at -100, a slope down of a function that only rises. It is the scale
# times (1.673 + value), and the value has the scale in it already. ELU, worked out the same way
# without a scale, is right. A unit far below 0 is pushed the wrong way, where elsewhere it rests.
# Only for Python up to 3.12, as the last NumPy that it takes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mxnet==1.9.1 numpy==1.26.4
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np

np.bool = bool  # It asks for the name that NumPy has given up.
from mxnet import autograd, nd


def slopes(kind, values):
    x = nd.array(values, dtype="float64")
    x.attach_grad()
    with autograd.record():
        y = nd.LeakyReLU(x, act_type=kind, slope=1.0)
    y.backward()
    return y.asnumpy(), x.grad.asnumpy()


x = np.array([1.0, -1.0, -100.0])
for kind, expected in (("elu", [1.0, 0.3679, 0.0]), ("selu", [1.0507, 0.5904, -0.0891])):
    value, slope = slopes(kind, x)
    up, down = slopes(kind, x + 1e-6)[0], slopes(kind, x - 1e-6)[0]
    seen = (up - down) / 2e-6
    print(kind, "values:", value.round(4), "slopes:", slope.round(4), "seen:", seen.round(4))
    assert np.allclose(slope, expected, atol=1e-4)
    assert np.allclose(slope, seen, atol=1e-4) == (kind == "elu")
PYTHON
