#!/usr/bin/env bash
# PyTensor 3.0.7: the gradient of a maximum whose result is NaN.
# Guess: NaN somewhere, at the NaN at least.
# Seen: 0 everywhere, with no trace of the NaN: no element equals the result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytensor==3.0.7 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pytensor

pytensor.config.cxx = ""
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

x = pt.vector("x", dtype="float64")


def gradient(loss, at, mode=Mode("py", "fast_compile")):
    return pytensor.function([x], pytensor.grad(loss, x), mode=mode)(at).tolist()


value = pytensor.function([x], pt.max(x), mode="FAST_COMPILE")([1.0, np.nan, 2.0])
slope = gradient(pt.max(x), [1.0, np.nan, 2.0])
print("value:", value, "gradient:", slope)
assert np.isnan(value)
assert slope == [0.0, 0.0, 0.0]
PYTHON
