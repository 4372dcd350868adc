#!/usr/bin/env bash
# MXNet 1.9.1: pooling by a norm (pool_type "lp") over 3, -4 and 0.
# Guess: the norm: 7 for p = 1, 5 for p = 2 and 4.498 for p = 3, as ONNX defines its LpPool, by
# absolute values.
# Seen: -1, 5 and -3.332. The numbers are raised to the power as they are, so that with an odd p
# what is below 0 counts against what is above. The slopes follow: 1 for each of the three where the
# norm has 1, -1 and 0. A model that is carried over by name computes something else for two of
# three p.
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


for p, expected, slopes in (
    (1, -1.0, [1.0, 1.0, 1.0]),
    (2, 5.0, [0.6, -0.8, 0.0]),
    (3, -3.3322, [0.8105, 1.441, 0.0]),
):
    x = nd.array([[[[3.0, -4.0, 0.0]]]], dtype="float64")
    x.attach_grad()
    with autograd.record():
        y = nd.Pooling(x, kernel=(1, 3), pool_type="lp", p_value=p)
    y.backward()
    norm = np.linalg.norm([3, -4, 0], p)
    print("p =", p, "pooled:", y.asscalar(), "norm:", norm, "slopes:", x.grad.asnumpy().ravel())
    assert np.isclose(y.asscalar(), expected, atol=1e-4)
    assert np.allclose(x.grad.asnumpy().ravel(), slopes, atol=1e-4)
PYTHON
