#!/usr/bin/env bash
# PyTensor 3.0.7: who gets the gradient of a maximum that several elements share?
# Guess: the first, or each an even share.
# Seen: each gets the whole of it, so that the gradient grows with the number of ties. The binary
# maximum of two tensors knows no ties: the first tensor takes it all.
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


print("max of [3, 3, 1]:", gradient(pt.max(x), [3.0, 3.0, 1.0]))
assert gradient(pt.max(x), [3.0, 3.0, 1.0]) == [1.0, 1.0, 0.0]
assert gradient(pt.max(x), [3.0] * 4) == [1.0] * 4
y = pt.vector("y", dtype="float64")
both = pytensor.grad(pt.maximum(x, y).sum(), [x, y])
shares = [share.tolist() for share in pytensor.function([x, y], both)([3.0], [3.0])]
print("maximum of [3] and [3]:", shares)
assert shares == [[1.0], [0.0]]
PYTHON
