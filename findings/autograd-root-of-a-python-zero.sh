#!/usr/bin/env bash
# Autograd 1.9.1: the derivative of a square root at 0, for a float and for an array.
# Guess: the same infinity for both.
# Seen: a Python float raises ZeroDivisionError in the backward pass, after a forward pass that went
# well; an array of one zero gives infinity. A guard by where() does not help: its other branch is
# differentiated too, and the same error is raised.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check autograd==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import autograd.numpy as np
from autograd import grad


print("array:", grad(lambda x: np.sum(np.sqrt(x)))(np.array([0.0])))
assert np.isinf(grad(lambda x: np.sum(np.sqrt(x)))(np.array([0.0]))).all()
for function in (np.sqrt, lambda x: np.where(x > 0, np.sqrt(x), 0.0)):
    try:
        grad(function)(0.0)
    except ZeroDivisionError as error:
        print("float:", error)
    else:
        raise SystemExit("a float has a derivative now")
PYTHON
