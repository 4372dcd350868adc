#!/usr/bin/env bash
# safetensors 0.8.0, NumPy and the small floats of ml_dtypes 0.6.0.
# Guess: what its NumPy side saves, its NumPy side loads.
# Seen: 8-bit floats are saved and then cannot be loaded, by either way of loading; bfloat16 is
# loaded from a file by load_file() but not from the same bytes by load(). A dump of gradients can
# be written that the same library does not read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import pathlib
import tempfile

import ml_dtypes
import numpy as np
from safetensors.numpy import load, load_file, save_file


def outcome(read, source):
    try:
        return read(source)["a"].tolist()
    except (AttributeError, KeyError) as error:
        return type(error).__name__


found = {}
with tempfile.TemporaryDirectory() as folder:
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        path = pathlib.Path(folder, name)
        save_file({"a": np.array([1.5, 2.0], getattr(ml_dtypes, name))}, path)
        found[name] = outcome(load_file, path), outcome(load, path.read_bytes())
        print(name, "load_file:", found[name][0], "load:", found[name][1])
assert found == {
    "bfloat16": ([1.5, 2.0], "KeyError"),
    "float8_e4m3fn": ("AttributeError", "KeyError"),
    "float8_e5m2": ("AttributeError", "KeyError"),
}
PYTHON
