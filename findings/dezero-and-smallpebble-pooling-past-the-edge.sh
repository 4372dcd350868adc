#!/usr/bin/env bash
# DeZero 0.0.13 and SmallPebble 3.0.5, neural networks in NumPy: max pooling over the edge of a map
# whose numbers are all negative.
# Guess: what lies past the edge never wins, as in PyTorch, Keras and ONNX; the padding is −∞.
# Seen: both pad with 0, which wins every window that has some, so the output is 0 there and the
# window's gradient goes to nobody.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/dezero"
python3 -m venv "$folder/smallpebble"
# DeZero asks NumPy for np.int, and Matplotlib when it is imported.
"$folder/dezero/bin/pip" install --quiet --disable-pip-version-check \
    dezero==0.0.13 numpy==1.23.5 matplotlib==3.7.5
"$folder/smallpebble/bin/pip" install --quiet --disable-pip-version-check \
    smallpebble==3.0.5 numpy==2.4.6
"$folder/dezero/bin/python" -W ignore - <<'PYTHON'
import dezero.functions as F
import numpy as np
from dezero import Variable

x = Variable(np.array([[[[-1.0, -3.0], [-2.0, -4.0]]]]))
y = F.pooling(x, kernel_size=2, stride=2, pad=1)
F.sum(y).backward()
print("DeZero:", y.data.tolist(), x.grad.data.tolist())
assert y.data.tolist() == [[[[0.0, 0.0], [0.0, 0.0]]]]
assert x.grad.data.tolist() == [[[[0.0, 0.0], [0.0, 0.0]]]]
PYTHON
"$folder/smallpebble/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import smallpebble as sp

x = sp.Variable(np.array([[-1.0, -3.0], [-2.0, -4.0]]).reshape(1, 2, 2, 1))
y = sp.maxpool2d(x, 2, 2, padding="SAME", strides=[1, 1])
gradient = sp.get_gradients(sp.sum(y))[x]
print("SmallPebble:", y.array.ravel().tolist(), gradient.ravel().tolist())
assert y.array.ravel().tolist() == [-1.0, 0.0, 0.0, 0.0]
assert gradient.ravel().tolist() == [1.0, 0.0, 0.0, 0.0]
PYTHON
