#!/usr/bin/env bash
# NumPy 2.4.6: [1, 2] with the 2 masked, saved by np.save, and by savemat of SciPy 1.17.1.
# Guess: the mask is kept, or the array refused, or NaN is written for what is masked.
# Seen: np.save and np.savez write what lies under the mask, 2, and drop the mask; savemat writes
# 1e20. No word is said of either. tofile() of the same array refuses. Entries that were masked
# since no gradient is defined there take part in the comparison once they are read back.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io
import tempfile

import numpy as np
from scipy.io import loadmat, savemat

x = np.ma.array([1.0, 2.0], mask=[False, True])
found = {}
for name, save, load in (
    ("np.save", lambda file: np.save(file, x), np.load),
    ("np.savez", lambda file: np.savez(file, x=x), lambda file: np.load(file)["x"]),
    ("savemat", lambda file: savemat(file, {"x": x}), lambda file: loadmat(file)["x"][0]),
):
    file = io.BytesIO()
    save(file)
    file.seek(0)
    found[name] = load(file)
    assert not isinstance(found[name], np.ma.MaskedArray)
print(found)
assert found["np.save"].tolist() == found["np.savez"].tolist() == [1, 2]
assert found["savemat"].tolist() == [1, 1e20]
with tempfile.TemporaryFile() as file:
    try:
        x.tofile(file)
        raise SystemExit("tofile() takes it")
    except NotImplementedError as error:
        print("tofile:", error)
PYTHON
