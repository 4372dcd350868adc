#!/usr/bin/env bash
# MLX 0.32.4: the slopes of CELU and PReLU at 0.
# Guess: CELU is smooth there, so 1; PReLU has one of its two slopes, the leak of 0.25 or 1.
# Seen: 0 and 1.25. Both add a maximum with 0 to a minimum with 0, and of two equal numbers the
# second argument takes the whole gradient. CELU names 0 second both times and loses both parts;
# PReLU names it first and gets both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx==0.32.4 mlx-cpu==0.32.4
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import mlx.core as mx
import mlx.nn as nn

mx.set_default_device(mx.cpu)


def gradient(function, x):
    return mx.grad(lambda x: function(x).sum())(mx.array(x)).tolist()



found = {
    "celu": gradient(nn.celu, [-1e-6, 0.0, 1e-6]),
    "prelu": gradient(lambda x: nn.prelu(x, mx.array([0.25])), [-1e-6, 0.0, 1e-6]),
}
print(found)
assert [round(x, 4) for x in found["celu"]] == [1.0, 0.0, 1.0]
assert found["prelu"] == [0.25, 1.25, 1.0]
PYTHON
