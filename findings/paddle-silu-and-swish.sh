#!/usr/bin/env bash
# PaddlePaddle 3.3.1: the slopes of silu and swish, two names of one function, and of celu and elu,
# which are one function for alpha = 1.
# Guess: the same under both names, and finite wherever the function is: 0 next to -100, 1 at 100.
# Seen: in float32 silu has NaN at -100 and swish 0; celu has NaN at 100 and elu 1. All four values
# are right. One unit that is far out makes the gradients NaN or does not, by the name that the
# model was written with.
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


slopes = {}
for name, x in (("silu", -100.0), ("swish", -100.0), ("celu", 100.0), ("elu", 100.0)):
    value, slope = gradient(getattr(F, name), [x, x / 100], "float32")
    slopes[name] = slope
    print(name, "of", x, "value:", value[0], "slope:", slope[0])
    assert np.isfinite(value).all()
assert np.isnan(slopes["silu"][0]) and slopes["swish"][0] == 0
assert np.isnan(slopes["celu"][0]) and slopes["elu"][0] == 1
# Nearer to 0 they agree.
assert np.allclose(slopes["silu"][1], slopes["swish"][1])
assert slopes["celu"][1] == slopes["elu"][1] == 1
PYTHON
