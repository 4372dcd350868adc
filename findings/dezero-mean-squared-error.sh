#!/usr/bin/env bash
# DeZero 0.0.13, a neural network library in NumPy: the mean squared error of a matrix, and a leaky
# ReLU whose slope is not given.
# Guess: the mean is over all elements, as in PyTorch and Keras, so its gradient is 2 (y - t) / n; the
# slope below zero is 0.01.
# Seen: the sum is divided by the number of rows alone, so that gradients are as many times larger as
# there are columns; the slope is 0.2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dezero==0.0.13 numpy==1.23.5 matplotlib==3.7.5
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import dezero.functions as F
import numpy as np
from dezero import Variable

y = Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))
loss = F.mean_squared_error(y, Variable(np.zeros((2, 2))))
loss.backward()
print("loss:", loss.data, "gradient:", y.grad.data.tolist())
assert float(loss.data) == 15.0  # 30 / 2, where 30 / 4 is the mean
assert y.grad.data.tolist() == [[1.0, 2.0], [3.0, 4.0]]

x = Variable(np.array([-1.0, 1.0]))
F.sum(F.leaky_relu(x)).backward()
print("leaky ReLU:", x.grad.data.tolist())
assert x.grad.data.tolist() == [0.2, 1.0]
PYTHON
