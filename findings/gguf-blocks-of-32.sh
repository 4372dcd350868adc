#!/usr/bin/env bash
# gguf 0.19.0: numbers stored in blocks of 32 with a scale of their own, as Q8_0 and Q4_0.
# Guess: a block of small numbers is as good as one of large ones, to one part in 127 of its
# largest: that is what its scale is for. And a number and its negative are stored alike.
# Seen: Q8_0 makes 0 of all 32 numbers of 1e-6 and infinity of those of 1e7: the scale is a float16,
# and a 127th of 1e-6 is none. In Q4_0, of 1 and -1 the one that stands first is kept and the other
# becomes 0.875. Gradients and small biases stored so are gone, while weights beside them look fine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gguf==0.19.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from gguf import GGMLQuantizationType, quants

Q4_0, Q8_0 = GGMLQuantizationType.Q4_0, GGMLQuantizationType.Q8_0


def stored(x, kind):
    return quants.dequantize(quants.quantize(np.array(x, np.float32), kind), kind)


for size, expected in ((1.0, 1.0), (1e-4, 1e-4), (1e-6, 0.0), (1e7, np.inf)):
    with np.errstate(all="ignore"):
        found = stored(np.full(32, size), Q8_0)
    print(size, "32 times in Q8_0:", set(found.tolist()))
    assert np.allclose(found, expected, rtol=0.02, atol=0)
for first in (1.0, -1.0):
    found = stored([first] + 31 * [-first], Q4_0)
    print(first, "and", -first, "in Q4_0:", found[[0, 1]])
    assert found[0] == first and found[1] == -0.875 * first
PYTHON
