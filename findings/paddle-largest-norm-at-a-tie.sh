#!/usr/bin/env bash
# PaddlePaddle 3.3.1: the gradient of the infinity norm where two numbers are the largest.
# Guess: an even share with the sign of each, (1/2, -1/2, 0) for (3, -3, 0), as its own max shares.
# Seen: (1, -1, 0). Each gets the whole, which is no subgradient at all: by it a step of (1, -1, 0)
# would raise the norm by 2, and it raises it by 1. The 2-norm is right there.
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


x = [3.0, -3.0, 0.0]
norm = gradient(lambda x: paddle.linalg.norm(x, float("inf")), x)[1]
largest = gradient(lambda x: x.abs().max(), x)[1]
print("norm:", norm, "max of abs:", largest)
assert norm.tolist() == [1, -1, 0] and largest.tolist() == [0.5, -0.5, 0]
x = np.array(x)
rise = np.linalg.norm(x + norm, np.inf) - np.linalg.norm(x, np.inf)
print("a step along it should raise the norm by", norm @ norm, "and raises it by", rise)
assert rise == 1 and norm @ norm == 2
two = gradient(lambda x: paddle.linalg.norm(x, 2), x)[1]
assert np.allclose(two, [0.5**0.5, -(0.5**0.5), 0])
PYTHON
