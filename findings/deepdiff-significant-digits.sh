#!/usr/bin/env bash
# DeepDiff 9.1.0: gradients compared by significant_digits.
# Guess: significant_digits=5 tells 1e-8 from 2e-8 and does not tell 100000000 from 100000001.
# Seen: the other way round: the digits are counted from the point on. Even with
# number_format_notation="e", which is for numbers of any size and sees the large two as one should,
# 1e-8 and 2e-8 are equal, since both are rounded to five places first. All gradients below 5e-6
# pass for each other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deepdiff==9.1.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from deepdiff import DeepDiff

small, large = ([1e-8, 1.0], [2e-8, 1.0]), ([1e8], [1e8 + 1])
found = {}
for wrap in (list, np.array):
    for notation in ("f", "e"):
        found[wrap.__name__, notation] = [
            bool(
                DeepDiff(
                    wrap(one),
                    wrap(other),
                    significant_digits=5,
                    number_format_notation=notation,
                )
            )
            for one, other in (small, large)
        ]
print("differ (small, large):", found)
for (_, notation), differ in found.items():
    assert differ == [False, notation == "f"]
PYTHON
