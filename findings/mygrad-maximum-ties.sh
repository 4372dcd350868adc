#!/usr/bin/env bash
# MyGrad 2.5.0, a library for teaching: maximum(a, b) where the two are equal.
# Guess: the first gets the gradient, or each half of it.
# Seen: neither gets anything; the gradient is lost. max over one tensor with ties gives it to the
# first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mygrad==2.5.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import mygrad as mg
import numpy as np


a, b = mg.tensor([3.0, 1.0]), mg.tensor([3.0, 2.0])
mg.maximum(a, b).sum().backward()
print("a:", a.grad, "b:", b.grad)
assert a.grad.tolist() == [0.0, 0.0] and b.grad.tolist() == [0.0, 1.0]
c = mg.tensor([3.0, 3.0, 1.0])
mg.max(c).backward()
print("max:", c.grad)
assert c.grad.tolist() == [1.0, 0.0, 0.0]
PYTHON
