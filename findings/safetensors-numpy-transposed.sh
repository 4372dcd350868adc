#!/usr/bin/env bash
# safetensors 0.8.0 and a transposed NumPy array.
# Guess: the file holds the numbers as they are indexed, as np.save keeps them; or the array is
# refused.
# Seen: save() and load() keep the shape and put the numbers in the order they lie in memory,
# without a word. Columns cut from a matrix come back as its first numbers. Whoever stores w.T to
# compare it with another library compares something else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io

import numpy as np
from safetensors.numpy import load, save

w = np.arange(6, dtype=np.float32).reshape(2, 3)
for name, array, expected in (
    ("transposed", w.T, [[0, 1], [2, 3], [4, 5]]),
    ("in Fortran order", np.asfortranarray(w), [[0, 3, 1], [4, 2, 5]]),
    ("two columns", w[:, :2], [[0, 1], [2, 3]]),
):
    loaded = load(save({"w": array}))["w"]
    print(name + ":", array.tolist(), "came back as", loaded.tolist())
    assert loaded.shape == array.shape and loaded.tolist() == expected != array.tolist()
    file = io.BytesIO()
    np.save(file, array)
    file.seek(0)
    assert np.array_equal(np.load(file), array)
PYTHON
