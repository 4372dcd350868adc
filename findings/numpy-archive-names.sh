#!/usr/bin/env bash
# NumPy 2.4.6: an archive with an array "w" and an array "w.npy".
# Guess: each name gives its own array back; or the second is refused when the archive is written.
# Seen: both are written, both are listed, and both names give the array "w": inside the archive it
# is called w.npy, and a name is first looked for as it is. The other array is there, under
# "w.npy.npy", a name that is not listed. Gradients that are named after the files they were read
# from can be those of another.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import io

import numpy as np

file = io.BytesIO()
np.savez(file, **{"w": np.array([1.0]), "w.npy": np.array([2.0])})
file.seek(0)
archive = np.load(file)
found = {name: array.tolist() for name, array in archive.items()}
print("listed:", archive.files, "found:", found, "and:", archive["w.npy.npy"])
assert archive.files == ["w", "w.npy"]
assert found == {"w": [1.0], "w.npy": [1.0]}
assert archive["w.npy.npy"] == [2.0]
PYTHON
