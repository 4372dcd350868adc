#!/usr/bin/env bash
# ml_dtypes 0.6.0 and NumPy 2.4.6: the type of an array of small floats times a number of Python.
# Guess: that of the array, as for NumPy's own float16: numbers of Python have no size.
# Seen: a whole number keeps the type, and a float makes it float32: bfloat16 times 2 is bfloat16,
# times 2.0 float32, halved by / 2 bfloat16 and by * 0.5 float32; x ** 2 keeps the type and x ** 0.5
# does not. int32 makes it float64. An update w = w - 0.1 * g leaves its type in the first step,
# without a word, and is compared with another library's rounding after that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import ml_dtypes
import numpy as np

ways = {
    "x * 2": lambda x: x * 2,
    "x * 2.0": lambda x: x * 2.0,
    "x / 2": lambda x: x / 2,
    "x * 0.5": lambda x: x * 0.5,
    "x ** 2": lambda x: x**2,
    "x ** 0.5": lambda x: x**0.5,
    "maximum(x, 0)": lambda x: np.maximum(x, 0),
    "maximum(x, 0.0)": lambda x: np.maximum(x, 0.0),
}
for kind in (np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn):
    x = np.ones(2, kind)
    found = {name: way(x).dtype.name for name, way in ways.items()}
    print(x.dtype.name, found)
    for name, result in found.items():
        kept = kind is np.float16 or "." not in name
        assert result == (x.dtype.name if kept else "float32")
assert (np.ones(2, ml_dtypes.bfloat16) + np.ones(2, np.int32)).dtype == np.float64
PYTHON
