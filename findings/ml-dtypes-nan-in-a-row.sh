#!/usr/bin/env bash
# ml_dtypes 0.6.0: NaN in an array of bfloat16, and what NumPy 2.4.6 has for that.
# Guess: as in NumPy's own float16: sort() puts NaN last, nansum() leaves it out.
# Seen: sort() makes [5, nan, -2, 3] of 5, NaN, 3, -2: each side of the NaN is sorted, if at all,
# and the whole is not. unique() has the same order. nansum() and nanmean() are NaN, and nanmax() is
# 5. Largest gradients that are read off the end of a sorted array are not the largest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import ml_dtypes
import numpy as np

x = [5.0, np.nan, 3.0, -2.0]
for kind in (np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn):
    array = np.array(x, kind)
    found = {
        "sort": np.sort(array).astype(float).tolist(),
        "unique": np.unique(array).astype(float).tolist(),
        "nansum": float(np.nansum(array)),
        "nanmean": float(np.nanmean(array)),
        "nanmax": float(np.nanmax(array)),
    }
    print(kind.__name__, found)
    assert found["nanmax"] == 5
    if kind is np.float16:
        assert repr(found["sort"]) == repr(found["unique"]) == "[-2.0, 3.0, 5.0, nan]"
        assert found["nansum"] == 6 and found["nanmean"] == 2
    else:
        assert repr(found["sort"]) == repr(found["unique"]) == "[5.0, nan, -2.0, 3.0]"
        assert np.isnan([found["nansum"], found["nanmean"]]).all()
PYTHON
