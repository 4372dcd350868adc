#!/usr/bin/env bash
# Thinc 9.1.1: the gradient of the layer Dish, a linear map with an activation behind it.
# Guess: that of its two parts, as for the layers Swish, Mish and Gelu beside it.
# Seen: the slope of the activation is taken at what goes into the layer, not at what goes into the
# activation. With a weight of -2 and an input of 1 it is -2.06 where the layer rises by 0.07, and
# where the layer changes the width the backward pass raises an error. The function backprop_dish()
# itself is right: a test of each part finds nothing, one of the layer does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check thinc==9.1.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from thinc.api import Dish, Swish

WEIGHT = np.array([[-2.0]], np.float32)


def slopes(layer, x):
    model = layer(1, 1)
    model.initialize()
    model.set_param("W", WEIGHT)
    x = np.array([[x]], np.float32)
    given = model(x, is_train=True)[1](np.ones_like(x))
    step = np.float32(0.01)
    seen = (model.predict(x + step) - model.predict(x - step)) / (2 * step)
    return round(given.item(), 2), round(seen.item(), 2)


for layer, x, expected in (
    (Swish, 1.0, (0.18, 0.18)),
    (Dish, 1.0, (-2.06, 0.07)),
    (Dish, -1.0, (0.06, -2.07)),
):
    found = slopes(layer, x)
    print(layer.__name__, "at", x, "given and seen:", found)
    assert found == expected
ops = Dish().ops
x = np.array([-2.0], np.float32)
slope = ops.backprop_dish(np.ones_like(x), x).item()
print("of the activation at -2:", slope)
assert round(-2 * slope, 2) == 0.07

wider = Dish(3, 2)
wider.initialize()
x = np.ones((1, 2), np.float32)
y, backprop = wider(x, is_train=True)
try:
    backprop(np.ones_like(y))
    raise SystemExit("the wider layer has a gradient")
except ValueError as error:
    print("from 2 to 3:", error)
PYTHON
