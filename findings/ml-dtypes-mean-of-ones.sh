#!/usr/bin/env bash
# ml_dtypes 0.6.0: the mean of a thousand ones.
# Guess: 1 in every type, as NumPy 2.4.6 has it for its own float16, which it sums in float32.
# Seen: 0.2559 in bfloat16 and 0.0156 in float8_e4m3fn, with a standard deviation of a half where
# nothing differs. The running sum is kept in the type itself and stops growing at 256 and at 16. A
# mean of gradients depends on who takes it: the matrix product of the same ones is 1000, and their
# dot() is 1000 in bfloat16 and NaN in float8_e4m3fn.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import ml_dtypes
import numpy as np

found = {}
for dtype in (np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn):
    ones = np.ones(1000, dtype)
    sums = ones.sum(), np.dot(ones, ones), ones @ ones
    found[np.dtype(dtype).name] = [float(x) for x in (ones.mean(), ones.std(), *sums)]
for name, numbers in found.items():
    print(name, "mean, deviation, sum, dot, product:", numbers)
assert found["float16"] == [1.0, 0.0, 1000.0, 1000.0, 1000.0]
assert found["bfloat16"] == [0.255859375, 0.50390625, 256.0, 1000.0, 1000.0]
mean, deviation, total, dot, product = found["float8_e4m3fn"]
assert (mean, deviation, total, product) == (0.015625, 0.125, 16.0, 1000.0) and np.isnan(dot)
PYTHON
