#!/usr/bin/env bash
# tinygrad 0.14.0: the slopes at 0 of functions that are smooth there.
# Guess: 1 for the arc sine and for ELU, -1 for the arc cosine, 1.128 for the error function.
# Seen: 0 for all four, and the right ones a thousandth further. The first three are built from the
# sign and the absolute value, ELU from two ReLUs, and what those have at 0 is 0. Weights that start
# at 0 stay there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["DEV"] = "PYTHON"
from tinygrad import Tensor


def slope(name, at):
    x = Tensor([at])
    return getattr(x, name)().sum().gradient(x)[0].item()


for name, right in (("asin", 1.0), ("acos", -1.0), ("erf", 1.1284), ("elu", 1.0)):
    at_zero, beside = slope(name, 0.0), slope(name, 1e-3)
    print(name, "at 0:", at_zero, "at 0.001:", beside)
    assert at_zero == 0.0 and abs(beside - right) < 1e-3
PYTHON
