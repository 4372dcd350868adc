#!/usr/bin/env bash
# PyTorch 2.15.0 on a CPU, float64: the slope that an activation has at NaN.
# Guess: each element gets what it gets alone, so equal elements have equal gradients.
# Seen: eight activations work out whole registers in one way and what is left over in another.
# Alone NaN has the slope 1 (1.0507 in selu). Of 64 elements it has 0 in hardshrink, softshrink, relu6
# and hardtanh, and NaN in elu, selu, celu and hardswish; and a tensor of 65 NaNs has both in it. So
# with plain registers, AVX2 and AVX-512. relu, leaky_relu and hardsigmoid do not mind the length.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0
cd "$folder"
cat >slopes.py <<'PYTHON'
import torch
from torch.nn import functional as F


def slopes(function, n):
    x = torch.full((n,), float("nan"), dtype=torch.float64, requires_grad=True)
    function(x).sum().backward()
    return set(map(str, x.grad.tolist()))


SELU = str(1.0507009873554805)
print(torch.backends.cpu.get_cpu_capability())
for function, alone, together in (
    (F.hardshrink, "1.0", "0.0"),
    (F.softshrink, "1.0", "0.0"),
    (F.relu6, "1.0", "0.0"),
    (F.hardtanh, "1.0", "0.0"),
    (F.elu, "1.0", "nan"),
    (F.selu, SELU, "nan"),
    (F.celu, "1.0", "nan"),
    (F.hardswish, "1.0", "nan"),
    (F.relu, "1.0", "1.0"),
    (F.leaky_relu, "0.01", "0.01"),
    (F.hardsigmoid, "0.0", "0.0"),
):
    seen = [slopes(function, n) for n in (1, 64, 65)]
    print(function.__name__, *map(sorted, seen))
    assert seen == [{alone}, {together}, {alone, together}]
PYTHON
for registers in default avx2 avx512; do
    ATEN_CPU_CAPABILITY=$registers venv/bin/python -W ignore slopes.py
done
