#!/usr/bin/env bash
# ml_dtypes 0.6.0: what becomes of 1000, of infinity and of NaN in the floats of 8, 6 and 4 bits.
# Guess: infinity where the type has one and else the largest number; and NaN never becomes a
# number.
# Seen: four answers. 1000 is NaN in float8_e4m3fn, infinity in float8_e4m3, and the largest number,
# 28 and 6, in float6_e3m2fn and float4_e2m1fn, which have no NaN either: there a NaN becomes -0.0.
# float8_e8m0fnu makes NaN of a 0. The Cast of ONNX has 448 for the first unless it is told not to.
# A gradient that was lost comes back as 0 from one type and shows in the next.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import ml_dtypes
import numpy as np

x = np.array([1000, np.inf, np.nan, 0], np.float32)
nan, inf = np.nan, np.inf
for name, expected in (
    ("float8_e4m3fn", [nan, nan, nan, 0]),
    ("float8_e4m3", [inf, inf, nan, 0]),
    ("float8_e5m2", [1024, inf, nan, 0]),
    ("float8_e8m0fnu", [1024, nan, nan, nan]),
    ("float6_e3m2fn", [28, 28, -0.0, 0]),
    ("float4_e2m1fn", [6, 6, -0.0, 0]),
):
    found = x.astype(getattr(ml_dtypes, name)).astype(np.float32)
    print(name, "of", x, "is", found)
    assert np.array_equal(found, np.array(expected, np.float32), equal_nan=True)
    assert np.signbit(found[2]) == ("8" not in name) or np.isnan(found[2])
PYTHON
