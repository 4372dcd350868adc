#!/usr/bin/env bash
# MyGrad 2.5.0: the slope of a leaky ReLU exactly at 0.
# Guess: one of its two slopes: the leak as in PyTorch, or 1 as in JAX.
# Seen: 0, which it has nowhere else. It is put together from a maximum and a minimum, each of which
# is tied at 0 and then gives nobody anything.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mygrad==2.5.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import mygrad as mg
import numpy as np

from mygrad.nnet.activations import leaky_relu


def slope(at):
    x = mg.tensor([at])
    leaky_relu(x, 0.1).sum().backward()
    return float(x.grad[0])


slopes = [slope(at) for at in (-1.0, 0.0, 1.0)]
print("at -1, 0, 1:", slopes)
assert slopes == [0.1, 0.0, 1.0]
PYTHON
