#!/usr/bin/env bash
# PyTorch 2.15.0, torch.nn.functional.celu in float64.
# Guess: value and gradient are both right to about 1e-16, as those of elu are.
# Seen: the value is, but the gradient for x < 0 is off by 1e-8 to 6e-7 of itself, because on the
# way back alpha has gone through float32: it is α/α₃₂ · exp(x/α₃₂) instead of exp(x/α). gradcheck
# with its own tolerances does not notice. With an alpha that float32 holds, as 1 or 0.5, all is
# right; elu with the same alpha is right, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import math
import struct

import torch
from torch.nn import functional as F


def in_float32(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def slope(function, x, alpha):
    z = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = function(z, alpha)
    y.backward()
    return y.item(), z.grad.item()


for alpha in (1.0, 0.5, 0.3, 0.7, 1.3):
    for x in (-0.25, -1.0, -5.0):
        right = math.exp(x / alpha)
        value, seen = slope(F.celu, x, alpha)
        off = abs(seen / right - 1)
        print(f"alpha {alpha}, x {x}: the gradient {seen} is off by {off:.1e} of {right}")
        assert math.isclose(value, alpha * math.expm1(x / alpha), rel_tol=1e-14)
        rounded = in_float32(alpha)
        assert math.isclose(seen, alpha / rounded * math.exp(x / rounded), rel_tol=1e-14)
        assert (off < 1e-14) == (rounded == alpha)
        _, of_elu = slope(F.elu, x, alpha)
        assert math.isclose(of_elu, alpha * math.exp(x), rel_tol=1e-14)

z = torch.tensor([-1.0, -5.0], dtype=torch.float64, requires_grad=True)
assert torch.autograd.gradcheck(lambda z: F.celu(z, 0.7), (z,))
PYTHON
