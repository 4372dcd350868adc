#!/usr/bin/env bash
# PaddlePaddle 3.3.1: what becomes of a NaN in activations that cut off.
# Guess: NaN, as in PyTorch and JAX, in all of them.
# Seen: 0 with a slope of 0 from relu: the NaN is gone, and the loss behind it looks sound. relu6,
# hardtanh, leaky_relu and softshrink keep NaN as the value and have the slope 0, so that no
# gradient tells where it came from; selu has the slope 1.05 there, and gelu NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import paddle
import paddle.nn.functional as F

paddle.set_device("cpu")


def gradient(function, values, kind="float64"):
    x = paddle.to_tensor(np.array(values, kind), stop_gradient=False)
    y = function(x)
    y.sum().backward()
    return y.numpy(), x.grad.numpy()


for name, value, slope in (
    ("relu", 0, 0),
    ("relu6", np.nan, 0),
    ("hardtanh", np.nan, 0),
    ("leaky_relu", np.nan, 0),
    ("softshrink", np.nan, 0),
    ("selu", np.nan, 1.0507),
    ("gelu", np.nan, np.nan),
):
    found = [part.item() for part in gradient(getattr(F, name), [np.nan])]
    print(name, "value and slope:", found)
    assert np.allclose(found, [value, slope], atol=1e-4, equal_nan=True)
PYTHON
