#!/usr/bin/env bash
# Numdifftools 0.11.2: the slope of ReLU a thousandth to the left and to the right of 0.
# Guess: 0 and 1: the steps are fitted to the function, and there is an estimate of the error.
# Seen: 0.5 on the left, with an estimated error of 0.008, and by forward steps 1; on the right 1,
# and by backward steps 0. The widest steps reach over the kink and agree with each other best. At a
# hundredth all are right. A right gradient of a network is called wrong where one of its units
# stands as near to its kink.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numdifftools==0.11.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from numdifftools import Derivative


def relu(x):
    return np.maximum(x, 0)


found = {
    (x, method): float(Derivative(relu, method=method)(x))
    for x in (-0.001, 0.001, -0.01, 0.01)
    for method in ("central", "forward", "backward")
}
print(found)
expected = [0.5, 1, 0] + [1, 1, 0] + [0, 0, 0] + [1, 1, 1]
assert np.allclose(list(found.values()), expected)
info = Derivative(relu, full_output=True)(-0.001)
print("estimated error:", float(info.error_estimate))
assert info.error_estimate < 0.01
PYTHON
