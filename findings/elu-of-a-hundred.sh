#!/usr/bin/env bash
# ELU of 100 in MLX 0.32.4 and tinygrad 0.14.0.
# Guess: value 100 and slope 1: right of 0 it is the identity.
# Seen: value 100 and slope NaN, from about 89 on, in both. The exponential of the other branch is
# worked out too, overflows, and is multiplied by the 0 of the branch not taken. One large
# activation, and the gradient is gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlx==0.32.4 mlx-cpu==0.32.4 tinygrad==0.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import os

os.environ["DEV"] = "PYTHON"
import mlx.core as mx
import mlx.nn as nn
from tinygrad import Tensor

mx.set_default_device(mx.cpu)
at = [80.0, 90.0, 100.0]
slopes = {"MLX": mx.grad(lambda x: nn.elu(x).sum())(mx.array(at)).tolist()}
x = Tensor(at)
slopes["tinygrad"] = x.elu().sum().gradient(x)[0].tolist()
values = {"MLX": nn.elu(mx.array(at)).tolist(), "tinygrad": Tensor(at).elu().tolist()}
for library in slopes:
    print(library, "values:", values[library], "slopes:", slopes[library])
    assert values[library] == at
    assert str(slopes[library]) == "[1.0, nan, nan]"
PYTHON
