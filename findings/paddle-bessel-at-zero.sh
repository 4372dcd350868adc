#!/usr/bin/env bash
# PaddlePaddle 3.3.1: the slope of i0e, the scaled Bessel function, at its top at 0.
# Guess: 0, half way between the 1 on its left and the -1 on its right, as sign(0) is 0; the sign of
# a zero does not matter for a function that is even.
# Seen: -1 at 0 and 1 at -0.0. Two inputs that are equal, with equal values, have opposite
# gradients; abs has 0 for both.
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


zeros = [0.0, -0.0]
value, slope = gradient(paddle.i0e, zeros)
print("i0e of 0 and -0:", value, "slopes:", slope)
assert value.tolist() == [1, 1] and slope.tolist() == [-1, 1]
assert gradient(paddle.abs, zeros)[1].tolist() == [0, 0]
PYTHON
